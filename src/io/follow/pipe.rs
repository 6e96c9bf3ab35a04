//! Inputs that can't be read twice: standard input and FIFOs. What comes is
//! kept in a file that has no name and only we can read, so that windows and
//! searches work as on any file. Past the cap it is read and dropped: a full
//! spool must not block the Terraform that writes into the pipe.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use crate::fault::Fault;
use crate::io::disk;
use crate::log::{Feed, Generation};

use super::{Batch, CHUNK, Following, Listener, now};

/// How much of an input is kept.
pub const CAP: u64 = 2 * 1024 * 1024 * 1024;

/// Follows an input until it ends.
pub fn follow_input(following: &Following, input: impl Read) {
    let ended = spool(following).and_then(|mut spool| spool.take_in(following, input));
    tell_end(following, "standard input", ended);
}

/// Follows a FIFO from writer to writer: its end only means that the one at
/// hand has closed it. Opening it waits for the first.
pub fn follow_fifo(following: &Following, path: &Path) {
    let ended = spool(following).and_then(|mut spool| {
        let mut listener = Listener::Listens;
        while listener == Listener::Listens {
            listener = spool.take_in(following, File::open(path)?)?;
        }
        Ok(listener)
    });
    tell_end(following, &path.display().to_string(), ended);
}

fn tell_end(following: &Following, subject: &str, ended: io::Result<Listener>) {
    if let Err(error) = ended {
        let fault = Fault::new("read log", subject, disk::cause(&error));
        following.tell(Feed::Faulted(fault));
    }
    following.tell(Feed::Ended);
}

fn spool(following: &Following) -> io::Result<Spool> {
    let file = Arc::new(nameless_file()?);
    following.shared.show(&file, Generation::default());
    // There is nothing to catch up with: all that comes is news.
    following.tell(Feed::CaughtUp);
    Ok(Spool {
        file,
        length: 0,
        cap: CAP,
        buffer: vec![0; CHUNK],
    })
}

/// A file that nobody else can open and that is gone when we are.
fn nameless_file() -> io::Result<File> {
    let name = RandomState::new().hash_one(std::process::id());
    let path = std::env::temp_dir().join(format!("tfsos-spool-{name:016x}"));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// What was taken in so far.
struct Spool {
    file: Arc<File>,
    length: u64,
    cap: u64,
    buffer: Vec<u8>,
}

impl Spool {
    /// Takes in all of an input, and says whether somebody still listens.
    fn take_in(&mut self, following: &Following, mut input: impl Read) -> io::Result<Listener> {
        loop {
            let read = match input.read(&mut self.buffer) {
                Ok(0) => return Ok(Listener::Listens),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if self.keep(following, read)? == Listener::Gone {
                return Ok(Listener::Gone);
            }
        }
    }

    fn keep(&mut self, following: &Following, read: usize) -> io::Result<Listener> {
        let room = self.cap - self.length;
        let kept = &self.buffer[..read.min(usize::try_from(room).unwrap_or(usize::MAX))];
        self.file.write_all_at(kept, self.length)?;
        self.length += kept.len() as u64;
        let mut batch = Batch::default();
        if !kept.is_empty() {
            batch.add(kept);
        }
        let mut listener = Listener::Listens;
        if let Some(feed) = batch.take(self.length, Some(now())) {
            listener = following.tell(feed);
        }
        if room > 0 && self.length == self.cap {
            listener = following.tell(Feed::Full { cap: self.cap });
        }
        Ok(listener)
    }
}
