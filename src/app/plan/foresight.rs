//! What the next plan of Terraform would do after a restore: asked in the
//! background as soon as that is done, shown in its sheet while that is open,
//! and kept as a finding for as long as the state is what was put back.

use jiff::Timestamp;

use super::job::PlanJob;
use super::running::Running;
use crate::analysis::{Finding, of_guard};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::recovery::guard::{Guard, STATEFUL_SIGN};

/// What is asked, and what came of it.
#[derive(Debug, Clone)]
pub struct Foresight {
    due: Option<(Ticket, Timestamp)>,
    /// The comparison until there is a plan.
    guard: Guard,
    finding: Option<Finding>,
    /// The MD5 of the state that was put back.
    md5: Option<String>,
}

impl Foresight {
    /// Asks after a restore that was done; nothing after any other plan.
    pub fn after(running: &Running, desk: &mut Desk<'_>) -> Option<Self> {
        let guard = running.plan.guard.clone().filter(|_| running.is_done())?;
        let place = running.place.clone();
        let compared = Box::new(guard.clone());
        let ticket = desk.effects.ask(|ticket| {
            Effect::Plan(PlanJob::Foresee {
                ticket,
                place,
                compared,
            })
        });
        let mark = running.plan.candidate();
        Some(Self {
            due: Some((ticket, desk.now)),
            finding: None,
            guard,
            md5: mark.map(|mark| mark.md5.clone()),
        })
    }

    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.due.map(|(_, since)| since)
    }

    /// Takes the answer, if it is still awaited.
    pub fn hear(&mut self, ticket: Ticket, guard: Guard, desk: &mut Desk<'_>) {
        if self.due.take_if(|(due, _)| *due == ticket).is_none() {
            return;
        }
        self.guard = guard;
        self.finding = of_guard(&self.guard);
        if let Some(finding) = &self.finding {
            desk.say(Tone::Warning, finding.claim.clone());
        }
    }

    /// Stops asking: the comparison stands.
    pub fn dismiss(&mut self, desk: &mut Desk<'_>) {
        if self.due.take().is_some() {
            desk.effects.tell(Effect::Plan(PlanJob::Dismiss));
            let compared = std::mem::take(&mut self.guard);
            self.guard = compared.unplanned("it was stopped");
            self.finding = of_guard(&self.guard);
        }
    }

    /// The finding, where the state is not known to be another one by now.
    pub fn finding(&self, md5: Option<&str>) -> Option<&Finding> {
        let another = md5.is_some() && md5 != self.md5.as_deref();
        self.finding.as_ref().filter(|_| !another)
    }

    /// What is known, as rows of a sheet.
    pub fn rows(&self) -> Vec<(Role, String)> {
        if self.due.is_some() {
            let row =
                "⟳ asking Terraform what the next plan would do: this may be closed meanwhile";
            return vec![(Role::Busy, row.to_owned())];
        }
        let quiet = self.guard.is_quiet();
        let mut said = self.guard.told();
        let by = said.pop();
        let rows = said.into_iter().map(|sentence| {
            if sentence.starts_with(STATEFUL_SIGN) {
                (Role::Critical, format!("✖ {sentence}"))
            } else if quiet {
                (Role::Fine, format!("✔ {sentence}"))
            } else {
                (Role::Warning, format!("▲ {sentence}"))
            }
        });
        let by = by.map(|by| (Role::Faint, format!("  {by}")));
        rows.chain(by).collect()
    }
}
