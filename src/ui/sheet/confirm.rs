//! The question before a write, with the fields that confirm it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use crate::app::role::Role;
use crate::app::sheet::Confirm;
use crate::app::sheet::confirm::Field;
use crate::app::text::{visible, width, wrap};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

pub fn draw(confirm: &Confirm, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let columns = usize::from(body.width.min(118)).saturating_sub(6);
    let mut rows: Vec<(Role, String)> = Vec::new();
    for (role, text) in &confirm.rows {
        rows.extend(
            wrap(&visible(text), columns)
                .into_iter()
                .map(|row| (*role, row)),
        );
    }
    let keys = if confirm.copy.is_some() {
        "ctrl-y copy the command   tab next field   enter confirm   esc cancel"
    } else {
        "tab next field   enter confirm   esc cancel"
    };
    let wanted = rows.len() + 1 + confirm.fields.len();
    let inner = frame(&confirm.title, keys, wanted, theme, body, buf);
    let room = usize::from(inner.height).saturating_sub(confirm.fields.len());
    let mut lines = inner.rows();
    for (role, text) in rows.iter().take(room) {
        fitted(
            vec![Piece::new(*role, text.clone())],
            theme,
            lines.next().unwrap_or_default(),
            buf,
        );
    }
    let label = confirm
        .fields
        .iter()
        .map(|field| width(&field.label))
        .max()
        .unwrap_or(0);
    let first = inner.bottom().saturating_sub(confirm.fields.len() as u16);
    for (number, field) in confirm.fields.iter().enumerate() {
        let line = Rect {
            y: first + number as u16,
            height: 1,
            ..inner
        };
        draw_field(field, number == confirm.at, label, theme, line, buf);
    }
}

fn draw_field(
    field: &Field,
    here: bool,
    label: usize,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let gap = " ".repeat(label.saturating_sub(width(&field.label)));
    let sign = match (field.met(), field.on_course()) {
        (true, _) => Piece::new(Role::Fine, "  ✔"),
        (false, true) => Piece::new(Role::Faint, "   "),
        (false, false) => Piece::new(Role::Critical, "  ✖ not what is asked for"),
    };
    let typed = visible(field.line.text()).into_owned();
    let blank = "_".repeat(
        field
            .expected
            .as_deref()
            .map_or(12, width)
            .saturating_sub(width(&typed)),
    );
    let pieces = vec![
        Piece::new(
            if here { Role::Key } else { Role::Faint },
            format!("{}{}{gap}  ", if here { "▸ " } else { "  " }, field.label),
        ),
        Piece::new(
            Role::Input,
            format!("{typed}{}", if here { "▏" } else { "" }),
        ),
        Piece::new(Role::Faint, blank).rank(1),
        sign,
    ];
    fitted(pieces, theme, line, buf);
}
