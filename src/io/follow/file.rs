//! A path whose file grows, shrinks, is rotated away, deleted and made anew.
//! What is read is the file that was opened, to its end, before the one that
//! took its name is opened. What stands there may turn out to be packed, or a
//! FIFO, whenever it appears.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;

use crate::fault::Fault;
use crate::io::disk;
use crate::log::{Feed, Generation, Restart};

use super::bulk::{self, Bulk};
use super::gz::{self, Start};
use super::long::Long;
use super::pipe::{self, Packed, Unpacking};
use super::reading::Reading;
use super::watch::{Presence, Watch};
use super::{CHUNK, Following, Listener, now};

/// How many of the last bytes read are compared before more is read after
/// them, so that a file overwritten with a longer one is not taken for grown.
const ANCHOR: usize = 64;

/// From so many bytes on a read is shared among the processors.
const MUCH: u64 = 4 * 1024 * 1024;

/// Follows a path until nobody listens, or until what stands there has ended.
pub fn follow_path(following: &Following, path: PathBuf, mut watch: Watch) {
    let mut tail = Tail {
        path,
        following,
        open: None,
        generation: Generation::default(),
        buffer: vec![0; CHUNK],
        reading: Reading::default(),
        phase: Phase::First,
        told: None,
    };
    while let Ok(look) = tail.look() {
        match look {
            Look::Sleep(presence) => watch.sleep(presence),
            Look::Pipe => return pipe::follow_fifo(following, &tail.path),
            Look::Packed(file) => {
                if tail.unpack(file, &mut watch).is_err() {
                    return;
                }
            }
        }
        if following.shared.stop.is_requested() {
            return;
        }
    }
}

/// What a look at the path leads to.
enum Look {
    /// All is read; more may come.
    Sleep(Presence),
    /// The open file is packed.
    Packed(Arc<File>),
    Pipe,
}

/// What is known of the file between two looks.
struct Tail<'a> {
    path: PathBuf,
    following: &'a Following,
    open: Option<Open>,
    generation: Generation,
    buffer: Vec<u8>,
    /// What is read of the open file.
    reading: Reading,
    phase: Phase,
    /// What was told last about a file that can't be read, so that it is told once.
    told: Option<Feed>,
}

/// Whether what is read was there before or is seen to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    First,
    Live,
}

/// Nobody listens any more.
pub struct Gone;

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
    Pipe,
    Nothing,
}

impl Tail<'_> {
    /// Reads what has come, and goes on with the file that is at the path now.
    fn look(&mut self) -> Result<Look, Gone> {
        loop {
            let start = match self.read_on()? {
                Ok(start) => start,
                Err(error) => {
                    self.fault(&error)?;
                    return Ok(Look::Sleep(Presence::Missing));
                }
            };
            match self.find() {
                Ok(Found::TheOpenFile) => {
                    let file = self.open.as_ref().map(|open| Arc::clone(&open.file));
                    if let Some(file) = file.filter(|_| start == Start::Packed) {
                        return Ok(Look::Packed(file));
                    }
                    self.catch_up()?;
                    return Ok(Look::Sleep(Presence::Present));
                }
                Ok(Found::Another(file, identity)) => self.begin(file, identity)?,
                Ok(Found::Pipe) => return Ok(Look::Pipe),
                Ok(Found::Nothing) => {
                    self.miss()?;
                    return Ok(Look::Sleep(Presence::Missing));
                }
                Err(error) => {
                    self.fault(&error)?;
                    return Ok(Look::Sleep(Presence::Missing));
                }
            }
        }
    }

    /// Unpacks the open file to its end, or until it is no longer what it was.
    fn unpack(&mut self, file: Arc<File>, watch: &mut Watch) -> Result<(), Gone> {
        self.told = None;
        let packed = Packed {
            path: &self.path,
            file,
            generation: self.generation,
            cap: pipe::CAP,
        };
        match pipe::unpack_file(self.following, &packed, watch) {
            Unpacking::Ended => Err(Gone),
            Unpacking::Replaced => Ok(()),
            Unpacking::Shortened => self.restart(Restart::Truncated),
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
        if about.file_type().is_fifo() {
            return Ok(Found::Pipe);
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
        self.reading = Reading::default();
        if let Some(open) = &mut self.open {
            open.offset = 0;
            open.anchor.clear();
        }
        self.show();
        self.tell(Feed::Restarted(restart, self.generation))
    }

    fn show(&self) {
        if let Some(open) = &self.open {
            self.following.shared.show(&open.file, self.generation);
        }
    }

    /// Reads the open file to its end, unless it is packed, and says how it
    /// begins. The outer error is that nobody listens, the inner that the file
    /// can't be read.
    fn read_on(&mut self) -> Result<io::Result<Start>, Gone> {
        match self.open.as_ref().map(Open::judge).transpose() {
            Err(error) => return Ok(Err(error)),
            Ok(Some(Some(restart))) => self.restart(restart)?,
            Ok(_) => {}
        }
        match self.open.as_ref().map(Open::start).transpose() {
            Ok(None | Some(Start::Text)) => {}
            Ok(Some(start)) => return Ok(Ok(start)),
            Err(error) => return Ok(Err(error)),
        }
        let outcome = loop {
            if let Err(error) = self.read_much()? {
                break Err(error);
            }
            let Some(open) = &mut self.open else {
                break Ok(Start::Text);
            };
            match open.read(&mut self.buffer) {
                Ok(0) => break Ok(Start::Text),
                Ok(read) => {
                    let arrived = (self.phase == Phase::Live).then(now);
                    self.reading.take(&self.buffer[..read], arrived);
                }
                Err(error) => break Err(error),
            }
            if self.reading.is_full() {
                self.flush()?;
            }
        };
        self.flush()?;
        Ok(outcome)
    }

    /// Reads what is there on all processors, if that is much. Where nothing
    /// is read yet the end is told of before.
    fn read_much(&mut self) -> Result<io::Result<()>, Gone> {
        let Some(open) = &self.open else {
            return Ok(Ok(()));
        };
        let (start, length) = (open.offset, open.length());
        if length - start < MUCH {
            return Ok(Ok(()));
        }
        let file = Arc::clone(&open.file);
        let arrived = (self.phase == Phase::Live).then(now);
        let long = Long::new(self.following, &file, start..length, arrived);
        let ended = long.read(&mut self.reading)?;
        let read = self.reading.index().length();
        if let Some(open) = &mut self.open {
            open.jump(read);
        }
        match ended {
            Ok(Bulk::Stopped) => Err(Gone),
            // How much shorter is seen at the next look.
            Ok(Bulk::Done | Bulk::Short) => Ok(Ok(())),
            Err(error) => Ok(Err(error)),
        }
    }

    fn flush(&mut self) -> Result<(), Gone> {
        let length = self.open.as_ref().map_or(0, Open::length);
        let news = self.reading.tell(length);
        news.into_iter().try_for_each(|feed| self.tell(feed))
    }

    fn catch_up(&mut self) -> Result<(), Gone> {
        self.told = None;
        if self.phase == Phase::Live {
            return Ok(());
        }
        self.phase = Phase::Live;
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
        match self.following.tell(feed) {
            Listener::Listens => Ok(()),
            Listener::Gone => Err(Gone),
        }
    }
}

impl Open {
    /// Goes on at this offset.
    fn jump(&mut self, offset: u64) {
        let start = offset.saturating_sub(ANCHOR as u64);
        self.anchor.resize((offset - start) as usize, 0);
        let read = bulk::read_full(&self.file, &mut self.anchor, start).unwrap_or(0);
        // What can't be read again is no anchor; the next read says why.
        self.anchor.truncate(if offset - start == read as u64 {
            read
        } else {
            0
        });
        self.offset = offset;
    }

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

    /// How the file begins; what is read of already is text.
    fn start(&self) -> io::Result<Start> {
        if self.offset > 0 {
            return Ok(Start::Text);
        }
        gz::start(&self.file)
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
