//! How a state stands: its locks with a verdict on each, its digest, and
//! whether it can bear that the next run starts. Everything that a release is
//! judged by, made from one look.

use jiff::Timestamp;

use super::advice::Advice;
use super::by_hand;
use super::release::{self, Refusal, Request, Wanted};
use super::{Breakage, Plan, Soundness};
use crate::fault::Fault;
use crate::incident::{Intent, OpenPlan};
use crate::lock::habit::Habits;
use crate::lock::verdict::{self, Circumstances, Verdict};
use crate::lock::{Agreement, Sighting, Survey};
use crate::place::Place;
use crate::state::{Contents, Current, Health, Reading, Roll, Versioning, Versions};

/// One look at everything around the locks of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub survey: Survey,
    /// One verdict for each held item, in the order of [`Survey::held`].
    pub verdicts: Vec<Verdict>,
    pub agreement: Agreement,
    pub soundness: Soundness,
    /// What the state's bytes say; none where there is no object.
    pub state: Result<Option<Contents>, Fault>,
    /// Whether the store keeps what is overwritten.
    pub versioning: Result<Versioning, Fault>,
    /// Plans that were left open at this place.
    pub interrupted: Vec<Interrupted>,
    /// The ids of locks that tfsos took in the incident that is open here: what
    /// is held under one of them is held by us.
    pub own_locks: Vec<String>,
    /// When the store wrote the state; none where it is absent or could not be read.
    pub state_written: Option<Timestamp>,
    /// How its locks were held before; none where that is not known, or was not asked.
    pub habits: Option<Habits>,
}

/// A plan that a crash or an interruption left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub title: String,
    pub intent: Intent,
    /// What the resuming command names: a lock, a version, a digest.
    pub subject: String,
}

impl From<OpenPlan> for Interrupted {
    fn from(open: OpenPlan) -> Self {
        Self {
            title: open.title,
            intent: open.intent,
            subject: open.subject,
        }
    }
}

impl Interrupted {
    /// What goes on with it, as the end of a sentence.
    pub fn resumed_by(&self) -> String {
        let subject = by_hand::quote(&self.subject);
        match self.intent {
            Intent::Release => format!("tfsos unlock {subject} goes on with it"),
            Intent::Restore => {
                format!(
                    "tfsos restore {subject} --yes {subject}, or R in the State pane, goes on with it"
                )
            }
            Intent::Digest => {
                format!(
                    "tfsos digest --fix --yes {subject}, or D in the Locks pane, goes on with it"
                )
            }
            Intent::Freeze => "the same tfsos freeze goes on with it".to_owned(),
            Intent::Thaw => format!("tfsos thaw {subject} goes on with it"),
            Intent::TakeOver => format!("tfsos unlock {subject} --take-over goes on with it"),
            Intent::Retake => "U releases what was taken of it".to_owned(),
        }
    }
}

/// What the bytes of a state say, once they were read.
#[derive(Debug, Clone)]
pub struct Told {
    pub contents: Contents,
    /// How many objects there are; those that wait to be destroyed are among them.
    pub objects: usize,
}

impl Told {
    /// Sums up a state that is looked at further.
    pub fn by(body: &[u8], reading: &Reading) -> Self {
        let snapshot = reading.snapshot();
        Self {
            contents: Contents::of(body, reading),
            objects: snapshot.map_or(0, |snapshot| snapshot.instances().count()),
        }
    }
}

impl From<Roll> for Told {
    fn from(roll: Roll) -> Self {
        Self {
            contents: roll.contents(),
            objects: roll.count(),
        }
    }
}

/// What was seen of the state itself.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    pub current: Result<Option<&'a Current>, &'a Fault>,
    /// What the current bytes say, where there are any.
    pub told: Option<&'a Told>,
    /// How many instances the version before the current one holds, where that could be read.
    pub before: Option<usize>,
    /// The newest versions; a state that is missing now may have been there before.
    pub versions: Result<&'a Versions, &'a Fault>,
    /// The ids of locks that we took in the incident that is open here.
    pub own: &'a [String],
}

impl Seen<'_> {
    /// Whether there once was a state; what could not be looked at counts as yes.
    fn had_versions(&self) -> bool {
        self.versions
            .map_or(true, |versions| !versions.list.is_empty())
    }

    fn contents(&self) -> Result<Option<Contents>, Fault> {
        let current = self.current.map_err(Clone::clone)?;
        let told = current.and(self.told);
        Ok(told.map(|told| told.contents.clone()))
    }
}

impl Standing {
    /// Judges what was seen. What is known around each held lock is asked of `around`;
    /// when the state was written is seen here.
    pub fn of(
        survey: Survey,
        seen: &Seen<'_>,
        around: impl Fn(&Sighting) -> Circumstances,
    ) -> Self {
        let current = seen.current.ok().flatten();
        let state_written = current.and_then(|current| current.modified);
        let judge = |lock: &Sighting| {
            let known = Circumstances {
                state_written,
                ..around(lock)
            };
            verdict::judge(lock, &survey, &known)
        };
        let verdicts = survey.held().map(judge).collect();
        let bytes = seen
            .current
            .map(|current| current.map(|current| &*current.bytes));
        let agreement = Agreement::of(&survey, bytes, seen.own);
        let soundness = soundness(seen, &agreement);
        Self {
            survey,
            verdicts,
            agreement,
            soundness,
            state: seen.contents(),
            versioning: seen
                .versions
                .map(|versions| versions.versioning)
                .map_err(Clone::clone),
            interrupted: Vec::new(),
            own_locks: seen.own.to_vec(),
            state_written,
            habits: None,
        }
    }

    /// Whether a lock is one that we took in the incident that is open here.
    pub fn holds(&self, lock: &Sighting) -> bool {
        lock.id().is_some_and(|id| self.own_locks.contains(&id))
    }

    /// What to do about a lock that is held.
    pub fn advice(&self, lock: &Sighting, verdict: &Verdict) -> Advice {
        Advice::of(lock, verdict, &self.soundness, self.holds(lock))
    }

    /// The held locks with their verdicts.
    pub fn judged(&self) -> impl Iterator<Item = (&Sighting, &Verdict)> {
        self.survey.held().zip(&self.verdicts)
    }

    /// The plan that releases a lock, or why there is none.
    pub fn release(&self, place: &Place, wanted: &Wanted, now: Timestamp) -> Result<Plan, Refusal> {
        let targets = release::targets(&self.survey, wanted);
        let of_target = self
            .judged()
            .filter(|(seen, _)| targets.contains(seen))
            .map(|(_, verdict)| verdict);
        // Of two stores with one lock the more careful verdict counts.
        let verdict = of_target.min_by_key(|verdict| verdict.likelihood);
        let unknown = Verdict {
            likelihood: verdict::Likelihood::Unsure,
            signs: Vec::new(),
        };
        release::plan(&Request {
            place,
            survey: &self.survey,
            wanted,
            verdict: verdict.unwrap_or(&unknown),
            soundness: &self.soundness,
            now,
        })
    }
}

fn soundness(seen: &Seen<'_>, agreement: &Agreement) -> Soundness {
    let current = match seen.current {
        Err(fault) => return Soundness::Unseen(fault.clone()),
        Ok(current) => current,
    };
    let digest = match agreement {
        Agreement::Differs(difference) | Agreement::BeingWritten(difference) => {
            Some(Breakage::DigestMismatch {
                stored: difference.stored.clone(),
                calculated: difference.calculated.clone(),
            })
        }
        Agreement::NotKept | Agreement::Agrees | Agreement::Unverified | Agreement::Unseen(_) => {
            None
        }
    };
    let breakages: Vec<_> = of_content(seen, current.is_some(), digest.is_some())
        .into_iter()
        .chain(digest)
        .collect();
    if breakages.is_empty() {
        Soundness::Sound
    } else {
        Soundness::Broken(breakages)
    }
}

fn of_content(seen: &Seen<'_>, there: bool, digest_kept: bool) -> Option<Breakage> {
    if !there {
        return (seen.had_versions() || digest_kept).then_some(Breakage::Missing);
    }
    let Told { contents, objects } = seen.told?;
    match contents.health {
        Health::Empty => Some(Breakage::Empty),
        Health::Damaged => Some(Breakage::DoesNotParse {
            how: contents.why.clone().unwrap_or_default(),
        }),
        Health::Fine => {
            let (before, now) = (seen.before?, *objects);
            (before > 0 && now * 2 <= before).then_some(Breakage::Shrunk { before, now })
        }
        Health::Encrypted | Health::OlderFormat | Health::Deleted | Health::Unread => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::state::{Kind, Version, VersionId};

    fn versions(had: bool) -> Versions {
        let version = Version {
            id: VersionId("v".into()),
            kind: Kind::DeleteMarker,
            modified: Timestamp::UNIX_EPOCH,
            size: 0,
            etag: None,
        };
        Versions {
            versioning: Versioning::Enabled,
            list: had.then_some(version).into_iter().collect(),
            more: false,
            denied: None,
        }
    }

    const STATE: &[u8] = br#"{"version":4,"serial":3,"lineage":"l","outputs":{},"resources":[]}"#;

    fn unknown(_: &Sighting) -> Circumstances {
        Circumstances::at(Timestamp::UNIX_EPOCH)
    }

    fn judged(bytes: Option<&[u8]>, before: Option<usize>, had_versions: bool) -> Soundness {
        let current = bytes.map(|bytes| Current {
            bytes: Arc::from(bytes),
            version: None,
            etag: None,
            modified: None,
        });
        let told = bytes.map(|bytes| Told::from(Roll::of(bytes)));
        let seen = Seen {
            current: Ok(current.as_ref()),
            told: told.as_ref(),
            before,
            versions: Ok(&versions(had_versions)),
            own: &[],
        };
        let survey = Survey {
            stores: Vec::new(),
            digest: None,
        };
        Standing::of(survey, &seen, unknown).soundness
    }

    #[test]
    fn a_state_that_parses_is_sound() {
        assert_eq!(
            judged(Some(STATE), Some(1), true),
            Soundness::Broken(vec![Breakage::Shrunk { before: 1, now: 0 }])
        );
        assert_eq!(judged(Some(STATE), Some(0), true), Soundness::Sound);
        assert_eq!(judged(Some(STATE), None, true), Soundness::Sound);
    }

    #[test]
    fn a_state_of_no_bytes_or_cut_is_broken() {
        assert_eq!(
            judged(Some(b""), None, true),
            Soundness::Broken(vec![Breakage::Empty])
        );
        assert!(matches!(
            judged(Some(&STATE[..30]), None, true),
            Soundness::Broken(_)
        ));
    }

    #[test]
    fn a_state_that_never_was_is_not_missing() {
        assert_eq!(judged(None, None, false), Soundness::Sound);
        assert_eq!(
            judged(None, None, true),
            Soundness::Broken(vec![Breakage::Missing])
        );
    }

    #[test]
    fn a_state_that_could_not_be_read_is_not_taken_for_sound() {
        let fault = Fault::new("read", "b/k", "access denied");
        let seen = Seen {
            current: Err(&fault),
            told: None,
            before: None,
            versions: Err(&fault),
            own: &[],
        };
        let survey = Survey {
            stores: Vec::new(),
            digest: None,
        };
        let standing = Standing::of(survey, &seen, unknown);
        assert_eq!(standing.soundness, Soundness::Unseen(fault));
    }
}
