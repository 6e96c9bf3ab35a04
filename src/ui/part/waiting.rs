//! What a pane shows while it waits for its first answer, and when the latest
//! answer was a fault: a sentence, why, and what next.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{Piece, fitted};
use crate::app::load::Load;
use crate::app::role::Role;
use crate::app::text::{span, visible, wrap};
use crate::fault::Fault;
use crate::ui::theme::Theme;

/// `⟳ reading the locks  3 s  esc stops waiting`.
pub fn waiting(
    what: &str,
    since: Timestamp,
    now: Timestamp,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let pieces = vec![
        Piece::new(Role::Busy, format!(" ⟳ {what}")),
        Piece::new(
            Role::Faint,
            format!("  {}", span(now.duration_since(since))),
        ),
        Piece::new(Role::Faint, "  esc stops waiting").rank(1),
    ];
    fitted(pieces, theme, area, buf);
}

/// Draws a fault in as many rows as it needs and returns what is left of the area below it.
pub fn fault(fault: &Fault, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let columns = usize::from(area.width).saturating_sub(4);
    let sentence = wrap(&visible(&fault.to_string()), columns);
    let hint = fault
        .hint
        .as_deref()
        .map(|hint| wrap(&visible(hint), columns))
        .unwrap_or_default();
    let rows = sentence
        .into_iter()
        .map(|row| (Role::Critical, row))
        .chain(hint.into_iter().map(|row| (Role::Note, row)));
    let mut left = area;
    for (number, (role, text)) in rows.enumerate() {
        let Some(line) = left.rows().next() else {
            return left;
        };
        let sign = if number == 0 { " ✖ " } else { "   " };
        fitted(
            vec![Piece::new(Role::Critical, sign), Piece::new(role, text)],
            theme,
            line,
            buf,
        );
        left = Rect {
            y: left.y + 1,
            height: left.height - 1,
            ..left
        };
    }
    left
}

/// Draws what is to be said above a load's value (waiting for the first one, a fault) and returns the rest.
pub fn load<T>(
    load: &Load<T>,
    what: &str,
    now: Timestamp,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    let area = load
        .fault()
        .map_or(area, |shown| fault(shown, theme, area, buf));
    match (load.waiting_since(), load.shown()) {
        (Some(since), None) if area.height > 0 => {
            waiting(what, since, now, theme, area, buf);
            Rect {
                y: area.y + 1,
                height: area.height - 1,
                ..area
            }
        }
        _ => area,
    }
}
