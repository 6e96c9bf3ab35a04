//! A log heard from its first byte to its last, chunk by chunk: what it comes
//! to, with its lines, records and levels. The chunks may have been scanned on
//! any thread; here they are joined in their order.

use std::sync::Arc;

use super::account::{Account, Sign};
use super::feed::Grown;
use super::index::{Index, Levels};
use super::level::Level;
use super::line::Opening;
use super::milepost::{Milepost, Mileposts};
use super::noise::Noise;
use super::scan::{Summary, entry, scan_after};
use super::stamp::Millis;

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
    noise: Noise,
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
        let mut harmless = Vec::new();
        self.index.hear(summary, arrived, &mut |at, sign| {
            harmless.extend((*sign == Sign::Harmless).then_some(at.record));
            own = own.take().or_else(|| shared.take().map(Arc::make_mut));
            if let Some(account) = &mut own {
                account.hear(at, sign);
            }
        });
        for record in harmless {
            self.noise.hear(record, &self.index);
        }
        self.mileposts.pass(Milepost {
            offset: self.index.length(),
            lines: self.index.newlines(),
        });
    }

    /// How far a file that is so long is read, with the record to which lines
    /// may still come.
    pub fn grown(&self, length: u64) -> Grown {
        let mut noise = self.noise;
        self.index.finish(&mut |at, sign| {
            if *sign == Sign::Harmless {
                noise.hear(at.record, &self.index);
            }
        });
        Grown {
            length,
            mileposts: self.mileposts.clone(),
            noise,
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

    #[test]
    fn nothing_at_all_is_heard_of_nothing() {
        assert_eq!(heard(b"", 1), Heard::default());
    }
}
