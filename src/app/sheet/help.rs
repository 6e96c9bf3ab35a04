//! Every key that works here, searchable by key, name or sentence.

use super::line::{Edit, Line};
use super::{Outcome, Reply};
use crate::app::action::{Row, rows_of};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};
use crate::app::pane::PaneId;

/// The help of one pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    pub pane: PaneId,
    pub query: Line,
    pub cursor: Cursor,
}

impl Help {
    pub fn new(pane: PaneId) -> Self {
        Self {
            pane,
            query: Line::default(),
            cursor: Cursor::default(),
        }
    }

    /// The rows that contain what was typed.
    pub fn rows(&self) -> Vec<&'static Row> {
        let wanted = self.query.text().to_lowercase();
        rows_of(self.pane)
            .filter(|row| {
                row.name.contains(&wanted)
                    || row.sentence.to_lowercase().contains(&wanted)
                    || row.keys.contains(self.query.text())
            })
            .collect()
    }

    pub(super) fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.rows().len(), rows);
    }

    pub(super) fn press(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc => return Outcome::Closed(Reply::Abandoned),
            Code::Enter => {
                let chosen = self
                    .rows()
                    .get(self.cursor.row())
                    .map(|row| row.name.to_owned());
                return Outcome::Closed(
                    chosen.map_or(Reply::Abandoned, |name| Reply::Texts(vec![name])),
                );
            }
            Code::Up => self.cursor.travel(Motion::Up),
            Code::Down => self.cursor.travel(Motion::Down),
            Code::PageUp => self.cursor.travel(Motion::PageUp),
            Code::PageDown => self.cursor.travel(Motion::PageDown),
            _ => {
                if self.query.press(key) == Edit::Changed {
                    self.cursor.go(0);
                }
            }
        }
        Outcome::Kept
    }
}
