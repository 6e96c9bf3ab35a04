//! Each failure that a person meets gives a sentence that says what and what
//! next, in the pane that it is about, and the other panes go on. The console
//! asks for real here; only the terminal is left out.

use crate::support::live::{Live, backend};
use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Refusal, Replay, Reply};
use crate::support::terraform::KEY;

const WHOLE: &[u8] = include_bytes!("../fixtures/state/awkward.tfstate");
/// What the lists of locks and of versions show where nothing is wrong.
const NO_LOCK: &str = "s3       none";
const A_VERSION: &str = "s68";

fn stores_with(state: &[u8]) -> Stores {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, state);
    stores
}

/// Waits until a pane shows each of these texts.
async fn shows(live: &mut Live, pane: &str, texts: &[&str]) {
    live.press(pane);
    for text in texts {
        live.until(text).await;
    }
}

/// What needs no answer from AWS is at hand, whatever else fails.
async fn the_rest_goes_on(live: &mut Live) {
    shows(live, "5", &["Release a stale state lock"]).await;
    shows(live, "2", &["export TF_LOG=DEBUG"]).await;
    shows(live, "1", &["At a glance"]).await;
}

/// A console on a whole state, behind a server that refuses everything, or all but STS.
fn refused(refusal: Refusal) -> (Replay, Live) {
    let wire = Replay::start(move |asked| {
        let known = asked.is_sts() && refusal != Refusal::ExpiredToken;
        if known {
            Reply::Pass
        } else {
            Reply::Refuse(refusal)
        }
    });
    let live = Live::at(backend(&stores_with(WHOLE), &wire.endpoint()), Vec::new());
    (wire, live)
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached() {
    let nobody = "http://127.0.0.1:1";
    let mut live = Live::at(backend(&stores_with(WHOLE), nobody), Vec::new());
    shows(
        &mut live,
        "4",
        &["cannot be reached", "check the network, the VPN"],
    )
    .await;
    shows(
        &mut live,
        "3",
        &["cannot list the versions", "check the network"],
    )
    .await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_table_that_does_not_exist() {
    let stores = stores_with(WHOLE);
    let mut place = backend(&stores, &stores.endpoint());
    place.dynamodb_table = Some("no-such-table".into());
    let mut live = Live::at(place, Vec::new());
    shows(&mut live, "4", &[NO_LOCK, "no-such-table does not exist"]).await;
    live.press("down");
    live.until("describe-table").await;
    shows(&mut live, "3", &[A_VERSION]).await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_bucket_that_does_not_exist() {
    let stores = stores_with(WHOLE);
    let mut place = backend(&stores, &stores.endpoint());
    place.bucket = "no-such-bucket".into();
    let mut live = Live::at(place, Vec::new());
    shows(
        &mut live,
        "4",
        &[
            "no-such-bucket does not exist",
            "check the bucket's name",
            "dynamodb none",
        ],
    )
    .await;
    shows(&mut live, "3", &["check the bucket's name"]).await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_permission_that_is_missing() {
    let (_wire, mut live) = refused(Refusal::AccessDenied);
    shows(&mut live, "4", &["access denied", "needs s3:GetObject on"]).await;
    live.press("down");
    live.until("needs dynamodb:GetItem on").await;
    shows(&mut live, "3", &["cannot read the state", "needs s3:"]).await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn credentials_that_have_expired() {
    let (_wire, mut live) = refused(Refusal::ExpiredToken);
    shows(
        &mut live,
        "1",
        &[
            "the credentials have expired",
            "sign in again: aws sso login",
        ],
    )
    .await;
    shows(
        &mut live,
        "4",
        &["the credentials have expired", "sign in again"],
    )
    .await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_bucket_in_another_region() {
    let (_wire, mut live) = refused(Refusal::WrongRegion);
    shows(
        &mut live,
        "4",
        &[
            "the bucket is in eu-west-1, not in us-east-1",
            "AWS_REGION=eu-west-1",
        ],
    )
    .await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_directory_without_anything_in_it() {
    let empty = tempfile::tempdir().unwrap();
    let mut live = Live::in_directory(empty.path());
    for pane in ["1", "3", "4"] {
        shows(
            &mut live,
            pane,
            &["no Terraform files are there", "tfsos --bucket BUCKET"],
        )
        .await;
    }
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_directory_that_is_not_initialized() {
    let directory = tempfile::tempdir().unwrap();
    let backend =
        "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key    = \"k\"\n  }\n}\n";
    std::fs::write(directory.path().join("main.tf"), backend).unwrap();
    let mut live = Live::in_directory(directory.path());
    for pane in ["1", "3", "4"] {
        shows(
            &mut live,
            pane,
            &["is not initialized", "run terraform init"],
        )
        .await;
    }
    the_rest_goes_on(&mut live).await;
}

/// The pane of the state and that of the locks say it, and the locks are seen all the same.
async fn a_state_of(bytes: &[u8], in_versions: &str, in_locks: &str) {
    let stores = stores_with(bytes);
    let mut live = Live::at(backend(&stores, &stores.endpoint()), Vec::new());
    shows(&mut live, "3", &[in_versions]).await;
    shows(&mut live, "4", &[NO_LOCK, in_locks]).await;
    the_rest_goes_on(&mut live).await;
}

#[tokio::test]
async fn a_state_of_no_bytes() {
    a_state_of(b"", "it has no bytes", "the state is empty (0 bytes)").await;
}

#[tokio::test]
async fn a_state_that_does_not_parse() {
    let cut = &WHOLE[..WHOLE.len() / 2];
    a_state_of(cut, "it ends in the middle", "the state does not parse").await;
}

#[tokio::test]
async fn a_state_that_opentofu_encrypted() {
    let envelope = br#"{"serial":4,"lineage":"l","meta":{"key_provider.pbkdf2.p":"e30="},"encrypted_data":"AAAA","encryption_version":"v0"}"#;
    a_state_of(envelope, "it is encrypted by OpenTofu", NO_LOCK).await;
}

#[tokio::test]
async fn a_log_with_invalid_utf_8_and_sequences_for_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("tf.log");
    let hostile = b"2026-11-22T11:43:28.837Z [ERROR] a \x1b]0;owned\x07\x1b[2J\xff\xfe\x00 caf\xe9 b\r\n2026-11-22T11:43:29.837Z [INFO]  after it\n";
    std::fs::write(&log, hostile).unwrap();
    let stores = stores_with(WHOLE);
    let mut live = Live::at(backend(&stores, &stores.endpoint()), vec![log]);
    shows(&mut live, "2", &["11:43:28.837 E", "after it"]).await;
    let screen = live.until("after it").await;
    assert!(
        !screen.contains("owned"),
        "a title for the terminal is none for a person"
    );
    assert!(
        !screen
            .chars()
            .any(|letter| letter.is_control() && letter != '\n'),
        "{screen:?}"
    );
    shows(&mut live, "3", &[A_VERSION]).await;
}
