//! Looks at logs on disk: `$XDG_STATE_HOME/tfsos/logs/`, one file for each set
//! of logs, for its owner alone. Only regular files have one: an input that
//! comes once is never the same again. Of a log nothing is stored but a digest
//! of its first bytes, which tells whether its records kept their numbers.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::log::session::{KeptFile, SCHEMA};
use crate::log::{Input, Session};
use crate::place::Environment;

/// How much of a file tells it from another one.
const HEAD: u64 = 4 * 1024;

/// A thousand bookmarks with their longest notes.
const LARGEST: u64 = 8 << 20;

/// More are never opened again; the oldest leave.
const MOST: usize = 200;

/// The folder, and which change was written last.
#[derive(Debug, Default)]
pub struct Sessions {
    written: Mutex<u64>,
}

impl Sessions {
    /// Keeps a session; `number` grows with each change, so that an older one
    /// never takes the place of a newer.
    pub async fn keep(
        &self,
        inputs: Vec<Input>,
        session: Session,
        number: u64,
        environment: &Environment,
    ) -> Result<(), Fault> {
        let Some((folder, paths)) = folder(environment).zip(paths(&inputs)) else {
            return Ok(());
        };
        let mut written = self.written.lock().await;
        if *written > number {
            return Ok(());
        }
        let asking = Asking::new("keep the view of", "the logs");
        disk::ask(asking, move || write(&folder, &paths, session)).await?;
        *written = number;
        Ok(())
    }
}

/// What was kept of these logs, as far as they are still the same.
pub async fn recall(
    inputs: Vec<Input>,
    environment: &Environment,
) -> Result<Option<Session>, Fault> {
    let Some((folder, paths)) = folder(environment).zip(paths(&inputs)) else {
        return Ok(None);
    };
    let asking = Asking::new("read back the view of", "the logs");
    disk::ask(asking, move || read(&folder, &paths)).await
}

fn folder(environment: &Environment) -> Option<PathBuf> {
    let absolute = |name| {
        let told = environment.value(name).map(PathBuf::from);
        told.filter(|path| path.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local").join("state")))?;
    Some(state.join("tfsos").join("logs"))
}

/// The absolute paths; none where an input is no file.
fn paths(inputs: &[Input]) -> Option<Vec<PathBuf>> {
    let path = |input: &Input| match input {
        Input::StandardInput => None,
        Input::Path(path) => std::path::absolute(path).ok(),
    };
    inputs.iter().map(path).collect()
}

fn name(paths: &[PathBuf]) -> String {
    let mut digest = Sha256::new();
    for path in paths {
        digest.update(path.as_os_str().as_encoded_bytes());
        digest.update([0]);
    }
    let digest = HEXLOWER.encode(&digest.finalize());
    format!("{}.json", &digest[..32])
}

fn write(folder: &Path, paths: &[PathBuf], mut session: Session) -> io::Result<()> {
    let heads: Option<Vec<Head>> = paths.iter().map(|path| head(path, HEAD)).collect();
    // One of them is gone or no file: there is nothing to come back to.
    let Some(heads) = heads else { return Ok(()) };
    session.files = heads.into_iter().map(Head::kept).collect();
    let bytes = serde_json::to_vec(&session)?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    disk::exchange(&folder.join(name(paths)), &bytes)?;
    sweep(folder)
}

fn read(folder: &Path, paths: &[PathBuf]) -> io::Result<Option<Session>> {
    let Some(bytes) = disk::read(&folder.join(name(paths)), LARGEST)? else {
        return Ok(None);
    };
    let mut session: Session = match serde_json::from_slice(&bytes) {
        Ok(session) => session,
        Err(_) => return Ok(None),
    };
    if session.schema != SCHEMA {
        return Ok(None);
    }
    let known = paths.iter().zip(&session.files);
    let same: Vec<bool> = known.map(|(path, kept)| is_same(path, kept)).collect();
    let stands = |file: u16| same.get(usize::from(file)) == Some(&true);
    session.bookmarks.retain(|mark| stands(mark.file));
    session.position = session.position.filter(|at| stands(at.file));
    Ok(Some(session))
}

/// The first bytes of a file, by their digest.
struct Head {
    length: u64,
    digest: String,
}

impl Head {
    fn kept(self) -> KeptFile {
        KeptFile {
            length: self.length,
            digest: self.digest,
        }
    }
}

fn head(path: &Path, length: u64) -> Option<Head> {
    // Opening a FIFO would wait for a writer.
    let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let length = length.min(about.len());
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(length).read_to_end(&mut bytes).ok()?;
    Some(Head {
        length: bytes.len() as u64,
        digest: HEXLOWER.encode(&Sha256::digest(&bytes)),
    })
}

/// A file that has only grown begins with what it began with.
fn is_same(path: &Path, kept: &KeptFile) -> bool {
    let head = head(path, kept.length.min(HEAD));
    head.is_some_and(|head| head.length == kept.length && head.digest == kept.digest)
}

/// Removes the oldest where there are too many.
fn sweep(folder: &Path) -> io::Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        found.push((entry.metadata()?.modified()?, entry.path()));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    for (_, path) in found.into_iter().skip(MOST) {
        fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::session::{Bookmark, Position};

    fn session() -> Session {
        Session {
            schema: SCHEMA,
            floor: "WARN".to_owned(),
            bookmarks: vec![Bookmark {
                file: 0,
                record: 7,
                note: "paged".to_owned(),
            }],
            position: Some(Position { file: 0, record: 9 }),
            ..Session::default()
        }
    }

    #[test]
    fn a_log_that_only_grew_is_taken_up_where_it_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("tf.log");
        fs::write(&log, "one\n").unwrap();
        let (kept, paths) = (folder.path().join("logs"), [log.clone()]);
        write(&kept, &paths, session()).unwrap();
        fs::write(&log, "one\ntwo\n").unwrap();
        let back = read(&kept, &paths).unwrap().unwrap();
        assert_eq!((back.bookmarks.len(), back.position.is_some()), (1, true));
        assert_eq!(back.floor, "WARN");
    }

    #[test]
    fn another_log_of_the_same_name_keeps_the_filters_and_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("tf.log");
        fs::write(&log, "one\n").unwrap();
        let (kept, paths) = (folder.path().join("logs"), [log.clone()]);
        write(&kept, &paths, session()).unwrap();
        fs::write(&log, "another\n").unwrap();
        let back = read(&kept, &paths).unwrap().unwrap();
        assert_eq!((back.bookmarks.len(), back.position), (0, None));
        assert_eq!(back.floor, "WARN");
    }

    #[test]
    fn nothing_of_a_log_is_stored_and_only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("tf.log");
        fs::write(&log, "password=hunter2\n").unwrap();
        let (kept, paths) = (folder.path().join("logs"), [log]);
        write(&kept, &paths, session()).unwrap();
        let path = kept.join(name(&paths));
        assert!(!fs::read_to_string(&path).unwrap().contains("hunter2"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&kept), mode(&path)), (0o700, 0o600));
    }

    #[test]
    fn what_is_no_session_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().join("tf.log")];
        assert_eq!(read(folder.path(), &paths).unwrap(), None);
        fs::write(folder.path().join(name(&paths)), "{").unwrap();
        assert_eq!(read(folder.path(), &paths).unwrap(), None);
    }

    #[test]
    fn an_input_that_comes_once_has_no_session() {
        assert_eq!(paths(&[Input::StandardInput]), None);
    }
}
