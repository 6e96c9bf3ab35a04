//! ```text
//! ── 3Kx…9fQ serial 412, 3 h 07 m ──────────┬── 9aB…112 serial 413, now ──────────
//!  change 1 of 114   +0 −113 ~1 ⇄0           │
//!  − aws_db_instance.main                    │
//!  ~ aws_instance.web[0]                     │ ~ aws_instance.web[0]
//!      instance_type  t3.large               │     instance_type  t3.xlarge
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{highlight, nothing};
use crate::app::pane::state::{Column, Comparing, called};
use crate::app::role::Role;
use crate::app::text::{age, clip_middle, count, visible, width};
use crate::app::{App, Share};
use crate::state::{Difference, Health, Shown, Side, SideRow, Sides, Summary, Version};
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

/// Below this width both sides stand in one column.
const TWO_SIDES: u16 = 60;

pub fn draw(app: &App, comparing: &Comparing, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (left, right) = halves(area);
    rule(&title(app, &comparing.before), "", theme, left, buf);
    rule(&title(app, &comparing.after), "", theme, right, buf);
    if area.width >= TWO_SIDES {
        buf.set_stringn(right.x, right.y, "┬", 1, theme.style(Role::Rule));
    }
    let below = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let rest = waiting::load(
        &comparing.sides,
        "comparing the versions",
        app.now,
        theme,
        below,
        buf,
    );
    let Some(sides) = comparing.sides.shown() else {
        return;
    };
    let mut lines = rest.rows();
    fitted(
        heading(comparing, sides),
        theme,
        lines.next().unwrap_or_default(),
        buf,
    );
    if sides.is_empty() {
        return nothing(
            "nothing that Terraform would notice differs",
            theme,
            lines.next().unwrap_or_default(),
            buf,
        );
    }
    for (row, line) in (comparing.cursor.top()..sides.len()).zip(lines) {
        if let Some(found) = sides.row(row) {
            draw_row(app, found, theme, line, buf);
        }
        if row == comparing.cursor.row() {
            highlight(app, Column::Versions, theme, line, buf);
        }
    }
}

fn halves(area: Rect) -> (Rect, Rect) {
    let half = area.width / 2;
    let left = Rect {
        width: half,
        ..area
    };
    let right = Rect {
        x: area.x + half,
        width: area.width - half,
        ..area
    };
    (left, right)
}

/// The version, its serial, its age, and that it is only what could be salvaged.
fn title(app: &App, version: &Version) -> String {
    let contents = app.state.history.contents(&version.id);
    let serial = contents.and_then(|contents| contents.serial);
    let serial = serial.map_or_else(String::new, |serial| format!(" serial {}", serial.0));
    let salvaged = match contents {
        Some(contents) if contents.health == Health::Damaged => {
            format!(" (salvaged: {} resources)", contents.resources.unwrap_or(0))
        }
        _ => String::new(),
    };
    format!(
        "{}{serial}, {}{salvaged}",
        called(version),
        age(app.now, version.modified)
    )
}

fn heading<'a>(comparing: &Comparing, sides: &Sides) -> Vec<Piece<'a>> {
    let Summary {
        added,
        removed,
        changed,
        moved,
    } = sides.comparison().summary;
    let all = sides.comparison().changes.len() as u64;
    let place = sides.nth(comparing.cursor.row()) as u64;
    vec![
        Piece::new(
            Role::Faint,
            format!(" change {} of {}   ", count(place), count(all)),
        )
        .rank(1),
        Piece::new(Role::Added, format!("+{added} ")),
        Piece::new(Role::Removed, format!("−{removed} ")),
        Piece::new(Role::Changed, format!("~{changed} ")),
        Piece::new(Role::Moved, format!("⇄{moved}")),
        Piece::new(Role::KeyHint, "   n/N next and previous change").rank(2),
    ]
}

fn draw_row(app: &App, row: SideRow<'_>, theme: &Theme, line: Rect, buf: &mut Buffer) {
    if line.width < TWO_SIDES {
        return fitted(one_column(app, row), theme, line, buf);
    }
    let (left, right) = halves(line);
    fitted(side(app, row, Side::Before, left.width), theme, left, buf);
    buf.set_stringn(right.x, right.y, "│", 1, theme.style(Role::Rule));
    let right = Rect {
        x: right.x + 1,
        width: right.width.saturating_sub(1),
        ..right
    };
    fitted(side(app, row, Side::After, right.width), theme, right, buf);
}

fn side<'a>(app: &App, row: SideRow<'_>, side: Side, room: u16) -> Vec<Piece<'a>> {
    let room = usize::from(room);
    match row {
        SideRow::Heading(change) => {
            let Some(name) = row.name(side) else {
                return Vec::new();
            };
            let (sign, role) = difference(change.difference);
            let name = visible(name);
            vec![Piece::new(
                role,
                format!(" {sign} {}", clip_middle(&name, room.saturating_sub(4))),
            )]
        }
        SideRow::Value(_, value) => {
            let shown = match side {
                Side::Before => &value.before,
                Side::After => &value.after,
            };
            let path = visible(&value.path);
            let path = clip_middle(&path, (room / 2).saturating_sub(5));
            let gap = " ".repeat((room / 2).saturating_sub(4 + width(&path)).max(1));
            let (role, text) = shown_as(app, shown.as_ref());
            vec![
                Piece::new(Role::Note, format!("    {path}{gap}")),
                Piece::new(role, text),
            ]
        }
    }
}

fn one_column<'a>(app: &App, row: SideRow<'_>) -> Vec<Piece<'a>> {
    match row {
        SideRow::Heading(change) => {
            let (sign, role) = difference(change.difference);
            vec![Piece::new(
                role,
                format!(" {sign} {}", visible(change.name())),
            )]
        }
        SideRow::Value(_, value) => {
            let (before, after) = (
                shown_as(app, value.before.as_ref()),
                shown_as(app, value.after.as_ref()),
            );
            vec![
                Piece::new(Role::Note, format!("   {}  ", visible(&value.path))),
                Piece::new(before.0, before.1),
                Piece::new(Role::Faint, " → "),
                Piece::new(after.0, after.1),
            ]
        }
    }
}

fn difference(difference: Difference) -> (&'static str, Role) {
    match difference {
        Difference::Added => ("+", Role::Added),
        Difference::Removed => ("−", Role::Removed),
        Difference::Changed => ("~", Role::Changed),
        Difference::Moved => ("⇄", Role::Moved),
    }
}

fn shown_as(app: &App, shown: Option<&Shown>) -> (Role, String) {
    match (shown, app.start.share) {
        (None, _) => (Role::Faint, "–".to_owned()),
        (Some(Shown::Masked), _) => (Role::Secret, "▒▒▒▒ (changed)".to_owned()),
        (Some(Shown::Plain(text)), Share::On) => (Role::Text, app.veiled(text)),
        (Some(Shown::Plain(text)), Share::Off) => (Role::Text, visible(text).into_owned()),
    }
}
