//! Inputs that can't be read twice: standard input, FIFOs, and packed files.
//! What comes is kept in a file that has no name and only we can read, so that
//! windows and searches work as on any file. Past the cap it is read and
//! dropped: a full spool must not block the Terraform that writes into the pipe.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use crate::fault::Fault;
use crate::io::disk;
use crate::log::{Feed, Generation, Millis};

use super::gz::{Growing, Unpacked};
use super::reading::Reading;
use super::watch::{Presence, Watch};
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

/// A packed file to be unpacked.
#[derive(Debug)]
pub struct Packed<'a> {
    pub path: &'a Path,
    pub file: Arc<File>,
    pub generation: Generation,
    /// How much of its text is kept.
    pub cap: u64,
}

/// How the unpacking came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacking {
    /// All is told of that there is, or nobody listens any more.
    Ended,
    /// Another file stands at its path.
    Replaced,
    Shortened,
}

/// Unpacks a packed file and tells of it as of one that was there before. One
/// that is cut off is said to be so, and read on when it grows: it may be on
/// its way here.
pub fn unpack_file(following: &Following, packed: &Packed<'_>, watch: &mut Watch) -> Unpacking {
    let spool = Spool::new(following, packed.generation, packed.cap);
    let ended = spool.and_then(|mut spool| spool.unpack(packed, watch));
    if let Ok(changed @ (Unpacking::Replaced | Unpacking::Shortened)) = ended {
        return changed;
    }
    let subject = packed.path.display().to_string();
    tell_end(following, &subject, ended.map(|_| Listener::Listens));
    Unpacking::Ended
}

fn tell_end(following: &Following, subject: &str, ended: io::Result<Listener>) {
    if let Err(error) = ended {
        let fault = Fault::new("read log", subject, disk::cause(&error));
        following.tell(Feed::Faulted(fault));
    }
    following.tell(Feed::Ended);
}

fn fault(path: &Path, error: &io::Error) -> Fault {
    Fault::new("read log", path.display().to_string(), disk::cause(error))
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
    fn new(following: &'a Following, generation: Generation, cap: u64) -> io::Result<Self> {
        let file = Arc::new(nameless_file()?);
        following.shared.show(&file, generation);
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
        let spool = Self::new(following, Generation::default(), CAP)?;
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
            let mut listener = self.tell(self.length);
            if filled && listener == Listener::Listens {
                listener = self.following.tell(Feed::Full { cap: self.cap });
            }
            if listener == Listener::Gone {
                return Ok(Listener::Gone);
            }
        }
    }

    /// Takes in a packed file, as much at a time as a file is caught up with.
    fn unpack(&mut self, packed: &Packed<'_>, watch: &mut Watch) -> io::Result<Unpacking> {
        let mut input = Unpacked::new(Growing::new(&packed.file))?;
        let mut said = None;
        loop {
            let read = self.read(&mut input);
            let filled = match &read {
                Ok(read) => self.keep(*read, None)?,
                Err(_) => false,
            };
            let pauses = filled || !matches!(read, Ok(1..));
            if pauses || self.reading.is_full() {
                let length = self.expected(packed.file.metadata()?.len(), input.consumed());
                if self.tell(if pauses { self.length } else { length }) == Listener::Gone {
                    return Ok(Unpacking::Ended);
                }
            }
            match read {
                _ if filled => {
                    self.following.tell(Feed::Full { cap: self.cap });
                    return Ok(Unpacking::Ended);
                }
                Ok(0) => return Ok(Unpacking::Ended),
                Ok(_) => {}
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(_) if input.is_complete() => return Ok(Unpacking::Ended),
                Err(_) => {
                    if said.replace(self.length) != Some(self.length) {
                        let fault = fault(packed.path, &input.cut_off());
                        self.following.tell(Feed::Faulted(fault));
                    }
                    watch.sleep(Presence::Present);
                    if let Some(changed) = self.change(packed, input.consumed())? {
                        return Ok(changed);
                    }
                }
            }
        }
    }

    /// Whether a file of which so much was read is no longer what it was.
    fn change(&self, packed: &Packed<'_>, consumed: u64) -> io::Result<Option<Unpacking>> {
        if self.following.shared.stop.is_requested() {
            return Ok(Some(Unpacking::Ended));
        }
        let about = packed.file.metadata()?;
        if about.len() < consumed {
            return Ok(Some(Unpacking::Shortened));
        }
        let there = packed.path.metadata();
        let another =
            there.is_ok_and(|there| (there.dev(), there.ino()) != (about.dev(), about.ino()));
        Ok(another.then_some(Unpacking::Replaced))
    }

    /// Tells what was taken in of a text that is so long.
    fn tell(&mut self, length: u64) -> Listener {
        let mut news = self.reading.tell(length).into_iter();
        let gone = news.any(|feed| self.following.tell(feed) == Listener::Gone);
        if gone {
            Listener::Gone
        } else {
            Listener::Listens
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
