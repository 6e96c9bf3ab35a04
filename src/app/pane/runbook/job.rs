//! What is asked of the world about runbooks, and what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::effect::{Lane, Ticket};
use crate::fault::Fault;
use crate::place::Place;
use crate::recovery::Arming;
use crate::runbook::{Kept, Progress, Ran, Shelf};

/// A command to be run, with what allows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Errand {
    pub ticket: Ticket,
    pub place: Arc<Place>,
    /// Filled and quoted.
    pub command: String,
    pub arming: Arming,
    /// Kept in the journal.
    pub reason: String,
}

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
    /// Runs a command to its end; the executor checks the arming again.
    Run(Box<Errand>),
    /// Asks a running command to stop, each time with the next signal.
    Stop { ticket: Ticket, of: Ticket },
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
    /// The last lines that a running command printed.
    Printed {
        ticket: Ticket,
        text: String,
    },
    Ran {
        ticket: Ticket,
        outcome: Result<Ran, Fault>,
    },
    Stopped {
        ticket: Ticket,
    },
}

impl RunbookJob {
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Read { .. } => Some(Lane::Runbooks),
            Self::Resume { .. } => Some(Lane::Runs),
            Self::Save { .. } | Self::Run(_) | Self::Stop { .. } => None,
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
            Self::Run(errand) => RunbookNews::Ran {
                ticket: errand.ticket,
                outcome: Err(outcome),
            },
            Self::Stop { ticket, .. } => RunbookNews::Stopped { ticket: *ticket },
        }
    }
}

impl RunbookNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::Resumed { .. } => "resumed",
            Self::Saved { .. } => "saved",
            Self::Printed { .. } => "printed",
            Self::Ran { .. } => "ran",
            Self::Stopped { .. } => "stopped",
        }
    }
}
