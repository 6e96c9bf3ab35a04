//! `tfsos unlock` against the emulated AWS over a wire that fails: a lost
//! answer is known as done, nothing is sent twice, and what is left half done
//! is said and finished by the same command.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Asked, Refusal, Replay, Reply};
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::{Said, Tfsos};

const ID: &str = "11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e";
const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{},"resources":[]}"#;

/// A whole state under one lock in both stores.
fn locked() -> Stores {
    let stores = Moto::shared().stores();
    let info = format!(
        r#"{{"ID":"{ID}","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"b/k"}}"#
    );
    stores.put_object(KEY, STATE.as_bytes());
    stores.put_object(&format!("{KEY}.tflock"), info.as_bytes());
    stores.put_item(&json!({"LockID": {"S": row(&stores)}, "Info": {"S": info}}));
    stores
}

fn row(stores: &Stores) -> String {
    format!("{}/{KEY}", stores.bucket)
}

fn releases_object(asked: &Asked) -> bool {
    asked.method == "DELETE" && asked.path.contains(".tflock")
}

/// A delete of the lock's row; the proof of conditions deletes only rows of its own.
fn releases_row(asked: &Asked) -> bool {
    let body = String::from_utf8_lossy(&asked.body);
    asked.target == "DeleteItem" && body.contains(&format!("/{KEY}\""))
}

fn unlock(command: Tfsos, stores: &Stores, endpoint: &str) -> (Tfsos, Said) {
    let command = command.at_through(stores, Locking::Both, endpoint);
    let said = command.run();
    (command, said)
}

fn confirmed() -> Tfsos {
    Tfsos::new(&["unlock", ID, "--yes", ID, "--json"])
}

fn outcomes(said: &Said) -> Vec<String> {
    let json = said.json();
    let stores = json["stores"].as_array().unwrap().iter();
    stores
        .map(|one| one["outcome"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_lost_answer_is_known_as_done_and_nothing_is_sent_twice() {
    let stores = locked();
    let wire = Replay::start(|asked| {
        if releases_object(asked) || releases_row(asked) {
            Reply::Lose
        } else {
            Reply::Pass
        }
    });
    let (_, said) = unlock(confirmed(), &stores, &wire.endpoint());
    assert_eq!(
        (said.code, outcomes(&said)),
        (Some(0), vec!["released".to_owned(); 2]),
        "{said:?}"
    );
    let asked = wire.asked();
    let sent = |is: fn(&Asked) -> bool| asked.iter().filter(|asked| is(asked)).count();
    assert_eq!((sent(releases_object), sent(releases_row)), (1, 1));
    assert_eq!(stores.item(&row(&stores)), None);
}

#[test]
fn a_write_that_never_arrived_is_not_taken_for_done() {
    let stores = locked();
    let wire = Replay::start(|asked| {
        if releases_object(asked) {
            Reply::Drop
        } else {
            Reply::Pass
        }
    });
    let (_, said) = unlock(confirmed(), &stores, &wire.endpoint());
    assert_eq!(
        (said.code, outcomes(&said)),
        (Some(3), vec!["still_held".to_owned()]),
        "{said:?}"
    );
    assert!(
        stores.item(&row(&stores)).is_some(),
        "the second store was not touched"
    );
}

#[test]
fn half_a_release_is_left_open_and_the_same_command_finishes_it() {
    let stores = locked();
    let denied = AtomicBool::new(false);
    let wire = Replay::start(move |asked| {
        if releases_row(asked) && !denied.swap(true, Ordering::Relaxed) {
            Reply::Refuse(Refusal::AccessDenied)
        } else {
            Reply::Pass
        }
    });
    let (command, said) = unlock(confirmed(), &stores, &wire.endpoint());
    let half = vec!["released".to_owned(), "still_held".to_owned()];
    assert_eq!((said.code, outcomes(&said)), (Some(5), half), "{said:?}");
    assert!(
        said.err.contains(&format!("tfsos unlock {ID} --bucket")),
        "{said:?}"
    );

    let again = command.run();
    assert_eq!(
        (again.code, outcomes(&again)),
        (Some(0), vec!["released".to_owned()]),
        "{again:?}"
    );
    assert_eq!(stores.item(&row(&stores)), None);
}

#[test]
fn what_is_not_seen_is_not_released() {
    let stores = locked();
    let wire = Replay::start(|asked| match asked.target.as_str() {
        "GetItem" => Reply::Refuse(Refusal::AccessDenied),
        _ => Reply::Pass,
    });
    let (_, said) = unlock(confirmed(), &stores, &wire.endpoint());
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(!wire.asked().iter().any(releases_object));
}

#[test]
fn read_only_sends_no_write_of_any_kind() {
    let stores = locked();
    let before = stores.writes().len();
    let words = ["unlock", ID, "--yes", ID, "--json", "--read-only"];
    let (_, said) = unlock(Tfsos::new(&words), &stores, &stores.endpoint());
    assert_eq!(said.code, Some(4), "{said:?}");
    for words in [&["locks"][..], &["check"], &["unlock", ID, "--dry-run"]] {
        unlock(Tfsos::new(words), &stores, &stores.endpoint());
    }
    assert_eq!(stores.writes().len(), before);
}

#[test]
fn all_locks_of_a_real_bucket_and_table_are_listed_and_what_is_denied_is_said() {
    let stores = locked();
    stores.put_object("app/terraform.tfstate.tflock", b"");
    let all = || Tfsos::new(&["locks", "--all", "--json"]);
    let (_, said) = unlock(all(), &stores, &stores.endpoint());
    assert_eq!(
        (said.code, said.json()["locks"].as_array().unwrap().len()),
        (Some(0), 3),
        "{said:?}"
    );
    let wire = Replay::start(|asked| match asked.target.as_str() {
        "Scan" => Reply::Refuse(Refusal::AccessDenied),
        _ => Reply::Pass,
    });
    let (_, said) = unlock(all(), &stores, &wire.endpoint());
    assert_eq!(
        (said.code, said.json()["locks"].as_array().unwrap().len()),
        (Some(3), 2)
    );
    assert!(
        said.json()["unseen"][0]
            .as_str()
            .unwrap()
            .contains("list the lock rows"),
        "{said:?}"
    );
}

/// The access key that signed a request.
fn signer(asked: &Asked) -> &str {
    let signed = asked.header("authorization").unwrap_or_default();
    let (_, key) = signed.split_once("Credential=").unwrap_or_default();
    key.split('/').next().unwrap_or_default()
}

#[test]
fn a_profile_of_writes_signs_the_plan_and_nothing_else() {
    let stores = locked();
    let replay = Replay::start(|_| Reply::Pass);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let section =
        |name: &str| format!("[{name}]\naws_access_key_id = {name}\naws_secret_access_key = x\n");
    std::fs::write(&file, section("weak") + &section("strong")).unwrap();
    let file = file.display().to_string();
    let asking = |words: &[&str]| {
        Tfsos::new(words)
            .word("--profile")
            .word("weak")
            .env("AWS_SHARED_CREDENTIALS_FILE", &file)
            .env("TFSOS_WRITE_PROFILE", "strong")
            .at_through(&stores, Locking::Both, &replay.endpoint())
    };
    assert_eq!(asking(&["locks", "--json"]).run().code, Some(0));
    let refused = asking(&["unlock", ID, "--json"]).run();
    assert_eq!(refused.code, Some(4), "{refused:?}");
    let before = replay.asked().len();
    assert!(replay.asked().iter().all(|asked| signer(asked) == "weak"));
    let said = asking(&["unlock", ID, "--yes", ID, "--json"]).run();
    assert_eq!(said.code, Some(0), "{said:?}");
    let asked = replay.asked();
    let deletes = asked[before..]
        .iter()
        .filter(|asked| asked.method == "DELETE" || asked.target == "DeleteItem");
    let signers: Vec<_> = deletes.map(signer).collect();
    assert!(
        !signers.is_empty() && signers.iter().all(|key| *key == "strong"),
        "{signers:?}"
    );
}

/// A write of a restore to the real items; the proofs of conditions have keys of their own.
fn writes_the_place(asked: &Asked) -> bool {
    let body = String::from_utf8_lossy(&asked.body);
    let row = matches!(asked.target.as_str(), "PutItem" | "DeleteItem");
    let object = matches!(asked.method.as_str(), "PUT" | "DELETE") && asked.target.is_empty();
    let scratch = asked.path.contains("tfsos-probe") || body.contains("tfsos-probe");
    (row || object) && !scratch
}

/// How one write of a plan goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// It took effect, and the answer was lost.
    Lost,
    /// The store says 500, and nothing was done.
    Failed,
    /// It never arrived.
    Dropped,
}

impl Mishap {
    fn reply(self) -> Reply {
        match self {
            Self::Lost => Reply::Lose,
            Self::Failed => Reply::Refuse(Refusal::InternalError),
            Self::Dropped => Reply::Drop,
        }
    }
}

/// The same command again, or the one that it names, comes to the same end.
fn mishaps(words: &[&str], before: &[&[&str]], writes: usize, is_done: impl Fn(&Stores) -> bool) {
    for mishap in [Mishap::Lost, Mishap::Failed, Mishap::Dropped] {
        for number in 0..writes {
            let stores = locked();
            let home = tempfile::tempdir().unwrap();
            let state = home.path().display().to_string();
            let armed = std::sync::Arc::new(AtomicBool::new(false));
            let (counts, count) = (armed.clone(), AtomicUsize::new(0));
            let wire = Replay::start(move |asked| {
                let counted = counts.load(Ordering::Relaxed) && writes_the_place(asked);
                if counted && count.fetch_add(1, Ordering::Relaxed) == number {
                    return mishap.reply();
                }
                Reply::Pass
            });
            let asking = |words: &[&str]| {
                Tfsos::new(words)
                    .env("XDG_STATE_HOME", &state)
                    .at_through(&stores, Locking::Both, &wire.endpoint())
                    .run()
            };
            let mut own = String::new();
            for words in before {
                let said = asking(words);
                assert_eq!(said.code, Some(0), "{said:?}");
                let json = said.json();
                let id = json["lock"].as_str().or(json["id"].as_str());
                own = String::from(id.unwrap());
            }
            let words: Vec<_> = words
                .iter()
                .map(|word| if *word == "OWN" { own.as_str() } else { *word })
                .collect();
            armed.store(true, Ordering::Relaxed);
            let said = asking(&words);
            let what = format!("{words:?}, {mishap:?} at write {number}: {said:?}");
            if mishap == Mishap::Lost {
                assert_eq!(said.code, Some(0), "{what}");
                let sent = wire.asked().into_iter().filter(writes_the_place).count();
                assert!(
                    sent <= writes + 2 * before.len() + 2,
                    "nothing is sent twice: {what}"
                );
            } else if !is_done(&stores) {
                assert!(matches!(said.code, Some(3 | 5)), "{what}");
                let again = asking(&words);
                assert_eq!(again.code, Some(0), "{what}: {again:?}");
            }
            assert!(is_done(&stores), "{what}");
        }
    }
}

fn holds(stores: &Stores, part: &str) -> bool {
    let object = stores.object(&format!("{KEY}.tflock")).unwrap_or_default();
    let row = stores.item(&row(stores)).map(|item| item.to_string());
    String::from_utf8_lossy(&object).contains(part) && row.is_some_and(|row| row.contains(part))
}

fn holds_nothing(stores: &Stores) -> bool {
    stores.object(&format!("{KEY}.tflock")).is_none() && stores.item(&row(stores)).is_none()
}

#[test]
fn whatever_goes_wrong_with_a_write_of_a_release_or_a_take_over_the_same_command_ends_it() {
    let release = ["unlock", ID, "--yes", ID, "--json"];
    mishaps(&release, &[], 2, holds_nothing);
    let over = ["unlock", ID, "--take-over", "--yes", ID, "--json"];
    mishaps(&over, &[], 2, |stores| holds(stores, "tfsos take-over"));
    mishaps(
        &["thaw", "OWN", "--yes", "OWN", "--json"],
        &[&over],
        2,
        holds_nothing,
    );
}

#[test]
fn a_lost_answer_to_any_write_of_a_restore_is_known_as_done_and_nothing_is_written_twice() {
    // Two locks taken, state, digest, two locks released.
    for lost in 0..6 {
        let stores = Moto::shared().stores();
        stores.put_object(KEY, STATE.as_bytes());
        stores.put_object(KEY, &STATE.as_bytes()[..40]);
        let count = AtomicUsize::new(0);
        let replay = Replay::start(move |asked| {
            if writes_the_place(asked) && count.fetch_add(1, Ordering::Relaxed) == lost {
                return Reply::Lose;
            }
            Reply::Pass
        });
        let asking = |words: &[&str]| {
            Tfsos::new(words)
                .at_through(&stores, Locking::Both, &replay.endpoint())
                .run()
        };
        let shown = asking(&["versions", "--json"]).json();
        let good = shown["last_good"].as_str().unwrap().to_owned();
        let said = asking(&["restore", &good, "--yes", &good, "--json"]);
        assert_eq!(said.code, Some(0), "lost write {lost}: {said:?}");
        let writes: Vec<_> = replay
            .asked()
            .into_iter()
            .filter(writes_the_place)
            .collect();
        assert_eq!(writes.len(), 6, "lost write {lost}: each is sent once");
        let state = String::from_utf8(stores.object(KEY).unwrap()).unwrap();
        assert!(state.contains("\"serial\":4"), "{state}");
        assert_eq!(stores.object(&format!("{KEY}.tflock")), None);
        assert_eq!(stores.item(&row(&stores)), None);
        assert_eq!(asking(&["digest"]).code, Some(0));
    }
}

#[test]
fn a_digest_that_somebody_writes_in_the_middle_of_a_restore_is_left_and_can_be_put_right() {
    let stores = std::sync::Arc::new(Moto::shared().stores());
    stores.put_object(KEY, STATE.as_bytes());
    stores.put_object(KEY, &STATE.as_bytes()[..40]);
    let good = stores.version_ids(KEY)[1].clone();
    let (theirs, written) = (stores.clone(), AtomicBool::new(false));
    let replay = Replay::start(move |asked| {
        let body = String::from_utf8_lossy(&asked.body);
        let ours = asked.target == "PutItem" && body.contains(&format!("/{KEY}-md5"));
        if ours && !written.swap(true, Ordering::Relaxed) {
            let row = format!("{}-md5", row(&theirs));
            theirs.put_item(&json!({"LockID": {"S": row}, "Digest": {"S": "theirs"}}));
        }
        Reply::Pass
    });
    let home = tempfile::tempdir().unwrap();
    let state = home.path().display().to_string();
    let asking = |words: &[&str]| {
        Tfsos::new(words)
            .word("--json")
            .env("XDG_STATE_HOME", &state)
            .at_through(&stores, Locking::Both, &replay.endpoint())
            .run()
    };
    let restore = ["restore", &good, "--yes", &good];
    let said = asking(&restore);
    assert_eq!(said.code, Some(5), "{said:?}");
    let again = asking(&restore);
    assert_eq!(
        again.code,
        Some(4),
        "the digest is somebody else's: {again:?}"
    );
    let hint = again.json()["fault"]["hint"].to_string();
    assert!(hint.contains("its locks were given back"), "{hint}");
    assert!(holds_nothing(&stores), "nobody is kept out any longer");
    let digest = asking(&["digest"]).json();
    assert_eq!(digest["stored"], "theirs", "and it is left alone");
    let md5 = digest["calculated"].as_str().unwrap();
    let fixed = asking(&["digest", "--fix", "--yes", md5]);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    assert_eq!(asking(&["digest"]).json()["agreement"], "agrees");
}

#[test]
fn a_plan_that_is_gone_on_with_while_nothing_answers_stays_open() {
    let stores = locked();
    let (cut, fails) = (
        std::sync::Arc::new(AtomicBool::new(false)),
        std::sync::Arc::new(AtomicBool::new(true)),
    );
    let (is_cut, first) = (cut.clone(), fails.clone());
    let replay = Replay::start(move |asked| {
        let row = releases_row(asked) && first.load(Ordering::Relaxed);
        if row || is_cut.load(Ordering::Relaxed) && asked.path.contains(".tflock") {
            return Reply::Refuse(Refusal::AccessDenied);
        }
        Reply::Pass
    });
    let (command, said) = unlock(confirmed(), &stores, &replay.endpoint());
    assert_eq!(said.code, Some(5), "{said:?}");
    cut.store(true, Ordering::Relaxed);
    let again = command.run();
    assert!(matches!(again.code, Some(3 | 5)), "{again:?}");
    cut.store(false, Ordering::Relaxed);
    fails.store(false, Ordering::Relaxed);
    let ended = command.run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(holds_nothing(&stores), "{ended:?}");
}
