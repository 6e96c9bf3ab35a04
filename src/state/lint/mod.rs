//! Advice on what a state holds: settings that a team will regret, found in
//! the attributes. The rules are data; what is said never quotes a value.
//!
//! Advice is no damage: nothing here says that a state would not load.

mod condition;
mod path;
mod rule;
mod unchanged;

use jiff::Timestamp;
use serde::Serialize;

use super::snapshot::{InstanceNo, Snapshot};
use super::value::Value;

pub use rule::{Grade, Rule, rules};
pub use unchanged::{Elder, Untouched, long_ago};

/// What a rule may know beside the state itself.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    pub now: Timestamp,
    /// The bucket that the state lives in, where it lives in one.
    pub bucket: Option<&'a str>,
}

/// One rule with everything in a state that it fires for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lint {
    pub id: String,
    pub severity: Grade,
    /// One sentence without a full stop.
    pub says: String,
    pub remedy: String,
    pub runbook: Option<String>,
    pub addresses: Vec<String>,
}

/// Every rule that fires, warnings first; the work is linear in what has a type that a rule is about.
pub fn lint(snapshot: &Snapshot, around: &Surroundings<'_>) -> Vec<Lint> {
    let mut fired: Vec<Vec<String>> = vec![Vec::new(); rules().len()];
    for no in snapshot.listed() {
        for place in firing(snapshot, *no, around) {
            fired[place].extend(snapshot.name(*no));
        }
    }
    let found = rules().iter().zip(fired);
    let found = found.filter(|(_, addresses)| !addresses.is_empty());
    let mut lints: Vec<Lint> = found
        .map(|(rule, addresses)| Lint {
            id: rule.id.clone(),
            severity: rule.severity,
            says: rule.says.clone(),
            remedy: rule.remedy.clone(),
            runbook: rule.runbook.clone(),
            addresses,
        })
        .collect();
    lints.sort_by_key(|lint| std::cmp::Reverse(lint.severity));
    lints
}

/// The rules that fire for one instance.
pub fn of_instance(
    snapshot: &Snapshot,
    no: InstanceNo,
    around: &Surroundings<'_>,
) -> Vec<&'static Rule> {
    let firing = firing(snapshot, no, around).into_iter();
    firing.filter_map(|place| rules().get(place)).collect()
}

fn firing(snapshot: &Snapshot, no: InstanceNo, around: &Surroundings<'_>) -> Vec<usize> {
    let (Some(instance), Some(resource)) = (snapshot.instance(no), snapshot.resource(no)) else {
        return Vec::new();
    };
    let raw = snapshot.raw(instance.attributes);
    let kind = &*resource.address.kind;
    let asked = |rule: &Rule| rule.is_about(kind) && rule.may_fire(raw);
    let mut asked = (0..)
        .zip(rules())
        .filter(|(_, rule)| asked(rule))
        .peekable();
    if asked.peek().is_none() {
        return Vec::new();
    }
    let Some(value) = Value::parse(raw) else {
        return Vec::new();
    };
    asked
        .filter(|(_, rule)| {
            rule.fires(&value, around) && !rule.is_excused(snapshot, &value, around)
        })
        .map(|(place, _)| place)
        .collect()
}

#[cfg(test)]
mod tests;
