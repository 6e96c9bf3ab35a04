//! The ` key=value` arguments of a text log. hclog quotes a value only where
//! it must, and does not escape the backslash, so where a value ends can't
//! always be known: the reading here is the one that keeps the most pairs.

use crate::log::record::Field;

/// Splits a header line's message from its arguments.
///
/// They begin after the first `: ` from which everything to the end of the
/// line reads as pairs; a failed reading is not tried again inside the text
/// that it already covered, which keeps this linear.
pub fn split(text: &str) -> (&str, Vec<Field>) {
    let mut from = 0;
    while let Some(found) = text[from..].find(':') {
        let colon = from + found;
        let (fields, end) = pairs(text, colon + 1);
        let complete = text[end..].trim().is_empty();
        let opens_block = text[colon + 1..].is_empty();
        if complete && !opens_block && !fields.is_empty() {
            return (&text[..colon], fields);
        }
        from = end.max(colon + 1);
    }
    (text.strip_suffix(": ").unwrap_or(text), Vec::new())
}

/// Reads ` key=value` pairs from `at` on, and says where they stop.
fn pairs(text: &str, mut at: usize) -> (Vec<Field>, usize) {
    let mut fields = Vec::new();
    while let Some((field, end)) = pair(text, at) {
        fields.push(field);
        at = end;
    }
    (fields, at)
}

/// One ` key=value`, with the space before it.
fn pair(text: &str, at: usize) -> Option<(Field, usize)> {
    let rest = text.get(at..)?.strip_prefix(' ')?;
    let equals = rest.find(|c: char| !is_name(c))?;
    if equals == 0 || !rest[equals..].starts_with('=') {
        return None;
    }
    let value = &rest[equals + 1..];
    let length = value_length(value);
    let field = Field {
        name: rest[..equals].to_owned(),
        value: unquoted(&value[..length]),
    };
    Some((field, at + 1 + equals + 1 + length))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-@/".contains(c)
}

/// How far a value reaches: to its closing quote or bracket, else to a space.
fn value_length(value: &str) -> usize {
    match value.as_bytes().first() {
        Some(b'"') => closing(value, b'"'),
        Some(b'[') => closing(value, b']'),
        _ => value.find(' ').unwrap_or(value.len()),
    }
}

/// The end after the first `mark` that stands before a space or the end and is
/// not escaped; the whole text where there is none.
fn closing(value: &str, mark: u8) -> usize {
    let bytes = value.as_bytes();
    (1..bytes.len())
        .find(|&at| {
            bytes[at] == mark
                && (mark != b'"' || bytes[at - 1] != b'\\')
                && matches!(bytes.get(at + 1), None | Some(b' '))
        })
        .map_or(value.len(), |at| at + 1)
}

/// A value without its quotes; only the escaped quote is undone, because what
/// the other escapes stand for must not reach a screen.
fn unquoted(value: &str) -> String {
    value
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .map_or_else(|| value.to_owned(), |inner| inner.replace("\\\"", "\""))
}

/// Reads the values of several lines (`  key=`, then lines that begin `  | `)
/// and the pairs after each out of a record's continuation lines; gives back
/// the lines that are neither.
pub fn read_blocks(text: &str, fields: &mut Vec<Field>) -> Vec<String> {
    let mut body = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens = lines.peek().is_some_and(|next| next.starts_with("  |"));
        if let Some(name) = block_name(line).filter(|_| opens) {
            let mut value = Vec::new();
            while let Some(row) = lines.next_if(|next| next.starts_with("  |")) {
                value.push(row.strip_prefix("  | ").unwrap_or(&row[3..]));
            }
            fields.push(Field {
                name: name.to_owned(),
                value: value.join("\n"),
            });
            continue;
        }
        let (pairs, end) = pairs(line, line.len().min(2));
        if line.starts_with("   ") && !pairs.is_empty() && end == line.len() {
            fields.extend(pairs);
            continue;
        }
        if line.trim().is_empty() && !fields.is_empty() {
            continue;
        }
        body.push(line.to_owned());
    }
    body
}

/// The name of a line `  key=` that opens a value of several lines.
fn block_name(line: &str) -> Option<&str> {
    let name = line.strip_prefix("  ")?.strip_suffix('=')?;
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (String, Vec<(String, String)>) {
        let (message, fields) = split(text);
        let pairs = fields.into_iter().map(|f| (f.name, f.value)).collect();
        (message.to_owned(), pairs)
    }

    fn pairs_of(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        list.iter().map(owned).collect()
    }

    #[test]
    fn an_empty_value_is_a_value() {
        let (message, fields) = shown("done: error=\"\" n=2");
        assert_eq!(message, "done");
        assert_eq!(fields, pairs_of(&[("error", ""), ("n", "2")]));
    }

    #[test]
    fn a_quoted_value_keeps_the_quotes_inside_it() {
        let (_, fields) = shown(r#"sent: body="{\"a\": \"b c\"}" x=1"#);
        assert_eq!(fields, pairs_of(&[("body", r#"{"a": "b c"}"#), ("x", "1")]));
    }

    #[test]
    fn a_colon_inside_the_message_does_not_end_it() {
        let (message, fields) = shown("dag/walk: visiting \"a\": took: ms=3");
        assert_eq!(message, "dag/walk: visiting \"a\": took");
        assert_eq!(fields, pairs_of(&[("ms", "3")]));
    }

    #[test]
    fn text_with_an_equals_sign_is_not_an_argument() {
        let (message, fields) = shown("note: we said x=1 and meant it");
        assert_eq!(message, "note: we said x=1 and meant it");
        assert_eq!(fields, []);
    }

    #[test]
    fn a_quote_that_is_never_closed_takes_the_rest() {
        let (_, fields) = shown("cut: body=\"{\\\"a\\\":");
        assert_eq!(fields.len(), 1);
    }

    #[test]
    fn a_thousand_colons_are_read_in_one_pass() {
        let text = ": a=b c".repeat(10_000);
        let (message, _) = split(&text);
        assert!(!message.is_empty());
    }
}
