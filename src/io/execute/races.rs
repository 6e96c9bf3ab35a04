//! Every plan, stopped, killed, failed or met by another writer at every step:
//! it never overwrites what somebody else wrote, never loses a version, and
//! always leaves either nothing of its own or a point from which it goes on.

mod intruders;

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::app::plan::Ask;
use crate::incident::Author;
use crate::io::incidents::{self, Incidents};
use crate::io::observe;
use crate::io::restoring::{self, TakeOver, Unplanned, own_lock, restoration};
use crate::io::sandbox::Builder;
use crate::lock::errand::is_ours;
use crate::lock::{Body, Store};
use crate::place::{self, Backend, Environment, Origin};
use crate::recovery::release::Wanted;
use crate::recovery::{Arming, Confirmed, Mark, Standing, digest, freeze, retake, take_over};
use crate::state::{Reading, Reference, Serial, VersionId};

const LOCK: &str = r#"{"ID":"a1b2c3d4","Who":"ci@runner","Operation":"OperationTypeApply"}"#;
const OTHER: &str = r#"{"ID":"ffffffff","Who":"eve@laptop","Operation":"OperationTypeApply"}"#;

/// One kind of plan, with what it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Release,
    /// The lock that was let go, again.
    Retake,
    TakeOver,
    /// A torn state under no lock.
    Restore,
    /// A torn state under a stale lock in both stores.
    RestoreTakingOver,
    /// A torn state under a lock that was taken over before.
    RestoreUnderOurs,
    /// A state behind a delete marker.
    Undelete,
    /// The restore of what a restore replaced.
    Undo,
    Digest,
    Freeze,
    Thaw,
}

const CASES: [Case; 11] = [
    Case::Release,
    Case::Retake,
    Case::TakeOver,
    Case::Restore,
    Case::RestoreTakingOver,
    Case::RestoreUnderOurs,
    Case::Undelete,
    Case::Undo,
    Case::Digest,
    Case::Freeze,
    Case::Thaw,
];

/// A sandbox in the state that a plan is for, and the plan.
struct Stage {
    folder: TempDir,
    builder: Builder,
    place: Place,
    caller: Caller,
    remote: Remote,
    environment: Environment,
    plan: Option<Plan>,
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

fn body(text: &str) -> Body {
    Body::Bytes(text.as_bytes().to_vec())
}

/// What stands at the place, as a person compares it; an id of ours is chance.
#[derive(Debug, Clone, PartialEq, Eq)]
struct World {
    serial: Option<Serial>,
    digest: Option<String>,
    locks: Vec<String>,
    md5: Option<String>,
}

impl Stage {
    async fn of(case: Case) -> Self {
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
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::Sandbox(sandbox),
            origin: Origin::Sandbox,
            divergences: Vec::new(),
        };
        let remote = Remote::open(&place).await.unwrap();
        let home = folder.path().join("state").display().to_string();
        let mut stage = Self {
            caller: remote.caller().await.unwrap(),
            environment: Environment::default().with("XDG_STATE_HOME", &home),
            folder,
            builder,
            place,
            remote,
            plan: None,
        };
        stage.plan = Some(stage.prepared(case).await);
        stage
    }

    fn locked(&self) {
        for store in [Store::S3, Store::DynamoDb] {
            self.builder.lock(store, &body(LOCK), at(2)).unwrap();
        }
    }

    fn torn(&self) {
        self.builder.state(&state(8)[..40], at(3)).unwrap();
    }

    async fn standing(&self) -> Standing {
        observe::standing(&self.place, &self.remote, &self.environment, at(9)).await
    }

    async fn restore(&self, reference: &Reference, take_over: &TakeOver) -> Plan {
        let wanted = restoring::Wanted::of(reference, take_over);
        let planned = restoration(&self.place, &self.remote, &self.environment, wanted).await;
        planned.map_err(Unplanned::fault).unwrap().plan
    }

    /// The place as the case has it, and the plan for it.
    async fn prepared(&self, case: Case) -> Plan {
        let wanted = Wanted::Id("a1b2c3d4".into());
        let own = || own_lock(&self.place, &self.environment, at(9));
        match case {
            Case::Release => {
                self.locked();
                self.standing()
                    .await
                    .release(&self.place, &wanted, at(9))
                    .unwrap()
            }
            Case::Retake => {
                self.locked();
                let release = self
                    .standing()
                    .await
                    .release(&self.place, &wanted, at(9))
                    .unwrap();
                self.done(&release).await;
                retake::plan(&self.place, &release, at(10)).unwrap()
            }
            Case::TakeOver => {
                self.locked();
                self.torn();
                let (standing, own) = (self.standing().await, own().await.unwrap());
                take_over::plan(&self.place, &standing, &wanted, (&own, at(9))).unwrap()
            }
            Case::Restore => {
                self.torn();
                self.restore(&Reference::LastGood, &TakeOver::Nothing).await
            }
            Case::RestoreTakingOver => {
                self.locked();
                self.torn();
                self.restore(&Reference::LastGood, &TakeOver::WhatIsHeld)
                    .await
            }
            Case::RestoreUnderOurs => {
                let over = Box::pin(self.prepared(Case::TakeOver)).await;
                self.done(&over).await;
                self.restore(&Reference::LastGood, &TakeOver::Nothing).await
            }
            Case::Undelete => {
                self.builder.delete_state(at(3)).unwrap();
                self.restore(&Reference::LastGood, &TakeOver::Nothing).await
            }
            Case::Undo => {
                let former = self.restore(&Reference::Previous, &TakeOver::Nothing).await;
                self.done(&former).await;
                let ask = Ask::Undo(Arc::new(former));
                restoring::prepare(&self.place, &self.remote, &self.environment, &ask)
                    .await
                    .unwrap()
            }
            Case::Digest => {
                self.builder
                    .digest("00000000000000000000000000000000")
                    .unwrap();
                let scene = crate::io::restoring::Scene::of(
                    &self.place,
                    &self.remote,
                    &self.environment,
                    at(9),
                );
                let scene = scene.await.unwrap();
                digest::plan(&self.place, &scene.standing, scene.present.as_ref(), at(9)).unwrap()
            }
            Case::Freeze => {
                let (standing, own) = (self.standing().await, own().await.unwrap());
                freeze::plan(&self.place, &standing, (&own, "thinking"), at(9)).unwrap()
            }
            Case::Thaw => {
                let frozen = Box::pin(self.prepared(Case::Freeze)).await;
                self.done(&frozen).await;
                freeze::thaw(&self.place, &self.standing().await, &frozen.lock, at(10)).unwrap()
            }
        }
    }

    fn plan(&self) -> &Plan {
        self.plan.as_ref().unwrap()
    }

    fn incidents(&self) -> Incidents {
        Incidents::of(&self.environment).unwrap()
    }

    async fn journal(&self, plan: &Plan) -> Journal {
        let author = Author {
            caller: "ada@laptop".into(),
            user: "ada@laptop".into(),
            tfsos: "0".into(),
        };
        let identity = incidents::identity(&self.place);
        let incidents = self.incidents();
        let entered = incidents.enter_for(plan, &identity, (author, at(9))).await;
        entered.unwrap()
    }

    async fn done(&self, plan: &Plan) {
        let report = self.run(plan, &Stop::default(), &mut |_| {}).await;
        assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    }

    async fn run(&self, plan: &Plan, stop: &Stop, on: &mut (dyn FnMut(Progress) + Send)) -> Report {
        let journal = self.journal(plan).await;
        let short = self.place.short_name();
        let arming = Arming::typed(&self.place, &self.caller, &short, Timestamp::now());
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

    /// The plan as another process finds it in the incident folder; it must be named there.
    async fn found_again(&self) -> Option<Plan> {
        let identity = incidents::identity(&self.place);
        let (id, reading) = self.incidents().open_at(&identity).await.unwrap()?;
        let open = crate::incident::open_plans(&reading.entries).pop()?;
        self.incidents().plan(&id, &open).await.unwrap()
    }

    async fn world(&self) -> World {
        let survey = self.remote.survey().await;
        let current = self.remote.current().await.unwrap();
        let reading = current
            .as_ref()
            .map(|current| Reading::of(current.bytes.clone()));
        let locks = survey.held().map(|seen| match seen.holder() {
            Some(holder) if is_ours(&holder) => "ours".to_owned(),
            holder => holder.unwrap_or_default().id,
        });
        let digest = survey.digest.clone().unwrap().unwrap();
        World {
            serial: reading.and_then(|reading| reading.header()?.serial),
            digest: digest.map(|digest| digest.stored),
            locks: locks.collect(),
            md5: current.map(|current| Mark::of(&current.bytes).md5),
        }
    }

    async fn versions(&self) -> Vec<VersionId> {
        let versions = self.remote.versions(100).await.unwrap();
        versions
            .list
            .into_iter()
            .map(|version| version.id)
            .collect()
    }

    /// Whatever the run came to, the plan is at its end afterwards, or nothing of it stands.
    async fn settled(&self, report: Option<&Report>, before: &World, goal: &World, what: &str) {
        let now = self.world().await;
        let outcome = report.map(|report| report.outcome);
        match outcome {
            Some(Outcome::Done) => assert_eq!(now, *goal, "{what}"),
            Some(Outcome::Failed | Outcome::Refused) => {
                assert_eq!(now, *before, "{what}: {report:?}");
            }
            Some(Outcome::Planned) => panic!("{what}: {report:?}"),
            // Left open, or killed.
            Some(Outcome::Open) | None => {
                let Some(plan) = self.found_again().await else {
                    assert_eq!(outcome, None, "{what}: an open plan can be found again");
                    assert!(now == *goal || now == *before, "{what}: {now:?}");
                    return;
                };
                let again = self.run(&plan, &Stop::default(), &mut |_| {}).await;
                let after = self.world().await;
                assert_eq!(
                    (again.outcome, &after),
                    (Outcome::Done, goal),
                    "{what}: {again:?}"
                );
            }
        }
    }
}

/// What the plan comes to where nothing goes wrong.
async fn goal(case: Case) -> World {
    let stage = Stage::of(case).await;
    let before = stage.versions().await;
    stage.done(stage.plan()).await;
    let after = stage.versions().await;
    assert!(after.ends_with(&before), "{case:?}: nothing is lost");
    let writes = stage
        .plan()
        .writes()
        .any(|write| !write.is_about_a_lock() && write.item.slot.store() == Store::S3);
    assert_eq!(after.len(), before.len() + usize::from(writes), "{case:?}");
    stage.world().await
}

#[tokio::test]
async fn each_plan_comes_to_what_it_is_for() {
    let digest = Some(Mark::of(&state(7)).md5);
    for case in CASES {
        let world = goal(case).await;
        let ours = ["ours", "ours"].map(str::to_owned).to_vec();
        let (serial, locks) = match case {
            Case::Release | Case::Digest | Case::Thaw => (Some(7), Vec::new()),
            Case::Retake => (Some(7), vec!["a1b2c3d4".to_owned(); 2]),
            Case::Freeze => (Some(7), ours),
            Case::TakeOver => (None, ours),
            Case::RestoreUnderOurs => (Some(8), ours),
            Case::Restore | Case::RestoreTakingOver | Case::Undelete => (Some(8), Vec::new()),
            Case::Undo => (Some(9), Vec::new()),
        };
        assert_eq!(
            (world.serial, &world.locks),
            (serial.map(Serial), &locks),
            "{case:?}"
        );
        match case {
            Case::TakeOver => assert_eq!(world.digest, digest, "untouched"),
            _ => assert_eq!(world.digest, world.md5, "{case:?}"),
        }
    }
}

#[tokio::test]
async fn a_stop_before_any_step_leaves_nothing_or_a_plan_that_goes_on() {
    for case in CASES {
        let goal = goal(case).await;
        let steps = Stage::of(case).await.plan().steps.len();
        for number in 0..steps {
            let stage = Stage::of(case).await;
            let (before, versions) = (stage.world().await, stage.versions().await);
            let stop = Stop::default();
            let asked = stop.clone();
            let mut seen = 0;
            if number == 0 {
                stop.ask();
            }
            let mut on = |progress: Progress| {
                if matches!(progress, Progress::Done { .. }) {
                    seen += 1;
                    if seen == number {
                        asked.ask();
                    }
                }
            };
            let report = stage.run(stage.plan(), &stop, &mut on).await;
            let what = format!("{case:?} stopped before step {number}");
            stage.settled(Some(&report), &before, &goal, &what).await;
            assert!(stage.versions().await.ends_with(&versions), "{what}");
        }
    }
}

/// A kill leaves the journal and the place as they are; nothing is given back.
#[tokio::test]
async fn a_kill_in_or_after_any_step_is_gone_on_with_from_the_journal() {
    for case in CASES {
        let goal = goal(case).await;
        // Each step begins, perhaps settles, and is done: a kill at each of these.
        for number in 1..40 {
            let stage = Stage::of(case).await;
            let (before, versions) = (stage.world().await, stage.versions().await);
            let ended = kill::mortal(|| async {
                let (sender, mut killed) = tokio::sync::mpsc::unbounded_channel();
                let (stop, mut seen) = (Stop::default(), 0);
                let mut on = |_: Progress| {
                    seen += 1;
                    if seen == number {
                        let _ = sender.send(());
                    }
                };
                tokio::select! {
                    biased;
                    _ = killed.recv() => None,
                    report = stage.run(stage.plan(), &stop, &mut on) => Some(report),
                }
            });
            if ended.is_some() {
                break;
            }
            let what = format!("{case:?} killed at {number}");
            stage.settled(None, &before, &goal, &what).await;
            assert!(stage.versions().await.ends_with(&versions), "{what}");
        }
    }
}

/// A store that does not answer: what it holds is there again afterwards.
struct Outage {
    file: PathBuf,
    kept: PathBuf,
}

impl Outage {
    fn of(stage: &Stage, file: &str) -> Self {
        let file = stage.folder.path().join("sandbox").join(file);
        let kept = file.with_extension("kept");
        fs::rename(&file, &kept).unwrap();
        fs::create_dir(&file).unwrap();
        Self { file, kept }
    }

    fn end(self) {
        fs::remove_dir(&self.file).unwrap();
        fs::rename(&self.kept, &self.file).unwrap();
    }
}

#[tokio::test]
async fn a_store_that_fails_at_any_step_leaves_a_plan_that_goes_on_or_begins_again() {
    for case in CASES {
        let goal = goal(case).await;
        let steps = Stage::of(case).await.plan().steps.len();
        for (store, number) in ["bucket/index.json", "table/items.json"]
            .into_iter()
            .flat_map(|store| (0..steps).map(move |number| (store, number)))
        {
            let stage = Stage::of(case).await;
            let versions = stage.versions().await;
            let mut outage = None;
            let mut on = |progress: Progress| {
                if progress == (Progress::Started { step: number }) && outage.is_none() {
                    outage = Some(Outage::of(&stage, store));
                }
            };
            let report = stage.run(stage.plan(), &Stop::default(), &mut on).await;
            if let Some(outage) = outage {
                outage.end();
            }
            let what = format!("{case:?}, {store} fails at step {number}");
            let now = stage.world().await;
            if report.outcome != Outcome::Done {
                // What could not even be given back is part of the same plan.
                let plan = match stage.found_again().await {
                    Some(plan) => plan,
                    None => stage.plan().clone(),
                };
                let again = stage.run(&plan, &Stop::default(), &mut |_| {}).await;
                let after = stage.world().await;
                assert_eq!(after, goal, "{what}: {report:?} {now:?} {again:?}");
            }
            assert!(stage.versions().await.ends_with(&versions), "{what}");
        }
    }
}
