//! One entry of a journal: what happened, when, and who did it. An entry names
//! ids, hashes and files; it never holds a value of a state or a credential.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Intent;
use crate::lock::Store;

/// An entry as it is written, but for the chain around it.
///
/// Unknown kinds and fields are read as [`Event::Other`], so that an older
/// tfsos can still verify and list a newer one's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub seq: u64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub event: Event,
    #[serde(flatten)]
    pub author: Author,
    /// AWS's id of the request that the entry is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Who made an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The caller's ARN, or `user@host` where no AWS is involved.
    pub caller: String,
    /// The user and host that ran tfsos.
    pub user: String,
    /// The version of tfsos.
    pub tfsos: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The incident began at this place.
    Opened { incident: String, place: String },
    /// tfsos was started again on an open incident.
    Resumed,
    /// The end of a crash was found: a last line that was never finished.
    Mended { torn_bytes: u64 },
    /// A plan was confirmed and is about to run.
    Planned {
        plan: String,
        #[serde(default)]
        intent: Intent,
        title: String,
        #[serde(default)]
        subject: String,
        lock: String,
        targets: Vec<Target>,
        /// The SHA-256 of the file that keeps the plan.
        #[serde(default)]
        kept: String,
    },
    /// The body of a lock item was kept, before anything else.
    Saved {
        plan: String,
        file: String,
        sha256: String,
        bytes: u64,
    },
    /// A second copy of what was saved was kept outside of the incident folder, and read back.
    Copied {
        plan: String,
        path: String,
        sha256: String,
        bytes: u64,
    },
    /// A write is about to be sent; after a crash it may or may not have arrived.
    Sent {
        plan: String,
        step: usize,
        operation: String,
        target: Target,
    },
    /// What the store answered to it.
    Answered {
        plan: String,
        step: usize,
        answer: String,
        cause: Option<String>,
    },
    /// What the look after the answer showed.
    Settled {
        plan: String,
        step: usize,
        store: Store,
        outcome: String,
    },
    /// The plan ended; `open` leaves it to be continued.
    Finished { plan: String, outcome: String },
    /// Values that are masked were shown for a moment, because somebody asked.
    Revealed { what: String },
    /// A person's note.
    Noted { text: String },
    /// A lock that was looked at again and again was let go, and not by a plan of this
    /// incident; of its body only the hash is kept.
    LockEnded {
        lock: String,
        operation: String,
        who: String,
        created: Timestamp,
        /// When it was first seen to be gone.
        gone: Timestamp,
        sha256: String,
    },
    /// It was packed for another machine: whoever has that file goes on with it.
    HandedOver,
    /// It was taken up from such a file.
    Received,
    /// The incident is over.
    Closed,
    /// A kind that this version does not know.
    #[serde(other)]
    Other,
}

/// An item by where it lies and what its content hashed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub store: Store,
    pub container: String,
    pub key: String,
    pub sha256: String,
}
