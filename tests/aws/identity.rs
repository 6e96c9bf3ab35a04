//! Whose the bucket is, and under which name requests travel.

use jiff::Timestamp;
use tfsos::incident::IncidentId;
use tfsos::io::aws::examine;
use tfsos::place::{Ownership, SKEW, Wrong};

use super::{KEY, backend, open};
use crate::support::moto::Moto;
use crate::support::replay::{Asked, Refusal, Replay, Reply};

const EXPECTED_OWNER: &str = "x-amz-expected-bucket-owner";

/// The bucket of somebody else, who lets us in: only what expects our account is denied.
fn foreign(asked: &Asked) -> Reply {
    match asked.header(EXPECTED_OWNER) {
        Some(_) => Reply::Refuse(Refusal::AccessDenied),
        None => Reply::Pass,
    }
}

#[tokio::test]
async fn a_bucket_of_the_callers_own_account_is_named_in_every_request() {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"state");
    let replay = Replay::start(|_| Reply::Pass);
    let aws = open(&backend(&stores, &replay.endpoint())).await;
    let identity = aws.identity().await.unwrap();
    assert_eq!(identity.bucket, Some(Ownership::Own));
    let before = replay.asked().len();
    aws.current().await.unwrap().unwrap();
    aws.versions(5).await.unwrap();
    let asked = replay.asked();
    let without: Vec<_> = asked[before..]
        .iter()
        .filter(|asked| asked.header(EXPECTED_OWNER) != Some("123456789012"))
        .collect();
    assert!(
        asked.len() > before + 1 && without.is_empty(),
        "{without:?}"
    );
}

#[tokio::test]
async fn a_bucket_of_another_account_is_told_apart_and_still_read() {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"state");
    let replay = Replay::start(foreign);
    let aws = open(&backend(&stores, &replay.endpoint())).await;
    let identity = aws.identity().await.unwrap();
    assert_eq!(identity.bucket, Some(Ownership::Foreign));
    assert_eq!(&aws.current().await.unwrap().unwrap().bytes[..], b"state");
}

#[tokio::test]
async fn an_owner_that_cannot_be_asked_is_not_known() {
    let stores = Moto::shared().stores();
    let replay = Replay::start(|asked| match asked.method.as_str() {
        "HEAD" => Reply::Refuse(Refusal::AccessDenied),
        _ => Reply::Pass,
    });
    let aws = open(&backend(&stores, &replay.endpoint())).await;
    let identity = aws.identity().await.unwrap();
    assert_eq!(identity.bucket, Some(Ownership::Unknown));
}

#[tokio::test]
async fn from_its_beginning_on_the_requests_of_an_incident_carry_its_name() {
    let stores = Moto::shared().stores();
    let replay = Replay::start(|_| Reply::Pass);
    let aws = open(&backend(&stores, &replay.endpoint())).await;
    aws.survey().await;
    let incident = IncidentId::begun(Timestamp::UNIX_EPOCH, "tfb/net");
    aws.label(&incident);
    let before = replay.asked().len();
    aws.survey().await;
    aws.caller().await.unwrap();
    let asked = replay.asked();
    let named = |asked: &Asked| {
        let agent = asked.header("user-agent").unwrap_or_default();
        agent.ends_with(&format!(" tfsos/{incident}"))
    };
    assert!(asked[..before].iter().all(|asked| !named(asked)));
    assert!(asked.len() > before + 2 && asked[before..].iter().all(named));
}

#[tokio::test]
async fn the_credentials_are_known_by_source_identity_and_clock_and_without_a_secret() {
    let stores = Moto::shared().stores();
    let mut place = backend(&stores, &stores.endpoint());
    let known = examine(&place).await;
    assert_eq!(known.trouble, None);
    assert!(
        known.source.is_some() && known.caller.is_some(),
        "{known:?}"
    );
    assert!(known.ahead.unwrap().abs() < SKEW, "{known:?}");
    let said = format!("{known:?}");
    for secret in ["AKIA", "wJalr"] {
        assert!(!said.contains(secret), "{said}");
    }
    place.allowed_account_ids = vec!["210987654321".into()];
    let trouble = examine(&place).await.trouble.unwrap();
    assert_eq!(trouble.wrong, Some(Wrong::Account));
}

#[tokio::test]
async fn what_is_wrong_with_credentials_is_told_apart() {
    let stores = Moto::shared().stores();
    let wrong = async |refusal: Refusal| {
        let replay = Replay::start(move |asked| {
            if asked.is_sts() {
                Reply::Refuse(refusal)
            } else {
                Reply::Pass
            }
        });
        let known = examine(&backend(&stores, &replay.endpoint())).await;
        known.trouble.unwrap().wrong
    };
    assert_eq!(wrong(Refusal::ExpiredToken).await, Some(Wrong::Expired));
    assert_eq!(wrong(Refusal::AccessDenied).await, Some(Wrong::Denied));
    let mut nobody = backend(&stores, "http://127.0.0.1:1");
    let unreachable = examine(&nobody).await.trouble.unwrap();
    assert_eq!(unreachable.wrong, Some(Wrong::Network));
    nobody.region = None;
    let trouble = examine(&nobody).await.trouble.unwrap();
    assert_eq!(trouble.wrong, Some(Wrong::Region));
    nobody.region = Some("us-east-1".into());
    nobody.profile = Some("no-such-profile-here".into());
    let trouble = examine(&nobody).await.trouble.unwrap();
    assert_eq!(trouble.wrong, Some(Wrong::Profile));
}
