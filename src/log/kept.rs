//! Which records of a file the filters let through: one bit each, and for
//! every 64 of them how many of each level came before. It costs half a byte a
//! record, whatever the filters are, and answers the same questions as the
//! index does, so that a filtered log is as quick as a whole one.
//!
//! A record is judged or not yet; what is not judged yet is not shown.

use super::index::{Index, RecordNo};
use super::stamp::Millis;
use super::weight::{Counts, Levels, Weight};

/// How many records share a word.
pub const WORD: u32 = u64::BITS;

/// 64 records: which of them are kept, and how many of each weight or heavier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Word {
    bits: u64,
    counts: [u8; Weight::ALL.len()],
}

impl Word {
    /// Keeps a record; `at` is its place among the 64.
    pub fn keep(&mut self, at: u32, weight: Weight) {
        self.bits |= 1 << (at % WORD);
        for count in &mut self.counts[..=weight as usize] {
            *count += 1;
        }
    }
}

/// Judged records that follow each other, from a whole word on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    /// A multiple of [`WORD`].
    pub first: RecordNo,
    pub words: Vec<Word>,
    /// How many records are judged; the last word may lack some.
    pub records: u32,
    /// How many records each filter matched, those of an unfinished last word apart.
    pub matched: Vec<u32>,
    pub matched_last: Vec<u32>,
}

/// The kept records of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    words: Vec<u64>,
    before: Vec<Counts>,
    counts: Counts,
    judged: u32,
    matched: Vec<u32>,
    matched_last: Vec<u32>,
}

impl Kept {
    /// Joins the next piece. It begins at the end of the one before, or at
    /// that one's last word, whose records are then judged anew.
    pub fn append(&mut self, piece: &Piece) {
        let at = (piece.first.0 / WORD) as usize;
        if at < self.words.len() {
            self.counts = self.before[at];
            self.words.truncate(at);
            self.before.truncate(at);
        } else {
            let last = std::mem::take(&mut self.matched_last);
            add(&mut self.matched, &last);
        }
        for word in &piece.words {
            self.words.push(word.bits);
            self.before.push(self.counts);
            for (count, more) in self.counts.iter_mut().zip(word.counts) {
                *count += u32::from(more);
            }
        }
        self.judged = piece.first.0 + piece.records;
        add(&mut self.matched, &piece.matched);
        self.matched_last.clone_from(&piece.matched_last);
    }

    /// Where judging goes on: at the last word, to whose last record lines may have come.
    pub fn resume(&self) -> RecordNo {
        RecordNo(self.judged.saturating_sub(1) / WORD * WORD)
    }

    /// How many records are judged.
    pub fn judged(&self) -> u32 {
        self.judged
    }

    /// How many records each filter matched, in the order of the filters.
    pub fn matched(&self) -> Vec<u32> {
        let mut matched = self.matched.clone();
        add(&mut matched, &self.matched_last);
        matched
    }

    fn contains(&self, record: RecordNo) -> bool {
        let word = self.words.get((record.0 / WORD) as usize);
        word.is_some_and(|bits| bits >> (record.0 % WORD) & 1 == 1)
    }

    fn rank(&self, record: RecordNo, levels: Levels, index: &Index) -> u32 {
        let word = (record.0 / WORD) as usize;
        let Some(bits) = self.words.get(word) else {
            return levels.counted(&self.counts);
        };
        let earlier = bits & ((1 << (record.0 % WORD)) - 1);
        let within = ones(word, earlier).filter(|&record| is_meant(record, levels, index));
        levels.counted(&self.before[word]) + within.count() as u32
    }

    fn nth(&self, rank: u32, levels: Levels, index: &Index) -> Option<RecordNo> {
        if rank >= levels.counted(&self.counts) {
            return None;
        }
        let after = self
            .before
            .partition_point(|before| levels.counted(before) <= rank);
        let word = after.checked_sub(1)?;
        let left = rank - levels.counted(&self.before[word]);
        ones(word, self.words[word])
            .filter(|&record| is_meant(record, levels, index))
            .nth(left as usize)
    }
}

fn add(sums: &mut Vec<u32>, more: &[u32]) {
    sums.resize(sums.len().max(more.len()), 0);
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

fn is_meant(record: RecordNo, levels: Levels, index: &Index) -> bool {
    let weight = index.weight(record);
    weight.is_some_and(|weight| levels.include(weight))
}

/// The records whose bits are set in a word.
fn ones(word: usize, mut bits: u64) -> impl Iterator<Item = RecordNo> {
    std::iter::from_fn(move || {
        let next = (bits != 0).then(|| word as u32 * WORD + bits.trailing_zeros())?;
        bits &= bits - 1;
        Some(RecordNo(next))
    })
}

/// A file as far as it is shown: its index, and what the filters keep of it.
/// Without filters all of it is.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub index: &'a Index,
    pub kept: Option<&'a Kept>,
}

impl Shown<'_> {
    /// How many records there are, shown or not.
    pub fn records(self) -> u32 {
        self.index.records()
    }

    /// How many shown records are meant by `levels`.
    pub fn count(self, levels: Levels) -> u32 {
        self.kept.map_or_else(
            || self.index.count(levels),
            |kept| levels.counted(&kept.counts),
        )
    }

    /// How many of the shown records that are meant come before this one.
    pub fn rank(self, record: RecordNo, levels: Levels) -> u32 {
        self.kept.map_or_else(
            || self.index.rank(record, levels),
            |kept| kept.rank(record, levels, self.index),
        )
    }

    /// The record with this rank among the shown ones that are meant.
    pub fn nth(self, rank: u32, levels: Levels) -> Option<RecordNo> {
        match self.kept {
            Some(kept) => kept.nth(rank, levels, self.index),
            None => self.index.nth(rank, levels),
        }
    }

    /// Whether the filters let this record through.
    pub fn keeps(self, record: RecordNo) -> bool {
        self.kept.is_none_or(|kept| kept.contains(record))
    }

    /// Whether a record is shown and meant.
    pub fn includes(self, record: RecordNo, levels: Levels) -> bool {
        self.keeps(record) && is_meant(record, levels, self.index)
    }

    pub fn time(self, record: RecordNo) -> Option<Millis> {
        self.index.time(record)
    }

    pub fn since(self, time: Millis) -> RecordNo {
        self.index.since(time)
    }

    pub fn span(self) -> Option<(Millis, Millis)> {
        self.index.span()
    }
}

impl<'a> From<&'a Index> for Shown<'a> {
    fn from(index: &'a Index) -> Self {
        Self { index, kept: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Level, scan};

    const WEIGHTS: [Weight; 5] = [
        Weight::Trace,
        Weight::Warn,
        Weight::Debug,
        Weight::Error,
        Weight::Harmless,
    ];

    fn index(records: u32) -> Index {
        let record = |n: u32| {
            let weight = WEIGHTS[n as usize % WEIGHTS.len()];
            let text = match weight {
                Weight::Harmless => "Checkpoint error: x",
                _ => "m",
            };
            format!(
                "2026-11-22T11:52:08.653Z [{}] {text}\n",
                weight.level().word()
            )
        };
        let mut index = Index::default();
        let text: String = (0..records).map(record).collect();
        index.append(&scan(text.as_bytes()), None);
        index
    }

    /// A piece that keeps every third record of these.
    fn piece(index: &Index, records: std::ops::Range<u32>) -> Piece {
        let mut piece = Piece {
            first: RecordNo(records.start),
            words: vec![Word::default(); records.len().div_ceil(64)],
            records: records.len() as u32,
            ..Piece::default()
        };
        for record in records.clone().filter(|record| record % 3 == 0) {
            let at = record - records.start;
            let weight = index.weight(RecordNo(record)).unwrap();
            piece.words[(at / WORD) as usize].keep(at % WORD, weight);
        }
        piece
    }

    #[test]
    fn what_is_kept_is_counted_ranked_and_found_at_every_level() {
        let index = index(1000);
        let mut kept = Kept::default();
        kept.append(&piece(&index, 0..640));
        kept.append(&piece(&index, 640..1000));
        let shown = Shown {
            index: &index,
            kept: Some(&kept),
        };
        let kinds = [Levels::AtLeast, Levels::Exactly, Levels::Meant];
        for levels in kinds.iter().flat_map(|kind| Level::ALL.map(kind)) {
            let expected: Vec<u32> = (0..1000)
                .filter(|n| n % 3 == 0 && levels.include(WEIGHTS[*n as usize % WEIGHTS.len()]))
                .collect();
            assert_eq!(shown.count(levels), expected.len() as u32, "{levels:?}");
            for (rank, &record) in expected.iter().enumerate() {
                let found = shown.nth(rank as u32, levels);
                assert_eq!(found, Some(RecordNo(record)), "{levels:?}");
                assert_eq!(shown.rank(RecordNo(record), levels), rank as u32);
            }
            assert_eq!(shown.nth(expected.len() as u32, levels), None);
        }
    }

    #[test]
    fn the_last_word_is_judged_anew_when_more_comes() {
        let index = index(200);
        let (mut whole, mut grown) = (Kept::default(), Kept::default());
        whole.append(&piece(&index, 0..200));
        grown.append(&piece(&index, 0..70));
        assert_eq!(grown.resume(), RecordNo(64));
        grown.append(&piece(&index, 64..150));
        assert_eq!(grown.resume(), RecordNo(128));
        grown.append(&piece(&index, 128..200));
        assert_eq!(grown, whole);
    }

    #[test]
    fn matches_of_an_unfinished_word_are_not_counted_twice() {
        let mut kept = Kept::default();
        let counted = |first, matched: &[u32], last: &[u32]| Piece {
            first: RecordNo(first),
            words: vec![Word::default()],
            records: 10,
            matched: matched.to_vec(),
            matched_last: last.to_vec(),
        };
        kept.append(&counted(0, &[0, 0], &[4, 1]));
        kept.append(&counted(0, &[7, 2], &[1, 0]));
        assert_eq!(kept.matched(), [8, 2]);
    }
}
