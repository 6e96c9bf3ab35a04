//! ```text
//! ── versions ────────────── 7 ─┬─ resources of 3Kx…9fQ ───── 231 ─┬─ aws_db_instance.main ────
//!    now ✖ 9aB…112  61 KB       │ ▾ module.network            42  │ id        db-prod-main
//! ▸  3 h ✔ 3Kx…9fQ 119 KB s412  │   ▸ aws_subnet.public[…]     6  │ password  ▒▒▒▒▒▒▒▒ (sensitive)
//!  last good 2Hd…77a            │   ● aws_vpc.main        vpc-0a1 │ needs     aws_kms_key.rds
//! ```

mod attributes;
mod compare;
mod dependents;
mod fleet;
mod resources;
mod scour;
mod versions;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::arrange::Area;
use crate::app::pane::state::{Column, columns, is_wide};
use crate::app::role::Role;
use crate::app::text::visible;
use crate::ui::part::{Piece, fitted, rule};
use crate::ui::rect;
use crate::ui::theme::Theme;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if app.state.scour.is_shown() {
        return scour::draw(app, theme, area, buf);
    }
    if app.state.fleet.is_shown() {
        return fleet::draw(app, theme, area, buf);
    }
    if let Some(comparing) = &app.state.comparing {
        return compare::draw(app, comparing, theme, area, buf);
    }
    let body = Area::new(area.x, area.y, area.width, area.height);
    let areas = columns(body, app.state.column);
    for (column, area) in Column::ALL.into_iter().zip(areas) {
        if area.width > 0 {
            frame(app, column, theme, rect(area), buf);
        }
    }
    if is_wide(body) {
        areas
            .iter()
            .skip(1)
            .for_each(|area| divide(*area, theme, buf));
    }
}

/// A column with its rule, what is wrong, and its rows.
fn frame(app: &App, column: Column, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (title, remark) = match column {
        Column::Versions => versions::title(app),
        Column::Resources => resources::title(app),
        Column::Attributes => match &app.state.dependents {
            Some(shown) => (dependents::title(app, shown), String::new()),
            None => attributes::title(app),
        },
    };
    rule(&title, &remark, theme, area, buf);
    let remarks = app.state.remarks(column);
    for ((role, text), line) in remarks.into_iter().zip(area.rows().skip(1)) {
        fitted(
            vec![Piece::new(role, format!(" {}", visible(&text)))],
            theme,
            line,
            buf,
        );
    }
    let rows = rect(app.state.rows_of(column));
    match column {
        Column::Versions => versions::draw(app, theme, rows, buf),
        Column::Resources => resources::draw(app, theme, rows, buf),
        Column::Attributes => match &app.state.dependents {
            Some(shown) => dependents::draw(app, shown, theme, rows, buf),
            None => attributes::draw(app, theme, rows, buf),
        },
    }
}

/// The line between two columns.
fn divide(right: Area, theme: &Theme, buf: &mut Buffer) {
    let line = Rect {
        x: right.x.saturating_sub(1),
        width: 1,
        ..rect(right)
    };
    for (number, cell) in line.rows().enumerate() {
        let sign = if number == 0 { "┬" } else { "│" };
        buf.set_stringn(cell.x, cell.y, sign, 1, theme.style(Role::Rule));
    }
}

/// Shows where the cursor is. The row takes the colors of the cursor whole: on its
/// background the others cannot be read in every theme, and the signs say the same.
fn highlight(app: &App, column: Column, theme: &Theme, line: Rect, buf: &mut Buffer) {
    let focused = app.state.comparing.is_some() || app.state.column == column;
    let role = if focused {
        Role::Selected
    } else {
        Role::SelectedIdle
    };
    buf.set_style(line, theme.style(role));
}

/// A sentence in the place of rows.
fn nothing(text: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    fitted(
        vec![Piece::new(Role::Faint, format!(" {text}"))],
        theme,
        area,
        buf,
    );
}
