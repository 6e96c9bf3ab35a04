//! `tfsos versions` and `tfsos resources`.

use std::fs;
use std::process::Command;

use jiff::SignedDuration;

use crate::stage::{Said, Stage, Stores, at};

const NETWORK: &str = include_str!("../fixtures/state/network.tfstate");
const AWKWARD: &str = include_str!("../fixtures/state/awkward.tfstate");
const LISTED: &str = include_str!("../fixtures/state/awkward.list");

/// The first write was the stage's; then a whole state, a deletion, another state, and one that was cut short.
fn stage() -> Stage {
    let stage = Stage::new(Stores::Both);
    let later = |hours| at() + SignedDuration::from_hours(hours);
    let states = &stage.builder;
    states
        .applied(NETWORK.replace("412", "411").as_bytes(), later(1))
        .unwrap();
    states.delete_state(later(2)).unwrap();
    states.applied(NETWORK.as_bytes(), later(3)).unwrap();
    states
        .applied(&NETWORK.as_bytes()[..9_000], later(4))
        .unwrap();
    stage
}

fn addresses(said: &Said) -> Vec<String> {
    let json = said.json();
    let resources = json["resources"].as_array().unwrap().iter();
    resources
        .map(|one| one["address"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_version_is_listed_with_what_it_holds() {
    let said = stage().tfsos(&["versions", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let json = said.json();
    assert_eq!(json["versioning"], "enabled");
    let versions = json["versions"].as_array().unwrap();
    let health: Vec<_> = versions
        .iter()
        .map(|version| version["health"].as_str().unwrap())
        .collect();
    assert_eq!(health, ["damaged", "fine", "deleted", "fine", "fine"]);
    assert_eq!(
        (&versions[0]["current"], &versions[1]["current"]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        (&versions[1]["serial"], &versions[1]["resources"]),
        (&412.into(), &19.into())
    );
    assert_eq!(versions[1]["at"], "2026-01-02T06:00:00Z");
    assert_eq!(versions[1]["md5"].as_str().unwrap().len(), 32);
    assert_eq!(
        (&versions[2]["delete_marker"], &versions[2]["serial"]),
        (&true.into(), &serde_json::Value::Null)
    );
    assert_eq!(json["last_good"], versions[1]["version_id"]);
    let keys: Vec<_> = versions[0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "version_id",
            "current",
            "delete_marker",
            "at",
            "size",
            "serial",
            "lineage",
            "resources",
            "md5",
            "health",
            "writer"
        ]
    );
}

#[test]
fn other_states_that_may_be_good_are_listed_beside_the_versions_and_can_be_restored() {
    let stage = stage();
    let left = stage.dir().join("errored.tfstate");
    fs::write(&left, NETWORK.replace("\"serial\": 412", "\"serial\": 413")).unwrap();
    fs::write(stage.dir().join("terraform.tfstate.backup"), "{").unwrap();
    let said = stage.tfsos(&["versions", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let json = said.json();
    assert_eq!(json["versions"].as_array().unwrap().len(), 5);
    let told: Vec<_> = json["others"].as_array().unwrap().iter().collect();
    let column = |key: &str| told.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(column("source"), ["errored", "backup"]);
    assert_eq!(column("health"), ["fine", "damaged"]);
    assert_eq!(told[0]["serial"], 413);
    let reference = told[0]["ref"].as_str().unwrap();
    assert_eq!(reference, left.display().to_string());

    let read = stage.tfsos(&["versions"]);
    assert!(
        read.out.contains("no versions, and perhaps good"),
        "{read:?}"
    );
    assert!(read.out.contains("left by a run"), "{read:?}");

    let dry = stage.tfsos(&["restore", reference, "--dry-run", "--json"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert_eq!(dry.json()["serial_after"], 414);
    let difference = stage.tfsos(&["diff", "last-good", reference]);
    assert_eq!(difference.code, 0, "{difference:?}");
}

#[test]
fn an_object_of_another_bucket_needs_a_state_in_s3() {
    let said = stage().tfsos(&["resources", "s3://copy/network/terraform.tfstate", "--json"]);
    assert_eq!(said.code, 3, "{said:?}");
    let fault = said.json()["fault"].clone();
    assert!(
        fault["cause"]
            .as_str()
            .unwrap()
            .contains("does not live in S3")
    );
}

#[test]
fn a_person_reads_what_is_wrong_with_a_version_and_which_one_is_good() {
    let said = stage().tfsos(&["versions"]);
    assert!(
        said.out
            .contains("it ends in the middle of a string, at byte 9,000 of 9,000"),
        "{said:?}"
    );
    assert!(said.out.contains("last good: "), "{said:?}");
    assert!(!said.out.contains("not-a-real-password"));
}

#[test]
fn a_line_of_a_version_fits_into_a_terminal_of_80_columns() {
    let said = stage().tfsos(&["versions"]);
    let lines = said.out.lines().filter(|line| line.contains("serial"));
    let widest = lines.map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 80), "{said:?}");
}

#[test]
fn a_directory_in_the_place_of_a_version_is_told_where_it_belongs() {
    let said = stage().tfsos(&["resources", "."]);
    assert_eq!(said.code, 3, "{said:?}");
    let hint = ". is a directory, which comes after REF: current .";
    assert!(said.err.contains(hint), "{said:?}");
}

#[test]
fn versions_can_be_limited_by_number_and_by_time() {
    let stage = stage();
    let count = |words: &[&str]| {
        let said = stage.tfsos(&[&["versions", "--json"], words].concat());
        said.json()["versions"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--limit", "2"]), 2);
    assert_eq!(count(&["--since", "2026-01-02T06:00:00Z"]), 2);
    assert_eq!(count(&["--since", "1h"]), 0);
    assert_eq!(stage.tfsos(&["versions", "--since", "soon"]).code, 2);
}

#[test]
fn addresses_are_printed_line_by_line_as_terraform_does() {
    let stage = Stage::new(Stores::DynamoDb);
    stage.builder.applied(AWKWARD.as_bytes(), at()).unwrap();
    let said = stage.tfsos(&["resources", "current"]);
    assert_eq!((said.code, said.out.as_str()), (0, LISTED));
}

#[test]
fn the_resources_of_any_version_have_type_mode_provider_and_id() {
    let said = stage().tfsos(&["resources", "last-good", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let json = said.json();
    let resources = json["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 19);
    let main = resources
        .iter()
        .find(|one| one["address"] == "module.network.aws_vpc.main")
        .unwrap();
    let expected = serde_json::json!({
        "address": "module.network.aws_vpc.main",
        "type": "aws_vpc",
        "mode": "managed",
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "id": "vpc-0a1b2c3d4e5f60718",
    });
    assert_eq!(*main, expected);
    assert_eq!(resources[0]["mode"], "data");
    assert!(!said.out.contains("not-a-real-password"));
}

#[test]
fn a_search_prints_what_answers_by_address_first_and_by_value_with_where_it_stands() {
    let stage = stage();
    let said = stage.tfsos(&["resources", "last-good", "--search", "vpc main"]);
    let best = said.out.lines().next();
    assert_eq!((said.code, best), (0, Some("module.network.aws_vpc.main")));
    let by_value = [
        "resources",
        "last-good",
        "--search",
        "vpc-0a1b2c3d4e5f60718",
    ];
    let said = stage.tfsos(&by_value);
    assert!(
        said.out
            .contains("module.network.aws_vpc.main\tid = vpc-0a1b2c3d4e5f60718"),
        "{said:?}"
    );
    let json = stage.tfsos(&[&by_value[..], &["--json"]].concat()).json();
    let first = &json["resources"][0];
    assert!(
        first["said"]
            .as_str()
            .unwrap()
            .ends_with("= vpc-0a1b2c3d4e5f60718"),
        "{json}"
    );
    assert_eq!(first["mode"], "managed");
    let secret = stage.tfsos(&["resources", "last-good", "--search", "not-a-real-password"]);
    assert_eq!(
        (secret.code, secret.out.as_str()),
        (0, ""),
        "a masked value answers nothing"
    );
}

#[test]
fn versions_are_named_by_their_place_or_by_their_id() {
    let stage = stage();
    let listed = stage.tfsos(&["versions", "--json"]).json();
    let id = listed["versions"][3]["version_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        addresses(&stage.tfsos(&["resources", "previous", "--json"])).len(),
        19
    );
    assert_eq!(
        addresses(&stage.tfsos(&["resources", &id, "--json"])).len(),
        19
    );
    let unknown = stage.tfsos(&["resources", "no/such/version"]);
    assert_eq!(unknown.code, 3);
    assert!(
        unknown.err.contains("REF is current, previous"),
        "{unknown:?}"
    );
}

#[test]
fn of_a_damaged_version_what_stood_whole_is_printed_and_the_rest_is_said() {
    let stage = stage();
    let said = stage.tfsos(&["resources", "current", "--json"]);
    assert_eq!(said.code, 0, "a listing with damage in it is a listing");
    assert_eq!(addresses(&said).len(), 9);
    let json = said.json();
    assert!(
        json["unseen"][0]
            .as_str()
            .unwrap()
            .contains("ends in the middle of a string")
    );
    assert_eq!(json["fault"], serde_json::Value::Null);
    let said = stage.tfsos(&["resources", "current"]);
    assert_eq!((said.code, said.out.lines().count()), (0, 9));
    assert!(
        said.err.contains("cannot read all of current: it ends"),
        "{said:?}"
    );
}

#[test]
fn a_file_is_read_without_any_place() {
    let stage = Stage::new(Stores::DynamoDb);
    fs::write(stage.dir().join("salvaged"), NETWORK).unwrap();
    let read = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
        let command = command.args(words).current_dir(stage.dir()).env_clear();
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, out) = read(&["resources", "./salvaged"]);
    assert_eq!((code, out.lines().count()), (Some(0), 19));
    assert_eq!(read(&["resources", "./nothing"]).0, Some(3));
    assert_eq!(read(&["resources", "./bucket"]).0, Some(3));
}

#[test]
fn an_empty_state_lists_nothing_and_says_why() {
    let stage = Stage::new(Stores::DynamoDb);
    stage.builder.state(b"", at()).unwrap();
    let said = stage.tfsos(&["resources", "current"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    assert!(said.err.contains("it has no bytes"), "{said:?}");
}

#[test]
fn an_encrypted_state_cannot_be_listed() {
    let stage = Stage::new(Stores::DynamoDb);
    let sealed = br#"{"serial":3,"lineage":"l","meta":{},"encrypted_data":"eA==","encryption_version":"v0"}"#;
    stage.builder.state(sealed, at()).unwrap();
    let said = stage.tfsos(&["resources", "current", "--json"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(said.json()["resources"], serde_json::json!([]));
}
