//! What the real terraform writes is what our nouns say it writes, and what
//! we do to it leaves terraform content.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

#[cfg(feature = "console")]
#[path = "terraform/by_key.rs"]
mod by_key;
#[cfg(feature = "console")]
#[path = "terraform/incidents.rs"]
mod incidents;
#[cfg(feature = "console")]
#[path = "terraform/local.rs"]
mod local;
#[cfg(feature = "console")]
#[path = "terraform/next_plan.rs"]
mod next_plan;
#[cfg(feature = "console")]
#[path = "terraform/rebuild.rs"]
mod rebuild;
#[cfg(feature = "console")]
#[path = "terraform/recovery.rs"]
mod recovery;
#[cfg(feature = "console")]
#[path = "terraform/remote.rs"]
mod remote;
#[cfg(feature = "console")]
#[path = "terraform/restore.rs"]
mod restore;

#[path = "terraform/repair.rs"]
mod repair;
#[path = "terraform/state.rs"]
mod state;

use std::sync::atomic::{AtomicBool, Ordering};

use md5::{Digest, Md5};
use support::moto::{Moto, Stores};
use support::replay::{Refusal, Replay, Reply};
use support::terraform::{self, Locking, Project};
use tfsos::lock::Holder;
use tfsos::place::{Backend, Directory, Environment, S3};
use tfsos::state::Reading;

/// The place as we read it from what `terraform init` left behind.
fn place_of(project: &Project) -> S3 {
    let cache = project.dir().join(".terraform/terraform.tfstate");
    let directory = Directory {
        path: project.dir(),
        cache: Some((cache.clone(), std::fs::read(cache).unwrap())),
        ..Directory::default()
    };
    let environment: Environment = project.environment().into_iter().collect();
    match directory.place(&environment).unwrap().backend {
        Backend::S3(place) => *place,
        other => panic!("the backend was read as {other:?}"),
    }
}

fn info_of(stores: &Stores, row: &str) -> Option<Vec<u8>> {
    let item = stores.item(row)?;
    Some(item["Info"]["S"].as_str()?.as_bytes().to_vec())
}

#[test]
fn a_killed_apply_leaves_a_lock_that_names_its_holder_in_every_configured_store() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in Locking::ALL {
        let stores = Moto::shared().stores();
        let project = Project::on_s3(binary, &stores, locking).initialised();
        let place = place_of(&project);
        project.kill_an_apply();

        let row = info_of(&stores, &place.lock_row());
        let object = stores.object(&place.lockfile_key());
        assert_eq!(row.is_some(), locking.has_table(), "{locking:?}");
        assert_eq!(object.is_some(), locking.has_lockfile(), "{locking:?}");

        let holders: Vec<_> = [row, object]
            .into_iter()
            .flatten()
            .map(|bytes| Holder::read(&bytes).unwrap())
            .collect();
        for holder in &holders {
            assert_eq!(holder.operation_word(), "apply");
            assert_eq!(holder.path, place.lock_row());
            assert!(
                holder.created_at().is_some() && holder.who.contains('@') && holder.id.len() == 36
            );
        }
        assert!(
            holders.iter().all(|holder| *holder == holders[0]),
            "both stores hold the same lock"
        );
        let blocked = if locking == Locking::Neither { 2 } else { 1 };
        assert_eq!(project.plan(), Some(blocked), "{locking:?}");
    }
}

#[test]
fn an_apply_writes_the_state_and_its_digest_where_we_look_for_them() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    let place = place_of(&project);
    project.apply();

    assert_eq!(stores.keys(), [place.state_key()]);
    assert_eq!(stores.lock_ids(), [place.digest_row()]);
    assert_eq!(project.plan(), Some(0));
}

#[test]
fn the_digest_is_the_md5_of_the_very_bytes_of_the_state() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::DynamoDb).initialised();
    project.apply();

    let place = place_of(&project);
    let state = stores.object(&place.state_key()).unwrap();
    let digest = stores.item(&place.digest_row()).unwrap();
    let calculated = data_encoding::HEXLOWER.encode(&Md5::digest(state));
    assert_eq!(digest["Digest"]["S"], calculated);
}

#[test]
fn our_addresses_are_those_of_terraform_state_list_in_its_order() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    project.apply();

    let listed = project.state_list();
    assert_eq!(listed.len(), 40);
    let reading = Reading::of(std::fs::read(project.dir().join("terraform.tfstate")).unwrap());
    let Reading::Whole(state) = reading else {
        panic!("terraform's own state was read as {reading:?}");
    };
    let ours: Vec<_> = state
        .listed()
        .iter()
        .filter_map(|no| state.name(*no))
        .collect();
    assert_eq!(ours, listed);
}

#[test]
fn a_named_workspace_has_its_own_state_lock_and_digest() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both)
        .initialised()
        .in_workspace("staging");
    let place = place_of(&project);
    project.apply();
    let held = project.hold();

    assert_eq!(stores.keys(), [place.state_key(), place.lockfile_key()]);
    assert_eq!(stores.lock_ids(), [place.lock_row(), place.digest_row()]);
    drop(held);
}

#[test]
fn a_killed_apply_on_a_local_state_leaves_its_info_file() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    project.kill_an_apply();

    let info = std::fs::read(project.dir().join(".terraform.tfstate.lock.info")).unwrap();
    let holder = Holder::read(&info).unwrap();
    assert_eq!(holder.path, "terraform.tfstate");
    assert_eq!(project.plan(), Some(2), "the file alone locks nothing");
}

#[test]
fn the_server_tells_what_it_was_asked() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    stores.put_object("untouched", b"");
    assert_eq!(stores.writes(), [], "what the tests arrange is not counted");

    Project::on_s3(binary, &stores, Locking::DynamoDb)
        .initialised()
        .apply();
    let targets: Vec<_> = stores
        .writes()
        .into_iter()
        .map(|request| request.target)
        .filter(|target| !target.is_empty())
        .collect();
    assert_eq!(
        targets,
        ["PutItem", "PutItem", "DeleteItem"],
        "the lock, the digest, the release"
    );
}

#[test]
fn an_apply_whose_lock_was_taken_but_whose_answer_was_lost_blocks_itself() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let first = AtomicBool::new(true);
    let wire = Replay::start(move |asked| {
        let lost = asked.target == "PutItem" && first.swap(false, Ordering::Relaxed);
        if lost { Reply::Lose } else { Reply::Pass }
    });
    let project =
        Project::on_s3_through(binary, &stores, Locking::DynamoDb, &wire.endpoint()).initialised();
    let output = project.terraform(&["apply", "-auto-approve"]);

    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        complaint.contains("Error acquiring the state lock"),
        "{complaint}"
    );
    let left = info_of(&stores, &place_of(&project).lock_row()).unwrap();
    assert!(
        complaint.contains(&Holder::read(&left).unwrap().id),
        "the lock that blocks is its own"
    );
}

#[test]
fn a_replayed_denial_reads_to_terraform_as_a_real_one() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let wire = Replay::start(|asked| match asked.target.as_str() {
        "PutItem" | "GetItem" => Reply::Refuse(Refusal::AccessDenied),
        _ => Reply::Pass,
    });
    let project =
        Project::on_s3_through(binary, &stores, Locking::DynamoDb, &wire.endpoint()).initialised();
    let output = project.terraform(&["apply", "-auto-approve"]);

    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("AccessDeniedException"), "{complaint}");
    assert_eq!(stores.lock_ids(), Vec::<String>::new());
}
