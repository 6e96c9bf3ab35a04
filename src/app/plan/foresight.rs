//! What the next plan of Terraform would do after a restore: asked in the
//! background as soon as that is done, shown in its sheet while that is open,
//! and kept as a finding for as long as the state is what was put back.

use jiff::Timestamp;

use super::job::PlanJob;
use super::running::Running;
use crate::analysis::{Confidence, Finding, Severity};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::recovery::guard::{Basis, Guard, STATEFUL_SIGN};

/// How many addresses are named as evidence.
const NAMED: usize = 20;

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
        self.finding = finding(&self.guard);
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
            self.finding = finding(&self.guard);
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

/// What somebody has to know of before the next apply.
fn finding(guard: &Guard) -> Option<Finding> {
    if guard.is_quiet() {
        return None;
    }
    let severity = if guard.stateful.is_empty() {
        Severity::Warning
    } else {
        Severity::Critical
    };
    let confidence = match guard.basis {
        Basis::Plan { .. } => Confidence::Certain,
        Basis::Comparison { .. } => Confidence::Likely,
    };
    let claim = guard.sentences().into_iter().next()?;
    let each = |word: &'static str, names: &[String]| -> Vec<String> {
        let rows = names.iter().map(|name| format!("{name}: {word}"));
        rows.take(NAMED).collect()
    };
    let evidence = [
        each("created", &guard.creates),
        each("destroyed", &guard.destroys),
        each("destroyed and created anew", &guard.replaces),
    ];
    let told = guard.told().into_iter().skip(1);
    let evidence = told.chain(evidence.into_iter().flatten());
    Some(Finding::new("plan.after-restore", severity, confidence, claim).seen(evidence))
}
