//! Findings about locks: one for each lock, in however many stores it lies.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Confidence, Evidence, Finding, Severity};
use crate::lock::verdict::{ETERNAL, Likelihood, Verdict, age, in_words};
use crate::lock::{Sighting, Survey};

pub(super) fn of_locks(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for (seen, verdict) in evidence.survey.held().zip(evidence.verdicts) {
        let id = seen.id();
        if id.is_none() {
            findings.push(without_id(seen));
        } else if told.insert(id) {
            findings.extend(held(seen, verdict, evidence.now));
        }
    }
    if evidence.survey.half_released() {
        findings.push(half_released(evidence.survey));
    }
    if evidence.survey.stores.is_empty() {
        findings.push(
            Finding::new(
                "locking.off",
                Severity::Warning,
                Confidence::Certain,
                "the backend is configured without locking: two runs can overwrite each other",
            )
            .seen(["neither dynamodb_table nor use_lockfile is set".to_owned()]),
        );
    }
    findings
}

fn held(seen: &Sighting, verdict: &Verdict, now: Timestamp) -> Vec<Finding> {
    let holder = seen.holder().unwrap_or_default();
    let age = age(seen, now);
    let held = age.map_or("for an unknown time".to_owned(), in_words);
    let who = match holder.who.as_str() {
        "" => "somebody unnamed",
        who => who,
    };
    let claim = format!(
        "locked by {who} for {}, held {held}: {}",
        holder.operation_word(),
        verdict.likelihood
    );
    let (id, severity, confidence) = match verdict.likelihood {
        Likelihood::Stale => ("lock.stale", Severity::Warning, Confidence::Certain),
        Likelihood::LikelyStale => ("lock.stale", Severity::Warning, Confidence::Likely),
        Likelihood::Unsure => ("lock.held", Severity::Info, Confidence::Possible),
        Likelihood::LikelyLive | Likelihood::Live => {
            ("lock.held", Severity::Info, Confidence::Likely)
        }
    };
    let signs = verdict.signs.iter().map(|sign| sign.says.clone());
    let first = Finding::new(id, severity, confidence, claim).seen(signs);
    let eternal = age.filter(|age| *age > ETERNAL).map(|age| {
        Finding::new(
            "lock.eternal",
            Severity::Warning,
            Confidence::Certain,
            format!("the lock is older than a day: {}", in_words(age)),
        )
    });
    std::iter::once(first).chain(eternal).collect()
}

fn without_id(seen: &Sighting) -> Finding {
    Finding::new(
        "lock.no-info",
        Severity::Critical,
        Confidence::Certain,
        format!(
            "the lock in {} has no id: terraform force-unlock cannot release it",
            seen.store
        ),
    )
    .seen([format!("tfsos unlock --raw {} can", seen.store)])
}

fn half_released(survey: &Survey) -> Finding {
    let stores = survey.stores.iter().filter_map(|look| {
        let found = look.found.as_ref().ok()?;
        let holds = found.as_ref().map_or("nothing".to_owned(), |seen| {
            seen.id()
                .unwrap_or_else(|| "a lock without an id".to_owned())
        });
        Some(format!("{} holds {holds}", look.store))
    });
    Finding::new(
        "lock.half-released",
        Severity::Warning,
        Confidence::Certain,
        "the stores do not hold the same lock",
    )
    .seen(stores)
}
