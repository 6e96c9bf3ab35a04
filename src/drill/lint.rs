//! What a scenario's author got wrong, as sentences. What would make a scene
//! impossible is a fault of [`Scene::of`](super::Scene::of) already; here are
//! the things that would only make it untrue.

use jiff::Timestamp;

use super::catalog::Catalog;
use super::scenario::{Scenario, Store};
use super::scene::Scene;
use super::transcript::{Locking, Step};
use crate::runbook::Shelf;

impl Scenario {
    /// Everything that is wrong with a scenario; nothing for a sound one.
    pub fn lint(&self, id: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let mut require = |holds: bool, problem: String| {
            if !holds {
                problems.push(problem);
            }
        };
        require(
            self.id == id,
            format!("its id is {} and its file {id}", self.id),
        );
        require(
            !self.solved.is_empty(),
            "nothing says when it is solved".into(),
        );
        let runbooks = Shelf::built_in();
        require(
            runbooks.find(&self.runbook).is_some(),
            format!("there is no runbook {}", self.runbook),
        );
        require(!self.versions.is_empty(), "it has no version".into());
        let ages = self.versions.windows(2).all(|two| two[0].ago > two[1].ago);
        require(
            ages,
            "its versions are not in the order of their age".into(),
        );
        for lock in &self.locks {
            let removed = lock.removed.iter().map(|removal| removal.store);
            for store in lock.stores.iter().copied().chain(removed) {
                require(
                    self.has(store),
                    format!(
                        "the lock of {} is in a store that the place has not",
                        lock.who
                    ),
                );
            }
            let later = lock.removed.iter().all(|removal| removal.ago < lock.ago);
            require(
                later,
                format!("the lock of {} was removed before it was taken", lock.who),
            );
        }
        if let Some(log) = &self.log {
            require(
                !log.file.contains(['/', '\\']),
                format!("the log {} is no plain file name", log.file),
            );
            for run in &log.runs {
                let own = self.locks.iter().any(|lock| lock.who == run.who);
                let asks = |outcome| run.steps.contains(&Step::Lock(outcome));
                require(
                    own || !asks(Locking::Taken),
                    format!("{} takes a lock that the scenario has not", run.who),
                );
                require(
                    !self.locks.is_empty() || !asks(Locking::Held),
                    format!("{} meets a lock, and there is none", run.who),
                );
            }
            let ages = log.runs.windows(2).all(|two| two[0].ago > two[1].ago);
            require(ages, "its runs are not in the order of their age".into());
        }
        if let Ok(catalog) = Catalog::built_in() {
            problems.extend(catalog.lint());
        }
        // Any moment and seed will do: neither changes what can be played.
        if let Err(fault) = Scene::of(self, 0, Timestamp::UNIX_EPOCH) {
            problems.push(fault.to_string());
        }
        problems
    }

    fn has(&self, store: Store) -> bool {
        match store {
            Store::S3 => self.place.use_lockfile,
            Store::DynamoDb => self.place.table.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_scenario_is_sound() {
        for id in Scenario::ids() {
            let scenario = Scenario::built_in(id).unwrap();
            assert_eq!(scenario.lint(id), Vec::<String>::new());
        }
    }

    #[test]
    fn an_unsound_scenario_is_told_what_is_wrong() {
        let mut scenario = Scenario::built_in(crate::drill::DEMO).unwrap();
        scenario.runbook = "nowhere".into();
        scenario.place.table = None;
        scenario.versions.reverse();
        scenario.locks[0].who = "somebody else".into();
        let problems = scenario.lint("other").join("\n");
        for part in [
            "its file other",
            "no runbook nowhere",
            "place has not",
            "order of their age",
            "takes a lock",
            "is not there",
        ] {
            assert!(problems.contains(part), "{part} is not in:\n{problems}");
        }
    }
}
