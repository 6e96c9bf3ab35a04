//! A list whose lines are marked and changed while it stays: the asker hears
//! each key with the line under the cursor, and lays the changed list down.

use super::{Outcome, Reply};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};
use crate::app::role::Role;

/// Whether a line is marked; some have nothing to mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    On,
    Off,
    None,
}

impl Mark {
    pub fn of(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What the lines next to each other have in common; said once.
    pub group: &'static str,
    pub mark: Mark,
    pub label: String,
    /// What is known of it, at the right.
    pub detail: (Role, String),
}

/// A titled list with a cursor and the keys that the asker hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toggles {
    pub title: String,
    pub entries: Vec<Entry>,
    pub keys: Vec<(char, &'static str)>,
    pub cursor: Cursor,
}

impl Toggles {
    /// The list with the cursor on its first line.
    pub fn new(
        title: impl Into<String>,
        entries: Vec<Entry>,
        keys: Vec<(char, &'static str)>,
    ) -> Self {
        let mut toggles = Self {
            title: title.into(),
            entries,
            keys,
            cursor: Cursor::default(),
        };
        toggles.arrange(1);
        toggles
    }

    /// The list in the place of an older one of its asker: the cursor stays.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        self.cursor = before.cursor;
        self
    }

    pub(super) fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.entries.len(), rows);
    }

    pub(super) fn press(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc => return Outcome::Closed(Reply::Abandoned),
            Code::Enter => return Outcome::Picked(self.cursor.row(), '\n'),
            Code::Char(' ') => return Outcome::Picked(self.cursor.row(), ' '),
            Code::Char(letter) if self.keys.iter().any(|(known, _)| *known == letter) => {
                return Outcome::Picked(self.cursor.row(), letter);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn list(labels: &[&str]) -> Toggles {
        let entry = |label: &&str| Entry {
            group: "g",
            mark: Mark::Off,
            label: (*label).to_owned(),
            detail: (Role::Faint, String::new()),
        };
        Toggles::new(
            "t",
            labels.iter().map(entry).collect(),
            vec![('d', "delete")],
        )
    }

    #[test]
    fn a_key_is_told_with_its_line_and_the_list_stays() {
        let mut toggles = list(&["a", "b"]);
        assert_eq!(toggles.press("down".parse().unwrap()), Outcome::Kept);
        assert_eq!(
            toggles.press("space".parse().unwrap()),
            Outcome::Picked(1, ' ')
        );
        assert_eq!(toggles.press("d".parse().unwrap()), Outcome::Picked(1, 'd'));
        assert_eq!(toggles.press("z".parse().unwrap()), Outcome::Kept);
        let closed = Outcome::Closed(Reply::Abandoned);
        assert_eq!(toggles.press("esc".parse().unwrap()), closed);
    }

    #[test]
    fn a_changed_list_keeps_the_cursor_inside() {
        let mut before = list(&["a", "b", "c"]);
        before.press("end".parse().unwrap());
        let mut shorter = list(&["a"]).after(&before);
        shorter.arrange(5);
        assert_eq!(shorter.cursor.row(), 0);
    }
}
