//! The one write to a local state: under the lock that Terraform itself takes,
//! and only over what was seen. Like Terraform's own it goes into the file that
//! is there: a job that waits for the lock has that file open, and would write
//! into one that was replaced, where nobody finds it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use super::STATE_LIMIT;
use crate::io::disk;
use crate::recovery::Mark;

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Overwritten {
    Done,
    /// The file is not what was seen.
    Changed,
    /// A process has it locked.
    Held,
}

/// Writes the bytes where the file still is what was seen, or is not there
/// where nothing was. The lock is the process's: the caller sees to it that
/// nothing of ours has the file open meanwhile, because closing it lets go.
///
/// A kill leaves the file as it was, as it is to be, or with the first of the
/// new bytes. Where they do not all fit, the former ones go back.
pub fn overwrite(path: &Path, seen: Option<&Mark>, bytes: &[u8]) -> io::Result<Overwritten> {
    let Some(mut file) = open(path, seen.is_some())? else {
        return Ok(Overwritten::Changed);
    };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::AGAIN | Errno::ACCESS) => return Ok(Overwritten::Held),
        Err(error) => return Err(error.into()),
    }
    let mut former = Vec::new();
    (&file).take(STATE_LIMIT).read_to_end(&mut former)?;
    let same = match seen {
        Some(seen) => Mark::of(&former) == *seen,
        None => former.is_empty(),
    };
    if !(same && is_there(path, &file)?) {
        return Ok(Overwritten::Changed);
    }
    let Err(error) = fill(&mut file, bytes) else {
        return Ok(Overwritten::Done);
    };
    let cause = disk::cause(&error);
    Err(disk::wrong(match fill(&mut file, &former) {
        Ok(()) => format!("{cause}; what stood there before is back"),
        Err(_) => format!("{cause}; what stood there before is in the incident's backups"),
    }))
}

/// None where it is there and should not be, or the other way round.
fn open(path: &Path, there: bool) -> io::Result<Option<File>> {
    // Opening a FIFO would wait for a reader that may never come.
    if fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return Err(disk::wrong("it is not a regular file"));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(!there);
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists
            ) && there == (error.kind() == io::ErrorKind::NotFound) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Whether the path still leads to the file that was opened.
fn is_there(path: &Path, file: &File) -> io::Result<bool> {
    let (named, open) = (fs::metadata(path)?, file.metadata()?);
    Ok((named.dev(), named.ino()) == (open.dev(), open.ino()))
}

/// Makes these the file's bytes. They go in from the first to the last, so that
/// what a kill leaves is known by its beginning.
fn fill(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform.tfstate");
        (folder, path)
    }

    #[test]
    fn only_what_was_seen_is_overwritten() {
        let (_folder, path) = state();
        let (seen, other) = (Mark::of(b"a longer one"), Mark::of(b"b"));
        fs::write(&path, "a longer one").unwrap();
        let nothing = overwrite(&path, None, b"new").unwrap();
        let another = overwrite(&path, Some(&other), b"new").unwrap();
        assert_eq!(
            (nothing, another),
            (Overwritten::Changed, Overwritten::Changed)
        );
        assert_eq!(fs::read(&path).unwrap(), b"a longer one");
        assert_eq!(
            overwrite(&path, Some(&seen), b"new").unwrap(),
            Overwritten::Done
        );
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_state_that_is_gone_comes_back_only_where_none_is() {
        let (_folder, path) = state();
        let seen = Mark::of(b"old");
        assert_eq!(
            overwrite(&path, Some(&seen), b"new").unwrap(),
            Overwritten::Changed
        );
        assert!(!path.exists(), "nothing is made in passing");
        assert_eq!(overwrite(&path, None, b"new").unwrap(), Overwritten::Done);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn the_file_that_a_waiting_job_has_open_is_the_one_that_is_written() {
        let (_folder, path) = state();
        fs::write(&path, "old").unwrap();
        let mut waiting = File::open(&path).unwrap();
        overwrite(&path, Some(&Mark::of(b"old")), b"new").unwrap();
        let mut there = String::new();
        waiting.read_to_string(&mut there).unwrap();
        assert_eq!(there, "new");
    }

    #[test]
    fn what_is_no_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let asked = overwrite(folder.path(), Some(&Mark::of(b"")), b"new");
        assert!(asked.unwrap_err().to_string().contains("regular file"));
    }
}
