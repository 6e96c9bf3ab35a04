//! What the state pane asks of the world and what comes back. Bodies never
//! travel: what is read of them does.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::fleet::Muster;
use super::opened::{Aged, Details, Opened};
use super::scour::{Footing, Stretch};
use crate::app::effect::{Lane, Ticket};
use crate::app::pane::Witness;
use crate::fault::Fault;
use crate::lock::Writers;
use crate::place::{Place, Secret};
use crate::recovery::rebuild::Rebuilt;
use crate::state::lint::Elder;
use crate::state::{
    Answer, Contents, InstanceNo, Others, Path, Reach, Repaired, Sides, Version, VersionId,
    Versions,
};

/// What is asked about states.
#[derive(Debug, Clone, PartialEq)]
pub enum StateJob {
    List {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Reads the former locks, which tell who wrote what.
    Writers {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Looks for other states that may be good.
    Others {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Sums up these versions' bodies, one piece of news each.
    Read {
        ticket: Ticket,
        place: Arc<Place>,
        versions: Vec<Version>,
    },
    Open {
        ticket: Ticket,
        place: Arc<Place>,
        version: Version,
    },
    Describe {
        ticket: Ticket,
        opened: Arc<Opened>,
        instance: InstanceNo,
        now: Timestamp,
        /// The bucket that the state lives in, for advice on buckets of states.
        bucket: Option<String>,
        /// What was untouched for long, where that is known of this version.
        aged: Option<Arc<Aged>>,
    },
    /// Compares an open version with old ones, to tell what nobody touched since.
    Age {
        ticket: Ticket,
        place: Arc<Place>,
        opened: Arc<Opened>,
        formers: Vec<Elder>,
    },
    /// Reads one masked value, once the journal has it that somebody asked.
    Reveal {
        ticket: Ticket,
        opened: Arc<Opened>,
        instance: InstanceNo,
        path: Path,
        witness: Box<Witness>,
    },
    /// Searches addresses and values, with news of what has been found so far.
    Search {
        ticket: Ticket,
        opened: Arc<Opened>,
        question: String,
        /// The latest whole answer about the same version.
        last: Option<Arc<Answer>>,
    },
    /// Finds what an instance's resource needs and what needs it.
    Depend {
        ticket: Ticket,
        opened: Arc<Opened>,
        instance: InstanceNo,
    },
    /// Saves what can be saved of a version, compared with one that is known to be good.
    Repair {
        ticket: Ticket,
        place: Arc<Place>,
        version: Version,
        known: Option<Version>,
    },
    /// Writes a repaired copy under a name that is not there yet.
    WriteCopy {
        ticket: Ticket,
        path: PathBuf,
        repaired: Arc<Repaired>,
    },
    /// Finds what a version has, the present state has lost and no other state owns.
    Rebuild {
        ticket: Ticket,
        place: Arc<Place>,
        version: Version,
    },
    Compare {
        ticket: Ticket,
        place: Arc<Place>,
        before: Version,
        after: Version,
    },
    /// Lists and reads every state that lies beside the place, with news of each stretch.
    Muster {
        ticket: Ticket,
        place: Arc<Place>,
        prefix: String,
    },
    /// Searches every state that lies beside the place, with news of each stretch.
    Scour {
        ticket: Ticket,
        place: Arc<Place>,
        prefix: String,
        question: String,
        footing: Footing,
    },
    /// Ends the job of a lane that is under way.
    Dismiss {
        ticket: Ticket,
        lane: Lane,
    },
}

/// What came back about states.
#[derive(Debug, Clone)]
pub enum StateNews {
    Listed {
        ticket: Ticket,
        outcome: Result<Versions, Fault>,
    },
    /// The next page of the versions that are being listed.
    Paged { ticket: Ticket, page: Versions },
    Written {
        ticket: Ticket,
        outcome: Result<Arc<Writers>, Fault>,
    },
    Beside {
        ticket: Ticket,
        outcome: Result<Others, Fault>,
    },
    /// One of the versions that are being read.
    Read {
        ticket: Ticket,
        id: VersionId,
        outcome: Result<Contents, Fault>,
    },
    /// Every version that was to be read has been.
    ReadEnded {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
    Opened {
        ticket: Ticket,
        outcome: Result<Arc<Opened>, Fault>,
    },
    Described {
        ticket: Ticket,
        outcome: Result<Details, Fault>,
    },
    Revealed {
        ticket: Ticket,
        outcome: Result<Secret, Fault>,
    },
    Found {
        ticket: Ticket,
        outcome: Result<Arc<Answer>, Fault>,
        rest: Rest,
    },
    Depended {
        ticket: Ticket,
        outcome: Result<Arc<Reach>, Fault>,
    },
    Repaired {
        ticket: Ticket,
        outcome: Result<Saved, Fault>,
    },
    CopyWritten {
        ticket: Ticket,
        outcome: Result<PathBuf, Fault>,
    },
    Rebuilt {
        ticket: Ticket,
        outcome: Result<Arc<Rebuilt>, Fault>,
    },
    Compared {
        ticket: Ticket,
        outcome: Result<Arc<Sides>, Fault>,
    },
    Aged {
        ticket: Ticket,
        outcome: Result<Arc<Aged>, Fault>,
    },
    /// The next stretch of the states of the bucket.
    Mustered { ticket: Ticket, part: Muster },
    /// What was found so far in the states of the bucket.
    Scoured { ticket: Ticket, part: Stretch },
    /// Every state of the bucket was searched, or why not.
    ScourEnded {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
    /// Every state of the bucket was listed and read, or nothing more will be.
    MusterEnded {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
}

/// What could be saved of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub repaired: Arc<Repaired>,
    /// Why it was not compared with the version that is known to be good.
    pub unread: Option<Fault>,
}

/// Whether more of an answer is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    Awaited,
    None,
}

/// What the pane asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateQuestion {
    Search,
    /// The view of a repair.
    Repair,
    /// The list of imports.
    Rebuild,
    /// The name of the repaired copy.
    CopyTo,
    /// Which states of the bucket are wanted.
    Filter,
    /// What is looked for in every state of the bucket.
    Everywhere,
    /// What the comparison or the version comes to.
    Summary,
}

impl StateJob {
    /// How long the job may take: bodies may be large and lines slow.
    pub fn patience(&self) -> Duration {
        match self {
            Self::Describe { .. }
            | Self::Reveal { .. }
            | Self::Search { .. }
            | Self::Writers { .. }
            | Self::Others { .. }
            | Self::Depend { .. } => Duration::from_mins(1),
            // Longer than the store itself is waited for.
            Self::List { .. } => Duration::from_mins(4),
            Self::Read { .. }
            | Self::Open { .. }
            | Self::Age { .. }
            | Self::Compare { .. }
            | Self::Repair { .. }
            | Self::WriteCopy { .. } => Duration::from_mins(10),
            // Ten thousand states over a slow line; each request has its own deadline.
            Self::Muster { .. }
            | Self::Scour { .. }
            | Self::Rebuild { .. }
            | Self::Dismiss { .. } => Duration::from_hours(1),
        }
    }

    pub fn lane(&self) -> Lane {
        match self {
            Self::List { .. } => Lane::StateList,
            Self::Writers { .. } => Lane::StateWriters,
            Self::Others { .. } => Lane::StateOthers,
            Self::Read { .. } => Lane::StateBodies,
            Self::Open { .. } => Lane::StateOpen,
            Self::Describe { .. } => Lane::StateDetails,
            Self::Reveal { .. } => Lane::StateReveal,
            Self::Search { .. } => Lane::StateSearch,
            Self::Depend { .. } => Lane::StateDependents,
            Self::Compare { .. } => Lane::StateCompare,
            Self::Age { .. } => Lane::StateAge,
            Self::Repair { .. } | Self::WriteCopy { .. } => Lane::StateRepair,
            Self::Rebuild { .. } => Lane::StateRebuild,
            Self::Muster { .. } => Lane::StateFleet,
            Self::Scour { .. } => Lane::StateScour,
            Self::Dismiss { lane, .. } => *lane,
        }
    }

    pub fn failed(&self, fault: Fault) -> StateNews {
        match self {
            Self::List { ticket, .. } => StateNews::Listed {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Writers { ticket, .. } => StateNews::Written {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Others { ticket, .. } => StateNews::Beside {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Read { ticket, .. } => StateNews::ReadEnded {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Open { ticket, .. } => StateNews::Opened {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Describe { ticket, .. } => StateNews::Described {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Reveal { ticket, .. } => StateNews::Revealed {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Search { ticket, .. } => StateNews::Found {
                ticket: *ticket,
                outcome: Err(fault),
                rest: Rest::None,
            },
            Self::Depend { ticket, .. } => StateNews::Depended {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Repair { ticket, .. } => StateNews::Repaired {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::WriteCopy { ticket, .. } => StateNews::CopyWritten {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Rebuild { ticket, .. } => StateNews::Rebuilt {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Compare { ticket, .. } => StateNews::Compared {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Age { ticket, .. } => StateNews::Aged {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Scour { ticket, .. } => StateNews::ScourEnded {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Muster { ticket, .. } | Self::Dismiss { ticket, .. } => StateNews::MusterEnded {
                ticket: *ticket,
                outcome: Err(fault),
            },
        }
    }
}

impl StateNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Listed { .. } => "listed",
            Self::Paged { .. } => "paged",
            Self::Written { .. } => "written",
            Self::Beside { .. } => "beside",
            Self::Read { .. } => "read",
            Self::ReadEnded { .. } => "read ended",
            Self::Opened { .. } => "opened",
            Self::Described { .. } => "described",
            Self::Revealed { .. } => "revealed",
            Self::Found { .. } => "found",
            Self::Depended { .. } => "depended",
            Self::Compared { .. } => "compared",
            Self::Aged { .. } => "aged",
            Self::Repaired { .. } => "repaired",
            Self::CopyWritten { .. } => "copy written",
            Self::Rebuilt { .. } => "rebuilt",
            Self::Mustered { .. } => "mustered",
            Self::Scoured { .. } => "scoured",
            Self::ScourEnded { .. } => "scour ended",
            Self::MusterEnded { .. } => "muster ended",
        }
    }
}
