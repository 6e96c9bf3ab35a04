//! The faces of the sheets: the one on top, over the pane it came from. A
//! question of one line leaves the list that it is about in sight.

mod confirm;
mod list;
mod prompt;
mod reading;
mod toggles;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use super::part::{Piece, fitted};
use super::theme::Theme;
use crate::app::App;
use crate::app::role::Role;
use crate::app::sheet::Sheet;

/// Draws the sheet on top, if there is one.
pub fn draw(app: &App, theme: &Theme, body: Rect, footer: Rect, buf: &mut Buffer) {
    match app.sheets.as_slice() {
        [
            ..,
            (below @ Sheet::Toggles(_), _),
            (Sheet::Prompt(prompt), _),
        ] => {
            draw_one(below, theme, (body, footer), buf);
            prompt::draw(prompt, theme, footer, buf);
        }
        [.., (sheet, _)] => draw_one(sheet, theme, (body, footer), buf),
        [] => {}
    }
}

fn draw_one(sheet: &Sheet, theme: &Theme, (body, footer): (Rect, Rect), buf: &mut Buffer) {
    match sheet {
        Sheet::Finder(finder) => list::finder(finder, theme, body, buf),
        Sheet::Choice(choice) => list::choice(choice, theme, body, buf),
        Sheet::Toggles(sheet) => toggles::draw(sheet, theme, body, buf),
        Sheet::Prompt(prompt) => prompt::draw(prompt, theme, footer, buf),
        Sheet::Confirm(confirm) => confirm::draw(confirm, theme, body, buf),
        Sheet::Reading(reading) => reading::draw(reading, theme, body, buf),
    }
}

/// A wider box is hard to read across.
const WIDEST: u16 = 120;

/// A box of so many rows in the middle of the body, cleared, with its title and the keys that leave it; returns the inside.
fn frame(
    title: &str,
    keys: &str,
    rows: usize,
    theme: &Theme,
    body: Rect,
    buf: &mut Buffer,
) -> Rect {
    let width = body.width.min(WIDEST);
    let height = (rows as u16).saturating_add(2).min(body.height);
    let area = Rect {
        x: body.x + (body.width - width) / 2,
        y: body.y + (body.height - height) / 3,
        width,
        height,
    };
    Clear.render(area, buf);
    buf.set_style(area, theme.style(Role::Sheet));
    let line = "─".repeat(usize::from(width).saturating_sub(2));
    let style = theme.style(Role::Rule).patch(theme.style(Role::Sheet));
    let (top, bottom) = (area.y, area.bottom().saturating_sub(1));
    buf.set_string(area.x, top, format!("╭{line}╮"), style);
    buf.set_string(area.x, bottom, format!("╰{line}╯"), style);
    for y in top + 1..bottom {
        buf.set_string(area.x, y, "│", style);
        buf.set_string(area.right() - 1, y, "│", style);
    }
    let inner_line = |y: u16| Rect {
        x: area.x + 2,
        y,
        width: width.saturating_sub(4),
        height: 1,
    };
    fitted(
        vec![Piece::new(Role::SheetTitle, format!(" {title} "))],
        theme,
        inner_line(top),
        buf,
    );
    let keys = format!(" {keys} ");
    let taken = (crate::app::text::width(&keys) as u16).min(width.saturating_sub(4));
    let at = Rect {
        x: area.right().saturating_sub(taken + 2),
        y: bottom,
        width: taken,
        height: 1,
    };
    fitted(vec![Piece::new(Role::KeyHint, keys)], theme, at, buf);
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: width.saturating_sub(4),
        height: height.saturating_sub(2),
    }
}
