//! Where things are on a screen of a given size: pure arithmetic that update
//! and draw share, so that a cursor knows its height before a frame is drawn.

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

/// Below this a terminal shows only the place and the worst that is known.
pub const SMALLEST: (u16, u16) = (40, 12);

impl Area {
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The first `rows` rows, and what is left below them.
    #[must_use]
    pub fn split_top(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        let top = Self {
            height: rows,
            ..self
        };
        (
            top,
            Self {
                y: self.y + rows,
                height: self.height - rows,
                ..self
            },
        )
    }

    /// The first `columns` columns, and what is left beside them.
    #[must_use]
    pub fn split_left(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        let left = Self {
            width: columns,
            ..self
        };
        (
            left,
            Self {
                x: self.x + columns,
                width: self.width - columns,
                ..self
            },
        )
    }

    /// Without so many columns and rows at each side.
    #[must_use]
    pub fn inner(self, columns: u16, rows: u16) -> Self {
        Self {
            x: self.x + columns.min(self.width / 2),
            y: self.y + rows.min(self.height / 2),
            width: self.width.saturating_sub(columns * 2),
            height: self.height.saturating_sub(rows * 2),
        }
    }

    /// A rectangle of at most this size in the middle of this one.
    #[must_use]
    pub fn centered(self, width: u16, height: u16) -> Self {
        let (width, height) = (width.min(self.width), height.min(self.height));
        Self {
            x: self.x + (self.width - width) / 2,
            y: self.y + (self.height - height) / 2,
            width,
            height,
        }
    }
}

/// The parts of the frame around the focused pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    pub header: Area,
    pub tabs: Area,
    pub body: Area,
    pub footer: Area,
}

/// Two rows above, one below, the pane between; none where the terminal is too small.
pub fn frame(screen: Area) -> Option<Frame> {
    if screen.width < SMALLEST.0 || screen.height < SMALLEST.1 {
        return None;
    }
    let (header, rest) = screen.split_top(1);
    let (tabs, rest) = rest.split_top(1);
    let (body, footer) = rest.split_top(rest.height - 1);
    Some(Frame {
        header,
        tabs,
        body,
        footer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_frame_fill_the_screen() {
        let frame = frame(Area::new(0, 0, 80, 24)).unwrap();
        assert_eq!(frame.body, Area::new(0, 2, 80, 21));
        assert_eq!(frame.footer, Area::new(0, 23, 80, 1));
    }

    #[test]
    fn a_small_terminal_has_no_frame() {
        assert_eq!(frame(Area::new(0, 0, 20, 5)), None);
        assert_eq!(frame(Area::new(0, 0, 39, 40)), None);
    }

    #[test]
    fn splitting_never_leaves_the_area() {
        let area = Area::new(2, 2, 3, 1);
        assert_eq!(area.split_top(5).1.height, 0);
        assert_eq!(area.inner(9, 9), Area::new(3, 2, 0, 0));
        assert_eq!(area.centered(100, 100), area);
    }
}
