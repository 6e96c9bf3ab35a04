//! What `tfsos rebuild` writes is taken by the real terraform: it is formatted
//! and valid, it imports what was lost under the same addresses, and the next
//! plan has nothing to do.

use std::fs;

use crate::support::moto::Moto;
use crate::support::terraform::{self, Locking, Project};
use crate::support::tfsos::Tfsos;

/// Addresses with keys that need quoting, in modules and out of them.
const LOST: [&str; 7] = [
    "terraform_data.single",
    "terraform_data.counted[3]",
    r#"terraform_data.keyed["q\"uote"]"#,
    r#"terraform_data.keyed["line\nbreak"]"#,
    r#"terraform_data.keyed["$${dollar}"]"#,
    r#"terraform_data.keyed[""]"#,
    "terraform_data.secret",
];

#[test]
fn what_was_lost_is_imported_by_terraform_and_nothing_is_left_to_do() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    project.apply();
    let listed = project.state_list();
    let lost = listed.iter().filter(|address| address.contains("eu west"));
    let lost: Vec<&str> = LOST.into_iter().chain(lost.map(String::as_str)).collect();
    let removed = project.terraform(&[&["state", "rm"], &lost[..]].concat());
    assert!(removed.status.success(), "{removed:?}");

    let out = project.dir().join("imports.tf");
    let words = [
        "rebuild",
        "--from",
        "previous",
        "--json",
        "-o",
        &out.display().to_string(),
    ];
    let run = project.environment().into_iter().fold(
        Tfsos::new(&words).within(project.dir()),
        |run, (name, value)| run.env(&name, &value),
    );
    let said = run.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    let json = said.json();
    let mut offered: Vec<&str> = json["imports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|import| import["address"].as_str().unwrap())
        .collect();
    let mut expected = lost.clone();
    offered.sort_unstable();
    expected.sort_unstable();
    assert_eq!(offered, expected);
    let text = fs::read_to_string(&out).unwrap();
    assert!(!text.contains("correct horse"), "{text}");

    for arguments in [&["fmt", "-check", "imports.tf"][..], &["validate"]] {
        let output = project.terraform(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}\n{text}");
    }
    let planned = project.terraform(&["plan"]);
    let planned = String::from_utf8_lossy(&planned.stdout).into_owned();
    let wanted = format!("Plan: {} to import, 0 to add", lost.len());
    assert!(planned.contains(&wanted), "{planned}");
    project.apply();
    assert_eq!(project.state_list(), listed);
    assert_eq!(project.plan(), Some(0));
}

#[test]
fn the_commands_import_one_resource_at_a_time() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    project.apply();
    let address = r#"terraform_data.keyed["q\"uote"]"#;
    let removed = project.terraform(&["state", "rm", address]);
    assert!(removed.status.success(), "{removed:?}");
    let run = project.environment().into_iter().fold(
        Tfsos::new(&["rebuild", "--from", "previous", "--json"]).within(project.dir()),
        |run, (name, value)| run.env(&name, &value),
    );
    let json = run.run().json();
    let command = json["imports"][0]["command"].as_str().unwrap();
    let imported = project.shell(command);
    assert!(imported.status.success(), "{command}: {imported:?}");
    assert!(project.state_list().iter().any(|listed| listed == address));
}
