//! `tfsos diff`: two versions or files compared, as a person and as a script
//! reads it, and never a secret in either.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::stage::{Said, Stage, Stores, at};

/// A state of these resources: the name, and what stands in its instance.
fn state(serial: u64, resources: &[(&str, &str)]) -> String {
    let resources: Vec<String> = resources
        .iter()
        .map(|(name, instance)| {
            format!(
                r#"{{"mode":"managed","type":"aws_thing","name":"{name}","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{instance}]}}"#
            )
        })
        .collect();
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"l","outputs":{{}},"resources":[{}]}}"#,
        resources.join(",")
    )
}

fn before() -> String {
    state(
        7,
        &[
            (
                "app",
                r#"{"attributes":{"id":"a","size":1,"password":"hunter2","policy":"{\"A\":[1],\"B\":2}"}}"#,
            ),
            ("gone", r#"{"attributes":{"id":"g"}}"#),
            ("was", r#"{"attributes":{"id":"w"}}"#),
            ("ill", r#"{"attributes":{"id":"i"}}"#),
        ],
    )
}

fn after() -> String {
    state(
        8,
        &[
            ("ill", r#"{"status":"tainted","attributes":{"id":"i"}}"#),
            ("is", r#"{"attributes":{"id":"w"}}"#),
            (
                "app",
                r#"{"attributes":{"id":"a","size":2,"password":"hunter3","policy":"{ \"B\": 2, \"A\": [3] }"}},{"deposed":"1a2b3c4d","attributes":{"id":"old"}}"#,
            ),
            ("new", r#"{"attributes":{"id":"n"}}"#),
        ],
    )
}

/// The two versions above one another; the current one is the newer.
fn stage() -> Stage {
    let stage = Stage::new(Stores::Both);
    let later = |hours| at() + SignedDuration::from_hours(hours);
    stage
        .builder
        .applied(before().as_bytes(), later(1))
        .unwrap();
    stage.builder.applied(after().as_bytes(), later(2)).unwrap();
    stage
}

fn kinds(said: &Said) -> Vec<(String, String)> {
    let json = said.json();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = json["changes"].as_array().unwrap().iter();
    changes
        .map(|one| (word(&one["address"]), word(&one["kind"])))
        .collect()
}

#[test]
fn every_change_has_its_address_its_kind_and_its_attributes() {
    let said = stage().tfsos(&["diff", "previous", "current", "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let named = |address: &str, kind: &str| (format!("aws_thing.{address}"), kind.to_owned());
    assert_eq!(
        kinds(&said),
        [
            named("app", "changed"),
            named("app (deposed object 1a2b3c4d)", "added"),
            named("gone", "removed"),
            named("ill", "changed"),
            named("is", "moved"),
            named("new", "added"),
        ]
    );
    let json = said.json();
    assert_eq!(
        json["summary"],
        json!({"added": 2, "removed": 1, "changed": 2, "moved": 1})
    );
    let attribute = |path: &str, before: Value, after: Value, sensitive: bool| json!({"path": path, "before": before, "after": after, "sensitive": sensitive});
    assert_eq!(
        json["changes"][0]["attributes"],
        json!([
            attribute("password", Value::Null, Value::Null, true),
            attribute("policy.A[0]", json!("1"), json!("3"), false),
            attribute("size", json!("1"), json!("2"), false),
        ])
    );
    assert_eq!(json["changes"][1]["became"], "deposed");
    assert_eq!(json["changes"][3]["became"], "tainted");
    assert_eq!(json["changes"][4]["from"], "aws_thing.was");
    assert_eq!(
        (&json["from"]["serial"], &json["to"]["serial"]),
        (&json!(7), &json!(8))
    );
    assert_eq!(json["from"]["ref"], "previous");
    assert!(json["to"]["version_id"].is_string());
    assert!(!said.out.contains("hunter"), "{said:?}");
}

#[test]
fn a_person_reads_signs_and_both_values_and_no_secret() {
    let said = stage().tfsos(&["diff", "previous", "current"]);
    assert_eq!(said.code, 1, "{said:?}");
    for line in [
        "previous (serial 7, 4 resources) → current (serial 8, 4 resources)",
        "  +2 −1 ~2 ⇄1",
        "~ aws_thing.app",
        "    password: changed (sensitive)",
        "    policy.A[0]: 1 → 3",
        "    size: 1 → 2",
        "+ aws_thing.app (deposed object 1a2b3c4d)   deposed",
        "− aws_thing.gone",
        "~ aws_thing.ill   tainted",
        "    (status): ready → tainted",
        "⇄ aws_thing.is   from aws_thing.was",
        "+ aws_thing.new",
    ] {
        assert!(said.out.lines().any(|one| one == line), "{line}: {said:?}");
    }
    assert!(!said.out.contains("hunter"), "{said:?}");
}

#[test]
fn a_state_does_not_differ_from_itself() {
    let stage = stage();
    for words in [
        ["diff", "current", "current"],
        ["diff", "last-good", "current"],
    ] {
        let said = stage.tfsos(&words);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(
            said.out
                .contains("nothing that Terraform would notice differs")
        );
    }
}

#[test]
fn order_and_serial_are_no_difference() {
    let stage = Stage::new(Stores::DynamoDb);
    let (one, two) = (("a", r#"{"attributes":{"n":1.0}}"#), ("b", "{}"));
    fs::write(stage.dir().join("one"), state(1, &[one, two])).unwrap();
    let again = ("a", r#"{ "attributes": { "n": 1 } }"#);
    fs::write(stage.dir().join("two"), state(9, &[two, again])).unwrap();
    let said = files(stage.dir(), &["./one", "./two"]);
    assert_eq!(said.code, 0, "{said:?}");
}

/// `tfsos diff WORDS…` in a folder, and no place named.
fn files(folder: &Path, words: &[&str]) -> Said {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tfsos"));
    let command = command.arg("diff").args(words).current_dir(folder);
    let output = command.env_clear().output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn two_files_are_compared_without_any_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one"), before()).unwrap();
    fs::write(folder.path().join("two"), after()).unwrap();
    let said = files(folder.path(), &["./one", "./two", "--json"]);
    assert_eq!((said.code, kinds(&said).len()), (1, 6), "{said:?}");
    assert_eq!(said.json()["place"], Value::Null);
    let said = files(folder.path(), &["./one", "./none", "--json"]);
    assert_eq!(said.code, 3);
    assert_eq!(said.json()["fault"]["doing"], "read the state file");
    assert_eq!(files(folder.path(), &["./one"]).code, 2);
}

#[test]
fn a_file_is_compared_with_what_the_place_holds() {
    let stage = stage();
    let file = stage.dir().join("repaired");
    fs::write(&file, before()).unwrap();
    let said = stage.tfsos(&["diff", file.to_str().unwrap(), "previous"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn what_stood_whole_of_a_damaged_side_is_compared_and_the_rest_is_said() {
    let stage = stage();
    let text = after();
    stage
        .builder
        .applied(&text.as_bytes()[..text.len() - 60], at())
        .unwrap();
    let said = stage.tfsos(&["diff", "last-good", "current", "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let unseen = said.json()["unseen"][0].as_str().unwrap().to_owned();
    assert!(
        unseen.starts_with("cannot compare all of current: it ends in the middle"),
        "{unseen}"
    );
    assert_eq!(
        kinds(&said),
        [("aws_thing.new".to_owned(), "removed".to_owned())]
    );
    let said = stage.tfsos(&["diff", "current", "current"]);
    assert_eq!(said.code, 3, "nothing differs in what could be seen");
}

#[test]
fn no_bytes_are_a_state_without_resources() {
    let stage = stage();
    stage.builder.state(b"", at()).unwrap();
    let said = stage.tfsos(&["diff", "previous", "current", "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.json()["summary"]["removed"], 5);
    assert_eq!(said.json()["to"]["health"], "empty");
}
