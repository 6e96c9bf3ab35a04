//! A take-over alone: the lock of somebody else becomes ours without a moment
//! unlocked, so that on a state that is not whole no waiting job gets in. What
//! mends the state then runs under it, and a thaw lets go of it.

use jiff::Timestamp;

use super::confirm::Demand;
use super::own_lock::OwnLock;
use super::plan::{Operation, Plan, PlanId, Step, Undo};
use super::release::{self, Refusal, Wanted, permitted};
use super::restore::{lock_items, lock_name};
use super::standing::Standing;
use super::write::{Content, Seen, Write};
use crate::incident::Intent;
use crate::lock::errand::Purpose;
use crate::lock::{Body, Sighting};
use crate::place::Place;

/// Plans to make the wanted lock ours, or says why not. A store that holds
/// nothing is taken too; one that holds another lock is left alone.
pub fn plan(
    place: &Place,
    standing: &Standing,
    wanted: &Wanted,
    (own, now): (&OwnLock, Timestamp),
) -> Result<Plan, Refusal> {
    let survey = &standing.survey;
    let targets = permitted(survey, wanted)?;
    let lock = targets
        .first()
        .map(|seen| lock_name(seen))
        .unwrap_or_default();
    // What we hold in the other store already is the lock that this one joins.
    let held: Option<Sighting> = survey.held().find(|seen| standing.holds(seen)).cloned();
    let taken: Vec<_> = lock_items(survey)
        .filter(|(_, seen)| seen.as_ref().is_none_or(|seen| targets.contains(&seen)))
        .collect();
    let body = held.as_ref().map_or_else(
        || body(place, standing, (own, &targets), taken.len()),
        |seen| seen.body.clone(),
    );
    let saved: Vec<Sighting> = targets.iter().map(|seen| (*seen).clone()).collect();
    let writes = taken.into_iter().map(|(item, seen)| {
        let write = Write {
            item,
            from: seen.as_ref().map(Seen::from),
            to: Some(Content::Lock(body.clone())),
        };
        Step::writing(place, write)
    });
    let save = Step::quiet(Operation::SaveLocks(saved), "into the incident folder");
    let read_again = Step::quiet(Operation::LookAgain, "each store by itself");
    let own_id = held
        .and_then(|seen| seen.id())
        .unwrap_or_else(|| own.id.clone());
    let name = place.full_name();
    let judged = standing.judged();
    let theirs = judged.filter(|(seen, _)| targets.contains(seen));
    let mut demands = vec![release::named(wanted, &lock)];
    demands.extend(Demand::of_the_living(theirs.map(|(_, verdict)| verdict)));
    Ok(Plan {
        id: PlanId::of(&["take over", &name, &now.to_string(), &own_id]),
        intent: Intent::TakeOver,
        title: format!("take the lock {lock} of {name} over"),
        subject: lock,
        steps: std::iter::once(save)
            .chain(writes)
            .chain(std::iter::once(read_again))
            .collect(),
        demands,
        warnings: vec![
            "its holder is not stopped: if it still runs, its last write overwrites the state"
                .to_owned(),
            "everybody is kept out until it is let go; restore and digest fix run under it"
                .to_owned(),
        ],
        undo: Undo {
            reference: None,
            says: "its former holder does not get it back; it can be let go".to_owned(),
            by_hand: vec![format!("tfsos thaw {own_id} --yes {own_id}")],
        },
        lock: own_id,
        cargo: None,
        guard: None,
    })
}

/// The lock that takes the place of theirs: it says whose that was, and why.
fn body(
    place: &Place,
    standing: &Standing,
    (own, targets): (&OwnLock, &[&Sighting]),
    stores: usize,
) -> Body {
    let holder = targets
        .first()
        .and_then(|seen| seen.holder())
        .unwrap_or_default();
    let who = match holder.who.as_str() {
        "" => "somebody unnamed".to_owned(),
        who => who.to_owned(),
    };
    let why = standing.soundness.objection();
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    own.body(
        place,
        Purpose::TakeOver,
        (
            format!("2 of {}", stores + 2),
            format!("took the lock of {who} over{why}"),
        ),
        own.thawed_by(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::verdict::{Likelihood, Sign};
    use crate::lock::{Errand, Store, Verdict};
    use crate::recovery::stage::{self, own};
    use crate::recovery::{Breakage, LIVE, Soundness};

    fn place() -> Place {
        stage::place("net/terraform.tfstate")
    }

    fn standing(s3: Option<&str>, row: Option<&str>) -> Standing {
        let held = |(store, body): (Store, Option<&str>)| {
            let bytes = |body: &str| Body::Bytes(body.as_bytes().to_vec());
            (store, body.map(|body| stage::item(store, bytes(body))))
        };
        let survey = stage::survey([(Store::S3, s3), (Store::DynamoDb, row)].map(held));
        let verdict = Verdict {
            likelihood: Likelihood::Live,
            signs: vec![Sign {
                weight: -6,
                says: "it runs".into(),
            }],
        };
        Standing {
            verdicts: survey.held().map(|_| verdict.clone()).collect(),
            ..stage::standing(survey, Soundness::Broken(vec![Breakage::Empty]))
        }
    }

    const THEIRS: &str = r#"{"ID":"a1","Who":"ci@runner"}"#;

    fn planned(standing: &Standing, id: &str) -> Result<Plan, Refusal> {
        let wanted = Wanted::Id(id.into());
        plan(&place(), standing, &wanted, (&own(), Timestamp::UNIX_EPOCH))
    }

    fn words(plan: &Plan) -> Vec<(Store, &'static str)> {
        let writes = plan.writes();
        writes
            .map(|write| (write.item.slot.store(), write.word()))
            .collect()
    }

    #[test]
    fn both_stores_become_ours_and_one_that_was_let_go_is_taken() {
        let whole = planned(&standing(Some(THEIRS), Some(THEIRS)), "a1").unwrap();
        let over = "take_over_lock";
        assert_eq!(words(&whole), [(Store::S3, over), (Store::DynamoDb, over)]);
        let half = planned(&standing(None, Some(THEIRS)), "a1").unwrap();
        assert_eq!(
            words(&half),
            [(Store::S3, "take_lock"), (Store::DynamoDb, over)]
        );
        assert!(
            half.writes()
                .all(|write| write.to == half.writes().next().unwrap().to)
        );
    }

    #[test]
    fn it_says_whose_it_was_and_why_and_what_lets_go_of_it() {
        let plan = planned(&standing(Some(THEIRS), Some(THEIRS)), "a1").unwrap();
        let errand: Errand = plan.errand().unwrap();
        assert_eq!(errand.purpose, Purpose::TakeOver);
        assert_eq!(errand.step, "2 of 4");
        assert!(
            errand
                .does
                .starts_with("took the lock of ci@runner over: the state is empty")
        );
        assert_eq!(errand.resume, own().thawed_by());
        assert_eq!(plan.steps.len(), 4);
        let asked: Vec<_> = plan.demands.iter().map(Demand::prompted).collect();
        assert_eq!(asked, ["a1", LIVE], "a live holder asks for its words");
    }

    #[test]
    fn another_lock_in_the_other_store_is_another_take_over_and_joins_the_first() {
        let other = r#"{"ID":"b2","Who":"bob@mbp"}"#;
        let first = planned(&standing(Some(THEIRS), Some(other)), "a1").unwrap();
        assert_eq!(words(&first), [(Store::S3, "take_over_lock")]);
        let ours = String::from_utf8(match &first.writes().next().unwrap().to {
            Some(Content::Lock(body)) => body.bytes().to_vec(),
            _ => Vec::new(),
        });
        let mut standing = standing(Some(&ours.unwrap()), Some(other));
        standing.own_locks = vec![own().id];
        let second = planned(&standing, "b2").unwrap();
        assert_eq!(words(&second), [(Store::DynamoDb, "take_over_lock")]);
        assert_eq!(
            second.writes().next().unwrap().to,
            first.writes().next().unwrap().to
        );
        assert_eq!(second.lock, first.lock);
    }

    #[test]
    fn what_is_not_held_is_not_taken_over() {
        let refused = planned(&standing(Some(THEIRS), None), "zz").unwrap_err();
        assert!(matches!(refused, Refusal::Absent { .. }));
    }
}
