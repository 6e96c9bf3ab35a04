//! Sixteen thousand records of an index, in blocks of 64. A segment is shared
//! by the copies of its index until one of them adds to it.

use super::{MINUTE, UNDATED};
use crate::log::weight::{Counts, Levels, Weight};

/// How many records share an offset.
pub const BLOCK: u32 = 64;

/// How many records share a segment.
pub const SEGMENT: u32 = 256 * BLOCK;

/// Where a block begins: in the file, in time, and in the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub offset: u64,
    pub time: i64,
    pub before: Counts,
}

/// A weight in the low 3 bits, milliseconds since the block's time above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry(u16);

/// The time is too far from the block's; it stands among the wide ones.
const FAR: u16 = u16::MAX >> 3;

impl Entry {
    fn new(weight: Weight, since: i64) -> Self {
        let since = u16::try_from(since).map_or(FAR, |since| since.min(FAR));
        Self(since << 3 | weight as u16)
    }

    fn weight(self) -> Weight {
        Weight::ALL[usize::from(self.0 & 7) % Weight::ALL.len()]
    }

    fn since(self) -> Option<i64> {
        let since = self.0 >> 3;
        (since != FAR).then_some(i64::from(since))
    }
}

/// The times of a block whose records are far apart, in milliseconds since its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wide {
    block: u32,
    since: Vec<u32>,
}

/// Records that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    blocks: Vec<Block>,
    entries: Vec<Entry>,
    /// In the order of their blocks.
    wide: Vec<Wide>,
}

impl Segment {
    /// An empty one, where so many records came before that it will be filled.
    pub fn of_many() -> Self {
        Self {
            blocks: Vec::with_capacity((SEGMENT / BLOCK) as usize),
            entries: Vec::with_capacity(SEGMENT as usize),
            wide: Vec::new(),
        }
    }

    /// Adds records to the last block as far as that is simple: it has room, its
    /// times are near, and none falls far behind `latest`, which is moved on.
    /// Counts them by their weights, and says how many they are.
    #[inline]
    pub fn extend(
        &mut self,
        records: impl Iterator<Item = (Weight, i64)>,
        latest: &mut i64,
        weights: &mut Counts,
    ) -> usize {
        let Some(block) = self.blocks.last() else {
            return 0;
        };
        let number = self.blocks.len() as u32 - 1;
        let is_wide = self.wide.last().is_some_and(|wide| wide.block == number);
        if is_wide || block.time == UNDATED {
            return 0;
        }
        let before = self.entries.len();
        let room = before.next_multiple_of(BLOCK as usize) - before;
        for (weight, time) in records.take(room) {
            let stands = time.max(*latest);
            let entry = Entry::new(weight, stands.saturating_sub(block.time));
            if time < latest.saturating_sub(MINUTE) || entry.since().is_none() {
                break;
            }
            *latest = stands;
            weights[weight as usize] += 1;
            self.entries.push(entry);
        }
        self.entries.len() - before
    }

    /// Adds a record; `offset` and `before` are what its block has if it is the
    /// first of one.
    #[inline]
    pub fn push(&mut self, (weight, time): (Weight, i64), offset: u64, before: &Counts) {
        if self.entries.len().is_multiple_of(BLOCK as usize) {
            self.blocks.push(Block {
                offset,
                time,
                before: *before,
            });
        }
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        if block.time == UNDATED {
            block.time = time;
        }
        let since = time.saturating_sub(block.time);
        let entry = Entry::new(weight, since);
        let number = self.blocks.len() as u32 - 1;
        if entry.since().is_none() || self.wide.last().is_some_and(|wide| wide.block == number) {
            self.widen(number, since);
        }
        self.entries.push(entry);
    }

    /// Notes the time of the record that is about to be added.
    fn widen(&mut self, block: u32, since: i64) {
        if self.wide.last().is_none_or(|wide| wide.block != block) {
            let within = &self.entries[(block * BLOCK) as usize..];
            let since = within.iter().map(|entry| entry.since().unwrap_or(0) as u32);
            let since = since.collect();
            self.wide.push(Wide { block, since });
        }
        if let Some(wide) = self.wide.last_mut() {
            wide.since.push(u32::try_from(since).unwrap_or(u32::MAX));
        }
    }

    /// Takes the last record away; `block` is the last block as it was before.
    pub fn pop(&mut self, block: Option<Block>) {
        self.entries.pop();
        let blocks = self.entries.len().div_ceil(BLOCK as usize);
        if blocks == self.blocks.len()
            && let (Some(last), Some(block)) = (self.blocks.last_mut(), block)
        {
            *last = block;
        }
        self.blocks.truncate(blocks);
        let records = self.entries.len();
        let Some(wide) = self.wide.last_mut() else {
            return;
        };
        let start = (wide.block * BLOCK) as usize;
        wide.since.truncate(records.saturating_sub(start));
        let within = self.entries.get(start..).unwrap_or_default();
        if within.iter().all(|entry| entry.since().is_some()) {
            self.wide.pop();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn last_block(&self) -> Option<Block> {
        self.blocks.last().copied()
    }

    /// The block of a record.
    pub fn block(&self, record: u32) -> Option<&Block> {
        self.blocks.get((record / BLOCK) as usize)
    }

    /// The last block that begins at this byte of the file or before.
    pub fn block_at(&self, offset: u64) -> u32 {
        let after = self.blocks.partition_point(|block| block.offset <= offset);
        after.saturating_sub(1) as u32
    }

    pub fn first_offset(&self) -> u64 {
        self.blocks.first().map_or(u64::MAX, |block| block.offset)
    }

    pub fn first_time(&self) -> i64 {
        self.blocks.first().map_or(i64::MAX, |block| block.time)
    }

    /// How many of the meant records came before this segment.
    pub fn before(&self, levels: Levels) -> u32 {
        let first = self.blocks.first();
        first.map_or(u32::MAX, |block| levels.counted(&block.before))
    }

    pub fn weight(&self, record: u32) -> Option<Weight> {
        self.entries
            .get(record as usize)
            .map(|entry| entry.weight())
    }

    /// When a record stands; [`UNDATED`] before the first known time.
    pub fn time(&self, record: u32) -> Option<i64> {
        let entry = self.entries.get(record as usize)?;
        let block = self.block(record)?;
        let since = entry.since().unwrap_or_else(|| self.far(record));
        Some(block.time.saturating_add(since))
    }

    fn far(&self, record: u32) -> i64 {
        let block = record / BLOCK;
        let found = self.wide.binary_search_by_key(&block, |wide| wide.block);
        let wide = found.ok().map(|at| &self.wide[at].since);
        wide.and_then(|since| since.get((record % BLOCK) as usize))
            .map_or(i64::from(FAR), |&since| i64::from(since))
    }

    /// How many of the meant records of the whole file come before this one.
    pub fn rank(&self, record: u32, levels: Levels) -> u32 {
        let Some(block) = self.block(record) else {
            return self.before(levels);
        };
        let start = (record / BLOCK * BLOCK) as usize;
        let end = self.entries.len().min(record as usize);
        let within = &self.entries[start..end];
        let meant = within.iter().filter(|entry| levels.include(entry.weight()));
        levels.counted(&block.before) + meant.count() as u32
    }

    /// The record here that has this rank in the whole file.
    pub fn nth(&self, rank: u32, levels: Levels) -> Option<u32> {
        let after = self
            .blocks
            .partition_point(|block| levels.counted(&block.before) <= rank);
        let block = after.checked_sub(1)?;
        let start = block * BLOCK as usize;
        let left = rank - levels.counted(&self.blocks[block].before);
        self.entries[start..]
            .iter()
            .enumerate()
            .filter(|(_, entry)| levels.include(entry.weight()))
            .nth(left as usize)
            .map(|(within, _)| (start + within) as u32)
    }

    /// The first record that stands at `time` or later; the count of records
    /// where there is none.
    pub fn since(&self, time: i64) -> u32 {
        let after = self.blocks.partition_point(|block| block.time < time);
        let Some(block) = after.checked_sub(1) else {
            return 0;
        };
        let start = block as u32 * BLOCK;
        let end = (self.entries.len() as u32).min(start + BLOCK);
        let mut within = start..end;
        let later = within.find(|&record| self.time(record).is_some_and(|at| at >= time));
        later.unwrap_or(end)
    }

    /// Lets every record from this one on stand at `time`; those before stand
    /// there or earlier already.
    pub fn set_back(&mut self, from: u32, time: i64) {
        for block in (from / BLOCK)..self.blocks.len() as u32 {
            let start = block * BLOCK;
            let end = (self.entries.len() as u32).min(start + BLOCK);
            let first = start.max(from);
            let times: Vec<i64> = (start..first)
                .filter_map(|record| self.time(record))
                .chain((first..end).map(|_| time))
                .collect();
            self.restate(block, &times);
        }
    }

    /// Gives a block's records these times.
    fn restate(&mut self, block: u32, times: &[i64]) {
        let Some(&base) = times.first() else { return };
        let start = (block * BLOCK) as usize;
        self.blocks[block as usize].time = base;
        let mut far = false;
        for (entry, time) in self.entries[start..].iter_mut().zip(times) {
            *entry = Entry::new(entry.weight(), time.saturating_sub(base));
            far |= entry.since().is_none();
        }
        self.wide.retain(|wide| wide.block != block);
        if far {
            let since = times.iter().map(|time| time.saturating_sub(base));
            let since = since.map(|since| u32::try_from(since).unwrap_or(u32::MAX));
            let since = since.collect();
            let at = self.wide.partition_point(|wide| wide.block < block);
            self.wide.insert(at, Wide { block, since });
        }
    }
}
