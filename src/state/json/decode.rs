//! What a string of JSON says, as Terraform takes it.

use std::borrow::Cow;

/// What the inside of a quoted string says. Never fails: a half surrogate becomes U+FFFD.
pub fn decode(inside: &[u8]) -> Cow<'_, str> {
    if !inside.contains(&b'\\') {
        return String::from_utf8_lossy(inside);
    }
    let text = String::from_utf8_lossy(inside);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match rest.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => out.push(unicode(&mut rest)),
            Some(other) => out.push(other),
            None => {}
        }
    }
    Cow::Owned(out)
}

fn unicode(rest: &mut std::str::Chars<'_>) -> char {
    let high = unit(rest);
    if !(0xD800..0xDC00).contains(&high) {
        return char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    let mut ahead = rest.clone();
    if (ahead.next(), ahead.next()) == (Some('\\'), Some('u')) {
        let low = unit(&mut ahead);
        if (0xDC00..0xE000).contains(&low) {
            *rest = ahead;
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
    }
    char::REPLACEMENT_CHARACTER
}

fn unit(rest: &mut std::str::Chars<'_>) -> u32 {
    rest.take(4)
        .fold(0, |sum, digit| sum * 16 + digit.to_digit(16).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_decoded_as_terraform_reads_them() {
        assert_eq!(decode(br"a\u003cb\n\t\/\\"), "a<b\n\t/\\");
        assert_eq!(decode(br"\ud83d\ude00"), "😀");
        assert_eq!(decode(br"\ud83dx"), "\u{fffd}x");
        assert_eq!(decode(b"\xff"), "\u{fffd}");
    }
}
