//! The real terraform leaves the locks, and is content with what we do to them.

use std::process::Command;

use crate::support::moto::Moto;
use crate::support::terraform::{self, Locking, Project};

fn tfsos(project: &Project, words: &[&str]) -> (Option<i32>, serde_json::Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
    command
        .args(words)
        .arg("--json")
        .arg(project.dir())
        .env_clear()
        .envs(project.environment());
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_slice(&output.stdout);
    (output.status.code(), json.unwrap_or_default(), err)
}

fn held(project: &Project) -> Vec<(String, String)> {
    let (_, json, err) = tfsos(project, &["locks"]);
    let locks = json["locks"]
        .as_array()
        .unwrap_or_else(|| panic!("{json} {err}"));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    locks
        .iter()
        .map(|lock| (text(&lock["store"]), text(&lock["id"])))
        .collect()
}

#[test]
fn terraform_goes_on_after_we_released_what_a_killed_apply_left() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in [Locking::DynamoDb, Locking::Lockfile, Locking::Both] {
        let stores = Moto::shared().stores();
        let project = Project::on_s3(binary, &stores, locking).initialised();
        project.apply();
        project.kill_an_apply();
        let held_before = held(&project);
        assert_eq!(held_before.len(), locking.stores(), "{locking:?}");
        assert_eq!(
            project.plan(),
            Some(1),
            "terraform is locked out: {locking:?}"
        );

        let id = held_before[0].1.clone();
        // Whether other applies run on this machine is none of this test's business: a young lock may look live.
        let words = ["unlock", &id, "--yes", &id, "--live"];
        let (code, json, err) = tfsos(&project, &words);
        assert_eq!(code, Some(0), "{locking:?}: {json} {err}");
        let released = json["stores"].as_array().unwrap();
        assert_eq!(released.len(), locking.stores());
        assert!(released.iter().all(|one| one["outcome"] == "released"));
        assert_eq!(held(&project), []);
        assert_eq!(project.plan(), Some(0), "{locking:?}");
    }
}
