//! The release of one lock, as a plan. The lock is named by its id, or by the
//! hash of its raw body where it has none; the plan deletes exactly the items
//! that were seen to hold it, S3 first as Terraform does, and never one that
//! names another lock.

use jiff::Timestamp;

use super::by_hand;
use super::confirm::{BROKEN, Demand};
use super::plan::{Operation, Plan, PlanId, Step, Undo};
use super::soundness::Soundness;
use super::write::Write;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::lock::{Sighting, Store, Survey, Verdict};
use crate::place::Place;

/// How many characters of a raw body's SHA-256 name it.
pub const HASH_LENGTH: usize = 12;

/// Which lock is to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Every item that holds this id, in whichever store.
    Id(String),
    /// The item of one store, which has no id that Terraform could name.
    Raw { store: Store },
}

/// Everything that a release is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub place: &'a Place,
    pub survey: &'a Survey,
    pub wanted: &'a Wanted,
    /// The verdict on the lock that is wanted.
    pub verdict: &'a Verdict,
    pub soundness: &'a Soundness,
    pub now: Timestamp,
}

/// Why there is no plan; nothing was or will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A store could not be read, so the release could be no more than half of one.
    Unseen { store: Store, fault: Fault },
    /// The place has no locking at all.
    NoLocking,
    /// No store holds it; these ids are held instead.
    Absent { wanted: String, held: Vec<String> },
    /// It was asked for by its raw body, but it has an id.
    HasId { store: Store, id: String },
    /// It was to be thawed, and is not a lock that tfsos took.
    NotOurs { id: String, who: String },
    /// Only the end of the process that holds it releases it.
    Local { who: String },
}

impl Refusal {
    /// The refusal as a person reads it.
    pub fn fault(&self, place: &Place) -> Fault {
        let subject = format!("the lock of {}", place.full_name());
        let fault = |cause: String| Fault::new("release", subject.clone(), cause);
        match self {
            Self::Unseen { store, fault: why } => {
                fault(format!("{store} could not be read ({})", why.cause))
                    .hint("name the place by --bucket and --key without that store to leave it out")
            }
            Self::NoLocking => fault("this backend is configured without locking".into()),
            Self::Absent { wanted, held } if held.is_empty() => {
                fault(format!("no store holds {wanted}")).hint("tfsos locks shows what is held")
            }
            Self::Absent { wanted, held } => fault(format!(
                "no store holds {wanted}; held now: {}",
                held.join(", ")
            ))
            .hint("a changed lock is never released: look at the new one first"),
            Self::HasId { store, id } => fault(format!("the lock in {store} has an id"))
                .hint(format!("release it by that: tfsos unlock {id}")),
            Self::NotOurs { id, who } => {
                fault(format!("{id} is a lock of {who}, not one that tfsos took"))
                    .hint(format!("tfsos unlock {id} releases it"))
            }
            Self::Local { who } => fault(format!(
                "a running process of {who} holds it, and only its own end releases it"
            ))
            .hint("end that process with an interrupt; the lock goes with it"),
        }
    }
}

/// What names a lock item where ids fail: the first characters of its body's hash.
pub fn raw_name(seen: &Sighting) -> String {
    seen.body.sha256().chars().take(HASH_LENGTH).collect()
}

/// The items that hold the wanted lock, in the order in which they are released.
pub fn targets<'a>(survey: &'a Survey, wanted: &Wanted) -> Vec<&'a Sighting> {
    let mut targets: Vec<_> = survey
        .held()
        .filter(|seen| match wanted {
            Wanted::Id(id) => seen.id().as_ref() == Some(id),
            Wanted::Raw { store } => seen.store == *store,
        })
        .collect();
    targets.sort_by_key(|seen| seen.store);
    targets
}

/// Plans the release, or says why there is none.
pub fn plan(request: &Request) -> Result<Plan, Refusal> {
    let targets = permitted(request.survey, request.wanted)?;
    let place = request.place;
    let lock = match request.wanted {
        Wanted::Id(id) => id.clone(),
        Wanted::Raw { .. } => targets
            .first()
            .map(|seen| raw_name(seen))
            .unwrap_or_default(),
    };
    let hashes: Vec<_> = targets.iter().map(|seen| seen.body.sha256()).collect();
    let (name, now) = (place.full_name(), request.now.to_string());
    let mut parts = vec!["release", name.as_str(), now.as_str()];
    parts.extend(hashes.iter().map(String::as_str));
    Ok(Plan {
        id: PlanId::of(&parts),
        intent: Intent::Release,
        title: format!("release the lock {lock} of {name}"),
        steps: steps(place, &targets),
        demands: demands(request, &lock),
        warnings: warnings(request),
        undo: undo(place, &targets),
        subject: lock.clone(),
        lock,
        cargo: None,
        guard: None,
    })
}

/// The items of the wanted lock, or why nothing may be done to them.
pub fn permitted<'a>(survey: &'a Survey, wanted: &Wanted) -> Result<Vec<&'a Sighting>, Refusal> {
    if survey.stores.is_empty() {
        return Err(Refusal::NoLocking);
    }
    if let Some((look, fault)) = survey.unseen().next() {
        return Err(Refusal::Unseen {
            store: look.store,
            fault: fault.clone(),
        });
    }
    let targets = targets(survey, wanted);
    let Some(first) = targets.first() else {
        return Err(Refusal::Absent {
            wanted: match wanted {
                Wanted::Id(id) => id.clone(),
                Wanted::Raw { store } => format!("a lock in {store}"),
            },
            held: survey.held().map(name).collect(),
        });
    };
    if first.store == Store::Local {
        let who = first.holder().map(|holder| holder.who);
        return Err(Refusal::Local {
            who: who
                .filter(|who| !who.is_empty())
                .unwrap_or("somebody".into()),
        });
    }
    match (wanted, first.id()) {
        (Wanted::Raw { store }, Some(id)) => Err(Refusal::HasId { store: *store, id }),
        _ => Ok(targets),
    }
}

/// A lock's id, or what names it where it has none.
pub fn name(seen: &Sighting) -> String {
    seen.id()
        .unwrap_or_else(|| format!("{} in {} (no id)", raw_name(seen), seen.store))
}

fn steps(place: &Place, targets: &[&Sighting]) -> Vec<Step> {
    let saved = targets.iter().map(|seen| (*seen).clone()).collect();
    let save = Step::quiet(Operation::SaveLocks(saved), "into the incident folder");
    let deletes = targets
        .iter()
        .map(|seen| Step::writing(place, Write::release(seen)));
    let look = Step::quiet(Operation::LookAgain, "each store by itself");
    std::iter::once(save)
        .chain(deletes)
        .chain(std::iter::once(look))
        .collect()
}

fn demands(request: &Request, lock: &str) -> Vec<Demand> {
    let mut demands = vec![named(request.wanted, lock)];
    demands.extend(Demand::of_the_living(std::iter::once(request.verdict)));
    if let Some(why) = request.soundness.objection() {
        demands.push(Demand::Words {
            words: BROKEN.into(),
            why,
        });
    }
    demands
}

/// What is typed to name the lock.
pub fn named(wanted: &Wanted, lock: &str) -> Demand {
    match wanted {
        Wanted::Id(id) => Demand::Lock { id: id.clone() },
        Wanted::Raw { .. } => Demand::Body {
            hash: lock.to_owned(),
        },
    }
}

fn warnings(request: &Request) -> Vec<String> {
    let mut warnings = vec![
        "this does not stop the process that holds the lock: if it still runs, it writes the state at its end"
            .to_owned(),
    ];
    if let Some(why) = request.soundness.objection() {
        warnings.push(format!("{why}; a waiting job starts on it at once"));
    }
    warnings
}

fn undo(place: &Place, targets: &[&Sighting]) -> Undo {
    Undo {
        reference: None,
        says: "the same lock can be taken again, as long as nobody else has taken one".to_owned(),
        by_hand: targets
            .iter()
            .filter_map(|seen| by_hand::take_again(place, seen))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Body;
    use crate::lock::verdict::{Likelihood, Sign};
    use crate::recovery::stage::{self, survey};
    use crate::recovery::{Breakage, LIVE};

    fn place() -> Place {
        stage::place("net/terraform.tfstate")
    }

    fn item(store: Store, body: &str) -> Sighting {
        stage::item(store, Body::Bytes(body.as_bytes().to_vec()))
    }

    fn held(store: Store, id: &str) -> Sighting {
        item(store, &format!(r#"{{"ID":"{id}","Who":"ci@runner"}}"#))
    }

    fn verdict(likelihood: Likelihood) -> Verdict {
        Verdict {
            likelihood,
            signs: vec![Sign {
                weight: -4,
                says: "taken only 5 s ago".into(),
            }],
        }
    }

    fn planned(survey: &Survey, wanted: &Wanted) -> Result<Plan, Refusal> {
        with(survey, wanted, Likelihood::Stale, &Soundness::Sound)
    }

    fn with(
        survey: &Survey,
        wanted: &Wanted,
        likelihood: Likelihood,
        soundness: &Soundness,
    ) -> Result<Plan, Refusal> {
        plan(&Request {
            place: &place(),
            survey,
            wanted,
            verdict: &verdict(likelihood),
            soundness,
            now: Timestamp::UNIX_EPOCH,
        })
    }

    fn id(id: &str) -> Wanted {
        Wanted::Id(id.into())
    }

    #[test]
    fn a_lock_in_both_stores_is_saved_then_released_s3_first_then_looked_at() {
        let both = survey(vec![
            (Store::DynamoDb, Some(held(Store::DynamoDb, "a1"))),
            (Store::S3, Some(held(Store::S3, "a1"))),
        ]);
        let plan = planned(&both, &id("a1")).unwrap();
        let words: Vec<_> = plan.steps.iter().map(|s| s.operation.word()).collect();
        assert_eq!(
            words,
            ["save_locks", "delete_lock", "delete_lock", "look_again"]
        );
        let stores: Vec<_> = plan.writes().map(|write| write.item.slot.store()).collect();
        assert_eq!(stores, [Store::S3, Store::DynamoDb]);
        assert_eq!(plan.undo.by_hand.len(), 2);
    }

    #[test]
    fn two_stores_with_different_ids_are_two_locks() {
        let two = survey(vec![
            (Store::S3, Some(held(Store::S3, "a1"))),
            (Store::DynamoDb, Some(held(Store::DynamoDb, "b2"))),
        ]);
        let plan = planned(&two, &id("b2")).unwrap();
        assert_eq!(plan.writes().count(), 1);
        assert_eq!(
            plan.writes().next().unwrap().item.slot.store(),
            Store::DynamoDb
        );
    }

    #[test]
    fn a_lock_that_is_not_held_names_what_is() {
        let other = survey(vec![(Store::S3, Some(held(Store::S3, "b2")))]);
        let refusal = planned(&other, &id("a1")).unwrap_err();
        assert_eq!(
            refusal.fault(&place()).to_string(),
            "cannot release the lock of tfb/net/terraform.tfstate: no store holds a1; held now: b2"
        );
    }

    #[test]
    fn a_store_that_cannot_be_read_stops_the_whole_release() {
        let mut half = survey(vec![
            (Store::S3, None),
            (Store::DynamoDb, Some(held(Store::DynamoDb, "a1"))),
        ]);
        half.stores[0].found = Err(Fault::new("read", "k", "access denied"));
        assert!(matches!(
            planned(&half, &id("a1")),
            Err(Refusal::Unseen {
                store: Store::S3,
                ..
            })
        ));
    }

    #[test]
    fn an_item_without_an_id_is_released_by_the_hash_of_its_body() {
        let empty = survey(vec![(Store::S3, Some(item(Store::S3, "")))]);
        let raw = Wanted::Raw { store: Store::S3 };
        let plan = planned(&empty, &raw).unwrap();
        assert_eq!(
            plan.demands,
            [Demand::Body {
                hash: "e3b0c44298fc".into()
            }]
        );
        let named = survey(vec![(Store::S3, Some(held(Store::S3, "a1")))]);
        assert!(matches!(planned(&named, &raw), Err(Refusal::HasId { .. })));
    }

    #[test]
    fn a_live_lock_and_a_broken_state_ask_for_their_words() {
        let one = survey(vec![(Store::S3, Some(held(Store::S3, "a1")))]);
        let broken = Soundness::Broken(vec![Breakage::Empty]);
        let plan = with(&one, &id("a1"), Likelihood::LikelyLive, &broken).unwrap();
        let asked: Vec<_> = plan.demands.iter().map(Demand::prompted).collect();
        assert_eq!(asked, ["a1", LIVE, BROKEN]);
        assert!(plan.warnings[1].contains("a waiting job starts on it at once"));
    }

    #[test]
    fn a_local_lock_cannot_be_released_from_outside() {
        let local = survey(vec![(Store::Local, Some(held(Store::Local, "a1")))]);
        let refusal = planned(&local, &id("a1")).unwrap_err();
        assert!(refusal.fault(&place()).cause.contains("ci@runner"));
    }
}
