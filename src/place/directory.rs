//! What lies in a working directory, and the place that follows from it. The
//! files were read elsewhere; this says what Terraform would make of them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::attributes::Attributes;
use super::cache::{Cache, Cached};
use super::configuration::{self, Declared, Source};
use super::resolve::{Setting, Unusable};
use super::{Backend, Divergence, Environment, Local, Origin, Place, workspace};
use crate::fault::Fault;

/// The files of a working directory that say where its state lives.
#[derive(Clone, Default)]
pub struct Directory {
    pub path: PathBuf,
    /// The backend cache's path and bytes, where there is one.
    pub cache: Option<(PathBuf, Vec<u8>)>,
    /// The file `environment` of the data directory.
    pub workspace: Option<Vec<u8>>,
    /// `*.tf`, `*.tofu` and their JSON forms.
    pub sources: Vec<Source>,
    /// Configuration files that could not be read.
    pub unread: Vec<Unread>,
    /// Whether a `terraform.tfstate` lies here.
    pub state: Presence,
}

/// The path only: the files may hold keys.
impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Directory").field(&self.path).finish()
    }
}

/// A configuration file that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    pub name: String,
    pub cause: String,
}

/// Whether a file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    Present,
    #[default]
    Absent,
}

impl Directory {
    /// The place of this directory, or what is missing and what to do next.
    pub fn place(&self, environment: &Environment) -> Result<Place, Fault> {
        let workspace = workspace::selected(environment, self.workspace.as_deref())?;
        let declared = configuration::read(&self.sources);
        let Some((path, bytes)) = &self.cache else {
            return self.uncached(&declared, workspace);
        };
        let cache = Cache::read(path, bytes)?;
        let Some(cached) = &cache.backend else {
            return self.uncached(&declared, workspace);
        };
        let backend = self.backend(&cache, cached, (environment, &workspace), path)?;
        Ok(Place {
            directory: Some(self.path.clone()),
            workspace,
            backend,
            origin: Origin::Cache { path: path.clone() },
            divergences: self.divergences(&declared, cached),
        })
    }

    /// A file that could not be read may say anything, so it counts as different.
    fn divergences(&self, declared: &Declared, cached: &Cached) -> Vec<Divergence> {
        let unread = self.unread.iter().map(|file| Divergence {
            attribute: file.name.clone(),
            cached: "not compared".to_owned(),
            configured: file.cause.clone(),
        });
        if *declared == Declared::Nothing && !self.unread.is_empty() {
            return unread.collect();
        }
        let compared =
            configuration::divergences(declared, &cached.kind, &cached.config, &self.sources);
        compared.into_iter().chain(unread).collect()
    }

    fn backend(
        &self,
        cache: &Cache,
        cached: &Cached,
        (environment, workspace): (&Environment, &str),
        path: &Path,
    ) -> Result<Backend, Fault> {
        let attributes = Attributes::new(&cached.config);
        match cached.kind.as_str() {
            "s3" => Setting {
                attributes,
                environment,
                terraform_version: cache.terraform_version.as_deref(),
            }
            .s3(workspace)
            .map(|s3| Backend::S3(Box::new(s3)))
            .map_err(|unusable| refused(path, &unusable)),
            "local" => Ok(Backend::Local(Local::of(&self.path, workspace, attributes))),
            kind => Ok(Backend::Other {
                kind: kind.to_owned(),
            }),
        }
    }

    /// Without a cache only a directory that declares no backend has a place: the state beside it.
    fn uncached(&self, declared: &Declared, workspace: String) -> Result<Place, Fault> {
        if let (Declared::Nothing, Some(file)) = (declared, self.unread.first()) {
            return Err(self.unreadable(file));
        }
        match declared {
            Declared::Backend(backend) => Err(self.not_initialized(&backend.hint())),
            Declared::Nothing if self.is_empty() => Err(self.empty()),
            Declared::Nothing => Ok(Place {
                directory: Some(self.path.clone()),
                backend: Backend::Local(Local::implied(&self.path, &workspace)),
                workspace,
                origin: Origin::Implied,
                divergences: Vec::new(),
            }),
        }
    }

    fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.state == Presence::Absent
    }

    fn not_initialized(&self, by_flags: &str) -> Fault {
        Fault::new(
            "find the state of",
            self.path.display().to_string(),
            "the directory has a backend block and is not initialized",
        )
        .hint(format!(
            "run terraform init there, or name the place: {by_flags}"
        ))
    }

    fn unreadable(&self, file: &Unread) -> Fault {
        let path = self.path.join(&file.name);
        Fault::new("read", path.display().to_string(), &file.cause).hint(
            "it may declare a backend; name the place instead: tfsos --bucket BUCKET --key KEY",
        )
    }

    fn empty(&self) -> Fault {
        Fault::new(
            "find the state of",
            self.path.display().to_string(),
            "no Terraform files are there",
        )
        .hint("start tfsos in a Terraform directory, or name the place: tfsos --bucket BUCKET --key KEY")
    }
}

impl Local {
    /// The state file of a `local` backend (`local/backend.go`, `StatePaths`).
    fn of(directory: &Path, workspace: &str, attributes: Attributes<'_>) -> Self {
        let file = if workspace == "default" {
            PathBuf::from(attributes.text("path").unwrap_or("terraform.tfstate"))
        } else {
            Path::new(
                attributes
                    .text("workspace_dir")
                    .unwrap_or("terraform.tfstate.d"),
            )
            .join(workspace)
            .join("terraform.tfstate")
        };
        Self {
            path: directory.join(file),
        }
    }

    /// The state beside a configuration that declares no backend.
    fn implied(directory: &Path, workspace: &str) -> Self {
        Self::of(
            directory,
            workspace,
            Attributes::new(&serde_json::Map::new()),
        )
    }
}

fn refused(path: &Path, unusable: &Unusable) -> Fault {
    Fault::new(
        "use the backend settings in",
        path.display().to_string(),
        unusable,
    )
    .hint("correct the backend block or the environment, then run terraform init -reconfigure")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn source(text: &str) -> Vec<Source> {
        vec![Source {
            name: "main.tf".into(),
            text: text.into(),
        }]
    }

    fn cached(kind: &str, config: &Value) -> Directory {
        let cache = json!({"version": 3, "terraform_version": "1.11.4", "backend": {"type": kind, "config": config}});
        Directory {
            path: "/net".into(),
            cache: Some((
                ".terraform/terraform.tfstate".into(),
                cache.to_string().into(),
            )),
            ..Directory::default()
        }
    }

    fn place(directory: &Directory, workspace: &str) -> Result<Place, Fault> {
        directory.place(&Environment::from_iter([("TF_WORKSPACE", workspace)]))
    }

    fn local_path(directory: &Directory, workspace: &str) -> String {
        place(directory, workspace).unwrap().full_name()
    }

    #[test]
    fn an_s3_cache_leads_to_the_key_of_the_selected_workspace() {
        let mut directory = cached("s3", &json!({"bucket": "tfb", "key": "net/app.tfstate"}));
        directory.workspace = Some(b"staging".to_vec());
        let found = place(&directory, "").unwrap();
        assert_eq!(found.full_name(), "tfb/env:/staging/net/app.tfstate");
        assert_eq!(found.short_name(), "app");
        assert_eq!(found.divergences, []);
    }

    #[test]
    fn a_local_state_lies_where_terraform_puts_it() {
        let given = cached(
            "local",
            &json!({"path": "x/s.tfstate", "workspace_dir": "ws"}),
        );
        assert_eq!(local_path(&given, ""), "/net/x/s.tfstate");
        assert_eq!(local_path(&given, "dev"), "/net/ws/dev/terraform.tfstate");
        let unset = cached("local", &json!({"path": null}));
        assert_eq!(local_path(&unset, ""), "/net/terraform.tfstate");
        assert_eq!(
            local_path(&unset, "dev"),
            "/net/terraform.tfstate.d/dev/terraform.tfstate"
        );
    }

    #[test]
    fn without_a_backend_block_the_state_is_beside_the_configuration() {
        let directory = Directory {
            path: "/net".into(),
            sources: source("resource \"x\" \"y\" {}"),
            ..Directory::default()
        };
        let found = place(&directory, "").unwrap();
        assert_eq!(found.origin, Origin::Implied);
        assert_eq!(found.full_name(), "/net/terraform.tfstate");
    }

    #[test]
    fn a_directory_that_is_not_initialized_says_what_next() {
        let directory = Directory {
            path: "/net".into(),
            sources: source("terraform {\n backend \"s3\" {\n bucket = \"tfb\"\n }\n}"),
            ..Directory::default()
        };
        let fault = place(&directory, "").unwrap_err();
        assert!(fault.cause.contains("not initialized"));
        assert_eq!(
            fault.hint.unwrap(),
            "run terraform init there, or name the place: tfsos --bucket tfb --key KEY"
        );
    }

    #[test]
    fn an_empty_directory_says_what_next() {
        let fault = place(&Directory::default(), "").unwrap_err();
        assert_eq!(fault.cause, "no Terraform files are there");
        assert!(fault.hint.unwrap().contains("--bucket"));
    }

    #[test]
    fn another_backend_says_what_still_works() {
        let found = place(&cached("gcs", &json!({})), "").unwrap();
        assert!(found.limits().unwrap().contains("gcs backend is not read"));
        assert_eq!(
            place(&cached("local", &json!({})), "").unwrap().limits(),
            None
        );
    }

    #[test]
    fn settings_that_terraform_would_refuse_are_refused() {
        let fault = place(&cached("s3", &json!({"key": "k"})), "").unwrap_err();
        assert_eq!(fault.cause, "the required attribute bucket is not set");
    }
}
