//! What is asked about plans and what comes back, as plain values.

use std::sync::Arc;

use crate::app::effect::{Lane, Ticket};
use crate::app::sheet::Asker;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::place::Place;
use crate::recovery::guard::Guard;
use crate::recovery::release::Wanted;
use crate::recovery::{Authority, Outcome, Plan};
use crate::state::Reference;

/// A plan that takes a look at the place before it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Put this version back as the next one.
    Restore(Reference),
    /// Make the stored digest that of the state.
    Digest,
    /// Keep everybody out, for this reason.
    Freeze { reason: String },
    /// Make this lock ours, without a moment unlocked.
    TakeOver(Wanted),
    /// Put back what this restore replaced.
    Undo(Arc<Plan>),
}

impl Ask {
    pub fn intent(&self) -> Intent {
        match self {
            Self::Restore(_) | Self::Undo(_) => Intent::Restore,
            Self::Digest => Intent::Digest,
            Self::Freeze { .. } => Intent::Freeze,
            Self::TakeOver(_) => Intent::TakeOver,
        }
    }
}

/// What is asked about a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanJob {
    /// Gathers what it is judged by, and makes it.
    Prepare {
        ticket: Ticket,
        place: Arc<Place>,
        ask: Ask,
    },
    /// Runs it: never aborted; the executor checks the authority again.
    Run(Box<Order>),
    /// Asks Terraform what its next plan would do after a restore; the
    /// comparison stands where it cannot be asked.
    Foresee {
        ticket: Ticket,
        place: Arc<Place>,
        compared: Box<Guard>,
    },
    /// Stops asking that.
    Dismiss,
}

/// A plan to be run, with everything that allows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub ticket: Ticket,
    pub place: Arc<Place>,
    pub plan: Arc<Plan>,
    pub authority: Authority,
    /// Kept in the journal.
    pub reason: Option<String>,
}

/// What came back about a plan.
#[derive(Debug, Clone)]
pub enum PlanNews {
    Prepared {
        ticket: Ticket,
        outcome: Result<Arc<Plan>, Fault>,
    },
    /// A step of the running plan began or ended.
    Stepped {
        ticket: Ticket,
        step: usize,
        state: StepState,
    },
    Ran {
        ticket: Ticket,
        outcome: Result<Ran, Fault>,
    },
    /// What the next plan of Terraform would do.
    Foreseen { ticket: Ticket, guard: Box<Guard> },
}

/// What a plan came to, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub outcome: Outcome,
    /// Each write by itself, in a sentence.
    pub stores: Vec<String>,
    pub fault: Option<Fault>,
    /// The incident whose journal has it.
    pub incident: String,
}

/// What a plan asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanQuestion {
    Confirm,
    Running,
    /// Why there is no plan.
    Refused,
}

/// How far one step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    Waiting,
    Started,
    Done,
    /// What became of the item, in words.
    Settled(String),
    Failed(String),
}

impl PlanJob {
    /// A plan that runs is never aborted; one that is made gives way to a newer wish.
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Prepare { .. } => Some(Lane::Plan),
            Self::Run(_) => None,
            // Whichever comes later ends the child process of the earlier.
            Self::Foresee { .. } | Self::Dismiss => Some(Lane::NextPlan),
        }
    }

    pub fn failed(&self, fault: Fault) -> Option<PlanNews> {
        Some(match self {
            Self::Prepare { ticket, .. } => PlanNews::Prepared {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Run(order) => PlanNews::Ran {
                ticket: order.ticket,
                outcome: Err(fault),
            },
            Self::Foresee {
                ticket, compared, ..
            } => PlanNews::Foreseen {
                ticket: *ticket,
                guard: Box::new(compared.as_ref().clone().unplanned(fault.cause)),
            },
            Self::Dismiss => return None,
        })
    }
}

impl PlanNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prepared { .. } => "prepared",
            Self::Stepped { .. } => "stepped",
            Self::Ran { .. } => "ran",
            Self::Foreseen { .. } => "foreseen",
        }
    }
}

impl From<PlanQuestion> for Asker {
    fn from(question: PlanQuestion) -> Self {
        Self::Plan(question)
    }
}
