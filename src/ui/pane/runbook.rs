//! ```text
//! ── state-lock · Release a stale state lock ──── 2/8 · 4 m ──┬─ context ──────────────
//!  ✔ 1  Read who holds it                             00:08   │ Lock  ▲ held 1 h 16 m
//! ▸◐ 2  Is the holder still running?                    3 m   │ State ✔ serial 412
//!       On the host eng-laptop:                               │
//!   y ┆ pgrep -af 'terraform|tofu'                            │ 02:13Z asked in #platform
//!  ○ 3  Ask the team                                          │
//! ```

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::arrange::Area;
use crate::app::pane::runbook::reading::{Reading, columns};
use crate::app::pane::runbook::script::{ScriptRow, gathered};
use crate::app::role::Role;
use crate::app::situation::Card;
use crate::app::text::{ago, span, visible, wrap};
use crate::runbook::{Entry, Hit, Origin, Progress, Severity, Status, StepNo, Track};
use crate::ui::part::{Piece, fitted, rule, spread, waiting};
use crate::ui::theme::Theme;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    match app.runbooks.reading() {
        Some(reading) => page(app, reading, theme, area, buf),
        None => list(app, theme, area, buf),
    }
}

fn list(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pane = &app.runbooks;
    let count = pane.load().shown().map_or(0, |shelf| shelf.entries().len());
    let remark = match (pane.query(), pane.faults().count()) {
        ("", 0) => String::new(),
        ("", faults) => format!("▲ {faults} not read"),
        _ => format!("{} of {count}", pane.list().count()),
    };
    let title = match pane.query() {
        "" => "runbooks".to_owned(),
        query => format!("runbooks · {}", visible(query)),
    };
    rule(&title, &remark, theme, area, buf);
    let rest = below(area, 1);
    let rest = waiting::load(
        pane.load(),
        "reading the runbooks",
        app.now,
        theme,
        rest,
        buf,
    );
    let (list, mut told) = split_below(rest, pane.fault_rows(area.height));
    let mut lines = list.rows();
    if pane.load().shown().is_some() && pane.list().next().is_none() {
        let sentence = " no runbook matches · esc shows all";
        fitted(
            vec![Piece::new(Role::Faint, sentence)],
            theme,
            lines.next().unwrap_or_default(),
            buf,
        );
    }
    for (number, row) in pane.list().enumerate().skip(pane.cursor.top()) {
        let Some(line) = lines.next() else { break };
        entry(app, row, number == pane.cursor.row(), theme, line, buf);
    }
    for fault in pane.faults() {
        told = waiting::fault(fault, theme, told, buf);
    }
}

fn entry(
    app: &App,
    (entry, hit, run): (&Entry, &Hit, Option<&Progress>),
    here: bool,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let text = if here { Role::Selected } else { Role::Text };
    let faint = if here { Role::Selected } else { Role::Faint };
    if here {
        buf.set_style(line, theme.style(Role::Selected));
    }
    let (sign, role) = match entry.page.severity {
        Severity::Critical => ("✖", Role::Critical),
        Severity::Warning => ("▲", Role::Warning),
        Severity::Info => ("●", Role::Note),
    };
    // What nothing here leads to alarms nobody.
    let called_for = app.runbooks.is_called_for(&entry.page.id);
    let sign_role = match (here, called_for) {
        (true, _) => text,
        (false, true) => role,
        (false, false) => Role::Faint,
    };
    let mut left = vec![
        Piece::new(text, if here { "▸" } else { " " }),
        Piece::new(sign_role, format!("{sign} ")),
    ];
    left.extend(title(&entry.page.title, &hit.title, text));
    let mut right = vec![Piece::new(faint, format!("  {} ", entry.page.id)).rank(2)];
    let origin = match entry.origin {
        Origin::BuiltIn => "",
        Origin::Own => "yours ",
        Origin::Team => "team ",
    };
    right.insert(0, Piece::new(faint, origin).rank(3));
    if called_for {
        let role = if here { text } else { Role::Mark };
        right.insert(0, Piece::new(role, "  found here ").rank(1));
    }
    if let Some(run) = run.filter(|run| !run.is_finished()) {
        let begun = format!(
            "  {}/{} begun {}",
            run.settled(),
            run.steps.len(),
            ago(app.now, run.started)
        );
        right.insert(
            0,
            Piece::new(if here { text } else { Role::Note }, begun).rank(1),
        );
    }
    spread(left, right, theme, line, buf);
}

/// The title with the letters that were searched for.
fn title<'a>(title: &str, matched: &[usize], text: Role) -> Vec<Piece<'a>> {
    let mut pieces: Vec<(Role, String)> = Vec::new();
    for (at, letter) in title.chars().enumerate() {
        let role = if matched.contains(&at) {
            Role::Match
        } else {
            text
        };
        match pieces.last_mut() {
            Some((of, piece)) if *of == role => piece.push(letter),
            _ => pieces.push((role, letter.to_string())),
        }
    }
    let piece = |(role, piece): (Role, String)| Piece::new(role, visible(&piece).into_owned());
    pieces.into_iter().map(piece).collect()
}

fn page(app: &App, reading: &Reading, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (left, right) = columns(Area::new(area.x, area.y, area.width, area.height));
    let left = rect(left);
    let progress = &reading.progress;
    let settled = format!("{}/{}", progress.settled(), progress.steps.len());
    let remark = match progress.seconds(app.now) / 60 {
        0 => settled,
        minutes => format!("{settled} · {}", span(SignedDuration::from_mins(minutes))),
    };
    let title = format!("{} · {}", reading.page.id, visible(&reading.page.title));
    rule(&title, &remark, theme, left, buf);
    for (row, line) in reading.rows().iter().zip(below(left, 1).rows()) {
        match row {
            ScriptRow::Title(step) => step_title(app, reading, *step, theme, line, buf),
            ScriptRow::Text(pieces) => {
                let pieces = pieces
                    .iter()
                    .map(|(role, text)| Piece::new(*role, text.as_str()));
                fitted(pieces.collect(), theme, line, buf);
            }
        }
    }
    match right {
        Some(right) => context(app, reading, theme, rect(right), buf),
        None => last_row(app, reading, theme, left, buf),
    }
}

fn step_title(
    app: &App,
    reading: &Reading,
    number: StepNo,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let here = number == reading.step();
    let (Some(step), Some(track)) = (reading.page.step(number), reading.progress.track(number))
    else {
        return;
    };
    let (sign, role) = match track.status {
        Status::Todo => ("○", Role::Faint),
        Status::Doing => ("◐", Role::Busy),
        Status::Done => ("✔", Role::Fine),
        Status::Skipped => ("–", Role::Faint),
        Status::Failed => ("✖", Role::Critical),
    };
    let text = if here { Role::Selected } else { Role::Text };
    if here {
        buf.set_style(line, theme.style(Role::Selected));
    }
    let left = vec![
        Piece::new(text, if here { "▸" } else { " " }),
        Piece::new(
            if here { text } else { role },
            format!("{sign} {number:<2} "),
        ),
        Piece::new(text, visible(&step.title).into_owned()),
    ];
    let mut right = Vec::new();
    let faint = if here { text } else { Role::Faint };
    if step.danger().is_some() {
        right.push(Piece::new(if here { text } else { Role::Warning }, " ▲ danger ").rank(2));
    }
    let noted = track.notes.len() + track.evidence.len();
    if noted > 0 && !here {
        right.push(Piece::new(faint, format!(" {noted} noted ")).rank(3));
    }
    right.push(Piece::new(faint, time(app, track)).rank(1));
    spread(left, right, theme, line, buf);
}

/// Exact once the clock stands; by the minute while it runs, so that nothing has to wake for it.
fn time(app: &App, track: &Track) -> String {
    let seconds = track.seconds(app.now);
    match track.status {
        _ if seconds == 0 => String::new(),
        Status::Doing if seconds < 60 => "  now ".to_owned(),
        Status::Doing => format!("  {} ", span(SignedDuration::from_secs(seconds / 60 * 60))),
        Status::Todo | Status::Done | Status::Skipped | Status::Failed => {
            format!("  {:02}:{:02} ", seconds / 60, seconds % 60)
        }
    }
}

/// What is known, beside the steps: so that nobody has to leave the page to decide.
fn context(app: &App, reading: &Reading, theme: &Theme, area: Rect, buf: &mut Buffer) {
    rule("context", "", theme, area, buf);
    let mut lines = below(area, 1).rows();
    let mut write = |pieces: Vec<Piece<'_>>| {
        let Some(line) = lines.next() else { return };
        buf.set_stringn(line.x, line.y, "│", 1, theme.style(Role::Rule));
        let room = Rect {
            x: line.x + 2.min(line.width),
            width: line.width.saturating_sub(2),
            ..line
        };
        fitted(pieces, theme, room, buf);
    };
    for card in app.cards_beside() {
        write(card_pieces(&card));
    }
    write(Vec::new());
    let tracks = reading.progress.steps.iter().enumerate();
    let mut all: Vec<_> = tracks
        .flat_map(|(index, track)| {
            let of_step = move |(at, mark, text)| (at, StepNo::at(index), mark, text);
            gathered(track).into_iter().map(of_step)
        })
        .collect();
    all.sort_by_key(|(at, ..)| *at);
    let columns = usize::from(area.width).saturating_sub(13);
    for (at, step, mark, text) in &all {
        let at = at.strftime("%H:%MZ").to_string();
        for (number, row) in wrap(&visible(text), columns).into_iter().enumerate() {
            let lead = if number == 0 {
                format!("{at} {step:<2}{mark}")
            } else {
                " ".repeat(10)
            };
            write(vec![
                Piece::new(Role::Faint, format!("{lead} ")),
                Piece::new(Role::Note, row),
            ]);
        }
    }
    if all.is_empty() {
        let sentence = "nothing noted yet · n writes a note, g elsewhere pins evidence";
        for row in wrap(sentence, columns + 9) {
            write(vec![Piece::new(Role::Faint, row)]);
        }
    }
    for _ in 0..area.height {
        write(Vec::new());
    }
}

fn card_pieces(card: &Card) -> Vec<Piece<'_>> {
    let mut pieces = vec![Piece::new(Role::Faint, format!("{:<9} ", card.label))];
    for (number, (role, text)) in card.pieces.iter().enumerate() {
        let rank = u8::try_from(number).unwrap_or(u8::MAX);
        pieces.push(Piece::new(*role, visible(text).into_owned()).rank(rank));
    }
    pieces
}

/// Where there is no room beside, the lock and the state stand in the last row.
fn last_row(app: &App, reading: &Reading, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let line = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    let cards = app.cards_beside();
    let mut pieces = vec![Piece::new(Role::Rule, " ")];
    for (number, card) in cards.iter().take(2).enumerate() {
        let rank = if number == 0 { 0 } else { 2 };
        let role = card.pieces.first().map_or(Role::Faint, |(role, _)| *role);
        let known: String = card.pieces.iter().map(|(_, text)| text.as_str()).collect();
        let text = format!("{} {}   ", card.label, visible(&known));
        pieces.push(Piece::new(role, text).rank(rank));
    }
    let more = if reading.goes_on() { "▾ more " } else { "" };
    let right = vec![Piece::new(Role::Faint, more).rank(1)];
    spread(pieces, right, theme, line, buf);
}

/// The area without its last rows, and those but for the first, which parts the two.
fn split_below(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let list = Rect {
        height: area.height - rows,
        ..area
    };
    (list, below(area, list.height + rows.min(1)))
}

fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}
