//! A freeze: a lock of our own in each configured store, with a reason, so that
//! nobody starts a run while people think. It is advisory: `-lock=false` and
//! clients of another store do not see it, and the plan says so.

use jiff::Timestamp;

use super::confirm::{Demand, LIVE};
use super::own_lock::OwnLock;
use super::plan::{Operation, Plan, PlanId, Step, Undo};
use super::release::{self, Refusal};
use super::restore::{lock_items, lock_name, state_item};
use super::standing::Standing;
use super::write::{Content, Write};
use crate::fault::Fault;
use crate::incident::Intent;
use crate::lock::errand::{Purpose, is_ours};
use crate::place::Place;

/// Plans to take a lock of our own in every store, or says why not.
pub fn plan(
    place: &Place,
    standing: &Standing,
    (own, reason): (&OwnLock, &str),
    now: Timestamp,
) -> Result<Plan, Fault> {
    let name = place.full_name();
    let fault = |cause: String| Fault::new("freeze", name.clone(), cause);
    let survey = &standing.survey;
    let Some(state) = state_item(place).filter(|_| !survey.stores.is_empty()) else {
        return Err(fault("this place has no lock that could be taken".into())
            .hint("use_lockfile = true in the backend block gives it one"));
    };
    if let Some((look, unread)) = survey.unseen().next() {
        return Err(fault(format!(
            "{} could not be read ({})",
            look.store, unread.cause
        )));
    }
    if let Some(held) = survey.held().next() {
        return Err(fault(format!("the lock {} is held", lock_name(held)))
            .hint("tfsos locks shows by whom; what is held keeps others out already"));
    }
    let total = survey.stores.len() + 1;
    let body = own.body(
        place,
        Purpose::Freeze,
        (format!("1 of {total}"), reason.to_owned()),
        own.thawed_by(),
    );
    let takes = lock_items(survey).map(|(item, _)| {
        let write = Write {
            item,
            from: None,
            to: Some(Content::Lock(body.clone())),
        };
        Step::writing(place, write)
    });
    let look = Step::quiet(Operation::LookAgain, "each store by itself");
    Ok(Plan {
        id: PlanId::of(&["freeze", &name, &now.to_string(), &own.id]),
        intent: Intent::Freeze,
        title: format!("freeze {name}"),
        lock: own.id.clone(),
        subject: state.key.clone(),
        steps: takes.chain(std::iter::once(look)).collect(),
        demands: vec![Demand::Place {
            short: place.short_name(),
            exact: state.key,
        }],
        warnings: vec![
            "it is advisory: a run with -lock=false, or one that locks in another store, does not see it"
                .to_owned(),
        ],
        undo: Undo {
            reference: None,
            says: format!("tfsos thaw {} lets go of it", own.id),
            by_hand: vec![format!("tfsos thaw {}", own.id)],
        },
        cargo: None,
        guard: None,
    })
}

/// Plans to let go of a lock that tfsos took, or says why not.
pub fn thaw(place: &Place, standing: &Standing, id: &str, now: Timestamp) -> Result<Plan, Refusal> {
    let wanted = release::Wanted::Id(id.to_owned());
    let held = release::targets(&standing.survey, &wanted);
    let holder = held.first().and_then(|seen| seen.holder());
    if let Some(holder) = holder.filter(|holder| !is_ours(holder)) {
        return Err(Refusal::NotOurs {
            id: id.to_owned(),
            who: holder.who,
        });
    }
    let mut plan = standing.release(place, &wanted, now)?;
    plan.intent = Intent::Thaw;
    plan.title = format!("thaw {}", place.full_name());
    // Nobody works under a lock of ours, so its age and its holder say nothing.
    plan.demands
        .retain(|demand| !matches!(demand, Demand::Words { words, .. } if words == LIVE));
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Store};
    use crate::recovery::stage::{self, own};
    use crate::recovery::{Breakage, Soundness, Standing};

    fn place() -> Place {
        stage::place("net/terraform.tfstate")
    }

    fn standing(body: Option<&Body>) -> Standing {
        let held = |store| (store, body.map(|body| stage::item(store, body.clone())));
        let survey = stage::survey([Store::S3, Store::DynamoDb].map(held));
        stage::standing(survey, Soundness::Sound)
    }

    #[test]
    fn a_freeze_takes_every_store_and_a_thaw_lets_go_of_every_store() {
        let (place, own) = (place(), own());
        let freeze = plan(
            &place,
            &standing(None),
            (&own, "thinking"),
            Timestamp::UNIX_EPOCH,
        )
        .unwrap();
        assert_eq!(freeze.writes().count(), 2);
        assert_eq!(freeze.demands[0].prompted(), "net");
        assert_eq!(freeze.demands[0].exact(), "net/terraform.tfstate");
        let Some(Content::Lock(body)) = freeze.writes().next().unwrap().to.clone() else {
            panic!("it takes no lock")
        };
        let mut held = standing(Some(&body));
        let thaw = thaw(&place, &held, &own.id, Timestamp::UNIX_EPOCH).unwrap();
        assert!(thaw.writes().all(Write::releases));
        assert_eq!((thaw.intent, thaw.demands.len()), (Intent::Thaw, 1));
        held.soundness = Soundness::Broken(vec![Breakage::Empty]);
        let thaw = super::thaw(&place, &held, &own.id, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(thaw.demands[1].prompted(), crate::recovery::BROKEN);
    }

    #[test]
    fn what_is_held_is_not_frozen_and_what_is_not_ours_is_not_thawed() {
        let terraform =
            Body::Bytes(br#"{"ID":"a1","Who":"ci@runner","Operation":"apply"}"#.to_vec());
        let held = standing(Some(&terraform));
        let refused =
            plan(&place(), &held, (&own(), "thinking"), Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(refused.cause.contains("a1 is held"));
        let refused = thaw(&place(), &held, "a1", Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(matches!(refused, Refusal::NotOurs { .. }));
    }
}
