//! One playing of a scenario.

use std::path::PathBuf;

use jiff::Timestamp;

use super::scenario::Scenario;
use super::scene::Scene;
use crate::fault::Fault;

/// Which scenario is played, from which seed, since when, and in which folder.
/// The same values always give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    pub scenario: String,
    pub seed: u64,
    pub start: Timestamp,
    /// A private folder that holds nothing else.
    pub folder: PathBuf,
}

impl Rehearsal {
    /// The scenario with its bytes.
    pub fn scene(&self) -> Result<Scene, Fault> {
        Scene::of(&Scenario::built_in(&self.scenario)?, self.seed, self.start)
    }

    /// Where the sandbox stands once it is built.
    pub fn sandbox(&self) -> PathBuf {
        self.folder.join("sandbox")
    }

    /// The log that is being written, if the scenario has one.
    pub fn log(&self) -> Result<Option<PathBuf>, Fault> {
        let scenario = Scenario::built_in(&self.scenario)?;
        Ok(scenario.log.map(|log| self.folder.join(log.file)))
    }
}
