//! A comparison as the rows of a view with two sides: where each change
//! begins, and how to get from one to the next.
//!
//! A row names a change and, below its heading, one of its values; the text
//! is taken from the comparison when the row is drawn.

use std::sync::Arc;

use super::diff::{Change, Comparison, Summary};
use super::walk::AttributeChange;

/// The left or the right half of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// What stands on one row, across both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideRow<'a> {
    Heading(&'a Change),
    Value(&'a Change, &'a AttributeChange),
}

impl<'a> SideRow<'a> {
    /// The address on one side; none where it is absent there.
    pub fn name(&self, side: Side) -> Option<&'a str> {
        let (Self::Heading(change) | Self::Value(change, _)) = *self;
        match side {
            Side::Before => change.before.as_deref(),
            Side::After => change.after.as_deref(),
        }
    }
}

/// The rows of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    comparison: Arc<Comparison>,
    /// The row of each change's heading.
    headings: Vec<usize>,
    rows: usize,
    by_type: Vec<(String, Summary)>,
    by_module: Vec<(String, Summary)>,
}

impl Sides {
    pub fn of(comparison: Arc<Comparison>) -> Self {
        let mut rows = 0;
        let mut headings = Vec::with_capacity(comparison.changes.len());
        for change in &comparison.changes {
            headings.push(rows);
            rows += 1 + change.attributes.len();
        }
        Self {
            by_type: comparison.by_type(),
            by_module: comparison.by_module(),
            comparison,
            headings,
            rows,
        }
    }

    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// What [`Comparison::by_type`] says, found once.
    pub fn by_type(&self) -> &[(String, Summary)] {
        &self.by_type
    }

    /// What [`Comparison::by_module`] says, found once.
    pub fn by_module(&self) -> &[(String, Summary)] {
        &self.by_module
    }

    /// The address that a row belongs to.
    pub fn name(&self, row: usize) -> Option<&str> {
        let (SideRow::Heading(change) | SideRow::Value(change, _)) = self.row(row)?;
        Some(change.name())
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// What stands on a row; none below the last one.
    pub fn row(&self, row: usize) -> Option<SideRow<'_>> {
        let place = self.headings.partition_point(|heading| *heading <= row);
        let change = self.comparison.changes.get(place.checked_sub(1)?)?;
        match row - self.headings[place - 1] {
            0 => Some(SideRow::Heading(change)),
            value => Some(SideRow::Value(change, change.attributes.get(value - 1)?)),
        }
    }

    /// The heading below a row, none below the last one.
    pub fn next(&self, row: usize) -> Option<usize> {
        let place = self.headings.partition_point(|heading| *heading <= row);
        self.headings.get(place).copied()
    }

    /// The heading above a row; from inside of a change, its own.
    pub fn previous(&self, row: usize) -> Option<usize> {
        let place = self.headings.partition_point(|heading| *heading < row);
        place.checked_sub(1).map(|place| self.headings[place])
    }

    /// Which change, counted from 1, a row belongs to.
    pub fn nth(&self, row: usize) -> usize {
        self.headings.partition_point(|heading| *heading <= row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Difference, Module, Shown};

    fn change(name: &str, values: usize) -> Change {
        let attribute = |number: usize| AttributeChange {
            path: format!("v{number}"),
            before: Some(Shown::Plain("a".into())),
            after: None,
        };
        Change {
            difference: Difference::Changed,
            became: None,
            kind: None,
            module: Module::default(),
            before: Some(name.into()),
            after: Some(name.into()),
            attributes: (0..values).map(attribute).collect(),
        }
    }

    fn sides() -> Sides {
        let changes = vec![change("a", 2), change("b", 0), change("c", 1)];
        Sides::of(Arc::new(Comparison {
            changes,
            ..Comparison::default()
        }))
    }

    #[test]
    fn a_heading_is_followed_by_its_values() {
        let sides = sides();
        let text = |row| match sides.row(row)? {
            SideRow::Heading(change) => Some(change.name().to_owned()),
            SideRow::Value(change, value) => Some(format!("{}.{}", change.name(), value.path)),
        };
        let rows: Vec<String> = (0..).map_while(text).collect();
        assert_eq!(rows, ["a", "a.v0", "a.v1", "b", "c", "c.v0"]);
        assert_eq!(sides.len(), rows.len());
    }

    #[test]
    fn the_next_and_the_previous_change_are_headings() {
        let sides = sides();
        assert_eq!(
            [sides.next(0), sides.next(2), sides.next(4)],
            [Some(3), Some(3), None]
        );
        assert_eq!(
            [sides.previous(0), sides.previous(2), sides.previous(3)],
            [None, Some(0), Some(0)]
        );
        assert_eq!([sides.nth(0), sides.nth(3), sides.nth(5)], [1, 2, 3]);
    }
}
