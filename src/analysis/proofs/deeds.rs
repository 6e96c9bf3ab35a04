//! What was done here with tfsos.

use jiff::Timestamp;

use super::Proof;
use super::Seen::Scene;
use crate::analysis::{Finding, of_deed, of_guard, of_open_plan};
use crate::incident::Intent;
use crate::lock::{self, Body, Look, Sighting, Store, Survey};
use crate::recovery::afterwards::{self, Deed};
use crate::recovery::guard::Guard;
use crate::recovery::standing::Interrupted;
use crate::recovery::write::{Content, Item, Mark, Seen, Slot, Write};

fn minute(count: i64) -> Timestamp {
    Timestamp::from_second(count * 60).unwrap()
}

fn info(id: &str) -> Body {
    Body::Bytes(format!(r#"{{"ID":"{id}"}}"#).into_bytes())
}

/// A restore under a lock that was taken over, done in the first minute.
fn deed() -> Deed {
    let write = |slot, from: Option<Body>, to| Write {
        item: Item {
            slot,
            container: "c".into(),
            key: "k".into(),
        },
        from: from.map(|body| Seen {
            content: Content::Lock(body),
            etag: None,
        }),
        to,
    };
    let mark = Mark::of(b"ours");
    Deed {
        title: "restore".into(),
        at: minute(1),
        writes: vec![
            write(
                Slot::LockRow,
                Some(info("theirs")),
                Some(Content::Lock(info("own"))),
            ),
            write(Slot::State, None, Some(Content::State(mark.clone()))),
            write(Slot::DigestRow, None, Some(Content::Digest(mark.md5))),
            write(Slot::LockRow, Some(info("own")), None),
        ],
    }
}

/// What stands there: the state and when it was written, the digest, and the lock.
fn standing(state: &[u8], written: i64, digest: &[u8], held: Option<&str>) -> Vec<Finding> {
    let found = held.map(|id| Sighting {
        store: Store::DynamoDb,
        container: "c".into(),
        key: "k".into(),
        body: info(id),
        etag: None,
        modified: None,
    });
    let survey = Survey {
        stores: vec![Look {
            store: Store::DynamoDb,
            container: "c".into(),
            key: "k".into(),
            found: Ok(found),
        }],
        digest: Some(Ok(Some(lock::Digest {
            table: "c".into(),
            key: "k".into(),
            stored: Mark::of(digest).md5,
        }))),
    };
    let md5 = Mark::of(state).md5;
    let scene = afterwards::Scene {
        now: minute(5),
        state: Some(&md5),
        written: Some(minute(written)),
        survey: &survey,
    };
    of_deed(&deed(), &scene)
}

fn guard(creates: &[&str]) -> Vec<Finding> {
    let creates = creates.iter().map(|name| (*name).to_owned());
    let guard = Guard {
        creates: creates.collect(),
        changes: vec!["aws_instance.tags".into()],
        ..Guard::default()
    };
    of_guard(&guard).into_iter().collect()
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "digest.written-after-us",
        fires: &[Scene(|| standing(b"ours", 1, b"theirs", None))],
        beside: &[],
        spares: &[
            Scene(|| standing(b"ours", 1, b"ours", None)),
            // A run that wrote both is told by its state.
            Scene(|| standing(b"theirs", 2, b"theirs", None)),
        ],
    },
    Proof {
        id: "lock.back-after-us",
        fires: &[Scene(|| standing(b"ours", 1, b"ours", Some("theirs")))],
        beside: &[],
        spares: &[
            Scene(|| standing(b"ours", 1, b"ours", Some("own"))),
            Scene(|| standing(b"ours", 1, b"ours", Some("another"))),
        ],
    },
    Proof {
        id: "plan.after-restore",
        fires: &[Scene(|| guard(&["aws_instance.web"]))],
        beside: &[],
        // What is changed in place is neither made nor taken away.
        spares: &[Scene(|| guard(&[]))],
    },
    Proof {
        id: "plan.open",
        fires: &[Scene(|| {
            vec![of_open_plan(&Interrupted {
                title: "restore".into(),
                intent: Intent::Restore,
                subject: "v1".into(),
            })]
        })],
        beside: &[],
        // One that was done is watched, and not open.
        spares: &[Scene(|| standing(b"ours", 1, b"ours", None))],
    },
    Proof {
        id: "state.written-after-us",
        fires: &[Scene(|| standing(b"theirs", 11, b"theirs", None))],
        beside: &[],
        spares: &[
            // Ten minutes and one: an ordinary apply of later.
            Scene(|| standing(b"theirs", 12, b"theirs", None)),
            Scene(|| standing(b"ours", 1, b"ours", Some("theirs"))),
        ],
    },
];
