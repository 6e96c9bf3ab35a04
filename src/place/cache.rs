//! Terraform's backend cache, `.terraform/terraform.tfstate`: not a state, but
//! what the last `init` settled on. It alone has the merged configuration, and
//! it holds secrets in clear, so it is never printed.

use std::path::Path;

use serde_json::{Map, Value};

use crate::fault::Fault;

/// What a backend cache says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cache {
    /// The Terraform or OpenTofu that wrote it.
    pub(super) terraform_version: Option<String>,
    /// None where the last `init` found no backend block.
    pub(super) backend: Option<Cached>,
}

/// The backend that a cache names.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cached {
    pub(super) kind: String,
    /// The merged attributes; unset ones are null or missing.
    pub(super) config: Map<String, Value>,
}

impl Cache {
    /// Reads a cache of version 3; another version gets Terraform's own sentence.
    pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Self, Fault> {
        let fault = |cause: String| {
            Fault::new("read the backend cache", path.display().to_string(), cause)
                .hint("run terraform init here again, or name the place with --bucket and --key")
        };
        let root: Value = serde_json::from_slice(bytes)
            .map_err(|error| fault(format!("it is not JSON: {error}")))?;
        let terraform_version = text(&root, "terraform_version");
        match root.get("version").and_then(Value::as_u64) {
            None | Some(0) => Err(fault("invalid syntax: no format version number".into())),
            Some(3) => Ok(Self {
                terraform_version,
                backend: backend(&root),
            }),
            Some(other) => Err(fault(unsupported(other, terraform_version.as_deref()))),
        }
    }
}

fn backend(root: &Value) -> Option<Cached> {
    if let Some(store) = root.get("state_store").filter(|store| store.is_object()) {
        return Some(Cached {
            kind: text(store, "type").unwrap_or_else(|| "state store".into()),
            config: Map::new(),
        });
    }
    let backend = root.get("backend")?;
    Some(Cached {
        kind: text(backend, "type")?,
        config: backend
            .get("config")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
    })
}

fn unsupported(version: u64, terraform: Option<&str>) -> String {
    let terraform = terraform.map_or_else(|| "another version".into(), |v| format!("v{v}"));
    format!(
        "unsupported backend state version {version}; you may need to use Terraform CLI {terraform} to work in this directory"
    )
}

fn text(value: &Value, name: &str) -> Option<String> {
    Some(value.get(name)?.as_str()?.to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Terraform 1.11.4 writes it, shortened.
    const REAL: &str = r#"{
  "version": 3,
  "terraform_version": "1.11.4",
  "backend": {
    "type": "s3",
    "config": {"bucket": "tfb", "key": "prod/net/terraform.tfstate", "region": null, "encrypt": null},
    "hash": 18446744073709551615
  }
}"#;

    fn read(text: &str) -> Result<Cache, Fault> {
        Cache::read(Path::new(".terraform/terraform.tfstate"), text.as_bytes())
    }

    fn cause(text: &str) -> String {
        read(text).err().unwrap().cause
    }

    #[test]
    fn a_real_cache_names_its_backend() {
        let cache = read(REAL).ok().unwrap();
        let backend = cache.backend.unwrap();
        assert_eq!(
            (backend.kind.as_str(), backend.config["bucket"].as_str()),
            ("s3", Some("tfb"))
        );
        assert_eq!(cache.terraform_version.as_deref(), Some("1.11.4"));
    }

    #[test]
    fn another_version_gets_terraforms_own_sentence() {
        assert_eq!(
            cause(r#"{"version":4,"terraform_version":"0.11.1"}"#),
            "unsupported backend state version 4; you may need to use Terraform CLI v0.11.1 to work in this directory"
        );
        assert_eq!(cause("{}"), "invalid syntax: no format version number");
    }

    #[test]
    fn a_cache_without_a_backend_names_none() {
        assert!(read(r#"{"version":3}"#).ok().unwrap().backend.is_none());
        let emptied = r#"{"version":3,"backend":{"type":"","config":null,"hash":0}}"#;
        assert!(read(emptied).ok().unwrap().backend.is_none());
    }

    #[test]
    fn a_state_store_is_a_backend_of_its_own_kind() {
        let cache = read(r#"{"version":3,"state_store":{"type":"x_store","config":{}}}"#);
        assert_eq!(cache.ok().unwrap().backend.unwrap().kind, "x_store");
    }

    #[test]
    fn a_cache_cut_at_any_byte_is_a_fault_and_not_a_panic() {
        for end in 0..REAL.len() - 1 {
            assert!(read(&REAL[..end]).is_err());
        }
    }
}
