//! Where a state lives: the backend with everything Terraform's own rules
//! say about it, the workspace, and the names that follow from both. A `Place`
//! is a plain value; nothing here has looked at the remote side yet.

mod attributes;
mod cache;
mod caller;
mod configuration;
mod credentials;
mod directory;
mod environment;
mod flags;
mod paint;
mod resolve;
mod s3;
mod workspace;

use std::path::PathBuf;

use serde::Serialize;

pub use caller::{Caller, Identity, Ownership};
pub use configuration::Source;
pub use credentials::{Credentials, SKEW, Trouble, Wrong};
pub use directory::{Directory, Presence, Unread};
pub use environment::Environment;
pub use flags::{Flags, Lockfile};
pub use paint::Paint;
pub use s3::{AssumeRole, Encryption, Endpoints, Keys, S3, Secret, WebIdentity};

/// One state: a backend, a workspace, and how we came to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The Terraform working directory; none when the place was named by flags alone.
    pub directory: Option<PathBuf>,
    /// The selected workspace, `default` unless said otherwise.
    pub workspace: String,
    pub backend: Backend,
    pub origin: Origin,
    /// Where the backend cache and the literal values of the configuration differ (`CACHE ≠ CONFIG`).
    pub divergences: Vec<Divergence>,
}

/// What kind of backend holds the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    S3(Box<S3>),
    Local(Local),
    Sandbox(Sandbox),
    /// Any other type of backend: logs, runbooks and local files still work there.
    Other {
        kind: String,
    },
}

/// The state as a file on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The state file of the selected workspace.
    pub path: PathBuf,
}

/// A versioned folder with lock and digest items that answers what a bucket and a table answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    pub root: PathBuf,
    /// The bucket, key and table that the sandbox plays.
    pub bucket: String,
    pub key: String,
    pub table: Option<String>,
    pub use_lockfile: bool,
    pub region: String,
}

/// How a place came to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Terraform's backend cache in the data directory.
    Cache {
        path: PathBuf,
    },
    /// No backend block: Terraform keeps the state beside the configuration.
    Implied,
    Flags,
    Sandbox,
}

/// One attribute whose cached value is not the literal value in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    pub attribute: String,
    pub cached: String,
    pub configured: String,
}

impl Place {
    /// Bucket and key, or the path: what a person calls this state in full.
    pub fn full_name(&self) -> String {
        match &self.backend {
            // A bucket of which no state is chosen.
            Backend::S3(s3) if s3.key.is_empty() => s3.bucket.clone(),
            Backend::S3(s3) => format!("{}/{}", s3.bucket, s3.state_key()),
            Backend::Sandbox(sandbox) => format!("{}/{}", sandbox.bucket, sandbox.key),
            Backend::Local(local) => local.path.display().to_string(),
            Backend::Other { kind } => match &self.directory {
                Some(directory) => format!("{kind} backend of {}", directory.display()),
                None => format!("{kind} backend"),
            },
        }
    }

    /// What the state is called among those of its backend: its key, or its path.
    pub fn key(&self) -> Option<String> {
        match &self.backend {
            Backend::S3(s3) => Some(s3.state_key()),
            Backend::Sandbox(sandbox) => Some(sandbox.key.clone()),
            Backend::Local(local) => Some(local.path.display().to_string()),
            Backend::Other { .. } => None,
        }
    }

    /// The bucket that the state lives in, where it lives in one.
    pub fn bucket(&self) -> Option<&str> {
        match &self.backend {
            Backend::S3(s3) => Some(&s3.bucket),
            Backend::Sandbox(sandbox) => Some(&sandbox.bucket),
            Backend::Local(_) | Backend::Other { .. } => None,
        }
    }

    /// Whether it is one to practice on.
    pub fn is_sandbox(&self) -> bool {
        matches!(self.backend, Backend::Sandbox(_))
    }

    /// The profile whose credentials are meant, named by the backend or by `AWS_PROFILE`.
    pub fn profile(&self) -> Option<&str> {
        match &self.backend {
            Backend::S3(s3) => s3.profile.as_deref().or(s3.environment_profile.as_deref()),
            Backend::Local(_) | Backend::Sandbox(_) | Backend::Other { .. } => None,
        }
    }

    /// The same place under another profile alone: its keys, its roles and its
    /// chain count no more. Where no AWS is involved, the place as it is.
    #[must_use]
    pub fn under_profile(&self, profile: &str) -> Self {
        let mut place = self.clone();
        if let Backend::S3(s3) = &mut place.backend {
            s3.profile = Some(profile.to_owned());
            s3.keys = None;
            s3.assume_role = None;
            s3.web_identity = None;
        }
        place
    }

    /// The bucket and the key of a replica, by the name of the bucket that a bucket in S3
    /// is copied to; `{bucket}` in it stands for its own name. None where none is named.
    pub fn replica(&self, named: &str) -> Option<(String, String)> {
        let Backend::S3(s3) = &self.backend else {
            return None;
        };
        let bucket = named.replace("{bucket}", &s3.bucket);
        let key = s3.state_key();
        let is_other = !bucket.is_empty() && bucket != s3.bucket && !key.is_empty();
        is_other.then_some((bucket, key))
    }

    /// Another state of the same backend, by its whole key or path: the same
    /// credentials, lock stores and encryption, and no working directory.
    #[must_use]
    pub fn beside(&self, key: &str) -> Self {
        let mut place = Self {
            directory: None,
            workspace: "default".to_owned(),
            backend: self.backend.clone(),
            origin: match &self.backend {
                Backend::Sandbox(_) => Origin::Sandbox,
                Backend::S3(_) | Backend::Local(_) | Backend::Other { .. } => Origin::Flags,
            },
            divergences: Vec::new(),
        };
        match &mut place.backend {
            Backend::S3(s3) => {
                let (workspace, key) = s3.workspace_of(key);
                (s3.workspace, s3.key) = (workspace.clone(), key);
                place.workspace = workspace;
            }
            Backend::Sandbox(sandbox) => key.clone_into(&mut sandbox.key),
            Backend::Local(local) => local.path = key.into(),
            Backend::Other { .. } => {}
        }
        place
    }

    /// What still works where the backend is of a kind that is not read here.
    pub fn limits(&self) -> Option<String> {
        let Backend::Other { kind } = &self.backend else {
            return None;
        };
        Some(format!(
            "the {kind} backend is not read by tfsos: logs, runbooks and local state files still work here, versions and locks do not"
        ))
    }

    /// What is typed to arm: short enough to type at 2 AM, and never empty.
    ///
    /// The key's last folder where the file has Terraform's own name, else the
    /// file's stem: `prod/network/terraform.tfstate` is `network`, `app.tfstate` is `app`.
    pub fn short_name(&self) -> String {
        match (&self.backend, self.key()) {
            (Backend::Other { kind }, _) => kind.clone(),
            (_, key) => short_of(&key.unwrap_or_default()),
        }
    }
}

fn short_of(name: &str) -> String {
    let mut parts = name.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let file = parts.next().unwrap_or("state");
    if file == "terraform.tfstate" {
        return parts.next().unwrap_or("terraform").to_owned();
    }
    file.strip_suffix(".tfstate")
        .filter(|stem| !stem.is_empty())
        .unwrap_or(file)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_another_profile_nothing_of_the_backends_own_credentials_counts() {
        let keys = Keys {
            access_key: Secret::new("a"),
            secret_key: Secret::new("b"),
            token: None,
        };
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::new(S3 {
                keys: Some(keys),
                assume_role: Some(AssumeRole::default()),
                web_identity: Some(WebIdentity::default()),
                profile: Some("read".into()),
                ..S3::default()
            })),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        let Backend::S3(s3) = place.under_profile("write").backend else {
            panic!("it is in S3");
        };
        assert_eq!(s3.profile.as_deref(), Some("write"));
        assert!(s3.keys.is_none() && s3.assume_role.is_none() && s3.web_identity.is_none());
    }

    #[test]
    fn a_replica_is_another_bucket_with_the_same_key() {
        let place = |backend| Place {
            directory: None,
            workspace: "default".into(),
            backend,
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        let prod = place(Backend::S3(Box::new(S3 {
            bucket: "acme".into(),
            key: "net/terraform.tfstate".into(),
            workspace: "default".into(),
            ..S3::default()
        })));
        let replica = |named| prod.replica(named).map(|(bucket, _)| bucket);
        assert_eq!(replica("{bucket}-copy").as_deref(), Some("acme-copy"));
        assert_eq!(replica("vault").as_deref(), Some("vault"));
        assert_eq!((replica(""), replica("{bucket}")), (None, None));
        let local = place(Backend::Local(Local {
            path: "/work/terraform.tfstate".into(),
        }));
        assert_eq!(local.replica("vault"), None);
    }

    #[test]
    fn another_state_of_the_bucket_keeps_its_key_to_the_letter() {
        let place = Place {
            directory: Some("/work".into()),
            workspace: "staging".into(),
            backend: Backend::S3(Box::new(S3 {
                bucket: "b".into(),
                workspace_key_prefix: "env:".into(),
                ..S3::default()
            })),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        for (key, workspace) in [
            ("net/terraform.tfstate", "default"),
            ("env:/prod/net/terraform.tfstate", "prod"),
            ("env:/prod", "default"),
            ("env:/default/net", "default"),
            ("env://net", "default"),
            ("/odd//key/", "default"),
        ] {
            let other = place.beside(key);
            assert_eq!(other.full_name(), format!("b/{key}"));
            assert_eq!(
                (other.workspace.as_str(), other.directory),
                (workspace, None)
            );
        }
    }

    #[test]
    fn the_short_name_is_what_a_person_would_say() {
        assert_eq!(short_of("prod/network/terraform.tfstate"), "network");
        assert_eq!(short_of("app.tfstate"), "app");
        assert_eq!(short_of("terraform.tfstate"), "terraform");
        assert_eq!(short_of("env:/staging/net/state"), "state");
        assert_eq!(short_of(".tfstate"), ".tfstate");
        assert_eq!(short_of(""), "state");
    }
}
