//! A log heard from its first byte to its last, chunk by chunk: what it comes
//! to, with its lines, records and levels. One record is held at a time, cut
//! at [`Raw::CAP`], so that any log costs the same.

use super::account::{Account, At, signs};
use super::index::RecordNo;
use super::level::Level;
use super::line::{Kind, Opening};
use super::lines::{Line, Lines};
use super::raw::Raw;
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
#[derive(Debug)]
pub struct Hearing {
    lines: Lines,
    ear: Ear,
}

#[derive(Debug, Default)]
struct Ear {
    opening: Opening,
    heard: Heard,
    /// The record at hand: its bytes as far as they are looked at, its level and place.
    bytes: Vec<u8>,
    level: Level,
    at: At,
    time: Option<Millis>,
}

impl Default for Hearing {
    fn default() -> Self {
        Self {
            lines: Lines::new(Raw::CAP),
            ear: Ear::default(),
        }
    }
}

impl Hearing {
    /// Hears the next chunk; it may end anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        let ear = &mut self.ear;
        self.lines.feed(chunk, |line| ear.line(line, 1));
    }

    /// What it came to.
    pub fn finish(mut self) -> Heard {
        let ear = &mut self.ear;
        self.lines.finish(|line| ear.line(line, 0));
        ear.end_record();
        self.ear.heard
    }
}

impl Ear {
    fn line(&mut self, line: Line<'_>, newline: u64) {
        if let Some((time, level)) = self.opening.judge(Kind::of(line.bytes)) {
            self.end_record();
            self.begin_record(time, level);
        }
        let room = Raw::CAP.saturating_sub(self.bytes.len());
        self.bytes.extend(&line.bytes[..line.bytes.len().min(room)]);
        if room > line.bytes.len() {
            self.bytes.push(b'\n');
        }
        self.at.lines += 1;
        self.heard.lines += 1;
        self.heard.bytes += line.length + newline;
    }

    fn begin_record(&mut self, time: Option<Millis>, level: Level) {
        self.time = time.or(self.time);
        self.level = level;
        self.at = At {
            record: RecordNo(u32::try_from(self.heard.records).unwrap_or(u32::MAX)),
            line: self.heard.lines,
            offset: self.heard.bytes,
            lines: 0,
            time: self.time,
        };
        self.heard.records += 1;
        self.heard.levels[level as usize] += 1;
        if let Some(time) = time {
            let (first, last) = self.heard.span.unwrap_or((time, time));
            self.heard.span = Some((first, last.max(time)));
        }
    }

    fn end_record(&mut self) {
        for sign in signs(Raw::new(&self.bytes, self.level)) {
            self.heard.account.hear(self.at, &sign);
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Index, Levels, format, scan};

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
