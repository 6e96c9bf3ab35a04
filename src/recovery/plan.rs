//! The one vocabulary of writes: a plan of numbered steps, each with its exact
//! operation, the condition under which it takes effect, and the command that
//! does the same by hand. A plan is a value: showing it, journaling it and
//! running it all read the same steps.

use std::fmt;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::confirm::Demand;
use super::write::Write;
use crate::incident::Intent;
use crate::lock::{Sighting, Store};

/// Names a plan in the journal and on the screen: eight hex characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PlanId(pub String);

impl PlanId {
    /// The id that follows from what the plan does and when it was made.
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Self(HEXLOWER.encode(&hash.finalize()[..4]))
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that a person sees before a write, and that the executor runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub id: PlanId,
    pub intent: Intent,
    /// What it does, as a sentence without a full stop.
    pub title: String,
    /// The lock that it is about: its id, or the name of its raw body.
    pub lock: String,
    pub steps: Vec<Step>,
    /// What must be typed before it runs, in this order.
    pub demands: Vec<Demand>,
    /// What a person must know before saying yes.
    pub warnings: Vec<String>,
    pub undo: Undo,
    /// The bytes of the state that the plan writes, if it writes one.
    pub cargo: Option<Cargo>,
}

/// The bytes of a state on their way to its store. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Cargo(pub Arc<[u8]>);

impl fmt::Debug for Cargo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A state holds secrets; a trace must not.
        write!(f, "Cargo({} bytes)", self.0.len())
    }
}

/// One step; the world is in a named state before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub operation: Operation,
    /// What must hold for the step to take effect.
    pub condition: String,
    /// The equivalent command; none where the step touches nothing outside this machine.
    pub by_hand: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Keeps the bodies in the incident folder before they are changed.
    SaveLocks(Vec<Sighting>),
    /// Changes one item if it still is exactly what was seen.
    Write(Write),
    /// Reads every store again and reports each by itself.
    LookAgain,
}

impl Operation {
    /// The operation as it stands in a list of steps.
    pub fn title(&self) -> String {
        match self {
            Self::SaveLocks(_) => "save the lock's body".to_owned(),
            Self::Write(write) => {
                let item = &write.item;
                match item.slot.store() {
                    Store::S3 => format!("{} {}/{}", write.operation(), item.container, item.key),
                    Store::DynamoDb => {
                        format!("{} {} {}", write.operation(), item.container, item.key)
                    }
                    Store::Local => format!("{} {}", write.operation(), item.key),
                }
            }
            Self::LookAgain => "read again and report".to_owned(),
        }
    }

    /// The word of the journal; it never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SaveLocks(_) => "save_locks",
            Self::Write(write) => write.word(),
            Self::LookAgain => "look_again",
        }
    }

    /// Whether it changes anything at the place.
    pub fn writes(&self) -> bool {
        matches!(self, Self::Write(_))
    }
}

/// How a finished plan can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undo {
    /// In a sentence, with what cannot be undone.
    pub says: String,
    /// The commands, one a store.
    pub by_hand: Vec<String>,
}

impl Plan {
    /// The writes of the plan, in their order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.steps.iter().filter_map(|step| match &step.operation {
            Operation::Write(write) => Some(write),
            Operation::SaveLocks(_) | Operation::LookAgain => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_id_is_short_and_follows_from_its_parts() {
        let id = PlanId::of(&["release", "a1"]);
        assert_eq!(id.0.len(), 8);
        assert_eq!(id, PlanId::of(&["release", "a1"]));
        assert_ne!(id, PlanId::of(&["releasea", "1"]));
    }
}
