//! The core and the providers beside each other, the record of the cursor's
//! moment marked in the other view.
//!
//! ```text
//! ─ core ─────────────────────────────┬─ providers ──────────────────────────
//! ▸01:16:02 I Starting apply for aws_ │·01:16:02 D HTTP Request Sent  ec2.D…  │
//!  01:16:44 E vertex "aws_instance.we │ 01:16:03 W HTTP 503 RequestLimitExc…  │✖
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::record::{self, Here};
use super::{below, overview};
use crate::app::pane::log::LogPane;
use crate::app::role::Role;
use crate::app::text::{visible, width};
use crate::log::{Level, Side};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

/// Draws both views; `here` is the one that has the cursor.
pub fn draw(pane: &LogPane, here: Side, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let bar = area.width.min(2);
    let half = (area.width - bar) / 2;
    let list = below(area, 1);
    for (number, side) in (0..).zip(Side::ALL) {
        let x = area.x + number * half;
        let title = Rect {
            x,
            width: half,
            ..area
        };
        let rows = Rect {
            x,
            width: half.saturating_sub(1),
            ..list
        };
        titled(pane, (side, side == here), theme, title, buf);
        view(pane, (side, side == here), theme, rows, buf);
    }
    for line in list.rows() {
        let edge = Rect {
            x: area.x + half - 1,
            width: 1,
            ..line
        };
        fitted(vec![Piece::new(Role::Rule, "│")], theme, edge, buf);
    }
    let bar = Rect {
        x: area.right() - bar,
        width: bar,
        ..list
    };
    overview::scroll_bar(pane, theme, bar, buf);
}

/// `─ core ──────┬`: bold where the cursor is.
fn titled(pane: &LogPane, (side, here): (Side, bool), theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (role, sign) = if here {
        (Role::Title, "▸ ")
    } else {
        (Role::Faint, "")
    };
    let sources = pane.sources(Some(side)).join("+");
    let word = if sources.is_empty() {
        side.word()
    } else {
        &sources
    };
    let text = format!(" {sign}{} ", visible(word));
    let rest = usize::from(area.width).saturating_sub(1 + width(&text));
    let rest = "─".repeat(rest);
    let pieces = vec![
        Piece::new(Role::Rule, "─"),
        Piece::new(role, text),
        Piece::new(Role::Rule, rest),
    ];
    fitted(pieces, theme, area, buf);
    if side == Side::Core && area.height > 0 {
        let edge = Rect {
            x: area.right().saturating_sub(1),
            width: 1,
            height: 1,
            ..area
        };
        fitted(vec![Piece::new(Role::Rule, "┬")], theme, edge, buf);
    }
}

fn view(pane: &LogPane, (side, here): (Side, bool), theme: &Theme, area: Rect, buf: &mut Buffer) {
    let cursor = pane.cursor_in(side);
    let mut shown = pane.shown_in(side).peekable();
    if shown.peek().is_none() {
        let who = match side {
            Side::Core => "the core",
            Side::Providers => "a provider",
        };
        let sentence = format!(" nothing of {who} at {} or above", pane.floor().word());
        let way = if pane.floor() == Level::Trace {
            ""
        } else {
            " · L shows more"
        };
        let pieces = vec![
            Piece::new(Role::Faint, sentence),
            Piece::new(Role::Faint, way).rank(1),
        ];
        return fitted(pieces, theme, area, buf);
    }
    for ((spot, kept), line) in shown.zip(area.rows()) {
        let at = match Here::of(spot, cursor) {
            Here::Cursor if !here => Here::SameMoment,
            at => at,
        };
        record::draw(pane, (spot, at), kept, theme, line, buf);
    }
}
