//! `tfsos locks` and what every command has in common.

use std::process::{Command, Stdio};

use jiff::Timestamp;
use tfsos::lock::{Body, Store};

use crate::stage::{ID, OTHER, STATE, Stage, Stores, at, body};

#[test]
fn a_lock_in_both_stores_is_listed_once_for_each() {
    let stage = Stage::locked(Stores::Both);
    let said = stage.tfsos(&["locks", "--json"]);
    assert_eq!(said.code, 0);
    let json = said.json();
    let locks = json["locks"].as_array().unwrap();
    assert_eq!(locks.len(), 2);
    assert_eq!(
        (locks[0]["id"].as_str(), locks[0]["store"].as_str()),
        (Some(ID), Some("s3"))
    );
    assert_eq!(locks[1]["who"], "ci@runner-12");
    assert_eq!(locks[1]["operation"], "apply");
    assert_eq!(json["half_released"], false);
    assert_eq!(json["digests"][0]["agreement"], "agrees");
    assert_eq!(
        (json["schema"].as_u64(), json["command"].as_str()),
        (Some(1), Some("locks"))
    );
    assert_eq!(json["place"]["name"], "tfb/net/terraform.tfstate");
    assert!(json["fault"].is_null() && json["unseen"].as_array().unwrap().is_empty());
}

#[test]
fn a_lock_of_one_store_only_is_half_released() {
    let stage = Stage::locked(Stores::Both);
    stage.builder.unlock(Store::S3, at()).unwrap();
    let said = stage.tfsos(&["locks", "--json"]);
    assert_eq!(said.json()["half_released"], true);
    assert!(stage.tfsos(&["locks"]).out.contains("half-released"));
}

#[test]
fn a_lock_says_nothing_that_a_terminal_would_act_on() {
    let stage = Stage::new(Stores::DynamoDb);
    let info = format!(r#"{{"ID":"{ID}","Who":"\u001b]0;owned\u0007\u001b[2Jeve@host"}}"#);
    let evil = Body::Bytes(info.into_bytes());
    stage.builder.lock(Store::DynamoDb, &evil, at()).unwrap();
    let said = stage.tfsos(&["locks"]);
    assert!(
        !said.out.contains('\u{1b}') && said.out.contains("eve@host"),
        "{said:?}"
    );
    let refused = stage.tfsos(&["unlock", OTHER, "--yes", OTHER]);
    assert!(!refused.err.contains('\u{1b}'));
}

#[test]
fn a_failure_is_an_object_too() {
    let stage = Stage::new(Stores::DynamoDb);
    std::fs::write(stage.dir().join("table/items.json"), b"{ torn").unwrap();
    let said = stage.tfsos(&["locks", "--json"]);
    assert_eq!(said.code, 3);
    assert_eq!(said.json()["unseen"].as_array().unwrap().len(), 2);

    std::fs::write(stage.dir().join("tfsos-sandbox.json"), b"{").unwrap();
    let said = stage.tfsos(&["locks", "--json"]);
    assert_eq!(
        (said.code, said.json()["fault"]["doing"].as_str()),
        (3, Some("open the sandbox"))
    );
}

#[test]
fn a_usage_error_is_2() {
    let stage = Stage::new(Stores::DynamoDb);
    assert_eq!(
        stage.tfsos(&["locks", "--bucket", "b", "--key", "k"]).code,
        2
    );
    assert_eq!(stage.tfsos(&["unlock", "--raw", "s3", "x"]).code, 2);
    assert_eq!(stage.tfsos(&["unlock", "--raw", "elsewhere"]).code, 2);
}

#[test]
fn a_place_before_the_command_is_no_silent_look_elsewhere() {
    for place in [&["."][..], &["--bucket", "b", "--key", "k"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tfsos"));
        let output = command.args(place).arg("locks").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("the place comes last"), "{said}");
    }
}

#[test]
fn a_closed_pipe_is_a_quiet_0() {
    let stage = Stage::locked(Stores::Both);
    let mut child = stage.command(&["locks"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_local_lock_is_held_by_its_process_and_not_by_its_file() {
    let stage = Stage::new(Stores::DynamoDb);
    let folder = stage.dir().join("local");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("terraform.tfstate");
    std::fs::write(&file, STATE).unwrap();
    let Body::Bytes(info) = body(ID) else {
        unreachable!("a lock has bytes")
    };
    std::fs::write(folder.join(".terraform.tfstate.lock.info"), info).unwrap();
    let tfsos = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
        command.args(words).arg(&folder).env_clear();
        let output = command.env("HOME", stage.dir()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let held = || {
        tfsos(&["locks", "--json"])
            .1
            .matches("\"store\":\"local\"")
            .count()
    };
    assert_eq!(held(), 0);

    let script = "import fcntl,sys\nf=open(sys.argv[1],'r+')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()";
    let mut holder = Command::new("python3")
        .args(["-c", script])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut lines = std::io::BufReader::new(holder.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut line).unwrap();
    assert_eq!((line.as_str(), held()), ("held\n", 1));
    let (code, _, err) = tfsos(&["unlock", ID, "--yes", ID, "--live"]);
    assert_eq!(code, Some(4));
    assert!(err.contains("only its own end releases it"), "{err}");

    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(held(), 0);
}

#[test]
fn the_age_of_a_lock_is_in_seconds() {
    let stage = Stage::locked(Stores::DynamoDb);
    let json = stage.tfsos(&["locks", "--json"]).json();
    let created: Timestamp = json["locks"][0]["created"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let age = json["locks"][0]["age_seconds"].as_i64().unwrap();
    let at: Timestamp = json["at"].as_str().unwrap().parse().unwrap();
    assert!((at.duration_since(created).as_secs() - age).abs() <= 5);
}

#[test]
fn all_locks_of_the_bucket_and_the_table_are_listed_by_their_state() {
    let stage = Stage::locked(Stores::Both);
    let other = r#"{"LockID":{"S":"tfb/app.tfstate"}}"#;
    let items = stage.dir().join("table/items.json");
    let text = std::fs::read_to_string(&items).unwrap();
    let mut table: serde_json::Value = serde_json::from_str(&text).unwrap();
    table["tfb/app.tfstate"] = serde_json::from_str(other).unwrap();
    std::fs::write(&items, table.to_string()).unwrap();
    let json = stage.tfsos(&["locks", "--all", "--json"]).json();
    let locks = json["locks"].as_array().unwrap();
    let keys: Vec<_> = locks
        .iter()
        .map(|lock| lock["key"].as_str().unwrap())
        .collect();
    let own = "net/terraform.tfstate";
    assert_eq!(
        keys,
        [
            "tfb/app.tfstate",
            &format!("{own}.tflock"),
            &format!("tfb/{own}")
        ]
    );
    assert_eq!(json["half_released"], true);
    let text = stage.tfsos(&["locks", "--all"]).out;
    assert!(
        text.contains("\n  tfb/app.tfstate\n") && text.contains(ID),
        "{text}"
    );
}
