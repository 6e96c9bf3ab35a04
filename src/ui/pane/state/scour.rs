//! ```text
//! ── vpc-0a1b in every state ───────────────────────── 412 of 1,204 searched · 3 found ──
//! ▸ prod/net/terraform.tfstate     aws_vpc.main             id = vpc-0a1b2c
//!   prod/app/terraform.tfstate     aws_security_group.web   vpc_id = vpc-0a1b2c
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::nothing;
use crate::app::App;
use crate::app::pane::state::{Scour, Trove};
use crate::app::role::Role;
use crate::app::text::{clip_middle, count, visible, width};
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let scour = &app.state.scour;
    let title = format!("{} in every state", visible(&scour.question));
    rule(&title, &remark(scour), theme, area, buf);
    let mut rest = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    for fault in scour.feed.fault().into_iter().chain(&scour.unseen) {
        rest = waiting::fault(fault, theme, rest, buf);
    }
    if scour.troves.is_empty() {
        match scour.feed.waiting_since() {
            Some(since) => {
                waiting::waiting("searching the states", since, app.now, theme, rest, buf);
            }
            None => nothing("● nothing of what was searched answers", theme, rest, buf),
        }
        return;
    }
    let rows = scour.troves.iter().enumerate().skip(scour.cursor.top());
    let mut in_view = rows.clone().take(usize::from(rest.height));
    let columns = usize::from(area.width.saturating_sub(4)) / 3;
    // Where no value answers, the address has its room, too.
    let address = if in_view.any(|(_, trove)| trove.said.is_some()) {
        columns
    } else {
        columns * 2
    };
    for ((number, trove), line) in rows.zip(rest.rows()) {
        let here = number == scour.cursor.row();
        fitted(row(app, trove, here, (columns, address)), theme, line, buf);
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
    }
}

fn remark(scour: &Scour) -> String {
    let number = |number: usize| count(number as u64);
    let plus = if scour.more { "+" } else { "" };
    let mut parts = Vec::new();
    if scour.feed.waiting_since().is_some() {
        parts.push(format!(
            "⟳ {} of {} searched",
            number(scour.read),
            number(scour.of)
        ));
    }
    parts.push(format!("{}{plus} found", number(scour.troves.len())));
    if scour.missed > 0 {
        parts.push(format!("◌ {} not searched", number(scour.missed)));
    }
    parts.join(" · ")
}

fn row<'a>(app: &App, trove: &Trove, here: bool, (key, address): (usize, usize)) -> Vec<Piece<'a>> {
    let fit = |text: &str, room: usize| {
        let text = clip_middle(&visible(text), room.max(8)).into_owned();
        let gap = " ".repeat(room.saturating_sub(width(&text)) + 1);
        text + &gap
    };
    let arrow = if here { "▸" } else { " " };
    let mut pieces = vec![
        Piece::new(Role::Text, format!("{arrow} ")),
        Piece::new(Role::Faint, fit(&app.veiled(&trove.key), key)),
        Piece::new(Role::Text, fit(&trove.address, address)),
    ];
    if let Some(said) = &trove.said {
        let said = visible(&app.veiled(said)).into_owned();
        pieces.push(Piece::new(Role::Match, said));
    }
    pieces
}
