//! The steps of a run, as a scenario writes them: a few words each, from which
//! the records follow.

use jiff::SignedDuration;
use serde::Deserialize;

use super::provider;
use crate::drill::pattern::Pattern;
use crate::drill::span;

/// One run of Terraform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    #[serde(deserialize_with = "span::read")]
    pub ago: SignedDuration,
    /// `user@host` of whoever started it.
    pub who: String,
    /// The command line, `terraform` first.
    pub command: Vec<String>,
    pub steps: Vec<Step>,
}

/// What a run does next. A run whose last step is not an end was killed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Asks for the state lock.
    Lock(Locking),
    /// Reads the state from the bucket.
    Read,
    /// Reads resources from the provider, one after the other.
    Refresh(Refresh),
    /// Calls the provider's API, which refuses most of them for a time.
    Storm(Gale),
    /// Applies a planned change.
    Apply(Change),
    /// Gives a resource up, with the provider's error.
    Fail(Failure),
    /// Nothing is written for a time.
    Wait(#[serde(deserialize_with = "span::read")] SignedDuration),
    /// Any text of Terraform itself; it may have several lines.
    Say(Say),
    /// Gives the lock back and ends.
    End,
}

/// How the question for the lock ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locking {
    /// It is the scenario's lock of the same `who`.
    Taken,
    /// The scenario's first lock is in the way.
    Held,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    pub of: Vec<Pattern>,
    #[serde(deserialize_with = "span::read")]
    pub every: SignedDuration,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gale {
    pub of: Vec<Pattern>,
    /// How long at most; it is over as soon as every resource was read.
    #[serde(rename = "for", deserialize_with = "span::read")]
    pub lasts: SignedDuration,
    /// How long from one call to the next.
    #[serde(deserialize_with = "span::read")]
    pub every: SignedDuration,
    /// How many of a hundred calls are refused.
    pub refused: u8,
    /// How often the provider tries at most.
    #[serde(default = "provider::attempts")]
    pub attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub of: Pattern,
    /// `Create`, `Update` or `Delete`.
    pub action: String,
    #[serde(deserialize_with = "span::read")]
    pub takes: SignedDuration,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub of: Pattern,
    /// The first line of the diagnostic; `<id>` is the resource's.
    pub summary: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// As the log writes it: `WARN`.
    pub level: String,
    pub text: String,
}
