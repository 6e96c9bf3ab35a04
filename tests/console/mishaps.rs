//! The writes that the keys of the Locks pane ask for, against the emulated AWS
//! with a fault at each of them: a refusal, a request that never arrives, an
//! answer that is lost. A lost answer is known as done; after anything else the
//! same key on the same thing ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use md5::{Digest, Md5};
use serde_json::json;
use tempfile::TempDir;

use crate::support::live::{Live, backend};
use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Refusal, Replay, Reply};
use crate::support::terraform::KEY;

/// The short name of the place, which arms it and confirms a freeze and a digest.
const NAME: &str = "network";
const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":2,"lineage":"l","outputs":{},"resources":[]}"#;
/// How a plan can end on the screen.
const ENDS: [&str; 4] = [
    "✔ frozen",
    "✔ thawed",
    "✔ the digest agrees",
    "nothing was written",
];
const OPEN: &str = "left open: the same key";

/// A place behind a wire that goes wrong at one of its writes.
struct Night {
    stores: Stores,
    rough: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    _wire: Replay,
    _home: TempDir,
    live: Live,
}

impl Night {
    fn new(reply: Reply, at: usize, digest: &str) -> Self {
        let stores = Moto::shared().stores();
        stores.put_object(KEY, STATE.as_bytes());
        let row = format!("{}/{KEY}-md5", stores.bucket);
        stores.put_item(&json!({"LockID": {"S": row}, "Digest": {"S": digest}}));
        let (rough, sent) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (is_rough, counted) = (Arc::clone(&rough), Arc::clone(&sent));
        let wire = Replay::start(move |asked| {
            let counts = is_rough.load(Ordering::Relaxed) && asked.writes_at(KEY);
            if counts && counted.fetch_add(1, Ordering::Relaxed) == at {
                return reply;
            }
            Reply::Pass
        });
        let home = TempDir::new().unwrap();
        Self {
            live: Live::at_home(backend(&stores, &wire.endpoint()), home.path()),
            stores,
            rough,
            sent,
            _wire: wire,
            _home: home,
        }
    }

    /// Confirms what was asked for, arming before where that is asked, and waits for its end.
    async fn confirmed(&mut self, typed: &str) -> String {
        let asked = self.live.until_any(&["Arm network", "be undone: "]).await;
        if asked.contains("Arm network") {
            self.enters(NAME);
            self.live.until("be undone: ").await;
        }
        self.enters(typed);
        let mut ends = ENDS.to_vec();
        ends.extend([OPEN, "▲ refused"]);
        self.live.until_any(&ends).await
    }

    fn enters(&mut self, text: &str) {
        self.live.types(text);
        self.live.press("enter");
    }

    async fn freezes(&mut self) -> String {
        self.live.press("F");
        self.live.until("freeze because").await;
        self.enters("thinking");
        self.confirmed(NAME).await
    }

    async fn thaws(&mut self) -> String {
        let held = self.held();
        let id = held.iter().flatten().next().unwrap()[..8].to_owned();
        self.live.until(&id).await;
        // A plan is made from a look that was taken after the one before.
        self.live.settled().await;
        self.live.press("U");
        self.confirmed(&id).await
    }

    async fn fixes_the_digest(&mut self) -> String {
        self.live.press("D");
        self.confirmed(NAME).await
    }

    /// The ids of the locks, of the object and of the row.
    fn held(&self) -> [Option<String>; 2] {
        let object = self.stores.object(&format!("{KEY}.tflock"));
        let row = self.stores.item(&format!("{}/{KEY}", self.stores.bucket));
        let row = row.and_then(|item| Some(item["Info"]["S"].as_str()?.as_bytes().to_vec()));
        [object, row].map(|body| Some(tfsos::lock::Holder::read(&body?)?.id))
    }
}

fn md5(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Md5::digest(text))
}

/// What the same keys do once and, where that did not end it, once more.
macro_rules! with_every_fault {
    ($writes:literal, $digest:expr, $before:ident, $deed:ident, $done:literal, $came_to_be:expr) => {
        for at in 0..$writes {
            for reply in [
                Reply::Refuse(Refusal::AccessDenied),
                Reply::Drop,
                Reply::Lose,
            ] {
                let mut night = Night::new(reply, at, $digest);
                night.live.press("4");
                $before(&mut night).await;
                night.rough.store(true, Ordering::Relaxed);
                let shown = night.$deed().await;
                assert!(
                    night.sent.load(Ordering::Relaxed) > at,
                    "{reply:?} at {at}:\n{shown}"
                );
                let done = shown.contains($done);
                assert_eq!(done, reply == Reply::Lose, "{reply:?} at {at}:\n{shown}");
                if !done {
                    night.live.press("esc");
                    night.live.settled().await;
                    let shown = night.$deed().await;
                    assert!(shown.contains($done), "{reply:?} at {at}, again:\n{shown}");
                }
                assert!($came_to_be(&night), "{reply:?} at {at}");
                assert_eq!(
                    night.stores.version_ids(KEY).len(),
                    1,
                    "no state was written"
                );
            }
        }
    };
}

async fn looked(night: &mut Night) {
    night.live.until("agrees with the state").await;
}

async fn differs(night: &mut Night) {
    night.live.until("differs").await;
}

async fn frozen(night: &mut Night) {
    looked(night).await;
    let shown = night.freezes().await;
    assert!(shown.contains("✔ frozen"), "{shown}");
    night.live.press("esc");
}

#[tokio::test]
async fn by_key_a_freeze_ends_whatever_befalls_either_of_its_writes() {
    with_every_fault!(
        2,
        &md5(STATE),
        looked,
        freezes,
        "✔ frozen",
        |night: &Night| {
            let [object, row] = night.held();
            object.is_some() && object == row
        }
    );
}

#[tokio::test]
async fn by_key_a_thaw_ends_whatever_befalls_either_of_its_writes() {
    with_every_fault!(
        2,
        &md5(STATE),
        frozen,
        thaws,
        "✔ thawed",
        |night: &Night| { night.held() == [None, None] }
    );
}

#[tokio::test]
async fn by_key_a_digest_is_fixed_whatever_befalls_its_write() {
    let other = STATE.replace("\"serial\":2", "\"serial\":1");
    with_every_fault!(
        1,
        &md5(&other),
        differs,
        fixes_the_digest,
        "✔ the digest agrees",
        |night: &Night| {
            let row = format!("{}/{KEY}-md5", night.stores.bucket);
            night.stores.item(&row).unwrap()["Digest"]["S"] == md5(STATE)
        }
    );
}
