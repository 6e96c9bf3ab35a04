//! Bytes of a log made safe to show. Terminal escape sequences are removed,
//! every other control character and every character that reorders or hides
//! text is spelled out, tabs become spaces, invalid UTF-8 becomes `�`, and a
//! very long line is cut. The result has no control character but the newline.

use std::fmt::Write as _;

/// How many bytes of one line are shown at most.
pub const LINE_CAP: usize = 16 * 1024;

/// What a tab becomes; its column is not known before layout.
const TAB: &str = "    ";

/// The text of `bytes`, safe to lay out and to copy.
pub fn safe(bytes: &[u8]) -> String {
    safe_within(bytes, LINE_CAP)
}

/// The same for a file: no line is cut.
pub fn whole(bytes: &[u8]) -> String {
    safe_within(bytes, usize::MAX)
}

fn safe_within(bytes: &[u8], cap: usize) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for (count, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if count > 0 {
            shown.push('\n');
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let kept = &line[..line.len().min(cap)];
        show(&String::from_utf8_lossy(kept), &mut shown);
        if kept.len() < line.len() {
            let _ = write!(shown, "… {} more bytes", line.len() - kept.len());
        }
    }
    shown
}

/// The length of the escape sequences that a line begins with.
pub fn sequences(line: &[u8]) -> usize {
    let mut length = 0;
    while line.get(length) == Some(&ESCAPE) {
        length += sequence(&line[length..]);
    }
    length
}

/// A line without its escape sequences, in the room that is given, which
/// bounds how much of a line with sequences is looked at.
pub fn plain<'a>(line: &'a [u8], room: &'a mut [u8]) -> &'a [u8] {
    if memchr::memchr(ESCAPE, line).is_none() {
        return line;
    }
    let (mut from, mut kept) = (0, 0);
    while from < line.len() && kept < room.len() {
        if line[from] == ESCAPE {
            from += sequence(&line[from..]);
            continue;
        }
        room[kept] = line[from];
        (from, kept) = (from + 1, kept + 1);
    }
    &room[..kept]
}

const ESCAPE: u8 = 0x1b;

/// The length of the escape sequence at the start of `bytes`, in bytes; the
/// same one that [`safe`] leaves out.
fn sequence(bytes: &[u8]) -> usize {
    let run = |from: usize, of: std::ops::RangeInclusive<u8>| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| of.contains(byte)).count()
    };
    let ended = |at: usize, of: std::ops::RangeInclusive<u8>| {
        at + usize::from(bytes.get(at).is_some_and(|byte| of.contains(byte)))
    };
    match bytes.get(1) {
        Some(b'[') => ended(2 + run(2, b' '..=b'?'), b'@'..=b'~'),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => string(bytes),
        Some(b' '..=b'/') => ended(1 + run(1, b' '..=b'/'), b'0'..=b'~'),
        _ => ended(1, b'0'..=b'~'),
    }
}

/// The length of a string sequence with its terminator, or of all that is there.
fn string(bytes: &[u8]) -> usize {
    let end = |at: &usize| bytes[*at] == 7 || bytes[*at..].starts_with(b"\x1b\\");
    let end = (2..bytes.len()).find(end);
    end.map_or(bytes.len(), |at| at + if bytes[at] == 7 { 1 } else { 2 })
}

/// Appends one line, character by character; a sequence is skipped whole.
fn show(line: &str, shown: &mut String) {
    let mut rest = line.chars();
    while let Some(next) = rest.next() {
        match next {
            '\u{1b}' => skip_sequence(&mut rest),
            '\u{9b}' => skip_to_final(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut rest),
            '\t' => shown.push_str(TAB),
            c if u32::from(c) < 0x20 => {
                shown.push('^');
                shown.push(char::from(b'@' + c as u8));
            }
            '\u{7f}' => shown.push_str("^?"),
            c if is_hidden(c) => {
                let _ = write!(shown, "<U+{:04X}>", u32::from(c));
            }
            c => shown.push(c),
        }
    }
}

/// Controls of the upper range, and what reorders, joins or hides text.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Skips what follows an escape: a control sequence, a string, or one final.
fn skip_sequence(rest: &mut std::str::Chars<'_>) {
    match rest.clone().next() {
        Some('[') => {
            rest.next();
            skip_to_final(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_string(rest);
        }
        Some(' '..='/') => {
            rest.next();
            skip_sequence_final(rest);
        }
        Some('0'..='~') => {
            rest.next();
        }
        _ => {}
    }
}

/// The rest of an escape with intermediate characters, up to its final one.
fn skip_sequence_final(rest: &mut std::str::Chars<'_>) {
    while let Some(' '..='/') = rest.clone().next() {
        rest.next();
    }
    if let Some('0'..='~') = rest.clone().next() {
        rest.next();
    }
}

/// Parameters and intermediates up to the final character; a sequence that
/// breaks off ends before the character that breaks it.
fn skip_to_final(rest: &mut std::str::Chars<'_>) {
    loop {
        match rest.clone().next() {
            Some(' '..='?') => rest.next(),
            Some('@'..='~') => {
                rest.next();
                return;
            }
            _ => return,
        };
    }
}

/// A string (a title, a clipboard write) up to its terminator; one that is
/// never ended takes the rest of the line, as a terminal would.
fn skip_string(rest: &mut std::str::Chars<'_>) {
    while let Some(next) = rest.next() {
        match next {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' if rest.clone().next() == Some('\\') => {
                rest.next();
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        safe(text.as_bytes())
    }

    #[test]
    fn colors_titles_and_clipboard_writes_leave_no_trace() {
        assert_eq!(shown("\u{1b}[1;31mred\u{1b}[0m"), "red");
        assert_eq!(shown("a\u{1b}]0;title\u{7}b"), "ab");
        assert_eq!(shown("a\u{1b}]52;c;ZXZpbA==\u{1b}\\b"), "ab");
        assert_eq!(shown("a\u{1b}(Bb\u{1b}7c\u{9b}2Jd"), "abcd");
        assert_eq!(shown("a\u{1b}Pq#0\u{1b}\\b"), "ab");
    }

    #[test]
    fn other_control_characters_are_spelled_out() {
        assert_eq!(shown("a\u{7}b\rc\u{7f}"), "a^Gb^Mc^?");
        assert_eq!(shown("\u{202e}evil"), "<U+202E>evil");
        assert_eq!(shown("a\tb"), "a    b");
    }

    #[test]
    fn a_carriage_return_at_the_end_of_a_line_is_no_news() {
        assert_eq!(shown("a\r\nb\r\n"), "a\nb\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        assert_eq!(safe(b"a\xff\xfeb\x00"), "a\u{fffd}\u{fffd}b^@");
    }

    #[test]
    fn a_very_long_line_says_how_much_is_missing() {
        let long = "x".repeat(LINE_CAP + 7);
        assert!(shown(&long).ends_with("x… 7 more bytes"));
    }

    #[test]
    fn the_judgment_of_a_line_leaves_out_what_its_display_does() {
        for text in [
            "\u{1b}[1;31mred\u{1b}[0m",
            "a\u{1b}]0;title\u{7}b",
            "a\u{1b}]52;c;ZXZpbA==\u{1b}\\b",
            "a\u{1b}(Bb\u{1b}7c\u{1b}Pq#0\u{1b}\\d",
            "\u{1b}",
            "\u{1b}[",
            "\u{1b}_bk;t=1700000000000\u{7}x",
        ] {
            let mut room = [0; 64];
            let judged = plain(text.as_bytes(), &mut room);
            assert_eq!(String::from_utf8_lossy(judged), shown(text), "{text:?}");
        }
        assert_eq!(sequences(b"\x1b[0m\x1b[1mx"), 8);
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_comes_through(bytes: Vec<u8>) {
            let text = safe(&bytes);
            proptest::prop_assert!(text.chars().all(|c| c == '\n' || !(c.is_control() || is_hidden(c))));
        }
    }
}
