//! The restore of a local state: every kill, every other writer.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::incident::Author;
use crate::io::incidents::Incidents;
use crate::io::restoring::{self, TakeOver};
use crate::place::{self, Backend, Environment, Origin};
use crate::recovery::{Arming, Cargo, Confirmed};
use crate::state::Reference;

const BACKUP: &str = "terraform.tfstate.backup";

fn text(serial: u32) -> String {
    format!(r#"{{"version":4,"serial":{serial},"lineage":"l","outputs":{{}},"resources":[]}}"#)
}

/// A state that was cut off, its backup, and a plan to put that back.
struct Stage {
    folder: tempfile::TempDir,
    place: Place,
    remote: Remote,
    caller: Caller,
    incidents: Incidents,
    plan: Plan,
}

impl Stage {
    async fn of(state: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform.tfstate");
        fs::write(&path, state).unwrap();
        fs::write(folder.path().join(BACKUP), text(6)).unwrap();
        let place = Place {
            directory: Some(folder.path().to_owned()),
            workspace: "default".into(),
            backend: Backend::Local(place::Local { path }),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        let remote = Remote::open(&place).await.unwrap();
        let home = folder.path().join("home").display().to_string();
        let environment: Environment = [("HOME".to_owned(), home)].into_iter().collect();
        let reference: Reference = BACKUP.parse().unwrap();
        let asked = restoring::Wanted::of(&reference, &TakeOver::Nothing);
        let planned = restoring::restoration(&place, &remote, &environment, asked).await;
        Self {
            caller: remote.caller().await.unwrap(),
            incidents: Incidents::at(folder.path().join("incidents")),
            plan: planned.map_err(restoring::Unplanned::fault).unwrap().plan,
            place,
            remote,
            folder,
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("terraform.tfstate")
    }

    fn bytes(&self) -> Vec<u8> {
        let Some(Cargo(bytes)) = &self.plan.cargo else {
            panic!("a restore has bytes");
        };
        bytes.to_vec()
    }

    /// The position of the write among the steps.
    fn write(&self) -> usize {
        let mut steps = self.plan.steps.iter();
        let write = steps.position(|step| matches!(step.operation, Operation::Write(_)));
        write.unwrap()
    }

    async fn entered(&self) -> Journal {
        let author = Author {
            caller: self.caller.arn.clone(),
            user: self.caller.arn.clone(),
            tfsos: "0".into(),
        };
        let entered = self.incidents.enter("local", author, Timestamp::now());
        entered.await.unwrap()
    }

    /// What stands in the journal while the write is on its way.
    async fn journal_a_send(&self) {
        let Operation::Write(write) = &self.plan.steps[self.write()].operation else {
            panic!("it is a write");
        };
        let sent = Event::Sent {
            plan: self.plan.id.to_string(),
            step: self.write(),
            operation: write.word().to_owned(),
            target: write.target(),
        };
        self.entered().await.write(sent, None).await.unwrap();
    }

    async fn run(&self, stop: &Stop, on: &mut (dyn FnMut(Progress) + Send)) -> Report {
        let journal = self.entered().await;
        let executor = Executor {
            place: &self.place,
            caller: &self.caller,
            remote: &self.remote,
            journal: &journal,
            stop,
        };
        let name = self.place.short_name();
        let arming = Arming::typed(&self.place, &self.caller, &name, Timestamp::now());
        let authority = Authority::Armed {
            arming: arming.unwrap(),
            confirmed: Confirmed::typed(BACKUP, BACKUP).into_iter().collect(),
        };
        executor.run(&self.plan, &authority, on).await
    }

    /// Runs it until this step is done, and is killed there.
    fn killed_after(&self, last: usize) {
        kill::mortal(|| async {
            let (sender, mut killed) = tokio::sync::mpsc::unbounded_channel();
            let mut watch = move |progress: Progress| {
                if progress == (Progress::Done { step: last }) {
                    let _ = sender.send(());
                }
            };
            let stop = Stop::default();
            tokio::select! {
                biased;
                _ = killed.recv() => {}
                report = self.run(&stop, &mut watch) => {
                    assert_eq!(report.outcome, Outcome::Done, "only after the last step: {report:?}");
                }
            }
        });
    }

    async fn resumed(&self) -> Report {
        self.run(&Stop::default(), &mut |_| {}).await
    }
}

#[tokio::test]
async fn killed_after_any_step_it_goes_on_to_the_same_end() {
    for last in 0..=Stage::of("{").await.write() {
        let stage = Stage::of("{").await;
        stage.killed_after(last);
        if last == stage.write() {
            // All that it was to write is written.
            assert_eq!(fs::read(stage.state()).unwrap(), stage.bytes());
            continue;
        }
        let report = stage.resumed().await;
        assert_eq!(
            report.outcome,
            Outcome::Done,
            "after step {last}: {report:?}"
        );
        assert_eq!(fs::read(stage.state()).unwrap(), stage.bytes());
    }
}

#[tokio::test]
async fn a_write_that_was_killed_in_the_middle_is_finished() {
    for cut in [0, 1, 40] {
        let stage = Stage::of("{").await;
        stage.killed_after(stage.write() - 1);
        stage.journal_a_send().await;
        fs::write(stage.state(), &stage.bytes()[..cut]).unwrap();
        let report = stage.resumed().await;
        assert_eq!(report.outcome, Outcome::Done, "{cut} bytes: {report:?}");
        assert_eq!(fs::read(stage.state()).unwrap(), stage.bytes());
    }
}

#[tokio::test]
async fn what_somebody_else_wrote_meanwhile_is_never_overwritten() {
    for step in 0..=Stage::of("{").await.write() {
        let stage = Stage::of("{").await;
        let path = stage.state();
        let mut intrude = |progress: Progress| {
            if progress == (Progress::Started { step }) {
                fs::write(&path, text(99)).unwrap();
            }
        };
        let report = stage.run(&Stop::default(), &mut intrude).await;
        assert_ne!(report.outcome, Outcome::Done, "before step {step}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text(99));
    }
}

#[tokio::test]
async fn the_beginning_of_a_state_is_an_ordinary_state_to_a_plan_that_begins() {
    let stage = Stage::of("{").await;
    fs::write(stage.state(), &stage.bytes()[..40]).unwrap();
    let report = stage.resumed().await;
    assert_eq!(report.outcome, Outcome::Refused, "{report:?}");
    assert_eq!(fs::read(stage.state()).unwrap(), stage.bytes()[..40]);
}

#[tokio::test]
async fn what_stood_there_is_kept_beside_it_as_a_version() {
    let stage = Stage::of("{\"serial\":").await;
    assert_eq!(stage.resumed().await.outcome, Outcome::Done);
    let versions = stage.remote.versions(9).await.unwrap().list;
    let mut kept = Vec::new();
    for version in &versions {
        kept.push(stage.remote.body(&version.id).await.unwrap().to_vec());
    }
    assert_eq!(versions.len(), 3);
    assert!(kept.contains(&b"{\"serial\":".to_vec()));
    let undo = &stage.plan.undo;
    assert!(undo.by_hand.is_empty(), "it would not load: {undo:?}");
    assert!(undo.says.contains(&versions[1].id.0), "{undo:?}");
}
