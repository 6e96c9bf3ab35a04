//! Reading a damaged text along the structure of a state: what stands whole is
//! taken, what does not is passed over up to the next thing that can be told
//! for sure. Every step moves forward: the work is linear in the bytes.

use std::borrow::Cow;

use memchr::memchr2_iter;

use super::fix::{Fixes, Kind, Lost};
use super::layout::{Landing, Layout, blank};
use super::mend::{self, Closing, Passed};
use super::shape::{self, About};
use crate::state::json::{Flaw, Inside, Scanner, Wrong};

/// Where reading goes on behind a damage that is not within a list of instances.
pub(super) const LANDINGS: [Landing; 2] = [Landing::Top, Landing::Resource];

/// A member of an object of the structure, as it stands in the text.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    pub name: String,
    /// From the quote of the name to the end of the value.
    pub text: Cow<'a, [u8]>,
    value: usize,
}

impl Member<'_> {
    pub fn value(&self) -> &[u8] {
        &self.text[self.value..]
    }
}

/// Whether it is sure which resource an instance belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    Surely,
    /// It stands behind a damage that may hide the end of one resource and the beginning of another.
    Perhaps,
}

/// An instance that stands whole.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub at: usize,
    pub text: Cow<'a, [u8]>,
    pub about: About,
    pub belongs: Belongs,
}

/// An instance that does not.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub at: usize,
    pub about: About,
    pub why: String,
}

/// One entry of the list of resources.
#[derive(Debug, Clone, Default)]
pub(super) struct Rough<'a> {
    pub at: usize,
    pub members: Vec<Member<'a>>,
    pub pieces: Vec<Piece<'a>>,
    pub broken: Vec<Broken>,
    /// Whether a damage was passed over to find it.
    pub found: bool,
    /// Whether its list of instances has an end.
    pub listed: bool,
}

/// Everything that was found, in the order of the text.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) layout: Layout<'a>,
    pub top: Vec<Member<'a>>,
    pub resources: Vec<Rough<'a>>,
    pub fixes: Fixes,
    pub lost: Vec<Lost>,
    /// How much of the list of resources was seen.
    list: List,
    /// Whether a damage was passed over to stand where we are.
    pub(super) found: bool,
    /// Whether a comma, an opening bracket or a damage came last.
    pub(super) apart: bool,
}

/// The list of resources, as far as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Ahead,
    Begun,
    Ended,
}

/// How a list or an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Closed,
    /// Something of a level above stands there.
    Unclosed,
    /// A damage was passed over.
    Jumped,
}

impl<'a> Document<'a> {
    pub fn read(text: &'a [u8]) -> Self {
        let mut document = Self {
            text,
            at: 0,
            layout: Layout::of(text),
            top: Vec::new(),
            resources: Vec::new(),
            fixes: Fixes::default(),
            lost: Vec::new(),
            list: List::Ahead,
            found: false,
            apart: true,
        };
        document.state();
        document
    }

    fn state(&mut self) {
        if self.peek() == Some(b'{') && self.layout.first(self.at).is_none() {
            self.at += 1;
        }
        self.apart = true;
        let mut closed = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'}' if !closed => {
                    self.at += 1;
                    closed = true;
                }
                b',' => self.comma(),
                b'"' if !closed => self.field(),
                b'{' if self.layout.first(self.at) == Some(Landing::Resource) => {
                    self.resource();
                    self.resources();
                }
                b'}' | b']' => self.stray(),
                _ if closed => self.noted_jump(self.at, self.at + 1, &[Landing::Resource]),
                _ => self.jump(&LANDINGS),
            }
        }
        if !closed {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.fixes.note(Kind::Cut, self.text.len());
        if self.list != List::Ended {
            self.lost.push(Lost {
                address: None,
                at: Some(self.text.len()),
                why: "what stood behind the end of the text is not known".to_owned(),
            });
        }
    }

    /// A field of the state itself.
    fn field(&mut self) {
        self.begins();
        self.found = false;
        let start = self.at;
        let Ok((name, value)) = self.named() else {
            return self.jump(&LANDINGS);
        };
        if name == "resources" && self.text.get(value) == Some(&b'[') {
            self.at = value + 1;
            (self.list, self.apart) = (List::Begun, true);
            return self.resources();
        }
        if name == "outputs" && self.text.get(value) == Some(&b'{') {
            return self.outputs(start, value);
        }
        match self.pass(value) {
            Ok(passed) if passed.closing == Closing::There => {
                self.take_top(name, start, value, &passed);
            }
            Ok(passed) => {
                let flaw = Flaw {
                    at: passed.end,
                    what: Wrong::Ends(Inside::Object),
                };
                self.lose_field(&name, start, flaw);
            }
            Err(flaw) => self.lose_field(&name, start, flaw),
        }
    }

    fn take_top(&mut self, name: String, start: usize, value: usize, passed: &Passed) {
        let member = self.member(name, start, value, passed);
        self.top.push(member);
    }

    fn lose_field(&mut self, name: &str, start: usize, flaw: Flaw) {
        self.lost.push(Lost {
            address: None,
            at: Some(start),
            why: format!("the field {name} of the state itself: {flaw}"),
        });
        self.jump_from(flaw.at, &LANDINGS);
    }

    /// Takes each output by itself, so that a broken one costs no other.
    fn outputs(&mut self, start: usize, value: usize) {
        let mut kept: Vec<Member<'a>> = Vec::new();
        let mut touched = false;
        (self.at, self.apart) = (value + 1, true);
        let flaw = loop {
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    break None;
                }
                Some(b',') => self.comma(),
                Some(b'"') => match self.output() {
                    Ok(Some(output)) => kept.push(output),
                    Ok(None) => touched = true,
                    Err(flaw) => break Some(flaw),
                },
                Some(byte) => {
                    break Some(Flaw {
                        at: self.at,
                        what: Wrong::Misplaced(byte),
                    });
                }
                None => {
                    break Some(Flaw {
                        at: self.at,
                        what: Wrong::Ends(Inside::Object),
                    });
                }
            }
        };
        let whole = mend::pass(self.text, value)
            .ok()
            .filter(|passed| passed.edits.is_empty());
        if let Some(passed) = whole.filter(|_| !touched && flaw.is_none()) {
            return self.take_top("outputs".into(), start, value, &passed);
        }
        let texts: Vec<&[u8]> = kept.iter().map(|output| &*output.text).collect();
        let text = [
            b"\"outputs\": {\n    ".as_slice(),
            &texts.join(b",\n    ".as_slice()),
            b"\n  }",
        ]
        .concat();
        self.top.push(Member {
            name: "outputs".into(),
            text: text.into(),
            value: b"\"outputs\": ".len(),
        });
        if let Some(flaw) = flaw {
            self.jump_from(flaw.at, &LANDINGS);
        }
    }

    /// One output; none where it is whole but not what Terraform decodes.
    fn output(&mut self) -> Result<Option<Member<'a>>, Flaw> {
        self.begins();
        let start = self.at;
        let (name, value) = self.named()?;
        let passed = self.pass(value).and_then(|passed| match passed.closing {
            Closing::There => Ok(passed),
            Closing::Missing => Err(Flaw {
                at: passed.end,
                what: Wrong::Ends(Inside::Object),
            }),
        });
        let lost = |why: String| Lost {
            address: Some(format!("output.{name}")),
            at: Some(start),
            why,
        };
        match passed {
            Ok(passed) => {
                let member = self.member(name.clone(), start, value, &passed);
                if shape::output(member.value()) {
                    return Ok(Some(member));
                }
                let why = "its value is not of the type that it says".to_owned();
                self.lost.push(lost(why));
                Ok(None)
            }
            Err(flaw) => {
                self.lost.push(lost(flaw.to_string()));
                Err(flaw)
            }
        }
    }

    /// The list of resources, from behind its opening bracket or one of its entries.
    fn resources(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b',' => self.comma(),
                b'{' if self.layout.first(self.at) == Some(Landing::Resource) => self.resource(),
                b']' => {
                    self.at += 1;
                    self.list = List::Ended;
                    return;
                }
                b'"' if self.found => return,
                b'}' | b'"' => return self.fixes.note(Kind::Unclosed, self.at),
                _ => self.jump(&LANDINGS),
            }
        }
    }

    /// Passes a comma; one that nothing follows is noted.
    pub(super) fn comma(&mut self) {
        let at = self.at;
        self.at += 1;
        self.apart = true;
        if !matches!(self.peek(), Some(b'"' | b'{')) {
            self.fixes.note(Kind::Comma, at);
        }
    }

    /// An element or a member begins: a comma that is missing before it is noted.
    pub(super) fn begins(&mut self) {
        if !std::mem::take(&mut self.apart) {
            self.fixes.note(Kind::MissingComma, self.at);
        }
    }

    fn stray(&mut self) {
        self.fixes.note(Kind::Stray, self.at);
        self.at += 1;
    }

    /// Passes a byte that does not belong here, and on to where reading can go on.
    pub(super) fn jump(&mut self, landings: &[Landing]) {
        let start = self.at;
        self.noted_jump(start, start + 1, landings);
        self.lost.push(Lost {
            address: None,
            at: Some(start),
            why: format!("what stood in {} bytes here is not known", self.at - start),
        });
    }

    /// Passes what cannot be read from a place on.
    pub(super) fn jump_from(&mut self, from: usize, landings: &[Landing]) {
        self.noted_jump(from, from, landings);
    }

    fn noted_jump(&mut self, noted: usize, from: usize, landings: &[Landing]) {
        match self.text.get(noted) {
            None => {}
            Some(0) => self.fixes.note(Kind::Zeros, noted),
            Some(_) => self.fixes.note(Kind::Garbage, noted),
        }
        let from = from.min(self.text.len());
        let lands = |at: &usize| {
            let landing = self.layout.landing(*at);
            landing.is_some_and(|landing| landings.contains(&landing))
                || (self.list == List::Ahead && self.layout.compact_resources(*at))
        };
        let mut places = memchr2_iter(b'{', b'"', &self.text[from..]).map(|place| from + place);
        self.at = places.find(lands).unwrap_or(self.text.len());
        (self.found, self.apart) = (true, true);
    }

    /// The name of the member that begins here, and where its value begins.
    pub(super) fn named(&self) -> Result<(String, usize), Flaw> {
        named(self.text, self.at)
    }

    /// Passes a value and notes what was mended in it.
    pub(super) fn pass(&mut self, value: usize) -> Result<Passed, Flaw> {
        let passed = mend::pass(self.text, value)?;
        self.at = passed.end;
        self.note(&passed);
        Ok(passed)
    }

    pub(super) fn note(&mut self, passed: &Passed) {
        for edit in &passed.edits {
            self.fixes.note(edit.kind, edit.at);
        }
    }

    pub(super) fn member(
        &self,
        name: String,
        start: usize,
        value: usize,
        passed: &Passed,
    ) -> Member<'a> {
        Member {
            name,
            text: mend::edited(self.text, start, passed),
            value: value - start,
        }
    }

    pub(super) fn peek(&mut self) -> Option<u8> {
        self.at = blank(self.text, self.at);
        self.text.get(self.at).copied()
    }
}

pub(super) fn named(text: &[u8], at: usize) -> Result<(String, usize), Flaw> {
    let further = |flaw: Flaw| Flaw {
        at: at + flaw.at,
        ..flaw
    };
    let mut scanner = Scanner::new(&text[at..]);
    let name = scanner.string().map_err(further)?.into_owned();
    let colon = at + scanner.offset();
    match text.get(colon) {
        Some(b':') => Ok((name, blank(text, colon + 1))),
        Some(byte) => Err(Flaw {
            at: colon,
            what: Wrong::Misplaced(*byte),
        }),
        None => Err(Flaw {
            at: colon,
            what: Wrong::Ends(Inside::Object),
        }),
    }
}
