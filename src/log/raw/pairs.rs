//! The ` key=value` arguments of the text log as byte ranges: the same reading
//! as `format::arguments`, without a copy. A quoted value is passed over as a
//! whole, so that nothing inside it can pass for an argument.

use memchr::memchr;

use super::LONGEST_NAME;
use crate::log::{lanes, prefix};

/// Arguments from a point in a record on; they end where something else begins.
#[derive(Debug, Clone)]
pub struct Pairs<'a> {
    rest: &'a [u8],
    names: Names,
}

/// Where arguments come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Behind a message of any kind, where `x=` may be part of a sentence.
    Doubted,
    /// Behind one that an SDK writes: what has no space is a name.
    Trusted,
}

/// Splits a message from its arguments: they begin after the first colon from
/// which everything to the end of the line reads as pairs.
pub fn split(text: &[u8]) -> (&[u8], Pairs<'_>) {
    let end = memchr(b'\n', text).unwrap_or(text.len());
    let line = &text[..end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut from = 0;
    while let Some(found) = memchr(b':', &line[from..]) {
        let colon = from + found;
        let mut pairs = Pairs {
            rest: &line[colon + 1..],
            names: Names::Doubted,
        };
        let count = pairs.by_ref().count();
        let complete = pairs.rest.iter().all(|&byte| byte == b' ');
        let opens_block = pairs.rest.is_empty() && block(&text[end..]).is_some();
        if complete && (count > 0 || opens_block) {
            let rest = &text[colon + 1..];
            return (&line[..colon], Pairs::new(rest, Names::Doubted));
        }
        from = (line.len() - pairs.rest.len()).max(colon + 1);
    }
    let rest = &text[end..];
    (line, Pairs::new(rest, Names::Doubted))
}

impl<'a> Pairs<'a> {
    fn new(rest: &'a [u8], names: Names) -> Self {
        Self { rest, names }
    }

    /// What is left of arguments that an SDK wrote.
    pub fn text_of_an_exchange(&self) -> Option<&'a [u8]> {
        (self.names == Names::Trusted).then_some(self.rest)
    }

    /// The arguments of a request or an answer, from behind its message's colon.
    pub fn of_an_exchange(rest: &'a [u8]) -> Self {
        Self::new(rest, Names::Trusted)
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(rest) = self.rest.strip_prefix(b"\r") {
            self.rest = rest;
        }
        if self.rest.first() == Some(&b'\n') {
            if let Some((name, value, rest)) = block(self.rest) {
                self.rest = rest;
                return Some((name, value));
            }
            // The arguments after a block stand behind three spaces.
            self.rest = next_line(self.rest)?.strip_prefix(b"  ")?;
        }
        let text = self.rest.strip_prefix(b" ")?;
        let (name, after) = match self.names {
            Names::Doubted => name(text)?,
            Names::Trusted => trusted_name(text)?,
        };
        let length = value_length(after);
        self.rest = &after[length..];
        Some((name, unquoted(&after[..length])))
    }
}

/// A name and what follows its equals sign.
fn name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = lanes::name_length(&text[..text.len().min(LONGEST_NAME)]);
    let after = text[length..].strip_prefix(b"=")?;
    (length > 0).then_some((&text[..length], after))
}

/// What stands before the equals sign, without a look at each letter.
fn trusted_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = lanes::find_either(&text[..text.len().min(LONGEST_NAME)], b'=', b' ')?;
    let after = text[length..].strip_prefix(b"=")?;
    Some((&text[..length], after))
}

/// The text of the next line, from the newline before it.
fn next_line(text: &[u8]) -> Option<&[u8]> {
    let line = text.strip_prefix(b"\n")?;
    if line.starts_with(b" ") {
        return Some(line);
    }
    Some(prefix::own_text(line))
}

/// A value of several lines, from the newline before its name: the name, the
/// lines, and what follows them, from its newline on.
fn block(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, after) = name(next_line(text)?.strip_prefix(b"  ")?)?;
    let lines = after.strip_prefix(b"\r").unwrap_or(after);
    let mut end = 0;
    while lines[end..].starts_with(b"\n  |")
        || next_line(&lines[end..]).is_some_and(|line| line.starts_with(b"  |"))
    {
        end = memchr(b'\n', &lines[end + 1..]).map_or(lines.len(), |next| end + 1 + next);
    }
    (end > 0).then_some((name, &lines[..end], &lines[end..]))
}

/// How far a value reaches: to its closing quote or bracket, else to a space.
fn value_length(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => closing(text, b'"'),
        Some(b'[') => closing(text, b']'),
        _ => lanes::find_either(text, b' ', b'\n').unwrap_or(text.len()),
    }
}

/// The end after the first `mark` that is not escaped and ends the value; the
/// rest of the line where there is none.
fn closing(text: &[u8], mark: u8) -> usize {
    let mut from = 1;
    while let Some(found) = lanes::find_either(&text[from..], mark, b'\n') {
        let at = from + found;
        if text[at] == b'\n' {
            return at;
        }
        let escaped = mark == b'"' && text[at - 1] == b'\\';
        if !escaped && matches!(text.get(at + 1), None | Some(b' ' | b'\n' | b'\r')) {
            return at + 1;
        }
        from = at + 1;
    }
    text.len()
}

fn unquoted(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|inner| inner.strip_suffix(b"\""))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Vec<(String, String)>) {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (message, pairs) = split(text.as_bytes());
        let pairs = pairs.map(|(name, value)| (shown(name), shown(value)));
        (shown(message), pairs.collect())
    }

    #[test]
    fn the_reading_is_that_of_the_shown_record() {
        for (text, message, count) in [
            ("done: error=\"\" n=2", "done", 2),
            (r#"sent: body="{\"a\": \"b c\"}" x=1"#, "sent", 2),
            (
                "dag/walk: visiting \"a\": took: ms=3",
                "dag/walk: visiting \"a\": took",
                1,
            ),
            (
                "note: we said x=1 and meant it",
                "note: we said x=1 and meant it",
                0,
            ),
            ("cut: body=\"{\\\"a\\\":", "cut", 1),
            ("graph:\n  a - *node\n  ------", "graph:", 0),
            ("crlf: a=1\r\n  b=\r\n  | x\r\n   c=2\r\n", "crlf", 3),
        ] {
            let (shown, pairs) = read(text);
            assert_eq!(
                (shown.as_str(), pairs.len()),
                (message, count),
                "{text}: {pairs:?}"
            );
        }
    }

    #[test]
    fn a_thousand_colons_are_read_in_one_pass() {
        let text = ": a=b c".repeat(10_000);
        assert!(!read(&text).0.is_empty());
    }
}
