//! Something to read: the call card, a plan while it runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{WIDEST, frame};
use crate::app::role::Role;
use crate::app::sheet::Reading;
use crate::app::sheet::read::Closing;
use crate::app::text::{visible, wrap_hanging};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

pub fn draw(reading: &Reading, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let columns = usize::from(body.width.min(WIDEST)).saturating_sub(4);
    let mut rows: Vec<(Role, String)> = Vec::new();
    for (role, text) in &reading.rows {
        rows.extend(
            wrap_hanging(&visible(text), columns)
                .into_iter()
                .map(|row| (*role, row)),
        );
    }
    let mut keys: Vec<String> = reading
        .keys
        .iter()
        .map(|(key, what)| format!("{key} {what}"))
        .collect();
    keys.push(match reading.closing {
        Closing::Free => "esc close".to_owned(),
        Closing::Held => "a write is in flight".to_owned(),
    });
    let inner = frame(
        &reading.title,
        &keys.join("   "),
        rows.len().max(1),
        theme,
        body,
        buf,
    );
    for ((role, text), line) in rows.iter().skip(reading.cursor.row()).zip(inner.rows()) {
        fitted(vec![Piece::new(*role, text.clone())], theme, line, buf);
    }
}
