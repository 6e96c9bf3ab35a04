//! The locks of the state in every configured store, and their release. The
//! pane acts only on what it shows: a release carries the very bytes that are
//! on screen, and a lock that changed meanwhile is refused by the executor.

mod release;

use std::sync::Arc;

use jiff::Timestamp;

use super::Badge;
use crate::analysis::Finding;
use crate::app::action::{Action, Row, row};
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Lane, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::plan::Ask;
use crate::fault::Fault;
use crate::lock::{Agreement, Look, Sighting, Survey, Verdict};
use crate::place::Place;
use crate::recovery::Standing;
use crate::recovery::afterwards::Deed;

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockAction {
    Release,
    Freeze,
    Digest,
    CopyId,
    Evidence,
}

pub const TABLE: &[Row] = &[
    row(
        Action::Lock(LockAction::Release),
        "lock.release",
        "Release the lock under the cursor, or take it over where the state is not whole",
        "U",
        Some("release"),
    ),
    row(
        Action::Lock(LockAction::Freeze),
        "lock.freeze",
        "Keep everybody out with a lock of our own, after a confirmation",
        "F",
        Some("freeze"),
    ),
    row(
        Action::Lock(LockAction::Digest),
        "lock.digest",
        "Make the stored digest that of the state, after a confirmation",
        "D",
        Some("digest"),
    ),
    row(
        Action::Lock(LockAction::Evidence),
        "lock.evidence",
        "Show the lock item as it is stored, with every sign of the verdict",
        "enter",
        Some("evidence"),
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
    Look { ticket: Ticket, place: Arc<Place> },
}

/// How the place stands, and what is wrong with that.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub standing: Standing,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at, each as a sentence.
    pub unseen: Vec<String>,
    /// The last plan of ours that was done here.
    pub deed: Option<Deed>,
}

impl From<Standing> for Judged {
    /// A look of which nothing is to be said.
    fn from(standing: Standing) -> Self {
        Self {
            standing,
            findings: Vec::new(),
            unseen: Vec::new(),
            deed: None,
        }
    }
}

/// What came back about locks.
#[derive(Debug, Clone)]
pub enum LockNews {
    Looked {
        ticket: Ticket,
        outcome: Result<Box<Judged>, Fault>,
    },
}

/// What this pane asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockQuestion {
    Evidence,
    /// Why everybody is kept out.
    Reason,
    /// Whether a lock on a state that is not whole is taken over or released.
    TakeOver,
}

impl LockJob {
    pub fn lane(&self) -> Lane {
        Lane::Locks
    }

    pub fn failed(&self, fault: Fault) -> LockNews {
        let Self::Look { ticket, .. } = self;
        LockNews::Looked {
            ticket: *ticket,
            outcome: Err(fault),
        }
    }
}

impl LockNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Looked { .. } => "looked",
        }
    }
}

/// The pane of the locks.
#[derive(Debug, Default)]
pub struct LockPane {
    judged: Load<Judged>,
    pub cursor: Cursor,
    /// A plan of ours has ended since the latest look.
    outdated: bool,
}

impl LockPane {
    /// Looks at every store again.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Lock(LockJob::Look { ticket, place }));
        self.judged.expect(ticket, desk.now);
    }

    /// Looks again after a plan of ours: what is shown until then is no longer so.
    pub fn reload_after_a_plan(&mut self, desk: &mut Desk<'_>) {
        self.reload(desk);
        self.outdated = self.judged.waiting_since().is_some();
    }

    /// What is shown, awaited and missing.
    pub fn load(&self) -> &Load<Judged> {
        &self.judged
    }

    /// What the latest look found.
    pub fn standing(&self) -> Option<&Standing> {
        self.judged.shown().map(|judged| &judged.standing)
    }

    /// What is wrong at the place, the worst first.
    pub fn findings(&self) -> &[Finding] {
        self.judged.shown().map_or(&[], |judged| &judged.findings)
    }

    /// What the latest look could not see.
    pub fn blind_spots(&self) -> &[String] {
        self.judged.shown().map_or(&[], |judged| &judged.unseen)
    }

    /// The last plan of ours that was done here.
    pub fn deed(&self) -> Option<&Deed> {
        self.judged.shown()?.deed.as_ref()
    }

    pub fn survey(&self) -> Option<&Survey> {
        self.standing().map(|standing| &standing.survey)
    }

    /// Why the latest look found nothing.
    pub fn fault(&self) -> Option<&Fault> {
        self.judged.fault()
    }

    /// The stores that were looked at, in the order of the rows.
    pub fn looks(&self) -> &[Look] {
        self.survey().map_or(&[], |survey| &survey.stores)
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

    /// Puts the cursor on a lock that is held, if it stands on none.
    pub fn aim(&mut self) {
        if self.here().is_some() {
            return;
        }
        let held = |look: &Look| matches!(look.found, Ok(Some(_)));
        if let Some(row) = self.looks().iter().position(held) {
            self.cursor.go(row);
        }
    }

    /// The verdict on the lock under the cursor.
    pub fn verdict(&self) -> Option<&Verdict> {
        let here = self.here()?;
        self.standing()?
            .judged()
            .find(|(seen, _)| *seen == here)
            .map(|(_, verdict)| verdict)
    }

    pub fn hear(&mut self, news: LockNews, desk: &mut Desk<'_>) {
        let LockNews::Looked { ticket, outcome } = news;
        let outcome = outcome.map(|judged| *judged);
        if self.judged.settle(ticket, desk.now, outcome) == Settled::Taken {
            self.outdated = false;
            self.start_on_a_lock();
        }
    }

    /// Puts the cursor on a held lock where it stands on an empty store: that is what one came for.
    fn start_on_a_lock(&mut self) {
        if self.here().is_none() {
            let held = self
                .looks()
                .iter()
                .position(|look| matches!(look.found, Ok(Some(_))));
            let (length, height) = (self.looks().len(), self.cursor.height());
            self.cursor.arrange(length, height);
            self.cursor.go(held.unwrap_or(0));
        }
    }

    pub fn act(&mut self, action: LockAction, desk: &mut Desk<'_>) {
        match action {
            LockAction::Release => self.ask_before_release(desk),
            LockAction::Freeze => self.ask_before_freeze(desk),
            LockAction::Digest => desk.wishes.push(Wish::Prepare(Ask::Digest)),
            LockAction::Evidence => self.show_evidence(desk),
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

    /// The id of the runbook for what is shown.
    pub fn runbook(&self) -> &'static str {
        let differs = self
            .standing()
            .is_some_and(|standing| matches!(standing.agreement, Agreement::Differs(_)));
        let held = self
            .survey()
            .is_some_and(|survey| survey.held().next().is_some());
        if differs && !held {
            "digest-mismatch"
        } else {
            "state-lock"
        }
    }

    pub fn badge(&self) -> Badge {
        let Some(standing) = self.standing() else {
            return Badge::default();
        };
        let differs = usize::from(matches!(standing.agreement, Agreement::Differs(_)));
        Badge {
            critical: differs,
            warning: standing.survey.held().count(),
            ..Badge::default()
        }
    }

    /// Since when anything of this pane is awaited.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.judged.waiting_since()
    }

    /// Stops waiting for a look.
    pub fn give_up(&mut self) {
        self.outdated = false;
        self.judged.give_up();
    }

    fn show_evidence(&self, desk: &mut Desk<'_>) {
        match (self.looks().get(self.cursor.row()), self.verdict()) {
            (Some(look), verdict) => {
                let sheet = release::evidence(look, verdict, desk.now);
                desk.wishes
                    .push(Wish::Open(Box::new(sheet), LockQuestion::Evidence.into()));
            }
            (None, _) => desk.say(Tone::Note, "nothing was read yet"),
        }
    }
}
