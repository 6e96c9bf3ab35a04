//! `tfsos runbooks`: found by a pasted error, checked in a gate, begun beside
//! the code.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::stage::{Said, said};

/// Runs `tfsos runbooks WORDS…` in a folder with a home of its own.
fn runbooks(folder: &Path, words: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
    command
        .arg("runbooks")
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder.join("home"));
    said(command.output().unwrap())
}

/// A repository with one page of a team.
fn repository(name: &str, text: &str) -> TempDir {
    let root = TempDir::new().unwrap();
    let folder = root.path().join(".tfsos/runbooks");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    fs::write(folder.join(name), text).unwrap();
    root
}

fn ids(said: &Said) -> Vec<String> {
    let json = said.json();
    let rows = json["runbooks"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

const PAGE: &str =
    "+++\nid = 'state-lock'\ntitle = 'Ours'\ntags = ['lock']\n+++\n## Call\n\nCall \u{1b}[31mus.\n";

#[test]
fn a_team_s_page_stands_in_the_list_in_place_of_the_built_in_one() {
    let root = repository("state-lock.md", PAGE);
    let said = runbooks(root.path(), &["list", "--json"]);
    let json = said.json();
    let rows = json["runbooks"].as_array().unwrap();
    let lock: Vec<_> = rows
        .iter()
        .filter(|row| row["id"] == "state-lock")
        .collect();
    assert_eq!((said.code, lock.len()), (0, 1));
    assert_eq!(
        (lock[0]["title"].as_str(), lock[0]["origin"].as_str()),
        (Some("Ours"), Some("team"))
    );
    assert_eq!(lock[0]["steps"][0]["title"], "Call");
    let listed = runbooks(root.path(), &["list"]);
    assert!(listed.out.contains("Ours  (team)"), "{listed:?}");
    assert!(listed.out.contains("provider-auth"), "{listed:?}");
}

#[test]
fn a_page_is_printed_as_written_and_no_control_character_of_it() {
    let root = repository("state-lock.md", PAGE);
    let said = runbooks(root.path(), &["show", "state-lock"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "## Call\n\nCall ␛[31mus.\n")
    );
    let json = runbooks(root.path(), &["show", "provider-auth", "--json"]).json();
    assert!(
        json["runbook"]["text"]
            .as_str()
            .unwrap()
            .starts_with("+++\n")
    );
    let commands = json["runbook"]["steps"][1]["commands"].as_array().unwrap();
    assert_eq!(commands[0], "aws sts get-caller-identity");
    let unknown = runbooks(root.path(), &["show", "no-such"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("there is no such runbook"),
        "{unknown:?}"
    );
}

#[test]
fn a_pasted_error_finds_its_runbook_and_no_match_is_an_empty_list() {
    let folder = TempDir::new().unwrap();
    let error = "╷\n│ Error: Error acquiring the state lock\n│ \n│ Error message: operation error DynamoDB: PutItem, https response error";
    let said = runbooks(folder.path(), &["search", error, "--json"]);
    assert_eq!(ids(&said)[0], "state-lock");
    let words = runbooks(folder.path(), &["search", "stale", "lock"]);
    assert!(
        words.out.trim_start().starts_with("state-lock"),
        "{words:?}"
    );
    let none = runbooks(folder.path(), &["search", "zzzzqqq", "--json"]);
    assert_eq!((none.code, ids(&none)), (0, Vec::new()));
}

#[test]
fn lint_says_what_is_wrong_where_and_passes_what_comes_with_the_program() {
    let root = repository(
        "disk.md",
        "+++\nid = 'disk'\ntitle = 'D'\ntags = ['d']\n+++\n## A\n\ndanger: gone\n\naction: explode\n",
    );
    let said = runbooks(root.path(), &["lint", "--json"]);
    let json = said.json();
    let claims: Vec<_> = json["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["id"].as_str().unwrap(),
                one["step"].as_u64().unwrap(),
                one["claim"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(said.code, 1);
    assert_eq!(
        claims,
        [
            ("disk", 1, "dangerous, and nothing says what to expect"),
            ("disk", 1, "no action is called \"explode\""),
        ]
    );
    let text = runbooks(root.path(), &["lint", ".tfsos/runbooks"]);
    assert!(
        text.out.starts_with(".tfsos/runbooks/disk.md: step 1: "),
        "{text:?}"
    );
    let clean = runbooks(TempDir::new().unwrap().path(), &["lint"]);
    assert_eq!(clean.code, 0, "{clean:?}");
}

#[test]
fn a_path_that_cannot_be_read_is_never_taken_for_sound() {
    let root = repository("a.md", "# no front matter");
    let missing = runbooks(root.path(), &["lint", "nowhere"]);
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(missing.err.contains("nowhere"), "{missing:?}");
    let both = runbooks(
        root.path(),
        &["lint", "nowhere", ".tfsos/runbooks/a.md", "--json"],
    );
    let json = both.json();
    assert_eq!(
        (both.code, json["unseen"].as_array().unwrap().len()),
        (1, 1)
    );
    assert_eq!(
        json["problems"][0]["claim"],
        "no front matter between two lines +++ at the top"
    );
}

#[test]
fn a_new_runbook_lints_clean_and_is_never_written_over() {
    let folder = TempDir::new().unwrap();
    let said = runbooks(folder.path(), &["new", "disk-full"]);
    assert_eq!(said.code, 0, "{said:?}");
    let path = ".tfsos/runbooks/disk-full.md";
    let lint = runbooks(folder.path(), &["lint", path]);
    assert_eq!(lint.code, 0, "{lint:?}");
    assert!(ids(&runbooks(folder.path(), &["list", "--json"])).contains(&"disk-full".to_owned()));
    fs::write(folder.path().join(path), "mine").unwrap();
    let again = runbooks(folder.path(), &["new", "disk-full", "--json"]);
    assert_eq!(again.code, 3, "{again:?}");
    assert!(
        again.json()["fault"]["cause"]
            .as_str()
            .unwrap()
            .contains("exists already")
    );
    assert_eq!(
        fs::read_to_string(folder.path().join(path)).unwrap(),
        "mine"
    );
    assert_eq!(runbooks(folder.path(), &["new", "../up"]).code, 2);
}
