//! The locks of the state in every configured store, and their release. The
//! pane acts only on what it shows: a release carries the very bytes that are
//! on screen.

use std::sync::Arc;

use jiff::Timestamp;

use super::Badge;
use crate::app::action::{Action, Row, row};
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Lane, Ticket};
use crate::app::load::Load;
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::lock::{Look, Sighting, Survey};
use crate::place::Place;

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockAction {
    Release,
    CopyId,
}

pub const TABLE: &[Row] = &[
    row(
        Action::Lock(LockAction::Release),
        "lock.release",
        "Release the lock under the cursor, after a confirmation",
        "U",
        Some("release"),
    ),
    row(
        Action::Lock(LockAction::CopyId),
        "lock.copy-id",
        "Copy the id of the lock under the cursor",
        "y",
        Some("copy id"),
    ),
];

/// What is asked about locks.
#[derive(Debug, Clone, PartialEq)]
pub enum LockJob {
    Survey { ticket: Ticket, place: Arc<Place> },
}

/// What came back about locks.
#[derive(Debug, Clone)]
pub enum LockNews {
    Surveyed {
        ticket: Ticket,
        outcome: Result<Survey, Fault>,
    },
}

/// What this pane asks through a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockQuestion {
    Release,
}

impl LockJob {
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Survey { .. } => Some(Lane::Locks),
        }
    }

    pub fn failed(&self, fault: Fault) -> LockNews {
        match self {
            Self::Survey { ticket, .. } => LockNews::Surveyed {
                ticket: *ticket,
                outcome: Err(fault),
            },
        }
    }
}

impl LockNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Surveyed { .. } => "surveyed",
        }
    }
}

/// The pane of the locks.
#[derive(Debug, Default)]
pub struct LockPane {
    survey: Load<Survey>,
    pub cursor: Cursor,
}

impl LockPane {
    /// Reads every store again.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Lock(LockJob::Survey { ticket, place }));
        self.survey.expect(ticket, desk.now);
    }

    /// What the latest look found.
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.shown()
    }

    /// What is shown, awaited and missing.
    pub fn load(&self) -> &Load<Survey> {
        &self.survey
    }

    /// Why the latest look found nothing.
    pub fn fault(&self) -> Option<&Fault> {
        self.survey.fault()
    }

    /// The stores that were looked at, in the order of the rows.
    pub fn looks(&self) -> &[Look] {
        self.survey.shown().map_or(&[], |survey| &survey.stores)
    }

    /// The lock under the cursor.
    pub fn here(&self) -> Option<&Sighting> {
        self.looks()
            .get(self.cursor.row())?
            .found
            .as_ref()
            .ok()?
            .as_ref()
    }

    pub fn hear(&mut self, news: LockNews, desk: &mut Desk<'_>) {
        match news {
            LockNews::Surveyed { ticket, outcome } => {
                self.survey.settle(ticket, desk.now, outcome);
            }
        }
    }

    pub fn act(&mut self, action: LockAction, desk: &mut Desk<'_>) {
        match action {
            LockAction::Release => {}
            LockAction::CopyId => match self.here().and_then(Sighting::id) {
                Some(id) => desk.copy(id, "the lock's id"),
                None => desk.say(Tone::Note, "no lock id under the cursor"),
            },
        }
    }

    pub fn travel(&mut self, motion: Motion) {
        self.cursor.travel(motion);
    }

    pub fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.looks().len(), rows);
    }

    /// The id of the runbook for what is under the cursor.
    pub fn runbook(&self) -> &'static str {
        "state-lock"
    }

    pub fn badge(&self) -> Badge {
        let held = self
            .survey
            .shown()
            .map_or(0, |survey| survey.held().count());
        Badge {
            warning: held,
            ..Badge::default()
        }
    }

    /// Since when anything of this pane is awaited.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.survey.waiting_since()
    }

    /// Stops waiting.
    pub fn give_up(&mut self) {
        self.survey.give_up();
    }
}
