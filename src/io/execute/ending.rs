//! How a run of a plan ends: what is given back where it could not go on, and
//! what all of it came to.

use super::{Executor, Moved, Report, Resumed};
use crate::incident::Event;
use crate::recovery::{Outcome, Plan, Settled, Write, outcome};

impl Executor<'_> {
    /// Gives back the locks that were taken where nothing else was written:
    /// a plan that could not go on must not keep everybody out.
    ///
    /// A plan that an earlier run left open, and that somebody's change has made
    /// impossible since, keeps nobody out either: what it wrote stays.
    pub(super) async fn give_back(
        &self,
        plan: &Plan,
        (moved, resumed): (Moved, Resumed),
        report: &mut Report,
    ) {
        let changed = |(write, one): &(Write, Settled)| {
            matches!(one, Settled::Changed(_)) && !write.releases()
        };
        let met =
            resumed == Resumed::Yes && (moved == Moved::Yes || report.settled.iter().any(changed));
        let takes = |write: &Write| write.is_about_a_lock() && !write.releases();
        let ours: Vec<&Write> = report
            .settled
            .iter()
            .filter(|(write, settled)| {
                let stands = met && settled.is_as_wanted(write);
                settled.is_ours() && !met || stands && takes(write)
            })
            .map(|(write, _)| write)
            .collect();
        let unknown = report
            .settled
            .iter()
            .any(|(_, settled)| matches!(settled, Settled::Unknown { .. }));
        let ended = report.settled.len() == plan.writes().count()
            && report
                .settled
                .iter()
                .all(|(write, one)| one.is_as_wanted(write));
        let only_locks = ours.iter().all(|write| takes(write));
        if ended || unknown || !only_locks {
            return;
        }
        let back: Vec<Write> = ours.into_iter().rev().map(Write::undone).collect();
        for (number, write) in (plan.steps.len()..).zip(back) {
            let settled = match self.write(plan, number, &write).await {
                Ok(settled) => settled,
                Err(fault) => Settled::Unknown { cause: fault.cause },
            };
            report.given_back.push((write, settled));
        }
    }

    pub(super) async fn finish(
        &self,
        plan: &Plan,
        mut report: Report,
        (moved, resumed): (Moved, Resumed),
    ) -> Report {
        let writes = plan.writes().count();
        report.outcome = outcome::of(&report.settled, writes);
        let wanted = report
            .settled
            .iter()
            .all(|(write, one)| one.is_as_wanted(write));
        if resumed == Resumed::Yes && wanted && report.settled.len() == writes {
            // Some of it was done by the run before.
            report.outcome = Outcome::Done;
        }
        let back = &report.given_back;
        let all_back = !back.is_empty() && back.iter().all(|(write, one)| one.is_as_wanted(write));
        let changed = report
            .settled
            .iter()
            .any(|(_, one)| matches!(one, Settled::Changed(_)));
        if all_back || report.outcome == Outcome::Failed {
            // Nothing of ours is left: a change by somebody else is a refusal, all else a failure.
            report.outcome = match moved {
                Moved::Yes => Outcome::Refused,
                Moved::No if changed && all_back => Outcome::Refused,
                Moved::No => Outcome::Failed,
            };
        }
        if resumed == Resumed::Yes && report.outcome == Outcome::Failed {
            // Nothing was decided: what the run before left open still is.
            report.outcome = Outcome::Open;
        }
        let ended = Event::Finished {
            plan: plan.id.to_string(),
            outcome: report.outcome.word().to_owned(),
        };
        if let Err(fault) = self.journal.write(ended, None).await {
            report.fault.get_or_insert(fault);
        }
        report
    }
}
