//! What the logs come to, beside their records: calls, the slowest work, what
//! is running, a timeline, the rate of calls, the runs. The tables are made
//! anew only when an account has changed, and never by drawing.

use std::sync::Arc;

use super::figures::{CallRow, Figures, RunRow, WorkRow};
use super::{Followed, LogPane};
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::Desk;
use crate::app::notice::Tone;
use crate::log::{Account, Level, Pattern, Place};

/// One page of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    #[default]
    Calls,
    Work,
    Timeline,
    Rate,
    Runs,
}

impl Page {
    pub const ALL: [Self; 5] = [
        Self::Calls,
        Self::Work,
        Self::Timeline,
        Self::Rate,
        Self::Runs,
    ];

    /// The word of its tab.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Work => "slowest",
            Self::Timeline => "timeline",
            Self::Rate => "rate",
            Self::Runs => "runs",
        }
    }

    fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// Whether the pages are in the place of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    #[default]
    Records,
    Pages,
}

/// The pages and their tables.
#[derive(Debug, Default)]
pub struct Insight {
    shown: Shown,
    page: Page,
    cursor: Cursor,
    figures: Figures,
    /// What the tables were made of.
    basis: Vec<Arc<Account>>,
}

impl Insight {
    /// The page that is shown in the place of the records.
    pub fn page(&self) -> Option<Page> {
        (self.shown == Shown::Pages).then_some(self.page)
    }

    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Makes the tables anew where an account has changed.
    pub(super) fn refresh(&mut self, files: &[Followed]) {
        let accounts = || files.iter().map(|file| &file.account);
        let same = self.basis.len() == files.len()
            && self
                .basis
                .iter()
                .zip(accounts())
                .all(|(one, other)| Arc::ptr_eq(one, other));
        if !same {
            self.basis = accounts().cloned().collect();
            self.figures = Figures::of(files);
        }
    }

    /// Gives the cursor of the page its height.
    pub(super) fn arrange(&mut self, rows: usize) {
        // The tabs take a row, the titles of a table or an axis another one.
        let (length, rows) = match self.page {
            Page::Calls => (self.figures.calls.len(), rows.saturating_sub(2)),
            Page::Work => (self.figures.work().count(), rows.saturating_sub(1)),
            Page::Timeline => (self.figures.spans.len(), rows.saturating_sub(2)),
            Page::Rate => (0, rows),
            // The words of the run under the cursor stand beneath.
            Page::Runs => (self.figures.runs.len(), rows / 2),
        };
        self.cursor.arrange(length, rows);
    }

    fn turn(&mut self, by: usize) {
        self.page = self.page.step(by);
        self.cursor = Cursor::default();
    }

    /// Moves in the page, or to another one.
    pub(super) fn travel(&mut self, motion: Motion) {
        match motion {
            Motion::Right | Motion::NextColumn => self.turn(1),
            Motion::Left | Motion::PreviousColumn => self.turn(Page::ALL.len() - 1),
            Motion::Up
            | Motion::Down
            | Motion::PageUp
            | Motion::PageDown
            | Motion::Top
            | Motion::Bottom => self.cursor.travel(motion),
        }
    }

    /// Shows the page that was open last; where it has nothing to say, the first that has.
    fn open(&mut self) {
        self.shown = Shown::Pages;
        if !self.tells(self.page) {
            let told = Page::ALL.into_iter().find(|page| self.tells(*page));
            self.page = told.unwrap_or_default();
            self.cursor = Cursor::default();
        }
    }

    /// Whether a page has anything to show.
    fn tells(&self, page: Page) -> bool {
        let figures = &self.figures;
        match page {
            Page::Calls => !figures.calls.is_empty(),
            Page::Work => figures.work().next().is_some(),
            Page::Timeline => !figures.spans.is_empty(),
            Page::Rate => !figures.rates.1.is_empty(),
            Page::Runs => !figures.runs.is_empty(),
        }
    }

    /// Goes back to the records; whether a page was shown.
    pub(super) fn close(&mut self) -> bool {
        std::mem::take(&mut self.shown) == Shown::Pages
    }
}

/// What Enter on a line of a page leads to.
enum Lead {
    To(Place),
    Search(String),
}

impl LogPane {
    pub fn insight(&self) -> &Insight {
        &self.insight
    }

    /// Shows the pages in the place of the records, or the records again.
    pub(super) fn toggle_insight(&mut self, desk: &mut Desk<'_>) {
        if self.insight.close() {
            return;
        }
        if self.insight.figures.is_empty() {
            return desk.say(Tone::Note, "no calls, work or runs are known of these logs");
        }
        self.insight.open();
    }

    /// Opens what the line under the cursor of a page stands for.
    pub(super) fn open_insight(&mut self, desk: &mut Desk<'_>) {
        let figures = &self.insight.figures;
        let row = self.insight.cursor.row();
        let to = |work: &WorkRow| Lead::To(work.place);
        let lead = match self.insight.page {
            Page::Calls => figures.calls.get(row).map(CallRow::operation),
            Page::Work => figures.work().nth(row).map(to),
            Page::Timeline => figures.spans.get(row).map(to),
            Page::Rate => None,
            Page::Runs => figures
                .runs
                .get(row)
                .map(|run: &RunRow| Lead::To(run.place)),
        };
        let Some(lead) = lead else { return };
        self.insight.close();
        match lead {
            Lead::To(place) => {
                let file = self.files.get(usize::from(place.file.0));
                let level = file.and_then(|file| file.index.level(place.record));
                self.lower_floor(level.unwrap_or_default(), desk);
                self.go_to(place, "its record", desk);
            }
            Lead::Search(operation) => {
                // Calls are told at this level.
                self.lower_floor(Level::Debug, desk);
                if let Ok(pattern) = Pattern::read(&operation) {
                    self.search(pattern, desk);
                }
            }
        }
    }
}

impl LogPane {
    /// Shows this level too: what was asked for must not stay hidden.
    fn lower_floor(&mut self, level: Level, desk: &mut Desk<'_>) {
        if level < self.floor() {
            self.set_floor(level, desk);
        }
    }
}

impl CallRow {
    fn operation(&self) -> Lead {
        Lead::Search(self.operation.clone())
    }
}
