//! A plan that runs, step by step, and its sheet: what each store came to is
//! the last thing that it says, and after a restore what the next plan of
//! Terraform would do.

use std::sync::Arc;

use jiff::Timestamp;

use super::foresight::Foresight;
use super::job::{Ran, StepState};
use super::{STOP, TAKE_BACK};
use crate::app::effect::Ticket;
use crate::app::role::Role;
use crate::app::sheet::Sheet;
use crate::app::sheet::read::{Closing, Reading};
use crate::app::text::capital;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::place::Place;
use crate::recovery::{Outcome, Plan};

/// A plan that runs, step by step.
#[derive(Debug, Clone)]
pub struct Running {
    pub ticket: Ticket,
    pub place: Arc<Place>,
    pub plan: Arc<Plan>,
    pub since: Timestamp,
    steps: Vec<StepState>,
    ended: Option<Result<Ran, Fault>>,
}

impl Running {
    pub fn is_under_way(&self) -> bool {
        self.ended.is_none()
    }

    pub fn new(ticket: Ticket, (place, plan): (Arc<Place>, Arc<Plan>), since: Timestamp) -> Self {
        let steps = plan.steps.iter().map(|_| StepState::Waiting).collect();
        Self {
            ticket,
            place,
            plan,
            since,
            steps,
            ended: None,
        }
    }

    pub fn stepped(&mut self, step: usize, state: StepState) {
        if let Some(known) = self.steps.get_mut(step) {
            // What a store came to says more than that the step is over.
            let settled = matches!((&*known, &state), (StepState::Settled(_), StepState::Done));
            if !settled {
                *known = state;
            }
        }
    }

    pub fn ended(&mut self, outcome: Result<Ran, Fault>) {
        self.ended = Some(outcome);
    }

    /// Whether it came to its end as planned.
    pub fn is_done(&self) -> bool {
        matches!(&self.ended, Some(Ok(ran)) if ran.outcome == Outcome::Done)
    }

    /// How what it did is taken back from its sheet, in a word; none where it is not.
    fn taken_back(&self) -> Option<&'static str> {
        match self.plan.intent {
            _ if !self.is_done() => None,
            Intent::Release => Some("take it again"),
            Intent::Restore if self.plan.undo.reference.is_some() => Some("undo it"),
            Intent::Restore
            | Intent::Retake
            | Intent::Digest
            | Intent::Freeze
            | Intent::Thaw
            | Intent::TakeOver => None,
        }
    }

    /// The plan as it stands, for the sheet that stays until the outcome is known.
    pub fn sheet(&self, foresight: Option<&Foresight>) -> Sheet {
        let mut rows: Vec<_> = self
            .plan
            .steps
            .iter()
            .zip(&self.steps)
            .enumerate()
            .map(|(number, (step, state))| {
                let (role, sign, says) = match state {
                    StepState::Waiting => (Role::Faint, " ", step.condition.clone()),
                    StepState::Started => (Role::Busy, "⟳", step.condition.clone()),
                    StepState::Done => (Role::Fine, "✔", step.condition.clone()),
                    StepState::Settled(says) => settled(says),
                    StepState::Failed(why) => (Role::Critical, "✖", why.clone()),
                };
                (
                    role,
                    format!(
                        "{sign} {:>2}  {:<34} {says}",
                        number + 1,
                        step.operation.title()
                    ),
                )
            })
            .collect();
        rows.push((Role::Sheet, String::new()));
        rows.extend(self.end());
        rows.extend(foresight.into_iter().flat_map(Foresight::rows));
        let mut reading = Reading::new(
            format!(
                "{} · plan {} · journaled",
                capital(&self.plan.title),
                self.plan.id
            ),
            rows,
        );
        if let Some(word) = self.taken_back() {
            reading.keys.push((TAKE_BACK, word));
        }
        if foresight.is_some_and(|foresight| foresight.waiting_since().is_some()) {
            reading.keys.push((STOP, "stop asking"));
        }
        reading.closing = if self.is_under_way() {
            Closing::Held
        } else {
            Closing::Free
        };
        Sheet::Reading(reading)
    }

    fn end(&self) -> Vec<(Role, String)> {
        match &self.ended {
            None => Vec::new(),
            Some(Err(fault)) => says(Role::Critical, "✖", fault),
            Some(Ok(ran)) => {
                let (role, sentence) = match ran.outcome {
                    Outcome::Done => (Role::Fine, done(self.plan.intent)),
                    Outcome::Refused => (Role::Warning, "▲ refused: this run wrote nothing"),
                    Outcome::Failed | Outcome::Planned => {
                        (Role::Critical, "✖ not finished: nothing was written")
                    }
                    Outcome::Open => (
                        Role::Critical,
                        "✖ left open: the same key on the same thing goes on with it",
                    ),
                };
                let mut rows = vec![(role, sentence.to_owned())];
                rows.extend(
                    ran.stores
                        .iter()
                        .map(|store| (Role::Sheet, format!("  {store}"))),
                );
                rows.extend(
                    ran.fault
                        .iter()
                        .flat_map(|fault| says(Role::Critical, " ", fault)),
                );
                if self.is_done() && self.plan.intent == Intent::Restore {
                    rows.push((Role::Note, format!("  {}", undo(&self.plan))));
                }
                rows.push((Role::Faint, format!("  incident {}", ran.incident)));
                rows
            }
        }
    }
}

/// What a store came to; whatever it says, the end of the plan says what that means.
fn settled(says: &str) -> (Role, &'static str, String) {
    let (role, sign) = match says {
        "done" | "released" | "already so" | "already gone" => (Role::Fine, "✔"),
        _ => (Role::Warning, "▲"),
    };
    (role, sign, says.to_owned())
}

/// How a finished restore is undone, or why it is not.
fn undo(plan: &Plan) -> String {
    match &plan.undo.reference {
        Some(_) => format!("{TAKE_BACK} undoes it, as long as nobody else has written"),
        None => format!("no undo from here: {}", plan.undo.says),
    }
}

fn done(intent: Intent) -> &'static str {
    match intent {
        Intent::Release => "✔ released",
        Intent::Retake => "✔ taken again",
        Intent::Restore => "✔ restored",
        Intent::Digest => "✔ the digest agrees with the state",
        Intent::Freeze => "✔ frozen: the lock is ours",
        Intent::Thaw => "✔ thawed: the lock is gone",
        Intent::TakeOver => "✔ taken over: the lock is ours; R and D run under it, U lets go of it",
    }
}

/// A fault as rows of a sheet.
pub fn says(role: Role, sign: &str, fault: &Fault) -> Vec<(Role, String)> {
    let hint = fault
        .hint
        .iter()
        .map(|hint| (Role::Note, format!("  {hint}")));
    std::iter::once((role, format!("{sign} {fault}")))
        .chain(hint)
        .collect()
}
