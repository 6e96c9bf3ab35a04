//! A cursor in a list: which row it is on and which row is the first on
//! screen. It knows its height before a frame is drawn, so drawing never
//! repairs it.

/// A step of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motion {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Left,
    Right,
    NextColumn,
    PreviousColumn,
}

/// A row and the window around it; always inside the list, however it shrinks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    row: usize,
    top: usize,
    height: usize,
    length: usize,
}

impl Cursor {
    pub fn row(&self) -> usize {
        self.row
    }

    pub fn top(&self) -> usize {
        self.top
    }

    /// How many rows are on screen.
    pub fn height(&self) -> usize {
        self.height
    }

    pub fn length(&self) -> usize {
        self.length
    }

    /// Takes a new length and height; the row stays where it is if that still exists.
    pub fn arrange(&mut self, length: usize, height: usize) {
        (self.length, self.height) = (length, height.max(1));
        self.go(self.row);
    }

    /// Puts the cursor on a row, or on the last one where there are fewer.
    pub fn go(&mut self, row: usize) {
        self.row = row.min(self.length.saturating_sub(1));
        let height = self.height.max(1);
        self.top = self.top.min(self.length.saturating_sub(height));
        if self.row < self.top {
            self.top = self.row;
        } else if self.row >= self.top + height {
            self.top = self.row + 1 - height;
        }
    }

    /// Moves; sideways motions belong to the pane and change nothing here.
    pub fn travel(&mut self, motion: Motion) {
        let page = self.height.saturating_sub(1).max(1);
        match motion {
            Motion::Up => self.go(self.row.saturating_sub(1)),
            Motion::Down => self.go(self.row.saturating_add(1)),
            Motion::PageUp => self.go(self.row.saturating_sub(page)),
            Motion::PageDown => self.go(self.row.saturating_add(page)),
            Motion::Top => self.go(0),
            Motion::Bottom => self.go(usize::MAX),
            Motion::Left | Motion::Right | Motion::NextColumn | Motion::PreviousColumn => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(length: usize, height: usize) -> Cursor {
        let mut cursor = Cursor::default();
        cursor.arrange(length, height);
        cursor
    }

    #[test]
    fn the_window_follows_the_row() {
        let mut cursor = cursor(10, 3);
        for _ in 0..4 {
            cursor.travel(Motion::Down);
        }
        assert_eq!((cursor.row(), cursor.top()), (4, 2));
        cursor.travel(Motion::Top);
        assert_eq!((cursor.row(), cursor.top()), (0, 0));
        cursor.travel(Motion::Bottom);
        assert_eq!((cursor.row(), cursor.top()), (9, 7));
    }

    #[test]
    fn a_list_that_shrinks_keeps_the_cursor_inside() {
        let mut cursor = cursor(10, 3);
        cursor.travel(Motion::Bottom);
        cursor.arrange(2, 3);
        assert_eq!((cursor.row(), cursor.top()), (1, 0));
        cursor.arrange(0, 3);
        assert_eq!((cursor.row(), cursor.top()), (0, 0));
        cursor.travel(Motion::Down);
        assert_eq!(cursor.row(), 0);
    }
}
