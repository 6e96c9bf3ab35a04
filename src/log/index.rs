//! The compact index of one file: for every record its level and the time at
//! which it stands, for every 64th its offset. It costs 2.7 bytes a record, 7
//! where 64 of them take longer than eight seconds, and nothing for
//! continuation lines. A copy shares all of it but its end, so that one can
//! be handed on while the index grows.
//!
//! Counts before each block answer "which record is the nth at this level or
//! above" and its inverse in the logarithm of the file, so that changing the
//! floor or jumping to an error never walks the file. The times never fall: a
//! record without one, or with an earlier one, stands at the time before it.
//! Where a clock goes back for good, the records that it dated later stand no
//! later than the first one after; so one date in the future pins nothing.

mod segment;

use std::sync::Arc;

use super::account::{At, Sign, signs};
use super::level::Level;
use super::line::{Kind, Opening};
use super::raw::Raw;
use super::scan::{Fragment, Part, Start, Summary};
use super::stamp::Millis;
use super::weight::{Counts, Levels, Weight};

use segment::{BLOCK, Block, SEGMENT, Segment};

/// The number of a record in its file, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordNo(pub u32);

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

/// The time of records before the first known one.
const UNDATED: i64 = i64::MIN;

/// How far back a clock may go before it is taken for set anew.
const MINUTE: i64 = 60_000;

/// How many dated records in a row must stand before the latest by more than
/// that, so that one line with an old date does not move a whole log.
const BELIEVED: u8 = 8;

/// How often in one file a clock is taken for set back. What a hostile log
/// costs is bounded by it.
const MOST_SET_BACKS: u8 = 64;

/// What changes as records come, kept apart so that the unfinished last line
/// can be counted now and counted anew when it has grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Progress {
    opening: Opening,
    records: u32,
    counts: Counts,
    latest: Option<Millis>,
    first: Option<Millis>,
    first_header: Option<RecordNo>,
    fallen: Fallen,
}

/// The dated records in a row that stand far before the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Fallen {
    count: u8,
    lowest: i64,
    set_backs: u8,
}

/// The index of one file. Two files with the same bytes have equal indices,
/// however the bytes were cut into chunks.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Index {
    segments: Vec<Arc<Segment>>,
    progress: Progress,
    /// Where the indexed part of the file begins.
    begin: u64,
    length: u64,
    newlines: u64,
    /// The line after the last newline, where it begins, and what stood before it was counted.
    unfinished: Fragment,
    unfinished_at: u64,
    settled: Option<(Progress, Option<Block>)>,
    /// The last record that is begun, but for the unfinished line.
    open: Open,
    /// The last time that a record gave itself.
    own_time: Option<Millis>,
}

/// Says how large it is: all of it would be as long as the log.
impl std::fmt::Debug for Index {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (range, records) = (self.begin..self.length, self.records());
        write!(to, "Index({range:?}, {records} records)")
    }
}

/// A record to which lines may still come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Open {
    bytes: Fragment,
    level: Level,
    at: At,
}

/// What came before a chunk.
#[derive(Debug, Clone, Copy)]
struct Base {
    offset: u64,
    line: u64,
}

impl Index {
    /// The index of the end of a file, from a byte on where a record begins
    /// whatever came before. Its records are numbered from there.
    pub fn of_the_end(begin: u64, opening: Opening) -> Self {
        let progress = Progress {
            opening,
            ..Progress::default()
        };
        Self {
            progress,
            begin,
            length: begin,
            unfinished_at: begin,
            ..Self::default()
        }
    }

    /// Joins the next chunk of the file. `arrived` dates records of a file
    /// that carries no times itself: give it for what was seen to be written.
    pub fn append(&mut self, summary: &Summary, arrived: Option<Millis>) {
        self.hear(summary, arrived, &mut |_, _| {});
    }

    /// As [`Index::append`], and gives what the records tell, in their order.
    /// The last record tells nothing before the next one begins: lines may
    /// still come to it.
    pub fn hear(
        &mut self,
        summary: &Summary,
        arrived: Option<Millis>,
        tell: &mut dyn FnMut(At, &Sign<'_>),
    ) {
        self.forget_unfinished();
        let base = Base {
            offset: self.length,
            line: self.newlines,
        };
        self.length += summary.length;
        self.newlines += summary.newlines;
        self.unfinished.extend(&summary.first);
        if summary.is_whole {
            self.end_line(base, arrived, tell);
            let fits = summary.guess == self.progress.opening;
            let anew = (!fits).then(|| summary.scan_anew(self.progress.opening));
            self.join(base, anew.as_ref().unwrap_or(&summary.zone), arrived, tell);
            self.join(base, &summary.rest, arrived, tell);
            self.unfinished = summary.line.clone();
            self.unfinished_at = self.length - self.unfinished.length;
        }
        self.count_unfinished(arrived);
    }

    /// Judges the line that the chunk's first newline has ended.
    fn end_line(
        &mut self,
        base: Base,
        arrived: Option<Millis>,
        tell: &mut dyn FnMut(At, &Sign<'_>),
    ) {
        let line = std::mem::take(&mut self.unfinished);
        let text = line.kept.strip_suffix(b"\n").unwrap_or(&line.kept);
        let Some(opened) = self.progress.opening.judge(Kind::of(text)) else {
            return self.open.bytes.extend(&line);
        };
        self.tell_open(base.line, tell);
        let weight = Weight::of(text, opened.1);
        self.begin(self.unfinished_at, (opened.0, weight), arrived);
        self.own_time = opened.0.or(self.own_time);
        self.open = Open {
            bytes: line,
            level: opened.1,
            at: self.at(self.unfinished_at, base.line),
        };
    }

    /// Joins whole lines that follow what is joined already.
    fn join(
        &mut self,
        base: Base,
        part: &Part,
        arrived: Option<Millis>,
        tell: &mut dyn FnMut(At, &Sign<'_>),
    ) {
        let Some(after) = part.after else { return };
        self.open.bytes.extend(&part.head);
        let Some(last) = part.starts.last() else {
            self.progress.opening = after;
            return;
        };
        self.tell_open(base.line + u64::from(part.first_line), tell);
        let mut untold = part.told.untold();
        let mut number = 0;
        while let Some(start) = part.starts.get(number) {
            let first = self.progress.records;
            let run = self.begin_run(base, &part.starts[number..]);
            let end = number + run.max(1);
            if run == 0 {
                self.begin_at(base, *start, arrived);
            }
            untold.before(end, |spot, sign| {
                let start = part.starts[spot.start as usize];
                let at = At {
                    record: RecordNo(first + (spot.start as usize - number) as u32),
                    line: base.line + u64::from(spot.line),
                    offset: base.offset + u64::from(start.at),
                    lines: spot.lines,
                    time: start.time().or(self.own_time),
                };
                tell(at, sign);
            });
            let last = part.starts[end - 1];
            self.own_time = last.time().or(self.own_time);
            number = end;
        }
        self.progress.opening = after;
        self.open = Open {
            bytes: part.open.clone(),
            level: last.weight.level(),
            at: self.at(
                base.offset + u64::from(last.at),
                base.line + u64::from(part.open_line),
            ),
        };
    }

    /// Where the record stands that was begun last.
    fn at(&self, offset: u64, line: u64) -> At {
        At {
            record: RecordNo(self.progress.records.saturating_sub(1)),
            line,
            offset,
            lines: 0,
            time: self.own_time,
        }
    }

    /// Begins as many records as need no second thought: in the same segment,
    /// with a time that does not fall, in a log that had a header before.
    fn begin_run(&mut self, base: Base, starts: &[Start]) -> usize {
        let progress = &mut self.progress;
        let (Some(Millis(latest)), Some(_)) = (progress.latest, progress.first_header) else {
            return 0;
        };
        let room = (SEGMENT - progress.records % SEGMENT).min(u32::MAX - progress.records);
        let Some(segment) = self.segments.last_mut().filter(|_| room < SEGMENT) else {
            return 0;
        };
        let segment = Arc::make_mut(segment);
        let starts = &starts[..starts.len().min(room as usize)];
        let (mut latest, mut count, mut weights) = (latest, 0, Counts::default());
        loop {
            let rest = starts[count..].iter().map_while(Start::dated);
            count += segment.extend(rest, &mut latest, &mut weights);
            let Some((start, (weight, at))) = starts.get(count).and_then(|start| {
                let dated = start.dated()?;
                Some((start, dated))
            }) else {
                break;
            };
            if at < latest.saturating_sub(MINUTE) {
                break;
            }
            latest = latest.max(at);
            count_weights(&mut progress.counts, &mut weights);
            let offset = base.offset + u64::from(start.at);
            segment.push((weight, latest), offset, &progress.counts);
            weights[weight as usize] += 1;
            count += 1;
        }
        count_weights(&mut progress.counts, &mut weights);
        if let Some(last) = count.checked_sub(1) {
            progress.opening = starts[last].opening();
            progress.latest = Some(Millis(latest));
            progress.records += count as u32;
            progress.fallen.count = 0;
        }
        count
    }

    fn begin_at(&mut self, base: Base, start: Start, arrived: Option<Millis>) {
        self.progress.opening = start.opening();
        let opened = (start.time(), start.weight);
        self.begin(base.offset + u64::from(start.at), opened, arrived);
    }

    /// Tells what the record means that is complete now, up to this line.
    fn tell_open(&self, end: u64, tell: &mut dyn FnMut(At, &Sign<'_>)) {
        let at = At {
            lines: u32::try_from(end - self.open.at.line).unwrap_or(u32::MAX),
            ..self.open.at
        };
        for sign in signs(Raw::new(&self.open.bytes.kept, self.open.level)) {
            tell(at, &sign);
        }
    }

    /// As if the file ended here: gives what the last records mean. More can
    /// be joined afterwards, and then they are told with what has come to them.
    pub fn finish(&self, tell: &mut dyn FnMut(At, &Sign<'_>)) {
        let end = self.lines();
        if self.unfinished.length == 0 {
            return self.tell_open(end, tell);
        }
        let mut last = self.clone();
        last.forget_unfinished();
        let base = Base {
            offset: last.length,
            line: last.newlines,
        };
        last.end_line(base, None, tell);
        last.tell_open(end, tell);
    }

    fn count_unfinished(&mut self, arrived: Option<Millis>) {
        if self.unfinished.length == 0 {
            return;
        }
        let block = self
            .segments
            .last()
            .and_then(|segment| segment.last_block());
        self.settled = Some((self.progress, block));
        let line = &self.unfinished.kept;
        let Some((at, level)) = self.progress.opening.judge(Kind::of(line)) else {
            return;
        };
        let opened = (at, Weight::of(line, level));
        // It is counted anew, and a clock that is set back can't be unset.
        self.progress.fallen.set_backs = MOST_SET_BACKS;
        self.begin(self.unfinished_at, opened, arrived);
    }

    fn forget_unfinished(&mut self) {
        let Some((progress, block)) = self.settled.take() else {
            return;
        };
        let counted = self.progress.records > progress.records;
        self.progress = progress;
        if !counted {
            return;
        }
        if let Some(segment) = self.segments.last_mut() {
            let segment = Arc::make_mut(segment);
            segment.pop(block);
            if segment.is_empty() {
                self.segments.pop();
            }
        }
    }

    fn begin(
        &mut self,
        offset: u64,
        (at, weight): (Option<Millis>, Weight),
        arrived: Option<Millis>,
    ) {
        let number = self.progress.records;
        if number == u32::MAX {
            return;
        }
        let opening = self.progress.opening;
        if opening.has_header() && self.progress.first_header.is_none() {
            self.progress.first_header = Some(RecordNo(number));
        }
        let at = at.or(arrived.filter(|_| !opening.is_dated()));
        if let Some(at) = at {
            self.see_fall(at);
        }
        self.progress.latest = self.progress.latest.max(at);
        self.progress.first = self.progress.first.or(at);
        let time = self.progress.latest.map_or(UNDATED, |at| at.0);
        if number.is_multiple_of(SEGMENT) {
            self.segments.push(Arc::default());
        }
        let Some(segment) = self.segments.last_mut() else {
            return;
        };
        Arc::make_mut(segment).push((weight, time), offset, &self.progress.counts);
        self.progress.records += 1;
        for count in &mut self.progress.counts[..=weight as usize] {
            *count += 1;
        }
    }

    /// Sees whether the clock was set back for good.
    fn see_fall(&mut self, at: Millis) {
        let Some(latest) = self.progress.latest else {
            return;
        };
        let fallen = &mut self.progress.fallen;
        if at.0 >= latest.0.saturating_sub(MINUTE) {
            fallen.count = 0;
            return;
        }
        fallen.lowest = if fallen.count == 0 {
            at.0
        } else {
            fallen.lowest.min(at.0)
        };
        fallen.count = fallen.count.saturating_add(1);
        if fallen.count < BELIEVED || fallen.set_backs >= MOST_SET_BACKS {
            return;
        }
        fallen.count = 0;
        fallen.set_backs += 1;
        let time = Millis(fallen.lowest);
        self.set_back(time);
    }

    /// Lets no record stand later than `time`.
    fn set_back(&mut self, time: Millis) {
        let later = self.since(Millis(time.0.saturating_add(1)));
        let first = (later.0 / SEGMENT) as usize;
        let within = later.0 % SEGMENT;
        for (number, segment) in self.segments.iter_mut().enumerate().skip(first) {
            let from = if number == first { within } else { 0 };
            Arc::make_mut(segment).set_back(from, time.0);
        }
        self.progress.latest = Some(time);
        self.progress.first = self.progress.first.min(Some(time));
    }

    /// Up to where the file is indexed.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// From where on the file is indexed: 0, but for an index of its end.
    pub fn begins_at(&self) -> u64 {
        self.begin
    }

    /// How lines that follow are judged.
    pub fn opening(&self) -> Opening {
        self.progress.opening
    }

    /// Newline-ended lines, and a last one without.
    pub fn lines(&self) -> u64 {
        self.newlines + u64::from(self.unfinished.length > 0)
    }

    /// How many lines have their newline.
    pub fn newlines(&self) -> u64 {
        self.newlines
    }

    /// How many records there are in all.
    pub fn records(&self) -> u32 {
        self.progress.records
    }

    /// How many records are meant by `levels`.
    pub fn count(&self, levels: Levels) -> u32 {
        levels.counted(&self.progress.counts)
    }

    /// The first and last time in the file.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        self.progress.first.zip(self.progress.latest)
    }

    fn segment(&self, record: RecordNo) -> Option<&Segment> {
        let segment = self.segments.get((record.0 / SEGMENT) as usize);
        segment.map(Arc::as_ref)
    }

    /// How loud a record is.
    pub fn level(&self, record: RecordNo) -> Option<Level> {
        self.weight(record).map(Weight::level)
    }

    /// How loud a record is, and whether it means nothing.
    pub fn weight(&self, record: RecordNo) -> Option<Weight> {
        self.segment(record)?.weight(record.0 % SEGMENT)
    }

    /// When the last error was written that means something.
    pub fn last_error(&self) -> Option<Millis> {
        let errors = Levels::Meant(Level::Error);
        let last = self.nth(self.count(errors).checked_sub(1)?, errors)?;
        self.time(last)
    }

    /// The time at which a record stands; none before the first one known.
    pub fn time(&self, record: RecordNo) -> Option<Millis> {
        let time = self.segment(record)?.time(record.0 % SEGMENT)?;
        (time != UNDATED).then_some(Millis(time))
    }

    /// How many of the meant records come before this one.
    pub fn rank(&self, record: RecordNo, levels: Levels) -> u32 {
        if record.0 >= self.records() {
            return self.count(levels);
        }
        self.segment(record)
            .map_or(0, |segment| segment.rank(record.0 % SEGMENT, levels))
    }

    /// The record with this rank among the meant ones.
    pub fn nth(&self, rank: u32, levels: Levels) -> Option<RecordNo> {
        if rank >= self.count(levels) {
            return None;
        }
        let after = self
            .segments
            .partition_point(|segment| segment.before(levels) <= rank);
        let number = after.checked_sub(1)?;
        let within = self.segments[number].nth(rank, levels)?;
        Some(RecordNo(number as u32 * SEGMENT + within))
    }

    /// The first record that stands at `time` or later; the count of records
    /// where there is none.
    pub fn since(&self, time: Millis) -> RecordNo {
        let after = self
            .segments
            .partition_point(|segment| segment.first_time() < time.0);
        let Some(number) = after.checked_sub(1) else {
            return RecordNo(0);
        };
        let within = self.segments[number].since(time.0);
        RecordNo(number as u32 * SEGMENT + within)
    }

    /// Where to read from to reach a record, at most 63 records before it.
    pub fn seek(&self, record: RecordNo) -> Seek {
        let block = self
            .segment(record)
            .and_then(|segment| segment.block(record.0 % SEGMENT));
        let Some(block) = block else {
            return Seek {
                offset: self.begin,
                ..Seek::start()
            };
        };
        self.seek_block(RecordNo(record.0 / BLOCK * BLOCK), block.offset)
    }

    fn seek_block(&self, first: RecordNo, offset: u64) -> Seek {
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

    /// Where to read from to reach the record in which this byte stands: the
    /// start of its block, and where the block ends.
    pub fn around(&self, offset: u64) -> (Seek, u64) {
        let after = self
            .segments
            .partition_point(|segment| segment.first_offset() <= offset);
        let number = after.saturating_sub(1);
        let block = self
            .segments
            .get(number)
            .map_or(0, |segment| segment.block_at(offset));
        let first = RecordNo(number as u32 * SEGMENT + block * BLOCK);
        (self.seek(first), self.end(first))
    }

    /// Where reading may stop once a record is complete: the start of the next block.
    pub fn end(&self, record: RecordNo) -> u64 {
        let next = (record.0 / BLOCK + 1) * BLOCK;
        let block = self
            .segment(RecordNo(next))
            .and_then(|segment| segment.block(next % SEGMENT));
        block.map_or(self.length, |block| block.offset)
    }
}

/// Counts records that were counted by their weight, and forgets them there.
fn count_weights(counts: &mut Counts, weights: &mut Counts) {
    let mut heavier = 0;
    for (count, weight) in counts.iter_mut().zip(weights).rev() {
        heavier += std::mem::take(weight);
        *count += heavier;
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
    fn one_time_in_the_future_does_not_pin_what_comes_after_it() {
        let text = record(1, "INFO")
            + "2099-01-01T00:00:00.000Z [INFO]  bogus\n"
            + &(2..60)
                .map(|second| record(second, "INFO"))
                .collect::<String>();
        let index = indexed(&[text.as_bytes()]);
        let start = index.time(RecordNo(0)).unwrap();
        let after = |record| index.time(RecordNo(record)).unwrap().0 - start.0;
        assert_eq!(after(1), 1_000);
        assert_eq!((after(30), after(59)), (29_000, 58_000));
        assert_eq!(index.span().unwrap().1.0 - start.0, 58_000);
        assert!((1..60).all(|record| after(record) >= after(record - 1)));
    }

    #[test]
    fn one_time_in_the_past_moves_nothing() {
        let text = record(1, "INFO")
            + &"1999-01-01T00:00:00.000Z [INFO]  bogus\n".repeat(7)
            + &record(2, "INFO");
        let index = indexed(&[text.as_bytes()]);
        let (first, last) = index.span().unwrap();
        assert_eq!(last.0 - first.0, 1_000);
        assert_eq!(index.time(RecordNo(5)), Some(first));
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_from_there_in_a_log_of_any_length() {
        let later = "2027-01-01T00:00:00.000Z [INFO]  before the clock was set\n".repeat(20_000);
        let text = record(1, "INFO") + &later + &record(30, "WARN").repeat(20_000);
        let index = indexed(&[text.as_bytes()]);
        let (first, last) = index.span().unwrap();
        assert_eq!(last.0 - first.0, 29_000);
        assert_eq!(index.since(last), RecordNo(1));
        assert_eq!(index.time(RecordNo(20_000)), Some(last));
    }

    #[test]
    fn times_are_exact_however_far_apart_the_records_are() {
        let hourly = |n: u32| {
            format!(
                "2026-11-{:02}T{:02}:00:00.007Z [INFO]  m\n",
                1 + n / 24,
                n % 24
            )
        };
        let text: String = (0..240).map(hourly).collect();
        let index = indexed(&[text.as_bytes()]);
        let start = index.span().unwrap().0;
        for hour in 0..240 {
            let time = index.time(RecordNo(hour)).unwrap();
            assert_eq!(time.0 - start.0, i64::from(hour) * 3_600_000);
            assert_eq!(index.since(time), RecordNo(hour));
        }
    }

    #[test]
    fn a_byte_leads_to_the_block_of_its_record() {
        let text: String = (0..40_000).map(|n| record(n / 700, "INFO")).collect();
        let index = indexed(&[text.as_bytes()]);
        let long = record(0, "INFO").len() as u64;
        for number in [0, 63, 64, 16_383, 16_384, 39_999] {
            let (seek, end) = index.around(u64::from(number) * long + 5);
            assert_eq!(seek, index.seek(RecordNo(number)));
            assert_eq!(end, index.end(RecordNo(number)));
        }
    }

    #[test]
    fn a_copy_stays_as_it_was_while_the_index_grows() {
        let text = record(1, "WARN");
        let mut index = indexed(&[text.as_bytes()]);
        let copy = index.clone();
        index.append(&scan(record(2, "ERROR").as_bytes()), None);
        assert_eq!((copy.records(), index.records()), (1, 2));
        assert_eq!(copy, indexed(&[text.as_bytes()]));
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
