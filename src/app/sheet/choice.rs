//! A list to pick one of.

use super::{Outcome, Reply};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    pub label: String,
    pub detail: String,
}

/// A titled list with a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub title: String,
    pub options: Vec<Choosable>,
    pub cursor: Cursor,
}

impl Choice {
    /// The list with the cursor on its first line.
    pub fn new(title: impl Into<String>, options: Vec<Choosable>) -> Self {
        let mut choice = Self {
            title: title.into(),
            options,
            cursor: Cursor::default(),
        };
        choice.arrange(1);
        choice
    }

    pub(super) fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.options.len(), rows);
    }

    pub(super) fn press(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc => return Outcome::Closed(Reply::Abandoned),
            Code::Enter if self.options.is_empty() => {}
            Code::Enter => return Outcome::Closed(Reply::Chosen(self.cursor.row())),
            Code::Up | Code::Char('k') => self.cursor.travel(Motion::Up),
            Code::Down | Code::Char('j') => self.cursor.travel(Motion::Down),
            Code::PageUp => self.cursor.travel(Motion::PageUp),
            Code::PageDown => self.cursor.travel(Motion::PageDown),
            Code::Home => self.cursor.travel(Motion::Top),
            Code::End => self.cursor.travel(Motion::Bottom),
            _ => {}
        }
        Outcome::Kept
    }
}
