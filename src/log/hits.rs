//! The records that a search found: one bit each, with counts that make "the
//! nth hit" and "which hit is this" quick. Hits come in ascending order.

use super::index::RecordNo;

const WORD: u32 = u64::BITS;

/// A set of records of one file. It costs 12 bytes for 64 records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hits {
    words: Vec<u64>,
    /// How many hits are before each word.
    before: Vec<u32>,
    count: u32,
}

impl Hits {
    /// Adds a record; one that is not after the last is already judged and ignored.
    pub fn add(&mut self, record: RecordNo) {
        let word = (record.0 / WORD) as usize;
        while self.words.len() <= word {
            self.words.push(0);
            self.before.push(self.count);
        }
        let later = self.words[word] >> (record.0 % WORD);
        if later == 0 && word + 1 == self.words.len() {
            self.words[word] |= 1 << (record.0 % WORD);
            self.count += 1;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether this record is one.
    pub fn contain(&self, record: RecordNo) -> bool {
        let word = self.words.get((record.0 / WORD) as usize);
        word.is_some_and(|word| word >> (record.0 % WORD) & 1 == 1)
    }

    /// How many hits come before this record.
    pub fn rank(&self, record: RecordNo) -> u32 {
        let word = (record.0 / WORD) as usize;
        let Some(bits) = self.words.get(word) else {
            return self.count;
        };
        let earlier = bits & ((1 << (record.0 % WORD)) - 1);
        self.before[word] + earlier.count_ones()
    }

    /// The hit with this rank.
    pub fn nth(&self, rank: u32) -> Option<RecordNo> {
        if rank >= self.count {
            return None;
        }
        let word = self.before.partition_point(|&before| before <= rank) - 1;
        let mut bits = self.words[word];
        for _ in self.before[word]..rank {
            bits &= bits - 1;
        }
        Some(RecordNo(word as u32 * WORD + bits.trailing_zeros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_third() -> Hits {
        let mut hits = Hits::default();
        (0..300).step_by(3).for_each(|n| hits.add(RecordNo(n)));
        hits
    }

    #[test]
    fn the_nth_hit_and_its_rank_agree() {
        let hits = every_third();
        assert_eq!(hits.count(), 100);
        for rank in 0..100 {
            let record = hits.nth(rank).unwrap();
            assert_eq!(record, RecordNo(rank * 3));
            assert_eq!(hits.rank(record), rank);
            assert!(hits.contain(record));
        }
        assert_eq!(hits.nth(100), None);
        assert!(!hits.contain(RecordNo(1)));
        assert_eq!(hits.rank(RecordNo(9999)), 100);
    }

    #[test]
    fn a_hit_that_comes_twice_counts_once() {
        let mut hits = every_third();
        hits.add(RecordNo(297));
        hits.add(RecordNo(3));
        assert_eq!(hits.count(), 100);
    }
}
