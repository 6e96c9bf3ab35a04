//! What reports a failure in words: a diagnostic of a run, its event, a loud
//! record of the log, a request that was given up. The summary and the detail
//! are believed; configuration that is quoted beneath them is not.

use std::borrow::Cow;

use memchr::memmem;

use super::answer::may_miss;
use super::{Category, phrases};
use crate::log::format;
use crate::log::level::Level;
use crate::log::raw::{Form, Raw, Said, logger};
use crate::log::{display, signal};

/// How much of a diagnostic is read.
const REACH: usize = 16 * 1024;

/// Summaries whose detail is a user's own text, or the output of a user's own command.
const OWN_WORDS: [&str; 8] = [
    "Resource precondition failed",
    "Resource postcondition failed",
    "Check block assertion failed",
    "Invalid value for variable",
    "Module output value precondition failed",
    "local-exec provisioner error",
    "remote-exec provisioner error",
    "file provisioner error",
];

/// Whether a failure names the resource that it happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Resource,
    Other,
}

/// Whether a user wrote what a diagnostic of this summary says, or a user's own command did.
pub fn is_own(summary: &str) -> bool {
    OWN_WORDS.iter().any(|words| summary.starts_with(words))
}

/// A failure by its summary, and by its detail where that is Terraform's.
fn of_failure(summary: &str, detail: &str, about: About) -> Option<Category> {
    if is_own(summary) {
        return (about == About::Resource).then_some(Category::ResourceError);
    }
    if summary.starts_with("Cycle: ") {
        return Some(Category::Cycle);
    }
    let text = format!("{} {detail}", without_name(summary));
    let known = phrases::first(text.as_bytes());
    if known.is_some_and(|known| known != Category::ResourceError) {
        return known;
    }
    if is_answer(text.as_bytes()) {
        return Some(Category::ApiError);
    }
    known.or((about == About::Resource).then_some(Category::ResourceError))
}

/// A failure without the name of the thing that it happened to, which somebody
/// gave: `creating IAM Role (app): …` says nothing by what the role is called.
pub fn without_name(summary: &str) -> Cow<'_, str> {
    let whole = Cow::Borrowed(summary);
    let Some((doing, rest)) = summary.split_once(" (") else {
        return whole;
    };
    let verb = doing.split(' ').next().unwrap_or_default();
    match rest.split_once(')') {
        Some((_, rest)) if verb.ends_with("ing") && !doing.contains(':') => {
            Cow::Owned(format!("{doing}{rest}"))
        }
        _ => whole,
    }
}

/// Whether a text carries the error of an HTTP request.
fn is_answer(text: &[u8]) -> bool {
    let signs: [&[u8]; 4] = [
        b"StatusCode: ",
        b"api error ",
        b"googleapi: Error",
        b"unexpected status ",
    ];
    signs.iter().any(|sign| memmem::find(text, sign).is_some())
}

/// A diagnostic or a crash as a run prints it.
pub fn of_output(record: Raw<'_>) -> Option<Category> {
    if record.level() < Level::Warn && !begins_a_crash(record.bytes()) {
        return None;
    }
    let bytes = record.bytes();
    let parts = format::plain::read(&display::safe(&bytes[..bytes.len().min(REACH)]));
    let message = parts.message.as_str();
    if begins_a_crash(message.as_bytes()) {
        return Some(Category::ProviderCrash);
    }
    let (detail, about) = detail(&parts.body);
    if let Some(summary) = message.strip_prefix("Error: ") {
        return of_failure(
            &format!("{summary} {}", detail.wrapped),
            &detail.text,
            about,
        );
    }
    let summary = message.strip_prefix("Warning: ")?;
    of_warning(summary, &detail.text)
}

fn begins_a_crash(text: &[u8]) -> bool {
    let starts: [&[u8]; 3] = [b"panic: ", b"fatal error: ", b"Stack trace from the "];
    starts.iter().any(|start| text.starts_with(start))
        || (text.starts_with(b"!!!!!!!!") && memmem::find(text, b" CRASH !").is_some())
}

fn of_warning(summary: &str, detail: &str) -> Option<Category> {
    if is_own(summary) {
        return None;
    }
    let deprecated = |text: &str| text.contains("eprecat");
    (deprecated(summary) || deprecated(detail)).then_some(Category::Deprecation)
}

/// The lines beneath a summary.
#[derive(Debug, Default)]
struct Detail {
    /// The rest of a summary that was wrapped: the lines up to the first empty one.
    wrapped: String,
    text: String,
}

/// The detail without the configuration that it quotes, and what it is about.
fn detail(body: &[String]) -> (Detail, About) {
    let (mut detail, mut about, mut headed) = (Detail::default(), About::Other, false);
    for line in body {
        let line = line.trim();
        if line.is_empty() {
            headed = true;
            continue;
        }
        if is_place_of_resource(line) {
            about = About::Resource;
        }
        if is_quoted(line) || is_place(line) {
            continue;
        }
        let part = if headed {
            &mut detail.text
        } else {
            &mut detail.wrapped
        };
        part.push_str(line);
        part.push(' ');
    }
    (detail, about)
}

/// Where in the configuration it happened, with names that a user gave.
fn is_place(line: &str) -> bool {
    (line.starts_with("on ") && line.contains(" line "))
        || (line.starts_with("with ") && line.ends_with(','))
}

/// `with aws_instance.web,` or `on main.tf line 3, in resource "a" "b":`.
fn is_place_of_resource(line: &str) -> bool {
    let with = line
        .strip_prefix("with ")
        .and_then(|rest| rest.strip_suffix(','));
    with.is_some_and(|address| signal::is_resource(address.as_bytes()))
        || (line.starts_with("on ")
            && [", in resource \"", ", in data \""]
                .iter()
                .any(|part| line.contains(part)))
}

/// A quoted line of configuration (`9:   name = "x"`) or the value of an
/// expression in it, which stands behind a frame of its own.
fn is_quoted(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && line[digits..].starts_with(':')) || line.starts_with(['│', '├', '|'])
}

/// An event of `-json`: a diagnostic, or an operation that failed.
pub fn of_event(record: Raw<'_>) -> Option<Category> {
    let event: serde_json::Value = serde_json::from_slice(first_line(record.bytes())).ok()?;
    let diagnostic = &event["diagnostic"];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    match event["type"].as_str()? {
        "diagnostic" => {
            let (summary, detail) = (text(&diagnostic["summary"]), text(&diagnostic["detail"]));
            if diagnostic["severity"] == "warning" {
                return of_warning(&summary, &detail);
            }
            let address = diagnostic["address"].as_str().unwrap_or_default();
            let context = diagnostic["snippet"]["context"]
                .as_str()
                .unwrap_or_default();
            let in_block = ["resource \"", "data \""]
                .iter()
                .any(|block| context.starts_with(block));
            let about = if signal::is_resource(address.as_bytes()) || in_block {
                About::Resource
            } else {
                About::Other
            };
            of_failure(&summary, &detail.replace('\n', " "), about)
        }
        _ => None,
    }
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    &bytes[..end]
}

/// A record of the log that is no HTTP answer.
pub fn of_message(said: &Said<'_>, record: Raw<'_>) -> Option<Category> {
    let message = said.message;
    let from_plugin = !said.logger.is_empty();
    if from_plugin && begins_a_crash(message) {
        return Some(Category::ProviderCrash);
    }
    if message.starts_with(b"request failed with unretryable") {
        return of_given_up(said);
    }
    if message.starts_with(b"max retry attempts exhausted") {
        return Some(Category::ApiError);
    }
    if super::begins_harmless(message) {
        return None;
    }
    let message = unescaped(message, record.form());
    let (level, message) = plugin_level(&message).unwrap_or((record.level(), &message));
    match level.max(record.level()) {
        Level::Error => of_error(said, message),
        Level::Warn => of_warn(said, message),
        Level::Info | Level::Debug | Level::Trace => None,
    }
}

/// A message with its quotes; in JSON they are escaped.
fn unescaped(message: &[u8], form: Form) -> Cow<'_, [u8]> {
    if form == Form::Text || memchr::memchr(b'\\', message).is_none() {
        return Cow::Borrowed(message);
    }
    let text = String::from_utf8_lossy(message);
    Cow::Owned(signal::unescaped(&text).into_bytes())
}

/// The level and message behind a plugin's own stamp (`2026/11/22 11:52:08
/// [WARN] …`), which its host keeps as text.
pub fn plugin_level(message: &[u8]) -> Option<(Level, &[u8])> {
    let stamped = message.len() > 20 && message[4] == b'/' && message[7] == b'/';
    let text = if stamped { &message[20..] } else { message };
    let (open, rest) = text.split_first()?;
    let close = rest.iter().take(6).position(|&byte| byte == b']')?;
    let level = Level::named(&rest[..close]).filter(|_| *open == b'[')?;
    let (_, message) = logger(rest[close + 1..].trim_ascii_start());
    Some((level, message))
}

/// A request that the SDK will not repeat: `… https response error StatusCode: 412, …`.
fn of_given_up(said: &Said<'_>) -> Option<Category> {
    let text = said.message;
    let holds = |part: &str| memmem::find(text, part.as_bytes()).is_some();
    let about_lock = matches!(
        said.field(b"tf_backend.operation"),
        Some(b"Lock" | b"Unlock")
    );
    let taken = [
        "StatusCode: 412",
        "StatusCode: 409",
        "ConditionalCheckFailed",
    ];
    if about_lock && taken.iter().any(|part| holds(part)) {
        return Some(Category::Lock);
    }
    let by_backend = said.logger.starts_with(b"backend-");
    match phrases::first(text) {
        Some(Category::Backend) if !by_backend => {}
        None => {}
        known => return known,
    }
    let absent = holds("StatusCode: 404") || holds("NotFound") || holds("NoSuch");
    let absent = absent && may_miss(said.field(b"rpc.method").unwrap_or_default());
    (!absent && !holds("context canceled")).then_some(Category::ApiError)
}

/// A record at ERROR: a diagnostic of a provider, a failed vertex, or words of its own.
fn of_error(said: &Said<'_>, message: &[u8]) -> Option<Category> {
    let text = |name: &[u8]| {
        let value = said.field(name).unwrap_or_default();
        String::from_utf8_lossy(&value[..value.len().min(REACH)]).replace("\\n", " ")
    };
    if message.starts_with(b"Response contains error diagnostic") {
        let typed = said
            .field(b"tf_resource_type")
            .or(said.field(b"tf_data_source_type"));
        let about = if typed.is_some() {
            About::Resource
        } else {
            About::Other
        };
        return of_failure(
            &text(b"diagnostic_summary"),
            &text(b"diagnostic_detail"),
            about,
        );
    }
    if let Some((name, summary)) = signal::vertex_error(message) {
        let about = if signal::is_resource(&name) {
            About::Resource
        } else {
            About::Other
        };
        return of_failure(&String::from_utf8_lossy(summary), "", about);
    }
    let shown = String::from_utf8_lossy(&message[..message.len().min(REACH)]);
    of_failure(
        &shown,
        &format!("{} {}", text(b"error"), text(b"err")),
        About::Other,
    )
}

/// A record at WARN: what was tolerated. That there is no digest is none of
/// it: a new state has none, and neither has one that is locked by a file.
fn of_warn(said: &Said<'_>, message: &[u8]) -> Option<Category> {
    let unwritten = said.field(b"error") == Some(b"invalid md5");
    if unwritten && message.starts_with(b"failed to fetch state MD5") {
        return None;
    }
    let found = of_error(said, message);
    let deprecated = || memmem::find(message, b"eprecat").map(|_| Category::Deprecation);
    let severity = said.field(b"diagnostic_summary").unwrap_or_default();
    let named = || memmem::find(severity, b"eprecat").map(|_| Category::Deprecation);
    found.or_else(deprecated).or_else(named)
}
