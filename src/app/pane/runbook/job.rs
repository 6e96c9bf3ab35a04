//! What is asked of the world about runbooks, and what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::effect::{Lane, Ticket};
use crate::fault::Fault;
use crate::place::Place;
use crate::runbook::{Kept, Progress, Shelf};

/// What is asked about runbooks.
#[derive(Debug, Clone, PartialEq)]
pub enum RunbookJob {
    /// Reads every page: the built-in ones and those of the folders.
    Read {
        ticket: Ticket,
        directory: Option<PathBuf>,
    },
    /// Finds the latest run of each page at a place.
    Resume {
        ticket: Ticket,
        place: Option<Arc<Place>>,
    },
    /// Saves a run; an older one never goes over a newer.
    Save {
        ticket: Ticket,
        place: Option<Arc<Place>>,
        progress: Box<Progress>,
    },
}

/// What came back about runbooks.
#[derive(Debug, Clone)]
pub enum RunbookNews {
    Read {
        ticket: Ticket,
        outcome: Result<Shelf, Fault>,
    },
    Resumed {
        ticket: Ticket,
        outcome: Result<Kept, Fault>,
    },
    Saved {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
}

impl RunbookJob {
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Read { .. } => Some(Lane::Runbooks),
            Self::Resume { .. } => Some(Lane::Runs),
            Self::Save { .. } => None,
        }
    }

    pub fn failed(&self, fault: Fault) -> RunbookNews {
        let outcome = fault;
        match self {
            Self::Read { ticket, .. } => RunbookNews::Read {
                ticket: *ticket,
                outcome: Err(outcome),
            },
            Self::Resume { ticket, .. } => RunbookNews::Resumed {
                ticket: *ticket,
                outcome: Err(outcome),
            },
            Self::Save { ticket, .. } => RunbookNews::Saved {
                ticket: *ticket,
                outcome: Err(outcome),
            },
        }
    }
}

impl RunbookNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::Resumed { .. } => "resumed",
            Self::Saved { .. } => "saved",
        }
    }
}
