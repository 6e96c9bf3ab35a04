//! One row of text in roles, laid out so that what matters most stays when
//! there is little room.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::role::Role;
use crate::app::text::{clip, width};
use crate::ui::theme::Theme;

/// A text with its role, and how soon it may be left out: 0 never, higher sooner.
#[derive(Debug, Clone)]
pub struct Piece<'a> {
    pub role: Role,
    pub text: Cow<'a, str>,
    pub rank: u8,
}

impl<'a> Piece<'a> {
    pub fn new(role: Role, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            role,
            text: text.into(),
            rank: 0,
        }
    }

    #[must_use]
    pub fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// Draws the pieces from the left; the last one is clipped where even the needed ones are too wide.
pub fn fitted(mut pieces: Vec<Piece<'_>>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    while total(&pieces) > usize::from(area.width) && highest(&pieces) > 0 {
        leave_one_out(&mut pieces);
    }
    write(&pieces, theme, area, buf);
}

/// Draws some pieces at the left and some at the right of one row; ranks count for both together.
pub fn spread<'a>(
    mut left: Vec<Piece<'a>>,
    mut right: Vec<Piece<'a>>,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    if area.height == 0 {
        return;
    }
    while total(&left) + total(&right) + 1 > usize::from(area.width) {
        let (of_left, of_right) = (highest(&left), highest(&right));
        if of_left.max(of_right) == 0 {
            break;
        }
        let side = if of_left > of_right {
            &mut left
        } else {
            &mut right
        };
        leave_one_out(side);
    }
    let taken = total(&right).min(usize::from(area.width)) as u16;
    let edge = area.width - taken;
    write(
        &left,
        theme,
        Rect {
            width: edge,
            ..area
        },
        buf,
    );
    write(
        &right,
        theme,
        Rect {
            x: area.x + edge,
            width: taken,
            ..area
        },
        buf,
    );
}

fn total(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| width(&piece.text)).sum()
}

fn highest(pieces: &[Piece<'_>]) -> u8 {
    pieces.iter().map(|piece| piece.rank).max().unwrap_or(0)
}

/// Leaves out the last piece of the highest rank.
fn leave_one_out(pieces: &mut Vec<Piece<'_>>) {
    let rank = highest(pieces);
    if let Some(at) = pieces.iter().rposition(|piece| piece.rank == rank) {
        pieces.remove(at);
    }
}

fn write(pieces: &[Piece<'_>], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut x = area.x;
    for piece in pieces {
        let room = usize::from(area.right().saturating_sub(x));
        let shown = clip(&piece.text, room);
        let (next, _) = buf.set_stringn(x, area.y, &shown, room, theme.style(piece.role));
        x = next;
    }
}
