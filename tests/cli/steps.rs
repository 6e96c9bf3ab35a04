//! Every plan against the emulated AWS with a fault at each of its writes and
//! at each of its reads: a refusal, a request that never arrives, an answer
//! that is lost or never comes, a network that is gone from there on. Each
//! leaves a point that has a name and can be gone on from by the same command,
//! and loses no version.

use std::ops::Range;
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

/// What becomes of one request.
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
    /// It is taken, and never answered.
    Hung,
}

/// What goes wrong on the wire, and when.
#[derive(Debug)]
struct Wire {
    fault: Fault,
    /// The requests that are counted, and the number of the one that it befalls.
    counted: fn(&Asked) -> bool,
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
        if !(self.counted)(asked) || self.sent.fetch_add(1, Ordering::Relaxed) != self.at {
            return Reply::Pass;
        }
        match self.fault {
            Fault::None => Reply::Pass,
            Fault::Refused => Reply::Refuse(Refusal::AccessDenied),
            Fault::Dropped => Reply::Drop,
            Fault::Lost => Reply::Lose,
            Fault::Hung => Reply::Hang,
            Fault::Cut => {
                self.is_cut.store(true, Ordering::Relaxed);
                Reply::Drop
            }
        }
    }
}

fn is_of_the_plan(asked: &Asked) -> bool {
    asked.writes_at(KEY)
}

/// Whether it changes nothing, whatever it is asked of.
fn reads(asked: &Asked) -> bool {
    let writes = matches!(asked.target.as_str(), "PutItem" | "DeleteItem");
    !asked.writes_to_s3() && !writes
}

/// What is asked of what, whoever asks it how often.
fn kind(asked: &Asked) -> String {
    let path = asked.path.split("versionId=").next().unwrap_or_default();
    let body = String::from_utf8_lossy(&asked.body);
    let key = body.split("LockID").nth(1).unwrap_or_default();
    let ending = key.contains("-md5");
    format!("{} {path} {} {ending}", asked.method, asked.target)
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
    fn new(fault: Fault, counted: fn(&Asked) -> bool, at: usize) -> Self {
        let wire = Arc::new(Wire {
            fault,
            counted,
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
    with_each_fault_at(deed, 0..writes);
    writes
}

/// Does it with each fault at these writes.
fn with_each_fault_at(deed: &Deed, writes: Range<usize>) {
    for at in writes {
        // Each at a place of its own, and mostly waiting for the emulated AWS.
        std::thread::scope(|scope| {
            for fault in [Fault::Refused, Fault::Dropped, Fault::Lost, Fault::Cut] {
                scope.spawn(move || once(deed, fault, at));
            }
        });
    }
}

fn once(deed: &Deed, fault: Fault, at: usize) -> usize {
    let site = Site::new(fault, is_of_the_plan, at);
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

/// What the reads of a deed are, in their order, where nothing goes wrong.
fn reads_of(deed: &Deed) -> Vec<String> {
    let site = Site::new(Fault::None, reads, 0);
    let words = (deed.arranged)(&site);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let before = site.replay.asked().len();
    let said = site.run(&words);
    assert_eq!(said.code, Some(0), "{said:?}");
    let asked = site.replay.asked();
    asked[before..]
        .iter()
        .filter(|one| reads(one))
        .map(kind)
        .collect()
}

/// Does it with a refusal at the first and at the last read of each kind, with a
/// network that is gone from each kind of read on, and with an answer that never
/// comes at one: to the program that is the same as a network that is gone, but
/// for the time it takes.
fn with_every_read_failing(deed: &Deed) {
    let kinds = reads_of(deed);
    let first = |at: &usize| !kinds[..*at].contains(&kinds[*at]);
    let last = |at: usize| !kinds[at + 1..].contains(&kinds[at]);
    let ends = (0..kinds.len()).filter(|at| first(at) || last(*at));
    let refused = ends.map(|at| (Fault::Refused, at));
    let cut = (0..kinds.len()).filter(first).map(|at| (Fault::Cut, at));
    let hung = std::iter::once((Fault::Hung, kinds.len() / 2));
    let all: Vec<_> = hung.chain(cut).chain(refused).collect();
    // Those that wait for an answer cost nothing but time: they wait together, and others meanwhile.
    for some in all.chunks(24) {
        std::thread::scope(|scope| {
            for (fault, at) in some {
                let kinds = &kinds;
                scope.spawn(move || once_reading(deed, *fault, (*at, kinds)));
            }
        });
    }
}

/// A read that fails ends in what the deed is for, or in a sentence; then the
/// same command, on a whole wire, ends it.
fn once_reading(deed: &Deed, fault: Fault, (at, kinds): (usize, &[String])) {
    let site = Site::new(fault, reads, at);
    let words = (deed.arranged)(&site);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let before = site.stores.version_ids(KEY);
    let held = site.held();
    site.wire.rough.store(true, Ordering::Relaxed);
    let said = site.run(&words);
    site.wire.rough.store(false, Ordering::Relaxed);
    let what = format!("{words:?}, {fault:?} at read {at}, {}: {said:?}", kinds[at]);
    match said.code {
        Some(0) => {}
        Some(code @ (3..=5)) => {
            let fault = &said.json()["fault"];
            assert!(fault["cause"].is_string(), "it says why: {what}");
            if code == 5 {
                assert!(said.err.contains("tfsos "), "it names the command: {what}");
            } else {
                assert_eq!(site.stores.version_ids(KEY), before, "{what}");
                assert_eq!(site.held(), held, "nothing is left behind: {what}");
            }
            let again = site.run(&words);
            assert_eq!(again.code, Some(0), "{what}; then {again:?}");
        }
        _ => panic!("{what}"),
    }
    assert!((deed.came_to_be)(&site), "{what}");
    let after = site.stores.version_ids(KEY);
    assert!(before.iter().all(|id| after.contains(id)), "{what}");
    let written = after.len() - before.len();
    assert_eq!(written, deed.versions, "nothing is written twice: {what}");
}

const RESTORE: Deed = Deed {
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
};

const UNDELETE: Deed = Deed {
    arranged: |site| {
        site.stores.delete_object(KEY);
        let good = site.stores.version_ids(KEY)[1].clone();
        words(&["restore", &good, "--yes", &good])
    },
    versions: 1,
    came_to_be: |site| {
        let state = site.stores.object(KEY).unwrap();
        let state: Value = serde_json::from_slice(&state).unwrap();
        // A version that could not be read does not count for the serial.
        let next = state["serial"] == 2 || state["serial"] == 3;
        next && site.agrees() && site.held() == [None, None]
    },
};

const RELEASE: Deed = Deed {
    arranged: |site| {
        site.lock();
        words(&["unlock", ID, "--yes", ID])
    },
    versions: 0,
    came_to_be: |site| site.held() == [None, None],
};

const TAKE_OVER: Deed = Deed {
    arranged: |site| {
        site.lock();
        words(&["unlock", ID, "--take-over", "--yes", ID])
    },
    versions: 0,
    came_to_be: |site| {
        let [object, row] = site.held();
        object.is_some() && object == row && row.as_deref() != Some(ID)
    },
};

const DIGEST: Deed = Deed {
    arranged: |site| {
        site.put_digest(&state(1));
        words(&["digest", "--fix", "--yes", &md5(&state(2))])
    },
    versions: 0,
    came_to_be: Site::agrees,
};

const FREEZE: Deed = Deed {
    arranged: |_| words(&["freeze", "--reason", "thinking", "--yes", KEY]),
    versions: 0,
    came_to_be: |site| {
        let [object, row] = site.held();
        object.is_some() && object == row
    },
};

const THAW: Deed = Deed {
    arranged: |site| {
        let frozen = site.run(&["freeze", "--reason", "thinking", "--yes", KEY]);
        let id = frozen.json()["id"].as_str().unwrap().to_owned();
        words(&["thaw", &id, "--yes", &id])
    },
    versions: 0,
    came_to_be: |site| site.held() == [None, None],
};

#[test]
fn a_restore_ends_whatever_befalls_any_of_its_writes() {
    let writes = with_every_fault(&RESTORE);
    assert_eq!(writes, 6, "two locks, the state, the digest, two releases");
}

#[test]
fn a_deleted_state_is_restored_whatever_befalls_the_write_of_it() {
    assert_eq!(once(&UNDELETE, Fault::None, 0), 6);
    // Only the condition of this write is another one than that of a restore.
    with_each_fault_at(&UNDELETE, 2..3);
}

#[test]
fn a_release_ends_whatever_befalls_either_of_its_writes() {
    assert_eq!(with_every_fault(&RELEASE), 2);
}

#[test]
fn a_take_over_ends_whatever_befalls_either_of_its_writes() {
    assert_eq!(with_every_fault(&TAKE_OVER), 2);
}

#[test]
fn a_digest_is_fixed_whatever_befalls_its_write() {
    assert_eq!(with_every_fault(&DIGEST), 1);
}

#[test]
fn a_freeze_ends_whatever_befalls_either_of_its_writes() {
    assert_eq!(with_every_fault(&FREEZE), 2);
}

#[test]
fn a_thaw_ends_whatever_befalls_either_of_its_writes() {
    assert_eq!(with_every_fault(&THAW), 2);
}

#[test]
fn a_restore_ends_or_leaves_nothing_whatever_befalls_any_of_its_reads() {
    with_every_read_failing(&RESTORE);
}

#[test]
fn a_deleted_state_is_restored_or_left_whatever_befalls_any_of_its_reads() {
    with_every_read_failing(&UNDELETE);
}

#[test]
fn a_release_ends_or_leaves_the_lock_whatever_befalls_any_of_its_reads() {
    with_every_read_failing(&RELEASE);
}

#[test]
fn a_take_over_ends_or_leaves_the_lock_whatever_befalls_any_of_its_reads() {
    with_every_read_failing(&TAKE_OVER);
}

#[test]
fn a_digest_is_fixed_or_left_whatever_befalls_any_of_its_reads() {
    with_every_read_failing(&DIGEST);
}

#[test]
fn a_freeze_and_a_thaw_end_or_leave_nothing_whatever_befalls_any_of_their_reads() {
    with_every_read_failing(&FREEZE);
    with_every_read_failing(&THAW);
}

#[test]
fn a_write_that_is_never_answered_is_given_up_in_time_and_looked_after() {
    let writes = once(&RESTORE, Fault::None, 0);
    std::thread::scope(|scope| {
        for at in 0..writes {
            scope.spawn(move || once(&RESTORE, Fault::Hung, at));
        }
    });
}
