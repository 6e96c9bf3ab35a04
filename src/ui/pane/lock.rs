//! ```text
//! ── locks of network/terraform.tfstate ────────────────────────
//! ▸▲ dynamodb  a1b2c3d4  apply   alice@eng-laptop    1 h 16 m
//!  ✔ s3        none
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::role::Role;
use crate::app::text::{age, visible};
use crate::lock::{Look, Sighting};
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let title = app.place().map_or_else(
        || "locks".to_owned(),
        |place| format!("locks of {}", app.shown_name(place)),
    );
    rule(&title, "", theme, area, buf);
    let below = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let rest = waiting::load(
        app.locks.load(),
        "reading the locks",
        app.now,
        theme,
        below,
        buf,
    );
    let cursor = app.locks.cursor;
    for ((number, look), line) in app
        .locks
        .looks()
        .iter()
        .enumerate()
        .skip(cursor.top())
        .zip(rest.rows())
    {
        let here = number == cursor.row();
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
        fitted(row(app, look, here), theme, line, buf);
    }
}

fn row<'a>(app: &App, look: &Look, here: bool) -> Vec<Piece<'a>> {
    let plain = |role| if here { Role::Selected } else { role };
    let arrow = if here { "▸" } else { " " };
    let store = format!("{:<9}", look.store.to_string());
    let (sign, role, text) = match &look.found {
        Ok(None) => ("✔", Role::Fine, "none".to_owned()),
        Ok(Some(seen)) => ("▲", Role::Warning, held(app, seen)),
        Err(fault) => ("✖", Role::Critical, fault.to_string()),
    };
    vec![
        Piece::new(plain(role), format!("{arrow}{sign} ")),
        Piece::new(plain(Role::Text), store),
        Piece::new(plain(role), visible(&text).into_owned()),
    ]
}

fn held(app: &App, seen: &Sighting) -> String {
    let Some(holder) = seen.holder() else {
        return "held by an item without a readable Info".to_owned();
    };
    let since = holder
        .created_at()
        .map_or_else(|| "age unknown".to_owned(), |at| age(app.now, at));
    let id: String = holder.id.chars().take(8).collect();
    format!(
        "{id:<9} {:<8} {:<24} {since}",
        holder.operation_word(),
        app.veiled(&holder.who)
    )
}
