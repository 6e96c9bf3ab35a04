//! What an empty log pane shows: how to turn logging on, ready to copy, and
//! what it costs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::pane::log::{Condition, LogPane};
use crate::app::role::Role;
use crate::app::text::visible;
use crate::log::{COSTS, NOTES, RECIPES, Recipe, Shell};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

pub fn draw(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut lines = area.rows();
    let mut write = |pieces: Vec<Piece<'_>>| {
        if let Some(line) = lines.next() {
            fitted(pieces, theme, line, buf);
        }
    };
    write(vec![Piece::new(Role::Strong, heading(pane))]);
    let cursor = pane.guide;
    let shown = RECIPES.iter().enumerate().skip(cursor.top());
    for (number, recipe) in shown.take(cursor.height()) {
        let here = number == cursor.row();
        write(purpose(recipe, here));
        write(commands(recipe, here));
    }
    write(Vec::new());
    for (level, cost) in COSTS {
        write(vec![
            Piece::new(Role::Key, format!(" {:<6}", level.word())),
            Piece::new(Role::Text, cost),
        ]);
    }
    for note in NOTES {
        write(vec![
            Piece::new(Role::Note, " ● "),
            Piece::new(Role::Faint, note),
        ]);
    }
}

fn heading(pane: &LogPane) -> String {
    let empty = |condition: &Condition| matches!(condition, Condition::Live | Condition::Ended);
    match pane.files().iter().find(|file| empty(&file.condition)) {
        Some(file) => format!(" {} is empty. Turn logging on:", visible(&file.name)),
        None => " No log here. Turn logging on:".to_owned(),
    }
}

fn purpose(recipe: &Recipe, here: bool) -> Vec<Piece<'static>> {
    let shell = match recipe.shell {
        Shell::Bash => "bash",
        Shell::PowerShell => "PowerShell",
    };
    let (arrow, role) = if here {
        ("▸", Role::Selected)
    } else {
        (" ", Role::Text)
    };
    vec![
        Piece::new(role, arrow),
        Piece::new(role, recipe.purpose),
        Piece::new(Role::Faint, format!("  {shell}")),
    ]
}

fn commands(recipe: &Recipe, here: bool) -> Vec<Piece<'static>> {
    let role = if here { Role::CodeWord } else { Role::Code };
    vec![Piece::new(role, format!("   {}", recipe.commands))]
}
