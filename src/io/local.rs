//! A state that is a file on this machine. Its lock is a POSIX write lock on
//! the state file itself; the `.lock.info` file beside it only says who took
//! it. A stale info file without a lock means that nothing is locked, so the
//! file's presence is never taken for the lock.

mod overwrite;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use rustix::process::{Flock, FlockType, fcntl_getlk};

use crate::analysis::fleet::Object;
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::io::remote::Listing;
use crate::lock::{Body, Look, Sighting, Store, Survey, Sweep};
use crate::place;
use crate::recovery::{Answer, Cargo, Content, Found, Item, Mark, Seen, Slot, Write};
use crate::state::{Current, Kind, Version, VersionId, Versioning, Versions};
use overwrite::Overwritten;

const STATE_LIMIT: u64 = 5 << 30;
const INFO_LIMIT: u64 = 1 << 20;
/// More backups than this in one folder are not a history that a person reads.
const BACKUPS: usize = 10_000;

/// Held to read while a state file is open, and to write while we have one
/// locked: a process that closes any descriptor of a file loses its lock on it.
static OPEN: RwLock<()> = RwLock::new(());

/// A local state that can be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Local {
    path: Arc<Path>,
}

impl Local {
    pub fn new(place: &place::Local) -> Self {
        Self {
            path: Arc::from(place.path.as_path()),
        }
    }

    async fn ask<T, W>(&self, doing: &'static str, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(&Path) -> io::Result<T> + Send + 'static,
    {
        let path = Arc::clone(&self.path);
        let asking = Asking::new(doing, self.path.display().to_string());
        let work = move || {
            let _open = OPEN.read().unwrap_or_else(PoisonError::into_inner);
            work(&path)
        };
        disk::ask(asking, work).await
    }

    /// The one store there is: the lock on the file. There is no digest.
    pub async fn survey(&self) -> Survey {
        let info = info_path(&self.path);
        let look = Look {
            store: Store::Local,
            container: folder_of(&self.path).display().to_string(),
            key: info.display().to_string(),
            found: self.ask("test the lock of", lock_of).await,
        };
        Survey {
            stores: vec![look],
            digest: None,
        }
    }

    /// The locks of every workspace of the same directory.
    pub async fn sweep(&self) -> Sweep {
        let states = self.ask("list the workspaces beside", workspaces).await;
        let mut sweep = Sweep::default();
        let states = states.unwrap_or_else(|fault| {
            sweep.unseen.push(fault);
            vec![self.path.to_path_buf()]
        });
        for path in states {
            let path = Arc::from(path.as_path());
            match (Self { path }).ask("test the lock of", lock_of).await {
                Ok(found) => sweep.found.extend(found),
                Err(fault) => sweep.unseen.push(fault),
            }
        }
        sweep
    }

    /// The state files of all workspaces whose paths begin so.
    pub async fn list(&self, prefix: &str) -> Result<Listing, Fault> {
        let prefix = prefix.to_owned();
        self.ask("list the workspaces beside", move |path| {
            let files = workspaces(path)?.into_iter();
            let objects = files.filter_map(|file| {
                Some(Object {
                    key: file.display().to_string(),
                    modified: modified(&file)?,
                    size: fs::metadata(&file).ok()?.len(),
                    etag: None,
                })
            });
            Ok(Listing {
                objects: objects
                    .filter(|object| object.key.starts_with(&prefix))
                    .collect(),
                next: None,
            })
        })
        .await
    }

    /// At most so many of the first bytes of a workspace's state; none where it is not there.
    pub async fn beginning(&self, key: &str, bytes: u64) -> Result<Option<Arc<[u8]>>, Fault> {
        let key = key.to_owned();
        self.ask("read a state beside", move |path| {
            // Found among the workspaces: no path is built from a name.
            let known = workspaces(path)?.into_iter();
            let mut named = known.filter(|file| file.display().to_string() == key);
            let read = |file: PathBuf| disk::beginning(&file, bytes);
            let found = named.next().map(read).transpose()?.flatten();
            Ok(found.map(Into::into))
        })
        .await
    }

    /// The state file as it stands.
    pub async fn current(&self) -> Result<Option<Current>, Fault> {
        self.ask("read the state", |path| {
            let Some(bytes) = disk::read(path, STATE_LIMIT)? else {
                return Ok(None);
            };
            Ok(Some(Current {
                bytes: bytes.into(),
                version: Some(VersionId(name_of(path))),
                etag: None,
                modified: modified(path),
            }))
        })
        .await
    }

    /// The state file and the backups that Terraform left beside it, each under its file name.
    pub async fn versions(&self, limit: usize) -> Result<Versions, Fault> {
        self.ask("list the backups of", move |path| {
            let mut list = history(path)?;
            let more = list.len() > limit;
            list.truncate(limit);
            Ok(Versions {
                versioning: Versioning::Off,
                list,
                more,
                denied: None,
            })
        })
        .await
    }

    /// The bytes of the state file or of one of its backups.
    pub async fn body(&self, id: &VersionId) -> Result<Arc<[u8]>, Fault> {
        let id = id.0.clone();
        self.ask("read a backup of", move |path| {
            // Found among the names in the folder: no path is built from an id.
            let known = files(path)?.into_iter().find(|file| name_of(file) == id);
            let bytes = known
                .map(|file| disk::read(&file, STATE_LIMIT))
                .transpose()?;
            let bytes = bytes.flatten();
            Ok(bytes
                .ok_or_else(|| disk::wrong(format!("there is no {id} beside it")))?
                .into())
        })
        .await
    }

    /// What stands in the lock or the state now.
    pub async fn look(&self, item: &Item) -> Found {
        match item.slot {
            Slot::LocalLock => {
                let found = self.ask("read the lock of", lock_of).await?;
                Ok(found.as_ref().map(Seen::from))
            }
            Slot::StateFile => {
                let current = self.current().await?;
                Ok(current.map(|current| Seen {
                    content: Content::State(Mark::of(&current.bytes)),
                    etag: None,
                }))
            }
            Slot::State | Slot::LockObject | Slot::LockRow | Slot::DigestRow => Ok(None),
        }
    }

    /// Puts the state there, under its lock and if it still is what was seen. A
    /// release is always refused: a lock belongs to a running process, and only
    /// its end lets go of it.
    pub async fn write(&self, write: &Write, cargo: Option<&Cargo>) -> Answer {
        match (write.item.slot, &write.to, cargo) {
            (Slot::StateFile, Some(Content::State(_)), Some(cargo)) => self.put(write, cargo).await,
            (Slot::LocalLock, ..) => self.let_go(write).await,
            _ => Answer::Refused(Fault::new(
                "write",
                write.item.key.clone(),
                "a local state has no such item",
            )),
        }
    }

    async fn put(&self, write: &Write, Cargo(bytes): &Cargo) -> Answer {
        let seen = write.from.as_ref().and_then(|seen| match &seen.content {
            Content::State(mark) => Some(mark.clone()),
            Content::Lock(_) | Content::Digest(_) => None,
        });
        let (path, bytes) = (Arc::clone(&self.path), Arc::clone(bytes));
        let asking = Asking::new("write", self.path.display().to_string());
        let work = move || {
            let _alone = OPEN.write().unwrap_or_else(PoisonError::into_inner);
            overwrite::overwrite(&path, seen.as_ref(), &bytes)
        };
        match disk::ask(asking.clone(), work).await {
            Ok(Overwritten::Done) => Answer::Done { request_id: None },
            Ok(Overwritten::Changed) => Answer::ConditionFailed,
            Ok(Overwritten::Held) => Answer::Refused(
                asking
                    .fault("a process has locked it meanwhile")
                    .hint("tfsos locks names the process; end it with an interrupt"),
            ),
            Err(fault) => Answer::Unclear { cause: fault.cause },
        }
    }

    async fn let_go(&self, write: &Write) -> Answer {
        let subject = self.path.display().to_string();
        let holder = write.from.as_ref().and_then(|seen| {
            let seen = write.item.sighting(seen)?;
            Some(seen.holder()?.who)
        });
        let found = self.ask("test the lock of", blocker).await;
        let asking = Asking::new("release the lock of", subject);
        Answer::Refused(match found {
            Err(fault) => fault,
            Ok(None) => asking.fault("nothing holds it any more"),
            Ok(Some(process)) => {
                let by = match holder.as_deref() {
                    None | Some("") => process.to_string(),
                    Some(who) => format!("{process} of {who}"),
                };
                asking
                    .fault(format!("{by} holds it, and only its own end releases it"))
                    .hint(format!("end {process} with an interrupt, and look again"))
            }
        })
    }
}

/// The process that would block our write lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blocker {
    Process(i32),
    /// The system names no process: one on another machine of a network share.
    Elsewhere,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Process(id) => write!(f, "process {id}"),
            Self::Elsewhere => f.write_str("a process on another machine"),
        }
    }
}

fn blocker(path: &Path) -> io::Result<Option<Blocker>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(about) if !about.is_file() => return Err(disk::wrong("it is not a regular file")),
        Ok(_) => {}
    }
    let wanted = Flock::from(FlockType::WriteLock);
    let blocking = fcntl_getlk(File::open(path)?, &wanted)?;
    Ok(blocking.map(|lock| match lock.pid {
        Some(pid) => Blocker::Process(pid.as_raw_nonzero().get()),
        None => Blocker::Elsewhere,
    }))
}

fn lock_of(path: &Path) -> io::Result<Option<Sighting>> {
    if blocker(path)?.is_none() {
        return Ok(None);
    }
    let info = info_path(path);
    let bytes = disk::read(&info, INFO_LIMIT)?.unwrap_or_default();
    Ok(Some(Sighting {
        store: Store::Local,
        container: folder_of(path).display().to_string(),
        key: info.display().to_string(),
        body: Body::Bytes(bytes),
        etag: None,
        modified: modified(&info),
    }))
}

/// The state files of all workspaces: the default one and `terraform.tfstate.d/<name>/terraform.tfstate`.
fn workspaces(path: &Path) -> io::Result<Vec<PathBuf>> {
    let (named, file) = (Path::new("terraform.tfstate.d"), "terraform.tfstate");
    let folder = folder_of(path);
    let above = folder.parent().filter(|above| above.ends_with(named));
    let root = above.map_or(folder, folder_of);
    let mut states = vec![path.to_path_buf()];
    let entries = match fs::read_dir(root.join(named)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(states),
        entries => entries?,
    };
    for entry in entries.take(BACKUPS) {
        states.push(entry?.path().join(file));
    }
    states.push(root.join(file));
    states.sort_unstable();
    states.dedup();
    Ok(states)
}

/// `.terraform.tfstate.lock.info` beside the state; a leading dot of its name is not doubled.
fn info_path(path: &Path) -> PathBuf {
    let name = name_of(path);
    let name = name.strip_prefix('.').unwrap_or(&name);
    folder_of(path).join(format!(".{name}.lock.info"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn modified(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// The state file and its backups, as far as they are regular files.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let name = name_of(path);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder_of(path))? {
        let file = entry?.path();
        if found.len() < BACKUPS && belongs(&name_of(&file), &name) && file.is_file() {
            found.push(file);
        }
    }
    Ok(found)
}

/// Whether a file is a local state, or a backup that is part of its history.
pub fn is_of(file: &Path, state: &Path) -> bool {
    folder_of(file) == folder_of(state) && belongs(&name_of(file), &name_of(state))
}

/// Whether a file is the state, its `.backup`, or a `.<seconds>.backup` of it.
fn belongs(file: &str, state: &str) -> bool {
    let Some(rest) = file.strip_prefix(state) else {
        return false;
    };
    let Some(stamp) = rest.strip_suffix(".backup") else {
        return rest.is_empty();
    };
    let digits = stamp.strip_prefix('.').unwrap_or_default();
    stamp.is_empty() || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Newest first; the state itself leads, as a delete marker where it is gone but backups are not.
fn history(path: &Path) -> io::Result<Vec<Version>> {
    let name = name_of(path);
    let (current, mut backups): (Vec<_>, Vec<_>) = files(path)?
        .iter()
        .filter_map(|file| version(file))
        .partition(|version| version.id.0 == name);
    backups.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.id.cmp(&a.id)));
    let gone = backups.first().map(|newest| Version {
        id: VersionId(name),
        kind: Kind::DeleteMarker,
        modified: newest.modified,
        size: 0,
        etag: None,
    });
    let head = current.into_iter().next().or(gone);
    Ok(head.into_iter().chain(backups).collect())
}

fn version(file: &Path) -> Option<Version> {
    Some(Version {
        id: VersionId(name_of(file)),
        kind: Kind::Object,
        modified: modified(file)?,
        size: fs::metadata(file).ok()?.len(),
        etag: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> (tempfile::TempDir, Local) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let path = folder.path().join("terraform.tfstate");
        let local = Local::new(&place::Local { path });
        (folder, local)
    }

    fn ids(versions: &Versions) -> Vec<&str> {
        versions.list.iter().map(|one| one.id.0.as_str()).collect()
    }

    #[tokio::test]
    async fn an_info_file_without_a_lock_locks_nothing() {
        let (_folder, local) = folder_with(&["terraform.tfstate", ".terraform.tfstate.lock.info"]);
        assert_eq!(local.survey().await.held().count(), 0);
    }

    #[tokio::test]
    async fn a_state_that_was_never_written_is_neither_there_nor_locked() {
        let (_folder, local) = folder_with(&[]);
        assert_eq!(local.current().await.unwrap(), None);
        assert_eq!(local.survey().await.stores[0].found, Ok(None));
        assert!(local.versions(9).await.unwrap().list.is_empty());
    }

    #[tokio::test]
    async fn backups_are_the_history_and_other_files_are_not() {
        let (_folder, local) = folder_with(&[
            "terraform.tfstate",
            "terraform.tfstate.backup",
            "terraform.tfstate.1700000000.backup",
            "terraform.tfstate.old.backup",
            "other.tfstate",
        ]);
        let versions = local.versions(9).await.unwrap();
        assert_eq!(versions.list.len(), 3);
        assert_eq!(ids(&versions)[0], "terraform.tfstate");
        let backup = VersionId("terraform.tfstate.backup".into());
        assert_eq!(
            &*local.body(&backup).await.unwrap(),
            b"terraform.tfstate.backup"
        );
    }

    #[tokio::test]
    async fn a_version_id_never_leads_out_of_the_folder() {
        let (_folder, local) = folder_with(&["terraform.tfstate"]);
        for id in ["../terraform.tfstate", "/etc/hostname", "other.tfstate", ""] {
            assert!(local.body(&VersionId(id.into())).await.is_err(), "{id}");
        }
    }

    #[tokio::test]
    async fn a_state_that_is_gone_leads_its_backups_as_deleted() {
        let (_folder, local) = folder_with(&["terraform.tfstate.backup"]);
        let versions = local.versions(9).await.unwrap();
        assert_eq!(versions.list[0].kind, Kind::DeleteMarker);
        assert_eq!(versions.list.len(), 2);
    }

    #[test]
    fn every_workspace_of_the_directory_is_found_from_any_of_them() {
        let (folder, local) = folder_with(&["terraform.tfstate"]);
        let staging = folder.path().join("terraform.tfstate.d/staging");
        fs::create_dir_all(&staging).unwrap();
        let both = vec![local.path.to_path_buf(), staging.join("terraform.tfstate")];
        assert_eq!(workspaces(&both[0]).unwrap(), both);
        assert_eq!(workspaces(&both[1]).unwrap(), both);
    }

    #[test]
    fn a_leading_dot_is_not_doubled() {
        assert_eq!(
            info_path(Path::new("d/.hidden")),
            Path::new("d/.hidden.lock.info")
        );
        assert_eq!(
            info_path(Path::new("terraform.tfstate")),
            Path::new("./.terraform.tfstate.lock.info")
        );
    }
}
