//! Findings of what logs tell: each of a record that reports trouble, in the
//! latest run of its log, with the particulars that a person acts on. What an
//! earlier run met is history, and errors that mean nothing are none here.
//!
//! A rule reads the words of a report and says what it makes of them, and of
//! what (the denied action, the id that is taken). What several reports tell of
//! the same thing is one finding, said in the words of the one that tells most.

mod access;
mod bundle;
mod crash;
mod graph;
mod planned;
mod run;
mod service;
mod slow;
mod stored;
mod told;

use std::collections::BTreeMap;

use super::{Confidence, Finding, Severity, Taken};
use crate::log::{Account, At, Category, FileNo, Place, Record};
pub use bundle::{BEFORE, report as crash_report};
pub use planned::{Planned, SHOWN};
use told::Told;

/// How many findings of one id are told apart; the rest is counted.
const MOST_OF_ONE_ID: usize = 4;

/// How many records are named as evidence of one finding.
const NAMED: usize = 3;

/// How much of a record's words is evidence.
const SAID: usize = 160;

/// A record that reports trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub category: Category,
    pub at: At,
    /// As it is shown: masked.
    pub record: Record,
}

impl Report {
    /// A record from the bytes at which it begins; what follows it is left.
    pub fn read(category: Category, at: At, bytes: &[u8]) -> Self {
        let ends = memchr::memchr_iter(b'\n', bytes);
        let mut ends = ends.take(at.lines as usize);
        let end = ends.nth((at.lines as usize).saturating_sub(1));
        let own = &bytes[..end.unwrap_or(bytes.len())];
        let record = Record::decode(own, own.len() as u64);
        Self {
            category,
            at,
            record,
        }
    }
}

/// A log, as far as findings need it.
#[derive(Debug, Clone, Copy)]
pub struct Logged<'a> {
    pub number: FileNo,
    pub name: &'a str,
    pub account: &'a Account,
    /// The records that are [`wanted`], read again.
    pub reports: &'a [Report],
}

/// The records of a log that findings are made of: at most a few of each category.
pub fn wanted(account: &Account) -> Vec<(Category, At)> {
    let troubles = account.troubles();
    troubles
        .flat_map(|(category, tally)| {
            let examples = tally.latest.examples.iter();
            examples.map(move |&at| (category, at))
        })
        .collect()
}

/// What the findings of a log hang on: while it stays the same, so do they.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Noticed {
    /// How many records of each category the latest run has.
    records: [u64; Category::ALL.len()],
    /// How many resources it took long to look at, and whether all of them together did.
    slow: (usize, bool),
    /// Where it began to print a plan without an end to it.
    printing: Option<At>,
    /// Where it shows a plan that was not carried out.
    shown: Option<At>,
    /// What kept it from its own end.
    ends: usize,
}

impl Noticed {
    /// What there is to notice in a log; the default where there is nothing.
    pub fn of(account: &Account) -> Self {
        Self {
            records: Category::ALL.map(|category| account.tally(category).latest.records),
            slow: slow::slowness(account),
            printing: account.runs.latest().and_then(|run| run.printing),
            shown: account.shown_plan(),
            ends: account.ends().count(),
        }
    }
}

/// What logs tell of what is wrong.
pub fn of_logs(logs: &[Logged<'_>]) -> Vec<Finding> {
    let mut sum = Sum::default();
    for log in logs {
        for report in log.reports {
            let told = Told::of(log, report);
            let rules = if told.is_own() { &[] } else { RULES };
            for rule in rules {
                if let Some(meant) = rule(&told) {
                    sum.take(&told, meant);
                }
            }
        }
    }
    let mut findings = sum.findings();
    findings.extend(crash::of_crashes(logs));
    findings.extend(slow::of_slow_plans(logs));
    findings.extend(run::of_runs(logs));
    findings
}

type Rule = fn(&Told<'_>) -> Option<Meant>;

const RULES: &[Rule] = &[
    access::of_denial,
    access::of_credentials,
    service::of_throttling,
    service::of_quota,
    service::of_timeout,
    service::of_network,
    service::of_existing,
    graph::of_cycle,
    graph::of_deprecation,
    graph::of_provider,
    graph::of_initialization,
    stored::of_digest,
    stored::of_unsaved,
    stored::of_unreadable,
    stored::of_absence,
    stored::of_lock,
];

/// What a rule makes of a report.
#[derive(Debug, Clone)]
struct Meant {
    finding: Finding,
    /// What it is about: reports of the same thing are one finding.
    about: String,
}

impl Meant {
    fn new(finding: Finding, about: impl Into<String>) -> Self {
        let about = about.into();
        Self { finding, about }
    }
}

/// Findings as they come together, in the order in which they came.
#[derive(Debug, Default)]
struct Sum {
    found: Vec<(String, Finding, usize)>,
}

impl Sum {
    fn take(&mut self, told: &Told<'_>, meant: Meant) {
        let Meant { finding, about } = meant;
        let known = self
            .found
            .iter_mut()
            .find(|(of, known, _)| known.id == finding.id && *of == about);
        let said = told.said();
        let Some((_, known, records)) = known else {
            let mut finding = finding.seen([said]);
            finding.told_at = Some(told.place());
            self.found.push((about, finding, 1));
            return;
        };
        *records += 1;
        join(known, finding);
        if *records <= NAMED {
            known.evidence.push(said);
        }
    }

    fn findings(self) -> Vec<Finding> {
        let mut of_id: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut findings: Vec<Finding> = Vec::new();
        for (_, mut finding, records) in self.found {
            if records > NAMED {
                finding
                    .evidence
                    .push(format!("and {} more records", records - NAMED));
            }
            let count = of_id.entry(finding.id).or_default();
            *count += 1;
            if *count <= MOST_OF_ONE_ID {
                findings.push(finding);
            }
        }
        for (id, count) in of_id {
            let last = findings.iter_mut().rfind(|finding| finding.id == id);
            if let (Some(last), true) = (last, count > MOST_OF_ONE_ID) {
                let more = count - MOST_OF_ONE_ID;
                last.evidence
                    .push(format!("and {more} more of the same kind"));
            }
        }
        findings
    }
}

/// Adds what another report tells of the same thing: the worst and the surest
/// of both holds, and the words of the one that says more.
fn join(known: &mut Finding, other: Finding) {
    if other.claim.chars().count() > known.claim.chars().count() {
        known.claim = other.claim;
    }
    known.taken = known.taken.take().or(other.taken);
    known.names = known.names.take().or(other.names);
    known.severity = known.severity.max(other.severity);
    known.confidence = known.confidence.max(other.confidence);
    for seen in other.evidence {
        if !known.evidence.contains(&seen) {
            known.evidence.insert(0, seen);
        }
    }
}

fn critical(id: &'static str, confidence: Confidence, claim: impl Into<String>) -> Finding {
    Finding::new(id, Severity::Critical, confidence, claim)
}

fn warning(id: &'static str, confidence: Confidence, claim: impl Into<String>) -> Finding {
    Finding::new(id, Severity::Warning, confidence, claim)
}

#[cfg(test)]
pub(super) mod tests;
