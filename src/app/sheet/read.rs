//! Something to read until it is closed: the call card, a plan while it runs.

use super::{Outcome, Reply};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};
use crate::app::role::Role;

/// Whether Esc closes the sheet now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    Free,
    /// A write is in flight: the sheet stays until its outcome is known.
    Held,
}

/// How Enter stands among the keys that the asker hears.
pub const ENTER: char = '⏎';

/// A titled text with a role a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub title: String,
    pub rows: Vec<(Role, String)>,
    /// The keys that the asker hears, with what they do.
    pub keys: Vec<(char, &'static str)>,
    pub closing: Closing,
    pub cursor: Cursor,
}

impl Reading {
    pub fn new(title: impl Into<String>, rows: Vec<(Role, String)>) -> Self {
        Self {
            title: title.into(),
            rows,
            keys: Vec::new(),
            closing: Closing::Free,
            cursor: Cursor::default(),
        }
    }

    /// The rows as plain text, for the clipboard.
    pub fn plain(&self) -> String {
        self.rows
            .iter()
            .map(|(_, text)| text.trim())
            .collect::<Vec<_>>()
            .join("\n")
    }

    pub(super) fn arrange(&mut self, rows: usize) {
        self.cursor
            .arrange(self.rows.len().saturating_sub(rows) + 1, 1);
    }

    pub(super) fn press(&mut self, key: Key) -> Outcome {
        let asks = |letter: char| self.keys.iter().any(|(known, _)| *known == letter);
        match key.code {
            Code::Enter if asks(ENTER) => return Outcome::Closed(Reply::Chosen(0)),
            Code::Esc | Code::Enter | Code::Char('q') if self.closing == Closing::Free => {
                return Outcome::Closed(Reply::Abandoned);
            }
            Code::Up => self.cursor.travel(Motion::Up),
            Code::Down => self.cursor.travel(Motion::Down),
            Code::Char(letter) if asks(letter) => {
                return Outcome::Asked(letter);
            }
            _ => {}
        }
        Outcome::Kept
    }
}
