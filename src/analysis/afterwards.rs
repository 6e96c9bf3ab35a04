//! Findings about what was done here with tfsos: a plan that was left open, what
//! somebody else wrote after one that was done, and what the next plan of
//! Terraform would do after a restore.

use super::{Confidence, Finding, Severity};
use crate::recovery::afterwards::{Deed, Intrusion, Scene};
use crate::recovery::guard::{Basis, Guard};
use crate::recovery::standing::Interrupted;

/// How many addresses of each kind are named as evidence.
const NAMED: usize = 20;

/// A plan that a crash or an interruption left open, with the command that goes on with it.
pub fn of_open_plan(plan: &Interrupted) -> Finding {
    Finding::new(
        "plan.open",
        Severity::Critical,
        Confidence::Certain,
        format!("a plan was left open: {}", plan.title),
    )
    .seen([plan.resumed_by()])
}

/// What somebody else wrote after the last plan that was done here, with how it is taken back.
pub fn of_deed(deed: &Deed, scene: &Scene<'_>) -> Vec<Finding> {
    let ours = format!("ours, done at {}: {}", deed.at, deed.title);
    let found = deed.intrusions(scene).into_iter();
    found
        .map(|intrusion| intruded(intrusion).seen([ours.clone()]))
        .collect()
}

fn intruded(intrusion: Intrusion) -> Finding {
    let finding =
        |id, severity, claim: String| Finding::new(id, severity, Confidence::Certain, claim);
    match intrusion {
        Intrusion::State { written } => {
            let when = written.map_or_else(
                || "it is gone now".to_owned(),
                |at| format!("written at {at}, after ours"),
            );
            finding(
                "state.written-after-us",
                Severity::Critical,
                "state written by someone else after our write".to_owned(),
            )
            .seen([
                when,
                "undo: find out first who still runs; then tfsos restore with the version that was ours"
                    .to_owned(),
            ])
        }
        Intrusion::Digest { stored } => finding(
            "digest.written-after-us",
            Severity::Critical,
            "digest written by someone else after our write".to_owned(),
        )
        .seen([
            format!("stored now: {}", stored.as_deref().unwrap_or("none")),
            "undo: tfsos digest says which state it is of".to_owned(),
        ]),
        Intrusion::Lock { id } => finding(
            "lock.back-after-us",
            Severity::Warning,
            format!(
                "the lock {id} that was let go or taken over is held again: its holder still works"
            ),
        ),
    }
}

/// What somebody has to know of before the next apply; none where that would touch nothing.
pub fn of_guard(guard: &Guard) -> Option<Finding> {
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
