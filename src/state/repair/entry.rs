//! The entries of the list of resources in a damaged text, and the instances
//! in them.

use memchr::memmem;

use super::fix::Kind;
use super::layout::{Landing, blank};
use super::mend::{self, Closing};
use super::rough::{Belongs, Broken, Document, Ended, LANDINGS, Piece, Rough, named};
use super::shape::{self, About};
use crate::state::json::{Flaw, Scanner};

/// A run of unreadable bytes shorter than this cannot hide where one resource ends and another begins.
const HIDES: usize = 40;

impl<'a> Document<'a> {
    pub(super) fn resource(&mut self) {
        self.begins();
        let mut rough = Rough {
            at: self.at,
            found: std::mem::take(&mut self.found),
            ..Rough::default()
        };
        self.at += 1;
        self.apart = true;
        let ended = self.of_resource(&mut rough);
        self.resources.push(rough);
        if ended == Ended::Unclosed {
            self.fixes.note(Kind::Unclosed, self.at);
        }
    }

    fn of_resource(&mut self, rough: &mut Rough<'a>) -> Ended {
        while let Some(byte) = self.peek() {
            match byte {
                b',' => self.comma(),
                b'}' => {
                    self.at += 1;
                    return Ended::Closed;
                }
                b'"' => {
                    if let Some(ended) = self.of_member(rough) {
                        return ended;
                    }
                }
                // The list of instances ended before its last one: what lies between is anybody's guess.
                b'{' if self.layout.first(self.at) == Some(Landing::Instance)
                    && !rough.pieces.is_empty() =>
                {
                    if self.instances(rough, Belongs::Perhaps) == Ended::Jumped {
                        return Ended::Jumped;
                    }
                }
                b'{' | b']' => return Ended::Unclosed,
                _ => {
                    self.jump(&LANDINGS);
                    return Ended::Jumped;
                }
            }
        }
        Ended::Closed
    }

    /// A member of a resource; an end where the resource ends with it.
    fn of_member(&mut self, rough: &mut Rough<'a>) -> Option<Ended> {
        let start = self.at;
        let Ok((name, value)) = self.named() else {
            self.jump_from(start, &LANDINGS);
            return Some(Ended::Jumped);
        };
        if name == "instances" && self.text.get(value) == Some(&b'[') {
            self.at = value + 1;
            let ended = self.instances(rough, Belongs::Surely);
            if ended == Ended::Unclosed {
                self.fixes.note(Kind::Unclosed, self.at);
            }
            return (ended == Ended::Jumped).then_some(Ended::Jumped);
        }
        match self.pass(value) {
            Ok(passed) if passed.closing == Closing::There => {
                let member = self.member(name, start, value, &passed);
                rough.members.push(member);
                None
            }
            Ok(passed) => {
                self.jump_from(passed.end, &LANDINGS);
                Some(Ended::Jumped)
            }
            Err(flaw) => {
                self.jump_from(flaw.at, &LANDINGS);
                Some(Ended::Jumped)
            }
        }
    }

    fn instances(&mut self, rough: &mut Rough<'a>, mut belongs: Belongs) -> Ended {
        self.apart = true;
        let mut sure = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b',' => self.comma(),
                b']' => {
                    self.at += 1;
                    rough.listed = true;
                    return Ended::Closed;
                }
                b'}' | b'"' => return Ended::Unclosed,
                b'{' if self.layout.first(self.at) == Some(Landing::Resource) => {
                    return Ended::Unclosed;
                }
                _ => {
                    let whole = byte == b'{' && self.instance(rough, belongs);
                    if !whole {
                        self.jump_to_instance(byte);
                        if self.layout.landing(self.at) != Some(Landing::Instance) {
                            return Ended::Jumped;
                        }
                        self.found = false;
                        if hides(&self.text[sure..self.at]) {
                            belongs = Belongs::Perhaps;
                        }
                    }
                    sure = self.at;
                }
            }
        }
        Ended::Jumped
    }

    /// Goes on behind an instance that broke, or behind what is none.
    fn jump_to_instance(&mut self, byte: u8) {
        let landings = [Landing::Top, Landing::Resource, Landing::Instance];
        match byte {
            b'{' => self.jump_from(self.at, &landings),
            _ => self.jump(&landings),
        }
    }

    /// One instance; false where it broke, and reading has to go on behind it.
    fn instance(&mut self, rough: &mut Rough<'a>, belongs: Belongs) -> bool {
        self.begins();
        let start = self.at;
        let passed = match mend::pass(self.text, start) {
            Ok(passed) => passed,
            Err(flaw) => {
                rough.broken.push(Broken {
                    at: start,
                    about: glimpsed(&self.text[start..]),
                    why: flaw.to_string(),
                });
                self.at = flaw.at.max(start + 1).min(self.text.len());
                return false;
            }
        };
        let mut text = mend::edited(self.text, start, &passed);
        if passed.closing == Closing::Missing {
            text.to_mut().extend_from_slice(b"\n        }");
        }
        self.at = passed.end;
        let about = shape::instance(&text).and_then(|about| match passed.closing {
            Closing::There => Ok(about),
            Closing::Missing if self.is_only_unclosed(start, passed.end) => Ok(about),
            Closing::Missing => Err("a bracket in it was never closed"),
        });
        match about {
            Ok(about) => {
                self.note(&passed);
                if passed.closing == Closing::Missing {
                    self.fixes.note(Kind::Unclosed, passed.end);
                }
                rough.pieces.push(Piece {
                    at: start,
                    text,
                    about,
                    belongs,
                });
            }
            Err(why) => rough.broken.push(Broken {
                at: start,
                about: glimpsed(&self.text[start..]),
                why: why.to_owned(),
            }),
        }
        true
    }

    /// Whether nothing but the instance's own last bracket is missing: each bracket in it stands in its column.
    fn is_only_unclosed(&self, start: usize, end: usize) -> bool {
        let mut at = blank(self.text, start + 1);
        while self.layout.is_indented() && self.text.get(at) == Some(&b'"') {
            let Ok((_, value)) = named(self.text, at) else {
                return false;
            };
            let Ok(passed) = mend::pass(self.text, value) else {
                return false;
            };
            let bytes = &self.text[value..passed.end];
            if !self.layout.stands_straight(at, bytes, passed.end) {
                return false;
            }
            at = blank(self.text, passed.end);
            if at >= end {
                return true;
            }
            if self.text.get(at) == Some(&b',') {
                at = blank(self.text, at + 1);
            }
            if at >= end {
                return true;
            }
        }
        false
    }
}

/// What a broken instance still says of itself.
fn glimpsed(text: &[u8]) -> About {
    let mut whole = b"{".to_vec();
    let mut scanner = Scanner::new(text);
    let _ = scanner.object::<Flaw>(|scanner, name| {
        let value = scanner.token()?;
        if name == "index_key" || name == "deposed" {
            let comma = if whole.len() > 1 { "," } else { "" };
            whole.extend_from_slice(format!("{comma}\"{name}\":").as_bytes());
            whole.extend_from_slice(value);
        }
        Ok(())
    });
    whole.push(b'}');
    shape::instance(&whole).unwrap_or_default()
}

/// Whether what was passed over may hold the end of one resource and the beginning of another.
fn hides(passed: &[u8]) -> bool {
    let unreadable = |byte: &u8| *byte == 0xFF || (*byte < 0x20 && !b" \n\r\t".contains(byte));
    let mut longest = 0;
    let mut run = 0;
    for byte in passed {
        run = if unreadable(byte) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    // Without an unreadable byte the text was edited, and anything may be gone.
    let shows = |word: &[u8]| memmem::find(passed, word).is_some();
    !(1..HIDES).contains(&longest) || shows(b"\"mode\"") || shows(b"\"instances\"")
}
