//! Every state of a bucket from the command line, against the emulated AWS.

use serde_json::{Value, json};

use crate::support::moto::{Moto, REGION, Stores};
use crate::support::replay::{Refusal, Replay, Reply};
use crate::support::tfsos::{Said, Tfsos};

const ID: &str = "11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e";
const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{},"resources":[]}"#;

/// A fine state, a torn one, a locked one, one that only its digest remembers,
/// one without the usual name, and what is none.
fn bucket() -> Stores {
    let stores = Moto::shared().stores();
    stores.put_object("prod/app/terraform.tfstate", STATE.as_bytes());
    stores.put_object("prod/torn/terraform.tfstate", &STATE.as_bytes()[..40]);
    stores.put_object("prod/odd-name", STATE.as_bytes());
    stores.put_object("prod/readme.md", b"# no state");
    stores.put_object("staging/net/terraform.tfstate", STATE.as_bytes());
    let row = |key: &str| format!("{}/{key}", stores.bucket);
    let info = format!(
        r#"{{"ID":"{ID}","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"p"}}"#
    );
    stores.put_item(
        &json!({"LockID": {"S": row("staging/net/terraform.tfstate")}, "Info": {"S": info}}),
    );
    for key in ["prod/gone/terraform.tfstate-md5", "prod/odd-name-md5"] {
        stores.put_item(&json!({"LockID": {"S": row(key)}, "Digest": {"S": "0".repeat(32)}}));
    }
    stores
}

fn asking(words: &[&str], stores: &Stores, endpoint: &str) -> Said {
    let place = [
        "--bucket",
        &stores.bucket,
        "--lock-table",
        &stores.table,
        "--region",
        REGION,
        "--endpoint-url",
        endpoint,
    ];
    let all: Vec<&str> = words.iter().copied().chain(place).collect();
    Tfsos::new(&all).run()
}

fn states(json: &Value) -> Vec<(String, bool)> {
    let states = json["states"].as_array().unwrap().iter();
    let told = |state: &Value| {
        let name = state["state"].as_str().unwrap();
        let (_, key) = name.split_once('/').unwrap();
        (key.to_owned(), state["healthy"].as_bool().unwrap())
    };
    states.map(told).collect()
}

#[test]
fn every_state_of_the_bucket_is_checked_as_it_would_be_alone() {
    let stores = bucket();
    let said = asking(&["check", "--all", "--json"], &stores, &stores.endpoint());
    assert_eq!(said.code, Some(1), "{said:?}");
    let json = said.json();
    let healthy = [
        ("prod/app/terraform.tfstate", true),
        ("prod/gone/terraform.tfstate", false),
        ("prod/odd-name", false),
        ("prod/torn/terraform.tfstate", false),
        ("staging/net/terraform.tfstate", false),
    ];
    let healthy = healthy.map(|(key, is)| (key.to_owned(), is));
    assert_eq!(states(&json), healthy, "{said:?}");
    let of = |key: &str| {
        let name = format!("{}/{key}", stores.bucket);
        let findings = json["findings"].as_array().unwrap().iter();
        let own = findings.filter(move |finding| finding["state"] == name.as_str());
        own.map(|finding| finding["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(of("prod/gone/terraform.tfstate").contains(&"digest.differs".to_owned()));
    assert!(of("prod/odd-name").contains(&"digest.differs".to_owned()));
    assert!(
        of("prod/torn/terraform.tfstate")
            .iter()
            .any(|id| id.starts_with("state."))
    );
    assert!(of("staging/net/terraform.tfstate").contains(&"lock.eternal".to_owned()));
    assert_eq!(json["healthy"], false);
    let text = asking(&["check", "--all"], &stores, &stores.endpoint()).out;
    assert!(text.starts_with("5 states, 4 with findings"), "{text}");
    assert!(
        !text.contains("prod/app"),
        "a fine state is only counted: {text}"
    );
}

#[test]
fn a_prefix_leaves_out_everything_else() {
    let stores = bucket();
    let words = ["check", "--all", "--json", "--prefix", "prod/app"];
    let said = asking(&words, &stores, &stores.endpoint());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(states(&said.json()).len(), 1);
    let locks = |prefix: &str| {
        let words = ["locks", "--all", "--json", "--prefix", prefix];
        let said = asking(&words, &stores, &stores.endpoint());
        assert_eq!(said.code, Some(0), "{said:?}");
        said.json()["locks"].as_array().unwrap().len()
    };
    assert_eq!((locks("staging/"), locks("prod/")), (1, 0));
}

const OWNER: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{},"resources":[
    {"mode":"managed","type":"aws_vpc","name":"main","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"id":"vpc-0a1b2c"}}]}]}"#;
const USER: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":9,"lineage":"m","outputs":{},"resources":[
    {"mode":"managed","type":"aws_db_instance","name":"db","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":0,"attributes":{"id":"db-1","vpc_id":"vpc-0a1b2c","password":"vpc-0a1b2c-hunter2"}}]}]}"#;

#[test]
fn one_question_is_asked_of_every_state_and_each_answer_names_its_state() {
    let stores = bucket();
    stores.put_object("prod/net/terraform.tfstate", OWNER.as_bytes());
    stores.put_object("prod/odd-name", USER.as_bytes());
    let ask = |words: &[&str]| {
        asking(
            &[&["resources", "--all"], words].concat(),
            &stores,
            &stores.endpoint(),
        )
    };
    let said = ask(&["--search", "vpc-0a1b2c"]);
    let answers = "prod/net/terraform.tfstate\taws_vpc.main\tid = vpc-0a1b2c\n\
        prod/odd-name\taws_db_instance.db\tvpc_id = vpc-0a1b2c\n";
    assert_eq!(said.out, answers);
    assert_eq!(said.code, Some(3), "a torn state cannot say what it held");
    assert!(said.err.contains("prod/torn/terraform.tfstate"), "{said:?}");
    let said = ask(&["--search", "hunter2", "--prefix", "prod/odd"]);
    assert_eq!((said.code, said.out.trim()), (Some(0), ""), "{said:?}");
    assert!(
        said.err.contains("1 state, and no answer to hunter2"),
        "{said:?}"
    );
    let json = ask(&["--prefix", "prod/net", "--json"]).json();
    assert_eq!(
        (&json["searched"], &json["resources"][0]["state"]),
        (&json!(1), &json!("prod/net/terraform.tfstate"))
    );
    assert_eq!(json["resources"][0]["said"], Value::Null);
    let said = asking(
        &["resources", "previous", "--all"],
        &stores,
        &stores.endpoint(),
    );
    assert_eq!(said.code, Some(2), "{said:?}");
}

#[test]
fn a_table_that_may_not_be_scanned_is_said_and_the_states_are_checked_still() {
    let stores = bucket();
    let replay = Replay::start(|asked| match asked.target.as_str() {
        "Scan" => Reply::Refuse(Refusal::AccessDenied),
        _ => Reply::Pass,
    });
    let words = ["check", "--all", "--json", "--prefix", "prod/app"];
    let said = asking(&words, &stores, &replay.endpoint());
    assert_eq!(said.code, Some(3), "{said:?}");
    let json = said.json();
    assert_eq!(
        states(&json),
        [("prod/app/terraform.tfstate".to_owned(), true)]
    );
    assert!(
        json["unseen"][0]
            .as_str()
            .unwrap()
            .contains("list the lock rows")
    );
}

#[test]
fn where_one_state_is_needed_a_bucket_alone_is_a_usage_error() {
    let stores = bucket();
    for words in [&["check"][..], &["versions"], &["locks"], &["resources"]] {
        let said = asking(words, &stores, &stores.endpoint());
        assert_eq!(said.code, Some(2), "{words:?}: {said:?}");
        assert!(said.err.contains("--key names one"), "{said:?}");
    }
}

#[test]
fn credentials_that_have_expired_are_one_finding_with_everything_known_of_them() {
    let stores = bucket();
    let replay = Replay::start(|_| Reply::Refuse(Refusal::ExpiredToken));
    let words = ["check", "--json", "--key", "prod/app/terraform.tfstate"];
    let said = asking(&words, &stores, &replay.endpoint());
    assert_eq!(said.code, Some(1), "{said:?}");
    let json = said.json();
    let finding = &json["findings"][0];
    assert_eq!(
        (finding["id"].as_str(), finding["runbook"].as_str()),
        (Some("auth.expired"), Some("provider-auth"))
    );
    let evidence = finding["evidence"].to_string();
    for told in [
        "source: keys in the environment",
        "region: ",
        "sign in again",
    ] {
        assert!(evidence.contains(told), "{told}: {evidence}");
    }
    assert!(!said.out.contains("AKIA"), "{said:?}");
    assert!(!json["unseen"].as_array().unwrap().is_empty());
}
