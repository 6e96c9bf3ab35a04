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

mod clock;
mod lookup;
mod segment;

use std::sync::Arc;

use super::account::{At, Sign, signs};
use super::level::Level;
use super::line::Kind;
use super::opening::Opening;
use super::raw::Raw;
use super::scan::{Fragment, Part, Start, Summary};
use super::stamp::Millis;
use super::weight::{Counts, Levels, Weight};

use clock::Fallen;
use segment::{Block, SEGMENT, Segment};

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
            progress.fallen.end();
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
        self.progress.fallen.believe_nothing();
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
        if number == 0 {
            self.segments.push(Arc::default());
        } else if number.is_multiple_of(SEGMENT) {
            self.segments.push(Arc::new(Segment::of_many()));
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
mod tests;
