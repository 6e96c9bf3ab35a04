//! Real questions to an emulated AWS.

use serde_json::json;
use tfsos::io::cache::Cache;
use tfsos::lock::{Body, Store};
use tfsos::place::{AssumeRole, Encryption, Environment, S3, Secret};
use tfsos::state::{Kind, Versioning, Versions};

use super::{KEY, LOCK, backend, open};
use crate::support::moto::Moto;
use crate::support::replay::{Refusal, Replay, Reply};

#[tokio::test]
async fn a_survey_sees_both_stores_and_the_digest() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stores.put_object(&place.lockfile_key(), LOCK.as_bytes());
    stores.put_item(&json!({"LockID": {"S": place.lock_row()}, "Info": {"S": LOCK}}));
    stores.put_item(&json!({"LockID": {"S": place.digest_row()}, "Digest": {"S": "d41d8cd98f00b204e9800998ecf8427e"}}));

    let survey = open(&place).await.survey().await;

    let held: Vec<_> = survey.held().collect();
    assert_eq!(held.len(), 2);
    assert_eq!((held[0].store, held[1].store), (Store::S3, Store::DynamoDb));
    assert!(
        held.iter()
            .all(|seen| seen.body == Body::Bytes(LOCK.into()))
    );
    assert!(held[0].etag.is_some() && !survey.half_released());
    let digest = survey.digest.unwrap().unwrap().unwrap();
    assert_eq!(digest.stored, "d41d8cd98f00b204e9800998ecf8427e");
}

#[tokio::test]
async fn no_lock_in_either_store_is_none_and_no_fault() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stores.put_object(&place.lockfile_key(), LOCK.as_bytes());
    stores.delete_object(&place.lockfile_key());

    let survey = open(&place).await.survey().await;

    assert_eq!(
        (
            survey.stores.len(),
            survey.held().count(),
            survey.unseen().count()
        ),
        (2, 0, 0)
    );
    assert_eq!(survey.digest, Some(Ok(None)));
}

#[tokio::test]
async fn locks_that_terraform_cannot_read_are_seen() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    stores.put_object(&place.lockfile_key(), b"");
    stores.put_item(&json!({"LockID": {"S": place.lock_row()}, "Note": {"S": "by hand"}}));

    let survey = open(&place).await.survey().await;

    let bodies: Vec<_> = survey.held().map(|seen| seen.body.clone()).collect();
    let item = json!({"LockID": {"S": place.lock_row()}, "Note": {"S": "by hand"}}).to_string();
    assert_eq!(bodies, [Body::Bytes(Vec::new()), Body::NoInfo { item }]);
}

#[tokio::test]
async fn the_history_has_versions_and_delete_markers_in_one_order() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    let aws = open(&place).await;
    stores.put_object(KEY, b"one");
    stores.put_object(KEY, b"three");
    stores.put_object(&place.lockfile_key(), LOCK.as_bytes());

    let current = aws.current().await.unwrap().unwrap();
    assert_eq!(&current.bytes[..], b"three");

    stores.delete_object(KEY);
    assert_eq!(aws.current().await.unwrap(), None);
    let versions = aws.versions(10).await.unwrap();
    assert_eq!(
        (versions.versioning, versions.more),
        (Versioning::Enabled, false)
    );
    let kinds: Vec<_> = versions
        .list
        .iter()
        .map(|version| (version.kind, version.size))
        .collect();
    assert_eq!(
        kinds,
        [
            (Kind::DeleteMarker, 0),
            (Kind::Object, 5),
            (Kind::Object, 3)
        ]
    );
    assert_eq!(Some(&versions.list[1].id), current.version.as_ref());
    assert_eq!(&aws.body(&versions.list[2].id).await.unwrap()[..], b"one");

    let mut told = Vec::new();
    let mut tell = |page: Versions| told.extend(page.list);
    let newest = aws.versions_as_they_come(2, &mut tell).await.unwrap();
    assert!(
        told.starts_with(&newest.list),
        "each page is told as it comes"
    );
    assert!(newest.more && newest.list.len() == 2);
}

#[tokio::test]
async fn a_state_of_no_bytes_is_an_object_and_no_object_is_none() {
    let stores = Moto::shared().stores();
    let aws = open(&backend(&stores, &stores.endpoint())).await;
    assert_eq!(aws.current().await.unwrap(), None);
    assert_eq!(aws.versions(10).await.unwrap().list, []);
    stores.put_object(KEY, b"");
    assert_eq!(aws.current().await.unwrap().unwrap().bytes.len(), 0);
}

#[tokio::test]
async fn a_bucket_that_overwrites_what_it_had_is_never_called_versioned() {
    let stores = Moto::shared().stores();
    let aws = open(&backend(&stores, &stores.endpoint())).await;
    stores.put_object(KEY, b"kept");
    stores.set_versioning("Suspended");
    stores.put_object(KEY, b"only");
    let versions = aws.versions(10).await.unwrap();
    assert_ne!(versions.versioning, Versioning::Enabled);
    assert_eq!(&aws.body(&versions.list[0].id).await.unwrap()[..], b"only");
}

#[tokio::test]
async fn where_listing_is_denied_the_current_version_still_counts() {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"state");
    let wire = Replay::start(|asked| {
        if asked.path.contains("version") {
            Reply::Refuse(Refusal::AccessDenied)
        } else {
            Reply::Pass
        }
    });
    let aws = open(&backend(&stores, &wire.endpoint())).await;

    let versions = aws.versions(10).await.unwrap();

    assert_eq!(versions.list.len(), 1);
    assert_eq!(versions.versioning, Versioning::Enabled);
    let hint = versions.denied.unwrap().hint.unwrap();
    assert_eq!(
        hint,
        format!(
            "needs s3:ListBucketVersions on arn:aws:s3:::{}",
            stores.bucket
        )
    );
    assert_eq!(&aws.body(&versions.list[0].id).await.unwrap()[..], b"state");
}

#[tokio::test]
async fn the_caller_is_whom_sts_names_and_must_be_allowed() {
    let stores = Moto::shared().stores();
    let mut place = backend(&stores, &stores.endpoint());
    let caller = open(&place).await.caller().await.unwrap();
    assert_eq!(caller.account.as_deref(), Some("123456789012"));

    place.allowed_account_ids = vec!["999999999999".into()];
    let fault = open(&place).await.caller().await.unwrap_err();
    assert_eq!(
        fault.cause,
        "the backend does not allow account 123456789012"
    );
}

#[tokio::test]
async fn a_role_is_assumed_with_every_field_of_the_backend() {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"state");
    let wire = Replay::start(|_| Reply::Pass);
    let mut place = backend(&stores, &wire.endpoint());
    place.assume_role = Some(AssumeRole {
        role_arn: "arn:aws:iam::123456789012:role/ops".into(),
        duration_seconds: Some(900),
        external_id: Some("outside".into()),
        session_name: Some("night-watch".into()),
        source_identity: Some("ada".into()),
        tags: vec![("team".into(), "platform".into())],
        transitive_tag_keys: vec!["team".into()],
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
        ..AssumeRole::default()
    });

    let aws = open(&place).await;
    assert!(aws.current().await.unwrap().is_some());
    let caller = aws.caller().await.unwrap();

    assert_eq!(caller.short(), "role ops");
    let asked = wire.asked();
    let roles: Vec<_> = asked
        .iter()
        .map(|asked| String::from_utf8_lossy(&asked.body))
        .filter(|body| body.contains("Action=AssumeRole"))
        .collect();
    assert_eq!(roles.len(), 1, "one role serves every client");
    for part in [
        "ExternalId=outside",
        "RoleSessionName=night-watch",
        "SourceIdentity=ada",
        "Tags.member.1.Key=team",
        "TransitiveTagKeys.member.1=team",
        "DurationSeconds=900",
        "PolicyArns.member.1.arn=",
    ] {
        assert!(roles[0].contains(part), "{part} in {}", roles[0]);
    }
}

#[tokio::test]
async fn the_object_of_another_bucket_is_read_where_that_bucket_lies() {
    let (own, copy) = (Moto::shared().stores(), Moto::shared().stores());
    copy.put_object(KEY, b"copied");
    let bucket = copy.bucket.clone();
    // Whoever signs for the region of the state's own bucket is sent to the other one.
    let elsewhere = format!("/{bucket}");
    let wire = Replay::start(move |asked| {
        let signed_here = asked.head.contains("/us-east-1/s3/");
        if asked.path.starts_with(&elsewhere) && signed_here {
            Reply::Refuse(Refusal::WrongRegion)
        } else {
            Reply::Pass
        }
    });
    let aws = open(&backend(&own, &wire.endpoint())).await;

    let about = aws.about(&bucket, KEY).await.unwrap().unwrap();
    assert_eq!((about.key.as_str(), about.size), (KEY, 6));
    let object = aws.object(&bucket, KEY).await.unwrap().unwrap();
    assert_eq!(&object.bytes[..], b"copied");
    assert_eq!(aws.about(&bucket, "network/other").await.unwrap(), None);
    assert_eq!(
        aws.current().await.unwrap(),
        None,
        "its own bucket has none"
    );
}

#[tokio::test]
async fn a_version_that_is_kept_on_disk_is_fetched_once_and_one_with_a_key_of_its_own_each_time() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().display().to_string();
    let environment = Environment::default().with("XDG_CACHE_HOME", folder);
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"one");
    let wire = Replay::start(|_| Reply::Pass);
    let fetched = || {
        let asked = wire.asked();
        asked
            .iter()
            .filter(|asked| asked.method == "GET" && asked.path.contains("versionId="))
            .count()
    };
    let place = backend(&stores, &wire.endpoint());
    let cache = Cache::open(&environment).unwrap();
    let aws = open(&place).await.caching(Some(cache.clone()));
    let id = aws.versions(1).await.unwrap().list[0].id.clone();
    for _ in 0..3 {
        assert_eq!(&aws.body(&id).await.unwrap()[..], b"one");
    }
    assert_eq!(fetched(), 1);

    let key = Secret::new("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let sealed = S3 {
        encryption: Encryption::Customer { key },
        ..place.clone()
    };
    let sealed = open(&sealed).await.caching(Some(cache));
    for _ in 0..2 {
        // The emulated AWS need not give it: it is asked.
        drop(sealed.body(&id).await);
    }
    assert_eq!(fetched(), 3);
    let other = open(&place).await;
    assert_eq!(&other.body(&id).await.unwrap()[..], b"one");
    assert_eq!(fetched(), 4, "nothing is kept where nobody asked for it");
}
