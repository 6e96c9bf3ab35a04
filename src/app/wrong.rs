//! What is wrong at the place: the findings as rows of the first pane, and
//! each with everything that it rests on.

use super::App;
use super::pane::PaneId;
use super::role::Role;
use super::sheet::Reading;
use crate::analysis::{Confidence, Finding, Severity};

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

impl App {
    /// The findings that the first pane shows, the worst first.
    pub fn shown_findings(&self) -> &[Finding] {
        let findings = self.locks.findings();
        &findings[..findings.len().min(SHOWN)]
    }

    /// The finding under the cursor of the first pane.
    pub(super) fn finding_here(&self) -> Option<&Finding> {
        if self.focus != PaneId::Situation {
            return None;
        }
        self.shown_findings().get(self.situation.cursor.row())
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
        Some(Reading::new("What it rests on", rows))
    }
}
