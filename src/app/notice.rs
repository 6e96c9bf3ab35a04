//! One short message at the right of the footer: said once, gone by itself or with the next key.

use jiff::{SignedDuration, Timestamp};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done; stays its time.
    Fine,
    /// An answer to the last key; leaves with the next one.
    Note,
    /// Stays its time, whatever is pressed.
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
