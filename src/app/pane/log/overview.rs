//! The whole of the logs at a glance: the density bar and the ticks beside the
//! scroll bar. Both are counted from the indices, once for each change of what
//! they show, in the size of the screen and not of the files.

use std::ops::Range;

use super::{Followed, Marks};
use crate::log::{Bucket, Level, Levels, RecordNo, RowNo, View};

/// How the pane's area is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measure {
    height: usize,
    width: u16,
    troubles: usize,
    strip: usize,
    views: Views,
}

/// How many views are beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Views {
    #[default]
    One,
    Two,
}

/// From this width on there is room for two views beside each other.
const SPLITTABLE: u16 = 96;

/// From this height on there is room for the density bar.
const TALL: usize = 12;

/// From this width on there is room for the density bar between its two times.
const WIDE: u16 = 60;

/// From this width on there is room for three tables beside each other.
const ROOMY: u16 = 110;

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
            strip: 0,
            views: Views::One,
        }
    }

    /// Parts the records in two views, if there is room.
    #[must_use]
    pub fn split(self) -> Self {
        let views = if self.is_roomy() {
            Views::Two
        } else {
            Views::One
        };
        Self { views, ..self }
    }

    /// Whether there is room for two views.
    pub fn is_roomy(self) -> bool {
        self.width >= SPLITTABLE
    }

    /// Whether there are two views, under a row of titles.
    pub fn is_split(self) -> bool {
        self.views == Views::Two
    }

    /// Gives rows beneath the records to what the logs come to, if there is room.
    #[must_use]
    pub fn with_strip(self) -> Self {
        let strip = match self.height {
            _ if self.width < ROOMY => 0,
            ..28 => 0,
            28..34 => 4,
            _ => 6,
        };
        Self { strip, ..self }
    }

    /// How many rows what the logs come to has beneath the records.
    pub fn strip(self) -> usize {
        self.strip
    }

    /// How many rows are below the title and the files in trouble.
    pub fn body(self) -> usize {
        self.height.saturating_sub(1 + self.troubles)
    }

    /// How many rows the records have.
    pub fn rows(self) -> usize {
        let above = usize::from(self.has_bar()) + usize::from(self.is_split());
        self.body().saturating_sub(above + self.strip).max(1)
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
        let width = match self.views {
            Views::One => self.width,
            Views::Two => self.width / 2,
        };
        usize::from(width.saturating_sub(6))
    }

    fn bar(self) -> u16 {
        if self.has_bar() {
            self.width.saturating_sub(TIMES)
        } else {
            0
        }
    }
}

/// What a part of the logs has: beside the scroll bar its worst level, in it
/// what a person put or looked for there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tick {
    pub worst: Option<Level>,
    pub sign: Option<Sign>,
}

/// What was put or looked for; a bookmark comes before a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Bookmark,
    Hit,
}

/// What the ticks are counted from.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    pub files: &'a [Followed],
    pub marks: &'a Marks,
}

/// What the marks are counted from; while it is the same, so are they.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Basis {
    measure: Measure,
    floor: Level,
    /// Of each file how many records there are, how many of them are shown, and how many are hits.
    records: Vec<(RecordNo, u32, u32)>,
    marks: u64,
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
        findings: Findings<'_>,
        screen: Range<u64>,
    ) {
        self.rows = view.rows();
        self.thumb = thumb(measure.rows(), self.rows, &screen);
        let every = Levels::AtLeast(Level::Trace);
        let files = findings.files.iter();
        let counts = files.map(|file| (file.shown().count(every), file.hits.count()));
        let counts = view.ends().into_iter().zip(counts);
        let basis = Basis {
            measure,
            floor: view.floor(),
            records: counts
                .map(|(end, (shown, hits))| (end, shown, hits))
                .collect(),
            marks: findings.marks.edition(),
        };
        if basis == self.basis {
            return;
        }
        self.basis = basis;
        self.density = view.density(measure.bar());
        self.ticks = ticks(measure.rows(), view, findings);
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

fn ticks(height: usize, view: View<'_>, findings: Findings<'_>) -> Vec<Tick> {
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
        .map(|pair| tick(&pair[0], &pair[1], view, findings))
        .collect()
}

fn tick(from: &[RecordNo], to: &[RecordNo], view: View<'_>, findings: Findings<'_>) -> Tick {
    let mut parts = findings.files.iter().zip(from).zip(to);
    let has_hit = parts.any(|((file, &from), &to)| file.hits.rank(to) > file.hits.rank(from));
    let sign = if findings.marks.stand_between(from, to) {
        Some(Sign::Bookmark)
    } else {
        has_hit.then_some(Sign::Hit)
    };
    let worst = view.worst(from, to).filter(|&level| level >= Level::Warn);
    Tick { worst, sign }
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
