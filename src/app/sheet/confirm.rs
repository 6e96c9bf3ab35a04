//! The question before a write: what will happen, on what, under which
//! condition, and what has to be typed. Nothing is preselected, Enter alone
//! never confirms, and Esc is always the way out.

use super::line::{Edit, Line};
use super::{Outcome, Reply};
use crate::app::key::{Code, Key};
use crate::app::role::Role;

/// Rows a page key moves: few enough for the smallest sheet.
const SCROLL: usize = 3;

/// Something to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub label: String,
    /// The exact text that confirms; none for a remark that may stay empty.
    pub expected: Option<String>,
    pub line: Line,
}

impl Field {
    /// A field that confirms only when exactly this is typed.
    pub fn exact(label: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            expected: Some(expected.into()),
            line: Line::default(),
        }
    }

    /// A field for a remark.
    pub fn remark(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            expected: None,
            line: Line::default(),
        }
    }

    /// Whether what is typed so far may become what is expected.
    pub fn on_course(&self) -> bool {
        self.expected
            .as_ref()
            .is_none_or(|expected| expected.starts_with(self.line.text()))
    }

    /// Whether the field is answered.
    pub fn met(&self) -> bool {
        self.expected
            .as_ref()
            .is_none_or(|expected| expected == self.line.text())
    }
}

/// The sheet before a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    pub title: String,
    pub rows: Vec<(Role, String)>,
    pub fields: Vec<Field>,
    /// The field that is being typed.
    pub at: usize,
    /// What ctrl-y copies; letters are typed.
    pub copy: Option<String>,
    /// How many rows the person has scrolled past: nothing that will happen may stay out of sight.
    pub scrolled: usize,
}

impl Confirm {
    pub fn new(title: impl Into<String>, rows: Vec<(Role, String)>, fields: Vec<Field>) -> Self {
        Self {
            title: title.into(),
            rows,
            fields,
            at: 0,
            copy: None,
            scrolled: 0,
        }
    }

    pub(super) fn press(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc => return Outcome::Closed(Reply::Abandoned),
            Code::Char('y') if key.ctrl && self.copy.is_some() => return Outcome::Asked('y'),
            Code::Tab | Code::Down => self.at = (self.at + 1) % self.fields.len().max(1),
            Code::BackTab | Code::Up => {
                self.at = self
                    .at
                    .checked_sub(1)
                    .unwrap_or(self.fields.len().saturating_sub(1));
            }
            Code::PageDown => self.scrolled = (self.scrolled + SCROLL).min(self.rows.len()),
            Code::PageUp => self.scrolled = self.scrolled.saturating_sub(SCROLL),
            Code::Enter => return self.enter(),
            _ => {
                if let Some(field) = self.fields.get_mut(self.at) {
                    let (Edit::Changed | Edit::Unused) = field.line.press(key);
                }
            }
        }
        Outcome::Kept
    }

    /// Confirms where every field is met; else goes to the first that is not.
    fn enter(&mut self) -> Outcome {
        match self.fields.iter().position(|field| !field.met()) {
            Some(missing) => {
                self.at = missing;
                Outcome::Kept
            }
            None if self.fields.is_empty() => Outcome::Kept,
            None => Outcome::Closed(Reply::Texts(
                self.fields
                    .iter()
                    .map(|field| field.line.text().to_owned())
                    .collect(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirm() -> Confirm {
        Confirm::new(
            "Release",
            Vec::new(),
            vec![Field::exact("id", "a1b2"), Field::remark("reason")],
        )
    }

    fn press(sheet: &mut Confirm, keys: &str) -> Outcome {
        keys.split(' ')
            .map(|key| sheet.press(key.parse().unwrap()))
            .last()
            .unwrap()
    }

    #[test]
    fn enter_alone_never_confirms() {
        assert_eq!(press(&mut confirm(), "enter"), Outcome::Kept);
        assert_eq!(press(&mut confirm(), "a 1 b enter"), Outcome::Kept);
        assert_eq!(press(&mut confirm(), "a 1 b 2 x enter"), Outcome::Kept);
    }

    #[test]
    fn the_exact_text_confirms_and_the_remark_may_stay_empty() {
        let replied = press(&mut confirm(), "a 1 b 2 enter");
        assert_eq!(
            replied,
            Outcome::Closed(Reply::Texts(vec!["a1b2".into(), String::new()]))
        );
        let replied = press(&mut confirm(), "a 1 b 2 tab o k enter");
        assert_eq!(
            replied,
            Outcome::Closed(Reply::Texts(vec!["a1b2".into(), "ok".into()]))
        );
    }

    #[test]
    fn a_sheet_without_fields_cannot_be_confirmed() {
        let mut bare = Confirm::new("x", Vec::new(), Vec::new());
        assert_eq!(press(&mut bare, "enter"), Outcome::Kept);
        assert_eq!(press(&mut bare, "esc"), Outcome::Closed(Reply::Abandoned));
    }
}
