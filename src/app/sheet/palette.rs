//! Finds an action by a few letters of its name or sentence, best match first.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::line::{Edit, Line};
use super::{Outcome, Reply};
use crate::app::action::{Row, rows_of};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};
use crate::app::pane::PaneId;

/// The palette of one pane: its own actions first while nothing is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    pub pane: PaneId,
    pub query: Line,
    pub cursor: Cursor,
}

impl Palette {
    pub fn new(pane: PaneId) -> Self {
        Self {
            pane,
            query: Line::default(),
            cursor: Cursor::default(),
        }
    }

    /// The actions that match, best first. The table is small: matching it costs less than a frame.
    pub fn rows(&self) -> Vec<&'static Row> {
        if self.query.text().is_empty() {
            return rows_of(self.pane).collect();
        }
        let matcher = SkimMatcherV2::default();
        let score = |row: &Row| {
            let by_name = matcher.fuzzy_match(row.name, self.query.text());
            by_name.max(matcher.fuzzy_match(row.sentence, self.query.text()))
        };
        let mut scored: Vec<_> = rows_of(self.pane)
            .filter_map(|row| Some((score(row)?, row)))
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, row)| row).collect()
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
            _ => {
                if self.query.press(key) == Edit::Changed {
                    self.cursor.go(0);
                }
            }
        }
        Outcome::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_the_action() {
        let mut palette = Palette::new(PaneId::Locks);
        for letter in "rele".chars() {
            palette.press(Key::plain(Code::Char(letter)));
        }
        assert_eq!(
            palette.rows().first().map(|row| row.name),
            Some("lock.release")
        );
        assert_eq!(
            palette.press(Key::plain(Code::Enter)),
            Outcome::Closed(Reply::Texts(vec!["lock.release".into()]))
        );
    }
}
