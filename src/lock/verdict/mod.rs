//! Is the holder still at work? A verdict from few, honest signs, each with
//! its weight: a positive one says that the lock was left behind, a negative
//! one that somebody is using it. What cannot be known is a sign of weight
//! zero, never a guess.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

mod signs;

use super::habit::Habits;
use super::job::Job;
use super::trail::Logs;
use super::{Sighting, Survey};

/// A lock this old has outlived any run.
pub const ETERNAL: SignedDuration = SignedDuration::from_hours(24);

/// How sure we are, from the one end to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likelihood {
    Live,
    LikelyLive,
    Unsure,
    LikelyStale,
    Stale,
}

impl Likelihood {
    /// Whether releasing it needs the words for a live lock.
    pub fn needs_words(self) -> bool {
        self <= Self::LikelyLive
    }

    fn of(weight: i32) -> Self {
        match weight {
            ..=-6 => Self::Live,
            -5..=-3 => Self::LikelyLive,
            -2..=2 => Self::Unsure,
            3..=5 => Self::LikelyStale,
            6.. => Self::Stale,
        }
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::LikelyLive => "likely live",
            Self::Unsure => "unsure",
            Self::LikelyStale => "likely stale",
            Self::Stale => "stale",
        })
    }
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sign {
    /// Above zero for stale, below for live, zero for what is only worth knowing.
    pub weight: i32,
    pub says: String,
}

/// The judgement with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub likelihood: Likelihood,
    /// The heaviest first.
    pub signs: Vec<Sign>,
}

/// What this machine can see of the process that took the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// The lock names another host.
    Elsewhere { host: String },
    /// The lock names this host; these runs of Terraform could be its holder.
    Here { candidates: Vec<Candidate> },
    /// The lock names nobody, or this machine does not list its processes.
    Unknown,
}

/// A running Terraform or OpenTofu that was there when the lock was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub process: u32,
    pub whereabouts: Whereabouts,
}

/// Where a candidate works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// In the directory of the place.
    SameDirectory,
    OtherDirectory,
}

/// What is known around a lock at the time of judging it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    pub now: Timestamp,
    pub presence: Presence,
    /// When the state was last written; none where it is absent or could not be read.
    pub state_written: Option<Timestamp>,
    /// How long the locks of this state are usually held; none where no history could be read.
    pub habits: Option<Habits>,
    /// What the logs of this host tell of it.
    pub logs: Logs,
    /// The CI job that took it, where it looks like one.
    pub job: Option<Job>,
}

impl Circumstances {
    /// A time at which nothing else is known.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            presence: Presence::Unknown,
            state_written: None,
            habits: None,
            logs: Logs::None,
            job: None,
        }
    }
}

/// When a lock was taken: as it says itself, else as the store says.
pub fn taken_at(seen: &Sighting) -> Option<Timestamp> {
    let said = seen.holder().and_then(|holder| holder.created_at());
    said.or(seen.modified)
}

/// How long a lock has been held; none where it does not say, or says a time to come.
pub fn age(seen: &Sighting, now: Timestamp) -> Option<SignedDuration> {
    let age = now.duration_since(taken_at(seen)?);
    (!age.is_negative()).then_some(age)
}

/// Judges one lock among everything that was seen at its place.
pub fn judge(seen: &Sighting, survey: &Survey, known: &Circumstances) -> Verdict {
    let mut signs = signs::of(seen, survey, known);
    signs.sort_by_key(|sign| -sign.weight.abs());
    Verdict {
        likelihood: Likelihood::of(signs.iter().map(|sign| sign.weight).sum()),
        signs,
    }
}

/// A span as a person says it, in its two largest units: `1 h 16 m`, `3 d 2 h`, `40 s`.
pub fn in_words(span: SignedDuration) -> String {
    let seconds = span.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} m {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} m"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Look, Store};

    const TAKEN: &str = "2026-11-22T10:00:00Z";

    fn seen(store: Store) -> Sighting {
        Sighting {
            store,
            container: "c".into(),
            key: "k".into(),
            body: Body::Bytes(format!(r#"{{"ID":"a1","Created":"{TAKEN}"}}"#).into_bytes()),
            etag: None,
            modified: None,
        }
    }

    fn survey(looks: &[(Store, bool)]) -> Survey {
        let look = |&(store, held): &(Store, bool)| Look {
            store,
            container: "c".into(),
            key: "k".into(),
            found: Ok(held.then(|| seen(store))),
        };
        Survey {
            stores: looks.iter().map(look).collect(),
            digest: None,
        }
    }

    fn after(minutes: i64, presence: Presence) -> Circumstances {
        let taken: Timestamp = TAKEN.parse().unwrap();
        Circumstances {
            presence,
            ..Circumstances::at(taken + SignedDuration::from_mins(minutes))
        }
    }

    fn judged(known: &Circumstances) -> Likelihood {
        let alone = survey(&[(Store::DynamoDb, true)]);
        judge(&seen(Store::DynamoDb), &alone, known).likelihood
    }

    fn elsewhere() -> Presence {
        Presence::Elsewhere {
            host: "runner-12".into(),
        }
    }

    fn here(candidates: &[Whereabouts]) -> Presence {
        Presence::Here {
            candidates: candidates
                .iter()
                .map(|&whereabouts| Candidate {
                    process: 4711,
                    whereabouts,
                })
                .collect(),
        }
    }

    #[test]
    fn a_lock_of_another_host_is_judged_by_its_age() {
        assert_eq!(judged(&after(1, elsewhere())), Likelihood::LikelyLive);
        assert_eq!(judged(&after(30, elsewhere())), Likelihood::Unsure);
        assert_eq!(
            judged(&after(25 * 60, elsewhere())),
            Likelihood::LikelyStale
        );
    }

    #[test]
    fn a_lock_of_this_host_is_judged_by_its_processes() {
        assert_eq!(judged(&after(30, here(&[]))), Likelihood::Stale);
        let near = here(&[Whereabouts::SameDirectory]);
        assert_eq!(judged(&after(30, near)), Likelihood::Live);
        let far = here(&[Whereabouts::OtherDirectory]);
        assert_eq!(judged(&after(30, far)), Likelihood::Unsure);
    }

    #[test]
    fn a_killed_run_of_this_host_is_not_taken_for_a_live_one() {
        assert_eq!(judged(&after(0, here(&[]))), Likelihood::Unsure);
    }

    #[test]
    fn a_local_lock_is_live_because_a_process_holds_it() {
        let alone = survey(&[(Store::Local, true)]);
        let known = after(40 * 60, Presence::Unknown);
        let verdict = judge(&seen(Store::Local), &alone, &known);
        assert!(verdict.likelihood.needs_words());
    }

    #[test]
    fn a_state_written_a_moment_ago_speaks_for_a_live_holder() {
        let mut known = after(30, elsewhere());
        known.state_written = Some(known.now - SignedDuration::from_secs(20));
        assert_eq!(judged(&known), Likelihood::LikelyLive);
    }

    #[test]
    fn a_half_released_lock_is_likely_stale() {
        let half = survey(&[(Store::S3, false), (Store::DynamoDb, true)]);
        let verdict = judge(&seen(Store::DynamoDb), &half, &after(30, elsewhere()));
        assert_eq!(verdict.likelihood, Likelihood::LikelyStale);
        assert_eq!(verdict.signs[0].says, "s3 does not hold it: half-released");
    }

    #[test]
    fn a_clock_that_is_wrong_gives_no_age() {
        let verdict = judge(
            &seen(Store::DynamoDb),
            &survey(&[]),
            &after(-5, Presence::Unknown),
        );
        assert_eq!(verdict.likelihood, Likelihood::Unsure);
        assert_eq!(
            age(&seen(Store::DynamoDb), after(-5, elsewhere()).now),
            None
        );
    }

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        let said = |seconds| in_words(SignedDuration::from_secs(seconds));
        assert_eq!(said(40), "40 s");
        assert_eq!(said(161), "2 m 41 s");
        assert_eq!(said(4570), "1 h 16 m");
        assert_eq!(said(266_400), "3 d 2 h");
    }
}
