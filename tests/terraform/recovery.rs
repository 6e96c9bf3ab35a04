//! The command line beside the real terraform: what it says of a state is
//! what terraform says, and what it does to a lock leaves terraform content.

use serde_json::{Value, json};

use crate::support::moto::{Moto, Stores};
use crate::support::terraform::{self, KEY, Locking, Project};
use crate::support::tfsos::{Said, Tfsos};

/// Runs `tfsos WORDS… --json` in the project's directory and environment.
pub fn tfsos(project: &Project, words: &[&str]) -> Said {
    let command = Tfsos::new(words).word("--json").within(project.dir());
    let workspace = project.environment().into_iter();
    let workspace = workspace.filter(|(name, _)| name == "TF_WORKSPACE");
    workspace
        .fold(command, |command, (name, value)| command.env(&name, &value))
        .run()
}

fn stuck(stores: &Stores, binary: &std::path::Path, locking: Locking) -> Project {
    let project = Project::on_s3(binary, stores, locking).initialised();
    project.apply();
    project.kill_an_apply();
    assert_eq!(
        project.plan(),
        Some(1),
        "{locking:?}: the lock blocks terraform"
    );
    project
}

/// The ids of the locks that `tfsos locks` shows, each once.
fn ids(shown: &Value) -> Vec<String> {
    let locks = shown["locks"].as_array().unwrap();
    let mut ids: Vec<_> = locks
        .iter()
        .map(|lock| lock["id"].as_str().unwrap().to_owned())
        .collect();
    ids.dedup();
    ids
}

#[test]
fn a_lock_left_by_a_killed_apply_is_released_and_terraform_goes_on() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in [Locking::DynamoDb, Locking::Lockfile, Locking::Both] {
        let stores = Moto::shared().stores();
        let project = stuck(&stores, binary, locking);

        let shown = tfsos(&project, &["locks"]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        let ids = ids(&shown.json());
        assert_eq!(ids.len(), 1, "{locking:?}: one lock, in each store");

        // It was taken a moment ago, so its holder has to be declared dead.
        let released = tfsos(&project, &["unlock", &ids[0], "--yes", &ids[0], "--live"]);
        assert_eq!(released.code, Some(0), "{locking:?}: {released:?}");
        let said = released.json();
        assert_eq!(said["outcome"], "done");
        let released = said["stores"].as_array().unwrap();
        assert_eq!(released.len(), locking.stores());
        assert!(released.iter().all(|one| one["outcome"] == "released"));
        assert_eq!(project.plan(), Some(0), "{locking:?}");
        assert_eq!(ids_after(&project), Vec::<String>::new());
    }
}

fn ids_after(project: &Project) -> Vec<String> {
    ids(&tfsos(project, &["locks"]).json())
}

#[test]
fn a_lock_that_is_not_confirmed_or_not_allowed_stays() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = stuck(&stores, binary, Locking::Both);
    let id = &ids_after(&project)[0];
    let before = stores.writes().len();
    let refused: [&[&str]; 5] = [
        &["unlock", id],
        &["unlock", id, "--yes", id],
        &["unlock", id, "--yes", "another", "--live"],
        &["unlock", "another", "--yes", "another", "--live"],
        &["unlock", id, "--yes", id, "--live", "--read-only"],
    ];
    for words in refused {
        let said = tfsos(&project, words);
        assert!(matches!(said.code, Some(2 | 4)), "{words:?}: {said:?}");
    }
    assert_eq!(stores.writes().len(), before);
    assert_eq!(project.plan(), Some(1), "the lock still stands");
}

#[test]
fn a_lock_in_a_named_workspace_is_found_by_its_workspace() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both)
        .initialised()
        .in_workspace("staging");
    project.apply();
    assert_eq!(ids_after(&project), Vec::<String>::new());
    let held = project.hold();
    assert_eq!(ids_after(&project).len(), 1);
    drop(held);
}

#[test]
fn resources_are_the_addresses_that_terraform_lists_in_its_order() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Neither).initialised();
    project.apply();

    let listed = project.state_list();
    let printed = Tfsos::new(&["resources"]).within(project.dir()).run();
    assert_eq!(printed.code, Some(0), "{printed:?}");
    assert_eq!(printed.out.lines().collect::<Vec<_>>(), listed);

    let shown = tfsos(&project, &["resources"]).json();
    let resources = shown["resources"].as_array().unwrap().iter();
    let addresses: Vec<_> = resources
        .map(|resource| resource["address"].as_str().unwrap())
        .collect();
    assert_eq!(addresses, listed);
}

#[test]
fn versions_are_the_applies_and_the_newest_is_the_one_its_digest_names() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::DynamoDb).initialised();
    project.apply();
    project.apply_with("release=two");

    let shown = tfsos(&project, &["versions"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let shown = shown.json();
    assert_eq!(shown["versioning"], "enabled");
    let versions = shown["versions"].as_array().unwrap();
    let facts: Vec<_> = versions
        .iter()
        .map(|version| (&version["current"], &version["resources"]))
        .collect();
    assert_eq!(
        facts,
        [(&json!(true), &json!(40)), (&json!(false), &json!(40))]
    );
    assert!(versions[0]["serial"].as_u64() > versions[1]["serial"].as_u64());
    assert_eq!(shown["last_good"], versions[0]["version_id"]);

    let row = format!("{}/{KEY}-md5", stores.bucket);
    assert_eq!(
        versions[0]["md5"],
        stores.item(&row).unwrap()["Digest"]["S"]
    );
}

#[test]
fn an_apply_leaves_a_healthy_state_and_an_upload_by_hand_does_not() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    project.apply();
    let calm = tfsos(&project, &["check"]);
    assert_eq!(
        (calm.code, &calm.json()["healthy"]),
        (Some(0), &json!(true)),
        "{calm:?}"
    );

    stores.put_object(KEY, b"{\"version\": 4, \"serial\": 9, \"resou");
    let broken = tfsos(&project, &["check"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
}

#[test]
fn the_state_inside_a_saved_plan_is_read_like_a_state_file() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    project.apply();
    let planned = project.terraform(&["plan", "-out=saved.plan"]);
    assert!(planned.status.success(), "{planned:?}");
    let listed = tfsos(&project, &["resources", "./saved.plan"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let json = listed.json();
    let addresses = json["resources"].as_array().unwrap().iter();
    let addresses: Vec<_> = addresses
        .map(|one| one["address"].as_str().unwrap())
        .collect();
    assert_eq!(addresses, project.state_list());
    let differs = tfsos(&project, &["diff", "./saved.plan", "./terraform.tfstate"]);
    assert_eq!(differs.code, Some(0), "{differs:?}");
}
