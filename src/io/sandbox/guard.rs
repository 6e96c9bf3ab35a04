//! The file lock that makes one half of a sandbox atomic between processes:
//! an advisory lock on its file `guard`.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::io::disk;

/// Held while this value lives.
#[derive(Debug)]
pub struct Guard {
    _file: File,
}

/// Waits for the guard of one half of a sandbox, for a bounded time.
pub fn take(folder: &Path) -> io::Result<Guard> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("guard"))?;
    disk::hold(&file)?;
    Ok(Guard { _file: file })
}
