//! The compact index of one file: for every record its level and the time at
//! which it stands, for every 64th its offset. It costs 4.7 bytes a record
//! (4 in `entries`, 40 a block of 64), and nothing for continuation lines.
//!
//! Counts before each block answer "which record is the nth at this level or
//! above" and its inverse in the logarithm of the file, so that changing the
//! floor or jumping to an error never walks the file. The times never fall: a
//! record without one, or with an earlier one, stands at the time before it.

use super::level::Level;
use super::line::{Kind, Opened, Opening};
use super::scan::{Fragment, Summary};
use super::stamp::Millis;

/// The number of a record in its file, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordNo(pub u32);

/// Which levels a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    AtLeast(Level),
    Exactly(Level),
}

impl Levels {
    /// Whether a record of this level is meant.
    pub fn include(self, level: Level) -> bool {
        match self {
            Self::AtLeast(floor) => level >= floor,
            Self::Exactly(wanted) => level == wanted,
        }
    }
}

/// Where to start reading so as to reach a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seek {
    pub offset: u64,
    /// The record that begins there.
    pub record: RecordNo,
    /// How the lines from there on are judged.
    pub opening: Opening,
}

impl Seek {
    /// The start of a file.
    pub fn start() -> Self {
        Self {
            offset: 0,
            record: RecordNo(0),
            opening: Opening::default(),
        }
    }
}

/// How many records share an offset.
const BLOCK: u32 = 64;

/// The time of records before the first known one.
const UNDATED: i64 = i64::MIN;

/// How many records of each level or louder came before a point.
type Counts = [u32; 5];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    offset: u64,
    time: i64,
    before: Counts,
}

/// A level in the low 3 bits, milliseconds since the block's time above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry(u32);

impl Entry {
    fn new(level: Level, since: i64) -> Self {
        let since = since.clamp(0, i64::from(u32::MAX >> 3)) as u32;
        Self(since << 3 | level as u32)
    }

    fn level(self) -> Level {
        Level::ALL[(self.0 & 7) as usize % Level::ALL.len()]
    }

    fn since(self) -> i64 {
        i64::from(self.0 >> 3)
    }
}

/// What changes as records come, kept apart so that the unfinished last line
/// can be counted now and counted anew when it has grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Progress {
    opening: Opening,
    counts: Counts,
    latest: Option<Millis>,
    first: Option<Millis>,
    first_header: Option<RecordNo>,
}

/// The index of one file. Two files with the same bytes have equal indices,
/// however the bytes were cut into chunks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    blocks: Vec<Block>,
    entries: Vec<Entry>,
    progress: Progress,
    length: u64,
    newlines: u64,
    /// The line after the last newline, where it begins, and what stood before it was counted.
    unfinished: Fragment,
    unfinished_at: u64,
    settled: Option<(Progress, usize, Option<Block>)>,
}

impl Index {
    /// Joins the next chunk of the file. `arrived` dates records of a file
    /// that carries no times itself: give it for what was seen to be written.
    pub fn append(&mut self, summary: &Summary, arrived: Option<Millis>) {
        self.forget_unfinished();
        let start = self.length;
        self.unfinished.extend(&summary.head);
        self.length += summary.length;
        self.newlines += summary.newlines;
        if summary.newlines > 0 {
            let kind = Kind::of(&self.unfinished.kept);
            self.line(self.unfinished_at, kind, arrived);
            for line in &summary.starts {
                self.line(start + u64::from(line.at), line.kind, arrived);
            }
            self.unfinished = summary.tail.clone();
            self.unfinished_at = self.length - self.unfinished.length;
        }
        self.count_unfinished(arrived);
    }

    fn count_unfinished(&mut self, arrived: Option<Millis>) {
        if self.unfinished.length == 0 {
            return;
        }
        self.settled = Some((
            self.progress,
            self.entries.len(),
            self.blocks.last().copied(),
        ));
        let kind = Kind::of(&self.unfinished.kept);
        self.line(self.unfinished_at, kind, arrived);
    }

    fn forget_unfinished(&mut self) {
        let Some((progress, records, block)) = self.settled.take() else {
            return;
        };
        self.progress = progress;
        self.entries.truncate(records);
        self.blocks.truncate(records.div_ceil(BLOCK as usize));
        if let (Some(last), Some(block)) = (self.blocks.last_mut(), block) {
            *last = block;
        }
    }

    fn line(&mut self, offset: u64, kind: Kind, arrived: Option<Millis>) {
        let Some(opened) = self.progress.opening.judge(kind) else {
            return;
        };
        let Ok(number) = u32::try_from(self.entries.len()) else {
            return;
        };
        if self.progress.opening.has_header() && self.progress.first_header.is_none() {
            self.progress.first_header = Some(RecordNo(number));
        }
        self.begin(offset, opened, arrived);
    }

    fn begin(&mut self, offset: u64, (at, level): Opened, arrived: Option<Millis>) {
        let dated = self.progress.opening.is_dated();
        let at = at.or(arrived.filter(|_| !dated));
        self.progress.latest = self.progress.latest.max(at);
        self.progress.first = self.progress.first.or(at);
        let time = self.progress.latest.map_or(UNDATED, |at| at.0);
        let before = self.progress.counts;
        if self.entries.len().is_multiple_of(BLOCK as usize) {
            self.blocks.push(Block {
                offset,
                time,
                before,
            });
        }
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        if block.time == UNDATED {
            block.time = time;
        }
        let since = time.saturating_sub(block.time);
        self.entries.push(Entry::new(level, since));
        for floor in &mut self.progress.counts[..=level as usize] {
            *floor += 1;
        }
    }

    /// How many bytes are indexed.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Newline-ended lines, and a last one without.
    pub fn lines(&self) -> u64 {
        self.newlines + u64::from(self.unfinished.length > 0)
    }

    /// How many records there are in all.
    pub fn records(&self) -> u32 {
        self.entries.len() as u32
    }

    /// How many records are meant by `levels`.
    pub fn count(&self, levels: Levels) -> u32 {
        counted(&self.progress.counts, levels)
    }

    /// The first and last time in the file.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        self.progress.first.zip(self.progress.latest)
    }

    /// How loud a record is.
    pub fn level(&self, record: RecordNo) -> Option<Level> {
        self.entries
            .get(record.0 as usize)
            .map(|entry| entry.level())
    }

    /// The time at which a record stands; none before the first one known.
    pub fn time(&self, record: RecordNo) -> Option<Millis> {
        let entry = self.entries.get(record.0 as usize)?;
        let block = self.blocks.get((record.0 / BLOCK) as usize)?;
        (block.time != UNDATED).then(|| Millis(block.time.saturating_add(entry.since())))
    }

    /// How many of the meant records come before this one.
    pub fn rank(&self, record: RecordNo, levels: Levels) -> u32 {
        let Some(block) = self.blocks.get((record.0 / BLOCK) as usize) else {
            return self.count(levels);
        };
        let start = record.0 / BLOCK * BLOCK;
        let end = self.records().min(record.0);
        let within = &self.entries[start as usize..end as usize];
        let meant = within.iter().filter(|entry| levels.include(entry.level()));
        counted(&block.before, levels) + meant.count() as u32
    }

    /// The record with this rank among the meant ones.
    pub fn nth(&self, rank: u32, levels: Levels) -> Option<RecordNo> {
        if rank >= self.count(levels) {
            return None;
        }
        let after = self
            .blocks
            .partition_point(|block| counted(&block.before, levels) <= rank);
        let block = after.checked_sub(1)?;
        let start = block * BLOCK as usize;
        let left = rank - counted(&self.blocks[block].before, levels);
        self.entries[start..]
            .iter()
            .enumerate()
            .filter(|(_, entry)| levels.include(entry.level()))
            .nth(left as usize)
            .map(|(within, _)| RecordNo((start + within) as u32))
    }

    /// The first record that stands at `time` or later; the count of records
    /// where there is none.
    pub fn since(&self, time: Millis) -> RecordNo {
        let after = self.blocks.partition_point(|block| block.time < time.0);
        let Some(block) = after.checked_sub(1) else {
            return RecordNo(0);
        };
        let start = block * BLOCK as usize;
        let end = self.entries.len().min(start + BLOCK as usize);
        let base = self.blocks[block].time;
        let earlier = self.entries[start..end].partition_point(|entry| {
            base == UNDATED || base.saturating_add(entry.since()) < time.0
        });
        RecordNo((start + earlier) as u32)
    }

    /// Where to read from to reach a record, at most 63 records before it.
    pub fn seek(&self, record: RecordNo) -> Seek {
        let block = (record.0 / BLOCK) as usize;
        let Some(offset) = self.blocks.get(block).map(|block| block.offset) else {
            return Seek::start();
        };
        let first = RecordNo(block as u32 * BLOCK);
        let headed = self.progress.first_header.is_some_and(|at| at < first);
        Seek {
            offset,
            record: first,
            opening: if headed {
                Opening::after_a_header()
            } else {
                Opening::at_a_record()
            },
        }
    }

    /// Where reading may stop once a record is complete: the start of the next block.
    pub fn end(&self, record: RecordNo) -> u64 {
        let next = (record.0 / BLOCK) as usize + 1;
        self.blocks
            .get(next)
            .map_or(self.length, |block| block.offset)
    }
}

fn counted(counts: &Counts, levels: Levels) -> u32 {
    match levels {
        Levels::AtLeast(floor) => counts[floor as usize],
        Levels::Exactly(Level::Error) => counts[Level::Error as usize],
        Levels::Exactly(level) => counts[level as usize] - counts[level as usize + 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{format, prefix, scan};
    use proptest::prelude::*;

    fn indexed(chunks: &[&[u8]]) -> Index {
        let mut index = Index::default();
        for chunk in chunks {
            index.append(&scan(chunk), None);
        }
        index
    }

    fn record(second: u32, level: &str) -> String {
        format!("2026-11-22T11:52:{second:02}.000Z [{level}] m\n  more\n")
    }

    #[test]
    fn a_record_is_its_header_and_the_lines_after_it() {
        let text = record(1, "TRACE") + &record(2, "ERROR");
        let index = indexed(&[text.as_bytes()]);
        assert_eq!((index.records(), index.lines()), (2, 4));
        assert_eq!(index.level(RecordNo(1)), Some(Level::Error));
        let (first, last) = index.span().unwrap();
        assert_eq!(last.0 - first.0, 1000);
    }

    #[test]
    fn the_nth_loud_record_is_found_and_ranked() {
        let levels = ["TRACE", "WARN", "DEBUG", "ERROR"];
        let text: String = (0..1000)
            .map(|n| record(n % 60, levels[n as usize % 4]))
            .collect();
        let index = indexed(&[text.as_bytes()]);
        let loud = Levels::AtLeast(Level::Warn);
        assert_eq!(index.count(loud), 500);
        for rank in 0..500 {
            let found = index.nth(rank, loud).unwrap();
            assert_eq!(found.0, rank * 2 + 1);
            assert_eq!(index.rank(found, loud), rank);
        }
        assert_eq!(index.nth(500, loud), None);
        assert_eq!(index.count(Levels::Exactly(Level::Warn)), 250);
        let third = index.nth(2, Levels::Exactly(Level::Warn));
        assert_eq!(third, Some(RecordNo(9)));
    }

    #[test]
    fn a_time_leads_to_the_first_record_at_or_after_it() {
        let text: String = (0..300).map(|n| record(n / 6, "INFO")).collect();
        let index = indexed(&[text.as_bytes()]);
        let start = index.span().unwrap().0;
        assert_eq!(index.since(start), RecordNo(0));
        assert_eq!(index.since(Millis(start.0 + 9_001)), RecordNo(60));
        assert_eq!(index.since(Millis(i64::MAX)), RecordNo(300));
    }

    #[test]
    fn a_clock_that_went_back_does_not_break_the_order() {
        let text = record(30, "INFO") + &record(10, "INFO") + &record(40, "INFO");
        let index = indexed(&[text.as_bytes()]);
        assert_eq!(index.time(RecordNo(1)), index.time(RecordNo(0)));
        assert!(index.time(RecordNo(2)) > index.time(RecordNo(1)));
    }

    #[test]
    fn run_output_is_dated_by_its_arrival() {
        let mut index = Index::default();
        index.append(&scan(b"one\n"), None);
        index.append(&scan(b"two\n"), Some(Millis(5)));
        assert_eq!(index.time(RecordNo(1)), Some(Millis(5)));
    }

    #[test]
    fn an_unfinished_last_line_is_counted_and_counted_anew() {
        let whole = record(1, "WARN");
        let (cut, rest) = whole.split_at(12);
        let mut index = indexed(&[cut.as_bytes()]);
        assert_eq!(
            (index.records(), index.level(RecordNo(0))),
            (1, Some(Level::Info))
        );
        index.append(&scan(rest.as_bytes()), None);
        assert_eq!(
            (index.records(), index.level(RecordNo(0))),
            (1, Some(Level::Warn))
        );
    }

    #[test]
    fn a_record_is_reached_from_the_start_of_its_block() {
        let text: String = (0..130).map(|n| record(n % 60, "INFO")).collect();
        let index = indexed(&[text.as_bytes()]);
        let seek = index.seek(RecordNo(100));
        assert_eq!(seek.record, RecordNo(64));
        assert!(text[seek.offset as usize..].starts_with("2026"));
        assert_eq!(index.end(RecordNo(129)), text.len() as u64);
    }

    /// Lines of every format and of none, in any order.
    fn mixed_text() -> impl Strategy<Value = String> {
        let mut lines: Vec<String> = format::samples().map(str::to_owned).collect();
        let others = [
            "",
            " indented",
            "loose text",
            "}",
            "\r",
            "{not json",
            "panic: no",
            "main.main()",
            "-----BEGIN X",
            "-----END X",
        ];
        lines.extend(others.map(str::to_owned));
        lines.extend(prefix::SAMPLES.map(|(line, _)| line.to_owned()));
        proptest::collection::vec(proptest::sample::select(lines), 0..200)
            .prop_map(|chosen| chosen.join("\n"))
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_index_of_the_whole(
            text in mixed_text(),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        ) {
            let bytes = text.as_bytes();
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            ends.extend([0, bytes.len()]);
            ends.sort_unstable();
            let chunks: Vec<&[u8]> = ends.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(indexed(&chunks), indexed(&[bytes]));
        }

        #[test]
        fn any_bytes_can_be_indexed(bytes: Vec<u8>) {
            let index = indexed(&[&bytes]);
            prop_assert_eq!(index.length(), bytes.len() as u64);
            prop_assert_eq!(index.records() > 0, !bytes.is_empty());
        }
    }
}
