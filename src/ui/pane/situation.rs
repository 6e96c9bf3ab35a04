//! ```text
//! ── Place ─────────────────────────────────────────────────────
//!  s3 · bucket acme-tfstate · key prod/network/terraform.tfstate
//! ── What is wrong ─────────────────────────────────────────────
//!  ✖ the current version ends in the middle of a string  r state-corrupt
//! ── At a glance ───────────────────────────────────────────────
//! ▸Lock      ▲ held 1 h 16 m by ci@runner-12 for apply
//!  State     ✔ serial 412 · 231 resources · 119 KB
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::role::Role;
use crate::app::situation::Card;
use crate::app::text::{visible, width};
use crate::app::wrong::sign;
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

/// The label's column.
const LABEL: usize = 12;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut rows = area.rows();
    let mut next = || rows.next().unwrap_or_default();
    rule("Place", &places(app), theme, next(), buf);
    let top = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let rest = match app.situation.fault() {
        Some(fault) => waiting::fault(fault, theme, top, buf),
        None => waiting::load(
            &app.situation.finds,
            "looking for a Terraform state here",
            app.now,
            theme,
            top,
            buf,
        ),
    };
    let mut lines = rest.rows();
    for card in app.place_card().into_iter().chain(app.caller_card()) {
        write(&card, false, theme, &mut lines, buf);
    }
    lines.next();
    wrong(app, theme, &mut lines, buf);
    rule(
        "At a glance",
        "",
        theme,
        lines.next().unwrap_or_default(),
        buf,
    );
    for (number, card) in app.cards().into_iter().enumerate() {
        let here = number + app.shown_findings().len() == app.situation.cursor.row();
        write(&card, here, theme, &mut lines, buf);
    }
    if let Some(card) = app.readiness_card() {
        write(&card, false, theme, &mut lines, buf);
    }
}

/// The findings, the worst first, each with the runbook that leads on.
fn wrong(app: &App, theme: &Theme, lines: &mut impl Iterator<Item = Rect>, buf: &mut Buffer) {
    let (findings, blind) = (app.shown_findings(), app.blind_spots());
    let more = app.findings().len() - findings.len();
    if app.locks.standing().is_none() && findings.is_empty() {
        return;
    }
    let mut aside = Vec::new();
    if more > 0 {
        aside.push(format!("{more} more in tfsos check"));
    }
    if blind > 0 {
        aside.push(format!("◌ {blind} not seen"));
    }
    let line = lines.next().unwrap_or_default();
    rule("What is wrong", &aside.join(" · "), theme, line, buf);
    if findings.is_empty() {
        let (role, says) = match blind {
            0 => (Role::Fine, " ✔ nothing is known to be wrong"),
            _ => (Role::Unknown, " ◌ nothing of what could be looked at"),
        };
        let line = lines.next().unwrap_or_default();
        fitted(vec![Piece::new(role, says.to_owned())], theme, line, buf);
    }
    for (number, finding) in findings.iter().enumerate() {
        let Some(line) = lines.next() else { return };
        let here = number == app.situation.cursor.row();
        let (role, glyph) = sign(finding.severity);
        let role = if here { Role::Selected } else { role };
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
        let arrow = if here { "▸" } else { " " };
        let claim = visible(&finding.claim);
        let mut pieces = vec![Piece::new(role, format!("{arrow}{glyph} {claim}"))];
        if let Some(id) = finding.runbook {
            let faint = if here { Role::Selected } else { Role::Faint };
            pieces.push(Piece::new(faint, format!("   r {id}")).rank(1));
        }
        fitted(pieces, theme, line, buf);
    }
    lines.next();
}

fn places(app: &App) -> String {
    let count = app
        .situation
        .finds
        .shown()
        .map_or(0, |finds| finds.found.len());
    match (count, app.situation.selected()) {
        (0 | 1, _) => String::new(),
        (count, Some(number)) => format!("{} of {count} places · p choose", number + 1),
        (count, None) => format!("{count} places · p choose"),
    }
}

/// The card's row and those below it.
fn write(
    card: &Card,
    here: bool,
    theme: &Theme,
    lines: &mut impl Iterator<Item = Rect>,
    buf: &mut Buffer,
) {
    let Some(line) = lines.next() else { return };
    if here {
        buf.set_style(line, theme.style(Role::Selected));
    }
    let arrow = if here { "▸" } else { " " };
    let gap = " ".repeat(LABEL.saturating_sub(width(card.label) + 1));
    let mut pieces = vec![Piece::new(
        if here { Role::Selected } else { Role::Faint },
        format!("{arrow}{}{gap} ", card.label),
    )];
    for (number, (role, text)) in card.pieces.iter().enumerate() {
        let role = if here { Role::Selected } else { *role };
        pieces.push(
            Piece::new(role, visible(text).into_owned())
                .rank(u8::try_from(number).unwrap_or(u8::MAX)),
        );
    }
    fitted(pieces, theme, line, buf);
    for ((role, text), line) in card.more.iter().zip(lines) {
        let text = format!("{:LABEL$} {}", "", visible(text));
        fitted(vec![Piece::new(*role, text)], theme, line, buf);
    }
}
