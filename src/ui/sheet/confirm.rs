//! The question before a write, with the fields that confirm it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{WIDEST, frame};
use crate::app::role::Role;
use crate::app::sheet::Confirm;
use crate::app::sheet::confirm::Field;
use crate::app::text::{clip, visible, width, wrap_hanging};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

pub fn draw(confirm: &Confirm, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let columns = usize::from(body.width.min(WIDEST)).saturating_sub(4);
    let mut rows: Vec<(Role, String)> = Vec::new();
    for (role, text) in &confirm.rows {
        rows.extend(
            wrap_hanging(&visible(text), columns)
                .into_iter()
                .map(|row| (*role, row)),
        );
    }
    let wanted = rows.len() + 1 + confirm.fields.len();
    let hidden = wanted > usize::from(body.height).saturating_sub(2);
    let keys = [
        ("enter confirm   esc cancel", true),
        ("   pgdn more", hidden),
        ("   tab next field", confirm.fields.len() > 1),
        ("   ctrl-y copy", confirm.copy.is_some()),
    ];
    let keys: String = keys
        .iter()
        .filter(|(_, shown)| *shown)
        .map(|(text, _)| *text)
        .collect();
    let inner = frame(&confirm.title, &keys, wanted, theme, body, buf);
    let room = usize::from(inner.height).saturating_sub(confirm.fields.len());
    let top = confirm.scrolled.min(rows.len().saturating_sub(room));
    for ((role, text), line) in rows.into_iter().skip(top).take(room).zip(inner.rows()) {
        fitted(vec![Piece::new(role, text)], theme, line, buf);
    }
    let labels = confirm
        .fields
        .iter()
        .map(|field| width(&field.label))
        .max()
        .unwrap_or(0);
    // What is being typed must stay in sight, whatever the label says.
    let label = labels.min(usize::from(inner.width) / 2);
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
    let shown = clip(&field.label, label);
    let gap = " ".repeat(label.saturating_sub(width(&shown)));
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
            format!("{}{shown}{gap}  ", if here { "▸ " } else { "  " }),
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
