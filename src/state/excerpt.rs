//! The text around a place in a state, safe to show: member names and
//! punctuation stay, every value is masked, and behind the place, where
//! nobody can tell a name from a value, everything is.

use memchr::{memchr, memchr2};

use super::json::Span;

/// How many characters are shown before and behind the place.
const BEFORE: usize = 60;
const BEHIND: usize = 20;

/// One line of text around the byte `at`, which is marked by `⟨here⟩`.
pub fn around(text: &[u8], at: usize) -> String {
    let at = at.min(text.len());
    let mut out = tail(&masked(&text[..at]));
    out.push_str("⟨here⟩");
    let behind = &text[at..text.len().min(at + BEHIND)];
    out.extend(behind.iter().map(|byte| match byte {
        b'{' | b'}' | b'[' | b']' | b':' | b',' | b'"' | b' ' => char::from(*byte),
        b'\n' | b'\r' | b'\t' => ' ',
        _ => '▒',
    }));
    out
}

/// The end of a text that is sound up to its last byte, values masked.
fn masked(text: &[u8]) -> String {
    let strings = last_strings(text);
    let mut out = String::new();
    let mut at = strings.first().map_or(text.len(), |first| first.start);
    for string in &strings {
        out.extend(text[at..string.start].iter().map(|byte| outside(*byte)));
        let names = text[string.end..].trim_ascii_start().first() == Some(&b':');
        match string.of(text) {
            name if names => out.push_str(&String::from_utf8_lossy(name)),
            _ => out.push_str("\"▒▒▒\""),
        }
        at = string.end;
    }
    out.extend(text[at..].iter().map(|byte| outside(*byte)));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the last strings of the text stand, quotes included.
fn last_strings(text: &[u8]) -> Vec<Span> {
    let mut strings: Vec<Span> = Vec::new();
    let mut at = 0;
    while let Some(quote) = memchr(b'"', &text[at..]) {
        let start = at + quote;
        at = past_string(text, start + 1);
        if strings.len() == 32 {
            strings.drain(..16);
        }
        strings.push(Span { start, end: at });
    }
    strings
}

/// The end of the string whose inside begins at `at`.
fn past_string(text: &[u8], mut at: usize) -> usize {
    while let Some(stop) = memchr2(b'"', b'\\', &text[at..]) {
        if text[at + stop] == b'"' {
            return at + stop + 1;
        }
        at = (at + stop + 2).min(text.len());
    }
    text.len()
}

fn outside(byte: u8) -> char {
    match byte {
        b'0'..=b'9' | b'-' | b'+' | b'.' => '▒',
        _ if byte.is_ascii_graphic() => char::from(byte),
        _ => ' ',
    }
}

fn tail(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(BEFORE);
    let dots = if skipped > 0 { "…" } else { "" };
    format!("{dots}{}", text.chars().skip(skipped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_values_are_masked() {
        let text = br#"{"password": "hunter2", "port": 5432, "on": tru"#;
        let shown = around(text, text.len());
        assert_eq!(
            shown,
            r#"{"password": "▒▒▒", "port": ▒▒▒▒, "on": tru⟨here⟩"#.replace("{\"pass", "\"pass")
        );
    }

    #[test]
    fn a_value_that_is_cut_or_broken_open_stays_masked() {
        let text = br#"{"password": "hun"ter2", "a": "b"}"#;
        let shown = around(text, 18);
        assert_eq!(shown, r#""password": "▒▒▒"⟨here⟩▒▒▒▒", "▒": "▒"}"#);
        assert!(!around(text, 16).contains("hun"));
    }

    #[test]
    fn no_place_in_any_text_shows_a_value() {
        let text = br#"{"a": {"b": "hunter2", "c": ["hunter2", "x\"hunter2"]}, "hunter": 1}"#;
        for at in 0..=text.len() + 1 {
            assert!(!around(text, at).contains("hunter2"), "at {at}");
        }
    }
}
