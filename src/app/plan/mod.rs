//! The plan that is shown, confirmed and run: one at a time for the whole
//! console, whichever pane proposed it. Nothing is sent before everything that
//! the plan demands was typed; while it runs its sheet stays, and what each
//! store came to is the last thing that it says, with how it is taken back.

mod foresight;
mod job;
mod question;
mod running;

use std::sync::Arc;

use jiff::Timestamp;

use super::desk::{Desk, Then, Wish};
use super::effect::{Effect, Ticket};
use super::load::{Load, Settled};
use super::notice::Tone;
use super::role::Role;
use super::sheet::Outcome as Heard;
use super::sheet::read::Reading;
use super::sheet::{Reply, Sheet};
use crate::analysis::Finding;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::recovery::{Authority, Confirmed, Plan, retake};
use foresight::Foresight;
pub use job::{Ask, Order, PlanJob, PlanNews, PlanQuestion, Ran, StepState};
use question::question;
use running::Running;
pub use running::says;

/// Takes back what the plan on screen has done: a lock is taken again, a
/// restore undone.
const TAKE_BACK: char = 'z';
/// Stops asking what the next plan of Terraform would do.
const STOP: char = 'K';

/// The plan at hand.
#[derive(Debug, Default)]
pub struct Plans {
    /// A plan on its way to be shown.
    preparing: Load<Arc<Plan>>,
    /// A plan that is shown and waits to be confirmed.
    pending: Option<Arc<Plan>>,
    /// A plan that runs, or has just ended.
    running: Option<Running>,
    /// What the next plan of Terraform would do after the last restore.
    foresight: Option<Foresight>,
}

/// Whether a plan has just ended, so that what it changed is to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Ended,
    Nothing,
}

impl Plans {
    /// Whether a plan is under way, so that leaving has to wait.
    pub fn is_running(&self) -> bool {
        self.running.as_ref().is_some_and(Running::is_under_way)
    }

    /// Since when a plan is under way.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let running = self.running.as_ref();
        running
            .filter(|running| running.is_under_way())
            .map(|running| running.since)
            .or(self.preparing.waiting_since())
            .or(self.foresight.as_ref().and_then(Foresight::waiting_since))
    }

    /// Forgets what was shown at the place before; a plan that runs there is followed to its end.
    pub fn begin_anew(&mut self, desk: &mut Desk<'_>) {
        self.pending = None;
        self.preparing = Load::default();
        self.forget_foresight(desk);
    }

    /// Stops waiting for a plan that is being made, or for what the next one of Terraform would do.
    pub fn give_up(&mut self, desk: &mut Desk<'_>) {
        if self.preparing.waiting_since().is_some() {
            return self.preparing.give_up();
        }
        self.dismiss(desk);
    }

    /// What the next plan of Terraform would do that somebody has to know of,
    /// as long as the state has the MD5 that the restore gave it.
    pub fn finding(&self, md5: Option<&str>) -> Option<&Finding> {
        self.foresight.as_ref()?.finding(md5)
    }

    fn forget_foresight(&mut self, desk: &mut Desk<'_>) {
        if let Some(mut foresight) = self.foresight.take() {
            foresight.dismiss(desk);
        }
    }

    fn dismiss(&mut self, desk: &mut Desk<'_>) {
        if let Some(foresight) = &mut self.foresight {
            foresight.dismiss(desk);
        }
        self.show_running(desk);
    }

    fn show_running(&self, desk: &mut Desk<'_>) {
        if let Some(running) = &self.running {
            let sheet = running.sheet(self.foresight.as_ref());
            desk.update(sheet, PlanQuestion::Running.into());
        }
    }

    /// Has a plan made; it is shown when it is ready.
    pub fn prepare(&mut self, ask: Ask, desk: &mut Desk<'_>) {
        if let Some(by) = desk.read_only {
            let said = format!("read-only by {by}: nothing can be written");
            return desk.say(Tone::Warning, said);
        }
        let Some(place) = desk.place.cloned() else {
            return desk.say(Tone::Note, "there is no place yet");
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Plan(PlanJob::Prepare { ticket, place, ask }));
        self.preparing.expect(ticket, desk.now);
    }

    fn prepared(&mut self, ticket: Ticket, outcome: Result<Arc<Plan>, Fault>, desk: &mut Desk<'_>) {
        if self.preparing.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if let Some(fault) = self.preparing.fault() {
            let sheet = Reading::new("No plan", says(Role::Critical, "✖", fault));
            return desk.open(Sheet::Reading(sheet), PlanQuestion::Refused.into());
        }
        if let Some(plan) = self.preparing.shown().cloned() {
            self.propose(plan, desk);
        }
    }

    /// Shows a plan with everything that has to be typed; nothing is sent yet.
    pub fn propose(&mut self, plan: Arc<Plan>, desk: &mut Desk<'_>) {
        if self.is_running() {
            return desk.say(Tone::Warning, "a plan is running: wait for its end");
        }
        if let Some(by) = desk.read_only {
            let said = format!("read-only by {by}: nothing can be written");
            return desk.say(Tone::Warning, said);
        }
        if desk.armed.is_none() {
            return desk.wishes.push(Wish::Arm {
                then: Then::Propose(plan),
            });
        }
        let sheet = question(&plan);
        self.pending = Some(plan);
        desk.open(Sheet::Confirm(sheet), PlanQuestion::Confirm.into());
    }

    /// Takes what a sheet of a plan returned.
    pub fn reply(&mut self, question: PlanQuestion, heard: Heard, desk: &mut Desk<'_>) {
        match (question, heard) {
            (PlanQuestion::Confirm, Heard::Closed(Reply::Texts(texts))) => {
                self.confirmed(&texts, desk);
            }
            (PlanQuestion::Confirm, Heard::Closed(_)) => self.pending = None,
            (PlanQuestion::Confirm, Heard::Asked(_)) => self.copy_commands(desk),
            (PlanQuestion::Running, Heard::Asked(TAKE_BACK)) => self.take_back(desk),
            (PlanQuestion::Running, Heard::Asked(STOP)) => self.dismiss(desk),
            (PlanQuestion::Running, Heard::Closed(_)) => {
                self.running.take_if(|running| !running.is_under_way());
            }
            (PlanQuestion::Running | PlanQuestion::Confirm | PlanQuestion::Refused, _) => {}
        }
    }

    /// Copies the commands that do the same by hand.
    fn copy_commands(&self, desk: &mut Desk<'_>) {
        let Some(plan) = &self.pending else { return };
        let steps = plan.steps.iter();
        let commands: Vec<_> = steps.filter_map(|step| step.by_hand.as_deref()).collect();
        desk.copy(commands.join("\n"), "the commands");
    }

    /// Offers the undo of what is on screen, as a plan of its own.
    fn take_back(&mut self, desk: &mut Desk<'_>) {
        let Some(running) = &self.running else { return };
        let Some(place) = desk.place.filter(|place| **place == running.place) else {
            return desk.say(Tone::Warning, "another place is open now");
        };
        if running.plan.intent == Intent::Restore {
            return self.prepare(Ask::Undo(running.plan.clone()), desk);
        }
        match retake::plan(place, &running.plan, desk.now) {
            Some(plan) => self.propose(Arc::new(plan), desk),
            None => desk.say(Tone::Note, "nothing was released"),
        }
    }

    /// Starts the plan with what was typed.
    fn confirmed(&mut self, texts: &[String], desk: &mut Desk<'_>) {
        let Some(plan) = self.pending.take() else {
            return;
        };
        let (Some(place), Some(arming)) = (desk.place.cloned(), desk.armed.cloned()) else {
            return desk.say(Tone::Warning, "no longer armed: nothing was sent");
        };
        let reason = texts
            .get(plan.demands.len())
            .filter(|reason| !reason.trim().is_empty())
            .cloned();
        let typed = plan.demands.iter().zip(texts);
        let confirmed = typed
            .filter_map(|(demand, text)| Confirmed::typed(&demand.prompted(), text))
            .collect();
        let authority = Authority::Armed { arming, confirmed };
        let order = |ticket| Order {
            ticket,
            place: place.clone(),
            plan: plan.clone(),
            authority,
            reason,
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Plan(PlanJob::Run(Box::new(order(ticket)))));
        self.forget_foresight(desk);
        let running = Running::new(ticket, (place, plan), desk.now);
        let sheet = running.sheet(None);
        // What is taken back leaves no sheet beneath that offers it once more.
        match self.running.replace(running) {
            Some(_) => desk.update(sheet, PlanQuestion::Running.into()),
            None => desk.open(sheet, PlanQuestion::Running.into()),
        }
    }

    pub fn hear(&mut self, news: PlanNews, desk: &mut Desk<'_>) -> After {
        let ticket = match &news {
            PlanNews::Prepared { ticket, .. }
            | PlanNews::Stepped { ticket, .. }
            | PlanNews::Ran { ticket, .. }
            | PlanNews::Foreseen { ticket, .. } => *ticket,
        };
        match news {
            PlanNews::Prepared { outcome, .. } => self.prepared(ticket, outcome, desk),
            PlanNews::Foreseen { guard, .. } => {
                if let Some(foresight) = &mut self.foresight {
                    foresight.hear(ticket, *guard, desk);
                }
                self.show_running(desk);
            }
            PlanNews::Stepped { step, state, .. } => {
                if let Some(running) = self.running_as(ticket) {
                    running.stepped(step, state);
                    self.show_running(desk);
                }
            }
            PlanNews::Ran { outcome, .. } => {
                if let Some(running) = self.running_as(ticket) {
                    running.ended(outcome);
                    self.foresight = Foresight::after(running, desk);
                    self.show_running(desk);
                    return After::Ended;
                }
            }
        }
        After::Nothing
    }

    fn running_as(&mut self, ticket: Ticket) -> Option<&mut Running> {
        self.running
            .as_mut()
            .filter(|running| running.ticket == ticket)
    }
}
