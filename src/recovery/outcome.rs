//! How a plan as a whole ended, judged from what became of each of its items.

use serde::Serialize;

use super::Settled;
use super::write::Write;

/// The end of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was shown, and not run.
    Planned,
    /// What it was for has come true, and we did our part of it.
    Done,
    /// A rule or somebody else's change stopped it; we wrote nothing.
    Refused,
    /// It could not be finished; we wrote nothing.
    Failed,
    /// We wrote something, and something is left to be done.
    Open,
}

impl Outcome {
    /// The word of the journal and of `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Open => "open",
        }
    }
}

/// What a plan came to: `settled` has one entry for each write that was tried, of `writes` in all.
pub fn of(settled: &[(Write, Settled)], writes: usize) -> Outcome {
    let any = |is: fn(&Settled) -> bool| settled.iter().any(|(_, one)| is(one));
    let wanted = settled.iter().all(|(write, one)| one.is_as_wanted(write));
    if any(Settled::is_ours) {
        return if wanted && settled.len() == writes {
            Outcome::Done
        } else {
            Outcome::Open
        };
    }
    // What may have been sent is found out by looking again, so the plan stays open.
    if any(|one| matches!(one, Settled::Unknown { .. })) {
        return Outcome::Open;
    }
    if settled.is_empty() || any(|one| matches!(one, Settled::Unchanged { .. })) {
        return Outcome::Failed;
    }
    Outcome::Refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Sighting, Store};

    fn release() -> Write {
        Write::release(&Sighting {
            store: Store::DynamoDb,
            container: "c".into(),
            key: "k".into(),
            body: Body::Bytes(Vec::new()),
            etag: None,
            modified: None,
        })
    }

    fn outcome(settled: &[Settled], writes: usize) -> Outcome {
        let each = settled.iter().map(|one| (release(), one.clone()));
        of(&each.collect::<Vec<_>>(), writes)
    }

    fn held() -> Settled {
        Settled::Unchanged {
            cause: "access denied".into(),
        }
    }

    fn unknown() -> Settled {
        Settled::Unknown {
            cause: "no answer".into(),
        }
    }

    #[test]
    fn a_release_is_done_when_no_store_holds_it_any_more() {
        use Settled::{AlreadySo, Done};
        assert_eq!(outcome(&[Done, Done], 2), Outcome::Done);
        assert_eq!(outcome(&[AlreadySo, Done], 2), Outcome::Done);
        assert_eq!(outcome(&[Done, Settled::Changed(None)], 2), Outcome::Done);
    }

    #[test]
    fn half_a_release_is_left_open() {
        assert_eq!(outcome(&[Settled::Done, held()], 2), Outcome::Open);
        assert_eq!(outcome(&[Settled::Done], 2), Outcome::Open);
        assert_eq!(outcome(&[unknown()], 1), Outcome::Open);
    }

    #[test]
    fn whoever_comes_second_is_refused_and_not_done() {
        assert_eq!(outcome(&[Settled::AlreadySo], 1), Outcome::Refused);
    }

    #[test]
    fn a_lock_that_somebody_took_first_is_not_retaken_half() {
        let take = release().undone();
        let settled = [
            (take.clone(), Settled::Done),
            (take, Settled::Changed(None)),
        ];
        assert_eq!(of(&settled, 2), Outcome::Open);
    }

    #[test]
    fn a_release_that_did_nothing_failed() {
        assert_eq!(outcome(&[held()], 2), Outcome::Failed);
        assert_eq!(outcome(&[], 1), Outcome::Failed);
    }
}
