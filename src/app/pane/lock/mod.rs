//! The locks of the state in every configured store, and their release. The
//! pane acts only on what it shows: a release carries the very bytes that are
//! on screen, and a lock that changed meanwhile is refused by the executor.

mod release;

use std::sync::Arc;

use jiff::Timestamp;

use super::Badge;
use crate::app::action::{Action, Row, row};
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Lane, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::sheet::{Outcome, Reply};
use crate::fault::Fault;
use crate::lock::{Agreement, Look, Sighting, Survey, Verdict};
use crate::place::Place;
use crate::recovery::{Authority, Plan, Standing};
pub use release::{Pending, Running, StepState};

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockAction {
    Release,
    CopyId,
    Evidence,
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
    Look {
        ticket: Ticket,
        place: Arc<Place>,
    },
    /// Runs a plan: never aborted; the executor checks the authority again.
    Run(Box<Order>),
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

/// What came back about locks.
#[derive(Debug, Clone)]
pub enum LockNews {
    Looked {
        ticket: Ticket,
        outcome: Result<Box<Standing>, Fault>,
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
}

/// What a plan came to, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub outcome: crate::recovery::Outcome,
    /// Each store by itself, in a sentence.
    pub stores: Vec<String>,
    pub fault: Option<Fault>,
    /// The incident whose journal has it.
    pub incident: String,
}

/// What this pane asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockQuestion {
    Release,
    Running,
    Evidence,
}

impl LockJob {
    pub fn lane(&self) -> Option<Lane> {
        match self {
            Self::Look { .. } => Some(Lane::Locks),
            Self::Run(_) => None,
        }
    }

    pub fn failed(&self, fault: Fault) -> LockNews {
        match self {
            Self::Look { ticket, .. } => LockNews::Looked {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Run(order) => LockNews::Ran {
                ticket: order.ticket,
                outcome: Err(fault),
            },
        }
    }
}

impl LockNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Looked { .. } => "looked",
            Self::Stepped { .. } => "stepped",
            Self::Ran { .. } => "ran",
        }
    }
}

/// The pane of the locks.
#[derive(Debug, Default)]
pub struct LockPane {
    standing: Load<Standing>,
    pub cursor: Cursor,
    /// A plan that is shown and waits to be confirmed.
    pending: Option<Pending>,
    /// A plan that runs, or has just ended.
    running: Option<Running>,
}

impl LockPane {
    /// Forgets the place before; a plan that runs there is still followed to its end.
    pub fn begin_anew(&mut self) {
        *self = Self {
            running: self.running.take(),
            ..Self::default()
        };
    }

    /// Looks at every store again.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Lock(LockJob::Look { ticket, place }));
        self.standing.expect(ticket, desk.now);
    }

    /// What is shown, awaited and missing.
    pub fn load(&self) -> &Load<Standing> {
        &self.standing
    }

    /// What the latest look found.
    pub fn standing(&self) -> Option<&Standing> {
        self.standing.shown()
    }

    pub fn survey(&self) -> Option<&Survey> {
        self.standing().map(|standing| &standing.survey)
    }

    /// Why the latest look found nothing.
    pub fn fault(&self) -> Option<&Fault> {
        self.standing.fault()
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

    /// The verdict on the lock under the cursor.
    pub fn verdict(&self) -> Option<&Verdict> {
        let here = self.here()?;
        self.standing()?
            .judged()
            .find(|(seen, _)| *seen == here)
            .map(|(_, verdict)| verdict)
    }

    /// Whether a plan is under way, so that leaving has to wait.
    pub fn is_running(&self) -> bool {
        self.running.as_ref().is_some_and(Running::is_under_way)
    }

    pub fn hear(&mut self, news: LockNews, desk: &mut Desk<'_>) {
        match news {
            LockNews::Looked { ticket, outcome } => {
                if self
                    .standing
                    .settle(ticket, desk.now, outcome.map(|standing| *standing))
                    == Settled::Taken
                {
                    self.start_on_a_lock();
                }
            }
            LockNews::Stepped {
                ticket,
                step,
                state,
            } => self.stepped(ticket, step, state, desk),
            LockNews::Ran { ticket, outcome } => self.ran(ticket, outcome, desk),
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
            LockAction::Evidence => self.show_evidence(desk),
            LockAction::CopyId => match self.here().and_then(Sighting::id) {
                Some(id) => desk.copy(id, "the lock's id"),
                None => desk.say(Tone::Note, "no lock id under the cursor"),
            },
        }
    }

    /// Takes what a sheet of this pane returned.
    pub fn reply(&mut self, question: LockQuestion, outcome: Outcome, desk: &mut Desk<'_>) {
        match (question, outcome) {
            (LockQuestion::Release, Outcome::Closed(Reply::Texts(texts))) => {
                self.confirmed(&texts, desk);
            }
            (LockQuestion::Release, Outcome::Closed(_)) => self.pending = None,
            (LockQuestion::Release, Outcome::Asked(_)) => self.copy_commands(desk),
            (LockQuestion::Running, Outcome::Closed(_)) => {
                self.running.take_if(|running| !running.is_under_way());
            }
            (LockQuestion::Evidence | LockQuestion::Running | LockQuestion::Release, _) => {}
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
            "state-corrupt"
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
        let running = self
            .running
            .as_ref()
            .filter(|running| running.is_under_way());
        running
            .map(|running| running.since)
            .or(self.standing.waiting_since())
    }

    /// Stops waiting for a look; a plan that runs goes on to its end.
    pub fn give_up(&mut self) {
        self.standing.give_up();
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
