//! Which kind of trouble a record reports, if any. A record is judged by
//! itself and as a whole, and is of one category at most: the cause, where
//! several fit. What is only quoted (a body, a URL, a plan, the text of a
//! user's own condition) is no report. Neither is an answer to a read or a
//! deletion that something is not there: a 404 is what a provider reads of a
//! thing that was deleted, and what a backend reads of a new state.
//!
//! Reports are: a diagnostic of a run, as text or as an event; a record at
//! WARN or ERROR; an HTTP answer of 400 or more; a request that the SDK gave
//! up; the first line of a crash. Every report holds one of [`STEMS`].

use super::level::Level;
use super::raw::{Form, Raw};
use super::stems;

mod answer;
mod phrases;
mod report;

pub(super) use answer::{Answer, Answering};
pub use report::{is_own, without_name};

/// The kinds of trouble, the gravest cause first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    ProviderCrash,
    SwallowedDigestWrite,
    Digest,
    StateCorruption,
    Cycle,
    Throttling,
    Auth,
    Quota,
    Lock,
    Timeout,
    Backend,
    ResourceError,
    ApiError,
    Deprecation,
}

impl Category {
    /// Every category, the gravest cause first.
    pub const ALL: [Self; 14] = [
        Self::ProviderCrash,
        Self::SwallowedDigestWrite,
        Self::Digest,
        Self::StateCorruption,
        Self::Cycle,
        Self::Throttling,
        Self::Auth,
        Self::Quota,
        Self::Lock,
        Self::Timeout,
        Self::Backend,
        Self::ResourceError,
        Self::ApiError,
        Self::Deprecation,
    ];

    /// The name for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ProviderCrash => "provider_crash",
            Self::SwallowedDigestWrite => "swallowed_digest_write",
            Self::Digest => "digest",
            Self::StateCorruption => "state_corruption",
            Self::Cycle => "cycle",
            Self::Throttling => "throttling",
            Self::Auth => "auth",
            Self::Quota => "quota",
            Self::Lock => "lock",
            Self::Timeout => "timeout",
            Self::Backend => "backend",
            Self::ResourceError => "resource_error",
            Self::ApiError => "api_error",
            Self::Deprecation => "deprecation",
        }
    }

    /// The category of this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ProviderCrash => "provider crash",
            Self::SwallowedDigestWrite => "swallowed digest write",
            Self::Digest => "digest",
            Self::StateCorruption => "state corruption",
            Self::Cycle => "cycle",
            Self::Throttling => "throttling",
            Self::Auth => "auth",
            Self::Quota => "quota",
            Self::Lock => "lock",
            Self::Timeout => "timeout",
            Self::Backend => "init/backend",
            Self::ResourceError => "resource error",
            Self::ApiError => "API error",
            Self::Deprecation => "deprecation",
        }
    }

    /// The id of the built-in runbook that leads out of it; none where there is no page yet.
    pub const fn runbook(self) -> Option<&'static str> {
        match self {
            Self::ProviderCrash => Some("provider-crash"),
            Self::SwallowedDigestWrite | Self::Digest => Some("digest-mismatch"),
            Self::StateCorruption => Some("state-corrupt"),
            Self::Cycle => Some("dependency-cycle"),
            Self::Auth => Some("provider-auth"),
            Self::Lock => Some("state-lock"),
            Self::Throttling => Some("throttling"),
            Self::Quota => Some("quota"),
            Self::Timeout => Some("timeout"),
            Self::Backend => Some("backend-changed"),
            Self::ResourceError => Some("failed-apply"),
            Self::Deprecation => Some("deprecation"),
            // What was refused tells more than that something was.
            Self::ApiError => None,
        }
    }
}

/// One of these stands in every record that has a category: what holds none
/// needs no [`judge`]. At least 4 bytes each, none inside another.
pub const STEMS: [&str; 16] = [
    "status_code=4",
    "status_code=5",
    "status_code\":4",
    "status_code\":5",
    "[ERROR]",
    "[WARN]",
    "level\":\"error\"",
    "level\":\"warn\"",
    "request failed with unretryable",
    "max retry attempts exhausted",
    "panic: ",
    "fatal error: ",
    "Error: ",
    "Warning: ",
    " CRASH !",
    "Stack trace from the ",
];

/// The category of a record, from its bytes alone.
pub fn judge(record: Raw<'_>) -> Option<Category> {
    let holds_a_stem = || stems::find(record.bytes(), 0).is_some();
    // Makes the promise of the stems true also for what the grammar lets
    // through in another spelling. In the text form nearly every record is
    // settled by how its message begins, for less than any search costs; the
    // message of an object has to be looked for, and the stems are quicker.
    match record.form() {
        Form::Output => report::of_output(record).filter(|_| holds_a_stem()),
        Form::Text => of_log(record).filter(|_| holds_a_stem()),
        Form::Json => holds_a_stem().then(|| of_log(record)).flatten(),
    }
}

fn of_log(record: Raw<'_>) -> Option<Category> {
    // Nearly every record ends here: it is quiet, and its message begins like no report.
    if record.level() < Level::Warn && !quiet_reports(record.message()) {
        return None;
    }
    let said = record.said()?;
    if said.logger == b"terraform.ui" {
        return report::of_event(record);
    }
    if said.message.starts_with(b"HTTP Re") {
        let answer = Answer::read(&said)?;
        return answer.category();
    }
    report::of_message(&said, record)
}

/// How the reports begin that are written below WARN.
pub(super) fn quiet_reports(message: &[u8]) -> bool {
    match message.first() {
        Some(b'H') => message.starts_with(b"HTTP Response Received"),
        Some(b'r') => message.starts_with(b"request failed with unretryable"),
        Some(b'm') => message.starts_with(b"max retry attempts exhausted"),
        Some(b'p') => message.starts_with(b"panic: "),
        Some(b'f') => message.starts_with(b"fatal error: "),
        // A plugin's own stamp and level, where its host did not read them.
        Some(b'[') => message.starts_with(b"[ERROR]") || message.starts_with(b"[WARN]"),
        Some(b'2') => report::plugin_level(message).is_some_and(|(level, _)| level >= Level::Warn),
        _ => false,
    }
}

/// Errors that Terraform logs on every healthy run, or that change nothing.
const HARMLESS: [&[u8]; 3] = [
    b"AttachSchemaTransformer: No provider config schema available",
    b"Resource state not found",
    b"Checkpoint error: ",
];

/// Whether a record at ERROR means nothing, and is no reason to look.
pub fn is_harmless(record: Raw<'_>) -> bool {
    record.level() == Level::Error
        && match record.form() {
            Form::Text => begins_harmless(record.after_header()),
            Form::Json => record
                .said()
                .is_some_and(|said| begins_harmless(said.message)),
            Form::Output => false,
        }
}

fn begins_harmless(message: &[u8]) -> bool {
    // Core names the function before it: "readResourceInstanceState: Resource state not found".
    let word = message.iter().take(96).position(|&byte| byte == b' ');
    let named = word.and_then(|end| {
        message[..end]
            .strip_suffix(b":")
            .map(|_| &message[end + 1..])
    });
    let begins = |text: &[u8]| HARMLESS.iter().any(|noise| text.starts_with(noise));
    begins(message) || named.is_some_and(begins)
}

#[cfg(test)]
mod tests;
