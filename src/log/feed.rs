//! What following a file tells, in order. It carries indices and never text,
//! and an index shares what it had before: to hear of a gigabyte costs as
//! little as to hear of a line. After a restart the file is a new one: its
//! index begins again, and answers about the former generation no longer apply.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::Fault;

use super::account::Account;
use super::index::Index;
use super::milepost::Mileposts;

/// What can be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    StandardInput,
    /// A file, which need not exist yet, or a FIFO.
    Path(PathBuf),
}

impl Input {
    /// What the command line means: `-` is standard input.
    pub fn named(path: &Path) -> Self {
        if path.as_os_str() == "-" {
            return Self::StandardInput;
        }
        Self::Path(path.to_owned())
    }

    /// The whole name, for faults.
    pub fn full_name(&self) -> String {
        match self {
            Self::StandardInput => "standard input".to_owned(),
            Self::Path(path) => path.display().to_string(),
        }
    }

    /// The file's own name, for titles.
    pub fn short_name(&self) -> String {
        match self {
            Self::StandardInput => self.full_name(),
            Self::Path(path) => path.file_name().map_or_else(
                || self.full_name(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }
}

/// Counts how often a followed file began anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(pub u32);

/// News of one followed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// The file as far as it is read now.
    Read(Box<Grown>),
    /// What the file comes to, as far as it was heard.
    Heard(Arc<Account>),
    /// All that was there has been read; from here on it grows.
    CaughtUp,
    /// What was read no longer counts; the file is read from its start.
    Restarted(Restart, Generation),
    /// No file is there yet; it is waited for.
    Absent,
    /// The file was deleted or moved away; what was read can still be shown.
    Vanished,
    /// It can't be read now; another try follows when it changes.
    Faulted(Fault),
    /// The spool of an input that can't be read twice is full; what follows is dropped.
    Full { cap: u64 },
    /// The input has ended and nothing more will come.
    Ended,
}

/// A file that was read on.
///
/// A large file is told of from its end first: the index of its last part,
/// then how far the reading has come, then the index of all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grown {
    pub index: Index,
    /// How many bytes are read.
    pub read: u64,
    /// How long the file is now, for the progress of reading it.
    pub length: u64,
    /// How many records have come before those that the index before had: by
    /// so much the numbers of its records are larger now.
    pub earlier: u32,
    /// Whether the index before began where a record does.
    pub seam: Seam,
    /// By which a line is found.
    pub mileposts: Mileposts,
}

/// Where the index of the end of a file began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seam {
    /// At the start of a record: each is the same with a new number.
    #[default]
    Whole,
    /// Within a record too long to look for its start: its records may begin
    /// and end elsewhere now.
    Torn,
}

impl Grown {
    /// A file of which all is indexed, and nothing else is known.
    pub fn whole(index: Index) -> Self {
        Self {
            read: index.length(),
            length: index.length(),
            index,
            ..Self::default()
        }
    }
}

/// Why a file is read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// It became shorter.
    Truncated,
    /// What had been read was overwritten.
    Rewritten,
    /// Another file took its name.
    Replaced,
    /// It came back after it had vanished.
    Returned,
}

impl Restart {
    /// The sentence that announces it, after the file's name.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Truncated => "was truncated; reading it from its start",
            Self::Rewritten => "was overwritten; reading it from its start",
            Self::Replaced => "was rotated; reading the new file",
            Self::Returned => "is back; reading it from its start",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_restart_is_announced_differently() {
        let all = [
            Restart::Truncated,
            Restart::Rewritten,
            Restart::Replaced,
            Restart::Returned,
        ];
        let mut sentences = all.map(Restart::sentence).to_vec();
        sentences.dedup();
        assert_eq!(sentences.len(), all.len());
    }
}
