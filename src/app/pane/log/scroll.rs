//! Where the view is: a cursor and a top that name records, not row numbers,
//! so that records arriving before them move nothing. An unfolded record has a
//! row for each line of its body, and the cursor walks through them.

use super::window::Windows;
use crate::app::cursor::Motion;
use crate::log::{FileNo, Place, RecordNo, RowNo, View};

/// One row of the screen: a record's first row (line 0) or a line of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spot {
    pub place: Place,
    pub line: u32,
}

/// The rows of all records, unfolded ones with their bodies.
pub struct Roll<'a> {
    view: View<'a>,
    windows: &'a Windows,
}

impl<'a> Roll<'a> {
    pub fn new(view: View<'a>, windows: &'a Windows) -> Self {
        Self { view, windows }
    }

    fn height(&self, place: Place) -> u32 {
        1 + self.windows.body_rows(place)
    }

    fn at_row(&self, row: u64) -> Option<Spot> {
        let place = self.view.place(RowNo(row))?;
        Some(Spot { place, line: 0 })
    }

    fn last(&self) -> Option<Spot> {
        let spot = self.at_row(self.view.rows().checked_sub(1)?)?;
        let line = self.height(spot.place) - 1;
        Some(Spot { line, ..spot })
    }

    fn next(&self, spot: Spot) -> Option<Spot> {
        if spot.line + 1 < self.height(spot.place) {
            return Some(Spot {
                line: spot.line + 1,
                ..spot
            });
        }
        self.at_row(self.view.row(spot.place).0 + 1)
    }

    fn previous(&self, spot: Spot) -> Option<Spot> {
        if spot.line > 0 {
            return Some(Spot {
                line: spot.line - 1,
                ..spot
            });
        }
        let above = self.at_row(self.view.row(spot.place).0.checked_sub(1)?)?;
        let line = self.height(above.place) - 1;
        Some(Spot { line, ..above })
    }

    fn down(&self, spot: Spot, rows: usize) -> Spot {
        std::iter::successors(Some(spot), |&spot| self.next(spot))
            .take(rows + 1)
            .last()
            .unwrap_or(spot)
    }

    fn up(&self, spot: Spot, rows: usize) -> Spot {
        std::iter::successors(Some(spot), |&spot| self.previous(spot))
            .take(rows + 1)
            .last()
            .unwrap_or(spot)
    }

    /// The same spot if it is still shown, else the nearest one below or above.
    fn settle(&self, spot: Spot) -> Option<Spot> {
        let rows = self.view.rows().checked_sub(1)?;
        let settled = self.at_row(self.view.row(spot.place).0.min(rows))?;
        if settled.place != spot.place {
            return Some(settled);
        }
        let line = spot.line.min(self.height(spot.place) - 1);
        Some(Spot { line, ..settled })
    }

    fn order(&self, spot: Spot) -> (RowNo, u32) {
        (self.view.row(spot.place), spot.line)
    }

    fn screen(&self, top: Spot, height: usize) -> Vec<Spot> {
        std::iter::successors(Some(top), |&spot| self.next(spot))
            .take(height)
            .collect()
    }
}

/// Whether the view stays at the end as it grows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mode {
    Following,
    /// Paused when the files had so many records.
    Paused(Vec<RecordNo>),
}

/// The cursor, the top and what is on screen.
#[derive(Debug)]
pub struct Scroll {
    cursor: Spot,
    top: Spot,
    height: usize,
    mode: Mode,
    shown: Vec<Spot>,
    /// How many rows came below since the pause.
    fresh: u64,
    arrival: Arrival,
}

/// How the cursor came to where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// Step by step: the view follows by as little as it can.
    Walked,
    /// From afar: what stands before it is worth seeing too.
    Jumped,
    /// It stands where it was and has opened: what is beneath it is worth seeing.
    Opened,
}

impl Default for Scroll {
    fn default() -> Self {
        Self {
            cursor: Spot::default(),
            top: Spot::default(),
            height: 1,
            mode: Mode::Following,
            shown: Vec::new(),
            fresh: 0,
            arrival: Arrival::Walked,
        }
    }
}

impl Scroll {
    pub fn cursor(&self) -> Spot {
        self.cursor
    }

    pub fn shown(&self) -> &[Spot] {
        &self.shown
    }

    /// How many rows came since the pause.
    pub fn fresh(&self) -> u64 {
        self.fresh
    }

    pub fn is_following(&self) -> bool {
        self.mode == Mode::Following
    }

    /// The rows of the list that are on screen.
    pub fn range(&self, roll: &Roll<'_>) -> std::ops::Range<u64> {
        let row = |spot: Option<&Spot>| spot.map(|spot| roll.view.row(spot.place).0);
        let first = row(self.shown.first()).unwrap_or(0);
        first..row(self.shown.last()).map_or(0, |last| last + 1)
    }

    /// Whether the cursor is on a record at all.
    pub fn is_at_a_record(&self) -> bool {
        !self.shown.is_empty()
    }

    pub fn follow(&mut self) {
        self.mode = Mode::Following;
    }

    /// Stays here; `records` is how many each file has now. A second pause
    /// counts from the first.
    pub fn pause(&mut self, records: Vec<RecordNo>) {
        if self.mode == Mode::Following {
            self.mode = Mode::Paused(records);
        }
    }

    /// So many records have turned out to come before the known ones of a
    /// file: what was at hand stays at hand.
    pub fn renumber(&mut self, file: FileNo, earlier: u32) {
        let spots = [&mut self.cursor, &mut self.top].into_iter();
        for spot in spots.chain(&mut self.shown) {
            spot.place = spot.place.renumbered(file, earlier);
        }
        if let Mode::Paused(records) = &mut self.mode
            && let Some(known) = records.get_mut(usize::from(file.0))
        {
            known.0 = known.0.saturating_add(earlier);
        }
    }

    /// Puts the cursor on a spot; the next arrangement brings it on screen.
    pub fn go(&mut self, spot: Spot) {
        self.cursor = spot;
        self.arrival = Arrival::Jumped;
    }

    /// How many rows of the screen are above the cursor.
    pub fn rows_above(&self) -> usize {
        let mut shown = self.shown.iter();
        shown.position(|&spot| spot == self.cursor).unwrap_or(0)
    }

    /// Stands at a record, or at the next one that is shown, with so many rows above it.
    pub fn stand_at(&mut self, place: Place, above: usize, roll: &Roll<'_>) {
        if let Some(spot) = roll.settle(Spot { place, line: 0 }) {
            self.cursor = spot;
            self.top = roll.up(spot, above);
        }
    }

    /// Makes room for the body of the record under the cursor.
    pub fn open(&mut self) {
        self.arrival = Arrival::Opened;
    }

    pub fn travel(&mut self, motion: Motion, roll: &Roll<'_>) {
        let page = self.height.saturating_sub(1).max(1);
        match motion {
            Motion::Up => self.cursor = roll.up(self.cursor, 1),
            Motion::Down => self.cursor = roll.down(self.cursor, 1),
            Motion::PageUp => {
                self.top = roll.up(self.top, page);
                self.cursor = roll.up(self.cursor, page);
            }
            Motion::PageDown => {
                self.top = roll.down(self.top, page);
                self.cursor = roll.down(self.cursor, page);
            }
            Motion::Top => self.cursor = roll.at_row(0).unwrap_or_default(),
            Motion::Bottom => self.follow(),
            Motion::Left | Motion::Right | Motion::NextColumn | Motion::PreviousColumn => {}
        }
    }

    /// Puts cursor and top where they belong, and shows the rows between as
    /// soon as all of them are decoded; until then the ones before stay.
    pub fn arrange(&mut self, height: usize, roll: &Roll<'_>) {
        self.height = height.max(1);
        self.fresh = self.count_fresh(roll);
        let end = match self.mode {
            Mode::Following => roll.last(),
            Mode::Paused(_) => roll.settle(self.cursor),
        };
        let Some(cursor) = end else {
            self.shown.clear();
            return;
        };
        self.cursor = cursor;
        self.top = self.fitting_top(roll);
        self.arrival = Arrival::Walked;
        let screen = roll.screen(self.top, self.height);
        if screen
            .iter()
            .all(|spot| roll.windows.kept(spot.place).is_some())
        {
            self.shown = screen;
        }
    }

    /// The top nearest to the one before that has the cursor on screen and no
    /// empty rows below the last record.
    fn fitting_top(&self, roll: &Roll<'_>) -> Spot {
        let mut top = roll.settle(self.top).unwrap_or(self.cursor);
        let third = self.height / 3;
        let screen = roll.screen(top, self.height);
        let at = screen.iter().position(|&spot| spot == self.cursor);
        let above = match (self.arrival, at) {
            (Arrival::Opened, Some(at)) if at > third => Some(third),
            (_, Some(_)) => None,
            (Arrival::Jumped | Arrival::Opened, None) => Some(third),
            (Arrival::Walked, None) if roll.order(self.cursor) < roll.order(top) => Some(0),
            (Arrival::Walked, None) => Some(self.height - 1),
        };
        if let Some(above) = above {
            top = roll.up(self.cursor, above);
        }
        match roll.last() {
            Some(last) if roll.screen(top, self.height).len() < self.height => {
                roll.up(last, self.height - 1)
            }
            _ => top,
        }
    }

    fn count_fresh(&self, roll: &Roll<'_>) -> u64 {
        let Mode::Paused(records) = &self.mode else {
            return 0;
        };
        roll.view.rows_after(records)
    }

    /// The records that should be decoded: those of the screen, first, then
    /// those of a screen above and below.
    pub fn wanted(&self, roll: &Roll<'_>) -> Vec<Place> {
        let screen = roll.screen(self.top, self.height);
        let Some(last) = screen.last().copied().filter(|_| roll.view.rows() > 0) else {
            return Vec::new();
        };
        let first = roll
            .view
            .row(self.top.place)
            .0
            .saturating_sub(self.height as u64);
        let end = roll.view.row(last.place).0 + self.height as u64;
        (first..=end.min(roll.view.rows() - 1))
            .filter_map(|row| roll.view.place(RowNo(row)))
            .collect()
    }
}
