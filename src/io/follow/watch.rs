//! Sleeping until a file may have changed. The system's events for its folder
//! are what wakes; only where none can come (a network share, a folder that
//! is not there, no watch to be had) is it looked at once a second.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// How often a file is looked at where no event can come.
const POLL: Duration = Duration::from_secs(1);

/// The least time between two looks, so that a busy writer does not make one
/// piece of news of every line.
const PACE: Duration = Duration::from_millis(20);

/// Wakes a sleeping thread; a second wake before it woke is the same one.
#[derive(Debug, Clone)]
pub struct Waker(SyncSender<()>);

impl Waker {
    pub fn wake(&self) {
        // Full: it is awake already. Closed: nobody sleeps any more.
        let _ = self.0.try_send(());
    }
}

/// Where a thread sleeps.
#[derive(Debug)]
pub struct Alarm(Receiver<()>);

/// A waker and where it wakes.
pub fn alarm() -> (Waker, Alarm) {
    let (sender, receiver) = sync_channel(1);
    (Waker(sender), Alarm(receiver))
}

/// Whether the file is where it was when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Present,
    Missing,
}

/// The watch over one path.
pub struct Watch {
    path: PathBuf,
    waker: Waker,
    alarm: Alarm,
    watcher: Option<RecommendedWatcher>,
    looked: Instant,
}

impl Watch {
    /// Begins to watch; from now on no change is missed.
    pub fn new(path: &Path, waker: Waker, alarm: Alarm) -> Self {
        let mut watch = Self {
            path: path.to_owned(),
            waker,
            alarm,
            watcher: None,
            looked: Instant::now(),
        };
        watch.renew();
        watch
    }

    /// Watches anew: the folder may have been made, or be another one.
    pub fn renew(&mut self) {
        self.watcher = watcher(&self.path, &self.waker).ok();
    }

    /// Sleeps until the file may have changed or the waker woke.
    pub fn sleep(&mut self, presence: Presence) {
        let timeout = match (&self.watcher, presence) {
            (Some(_), Presence::Present) => None,
            _ => Some(POLL),
        };
        let woken = match timeout {
            None => self
                .alarm
                .0
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            Some(timeout) => self.alarm.0.recv_timeout(timeout),
        };
        if woken.is_ok() {
            std::thread::sleep(PACE.saturating_sub(self.looked.elapsed()));
        }
        if presence == Presence::Missing {
            self.renew();
        }
        self.looked = Instant::now();
    }
}

/// Watches the folders of the path and of what it links to, so that the file's
/// deletion, its return and its replacement are seen.
fn watcher(path: &Path, waker: &Waker) -> notify::Result<RecommendedWatcher> {
    let mut paths = vec![std::path::absolute(path)?];
    paths.extend(path.canonicalize().ok().filter(|real| *real != paths[0]));
    let folders: Vec<PathBuf> = paths
        .iter()
        .filter_map(|path| path.parent().map(Path::to_owned))
        .collect();
    if folders.iter().any(|folder| !tells(folder)) {
        return Err(notify::Error::generic(
            "no events come from a network share",
        ));
    }
    let names: Vec<_> = paths
        .iter()
        .filter_map(|path| path.file_name().map(std::ffi::OsStr::to_owned))
        .collect();
    let waker = waker.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let meant = event.map_or(true, |event| {
            let ours = |path: &PathBuf| {
                path.file_name()
                    .is_some_and(|name| names.iter().any(|n| n == name))
            };
            // Our own reading is an access; to wake for it would never end.
            !matches!(event.kind, EventKind::Access(_))
                && (event.paths.is_empty()
                    || event.paths.iter().any(ours)
                    || removes_a_folder(&event))
        });
        if meant {
            waker.wake();
        }
    })?;
    for folder in folders {
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

fn removes_a_folder(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::Remove(notify::event::RemoveKind::Folder | notify::event::RemoveKind::Any)
    )
}

/// Whether the system tells of every change in a folder: a share's other
/// clients write without our kernel's knowledge.
#[cfg(target_os = "linux")]
fn tells(folder: &Path) -> bool {
    /// NFS, SMB, CIFS, SMB2, FUSE, 9P, Ceph, AFS.
    const SHARES: [u32; 8] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x0102_1997,
        0x00c3_6400,
        0x5346_414f,
    ];
    rustix::fs::statfs(folder).is_ok_and(|about| !SHARES.contains(&(about.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn tells(folder: &Path) -> bool {
    folder.is_dir()
}
