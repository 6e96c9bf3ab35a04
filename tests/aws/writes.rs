//! The one write: releasing a lock that is still exactly what was seen.

use serde_json::json;
use tfsos::io::aws::Aws;
use tfsos::lock::{Sighting, Store};
use tfsos::place::S3;
use tfsos::recovery::{Answer, Write};

use super::{LOCK, backend, open};
use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Refusal, Replay, Reply};

const OTHER: &str = r#"{"ID":"another","Who":"bob@laptop"}"#;

fn lock(stores: &Stores, place: &S3, info: &str) {
    stores.put_object(&place.lockfile_key(), info.as_bytes());
    stores.put_item(&json!({"LockID": {"S": place.lock_row()}, "Info": {"S": info}}));
}

/// Deletes a lock as the executor does: on the condition that it is what was seen.
async fn release(aws: &Aws, seen: &Sighting) -> Answer {
    let write = Write::release(seen);
    aws.write(&write, write.from.as_ref(), None).await
}

async fn seen(aws: &Aws) -> Vec<Sighting> {
    aws.survey().await.held().cloned().collect()
}

#[tokio::test]
async fn a_lock_that_is_what_was_seen_is_released_in_each_store() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    lock(&stores, &place, LOCK);
    let aws = open(&place).await;
    for sighting in seen(&aws).await {
        let answer = release(&aws, &sighting).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    assert_eq!(seen(&aws).await, []);
}

#[tokio::test]
async fn a_lock_that_changed_is_left_alone() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    lock(&stores, &place, LOCK);
    let aws = open(&place).await;
    let before = seen(&aws).await;
    lock(&stores, &place, OTHER);
    for sighting in before {
        assert_eq!(release(&aws, &sighting).await, Answer::ConditionFailed);
    }
    assert_eq!(
        stores.object(&place.lockfile_key()).unwrap(),
        OTHER.as_bytes()
    );
    assert_eq!(stores.item(&place.lock_row()).unwrap()["Info"]["S"], OTHER);
}

#[tokio::test]
async fn a_lock_that_is_gone_is_not_our_release() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    lock(&stores, &place, LOCK);
    let aws = open(&place).await;
    let before = seen(&aws).await;
    for sighting in &before {
        release(&aws, sighting).await;
    }
    for sighting in &before {
        assert_eq!(release(&aws, sighting).await, Answer::ConditionFailed);
    }
}

#[tokio::test]
async fn locks_that_terraform_cannot_release_are_released() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stores.put_object(&place.lockfile_key(), b"");
    stores.put_item(&json!({"LockID": {"S": place.lock_row()}}));
    let aws = open(&place).await;
    for sighting in seen(&aws).await {
        let answer = release(&aws, &sighting).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    assert_eq!(seen(&aws).await, []);
}

#[tokio::test]
async fn a_row_that_got_its_info_meanwhile_is_left_alone() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stores.put_item(&json!({"LockID": {"S": place.lock_row()}}));
    let aws = open(&place).await;
    let before = seen(&aws).await;
    stores.put_item(&json!({"LockID": {"S": place.lock_row()}, "Info": {"S": LOCK}}));
    assert_eq!(release(&aws, &before[0]).await, Answer::ConditionFailed);
    assert!(stores.item(&place.lock_row()).is_some());
}

#[tokio::test]
async fn a_write_is_tried_once_whatever_becomes_of_it() {
    for reply in [
        Reply::Refuse(Refusal::InternalError),
        Reply::Refuse(Refusal::Conflict),
        Reply::Lose,
        Reply::Drop,
    ] {
        let stores = Moto::shared().stores();
        let wire = Replay::start(move |asked| {
            if asked.writes_to_s3() || asked.target == "DeleteItem" {
                reply
            } else {
                Reply::Pass
            }
        });
        let mut place = backend(&stores, &wire.endpoint());
        place.max_attempts = Some(5);
        lock(&stores, &place, LOCK);
        let aws = open(&place).await;
        for sighting in seen(&aws).await {
            let answer = release(&aws, &sighting).await;
            // A table says a conflict with a definite 400, which the look after it finds out.
            assert!(
                matches!(answer, Answer::Unclear { .. }),
                "{reply:?}: {answer:?}"
            );
        }
        let asked = wire.asked();
        let writes = asked
            .iter()
            .filter(|asked| asked.writes_to_s3() || asked.target == "DeleteItem");
        assert_eq!(writes.count(), 2, "{reply:?}");
        let gone = stores.item(&place.lock_row()).is_none();
        assert_eq!(gone, reply == Reply::Lose);
    }
}

#[tokio::test]
async fn a_definite_no_is_a_refusal_and_nothing_is_written() {
    for refusal in [Refusal::AccessDenied, Refusal::ExpiredToken] {
        let stores = Moto::shared().stores();
        let wire = Replay::start(move |asked| {
            if asked.writes_to_s3() || asked.target == "DeleteItem" {
                Reply::Refuse(refusal)
            } else {
                Reply::Pass
            }
        });
        let place = backend(&stores, &wire.endpoint());
        lock(&stores, &place, LOCK);
        let aws = open(&place).await;
        for sighting in seen(&aws).await {
            let answer = release(&aws, &sighting).await;
            assert!(
                matches!(answer, Answer::Refused(_)),
                "{refusal:?}: {answer:?}"
            );
        }
        assert_eq!(seen(&aws).await.len(), 2);
    }
}

#[tokio::test]
async fn a_store_that_is_not_aws_proves_its_conditions_once_and_is_left_tidy() {
    let stores = Moto::shared().stores();
    let aws = open(&backend(&stores, &stores.endpoint())).await;
    for store in [Store::S3, Store::DynamoDb] {
        aws.prove_conditions(store).await.unwrap();
    }
    let asked = stores.writes().len();
    for store in [Store::S3, Store::DynamoDb] {
        aws.prove_conditions(store).await.unwrap();
    }
    assert_eq!(stores.writes().len(), asked);
    assert_eq!((stores.keys().len(), stores.lock_ids().len()), (0, 0));
}

#[tokio::test]
async fn what_was_released_is_taken_again_only_where_nobody_else_has_a_lock() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    lock(&stores, &place, LOCK);
    let aws = open(&place).await;
    let before = seen(&aws).await;
    for sighting in &before {
        release(&aws, sighting).await;
    }
    let take = |seen: &Sighting| Write::release(seen).undone();
    for sighting in &before {
        let answer = aws.write(&take(sighting), None, None).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    let bodies = |seen: Vec<Sighting>| seen.into_iter().map(|one| one.body).collect::<Vec<_>>();
    assert_eq!(bodies(seen(&aws).await), bodies(before.clone()));
    for sighting in &before {
        assert_eq!(
            aws.write(&take(sighting), None, None).await,
            Answer::ConditionFailed,
            "somebody has it now"
        );
    }
}
