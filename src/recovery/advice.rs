//! What to do about a lock, in a word: from the verdict on it, from what a
//! release would let the next run onto, and from whose it is.

use std::fmt;

use super::soundness::Soundness;
use crate::lock::errand::{Errand, Purpose};
use crate::lock::verdict::{Likelihood, Verdict};
use crate::lock::{Sighting, Store};

/// What to do about one lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// tfsos took it, in the incident that is open here.
    Ours,
    /// A plan of tfsos stands under it that was not ended, here or on another machine.
    GoOn,
    /// A tfsos elsewhere keeps everybody out with it.
    Frozen,
    /// A process holds it, and nobody else can let go of it.
    EndsWithItsProcess,
    /// Its holder works, or most likely does.
    Leave,
    /// The signs do not tell.
    Ask,
    /// A release would let a waiting run onto a state that is broken.
    TakeOver,
    ReleaseIfNoJobRuns,
    Release,
}

impl Advice {
    /// The advice on a lock that is held, and by us or not.
    pub fn of(lock: &Sighting, verdict: &Verdict, soundness: &Soundness, ours: bool) -> Self {
        let errand = lock.holder().and_then(|holder| Errand::of(&holder));
        match (verdict.likelihood, errand.map(|errand| errand.purpose)) {
            _ if ours => Self::Ours,
            _ if lock.store == Store::Local => Self::EndsWithItsProcess,
            (_, Some(Purpose::Freeze)) => Self::Frozen,
            (_, Some(Purpose::Restore | Purpose::TakeOver)) => Self::GoOn,
            (Likelihood::Live | Likelihood::LikelyLive, None) => Self::Leave,
            (Likelihood::Unsure, None) => Self::Ask,
            (Likelihood::LikelyStale | Likelihood::Stale, None)
                if *soundness != Soundness::Sound =>
            {
                Self::TakeOver
            }
            (Likelihood::LikelyStale, None) => Self::ReleaseIfNoJobRuns,
            (Likelihood::Stale, None) => Self::Release,
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "it is ours: let go of it when the work is done",
            Self::GoOn => "go on with what tfsos took it for: a release leaves that undone",
            Self::Frozen => "frozen on purpose: ask whoever did it, or go on with their incident",
            Self::EndsWithItsProcess => "only the end of its process releases it",
            Self::Leave => "leave it: a release does not stop its holder",
            Self::Ask => "ask its holder before anything is done",
            Self::TakeOver => "take it over: a release lets the next run onto a broken state",
            Self::ReleaseIfNoJobRuns => "safe to release if no job still runs",
            Self::Release => "safe to release",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::lock::Body;
    use crate::recovery::Breakage;

    fn advice(store: Store, likelihood: Likelihood, soundness: &Soundness) -> Advice {
        let lock = lock(store, r#"{"ID":"a"}"#);
        Advice::of(&lock, &verdict(likelihood), soundness, false)
    }

    fn lock(store: Store, info: &str) -> Sighting {
        Sighting {
            store,
            container: "tf-locks".into(),
            key: "b/k".into(),
            body: Body::Bytes(info.as_bytes().to_vec()),
            etag: None,
            modified: None,
        }
    }

    fn verdict(likelihood: Likelihood) -> Verdict {
        Verdict {
            likelihood,
            signs: Vec::new(),
        }
    }

    #[test]
    fn a_lock_under_which_a_plan_of_tfsos_was_left_open_is_not_to_be_released() {
        let info = r#"{"ID":"a","Operation":"tfsos","Info":"tfsos restore; incident 20261122T021407Z-tfb-net; step 2 of 10; restore version 3f2a as serial 9; resume: tfsos restore 3f2a --yes 3f2a","Who":"bob@laptop"}"#;
        let advice = |ours| {
            let verdict = verdict(Likelihood::Stale);
            Advice::of(&lock(Store::S3, info), &verdict, &Soundness::Sound, ours)
        };
        assert_eq!((advice(false), advice(true)), (Advice::GoOn, Advice::Ours));
        let frozen = lock(Store::S3, &info.replace("tfsos restore;", "tfsos freeze;"));
        let verdict = verdict(Likelihood::Live);
        let advice = Advice::of(&frozen, &verdict, &Soundness::Sound, false);
        assert_eq!(advice, Advice::Frozen);
    }

    #[test]
    fn a_stale_lock_is_released_only_over_a_sound_state() {
        let of = |soundness: &Soundness| advice(Store::DynamoDb, Likelihood::Stale, soundness);
        assert_eq!(of(&Soundness::Sound), Advice::Release);
        let broken = Soundness::Broken(vec![Breakage::Empty]);
        assert_eq!(of(&broken), Advice::TakeOver);
        let unseen = Soundness::Unseen(Fault::new("read", "b/k", "access denied"));
        assert_eq!(of(&unseen), Advice::TakeOver);
    }

    #[test]
    fn a_lock_whose_holder_may_still_work_is_left_alone() {
        let broken = Soundness::Broken(vec![Breakage::Empty]);
        for soundness in [&Soundness::Sound, &broken] {
            let of = |likelihood| advice(Store::S3, likelihood, soundness);
            assert_eq!(of(Likelihood::Live), Advice::Leave);
            assert_eq!(of(Likelihood::LikelyLive), Advice::Leave);
            assert_eq!(of(Likelihood::Unsure), Advice::Ask);
        }
        let local = advice(Store::Local, Likelihood::Stale, &broken);
        assert_eq!(local, Advice::EndsWithItsProcess);
    }
}
