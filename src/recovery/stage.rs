//! What the tests of plans stand on: a place in a bucket, and what was seen there.

use jiff::Timestamp;

use super::{OwnLock, Soundness, Standing};
use crate::lock::{Agreement, Body, Look, Sighting, Store, Survey};
use crate::place::{Backend, Origin, Place, S3};
use crate::state::Versioning;

/// The state of a key in the bucket `tfb`, named by flags.
pub fn place(key: &str) -> Place {
    Place {
        directory: None,
        workspace: "default".into(),
        backend: Backend::S3(Box::new(S3 {
            bucket: "tfb".into(),
            key: key.into(),
            workspace: "default".into(),
            ..S3::default()
        })),
        origin: Origin::Flags,
        divergences: Vec::new(),
    }
}

/// A lock as a store holds it; only S3 has entity tags.
pub fn item(store: Store, body: Body) -> Sighting {
    Sighting {
        store,
        container: "c".into(),
        key: "k".into(),
        body,
        etag: (store == Store::S3).then(|| "\"e\"".into()),
        modified: None,
    }
}

/// What each store was seen to hold.
pub fn survey(found: impl IntoIterator<Item = (Store, Option<Sighting>)>) -> Survey {
    let look = |(store, found)| Look {
        store,
        container: "c".into(),
        key: "k".into(),
        found: Ok(found),
    };
    Survey {
        stores: found.into_iter().map(look).collect(),
        digest: None,
    }
}

/// A versioned place without a digest, of which nothing else is known.
pub fn standing(survey: Survey, soundness: Soundness) -> Standing {
    Standing {
        survey,
        verdicts: Vec::new(),
        agreement: Agreement::NotKept,
        soundness,
        state: Ok(None),
        versioning: Ok(Versioning::Enabled),
        interrupted: Vec::new(),
        own_locks: Vec::new(),
        state_written: None,
        habits: None,
    }
}

/// A lock that a plan would take.
pub fn own() -> OwnLock {
    OwnLock::made(
        [7; 16],
        "ada@laptop".into(),
        Timestamp::UNIX_EPOCH,
        "i".into(),
    )
}
