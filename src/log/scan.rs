//! A chunk of a file seen once: how many lines it has, where its records begin,
//! how loud each is and when it was written. A chunk may begin and end inside a
//! line; [`crate::log::Index::append`] joins the summaries in order to exactly
//! what one chunk of all the bytes would give, so that chunks can be scanned
//! on any thread in any order. The text itself stays in the file.

use super::line::{Kind, REACH};

/// What a chunk contributes to the index of its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The chunk's length in bytes.
    pub(super) length: u64,
    /// The bytes up to the first newline: the end of a line that began before.
    pub(super) head: Fragment,
    /// The lines that begin inside the chunk and may begin a record.
    pub(super) starts: Vec<Start>,
    /// The bytes after the last newline; none where the chunk has no newline,
    /// because then all of it is the head.
    pub(super) tail: Fragment,
    pub(super) newlines: u64,
}

/// A line that may begin a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    /// Where the line begins, from the start of the chunk.
    pub at: u32,
    pub kind: Kind,
}

/// Part of a line: its first bytes as far as they decide what the line is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fragment {
    pub kept: Vec<u8>,
    pub length: u64,
}

impl Fragment {
    fn of(bytes: &[u8]) -> Self {
        Self {
            kept: bytes[..bytes.len().min(REACH)].to_vec(),
            length: bytes.len() as u64,
        }
    }

    /// Continues the line; bytes beyond the reach are only counted.
    pub fn extend(&mut self, more: &Self) {
        let room = REACH - self.kept.len();
        self.kept.extend(&more.kept[..more.kept.len().min(room)]);
        self.length += more.length;
    }
}

impl Summary {
    /// How many bytes were scanned.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// The longest chunk that a summary can describe; longer ones are cut there
/// and the caller scans the rest by itself.
pub const LONGEST: usize = u32::MAX as usize;

/// Scans one chunk.
pub fn scan(chunk: &[u8]) -> Summary {
    let chunk = &chunk[..chunk.len().min(LONGEST)];
    let mut newlines = memchr::memchr_iter(b'\n', chunk);
    let mut summary = Summary {
        length: chunk.len() as u64,
        ..Summary::default()
    };
    let Some(first) = newlines.next() else {
        summary.head = Fragment::of(chunk);
        return summary;
    };
    summary.head = Fragment::of(&chunk[..first]);
    summary.newlines = 1;
    let mut begin = first + 1;
    let mut headed = false;
    for end in newlines {
        summary.newlines += 1;
        let kind = Kind::of(&chunk[begin..end]);
        if opens(kind, headed) {
            headed |= matches!(kind, Kind::Header { .. });
            summary.starts.push(Start {
                at: begin as u32,
                kind,
            });
        }
        begin = end + 1;
    }
    summary.tail = Fragment::of(&chunk[begin..]);
    summary
}

/// Whether a line may begin a record, as far as the chunk alone tells.
fn opens(kind: Kind, headed: bool) -> bool {
    match kind {
        Kind::Header { .. }
        | Kind::Object { .. }
        | Kind::Milestone { .. }
        | Kind::Diagnostic { .. }
        | Kind::Crash { .. }
        | Kind::Dump { .. } => true,
        Kind::Loose { .. } | Kind::Armor { .. } => !headed,
        Kind::Continuation => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_inside_one_line_is_all_head() {
        let summary = scan(b"no newline here");
        assert_eq!(summary.head.length, 15);
        assert_eq!((summary.newlines, summary.starts.len()), (0, 0));
    }

    #[test]
    fn only_lines_that_begin_inside_the_chunk_are_its_starts() {
        let summary = scan(b"rest\n2026-11-22T11:52:08.653Z [INFO]  a\n b\n2026-11-22T11:5");
        assert_eq!(summary.starts.len(), 1);
        assert_eq!(summary.starts[0].at, 5);
        assert_eq!(summary.newlines, 3);
        assert_eq!(summary.tail.kept, b"2026-11-22T11:5");
    }

    #[test]
    fn a_fragment_keeps_no_more_than_decides_its_kind() {
        let mut fragment = Fragment::of(&vec![b'x'; REACH + 5]);
        fragment.extend(&Fragment::of(b"more"));
        assert_eq!(fragment.kept.len(), REACH);
        assert_eq!(fragment.length, REACH as u64 + 9);
    }
}
