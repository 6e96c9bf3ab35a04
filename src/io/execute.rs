//! Runs a plan: the only caller of a remote's writes.
//!
//! Invariant: nothing is sent that was not allowed (read-only is refused
//! here, not by a key map), that was not confirmed, that does not lie where it
//! was seen, or whose intent is not already on the disk. Each write gets one
//! try; after it a look decides what became of it. A stop is heeded between
//! steps, never within one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::journal::Journal;
use super::remote::Remote;
use crate::fault::Fault;
use crate::incident::{Event, OpenPlan};
use crate::lock::{Sighting, Survey};
use crate::place::{Caller, Place};
use crate::recovery::{
    Answer, Authority, Found, Operation, Outcome, Plan, Settled, Write, answer, by_hand, outcome,
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
    Failed(Fault),
}

impl Report {
    fn refused(fault: Fault) -> Self {
        Self {
            outcome: Outcome::Refused,
            settled: Vec::new(),
            fault: Some(fault),
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
            after: None,
        };
        let begun = Event::Planned {
            plan: plan.id.to_string(),
            intent: plan.intent,
            title: plan.title.clone(),
            lock: plan.lock.clone(),
            targets: plan.writes().map(Write::target).collect(),
        };
        if let Err(fault) = self.journal.write(begun, None).await {
            report.fault = Some(fault);
            return report;
        }
        self.steps(plan, &mut report, progress).await;
        self.finish(plan, report).await
    }

    /// Ends a plan that was left open and of which nothing is left to do.
    pub async fn conclude(&self, open: &OpenPlan) -> Result<(), Fault> {
        let ended = Event::Finished {
            plan: open.plan.clone(),
            outcome: Outcome::Done.word().to_owned(),
        };
        self.journal.write(ended, None).await
    }

    async fn steps(
        &self,
        plan: &Plan,
        report: &mut Report,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) {
        for (number, step) in plan.steps.iter().enumerate() {
            if self.stop.is_asked() {
                report.fault = Some(interrupted(plan, number));
                return;
            }
            progress(Progress::Started { step: number });
            let ended = self
                .step(plan, (number, &step.operation), report, progress)
                .await;
            match ended {
                Ok(()) => progress(Progress::Done { step: number }),
                Err(Ended::Settled) => return,
                Err(Ended::Failed(fault)) => {
                    progress(Progress::Failed {
                        step: number,
                        fault: fault.clone(),
                    });
                    report.fault = Some(fault);
                    return;
                }
            }
        }
    }

    async fn step(
        &self,
        plan: &Plan,
        (number, operation): (usize, &Operation),
        report: &mut Report,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Ended> {
        match operation {
            Operation::SaveLocks(seen) => self.save(plan, seen).await.map_err(Ended::Failed),
            Operation::LookAgain => {
                report.after = Some(self.remote.survey().await);
                Ok(())
            }
            Operation::Write(write) => {
                let settled = self
                    .write(plan, number, write)
                    .await
                    .map_err(Ended::Failed)?;
                progress(Progress::Settled {
                    step: number,
                    word: settled.word(write),
                });
                // The next store may still hold what somebody took here meanwhile.
                let goes_on = settled.goes_on() || write.releases() && settled.is_ours();
                report.settled.push((write.clone(), settled));
                if goes_on { Ok(()) } else { Err(Ended::Settled) }
            }
        }
    }

    async fn save(&self, plan: &Plan, seen: &[Sighting]) -> Result<(), Fault> {
        for seen in seen {
            let name = by_hand::saved_name(seen);
            let saved = self.journal.save(name, seen.body.bytes().to_vec()).await?;
            let kept = Event::Saved {
                plan: plan.id.to_string(),
                file: saved.file,
                sha256: saved.sha256,
                bytes: saved.bytes,
            };
            self.journal.write(kept, None).await?;
        }
        Ok(())
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

    async fn finish(&self, plan: &Plan, mut report: Report) -> Report {
        report.outcome = outcome::of(&report.settled, plan.writes().count());
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

fn interrupted(plan: &Plan, step: usize) -> Fault {
    Fault::new(
        "go on with the plan to",
        plan.title.clone(),
        format!("it was interrupted before step {}", step + 1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{Author, Entry};
    use crate::io::incidents::Incidents;
    use crate::io::sandbox::Builder;
    use crate::lock::verdict::{Likelihood, Verdict};
    use crate::lock::{Body, Store};
    use crate::place::{self, Backend, Origin};
    use crate::recovery::release::{self, Request, Wanted};
    use crate::recovery::{Arming, Confirmed, Soundness, retake};

    /// A sandbox that holds the lock `a1` in both stores, and a plan to release it.
    struct Stage {
        _folder: tempfile::TempDir,
        builder: Builder,
        place: Place,
        caller: Caller,
        remote: Remote,
        incidents: Incidents,
        journal: Journal,
        stop: Stop,
        plan: Plan,
    }

    fn at() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn body(id: &str) -> Body {
        Body::Bytes(format!(r#"{{"ID":"{id}","Who":"ci@runner"}}"#).into_bytes())
    }

    async fn stage() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = place::Sandbox {
            root: folder.path().join("sandbox"),
            bucket: "tfb".into(),
            key: "net/terraform.tfstate".into(),
            table: Some("tf-locks".into()),
            use_lockfile: true,
            region: "eu-west-1".into(),
        };
        let builder = Builder::create(sandbox.clone()).unwrap();
        for store in [Store::S3, Store::DynamoDb] {
            builder.lock(store, &body("a1"), at()).unwrap();
        }
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::Sandbox(sandbox),
            origin: Origin::Sandbox,
            divergences: Vec::new(),
        };
        let remote = Remote::open(&place).await.unwrap();
        let caller = remote.caller().await.unwrap();
        let incidents = Incidents::at(folder.path().join("incidents"));
        let author = Author {
            caller: caller.arn.clone(),
            user: caller.arn.clone(),
            tfsos: "0".into(),
        };
        let entered = incidents.enter("tfb/net", author, at()).await;
        let plan = planned(&place, &remote.survey().await);
        Stage {
            builder,
            caller,
            remote,
            incidents,
            journal: entered.unwrap(),
            stop: Stop::default(),
            plan,
            place,
            _folder: folder,
        }
    }

    fn planned(place: &Place, survey: &Survey) -> Plan {
        release::plan(&Request {
            place,
            survey,
            wanted: &Wanted::Id("a1".into()),
            verdict: &Verdict {
                likelihood: Likelihood::Stale,
                signs: Vec::new(),
            },
            soundness: &Soundness::Sound,
            now: at(),
        })
        .unwrap()
    }

    impl Stage {
        fn armed(&self) -> Authority {
            let name = self.place.short_name();
            let arming = Arming::typed(&self.place, &self.caller, &name, Timestamp::now());
            Authority::Armed {
                arming: arming.unwrap(),
                confirmed: Confirmed::typed("a1", "a1").into_iter().collect(),
            }
        }

        async fn run(
            &self,
            authority: &Authority,
            on: &mut (dyn FnMut(Progress) + Send),
        ) -> Report {
            let executor = Executor {
                place: &self.place,
                caller: &self.caller,
                remote: &self.remote,
                journal: &self.journal,
                stop: &self.stop,
            };
            executor.run(&self.plan, authority, on).await
        }

        async fn held(&self) -> usize {
            self.remote.survey().await.held().count()
        }

        async fn entries(&self) -> Vec<Entry> {
            let reading = self.incidents.read(self.journal.id()).await.unwrap();
            reading.unwrap().entries
        }
    }

    fn words(report: &Report) -> Vec<&'static str> {
        report
            .settled
            .iter()
            .map(|(write, one)| one.word(write))
            .collect()
    }

    #[tokio::test]
    async fn a_lock_is_released_in_both_stores_and_every_step_is_journaled() {
        let stage = stage().await;
        let report = stage.run(&stage.armed(), &mut |_| {}).await;
        assert_eq!(report.outcome, Outcome::Done);
        assert_eq!(words(&report), ["released", "released"]);
        assert_eq!(report.after.unwrap().held().count(), 0);
        let kinds: Vec<_> = stage
            .entries()
            .await
            .iter()
            .map(|entry| match &entry.event {
                Event::Saved { .. } => "saved",
                Event::Sent { .. } => "sent",
                Event::Answered { .. } => "answered",
                Event::Settled { .. } => "settled",
                Event::Finished { .. } => "finished",
                _ => "",
            })
            .collect();
        let one = ["sent", "answered", "settled"];
        let expected = [&["", "", "saved", "saved"][..], &one, &one, &["finished"]].concat();
        assert_eq!(kinds, expected);
    }

    #[tokio::test]
    async fn read_only_is_refused_whatever_was_typed() {
        let stage = stage().await;
        let by = "--read-only".to_owned();
        let report = stage.run(&Authority::ReadOnly { by }, &mut |_| {}).await;
        assert_eq!(report.outcome, Outcome::Refused);
        assert!(report.fault.unwrap().cause.contains("--read-only"));
        assert_eq!((stage.held().await, stage.entries().await.len()), (2, 1));
    }

    #[tokio::test]
    async fn an_arming_without_the_confirmation_writes_nothing() {
        let stage = stage().await;
        let Authority::Armed { arming, .. } = stage.armed() else {
            panic!("armed() arms");
        };
        let confirmed = Confirmed::typed("b2", "b2").into_iter().collect();
        let authority = Authority::Armed { arming, confirmed };
        let report = stage.run(&authority, &mut |_| {}).await;
        assert_eq!((report.outcome, stage.held().await), (Outcome::Refused, 2));
    }

    #[tokio::test]
    async fn a_lock_that_changed_before_its_step_is_left_alone() {
        let stage = stage().await;
        stage.builder.lock(Store::S3, &body("b2"), at()).unwrap();
        let report = stage.run(&stage.armed(), &mut |_| {}).await;
        assert_eq!(report.outcome, Outcome::Refused);
        assert_eq!(words(&report), ["changed"]);
        assert_eq!(stage.held().await, 2);
    }

    #[tokio::test]
    async fn a_lock_that_changes_between_two_steps_leaves_no_half_unsaid() {
        let stage = stage().await;
        let report = stage
            .run(&stage.armed(), &mut |progress| {
                if matches!(progress, Progress::Settled { step: 1, .. }) {
                    stage
                        .builder
                        .lock(Store::DynamoDb, &body("b2"), at())
                        .unwrap();
                }
            })
            .await;
        assert_eq!(words(&report), ["released", "changed"]);
        assert_eq!(report.outcome, Outcome::Done);
        assert_eq!(stage.held().await, 1);
    }

    #[tokio::test]
    async fn a_stop_is_heeded_between_two_steps_and_leaves_the_plan_open() {
        let stage = stage().await;
        let stop = stage.stop.clone();
        let report = stage
            .run(&stage.armed(), &mut |progress| {
                if matches!(progress, Progress::Started { step: 1 }) {
                    stop.ask();
                }
            })
            .await;
        assert_eq!(
            (report.outcome, words(&report)),
            (Outcome::Open, vec!["released"])
        );
        assert_eq!(stage.held().await, 1);
        let open = crate::incident::open_plans(&stage.entries().await);
        assert_eq!(open[0].lock, "a1");
    }

    #[tokio::test]
    async fn what_was_released_can_be_taken_again_and_no_other_lock_is_overwritten() {
        let mut stage = stage().await;
        stage.run(&stage.armed(), &mut |_| {}).await;
        stage.plan = retake::plan(&stage.place, &stage.plan, at()).unwrap();
        let report = stage.run(&stage.armed(), &mut |_| {}).await;
        assert_eq!(report.outcome, Outcome::Done);
        assert_eq!(words(&report), ["done", "done"]);
        let survey = stage.remote.survey().await;
        assert!(survey.held().count() == 2 && survey.held().all(|seen| seen.body == body("a1")));

        let again = stage.run(&stage.armed(), &mut |_| {}).await;
        assert_eq!(words(&again), ["already_so", "already_so"]);
        stage.builder.lock(Store::S3, &body("b2"), at()).unwrap();
        let refused = stage.run(&stage.armed(), &mut |_| {}).await;
        assert_eq!(
            (refused.outcome, words(&refused)),
            (Outcome::Refused, vec!["changed"])
        );
    }

    #[tokio::test]
    async fn of_two_releases_at_once_each_item_is_released_by_one_only() {
        let stage = stage().await;
        let armed = stage.armed();
        let (mut left, mut right) = (|_| {}, |_| {});
        let (one, two) = tokio::join!(stage.run(&armed, &mut left), stage.run(&armed, &mut right));
        let ours = |report: &Report| words(report).iter().filter(|w| **w == "released").count();
        assert_eq!(ours(&one) + ours(&two), 2);
        assert_eq!(stage.held().await, 0);
    }
}
