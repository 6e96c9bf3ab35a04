//! What the next plan would do after a restore: asked of the real terraform,
//! and judged from the two states where that cannot be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::restore::last_good;
use crate::support::moto::{Moto, Stores};
use crate::support::template::Template;
use crate::support::terraform::{self, KEY, Locking, Project};
use crate::support::tfsos::Tfsos;

/// A torn state over two applies; the newest says what the configuration does.
fn torn(binary: &Path) -> (Stores, Project) {
    let stores = Moto::shared().stores();
    let template = Template::shared(binary);
    let project = template.project(binary, &stores, Locking::Both);
    let [_, newest] = &template.states;
    stores.put_object(KEY, &newest[..newest.len() / 2]);
    (stores, project)
}

fn restored(project: &Project, version: &str, variables: &[(&str, &str)]) -> Value {
    let words = ["restore", version, "--yes", version, "--json"];
    let tfsos = Tfsos::new(&words).within(project.dir());
    let tfsos = variables
        .iter()
        .fold(tfsos, |tfsos, (name, value)| tfsos.env(name, value));
    let said = tfsos.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    said.json()["next_plan"].clone()
}

/// Every file of the directory with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn after_a_restore_terraform_says_itself_what_its_next_plan_would_do() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let (_stores, project) = torn(binary);
    let good = last_good(&project);
    let before = files(&project.dir());
    // What the user's own arguments say of files and locks does not count.
    let mine = [("TF_CLI_ARGS_plan", "-out=mine.tfplan -lock=true")];
    let said = restored(&project, &good, &mine);
    assert_eq!(said["judged_by"], "plan", "{said}");
    assert_eq!(said["command"], "terraform plan -refresh=false");
    for kind in ["creates", "destroys", "replaces", "changes", "stateful"] {
        assert_eq!(said[kind], json!([]), "{kind}: {said}");
    }
    assert_eq!(files(&project.dir()), before, "nothing was written there");
    assert_eq!(project.plan(), Some(0), "and so it is");
}

#[test]
fn what_the_restored_state_lacks_is_named_by_the_plan() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let (_stores, project) = torn(binary);
    let file = project.dir().join("more.tf");
    fs::write(&file, "resource \"terraform_data\" \"added\" {}\n").unwrap();
    let good = last_good(&project);
    let said = restored(&project, &good, &[]);
    assert_eq!(said["judged_by"], "plan", "{said}");
    assert_eq!(said["creates"], json!(["terraform_data.added"]));
}

#[test]
fn a_plan_that_fails_and_a_machine_without_terraform_leave_the_comparison_and_say_why() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let (_stores, project) = torn(binary);
    let good = last_good(&project);
    let none = tempfile::tempdir().unwrap();
    let nowhere = none.path().display().to_string();
    let said = restored(&project, &good, &[("PATH", &nowhere)]);
    assert_eq!(said["judged_by"], "comparison", "{said}");
    assert_eq!(said["why"], "neither terraform nor tofu is on the PATH");

    let (stores, project) = torn(binary);
    fs::write(project.dir().join("broken.tf"), "resource {\n").unwrap();
    let good = last_good(&project);
    let said = restored(&project, &good, &[]);
    assert_eq!(said["judged_by"], "comparison", "{said}");
    let why = said["why"].as_str().unwrap();
    assert!(why.starts_with("terraform plan -refresh=false: "), "{said}");
    assert_eq!(stores.object(&format!("{KEY}.tflock")), None);
}

#[test]
fn by_key_a_terraform_that_hangs_is_stopped_and_the_restore_stands() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let (_stores, project) = torn(binary);
    let folder = tempfile::tempdir().unwrap();
    let fake = folder.path().join("terraform");
    fs::write(&fake, "#!/bin/sh\nsleep 600\n").unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let fake = fake.display().to_string();
    let tfsos = Tfsos::new(&[]).within(project.dir());
    let screen = tfsos.env("TFSOS_TERRAFORM", &fake).on_screen(120, 40);
    screen.until("READ-ONLY");
    super::by_key::restore(&screen, 1, &["network"], |screen| {
        screen.until("asking Terraform what the next plan would do");
        screen.press("K");
        screen.until("without a plan: it was stopped");
    });
    super::by_key::leave(&screen);
    assert_eq!(project.plan(), Some(0));
}
