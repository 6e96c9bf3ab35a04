//! The way from an instance to its values as a rule writes it: names with dots
//! between them, `*` for every part of a list or object, `**` for everything
//! at any depth. JSON inside of a string is opened on the way.

use super::super::value::Value;

/// Calls `take` with every value that the path leads to; a null is no value. Ends early once `take` says so.
pub fn any(value: &Value<'_>, path: &str, take: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let value = value.logical();
    match (step, value) {
        (_, Value::Null) => false,
        ("", Value::Text(text)) if is_opened(text) => match Value::inside(text) {
            Some(inside) => take(&inside),
            None => take(value),
        },
        ("", _) => take(value),
        (_, Value::Text(text)) => {
            Value::inside(text).is_some_and(|inside| any(&inside, path, take))
        }
        ("*", _) => parts(value).any(|part| any(part, rest, take)),
        ("**", _) => any(value, rest, take) || parts(value).any(|part| any(part, path, take)),
        (name, _) => value
            .member(name)
            .is_some_and(|member| any(member, rest, take)),
    }
}

fn is_opened(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '['])
}

/// The direct parts of a list or object.
pub fn parts<'v, 'a>(value: &'v Value<'a>) -> Box<dyn Iterator<Item = &'v Value<'a>> + 'v> {
    match value {
        Value::List(list) => Box::new(list.iter()),
        Value::Object(members) => Box::new(members.iter().map(|(_, member)| member)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::TooDeep => {
            Box::new(std::iter::empty())
        }
    }
}
