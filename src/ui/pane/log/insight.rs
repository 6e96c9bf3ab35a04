//! What the logs come to: as a strip beneath the records, and as pages in
//! their place.
//!
//! ```text
//! ── calls ──────────────── n ─ err ─ thr ── p95 ─┬─ slowest ─────────────┬─ running ──────
//!  ec2 DescribeInstances  1,245   212   212  1.9 s │ aws_instance.web[47]  │ –
//! ```

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{chart, runs};
use crate::app::pane::log::{CallRow, LogPane, Page, WorkRow};
use crate::app::role::Role;
use crate::app::text::{clip, clip_middle, count, span, visible, width};
use crate::log::{Millis, Outcome};
use crate::ui::part::{Piece, fitted, spread};
use crate::ui::theme::Theme;

/// From this width on the page of the calls has all of its columns.
const ALL_COLUMNS: u16 = 100;

/// What the name of a call takes there.
const NAME: usize = 30;

/// What the table of calls takes in the strip.
const CALLS: u16 = 50;

/// The tables beneath the records.
pub fn strip(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let rest = area.width.saturating_sub(CALLS);
    let left = Rect {
        width: CALLS,
        ..area
    };
    let middle = Rect {
        x: left.right(),
        width: rest / 2,
        ..area
    };
    let right = Rect {
        x: middle.right(),
        width: rest - rest / 2,
        ..area
    };
    let figures = pane.insight().figures();
    head("calls", "n ─ err ─ thr ─── p95", theme, left, buf);
    head("slowest", "", theme, beside(middle), buf);
    head("running", "", theme, beside(right), buf);
    join(middle, theme, buf);
    join(right, theme, buf);
    let lines = |area: Rect| area.rows().skip(1);
    for (call, line) in figures.calls.iter().zip(lines(left)) {
        fitted(call_in_short(call), theme, line, buf);
    }
    for (work, line) in figures.slowest.iter().zip(lines(beside(middle))) {
        work_in_short(work, theme, line, buf);
    }
    if figures.running.is_empty() {
        let line = lines(beside(right)).next().unwrap_or_default();
        fitted(vec![Piece::new(Role::Faint, " –")], theme, line, buf);
    }
    for (work, line) in figures.running.iter().zip(lines(beside(right))) {
        work_in_short(work, theme, line, buf);
    }
}

/// The area without the line that parts it from its neighbor.
fn beside(area: Rect) -> Rect {
    Rect {
        x: area.x + 1.min(area.width),
        width: area.width.saturating_sub(1),
        ..area
    }
}

fn head(title: &str, columns: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let line = Rect { height: 1, ..area };
    let rule = "─".repeat(usize::from(area.width));
    fitted(vec![Piece::new(Role::Rule, rule)], theme, line, buf);
    let inner = Rect {
        x: line.x + 1.min(line.width),
        width: line.width.saturating_sub(2),
        ..line
    };
    let title = Piece::new(Role::Title, format!(" {title} "));
    let columns = match columns {
        "" => inner,
        columns => {
            let taken = (width(columns) as u16 + 2).min(inner.width);
            let at = Rect {
                x: inner.right() - taken,
                width: taken,
                ..inner
            };
            let columns = format!(" {columns} ");
            fitted(vec![Piece::new(Role::Faint, columns)], theme, at, buf);
            Rect {
                width: inner.width - taken,
                ..inner
            }
        }
    };
    fitted(vec![title], theme, columns, buf);
}

/// The line down between two tables.
fn join(area: Rect, theme: &Theme, buf: &mut Buffer) {
    for (number, line) in area.rows().enumerate() {
        let sign = if number == 0 { "┬" } else { "│" };
        fitted(vec![Piece::new(Role::Rule, sign)], theme, line, buf);
    }
}

fn call_in_short(call: &CallRow) -> Vec<Piece<'static>> {
    let name = format!("{} {}", call.service, call.operation);
    let name = visible(&name).into_owned();
    let name = clip(&name, 22).into_owned();
    vec![
        Piece::new(Role::Text, format!(" {name}{}", gap(&name, 22))),
        Piece::new(Role::Text, format!("{:>7}", count(call.calls))),
        number(call.errors, Role::Critical, 6),
        number(call.throttles, Role::Warning, 6),
        Piece::new(
            Role::Faint,
            format!("{:>7}", call.took[1].map(millis).unwrap_or_default()),
        ),
    ]
}

fn gap(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}

/// A count that is worth a color only where there is one.
fn number(value: u64, role: Role, columns: usize) -> Piece<'static> {
    let role = if value == 0 { Role::Faint } else { role };
    Piece::new(role, format!("{:>columns$}", count(value)))
}

/// `612 ms`, `1.9 s`, `8 m 15 s`.
fn millis(millis: u32) -> String {
    took(u64::from(millis))
}

pub fn took(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis / 100 % 10),
        _ => span(SignedDuration::from_secs(
            i64::try_from(millis / 1_000).unwrap_or(i64::MAX),
        )),
    }
}

fn work_in_short(work: &WorkRow, theme: &Theme, line: Rect, buf: &mut Buffer) {
    let right = format!(
        " {} {} ",
        work.took.map(took).unwrap_or_default(),
        work.act.word()
    );
    let room = usize::from(line.width).saturating_sub(width(&right) + 1);
    let address = visible(&work.address).into_owned();
    let left = vec![Piece::new(
        role(work.outcome),
        format!(" {}", clip_middle(&address, room)),
    )];
    spread(left, vec![Piece::new(Role::Faint, right)], theme, line, buf);
}

/// The color of how work ended.
pub fn role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::Done => Role::Text,
        Outcome::Failed => Role::Critical,
        Outcome::Unfinished => Role::Warning,
        Outcome::Running => Role::Busy,
    }
}

/// The page in the place of the records.
pub fn page(pane: &LogPane, shown: Page, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(line) = area.rows().next() else {
        return;
    };
    let tabs = Page::ALL.map(|one| {
        let role = if one == shown {
            Role::TabActive
        } else {
            Role::TabIdle
        };
        Piece::new(role, format!(" {} ", one.word()))
    });
    let keys = vec![Piece::new(
        Role::Faint,
        "tab next  enter open  esc records ",
    )];
    spread(tabs.to_vec(), keys, theme, line, buf);
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    match shown {
        Page::Calls => calls(pane, theme, body, buf),
        Page::Work => work(pane, theme, body, buf),
        Page::Timeline => chart::timeline(pane, theme, body, buf),
        Page::Rate => chart::rate(pane, theme, body, buf),
        Page::Runs => runs::draw(pane, theme, body, buf),
    }
}

/// Says that a page has nothing to show.
pub fn nothing(sentence: &'static str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    fitted(vec![Piece::new(Role::Faint, sentence)], theme, area, buf);
}

/// The lines of the page's table that are on screen, with whether the cursor is there.
pub fn lines<'a, T>(
    pane: &LogPane,
    rows: impl Iterator<Item = T> + 'a,
    area: Rect,
) -> impl Iterator<Item = (T, bool, Rect)> + 'a {
    let cursor = *pane.insight().cursor();
    let shown = rows.enumerate().skip(cursor.top());
    let lines: Vec<Rect> = area.rows().collect();
    shown
        .zip(lines)
        .map(move |((number, row), line)| (row, number == cursor.row(), line))
}

/// A row of a table, painted where the cursor is.
pub fn painted(
    mut pieces: Vec<Piece<'_>>,
    here: bool,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    if here {
        buf.set_style(line, theme.style(Role::Selected));
        for piece in &mut pieces {
            piece.role = Role::Selected;
        }
    }
    fitted(pieces, theme, line, buf);
}

fn calls(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let figures = pane.insight().figures();
    let (top, rest) = split(area);
    if figures.calls.is_empty() {
        return nothing(
            " no API call here: providers and the S3 backend tell theirs at DEBUG",
            theme,
            area,
            buf,
        );
    }
    let wide = area.width >= ALL_COLUMNS;
    let tail = if wide {
        format!("{:>7}{:>9}{:>9}{:>9}", "retry", "p50", "p95", "max")
    } else {
        format!("{:>9}", "p95")
    };
    let head = format!("{:>8}{:>7}{:>7}", "calls", "err", "thr");
    let title = format!("   {:<NAME$}{head}{tail}  codes", "operation");
    fitted(vec![Piece::new(Role::Faint, title)], theme, top, buf);
    for (call, here, line) in lines(pane, figures.calls.iter(), rest) {
        painted(call_in_full(call, here, wide), here, theme, line, buf);
    }
}

/// The row of a table's titles, and what is below it.
fn split(area: Rect) -> (Rect, Rect) {
    let rest = Rect {
        y: area.y + 1.min(area.height),
        height: area.height.saturating_sub(1),
        ..area
    };
    (
        Rect {
            height: 1.min(area.height),
            ..area
        },
        rest,
    )
}

fn call_in_full(call: &CallRow, here: bool, wide: bool) -> Vec<Piece<'static>> {
    let name = format!("{}.{}", call.service, call.operation);
    let name = visible(&name).into_owned();
    let name = clip(&name, NAME).into_owned();
    let mut pieces = vec![
        Piece::new(Role::Mark, if here { " ▸ " } else { "   " }),
        Piece::new(Role::Text, format!("{name}{}", gap(&name, NAME))),
        Piece::new(Role::Text, format!("{:>8}", count(call.calls))),
        number(call.errors, Role::Critical, 7),
        number(call.throttles, Role::Warning, 7),
    ];
    if wide {
        pieces.push(number(call.retries, Role::Warning, 7));
    }
    let shown = if wide { 0..3 } else { 1..2 };
    pieces.extend(call.took[shown].iter().map(|took| {
        let text = took.map(millis).unwrap_or_default();
        Piece::new(Role::Faint, format!("{text:>9}"))
    }));
    let codes = visible(&call.codes).into_owned();
    pieces.push(Piece::new(Role::Warning, format!("  {codes}")));
    pieces
}

fn work(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let figures = pane.insight().figures();
    if figures.work().next().is_none() {
        return nothing(" no work on resources is in these logs", theme, area, buf);
    }
    for (work, here, line) in lines(pane, figures.work(), area) {
        painted(work_in_full(work, here, line.width), here, theme, line, buf);
    }
}

fn work_in_full(work: &WorkRow, here: bool, columns: u16) -> Vec<Piece<'static>> {
    let room = usize::from(columns).saturating_sub(48).max(16);
    let address = visible(&work.address).into_owned();
    let address = clip_middle(&address, room).into_owned();
    let sign = match work.outcome {
        Outcome::Done => "✔",
        Outcome::Failed => "✖",
        Outcome::Unfinished => "▲",
        Outcome::Running => "⟳",
    };
    vec![
        Piece::new(Role::Mark, if here { " ▸ " } else { "   " }),
        Piece::new(
            role(work.outcome),
            format!("{sign} {address}{}", gap(&address, room)),
        ),
        Piece::new(
            Role::Text,
            format!("{:>11}", work.took.map(took).unwrap_or_default()),
        ),
        Piece::new(Role::Text, format!("  {:<8}", work.act.word())),
        Piece::new(role(work.outcome), format!("{:<11}", work.outcome.word())),
        Piece::new(Role::Stamp, clock(work.began)).rank(1),
    ]
}

/// The time of day in UTC.
pub fn clock(at: Option<Millis>) -> String {
    let at = at.and_then(Millis::timestamp);
    at.map(|at| at.strftime("%H:%M:%S").to_string())
        .unwrap_or_default()
}
