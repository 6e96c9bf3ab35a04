//! What we say of a state while the real terraform works on it, and after.

use tfsos::io::discover;
use tfsos::io::remote::Remote;
use tfsos::lock::Survey;
use tfsos::place::Place;

use crate::support::terraform::{self, Project};

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
