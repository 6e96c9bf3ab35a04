//! What the tests of incidents and journals stand on.

use jiff::Timestamp;

use super::incidents::Incidents;
use super::journal::Journal;
use crate::incident::{Author, Event};

pub const PLACE: &str = "tfb/prod/net.tfstate";

/// Who writes.
pub fn author() -> Author {
    Author {
        caller: "ada@laptop".into(),
        user: "ada@laptop".into(),
        tfsos: "0.1.0".into(),
    }
}

/// When everything happens.
pub fn now() -> Timestamp {
    "2026-11-22T02:14:07Z".parse().unwrap()
}

/// An entry of a person's words.
pub fn note(text: &str) -> Event {
    Event::Noted { text: text.into() }
}

/// No incident yet, in a folder that goes with the test.
pub fn incidents() -> (tempfile::TempDir, Incidents) {
    let folder = tempfile::tempdir().unwrap();
    let incidents = Incidents::at(folder.path().join("tfsos").join("incidents"));
    (folder, incidents)
}

/// The open incident of the place, or a new one.
pub async fn enter(incidents: &Incidents) -> Journal {
    incidents.enter(PLACE, author(), now()).await.unwrap()
}
