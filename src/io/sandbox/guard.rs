//! The file lock that makes a sandbox's writes atomic between processes. It
//! is an advisory `flock` on `guard`, given back by the system when its holder
//! dies, and it is waited for only so long.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(5);
const TRIES: u32 = 2000;

/// Held while this value lives.
#[derive(Debug)]
pub struct Guard {
    _file: File,
}

/// Waits for the guard of one half of a sandbox, at most ten seconds.
pub fn take(folder: &Path) -> io::Result<Guard> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("guard"))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Guard { _file: file }),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::TimedOut,
        "another process has held the sandbox for ten seconds",
    ))
}
