//! What changed between two states, by address and by attribute.
//!
//! The order of resources, serials, spelling and the order of members mean
//! nothing. Secrets are compared and never printed. Attributes are parsed only
//! where the bytes of two instances differ.

mod both;
mod large;
mod outline;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;

use serde::Serialize;

use both::{Both, Found};
pub use large::{Desk, Large, Lot, Stored, Text};
pub use outline::Outline;

use super::address::Module;
use super::snapshot::Snapshot;
use super::walk::AttributeChange;

/// What became of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    Added,
    Removed,
    Changed,
    /// The same object, known by its id, under another address.
    Moved,
}

/// A change that is about the object itself and not about its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// The next apply replaces it.
    Tainted,
    Untainted,
    /// It was replaced, and waits to be destroyed.
    Deposed,
}

impl Became {
    pub fn word(self) -> &'static str {
        match self {
            Self::Tainted => "tainted",
            Self::Untainted => "no longer tainted",
            Self::Deposed => "deposed",
        }
    }
}

/// One address that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub difference: Difference,
    pub became: Option<Became>,
    /// The resource type; none for an output.
    pub kind: Option<Arc<str>>,
    pub module: Module,
    /// The name on each side, none where it is absent there.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Empty for what was added or removed.
    pub attributes: Vec<AttributeChange>,
}

impl Change {
    /// The name by which the change is known: the later one.
    pub fn name(&self) -> &str {
        let name = self.after.as_ref().or(self.before.as_ref());
        name.map(String::as_str).unwrap_or_default()
    }
}

/// How many addresses changed, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub moved: usize,
}

impl AddAssign<Difference> for Summary {
    fn add_assign(&mut self, difference: Difference) {
        *match difference {
            Difference::Added => &mut self.added,
            Difference::Removed => &mut self.removed,
            Difference::Changed => &mut self.changed,
            Difference::Moved => &mut self.moved,
        } += 1;
    }
}

impl Summary {
    /// How many addresses there are in it.
    pub fn all(&self) -> usize {
        self.added + self.removed + self.changed + self.moved
    }
}

/// All that is not the same in two states, in the order of addresses, outputs last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    pub summary: Summary,
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Compares two states; what is salvaged of a damaged one can be compared too.
    pub fn of(before: &Snapshot, after: &Snapshot) -> Self {
        let sides = Both { before, after };
        Self::joined(sides.found(), sides.outputs_here())
    }

    /// All that was found, in order.
    fn joined(mut found: Vec<Found>, outputs: Vec<Change>) -> Self {
        found.sort_by(|(one, _), (two, _)| one.cmp(two));
        let mut changes: Vec<Change> = found.into_iter().map(|(_, change)| change).collect();
        changes.extend(outputs);
        let mut summary = Summary::default();
        for change in &changes {
            summary += change.difference;
        }
        Self { summary, changes }
    }

    /// The resource types that changed, those with the most changes first; outputs are not among them.
    pub fn by_type(&self) -> Vec<(String, Summary)> {
        self.grouped(|change| Some(change.kind.as_ref()?.to_string()))
    }

    /// The modules that changed, those with the most changes first; the root module is the empty text.
    pub fn by_module(&self) -> Vec<(String, Summary)> {
        self.grouped(|change| change.kind.is_some().then(|| change.module.to_string()))
    }

    fn grouped(&self, group: impl Fn(&Change) -> Option<String>) -> Vec<(String, Summary)> {
        let mut groups: BTreeMap<String, Summary> = BTreeMap::new();
        for change in &self.changes {
            if let Some(group) = group(change) {
                *groups.entry(group).or_default() += change.difference;
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, summary)| Reverse(summary.all()));
        groups
    }
}
