//! One condition of a rule: where it looks, and what it looks for.

use jiff::Timestamp;
use jiff::civil::Date;
use regex::Regex;
use serde::Deserialize;

use super::super::secret::{is_secret_name, looks_secret};
use super::super::value::Value;
use super::Surroundings;
use super::path::{any, parts};

/// Fargate's sizes: CPU units, the least and the most memory in MiB, and the step between them.
const FARGATE: [(u64, u64, u64, u64); 7] = [
    (256, 512, 2_048, 512),
    (512, 1_024, 4_096, 1_024),
    (1_024, 2_048, 8_192, 1_024),
    (2_048, 4_096, 16_384, 1_024),
    (4_096, 8_192, 30_720, 1_024),
    (8_192, 16_384, 61_440, 4_096),
    (16_384, 32_768, 122_880, 8_192),
];

/// Names by which teams call the bucket of their states.
const STATE_BUCKET: &str = r"(?i)tf-?state|terraform-?(remote-?)?state|terraform-?backend";

/// A condition as the rules write it; exactly one thing is looked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    #[serde(default)]
    path: Paths,
    /// Holds where no value is what is looked for.
    #[serde(default)]
    not: bool,
    is: Option<toml::Value>,
    #[serde(rename = "in")]
    among: Option<Vec<String>>,
    below: Option<u64>,
    above: Option<u64>,
    /// Whether there is nothing there, or nothing in it.
    empty: Option<bool>,
    #[serde(default, deserialize_with = "pattern")]
    matches: Option<Regex>,
    /// An object with another member than these.
    names_beyond: Option<Vec<String>>,
    /// `from_port` and `to_port` enclose one of these.
    ports: Option<Vec<u64>>,
    secret: Option<Secret>,
    state_bucket: Option<bool>,
    /// A pair of cpu and memory that Fargate does not have.
    fargate: Option<bool>,
    older_than_days: Option<i64>,
}

/// Where a condition looks: at one path or at several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
enum Paths {
    #[default]
    Here,
    One(String),
    Several(Vec<String>),
}

/// How a secret is recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Secret {
    /// An object with a `name` of a secret and a `value`.
    Pair,
    /// An object with a member that has the name or the looks of a secret.
    Member,
    /// A text that looks like one.
    Text,
    /// A text that names one.
    Name,
    /// An object without any.
    None,
}

fn pattern<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Regex>, D::Error> {
    let text = String::deserialize(source)?;
    Regex::new(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

impl Condition {
    /// The bytes without which the condition cannot hold; none where it can without any.
    pub fn stem(&self) -> Option<&str> {
        if self.not || self.empty.is_some() {
            return None;
        }
        let Paths::One(path) = &self.path else {
            return None;
        };
        path.split('.').find(|step| !step.contains('*'))
    }

    pub fn holds(&self, value: &Value<'_>, around: &Surroundings<'_>) -> bool {
        let here = [""];
        let paths: Vec<&str> = match &self.path {
            Paths::Here => here.to_vec(),
            Paths::One(path) => vec![path],
            Paths::Several(paths) => paths.iter().map(String::as_str).collect(),
        };
        let mut take = |found: &Value<'_>| self.is_met(found, around);
        let some = paths.iter().any(|path| any(value, path, &mut take));
        // Nothing at all is empty, too.
        let met = if self.empty == Some(true) {
            !some
        } else {
            some
        };
        met != self.not
    }

    /// Whether one value is what is looked for.
    fn is_met(&self, found: &Value<'_>, around: &Surroundings<'_>) -> bool {
        let text = found.text();
        if let Some(wanted) = &self.is {
            return equals(found, wanted);
        }
        if let Some(among) = &self.among {
            return text.is_some_and(|text| among.iter().any(|one| one == text));
        }
        if self.below.is_some() || self.above.is_some() {
            let number = number(found);
            let below = self
                .below
                .is_none_or(|most| number.is_some_and(|n| n < most as f64));
            return below
                && self
                    .above
                    .is_none_or(|least| number.is_some_and(|n| n > least as f64));
        }
        if self.empty.is_some() {
            return !is_empty(found);
        }
        if let Some(pattern) = &self.matches {
            return text.is_some_and(|text| pattern.is_match(text));
        }
        if let Some(names) = &self.names_beyond {
            return matches!(found, Value::Object(members) if members.iter().any(|(name, _)| !names.iter().any(|known| **known == **name)));
        }
        if let Some(ports) = &self.ports {
            return encloses(found, ports);
        }
        if let Some(secret) = self.secret {
            return is_secret(found, secret);
        }
        if self.state_bucket.is_some() {
            return text.is_some_and(|text| is_state_bucket(text, around));
        }
        if self.fargate.is_some() {
            return has_no_size(found);
        }
        let days = self.older_than_days.unwrap_or(i64::MAX);
        text.and_then(day).is_some_and(|then| {
            let age = around.now.duration_since(then);
            age.as_hours() / 24 > days
        })
    }
}

fn equals(found: &Value<'_>, wanted: &toml::Value) -> bool {
    match (found, wanted) {
        (Value::Bool(found), toml::Value::Boolean(wanted)) => found == wanted,
        (Value::Text(found), toml::Value::String(wanted)) => **found == **wanted,
        (_, toml::Value::Integer(wanted)) => number(found) == Some(*wanted as f64),
        _ => false,
    }
}

/// A number, also where the provider writes it as a text.
fn number(found: &Value<'_>) -> Option<f64> {
    match found {
        Value::Number(number) => number.0.parse().ok(),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn is_empty(found: &Value<'_>) -> bool {
    match found {
        Value::Text(text) => text.is_empty(),
        Value::List(_) | Value::Object(_) => parts(found).next().is_none(),
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::TooDeep => false,
    }
}

fn encloses(found: &Value<'_>, ports: &[u64]) -> bool {
    let member = |name| found.member(name);
    // All protocols are all ports; the numbers beside that mean nothing.
    let protocol = member("protocol").or(member("ip_protocol"));
    if protocol.and_then(Value::text) == Some("-1") {
        return true;
    }
    let port = |name| member(name).and_then(number);
    let (Some(from), Some(to)) = (port("from_port"), port("to_port")) else {
        return false;
    };
    ports
        .iter()
        .any(|port| (from..=to).contains(&(*port as f64)))
}

fn is_secret(found: &Value<'_>, how: Secret) -> bool {
    let named = |name| found.member(name).and_then(Value::text);
    match how {
        Secret::Text => found.text().is_some_and(looks_secret),
        Secret::Name => found.text().is_some_and(is_secret_name),
        Secret::Pair => {
            let value = named("value").unwrap_or_default();
            let by_name = named("name").is_some_and(is_secret_name);
            !is_reference(value) && (by_name || looks_secret(value))
        }
        Secret::Member => has_secret(found),
        Secret::None => {
            matches!(found, Value::Object(members) if !members.is_empty()) && !has_secret(found)
        }
    }
}

/// Whether any member, however deep, has the name or the looks of a secret.
fn has_secret(found: &Value<'_>) -> bool {
    match found {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let named = is_secret_name(name)
                && !member.text().is_some_and(is_reference)
                && !matches!(member, Value::Bool(_) | Value::Null);
            named || has_secret(member)
        }),
        Value::List(list) => list.iter().any(has_secret),
        Value::Text(text) => looks_secret(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::TooDeep => false,
    }
}

/// Whether a text only says where a secret is kept.
fn is_reference(text: &str) -> bool {
    let starts = [
        "arn:",
        "/",
        "{{resolve:",
        "ssm:",
        "secretsmanager:",
        "vault:",
        "projects/",
    ];
    text.is_empty() || starts.iter().any(|start| text.starts_with(start))
}

fn is_state_bucket(name: &str, around: &Surroundings<'_>) -> bool {
    let known = |pattern: Regex| pattern.is_match(name);
    around.bucket == Some(name) || Regex::new(STATE_BUCKET).is_ok_and(known)
}

fn has_no_size(found: &Value<'_>) -> bool {
    let size = |name| found.member(name).and_then(number);
    let (Some(cpu), Some(memory)) = (size("cpu"), size("memory")) else {
        return false;
    };
    let (cpu, memory) = (cpu as u64, memory as u64);
    !FARGATE.iter().any(|(units, least, most, step)| {
        // The smallest size doubles: 512, 1024, 2048.
        let odd = *units == 256 && memory == 1_536;
        *units == cpu && (*least..=*most).contains(&memory) && memory.is_multiple_of(*step) && !odd
    })
}

/// A point in time, or the beginning of a day.
fn day(text: &str) -> Option<Timestamp> {
    let whole = text.parse().ok();
    whole.or_else(|| {
        let date: Date = text.parse().ok()?;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    })
}
