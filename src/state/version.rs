//! A stored version of a state, as the store lists it: nothing here has read
//! the body yet.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::others::Source;
use crate::fault::Fault;

/// The store's name for a version. Opaque: it may contain `/`, and no file name is built from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct VersionId(pub String);

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Object,
    /// The object was deleted at this point of its history.
    DeleteMarker,
    /// No version of the history: its id is how a [`Reference`](super::Reference) names it.
    Beside(Source),
}

impl Kind {
    /// Whether there are bytes that can be read.
    pub fn has_body(self) -> bool {
        self != Self::DeleteMarker
    }
}

/// One entry of a state's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: VersionId,
    pub kind: Kind,
    pub modified: Timestamp,
    /// Bytes; 0 for a delete marker.
    pub size: u64,
    pub etag: Option<String>,
}

/// Whether the store keeps what is overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Versioning {
    Enabled,
    Suspended,
    Off,
}

/// A state's history, newest first; the first entry is the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    pub versioning: Versioning,
    pub list: Vec<Version>,
    /// Whether older versions exist beyond the limit that was asked for.
    pub more: bool,
    /// Why only the current version is listed, where listing was denied.
    pub denied: Option<Fault>,
}

/// The state object as it stands now, with everything that a conditional write needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    pub bytes: Arc<[u8]>,
    pub version: Option<VersionId>,
    pub etag: Option<String>,
    pub modified: Option<Timestamp>,
}
