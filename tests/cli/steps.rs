//! Every plan against the emulated AWS with a fault at each of its writes: a
//! refusal, a request that never arrives, an answer that is lost, a network
//! that is gone from there on. Each leaves a point that has a name and can be
//! gone on from by the same command, and loses no version.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use md5::{Digest, Md5};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::moto::{Moto, REGION, Stores};
use crate::support::replay::{Asked, Refusal, Replay, Reply};
use crate::support::terraform::{KEY, credentials};
use crate::support::tfsos::{Said, Tfsos};

const ID: &str = "11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e";

/// What becomes of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Refused,
    /// It never arrives.
    Dropped,
    /// It takes effect, and the answer is lost.
    Lost,
    /// It never arrives, and nothing after it does.
    Cut,
}

/// What goes wrong on the wire, and when.
#[derive(Debug)]
struct Wire {
    fault: Fault,
    /// The number of the write that it befalls.
    at: usize,
    sent: AtomicUsize,
    /// Whether anything goes wrong at all for now.
    rough: AtomicBool,
    is_cut: AtomicBool,
}

impl Wire {
    fn decide(&self, asked: &Asked) -> Reply {
        if !self.rough.load(Ordering::Relaxed) {
            return Reply::Pass;
        }
        if self.is_cut.load(Ordering::Relaxed) {
            return Reply::Drop;
        }
        if !is_of_the_plan(asked) || self.sent.fetch_add(1, Ordering::Relaxed) != self.at {
            return Reply::Pass;
        }
        match self.fault {
            Fault::None => Reply::Pass,
            Fault::Refused => Reply::Refuse(Refusal::AccessDenied),
            Fault::Dropped => Reply::Drop,
            Fault::Lost => Reply::Lose,
            Fault::Cut => {
                self.is_cut.store(true, Ordering::Relaxed);
                Reply::Drop
            }
        }
    }
}

/// Whether it writes to the state, its lock or its digest; the proof of
/// conditions writes to names of its own.
fn is_of_the_plan(asked: &Asked) -> bool {
    let object = asked.path.split('?').next().unwrap_or_default();
    let object = object.ends_with(KEY) || object.ends_with(&format!("{KEY}.tflock"));
    let body = String::from_utf8_lossy(&asked.body);
    let row = body.contains(&format!("/{KEY}\"")) || body.contains(&format!("/{KEY}-md5\""));
    let writes = matches!(asked.target.as_str(), "PutItem" | "DeleteItem");
    asked.writes_to_s3() && object || writes && row
}

/// A place behind a wire, in a directory that was initialised for it.
struct Site {
    stores: Stores,
    folder: TempDir,
    wire: Arc<Wire>,
    replay: Replay,
}

fn state(serial: u64) -> String {
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"l","outputs":{{}},"resources":[]}}"#
    )
}

fn md5(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Md5::digest(text))
}

impl Site {
    fn new(fault: Fault, at: usize) -> Self {
        let wire = Arc::new(Wire {
            fault,
            at,
            sent: AtomicUsize::new(0),
            rough: AtomicBool::new(false),
            is_cut: AtomicBool::new(false),
        });
        let rough = Arc::clone(&wire);
        let site = Self {
            stores: Moto::shared().stores(),
            folder: TempDir::new().unwrap(),
            replay: Replay::start(move |asked| rough.decide(asked)),
            wire,
        };
        let endpoint = site.replay.endpoint();
        let [(_, access_key), (_, secret_key), ..] = credentials();
        // Reads are tried once, or a network that is gone would be asked for long.
        let config = json!({
            "bucket": site.stores.bucket, "key": KEY, "region": REGION,
            "dynamodb_table": site.stores.table, "use_lockfile": true,
            "access_key": access_key, "secret_key": secret_key,
            "use_path_style": true, "skip_metadata_api_check": true, "max_retries": 1,
            "endpoints": {"s3": endpoint, "dynamodb": endpoint, "sts": endpoint},
        });
        let cache = json!({"version": 3, "backend": {"type": "s3", "config": config, "hash": 1}});
        let work = site.work();
        std::fs::create_dir_all(work.join(".terraform")).unwrap();
        std::fs::write(work.join(".terraform/terraform.tfstate"), cache.to_string()).unwrap();
        std::fs::write(
            work.join("backend.tf"),
            "terraform {\n  backend \"s3\" {}\n}\n",
        )
        .unwrap();
        for serial in [1, 2] {
            site.stores.put_object(KEY, state(serial).as_bytes());
        }
        site.put_digest(&state(2));
        site
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn run(&self, words: &[&str]) -> Said {
        let home = self.folder.path().join("home").display().to_string();
        let tfsos = Tfsos::new(words).word("--json").within(self.work());
        tfsos.env("XDG_STATE_HOME", &home).run()
    }

    fn row(&self) -> String {
        format!("{}/{KEY}", self.stores.bucket)
    }

    fn put_digest(&self, text: &str) {
        let row = format!("{}-md5", self.row());
        let item = json!({"LockID": {"S": row}, "Digest": {"S": md5(text)}});
        self.stores.put_item(&item);
    }

    fn lock(&self) {
        let info = format!(
            r#"{{"ID":"{ID}","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"b/k"}}"#
        );
        self.stores
            .put_object(&format!("{KEY}.tflock"), info.as_bytes());
        self.stores
            .put_item(&json!({"LockID": {"S": self.row()}, "Info": {"S": info}}));
    }

    /// The ids of the locks, of the object and of the row.
    fn held(&self) -> [Option<String>; 2] {
        let object = self.stores.object(&format!("{KEY}.tflock"));
        let row = self.stores.item(&self.row());
        let row = row.and_then(|item| Some(item["Info"]["S"].as_str()?.as_bytes().to_vec()));
        [object, row].map(|body| Some(tfsos::lock::Holder::read(&body?)?.id))
    }

    fn agrees(&self) -> bool {
        let state = self.stores.object(KEY).unwrap();
        let item = self.stores.item(&format!("{}-md5", self.row())).unwrap();
        item["Digest"]["S"] == md5(std::str::from_utf8(&state).unwrap())
    }
}

/// A kind of plan: what it needs, its command, how many versions it writes,
/// and whether what it is for came to be.
struct Deed {
    arranged: fn(&Site) -> Vec<String>,
    versions: usize,
    came_to_be: fn(&Site) -> bool,
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Does it with the fault at each write in turn; answers how many writes it takes.
fn with_every_fault(deed: &Deed) -> usize {
    let writes = once(deed, Fault::None, 0);
    for at in 0..writes {
        // Each at a place of its own, and mostly waiting for the emulated AWS.
        std::thread::scope(|scope| {
            for fault in [Fault::Refused, Fault::Dropped, Fault::Lost, Fault::Cut] {
                scope.spawn(move || once(deed, fault, at));
            }
        });
    }
    writes
}

fn once(deed: &Deed, fault: Fault, at: usize) -> usize {
    let site = Site::new(fault, at);
    let words = (deed.arranged)(&site);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let before = site.stores.version_ids(KEY);
    site.wire.rough.store(true, Ordering::Relaxed);
    let said = site.run(&words);
    let sent = site.wire.sent.load(Ordering::Relaxed);
    site.wire.rough.store(false, Ordering::Relaxed);
    let what = format!("{words:?}, {fault:?} at write {at}: {said:?}");
    if matches!(fault, Fault::None | Fault::Lost) {
        assert_eq!(said.code, Some(0), "{what}");
    } else {
        assert!(matches!(said.code, Some(3 | 5)), "{what}");
        let fault = &said.json()["fault"];
        assert!(fault["cause"].is_string(), "it says why: {what}");
        if said.code == Some(5) {
            assert!(said.err.contains("tfsos "), "it names the command: {what}");
        }
        let again = site.run(&words);
        assert_eq!(again.code, Some(0), "{what}; then {again:?}");
    }
    assert!((deed.came_to_be)(&site), "{what}");
    let after = site.stores.version_ids(KEY);
    assert!(before.iter().all(|id| after.contains(id)), "{what}");
    let written = after.len() - before.len();
    assert_eq!(written, deed.versions, "nothing is written twice: {what}");
    sent
}

#[test]
fn a_restore_ends_whatever_befalls_any_of_its_writes() {
    let writes = with_every_fault(&Deed {
        arranged: |site| {
            site.stores.put_object(KEY, b"{\"version\":4,\"ser");
            let good = site.stores.version_ids(KEY)[1].clone();
            words(&["restore", &good, "--yes", &good])
        },
        versions: 1,
        came_to_be: |site| {
            let state = site.stores.object(KEY).unwrap();
            let state: Value = serde_json::from_slice(&state).unwrap();
            state["serial"] == 3 && site.agrees() && site.held() == [None, None]
        },
    });
    assert_eq!(writes, 6, "two locks, the state, the digest, two releases");
}

#[test]
fn a_release_ends_whatever_befalls_either_of_its_writes() {
    let writes = with_every_fault(&Deed {
        arranged: |site| {
            site.lock();
            words(&["unlock", ID, "--yes", ID])
        },
        versions: 0,
        came_to_be: |site| site.held() == [None, None],
    });
    assert_eq!(writes, 2);
}

#[test]
fn a_take_over_ends_whatever_befalls_either_of_its_writes() {
    let writes = with_every_fault(&Deed {
        arranged: |site| {
            site.lock();
            words(&["unlock", ID, "--take-over", "--yes", ID])
        },
        versions: 0,
        came_to_be: |site| {
            let [object, row] = site.held();
            object.is_some() && object == row && row.as_deref() != Some(ID)
        },
    });
    assert_eq!(writes, 2);
}

#[test]
fn a_digest_is_fixed_whatever_befalls_its_write() {
    let writes = with_every_fault(&Deed {
        arranged: |site| {
            site.put_digest(&state(1));
            words(&["digest", "--fix", "--yes", &md5(&state(2))])
        },
        versions: 0,
        came_to_be: Site::agrees,
    });
    assert_eq!(writes, 1);
}

#[test]
fn a_freeze_ends_whatever_befalls_either_of_its_writes() {
    let writes = with_every_fault(&Deed {
        arranged: |_| words(&["freeze", "--reason", "thinking", "--yes", KEY]),
        versions: 0,
        came_to_be: |site| {
            let [object, row] = site.held();
            object.is_some() && object == row
        },
    });
    assert_eq!(writes, 2);
}

#[test]
fn a_thaw_ends_whatever_befalls_either_of_its_writes() {
    let writes = with_every_fault(&Deed {
        arranged: |site| {
            let frozen = site.run(&["freeze", "--reason", "thinking", "--yes", KEY]);
            let id = frozen.json()["id"].as_str().unwrap().to_owned();
            words(&["thaw", &id, "--yes", &id])
        },
        versions: 0,
        came_to_be: |site| site.held() == [None, None],
    });
    assert_eq!(writes, 2);
}
