//! One JSON value that may hold small faults: a comma that nothing follows, an
//! escape that JSON does not have, a line break inside of a string. What the
//! value says stays; each fault is one edit, and any other ends the value.

use std::borrow::Cow;

use super::fix::Kind;
use crate::state::json::{Flaw, Inside, Scanner, Wrong};

/// One change of the bytes at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub at: usize,
    /// How many bytes go.
    pub drop: usize,
    /// What comes in their place.
    pub put: &'static str,
    pub kind: Kind,
}

/// How far a value reaches, and what makes it JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed {
    pub end: usize,
    pub edits: Vec<Edit>,
    pub closing: Closing,
}

/// Whether an object has its closing bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    There,
    /// What follows can only belong to the level above.
    Missing,
}

/// Passes the value that begins at `at`; a flaw's place counts from the start of the text.
pub(super) fn pass(text: &[u8], at: usize) -> Result<Passed, Flaw> {
    if let Ok(end) = strict(text, at) {
        return Ok(Passed {
            end,
            edits: Vec::new(),
            closing: Closing::There,
        });
    }
    let mut mender = Mender {
        text,
        at,
        open: Vec::new(),
        edits: Vec::new(),
    };
    let closing = mender.value()?;
    Ok(Passed {
        end: mender.at,
        edits: mender.edits,
        closing,
    })
}

/// The bytes from `start` to `end` with the edits made.
pub(super) fn edited<'a>(text: &'a [u8], start: usize, passed: &Passed) -> Cow<'a, [u8]> {
    if passed.edits.is_empty() {
        return Cow::Borrowed(&text[start..passed.end]);
    }
    let mut out = Vec::with_capacity(passed.end - start + passed.edits.len());
    let mut at = start;
    for edit in &passed.edits {
        out.extend_from_slice(&text[at..edit.at]);
        out.extend_from_slice(edit.put.as_bytes());
        at = edit.at + edit.drop;
    }
    out.extend_from_slice(&text[at..passed.end]);
    Cow::Owned(out)
}

/// The end of a value without any fault.
fn strict(text: &[u8], at: usize) -> Result<usize, Flaw> {
    let passed = Scanner::new(&text[at..]).skip();
    passed.map(|span| at + span.end).map_err(|flaw| Flaw {
        at: at + flaw.at,
        ..flaw
    })
}

struct Mender<'a> {
    text: &'a [u8],
    at: usize,
    /// The closing brackets that are still owed.
    open: Vec<u8>,
    edits: Vec<Edit>,
}

impl Mender<'_> {
    fn value(&mut self) -> Result<Closing, Flaw> {
        loop {
            if self.enters()? {
                continue;
            }
            match self.leaves()? {
                Next::Value => {}
                Next::End => return Ok(Closing::There),
                Next::Above => return Ok(Closing::Missing),
            }
        }
    }

    /// Begins a value; true where a bracket was opened and a value is due in it.
    fn enters(&mut self) -> Result<bool, Flaw> {
        match self.peek()? {
            b'{' => self.opens(b'}'),
            b'[' => self.opens(b']'),
            b'"' => self.string().map(|()| false),
            _ => {
                self.at = strict(self.text, self.at)?;
                Ok(false)
            }
        }
    }

    fn opens(&mut self, closer: u8) -> Result<bool, Flaw> {
        self.at += 1;
        self.open.push(closer);
        while self.peek()? == b',' {
            self.drop_comma(self.at);
            self.at += 1;
        }
        if self.peek()? == closer {
            return Ok(false);
        }
        if closer == b'}' {
            self.name()?;
        }
        Ok(true)
    }

    /// After a value, or right before the bracket that closes an empty list or object.
    fn leaves(&mut self) -> Result<Next, Flaw> {
        while let Some(closer) = self.open.last().copied() {
            let end = self.at;
            match self.peek()? {
                b',' => {
                    if let Some(next) = self.comma(closer, end)? {
                        return Ok(next);
                    }
                }
                byte if byte == closer => {
                    self.at += 1;
                    self.open.pop();
                }
                b']' | b'{' if self.open == [b'}'] => {
                    self.at = end;
                    return Ok(Next::Above);
                }
                byte => return Err(self.flaw(Wrong::Misplaced(byte))),
            }
        }
        Ok(Next::End)
    }

    /// Passes commas: a value follows, or the bracket closes, or the object above goes on.
    fn comma(&mut self, closer: u8, end: usize) -> Result<Option<Next>, Flaw> {
        let first = self.at;
        self.at += 1;
        while self.peek()? == b',' {
            self.drop_comma(self.at);
            self.at += 1;
        }
        match self.peek()? {
            byte if byte == closer => {
                self.drop_comma(first);
                self.edits.sort_by_key(|edit| edit.at);
                Ok(None)
            }
            b'{' if self.open == [b'}'] => {
                self.edits.retain(|edit| edit.at < first);
                self.at = end;
                Ok(Some(Next::Above))
            }
            _ => {
                if closer == b'}' {
                    self.name()?;
                }
                Ok(Some(Next::Value))
            }
        }
    }

    fn drop_comma(&mut self, at: usize) {
        self.edits.push(Edit {
            at,
            drop: 1,
            put: "",
            kind: Kind::Comma,
        });
    }

    fn name(&mut self) -> Result<(), Flaw> {
        match self.peek()? {
            b'"' => self.string()?,
            byte => return Err(self.flaw(Wrong::Misplaced(byte))),
        }
        match self.peek()? {
            b':' => {
                self.at += 1;
                Ok(())
            }
            byte => Err(self.flaw(Wrong::Misplaced(byte))),
        }
    }

    fn string(&mut self) -> Result<(), Flaw> {
        self.at += 1;
        loop {
            match self.text.get(self.at).copied() {
                None => return Err(self.flaw(Wrong::Ends(Inside::Text))),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(),
                Some(byte @ (b'\n' | b'\r' | b'\t')) => self.control(byte),
                Some(byte) if byte < 0x20 => return Err(self.flaw(Wrong::Control(byte))),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) {
        let rest = &self.text[self.at + 1..];
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.len() > 4 && rest[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => 1,
        };
        if length == 1 {
            self.edits.push(Edit {
                at: self.at,
                drop: 0,
                put: "\\",
                kind: Kind::Escape,
            });
        }
        self.at += length;
    }

    fn control(&mut self, byte: u8) {
        let put = match byte {
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\\t",
        };
        self.edits.push(Edit {
            at: self.at,
            drop: 1,
            put,
            kind: Kind::Control,
        });
        self.at += 1;
    }

    fn peek(&mut self) -> Result<u8, Flaw> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
        match self.text.get(self.at) {
            Some(byte) => Ok(*byte),
            None => Err(self.flaw(Wrong::Ends(match self.open.last() {
                Some(b'}') => Inside::Object,
                Some(_) => Inside::List,
                None => Inside::Nothing,
            }))),
        }
    }

    fn flaw(&self, what: Wrong) -> Flaw {
        Flaw { at: self.at, what }
    }
}

/// What comes after a value.
enum Next {
    Value,
    End,
    /// The object is not closed, and the level above goes on.
    Above,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> Option<(String, Closing)> {
        let passed = pass(text.as_bytes(), 0).ok()?;
        let bytes = edited(text.as_bytes(), 0, &passed).into_owned();
        Some((String::from_utf8(bytes).unwrap(), passed.closing))
    }

    fn whole(text: &str) -> String {
        let (text, closing) = mended(text).unwrap();
        assert_eq!(closing, Closing::There);
        assert!(strict(text.as_bytes(), 0).is_ok(), "{text}");
        text
    }

    #[test]
    fn commas_that_nothing_follows_are_left_out() {
        assert_eq!(whole(r#"{"a": [1, 2,], }"#), r#"{"a": [1, 2] }"#);
        assert_eq!(whole("[,1,,2,,]"), "[1,2]");
        assert_eq!(whole("[,]"), "[]");
    }

    #[test]
    fn a_backslash_that_begins_no_escape_says_a_backslash() {
        assert_eq!(
            whole(r#"["C:\data", "\u12", "\n"]"#),
            r#"["C:\\data", "\\u12", "\n"]"#
        );
    }

    #[test]
    fn a_line_break_within_a_string_is_written_as_one() {
        assert_eq!(whole("{\"a\": \"x\n\ty\"}"), r#"{"a": "x\n\ty"}"#);
    }

    #[test]
    fn an_object_that_the_level_above_interrupts_is_left_open() {
        for text in [r#"{"a": 1 ]"#, r#"{"a": 1 {"b""#, r#"{"a": 1, {"b""#] {
            assert_eq!(mended(text), Some((r#"{"a": 1"#.into(), Closing::Missing)));
        }
    }

    #[test]
    fn what_may_have_lost_bytes_is_not_mended() {
        for text in [
            r#"{"a": "x"#,
            r#"{"a": {"b": 1 ]"#,
            "{\"a\": \"x\0\"}",
            r#"{"a": "x"y"}"#,
            r#"{"a" 1}"#,
            r#"{"a": }"#,
            r#"{"a": 1 "b": 2}"#,
            "",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
