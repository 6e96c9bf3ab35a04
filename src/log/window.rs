//! The records around the view, decoded from the bytes of their blocks. What
//! is read is bounded by what was asked for: a few screens of records, each
//! with at most [`record::CAP`] bytes of text.

use super::index::{Index, RecordNo, Seek};
use super::line::Kind;
use super::lines::{Line, Lines};
use super::opening::Opening;
use super::record::{self, Record};

/// One continuous read that reaches some wanted records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub seek: Seek,
    /// Where the read may stop.
    pub end: u64,
    /// Ascending.
    pub wanted: Vec<RecordNo>,
}

/// The reads that reach `wanted`, which ascends: one for each run of records
/// in the same or neighboring blocks.
pub fn stretches(index: &Index, wanted: &[RecordNo]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for &record in wanted {
        let seek = index.seek(record);
        let end = index.end(record);
        match stretches.last_mut() {
            Some(last) if seek.offset <= last.end => {
                last.end = end;
                last.wanted.push(record);
            }
            _ => stretches.push(Stretch {
                seek,
                end,
                wanted: vec![record],
            }),
        }
    }
    stretches
}

/// Makes a record of its first bytes and the length of all of it.
type Decode = fn(&[u8], u64) -> Record;

/// Collects the wanted records of a stretch from its chunks.
#[derive(Debug)]
pub struct Window {
    lines: Lines,
    found: Found,
}

#[derive(Debug)]
struct Found {
    opening: Opening,
    /// The number of the next record that begins.
    next: RecordNo,
    wanted: std::iter::Peekable<std::vec::IntoIter<RecordNo>>,
    open: Option<Open>,
    records: Vec<(RecordNo, Record)>,
    decode: Decode,
}

/// A wanted record whose end is not reached yet.
#[derive(Debug)]
struct Open {
    number: RecordNo,
    bytes: Vec<u8>,
    length: u64,
}

impl Window {
    /// Ready for the first chunk at the stretch's offset.
    pub fn new(stretch: Stretch) -> Self {
        Self::decoding(stretch, Record::decode)
    }

    /// The same for who asked to see the secrets, too.
    pub fn revealing(stretch: Stretch) -> Self {
        Self::decoding(stretch, Record::revealed)
    }

    fn decoding(stretch: Stretch, decode: Decode) -> Self {
        Self {
            lines: Lines::new(record::CAP),
            found: Found {
                opening: stretch.seek.opening,
                next: stretch.seek.record,
                wanted: stretch.wanted.into_iter().peekable(),
                open: None,
                records: Vec::new(),
                decode,
            },
        }
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.lines.feed(chunk, |line| self.found.line(line));
    }

    /// Whether every wanted record is complete, so that reading may stop.
    pub fn is_complete(&self) -> bool {
        self.found.open.is_none() && self.found.wanted.len() == 0
    }

    /// Whether all that will be shown is there, and only the length of the
    /// last record is still to be learned.
    pub fn has_enough(&self) -> bool {
        match self.lines.overlong() {
            Some(line) => self.found.would_have_enough(line),
            None => self.found.has_enough(),
        }
    }

    /// The records, decoded; the last one ends where the chunks ended.
    pub fn finish(mut self) -> Vec<(RecordNo, Record)> {
        self.lines.finish(|line| self.found.line(line));
        self.found.close();
        self.found.records
    }
}

impl Found {
    fn line(&mut self, line: Line<'_>) {
        if self.opening.judge(Kind::of(line.bytes)).is_some() {
            self.close();
            let number = self.next;
            self.next = RecordNo(number.0.saturating_add(1));
            self.open = self.wanted.next_if_eq(&number).map(|number| Open {
                number,
                bytes: Vec::new(),
                length: 0,
            });
        }
        if let Some(open) = &mut self.open {
            open.add(line);
        }
    }

    fn has_enough(&self) -> bool {
        let open = self.open.as_ref();
        self.wanted.len() == 0 && open.is_none_or(|open| open.bytes.len() >= record::CAP)
    }

    /// The same once this line, which alone is longer than what is kept, has ended.
    fn would_have_enough(&self, line: &[u8]) -> bool {
        let mut opening = self.opening;
        let opens = opening.judge(Kind::of(line)).is_some();
        let begins_a_wanted = opens && self.wanted.clone().next() == Some(self.next);
        self.wanted.len() == usize::from(begins_a_wanted)
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let record = (self.decode)(&open.bytes, open.length);
            self.records.push((open.number, record));
        }
    }
}

impl Open {
    fn add(&mut self, line: Line<'_>) {
        if self.length > 0 {
            self.push(b"\n");
            self.length += 1;
        }
        self.push(line.bytes);
        self.length += line.length;
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = record::CAP.saturating_sub(self.bytes.len());
        self.bytes.extend(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::scan;

    fn log(records: u32) -> String {
        let record = |n: u32| {
            format!(
                "2026-11-22T11:{:02}:{:02}.000Z [INFO]  number {n}\n  of {n}\n",
                n / 60,
                n % 60
            )
        };
        (0..records).map(record).collect()
    }

    fn read(text: &str, wanted: &[u32], chunk: usize) -> Vec<(u32, String)> {
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        let wanted: Vec<RecordNo> = wanted.iter().copied().map(RecordNo).collect();
        let mut found = Vec::new();
        for stretch in stretches(&index, &wanted) {
            let bytes = &text.as_bytes()[stretch.seek.offset as usize..stretch.end as usize];
            let mut window = Window::new(stretch);
            bytes.chunks(chunk).for_each(|chunk| window.feed(chunk));
            found.extend(window.finish());
        }
        let message = |(number, record): (RecordNo, Record)| (number.0, record.parts.message);
        found.into_iter().map(message).collect()
    }

    #[test]
    fn the_wanted_records_are_decoded_from_wherever_they_are() {
        let text = log(500);
        for chunk in [1, 7, 4096] {
            let found = read(&text, &[0, 63, 64, 300, 499], chunk);
            let expected = [0, 63, 64, 300, 499].map(|n| (n, format!("number {n}")));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn records_of_neighboring_blocks_are_one_read() {
        let text = log(500);
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        let near = stretches(&index, &[RecordNo(60), RecordNo(70), RecordNo(130)]);
        assert_eq!(near.len(), 1);
        let far = stretches(&index, &[RecordNo(60), RecordNo(400)]);
        assert_eq!(far.len(), 2);
    }

    #[test]
    fn a_record_behind_a_very_long_line_is_reached_and_the_long_one_has_soon_enough() {
        let long = "x".repeat(3 * record::CAP);
        let text = log(1) + &format!("2026-11-22T11:59:00.000Z [INFO]  {long}\n") + &log(1);
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        let fed = |record: u32, bytes: usize| {
            let mut window = Window::new(stretches(&index, &[RecordNo(record)]).remove(0));
            window.feed(&text.as_bytes()[..bytes]);
            window
        };
        let kept = 2 * record::CAP;
        assert!(fed(1, kept).has_enough() && !fed(1, kept).is_complete());
        assert!(!fed(1, 100).has_enough());
        assert!(!fed(2, kept).has_enough());
        let found = fed(2, text.len()).finish();
        assert_eq!(found[0].1.parts.message, "number 0");
    }

    #[test]
    fn a_record_keeps_its_continuation_lines() {
        let text = log(3);
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        let stretch = stretches(&index, &[RecordNo(1)]).remove(0);
        let mut window = Window::new(stretch);
        window.feed(text.as_bytes());
        assert!(window.is_complete());
        assert_eq!(window.finish()[0].1.parts.body, ["  of 1"]);
    }
}
