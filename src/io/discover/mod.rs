//! Which state a directory leads to. Reads a bounded number of small files,
//! follows no symbolic link below the directory it was given, and writes
//! nothing. Where more than one place could be meant it lists them and chooses
//! none: the wrong state is worse than a question.

mod below;
mod files;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{self, Asking};
use super::sandbox;
use crate::fault::Fault;
use crate::place::{Backend, Environment, Origin, Place, Presence, Sandbox};
use below::Below;

/// A directory that could be meant, and the place it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub directory: PathBuf,
    pub outcome: Result<Place, Fault>,
}

/// Every place of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The directory that was asked about.
    pub directory: PathBuf,
    /// Never empty; the directory's own place first, then those below it in order of their paths.
    pub found: Vec<Found>,
    /// The one to open without asking, as a position in `found`.
    pub evident: Option<usize>,
    /// Whether the search ended before everything below was seen.
    pub more: bool,
}

impl Discovery {
    /// The place to open without asking, or the sentence that says why there is none.
    pub fn place(&self) -> Result<Place, Fault> {
        if let Some(found) = self.evident.and_then(|at| self.found.get(at)) {
            return found.outcome.clone();
        }
        let names: Vec<_> = self
            .found
            .iter()
            .map(|found| found.directory.display().to_string())
            .collect();
        let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let rest = match names.len().saturating_sub(5) {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        Err(Fault::new(
            "choose a state in",
            self.directory.display().to_string(),
            format!("{} places are there", names.len()),
        )
        .hint(format!("name one of the directories: {shown}{rest}")))
    }
}

/// The variables of this process.
pub fn environment() -> Environment {
    std::env::vars_os()
        .map(|(name, value)| {
            let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
            (text(name), text(value))
        })
        .collect()
}

/// Finds the places of a directory; a fault only where it leads nowhere at all.
pub async fn find(directory: PathBuf, environment: Environment) -> Result<Discovery, Fault> {
    let asking = Asking::new("look for a state in", directory.display().to_string());
    let discovery = disk::ask(asking, move || {
        check(&directory)?;
        Ok(look(&directory, &environment))
    })
    .await
    .map_err(|fault| {
        fault.hint("check the path, or name the place: tfsos --bucket BUCKET --key KEY")
    })?;
    match discovery.found.as_slice() {
        [
            Found {
                outcome: Err(fault),
                ..
            },
        ] => Err(fault.clone()),
        _ => Ok(discovery),
    }
}

fn check(directory: &Path) -> io::Result<()> {
    match fs::metadata(directory) {
        Ok(kind) if kind.is_dir() => Ok(()),
        Ok(_) => Err(disk::wrong("it is not a directory")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(disk::wrong("no such directory"))
        }
        Err(error) => Err(error),
    }
}

fn look(directory: &Path, environment: &Environment) -> Discovery {
    let own = own(directory, environment);
    let mut below = Below::search(directory, environment);
    let evident = evident(&own, &below.found);
    // A directory without any Terraform file is no choice beside those below it.
    if !matches!(own, Own::Empty(_)) || below.found.is_empty() {
        let own = Found {
            directory: directory.to_owned(),
            outcome: own.outcome(),
        };
        below.found.insert(0, own);
    }
    Discovery {
        directory: directory.to_owned(),
        found: below.found,
        evident,
        more: below.more,
    }
}

/// What the directory itself says.
enum Own {
    /// Initialized, or with a state in it: this is what is meant.
    Settled(Result<Place, Fault>),
    /// Configuration only: what is below may be meant.
    Doubtful(Result<Place, Fault>),
    /// No Terraform file at all.
    Empty(Fault),
}

impl Own {
    fn outcome(self) -> Result<Place, Fault> {
        match self {
            Self::Settled(outcome) | Self::Doubtful(outcome) => outcome,
            Self::Empty(fault) => Err(fault),
        }
    }
}

fn own(directory: &Path, environment: &Environment) -> Own {
    match sandbox::recognize(directory) {
        Ok(Some(found)) => return Own::Settled(Ok(sandbox_place(directory, found))),
        Ok(None) => {}
        Err(fault) => return Own::Settled(Err(fault)),
    }
    let read = match files::read(directory, environment) {
        Ok(read) => read,
        Err(fault) => return Own::Settled(Err(fault)),
    };
    let outcome = read.place(environment);
    if read.cache.is_some() || read.state == Presence::Present {
        return Own::Settled(outcome);
    }
    match outcome {
        Err(fault) if read.sources.is_empty() && read.unread.is_empty() => Own::Empty(fault),
        outcome => Own::Doubtful(outcome),
    }
}

/// Opens without asking only what cannot be mistaken; positions are those of the final list.
fn evident(own: &Own, below: &[Found]) -> Option<usize> {
    let terragrunt = |found: &Found| {
        found
            .directory
            .components()
            .any(|part| part.as_os_str() == ".terragrunt-cache")
    };
    match (own, below) {
        (Own::Settled(_), _) | (Own::Doubtful(_), []) | (Own::Empty(_), [] | [_]) => Some(0),
        (Own::Doubtful(Ok(_)), [only]) if terragrunt(only) => Some(1),
        (Own::Doubtful(_) | Own::Empty(_), _) => None,
    }
}

fn sandbox_place(directory: &Path, sandbox: Sandbox) -> Place {
    Place {
        directory: Some(directory.to_owned()),
        workspace: "default".to_owned(),
        backend: Backend::Sandbox(sandbox),
        origin: Origin::Sandbox,
        divergences: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CACHE: &str =
        r#"{"version":3,"backend":{"type":"s3","config":{"bucket":"tfb","key":"KEY"}}}"#;
    const BACKEND: &str = "terraform {\n  backend \"s3\" {}\n}\n";

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[(&str, &str)]) -> Self {
            let tree = Self(tempfile::tempdir().unwrap());
            for (path, text) in files {
                let path = tree.0.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            tree
        }

        fn look(&self) -> Discovery {
            look(self.0.path(), &Environment::default())
        }

        fn names(&self, discovery: &Discovery) -> Vec<String> {
            let name = |found: &Found| {
                let path = found.directory.strip_prefix(self.0.path()).unwrap();
                path.display().to_string()
            };
            discovery.found.iter().map(name).collect()
        }
    }

    fn full_name(discovery: &Discovery) -> String {
        discovery.place().unwrap().full_name()
    }

    #[test]
    fn an_initialized_directory_is_its_own_place() {
        let tree = Tree::new(&[
            ("main.tf", BACKEND),
            (".terraform/terraform.tfstate", CACHE),
            (".terraform/environment", "staging"),
            ("modules/x/.terraform/terraform.tfstate", CACHE),
        ]);
        let discovery = tree.look();
        assert_eq!(full_name(&discovery), "tfb/env:/staging/KEY");
        assert_eq!(tree.names(&discovery), ["", "modules/x"]);
    }

    #[test]
    fn one_terragrunt_cache_is_what_is_meant() {
        let tree = Tree::new(&[
            ("terragrunt.hcl", ""),
            ("main.tf", ""),
            (".terragrunt-cache/a/b/.terraform/terraform.tfstate", CACHE),
            (".terragrunt-cache/a/b/main.tf", BACKEND),
        ]);
        assert_eq!(full_name(&tree.look()), "tfb/KEY");
    }

    #[test]
    fn several_places_are_listed_and_none_is_chosen() {
        let tree = Tree::new(&[
            ("b/.terraform/terraform.tfstate", CACHE),
            ("a/terraform.tfstate", "{}"),
            ("a/main.tf", ""),
            ("c/not-initialized.tf", BACKEND),
        ]);
        let discovery = tree.look();
        assert_eq!(tree.names(&discovery), ["a", "b"]);
        assert_eq!(discovery.evident, None);
        assert!(discovery.place().unwrap_err().cause.contains("2 places"));
    }

    #[test]
    fn a_directory_that_is_not_initialized_never_opens_an_example_below_it() {
        let tree = Tree::new(&[
            ("main.tf", BACKEND),
            ("examples/x/.terraform/terraform.tfstate", CACHE),
        ]);
        let discovery = tree.look();
        assert_eq!(discovery.evident, None);
        assert_eq!(tree.names(&discovery), ["", "examples/x"]);
    }

    #[test]
    fn a_data_directory_elsewhere_is_honored() {
        let tree = Tree::new(&[("main.tf", BACKEND), ("data/terraform.tfstate", CACHE)]);
        let environment = Environment::from_iter([("TF_DATA_DIR", "data")]);
        assert_eq!(full_name(&look(tree.0.path(), &environment)), "tfb/KEY");
    }

    #[test]
    fn a_data_directory_of_each_folder_is_found_below() {
        let tree = Tree::new(&[("a/.data/tf/terraform.tfstate", CACHE)]);
        let environment = Environment::from_iter([("TF_DATA_DIR", ".data/tf")]);
        assert_eq!(full_name(&look(tree.0.path(), &environment)), "tfb/KEY");
    }

    #[test]
    fn an_unreadable_configuration_file_is_a_divergence_and_not_silence() {
        let tree = Tree::new(&[(".terraform/terraform.tfstate", CACHE)]);
        fs::create_dir(tree.0.path().join("odd.tf")).unwrap();
        let place = tree.look().place().unwrap();
        assert_eq!(place.divergences[0].attribute, "odd.tf");
        assert_eq!(place.divergences[0].configured, "it is not a regular file");
    }

    #[cfg(unix)]
    #[test]
    fn a_loop_of_links_is_not_followed() {
        let tree = Tree::new(&[("a/.terraform/terraform.tfstate", CACHE)]);
        std::os::unix::fs::symlink(tree.0.path(), tree.0.path().join("a/loop")).unwrap();
        assert_eq!(tree.names(&tree.look()), ["a"]);
    }

    #[test]
    fn an_empty_or_missing_directory_is_a_fault_with_a_next_step() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let find = |path: PathBuf| {
            runtime
                .block_on(find(path, Environment::default()))
                .unwrap_err()
        };
        let tree = Tree::new(&[]);
        assert!(
            find(tree.0.path().to_owned())
                .hint
                .unwrap()
                .contains("--bucket")
        );
        let nowhere = find(tree.0.path().join("nowhere"));
        assert_eq!(nowhere.cause, "no such directory");
        assert!(nowhere.hint.unwrap().starts_with("check the path"));
    }
}
