//! Each failure of the world beneath a command: the exit status that a script
//! relies on, and a sentence with what to do next.

use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Refusal, Replay, Reply};
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::Tfsos;

const NOBODY: &str = "http://127.0.0.1:1";

fn stores() -> Stores {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, include_bytes!("../fixtures/state/awkward.tfstate"));
    stores
}

/// Runs `tfsos versions` at a place; it cannot look, says why and what next, and prints no half answer.
fn cannot_look(named: impl Fn(Tfsos) -> Tfsos, why: &str, next: &str) {
    let said = named(Tfsos::new(&["versions"])).run();
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains(why), "{why:?} in {said:?}");
    assert!(said.err.contains(next), "{next:?} in {said:?}");
    assert_eq!(said.out, "");

    let object = named(Tfsos::new(&["versions", "--json"])).run().json();
    assert!(object["fault"]["cause"].is_string(), "{object}");
    assert!(object["fault"]["hint"].is_string(), "{object}");
}

fn refused(refusal: Refusal, why: &str, next: &str) {
    let stores = stores();
    let wire = Replay::start(move |_| Reply::Refuse(refusal));
    cannot_look(
        |tfsos| tfsos.at_through(&stores, Locking::Both, &wire.endpoint()),
        why,
        next,
    );
}

#[test]
fn an_endpoint_that_cannot_be_reached() {
    cannot_look(
        |tfsos| tfsos.bucket("b", NOBODY),
        "cannot be reached",
        "VPN",
    );
}

#[test]
fn a_bucket_that_does_not_exist() {
    let endpoint = Moto::shared().endpoint();
    cannot_look(
        |tfsos| tfsos.bucket("no-such-bucket", &endpoint),
        "does not exist",
        "check the bucket's name",
    );
}

#[test]
fn a_permission_that_is_missing() {
    refused(Refusal::AccessDenied, "access denied", "needs s3:");
}

#[test]
fn credentials_that_have_expired() {
    refused(Refusal::ExpiredToken, "have expired", "sign in again");
}

#[test]
fn a_bucket_in_another_region() {
    refused(
        Refusal::WrongRegion,
        "is in eu-west-1",
        "AWS_REGION=eu-west-1",
    );
}

#[test]
fn a_directory_without_anything_in_it() {
    cannot_look(
        |tfsos| tfsos,
        "no Terraform files are there",
        "tfsos --bucket BUCKET",
    );
}

#[test]
fn a_table_that_does_not_exist_hides_no_lock_of_the_other_store() {
    let stores = stores();
    let lock = r#"{"ID":"11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e","Who":"ci@runner-12"}"#;
    stores.put_object(&format!("{KEY}.tflock"), lock.as_bytes());
    let locks = |word: &str| {
        let tfsos = Tfsos::new(&["locks"]).at(&stores, Locking::Lockfile);
        tfsos.word("--lock-table").word("no-such-table").word(word)
    };
    let said = locks("--json").run();
    assert_eq!(said.code, Some(3), "{said:?}");
    let said = said.json();
    assert_eq!(said["locks"][0]["store"], "s3", "{said}");
    assert!(
        said["unseen"]
            .to_string()
            .contains("no-such-table does not exist"),
        "{said}"
    );
}
