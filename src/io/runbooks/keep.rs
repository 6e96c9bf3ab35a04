//! The progress of each run, kept where only its owner can read it. No file
//! name is built from anything but a page's id and a time.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::{Folders, names, shown};
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::io::incidents;
use crate::place::Place;
use crate::runbook::{Kept, Progress};

/// Runs of one place that are read back.
const MOST_RUNS: usize = 1_000;
const LARGEST_RUN: u64 = 1 << 20;

/// One run in its file.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    schema: u32,
    /// For a person who opens the file.
    place: String,
    progress: Progress,
}

/// Under which name the runs of a place are kept; the same name from wherever it was opened.
pub(super) fn name(place: Option<&Place>) -> String {
    place.map_or_else(|| "no place".to_owned(), incidents::identity)
}

/// The latest run of each page at a place.
pub async fn resume(folders: Folders, place: String) -> Result<Kept, Fault> {
    let asking = Asking::new("read the progress of", place.clone());
    disk::ask(asking, move || match &folders.runs {
        Some(runs) => kept(&runs.join(shelf_mark(&place))),
        None => Ok(Kept::default()),
    })
    .await
}

/// Saves progress one after the other, and never an older one over a newer.
#[derive(Debug, Default)]
pub struct Keeper {
    saved: Mutex<HashMap<PathBuf, u64>>,
}

impl Keeper {
    /// Saves a run; `number` grows with each change of it.
    pub async fn save(
        &self,
        folders: &Folders,
        place: &str,
        progress: Progress,
        number: u64,
    ) -> Result<(), Fault> {
        let asking = Asking::new("save the progress of", progress.runbook.clone());
        let Some(runs) = &folders.runs else {
            let fault = asking.fault("there is no home folder");
            return Err(fault.hint("set XDG_STATE_HOME or HOME"));
        };
        let folder = runs.join(shelf_mark(place));
        let path = folder.join(file_name(&progress));
        let run = Run {
            schema: 1,
            place: place.to_owned(),
            progress,
        };
        let mut saved = self.saved.lock().await;
        if saved.get(&path).is_some_and(|newer| *newer > number) {
            return Ok(());
        }
        let target = path.clone();
        disk::ask(asking, move || write(&folder, &target, &run)).await?;
        saved.insert(path, number);
        Ok(())
    }
}

fn kept(folder: &Path) -> io::Result<Kept> {
    let mut kept = Kept::default();
    for name in names(folder, ".json")?.iter().rev().take(MOST_RUNS) {
        match run(&folder.join(name)) {
            Ok(progress) => kept.keep(progress),
            Err(fault) => kept.faults.push(fault),
        }
    }
    Ok(kept)
}

fn run(path: &Path) -> Result<Progress, Fault> {
    let fault = |cause: String| Fault::new("read progress", shown(path), cause);
    let bytes = disk::read(path, LARGEST_RUN)
        .map_err(|error| fault(disk::cause(&error)))?
        .ok_or_else(|| fault("it is gone".to_owned()))?;
    let run: Run = serde_json::from_slice(&bytes).map_err(|error| fault(error.to_string()))?;
    Ok(run.progress)
}

fn write(folder: &Path, path: &Path, run: &Run) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut bytes = serde_json::to_vec_pretty(run)?;
    bytes.push(b'\n');
    let scratch = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = private(&scratch)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&scratch, path)?;
    disk::sync_folder(folder)
}

/// Notes are what people say at 2 AM: nobody else reads them.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// The page and the start of the run, so that a new run never replaces an old one.
fn file_name(progress: &Progress) -> String {
    let id: String = progress
        .runbook
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .take(64)
        .collect();
    format!("{id}.{}.json", progress.started.as_second())
}

/// The folder of a place: its name may hold anything, so its hash is taken.
fn shelf_mark(place: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(place.as_bytes())[..8])
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;

    use super::*;
    use crate::place::{Backend, Environment, Local};
    use crate::runbook::{Page, Status, StepNo};

    const PAGE: &str = "+++\nid = 'x'\ntitle = 'X'\n+++\n## a\n## b\n";

    fn folders(root: &Path) -> Folders {
        let path = |name: &str| Some(root.join(name));
        Folders {
            team: path("team"),
            own: path("own"),
            runs: path("runs"),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn begun(second: i64) -> Progress {
        Progress::start(&Page::parse(PAGE).unwrap(), at(second))
    }

    #[tokio::test]
    async fn progress_is_found_again_by_place_and_the_latest_run_counts() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        let keeper = Keeper::default();
        let mut latest = begun(60);
        latest.settle(StepNo::at(0), Status::Done, at(70));
        keeper.save(&folders, "b/k", begun(0), 1).await.unwrap();
        keeper
            .save(&folders, "b/k", latest.clone(), 2)
            .await
            .unwrap();
        keeper
            .save(&folders, "b/other", begun(99), 3)
            .await
            .unwrap();
        let kept = resume(folders.clone(), "b/k".into()).await.unwrap();
        assert_eq!((kept.runs, kept.faults), (vec![latest], vec![]));
        assert_eq!(
            resume(folders, "b/none".into()).await.unwrap(),
            Kept::default()
        );
    }

    #[tokio::test]
    async fn an_older_change_never_goes_over_a_newer_one() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        let keeper = Keeper::default();
        let mut newer = begun(0);
        newer.note(StepNo::at(0), "said", at(5));
        keeper.save(&folders, "p", newer.clone(), 8).await.unwrap();
        keeper.save(&folders, "p", begun(0), 7).await.unwrap();
        assert_eq!(resume(folders, "p".into()).await.unwrap().runs, [newer]);
    }

    #[tokio::test]
    async fn progress_is_private_and_leaves_no_scratch_behind() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        Keeper::default()
            .save(&folders, "p", begun(0), 1)
            .await
            .unwrap();
        let folder = root.path().join("runs").join(shelf_mark("p"));
        let files: Vec<_> = fs::read_dir(&folder).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].file_name(), "x.1800000000.json");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&files[0].path())), (0o700, 0o600));
    }

    #[tokio::test]
    async fn a_damaged_file_of_progress_is_told_and_hides_no_other() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        Keeper::default()
            .save(&folders, "p", begun(0), 1)
            .await
            .unwrap();
        let folder = root.path().join("runs").join(shelf_mark("p"));
        fs::write(folder.join("x.1.json"), "{\"schema\":1,").unwrap();
        let kept = resume(folders, "p".into()).await.unwrap();
        assert_eq!(kept.runs.len(), 1);
        assert!(kept.faults[0].to_string().contains("x.1.json"));
    }

    #[tokio::test]
    async fn without_a_home_nothing_is_saved_and_the_fault_says_so() {
        let folders = Folders::of(None, &Environment::default());
        assert_eq!(folders.runs, None);
        let saved = Keeper::default().save(&folders, "p", begun(0), 1).await;
        assert_eq!(
            saved.unwrap_err().hint.as_deref(),
            Some("set XDG_STATE_HOME or HOME")
        );
    }

    #[test]
    fn two_directories_with_a_state_of_the_same_name_share_no_run() {
        let local = |path: &str| Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::Local(Local { path: path.into() }),
            origin: crate::place::Origin::Implied,
            divergences: Vec::new(),
        };
        let here = name(Some(&local("./terraform.tfstate")));
        assert!(Path::new(&here).is_absolute());
        assert_ne!(here, name(Some(&local("other/terraform.tfstate"))));
        assert_ne!(here, name(None));
    }

    #[test]
    fn a_file_is_named_by_nothing_that_could_leave_its_folder() {
        let mut progress = begun(0);
        progress.runbook = "../../etc/passwd".into();
        assert_eq!(file_name(&progress), "etcpasswd.1800000000.json");
    }
}
