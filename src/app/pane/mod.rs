//! The panes. Each file holds one pane whole: its actions with their keys, its
//! jobs, its news, its state, and its tests. The enums in `action`, `effect`
//! and `event` are only the sums of what stands here.

pub mod lock;
pub mod log;
pub mod runbook;
pub mod situation;
pub mod state;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::place::{Caller, Place};

pub use situation::{PlaceJob, PlaceNews};

/// How long a secret is shown at most.
pub const MOMENT: SignedDuration = SignedDuration::from_secs(20);

/// What the journal is to know of a look at secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// At whose incident; that of the name where there is no place.
    pub place: Option<Arc<Place>>,
    pub name: String,
    pub caller: Option<Caller>,
    /// Which record of which log, or which value of which version.
    pub what: String,
}

/// A pane, in the order of its number key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PaneId {
    #[default]
    Situation,
    Logs,
    State,
    Locks,
    Runbooks,
}

impl PaneId {
    pub const ALL: [Self; 5] = [
        Self::Situation,
        Self::Logs,
        Self::State,
        Self::Locks,
        Self::Runbooks,
    ];

    /// The title, as the header writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Situation => "Situation",
            Self::Logs => "Logs",
            Self::State => "State",
            Self::Locks => "Locks",
            Self::Runbooks => "Runbooks",
        }
    }

    /// The number key.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The pane so many places further, around the end.
    #[must_use]
    pub fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// What a pane says of itself in the header's second row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Badge {
    pub critical: usize,
    pub warning: usize,
    pub text: String,
}
