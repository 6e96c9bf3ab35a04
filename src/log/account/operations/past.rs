//! The work that has ended: how much of each kind, which took longest, which
//! ended last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::under_way::Open;
use crate::log::account::At;
use crate::log::signal::{Act, Teller};
use crate::log::stamp::Millis;

/// How many of the slowest, and how many of the latest, are kept whole. More of
/// the latest would drive out of the processor's cache what is read meanwhile.
const MOST_SLOW: usize = 1024;
const MOST_LATEST: usize = 1024;

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed,
    /// The run ended, or was ended, before it.
    Unfinished,
    /// The log ends before it does.
    Running,
}

impl Outcome {
    /// The word for people and machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
            Self::Running => "running",
        }
    }
}

/// A piece of work on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub address: Arc<str>,
    pub act: Act,
    /// The record that tells of its beginning, else of its end.
    pub at: At,
    /// When it began, where the log tells.
    pub began: Option<Millis>,
    /// Milliseconds; of work that is running, as far as the log tells.
    pub took: Option<u64>,
    pub outcome: Outcome,
    pub teller: Teller,
}

/// How much work of one kind there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub done: u64,
    pub failed: u64,
    pub unfinished: u64,
    /// Milliseconds of all together.
    pub took: u64,
}

/// All that has ended, of which a bounded part is kept whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    sums: BTreeMap<Act, Sum>,
    slowest: Vec<Operation>,
    /// Of those kept last, the least slow: what is quicker need not be kept.
    bar: Option<(Reverse<Option<u64>>, u64)>,
    latest: VecDeque<Operation>,
}

impl Past {
    /// The slowest that have ended, the slowest first.
    pub fn slowest(&self) -> Vec<&Operation> {
        let mut slowest: Vec<&Operation> = self.slowest.iter().collect();
        slowest.sort_by_key(|operation| order(operation));
        slowest
    }

    /// The latest that have ended, in the order of their ends.
    pub fn latest(&self) -> impl Iterator<Item = &Operation> {
        self.latest.iter()
    }

    /// How much work of each kind there was.
    pub fn sums(&self) -> impl Iterator<Item = (Act, Sum)> + '_ {
        self.sums.iter().map(|(&act, &sum)| (act, sum))
    }

    pub fn add(&mut self, address: Arc<str>, open: &Open, took: Option<u64>, outcome: Outcome) {
        let sum = self.sums.entry(open.act).or_default();
        match outcome {
            Outcome::Done => sum.done += 1,
            Outcome::Failed => sum.failed += 1,
            Outcome::Unfinished | Outcome::Running => sum.unfinished += 1,
        }
        sum.took += took.unwrap_or(0);
        let operation = Operation {
            address,
            act: open.act,
            at: open.at,
            began: open.began,
            took,
            outcome,
            teller: open.teller,
        };
        if self.latest.len() == MOST_LATEST {
            self.latest.pop_front();
        }
        self.keep_slow(&operation);
        self.latest.push_back(operation);
    }

    fn keep_slow(&mut self, operation: &Operation) {
        if self.bar.is_some_and(|bar| order(operation) > bar) {
            return;
        }
        self.slowest.push(operation.clone());
        if self.slowest.len() == 2 * MOST_SLOW {
            let (_, last, _) = self
                .slowest
                .select_nth_unstable_by_key(MOST_SLOW - 1, order);
            self.bar = Some(order(last));
            self.slowest.truncate(MOST_SLOW);
        }
    }
}

/// The slowest first; of equals the one that stands first in the log.
pub fn order(operation: &Operation) -> (Reverse<Option<u64>>, u64) {
    (Reverse(operation.took), operation.at.offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_stay_however_many_there_are() {
        let mut past = Past::default();
        let open = Open {
            act: Act::Apply,
            teller: Teller::Event,
            at: At::default(),
            began: None,
            elapsed: None,
        };
        for number in 0..10_000u64 {
            let took = Some(number * 7 % 10_000);
            past.add("a.b".into(), &open, took, Outcome::Done);
        }
        let slowest = past.slowest();
        assert!(slowest.len() < 2 * MOST_SLOW);
        assert_eq!(
            (slowest[0].took, slowest[1023].took),
            (Some(9999), Some(8976))
        );
        assert_eq!(past.latest().count(), MOST_LATEST);
    }
}
