//! Sheets that are lists: the help, the palette, a choice.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use crate::app::role::Role;
use crate::app::sheet::finder::{Found, Manner};
use crate::app::sheet::{Choice, Finder};
use crate::app::text::{clip_middle, visible};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

pub fn finder(finder: &Finder, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let title = match finder.manner {
        Manner::Help => format!("What works in {}", finder.pane.title()),
        Manner::Palette => "Find an action or a runbook".to_owned(),
    };
    let (query, rows, cursor) = (finder.query.text(), finder.rows(), finder.cursor);
    let inner = frame(
        &title,
        "enter do it   esc close",
        rows.len() + 1,
        theme,
        body,
        buf,
    );
    let mut lines = inner.rows();
    let typed = vec![
        Piece::new(Role::Key, ": "),
        Piece::new(Role::Input, format!("{} ", visible(query))),
        Piece::new(
            Role::Faint,
            if query.is_empty() {
                "  type to search"
            } else {
                ""
            },
        ),
    ];
    fitted(typed, theme, lines.next().unwrap_or_default(), buf);
    for ((number, row), line) in rows.iter().enumerate().skip(cursor.top()).zip(lines) {
        let here = number == cursor.row();
        let text = if here { Role::Selected } else { Role::Sheet };
        let (keys, sentence) = match row {
            Found::Action(row) => (row.keys, row.sentence.to_owned()),
            Found::Runbook { title, .. } => ("runbook", visible(title).into_owned()),
        };
        let pieces = vec![
            Piece::new(
                if here { Role::Selected } else { Role::Key },
                format!("{keys:<14}"),
            ),
            Piece::new(text, sentence),
        ];
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
        fitted(pieces, theme, line, buf);
    }
}

pub fn choice(choice: &Choice, theme: &Theme, body: Rect, buf: &mut Buffer) {
    let inner = frame(
        &choice.title,
        "enter choose   esc close",
        choice.options.len().max(1),
        theme,
        body,
        buf,
    );
    if choice.options.is_empty() {
        fitted(
            vec![Piece::new(Role::Faint, "nothing to choose from")],
            theme,
            inner,
            buf,
        );
    }
    let cursor = choice.cursor;
    for ((number, option), line) in choice
        .options
        .iter()
        .enumerate()
        .skip(cursor.top())
        .zip(inner.rows())
    {
        let here = number == cursor.row();
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
        let text = if here { Role::Selected } else { Role::Sheet };
        let label = visible(&option.label).into_owned();
        let room = usize::from(line.width).saturating_sub(24);
        let pieces = vec![
            Piece::new(
                text,
                format!(
                    "{}{}",
                    if here { "▸ " } else { "  " },
                    clip_middle(&label, room)
                ),
            ),
            Piece::new(
                if here { Role::Selected } else { Role::Faint },
                format!("  {}", visible(&option.detail)),
            )
            .rank(1),
        ];
        fitted(pieces, theme, line, buf);
    }
}
