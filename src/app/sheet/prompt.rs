//! One line asked at the foot of the screen: a search, a filter, a note.

use super::line::{Edit, Line};
use super::{Outcome, Reply};
use crate::app::key::{Code, Key};

/// Whether the asker hears each change or only the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    WhileTyping,
    AtTheEnd,
}

/// A question of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub label: String,
    /// What may be typed, said at the right.
    pub hint: String,
    pub line: Line,
    pace: Pace,
}

impl Prompt {
    /// A prompt with this text already in it.
    pub fn new(label: impl Into<String>, hint: impl Into<String>, text: &str, pace: Pace) -> Self {
        Self {
            label: label.into(),
            hint: hint.into(),
            line: Line::new(text),
            pace,
        }
    }

    pub(super) fn press(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc => Outcome::Closed(Reply::Abandoned),
            Code::Enter => Outcome::Closed(Reply::Texts(vec![self.line.text().to_owned()])),
            _ => match (self.line.press(key), self.pace) {
                (Edit::Changed, Pace::WhileTyping) => Outcome::SoFar(self.line.text().to_owned()),
                _ => Outcome::Kept,
            },
        }
    }
}
