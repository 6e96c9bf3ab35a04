//! `tfsos rebuild`: what it offers of an older version and of what carries
//! tags, what it refuses, and that it writes over nothing.

use std::fs;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::stage::{Stage, Stores as Locks, at};
use crate::support::moto::{Moto, Stores};
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::Tfsos;

const NETWORK: &str = include_str!("../fixtures/state/network.tfstate");

/// The state as a later run left it: with nothing of what `gone` says.
fn later(gone: impl Fn(&Value) -> bool) -> String {
    let mut state: Value = serde_json::from_str(NETWORK).unwrap();
    state["serial"] = json!(413);
    let resources = state["resources"].as_array_mut().unwrap();
    resources.retain(|resource| !gone(resource));
    serde_json::to_string_pretty(&state).unwrap()
}

/// A place whose newest state has lost a module and the password's owner.
fn stage(gone: impl Fn(&Value) -> bool) -> Stage {
    let stage = Stage::new(Locks::Both);
    let hour = |hours| at() + SignedDuration::from_hours(hours);
    stage.builder.applied(NETWORK.as_bytes(), hour(1)).unwrap();
    stage
        .builder
        .applied(later(gone).as_bytes(), hour(2))
        .unwrap();
    stage
}

fn of_module(name: &'static str) -> impl Fn(&Value) -> bool {
    move |resource| resource["module"].as_str() == Some(name)
}

fn pairs(json: &Value, key: &str, first: &str, second: &str) -> Vec<(String, String)> {
    let all = json[key].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.map(|one| (text(&one[first]), text(&one[second])))
        .collect()
}

#[test]
fn what_the_newest_state_lost_is_offered_as_blocks_and_as_commands() {
    let stage = stage(of_module("module.compute"));
    let out = stage.dir().join("imports.tf");
    let words = [
        "rebuild",
        "--from",
        "previous",
        "-o",
        &out.display().to_string(),
    ];
    let said = stage.tfsos(&words);
    // One launch template is a deposed object beside a current one: it is not another address.
    assert_eq!(said.code, 0, "{said:?}");
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(written.matches("\nimport {\n").count(), 6, "{written}");
    for part in [
        "  to = module.compute.aws_instance.web[3]\n  id = \"i-0a1b2c3d4e5f60703\"\n",
        "# terraform import 'module.compute.aws_instance.web[3]' i-0a1b2c3d4e5f60703\n",
        "6 to import, 0 to add, 0 to change, 0 to destroy",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    let command = "terraform import module.compute.aws_security_group.app sg-0c1d2e3f405162738";
    assert!(said.out.contains(command), "{said:?}");
    assert!(
        said.out.contains(&format!("written to {}", out.display())),
        "{said:?}"
    );
    let again = stage.tfsos(&words);
    assert_eq!(again.code, 4, "nothing is written over: {again:?}");
    assert_eq!(fs::read_to_string(&out).unwrap(), written);
}

#[test]
fn without_a_file_the_blocks_are_printed_and_json_has_the_settled_keys() {
    let stage = stage(of_module("module.data"));
    let said = stage.tfsos(&["rebuild", "--from", "previous"]);
    assert!(
        said.out
            .starts_with("# Imports into tfb/net/terraform.tfstate"),
        "{said:?}"
    );
    let json = stage
        .tfsos(&["rebuild", "--from", "previous", "--json"])
        .json();
    let own = |text: &str| text.to_owned();
    assert_eq!(
        pairs(&json, "imports", "address", "id"),
        [(own("module.data.aws_kms_key.rds"), own("0d1e2f30"))]
    );
    assert_eq!(
        pairs(&json, "unmapped", "address", "why"),
        [(
            own("module.data.aws_db_instance.main"),
            own("it is imported by its identifier, which the state does not say")
        )]
    );
    assert_eq!(json["imports"][0]["type"], "aws_kms_key");
    assert_eq!((&json["regions"], said.code), (&json!([]), 1));
    assert!(!json.to_string().contains("not-a-real-password"), "{json}");
}

#[test]
fn a_state_that_lost_nothing_writes_no_file() {
    let stage = stage(|_| false);
    let out = stage.dir().join("imports.tf").display().to_string();
    let said = stage.tfsos(&["rebuild", "--from", "previous", "-o", &out]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("has everything"), "{said:?}");
    assert!(!stage.dir().join("imports.tf").exists());
}

#[test]
fn what_cannot_be_looked_at_is_no_answer() {
    let stage = stage(of_module("module.data"));
    let cases: [(&[&str], i32); 5] = [
        (&["rebuild"], 2),
        (&["rebuild", "--tags==x"], 2),
        (&["rebuild", "--tags"], 3),
        (&["rebuild", "--from", "nothing"], 3),
        (&["rebuild", "--from", "./nothing.tfstate"], 3),
    ];
    for (words, code) in cases {
        let said = stage.tfsos(words);
        assert_eq!(said.code, code, "{words:?}: {said:?}");
    }
}

#[test]
fn a_torn_state_is_rebuilt_from_the_last_good_one_and_says_what_it_took_for_lost() {
    let stage = stage(|_| false);
    let torn = &NETWORK.as_bytes()[..9_000];
    stage
        .builder
        .state(torn, at() + SignedDuration::from_hours(3))
        .unwrap();
    let said = stage.tfsos(&["rebuild", "--from", "last-good", "--json"]);
    let json = said.json();
    assert!(!json["imports"].as_array().unwrap().is_empty(), "{json}");
    let unseen = json["unseen"].to_string();
    assert!(
        unseen.contains("what it no longer shows is taken for lost"),
        "{unseen}"
    );
}

/// A bucket whose place has nothing, and another state beside it.
fn bucket(other: &str) -> Stores {
    let stores = Moto::shared().stores();
    let nothing = r#"{"version":4,"terraform_version":"1.4.6","serial":3,"lineage":"l","outputs":{},"resources":[]}"#;
    stores.put_object(KEY, nothing.as_bytes());
    stores.put_object("other/terraform.tfstate", other.as_bytes());
    stores
}

/// A state of buckets by their names.
fn buckets(names: &[&str]) -> String {
    let one = |name: &&str| {
        format!(
            r#"{{"index_key":"{name}","attributes":{{"id":"{name}","arn":"arn:aws:s3:::{name}"}}}}"#
        )
    };
    let instances: Vec<_> = names.iter().map(one).collect();
    format!(
        r#"{{"version":4,"terraform_version":"1.4.6","serial":2,"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"aws_s3_bucket","name":"b","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{}]}}]}}"#,
        instances.join(",")
    )
}

#[test]
fn no_two_states_of_the_bucket_own_one_resource() {
    let stores = bucket(&buckets(&["theirs"]));
    let run = Tfsos::new(&["rebuild", "--json", "--from", "./old.tfstate"]);
    fs::write(
        run.directory().join("old.tfstate"),
        buckets(&["ours", "theirs"]),
    )
    .unwrap();
    let said = run.at(&stores, Locking::Both).run();
    assert_eq!(said.code, Some(1), "{said:?}");
    let json = said.json();
    let own = |text: &str| text.to_owned();
    assert_eq!(
        pairs(&json, "imports", "address", "id"),
        [(own(r#"aws_s3_bucket.b["ours"]"#), own("ours"))]
    );
    assert_eq!(
        pairs(&json, "unmapped", "address", "owner"),
        [(
            own(r#"aws_s3_bucket.b["theirs"]"#),
            own("other/terraform.tfstate")
        )]
    );
    let why = json["unmapped"][0]["why"].as_str().unwrap();
    assert_eq!(
        why,
        r#"other/terraform.tfstate owns it as aws_s3_bucket.b["theirs"]"#
    );
}

#[test]
fn a_state_beside_that_cannot_be_read_is_said_and_stands_in_the_file() {
    let stores = bucket(&buckets(&[]));
    stores.put_object("sealed/terraform.tfstate", b"{\"version\":4,");
    let run = Tfsos::new(&["rebuild", "--from", "./old.tfstate"]);
    fs::write(run.directory().join("old.tfstate"), buckets(&["ours"])).unwrap();
    let said = run.at(&stores, Locking::Both).run();
    assert_eq!(said.code, Some(3), "{said:?}");
    for text in [&said.out, &said.err] {
        assert!(text.contains("sealed/terraform.tfstate"), "{said:?}");
    }
    assert!(
        said.out
            .contains("# Terraform 1.4.6 knows no import blocks"),
        "{said:?}"
    );
}

#[test]
fn what_carries_tags_and_no_state_owns_is_found_in_each_region() {
    let stores = bucket(&buckets(&[]));
    let team = format!("team-{}", stores.bucket);
    stores.tag("Team", &team);
    let words = [&format!("--tags=Team={team}"), "--json"];
    let json = Tfsos::new(&[&["rebuild"], &words[..]].concat());
    let json = json.at(&stores, Locking::Both).run();
    assert_eq!(json.code, Some(0), "{json:?}");
    let json = json.json();
    assert_eq!(
        pairs(&json, "imports", "type", "id"),
        [("aws_s3_bucket".to_owned(), stores.bucket.clone())]
    );
    assert_eq!(json["imports"][0]["source"], "tags");
    assert_eq!(json["regions"], json!(["us-east-1"]));

    stores.put_object(
        "other/terraform.tfstate",
        buckets(&[&stores.bucket]).as_bytes(),
    );
    let said = Tfsos::new(&["rebuild", words[0]])
        .at(&stores, Locking::Both)
        .run();
    assert_eq!(
        said.code,
        Some(0),
        "another state's bucket was never lost here: {said:?}"
    );
    assert!(
        said.out
            .contains("1 with tags belong to other/terraform.tfstate"),
        "{said:?}"
    );
}
