//! A rule as the files under `assets/lints` write it: one table each.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::super::snapshot::Snapshot;
use super::super::value::Value;
use super::Surroundings;
use super::condition::Condition;
use super::path::any;

/// How much a rule matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    Info,
    Warning,
}

/// What a rule looks for, and what it says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable for ever.
    #[serde(skip)]
    pub id: String,
    /// The resource types that it is about; `*` is all.
    types: Vec<String>,
    /// Where the conditions are tried: at the whole instance, or at each of these parts.
    #[serde(default)]
    each: Vec<String>,
    #[serde(default)]
    when: Vec<Condition>,
    unless: Option<Unless>,
    pub severity: Grade,
    pub says: String,
    pub remedy: String,
    pub runbook: Option<String>,
}

/// Another resource of the state that makes up for it.
#[derive(Debug, Clone, Deserialize)]
struct Unless {
    #[serde(rename = "type")]
    kind: String,
    /// The attribute that both share.
    same: String,
    #[serde(flatten)]
    has: Condition,
}

/// The files of the rules.
pub(super) const FILES: [&str; 6] = [
    include_str!("../../../assets/lints/databases.toml"),
    include_str!("../../../assets/lints/network.toml"),
    include_str!("../../../assets/lints/secrets.toml"),
    include_str!("../../../assets/lints/services.toml"),
    include_str!("../../../assets/lints/storage.toml"),
    include_str!("../../../assets/lints/upkeep.toml"),
];

/// Every rule, by id.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        // That every file parses is held by a test.
        let tables = FILES.into_iter().filter_map(|file| read(file).ok());
        tables.flatten().collect()
    });
    &RULES
}

/// The rules of one file.
pub(super) fn read(file: &str) -> Result<Vec<Rule>, toml::de::Error> {
    let tables: BTreeMap<String, Rule> = toml::from_str(file)?;
    let named = tables.into_iter().map(|(id, rule)| Rule { id, ..rule });
    Ok(named.collect())
}

impl Rule {
    pub fn is_about(&self, kind: &str) -> bool {
        self.types.iter().any(|one| one == kind || one == "*")
    }

    /// Whether these bytes could make it fire, told without parsing them.
    pub fn may_fire(&self, raw: &[u8]) -> bool {
        // A rule about everything looks at everything: it must pass over most of it.
        let tagged = self.types.iter().all(|one| one != "*");
        let stems = self.when.iter().filter_map(Condition::stem);
        let mut stems = stems.filter(|_| self.each.is_empty());
        let holds = |stem: &str| memmem::find(raw, stem.as_bytes()).is_some();
        stems.all(holds) && (tagged || holds("LastTerraformApply"))
    }

    /// Whether all conditions hold, at the instance or at one of its parts.
    pub fn fires(&self, value: &Value<'_>, around: &Surroundings<'_>) -> bool {
        let mut all = |part: &Value<'_>| self.when.iter().all(|one| one.holds(part, around));
        if self.each.is_empty() {
            return all(value);
        }
        self.each.iter().any(|path| any(value, path, &mut all))
    }

    /// Whether another resource makes up for what was found.
    pub fn is_excused(
        &self,
        snapshot: &Snapshot,
        value: &Value<'_>,
        around: &Surroundings<'_>,
    ) -> bool {
        let Some(unless) = &self.unless else {
            return false;
        };
        let shared = |value: &Value<'_>| {
            let text = value.member(&unless.same).and_then(Value::text);
            text.map(str::to_owned)
        };
        let wanted = shared(value);
        let makes_up = |raw: &[u8]| {
            Value::parse(raw)
                .is_some_and(|other| shared(&other) == wanted && unless.has.holds(&other, around))
        };
        let mut others = snapshot
            .resources()
            .iter()
            .filter(|resource| *resource.address.kind == *unless.kind)
            .flat_map(|resource| snapshot.of_resource(resource));
        wanted.is_some() && others.any(|other| makes_up(snapshot.raw(other.attributes)))
    }
}
