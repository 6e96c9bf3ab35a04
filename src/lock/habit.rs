//! How long the locks of one state are usually held. A versioned bucket keeps
//! every `.tflock` with its body, so each former lock is known with its
//! beginning, its end and its holder.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::errand::is_ours;
use super::{Body, Holder};

/// Fewer former locks than this are no habit.
const ENOUGH: usize = 3;

/// One former lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// None where its body could not be read or is no lock.
    pub holder: Option<Holder>,
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Hold {
    pub fn lasted(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }
}

/// A body that stood in the lock object, and when another one, or none, took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    pub from: Timestamp,
    pub to: Timestamp,
    /// None where it could not be read.
    pub body: Option<Vec<u8>>,
}

/// The former locks of one state that were let go in the ordinary way, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Habits {
    pub holds: Vec<Hold>,
}

/// What is usual, among former locks of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    pub median: SignedDuration,
    pub longest: SignedDuration,
    /// How many former locks say so.
    pub of: usize,
}

impl Habits {
    /// The habits that former locks show. What tfsos took or ended was held for
    /// other reasons than a run: `ended` has the hashes of those bodies.
    pub fn of(former: Vec<Former>, ended: &HashSet<String>) -> Self {
        let holds = former.into_iter().filter_map(|former| {
            let holder = former.body.as_deref().and_then(Holder::read);
            let by_us = former
                .body
                .is_some_and(|body| ended.contains(&Body::Bytes(body).sha256()));
            let ordinary = !by_us && !holder.as_ref().is_some_and(is_ours);
            ordinary.then_some(Hold {
                holder,
                from: former.from,
                to: former.to,
            })
        });
        Self {
            holds: holds.collect(),
        }
    }

    /// How long an operation usually holds the lock; of all operations where
    /// this one is too rare, and none where all are.
    pub fn usual(&self, operation: &str) -> Option<Usual> {
        let same = |hold: &&Hold| {
            let holder = hold.holder.as_ref();
            holder.is_some_and(|holder| holder.operation == operation)
        };
        usual(self.holds.iter().filter(same)).or_else(|| usual(self.holds.iter()))
    }
}

fn usual<'a>(holds: impl Iterator<Item = &'a Hold>) -> Option<Usual> {
    let mut spans: Vec<_> = holds
        .map(Hold::lasted)
        .filter(|span| !span.is_negative())
        .collect();
    spans.sort_unstable();
    let longest = *spans.last().filter(|_| spans.len() >= ENOUGH)?;
    Some(Usual {
        median: spans[spans.len() / 2],
        longest,
        of: spans.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(operation: &str, seconds: i64) -> Hold {
        Hold {
            holder: Some(Holder {
                operation: operation.into(),
                ..Holder::default()
            }),
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::from_second(seconds).unwrap(),
        }
    }

    fn habits(holds: &[(&str, i64)]) -> Habits {
        let holds = holds.iter();
        Habits {
            holds: holds.map(|&(word, seconds)| hold(word, seconds)).collect(),
        }
    }

    #[test]
    fn an_apply_is_compared_with_applies() {
        let known = habits(&[
            ("apply", 100),
            ("plan", 5),
            ("apply", 300),
            ("plan", 6),
            ("apply", 200),
            ("plan", 7),
        ]);
        let usual = known.usual("apply").unwrap();
        assert_eq!(
            (usual.median.as_secs(), usual.longest.as_secs()),
            (200, 300)
        );
        assert_eq!(known.usual("plan").unwrap().median.as_secs(), 6);
        assert_eq!(known.usual("taint").unwrap().of, 6, "all of them");
    }

    #[test]
    fn what_tfsos_took_or_ended_shows_no_habit() {
        let former = |body: &str| Former {
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::UNIX_EPOCH,
            body: Some(body.as_bytes().to_vec()),
        };
        let (stale, ours) = (
            r#"{"ID":"a"}"#,
            r#"{"ID":"b","Operation":"tfsos","Info":"tfsos freeze"}"#,
        );
        let ended = HashSet::from([Body::Bytes(stale.into()).sha256()]);
        let former = vec![
            former(stale),
            former(ours),
            former(r#"{"ID":"c"}"#),
            former(""),
        ];
        let ids: Vec<_> = Habits::of(former, &ended)
            .holds
            .into_iter()
            .map(|hold| hold.holder.map(|holder| holder.id))
            .collect();
        assert_eq!(ids, [Some("c".to_owned()), None]);
    }

    #[test]
    fn two_former_locks_are_no_habit() {
        assert_eq!(habits(&[("apply", 9), ("apply", 9)]).usual("apply"), None);
        assert_eq!(Habits::default().usual("apply"), None);
    }
}
