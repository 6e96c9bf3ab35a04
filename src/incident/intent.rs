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
}
