//! How long the locks of one state are usually held. A versioned bucket keeps
//! every `.tflock` with its body, so each former lock is known with its
//! beginning, its end and its holder; what a table held is gone with its row,
//! but for what a journal says of a lock that was watched to its end.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::errand::is_ours;
use super::{Body, Holder};

/// Fewer former locks than this are no habit.
const ENOUGH: usize = 3;

/// Who tells of a former lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An old version of the lock object.
    Version,
    /// The journal of an incident, which was open while it was watched.
    Journal,
}

/// What the journals of a place tell of its former locks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journaled {
    /// The hashes of the bodies that tfsos released or took over.
    pub ended: HashSet<String>,
    /// The locks that were watched to their end.
    pub holds: Vec<Hold>,
}

/// One former lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub source: Source,
    /// None where its body could not be read or is no lock.
    pub holder: Option<Holder>,
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Hold {
    fn id(&self) -> Option<String> {
        let id = &self.holder.as_ref()?.id;
        (!id.is_empty()).then(|| id.clone())
    }

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
    /// How many of them are known from a journal.
    pub journaled: usize,
}

impl Habits {
    /// The habits that former locks show, each of them once. What tfsos took or
    /// ended was held for other reasons than a run.
    pub fn of(former: Vec<Former>, journaled: Journaled) -> Self {
        let Journaled { ended, holds } = journaled;
        let former = former.into_iter().filter_map(|former| {
            let holder = former.body.as_deref().and_then(Holder::read);
            let by_us = former
                .body
                .is_some_and(|body| ended.contains(&Body::Bytes(body).sha256()));
            let ordinary = !by_us && !holder.as_ref().is_some_and(is_ours);
            ordinary.then_some(Hold {
                source: Source::Version,
                holder,
                from: former.from,
                to: former.to,
            })
        });
        let mut all: Vec<Hold> = former.collect();
        let known: HashSet<String> = all.iter().filter_map(Hold::id).collect();
        // The lock object's own times are exact, a watch saw the end a little later.
        let new = |hold: &Hold| hold.id().is_none_or(|id| !known.contains(&id));
        all.extend(holds.into_iter().filter(new));
        all.sort_by_key(|hold| Reverse(hold.from));
        Self { holds: all }
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
    let mut known: Vec<(SignedDuration, Source)> = holds
        .map(|hold| (hold.lasted(), hold.source))
        .filter(|(span, _)| !span.is_negative())
        .collect();
    known.sort_unstable_by_key(|(span, _)| *span);
    let (longest, _) = *known.last().filter(|_| known.len() >= ENOUGH)?;
    let journaled = known
        .iter()
        .filter(|(_, source)| *source == Source::Journal);
    Some(Usual {
        median: known[known.len() / 2].0,
        longest,
        of: known.len(),
        journaled: journaled.count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(operation: &str, seconds: i64) -> Hold {
        Hold {
            source: Source::Version,
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
        let journaled = Journaled {
            ended,
            ..Journaled::default()
        };
        let ids: Vec<_> = Habits::of(former, journaled)
            .holds
            .into_iter()
            .map(|hold| hold.holder.map(|holder| holder.id))
            .collect();
        assert_eq!(ids, [Some("c".to_owned()), None]);
    }

    #[test]
    fn what_a_journal_tells_counts_beside_old_versions_and_each_lock_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let watched = |id: &str, (from, to)| Hold {
            source: Source::Journal,
            holder: Some(Holder {
                id: id.into(),
                operation: "apply".into(),
                ..Holder::default()
            }),
            from: at(from),
            to: at(to),
        };
        let journaled = Journaled {
            holds: vec![
                watched("a", (100, 165)),
                watched("b", (200, 270)),
                watched("c", (0, 80)),
            ],
            ..Journaled::default()
        };
        let version = Former {
            from: at(100),
            to: at(160),
            body: Some(br#"{"ID":"a","Operation":"apply"}"#.to_vec()),
        };
        let known = Habits::of(vec![version], journaled.clone());
        let told: Vec<_> = known
            .holds
            .iter()
            .map(|hold| (hold.id().unwrap(), hold.source, hold.lasted().as_secs()))
            .collect();
        let (journal, version) = (Source::Journal, Source::Version);
        let expected = [("b", journal, 70), ("a", version, 60), ("c", journal, 80)];
        assert_eq!(
            told,
            expected.map(|(id, source, lasted)| (id.to_owned(), source, lasted))
        );
        let usual = known.usual("apply").unwrap();
        assert_eq!((usual.of, usual.journaled), (3, 2));
        // A place that locks in a table alone has habits, too.
        let usual = Habits::of(Vec::new(), journaled).usual("apply").unwrap();
        assert_eq!((usual.of, usual.journaled), (3, 3));
    }

    #[test]
    fn two_former_locks_are_no_habit() {
        assert_eq!(habits(&[("apply", 9), ("apply", 9)]).usual("apply"), None);
        assert_eq!(Habits::default().usual("apply"), None);
    }
}
