//! A second copy of the present state, for a store that keeps no versions: a
//! file outside of every incident folder, made of what was saved, on the disk
//! and read back before anything is overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::disk::{self, Asking};
use super::incidents::Incidents;
use crate::fault::Fault;
use crate::place::{Backend, Environment, Place};
use crate::recovery::Mark;

/// So many bytes are copied at a time.
const PIECE: usize = 1 << 20;

/// The whole path of a file that may become the copy: it is not there yet, its
/// folder is, and that is no incident folder.
pub async fn place(path: &Path, environment: &Environment) -> Result<String, Fault> {
    let incidents = Incidents::of(environment)?.root().to_owned();
    let asking = Asking::new("keep a second copy as", path.display().to_string());
    let hint =
        "--unversioned names a file that is not there yet, in a folder outside of the incidents";
    let path = path.to_owned();
    let asked = disk::ask(asking, move || resolved(&path, &incidents)).await;
    asked.map_err(|fault| fault.hint(hint))
}

/// Where the present state of a local backend is kept when another takes its
/// place: a backup beside it, named as `terraform state` commands name theirs, so
/// that it is one of its versions. None where the store is not this disk.
pub async fn beside(place: &Place, now: Timestamp) -> Result<Option<String>, Fault> {
    let Backend::Local(local) = &place.backend else {
        return Ok(None);
    };
    let asking = Asking::new("keep a second copy of", local.path.display().to_string());
    let path = local.path.clone();
    let found = disk::ask(asking, move || {
        let path = std::path::absolute(path)?;
        // Two restores in one second are two backups.
        let mut names =
            (now.as_second()..).map(|second| format!("{}.{second}.backup", path.display()));
        let free = names.find(|name| Path::new(name).symlink_metadata().is_err());
        free.ok_or_else(|| disk::wrong("every name is taken"))
    });
    Ok(Some(found.await?))
}

fn resolved(path: &Path, incidents: &Path) -> io::Result<String> {
    let name = path
        .file_name()
        .ok_or_else(|| disk::wrong("it names no file"))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
    if fs::canonicalize(incidents).is_ok_and(|incidents| folder.starts_with(incidents)) {
        return Err(disk::wrong(
            "it lies among the incidents, where the first copy goes",
        ));
    }
    let path = folder.join(name);
    if path.symlink_metadata().is_ok() {
        return Err(disk::wrong("it exists already"));
    }
    let text = path
        .to_str()
        .filter(|text| !text.chars().any(char::is_control));
    let text = text.ok_or_else(|| disk::wrong("its name has characters that no journal takes"))?;
    Ok(text.to_owned())
}

/// Copies what was saved, and reads the copy back. One that an earlier run of
/// the plan has made is taken for the copy, if it holds the same bytes.
pub async fn keep(saved: PathBuf, path: &str, mark: &Mark) -> Result<(), Fault> {
    let asking = Asking::new("keep a second copy as", path.to_owned());
    let (path, sha256) = (PathBuf::from(path), mark.sha256.clone());
    disk::ask(asking, move || kept(&saved, &path, &sha256)).await
}

fn kept(saved: &Path, path: &Path, sha256: &str) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return match hash(path)? {
            found if found == sha256 => Ok(()),
            _ => Err(disk::wrong(
                "it exists already, and is no copy of the present state",
            )),
        };
    }
    let mut from = File::open(saved)?;
    let mut options = OpenOptions::new();
    let mut to = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let copied = pour(&mut from, |piece| to.write_all(piece)).and_then(|()| to.sync_all());
    let same = copied
        .and_then(|()| hash(path))
        .and_then(|found| match found {
            found if found == sha256 => Ok(()),
            _ => Err(disk::wrong("what was read back is not what was written")),
        });
    if let Err(error) = same {
        // A file that is no copy must not be taken for one.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    disk::sync_folder(path.parent().unwrap_or(Path::new(".")))
}

fn hash(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    pour(&mut File::open(path)?, |piece| {
        hash.update(piece);
        Ok(())
    })?;
    Ok(HEXLOWER.encode(&hash.finalize()))
}

fn pour(from: &mut File, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            read => take(&piece[..read])?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_made_once_and_nothing_else_is_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (saved, path) = (folder.path().join("saved"), folder.path().join("copy"));
        fs::write(&saved, b"state").unwrap();
        let sha256 = hash(&saved).unwrap();
        kept(&saved, &path, &sha256).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"state");
        kept(&saved, &path, &sha256).unwrap();
        fs::write(&path, b"mine").unwrap();
        assert!(kept(&saved, &path, &sha256).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }

    #[test]
    fn what_is_not_what_was_seen_leaves_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let (saved, path) = (folder.path().join("saved"), folder.path().join("copy"));
        assert!(kept(&saved, &path, "0").is_err());
        fs::write(&saved, b"changed").unwrap();
        assert!(kept(&saved, &path, "0").is_err());
        assert!(!path.exists());
    }

    #[test]
    fn a_copy_goes_to_a_new_file_outside_of_the_incidents() {
        let folder = tempfile::tempdir().unwrap();
        let incidents = folder.path().join("incidents");
        fs::create_dir_all(incidents.join("one/backups")).unwrap();
        let outside = folder.path().join("copy");
        assert!(resolved(&outside, &incidents).is_ok());
        fs::write(&outside, b"").unwrap();
        for path in [
            outside,
            incidents.join("copy"),
            incidents.join("one/backups/copy"),
            folder.path().join("nowhere/copy"),
            folder.path().join(".."),
            folder.path().join("a\nb"),
        ] {
            assert!(resolved(&path, &incidents).is_err(), "{}", path.display());
        }
    }
}
