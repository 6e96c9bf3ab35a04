//! One screen row of the logs: the first row of a record, or a line of its
//! unfolded body, with what was searched for marked in both.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::SOURCES;
use crate::app::pane::log::{Kept, LogPane, Spot};
use crate::app::role::Role;
use crate::app::text::{clip, visible, width};
use crate::log::{Level, Record, TOLD, Tolerated, Weight};
use crate::ui::part::{Piece, spread};
use crate::ui::theme::Theme;

/// From this width on there is room for milliseconds and the source.
const WIDE: u16 = 60;

/// From this width on there is room for the id of the request.
const ROOMY: u16 = 100;

/// What the id of a request takes: enough to tell those on one screen apart.
const REQUEST: usize = 9;

/// What the source's column takes.
const SOURCE: usize = 9;

/// How a row stands to the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    Cursor,
    /// At the cursor's moment, in the view beside it.
    SameMoment,
    Elsewhere,
}

impl Here {
    pub fn of(spot: Spot, cursor: Spot) -> Self {
        if spot == cursor {
            Self::Cursor
        } else {
            Self::Elsewhere
        }
    }
}

pub fn draw(
    pane: &LogPane,
    (spot, at): (Spot, Here),
    kept: &Kept,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let here = at == Here::Cursor;
    if here {
        buf.set_style(line, theme.style(Role::Selected));
    }
    let note = pane.marks().note(spot.place).filter(|_| spot.line == 0);
    let sign = match (at, note) {
        (Here::Cursor, _) => "▸",
        (_, Some(_)) => "●",
        (Here::SameMoment, None) => "·",
        (Here::Elsewhere, None) => " ",
    };
    let mut left = vec![Piece::new(Role::Mark, sign)];
    let mut right = Vec::new();
    if spot.line == 0 {
        left.extend(head(pane, spot, &kept.record, line.width));
        right.extend(note.and_then(|note| noted(note, line.width)));
        right.extend(request(pane, &kept.record, line.width));
        right.extend(folded(pane, spot, &kept.record));
    } else {
        left.push(Piece::new(Role::Rule, " ┆ "));
        let row = kept.rows().get(spot.line as usize - 1);
        let pieces = row.into_iter().flatten();
        left.extend(pieces.map(|(role, text)| Piece::new(*role, text.as_str())));
    }
    let columns = usize::from(line.width);
    left = left
        .into_iter()
        .flat_map(|piece| marked(pane, piece, columns))
        .collect();
    if here {
        let selected = |piece: &mut Piece<'_>| {
            if piece.role != Role::Match {
                piece.role = Role::Selected;
            }
        };
        left.iter_mut().chain(&mut right).for_each(selected);
    }
    spread(left, right, theme, line, buf);
}

/// Time, level, source, message, fields: the later the sooner left out.
fn head<'a>(pane: &LogPane, spot: Spot, record: &'a Record, columns: u16) -> Vec<Piece<'a>> {
    let role = role(pane, spot, record);
    let mut pieces = Vec::new();
    if pane.files().len() > 1 {
        let number = usize::from(spot.place.file.0);
        let letter = ('a'..='z').nth(number).unwrap_or('+');
        pieces.push(Piece::new(
            SOURCES[number % SOURCES.len()],
            format!("{letter} "),
        ));
    }
    pieces.push(Piece::new(Role::Stamp, stamp(record, columns)));
    let level = record.parts.level.letter();
    pieces.push(Piece::new(role, format!(" {level} ")));
    if columns >= WIDE {
        let source = clip(record.parts.source.word(), SOURCE);
        let gap = " ".repeat(SOURCE + 1 - width(&source));
        pieces.push(Piece::new(Role::Subsystem, format!("{source}{gap}")));
    }
    let message = record.parts.message.as_str();
    let gist = record.gist();
    let sought = |text: &str| {
        let hunt = pane.hunt();
        hunt.is_some_and(|hunt| !hunt.pattern.ranges(text).is_empty())
    };
    let short = gist
        .as_ref()
        .and_then(|gist| gist.short)
        .map(Cow::Borrowed)
        .or_else(|| Some(Cow::Owned(in_short(record.tolerated()?))));
    let message = short.filter(|_| !sought(message)).unwrap_or(message.into());
    pieces.push(Piece::new(role, message));
    if let Some(gist) = &gist {
        let role = if gist.failed { Role::Warning } else { role };
        pieces.push(Piece::new(role, format!(" {}", gist.text)));
    }
    let told = |name: &str| gist.is_some() && TOLD.contains(&name);
    for field in record
        .parts
        .fields
        .iter()
        .filter(|field| !told(&field.name))
    {
        let value = field.value.lines().next().unwrap_or_default();
        let more = if field.value.contains('\n') {
            "…"
        } else {
            ""
        };
        let text = format!(" {}={value}{more}", field.name);
        pieces.push(Piece::new(Role::Faint, text));
    }
    pieces
}

/// What tells one of many such remarks from the next.
fn in_short(remark: Tolerated<'_>) -> String {
    let Tolerated { address, what } = remark;
    format!("{address}: tolerated {what} of the legacy plugin SDK")
}

/// By its level; what means nothing draws no eye.
fn role(pane: &LogPane, spot: Spot, record: &Record) -> Role {
    let file = pane.files().get(usize::from(spot.place.file.0));
    let weight = file.and_then(|file| file.index.weight(spot.place.record));
    match record.parts.level {
        Level::Error if weight == Some(Weight::Harmless) => Role::Faint,
        Level::Warn if record.tolerated().is_some() => Role::Faint,
        Level::Error => Role::LevelError,
        Level::Warn => Role::LevelWarn,
        Level::Info => Role::LevelInfo,
        Level::Debug => Role::LevelDebug,
        Level::Trace => Role::LevelTrace,
    }
}

/// The time of day in UTC; as many blanks for a record without one.
fn stamp(record: &Record, columns: u16) -> String {
    let (format, blank) = if columns >= WIDE {
        ("%H:%M:%S%.3f", 12)
    } else {
        ("%H:%M:%S", 8)
    };
    record
        .time()
        .map_or_else(|| " ".repeat(blank), |at| at.strftime(format).to_string())
}

/// The note of a bookmark, as far as it leaves room for the record.
fn noted(note: &str, columns: u16) -> Option<Piece<'static>> {
    let room = usize::from(columns) / 4;
    let text = format!(" ● {}", clip(&visible(note), room));
    (!note.is_empty()).then(|| Piece::new(Role::Mark, text))
}

/// The id of the request that `o` would show alone.
fn request(pane: &LogPane, record: &Record, columns: u16) -> Option<Piece<'static>> {
    let id = record.request().filter(|_| columns >= ROOMY)?;
    let followed = pane.sifting().follows_a_request();
    let role = if followed { Role::Mark } else { Role::Faint };
    Some(Piece::new(role, format!("  req {}", clip(id, REQUEST))))
}

/// How many lines are folded away.
fn folded<'a>(pane: &LogPane, spot: Spot, record: &Record) -> Option<Piece<'a>> {
    let lines = record.lines_below();
    let shown = pane.is_unfolded(spot.place);
    (lines > 0 && !shown).then(|| Piece::new(Role::Faint, format!(" ⏎{lines}")))
}

/// A piece with what was searched for in pieces of their own. Only as much of
/// a long text is looked at as a row can show.
fn marked<'a>(pane: &LogPane, piece: Piece<'a>, columns: usize) -> Vec<Piece<'a>> {
    let Some(hunt) = pane.hunt() else {
        return vec![piece];
    };
    let text = clip(&piece.text, columns);
    let mut pieces = Vec::new();
    let mut from = 0;
    for found in hunt.pattern.ranges(&text) {
        pieces.push(Piece::new(piece.role, text[from..found.start].to_owned()));
        pieces.push(Piece::new(Role::Match, text[found.clone()].to_owned()));
        from = found.end;
    }
    pieces.push(Piece::new(piece.role, text[from..].to_owned()));
    pieces
}
