//! Every value of one resource, secrets masked, and what it needs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{highlight, nothing};
use crate::app::App;
use crate::app::Share;
use crate::app::pane::state::{Column, Details, called};
use crate::app::role::Role;
use crate::app::text::{clip, clip_middle, visible, width, wrap};
use crate::state::Shown;
use crate::ui::part::{Piece, fitted, waiting};
use crate::ui::theme::Theme;

pub fn title(app: &App) -> (String, String) {
    match shown(app) {
        Some(details) if app.state.revealed(details.instance).is_some() => (
            "▲ SECRET SHOWN · any key masks it".to_owned(),
            String::new(),
        ),
        Some(details) => {
            let way = match app.state.shown() {
                Some(opened) if app.state.is_narrow() => {
                    format!("versions › {} › ", called(&opened.version))
                }
                _ => String::new(),
            };
            let room = usize::from(app.state.rows_of(Column::Attributes).width);
            let room = room.saturating_sub(8 + width(&way));
            let name = visible(&details.name);
            (format!("{way}{}", clip_middle(&name, room)), String::new())
        }
        None => ("attributes".to_owned(), String::new()),
    }
}

/// The details of what is under the resources' cursor, once they are here.
fn shown(app: &App) -> Option<&Details> {
    let here = app
        .state
        .browser
        .instance()
        .filter(|_| app.state.nothing().is_none())?;
    app.state
        .details
        .shown()
        .filter(|details| details.instance == here)
}

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(details) = shown(app) else {
        return absent(app, theme, area, buf);
    };
    let cursor = app.state.details_cursor;
    let rows = details.rows();
    let in_view = rows
        .iter()
        .enumerate()
        .skip(cursor.top())
        .take(usize::from(area.height));
    let longest = in_view
        .clone()
        .map(|(_, (name, _))| width(name))
        .max()
        .unwrap_or(0);
    let column = longest.min(usize::from(area.width) * 9 / 20);
    let revealed = app.state.revealed(details.instance);
    for ((number, (name, shown)), line) in in_view.zip(area.rows()) {
        let whole = visible(name);
        let name = clip_middle(&whole, column);
        let gap = " ".repeat(column.saturating_sub(width(&name)) + 2);
        let (role, text) = value(app, shown);
        let room = usize::from(area.width).saturating_sub(column + 4);
        let pieces = vec![
            Piece::new(Role::Note, format!(" {name}{gap}")),
            Piece::new(role, clip(&visible(&text), room).into_owned()),
        ];
        fitted(pieces, theme, line, buf);
        if number == cursor.row() {
            highlight(app, Column::Attributes, theme, line, buf);
        }
        if let Some((_, secret)) = revealed.filter(|(row, _)| *row == number) {
            // As long as it is there it may cover what stands around it.
            return reveal((&whole, secret.reveal()), line, (theme, area), buf);
        }
        if app.state.unfolded() == Some(number) {
            return reveal((&whole, &text), line, (theme, area), buf);
        }
    }
}

/// The name of a value and the value itself, on as many rows as it takes and as there
/// are: from its own row on, or from further up where that is too far down.
fn reveal(
    (name, value): (&str, &str),
    line: Rect,
    (theme, area): (&Theme, Rect),
    buf: &mut Buffer,
) {
    let room = usize::from(area.width).saturating_sub(4).max(1);
    let rows = value.lines().flat_map(|row| wrap(&visible(row), room));
    let rows = rows.map(|row| (Role::Strong, format!("   {row}")));
    let heading = wrap(name, room).into_iter();
    let heading = heading.map(|row| (Role::Note, format!(" {row}")));
    let rows: Vec<_> = heading.chain(rows).collect();
    let height = rows.len().min(usize::from(area.height)) as u16;
    let place = Rect {
        y: line.y.min(area.bottom() - height),
        height,
        ..area
    };
    for ((role, text), line) in rows.into_iter().zip(place.rows()) {
        let blank = " ".repeat(usize::from(area.width));
        buf.set_stringn(line.x, line.y, &blank, blank.len(), theme.style(Role::Text));
        fitted(vec![Piece::new(role, text)], theme, line, buf);
    }
}

fn value(app: &App, shown: &Shown) -> (Role, String) {
    match (shown, app.start.share) {
        (Shown::Masked, _) => (Role::Secret, format!("{shown} (sensitive)")),
        (Shown::Plain(text), Share::On) => (Role::Text, app.veiled(text)),
        (Shown::Plain(text), Share::Off) if text == "null" => (Role::Faint, text.clone()),
        (Shown::Plain(text), Share::Off) => (Role::Text, text.clone()),
    }
}

/// What is said while there is nothing to read.
fn absent(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if let Some(since) = app.state.details.waiting_since() {
        return waiting::waiting("reading the resource", since, app.now, theme, area, buf);
    }
    if app.state.browser.length() > 0 && app.state.details.fault().is_none() {
        nothing("a resource under the cursor is read here", theme, area, buf);
    }
}
