//! How a value from a state appears to a person: on one line, clipped, with
//! nothing in it that could move a terminal's cursor, or masked.

use std::fmt;

use super::address::is_print;
use super::value::Value;

/// More characters than these are never shown of one value.
const WIDEST: usize = 400;

/// What stands in the place of a secret.
pub const MASK: &str = "▒▒▒▒▒▒▒▒";

/// A value as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Plain(String),
    Masked,
}

impl Shown {
    /// A leaf in clear: a string without its quotes, anything else as JSON.
    pub fn plain(value: &Value<'_>) -> Self {
        Self::Plain(match value {
            Value::Null => "null".into(),
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => "false".into(),
            Value::Number(number) => visible(&number.0),
            Value::Text(text) if text.is_empty() => "\"\"".into(),
            Value::Text(text) => visible(text),
            Value::List(_) => "[]".into(),
            Value::Object(_) => "{}".into(),
            Value::TooDeep => "… (nested too deep to show)".into(),
        })
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(text) => text,
            Self::Masked => MASK,
        })
    }
}

/// Text on one line, clipped, every character that does not print written as an escape.
pub fn visible(text: &str) -> String {
    let mut out = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == WIDEST {
            out.push('…');
            break;
        }
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_print(letter) => out.push(letter),
            _ => out.extend(letter.escape_unicode()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shown_can_move_the_cursor() {
        assert_eq!(visible("a\x1b[2J\nb\u{202e}"), "a\\u{1b}[2J\\nb\\u{202e}");
    }

    #[test]
    fn a_long_value_is_clipped() {
        assert_eq!(visible(&"x".repeat(2_000_000)).chars().count(), WIDEST + 1);
    }
}
