//! Work on a resource as it is told: by the visits of core's graph (TRACE), by
//! the events of `-json` and by the progress lines for people. What has no end
//! (`Starting apply for`, `Refreshing state...`) is no work that can be told. Who
//! tells it matters, because one piece of work is often told twice in one file.

use std::borrow::Cow;

use super::address::{is_resource, length};
use super::run::unescaped;
use crate::log::display;
use crate::log::format;
use crate::log::lanes;
use crate::log::level::Level;
use crate::log::raw::Raw;

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    Refresh,
    /// Reading a data source.
    Read,
    Plan,
    /// Creating or changing it.
    Apply,
    Destroy,
}

impl Act {
    /// The name for people and machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Read => "read",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Destroy => "destroy",
        }
    }
}

/// Who tells of a step, the least exact first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Teller {
    /// A progress line for people.
    Output,
    /// An event of `-json`.
    Event,
    /// A visit of the graph.
    Visit,
}

/// How far the work is. Durations are in milliseconds, where the teller gives one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Began,
    Running { elapsed: u64 },
    Ended { elapsed: Option<u64> },
    Failed { elapsed: Option<u64> },
}

/// A step of the work on one resource. The address stands in the record
/// itself, but for the few that are written with escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<'a> {
    pub address: Cow<'a, str>,
    /// None where only the address tells which work is meant.
    pub act: Option<Act>,
    pub phase: Phase,
    pub teller: Teller,
}

impl Step<'_> {
    /// The same without its record.
    pub fn into_owned(self) -> Step<'static> {
        Step {
            address: self.address.into_owned().into(),
            ..self
        }
    }
}

/// How the messages begin of a refresh that begins and of one that ends. The
/// misspelled name is Terraform's own.
pub const BEGINNINGS: [&[u8]; 2] = [
    b"NodeAbstractResourceInstance.refresh for ",
    b"NodeAbstractResouceInstance.writeResourceInstanceState to refreshState for ",
];

/// The step that a core message tells of.
pub fn of_message(message: &[u8]) -> Option<Step<'_>> {
    if let Some(rest) = message.strip_prefix(b"vertex \"") {
        return of_vertex(rest);
    }
    let [began, ended] = BEGINNINGS.map(|start| message.strip_prefix(start));
    let (rest, phase) = match began {
        Some(rest) => (rest, Phase::Began),
        None => (ended?, Phase::Ended { elapsed: None }),
    };
    let address = &rest[..length(rest)?];
    Some(Step {
        address: text(address),
        act: Some(Act::Refresh),
        phase,
        teller: Teller::Visit,
    })
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    // What is clean, as nearly all is, needs one quick look.
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The name and the error of `vertex "NAME" error: …`.
pub fn vertex_error(message: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (name, rest) = quoted_name(message.strip_prefix(b"vertex \"")?)?;
    let error = rest.strip_prefix(b" error: ")?;
    let (address, _) = instance(name)?;
    Some((address.into_owned().into_bytes(), error))
}

/// Splits what follows `vertex "` at its closing quote.
fn quoted_name(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = lanes::closing_quote(rest)?;
    Some((&rest[..end], &rest[end + 1..]))
}

/// The kind of visit that is work on a resource instance.
fn act_of(node: &[u8]) -> Option<Act> {
    Some(match node {
        b"NodePlannableResourceInstance)"
        | b"NodePlannableResourceInstanceOrphan)"
        | b"NodePlanDestroyableResourceInstance)"
        | b"NodePlanDeposedResourceInstanceObject)" => Act::Plan,
        b"NodeApplyableResourceInstance)" | b"NodeForgetResourceInstance)" => Act::Apply,
        b"NodeDestroyResourceInstance)" | b"NodeDestroyDeposedResourceInstanceObject)" => {
            Act::Destroy
        }
        b"NodeRefreshableManagedResourceInstance)" => Act::Refresh,
        _ => return None,
    })
}

fn of_vertex(rest: &[u8]) -> Option<Step<'_>> {
    let (name, tail) = quoted_name(rest)?;
    let (act, phase) = match tail {
        b": visit complete" => (None, Phase::Ended { elapsed: None }),
        b": visit complete, with errors" => (None, Phase::Failed { elapsed: None }),
        _ => {
            let node = tail.strip_prefix(b": starting visit (*")?;
            let node = &node[lanes::find(node, b'.')? + 1..];
            (Some(act_of(node)?), Phase::Began)
        }
    };
    // Most vertices are no resources; their names say so before anything is copied.
    if name.starts_with(b"provider[") || lanes::find(name, b'.').is_none() {
        return None;
    }
    let (address, is_destroyed) = instance(name)?;
    if !is_resource(address.as_bytes()) {
        return None;
    }
    let act = match act {
        Some(Act::Apply) if address_is_data(&address) => Some(Act::Read),
        None if is_destroyed => Some(Act::Destroy),
        act => act,
    };
    Some(Step {
        address,
        act,
        phase,
        teller: Teller::Visit,
    })
}

fn address_is_data(address: &str) -> bool {
    address.starts_with("data.") || address.contains(".data.")
}

/// The instance that a vertex stands for, and whether it is the one that destroys it.
fn instance(name: &[u8]) -> Option<(Cow<'_, str>, bool)> {
    let name = std::str::from_utf8(name).ok()?;
    let name = if lanes::find(name.as_bytes(), b'\\').is_some() {
        Cow::Owned(unescaped(name))
    } else {
        Cow::Borrowed(name)
    };
    // Most names end with a letter or a key, and nothing is looked for in them.
    if !name.ends_with(')') {
        return Some((name, false));
    }
    if let Some((address, key)) = name.split_once(" (destroy deposed ") {
        let key = key.strip_suffix(')')?;
        return Some((format!("{address} (deposed object {key})").into(), true));
    }
    if let Some(address) = name.strip_suffix(" (destroy)") {
        return Some((address.to_owned().into(), true));
    }
    let orphan = name
        .strip_suffix(" (orphan)")
        .map(|name| name.to_owned().into());
    Some((orphan.unwrap_or(name), false))
}

/// The step of an event of `-json`.
pub fn of_event(record: Raw<'_>) -> Option<Step<'static>> {
    let said = record.said()?;
    if said.logger != b"terraform.ui" {
        return None;
    }
    let kind = said.field(b"type")?;
    let phase = match kind {
        b"apply_start" | b"refresh_start" => Phase::Began,
        b"apply_progress" => Phase::Running { elapsed: 0 },
        b"apply_complete" | b"refresh_complete" => Phase::Ended { elapsed: None },
        b"apply_errored" => Phase::Failed { elapsed: None },
        _ => return None,
    };
    let hook: serde_json::Value = serde_json::from_slice(said.field(b"hook")?).ok()?;
    let elapsed = hook["elapsed_seconds"]
        .as_f64()
        .map(|seconds| (seconds * 1000.0) as u64);
    let act = match hook["action"].as_str() {
        None => Act::Refresh,
        Some("delete") => Act::Destroy,
        Some("read") => Act::Read,
        Some(_) => Act::Apply,
    };
    Some(Step {
        address: hook["resource"]["addr"].as_str()?.to_owned().into(),
        act: Some(act),
        phase: match phase {
            Phase::Began => Phase::Began,
            Phase::Running { .. } => Phase::Running {
                elapsed: elapsed.unwrap_or(0),
            },
            Phase::Ended { .. } => Phase::Ended { elapsed },
            Phase::Failed { .. } => Phase::Failed { elapsed },
        },
        teller: Teller::Event,
    })
}

/// What follows the address in a progress line.
const PROGRESS: [(&str, Act); 12] = [
    ("Creating...", Act::Apply),
    ("Modifying...", Act::Apply),
    ("Destroying...", Act::Destroy),
    ("Reading...", Act::Read),
    ("Still creating...", Act::Apply),
    ("Still modifying...", Act::Apply),
    ("Still destroying...", Act::Destroy),
    ("Still reading...", Act::Read),
    ("Creation complete after ", Act::Apply),
    ("Modifications complete after ", Act::Apply),
    ("Destruction complete after ", Act::Destroy),
    ("Read complete after ", Act::Read),
];

/// How much of a progress line is read.
const REACH: usize = 1024;

/// The step of a line for people. `Refreshing state...` is none: nothing ever
/// says that it ended.
pub fn of_output(record: Raw<'_>) -> Option<Step<'_>> {
    let text = record.bytes();
    if record.level() == Level::Error {
        return of_diagnostic(record);
    }
    let end = length(text)?;
    let rest = text[end..].strip_prefix(b": ")?;
    let rest = super::first_line(&rest[..rest.len().min(REACH)]);
    let rest = display::safe(rest);
    let (words, act) = PROGRESS.iter().find(|(words, _)| rest.starts_with(words))?;
    let after = &rest[words.len()..];
    let phase = if words.starts_with("Still ") {
        Phase::Running {
            elapsed: elapsed(after).unwrap_or(0),
        }
    } else if words.ends_with("after ") {
        Phase::Ended {
            elapsed: after.split(' ').next().and_then(duration),
        }
    } else {
        Phase::Began
    };
    Some(Step {
        address: self::text(&text[..end]),
        act: Some(*act),
        phase,
        teller: Teller::Output,
    })
}

/// A resource that failed prints nothing but its diagnostic at the end: `with ADDR,`.
fn of_diagnostic(record: Raw<'_>) -> Option<Step<'static>> {
    let bytes = record.bytes();
    let parts = format::plain::read(&display::safe(&bytes[..bytes.len().min(16 * REACH)]));
    let address = parts.body.iter().find_map(|line| {
        let address = line.trim().strip_prefix("with ")?.strip_suffix(',')?;
        is_resource(address.as_bytes()).then_some(address)
    })?;
    Some(Step {
        address: address.to_owned().into(),
        act: None,
        phase: Phase::Failed { elapsed: None },
        teller: Teller::Output,
    })
}

/// The time of `[id=x, 10s elapsed]`.
fn elapsed(text: &str) -> Option<u64> {
    let (before, _) = text.rsplit_once(" elapsed]")?;
    duration(before.rsplit(['[', ' ', ',']).next()?)
}

/// Milliseconds of a Go duration: `1h2m3.5s`, `00m10s`, `0s`.
fn duration(text: &str) -> Option<u64> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        total += number
            * match &rest[digits..digits + unit] {
                "h" => 3_600_000.0,
                "m" => 60_000.0,
                "s" => 1000.0,
                "ms" => 1.0,
                _ => return None,
            };
        rest = &rest[digits + unit..];
    }
    (!text.is_empty()).then_some(total as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_duration_is_read() {
        for (text, millis) in [
            ("3s", Some(3000)),
            ("1m30s", Some(90_000)),
            ("00m10s", Some(10_000)),
            ("1h2m3.5s", Some(3_723_500)),
            ("150ms", Some(150)),
            ("", None),
            ("3", None),
            ("x", None),
            ("1..s", None),
        ] {
            assert_eq!(duration(text), millis, "{text}");
        }
        assert_eq!(elapsed(" [id=i-0 abc, 01m10s elapsed]"), Some(70_000));
        assert_eq!(elapsed(" [10s elapsed]"), Some(10_000));
    }

    #[test]
    fn a_vertex_that_destroys_stands_for_its_resource() {
        let name = |text: &str| {
            let (name, destroyed) = instance(text.as_bytes()).unwrap();
            (name.into_owned(), destroyed)
        };
        assert_eq!(name("a_b.c (destroy)"), ("a_b.c".to_owned(), true));
        assert_eq!(
            name("a_b.c[0] (destroy deposed 1a2b3c4d)"),
            ("a_b.c[0] (deposed object 1a2b3c4d)".to_owned(), true)
        );
        assert_eq!(name(r#"a_b.c[\"x\"]"#), ("a_b.c[\"x\"]".to_owned(), false));
    }

    #[test]
    fn a_name_whose_quote_is_never_closed_is_no_vertex() {
        assert_eq!(quoted_name(b"abc"), None);
        assert_eq!(quoted_name(b"abc\\"), None);
        assert_eq!(quoted_name(b"abc\nd\""), None);
    }
}
