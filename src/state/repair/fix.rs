//! What was done to a damaged state, and what could not be saved, as a person
//! reads it.

use serde::Serialize;

/// So many places of one kind are named; the count is always whole.
const NAMED: usize = 16;

/// What kind of fault was mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The text ends too early.
    Cut,
    /// Zero bytes, as a disk or a network share leaves them behind.
    Zeros,
    /// Bytes that are no JSON.
    Garbage,
    /// A comma that nothing follows.
    Comma,
    MissingComma,
    /// A bracket that was never closed.
    Unclosed,
    /// A bracket that closes nothing.
    Stray,
    /// A backslash that begins no escape.
    Escape,
    /// A line break or a tab inside of a string.
    Control,
    /// An instance that was there before.
    Duplicate,
    /// A field of the state itself, taken from the version compared with.
    Header,
}

impl Kind {
    /// Whether bytes within instances are other ones than before.
    pub fn changes_values(self) -> bool {
        match self {
            Self::Comma | Self::Unclosed | Self::Escape | Self::Control => true,
            Self::Cut
            | Self::Zeros
            | Self::Garbage
            | Self::MissingComma
            | Self::Stray
            | Self::Duplicate
            | Self::Header => false,
        }
    }
}

/// Everything of one kind that was mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub kind: Kind,
    pub count: usize,
    /// The first places, in bytes from the start of the damaged text.
    pub at: Vec<usize>,
}

impl Fix {
    /// What was done, in a sentence.
    pub fn sentence(&self) -> String {
        let (one, many) = match self.kind {
            Kind::Cut => ("the text ends too early: what was open was closed", ""),
            Kind::Zeros => (
                "a run of zero bytes was left out",
                "runs of zero bytes were left out",
            ),
            Kind::Garbage => (
                "a stretch that is no JSON was left out",
                "stretches that are no JSON were left out",
            ),
            Kind::Comma => (
                "a comma that nothing follows was left out",
                "commas that nothing follows were left out",
            ),
            Kind::MissingComma => (
                "a comma that was missing was put in",
                "commas that were missing were put in",
            ),
            Kind::Unclosed => (
                "a bracket that was never closed was closed",
                "brackets that were never closed were closed",
            ),
            Kind::Stray => (
                "a bracket that closes nothing was left out",
                "brackets that close nothing were left out",
            ),
            Kind::Escape => (
                "a backslash that begins no escape was doubled: look at its value",
                "backslashes that begin no escape were doubled: look at their values",
            ),
            Kind::Control => (
                "a line break or tab inside of a string was written as an escape",
                "line breaks or tabs inside of strings were written as escapes",
            ),
            Kind::Duplicate => (
                "an instance that was there before was left out",
                "instances that were there before were left out",
            ),
            Kind::Header => (
                "a field of the state itself was taken from the version compared with",
                "fields of the state itself were taken from the version compared with",
            ),
        };
        match self.count {
            0 | 1 => one.to_owned(),
            _ if many.is_empty() => one.to_owned(),
            count => format!("{count} {many}"),
        }
    }
}

/// The fixes so far, each kind once.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixes(Vec<Fix>);

impl Fixes {
    pub fn note(&mut self, kind: Kind, at: usize) {
        let known = self.0.iter_mut().find(|fix| fix.kind == kind);
        let Some(fix) = known else {
            self.0.push(Fix {
                kind,
                count: 1,
                at: vec![at],
            });
            return;
        };
        fix.count += 1;
        if fix.at.len() < NAMED {
            fix.at.push(at);
        }
    }

    pub fn told(mut self) -> Vec<Fix> {
        self.0.sort_by_key(|fix| fix.kind);
        self.0
    }
}

/// Something that could not be saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// None where the text does not say any more what it was.
    pub address: Option<String>,
    /// The byte of the damaged text that it began at; none for what only the version compared with holds.
    pub at: Option<usize>,
    /// As the end of a sentence about it.
    pub why: String,
}
