//! A scenario as its file in `assets/scenarios` writes it: a place, the
//! history of a state as differences, the locks, a log, and what "solved"
//! means. Every time is an age, counted back from the moment it is played.
//!
//! Nothing here is computed: [`Scene`](super::Scene) makes the bytes.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::pattern::Pattern;
use super::project::Output;
use super::span;
use super::transcript::Run;
use crate::fault::Fault;
use crate::runbook::Check;

/// One incident that can be played.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub id: String,
    pub title: String,
    /// What happened, told afterwards.
    pub story: String,
    /// The runbook that leads out of it.
    pub runbook: String,
    /// The checks that hold once it is solved.
    #[serde(deserialize_with = "checks")]
    pub solved: Vec<Check>,
    pub place: Stage,
    pub state: Beginning,
    /// Oldest first.
    #[serde(rename = "version")]
    pub versions: Vec<Version>,
    #[serde(default, rename = "lock")]
    pub locks: Vec<Lock>,
    #[serde(default)]
    pub log: Option<Log>,
}

/// The bucket and the table that are played.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub bucket: String,
    pub key: String,
    pub region: String,
    /// For the ARNs of what the state holds.
    pub account: String,
    /// The lock table; none where the backend has none.
    #[serde(default)]
    pub table: Option<String>,
    #[serde(default)]
    pub use_lockfile: bool,
}

/// What all versions share.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// The version of Terraform that writes.
    pub terraform: String,
    /// The serial of the first version; each later one adds one.
    pub serial: u64,
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
}

/// One version of the state, as a difference to the one before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    #[serde(deserialize_with = "span::read")]
    pub ago: SignedDuration,
    /// `user@host` of whoever wrote it.
    pub writer: String,
    /// How long the lock was held for it; none where it was written without a lock.
    #[serde(default, deserialize_with = "span::read_some")]
    pub held: Option<SignedDuration>,
    /// Whether the digest item was written with it, as Terraform does.
    #[serde(default)]
    pub digest: DigestItem,
    #[serde(default)]
    pub add: Vec<Pattern>,
    #[serde(default)]
    pub remove: Vec<Pattern>,
    #[serde(default)]
    pub change: Vec<Edit>,
    #[serde(default)]
    pub taint: Vec<Pattern>,
    /// What went wrong while it was written.
    #[serde(default)]
    pub damage: Option<Damage>,
}

/// What a version does to the digest item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestItem {
    #[default]
    Written,
    /// It stays that of an older version.
    Left,
}

/// New values of attributes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub of: Pattern,
    pub set: Map<String, Value>,
}

/// How the bytes of a version differ from what Terraform would have written.
///
/// A damaged version is a copy of the one before: it has its serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// Cut in the middle of a string, after about so many percent of its bytes.
    Cut(u8),
    /// An object of 0 bytes.
    Empty,
    /// A delete marker instead of a version.
    Deleted,
}

/// A lock that was taken and not given back everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    #[serde(deserialize_with = "span::read")]
    pub ago: SignedDuration,
    pub who: String,
    /// As Terraform writes it: `OperationTypeApply`.
    pub operation: String,
    /// Where the lock item still is.
    pub stores: Vec<Store>,
    /// Where it was removed since.
    #[serde(default)]
    pub removed: Vec<Removal>,
}

/// A lock item that somebody took away by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    pub store: Store,
    #[serde(deserialize_with = "span::read")]
    pub ago: SignedDuration,
}

/// A lock store that a scenario can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    S3,
    DynamoDb,
}

/// One log file with its runs, oldest first. Lines with a time to come are written then.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A plain file name.
    pub file: String,
    #[serde(rename = "run")]
    pub runs: Vec<Run>,
}

fn checks<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Check>, D::Error> {
    let names: Vec<String> = Deserialize::deserialize(from)?;
    let check = |name: String| {
        Check::named(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("no check is called {name}")))
    };
    names.into_iter().map(check).collect()
}

/// The scenarios that come with the program, the demo's first.
const BUILT_IN: [(&str, &str); 1] = [(
    "killed-apply",
    include_str!("../../assets/scenarios/killed-apply.toml"),
)];

impl Scenario {
    /// The ids of the built-in scenarios.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(id, _)| *id)
    }

    /// A built-in scenario by its id.
    pub fn built_in(id: &str) -> Result<Self, Fault> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == id);
        let trouble = || {
            let known: Vec<&str> = Self::ids().collect();
            Fault::new("find the scenario", id, "there is no such scenario")
                .hint(format!("scenarios: {}", known.join(", ")))
        };
        found
            .ok_or_else(trouble)
            .and_then(|(id, text)| Self::read(id, text))
    }

    /// Reads a scenario's file.
    pub fn read(id: &str, text: &str) -> Result<Self, Fault> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            Fault::new("read the scenario", id, error.message().trim())
        })
    }
}
