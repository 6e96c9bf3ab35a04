//! What the real terraform writes is what our nouns say it writes, and what
//! we do to it leaves terraform content.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

use support::moto::{Moto, Stores};
use support::terraform::{self, KEY, Locking, Project};
use tfsos::lock::Holder;
use tfsos::place::S3;

fn place_of(stores: &Stores, workspace: &str) -> S3 {
    S3 {
        bucket: stores.bucket.clone(),
        key: KEY.into(),
        workspace_key_prefix: "env:".into(),
        workspace: workspace.into(),
        ..S3::default()
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
        let place = place_of(&stores, "default");
        let project = Project::on_s3(binary, &stores, locking).initialised();
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
    let place = place_of(&stores, "default");
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    project.apply();

    assert_eq!(stores.keys(), [place.state_key()]);
    assert_eq!(stores.lock_ids(), [place.digest_row()]);
    assert_eq!(project.plan(), Some(0));
    assert_eq!(project.state_list().len(), 40);
}

#[test]
fn a_named_workspace_has_its_own_state_lock_and_digest() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let place = place_of(&stores, "staging");
    let project = Project::on_s3(binary, &stores, Locking::Both)
        .initialised()
        .in_workspace("staging");
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
