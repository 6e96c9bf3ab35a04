//! The frame around the panes: where you are and what you may do, the panes
//! with their counts, the keys of this moment.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::part::{Piece, fitted, spread};
use super::theme::Theme;
use crate::app::App;
use crate::app::action::rows_of;
use crate::app::arrange::SMALLEST;
use crate::app::notice::Tone;
use crate::app::pane::PaneId;
use crate::app::role::Role;
use crate::app::text::{clip_middle, span, visible, width, wrap};
use crate::place::Place;

/// The first row, painted whole in the role of the place.
pub fn header(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let paint = app.paint();
    buf.set_style(area, theme.style(paint.role));
    let piece = |text: String| Piece::new(paint.role, text);
    let mut left = vec![piece(format!(" {}  ", paint.word))];
    match app.place() {
        Some(place) => left.extend(name(app, place, paint.role, area.width)),
        None => left.push(piece(app.looking_at())),
    }
    let mut right = Vec::new();
    if let Some(caller) = app.caller_text() {
        right.push(piece(format!("{caller} · ")).rank(4));
    }
    if let Some(region) = app.place().and_then(|place| place.region()) {
        right.push(piece(format!("{region}   ")).rank(5));
    }
    right.push(piece(format!("{}   ", app.permission())));
    right.push(piece(clock(app)).rank(3));
    spread(left, right, theme, area, buf);
}

fn name<'a>(app: &App, place: &Place, role: Role, columns: u16) -> Vec<Piece<'a>> {
    let room = usize::from(columns).saturating_sub(24).max(12);
    let key = visible(&app.shown_name(place)).into_owned();
    let mut pieces = vec![Piece::new(role, clip_middle(&key, room).into_owned())];
    pieces.push(Piece::new(role, format!(" · ws {}", visible(&place.workspace))).rank(2));
    if !place.divergences.is_empty() {
        pieces.push(Piece::new(role, "  CACHE ≠ CONFIG"));
    }
    pieces.push(Piece::new(role, "  "));
    pieces
}

fn clock(app: &App) -> String {
    let utc = app
        .now
        .to_zoned(TimeZone::UTC)
        .strftime("%H:%MZ")
        .to_string();
    let local = app.now.to_zoned(app.start.zone.clone());
    if local.offset().is_zero() {
        return format!("{utc} ");
    }
    format!("{utc} {} ", local.strftime("%H:%M"))
}

/// The second row: the panes.
pub fn tabs(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let long: usize = PaneId::ALL.iter().map(|pane| width(&tab(app, *pane))).sum();
    let pieces = PaneId::ALL
        .into_iter()
        .map(|pane| {
            let role = if pane == app.focus {
                Role::TabActive
            } else {
                Role::TabIdle
            };
            let full = long <= usize::from(area.width) || pane == app.focus;
            let text = if full {
                tab(app, pane)
            } else {
                format!(" {} ", pane.number())
            };
            Piece::new(role, text)
        })
        .collect();
    fitted(pieces, theme, area, buf);
}

fn tab(app: &App, pane: PaneId) -> String {
    let badge = app.badge(pane);
    let counted = |sign: &str, count: usize| match count {
        0 => String::new(),
        count => format!(" {sign}{count}"),
    };
    let text = if badge.text.is_empty() {
        String::new()
    } else {
        format!(" {}", badge.text)
    };
    let (critical, warning) = (counted("✖", badge.critical), counted("▲", badge.warning));
    format!(
        " {} {}{text}{critical}{warning} ",
        pane.number(),
        pane.title()
    )
}

/// The last row: keys at the left, what is going on at the right.
pub fn footer(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut right = Vec::new();
    if let Some(notice) = &app.notice {
        let role = match notice.tone {
            Tone::Fine => Role::Fine,
            Tone::Note => Role::Note,
            Tone::Warning => Role::Warning,
        };
        right.push(Piece::new(role, format!("{} ", visible(&notice.text))));
    } else if let Some(since) = app.waiting_since() {
        right.push(Piece::new(
            Role::Busy,
            format!("⟳ {}  ", span(app.now.duration_since(since))),
        ));
        right.push(Piece::new(Role::KeyHint, "esc ").rank(1));
    }
    let taken: usize = right.iter().map(|piece| width(&piece.text)).sum();
    let left = hints(app, usize::from(area.width).saturating_sub(taken + 2));
    spread(left, right, theme, area, buf);
}

/// The keys of this moment, as many as have room for their words. The last one
/// leads to all the others: it stays longest.
fn hints<'a>(app: &App, room: usize) -> Vec<Piece<'a>> {
    let offered = rows_of(app.focus).filter(|row| app.offers(row.action));
    let mut shown: Vec<(String, String)> = offered
        .filter_map(|row| {
            let key = row.keys.split(' ').next().unwrap_or_default();
            Some((key.to_owned(), format!(" {}", row.hint?)))
        })
        .collect();
    let columns = |shown: &[(String, String)]| -> usize {
        let of = |(key, word): &(String, String)| width(key) + width(word) + 2;
        shown.iter().map(of).sum()
    };
    while columns(&shown) > room + 2 && !shown.is_empty() {
        shown.remove(shown.len().saturating_sub(2));
    }
    let mut pieces = vec![Piece::new(Role::KeyHint, " ")];
    for (key, word) in shown {
        pieces.push(Piece::new(Role::Key, key).rank(1));
        pieces.push(Piece::new(Role::KeyHint, word).rank(1));
        pieces.push(Piece::new(Role::KeyHint, "  ").rank(2));
    }
    pieces
}

/// What a terminal that is too small for panes still says: the place, the worst, and how large it should be.
pub fn small(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let paint = app.paint();
    let place = app
        .place()
        .map_or_else(|| app.looking_at(), |place| app.shown_name(place));
    let room = usize::from(area.width);
    let place = clip_middle(&visible(&place), room.saturating_sub(8)).into_owned();
    let wanted = format!(
        "the terminal is small: {}×{} or more",
        SMALLEST.0, SMALLEST.1
    );
    let wanted = wrap(&wanted, room);
    let between = usize::from(area.height).saturating_sub(1 + wanted.len());
    let worst = wrap(&visible(&app.worst()), room);
    let worst = worst.into_iter().take(between);
    let texts = std::iter::once((paint.role, format!("{} {place}", paint.word)))
        .chain(worst.map(|text| (Role::Warning, text)))
        .chain(wanted.into_iter().map(|text| (Role::Faint, text)));
    for (line, (role, text)) in area.rows().zip(texts) {
        fitted(vec![Piece::new(role, text)], theme, line, buf);
    }
}
