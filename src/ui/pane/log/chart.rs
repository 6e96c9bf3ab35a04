//! Work on resources as bars along the time, and how often services were
//! asked. A sign says the outcome wherever a color does.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::insight::{clock, lines, nothing, role, took};
use crate::app::pane::log::{LogPane, WorkRow};
use crate::app::role::Role;
use crate::app::text::{clip_middle, count, visible, width};
use crate::log::{Millis, Outcome, Rate};
use crate::ui::part::{Piece, fitted, spread};
use crate::ui::theme::Theme;

/// What a duration takes at the right.
const TOOK: usize = 11;

/// The work of the latest run, each from its beginning to its end.
pub fn timeline(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let spans = &pane.insight().figures().spans;
    let Some((from, to)) = bounds(spans) else {
        return nothing(
            " no work with a beginning is in the latest run",
            theme,
            area,
            buf,
        );
    };
    let Some(axis) = area.rows().next() else {
        return;
    };
    let name = usize::from(area.width) / 3;
    let scale = Scale {
        from,
        length: (to - from).max(1),
        columns: usize::from(area.width).saturating_sub(name + 3 + TOOK),
    };
    let left = vec![Piece::new(
        Role::Stamp,
        format!("   {:name$}{}", "", clock(Some(Millis(from)))),
    )];
    let right = vec![Piece::new(
        Role::Stamp,
        format!("{}{:TOOK$}", clock(Some(Millis(to))), ""),
    )];
    spread(left, right, theme, axis, buf);
    let rest = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    for (work, here, line) in lines(pane, spans.iter(), rest) {
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
        fitted(bar_of(work, here, name, &scale), theme, line, buf);
    }
}

fn bounds(spans: &[WorkRow]) -> Option<(i64, i64)> {
    let from = spans.iter().filter_map(|work| work.began).min()?.0;
    let end = |work: &WorkRow| {
        Some(
            work.began?
                .0
                .saturating_add_unsigned(work.took.unwrap_or(0)),
        )
    };
    Some((from, spans.iter().filter_map(end).max()?))
}

/// Time in columns.
struct Scale {
    from: i64,
    length: i64,
    columns: usize,
}

impl Scale {
    fn column(&self, at: i64) -> usize {
        let part = i128::from(at - self.from) * self.columns as i128 / i128::from(self.length);
        usize::try_from(part)
            .unwrap_or(0)
            .min(self.columns.saturating_sub(1))
    }
}

fn bar_of(work: &WorkRow, here: bool, name: usize, scale: &Scale) -> Vec<Piece<'static>> {
    let began = work.began.map_or(scale.from, |at| at.0);
    let end = began.saturating_add_unsigned(work.took.unwrap_or(0));
    let (first, last) = (scale.column(began), scale.column(end));
    let address = visible(&work.address).into_owned();
    let address = clip_middle(&address, name.saturating_sub(1)).into_owned();
    let gap = " ".repeat(name.saturating_sub(width(&address)));
    let text = |role| if here { Role::Selected } else { role };
    let (bar, sign) = match work.outcome {
        Outcome::Done => (Role::Bar, ""),
        Outcome::Failed => (Role::Critical, "✖"),
        Outcome::Unfinished => (Role::Warning, "▲"),
        Outcome::Running => (Role::Busy, "▸"),
    };
    let long = last + 1 - first;
    let bar_text = format!("{}{sign}", "█".repeat(long - usize::from(!sign.is_empty())));
    let after = " ".repeat(scale.columns.saturating_sub(last + 1));
    vec![
        Piece::new(text(Role::Mark), if here { " ▸ " } else { "   " }),
        Piece::new(text(role(work.outcome)), format!("{address}{gap}")),
        Piece::new(text(Role::Text), " ".repeat(first)),
        Piece::new(bar, bar_text),
        Piece::new(text(Role::Text), after),
        Piece::new(
            text(Role::Faint),
            format!("{:>TOOK$}", work.took.map(took).unwrap_or_default()),
        ),
    ]
}

const HEIGHTS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// What the number at the left takes.
const LABEL: usize = 8;

/// How often services were asked along the time: height is requests, color the worst of them.
pub fn rate(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (stretch, rates) = &pane.insight().figures().rates;
    let (Some((first, _)), Some((last, _))) = (rates.first(), rates.last()) else {
        return nothing(
            " no API call here: providers and the S3 backend tell theirs at DEBUG",
            theme,
            area,
            buf,
        );
    };
    let columns = usize::from(area.width).saturating_sub(LABEL + 1);
    let rows = usize::from(area.height).saturating_sub(2);
    if columns == 0 || rows == 0 {
        return;
    }
    let length = last.0 - first.0 + stretch;
    let scale = Scale {
        from: first.0,
        length,
        // No finer than what was counted.
        columns: columns
            .min(usize::try_from(length / stretch.max(&1)).unwrap_or(1))
            .max(1),
    };
    let mut sums = vec![Rate::default(); scale.columns];
    for (at, rate) in rates {
        let sum = &mut sums[scale.column(at.0)];
        sum.requests += rate.requests;
        sum.errors += rate.errors;
        sum.throttles += rate.throttles;
    }
    let each = u64::try_from(length).unwrap_or(0) / scale.columns as u64;
    let each = took(each);
    let most = sums
        .iter()
        .map(|sum| sum.requests)
        .max()
        .unwrap_or(0)
        .max(1);
    let wide: Vec<Rate> = (0..columns)
        .map(|column| sums[column * scale.columns / columns])
        .collect();
    for (number, line) in area.rows().take(rows).enumerate() {
        fitted(row_of(&wide, most, (number, rows)), theme, line, buf);
    }
    let mut below = area.rows().skip(rows);
    let left = vec![Piece::new(
        Role::Stamp,
        format!("{:LABEL$} {}", "", clock(Some(*first))),
    )];
    let right = vec![Piece::new(Role::Stamp, format!("{} ", clock(Some(*last))))];
    spread(left, right, theme, below.next().unwrap_or_default(), buf);
    let legend = vec![
        Piece::new(Role::Faint, format!("{:LABEL$} requests in {each} · ", "")),
        Piece::new(Role::Warning, "▲ throttled"),
        Piece::new(Role::Faint, " · "),
        Piece::new(Role::Critical, "✖ other errors"),
    ];
    fitted(legend, theme, below.next().unwrap_or_default(), buf);
}

/// One row of the chart, from the top; the lowest carries the signs.
fn row_of(sums: &[Rate], most: u32, (number, rows): (usize, usize)) -> Vec<Piece<'static>> {
    let label = if number == 0 {
        count(u64::from(most))
    } else {
        String::new()
    };
    let mut pieces = vec![Piece::new(Role::Stamp, format!("{label:>LABEL$} "))];
    let below = (rows - 1 - number) * 8;
    pieces.extend(sums.iter().map(|sum| {
        let eighths = (u64::from(sum.requests) * rows as u64 * 8).div_ceil(u64::from(most));
        let here = usize::try_from(eighths)
            .unwrap_or(0)
            .saturating_sub(below)
            .min(8);
        let lowest = number + 1 == rows;
        match (sum.throttles, sum.errors) {
            (0, 0) => Piece::new(Role::Bar, HEIGHTS[here]),
            (0, _) => Piece::new(Role::Critical, if lowest { "✖" } else { HEIGHTS[here] }),
            _ => Piece::new(Role::Warning, if lowest { "▲" } else { HEIGHTS[here] }),
        }
    }));
    pieces
}
