//! Where a value ends that stands after a secret's name: in quotes at any depth
//! of escaping, in a list, in a heredoc, or bare. Where it can't be known, too
//! much is taken rather than too little.

/// A value at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// Its length with its quotes.
    pub length: usize,
    /// What stands before it and is kept (`<<-EOT`).
    pub lead: &'a str,
    /// The quote that it begins with, with its escapes.
    pub quote: &'a str,
}

/// How a bare value may end.
const STOPS: &[char] = &[
    ' ', '\t', '\n', '"', '\'', ',', '&', '\\', ';', ')', ']', '}',
];

const ENCODED_QUOTE: &str = "%22";

impl<'a> Value<'a> {
    /// The value that `text` begins with; none where what follows is no value
    /// but its place (`(sensitive value)`, an object, the end).
    pub fn at(text: &'a str) -> Option<Self> {
        let escapes = text.len() - text.trim_start_matches('\\').len();
        match text[escapes..].chars().next()? {
            '"' => Some(Self::quoted(text, escapes)),
            '\'' if escapes == 0 => Some(Self::single(text)),
            '%' if text.starts_with(ENCODED_QUOTE) => Some(Self::encoded(text)),
            '[' if escapes == 0 => Self::list(text),
            '<' if text.starts_with("<<") => Self::heredoc(text),
            _ if escapes > 0 => None,
            '{' | '(' | '[' => None,
            _ => Self::bare(text),
        }
    }

    fn quoted(text: &'a str, escapes: usize) -> Self {
        let line = first_line(text);
        let begin = escapes + 1;
        let end = line[begin..]
            .match_indices('"')
            .map(|(at, _)| begin + at)
            .find(|&at| closes(&line[begin..at], escapes));
        Self {
            length: end.map_or(line.len(), |at| at + 1),
            lead: "",
            quote: &text[..begin],
        }
    }

    fn single(text: &'a str) -> Self {
        let line = first_line(text);
        let end = line[1..].find('\'');
        Self {
            length: end.map_or(line.len(), |at| at + 2),
            lead: "",
            quote: "'",
        }
    }

    fn encoded(text: &'a str) -> Self {
        let line = first_line(text);
        let inner = &line[ENCODED_QUOTE.len()..];
        let end = inner.find(ENCODED_QUOTE);
        Self {
            length: end.map_or(line.len(), |at| at + 2 * ENCODED_QUOTE.len()),
            lead: "",
            quote: ENCODED_QUOTE,
        }
    }

    /// A list of plain values; one of objects has names of its own.
    fn list(text: &'a str) -> Option<Self> {
        let end = first_line(text).find(']')?;
        let within = &text[1..end];
        (!within.trim().is_empty() && !within.contains(['{', '('])).then_some(Self {
            length: end + 1,
            lead: "",
            quote: if within.contains('"') { "\"" } else { "" },
        })
    }

    /// `<<-EOT` and the lines down to the one that says `EOT`.
    fn heredoc(text: &'a str) -> Option<Self> {
        let lead = first_line(text);
        let word = lead.trim_start_matches(['<', '-']).trim();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if word.is_empty() || !word.chars().all(is_word) || lead.len() == text.len() {
            return None;
        }
        let mut length = lead.len() + 1;
        for line in text[length..].split_inclusive('\n') {
            if line.trim() == word {
                break;
            }
            length += line.len();
        }
        Some(Self {
            length,
            lead: &text[..=lead.len()],
            quote: "",
        })
    }

    fn bare(text: &'a str) -> Option<Self> {
        let end = text.find(STOPS).unwrap_or(text.len());
        let end = text[..end].find("%26").unwrap_or(end);
        (end > 0).then_some(Self {
            length: end,
            lead: "",
            quote: "",
        })
    }
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// Whether a quote after `before` closes a value whose own quote was escaped so
/// often. Quotes inside the value carry more escapes than the ones around it,
/// by one where only quotes are escaped and by more where backslashes are too.
fn closes(before: &str, escapes: usize) -> bool {
    let found = before.len() - before.trim_end_matches('\\').len();
    if escapes == 0 {
        return found.is_multiple_of(2);
    }
    found <= escapes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> Option<usize> {
        Value::at(text).map(|value| value.length)
    }

    #[test]
    fn a_value_ends_at_the_quote_of_its_own_depth() {
        for (text, value) in [
            (r#""a" b"#, r#""a""#),
            (r#""a\"b" c"#, r#""a\"b""#),
            (r#""a\\","n":1"#, r#""a\\""#),
            (r#"\"a\",\"n\":1"#, r#"\"a\""#),
            (r#"\"{\\"u\\":\\"p\\"}\" x"#, r#"\"{\\"u\\":\\"p\\"}\""#),
            (r#"\"{\\\"u\\\":1}\" x"#, r#"\"{\\\"u\\\":1}\""#),
            ("\"never closed\nnext", "\"never closed"),
            ("'a b' c", "'a b'"),
            ("%22a%22%7D", "%22a%22"),
            ("[\"a\", \"b\"], 1", "[\"a\", \"b\"]"),
            ("bare, next", "bare"),
            ("a%26b=1", "a"),
        ] {
            assert_eq!(length(text), Some(value.len()), "{text}");
        }
    }

    #[test]
    fn a_heredoc_reaches_to_its_word() {
        let text = "<<-EOT\n    one\n    two\n  EOT\nnext";
        let value = Value::at(text).unwrap();
        assert_eq!(&text[value.length..], "  EOT\nnext");
        assert_eq!(value.lead, "<<-EOT\n");
    }

    #[test]
    fn the_place_of_a_value_is_none() {
        for text in [
            "",
            "(sensitive value)",
            "{\"a\":1}",
            "[{\"a\":1}]",
            "[]",
            "\n",
            "\\n",
        ] {
            assert_eq!(length(text), None, "{text}");
        }
    }
}
