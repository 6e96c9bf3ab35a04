//! `tfsos repair`: what it saves of a damaged file, what it says of the rest,
//! and that what it writes can be put back.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use jiff::SignedDuration;
use serde_json::json;

use crate::stage::{Said, Stage, Stores, at, said};

const NETWORK: &str = include_str!("../fixtures/state/network.tfstate");

/// A place whose newest state is cut, and the cut file.
fn cut() -> (Stage, String) {
    let stage = Stage::new(Stores::Both);
    let later = |hours| at() + SignedDuration::from_hours(hours);
    let before = NETWORK.replace("412", "411");
    stage.builder.applied(before.as_bytes(), later(1)).unwrap();
    stage.builder.applied(NETWORK.as_bytes(), later(2)).unwrap();
    let torn = &NETWORK.as_bytes()[..9_000];
    stage.builder.state(torn, later(3)).unwrap();
    let file = stage.dir().join("torn.tfstate");
    fs::write(&file, torn).unwrap();
    (stage, file.display().to_string())
}

fn out(stage: &Stage) -> (PathBuf, String) {
    let path = stage.dir().join("repaired.tfstate");
    let text = path.display().to_string();
    (path, text)
}

/// The command without any directory of a place.
fn alone(stage: &Stage, words: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
    let folder = stage.dir().join("elsewhere");
    fs::create_dir_all(&folder).unwrap();
    command
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("HOME", stage.dir());
    said(command.output().unwrap())
}

#[test]
fn a_cut_state_is_saved_and_what_it_lost_against_the_last_good_version_is_named() {
    let (stage, torn) = cut();
    let (path, out) = out(&stage);
    let said = stage.tfsos(&["repair", &torn, "-o", &out, "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let json = said.json();
    assert_eq!(json["fixes"][0]["kind"], "cut");
    assert_eq!(json["output"], json!(out));
    assert_eq!(
        json["against"],
        stage.tfsos(&["versions", "--json"]).json()["last_good"]
    );
    let lost = json["lost"].as_array().unwrap().iter();
    let lost = lost.filter(|one| one["address"].is_string()).count();
    // Nineteen addresses, one of which has a deposed object beside it.
    let salvaged = json["salvaged"].as_u64().unwrap() as usize;
    assert_eq!(salvaged + lost, 20);
    let kept = stage.tfsos(&["resources", &out, "--json"]).json();
    let kept = kept["resources"].as_array().unwrap().len();
    assert!(
        (salvaged - 1..=salvaged).contains(&kept),
        "{kept} of {salvaged}"
    );
    let checked = alone(&stage, &["check", &path.display().to_string()]);
    assert_eq!(checked.code, 0, "{checked:?}");
}

#[test]
fn a_repaired_copy_is_put_back_like_a_version() {
    let (stage, torn) = cut();
    let (_, out) = out(&stage);
    let said = stage.tfsos(&["repair", &torn, "-o", &out]);
    assert!(
        said.out
            .contains(&format!("tfsos restore {out} puts it back")),
        "{said:?}"
    );
    let shown = stage
        .tfsos(&["restore", &out, "--dry-run", "--json"])
        .json();
    let hash = shown["confirm"][0].as_str().unwrap();
    let said = stage.tfsos(&["restore", &out, "--yes", hash, "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.json()["serial_after"], json!(413));
}

#[test]
fn a_file_alone_is_repaired_without_any_place() {
    let (stage, torn) = cut();
    let said = alone(&stage, &["repair", &torn, "-o", "copy.tfstate"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains("it is compared with no version"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("tfsos restore ./copy.tfstate puts it back"),
        "{said:?}"
    );
    let whole = stage.dir().join("whole.tfstate");
    fs::write(&whole, NETWORK).unwrap();
    let against = [
        "repair",
        &torn,
        "-o",
        "other.tfstate",
        "--against",
        &whole.display().to_string(),
    ];
    let said = alone(&stage, &against);
    assert!(
        said.out.contains("only the version compared with holds it"),
        "{said:?}"
    );
    assert!(!said.out.contains("not-a-real-password"));
    let said = alone(
        &stage,
        &["repair", &torn, "--dry-run", "--against", "last-good"],
    );
    assert_eq!(
        said.code, 3,
        "a version that was named has to be there: {said:?}"
    );
}

#[test]
fn a_whole_state_is_copied_byte_for_byte() {
    let (stage, _) = cut();
    let (path, out) = out(&stage);
    let whole = stage.dir().join("whole.tfstate");
    fs::write(&whole, NETWORK).unwrap();
    let said = stage.tfsos(&["repair", &whole.display().to_string(), "-o", &out]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(fs::read_to_string(path).unwrap(), NETWORK);
}

#[test]
fn nothing_that_is_there_is_written_over_and_nothing_is_made_of_nothing() {
    let (stage, torn) = cut();
    let (path, out) = out(&stage);
    fs::write(&path, "mine").unwrap();
    assert_eq!(stage.tfsos(&["repair", &torn, "-o", &out]).code, 4);
    assert_eq!(stage.tfsos(&["repair", &torn, "-o", &torn]).code, 4);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_file(&path).unwrap();
    assert_eq!(stage.tfsos(&["repair", &torn, "--dry-run"]).code, 1);
    assert_eq!(stage.tfsos(&["repair", &torn]).code, 2);
    let empty = stage.dir().join("empty.tfstate");
    fs::write(&empty, "").unwrap();
    let said = stage.tfsos(&["repair", &empty.display().to_string(), "-o", &out]);
    assert_eq!(
        (said.code, said.err.contains("it has no bytes")),
        (4, true),
        "{said:?}"
    );
    assert_eq!(stage.tfsos(&["repair", "/nowhere/x", "-o", &out]).code, 3);
    assert!(!path.exists());
}
