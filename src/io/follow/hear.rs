//! A log heard to its end, for an answer and not for a screen. What can't be
//! read twice is kept in a file without a name while it is heard, so that the
//! records of the account can be shown afterwards.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::bulk::{Beside, Bulk, Next, Plan};
use super::gz::Unpacked;
use super::reading::Reading;
use super::{CHUNK, Stop, pipe};
use crate::fault::Fault;
use crate::io::disk;
use crate::log::{At, Heard, Hearing, Input, Raw};

/// How much of a text is looked at for the lines before a record.
const REACH: usize = 64 * 1024;

/// A log that was heard.
#[derive(Debug)]
pub struct HeardLog {
    pub name: String,
    pub heard: Heard,
    /// Where its text can be read again; none of what does not fit into the spool.
    text: File,
    /// Why it was not heard to its end, where it was not.
    pub broken_off: Option<Fault>,
    /// How many bytes are free beside it, and how many it has; none for what is no file.
    pub room: Option<Room>,
}

/// The room on a log's file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub length: u64,
    pub free: u64,
}

/// Hears an input to its end. A part that could be heard is an answer, too.
pub fn hear(input: &Input) -> Result<HeardLog, Fault> {
    let name = input.full_name();
    let fault = |error: &io::Error| Fault::new("read log", &name, disk::cause(error));
    match input {
        Input::StandardInput => spooled(&name, io::stdin().lock()),
        Input::Path(path) => {
            let file = File::open(path).map_err(|error| fault(&error))?;
            let about = file.metadata().map_err(|error| fault(&error))?;
            if about.is_dir() {
                let folder = fault(&io::Error::from(io::ErrorKind::IsADirectory));
                return Err(folder.hint("name a log file in it"));
            }
            let packed = super::gz::is_packed(path);
            if packed || !about.is_file() {
                return spooled(&name, file);
            }
            let text = file.try_clone().map_err(|error| fault(&error))?;
            let room = room(path, about.len());
            let listened = listen_to_all(&name, &file, about.len());
            Ok(HeardLog {
                room,
                ..listened.kept_in(name, text)
            })
        }
    }
}

/// Hears what can be read once only.
fn spooled(name: &str, input: impl Read) -> Result<HeardLog, Fault> {
    let spool = pipe::nameless_file().and_then(|file| Ok((file.try_clone()?, file)));
    let (copy, text) = spool.map_err(|error| {
        Fault::new("keep", name, disk::cause(&error))
            .hint("TMPDIR names the folder where it is kept")
    })?;
    let unpacked = Unpacked::new(input);
    let unpacked = unpacked.map_err(|error| Fault::new("read log", name, disk::cause(&error)))?;
    let heard = listen(
        name,
        Unread {
            input: unpacked,
            spool: Some(copy),
        },
    );
    Ok(heard.kept_in(name.to_owned(), text))
}

/// An input, and where its bytes are to be kept.
struct Unread<R> {
    input: R,
    spool: Option<File>,
}

struct Listened {
    heard: Heard,
    broken_off: Option<Fault>,
}

impl Listened {
    fn kept_in(self, name: String, text: File) -> HeardLog {
        HeardLog {
            name,
            heard: self.heard,
            text,
            broken_off: self.broken_off,
            room: None,
        }
    }
}

/// Hears a file on all processors. What comes to it meanwhile is not heard.
fn listen_to_all(name: &str, file: &File, length: u64) -> Listened {
    let mut reading = Reading::default();
    let plan = Plan {
        file,
        range: 0..length,
        overlap: 0,
        stop: &Stop::default(),
        beside: Beside::Nothing,
    };
    let ended = reading.take_all(&plan, None, |_| Next::GoOn);
    let fault = |cause: String| Fault::new("read log", name, cause);
    let broken_off = match ended {
        Ok(Bulk::Done) => None,
        Ok(Bulk::Short | Bulk::Stopped) => {
            Some(fault("it became shorter while it was read".to_owned()))
        }
        Err(error) => Some(fault(disk::cause(&error))),
    };
    Listened {
        heard: reading.heard(),
        broken_off,
    }
}

fn listen(name: &str, mut unread: Unread<impl Read>) -> Listened {
    let mut hearing = Hearing::default();
    let mut buffer = vec![0; CHUNK];
    let mut kept = 0;
    let broken_off = loop {
        let read = match unread.input.read(&mut buffer) {
            Ok(0) => break None,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(Fault::new("read log", name, disk::cause(&error))),
        };
        hearing.feed(&buffer[..read]);
        if let Some(spool) = &unread.spool {
            // Past the cap all is still heard; only what lies beyond it can't be shown.
            let room = usize::try_from(pipe::CAP - kept).unwrap_or(usize::MAX);
            let part = &buffer[..read.min(room)];
            if let Err(error) = spool.write_all_at(part, kept) {
                break Some(Fault::new("keep", name, disk::cause(&error)));
            }
            kept += part.len() as u64;
        }
    };
    Listened {
        heard: hearing.finish(),
        broken_off,
    }
}

fn room(path: &Path, length: u64) -> Option<Room> {
    let about = rustix::fs::statvfs(path).ok()?;
    Some(Room {
        length,
        free: about.f_bavail.saturating_mul(about.f_frsize),
    })
}

impl HeardLog {
    /// The first bytes of a record, and of what follows it: empty where they can't be read again.
    pub fn from(&self, at: At) -> Vec<u8> {
        self.much_from(at, Raw::CAP)
    }

    /// The same up to so many bytes.
    pub fn much_from(&self, at: At, most: usize) -> Vec<u8> {
        self.read(at.offset, most)
    }

    /// At most so many whole lines before a record.
    pub fn lines_before(&self, at: At, count: usize) -> Vec<Vec<u8>> {
        let start = at.offset.saturating_sub(REACH as u64);
        let text = self.read(start, (at.offset - start) as usize);
        let Some(text) = text.strip_suffix(b"\n") else {
            return Vec::new();
        };
        let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
        // The first one is cut off unless the text begins with it.
        let whole = if start == 0 { &lines[..] } else { &lines[1..] };
        let first = whole.len().saturating_sub(count);
        whole[first..].iter().map(|line| line.to_vec()).collect()
    }

    fn read(&self, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self
                .text
                .read_at(&mut bytes[filled..], offset + filled as u64)
            {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        bytes.truncate(filled);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::TempDir;

    use super::*;
    use crate::io::follow::gz::tests::packed;
    use crate::log::Category;

    const TEXT: &str =
        "one\ntwo\nthree\n2026-11-22T11:52:08.653Z [WARN]  state MD5 mismatch\n more\n";

    fn written(bytes: &[u8]) -> (TempDir, Input) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tf.log");
        File::create(&path).unwrap().write_all(bytes).unwrap();
        (folder, Input::Path(path))
    }

    #[test]
    fn a_file_and_a_packed_one_come_to_the_same_and_can_be_shown() {
        let mut accounts = Vec::new();
        for bytes in [TEXT.as_bytes().to_vec(), packed(TEXT.as_bytes())] {
            let (_folder, input) = written(&bytes);
            let log = hear(&input).unwrap();
            let at = log.heard.account.tally(Category::Digest).examples[0];
            assert!(log.from(at).starts_with(b"2026-11-22T11:52:08.653Z [WARN]"));
            assert_eq!(
                log.lines_before(at, 2),
                [b"two".to_vec(), b"three".to_vec()]
            );
            assert_eq!(log.lines_before(at, 9).len(), 3);
            assert_eq!(log.broken_off, None);
            accounts.push(log.heard);
        }
        assert_eq!(accounts[0], accounts[1]);
    }

    #[test]
    fn a_damaged_file_is_heard_up_to_the_damage() {
        let whole = packed(TEXT.as_bytes());
        let (_folder, input) = written(&whole[..whole.len() - 4]);
        let log = hear(&input).unwrap();
        assert_eq!(log.heard.records, 4);
        assert!(log.broken_off.unwrap().cause.starts_with("it is cut off"));
    }

    #[test]
    fn what_is_no_log_is_said() {
        let folder = TempDir::new().unwrap();
        let fault = hear(&Input::Path(folder.path().to_owned())).unwrap_err();
        assert_eq!(fault.cause, "it is a folder");
        let fault = hear(&Input::Path(folder.path().join("none"))).unwrap_err();
        assert_eq!(fault.cause, "no such file");
    }
}
