//! Which columns of the state pane are on a screen of a given size, and how
//! large each one is: arithmetic that update and draw share.

use super::StatePane;
use crate::app::arrange::Area;

/// Where a person is: each column is one level deeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Column {
    #[default]
    Versions,
    Resources,
    Attributes,
}

impl Column {
    pub const ALL: [Self; 3] = [Self::Versions, Self::Resources, Self::Attributes];

    /// The column so many places further, around the end.
    #[must_use]
    pub fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// The rows below the versions: who wrote the one under the cursor, the last good
/// one, and the course of size and resources.
pub const FOOT: usize = 3;

/// From this width on all columns stand side by side.
const WIDE: u16 = 100;

/// More columns than these the versions do not need.
const WIDEST_LIST: u16 = 48;

/// Whether all columns are on screen.
pub fn is_wide(body: Area) -> bool {
    body.width >= WIDE
}

/// The areas of the columns, rule included, with one column of space between them;
/// only that of the focused one has a width where the screen is narrow.
pub fn columns(body: Area, focus: Column) -> [Area; 3] {
    if !is_wide(body) {
        return Column::ALL.map(|column| Area {
            width: if column == focus { body.width } else { 0 },
            ..body
        });
    }
    let (versions, rest) = body.split_left((body.width / 3).min(WIDEST_LIST));
    let rest = gap(rest);
    let (resources, attributes) = rest.split_left(rest.width / 2);
    [versions, resources, gap(attributes)]
}

fn gap(area: Area) -> Area {
    area.split_left(1).1
}

/// The rows below a column's rule and remarks, and what stands below them.
pub fn body_of(column: Area, above: usize, below: usize) -> Area {
    let above = (above + 1).min(usize::from(column.height)) as u16;
    let left = column.height - above;
    let below = if usize::from(left) > below + 3 {
        below as u16
    } else {
        0
    };
    Area {
        y: column.y + above,
        height: left - below,
        ..column
    }
}

impl StatePane {
    /// Gives every cursor its height.
    pub fn arrange(&mut self, body: Area) {
        self.body = body;
        let rows = |pane: &Self, column| usize::from(pane.rows_of(column).height);
        let (versions, resources, attributes) = (
            rows(self, Column::Versions),
            rows(self, Column::Resources),
            rows(self, Column::Attributes),
        );
        let length = self.history.length();
        self.history.cursor.arrange(length, versions);
        self.browser.arrange(resources);
        let length = self
            .details
            .shown()
            .map_or(0, |details| details.rows().len());
        self.details_cursor.arrange(length, attributes);
        if let Some(dependents) = &mut self.dependents {
            dependents.arrange(attributes);
        }
        let rows = usize::from(body.height).saturating_sub(1);
        self.fleet.arrange(rows.saturating_sub(1));
        self.scour.arrange(rows);
        if let Some(comparing) = &mut self.comparing {
            comparing.arrange(usize::from(body.height).saturating_sub(2));
        }
    }

    /// The whole area of a column, its rule included.
    pub fn column_area(&self, column: Column) -> Area {
        columns(self.body, self.column)[column as usize]
    }

    /// The area of a column's list: below its rule and remarks, above what stands at its foot.
    pub fn rows_of(&self, column: Column) -> Area {
        let area = self.column_area(column);
        let above = self.remarks(column).len();
        let below = if column == Column::Versions { FOOT } else { 0 };
        body_of(area, above, below)
    }

    /// Whether only one column fits on the screen.
    pub fn is_narrow(&self) -> bool {
        !is_wide(self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_columns_fill_the_body_with_a_gap_between_them() {
        let body = Area::new(0, 2, 120, 30);
        let [versions, resources, attributes] = columns(body, Column::Versions);
        assert_eq!((versions.x, versions.width), (0, 40));
        assert_eq!((resources.x, resources.width), (41, 39));
        assert_eq!((attributes.x, attributes.x + attributes.width), (81, 120));
    }

    #[test]
    fn a_narrow_screen_shows_one_column() {
        let body = Area::new(0, 2, 80, 21);
        let widths = columns(body, Column::Resources).map(|area| area.width);
        assert_eq!(widths, [0, 80, 0]);
    }

    #[test]
    fn what_stands_below_the_rows_goes_where_there_is_little_room() {
        assert_eq!(body_of(Area::new(0, 2, 40, 21), 0, 3).height, 17);
        assert_eq!(body_of(Area::new(0, 2, 40, 7), 1, 3).height, 5);
        assert_eq!(body_of(Area::new(0, 2, 40, 1), 5, 3).height, 0);
    }
}
