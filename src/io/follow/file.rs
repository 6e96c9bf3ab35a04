//! A regular file as it grows, shrinks, is rotated away, deleted and made
//! anew. What is read is the file that was opened, to its end, before the one
//! that took its name is opened.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;

use crate::fault::Fault;
use crate::io::disk;
use crate::log::{Feed, Generation, Millis, Restart};

use super::watch::{Presence, Watch};
use super::{Batch, CHUNK, Following, Listener, Shared, Tell, now};

/// How many of the last bytes read are compared before more is read after
/// them, so that a file overwritten with a longer one is not taken for grown.
const ANCHOR: usize = 64;

/// Follows a path until nobody listens.
pub fn follow_file(following: Following, path: PathBuf) {
    let mut watch = Watch::new(&path, following.waker, following.alarm);
    let mut tail = Tail {
        path,
        shared: following.shared,
        tell: following.tell,
        open: None,
        generation: Generation::default(),
        buffer: vec![0; CHUNK],
        reading: Reading::First,
        told: None,
    };
    while let Ok(presence) = tail.look() {
        watch.sleep(presence);
        if tail.shared.stop.is_requested() {
            return;
        }
    }
}

/// What is known of the file between two looks.
struct Tail {
    path: PathBuf,
    shared: Arc<Shared>,
    tell: Tell,
    open: Option<Open>,
    generation: Generation,
    buffer: Vec<u8>,
    reading: Reading,
    /// What was told last about a file that can't be read, so that it is told once.
    told: Option<Feed>,
}

/// Whether what is read was there before or is seen to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    First,
    Live,
}

/// Nobody listens any more.
struct Gone;

/// The open file and how far it is read.
struct Open {
    file: Arc<File>,
    identity: Identity,
    offset: u64,
    /// The last bytes before the offset.
    anchor: Vec<u8>,
}

/// What tells a file from another one under the same name.
type Identity = (u64, u64);

/// What stands at the path.
enum Found {
    TheOpenFile,
    Another(File, Identity),
    Nothing,
}

impl Tail {
    /// Reads what has come, and goes on with the file that is at the path now.
    fn look(&mut self) -> Result<Presence, Gone> {
        loop {
            if let Err(error) = self.read_on()? {
                self.fault(&error)?;
                return Ok(Presence::Missing);
            }
            match self.find() {
                Ok(Found::TheOpenFile) => {
                    self.catch_up()?;
                    return Ok(Presence::Present);
                }
                Ok(Found::Another(file, identity)) => self.begin(file, identity)?,
                Ok(Found::Nothing) => {
                    self.miss()?;
                    return Ok(Presence::Missing);
                }
                Err(error) => {
                    self.fault(&error)?;
                    return Ok(Presence::Missing);
                }
            }
        }
    }

    fn find(&self) -> io::Result<Found> {
        let about = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            other => other?,
        };
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !about.is_file() {
            return Err(io::Error::other("it is neither a file nor a pipe"));
        }
        let vanished = self.told == Some(Feed::Vanished);
        let same = |open: &Open| open.identity == (about.dev(), about.ino());
        if !vanished && self.open.as_ref().is_some_and(same) {
            return Ok(Found::TheOpenFile);
        }
        let file = File::open(&self.path)?;
        let about = file.metadata()?;
        Ok(Found::Another(file, (about.dev(), about.ino())))
    }

    /// Turns to a file that was not open before.
    fn begin(&mut self, file: File, identity: Identity) -> Result<(), Gone> {
        let vanished = self.told.take() == Some(Feed::Vanished);
        let before = self.open.replace(Open {
            file: Arc::new(file),
            identity,
            offset: 0,
            anchor: Vec::new(),
        });
        if before.is_none() {
            self.show();
            return Ok(());
        }
        self.restart(if vanished {
            Restart::Returned
        } else {
            Restart::Replaced
        })
    }

    /// Reads the open file from its start as one of a new generation.
    fn restart(&mut self, restart: Restart) -> Result<(), Gone> {
        self.generation.0 += 1;
        if let Some(open) = &mut self.open {
            open.offset = 0;
            open.anchor.clear();
        }
        self.show();
        self.tell(Feed::Restarted(restart, self.generation))
    }

    fn show(&self) {
        if let Some(open) = &self.open {
            self.shared.show(&open.file, self.generation);
        }
    }

    /// Reads the open file to its end. The outer error is that nobody listens,
    /// the inner that the file can't be read.
    fn read_on(&mut self) -> Result<io::Result<()>, Gone> {
        match self.open.as_ref().map(Open::judge).transpose() {
            Err(error) => return Ok(Err(error)),
            Ok(Some(Some(restart))) => self.restart(restart)?,
            Ok(_) => {}
        }
        let mut batch = Batch::default();
        let outcome = loop {
            let Some(open) = &mut self.open else {
                break Ok(());
            };
            match open.read(&mut self.buffer) {
                Ok(0) => break Ok(()),
                Ok(read) => batch.add(&self.buffer[..read]),
                Err(error) => break Err(error),
            }
            if batch.is_full() {
                self.flush(&mut batch)?;
            }
        };
        self.flush(&mut batch)?;
        Ok(outcome)
    }

    fn flush(&mut self, batch: &mut Batch) -> Result<(), Gone> {
        let length = self.open.as_ref().map_or(0, Open::length);
        let arrived: Option<Millis> = (self.reading == Reading::Live).then(now);
        match batch.take(length, arrived) {
            Some(feed) => self.tell(feed),
            None => Ok(()),
        }
    }

    fn catch_up(&mut self) -> Result<(), Gone> {
        self.told = None;
        if self.reading == Reading::Live {
            return Ok(());
        }
        self.reading = Reading::Live;
        self.tell(Feed::CaughtUp)
    }

    fn miss(&mut self) -> Result<(), Gone> {
        let feed = match self.open {
            Some(_) => Feed::Vanished,
            None => Feed::Absent,
        };
        self.tell_once(feed)
    }

    fn fault(&mut self, error: &io::Error) -> Result<(), Gone> {
        let subject = self.path.display().to_string();
        self.tell_once(Feed::Faulted(Fault::new(
            "read log",
            subject,
            disk::cause(error),
        )))
    }

    fn tell_once(&mut self, feed: Feed) -> Result<(), Gone> {
        if self.told.as_ref() == Some(&feed) {
            return Ok(());
        }
        self.told = Some(feed.clone());
        self.tell(feed)
    }

    fn tell(&self, feed: Feed) -> Result<(), Gone> {
        if self.shared.stop.is_requested() || (self.tell)(feed) == Listener::Gone {
            return Err(Gone);
        }
        Ok(())
    }
}

impl Open {
    /// Whether what was read still stands in the file.
    fn judge(&self) -> io::Result<Option<Restart>> {
        if self.file.metadata()?.len() < self.offset {
            return Ok(Some(Restart::Truncated));
        }
        let mut there = [0; ANCHOR];
        let there = &mut there[..self.anchor.len()];
        let at = self.offset - there.len() as u64;
        match self.file.read_exact_at(there, at) {
            // It became shorter between the two questions.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Ok(Some(Restart::Truncated))
            }
            Err(error) => Err(error),
            Ok(()) => Ok((*there != *self.anchor).then_some(Restart::Rewritten)),
        }
    }

    fn length(&self) -> u64 {
        let length = self.file.metadata().map_or(0, |about| about.len());
        length.max(self.offset)
    }

    /// The next bytes; 0 at the end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            match self.file.read_at(buffer, self.offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.offset += read as u64;
        self.anchor
            .extend(&buffer[read.saturating_sub(ANCHOR)..read]);
        self.anchor
            .drain(..self.anchor.len().saturating_sub(ANCHOR));
        Ok(read)
    }
}
