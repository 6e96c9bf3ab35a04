//! How a plan as a whole ended, judged from what became of each of its items.

use serde::Serialize;

use super::Settled;

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

/// What a release came to: `settled` has one entry for each item that was tried, of `targets` in all.
pub fn of_release(settled: &[Settled], targets: usize) -> Outcome {
    let any = |is: fn(&Settled) -> bool| settled.iter().any(is);
    let free = settled.len() == targets && settled.iter().all(Settled::is_free_of_it);
    if any(Settled::is_ours) {
        return if free { Outcome::Done } else { Outcome::Open };
    }
    // What may have been sent is found out by looking again, so the plan stays open.
    if any(|one| matches!(one, Settled::Unknown { .. })) {
        return Outcome::Open;
    }
    if settled.is_empty() || any(|one| matches!(one, Settled::StillHeld { .. })) {
        return Outcome::Failed;
    }
    Outcome::Refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Settled {
        Settled::StillHeld {
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
        use Settled::{AlreadyGone, Released};
        assert_eq!(of_release(&[Released, Released], 2), Outcome::Done);
        assert_eq!(of_release(&[AlreadyGone, Released], 2), Outcome::Done);
    }

    #[test]
    fn half_a_release_is_left_open() {
        assert_eq!(of_release(&[Settled::Released, held()], 2), Outcome::Open);
        assert_eq!(of_release(&[Settled::Released], 2), Outcome::Open);
        assert_eq!(of_release(&[unknown()], 1), Outcome::Open);
    }

    #[test]
    fn whoever_comes_second_is_refused_and_not_done() {
        assert_eq!(of_release(&[Settled::AlreadyGone], 1), Outcome::Refused);
    }

    #[test]
    fn a_release_that_did_nothing_failed() {
        assert_eq!(of_release(&[held()], 2), Outcome::Failed);
        assert_eq!(of_release(&[], 1), Outcome::Failed);
    }
}
