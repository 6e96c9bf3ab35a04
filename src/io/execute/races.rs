//! A restore that is stopped, killed, or met by another writer at every step:
//! it never overwrites what somebody else wrote, never loses a version, and
//! always leaves a point from which the same plan goes on.

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::incident::Author;
use crate::io::incidents::Incidents;
use crate::io::restoring::{TakeOver, Unplanned, restoration};
use crate::io::sandbox::Builder;
use crate::lock::{Body, Store};
use crate::place::{self, Backend, Environment, Origin};
use crate::recovery::{Arming, Confirmed, Mark};
use crate::state::{Reading, Reference, Serial, VersionId};

const LOCK: &str = r#"{"ID":"a1b2c3d4","Who":"ci@runner","Operation":"OperationTypeApply"}"#;
const OTHER: &str = r#"{"ID":"ffffffff","Who":"eve@laptop","Operation":"OperationTypeApply"}"#;

/// Whether the state lies under a stale lock in both stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Under {
    NoLock,
    AStaleLock,
}

/// A sandbox whose newest version is torn, and the plan that restores the one before.
struct Stage {
    folder: TempDir,
    builder: Builder,
    place: Place,
    caller: Caller,
    remote: Remote,
    incidents: Incidents,
    plan: Plan,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn state(serial: u64) -> Vec<u8> {
    format!(
        "{{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": {serial},\n  \"lineage\": \"l\",\n  \"outputs\": {{}},\n  \"resources\": []\n}}\n"
    )
    .into_bytes()
}

async fn stage(under: Under) -> Stage {
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
    builder.applied(&state(6), at(1)).unwrap();
    builder.applied(&state(7), at(2)).unwrap();
    builder.state(&state(8)[..40], at(3)).unwrap();
    if under == Under::AStaleLock {
        for store in [Store::S3, Store::DynamoDb] {
            builder.lock(store, &body(LOCK), at(2)).unwrap();
        }
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
    let state = folder.path().display().to_string();
    let environment = Environment::default().with("XDG_STATE_HOME", &state);
    let planned = restoration(
        &place,
        &remote,
        &environment,
        (&Reference::LastGood, &TakeOver::WhatIsHeld),
    )
    .await;
    let plan = planned.map_err(Unplanned::fault).unwrap().plan;
    Stage {
        incidents: Incidents::at(folder.path().join("incidents")),
        folder,
        builder,
        place,
        caller,
        remote,
        plan,
    }
}

fn body(text: &str) -> Body {
    Body::Bytes(text.as_bytes().to_vec())
}

/// What stands at the place, as a person compares it.
#[derive(Debug, PartialEq, Eq)]
struct World {
    serial: Option<Serial>,
    digest: Option<String>,
    locks: Vec<String>,
    versions: Vec<VersionId>,
    md5: Option<String>,
}

impl Stage {
    async fn journal(&self) -> Journal {
        let author = Author {
            caller: "ada@laptop".into(),
            user: "ada@laptop".into(),
            tfsos: "0".into(),
        };
        let entered = self.incidents.enter("tfb/net", author, at(9)).await;
        entered.unwrap()
    }

    async fn run(&self, plan: &Plan, stop: &Stop, on: &mut (dyn FnMut(Progress) + Send)) -> Report {
        let journal = self.journal().await;
        let arming = Arming::typed(
            &self.place,
            &self.caller,
            &self.place.short_name(),
            Timestamp::now(),
        );
        let confirmed = plan.demands.iter().filter_map(|demand| {
            let exact = demand.exact();
            Confirmed::typed(&exact, &exact)
        });
        let authority = Authority::Armed {
            arming: arming.unwrap(),
            confirmed: confirmed.collect(),
        };
        let executor = Executor {
            place: &self.place,
            caller: &self.caller,
            remote: &self.remote,
            journal: &journal,
            stop,
        };
        executor.run(plan, &authority, on).await
    }

    /// The plan as another process finds it in the incident folder.
    async fn found_again(&self) -> Option<Plan> {
        let journal = self.journal().await;
        let open = journal.open_plans().first()?.clone();
        self.incidents.plan(journal.id(), &open).await.unwrap()
    }

    async fn world(&self) -> World {
        let survey = self.remote.survey().await;
        let current = self.remote.current().await.unwrap();
        let reading = current
            .as_ref()
            .map(|current| Reading::of(current.bytes.clone()));
        let locks = survey.held().map(|seen| seen.id().unwrap_or_default());
        let versions = self.remote.versions(100).await.unwrap();
        let digest = survey.digest.clone().unwrap().unwrap();
        World {
            serial: reading.and_then(|reading| reading.header()?.serial),
            digest: digest.map(|digest| digest.stored),
            locks: locks.collect(),
            versions: versions
                .list
                .into_iter()
                .map(|version| version.id)
                .collect(),
            md5: current.map(|current| Mark::of(&current.bytes).md5),
        }
    }
}

/// How many steps the plan has.
async fn steps(under: Under) -> usize {
    stage(under).await.plan.steps.len()
}

fn is_restored(world: &World) -> bool {
    world.serial == Some(Serial(8)) && world.digest == world.md5 && world.locks.is_empty()
}

#[tokio::test]
async fn a_torn_state_is_restored_under_the_next_serial_and_nothing_is_lost() {
    for under in [Under::NoLock, Under::AStaleLock] {
        let stage = stage(under).await;
        let before = stage.world().await;
        let report = stage.run(&stage.plan, &Stop::default(), &mut |_| {}).await;
        assert_eq!(report.outcome, Outcome::Done, "{under:?}: {report:?}");
        let after = stage.world().await;
        assert!(is_restored(&after), "{after:?}");
        assert_eq!(after.versions[1..], before.versions[..]);
        let current = stage.remote.current().await.unwrap().unwrap();
        assert_eq!(&*current.bytes, state(8), "only the serial differs");
    }
}

#[tokio::test]
async fn a_stop_before_any_step_leaves_nothing_half_done_or_a_plan_that_goes_on() {
    for under in [Under::NoLock, Under::AStaleLock] {
        for number in 0..steps(under).await {
            let stage = stage(under).await;
            let before = stage.world().await;
            let stop = Stop::default();
            let asked = stop.clone();
            let mut seen = 0;
            if number == 0 {
                stop.ask();
            }
            let report = stage
                .run(&stage.plan, &stop, &mut |progress| {
                    if matches!(progress, Progress::Done { .. }) {
                        seen += 1;
                        if seen == number {
                            asked.ask();
                        }
                    }
                })
                .await;
            let after = stage.world().await;
            match report.outcome {
                // What was taken was given back: the lock and the state are as they were.
                Outcome::Failed => {
                    assert_eq!(after, before, "{under:?}, step {number}: {report:?}");
                }
                Outcome::Open | Outcome::Done => {
                    let plan = stage.found_again().await;
                    if report.outcome == Outcome::Open {
                        let plan = plan.expect("an open plan can be found again");
                        let report = stage.run(&plan, &Stop::default(), &mut |_| {}).await;
                        assert_eq!(report.outcome, Outcome::Done, "{under:?}, step {number}");
                    }
                    let after = stage.world().await;
                    assert!(is_restored(&after), "{under:?}, step {number}: {after:?}");
                    assert_eq!(after.versions[1..], before.versions[..]);
                }
                Outcome::Planned | Outcome::Refused => panic!("{report:?}"),
            }
        }
    }
}

/// A kill leaves the journal and the place as they are; nothing is given back.
#[tokio::test]
async fn a_kill_after_any_step_is_gone_on_with_from_the_journal() {
    for under in [Under::NoLock, Under::AStaleLock] {
        for number in 1..steps(under).await {
            let stage = stage(under).await;
            let before = stage.world().await;
            let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
            let done = std::sync::Arc::new(AtomicBool::new(false));
            {
                let mut seen = 0;
                let stop = Stop::default();
                let mut on = |progress: Progress| {
                    if matches!(progress, Progress::Done { .. }) {
                        seen += 1;
                        if seen == number {
                            let _ = sender.send(());
                        }
                    }
                };
                let run = stage.run(&stage.plan, &stop, &mut on);
                tokio::select! {
                    biased;
                    _ = receiver.recv() => done.store(true, Ordering::Relaxed),
                    _ = run => {}
                }
            }
            let Some(plan) = stage.found_again().await else {
                // It had come to its end before it could be killed.
                assert!(is_restored(&stage.world().await));
                continue;
            };
            let report = stage.run(&plan, &Stop::default(), &mut |_| {}).await;
            let after = stage.world().await;
            assert!(
                is_restored(&after) && after.versions.ends_with(&before.versions),
                "{under:?}, killed after step {number}: {report:?} {after:?}"
            );
            assert_eq!(
                after.versions.len(),
                before.versions.len() + 1,
                "written once"
            );
        }
    }
}

/// What somebody else does between two steps.
#[derive(Debug, Clone, Copy)]
enum Intruder {
    TakesTheLockObject,
    TakesTheLockRow,
    WritesTheState,
    WritesTheDigest,
}

#[tokio::test]
async fn whoever_writes_between_two_steps_is_never_overwritten() {
    use Intruder::{TakesTheLockObject, TakesTheLockRow, WritesTheDigest, WritesTheState};
    for intruder in [
        TakesTheLockObject,
        TakesTheLockRow,
        WritesTheState,
        WritesTheDigest,
    ] {
        for number in 0..steps(Under::NoLock).await {
            let stage = stage(Under::NoLock).await;
            let before = stage.world().await;
            let intrude = || match intruder {
                TakesTheLockObject => {
                    stage.builder.lock(Store::S3, &body(OTHER), at(20)).unwrap();
                }
                TakesTheLockRow => {
                    stage
                        .builder
                        .lock(Store::DynamoDb, &body(OTHER), at(20))
                        .unwrap();
                }
                WritesTheState => {
                    stage.builder.state(&state(40), at(20)).unwrap();
                }
                WritesTheDigest => stage.builder.digest("theirs").unwrap(),
            };
            let mut seen = 0;
            let report = stage
                .run(&stage.plan, &Stop::default(), &mut |progress| {
                    if let Progress::Started { step } = progress
                        && step == number
                        && seen == 0
                    {
                        seen = 1;
                        intrude();
                    }
                })
                .await;
            let after = stage.world().await;
            let theirs = match intruder {
                TakesTheLockObject | TakesTheLockRow => {
                    after.locks.iter().any(|id| id == "ffffffff")
                }
                // Their version is in the history whatever came after it, and
                // it is current unless ours was written before.
                WritesTheState => after.versions.len() > before.versions.len(),
                WritesTheDigest => after.digest.as_deref() == Some("theirs"),
            };
            assert!(
                theirs,
                "{intruder:?} at step {number}: {report:?} {after:?}"
            );
            if let WritesTheState = intruder {
                let ours_after_theirs = after.serial == Some(Serial(8))
                    && after.versions.len() == before.versions.len() + 2
                    && report.outcome == Outcome::Done
                    && number <= 4;
                assert!(!ours_after_theirs, "at step {number}: {report:?}");
            }
            assert!(
                after.versions.ends_with(&before.versions),
                "nothing is lost"
            );
        }
    }
    drop(stage(Under::NoLock).await.folder);
}
