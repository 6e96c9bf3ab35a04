//! ```text
//! ── Place ─────────────────────────────────────────────────────
//!  s3 · bucket acme-tfstate · key prod/network/terraform.tfstate
//! ── What is wrong ─────────────────────────────────────────────
//!  ✖ STATE     the state does not parse: no run can start      4 signs
//!              it ends in the middle of a string    r state-corrupt
//! ── At a glance ───────────────────────────────────────────────
//! ▸Lock      ▲ held 1 h 16 m by ci@runner-12 for apply
//!  State     ✔ serial 412 · 231 resources · 119 KB
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::analysis::Finding;
use crate::app::App;
use crate::app::role::Role;
use crate::app::situation::Card;
use crate::app::text::{clip, visible, width};
use crate::app::wrong::{kind, sign};
use crate::ui::part::{Piece, fitted, rule, spread, waiting};
use crate::ui::theme::Theme;

/// The label's column.
const LABEL: usize = 12;
/// The column of what a finding is about.
const KIND: usize = 10;
/// In fewer columns a second line would hold next to nothing.
const NARROWEST: usize = 60;

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
    wrong(app, room_for(app, rest), theme, &mut lines, buf);
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

/// How many findings, the worst first, can have a second line without pushing anything out.
fn room_for(app: &App, area: Rect) -> usize {
    if usize::from(area.width) < NARROWEST {
        return 0;
    }
    let cards = app.place_card().into_iter().chain(app.caller_card());
    let cards = cards.chain(app.cards()).chain(app.readiness_card());
    let cards: usize = cards.map(|card| 1 + card.more.len()).sum();
    // Two rules, a blank line above each, and one at the end.
    let taken = cards + 5 + app.shown_findings().len();
    usize::from(area.height).saturating_sub(taken)
}

/// The findings, the worst first, each with the runbook that leads on.
fn wrong(
    app: &App,
    detailed: usize,
    theme: &Theme,
    lines: &mut impl Iterator<Item = Rect>,
    buf: &mut Buffer,
) {
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
        let here = number == app.situation.cursor.row();
        let Some(line) = lines.next() else { return };
        if number < detailed {
            let Some(below) = lines.next() else { return };
            in_two(finding, here, theme, (line, below), buf);
        } else {
            in_one(finding, here, theme, line, buf);
        }
    }
    lines.next();
}

/// The claim and the page that leads on, where there is no room for more.
fn in_one(finding: &Finding, here: bool, theme: &Theme, line: Rect, buf: &mut Buffer) {
    let (role, glyph) = sign(finding.severity);
    let chosen = |role| if here { Role::Selected } else { role };
    if here {
        buf.set_style(line, theme.style(Role::Selected));
    }
    let arrow = if here { "▸" } else { " " };
    let about = if usize::from(line.width) < NARROWEST {
        String::new()
    } else {
        format!("{:KIND$}", kind(finding.id))
    };
    let mut pieces = vec![
        Piece::new(chosen(role), format!("{arrow}{glyph} ")),
        Piece::new(chosen(Role::Title), about),
        Piece::new(chosen(role), visible(&finding.claim)),
    ];
    if let Some(id) = finding.runbook {
        pieces.push(Piece::new(chosen(Role::Faint), format!("   r {id}")).rank(1));
    }
    fitted(pieces, theme, line, buf);
}

/// What it is about and the claim; below them what that rests on, as far as it fits.
fn in_two(
    finding: &Finding,
    here: bool,
    theme: &Theme,
    (line, below): (Rect, Rect),
    buf: &mut Buffer,
) {
    let (role, glyph) = sign(finding.severity);
    let chosen = |role| if here { Role::Selected } else { role };
    if here {
        buf.set_style(line, theme.style(Role::Selected));
        buf.set_style(below, theme.style(Role::Selected));
    }
    let arrow = if here { "▸" } else { " " };
    let claim = visible(&finding.claim);
    let left = vec![
        Piece::new(chosen(role), format!("{arrow}{glyph} ")),
        Piece::new(chosen(Role::Title), format!("{:KIND$}", kind(finding.id))).rank(1),
        Piece::new(chosen(role), claim),
    ];
    let signs = match finding.evidence.len() {
        0 => String::new(),
        1 => " 1 sign ".to_owned(),
        signs => format!(" {signs} signs "),
    };
    let right = vec![Piece::new(chosen(Role::Faint), signs).rank(2)];
    spread(left, right, theme, line, buf);
    let lead = finding.runbook.map(|id| format!("  r {id} "));
    let lead = lead.unwrap_or_default();
    let room = usize::from(below.width).saturating_sub(3 + KIND + width(&lead));
    let told = finding.evidence.join(" · ");
    let told = clip(&visible(&told), room).into_owned();
    let left = Piece::new(chosen(Role::Text), format!("{:1$}{told}", "", 3 + KIND));
    let right = Piece::new(chosen(Role::Faint), lead);
    spread(vec![left], vec![right], theme, below, buf);
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

/// A row whose last words say a key: they stay, and what stands before them gives way.
fn fitted_before(
    mut pieces: Vec<Piece<'_>>,
    key: &'static str,
    here: bool,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let key = Piece::new(if here { Role::Selected } else { Role::Faint }, key);
    let wide: usize = pieces
        .iter()
        .chain([&key])
        .map(|piece| width(&piece.text))
        .sum();
    if wide <= usize::from(line.width) {
        pieces.push(key);
        return fitted(pieces, theme, line, buf);
    }
    spread(pieces, vec![key], theme, line, buf);
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
    match card.key {
        Some(key) => fitted_before(pieces, key, here, theme, line, buf),
        None => fitted(pieces, theme, line, buf),
    }
    for ((role, text), line) in card.more.iter().zip(lines) {
        let text = format!("{:LABEL$} {}", "", visible(text));
        fitted(vec![Piece::new(*role, text)], theme, line, buf);
    }
}
