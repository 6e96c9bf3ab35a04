//! The actions of a pane in a list that is narrowed by typing: the help, which
//! explains every key, and the palette, which does what a few letters name.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::line::{Edit, Line};
use super::{Outcome, Reply};
use crate::app::action::{Row, rows_from, rows_of};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};
use crate::app::pane::PaneId;

/// How the list is narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What contains the text, in the order of the table.
    Help,
    /// What is like the text, the best first, of every pane: choosing goes there.
    Palette,
}

/// The list of one pane: its own actions first while nothing is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finder {
    pub pane: PaneId,
    pub manner: Manner,
    pub query: Line,
    pub cursor: Cursor,
}

impl Finder {
    pub fn new(pane: PaneId, manner: Manner) -> Self {
        Self {
            pane,
            manner,
            query: Line::default(),
            cursor: Cursor::default(),
        }
    }

    /// The rows that match. The table is small: matching it costs less than a frame.
    pub fn rows(&self) -> Vec<&'static Row> {
        match (self.query.text(), self.manner) {
            ("", Manner::Help) => rows_of(self.pane).collect(),
            ("", Manner::Palette) => rows_from(self.pane).collect(),
            (wanted, Manner::Help) => self.containing(wanted),
            (wanted, Manner::Palette) => self.alike(wanted),
        }
    }

    fn containing(&self, wanted: &str) -> Vec<&'static Row> {
        let lower = wanted.to_lowercase();
        let contains = |row: &&Row| {
            row.name.contains(&lower)
                || row.sentence.to_lowercase().contains(&lower)
                || row.keys.contains(wanted)
        };
        rows_of(self.pane).filter(contains).collect()
    }

    fn alike(&self, wanted: &str) -> Vec<&'static Row> {
        let matcher = SkimMatcherV2::default();
        let score = |row: &Row| {
            // A name is shorter than a sentence, and what one remembers.
            let by_name = matcher.fuzzy_match(row.name, wanted).map(|score| score * 2);
            by_name.max(matcher.fuzzy_match(row.sentence, wanted))
        };
        let mut scored: Vec<_> = rows_from(self.pane)
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
            Code::Enter => return Outcome::Closed(self.chosen()),
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

    /// The name of the action under the cursor.
    fn chosen(&self) -> Reply {
        let rows = self.rows();
        let row = rows.get(self.cursor.row());
        row.map_or(Reply::Abandoned, |row| {
            Reply::Texts(vec![row.name.to_owned()])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(manner: Manner, text: &str) -> Finder {
        let mut finder = Finder::new(PaneId::Locks, manner);
        for letter in text.chars() {
            finder.press(Key::plain(Code::Char(letter)));
        }
        finder
    }

    fn first(finder: &Finder) -> Option<&'static str> {
        finder.rows().first().map(|row| row.name)
    }

    #[test]
    fn a_few_letters_find_the_action() {
        let mut palette = typed(Manner::Palette, "rele");
        assert_eq!(first(&palette), Some("lock.release"));
        assert_eq!(
            palette.press(Key::plain(Code::Enter)),
            Outcome::Closed(Reply::Texts(vec!["lock.release".into()]))
        );
    }

    #[test]
    fn an_action_of_another_pane_is_found_too() {
        let mut palette = Finder::new(PaneId::Situation, Manner::Palette);
        "release".chars().for_each(|letter| {
            palette.press(Key::plain(Code::Char(letter)));
        });
        assert_eq!(first(&palette), Some("lock.release"));
    }

    #[test]
    fn the_help_is_searched_by_key_name_and_sentence() {
        assert_eq!(first(&typed(Manner::Help, "ctrl-r")), Some("reload"));
        assert_eq!(first(&typed(Manner::Help, "Ten Minutes")), Some("arm"));
        assert_eq!(first(&typed(Manner::Help, "no such thing")), None);
    }
}
