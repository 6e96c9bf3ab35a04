//! `tfsos restore` and `tfsos freeze` on a sandbox: what they ask for, what
//! they refuse, and what a kill in the middle of them leaves.

use rustix::process::Signal;
use serde_json::{Value, json};
use tfsos::state::Versioning;

use crate::stage::{ID, Running, Stage, Stores, at};
use crate::support::moto::Moto;
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::Tfsos;

const TORN: &[u8] = br#"{"version":4,"serial":4,"lineage":"l","resou"#;

/// A torn state over a whole one.
fn torn(stage: &Stage) -> String {
    stage.builder.state(TORN, at()).unwrap();
    let shown = stage.tfsos(&["versions", "--json"]).json();
    shown["last_good"].as_str().unwrap().to_owned()
}

fn serial(stage: &Stage) -> Value {
    stage.tfsos(&["versions", "--json"]).json()["versions"][0]["serial"].clone()
}

fn restoring(stage: &Stage, good: &str) -> Running {
    let words = ["restore", good, "--yes", good, "--json"];
    Running::new(stage.command(&words).spawn().unwrap())
}

#[test]
fn nothing_is_restored_without_the_exact_version_or_where_it_may_not_be() {
    let stage = Stage::new(Stores::Both);
    let good = torn(&stage);
    let cases: [(&[&str], i32); 9] = [
        (&["restore", "last-good"], 4),
        (&["restore", "last-good", "--yes", "another"], 4),
        (&["restore", "last-good", "--yes", "last-good"], 2),
        (&["restore", "last-good", "--yes", &good, "--read-only"], 4),
        (
            &[
                "restore",
                "last-good",
                "--yes",
                &good,
                "--expect-current",
                &good,
            ],
            4,
        ),
        (
            &["restore", "last-good", "--yes", &good, "--take-over", ID],
            4,
        ),
        (&["restore", "current", "--yes", &good], 4),
        (&["restore", "last-good", "--dry-run"], 0),
        (&["restore", "last-good", "--dry-run", "--read-only"], 4),
    ];
    for (words, code) in cases {
        let said = stage.tfsos(&[words, &["--json"]].concat());
        assert_eq!(said.code, code, "{words:?}: {said:?}");
    }
    assert_eq!((stage.journals().len(), stage.held()), (0, 0));
}

#[test]
fn a_dry_run_shows_each_step_with_its_condition_and_its_command() {
    let stage = Stage::new(Stores::Both);
    torn(&stage);
    let said = stage.tfsos(&["restore", "last-good", "--dry-run"]);
    for part in [
        "take the lock in s3: PutObject",
        "only if there is no such object",
        "aws s3api put-object",
        "--if-match",
        "Digest = :d",
        "read it back and compare",
        "undo:",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
}

#[test]
fn a_file_is_confirmed_by_its_hash_and_put_back_like_a_version() {
    let stage = Stage::new(Stores::Both);
    torn(&stage);
    let file = stage.dir().join("repaired.tfstate");
    let whole = br#"{"version":4,"terraform_version":"1.11.4","serial":2,"lineage":"l","outputs":{},"resources":[],"new":1.50}"#;
    std::fs::write(&file, whole).unwrap();
    let path = file.display().to_string();
    let shown = stage
        .tfsos(&["restore", &path, "--dry-run", "--json"])
        .json();
    let hash = shown["confirm"][0].as_str().unwrap();
    assert_eq!(hash.len(), 12);
    let said = stage.tfsos(&["restore", &path, "--yes", hash, "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.json()["serial_after"], json!(5));
    assert_eq!(serial(&stage), json!(5));
    let again = stage
        .tfsos(&["restore", &path, "--dry-run", "--json"])
        .json();
    assert_eq!(
        again["serial_after"],
        json!(6),
        "unknown fields were kept: {again}"
    );
}

#[test]
fn a_kill_in_the_middle_is_gone_on_with_by_the_same_command_and_by_no_other() {
    let stage = Stage::new(Stores::Both);
    let good = torn(&stage);
    let guard = stage.hold("table");
    let running = restoring(&stage, &good);
    stage.until_journaled("\"kind\":\"sent\"", 2);
    running.kill();
    drop(guard);
    assert!(
        stage
            .tfsos(&["locks"])
            .out
            .contains(&format!("tfsos restore {good}"))
    );

    let other = stage.tfsos(&["restore", "./nothing.tfstate", "--yes", "0123456789ab"]);
    assert_eq!(other.code, 4, "{other:?}");
    assert!(other.err.contains(&good));
    let unconfirmed = stage.tfsos(&["restore", &good]);
    assert_eq!(unconfirmed.code, 5, "{unconfirmed:?}");
    assert!(unconfirmed.err.contains(&format!("tfsos restore {good}")));

    let resumed = restoring(&stage, &good).end();
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert_eq!((serial(&stage), stage.held()), (json!(5), 0));
    assert_eq!(stage.tfsos(&["digest"]).code, 0);
    let verified = stage.verified();
    assert_eq!(verified.code, 0);
    assert_eq!(verified.json()["incidents"][0]["open_plans"], json!([]));
}

#[test]
fn a_termination_before_the_state_is_written_gives_the_locks_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let stage = Stage::new(Stores::Both);
        let good = torn(&stage);
        let guard = stage.hold("bucket");
        let mut running = restoring(&stage, &good);
        stage.until_journaled("\"kind\":\"sent\"", 1);
        running.signal(signal);
        drop(guard);
        let said = running.end();
        assert_eq!(said.code, 130, "{signal:?}: {said:?}");
        assert_eq!((stage.held(), serial(&stage)), (0, json!(4)));
        assert_eq!(restoring(&stage, &good).end().code, 0);
    }
}

#[test]
fn without_versions_nothing_is_overwritten() {
    let stage = Stage::new(Stores::DynamoDb);
    let good = torn(&stage);
    for versioning in [Versioning::Suspended, Versioning::Off] {
        stage.builder.versioning(versioning).unwrap();
        let said = stage.tfsos(&["restore", &good, "--yes", &good]);
        assert_eq!(said.code, 4, "{said:?}");
        assert!(said.err.contains("put-bucket-versioning"), "{said:?}");
    }
}

/// A torn state over a whole one, where no versions are kept any more, and
/// where a second copy may go.
fn unversioned(versioning: Versioning) -> (Stage, String, String) {
    let stage = Stage::new(Stores::Both);
    let good = torn(&stage);
    stage.builder.versioning(versioning).unwrap();
    let copy = stage.dir().join("second.tfstate").display().to_string();
    (stage, good, copy)
}

#[test]
fn without_versions_a_second_copy_stands_before_anything_is_overwritten() {
    for versioning in [Versioning::Suspended, Versioning::Off] {
        let (stage, good, copy) = unversioned(versioning);
        let words = ["restore", &good, "--yes", &good, "--unversioned", &copy];
        let shown = stage.tfsos(&[&words[..], &["--dry-run"]].concat());
        assert_eq!(shown.code, 0, "{shown:?}");
        assert!(
            shown
                .out
                .contains(&format!("save a second copy of it as {copy}")),
            "{shown:?}"
        );
        assert!(shown.out.contains("no versions are kept"), "{shown:?}");
        assert!(!std::path::Path::new(&copy).exists());

        let said = stage.tfsos(&[&words[..], &["--json"]].concat());
        assert_eq!(said.code, 0, "{said:?}");
        assert_eq!(said.json()["second_copy"], json!(copy));
        assert_eq!(std::fs::read(&copy).unwrap(), TORN);
        let current = stage.tfsos(&["resources", "current", "--json"]);
        assert_eq!((current.code, stage.held()), (0, 0), "{current:?}");
        let journal = &stage.journals()[0];
        let entries: Vec<Value> = journal
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let at = |is: &dyn Fn(&Value) -> bool| entries.iter().position(is).unwrap();
        let copied = at(&|entry| entry["kind"] == "copied");
        let key = "net/terraform.tfstate";
        let sent = at(&|entry| entry["kind"] == "sent" && entry["target"]["key"] == key);
        assert!(copied < sent, "{journal}");
        assert_eq!(stage.verified().code, 0);
    }
}

#[test]
fn a_suspended_bucket_of_s3_is_restored_behind_a_second_copy() {
    let stores = Moto::shared().stores();
    stores.set_versioning("Suspended");
    stores.put_object(KEY, TORN);
    let first = Tfsos::new(&["restore", "./good.tfstate", "--dry-run", "--json"]);
    let good = br#"{"version":4,"terraform_version":"1.11.4","serial":6,"lineage":"l","outputs":{},"resources":[]}"#;
    let folder = first.directory().to_owned();
    std::fs::write(folder.join("good.tfstate"), good).unwrap();
    let first = first.at(&stores, Locking::Both);
    let refused = first.run();
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.out.contains("--unversioned FILE"), "{refused:?}");
    let shown = Tfsos::new(&[
        "restore",
        "./good.tfstate",
        "--dry-run",
        "--json",
        "--unversioned",
        "copy",
    ])
    .within(&folder)
    .at(&stores, Locking::Both)
    .run()
    .json();
    let hash = shown["confirm"][0].as_str().unwrap();
    let words = [
        "restore",
        "./good.tfstate",
        "--yes",
        hash,
        "--unversioned",
        "copy",
        "--json",
    ];
    let said = Tfsos::new(&words)
        .within(&folder)
        .at(&stores, Locking::Both)
        .run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.json()["serial_after"], json!(7));
    assert_eq!(std::fs::read(folder.join("copy")).unwrap(), TORN);
    let now: Value = serde_json::from_slice(&stores.object(KEY).unwrap()).unwrap();
    assert_eq!(now["serial"], json!(7));
}

#[test]
fn a_second_copy_goes_to_a_new_file_and_not_among_the_incidents() {
    let (stage, good, copy) = unversioned(Versioning::Off);
    std::fs::write(&copy, "mine").unwrap();
    let nowhere = stage.dir().join("nowhere/copy").display().to_string();
    for path in [&copy, &nowhere] {
        let words = [
            "restore",
            &good,
            "--yes",
            &good,
            "--unversioned",
            path,
            "--json",
        ];
        let said = stage.tfsos(&words);
        assert_eq!(said.code, 4, "{said:?}");
        assert_eq!(said.json()["outcome"], "refused");
    }
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), "mine");
    assert_eq!((stage.journals().len(), stage.held()), (0, 0));
}

#[test]
fn a_kill_after_the_second_copy_is_gone_on_with_and_the_copy_is_kept() {
    let (stage, good, copy) = unversioned(Versioning::Suspended);
    let words = ["restore", &good, "--yes", &good, "--unversioned", &copy];
    let guard = stage.hold("table");
    let running = Running::new(stage.command(&words).spawn().unwrap());
    stage.until_journaled("\"kind\":\"sent\"", 2);
    running.kill();
    drop(guard);
    let resumed = stage.tfsos(&words);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert_eq!(std::fs::read(&copy).unwrap(), TORN);
    assert_eq!((stage.held(), stage.verified().code), (0, 0));
}

#[test]
fn a_lock_that_terraform_took_is_not_thawed() {
    let stage = Stage::locked(Stores::Both);
    let said = stage.tfsos(&["thaw", ID, "--yes", ID]);
    assert_eq!(said.code, 4, "{said:?}");
    assert_eq!(stage.held(), 2);
}

#[test]
fn read_only_is_refused_by_every_command_that_writes() {
    let stage = Stage::new(Stores::Both);
    stage
        .builder
        .digest("00000000000000000000000000000000")
        .unwrap();
    let shown = stage.tfsos(&["digest", "--json"]).json();
    let md5 = shown["calculated"].as_str().unwrap();
    let key = "net/terraform.tfstate";
    let writes: [&[&str]; 2] = [
        &["digest", "--fix", "--yes", md5],
        &["freeze", "--reason", "thinking", "--yes", key],
    ];
    for words in writes {
        let said = stage.tfsos(&[words, &["--read-only"]].concat());
        assert_eq!(said.code, 4, "{words:?}: {said:?}");
        assert!(said.err.contains("--read-only"), "{said:?}");
    }
    assert_eq!((stage.journals().len(), stage.held()), (0, 0));
    let frozen = stage.tfsos(&["freeze", "--reason", "thinking", "--yes", key, "--json"]);
    let id = frozen.json()["id"].as_str().unwrap().to_owned();
    let said = stage.tfsos(&["thaw", &id, "--yes", &id, "--read-only"]);
    assert_eq!((said.code, stage.held()), (4, 2), "{said:?}");
}

#[test]
fn the_command_that_goes_on_says_everything_that_the_plan_demands() {
    let stage = Stage::locked(Stores::Both);
    let good = torn(&stage);
    let words = [
        "restore",
        &good,
        "--yes",
        &good,
        "--take-over",
        ID,
        "--json",
    ];
    let guard = stage.hold("table");
    let running = Running::new(stage.command(&words).spawn().unwrap());
    stage.until_journaled("\"kind\":\"sent\"", 2);
    running.kill();
    drop(guard);
    let unconfirmed = stage.tfsos(&["restore", &good, "--yes", &good]);
    assert_eq!(unconfirmed.code, 5, "{unconfirmed:?}");
    assert!(
        unconfirmed.err.contains(&format!("--take-over {ID}")),
        "{unconfirmed:?}"
    );
    let resumed = stage.tfsos(&words);
    assert_eq!((resumed.code, stage.held()), (0, 0), "{resumed:?}");
}

#[test]
fn a_restore_is_undone_by_the_command_that_it_names_and_not_once_somebody_has_written() {
    for written in [false, true] {
        let stage = Stage::new(Stores::Both);
        let whole = br#"{"version":4,"terraform_version":"1.11.4","serial":9,"lineage":"l","outputs":{},"resources":[]}"#;
        stage.builder.applied(whole, at()).unwrap();
        let shown = stage.tfsos(&["versions", "--json"]).json();
        let previous = shown["versions"][1]["version_id"].as_str().unwrap();
        let said = stage.tfsos(&["restore", previous, "--yes", previous]);
        assert_eq!(said.code, 0, "{said:?}");
        let command = said.out.lines().find_map(|row| row.split_once("to undo"));
        let words: Vec<_> = command.unwrap().1.split_whitespace().collect();
        assert_eq!(words[..2], ["tfsos", "restore"], "{said:?}");
        if written {
            stage.builder.applied(whole, at()).unwrap();
        }
        // The last word is the place, which the stage names itself.
        let undone = stage.tfsos(&words[1..words.len() - 1]);
        assert_eq!(undone.code, if written { 4 } else { 0 }, "{undone:?}");
        let expected = if written { 9 } else { 11 };
        assert_eq!(serial(&stage), json!(expected));
    }
}

#[test]
fn of_a_torn_state_it_says_that_there_is_no_undo_and_what_is_not_known() {
    let stage = Stage::new(Stores::Both);
    let good = torn(&stage);
    let said = stage.tfsos(&["restore", &good, "--yes", &good, "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = said.json();
    assert_eq!(said["undo"]["by_hand"], json!([]), "{said}");
    assert!(
        said["undo"]["says"]
            .as_str()
            .unwrap()
            .contains("would not load")
    );
    assert_eq!(said["next_plan"]["partial"], json!(true));
    assert_eq!(said["next_plan"]["why"], "a sandbox has no configuration");
}
