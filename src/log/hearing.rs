//! A log heard from its first byte to its last, chunk by chunk: what it comes
//! to, with its lines, records and levels. The chunks may have been scanned on
//! any thread; here they are joined in their order.

use std::sync::Arc;

use super::account::Account;
use super::feed::Grown;
use super::index::Index;
use super::level::Level;
use super::milepost::{Milepost, Mileposts};
use super::opening::Opening;
use super::scan::{Summary, entry, scan_after};
use super::stamp::Millis;
use super::weight::Levels;

/// What was heard of a whole log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    pub bytes: u64,
    /// Newline-ended lines, and a last one without.
    pub lines: u64,
    /// Header lines with their continuations.
    pub records: u64,
    /// Records of each level, in the order of [`Level::ALL`].
    pub levels: [u64; Level::ALL.len()],
    /// The first and the last time in it.
    pub span: Option<(Millis, Millis)>,
    pub account: Account,
}

/// A log on its way to the ear.
#[derive(Debug, Clone, Default)]
pub struct Hearing {
    index: Index,
    account: Arc<Account>,
    mileposts: Mileposts,
}

impl Hearing {
    /// Hears the end of a file, whose bytes from `begin` on are given: from the
    /// first of its lines that surely begins a record. None where there is no
    /// such line.
    pub fn of_the_end(begin: u64, bytes: &[u8]) -> Option<Self> {
        let (at, opening) = entry(bytes)?;
        let mut hearing = Self {
            index: Index::of_the_end(begin + at as u64, opening),
            ..Self::default()
        };
        hearing.feed(&bytes[at..]);
        Some(hearing)
    }

    /// Hears the end of a file from anywhere in it, as if a record began there.
    pub fn of_a_scrap(begin: u64, bytes: &[u8]) -> Self {
        let mut hearing = Self {
            index: Index::of_the_end(begin, Opening::at_a_record()),
            ..Self::default()
        };
        hearing.feed(bytes);
        hearing
    }

    /// Hears the next chunk; it may end anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.join(&scan_after(chunk, self.guess()), None);
    }

    /// Hears the next chunk, scanned. `arrived` dates what has no time of its own.
    pub fn join(&mut self, summary: &Summary, arrived: Option<Millis>) {
        // What is shared is copied once, and where nothing is told not at all.
        let mut shared = Some(&mut self.account);
        let mut own: Option<&mut Account> = None;
        self.index.hear(summary, arrived, &mut |at, sign| {
            own = own.take().or_else(|| shared.take().map(Arc::make_mut));
            if let Some(account) = &mut own {
                account.hear(at, sign);
            }
        });
        self.mileposts.pass(Milepost {
            offset: self.index.length(),
            lines: self.index.newlines(),
        });
    }

    /// How far a file that is so long is read.
    pub fn grown(&self, length: u64) -> Grown {
        Grown {
            length,
            mileposts: self.mileposts.clone(),
            ..Grown::whole(self.index.clone())
        }
    }

    /// How the lines of the next chunk are judged, most likely.
    pub fn guess(&self) -> Opening {
        self.index.opening().between_records()
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// What all of it comes to so far, with the record to which lines may
    /// still come. It shares what has not changed since it was last asked for.
    pub fn account(&self) -> Arc<Account> {
        let mut account = Arc::clone(&self.account);
        self.index.finish(&mut |at, sign| {
            Arc::make_mut(&mut account).hear(at, sign);
        });
        account
    }

    /// What it came to.
    pub fn finish(self) -> Heard {
        let account = self.account();
        let index = self.index;
        Heard {
            bytes: index.length() - index.begins_at(),
            lines: index.lines(),
            records: u64::from(index.records()),
            levels: Level::ALL.map(|level| u64::from(index.count(Levels::Exactly(level)))),
            span: index.span(),
            account: Arc::unwrap_or_clone(account),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{RecordNo, format, scan};

    fn heard(text: &[u8], chunk: usize) -> Heard {
        let mut hearing = Hearing::default();
        text.chunks(chunk).for_each(|chunk| hearing.feed(chunk));
        hearing.finish()
    }

    #[test]
    fn a_log_in_any_chunks_comes_to_the_same_and_agrees_with_the_index() {
        let text: String = format::samples()
            .flat_map(|sample| [sample, "\n"])
            .collect();
        let whole = heard(text.as_bytes(), usize::MAX);
        for chunk in [1, 7, 64, 1000] {
            assert_eq!(heard(text.as_bytes(), chunk), whole);
        }
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        assert_eq!(
            (whole.lines, whole.records),
            (index.lines(), u64::from(index.records()))
        );
        for level in Level::ALL {
            let count = index.count(Levels::Exactly(level));
            assert_eq!(whole.levels[level as usize], u64::from(count), "{level:?}");
        }
        assert_eq!(whole.bytes, text.len() as u64);
    }

    #[test]
    fn a_record_knows_its_line_and_its_offset() {
        let text = b"2026-11-22T11:52:08.653Z [INFO]  a\n b\n2026-11-22T11:52:09.653Z [WARN]  state MD5 mismatch\n c";
        let heard = heard(text, 5);
        let (_, tally) = heard.account.troubles().next().unwrap();
        let at = tally.examples[0];
        assert_eq!(
            (at.record, at.line, at.offset, at.lines),
            (RecordNo(1), 2, 38, 2)
        );
        assert_eq!((heard.lines, heard.records), (4, 2));
    }

    /// The second of the last error that means something.
    fn last_error(marks: &str) -> Option<i64> {
        let line = |(second, mark): (usize, char)| {
            let text = match mark {
                'h' => "[ERROR] Checkpoint error: Get \"x\": i/o timeout",
                'e' => "[ERROR] vertex \"a.b\" error: Throttling",
                _ => "[INFO]  m",
            };
            format!("1970-01-01T00:00:{second:02}.000Z {text}\n")
        };
        let text: String = marks.chars().enumerate().map(line).collect();
        let mut found = Vec::new();
        for (chunk, end) in [(1, 0), (50, 0), (4096, 0), (7, 1)] {
            let mut hearing = Hearing::default();
            let text = &text.as_bytes()[..text.len() - end];
            text.chunks(chunk).for_each(|chunk| hearing.feed(chunk));
            let index = hearing.index();
            let errors =
                [Levels::Exactly, Levels::Meant].map(|kind| index.count(kind(Level::Error)));
            assert_eq!(
                u64::from(errors[0] - errors[1]),
                hearing.account().harmless(),
                "{marks}"
            );
            found.push(index.last_error().map(|at| at.0 / 1000));
        }
        assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
        found[0]
    }

    #[test]
    fn harmless_errors_are_passed_over_on_the_way_to_the_last_one_that_counts() {
        for (marks, second) in [
            ("ihi", None),
            ("hhh", None),
            ("ie", Some(1)),
            ("ehh", Some(0)),
            ("hehhi", Some(1)),
            ("hhe", Some(2)),
            ("eheh", Some(2)),
            ("i", None),
        ] {
            assert_eq!(last_error(marks), second, "{marks}");
        }
    }

    #[test]
    fn an_error_whose_line_is_still_written_is_harmless_once_that_is_told() {
        let mut hearing = Hearing::default();
        let errors = |hearing: &Hearing| {
            let kinds = [Levels::Exactly, Levels::Meant];
            kinds.map(|kind| hearing.index().count(kind(Level::Error)))
        };
        hearing.feed(b"2026-11-22T11:52:08.653Z [ERROR] Check");
        assert_eq!(errors(&hearing), [1, 1]);
        hearing.feed(b"point error: Get");
        assert_eq!(errors(&hearing), [1, 0]);
        hearing.feed(b" x\n2026-11-22T11:52:09.653Z [ERROR] vertex \"a.b\" error: x");
        assert_eq!(errors(&hearing), [2, 1]);
    }

    #[test]
    fn nothing_at_all_is_heard_of_nothing() {
        assert_eq!(heard(b"", 1), Heard::default());
    }
}
