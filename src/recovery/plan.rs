//! The one vocabulary of writes: a plan of numbered steps, each with its exact
//! operation, the condition under which it takes effect, and the command that
//! does the same by hand. A plan is a value: showing it, journaling it and
//! running it all read the same steps.

use std::fmt;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::by_hand;
use super::confirm::Demand;
use super::guard::Guard;
use super::write::{Content, Item, Mark, Seen, Write};
use crate::incident::Intent;
use crate::lock::{Body, Errand, Holder, Sighting, Store};
use crate::place::Place;
use crate::state::grouped;

/// Names a plan in the journal and on the screen: eight hex characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub id: PlanId,
    pub intent: Intent,
    /// What it does, as a sentence without a full stop.
    pub title: String,
    /// The lock that it is about: its id, or the name of its raw body; empty where it is about none.
    pub lock: String,
    /// What is done, as the command that resumes it names it: a lock, a version, a digest.
    pub subject: String,
    pub steps: Vec<Step>,
    /// What must be typed before it runs, in this order.
    pub demands: Vec<Demand>,
    /// What a person must know before saying yes.
    pub warnings: Vec<String>,
    pub undo: Undo,
    /// What the next plan of Terraform would do after it, by the comparison of
    /// the two states; none where it puts no state back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// The bytes of the state that the plan writes, if it writes one.
    #[serde(skip)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub operation: Operation,
    /// What must hold for the step to take effect.
    pub condition: String,
    /// The equivalent command; none where the step touches nothing outside this machine.
    pub by_hand: Option<String>,
}

impl Step {
    /// A step that changes nothing at the place.
    pub fn quiet(operation: Operation, condition: &str) -> Self {
        Self {
            operation,
            condition: condition.to_owned(),
            by_hand: None,
        }
    }

    /// A step that changes one item, with its condition and the command that does the same.
    pub fn writing(place: &Place, write: Write) -> Self {
        Self {
            condition: write.condition().to_owned(),
            by_hand: by_hand::write(place, &write),
            operation: Operation::Write(write),
        }
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Keeps the bodies in the incident folder before they are changed.
    SaveLocks(Vec<Sighting>),
    /// Keeps the bytes that are to be written, so that an interrupted plan can go on.
    SaveCandidate(Mark),
    /// Reads the state again, keeps its bytes, and goes on only if they are
    /// still those that were seen (or, after an interruption, those that were to be written).
    SaveState {
        item: Item,
        seen: Option<Seen>,
        next: Mark,
    },
    /// Keeps what was saved of the state a second time, in a file outside of
    /// every incident folder, and reads that back.
    SaveCopy { mark: Mark, path: String },
    /// Changes one item if it still is exactly what was seen.
    Write(Write),
    /// Reads an item back and goes on only if it holds this.
    Verify { item: Item, content: Content },
    /// Reads every store again and reports each by itself.
    LookAgain,
}

impl Operation {
    /// The operation as it stands in a list of steps.
    pub fn title(&self) -> String {
        match self {
            Self::SaveLocks(_) => "save the lock's body".to_owned(),
            Self::SaveCandidate(mark) => {
                format!("save the {} bytes to be written", grouped(mark.size))
            }
            Self::SaveState { .. } => "save the current version".to_owned(),
            Self::SaveCopy { path, .. } => format!("save a second copy of it as {path}"),
            Self::Verify { item, .. } if item.slot.is_lock() => {
                format!("see that the lock in {} is ours", item.slot.store())
            }
            Self::Verify { .. } => "read it back and compare".to_owned(),
            Self::Write(write) => write.title(),
            Self::LookAgain => "read again and report".to_owned(),
        }
    }

    /// The exact operation and its object, where it changes anything.
    pub fn call(&self) -> Option<String> {
        let Self::Write(write) = self else {
            return None;
        };
        let item = &write.item;
        let object = match item.slot.store() {
            Store::S3 => format!("{}/{}", item.container, item.key),
            Store::DynamoDb => format!("{} {}", item.container, item.key),
            Store::Local => item.key.clone(),
        };
        Some(format!("{} {object}", write.operation()))
    }

    /// The word of the journal; it never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SaveLocks(_) => "save_locks",
            Self::SaveCandidate(_) => "save_candidate",
            Self::SaveState { .. } => "save_state",
            Self::SaveCopy { .. } => "save_copy",
            Self::Verify { .. } => "verify",
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// In a sentence, with what cannot be undone.
    pub says: String,
    /// The commands, one a store.
    pub by_hand: Vec<String>,
    /// The version or the file that a restore puts back to undo this one; none
    /// where that is no undo, or what stood there would not load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Plan {
    /// The state that the plan is to write, if it writes one.
    pub fn candidate(&self) -> Option<&Mark> {
        self.writes().find_map(|write| match &write.to {
            Some(Content::State(mark)) => Some(mark),
            Some(Content::Lock(_) | Content::Digest(_)) | None => None,
        })
    }

    /// What the lock that the plan takes says of itself; none where it takes none.
    pub fn errand(&self) -> Option<Errand> {
        self.writes().find_map(|write| match &write.to {
            Some(Content::Lock(Body::Bytes(bytes))) => Errand::of(&Holder::read(bytes)?),
            _ => None,
        })
    }

    /// The writes of the plan, in their order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.steps.iter().filter_map(|step| match &step.operation {
            Operation::Write(write) => Some(write),
            Operation::SaveLocks(_)
            | Operation::SaveCandidate(_)
            | Operation::SaveState { .. }
            | Operation::SaveCopy { .. }
            | Operation::Verify { .. }
            | Operation::LookAgain => None,
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
