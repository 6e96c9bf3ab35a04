//! The bodies of versions on disk, where a person asked for that: a folder for
//! this user alone, files that nobody else may read, bounded in size, and every
//! body proven whole before it is used.
//!
//! A file is named by the hash of what it is a version of, so no name tells
//! anything; it holds the SHA-256 of the body, its length, and the body.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::disk::{self, Asking};
use crate::fault::Fault;
use crate::place::Environment;

/// So many bytes are kept; what was not asked for the longest leaves first.
const KEPT: u64 = 512 << 20;
/// A larger body is fetched anew each time.
const LARGEST: u64 = 64 << 20;
/// The hash and the length before each body.
const HEAD: usize = 32 + 8;

/// A folder of bodies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: Arc<Path>,
    kept: u64,
}

impl Cache {
    /// The folder that the XDG rules give, made where it is not there; one that
    /// others may look into is refused.
    pub fn open(environment: &Environment) -> Result<Self, Fault> {
        let absolute = |name| {
            let told = environment.value(name).map(PathBuf::from);
            told.filter(|path| path.is_absolute())
        };
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        let Some(cache) = cache else {
            let cause = "neither XDG_CACHE_HOME nor HOME is an absolute path";
            return Err(Fault::new("keep versions on disk", "", cause)
                .hint("set XDG_CACHE_HOME to a folder of yours, or leave --cache out"));
        };
        Self::at(&cache.join("tfsos").join("versions"), KEPT)
    }

    fn at(folder: &Path, kept: u64) -> Result<Self, Fault> {
        let shown = folder.display().to_string();
        let fault = |cause: String| Fault::new("keep versions in", shown.clone(), cause);
        private(folder).map_err(|error| {
            let hint = format!("chmod 700 {shown}, or leave --cache out");
            fault(disk::cause(&error)).hint(hint)
        })?;
        Ok(Self {
            folder: folder.into(),
            kept,
        })
    }

    /// The body that was kept under these words, if it still is what it was.
    pub async fn find(&self, words: &[&str]) -> Option<Arc<[u8]>> {
        let path = self.path(words);
        let asking = Asking::new("read", path.display().to_string());
        // What cannot be read is fetched.
        disk::ask(asking, move || read(&path)).await.ok().flatten()
    }

    /// Keeps a body; where that fails there is only nothing kept.
    pub async fn keep(&self, words: &[&str], body: &Arc<[u8]>) {
        if body.len() as u64 > LARGEST {
            return;
        }
        let (path, body, cache) = (self.path(words), Arc::clone(body), self.clone());
        let asking = Asking::new("write", path.display().to_string());
        let kept = disk::ask(asking, move || {
            let length = (body.len() as u64).to_be_bytes();
            let head = [&Sha256::digest(&body)[..], &length].concat();
            disk::exchange(&path, &[&head, &*body].concat())?;
            cache.make_room()
        });
        // A full disk must not keep a person from reading.
        drop(kept.await);
    }

    fn path(&self, words: &[&str]) -> PathBuf {
        let mut hash = Sha256::new();
        for word in words {
            hash.update((word.len() as u64).to_be_bytes());
            hash.update(word);
        }
        self.folder.join(HEXLOWER.encode(&hash.finalize()))
    }

    /// Takes away what was used the longest ago until the rest fits.
    fn make_room(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Another process may have taken it away meanwhile.
            if let Ok(about) = entry.metadata().and_then(|about| {
                let used = about.modified()?;
                Ok((used, about.len()))
            }) {
                files.push((about.0, about.1, entry.path()));
            }
        }
        let mut all: u64 = files.iter().map(|(_, size, _)| size).sum();
        files.sort();
        for (_, size, path) in files {
            if all <= self.kept {
                break;
            }
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => all -= size,
            }
        }
        Ok(())
    }
}

/// Makes the folder for its owner alone, or sees that it is.
fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let about = fs::symlink_metadata(folder)?;
    let own = about.uid() == rustix::process::geteuid().as_raw();
    if !about.is_dir() || !own {
        return Err(disk::wrong("it is not a folder of this user"));
    }
    if about.mode() & 0o077 != 0 {
        return Err(disk::wrong("others may look into it"));
    }
    Ok(())
}

/// The body in a file, where its length and hash are right; a file that is not is taken away.
fn read(path: &Path) -> io::Result<Option<Arc<[u8]>>> {
    let Some(bytes) = disk::read(path, LARGEST + HEAD as u64)? else {
        return Ok(None);
    };
    let whole = bytes.split_at_checked(HEAD).and_then(|(head, body)| {
        let (hash, length) = head.split_at(32);
        let right =
            length == (body.len() as u64).to_be_bytes() && hash == &Sha256::digest(body)[..];
        right.then(|| Arc::from(body))
    });
    if whole.is_none() {
        fs::remove_file(path)?;
        return Ok(None);
    }
    // What is used stays longer.
    File::open(path)?.set_modified(SystemTime::now())?;
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;

    fn body(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    #[tokio::test]
    async fn a_body_is_read_back_by_the_same_words_and_by_no_others() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("tfsos/versions");
        let cache = Cache::at(&folder, 1_000).unwrap();
        cache.keep(&["bucket", "key", "v1"], &body("one")).await;
        let found = cache.find(&["bucket", "key", "v1"]).await;
        assert_eq!(found.as_deref(), Some(&b"one"[..]));
        assert_eq!(cache.find(&["bucket", "key", "v2"]).await, None);
        assert_eq!(cache.find(&["bucketkey", "", "v1"]).await, None);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&files(&folder)[0])), (0o700, 0o600));
        let name = files(&folder)[0].display().to_string();
        assert!(!name.contains("bucket") && !name.contains("key"), "{name}");
    }

    #[tokio::test]
    async fn what_was_changed_on_disk_is_not_used_and_taken_away() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("versions");
        let cache = Cache::at(&folder, 1_000).unwrap();
        for damage in [b"".as_slice(), b"short", &[0; HEAD + 3]] {
            cache.keep(&["v1"], &body("one")).await;
            fs::write(&files(&folder)[0], damage).unwrap();
            assert_eq!(cache.find(&["v1"]).await, None);
            assert!(files(&folder).is_empty());
        }
    }

    #[tokio::test]
    async fn what_was_used_the_longest_ago_makes_room() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("versions");
        let cache = Cache::at(&folder, 2 * (HEAD as u64 + 3)).unwrap();
        let age = |words: &[&str], seconds| {
            let then = SystemTime::now() - Duration::from_secs(seconds);
            let file = File::open(cache.path(words)).unwrap();
            file.set_modified(then).unwrap();
        };
        cache.keep(&["v1"], &body("one")).await;
        age(&["v1"], 20);
        cache.keep(&["v2"], &body("two")).await;
        age(&["v2"], 10);
        // A look at it makes it the newest.
        assert!(cache.find(&["v1"]).await.is_some());
        cache.keep(&["v3"], &body("six")).await;
        assert!(cache.find(&["v2"]).await.is_none());
        assert!(cache.find(&["v1"]).await.is_some() && cache.find(&["v3"]).await.is_some());
    }

    #[test]
    fn a_folder_that_others_may_look_into_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let open = home.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let fault = Cache::at(&open, 1).unwrap_err();
        assert!(fault.cause.contains("others may look into it"), "{fault}");
        assert!(fault.hint.unwrap().starts_with("chmod 700"));
        let link = home.path().join("link");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(&open, &link).unwrap();
        assert!(Cache::at(&link, 1).is_err());
        assert!(Cache::open(&Environment::default()).is_err());
    }
}
