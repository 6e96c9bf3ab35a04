//! The lines that a run begins with: Terraform's version, then the arguments
//! that it was started with. Both may come in the text log, in the JSON log
//! and, the version alone, as the first event of `-json`.

use memchr::memmem;

use super::json_text;
use crate::log::display;
use crate::log::level::Level;
use crate::log::raw::Raw;

/// Something that a run says about itself at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunMark {
    /// A run begins.
    Version { version: Box<str>, in_events: bool },
    /// The words of the command line, the program's own name among them.
    Arguments(Box<[Box<str>]>),
    /// The same with what `TF_CLI_ARGS` added, and without the program's name.
    CommandArguments(Box<[Box<str>]>),
    /// It holds the lock.
    Locked,
    /// Its plan is made; what is left is to print it and to let the lock go.
    Planned,
    /// It lets the lock go.
    Unlocks,
    /// It did not come to its own end.
    Ended(End),
    /// It shows what it would do, from this record on.
    Shows,
    /// It shows one thing that it would create.
    ShowsCreation,
    /// It has done what it showed.
    Applied,
}

/// What kept a run from its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It was interrupted, and stopped in order.
    Halted,
    /// It was interrupted twice, and did not wait for what it was doing.
    Canceled,
    /// Nobody was left to read what it printed.
    Piped,
    /// The state was written after its saved plan was made.
    StalePlan,
    /// Its saved plan is of a state of another lineage.
    OtherState,
}

impl End {
    pub const ALL: [Self; 5] = [
        Self::Halted,
        Self::Canceled,
        Self::Piped,
        Self::StalePlan,
        Self::OtherState,
    ];
}

/// How a diagnostic or a loud record of the log says so.
const ENDS: [(&str, End); 6] = [
    ("execution halted", End::Halted),
    (
        "terraform: Stop called, initiating interrupt sequence",
        End::Halted,
    ),
    ("operation canceled", End::Canceled),
    ("running operation was forcefully canceled", End::Canceled),
    ("Saved plan is stale", End::StalePlan),
    ("Saved plan does not match the given state", End::OtherState),
];

/// How a CI, or what it runs, says that a job failed.
const JOBS: [&str; 4] = [
    "##[error]",
    "ERROR: Job failed",
    "make: *** [",
    "Error: Process completed with ",
];

/// What ended a job whose program nobody read: signal 13, as each calls it.
const PIPED: [&str; 4] = [
    "exit code 141",
    "exit status 141",
    "] Error 141",
    "signal: broken pipe",
];

/// The end that a whole message tells of.
pub fn end(message: &[u8]) -> Option<RunMark> {
    let message = message.strip_prefix(b"Error: ").unwrap_or(message);
    let message = message.trim_ascii();
    let found = ENDS.iter().find(|(words, _)| message == words.as_bytes());
    found.map(|(_, end)| RunMark::Ended(*end))
}

/// How much of a printed record is read.
const REACH: usize = 512;

/// How the part of a run's output begins that says what it would do.
const SHOWS: [&str; 4] = [
    "Terraform will perform the following actions:",
    "OpenTofu will perform the following actions:",
    "Terraform planned the following actions, but then encountered a problem:",
    "OpenTofu planned the following actions, but then encountered a problem:",
];

/// How it begins to say that it is done.
const APPLIED: &str = "Apply complete! ";

/// What a run prints about its plan; it is said below WARN, in words that stand alone.
fn of_plan(text: &[u8]) -> Option<RunMark> {
    let begins = |words: &str| text.starts_with(words.as_bytes());
    if begins(APPLIED) {
        return Some(RunMark::Applied);
    }
    SHOWS
        .iter()
        .any(|words| begins(words))
        .then_some(RunMark::Shows)
}

/// The same of an event, by what follows from the beginning of its message on.
pub fn of_plan_event(message: &[u8], line: &[u8]) -> Option<RunMark> {
    let reach = &message[..message.len().min(REACH)];
    if memmem::find(reach, b": Plan to create\"").is_some() {
        let is_change = memmem::find(line, b"\"type\":\"planned_change\"").is_some();
        return is_change.then_some(RunMark::ShowsCreation);
    }
    message
        .starts_with(APPLIED.as_bytes())
        .then_some(RunMark::Applied)
}

/// The end that a run or its job prints, and where it shows its plan.
pub fn of_output(record: Raw<'_>) -> Option<RunMark> {
    if record.level() < Level::Error {
        let bytes = record.bytes();
        return of_plan(&bytes[display::sequences(bytes)..]);
    }
    let bytes = record.bytes();
    let text = display::safe(&bytes[..bytes.len().min(REACH)]);
    let lines = text
        .lines()
        .map(|line| line.trim_start_matches(['╷', '│', ' ']));
    let message = lines.into_iter().find(|line| !line.is_empty())?;
    let of_a_job = JOBS.iter().any(|job| message.starts_with(job));
    let is_piped = |words: &str| {
        let rest = message.split_once(words).map(|(_, rest)| rest);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
    };
    if of_a_job && PIPED.iter().any(|words| is_piped(words)) {
        return Some(RunMark::Ended(End::Piped));
    }
    end(message.strip_prefix("Error: ")?.as_bytes())
}

/// How the messages begin that tell of the lock and of a plan that is made. The
/// logger's name is part of them, but for the logs in JSON.
const MARKS: [(&str, RunMark); 6] = [
    (
        "statemgr.Filesystem: writing lock metadata to ",
        RunMark::Locked,
    ),
    ("backend-s3: Locked remote state", RunMark::Locked),
    ("backend/local: plan operation completed", RunMark::Planned),
    ("statemgr.Filesystem: unlocking ", RunMark::Unlocks),
    (
        "statemgr.Filesystem: removing lock metadata file ",
        RunMark::Unlocks,
    ),
    (
        "backend-s3: Attempting to unlock remote state",
        RunMark::Unlocks,
    ),
];

/// Whether a message may be one of those.
pub fn begins_a_mark(text: &[u8]) -> bool {
    MARKS
        .iter()
        .any(|(start, _)| text.starts_with(start.as_bytes()))
}

/// What it tells of.
pub fn mark(text: &[u8]) -> Option<RunMark> {
    let found = MARKS
        .iter()
        .find(|(start, _)| text.starts_with(start.as_bytes()));
    found.map(|(_, mark)| mark.clone())
}

/// The same of a message in JSON, where a logger's name stands by itself.
pub fn bare_mark(message: &[u8]) -> Option<RunMark> {
    let found = MARKS.iter().find(|(start, _)| {
        let bare = start.strip_prefix("backend-s3: ").unwrap_or(start);
        message.starts_with(bare.as_bytes())
    });
    found.map(|(_, mark)| mark.clone())
}

/// A core message that tells of the run.
pub fn of_message(message: &[u8]) -> Option<RunMark> {
    let text = |start: &[u8]| {
        let rest = message.strip_prefix(start)?;
        std::str::from_utf8(rest).ok()
    };
    if let Some(version) = text(b"Terraform version: ").or_else(|| text(b"OpenTofu version: ")) {
        let version = version.split_whitespace().next()?;
        return Some(RunMark::Version {
            version: version.into(),
            in_events: false,
        });
    }
    if let Some(list) = text(b"CLI args: ") {
        return words(list).map(RunMark::Arguments);
    }
    words(text(b"CLI command args: ")?).map(RunMark::CommandArguments)
}

/// The same of a JSON line, by its message and the whole line.
pub fn of_json(message: &[u8], line: &[u8]) -> Option<RunMark> {
    if memmem::find(line, b"\"type\":\"version\"").is_some() {
        let text = json_text(message)?;
        let version = text.rsplit(' ').next()?;
        return Some(RunMark::Version {
            version: version.into(),
            in_events: true,
        });
    }
    let starts: [&[u8]; 3] = [b"Terraform version: ", b"OpenTofu version: ", b"CLI "];
    if !starts.iter().any(|start| message.starts_with(start)) {
        return None;
    }
    of_message(json_text(message)?.as_bytes())
}

/// How many words of a command line are kept, and how much of each.
const WORDS: usize = 256;
const WORD: usize = 512;

/// The words of a Go slice of strings: `[]string{"terraform", "plan"}`.
fn words(list: &str) -> Option<Box<[Box<str>]>> {
    let mut rest = list.strip_prefix("[]string{")?;
    let mut words = Vec::new();
    while words.len() < WORDS {
        rest = rest.trim_start_matches([',', ' ']);
        let Some(length) = super::address::quoted(rest.as_bytes()) else {
            break;
        };
        let word = unescaped(&rest[1..length - 1]);
        words.push(word.chars().take(WORD).collect::<String>().into());
        rest = &rest[length..];
    }
    Some(words.into())
}

/// A Go-quoted text without its escapes; what is no escape of JSON stays as it is written.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        // Of the keys of a configuration these two are nearly all.
        let Some(escaped @ ('"' | '\\')) = after.chars().next() else {
            return unescaped_any(text);
        };
        plain.push(escaped);
        rest = &after[1..];
    }
    plain + rest
}

fn unescaped_any(text: &str) -> String {
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_command_line_are_taken_apart() {
        let mark =
            of_message(br#"CLI args: []string{"terraform", "apply", "-var", "a=\"b, c\"", ""}"#);
        let Some(RunMark::Arguments(words)) = mark else {
            panic!("{mark:?}")
        };
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        assert_eq!(words, ["terraform", "apply", "-var", "a=\"b, c\"", ""]);
    }

    #[test]
    fn a_version_begins_a_run() {
        for text in ["Terraform version: 1.11.4", "OpenTofu version: 1.11.4"] {
            let version = "1.11.4".into();
            let mark = RunMark::Version {
                version,
                in_events: false,
            };
            assert_eq!(of_message(text.as_bytes()), Some(mark));
        }
        assert_eq!(of_message(b"Terraform version is fine"), None);
        assert_eq!(of_message(b"CLI args: nonsense"), None);
    }
}
