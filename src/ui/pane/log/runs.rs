//! The runs that the logs hold, one a line, and beneath them the words of the
//! one under the cursor with what is risky about them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::insight::{clock, lines, nothing, painted, took};
use crate::app::pane::log::{LogPane, RunRow};
use crate::app::role::Role;
use crate::app::text::{visible, wrap};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

pub fn draw(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let runs = &pane.insight().figures().runs;
    let cursor = pane.insight().cursor();
    let Some(run) = runs.get(cursor.row()) else {
        return nothing(
            " no run says how it was started: TF_LOG=INFO does",
            theme,
            area,
            buf,
        );
    };
    let about = about(run, usize::from(area.width).saturating_sub(4));
    let list = runs.len().min(cursor.height()) as u16;
    let below = Rect {
        y: area.y + (list + 1).min(area.height),
        height: area.height.saturating_sub(list + 1),
        ..area
    };
    let above = Rect {
        height: list.min(area.height),
        ..area
    };
    for (run, here, line) in lines(pane, runs.iter(), above) {
        painted(in_short(run, here), here, theme, line, buf);
    }
    for ((role, text), line) in about.into_iter().zip(below.rows()) {
        fitted(
            vec![Piece::new(role, format!("   {text}"))],
            theme,
            line,
            buf,
        );
    }
}

fn in_short(run: &RunRow, here: bool) -> Vec<Piece<'static>> {
    let (number, count) = run.number;
    let lasted = run.began.zip(run.last);
    let lasted = lasted.and_then(|(began, last)| u64::try_from(last.0 - began.0).ok());
    let risks: Vec<&str> = run.risks.iter().map(|risk| risk.option()).collect();
    let risks = if risks.is_empty() {
        String::new()
    } else {
        format!("  ▲ {}", risks.join(" "))
    };
    vec![
        Piece::new(Role::Mark, if here { " ▸ " } else { "   " }),
        Piece::new(Role::Text, format!("{:>5}", format!("{number}/{count}"))),
        Piece::new(Role::Stamp, format!("  {:<8}", clock(run.began))),
        Piece::new(Role::Strong, format!("  {:<9}", visible(&run.verb))),
        Piece::new(
            Role::Text,
            format!("{:>10}", lasted.map(took).unwrap_or_default()),
        ),
        Piece::new(
            Role::Faint,
            format!("  terraform {}", visible(&run.version)),
        )
        .rank(1),
        Piece::new(Role::Warning, risks),
    ]
}

fn about(run: &RunRow, columns: usize) -> Vec<(Role, String)> {
    let words = wrap(&visible(&run.words), columns);
    let mut rows: Vec<_> = words.into_iter().map(|row| (Role::Code, row)).collect();
    for risk in &run.risks {
        let text = format!("▲ {}: {}", risk.option(), risk.sentence());
        rows.extend(
            wrap(&text, columns)
                .into_iter()
                .map(|row| (Role::Warning, row)),
        );
    }
    rows
}
