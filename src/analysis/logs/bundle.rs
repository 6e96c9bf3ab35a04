//! What the upstream of a provider, or of Terraform, wants to know of a crash,
//! as Markdown: who, which version, which call, which type of resource, the
//! stack and what was logged right before it. It is made to be posted where
//! everybody reads it: of the log only messages and a few harmless fields are
//! in it, never a body, a name of a resource or the number of an account.

use std::fmt::Write as _;

use regex::Regex;

use super::Logged;
use super::crash::{self, Crash};
use super::told::{Pattern, pattern};
use crate::log::mask::mask;
use crate::log::{Account, At, FileNo, Parts, Record};
use crate::state::type_of;

/// The fields of a record that are told; all others may be anybody's.
const FIELDS: [&str; 9] = [
    "rpc.service",
    "rpc.method",
    "http.status_code",
    "http.duration",
    "tf_rpc",
    "tf_resource_type",
    "tf_data_source_type",
    "tf_proto_version",
    "tf_provider_addr",
];

/// How much of a message is told.
const MESSAGE: usize = 160;

/// How much of the stack is told.
const STACK: usize = 48 * 1024;

/// How many lines before a crash are worth reading.
pub const BEFORE: usize = 60;

/// The lines before a record of a log, the earliest first.
pub type Before<'a> = &'a dyn Fn(FileNo, At) -> Vec<Vec<u8>>;

/// The report on the crash that the logs tell of; none where they tell of none.
pub fn report(logs: &[Logged<'_>], before: Before<'_>) -> Option<String> {
    let mut text = String::new();
    for (name, crash) in crash::crashes(logs) {
        told(&name, &crash, logs, before, &mut text);
    }
    (!text.is_empty()).then_some(text)
}

fn told(name: &str, crash: &Crash, logs: &[Logged<'_>], before: Before<'_>, text: &mut String) {
    let mut say = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    say(&format!("# {}", plain(&crash.title(name))));
    say("");
    let mut versions = logs.iter().filter_map(|log| ran(log.account));
    let facts = [
        versions.next_back(),
        crash
            .version
            .clone()
            .map(|version| format!("provider {name} {version}")),
        crash
            .call
            .clone()
            .map(|call| format!("call that was not answered: {call}")),
        types(crash, logs),
        crash.frame.clone().map(|frame| format!("at {frame}")),
    ];
    for fact in facts.into_iter().flatten() {
        say(&format!("- {}", plain(&fact)));
    }
    say("");
    say("Expected: no crash. Please add the smallest configuration that does it, without secrets.");
    say("");
    say("## Stack");
    say("");
    say("```text");
    let mut room = STACK;
    for stack in &crash.texts {
        let lines = stack
            .lines()
            .filter(|line| !is_about_the_configuration(line));
        let stack = plain(&lines.collect::<Vec<_>>().join("\n")).replace("```", "'''");
        let cut: String = stack.chars().take(room).collect();
        room -= cut.chars().count();
        say(cut.trim_end());
        if room == 0 {
            say("(cut off here)");
            break;
        }
    }
    say("```");
    let Some((file, at)) = crash.first else {
        return;
    };
    let lines = before(file, at);
    let lines: Vec<String> = lines.iter().filter_map(|line| line_of(line)).collect();
    if lines.is_empty() {
        return;
    }
    say("");
    say("## Logged right before it");
    say("");
    say("```text");
    for line in lines {
        say(&line.replace("```", "'''"));
    }
    say("```");
    say("");
}

/// The version that ran, and the command; its arguments may be secrets.
fn ran(account: &Account) -> Option<String> {
    let run = account.runs.latest()?;
    let verb = run.verb().map_or(String::new(), |verb| format!(", {verb}"));
    Some(format!("core {}{verb}", run.version))
}

/// The types of what was worked on. Addresses are names that somebody gave.
fn types(crash: &Crash, logs: &[Logged<'_>]) -> Option<String> {
    let flying = crash::in_flight(logs);
    let mut types: Vec<&str> = crash
        .address
        .iter()
        .chain(&flying)
        .filter_map(|address| type_of(address).or(is_type(address).then_some(address)))
        .collect();
    types.sort_unstable();
    types.dedup();
    (!types.is_empty()).then(|| format!("resource type in flight: {}", types.join(", ")))
}

fn is_type(text: &str) -> bool {
    text.contains('_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A line of the log as it is told; none for a line that only continues one.
fn line_of(line: &[u8]) -> Option<String> {
    let record = Record::decode(line, line.len() as u64);
    let Parts {
        level,
        source,
        message,
        fields,
        at,
        ..
    } = &record.parts;
    at.as_ref()?;
    // What follows a brace is a value, and it may be anybody's.
    let message = message.split('{').next().unwrap_or_default();
    let mut told = format!("{} {}: ", level.word(), source.word());
    told.extend(unnamed(message).chars().take(MESSAGE));
    for field in fields
        .iter()
        .filter(|field| FIELDS.contains(&field.name.as_str()))
    {
        // Writing to a string cannot fail.
        let _ = write!(told, " {}={}", field.name, field.value);
    }
    Some(plain(&told))
}

/// A line of a diagnostic that quotes or names what somebody configured.
fn is_about_the_configuration(line: &str) -> bool {
    let line = line.trim_start_matches(['│', ' ']);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && line[digits..].starts_with(':'))
        || (line.starts_with("with ") && line.ends_with(','))
        || (line.starts_with("on ") && line.contains(" line "))
        || line.starts_with(['├', '|'])
}

/// A message without the names that somebody gave to resources.
fn unnamed(message: &str) -> String {
    static ADDRESS: Pattern = pattern(|| {
        Regex::new(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?\b([a-z0-9]+_\w+)\.[\w-]+(?:\[[^\]]*\])?").ok()
    });
    let replaced = ADDRESS
        .as_ref()
        .map(|address| address.replace_all(message, "$1.(name)"));
    replaced.map_or_else(String::new, std::borrow::Cow::into_owned)
}

/// Without secrets, numbers of accounts, and addresses of people and machines.
fn plain(text: &str) -> String {
    static NUMBERS: Pattern = pattern(|| Regex::new(r"\b\d{12}\b").ok());
    static MAIL: Pattern = pattern(|| Regex::new(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+").ok());
    static HOME: Pattern = pattern(|| Regex::new(r"(/home/|/Users/|/root\b)[^/\s:]*").ok());
    static QUOTED: Pattern = pattern(|| Regex::new(r#"cty\.StringVal\("[^"]*"\)"#).ok());
    static VERTEX: Pattern = pattern(|| Regex::new(r#"vertex "([^"\\]|\\.)*""#).ok());
    let mut text = mask(text);
    for (pattern, with) in [
        (&NUMBERS, "000000000000"),
        (&MAIL, "(mail)"),
        (&HOME, "(home)"),
        (&QUOTED, "cty.StringVal(…)"),
        (&VERTEX, "vertex (…)"),
    ] {
        match pattern.as_ref() {
            Some(pattern) => text = pattern.replace_all(&text, with).into_owned(),
            // What cannot be looked through is not told.
            None => return String::new(),
        }
    }
    text
}
