//! What we say of a state while the real terraform works on it, and after.

use std::collections::BTreeSet;

use tfsos::io::discover;
use tfsos::io::remote::Remote;
use tfsos::lock::Survey;
use tfsos::place::Place;
use tfsos::state::{Reading, Versioning};

use crate::support::moto::Moto;
use crate::support::terraform::{self, KEY, Locking, Project};

/// The place that tfsos finds in the project's directory.
async fn place_of(project: &Project) -> Place {
    let environment = project.environment().into_iter().collect();
    let found = discover::find(project.dir(), environment).await;
    found.and_then(|discovery| discovery.place()).unwrap()
}

async fn survey(project: &Project) -> Survey {
    let remote = Remote::open(&place_of(project).await).await.unwrap();
    remote.survey().await
}

#[tokio::test]
async fn a_local_lock_is_seen_while_its_process_lives_and_not_by_the_file_it_leaves() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    project.apply();

    let held = project.hold();
    let survey_then = survey(&project).await;
    let holder = survey_then.held().next().unwrap().holder().unwrap();
    assert_eq!(holder.operation_word(), "apply");

    drop(held);
    assert!(project.dir().join(".terraform.tfstate.lock.info").exists());
    assert_eq!(survey(&project).await.held().count(), 0);
}

#[tokio::test]
async fn what_a_killed_apply_left_is_seen_in_every_configured_store() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in Locking::ALL {
        let stores = Moto::shared().stores();
        let project = Project::on_s3(binary, &stores, locking).initialised();
        project.apply();
        project.kill_an_apply();

        let survey = survey(&project).await;
        assert_eq!(survey.unseen().count(), 0, "{survey:?}");
        assert_eq!(survey.held().count(), locking.stores(), "{locking:?}");
        assert!(!survey.half_released(), "{locking:?}");
        let ids: BTreeSet<_> = survey.held().map(|seen| seen.id().unwrap()).collect();
        assert!(ids.len() <= 1, "one lock in each store: {ids:?}");
        assert_eq!(survey.digest.is_some(), locking.has_table(), "{locking:?}");
    }
}

#[tokio::test]
async fn a_lock_that_is_gone_from_one_of_two_stores_is_half_released() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    project.kill_an_apply();
    stores.delete_object(&format!("{KEY}.tflock"));
    assert!(survey(&project).await.half_released());
}

#[tokio::test]
async fn each_apply_is_a_version_and_every_version_loads() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Lockfile).initialised();
    project.apply();
    project.apply_with("release=two");

    let remote = Remote::open(&place_of(&project).await).await.unwrap();
    let versions = remote.versions(10).await.unwrap();
    assert_eq!(versions.versioning, Versioning::Enabled);
    let mut serials = Vec::new();
    for version in &versions.list {
        let reading = Reading::of(remote.body(&version.id).await.unwrap());
        assert!(matches!(reading, Reading::Whole(_)), "{version:?}");
        serials.push(reading.header().unwrap().serial);
    }
    assert_eq!(serials.len(), 2);
    assert!(serials[0] > serials[1], "newest first: {serials:?}");
    let current = remote.current().await.unwrap().unwrap();
    assert_eq!(current.version.as_ref(), Some(&versions.list[0].id));
}
