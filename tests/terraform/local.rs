//! A state that is a file on this machine, put right under the lock that
//! terraform itself takes on it.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::recovery::tfsos;
use super::restore::{last_good, versions};
use crate::support::terraform::{self, Project};

/// A project with two applies behind it, the newest one what its configuration says.
fn applied(binary: &Path) -> Project {
    let project = Project::local(binary).initialised();
    project.apply_with("release=two");
    project.apply();
    // What `terraform state` commands leave: a backup of the newest state.
    let state = project.dir().join("terraform.tfstate");
    fs::copy(&state, state.with_extension("tfstate.1700000000.backup")).unwrap();
    project
}

#[test]
fn a_truncated_an_empty_and_a_deleted_local_state_are_restored() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = applied(binary);
    let state = project.dir().join("terraform.tfstate");
    let whole = fs::read(&state).unwrap();
    let newest = "terraform.tfstate.1700000000.backup";

    fs::write(&state, &whole[..whole.len() / 2]).unwrap();
    restored_as(&project, "truncated", newest);
    fs::write(&state, b"").unwrap();
    restored_as(&project, "empty", newest);
    fs::remove_file(&state).unwrap();
    restored_as(&project, "deleted", newest);

    let kept = versions(&project).into_iter();
    let halves = kept.filter(|version| version["size"] == json!(whole.len() / 2));
    assert_eq!(halves.count(), 1, "what was broken is kept beside it");
}

/// Restores it by its name, and sees that terraform is content and nothing is lost.
fn restored_as(project: &Project, case: &str, name: &str) {
    let before = versions(project);
    let said = tfsos(project, &["restore", name, "--yes", name]);
    assert_eq!(said.code, Some(0), "{case}: {said:?}");
    assert_eq!(said.json()["outcome"], "done", "{case}");
    assert_eq!(project.plan(), Some(0), "{case}: terraform plans nothing");
    let after = versions(project);
    for version in before {
        let id = &version["version_id"];
        let still = after.iter().any(|other| other["version_id"] == *id);
        assert!(still, "{case}: {id} is still there");
    }
}

#[test]
fn the_last_good_backup_of_a_local_state_is_named_as_such() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    project.apply_with("release=two");
    project.apply();
    let state = project.dir().join("terraform.tfstate");
    fs::write(&state, "{\"version\": 4,").unwrap();
    assert_eq!(last_good(&project), "terraform.tfstate.backup");
    let said = tfsos(&project, &["restore", "last-good", "--dry-run"]);
    assert!(said.out.contains("terraform.tfstate.backup"), "{said:?}");
    assert_eq!(fs::read(&state).unwrap(), b"{\"version\": 4,");
}

#[test]
fn under_a_running_apply_a_local_state_is_not_restored() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = applied(binary);
    let name = "terraform.tfstate.backup";
    let words = ["restore", name, "--yes", name];
    let holding = project.hold();
    let held = tfsos(&project, &["locks"]).json();
    let id = held["locks"][0]["id"].as_str().unwrap().to_owned();
    let before = fs::read(project.dir().join("terraform.tfstate")).unwrap();

    let said = tfsos(&project, &words);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert_eq!(said.json()["outcome"], "refused");
    assert!(
        said.out.contains("only its own end releases it"),
        "{said:?}"
    );
    let over = [&words[..], &["--take-over", &id]].concat();
    let said = tfsos(&project, &over);
    assert_eq!(said.json()["outcome"], "refused", "nor by a take-over");
    let after = fs::read(project.dir().join("terraform.tfstate")).unwrap();
    assert_eq!(before, after);

    // Its end lets go, and leaves no more than the file that named it.
    drop(holding);
    let said = tfsos(&project, &words);
    assert_eq!(said.json()["outcome"], "done", "{said:?}");
    assert!(!project.state_list().is_empty(), "terraform loads it");
}

#[test]
fn a_restore_of_a_local_state_is_undone_by_the_command_that_it_names() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = applied(binary);
    let older = "terraform.tfstate.backup";
    let said = tfsos(&project, &["restore", older, "--yes", older]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = said.json();
    assert_eq!(said["next_plan"]["judged_by"], "plan", "{said}");
    assert_eq!(project.plan(), Some(2), "it is the older state");
    let command = said["undo"]["by_hand"][0].as_str().unwrap();
    let words: Vec<_> = command.split(' ').skip(1).collect();
    let undone = tfsos(&project, &words);
    assert_eq!(undone.code, Some(0), "{command}: {undone:?}");
    assert_eq!(project.plan(), Some(0), "{command}");
}
