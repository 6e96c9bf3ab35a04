//! What must be typed before a write, and the proof that it was. A
//! `Confirmed` can be had in one way only, by typing what was asked for, so a
//! sheet and a command line cannot differ in what they accept.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::by_hand;
use crate::incident::Intent;
use crate::lock::Verdict;

/// The words for a lock whose holder is alive.
pub const LIVE: &str = "release a live lock";
/// The words for a release while the state under the lock is not whole.
pub const BROKEN: &str = "release onto a broken state";

/// Long enough to be deliberate, short enough to type at 2 AM.
const TYPED_OF_ID: usize = 8;

/// One thing that has to be typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// A lock by its id.
    Lock { id: String },
    /// A lock without an id, by the first 12 characters of its body's SHA-256.
    Body { hash: String },
    /// The place's short name at a prompt; as a flag's value what exactly is to be written there.
    Place { short: String, exact: String },
    /// Another lineage than the established one, typed whole.
    Lineage { lineage: String, why: String },
    /// Words, with why they are asked for.
    Words {
        words: Cow<'static, str>,
        why: String,
    },
}

impl Demand {
    /// The words that are asked for where any of these holders looks alive, with why.
    pub fn of_the_living<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> Option<Self> {
        let alive = verdicts
            .filter(|verdict| verdict.likelihood.needs_words())
            .min_by_key(|verdict| verdict.likelihood)?;
        let against = alive.signs.iter().filter(|sign| sign.weight < 0);
        let why: Vec<_> = against.map(|sign| sign.says.clone()).collect();
        Some(Self::Words {
            words: LIVE.into(),
            why: why.join("; "),
        })
    }

    /// The flag that meets it. A lock is what most plans are about, and what a restore takes over.
    pub fn flag(&self, intent: Intent) -> &'static str {
        match self {
            Self::Lock { .. } | Self::Body { .. } if intent == Intent::Restore => "--take-over",
            Self::Place { .. } | Self::Lock { .. } | Self::Body { .. } => "--yes",
            Self::Lineage { .. } => "--lineage",
            Self::Words { words, .. } if words == BROKEN => "--broken",
            Self::Words { .. } => "--live",
        }
    }

    /// The words of a shell that meet it.
    pub fn given(&self, intent: Intent) -> String {
        let flag = self.flag(intent);
        match self {
            Self::Words { .. } => flag.to_owned(),
            Self::Place { .. } | Self::Lock { .. } | Self::Body { .. } | Self::Lineage { .. } => {
                format!("{flag} {}", by_hand::quote(&self.exact()))
            }
        }
    }

    /// What is typed at a prompt: of a lock's id the first eight characters.
    pub fn prompted(&self) -> String {
        match self {
            Self::Lock { id } => id.chars().take(TYPED_OF_ID).collect(),
            Self::Place { short, .. } => short.clone(),
            Self::Body { .. } | Self::Lineage { .. } | Self::Words { .. } => self.exact(),
        }
    }

    /// What is given as a flag's value: the whole of it.
    pub fn exact(&self) -> String {
        match self {
            Self::Lock { id } => id.clone(),
            Self::Body { hash } => hash.clone(),
            Self::Place { exact, .. } => exact.clone(),
            Self::Lineage { lineage, .. } => lineage.clone(),
            Self::Words { words, .. } => words.clone().into_owned(),
        }
    }

    /// Whether this was typed, at a prompt or as a flag's value.
    pub fn is_met_by(&self, confirmed: &[Confirmed]) -> bool {
        let (prompted, exact) = (self.prompted(), self.exact());
        confirmed
            .iter()
            .any(|one| one.value == prompted || one.value == exact)
    }
}

/// Proof that a person typed the very thing that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    value: String,
}

impl Confirmed {
    /// Compares what was typed with what was asked for; spaces around it do not count, nothing else is forgiven.
    pub fn typed(expected: &str, typed: &str) -> Option<Self> {
        let matches = !expected.is_empty() && typed.trim() == expected.trim();
        matches.then(|| Self {
            value: expected.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

    fn lock() -> Demand {
        Demand::Lock { id: ID.into() }
    }

    #[test]
    fn a_prompt_asks_for_the_first_eight_characters_and_a_flag_for_the_whole() {
        assert_eq!(lock().prompted(), "a1b2c3d4");
        assert_eq!(lock().exact(), ID);
    }

    #[test]
    fn nothing_but_what_was_asked_for_confirms() {
        for typed in ["", "A1B2C3D4", "a1b2c3d", "a1b2c3d45", "yes"] {
            assert_eq!(Confirmed::typed("a1b2c3d4", typed), None, "{typed}");
        }
        assert!(Confirmed::typed("a1b2c3d4", " a1b2c3d4\n").is_some());
        assert_eq!(Confirmed::typed("", ""), None);
    }

    #[test]
    fn a_confirmation_of_another_lock_meets_no_demand() {
        let other = Confirmed::typed("ffff0000", "ffff0000").unwrap();
        assert!(!lock().is_met_by(&[other]));
        let ours = Confirmed::typed("a1b2c3d4", "a1b2c3d4").unwrap();
        assert!(lock().is_met_by(&[ours]));
    }
}
