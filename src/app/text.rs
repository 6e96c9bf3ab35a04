//! The one place that knows how wide text is on a terminal, and how ages,
//! sizes and control characters are said. Everything that is laid out goes
//! through here first, so no byte of a log or a state ever reaches the
//! terminal as a command.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that the text takes.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The text in at most `columns` columns, with `…` where something was cut off.
pub fn clip(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut taken = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        taken += grapheme.width();
        if taken > columns - 1 {
            break;
        }
        end = at + grapheme.len();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The text in at most `columns` columns, with its middle cut out: for ids and keys, whose ends differ.
pub fn clip_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns < 5 {
        return clip(text, columns);
    }
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    let tail = (columns - 1) / 2;
    let head = columns - 1 - tail;
    let front = fit(graphemes.iter().copied(), head);
    let back: Vec<&str> = fit(graphemes.iter().rev().copied(), tail)
        .into_iter()
        .rev()
        .collect();
    Cow::Owned(format!("{}…{}", front.concat(), back.concat()))
}

fn fit<'a>(graphemes: impl Iterator<Item = &'a str>, columns: usize) -> Vec<&'a str> {
    let mut taken = 0;
    graphemes
        .take_while(|grapheme| {
            taken += grapheme.width();
            taken <= columns
        })
        .collect()
}

/// The text in rows of at most `columns` columns, broken at spaces where there are any; no text is one empty row.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut rows = Vec::new();
    for line in text.lines() {
        wrap_line(line, columns, &mut rows);
    }
    if rows.is_empty() {
        rows.push(String::new());
    }
    rows
}

/// The same with every row as far in as the words of the first, behind its sign and
/// its number, unless that leaves too little of it.
pub fn wrap_hanging(text: &str, columns: usize) -> Vec<String> {
    let (mark, rest) = text.split_at(mark_length(text));
    let indent = width(mark);
    if indent * 2 > columns || rest.contains('\n') {
        return wrap(text, columns);
    }
    let rows = wrap(rest, columns - indent).into_iter().enumerate();
    rows.map(|(number, row)| match number {
        0 => format!("{mark}{row}"),
        _ => format!("{:indent$}{row}", ""),
    })
    .collect()
}

/// The bytes before the words of a row: spaces, a sign, and a number that stands in a column.
fn mark_length(text: &str) -> usize {
    let mut length = text.len() - text.trim_start_matches(' ').len();
    for is_mark in [is_sign as fn(&str, usize) -> bool, is_number] {
        let rest = &text[length..];
        let word = rest.split(' ').next().unwrap_or_default();
        let after = rest[word.len()..].len() - rest[word.len()..].trim_start_matches(' ').len();
        if is_mark(word, after) {
            length += word.len() + after;
        }
    }
    length
}

fn is_sign(word: &str, spaces: usize) -> bool {
    let mut letters = word.chars();
    let is_glyph = |letter: char| !letter.is_alphanumeric() && !letter.is_ascii();
    letters.next().is_some_and(is_glyph) && letters.next().is_none() && spaces > 0
}

fn is_number(word: &str, spaces: usize) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) && spaces > 1
}

fn wrap_line(line: &str, columns: usize, rows: &mut Vec<String>) {
    let mut row = Row {
        text: String::new(),
        taken: 0,
        columns,
    };
    for chunk in line.split_inclusive(char::is_whitespace) {
        let word = chunk.trim_end();
        // Only a word that is wider than a whole row is broken inside.
        if width(word) > columns {
            word.split_word_bounds()
                .for_each(|part| row.put(part, rows));
        } else {
            row.put(word, rows);
        }
        row.put_space(&chunk[word.len()..]);
    }
    rows.push(row.text.trim_end().to_owned());
}

/// The row that is being filled.
struct Row {
    text: String,
    taken: usize,
    columns: usize,
}

impl Row {
    fn put(&mut self, word: &str, rows: &mut Vec<String>) {
        let wide = width(word);
        if self.taken + wide > self.columns && self.taken > 0 {
            self.end(rows);
        }
        if wide <= self.columns {
            self.text.push_str(word);
            self.taken += wide;
            return;
        }
        for grapheme in word.graphemes(true) {
            if self.taken + grapheme.width() > self.columns && self.taken > 0 {
                self.end(rows);
            }
            self.text.push_str(grapheme);
            self.taken += grapheme.width();
        }
    }

    /// A space that ends a row is not carried to the next.
    fn put_space(&mut self, space: &str) {
        if self.taken + width(space) <= self.columns {
            self.text.push_str(space);
            self.taken += width(space);
        } else {
            self.taken = self.columns;
        }
    }

    fn end(&mut self, rows: &mut Vec<String>) {
        rows.push(std::mem::take(&mut self.text).trim_end().to_owned());
        self.taken = 0;
    }
}

/// The text with every control character made visible (`␛`, `␀`), tabs as two spaces, and
/// characters that would reorder or hide text shown as `�`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .fold(String::with_capacity(text.len()), |mut shown, letter| {
                match letter {
                    '\t' => shown.push_str("  "),
                    '\u{7f}' => shown.push('␡'),
                    '\0'..='\u{1f}' => {
                        shown.push(char::from_u32(0x2400 + letter as u32).unwrap_or('�'));
                    }
                    _ if hides(letter) => shown.push('�'),
                    _ => shown.push(letter),
                }
                shown
            }),
    )
}

/// Whether a terminal would act on the character, or a reader be misled by it.
fn hides(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// An age or duration in its two largest units: `41 s`, `2 m 11 s`, `1 h 16 m`, `3 d 4 h`.
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} m"),
        (0, 0, m, s) => format!("{m} m {s:02} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m:02} m"),
        (d, 0, ..) => format!("{d} d"),
        (d, h, ..) => format!("{d} d {h} h"),
    }
}

/// How long ago something was, coarsely enough to be still for a minute: `now`, `16 m`, `1 h 16 m`.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..60 => "now".to_owned(),
        60..3_600 => format!("{} m", seconds / 60),
        _ => span(SignedDuration::from_secs(seconds - seconds % 60)),
    }
}

/// How long ago, in words that end a sentence: `just now`, `47 m ago`.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    match age(now, then).as_str() {
        "now" => "just now".to_owned(),
        age => format!("{age} ago"),
    }
}

/// A size in bytes as a person says it: `812 B`, `119 KB`, `6.2 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000).min(999)),
        1_000_000..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        10_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A count with its thousands apart: `1,204`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: `1 state`, `1,204 states`.
pub fn plural(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// A sentence with a capital letter, for a title.
pub fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_further_in_stays_there_in_every_row() {
        assert_eq!(wrap_hanging("  one two three", 9), ["  one two", "  three"]);
        assert_eq!(wrap_hanging("      one two", 9), wrap("      one two", 9));
        assert_eq!(wrap_hanging("one two", 5), ["one", "two"]);
    }

    #[test]
    fn clipping_says_that_something_is_missing() {
        assert_eq!(clip("network/terraform.tfstate", 10), "network/t…");
        assert_eq!(clip("short", 10), "short");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(clip_middle("a1b2c3d4-e5f6-7890", 9), "a1b2…7890");
    }

    #[test]
    fn an_escape_sequence_is_shown_and_not_obeyed() {
        assert_eq!(visible("a\u{1b}[2Jb\u{7}"), "a␛[2Jb␇");
        assert_eq!(visible("x\ty"), "x  y");
        assert_eq!(visible("evil\u{202e}txt"), "evil�txt");
        assert_eq!(visible("plain"), "plain");
    }

    #[test]
    fn what_stands_behind_a_sign_and_a_number_is_wrapped_beneath_itself() {
        for (text, rows) in [
            ("✔  4  put the object", ["✔  4  put the", "      object"]),
            ("   4  put the object", ["   4  put the", "      object"]),
            ("▲ the state is not", ["▲ the state is", "  not"]),
            ("  two words more now", ["  two words", "  more now"]),
            ("12 things and others", ["12 things and", "others"]),
        ] {
            assert_eq!(wrap_hanging(text, 14), rows, "{text}");
        }
    }

    #[test]
    fn wrapping_breaks_at_spaces_and_keeps_long_words_whole_where_it_can() {
        assert_eq!(
            wrap("the state does not parse", 10),
            ["the state", "does not", "parse"]
        );
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a string, at 7", 9), ["a string,", "at 7"]);
        assert_eq!(wrap("one string, at 7", 10), ["one", "string, at", "7"]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
    }

    #[test]
    fn ages_and_sizes_are_said_in_two_units_at_most() {
        assert_eq!(span(SignedDuration::from_secs(41)), "41 s");
        assert_eq!(span(SignedDuration::from_secs(131)), "2 m 11 s");
        assert_eq!(span(SignedDuration::from_secs(4_560)), "1 h 16 m");
        assert_eq!(span(SignedDuration::from_secs(90_000)), "1 d 1 h");
        let now = Timestamp::from_second(10_000).unwrap();
        assert_eq!(age(now, Timestamp::from_second(9_990).unwrap()), "now");
        assert_eq!(age(now, Timestamp::from_second(5_440).unwrap()), "1 h 16 m");
        assert_eq!(
            (size(812), size(61_203), size(6_200_000)),
            ("812 B".into(), "62 KB".into(), "6.2 MB".into())
        );
        assert_eq!(
            (count(7), count(1_204), count(1_000_000)),
            ("7".into(), "1,204".into(), "1,000,000".into())
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_row_is_wider_than_it_may_be(text in ".{0,80}", columns in 2usize..30) {
            let text = visible(&text);
            prop_assert!(width(&clip(&text, columns)) <= columns);
            prop_assert!(width(&clip_middle(&text, columns)) <= columns);
            for row in wrap(&text, columns) {
                prop_assert!(width(&row) <= columns);
            }
        }
    }
}
