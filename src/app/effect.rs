//! What the console asks of the world, as plain values. Nothing here does
//! anything: `io::perform` does, and answers each ticket exactly once.

use std::collections::VecDeque;
use std::time::Duration;

use super::event::Event;
use super::pane::PlaceJob;
use super::pane::lock::LockJob;
use super::pane::log::LogJob;
use super::pane::runbook::RunbookJob;
use super::pane::state::StateJob;
use super::plan::PlanJob;
use crate::fault::Fault;

/// Names one question; its answer carries the same ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticket(pub u64);

/// One request to the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Place(PlaceJob),
    Lock(LockJob),
    Plan(PlanJob),
    State(StateJob),
    Runbook(RunbookJob),
    Log(LogJob),
    /// Put text on the clipboard of the terminal that shows us (OSC 52).
    Clip(String),
    /// Give the terminal to a program that signs in, with its arguments, and take it again.
    SignIn(Vec<String>),
    /// Give the terminal back, stop, and take it again when continued.
    Suspend,
}

/// Jobs of one lane replace each other: a newer one ends the older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    Places,
    Caller,
    Credentials,
    Readiness,
    Writer,
    Owners,
    Recreated,
    Locks,
    Plan,
    NextPlan,
    StateList,
    StateBodies,
    StateOpen,
    StateDetails,
    StateSearch,
    StateCompare,
    StateAge,
    StateRepair,
    StateRebuild,
    StateDependents,
    StateFleet,
    StateScour,
    StateWriters,
    StateOthers,
    StateReveal,
    Runbooks,
    Runs,
    LogFind,
    LogFeed,
    LogWindow,
    LogReveal,
    LogSearch,
    LogSift,
    LogLocate,
    LogJudge,
    LogSession,
}

impl Effect {
    /// The lane of the job; none for what must never be aborted.
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Place(job) => Some(job.lane()),
            Self::Lock(job) => Some(job.lane()),
            Self::State(job) => Some(job.lane()),
            Self::Runbook(job) => job.lane(),
            Self::Log(job) => job.lane(),
            Self::Plan(job) => job.lane(),
            Self::Clip(_) | Self::SignIn(_) | Self::Suspend => None,
        }
    }

    /// How long the job may take; none for a plan and for a feed, which go on until their own end.
    pub fn patience(&self) -> Option<Duration> {
        match self {
            Self::State(job) => Some(job.patience()),
            // A plan bounds each of its steps itself; ended from outside, nobody would know how far it got.
            // A command has a limit of its own, after which it is stopped by steps.
            Self::Plan(PlanJob::Run(_)) | Self::Runbook(RunbookJob::Run(_)) => None,
            // A long history of large states takes a while to read.
            Self::Plan(PlanJob::Prepare { .. }) => Some(Duration::from_mins(10)),
            // Terraform has a limit of its own, and answers within it for whatever reason.
            Self::Plan(PlanJob::Foresee { .. } | PlanJob::Dismiss) => Some(Duration::from_mins(5)),
            Self::Log(job) if !job.is_bounded() => None,
            Self::Place(_)
            | Self::Lock(_)
            | Self::Runbook(_)
            | Self::Log(_)
            | Self::Clip(_)
            | Self::SignIn(_)
            | Self::Suspend => Some(Duration::from_mins(1)),
        }
    }

    /// The news that answers this job when it could not be done at all: a
    /// deadline, a panic, a lost task.
    pub fn failed(&self, fault: Fault) -> Option<Event> {
        match self {
            Self::Place(job) => Some(Event::Place(job.failed(fault))),
            Self::Lock(job) => Some(Event::Lock(job.failed(fault))),
            Self::Plan(job) => Some(Event::Plan(job.failed(fault)?)),
            Self::State(job) => Some(Event::State(job.failed(fault))),
            Self::Runbook(job) => Some(Event::Runbook(job.failed(fault))),
            Self::Log(job) => Some(Event::Log(job.failed(fault))),
            Self::Clip(_) | Self::SignIn(_) | Self::Suspend => None,
        }
    }
}

/// The effects of one update, in the order they were asked.
#[derive(Debug, Default)]
pub struct Effects {
    asked: VecDeque<Effect>,
    last: Ticket,
}

impl Effects {
    /// Asks a question under a new ticket.
    pub fn ask(&mut self, effect: impl FnOnce(Ticket) -> Effect) -> Ticket {
        self.last = Ticket(self.last.0 + 1);
        self.asked.push_back(effect(self.last));
        self.last
    }

    /// Asks for something that has no answer.
    pub fn tell(&mut self, effect: Effect) {
        self.asked.push_back(effect);
    }

    /// Takes what was asked, oldest first.
    pub fn take(&mut self) -> impl Iterator<Item = Effect> + '_ {
        self.asked.drain(..)
    }
}
