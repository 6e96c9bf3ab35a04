//! A lock that is taken over alone: nobody gets in while the state is mended
//! under it, and a thaw lets everybody in again.

use serde_json::{Value, json};
use tfsos::lock::Store;

use crate::stage::{ID, OTHER, Said, Stage, Stores, at, body, said};

const TORN: &[u8] = br#"{"version":4,"serial":4,"lineage":"l","resou"#;

/// A torn state under the lock `ID`, and the version that would load.
fn torn(stores: Stores) -> (Stage, String) {
    let stage = Stage::locked(stores);
    stage.builder.state(TORN, at()).unwrap();
    let shown = stage.tfsos(&["versions", "--json"]).json();
    let good = shown["last_good"].as_str().unwrap().to_owned();
    (stage, good)
}

fn taken_over(stage: &Stage, id: &str) -> Said {
    stage.tfsos(&["unlock", id, "--take-over", "--yes", id, "--json"])
}

fn locks(stage: &Stage) -> Vec<Value> {
    let json = stage.tfsos(&["locks", "--json"]).json();
    json["locks"].as_array().unwrap().clone()
}

#[test]
fn a_state_is_mended_under_a_lock_that_was_taken_over_and_then_thawed() {
    for stores in [Stores::DynamoDb, Stores::Both] {
        let (stage, good) = torn(stores);
        let over = taken_over(&stage, ID);
        assert_eq!(over.code, 0, "{over:?}");
        let own = over.json()["lock"].as_str().unwrap().to_owned();
        let held = locks(&stage);
        assert!(held.iter().all(|lock| lock["id"] == json!(own)), "{held:?}");
        assert_eq!(held[0]["verdict"], "live", "it is held on purpose");

        let refused = stage.tfsos(&["thaw", &own, "--yes", &own]);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(
            refused.err.contains("release onto a broken state"),
            "{refused:?}"
        );

        let restored = stage.tfsos(&["restore", &good, "--yes", &good, "--json"]);
        assert_eq!(restored.code, 0, "{restored:?}");
        assert_eq!(restored.json()["serial_after"], json!(5));
        assert_eq!(locks(&stage).len(), held.len(), "the lock is still ours");
        assert_eq!(stage.tfsos(&["digest"]).code, 0);

        let thawed = stage.tfsos(&["thaw", &own, "--yes", &own]);
        assert_eq!((thawed.code, stage.held()), (0, 0), "{thawed:?}");
        let verified = stage.verified().json();
        assert_eq!(verified["incidents"].as_array().unwrap().len(), 1);
        assert!(
            stage.journals()[0].contains("\"kind\":\"closed\""),
            "it is over with the thaw"
        );
    }
}

#[test]
fn under_our_lock_the_digest_is_fixed_too() {
    let stage = Stage::locked(Stores::Both);
    stage
        .builder
        .digest("00000000000000000000000000000000")
        .unwrap();
    let shown = stage.tfsos(&["digest", "--json"]).json();
    assert_eq!(shown["cause"], "being_written");
    let md5 = shown["calculated"].as_str().unwrap().to_owned();
    let fix = ["digest", "--fix", "--yes", &md5];
    assert_eq!(
        stage.tfsos(&fix).code,
        4,
        "under the lock of another it is not touched"
    );
    assert_eq!(taken_over(&stage, ID).code, 0);
    let fixed = stage.tfsos(&fix);
    assert_eq!((fixed.code, stage.held()), (0, 2), "{fixed:?}");
}

#[test]
fn what_is_held_half_or_by_two_is_taken_over_one_lock_at_a_time() {
    let (stage, good) = torn(Stores::Both);
    stage.builder.unlock(Store::S3, at()).unwrap();
    assert_eq!(taken_over(&stage, ID).code, 0);
    assert_eq!(stage.held(), 2, "the store that was let go is taken too");

    let (stage, _) = torn(Stores::Both);
    stage.builder.lock(Store::S3, &body(OTHER), at()).unwrap();
    let first = taken_over(&stage, ID);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(locks(&stage).iter().any(|lock| lock["id"] == json!(OTHER)));
    let refused = stage.tfsos(&["restore", &good, "--yes", &good]);
    assert_eq!(
        refused.code, 4,
        "the other lock is somebody else's: {refused:?}"
    );
    assert_eq!(taken_over(&stage, OTHER).code, 0);
    let own = first.json()["lock"].clone();
    assert!(
        locks(&stage).iter().all(|lock| lock["id"] == own),
        "one lock in both"
    );
}

#[test]
fn without_its_journal_a_lock_of_tfsos_is_somebody_elses() {
    let (stage, good) = torn(Stores::Both);
    let own = taken_over(&stage, ID).json()["lock"]
        .as_str()
        .unwrap()
        .to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = stage.command(&["restore", &good, "--yes", &good]);
    let refused = said(command.env("HOME", elsewhere.path()).output().unwrap());
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains(&own), "{refused:?}");
}

fn findings(stage: &Stage) -> Vec<String> {
    let json = stage.tfsos(&["check", "--json"]).json();
    let findings = json["findings"].as_array().unwrap().iter();
    let ids = findings.map(|finding| finding["id"].as_str().unwrap().to_owned());
    ids.filter(|id| id.ends_with("-after-us")).collect()
}

#[test]
fn what_the_former_holder_writes_after_us_is_a_finding_and_what_we_wrote_is_none() {
    let (stage, good) = torn(Stores::Both);
    assert_eq!(findings(&stage), [""; 0]);
    let words = ["restore", &good, "--yes", &good, "--take-over", ID];
    assert_eq!(stage.tfsos(&words).code, 0);
    assert_eq!(findings(&stage), [""; 0]);
    let now = jiff::Timestamp::now();
    let theirs = br#"{"version":4,"terraform_version":"1.11.4","serial":4,"lineage":"l","outputs":{},"resources":[]}"#;
    stage.builder.applied(theirs, now).unwrap();
    stage.builder.lock(Store::DynamoDb, &body(ID), now).unwrap();
    assert_eq!(
        findings(&stage),
        ["state.written-after-us", "lock.back-after-us"]
    );
    stage
        .builder
        .applied(theirs, now + jiff::SignedDuration::from_mins(11))
        .unwrap();
    assert_eq!(
        findings(&stage),
        ["lock.back-after-us"],
        "an apply of later is an ordinary one"
    );
}

#[test]
fn a_live_holder_asks_for_its_words_and_nothing_is_half_taken() {
    let stage = Stage::new(Stores::Both);
    let now = jiff::Timestamp::now();
    let info = format!(r#"{{"ID":"{ID}","Who":"ci@runner-12","Created":"{now}"}}"#);
    let young = tfsos::lock::Body::Bytes(info.into_bytes());
    for store in [Store::S3, Store::DynamoDb] {
        stage.builder.lock(store, &young, now).unwrap();
    }
    let refused = taken_over(&stage, ID);
    assert_eq!(refused.code, 4, "{refused:?}");
    let dry = stage.tfsos(&["unlock", ID, "--take-over", "--live", "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(
        dry.out.contains("Info = :i") && dry.out.contains("--if-match"),
        "{dry:?}"
    );
    let read_only = stage.tfsos(&[
        "unlock",
        ID,
        "--take-over",
        "--live",
        "--yes",
        ID,
        "--read-only",
    ]);
    assert_eq!(read_only.code, 4);
    assert!(locks(&stage).iter().all(|lock| lock["id"] == json!(ID)));
    let over = stage.tfsos(&["unlock", ID, "--take-over", "--live", "--yes", ID]);
    assert_eq!(over.code, 0, "{over:?}");
}
