//! The actions of a pane in a list that is narrowed by typing: the help, which
//! explains every key, and the palette, which does what a few letters name, and
//! opens the runbook that words or a pasted error lead to.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::line::{Edit, Line};
use super::{Outcome, Reply};
use crate::app::action::{Row, rows_from, rows_of};
use crate::app::cursor::{Cursor, Motion};
use crate::app::key::{Code, Key};
use crate::app::pane::PaneId;
use crate::runbook::Shelf;

/// How the list is narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What contains the text, in the order of the table.
    Help,
    /// What is like the text, the best first, of every pane: choosing goes there.
    Palette,
}

/// What stands in a row, and is chosen with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Action(&'static Row),
    Runbook { id: String, title: String },
}

/// Before the id of a runbook in the reply: no action's name has a colon.
pub const RUNBOOK: &str = "runbook:";

/// The list of one pane: its own actions first while nothing is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finder {
    pub pane: PaneId,
    pub manner: Manner,
    pub query: Line,
    pub cursor: Cursor,
    /// The runbooks that the palette finds too.
    shelf: Option<Arc<Shelf>>,
    rows: Vec<Found>,
}

impl Finder {
    pub fn new(pane: PaneId, manner: Manner) -> Self {
        let mut finder = Self {
            pane,
            manner,
            query: Line::default(),
            cursor: Cursor::default(),
            shelf: None,
            rows: Vec::new(),
        };
        finder.rows = finder.matching();
        finder
    }

    /// The same with the runbooks that it can open.
    #[must_use]
    pub fn with_runbooks(self, pages: Option<Arc<Shelf>>) -> Self {
        Self {
            shelf: pages,
            ..self
        }
    }

    /// The rows that match what was typed.
    pub fn rows(&self) -> &[Found] {
        &self.rows
    }

    fn matching(&self) -> Vec<Found> {
        let actions =
            |rows: &mut dyn Iterator<Item = &'static Row>| rows.map(Found::Action).collect();
        match (self.query.text(), self.manner) {
            ("", Manner::Help) => actions(&mut rows_of(self.pane)),
            ("", Manner::Palette) => actions(&mut rows_from(self.pane)),
            (wanted, Manner::Help) => actions(&mut self.containing(wanted)),
            (wanted, Manner::Palette) => self.alike(wanted),
        }
    }

    fn containing(&self, wanted: &str) -> impl Iterator<Item = &'static Row> {
        let lower = wanted.to_lowercase();
        rows_of(self.pane).filter(move |row| {
            row.name.contains(&lower)
                || row.sentence.to_lowercase().contains(&lower)
                || row.keys.contains(wanted)
        })
    }

    fn alike(&self, wanted: &str) -> Vec<Found> {
        let matcher = SkimMatcherV2::default();
        let score = |row: &Row| {
            // A name is shorter than a sentence, and what one remembers.
            let by_name = matcher.fuzzy_match(row.name, wanted).map(|score| score * 2);
            by_name.max(matcher.fuzzy_match(row.sentence, wanted))
        };
        let actions =
            rows_from(self.pane).filter_map(|row| Some((score(row)?, Found::Action(row))));
        let mut scored: Vec<_> = actions.chain(self.runbooks(wanted)).collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, row)| row).collect()
    }

    fn runbooks(&self, wanted: &str) -> Vec<(i64, Found)> {
        let Some(pages) = &self.shelf else {
            return Vec::new();
        };
        let hits = pages.search(wanted).into_iter();
        hits.filter_map(|hit| {
            let page = &pages.entries().get(hit.index)?.page;
            let (id, title) = (page.id.clone(), page.title.clone());
            Some((hit.score, Found::Runbook { id, title }))
        })
        .collect()
    }

    pub(super) fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.rows.len(), rows);
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
                    self.rows = self.matching();
                    self.cursor.go(0);
                }
            }
        }
        Outcome::Kept
    }

    /// The name of the action under the cursor, or the marked id of the runbook.
    fn chosen(&self) -> Reply {
        match self.rows.get(self.cursor.row()) {
            None => Reply::Abandoned,
            Some(Found::Action(row)) => Reply::Texts(vec![row.name.to_owned()]),
            Some(Found::Runbook { id, .. }) => Reply::Texts(vec![format!("{RUNBOOK}{id}")]),
        }
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

    fn first(finder: &Finder) -> Option<&str> {
        finder.rows().first().map(|row| match row {
            Found::Action(row) => row.name,
            Found::Runbook { id, .. } => id,
        })
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
    fn the_palette_opens_the_runbook_of_a_pasted_error() {
        let shelf = Some(Arc::new(Shelf::built_in()));
        let mut palette = Finder::new(PaneId::Logs, Manner::Palette).with_runbooks(shelf);
        for letter in "│ Error: Error acquiring the state lock".chars() {
            palette.press(Key::plain(Code::Char(letter)));
        }
        assert_eq!(first(&palette), Some("state-lock"));
        assert_eq!(
            palette.press(Key::plain(Code::Enter)),
            Outcome::Closed(Reply::Texts(vec!["runbook:state-lock".into()]))
        );
    }

    #[test]
    fn the_help_is_searched_by_key_name_and_sentence() {
        assert_eq!(first(&typed(Manner::Help, "ctrl-r")), Some("reload"));
        assert_eq!(first(&typed(Manner::Help, "Ten Minutes")), Some("arm"));
        assert_eq!(first(&typed(Manner::Help, "no such thing")), None);
    }
}
