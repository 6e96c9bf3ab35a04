//! What a plan is for, in the words of the journal; they never change.

use serde::{Deserialize, Serialize};

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Lets go of a lock.
    #[default]
    Release,
    /// Takes again the lock that a release let go of.
    Retake,
    /// Puts an older version, or a file, back as the next one.
    Restore,
    /// Sets the stored digest to that of the state.
    Digest,
    /// Takes a lock of our own, to keep everybody out.
    Freeze,
    /// Lets go of a lock of our own.
    Thaw,
    /// Makes a lock of somebody else ours, without a moment unlocked.
    TakeOver,
}
