//! A scenario at a moment: the exact bytes of every version, lock item and log
//! record, computed from a seed and the time it starts. The same seed and time
//! give the same scene, byte for byte.

use jiff::Timestamp;

use super::catalog::Catalog;
use super::history::{self, Written};
use super::hold::{self, Claim};
use super::pattern::Pattern;
use super::project::Project;
use super::scenario::{Lock, Scenario, Stage, Store};
use super::transcript::{Act, Call, Played, Run, Step, Target, Transcript};
use crate::fault::Fault;
use crate::lock::Holder;
use crate::runbook::Check;
use crate::state::Address;

/// Everything that is to be put into a sandbox.
#[derive(Debug)]
pub struct Scene {
    pub stage: Stage,
    /// Oldest first.
    pub versions: Vec<Written>,
    /// Every lock that was taken, oldest first.
    pub holds: Vec<Hold>,
    /// The name and the records of the log.
    pub log: Option<(String, Transcript)>,
    pub solved: Vec<Check>,
    pub runbook: String,
}

/// A lock with its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub at: Timestamp,
    pub bytes: Vec<u8>,
    /// Each store it was taken in, and when it was given back there.
    pub stores: Vec<(Store, Option<Timestamp>)>,
}

impl Scene {
    /// Computes a scene; the fault says what the scenario's file has wrong.
    pub fn of(scenario: &Scenario, seed: u64, start: Timestamp) -> Result<Self, Fault> {
        let trouble = |cause: String| Fault::new("play the scenario", scenario.id.as_str(), cause);
        let catalog = Catalog::built_in()?;
        let (versions, project) =
            history::play(scenario, &catalog, seed, start).map_err(trouble)?;
        let left: Vec<(Holder, &Lock)> = scenario
            .locks
            .iter()
            .enumerate()
            .map(|(number, lock)| (holder(scenario, lock, number, seed, start), lock))
            .collect();
        let mut holds = passing(scenario, &versions, seed);
        holds.extend(left.iter().map(|(holder, lock)| hold(holder, lock, start)));
        holds.sort_by_key(|hold| hold.at);
        let log = scenario.log.as_ref().map(|log| {
            let known = Known {
                catalog: &catalog,
                project: &project,
                locks: left.iter().map(|(holder, _)| holder).collect(),
            };
            let runs = log.runs.iter().map(|run| known.played(run, start));
            let terraform = scenario.state.terraform.clone();
            let stage = scenario.place.clone();
            Ok((
                log.file.clone(),
                Transcript::new(runs.collect::<Result<_, String>>()?, stage, terraform, seed),
            ))
        });
        Ok(Self {
            stage: scenario.place.clone(),
            versions,
            holds,
            log: log.transpose().map_err(trouble)?,
            solved: scenario.solved.clone(),
            runbook: scenario.runbook.clone(),
        })
    }
}

/// The locks under which the versions were written, each given back at its end.
fn passing(scenario: &Scenario, versions: &[Written], seed: u64) -> Vec<Hold> {
    let stage = &scenario.place;
    let mut stores = Vec::new();
    stores.extend(stage.use_lockfile.then_some(Store::S3));
    stores.extend(stage.table.is_some().then_some(Store::DynamoDb));
    let numbered = versions.iter().enumerate();
    let held = numbered.filter_map(|(number, version)| Some((number, version, version.locked?)));
    held.map(|(number, version, at)| {
        let claim = Claim {
            who: &version.writer,
            operation: "OperationTypeApply",
            terraform: &scenario.state.terraform,
            at,
            number: scenario.locks.len() + number,
        };
        let given_back = |store: &Store| (*store, Some(version.at));
        Hold {
            at,
            bytes: hold::json(&hold::taken(&claim, stage, seed)),
            stores: stores.iter().map(given_back).collect(),
        }
    })
    .collect()
}

fn holder(scenario: &Scenario, lock: &Lock, number: usize, seed: u64, start: Timestamp) -> Holder {
    let claim = Claim {
        who: &lock.who,
        operation: &lock.operation,
        terraform: &scenario.state.terraform,
        at: start - lock.ago,
        number,
    };
    hold::taken(&claim, &scenario.place, seed)
}

fn hold(holder: &Holder, lock: &Lock, start: Timestamp) -> Hold {
    let kept = lock.stores.iter().map(|store| (*store, None));
    let removed = lock.removed.iter();
    let removed = removed.map(|removal| (removal.store, Some(start - removal.ago)));
    Hold {
        at: start - lock.ago,
        bytes: hold::json(holder),
        stores: kept.chain(removed).collect(),
    }
}

/// What the steps of a log refer to.
struct Known<'a> {
    catalog: &'a Catalog,
    project: &'a Project<'a>,
    locks: Vec<&'a Holder>,
}

impl Known<'_> {
    fn played(&self, run: &Run, start: Timestamp) -> Result<Played, String> {
        let own = self.locks.iter().find(|lock| lock.who == run.who);
        let lock = own.or(self.locks.first()).map(|lock| (*lock).clone());
        let acts = run.steps.iter().map(|step| {
            Ok(Act {
                step: step.clone(),
                targets: self.targets(step)?,
            })
        });
        Ok(Played {
            at: start - run.ago,
            command: run.command.clone(),
            who: run.who.clone(),
            lock,
            acts: acts.collect::<Result<_, String>>()?,
        })
    }

    fn targets(&self, step: &Step) -> Result<Vec<Target>, String> {
        let patterns: &[Pattern] = match step {
            Step::Refresh(refresh) => &refresh.of,
            Step::Storm(gale) => &gale.of,
            Step::Apply(change) => std::slice::from_ref(&change.of),
            Step::Fail(failure) => std::slice::from_ref(&failure.of),
            Step::Lock(_) | Step::Read | Step::Wait(_) | Step::Say(_) | Step::End => &[],
        };
        let addresses = patterns.iter().flat_map(Pattern::instances);
        addresses.map(|address| self.target(&address)).collect()
    }

    fn target(&self, address: &Address) -> Result<Target, String> {
        let id = self.project.id(address);
        let id = id.ok_or_else(|| format!("the log names {address}, which no version has"))?;
        let kind = self.catalog.kind(&address.resource.kind);
        let read_by = kind.and_then(|kind| kind.read_by.as_deref());
        Ok(Target {
            address: address.to_string(),
            kind: address.resource.kind.to_string(),
            id: id.to_owned(),
            call: read_by.and_then(Call::read),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::drill::{DEMO, DigestItem, Record};
    use crate::log::{self, Index, Level, Levels};
    use crate::state::{Reading, Serial};

    fn start() -> Timestamp {
        "2026-11-22T02:14:07Z".parse().unwrap()
    }

    fn demo(seed: u64) -> Scene {
        Scene::of(&Scenario::built_in(DEMO).unwrap(), seed, start()).unwrap()
    }

    fn records(scene: Scene, until: SignedDuration) -> Vec<Record> {
        let (_, transcript) = scene.log.unwrap();
        transcript
            .take_while(|record| record.at <= start() + until)
            .collect()
    }

    #[test]
    fn a_seed_and_a_time_give_the_same_bytes() {
        let (one, two) = (demo(7), demo(7));
        assert_eq!(one.versions, two.versions);
        assert_eq!(one.holds, two.holds);
        let minute = SignedDuration::from_mins(1);
        assert_eq!(records(one, minute), records(two, minute));
        assert_ne!(demo(8).versions, demo(7).versions);
    }

    #[test]
    fn the_history_is_what_the_scenario_claims() {
        let scene = demo(7);
        let (torn, whole) = scene.versions.split_last().unwrap();
        let mut resources = Vec::new();
        for version in whole {
            let reading = Reading::of(version.bytes.as_deref().unwrap());
            let Reading::Whole(snapshot) = &reading else {
                panic!("serial {} does not parse: {reading:?}", version.serial);
            };
            assert_eq!(snapshot.header().serial, Some(Serial(version.serial)));
            resources.push(snapshot.listed().len());
        }
        assert_eq!(resources, [141, 143, 143, 183, 222, 223, 223]);
        let reading = Reading::of(torn.bytes.as_deref().unwrap());
        let Reading::Damaged { damage, .. } = reading else {
            panic!("the newest version parses");
        };
        assert!(
            damage.to_string().contains("in the middle of a string"),
            "{damage}"
        );
        assert_eq!(torn.digest, DigestItem::Left);
    }

    #[test]
    fn one_store_still_holds_the_lock_that_no_version_gave_back() {
        let scene = demo(7);
        let left: Vec<_> = scene
            .holds
            .iter()
            .filter(|hold| hold.stores.iter().any(|(_, back)| back.is_none()))
            .collect();
        assert_eq!(left.len(), 1);
        let holder = Holder::read(&left[0].bytes).unwrap();
        assert_eq!(holder.who, "ci@runner-12");
        assert_eq!(left[0].stores[0], (Store::DynamoDb, None));
        let mut ids: Vec<_> = scene
            .holds
            .iter()
            .map(|hold| Holder::read(&hold.bytes).unwrap().id)
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), scene.holds.len());
    }

    #[test]
    fn every_record_of_the_log_is_one_that_hclog_writes() {
        let records = records(demo(7), SignedDuration::from_hours(1));
        assert!(records.len() > 5_000, "{}", records.len());
        assert!(records.windows(2).all(|two| two[0].at <= two[1].at));
        // Decoding masks secrets, which takes its time: not every record has to be.
        for record in records.iter().step_by(29) {
            let parts = log::Record::decode(record.text.as_bytes(), record.text.len() as u64).parts;
            let at = parts.at.expect(&record.text);
            assert_eq!(at.0, record.at.as_millisecond(), "{}", record.text);
        }
        let text: String = records.iter().map(|record| record.text.as_str()).collect();
        let mut index = Index::default();
        index.append(&log::scan(text.as_bytes()), None);
        assert_eq!(index.records() as usize, records.len());
        assert_eq!(index.count(Levels::Exactly(Level::Error)), 4);
    }

    #[test]
    fn the_log_is_being_written_while_it_is_watched() {
        let live = |record: &&Record| record.at > start();
        let records = records(demo(7), SignedDuration::from_mins(1));
        let live = records.iter().filter(live).count();
        assert!((100..1_000).contains(&live), "{live}");
    }
}
