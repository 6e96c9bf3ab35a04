//! What is wrong at the place: the findings as rows of the first pane, and
//! each with everything that it rests on.

use super::App;
use super::effect::Effects;
use super::pane::{Badge, PaneId};
use super::role::Role;
use super::sheet::Reading;
use super::sheet::read::ENTER;
use crate::analysis::{Confidence, Finding, Severity, worst_first};

/// How many findings stand on the first pane; the rest is counted.
pub const SHOWN: usize = 6;

/// A severity as glyph and role.
pub fn sign(severity: Severity) -> (Role, &'static str) {
    match severity {
        Severity::Critical => (Role::Critical, "✖"),
        Severity::Warning => (Role::Warning, "▲"),
        Severity::Info => (Role::Note, "●"),
    }
}

/// What a finding is about, in a word.
pub fn kind(id: &str) -> &'static str {
    match id.split_once('.').map_or(id, |(family, _)| family) {
        "state" | "errored" | "versioning" => "STATE",
        "lock" | "locking" => "LOCK",
        "digest" => "DIGEST",
        "auth" => "ACCESS",
        "api" => "CALLS",
        "network" => "NETWORK",
        "backend" | "place" => "BACKEND",
        "plan" => "PLAN",
        "provider" | "providers" => "PROVIDER",
        "resource" => "RESOURCE",
        "config" | "graph" | "module" => "CONFIG",
        _ => "RUN",
    }
}

impl App {
    /// What is wrong at the place and by its logs, the worst first.
    pub fn findings(&self) -> Vec<&Finding> {
        let of_place = self.locks.findings().iter();
        let of_caller = self.situation.finding().into_iter();
        worst_first(
            of_caller
                .chain(of_place)
                .chain(self.foreseen())
                .chain(self.situation.recreated())
                .chain(self.logs.findings())
                .collect(),
        )
    }

    /// What the next plan of Terraform would do after a restore of ours.
    fn foreseen(&self) -> Option<&Finding> {
        let state = self
            .locks
            .standing()
            .and_then(|one| one.state.as_ref().ok());
        let md5 = state.and_then(Option::as_ref);
        self.plans
            .finding(md5.map(|contents| contents.md5.as_str()))
    }

    /// How much is wrong, for whoever looks at another pane.
    pub(super) fn wrong(&self) -> Badge {
        let of_place = self.locks.findings().iter();
        let findings = of_place
            .chain(self.logs.findings())
            .chain(self.foreseen())
            .chain(self.situation.recreated());
        let counted = |severity| {
            let alike = findings
                .clone()
                .filter(|finding| finding.severity == severity);
            alike.count()
        };
        Badge {
            critical: counted(Severity::Critical),
            warning: counted(Severity::Warning),
            ..Badge::default()
        }
    }

    /// The findings that the first pane shows, the worst first.
    pub fn shown_findings(&self) -> Vec<&Finding> {
        let mut findings = self.findings();
        findings.truncate(SHOWN);
        findings
    }

    /// How many things could not be looked at.
    pub fn blind_spots(&self) -> usize {
        let of_logs = [self.logs.unjudged(), self.situation.unweighed()];
        self.locks.blind_spots().len() + of_logs.into_iter().flatten().count()
    }

    /// The finding under the cursor of the first pane.
    pub(super) fn finding_here(&self) -> Option<&Finding> {
        if self.focus != PaneId::Situation {
            return None;
        }
        let findings = self.shown_findings();
        findings.get(self.situation.cursor.row()).copied()
    }

    /// Goes to what the finding under the cursor rests on: the record of its
    /// log, else the pane of what it is about.
    pub(super) fn open_evidence(&mut self, effects: &mut Effects) {
        let Some(finding) = self.finding_here() else {
            return;
        };
        let (id, told_at) = (finding.id, finding.told_at);
        if told_at.is_none() && Some(finding) == self.situation.finding() {
            return self.show_credentials(effects);
        }
        self.focus = match told_at {
            Some(_) => PaneId::Logs,
            None => about(id),
        };
        if let Some(place) = told_at {
            self.with_desk(effects, |app, desk| app.logs.go_to_finding(place, desk));
        }
    }

    pub(super) fn finding_sheet(&self) -> Option<Reading> {
        let finding = self.finding_here()?;
        let (role, glyph) = sign(finding.severity);
        let mut rows = vec![(role, format!("{glyph} {}", finding.claim))];
        let sure = match finding.confidence {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        };
        rows.push((Role::Faint, format!("{} · {sure}", finding.id)));
        rows.push((Role::Sheet, String::new()));
        let evidence = finding.evidence.iter();
        rows.extend(evidence.map(|seen| (Role::Sheet, format!("  {seen}"))));
        if let Some(id) = finding.runbook {
            rows.push((Role::Sheet, String::new()));
            rows.push((Role::Note, format!("r opens the runbook {id}")));
        }
        let mut reading = Reading::new("What it rests on", rows);
        let what = match finding.told_at {
            Some(_) => "go to the record",
            None if Some(finding) == self.situation.finding() => "show the credentials",
            None => "go there",
        };
        reading.keys = vec![(ENTER, what)];
        if finding.id.starts_with("auth.") {
            reading.keys.push(('C', "credentials"));
        }
        Some(reading)
    }
}

/// The pane that shows what a finding about the place rests on.
fn about(id: &str) -> PaneId {
    let of_locks = ["lock.", "locking.", "digest."];
    if of_locks.iter().any(|family| id.starts_with(family)) {
        PaneId::Locks
    } else {
        PaneId::State
    }
}
