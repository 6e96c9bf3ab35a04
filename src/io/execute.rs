//! Runs a plan: the only caller of a remote's writes.
//!
//! Invariant: nothing is sent that was not allowed (read-only is refused
//! here, not by a key map), that was not confirmed, that does not lie where it
//! was seen, or whose intent is not already on the disk. Each write gets one
//! try; after it a look decides what became of it. A stop is heeded between
//! steps, never within one.

mod ending;
mod saving;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::journal::Journal;
use super::remote::Remote;
use crate::fault::Fault;
use crate::incident::{Event, Intent, OpenPlan};
use crate::lock::Survey;
use crate::place::{Caller, Place};
use crate::recovery::{
    Answer, Authority, Cargo, Content, Found, Item, Operation, Outcome, Plan, Seen, Settled, Write,
    answer,
};

/// A remote bounds its own calls; this is for one that does not come back.
const LONGEST_WRITE: Duration = Duration::from_mins(1);

/// Asks a running plan to stop at the next safe point. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a plan is, as it runs; a step is its position in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Started {
        step: usize,
    },
    Done {
        step: usize,
    },
    /// What became of the write, in a word.
    Settled {
        step: usize,
        word: &'static str,
    },
    Failed {
        step: usize,
        fault: Fault,
    },
}

/// What a plan came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub outcome: Outcome,
    /// Each write that was tried, in the order of the steps.
    pub settled: Vec<(Write, Settled)>,
    /// Why it did not end as planned.
    pub fault: Option<Fault>,
    /// Locks that were taken for the plan and given back when it could not go on.
    pub given_back: Vec<(Write, Settled)>,
    /// All stores as they were found at the end; none where it was not got that far.
    pub after: Option<Survey>,
}

/// Everything that a plan runs in.
#[derive(Debug)]
pub struct Executor<'a> {
    pub place: &'a Place,
    pub caller: &'a Caller,
    pub remote: &'a Remote,
    pub journal: &'a Journal,
    pub stop: &'a Stop,
}

/// A step that ended the plan before its end.
enum Ended {
    /// A look or a store decided; what became of the item is already recorded.
    Settled,
    /// Somebody changed what the plan was made for.
    Moved(Fault),
    Failed(Fault),
}

impl Report {
    fn refused(fault: Fault) -> Self {
        Self {
            outcome: Outcome::Refused,
            settled: Vec::new(),
            fault: Some(fault),
            given_back: Vec::new(),
            after: None,
        }
    }
}

impl Executor<'_> {
    /// Runs the plan to its end or to the nearest safe point. It is journaled before anything is sent.
    pub async fn run(
        &self,
        plan: &Plan,
        authority: &Authority,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Report {
        let who = (self.place, self.caller);
        if let Err(fault) = authority.permits(plan, who, Timestamp::now()) {
            return Report::refused(fault);
        }
        for write in plan.writes() {
            if let Err(fault) = self.remote.prove_conditions(write).await {
                return Report::refused(fault);
            }
        }
        let mut report = Report {
            outcome: Outcome::Failed,
            settled: Vec::new(),
            fault: None,
            given_back: Vec::new(),
            after: None,
        };
        let begun = |kept: String| Event::Planned {
            kept,
            plan: plan.id.to_string(),
            intent: plan.intent,
            title: plan.title.clone(),
            subject: plan.subject.clone(),
            lock: plan.lock.clone(),
            targets: plan.writes().map(Write::target).collect(),
        };
        let kept = self.journal.save_plan(plan).await;
        let begun = match kept {
            Ok(kept) => self.journal.write(begun(kept), None).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = begun {
            report.fault = Some(fault);
            return report;
        }
        let resumed = self.resumed(plan);
        let arrived = resumed == Resumed::Yes && self.has_arrived(plan).await;
        let moved = self
            .steps(plan, (resumed, arrived), &mut report, progress)
            .await;
        self.give_back(plan, (moved, resumed), &mut report).await;
        self.finish(plan, report, (moved, resumed)).await
    }

    /// Ends a plan that was left open and of which nothing is left to do.
    pub async fn conclude(&self, open: &OpenPlan) -> Result<(), Fault> {
        let ended = Event::Finished {
            plan: open.plan.clone(),
            outcome: Outcome::Done.word().to_owned(),
        };
        self.journal.write(ended, None).await
    }

    /// Whether an earlier run of this very plan was interrupted.
    fn resumed(&self, plan: &Plan) -> Resumed {
        let id = plan.id.to_string();
        let open = self.journal.open_plans().iter();
        if open.into_iter().any(|open| open.plan == id) {
            return Resumed::Yes;
        }
        Resumed::No
    }

    /// Whether everything but the release of our own locks is done already.
    async fn has_arrived(&self, plan: &Plan) -> bool {
        let lasting = plan.writes().filter(|write| !write.is_about_a_lock());
        let mut any = false;
        for write in lasting {
            let found = self.remote.look(&write.item).await;
            let there = found.ok().flatten().map(|seen| seen.content);
            if there != write.to {
                return false;
            }
            any = true;
        }
        any
    }

    async fn steps(
        &self,
        plan: &Plan,
        (resumed, arrived): (Resumed, bool),
        report: &mut Report,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Moved {
        for (number, step) in plan.steps.iter().enumerate() {
            if self.stop.is_asked() {
                report.fault = Some(interrupted(plan, number));
                return Moved::No;
            }
            if arrived && !is_left(&step.operation) {
                skip(&step.operation, report);
                progress(Progress::Done { step: number });
                continue;
            }
            progress(Progress::Started { step: number });
            let ended = self
                .step(plan, (number, &step.operation, resumed), report, progress)
                .await;
            match ended {
                Ok(()) => progress(Progress::Done { step: number }),
                Err(Ended::Settled) => return Moved::No,
                Err(ended @ (Ended::Moved(_) | Ended::Failed(_))) => {
                    let moved = Moved::of(&ended);
                    let (Ended::Moved(fault) | Ended::Failed(fault)) = ended else {
                        return moved;
                    };
                    progress(Progress::Failed {
                        step: number,
                        fault: fault.clone(),
                    });
                    report.fault = Some(fault);
                    return moved;
                }
            }
        }
        Moved::No
    }

    async fn step(
        &self,
        plan: &Plan,
        (number, operation, resumed): (usize, &Operation, Resumed),
        report: &mut Report,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Ended> {
        match operation {
            Operation::SaveLocks(seen) => self.save(plan, seen).await.map_err(Ended::Failed),
            Operation::SaveCandidate(mark) => {
                self.save_candidate(plan, mark).await.map_err(Ended::Failed)
            }
            Operation::SaveState { item, seen, next } => {
                let seen = (seen.as_ref(), next);
                self.save_state(plan, item, seen, resumed).await
            }
            Operation::SaveCopy { mark, path } => self
                .save_copy(plan, mark, path)
                .await
                .map_err(Ended::Failed),
            Operation::Verify { item, content } => self.verify(item, content).await,
            Operation::LookAgain => {
                report.after = Some(self.remote.survey().await);
                Ok(())
            }
            Operation::Write(write) => {
                let write = &self.renewed(plan, write, resumed).await;
                let settled = self
                    .write(plan, number, write)
                    .await
                    .map_err(Ended::Failed)?;
                progress(Progress::Settled {
                    step: number,
                    word: settled.word(write),
                });
                // A lock of our own goes from every store, whatever became of it in another.
                let own = plan.intent != Intent::Release && settled.is_as_wanted(write);
                let goes_on = settled.goes_on() || write.releases() && (settled.is_ours() || own);
                report.settled.push((write.clone(), settled));
                if goes_on { Ok(()) } else { Err(Ended::Settled) }
            }
        }
    }

    /// A take-over that was interrupted finds the former lock gone where
    /// somebody released ours meanwhile: then it takes what nobody holds. A
    /// write that was cut off finds its own beginning, and writes over that.
    async fn renewed(&self, plan: &Plan, write: &Write, resumed: Resumed) -> Write {
        let mut renewed = write.clone();
        let takes_over = write.is_about_a_lock() && write.from.is_some() && write.to.is_some();
        if resumed == Resumed::No || !(takes_over || write.item.slot.can_tear()) {
            return renewed;
        }
        match self.remote.look(&write.item).await {
            Ok(None) if takes_over => renewed.from = None,
            Ok(Some(found)) if was_cut_off(plan, (&write.item, &found), resumed) => {
                renewed.from = Some(found);
            }
            Ok(_) | Err(_) => {}
        }
        renewed
    }

    /// Reads an item back; anything but what it is to hold ends the plan there.
    async fn verify(&self, item: &Item, content: &Content) -> Result<(), Ended> {
        let found = self.remote.look(item).await.map_err(Ended::Failed)?;
        if found.map(|found| found.content).as_ref() == Some(content) {
            return Ok(());
        }
        if item.slot.is_lock() {
            let fault = Fault::new(
                "go on under the lock in",
                item.key.clone(),
                "it is no longer ours",
            );
            return Err(Ended::Moved(
                fault.hint("tfsos locks shows who holds it now"),
            ));
        }
        let fault = Fault::new(
            "verify",
            item.key.clone(),
            "it does not hold what was written",
        );
        Err(Ended::Failed(fault.hint(
            "somebody wrote after us: look at the newest version before anything else is done",
        )))
    }

    /// One conditional write: look, journal, send once, journal, look, judge, journal.
    async fn write(&self, plan: &Plan, number: usize, write: &Write) -> Result<Settled, Fault> {
        let before = self.remote.look(&write.item).await;
        if let Some(settled) = answer::before(write, &before) {
            self.settled(plan, number, write, &settled).await?;
            // Nothing was sent: what could not be read is an ordinary fault.
            return match (settled, before) {
                (Settled::Unknown { .. }, Err(fault)) => Err(fault),
                (settled, _) => Ok(settled),
            };
        }
        let sent = Event::Sent {
            plan: plan.id.to_string(),
            step: number,
            operation: write.word().to_owned(),
            target: write.target(),
        };
        self.journal.write(sent, None).await?;
        let answer = self.send(plan, write, &before).await;
        // From here on the world may have changed: a journal that fails now must not hide that.
        let noted = self.answered(plan, number, &answer).await;
        let found = self.remote.look(&write.item).await;
        let settled = answer::after(write, &answer, &found);
        let noted = noted.and(self.settled(plan, number, write, &settled).await);
        match noted {
            Ok(()) => Ok(settled),
            Err(fault) => Ok(Settled::Unknown {
                cause: format!(
                    "{} in {}, but {fault}",
                    settled.word(write),
                    write.item.slot.store()
                ),
            }),
        }
    }

    /// Sends it on the condition of what was found just now, which is what was shown.
    async fn send(&self, plan: &Plan, write: &Write, found: &Found) -> Answer {
        let found = found.as_ref().ok().and_then(Option::as_ref);
        let request = self.remote.write(write, found, plan.cargo.as_ref());
        let sent = tokio::time::timeout(LONGEST_WRITE, request);
        sent.await.unwrap_or_else(|_| Answer::Unclear {
            cause: "no answer within a minute".to_owned(),
        })
    }

    async fn answered(&self, plan: &Plan, step: usize, answer: &Answer) -> Result<(), Fault> {
        let (request_id, cause) = match answer {
            Answer::Done { request_id } => (request_id.clone(), None),
            Answer::ConditionFailed => (None, None),
            Answer::Unclear { cause } => (None, Some(cause.clone())),
            Answer::Refused(fault) => (None, Some(fault.cause.clone())),
        };
        let said = Event::Answered {
            plan: plan.id.to_string(),
            step,
            answer: answer.word().to_owned(),
            cause,
        };
        self.journal.write(said, request_id).await
    }

    async fn settled(
        &self,
        plan: &Plan,
        step: usize,
        write: &Write,
        settled: &Settled,
    ) -> Result<(), Fault> {
        let said = Event::Settled {
            plan: plan.id.to_string(),
            step,
            store: write.item.slot.store(),
            outcome: settled.word(write).to_owned(),
        };
        self.journal.write(said, None).await
    }
}

/// Whether a run goes on with a plan that an earlier one began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resumed {
    Yes,
    No,
}

/// Whether an item holds the beginning of what an interrupted run was writing there.
fn was_cut_off(plan: &Plan, (item, found): (&Item, &Seen), resumed: Resumed) -> bool {
    let (Content::State(mark), Some(Cargo(bytes))) = (&found.content, &plan.cargo) else {
        return false;
    };
    resumed == Resumed::Yes && item.slot.can_tear() && mark.is_cut_from(bytes)
}

/// What is still to be done of a plan whose lasting writes have all arrived.
fn is_left(operation: &Operation) -> bool {
    match operation {
        Operation::Write(write) => write.releases(),
        Operation::LookAgain => true,
        Operation::SaveLocks(_)
        | Operation::SaveCandidate(_)
        | Operation::SaveState { .. }
        | Operation::SaveCopy { .. }
        | Operation::Verify { .. } => false,
    }
}

/// Reports a write that the run before has done.
fn skip(operation: &Operation, report: &mut Report) {
    if let Operation::Write(write) = operation {
        report.settled.push((write.clone(), Settled::AlreadySo));
    }
}

/// Whether the world moved under the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Yes,
    No,
}

impl Moved {
    fn of(ended: &Ended) -> Self {
        match ended {
            Ended::Moved(_) => Self::Yes,
            Ended::Settled | Ended::Failed(_) => Self::No,
        }
    }
}

fn changed(plan: &Plan, item: &Item, found: Option<&Seen>) -> Fault {
    let cause = match found {
        None => format!("{} is gone: somebody deleted it meanwhile", item.key),
        Some(_) => format!("{} was written by somebody else meanwhile", item.key),
    };
    Fault::new(plan.title.clone(), "", cause).hint("look at the newest version, then plan anew")
}

fn interrupted(plan: &Plan, step: usize) -> Fault {
    Fault::new(
        "go on with the plan to",
        plan.title.clone(),
        format!("it was interrupted before step {}", step + 1),
    )
}

#[cfg(test)]
mod kill;
#[cfg(test)]
mod local;
#[cfg(test)]
mod races;
#[cfg(test)]
mod tests;
