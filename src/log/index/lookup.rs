//! What an index answers without a look at its file: how loud a record is and
//! when it stands, which record is the nth of its kind, from where to read to
//! reach one.

use std::sync::Arc;

use super::segment::{BLOCK, SEGMENT, Segment};
use super::{Index, RecordNo, Seek, UNDATED};
use crate::log::level::Level;
use crate::log::opening::Opening;
use crate::log::stamp::Millis;
use crate::log::weight::{Levels, Weight};

impl Index {
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
