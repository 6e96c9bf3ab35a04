//! A finding: one claim with everything that it rests on.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;

use super::leads::lead;
use super::taken::Taken;
use crate::log::Place;
use crate::runbook::Placeholder;

/// How bad it is; the worst sorts last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nobody needs to act.
    Info,
    Warning,
    /// Work is stopped, or the next run would do harm.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        })
    }
}

/// How sure the claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Possible,
    Likely,
    Certain,
}

/// Something that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable for ever: alarms are keyed by it.
    pub id: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    /// One sentence without a full stop.
    pub claim: String,
    /// What the claim rests on.
    pub evidence: Vec<String>,
    /// The page that leads on, and the step of it to begin with.
    pub runbook: Option<&'static str>,
    pub step: Option<u32>,
    /// The record of a log that it rests on, where it rests on one.
    #[serde(skip)]
    pub told_at: Option<Place>,
    /// What exists already, where it is about that.
    #[serde(skip)]
    pub taken: Option<Taken>,
    /// What it names that its page asks for.
    #[serde(skip)]
    pub names: Option<(Placeholder, String)>,
}

impl Finding {
    /// A finding that leads on where the table of leads says.
    pub fn new(
        id: &'static str,
        severity: Severity,
        confidence: Confidence,
        claim: impl Into<String>,
    ) -> Self {
        let (runbook, step) = lead(id).unzip();
        Self {
            id,
            severity,
            confidence,
            claim: claim.into(),
            evidence: Vec::new(),
            runbook,
            step,
            told_at: None,
            taken: None,
            names: None,
        }
    }

    /// The same with what it rests on.
    #[must_use]
    pub fn seen(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

/// The worst first, and of equals the surest; otherwise as the rules found them.
pub fn worst_first<F: Borrow<Finding>>(mut findings: Vec<F>) -> Vec<F> {
    findings.sort_by_key(|finding| {
        let finding = finding.borrow();
        Reverse((finding.severity, finding.confidence))
    });
    findings
}
