//! The whole of the logs at a glance: the density bar and the ticks beside the
//! scroll bar. Both are counted from the indices, once for each change of what
//! they show, in the size of the screen and not of the files.

use std::ops::Range;

use super::Followed;
use crate::log::{Bucket, Level, RecordNo, RowNo, View};

/// How the pane's area is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measure {
    height: usize,
    width: u16,
    troubles: usize,
}

/// From this height on there is room for the density bar.
const TALL: usize = 12;

/// From this width on there is room for the density bar between its two times.
const WIDE: u16 = 60;

/// What the two times beside the density bar take.
const TIMES: u16 = 14;

/// At most so many rows are given to files in trouble.
const TROUBLES: usize = 3;

impl Measure {
    pub fn new(height: usize, width: u16, troubles: usize) -> Self {
        Self {
            height,
            width,
            troubles: troubles.min(TROUBLES),
        }
    }

    /// How many rows the records have.
    pub fn rows(self) -> usize {
        let above = 1 + self.troubles + usize::from(self.has_bar());
        self.height.saturating_sub(above).max(1)
    }

    /// How many rows files in trouble have.
    pub fn troubles(self) -> usize {
        self.troubles
    }

    pub fn has_bar(self) -> bool {
        self.height >= TALL && self.width >= WIDE
    }

    /// How many columns the body of an unfolded record has.
    pub fn text_columns(self) -> usize {
        usize::from(self.width.saturating_sub(6))
    }

    fn bar(self) -> u16 {
        if self.has_bar() {
            self.width.saturating_sub(TIMES)
        } else {
            0
        }
    }
}

/// What a part of the logs has, for the mark beside the scroll bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tick {
    Nothing,
    Hit,
    Warning,
    Error,
}

/// What the marks are counted from; while it is the same, so are they.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Basis {
    measure: Measure,
    floor: Level,
    records: Vec<(RecordNo, u32)>,
}

/// The density bar and the scroll bar.
#[derive(Debug, Default)]
pub struct Overview {
    basis: Basis,
    density: Vec<Bucket>,
    ticks: Vec<Tick>,
    thumb: Range<usize>,
    rows: u64,
}

impl Overview {
    /// One bucket a column.
    pub fn density(&self) -> &[Bucket] {
        &self.density
    }

    /// One mark a row of the screen.
    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    /// The screen rows of the scroll bar's thumb.
    pub fn thumb(&self) -> Range<usize> {
        self.thumb.clone()
    }

    pub fn measure(&self) -> Measure {
        self.basis.measure
    }

    /// How many rows there are at the floor.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn arrange(
        &mut self,
        measure: Measure,
        view: View<'_>,
        files: &[Followed],
        screen: Range<u64>,
    ) {
        self.rows = view.rows();
        self.thumb = thumb(measure.rows(), self.rows, &screen);
        let hits = files.iter().map(|file| file.hits.count());
        let basis = Basis {
            measure,
            floor: view.floor(),
            records: view.ends().into_iter().zip(hits).collect(),
        };
        if basis == self.basis {
            return;
        }
        self.basis = basis;
        self.density = view.density(measure.bar());
        self.ticks = ticks(measure.rows(), view, files);
    }
}

/// At least one row long, and at the bottom only when the end is on screen.
fn thumb(height: usize, rows: u64, screen: &Range<u64>) -> Range<usize> {
    if rows == 0 || (screen.start == 0 && screen.end >= rows) {
        return 0..height;
    }
    let scaled = |row: u64| (u128::from(row) * height as u128 / u128::from(rows)) as usize;
    let length = scaled(screen.end - screen.start).max(1);
    if screen.end >= rows {
        return height.saturating_sub(length)..height;
    }
    let start = scaled(screen.start).min(height.saturating_sub(length + 1));
    start..start + length
}

fn ticks(height: usize, view: View<'_>, files: &[Followed]) -> Vec<Tick> {
    let rows = view.rows();
    if rows <= height as u64 {
        return Vec::new();
    }
    let edges = |row: u64| match view.place(RowNo(row)) {
        Some(place) => view.edges(place),
        None => view.ends(),
    };
    let cuts = (0..=height as u64).map(|part| edges(rows * part / height as u64));
    let cuts: Vec<Vec<RecordNo>> = cuts.collect();
    cuts.windows(2)
        .map(|pair| tick(&pair[0], &pair[1], view, files))
        .collect()
}

fn tick(from: &[RecordNo], to: &[RecordNo], view: View<'_>, files: &[Followed]) -> Tick {
    match view.worst(from, to) {
        Some(Level::Error) => return Tick::Error,
        Some(Level::Warn) => return Tick::Warning,
        _ => {}
    }
    let mut parts = files.iter().zip(from).zip(to);
    let has_hit = parts.any(|((file, &from), &to)| file.hits.rank(to) > file.hits.rank(from));
    if has_hit { Tick::Hit } else { Tick::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumb_is_at_the_bottom_only_at_the_end() {
        assert_eq!(thumb(10, 1000, &(0..10)), 0..1);
        assert_eq!(thumb(10, 1000, &(989..999)), 8..9);
        assert_eq!(thumb(10, 1000, &(990..1000)), 9..10);
        assert_eq!(thumb(10, 5, &(0..5)), 0..10);
        assert_eq!(thumb(10, 0, &(0..0)), 0..10);
    }

    #[test]
    fn a_small_screen_keeps_its_rows_for_records() {
        assert_eq!(Measure::new(9, 40, 0).rows(), 8);
        assert_eq!(Measure::new(21, 80, 0).rows(), 19);
        assert_eq!(Measure::new(21, 80, 9).rows(), 16);
        assert_eq!(Measure::new(0, 0, 0).rows(), 1);
    }
}
