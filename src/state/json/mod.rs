//! A pull scanner over JSON bytes: it validates, finds spans, copies nothing.
//!
//! It says exactly where and how a text breaks, and everything that was read
//! before that point stays usable, so one pass serves reading, judging and
//! salvaging. Every step moves forward: the work is linear in the bytes.

mod decode;
mod scanner;

pub use scanner::Scanner;

/// A half-open range of bytes in a state's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The bytes of the span; empty where the span does not belong to this text.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Where a text stops being JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// The first byte that does not fit; the text's length where it ends too early.
    pub at: usize,
    pub what: Wrong,
}

/// How a text stops being JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The text ends inside of something that was opened.
    Ends(Inside),
    /// A byte that cannot stand here.
    Misplaced(u8),
    /// A line break or another control character inside of a string.
    Control(u8),
    Escape,
    Number,
    Literal,
    /// Something follows the end of the value.
    Trailing,
    TooDeep,
}

/// What was open where a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    Text,
    Object,
    List,
    Literal,
    Nothing,
}

/// What kind of value begins here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}
