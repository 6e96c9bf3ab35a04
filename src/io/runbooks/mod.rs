//! Runbooks on disk: the pages that a team and a person lay over the built-in
//! ones, and the progress of each run, kept where only its owner can read it.
//!
//! Whatever lies in those folders, the answer is bounded and comes: a file that
//! can't be read is a fault beside the others. No file name is built from
//! anything but a page's id and a time.

mod author;
mod command;
mod keep;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{self, Asking};
use crate::app::pane::runbook::{RunbookJob, RunbookNews};
use crate::fault::Fault;
use crate::place::Environment;
use crate::runbook::{Entry, MAX_BYTES, Origin, Shelf, Source};
pub use author::{Draft, begin, gather};
pub use command::{Commands, Setting, run};
use keep::name;
pub use keep::{Keeper, resume};

/// More pages than any team has read.
const MOST_PAGES: usize = 500;
/// Entries of a folder that are looked at; the rest is somebody's mistake.
const MOST_ENTRIES: usize = 10_000;

/// Where runbooks and their progress lie for one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// `.tfsos/runbooks` of the directory, or of one above it in the same repository.
    pub team: Option<PathBuf>,
    /// The folder of the person's configuration.
    pub own: Option<PathBuf>,
    /// Where progress is kept; none without a home.
    pub runs: Option<PathBuf>,
}

impl Folders {
    /// The folders for a directory, by this environment.
    pub fn of(directory: Option<&Path>, environment: &Environment) -> Self {
        let base = |variable, below_home: &str| {
            let told = environment.value(variable).map(PathBuf::from);
            let home = || Some(Path::new(environment.value("HOME")?).join(below_home));
            let folder = told.filter(|path| path.is_absolute()).or_else(home)?;
            Some(folder.join("tfsos/runbooks"))
        };
        Self {
            team: directory.and_then(team),
            own: base("XDG_CONFIG_HOME", ".config"),
            runs: base("XDG_STATE_HOME", ".local/state"),
        }
    }
}

/// Does a job of the runbooks pane.
pub async fn perform(
    job: RunbookJob,
    (keeper, commands): (&Keeper, &Commands),
    environment: &Environment,
) -> RunbookNews {
    let folders = |directory| Folders::of(directory, environment);
    match job {
        RunbookJob::Read { ticket, directory } => RunbookNews::Read {
            ticket,
            outcome: shelf(folders(directory.as_deref())).await,
        },
        RunbookJob::Resume { ticket, place } => RunbookNews::Resumed {
            ticket,
            outcome: resume(folders(None), name(place.as_deref())).await,
        },
        RunbookJob::Save {
            ticket,
            place,
            progress,
        } => RunbookNews::Saved {
            ticket,
            outcome: keeper
                .save(&folders(None), &name(place.as_deref()), *progress, ticket.0)
                .await,
        },
        RunbookJob::Stop { ticket, of } => {
            commands.stop(of);
            RunbookNews::Stopped { ticket }
        }
        // A command needs the place's remote, which only the caller has.
        RunbookJob::Run(_) => job.failed(Fault::new(
            "run",
            "the command",
            "nobody is there to allow it",
        )),
    }
}

/// Every page: the built-in ones, and over them what the folders hold.
pub async fn shelf(folders: Folders) -> Result<Shelf, Fault> {
    disk::ask(Asking::new("read", "the runbooks"), move || {
        let shelf = Shelf::built_in();
        let shelf = lay(shelf, folders.own.as_deref(), Origin::Own);
        Ok(lay(shelf, folders.team.as_deref(), Origin::Team))
    })
    .await
}

/// The nearest `.tfsos/runbooks`, looking no further up than the repository: a
/// folder that others can write to must not lend us its pages.
fn team(directory: &Path) -> Option<PathBuf> {
    let directory = fs::canonicalize(directory).ok()?;
    let is_root = |folder: &&Path| folder.join(".git").exists();
    let root = directory.ancestors().find(is_root).unwrap_or(&directory);
    directory
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .map(|folder| folder.join(".tfsos/runbooks"))
        .find(|folder| folder.is_dir())
}

fn lay(shelf: Shelf, folder: Option<&Path>, origin: Origin) -> Shelf {
    let Some(folder) = folder else { return shelf };
    let names = match names(folder, ".md") {
        Ok(names) => names,
        Err(error) => {
            let fault = Fault::new("read runbooks of", shown(folder), disk::cause(&error));
            return shelf.with_fault(fault);
        }
    };
    let (sources, faults): (Vec<_>, Vec<_>) = names
        .iter()
        .filter(|name| !name.to_lowercase().starts_with("readme"))
        .take(MOST_PAGES)
        .map(|name| source(&folder.join(name), origin))
        .partition(Result::is_ok);
    let shelf = shelf.with(sources.into_iter().filter_map(Result::ok));
    let shelf = faults
        .into_iter()
        .filter_map(Result::err)
        .fold(shelf, Shelf::with_fault);
    if names.len() <= MOST_PAGES {
        return shelf;
    }
    let cause = format!("it holds more than {MOST_PAGES}");
    shelf.with_fault(Fault::new("read all runbooks of", shown(folder), cause))
}

/// The text of a page as its author wrote it.
pub async fn text(entry: &Entry) -> Result<String, Fault> {
    if let Some(text) = Shelf::text_of(entry) {
        return Ok(text.to_owned());
    }
    let (path, origin) = (PathBuf::from(&entry.path), entry.origin);
    let asking = Asking::new("read runbook", entry.path.clone());
    let source = disk::ask(asking, move || Ok(source(&path, origin))).await?;
    source.map(|source| source.text)
}

fn source(path: &Path, origin: Origin) -> Result<Source, Fault> {
    let fault = |cause: String| Fault::new("read runbook", shown(path), cause);
    let bytes = disk::read(path, MAX_BYTES as u64)
        .map_err(|error| fault(disk::cause(&error)))?
        .ok_or_else(|| fault("it is gone".to_owned()))?;
    let text = String::from_utf8(bytes).map_err(|_| fault("it is not UTF-8 text".to_owned()))?;
    Ok(Source {
        origin,
        path: shown(path),
        text,
    })
}

/// The names in a folder with this end, sorted; none where there is no such folder.
fn names(folder: &Path, end: &str) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names: Vec<String> = entries
        .take(MOST_ENTRIES)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(end) && !name.starts_with('.'))
        .collect();
    names.sort_unstable();
    Ok(names)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "+++\nid = 'x'\ntitle = 'X'\n+++\n## a\n## b\n";

    fn folders(root: &Path) -> Folders {
        let path = |name: &str| Some(root.join(name));
        Folders {
            team: path("team"),
            own: path("own"),
            runs: path("runs"),
        }
    }

    fn write_page(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    #[tokio::test]
    async fn the_pages_of_a_team_go_over_a_person_s_own() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        write_page(&root.path().join("own"), "x.md", PAGE);
        write_page(
            &root.path().join("team"),
            "y.md",
            PAGE.replace("'X'", "'Team X'"),
        );
        write_page(&root.path().join("team"), "README.md", "# Our runbooks");
        let shelf = shelf(folders).await.unwrap();
        assert_eq!(shelf.find("x").unwrap().page.title, "Team X");
        assert!(shelf.find("state-lock").is_some());
        assert_eq!(shelf.faults(), []);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_and_hides_nothing() {
        let root = tempfile::tempdir().unwrap();
        let team = root.path().join("team");
        write_page(&team, "a.md", [0xff, 0xfe]);
        write_page(&team, "b.md", "+".repeat(MAX_BYTES + 1));
        fs::create_dir(team.join("c.md")).unwrap();
        write_page(&team, "d.md", PAGE);
        let shelf = shelf(folders(root.path())).await.unwrap();
        let causes: Vec<_> = shelf.faults().iter().map(|fault| &fault.cause).collect();
        assert_eq!(
            causes,
            [
                "it is not UTF-8 text",
                "it is larger than 262144 bytes",
                "it is not a regular file"
            ]
        );
        assert!(shelf.find("x").is_some());
    }

    #[tokio::test]
    async fn five_hundred_pages_are_enough() {
        let root = tempfile::tempdir().unwrap();
        for number in 0..=MOST_PAGES {
            let page = PAGE.replace("'x'", &format!("'p{number}'"));
            write_page(&root.path().join("team"), &format!("{number:03}.md"), page);
        }
        let shelf = shelf(folders(root.path())).await.unwrap();
        assert_eq!(
            shelf.entries().len(),
            Shelf::built_in().entries().len() + MOST_PAGES
        );
        assert_eq!(shelf.faults()[0].cause, "it holds more than 500");
    }

    #[test]
    fn a_team_s_folder_is_looked_for_up_to_the_root_of_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let below = root.join("repo/live/prod");
        fs::create_dir_all(&below).unwrap();
        fs::create_dir_all(root.join(".tfsos/runbooks")).unwrap();
        fs::create_dir_all(root.join("repo/.tfsos/runbooks")).unwrap();
        assert_eq!(team(&below), None);
        fs::create_dir(root.join("repo/.git")).unwrap();
        assert_eq!(team(&below), Some(root.join("repo/.tfsos/runbooks")));
    }
}
