//! Releases and re-takes on a sandbox: every step, every stop, every race.

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

    async fn run(&self, authority: &Authority, on: &mut (dyn FnMut(Progress) + Send)) -> Report {
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
