//! An attribute's value, parsed on demand from its raw bytes.
//!
//! Two values are equal when Terraform would take them for the same: the
//! order of an object's members and the spelling of a number mean nothing.

use std::borrow::Cow;

use super::json::{Flaw, Scanner, Shape};

/// Nothing that Terraform writes is nested deeper.
const DEEPEST: usize = 100;

/// A JSON value that borrows from the state's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    /// Sorted by name; of two members with one name the later one counts.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
    TooDeep,
}

/// A number as it is spelled, however large or precise.
#[derive(Debug, Clone)]
pub struct Number<'a>(pub Cow<'a, str>);

impl<'a> Value<'a> {
    /// Parses the raw bytes of one value; none where they are not JSON.
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        let mut scanner = Scanner::new(raw);
        let value = Self::read(&mut scanner, 0).ok()?;
        scanner.finish().ok()?;
        Some(value)
    }

    /// The object or list that a string holds as JSON, as policies and definitions do.
    pub fn inside(text: &str) -> Option<Value<'_>> {
        let first = text.trim_ascii_start().as_bytes().first()?;
        if !matches!(first, b'{' | b'[') {
            return None;
        }
        Value::parse(text.as_bytes())
    }

    /// The value as JSON on one line.
    pub fn to_json(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => number.0.clone().into_owned(),
            Self::Text(text) => quoted(text),
            Self::List(list) => {
                let parts: Vec<_> = list.iter().map(Self::to_json).collect();
                format!("[{}]", parts.join(", "))
            }
            Self::Object(members) => {
                let member = |(name, value): &(Cow<'_, str>, Value<'_>)| {
                    format!("{}: {}", quoted(name), value.to_json())
                };
                let parts: Vec<_> = members.iter().map(member).collect();
                format!("{{{}}}", parts.join(", "))
            }
            Self::TooDeep => quoted("… (nested too deep to show)"),
        }
    }

    /// A member of an object.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let place = members
            .binary_search_by(|(own, _)| (**own).cmp(name))
            .ok()?;
        Some(&members[place].1)
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value itself, without the `{"value", "type"}` wrapper that Terraform puts around a dynamic one.
    pub fn logical(&self) -> &Self {
        match self {
            Self::Object(members) if members.len() == 2 => {
                match (self.member("value"), self.member("type")) {
                    (Some(value), Some(kind)) if kind.is_type() => value,
                    _ => self,
                }
            }
            _ => self,
        }
    }

    /// Whether this is a type as cty writes it: `"string"`, `["list", "string"]`, `["object", {…}]`.
    fn is_type(&self) -> bool {
        match self {
            Self::Text(name) => matches!(&**name, "string" | "number" | "bool" | "dynamic"),
            Self::List(parts) => {
                parts.len() >= 2
                    && parts[0].text().is_some_and(|name| {
                        matches!(name, "object" | "list" | "map" | "set" | "tuple")
                    })
            }
            _ => false,
        }
    }

    fn read(scanner: &mut Scanner<'a>, depth: usize) -> Result<Self, Flaw> {
        let shape = scanner.shape()?;
        if depth > DEEPEST && matches!(shape, Shape::List | Shape::Object) {
            scanner.skip()?;
            return Ok(Self::TooDeep);
        }
        Ok(match shape {
            Shape::Null => {
                scanner.skip()?;
                Self::Null
            }
            Shape::Bool => Self::Bool(scanner.token()? == b"true"),
            Shape::Number => Self::Number(Number(String::from_utf8_lossy(scanner.token()?))),
            Shape::Text => Self::Text(scanner.string()?),
            Shape::List => {
                let mut list = Vec::new();
                scanner.list::<Flaw>(|scanner| {
                    list.push(Self::read(scanner, depth + 1)?);
                    Ok(())
                })?;
                Self::List(list)
            }
            Shape::Object => {
                let mut members = Vec::new();
                scanner.object::<Flaw>(|scanner, name| {
                    members.push((name, Self::read(scanner, depth + 1)?));
                    Ok(())
                })?;
                members.reverse();
                members.sort_by(|(one, _), (two, _)| one.cmp(two));
                members.dedup_by(|(next, _), (kept, _)| next == kept);
                Self::Object(members)
            }
        })
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.plain() == other.plain()
    }
}

impl Eq for Number<'_> {}

impl Number<'_> {
    /// Sign, significant digits and the power of ten of the last one: the same for every spelling.
    fn plain(&self) -> (bool, String, i128) {
        let lower = self.0.to_ascii_lowercase();
        let (number, power) = lower.split_once('e').unwrap_or((&lower, "0"));
        let negative = number.starts_with('-');
        let (whole, fraction) = number
            .trim_start_matches('-')
            .split_once('.')
            .unwrap_or((number.trim_start_matches('-'), ""));
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        let power = power.parse::<i128>().unwrap_or(i128::MAX / 2);
        let last = power - fraction.len() as i128 + (digits.len() - significant.len()) as i128;
        match significant.trim_start_matches('0') {
            "" => (false, String::new(), 0),
            kept => (negative, kept.to_owned(), last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value<'_> {
        Value::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn members_are_found_whatever_their_order() {
        assert_eq!(
            value(r#"{"b":1,"a":[null]}"#),
            value(r#"{ "a": [null], "b": 1 }"#)
        );
        assert_eq!(value(r#"{"b":1,"a":2}"#).member("a"), Some(&value("2")));
        assert_eq!(value(r#"{"a":1,"a":2}"#).member("a"), Some(&value("2")));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_spelled() {
        for (one, two) in [
            ("1", "1.0"),
            ("1000", "1e3"),
            ("0", "-0.00"),
            ("1.50E-2", "0.015"),
        ] {
            assert_eq!(value(one), value(two));
        }
        assert_ne!(value("12345678901234567890"), value("12345678901234567891"));
        assert_ne!(value("1"), value("-1"));
        assert_ne!(value("1"), value("10"));
    }

    #[test]
    fn a_wrapper_is_seen_through_and_a_look_alike_is_not() {
        assert_eq!(
            value(r#"{"value":{"a":1},"type":["object",{"a":"number"}]}"#).logical(),
            &value(r#"{"a":1}"#)
        );
        let tag = value(r#"{"value":"x","type":"forward"}"#);
        assert_eq!(tag.logical(), &tag);
    }

    #[test]
    fn deep_nesting_is_cut_off_and_survived() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(Value::parse(deep.as_bytes()).is_some());
    }

    #[test]
    fn json_inside_of_a_string_is_found() {
        assert_eq!(
            Value::inside(r#" {"Version":"2012-10-17"}"#),
            Some(value(r#"{"Version":"2012-10-17"}"#))
        );
        assert_eq!(Value::inside("{not json"), None);
        assert_eq!(Value::inside("42"), None);
    }
}
