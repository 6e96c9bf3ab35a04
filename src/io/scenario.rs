//! Plays a scenario: builds its sandbox in a private folder and writes its log
//! while somebody watches. Everything is in that folder, for this user's eyes
//! only, and the folder goes when the playing ends.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, geteuid, test_kill_process};

use super::disk::{self, Asking};
use super::sandbox::Builder;
use crate::drill::{DigestItem, Hold, Record, Rehearsal, Scene, Store, Transcript, Written};
use crate::fault::Fault;
use crate::lock::{self, Body};
use crate::place;
use crate::state::Versioning;

/// A playing in progress. Dropping it ends the log and removes the folder.
#[derive(Debug)]
pub struct Playing {
    rehearsal: Rehearsal,
    log: Option<PathBuf>,
    writer: Option<Writer>,
}

/// The thread that writes the log.
#[derive(Debug)]
struct Writer {
    /// Closed to end it.
    go_on: Sender<()>,
    thread: JoinHandle<()>,
}

impl Playing {
    /// Makes the folder and begins to write the log. Fast: the scene is
    /// computed on the writer's thread, the sandbox built by [`build`].
    pub fn begin(scenario: &str, seed: u64, start: Timestamp) -> Result<Self, Fault> {
        let mut playing = Self {
            rehearsal: Rehearsal {
                scenario: scenario.to_owned(),
                seed,
                start,
                folder: private_folder()?,
            },
            log: None,
            writer: None,
        };
        playing.log = playing.rehearsal.log()?;
        if let Some(path) = &playing.log {
            playing.writer = Some(Writer::start(&playing.rehearsal, path)?);
        }
        Ok(playing)
    }

    pub fn rehearsal(&self) -> &Rehearsal {
        &self.rehearsal
    }

    /// The log that is being written.
    pub fn log(&self) -> Option<&Path> {
        self.log.as_deref()
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        if let Some(Writer { go_on, thread }) = self.writer.take() {
            drop(go_on);
            // It can only have failed by itself; there is nobody left to tell.
            let _ = thread.join();
        }
        let _ = fs::remove_dir_all(&self.rehearsal.folder);
    }
}

/// How the folders are called, before the process and the time.
const NAME: &str = "tfsos-demo-";

/// A new folder for this user's eyes only.
fn private_folder() -> Result<PathBuf, Fault> {
    let now = Timestamp::now().as_nanosecond();
    let name = format!("{NAME}{}-{now}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    // Fails where anything of that name is there, a link included.
    let made = DirBuilder::new().mode(0o700).create(&folder);
    made.map(|()| folder.clone()).map_err(|error| {
        asking("make the folder", &folder)
            .fault(disk::cause(&error))
            .hint("set TMPDIR to a folder that can be written")
    })
}

/// Removes what a playing that was killed has left in a folder: what is called
/// so, is this user's, and has no process any more.
fn sweep(folder: &Path) {
    let own = geteuid().as_raw();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let left = gone(&entry.file_name().to_string_lossy())
            && fs::symlink_metadata(entry.path())
                .is_ok_and(|about| about.is_dir() && about.uid() == own);
        if left {
            // Another one may be sweeping too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a name is that of a playing whose process has ended.
fn gone(name: &str) -> bool {
    let process = name
        .strip_prefix(NAME)
        .and_then(|rest| rest.split_once('-'));
    let process = process.and_then(|(process, _)| Pid::from_raw(process.parse().ok()?));
    process.is_some_and(|process| test_kill_process(process) == Err(Errno::SRCH))
}

fn asking(doing: &'static str, path: &Path) -> Asking {
    Asking::new(doing, path.display().to_string())
}

/// Builds the sandbox of a rehearsal, if that was not done yet, and says where it is.
pub async fn build(rehearsal: Rehearsal) -> Result<PathBuf, Fault> {
    let sandbox = rehearsal.sandbox();
    let asking = asking("build the sandbox", &sandbox);
    let whole = sandbox.clone();
    disk::ask(asking, move || {
        if whole.exists() {
            return Ok(());
        }
        // Visible only once it is whole: a second look must never find half a history.
        let scratch = rehearsal.folder.join("building");
        let scene = rehearsal.scene();
        scene
            .and_then(|scene| stage(&scene, &scratch))
            .map_err(|fault| disk::wrong(fault.cause))?;
        match fs::rename(&scratch, &whole) {
            Err(_) if whole.exists() => Ok(()),
            outcome => outcome,
        }
    })
    .await?;
    Ok(sandbox)
}

/// Puts a scene into a folder, in the order in which it happened.
fn stage(scene: &Scene, root: &Path) -> Result<(), Fault> {
    let stage = &scene.stage;
    let builder = Builder::create(place::Sandbox {
        root: root.to_owned(),
        bucket: stage.bucket.clone(),
        key: stage.key.clone(),
        table: stage.table.clone(),
        use_lockfile: stage.use_lockfile,
        region: stage.region.clone(),
    })?;
    builder.versioning(Versioning::Enabled)?;
    let mut happened = Vec::new();
    for hold in &scene.holds {
        for &(store, back) in &hold.stores {
            happened.push((hold.at, Happened::Taken(hold, store)));
            happened.extend(back.map(|at| (at, Happened::GivenBack(store))));
        }
    }
    let versions = scene.versions.iter();
    happened.extend(versions.map(|version| (version.at, Happened::Written(version))));
    // A lock that was held for a write is given back after it.
    happened.sort_by_key(|(at, what)| (*at, matches!(what, Happened::GivenBack(_))));
    happened
        .into_iter()
        .try_for_each(|(at, what)| what.write(&builder, at))
}

/// One thing that somebody did to the bucket or the table.
enum Happened<'a> {
    Taken(&'a Hold, Store),
    Written(&'a Written),
    GivenBack(Store),
}

impl Happened<'_> {
    fn write(&self, builder: &Builder, at: Timestamp) -> Result<(), Fault> {
        match self {
            Self::Taken(hold, store) => {
                builder.lock(named(*store), &Body::Bytes(hold.bytes.clone()), at)
            }
            Self::GivenBack(store) => builder.unlock(named(*store), at),
            Self::Written(version) => match (&version.bytes, version.digest) {
                (None, _) => builder.delete_state(at),
                (Some(bytes), DigestItem::Written) => builder.applied(bytes, at).map(drop),
                (Some(bytes), DigestItem::Left) => builder.state(bytes, at).map(drop),
            },
        }
    }
}

fn named(store: Store) -> lock::Store {
    match store {
        Store::S3 => lock::Store::S3,
        Store::DynamoDb => lock::Store::DynamoDb,
    }
}

impl Writer {
    fn start(rehearsal: &Rehearsal, path: &Path) -> Result<Self, Fault> {
        let asking = asking("write the log", path);
        // Made here, so that whoever follows it finds it at once.
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| asking.fault(disk::cause(&error)))?;
        let (go_on, ended) = channel();
        let rehearsal = rehearsal.clone();
        let work = move || {
            sweep(&std::env::temp_dir());
            // A scenario that can't be played is said by `build`; a full disk ends the log.
            if let Ok(Scene {
                log: Some((_, transcript)),
                ..
            }) = rehearsal.scene()
            {
                let _ = write_live(transcript, file, &ended);
            }
        };
        let thread = std::thread::Builder::new().name("scenario".to_owned());
        let thread = thread
            .spawn(work)
            .map_err(|error| asking.fault(disk::cause(&error)))?;
        Ok(Self { go_on, thread })
    }
}

/// How much of what is already past is written at once.
const CHUNK: usize = 256 << 10;

/// Writes each record at its time, what is past at once, until told to end.
fn write_live(transcript: Transcript, mut file: File, ended: &Receiver<()>) -> io::Result<()> {
    let mut due: Vec<u8> = Vec::new();
    for Record { at, text } in transcript {
        let early = at.duration_since(Timestamp::now());
        if early.is_positive() || due.len() > CHUNK {
            file.write_all(&due)?;
            due.clear();
        }
        if early.is_positive() {
            let wait = Duration::try_from(early).unwrap_or_default();
            if !matches!(ended.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
                return Ok(());
            }
        }
        due.extend_from_slice(text.as_bytes());
    }
    file.write_all(&due)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::drill::DEMO;
    use crate::io::discover;
    use crate::io::remote::Remote;
    use crate::lock::Sighting;
    use crate::place::Environment;
    use crate::state::{Reading, VersionId};

    async fn built(playing: &Playing) -> Remote {
        let root = build(playing.rehearsal().clone()).await.unwrap();
        let found = discover::find(root, Environment::default()).await.unwrap();
        Remote::open(&found.place().unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn the_sandbox_answers_what_the_scene_says() {
        let playing = Playing::begin(DEMO, 7, Timestamp::now()).unwrap();
        let remote = built(&playing).await;
        let scene = playing.rehearsal().scene().unwrap();
        let versions = remote.versions(100).await.unwrap();
        assert_eq!(versions.list.len(), scene.versions.len());
        for (listed, written) in versions.list.iter().rev().zip(&scene.versions) {
            assert_eq!(listed.modified, written.at);
            let VersionId(id) = &listed.id;
            let body = remote.body(&listed.id).await.unwrap();
            assert_eq!(Some(&*body), written.bytes.as_deref(), "{id}");
        }
        let current = remote.current().await.unwrap().unwrap();
        assert!(matches!(
            Reading::of(current.bytes),
            Reading::Damaged { .. }
        ));
        let survey = remote.survey().await;
        let held: Vec<&Sighting> = survey.held().collect();
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].store, lock::Store::DynamoDb);
        assert!(survey.half_released());
    }

    #[tokio::test]
    async fn building_twice_keeps_what_was_done_in_between() {
        let playing = Playing::begin(DEMO, 7, Timestamp::now()).unwrap();
        let remote = built(&playing).await;
        let survey = remote.survey().await;
        let write = crate::recovery::Write::release(survey.held().next().unwrap());
        remote.write(&write, write.from.as_ref(), None).await;
        let again = built(&playing).await;
        assert_eq!(again.survey().await.held().count(), 0);
    }

    #[test]
    fn the_folder_is_private_and_goes_with_the_playing() {
        let playing = Playing::begin(DEMO, 7, Timestamp::now()).unwrap();
        let folder = playing.rehearsal().folder.clone();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(playing.log().unwrap().exists());
        drop(playing);
        assert!(!folder.exists());
    }

    #[test]
    fn only_what_a_killed_playing_left_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let dead = std::process::Command::new("true").spawn().unwrap();
        let dead_id = dead.id();
        dead.wait_with_output().unwrap();
        let names = [
            format!("{NAME}{dead_id}-1"),
            format!("{NAME}{}-1", std::process::id()),
            format!("{NAME}-1"),
            "tfsos-other".to_owned(),
        ];
        for name in &names {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        sweep(folder.path());
        let there = names.map(|name| folder.path().join(name).exists());
        assert_eq!(there, [false, true, true, true]);
    }

    #[test]
    fn what_is_past_is_written_at_once_and_what_comes_waits() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create_new(folder.path().join("log")).unwrap();
        let rehearsal = Rehearsal {
            scenario: DEMO.into(),
            seed: 7,
            start: Timestamp::now(),
            folder: folder.path().into(),
        };
        let (_, transcript) = rehearsal.scene().unwrap().log.unwrap();
        let (go_on, ended) = channel();
        // Told to end before it begins: it stops at the first record to come.
        drop(go_on);
        write_live(transcript, file, &ended).unwrap();
        let text = fs::read_to_string(folder.path().join("log")).unwrap();
        let past = rehearsal.scene().unwrap().log.unwrap().1;
        let past: String = past
            .take_while(|record| record.at <= rehearsal.start)
            .map(|record| record.text)
            .collect();
        assert!(text.starts_with(&past));
    }
}
