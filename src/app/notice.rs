//! One short message at the right of the footer: said once, gone by itself.

use jiff::{SignedDuration, Timestamp};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Fine,
    Note,
    Warning,
}

/// A message with the time it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    pub until: Timestamp,
}

impl Notice {
    /// Long enough to be read twice.
    const STAYS: SignedDuration = SignedDuration::from_secs(8);

    pub fn new(now: Timestamp, tone: Tone, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone,
            until: now.saturating_add(Self::STAYS).unwrap_or(now),
        }
    }
}
