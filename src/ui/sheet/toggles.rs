//! A list whose lines are marked while it stays.
//!
//! ```text
//! ╭─ Filters ─────────────────────────────────────────────────────╮
//! │ ▸ filter  [x] − dag/walk                           hides 1,100 │
//! │           [ ] + /503|Throttl/                              off │
//! │   source  [x] core                                             │
//! ╰──────────────────── space on/off   i include   x exclude  esc ─╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use crate::app::role::Role;
use crate::app::sheet::Toggles;
use crate::app::sheet::toggles::{Entry, Mark};
use crate::app::text::{clip_middle, visible, width};
use crate::ui::part::{Piece, fitted, spread};
use crate::ui::theme::Theme;

/// From this width on there is room for the groups.
const WIDE: u16 = 50;

/// What is cut to less than this says nothing.
const LEAST: usize = 6;

pub fn draw(toggles: &Toggles, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let mut keys: Vec<String> = toggles
        .keys
        .iter()
        .map(|(key, what)| format!("{key} {what}"))
        .collect();
    if toggles.entries.iter().any(|entry| entry.mark != Mark::None) {
        keys.insert(0, "space on/off".to_owned());
    }
    keys.push("esc close".to_owned());
    let rows = toggles.entries.len().max(1);
    let group = toggles.entries.get(toggles.cursor.row());
    let group = group.map_or("", |entry| entry.group);
    // Where the groups have no room beside their lines, the title says the one at hand.
    let title = match group {
        group if group.is_empty() || toggles.title.to_lowercase().starts_with(group) => {
            toggles.title.clone()
        }
        _ if body.width >= WIDE + 4 => toggles.title.clone(),
        group => format!("{} · {group}", toggles.title),
    };
    let inner = frame(&title, &keys.join("   "), rows, theme, body, buf);
    if toggles.entries.is_empty() {
        let pieces = vec![Piece::new(Role::Faint, "nothing here yet")];
        return fitted(pieces, theme, inner, buf);
    }
    let groups = toggles.entries.iter().map(|entry| width(entry.group));
    // In a narrow sheet what is known of a line says more than its group.
    let has_groups = inner.width >= WIDE;
    let column = groups
        .max()
        .filter(|_| has_groups)
        .map_or(0, |most| most + 2);
    let cursor = toggles.cursor;
    let shown = toggles.entries.iter().enumerate().skip(cursor.top());
    for ((number, entry), line) in shown.zip(inner.rows()) {
        let before = number.checked_sub(1).filter(|_| number > cursor.top());
        let said = before.is_some_and(|at| toggles.entries[at].group == entry.group);
        let group = if said || !has_groups { "" } else { entry.group };
        let here = number == cursor.row();
        row(entry, (group, column), here, theme, line, buf);
    }
}

fn row(
    entry: &Entry,
    (group, column): (&str, usize),
    here: bool,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let role = |role| if here { Role::Selected } else { role };
    if here {
        buf.set_style(line, theme.style(Role::Selected));
    }
    let mark = match entry.mark {
        Mark::On => "[x] ",
        Mark::Off => "[ ] ",
        Mark::None => "",
    };
    let label = match entry.mark {
        Mark::Off => Role::Faint,
        Mark::On | Mark::None => Role::Sheet,
    };
    let gap = " ".repeat(column - width(group));
    let name = visible(&entry.label);
    let (of_detail, detail) = &entry.detail;
    // A long detail gives way, so that the names stay below each other.
    let taken = 2 + column + width(mark) + width(&name) + 3;
    let room = usize::from(line.width).saturating_sub(taken);
    let detail = match visible(detail) {
        detail if width(&detail) > room && room < LEAST => String::new(),
        detail => format!(" {} ", clip_middle(&detail, room)),
    };
    let left = vec![
        Piece::new(role(Role::Mark), if here { "▸ " } else { "  " }),
        Piece::new(role(Role::Faint), format!("{group}{gap}")).rank(2),
        Piece::new(role(Role::Key), mark),
        Piece::new(role(label), name),
    ];
    let right = vec![Piece::new(role(*of_detail), detail).rank(1)];
    spread(left, right, theme, line, buf);
}
