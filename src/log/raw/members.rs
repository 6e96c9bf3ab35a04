//! The members of a JSON object as byte ranges, without a parser's tree: only
//! those of the object itself, whatever is nested in their values. An object
//! that is cut off or broken ends where it breaks.

use memchr::{memchr2, memchr3};

/// The members from a point on.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    /// The members of the object at the start of a line.
    pub fn of(line: &'a [u8]) -> Self {
        let rest = line.strip_prefix(b"{").unwrap_or_default();
        Self { rest }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    /// A member's name and its value: a string's text with its escapes, anything else as it stands.
    fn next(&mut self) -> Option<Self::Item> {
        let rest = after_spaces(self.rest);
        let rest = after_spaces(rest.strip_prefix(b",").unwrap_or(rest));
        let length = string(rest)?;
        let name = &rest[1..length - 1];
        let value = after_spaces(after_spaces(&rest[length..]).strip_prefix(b":")?);
        let length = match value.first()? {
            b'"' => string(value)?,
            b'{' | b'[' => nested(value)?,
            _ => value
                .iter()
                .position(|byte| b",} \n".contains(byte))
                .unwrap_or(value.len()),
        };
        self.rest = &value[length..];
        let value = &value[..length];
        let text = value
            .strip_prefix(b"\"")
            .and_then(|text| text.strip_suffix(b"\""));
        Some((name, text.unwrap_or(value)))
    }
}

fn after_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|&&byte| byte == b' ').count();
    &text[spaces..]
}

/// The length of a string with its quotes.
fn string(text: &[u8]) -> Option<usize> {
    text.strip_prefix(b"\"")?;
    let mut from = 1;
    loop {
        let at = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        from = at + 2;
    }
}

/// The length of an object or a list with everything in it.
fn nested(text: &[u8]) -> Option<usize> {
    let (open, close) = if text[0] == b'{' {
        (b'{', b'}')
    } else {
        (b'[', b']')
    };
    let (mut from, mut depth) = (0, 0usize);
    loop {
        let at = from + memchr3(b'"', open, close, text.get(from..)?)?;
        from = at + 1;
        if text[at] == b'"' {
            from = at + string(&text[at..])?;
        } else if text[at] == open {
            depth += 1;
        } else {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_objects_are_one_value() {
        let line = br#"{"a":{"b":{"c":"}\""}},"d":[[1],{"e":2}], "f" : null,"g":-1.5e3}"#;
        let members: Vec<_> = Members::of(line).collect();
        let values: Vec<&[u8]> = members.iter().map(|(_, value)| *value).collect();
        let expected: [&[u8]; 4] = [
            br#"{"b":{"c":"}\""}}"#,
            br#"[[1],{"e":2}]"#,
            b"null",
            b"-1.5e3",
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn a_broken_object_ends_where_it_breaks() {
        for text in [
            &br#"{"a":1,"b":"x"#[..],
            b"{",
            b"{\"a\"",
            b"{\"a\\",
            b"",
            b"{]",
        ] {
            assert!(Members::of(text).count() <= 1);
        }
    }
}
