//! What is asked about a place, and what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::{Finding, Owned, Planned, Taken};
use crate::app::effect::{Lane, Ticket};
use crate::drill::Rehearsal;
use crate::fault::Fault;
use crate::place::{Caller, Credentials, Identity, Place};
use crate::recovery::readiness::Check;

/// Where to look for places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookout {
    /// The places of a working directory and of those below it.
    Directory(PathBuf),
    /// Named by flags, complete as it is.
    Named(Box<Place>),
    /// The sandbox of a scenario, to be built first.
    Rehearsal(Box<Rehearsal>),
    /// A bucket of which no state is chosen yet.
    Bucket { root: Box<Place>, prefix: String },
}

/// The directories that could be meant, each with its place or why it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Finds {
    pub found: Vec<Find>,
    /// The one to open without asking.
    pub evident: Option<usize>,
    /// Whether there may be more than was looked at.
    pub more: bool,
}

/// One directory and the place it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Find {
    pub name: String,
    pub outcome: Result<Arc<Place>, Fault>,
}

/// What is asked about the place.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaceJob {
    Discover {
        ticket: Ticket,
        lookout: Lookout,
    },
    /// Who is calling there, and whose the bucket is.
    Identify {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Where the credentials came from, and what is wrong with them.
    Examine {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Whether it could be recovered, without a write.
    Ready {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Who would write there, under the profile that writes have for themselves.
    Authorize {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Which of the states there have what exists already.
    Owners {
        ticket: Ticket,
        place: Arc<Place>,
        taken: Vec<Taken>,
    },
    /// Whether older versions hold what a plan in the logs would create.
    Recreated {
        ticket: Ticket,
        place: Arc<Place>,
        planned: Arc<Planned>,
    },
}

/// What came back about the place.
#[derive(Debug, Clone)]
pub enum PlaceNews {
    Discovered {
        ticket: Ticket,
        outcome: Result<Finds, Fault>,
    },
    Identified {
        ticket: Ticket,
        outcome: Result<Identity, Fault>,
    },
    /// None where no credentials are needed.
    Examined {
        ticket: Ticket,
        outcome: Result<Option<Box<Credentials>>, Fault>,
    },
    Readied {
        ticket: Ticket,
        outcome: Result<Vec<Check>, Fault>,
    },
    Authorized {
        ticket: Ticket,
        outcome: Result<Caller, Fault>,
    },
    Owned {
        ticket: Ticket,
        outcome: Result<Vec<(Taken, Owned)>, Fault>,
    },
    Recreated {
        ticket: Ticket,
        outcome: Result<Option<Box<Finding>>, Fault>,
    },
    /// The program that signs in has ended.
    SignedIn { outcome: Result<(), Fault> },
}

impl PlaceJob {
    pub fn lane(&self) -> Lane {
        match self {
            Self::Discover { .. } => Lane::Places,
            Self::Identify { .. } => Lane::Caller,
            Self::Examine { .. } => Lane::Credentials,
            Self::Ready { .. } => Lane::Readiness,
            Self::Authorize { .. } => Lane::Writer,
            Self::Owners { .. } => Lane::Owners,
            Self::Recreated { .. } => Lane::Recreated,
        }
    }

    pub fn failed(&self, fault: Fault) -> PlaceNews {
        match self {
            Self::Discover { ticket, .. } => PlaceNews::Discovered {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Identify { ticket, .. } => PlaceNews::Identified {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Examine { ticket, .. } => PlaceNews::Examined {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Ready { ticket, .. } => PlaceNews::Readied {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Authorize { ticket, .. } => PlaceNews::Authorized {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Owners { ticket, .. } => PlaceNews::Owned {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Recreated { ticket, .. } => PlaceNews::Recreated {
                ticket: *ticket,
                outcome: Err(fault),
            },
        }
    }
}

impl PlaceNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Discovered { .. } => "discovered",
            Self::Identified { .. } => "identified",
            Self::Examined { .. } => "examined",
            Self::Readied { .. } => "readied",
            Self::Authorized { .. } => "authorized",
            Self::Owned { .. } => "owned",
            Self::Recreated { .. } => "recreated",
            Self::SignedIn { .. } => "signed in",
        }
    }
}
