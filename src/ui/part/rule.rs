//! The one line that a pane has: its title at the left, what it says of itself
//! at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{Piece, spread};
use crate::app::role::Role;
use crate::app::text::width;
use crate::ui::theme::Theme;

/// `── title ────────────── remark ──` in the first row of the area.
pub fn rule(title: &str, remark: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let line = "─".repeat(usize::from(area.width));
    buf.set_stringn(
        area.x,
        area.y,
        &line,
        usize::from(area.width),
        theme.style(Role::Rule),
    );
    let at = Rect {
        x: area.x + 2.min(area.width),
        width: area.width.saturating_sub(4),
        height: 1,
        ..area
    };
    let mut left = Vec::new();
    if !title.is_empty() {
        left.push(Piece::new(Role::Title, format!(" {title} ")));
    }
    let mut right = Vec::new();
    if !remark.is_empty() && width(title) + width(remark) + 6 <= usize::from(at.width) {
        right.push(Piece::new(Role::Faint, format!(" {remark} ")));
    }
    spread(left, right, theme, at, buf);
}
