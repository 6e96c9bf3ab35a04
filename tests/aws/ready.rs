//! Whether a place could be recovered, asked of an emulated AWS: what is seen
//! without a write, and what a trial of the writes leaves behind.

use jiff::Timestamp;
use serde_json::json;
use tfsos::incident::{Author, Event};
use tfsos::io::incidents::Incidents;
use tfsos::io::readying;
use tfsos::io::remote::Remote;
use tfsos::place::{Backend, Environment, Flags, Lockfile, Place, S3};
use tfsos::recovery::readiness::{Check, Status, checks};

use super::{backend, open};
use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Refusal, Replay, Reply};

const STATE: &[u8] = br#"{"version":4,"serial":1,"lineage":"l"}"#;

fn place_of(place: &S3) -> Place {
    let flags = Flags {
        bucket: place.bucket.clone(),
        key: place.key.clone(),
        region: place.region.clone(),
        profile: None,
        endpoint_url: None,
        lock_table: place.dynamodb_table.clone(),
        lockfile: Lockfile::Used,
        workspace: None,
    };
    let mut whole = flags.place(&Environment::default()).unwrap();
    whole.backend = Backend::S3(Box::new(place.clone()));
    whole
}

/// A state with a version before it, and its digest.
fn stocked(stores: &Stores, place: &S3) {
    stores.put_object(&place.state_key(), b"{}");
    stores.put_object(&place.state_key(), STATE);
    stores.put_item(&json!({"LockID": {"S": place.digest_row()}, "Digest": {"S": "x"}}));
}

async fn looked(place: &S3) -> Vec<Check> {
    let remote = Remote::Aws(open(place).await);
    let whole = place_of(place);
    checks(&whole, &readying::look(&whole, &remote).await, None)
}

fn status(checks: &[Check], id: &str) -> Status {
    let found = checks.iter().find(|check| check.id == id);
    found
        .unwrap_or_else(|| panic!("no {id} in {checks:?}"))
        .status
}

#[tokio::test]
async fn a_look_writes_nothing_and_judges_each_condition() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stocked(&stores, &place);
    let before = stores.writes().len();

    let checks = looked(&place).await;

    for id in [
        "versions.list",
        "versions.read",
        "state.read",
        "lock.read",
        "digest.read",
        "lifecycle",
        "table.ttl",
    ] {
        assert_eq!(status(&checks, id), Status::Ok, "{id}: {checks:?}");
    }
    assert_eq!(status(&checks, "table.recovery"), Status::Warn);
    assert_eq!(status(&checks, "table.protection"), Status::Warn);
    assert_eq!(status(&checks, "object.write"), Status::Unknown);
    assert_eq!(stores.writes().len(), before);
}

#[tokio::test]
async fn a_trial_of_the_writes_is_journaled_and_leaves_nothing() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stocked(&stores, &place);
    let (keys, rows) = (stores.keys(), stores.lock_ids());
    let folder = tempfile::tempdir().unwrap();
    let incidents = Incidents::at(folder.path().to_owned());
    let author = Author {
        caller: "arn".into(),
        user: "u@h".into(),
        tfsos: "0".into(),
    };
    let entered = incidents.enter("p", author, Timestamp::UNIX_EPOCH);
    let journal = entered.await.unwrap();
    let (whole, remote) = (place_of(&place), Remote::Aws(open(&place).await));

    let probes = readying::probe(&whole, &remote, &journal).await.unwrap();

    let judged = checks(
        &whole,
        &readying::look(&whole, &remote).await,
        Some(&probes),
    );
    for id in [
        "object.write",
        "object.decrypt",
        "lock.delete",
        "row.write",
        "row.read",
        "row.delete",
    ] {
        assert_eq!(status(&judged, id), Status::Ok, "{id}: {judged:?}");
    }
    assert_eq!((stores.keys(), stores.lock_ids()), (keys, rows));
    let reading = incidents.read(journal.id()).await.unwrap().unwrap();
    let sent = |event: &Event| matches!(event, Event::Sent { .. } | Event::Answered { .. });
    let journaled = reading.entries.iter().filter(|entry| sent(&entry.event));
    assert_eq!(journaled.count(), 12);
}

#[tokio::test]
async fn what_may_not_be_read_fails_with_the_permission_that_it_needs() {
    let stores = Moto::shared().stores();
    let wire = Replay::start(|asked| {
        if asked.is_sts() {
            Reply::Pass
        } else {
            Reply::Refuse(Refusal::AccessDenied)
        }
    });
    let checks = looked(&backend(&stores, &wire.endpoint())).await;
    for id in ["versions.list", "state.read", "lock.read", "digest.read"] {
        assert_eq!(status(&checks, id), Status::Fail, "{id}");
    }
    assert_eq!(status(&checks, "lifecycle"), Status::Unknown);
    let read = checks
        .iter()
        .find(|check| check.id == "state.read")
        .unwrap();
    assert!(read.remedy.as_ref().unwrap().contains("s3:GetObject"));
}
