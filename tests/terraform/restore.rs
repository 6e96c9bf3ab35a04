//! Broken states of every kind, put right by the command line, after which the
//! real terraform plans nothing and every version is still there.

use serde_json::{Value, json};

use super::recovery::tfsos;
use crate::support::moto::{Moto, Stores};
use crate::support::terraform::{self, KEY, Locking, Project};

/// The three ways to lock.
pub const LOCKED: [Locking; 3] = [Locking::DynamoDb, Locking::Lockfile, Locking::Both];

/// A project with two applies behind it, the newest one what its configuration says.
pub fn applied(stores: &Stores, binary: &std::path::Path, locking: Locking) -> Project {
    let project = Project::on_s3(binary, stores, locking).initialised();
    project.apply_with("release=two");
    project.apply();
    project
}

pub fn versions(project: &Project) -> Vec<Value> {
    let shown = tfsos(project, &["versions", "--limit", "100"]).json();
    shown["versions"].as_array().unwrap().clone()
}

pub fn last_good(project: &Project) -> String {
    let shown = tfsos(project, &["versions", "--limit", "100"]).json();
    let good = shown["last_good"].as_str();
    good.unwrap_or_else(|| panic!("no last good version: {shown}"))
        .to_owned()
}

/// Restores the last good version and sees that terraform is content and nothing is lost.
pub fn restored(project: &Project, case: &str, more: &[&str]) -> Value {
    let before = versions(project);
    let good = last_good(project);
    let words = [&["restore", "last-good", "--yes", &good], more].concat();
    let said = tfsos(project, &words);
    assert_eq!(said.code, Some(0), "{case}: {said:?}");
    let said = said.json();
    assert_eq!(said["outcome"], "done", "{case}");
    assert_eq!(project.plan(), Some(0), "{case}: terraform plans nothing");
    let after = versions(project);
    let kept = before.iter().all(|version| {
        after
            .iter()
            .any(|other| other["version_id"] == version["version_id"])
    });
    assert!(kept, "{case}: every version is still there");
    let locks = tfsos(project, &["locks"]).json();
    assert_eq!(locks["locks"], json!([]), "{case}: no lock is left");
    said
}

#[test]
fn a_truncated_an_empty_and_a_deleted_state_are_restored_in_every_way_to_lock() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = applied(&stores, binary, locking);
        let whole = stores.object(KEY).unwrap();

        stores.put_object(KEY, &whole[..whole.len() / 2]);
        let said = restored(&project, &format!("{locking:?} truncated"), &[]);
        assert_eq!(said["impact"]["certain"], json!(false));

        stores.put_object(KEY, b"");
        restored(&project, &format!("{locking:?} empty"), &[]);

        stores.delete_object(KEY);
        let said = restored(&project, &format!("{locking:?} deleted"), &[]);
        assert!(said["serial_after"].as_u64() > Some(2));
    }
}

#[test]
fn under_a_stale_lock_the_restore_takes_it_over_and_releases_it() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = applied(&stores, binary, locking);
        project.kill_an_apply();
        let whole = stores.object(KEY).unwrap();
        stores.put_object(KEY, &whole[..whole.len() - 9]);
        let locks = tfsos(&project, &["locks"]).json();
        let id = locks["locks"][0]["id"].as_str().unwrap().to_owned();
        let good = last_good(&project);

        let held = tfsos(&project, &["restore", &good, "--yes", &good]);
        assert_eq!(held.code, Some(4), "{held:?}");
        assert!(
            held.json()["fault"]["cause"]
                .as_str()
                .unwrap()
                .contains(&id)
        );
        let live = tfsos(
            &project,
            &["restore", &good, "--yes", &good, "--take-over", &id],
        );
        assert_eq!(live.code, Some(4), "its holder looks alive: {live:?}");

        let words = [
            "restore",
            &good,
            "--yes",
            &good,
            "--take-over",
            &id,
            "--live",
        ];
        let said = tfsos(&project, &words);
        assert_eq!(said.code, Some(0), "{locking:?}: {said:?}");
        let locks = tfsos(&project, &["locks"]).json();
        assert_eq!(locks["locks"], json!([]));
        // What the killed apply had begun is not in the state that came back.
        assert!(matches!(project.plan(), Some(0 | 2)), "terraform reads it");
    }
}

#[test]
fn a_digest_that_an_apply_could_not_write_is_fixed_and_nothing_is_thrown_away() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = applied(&stores, binary, Locking::DynamoDb);
    let listed = versions(&project);
    let row = format!("{}/{KEY}-md5", stores.bucket);
    let digest =
        |md5: &Value| stores.put_item(&json!({"LockID": {"S": row}, "Digest": {"S": md5}}));
    digest(&listed[1]["md5"]);
    assert_eq!(project.plan(), Some(1), "terraform refuses the state");

    let shown = tfsos(&project, &["digest"]);
    assert_eq!(shown.code, Some(1), "{shown:?}");
    let shown = shown.json();
    assert_eq!(shown["cause"], "write_failed");
    assert_eq!(shown["matching_version"], listed[1]["version_id"]);
    let older = listed[1]["version_id"].as_str().unwrap();
    let refused = tfsos(&project, &["restore", older, "--yes", older]);
    assert_eq!(
        refused.code,
        Some(4),
        "it would throw the newest apply away: {refused:?}"
    );

    let md5 = shown["calculated"].as_str().unwrap();
    assert_eq!(
        tfsos(&project, &["digest", "--fix", "--yes", older]).code,
        Some(4)
    );
    let fixed = tfsos(&project, &["digest", "--fix", "--yes", md5]);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    assert_eq!(project.plan(), Some(0));
    assert_eq!(
        versions(&project).len(),
        listed.len(),
        "no state was written"
    );
}

#[test]
fn a_state_overwritten_outside_of_terraform_is_restored_and_its_digest_not_sealed() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = Project::on_s3(binary, &stores, Locking::Both).initialised();
    project.apply_with("release=two");
    let old = stores.object(KEY).unwrap();
    project.apply();
    stores.put_object(KEY, &old);
    assert_eq!(project.plan(), Some(1), "terraform refuses the state");
    let shown = tfsos(&project, &["digest"]);
    assert_eq!(
        (shown.code, &shown.json()["cause"]),
        (Some(1), &json!("overwritten")),
        "{shown:?}"
    );
    let md5 = shown.json()["calculated"].as_str().unwrap().to_owned();
    let sealed = tfsos(&project, &["digest", "--fix", "--yes", &md5]);
    assert_eq!(sealed.code, Some(4), "{sealed:?}");
    restored(&project, "overwritten", &[]);
}

#[test]
fn a_missing_digest_is_unverified_and_a_restore_writes_it() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = applied(&stores, binary, Locking::DynamoDb);
    stores.put_item(
        &json!({"LockID": {"S": format!("{}/{KEY}-md5", stores.bucket)}, "Digest": {"S": ""}}),
    );
    let shown = tfsos(&project, &["digest"]);
    assert_eq!(
        (shown.code, &shown.json()["agreement"]),
        (Some(0), &json!("unverified"))
    );
    let whole = stores.object(KEY).unwrap();
    stores.put_object(KEY, &whole[..40]);
    restored(&project, "missing digest", &[]);
    assert_eq!(tfsos(&project, &["digest"]).json()["agreement"], "agrees");
}

#[test]
fn a_freeze_keeps_terraform_out_until_it_is_thawed() {
    let Some(binary) = terraform::found() else {
        return;
    };
    for locking in LOCKED {
        let stores = Moto::shared().stores();
        let project = applied(&stores, binary, locking);
        let frozen = tfsos(
            &project,
            &["freeze", "--reason", "thinking <now>", "--yes", KEY],
        );
        assert_eq!(frozen.code, Some(0), "{frozen:?}");
        let id = frozen.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(project.plan(), Some(1), "the lock blocks terraform");
        let object = stores.object(&format!("{KEY}.tflock"));
        let row = super::info_of(&stores, &format!("{}/{KEY}", stores.bucket));
        for body in [object, row].into_iter().flatten() {
            // OpenTofu deletes on the condition of the very text that Go would write.
            let holder = tfsos::lock::Holder::read(&body).unwrap();
            assert_eq!(holder.canonical(), body, "{locking:?}");
        }
        let again = tfsos(&project, &["freeze", "--reason", "x", "--yes", KEY]);
        assert_eq!(again.code, Some(4), "{again:?}");
        let thawed = tfsos(&project, &["thaw", &id, "--yes", &id]);
        assert_eq!(thawed.code, Some(0), "{thawed:?}");
        assert_eq!(project.plan(), Some(0));
    }
}

#[test]
fn a_lock_of_ours_is_one_that_terraform_itself_can_release() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let stores = Moto::shared().stores();
    let project = applied(&stores, binary, Locking::Both);
    let frozen = tfsos(&project, &["freeze", "--reason", "a & b", "--yes", KEY]).json();
    let id = frozen["id"].as_str().unwrap();
    let released = project.terraform(&["force-unlock", "-force", id]);
    assert!(released.status.success(), "{released:?}");
    assert_eq!(project.plan(), Some(0));
}
