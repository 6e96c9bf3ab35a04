//! What became of a run itself: a saved plan that it refused, an interrupt that
//! ended it, a pipe that nobody read to its end.

use super::crash::in_flight;
use super::{Confidence, Finding, Logged, Place, critical, join, warning};
use crate::log::{At, End, Run};

/// What kept the latest runs from their own ends, each once for all logs: a
/// run's output and its log tell of the same.
pub fn of_runs(logs: &[Logged<'_>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut take = |finding: Finding| match findings.iter_mut().find(|known| known.id == finding.id)
    {
        Some(known) => join(known, finding),
        None => findings.push(finding),
    };
    for log in logs {
        let ends: Vec<(End, At)> = log.account.ends().collect();
        let canceled = ends.iter().any(|(end, _)| *end == End::Canceled);
        for (end, at) in ends {
            // Who does not wait is told first that he was asked to.
            if !(canceled && end == End::Halted) {
                take(told(log, at, of_end(end, logs)));
            }
        }
    }
    logs.iter().filter_map(of_pipe).for_each(take);
    if findings.iter().any(|one| one.id == TWICE) {
        findings.retain(|one| one.id != ONCE);
    }
    findings
}

/// The findings of a run that was interrupted once, and of one that was twice.
const ONCE: &str = "run.interrupted";
const TWICE: &str = "run.interrupted-twice";

fn of_end(end: End, logs: &[Logged<'_>]) -> Finding {
    use Confidence::Certain;
    match end {
        End::StalePlan => {
            let claim = "a saved plan was refused: the state was written after it was made";
            let remedy = "nothing was changed: plan again, and read it again";
            warning("plan.stale", Certain, claim).seen([remedy.to_owned()])
        }
        End::OtherState => {
            let claim = "a saved plan was refused: it is of another state than this one";
            let remedy = "nothing was changed: which workspace and backend was it made in?";
            warning("plan.other-state", Certain, claim).seen([remedy.to_owned()])
        }
        End::Halted => {
            let claim = "a run was interrupted before it was done: a part of it is done and stored";
            let remedy = "a new plan shows what is left to do";
            warning(ONCE, Certain, claim).seen([remedy.to_owned()])
        }
        End::Canceled => {
            let claim = "a run was interrupted twice and did not wait: what it was doing may be in no state";
            let work = in_flight(logs);
            let work = (!work.is_empty()).then(|| format!("it was working on {}", work.join(", ")));
            let remedy = "look for its lock, and for an errored.tfstate where it ran";
            critical(TWICE, Certain, claim)
                .seen(work)
                .seen([remedy.to_owned()])
        }
        End::Piped => piped(
            "a run was killed because nobody read what it printed: it leaves its lock behind",
            Certain,
        ),
    }
}

/// A run whose plan is made, and which neither ended nor let its lock go after it.
fn of_pipe(log: &Logged<'_>) -> Option<Finding> {
    let run = log.account.runs.latest()?;
    let at = run.printing?;
    let claim = format!(
        "{} made its plan, and neither ended nor let its lock go",
        who(run)
    );
    Some(told(log, at, piped(claim, Confidence::Likely)))
}

fn told(log: &Logged<'_>, at: At, finding: Finding) -> Finding {
    let mut finding = finding.seen([format!("{}:{}", log.name, at.line + 1)]);
    finding.told_at = Some(Place {
        file: log.number,
        record: at.record,
    });
    finding
}

fn who(run: &Run) -> String {
    match run.verb() {
        Some(verb) => format!("a run of {verb}"),
        None => "a run".to_owned(),
    }
}

fn piped(claim: impl Into<String>, confidence: Confidence) -> Finding {
    warning("run.broken-pipe", confidence, claim).seen([
        "a reader like | head that leaves kills it, and a pager that is left open keeps it"
            .to_owned(),
        "let the plan go to a file: -out, then terraform show".to_owned(),
    ])
}
