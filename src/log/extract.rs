//! The records of one file that are shown, as text to be given away: masked,
//! without control characters, whole up to [`CAP`] each, with the time at
//! which each stands, so that several files can be merged.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::display;
use super::index::Seek;
use super::judging::{Judging, Verdict};
use super::level::Level;
use super::lines::{Line, Lines};
use super::mask;
use super::search::{LINE_CAP, OVERLAP};
use super::sieve::Sieve;
use super::stamp::Millis;

/// How many bytes of one record are given away.
pub const CAP: usize = 1024 * 1024;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// In a file these never fall; none before the first one known.
    pub at: Option<Millis>,
    /// Without a newline at its end.
    pub text: String,
}

/// A file on its way out.
#[derive(Debug)]
pub struct Extract {
    lines: Lines,
    cutter: Cutter,
}

#[derive(Debug)]
struct Cutter {
    judging: Judging,
    floor: Level,
    bytes: Vec<u8>,
    cut: u64,
    latest: Option<Millis>,
    out: VecDeque<Extracted>,
}

impl Extract {
    /// The first chunk must begin the file.
    pub fn new(sieve: Sieve, floor: Level) -> Self {
        Self {
            lines: Lines::in_parts(LINE_CAP, OVERLAP),
            cutter: Cutter {
                judging: Judging::new(sieve, Seek::start().opening),
                floor,
                bytes: Vec::new(),
                cut: 0,
                latest: None,
                out: VecDeque::new(),
            },
        }
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.lines.feed(chunk, |line| self.cutter.line(line));
    }

    /// No more comes: the last record is whole.
    pub fn end(&mut self) {
        self.lines.finish(|line| self.cutter.line(line));
        let verdict = self.cutter.judging.close();
        self.cutter.close(verdict);
    }

    /// The next record that came out and was not taken yet.
    pub fn take(&mut self) -> Option<Extracted> {
        self.cutter.out.pop_front()
    }

    /// When the next record stands.
    pub fn next_at(&self) -> Option<Option<Millis>> {
        self.cutter.out.front().map(|next| next.at)
    }
}

impl Cutter {
    fn line(&mut self, line: Line<'_>) {
        let verdict = self.judging.line(line);
        self.close(verdict);
        if !line.begins() {
            // All that is given away of the line came with its first part.
            self.cut += line.length;
            return;
        }
        if !self.bytes.is_empty() {
            self.bytes.push(b'\n');
        }
        let room = CAP.saturating_sub(self.bytes.len());
        let kept = line.bytes.len().min(room);
        self.bytes.extend(&line.bytes[..kept]);
        self.cut += line.length - kept as u64;
    }

    /// Ends the record before, if there is a verdict on it.
    fn close(&mut self, verdict: Option<Verdict>) {
        let Some(verdict) = verdict else { return };
        self.latest = self.latest.max(verdict.at);
        if verdict.passes && verdict.weight.level() >= self.floor {
            let mut text = mask::mask(&display::whole(&self.bytes));
            if self.cut > 0 {
                let _ = write!(text, "… {} more bytes", self.cut);
            }
            self.out.push_back(Extracted {
                at: self.latest,
                text,
            });
        }
        self.bytes.clear();
        self.cut = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Filter, Sense};

    const TEXT: &str = "2026-11-22T11:52:08.653Z [DEBUG] quiet\n\
        2026-11-22T11:52:09.653Z [WARN]  one password=hunter2\n  with \u{1b}[31mmore\n\
        2026-11-22T11:52:10.653Z [INFO]  two\n";

    fn extracted(sieve: &Sieve, floor: Level, chunk: usize) -> Vec<String> {
        let mut extract = Extract::new(sieve.clone(), floor);
        for chunk in TEXT.as_bytes().chunks(chunk) {
            extract.feed(chunk);
        }
        extract.end();
        let texts = std::iter::from_fn(|| extract.take());
        texts.map(|one| one.text).collect()
    }

    #[test]
    fn what_is_shown_comes_out_masked_and_free_of_escapes() {
        for chunk in [1, 9, 4096] {
            let texts = extracted(&Sieve::default(), Level::Info, chunk);
            assert_eq!(
                texts,
                [
                    "2026-11-22T11:52:09.653Z [WARN]  one password=▒▒▒▒▒▒▒▒\n  with more",
                    "2026-11-22T11:52:10.653Z [INFO]  two"
                ]
            );
        }
    }

    #[test]
    fn what_the_filters_hide_stays_inside() {
        let sieve = Sieve {
            filters: vec![Filter::new(Sense::Exclude, "with more")],
            ..Sieve::default()
        };
        // The escape stands between the words in the file.
        assert_eq!(extracted(&sieve, Level::Warn, 4096).len(), 1);
        let sieve = Sieve {
            filters: vec![Filter::new(Sense::Exclude, "password")],
            ..Sieve::default()
        };
        assert_eq!(extracted(&sieve, Level::Warn, 4096).len(), 0);
    }

    #[test]
    fn a_record_that_is_too_long_says_what_is_missing() {
        let text = format!("2026-11-22T11:52:08.653Z [INFO]  {}\n", "x".repeat(CAP));
        let mut extract = Extract::new(Sieve::default(), Level::Trace);
        extract.feed(text.as_bytes());
        extract.end();
        assert!(extract.take().unwrap().text.ends_with("x… 33 more bytes"));
    }
}
