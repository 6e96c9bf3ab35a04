//! Inputs that can't be read twice: standard input, FIFOs, and packed files.
//! What comes is kept in a file that has no name and only we can read, so that
//! windows and searches work as on any file. Past the cap it is read and
//! dropped: a full spool must not block the Terraform that writes into the pipe.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use crate::fault::Fault;
use crate::io::disk;
use crate::log::{Feed, Generation, Millis};

use super::gz::Unpacked;
use super::reading::Reading;
use super::{CHUNK, Following, Listener, now};

/// How much of an input is kept.
pub const CAP: u64 = 2 * 1024 * 1024 * 1024;

/// Follows an input until it ends. It may be packed.
pub fn follow_input(following: &Following, input: impl Read) {
    let ended = Spool::live(following).and_then(|mut spool| spool.take_in(Unpacked::new(input)?));
    tell_end(following, "standard input", ended);
}

/// Follows a FIFO from writer to writer: its end only means that the one at
/// hand has closed it. Opening it waits for the first.
pub fn follow_fifo(following: &Following, path: &Path) {
    let ended = Spool::live(following).and_then(|mut spool| {
        let mut listener = Listener::Listens;
        while listener == Listener::Listens {
            listener = spool.take_in(File::open(path)?)?;
        }
        Ok(listener)
    });
    tell_end(following, &path.display().to_string(), ended);
}

/// Unpacks a packed file and tells of it as of one that was there before.
pub fn unpack_file(following: &Following, path: &Path, file: File) {
    unpack(following, path, file, CAP);
}

/// The same with a cap of its own.
pub fn unpack(following: &Following, path: &Path, file: File, cap: u64) {
    let ended = Spool::new(following, cap).and_then(|mut spool| spool.unpack(file));
    tell_end(following, &path.display().to_string(), ended);
}

fn tell_end(following: &Following, subject: &str, ended: io::Result<Listener>) {
    if let Err(error) = ended {
        let fault = Fault::new("read log", subject, disk::cause(&error));
        following.tell(Feed::Faulted(fault));
    }
    following.tell(Feed::Ended);
}

/// A file that nobody else can open and that is gone when we are.
pub fn nameless_file() -> io::Result<File> {
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
struct Spool<'a> {
    following: &'a Following,
    file: Arc<File>,
    length: u64,
    cap: u64,
    buffer: Vec<u8>,
    reading: Reading,
}

impl<'a> Spool<'a> {
    fn new(following: &'a Following, cap: u64) -> io::Result<Self> {
        let file = Arc::new(nameless_file()?);
        following.shared.show(&file, Generation::default());
        Ok(Self {
            following,
            file,
            length: 0,
            cap,
            buffer: vec![0; CHUNK],
            reading: Reading::default(),
        })
    }

    /// For an input of which there is nothing to catch up with: all that comes is news.
    fn live(following: &'a Following) -> io::Result<Self> {
        let spool = Self::new(following, CAP)?;
        following.tell(Feed::CaughtUp);
        Ok(spool)
    }

    /// Takes in all of an input as it comes, and says whether somebody still listens.
    fn take_in(&mut self, mut input: impl Read) -> io::Result<Listener> {
        loop {
            let read = self.read(&mut input)?;
            if read == 0 {
                return Ok(Listener::Listens);
            }
            let filled = self.keep(read, Some(now()))?;
            let feed = self.reading.tell(self.length);
            let full = filled.then_some(Feed::Full { cap: self.cap });
            for feed in feed.into_iter().chain(full) {
                if self.following.tell(feed) == Listener::Gone {
                    return Ok(Listener::Gone);
                }
            }
        }
    }

    /// Takes in a packed file, as much at a time as a file is caught up with.
    fn unpack(&mut self, file: File) -> io::Result<Listener> {
        let packed = file.metadata()?.len();
        let mut input = Unpacked::new(file)?;
        loop {
            let read = self.read(&mut input);
            let filled = match &read {
                Ok(read) => self.keep(*read, None)?,
                Err(_) => false,
            };
            let ends = filled || !matches!(read, Ok(1..));
            if ends || self.reading.is_full() {
                let length = self.expected(packed, input.consumed());
                for feed in self.reading.tell(if ends { self.length } else { length }) {
                    if self.following.tell(feed) == Listener::Gone {
                        return Ok(Listener::Gone);
                    }
                }
            }
            if filled {
                return Ok(self.following.tell(Feed::Full { cap: self.cap }));
            }
            if read? == 0 {
                return Ok(Listener::Listens);
            }
        }
    }

    /// How long the text will be if the rest of it is packed as densely.
    fn expected(&self, packed: u64, consumed: u64) -> u64 {
        let rest = packed.saturating_sub(consumed) as f64;
        let density = self.length as f64 / consumed.max(1) as f64;
        self.length + (rest * density) as u64
    }

    fn read(&mut self, input: &mut impl Read) -> io::Result<usize> {
        loop {
            match input.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Keeps what was read as far as there is room, and says whether that filled it.
    fn keep(&mut self, read: usize, arrived: Option<Millis>) -> io::Result<bool> {
        let room = self.cap - self.length;
        let kept = &self.buffer[..read.min(usize::try_from(room).unwrap_or(usize::MAX))];
        if kept.is_empty() {
            return Ok(false);
        }
        self.file.write_all_at(kept, self.length)?;
        self.length += kept.len() as u64;
        self.reading.take(kept, arrived);
        Ok(self.length == self.cap)
    }
}
