//! The digest doctor: why the stored digest is not that of the state, and the
//! plan that makes them agree. Serial order decides; where it does not, nothing
//! is claimed.

use jiff::Timestamp;
use serde::Serialize;

use super::confirm::Demand;
use super::plan::{Operation, Plan, PlanId, Step, Undo};
use super::restore::{Past, Present, digest_item, insisted, lock_items};
use super::standing::Standing;
use super::write::{Content, Seen, Write};
use crate::fault::Fault;
use crate::incident::Intent;
use crate::lock::Agreement;
use crate::place::Place;
use crate::state::{Health, Serial};

/// Why the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A lock is held: a run may be between its two writes.
    BeingWritten,
    /// The stored digest is that of an older version: the object was overwritten outside of Terraform.
    Overwritten,
    /// It is that of the state before this one, and this one is whole with
    /// the next serial: only the digest's write failed.
    WriteFailed,
    /// There is no state, and the digest says that there was one.
    StateGone,
    Unknown,
}

/// What is known of a digest that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    pub cause: Cause,
    pub stored: String,
    /// Empty where there is no state.
    pub calculated: String,
}

/// Judges a difference; none where the two agree or nothing is compared.
pub fn diagnose(standing: &Standing, present: Option<&Present>, past: &Past) -> Option<Diagnosis> {
    let (difference, held) = match &standing.agreement {
        Agreement::Differs(difference) => (difference, false),
        Agreement::BeingWritten(difference) => (difference, true),
        Agreement::NotKept | Agreement::Agrees | Agreement::Unverified | Agreement::Unseen(_) => {
            return None;
        }
    };
    Some(Diagnosis {
        cause: if held {
            Cause::BeingWritten
        } else {
            cause(&difference.stored, present, past)
        },
        stored: difference.stored.clone(),
        calculated: difference.calculated.clone(),
    })
}

fn cause(stored: &str, present: Option<&Present>, past: &Past) -> Cause {
    let Some(present) = present else {
        return Cause::StateGone;
    };
    let mut older = past.digests.iter().skip(1);
    let Some(at) = older.position(|(md5, _)| md5 == stored) else {
        return Cause::Unknown;
    };
    let matching = past.digests.get(at + 1).and_then(|(_, serial)| *serial);
    let now = match present.contents.health {
        Health::Fine => present.contents.serial,
        _ => return Cause::Overwritten,
    };
    match (matching, now) {
        // The very next write, whole, with the next serial: an apply whose second write failed.
        (Some(Serial(before)), Some(Serial(now))) if at == 0 && now > before => Cause::WriteFailed,
        (Some(Serial(before)), Some(Serial(now))) if now <= before => Cause::Overwritten,
        _ => Cause::Unknown,
    }
}

/// Why a digest fix would seal what somebody overwrote, where it would.
pub fn sealing(place: &Place, found: &Diagnosis) -> Option<Fault> {
    (found.cause == Cause::Overwritten).then(|| {
        Fault::new(
            "fix the digest of",
            place.full_name(),
            "the state was overwritten outside of Terraform: the digest is that of an older version",
        )
        .hint("tfsos restore last-good puts that one back; a digest fix would seal what was overwritten")
    })
}

/// The digest item as the look found it.
pub fn stored(standing: &Standing) -> Option<Seen> {
    let digest = standing.survey.digest.as_ref()?.as_ref().ok()?.as_ref()?;
    Some(Seen {
        content: Content::Digest(digest.stored.clone()),
        etag: None,
    })
}

/// Plans to make the digest item agree with the state, or says why not.
pub fn plan(
    place: &Place,
    standing: &Standing,
    present: Option<&Present>,
    now: Timestamp,
) -> Result<Plan, Fault> {
    let name = place.full_name();
    let fault = |cause: &str| Fault::new("fix the digest of", name.clone(), cause.to_owned());
    let Some(item) = digest_item(place) else {
        return Err(fault("no table is configured: nothing is ever compared"));
    };
    if let Some(Err(unread)) = &standing.survey.digest {
        return Err(fault(&unread.to_string()));
    }
    if let Err(unread) = &standing.state {
        return Err(fault(&unread.to_string()));
    }
    if standing.survey.held().any(|seen| !standing.holds(seen)) {
        return Err(
            fault("a lock is held: a run may be about to write it itself")
                .hint("tfsos locks shows who holds it; release it first if nobody does"),
        );
    }
    let md5 = match present.map(|present| &present.contents) {
        Some(contents) if contents.health.loads() => Some(contents.md5.clone()),
        Some(contents) if contents.health == Health::Empty => None,
        None => None,
        Some(_) => {
            return Err(fault(
                "the state itself does not load: a digest would only seal the damage",
            )
            .hint("tfsos restore last-good puts back the last version that does"));
        }
    };
    let from = stored(standing);
    let to = md5.clone().map(Content::Digest);
    if from.as_ref().map(|seen| &seen.content) == to.as_ref() {
        return Err(fault("it agrees already").hint("nothing is to be done"));
    }
    let exact = md5.clone().unwrap_or_else(|| "absent".to_owned());
    let write = Write {
        item,
        from: from.clone(),
        to,
    };
    let undone = write.undone();
    // A lock of ours keeps everybody out meanwhile, so it has to be there still.
    let ours: Vec<_> = lock_items(&standing.survey)
        .filter_map(|(item, seen)| Some((item, seen?)))
        .collect();
    let mut steps = insisted(ours.iter().map(|(item, seen)| (item, seen)));
    steps.push(Step::writing(place, write));
    steps.push(Step::quiet(Operation::LookAgain, "each store by itself"));
    Ok(Plan {
        id: PlanId::of(&["digest", &name, &now.to_string(), &exact]),
        intent: Intent::Digest,
        title: match &md5 {
            Some(md5) => format!("set the digest of {name} to {md5}"),
            None => format!("remove the digest of {name}, which has no state"),
        },
        lock: String::new(),
        subject: exact.clone(),
        steps,
        demands: vec![Demand::Place {
            short: place.short_name(),
            exact,
        }],
        warnings: match &md5 {
            Some(_) => Vec::new(),
            None => vec![
                "without a digest and without a state Terraform plans to create everything".into(),
            ],
        },
        undo: Undo {
            reference: None,
            says: "the digest that was stored can be stored again".into(),
            by_hand: super::by_hand::write(place, &undone).into_iter().collect(),
        },
        cargo: None,
        guard: None,
    })
}
