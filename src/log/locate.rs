//! The record in which a line of a file stands, found by counting lines from
//! the start. No index of lines is kept: a line number comes from elsewhere
//! (a report, an editor) and is asked for once.

use super::index::RecordNo;
use super::line::{Kind, Opening, REACH};
use super::lines::{Line, Lines};

/// A count on its way through a file.
#[derive(Debug)]
pub struct Locator {
    lines: Lines,
    count: Count,
}

#[derive(Debug)]
struct Count {
    opening: Opening,
    /// How many lines are still to come, the wanted one included.
    left: u64,
    seen: u64,
    records: u32,
    found: Option<RecordNo>,
}

impl Locator {
    /// Looks for a line, from 1; the first chunk begins the file.
    pub fn new(line: u64) -> Self {
        Self {
            lines: Lines::new(REACH),
            count: Count {
                opening: Opening::default(),
                left: line,
                seen: 0,
                records: 0,
                found: None,
            },
        }
    }

    /// Takes the next chunk, and gives the record once the line has come.
    pub fn feed(&mut self, chunk: &[u8]) -> Option<RecordNo> {
        self.lines.feed(chunk, |line| self.count.line(line));
        self.count.found
    }

    /// The record, or how many lines there are where the file has not so many.
    pub fn finish(mut self) -> Result<RecordNo, u64> {
        self.lines.finish(|line| self.count.line(line));
        self.count.found.ok_or(self.count.seen)
    }
}

impl Count {
    fn line(&mut self, line: Line<'_>) {
        if self.found.is_some() {
            return;
        }
        self.seen += 1;
        self.left = self.left.saturating_sub(1);
        if self.opening.judge(Kind::of(line.bytes)).is_some() {
            self.records = self.records.saturating_add(1);
        }
        if self.left == 0 {
            self.found = Some(RecordNo(self.records.saturating_sub(1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "2026-11-22T11:52:08.653Z [INFO]  a\n\n more\n\
        2026-11-22T11:52:08.653Z [INFO]  b\n and no newline";

    fn locate(line: u64, chunk: usize) -> Result<u32, u64> {
        let mut locator = Locator::new(line);
        for chunk in TEXT.as_bytes().chunks(chunk) {
            locator.feed(chunk);
        }
        locator.finish().map(|record| record.0)
    }

    #[test]
    fn a_line_leads_to_the_record_that_it_stands_in() {
        for chunk in [1, 5, 4096] {
            let found: Vec<_> = (1..=6).map(|line| locate(line, chunk)).collect();
            assert_eq!(found, [Ok(0), Ok(0), Ok(0), Ok(1), Ok(1), Err(5)]);
        }
    }
}
