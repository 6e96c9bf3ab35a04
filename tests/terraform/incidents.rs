//! The incidents of a night, in each of the three ways to lock: put right by
//! the command line, after which the real terraform plans nothing.

use serde_json::{Value, json};

use super::restore::{LOCKED, applied, restored, versions};
use crate::recovery::tfsos;
use crate::support::moto::{Moto, Stores};
use crate::support::template::Template;
use crate::support::terraform::{self, KEY, Locking, Project};
use crate::support::tfsos::{Said, Tfsos};

fn locks(project: &Project) -> Vec<Value> {
    let shown = tfsos(project, &["locks"]).json();
    shown["locks"].as_array().unwrap().clone()
}

fn id(project: &Project) -> String {
    locks(project)[0]["id"].as_str().unwrap().to_owned()
}

fn lockfile() -> String {
    format!("{KEY}.tflock")
}

fn row(stores: &Stores) -> String {
    format!("{}/{KEY}", stores.bucket)
}

fn digest(stores: &Stores, md5: &Value) {
    let row = format!("{}-md5", row(stores));
    stores.put_item(&json!({"LockID": {"S": row}, "Digest": {"S": md5}}));
}

#[test]
fn a_half_released_lock_and_one_that_terraform_cannot_name_are_released() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = applied(&stores, binary, locking);
        if locking == Locking::Both {
            project.kill_an_apply();
            stores.delete_object(&lockfile());
            let half = id(&project);
            let said = tfsos(&project, &["unlock", &half, "--yes", &half, "--live"]);
            assert_eq!(said.code, Some(0), "half-released: {said:?}");
            assert_eq!(project.plan(), Some(0), "half-released");
        }
        if locking.has_table() {
            stores.put_item(&json!({"LockID": {"S": row(&stores)}}));
        }
        if locking.has_lockfile() {
            stores.put_object(&lockfile(), b"");
        }
        assert_eq!(project.plan(), Some(1), "{locking:?}: it blocks terraform");
        for lock in locks(&project) {
            let (store, raw) = (
                lock["store"].as_str().unwrap(),
                lock["raw"].as_str().unwrap(),
            );
            let said = tfsos(
                &project,
                &["unlock", "--raw", store, "--yes", raw, "--live"],
            );
            assert_eq!(said.code, Some(0), "{locking:?} {store}: {said:?}");
        }
        assert_eq!(project.plan(), Some(0), "{locking:?}");
    }
}

#[test]
fn a_digest_that_differs_is_put_right_by_its_cause_wherever_one_is_kept() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in [Locking::DynamoDb, Locking::Both] {
        let stores = Moto::shared().stores();
        let project = Project::on_s3(binary, &stores, locking).initialised();
        project.apply_with("release=two");
        let old = stores.object(KEY).unwrap();
        project.apply();

        digest(&stores, &versions(&project)[1]["md5"]);
        let shown = tfsos(&project, &["digest"]).json();
        assert_eq!(shown["cause"], "write_failed", "{locking:?}");
        let md5 = shown["calculated"].as_str().unwrap();
        let fixed = tfsos(&project, &["digest", "--fix", "--yes", md5]);
        assert_eq!(
            (fixed.code, project.plan()),
            (Some(0), Some(0)),
            "{locking:?}: {fixed:?}"
        );

        stores.put_object(KEY, &old);
        assert_eq!(tfsos(&project, &["digest"]).json()["cause"], "overwritten");
        restored(&project, &format!("{locking:?} overwritten"), &[]);

        digest(&stores, &json!(""));
        let whole = stores.object(KEY).unwrap();
        stores.put_object(KEY, &whole[..40]);
        restored(&project, &format!("{locking:?} without a digest"), &[]);
        assert_eq!(tfsos(&project, &["digest"]).json()["agreement"], "agrees");
    }
}

#[test]
fn a_serial_gone_backwards_is_put_right_in_every_way_to_lock() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = applied(&stores, binary, locking);
        let mut state: Value = serde_json::from_slice(&stores.object(KEY).unwrap()).unwrap();
        let serial = state["serial"].as_u64().unwrap();
        state["serial"] = json!(1);
        state["resources"] = json!([]);
        stores.put_object(KEY, state.to_string().as_bytes());
        let said = restored(&project, &format!("{locking:?} serial"), &[]);
        assert_eq!(said["serial_after"], json!(serial + 1));
    }
}

/// A command of one machine, whose incidents stay from one to the next.
fn here(project: &Project, home: &tempfile::TempDir, words: &[&str]) -> Said {
    let state = home.path().display().to_string();
    let command = Tfsos::new(words).word("--json").within(project.dir());
    command.env("XDG_STATE_HOME", &state).run()
}

#[test]
fn a_job_that_waits_for_the_lock_gets_in_only_when_the_state_is_whole_again() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = applied(&stores, binary, locking);
        let home = tempfile::tempdir().unwrap();
        project.kill_an_apply();
        let whole = stores.object(KEY).unwrap();
        stores.put_object(KEY, &whole[..whole.len() / 2]);
        let waiting = project.waits_for_the_lock();

        let theirs = id(&project);
        let over = ["unlock", &theirs, "--take-over", "--yes", &theirs, "--live"];
        let over = here(&project, &home, &over);
        assert_eq!(over.code, Some(0), "{locking:?}: {over:?}");
        let own = over.json()["lock"].as_str().unwrap().to_owned();
        for body in [
            stores.object(&lockfile()),
            super::info_of(&stores, &row(&stores)),
        ] {
            let Some(body) = body else { continue };
            let holder = tfsos::lock::Holder::read(&body).unwrap();
            assert_eq!(holder.canonical(), body, "{locking:?}: as Go encodes it");
        }

        let good = super::restore::last_good(&project);
        let restored = here(&project, &home, &["restore", &good, "--yes", &good]);
        assert_eq!(restored.code, Some(0), "{locking:?}: {restored:?}");
        let thawed = here(&project, &home, &["thaw", &own, "--yes", &own]);
        assert_eq!(thawed.code, Some(0), "{locking:?}: {thawed:?}");
        waiting.gets_in(&project);
        assert_eq!(project.plan(), Some(0), "{locking:?}");
        let listed = versions(&project);
        let lineages: Vec<_> = listed
            .iter()
            .filter_map(|one| one["lineage"].as_str())
            .collect();
        assert!(
            lineages.iter().all(|one| *one == lineages[0]),
            "nothing began anew"
        );
    }
}

#[test]
fn a_job_that_waits_goes_on_as_soon_as_the_lock_is_released() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = Template::shared(binary).project(binary, &stores, locking);
        project.kill_an_apply();
        let before = stores.version_ids(KEY);
        let waiting = project.waits_for_the_lock();
        let stale = id(&project);
        let said = tfsos(&project, &["unlock", &stale, "--yes", &stale, "--live"]);
        assert_eq!(said.code, Some(0), "{locking:?}: {said:?}");
        waiting.gets_in(&project);
        assert_eq!(project.plan(), Some(0), "{locking:?}");
        kept(&stores, KEY, &before);
    }
}

/// The history still holds every version.
fn kept(stores: &Stores, key: &str, before: &[String]) {
    let after = stores.version_ids(key);
    assert!(before.iter().all(|id| after.contains(id)), "{key}");
}

#[test]
fn a_digest_row_that_is_gone_is_written_again_without_touching_the_state() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in [Locking::DynamoDb, Locking::Both] {
        let stores = Moto::shared().stores();
        let project = Template::shared(binary).project(binary, &stores, locking);
        let before = stores.version_ids(KEY);
        stores.delete_item(&format!("{}-md5", row(&stores)));
        let shown = tfsos(&project, &["digest"]);
        assert_eq!(shown.code, Some(0), "{locking:?}: {shown:?}");
        assert_eq!(shown.json()["agreement"], "unverified", "{locking:?}");
        let shown = shown.json();
        let md5 = shown["calculated"].as_str().unwrap();
        let fixed = tfsos(&project, &["digest", "--fix", "--yes", md5]);
        assert_eq!(fixed.code, Some(0), "{locking:?}: {fixed:?}");
        assert_eq!(tfsos(&project, &["digest"]).json()["agreement"], "agrees");
        assert_eq!(project.plan(), Some(0), "{locking:?}");
        assert_eq!(stores.version_ids(KEY), before, "no state was written");
    }
}

#[test]
fn a_state_of_another_lineage_that_was_pushed_is_put_right_in_every_way_to_lock() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = Template::shared(binary).project(binary, &stores, locking);
        let mut state: Value = serde_json::from_slice(&stores.object(KEY).unwrap()).unwrap();
        let lineage = state["lineage"].as_str().unwrap().to_owned();
        state["lineage"] = json!("00000000-1111-2222-3333-444444444444");
        state["serial"] = json!(90);
        state["resources"] = json!([]);
        let pushed = project.home().join("pushed.tfstate");
        std::fs::write(&pushed, state.to_string()).unwrap();
        let pushed = pushed.display().to_string();
        project.must(&["state", "push", "-force", &pushed]);
        assert_eq!(project.plan(), Some(2), "{locking:?}: all would be created");

        let before = stores.version_ids(KEY);
        let good = before[1].as_str();
        let unnamed = tfsos(&project, &["restore", good, "--yes", good]);
        assert_eq!(unnamed.code, Some(4), "{locking:?}: {unnamed:?}");
        let words = ["restore", good, "--yes", good, "--lineage", &lineage];
        let said = tfsos(&project, &words);
        assert_eq!(said.code, Some(0), "{locking:?}: {said:?}");
        assert_eq!(project.plan(), Some(0), "{locking:?}");
        assert_eq!(locks(&project), Vec::<Value>::new(), "{locking:?}");
        kept(&stores, KEY, &before);
    }
}

#[test]
fn each_of_three_workspaces_is_put_right_by_itself() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let template = Template::shared(binary);
        let project = template.project(binary, &stores, locking);
        let places = ["default", "staging", "prod"].map(|name| match name {
            "default" => (name, KEY.to_owned()),
            name => (name, format!("env:/{name}/{KEY}")),
        });
        for (name, key) in &places {
            if *name != "default" {
                template.history(&stores, locking, key);
            }
            let whole = stores.object(key).unwrap();
            stores.put_object(key, &whole[..whole.len() / 3]);
        }
        for (number, (name, key)) in places.iter().enumerate() {
            project.select(name);
            let broken = |(_, key): &(&str, String)| stores.object(key).unwrap();
            let others: Vec<_> = places[number + 1..].iter().map(broken).collect();
            restored(&project, &format!("{locking:?} {key}"), &[]);
            let after: Vec<_> = places[number + 1..].iter().map(broken).collect();
            assert_eq!(after, others, "{locking:?} {key}");
        }
    }
}
