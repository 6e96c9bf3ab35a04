//! The undo of a release, as a plan: the very lock that was let go is taken
//! again, in each store that held it, as long as nobody has taken another.

use jiff::Timestamp;

use super::by_hand;
use super::confirm::Demand;
use super::plan::{Operation, Plan, PlanId, Step, Undo};
use super::release::raw_name;
use super::write::Write;
use crate::incident::Intent;
use crate::lock::Sighting;
use crate::place::Place;

/// Plans to take again what a release let go; none where that released nothing.
pub fn plan(place: &Place, release: &Plan, now: Timestamp) -> Option<Plan> {
    let released: Vec<_> = release.writes().filter(|write| write.releases()).collect();
    let first = released.first().and_then(|write| sighting(write))?;
    let name = place.full_name();
    let takes = released.iter().filter_map(|write| {
        let take = write.undone();
        Some(Step {
            condition: take.condition().to_owned(),
            by_hand: by_hand::take_again(place, &sighting(write)?),
            operation: Operation::Write(take),
        })
    });
    let look = Step {
        operation: Operation::LookAgain,
        condition: "each store by itself".to_owned(),
        by_hand: None,
    };
    let demand = match first.id() {
        Some(id) => Demand::Lock { id },
        None => Demand::Body {
            hash: raw_name(&first),
        },
    };
    Some(Plan {
        id: PlanId::of(&["retake", &name, &now.to_string(), &release.id.0]),
        intent: Intent::Retake,
        title: format!("take the lock {} of {name} again", release.lock),
        lock: release.lock.clone(),
        subject: release.lock.clone(),
        steps: takes.chain(std::iter::once(look)).collect(),
        demands: vec![demand],
        warnings: vec![
            "until it is released again, no run of Terraform can start; the former holder knows nothing of it"
                .to_owned(),
        ],
        undo: Undo {
            reference: None,
            says: "it is a lock like any other: U releases it".to_owned(),
            by_hand: released
                .iter()
                .filter_map(|write| by_hand::delete(place, &sighting(write)?))
                .collect(),
        },
        cargo: None,
        guard: None,
    })
}

/// The lock that a release let go.
fn sighting(release: &Write) -> Option<Sighting> {
    release.item.sighting(release.from.as_ref()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Store};
    use crate::place::{Backend, Origin};

    fn seen(store: Store, body: &str) -> Sighting {
        Sighting {
            store,
            container: "c".into(),
            key: "k".into(),
            body: Body::Bytes(body.as_bytes().to_vec()),
            etag: (store == Store::S3).then(|| "\"e\"".into()),
            modified: None,
        }
    }

    fn retaken(seen: &[Sighting]) -> Option<Plan> {
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::default()),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        let step = |seen: &Sighting| Step {
            operation: Operation::Write(Write::release(seen)),
            condition: String::new(),
            by_hand: None,
        };
        let release = Plan {
            id: PlanId("p".into()),
            intent: Intent::Release,
            title: String::new(),
            lock: "a1b2c3d4e5".into(),
            subject: String::new(),
            steps: seen.iter().map(step).collect(),
            demands: Vec::new(),
            warnings: Vec::new(),
            undo: Undo {
                reference: None,
                says: String::new(),
                by_hand: Vec::new(),
            },
            cargo: None,
            guard: None,
        };
        plan(&place, &release, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_was_released_in_both_stores_is_taken_again_in_both_s3_first() {
        let body = r#"{"ID":"a1b2c3d4e5"}"#;
        let plan = retaken(&[seen(Store::S3, body), seen(Store::DynamoDb, body)]).unwrap();
        let words: Vec<_> = plan
            .steps
            .iter()
            .map(|step| step.operation.word())
            .collect();
        assert_eq!(words, ["take_lock", "take_lock", "look_again"]);
        assert_eq!(plan.steps[0].condition, "only if there is no such object");
        assert_eq!(plan.demands[0].prompted(), "a1b2c3d4");
        assert!(plan.steps[1].by_hand.as_ref().is_some_and(|by_hand| {
            by_hand.contains("put-item") && by_hand.contains("attribute_not_exists(LockID)")
        }));
    }

    #[test]
    fn a_lock_without_an_id_is_named_by_its_body() {
        let plan = retaken(&[seen(Store::S3, "")]).unwrap();
        assert_eq!(plan.demands[0].prompted(), "e3b0c44298fc");
    }

    #[test]
    fn where_nothing_was_released_nothing_is_taken() {
        assert_eq!(retaken(&[]), None);
    }
}
