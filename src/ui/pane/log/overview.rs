//! The density bar above the records and the scroll bar beside them. Height is
//! how many, color the worst; the worst has a sign of its own in the ticks, so
//! nothing hangs on color alone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::pane::log::{LogPane, Sign, Tick};
use crate::app::role::Role;
use crate::log::{Bucket, Level, Millis};
use crate::ui::part::{Piece, fitted};
use crate::ui::theme::Theme;

const HEIGHTS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// ` 01:10 ▁▂▅█▂ 02:14`.
pub fn density(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let spans = pane.files().iter().filter_map(|file| file.index.span());
    let whole = spans.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)));
    let Some((first, last)) = whole else { return };
    let most = pane
        .overview()
        .density()
        .iter()
        .map(|bucket| bucket.records);
    let most = most.max().unwrap_or(0);
    let format = if last.0 - first.0 < DAY {
        "%H:%M"
    } else {
        "%m-%d"
    };
    let time = |at: Millis| {
        let shown = at.timestamp().map(|at| at.strftime(format).to_string());
        shown.unwrap_or_else(|| "  -  ".to_owned())
    };
    let mut pieces = vec![Piece::new(Role::Stamp, format!(" {} ", time(first)))];
    let buckets = pane.overview().density().iter();
    pieces.extend(buckets.map(|bucket| Piece::new(color(*bucket), height(*bucket, most))));
    pieces.push(Piece::new(Role::Stamp, format!(" {} ", time(last))));
    fitted(pieces, theme, area, buf);
}

/// A day in milliseconds: a longer log is dated by days.
const DAY: i64 = 86_400_000;

fn height(bucket: Bucket, most: u32) -> &'static str {
    if bucket.records == 0 {
        return " ";
    }
    let eighth = u64::from(bucket.records) * 7 / u64::from(most.max(1));
    HEIGHTS[eighth as usize % HEIGHTS.len()]
}

fn color(bucket: Bucket) -> Role {
    match bucket.worst {
        Some(Level::Error) => Role::LevelError,
        Some(Level::Warn) => Role::LevelWarn,
        _ => Role::Bar,
    }
}

/// `│`, `┃` where the screen is, a sign in their place for a hit or a bookmark,
/// and beside them the worst level.
pub fn scroll_bar(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let thumb = pane.overview().thumb();
    for (number, line) in area.rows().enumerate() {
        let ticks = pane.overview().ticks();
        let tick = ticks.get(number).copied().unwrap_or_default();
        let pieces = vec![bar(tick, thumb.contains(&number)), worst(tick)];
        fitted(pieces, theme, line, buf);
    }
}

/// On the thumb a sign is told by the thumb's own color.
fn bar(tick: Tick, on_thumb: bool) -> Piece<'static> {
    match (tick.sign, on_thumb) {
        (Some(_), true) => Piece::new(Role::Mark, "┃"),
        (None, true) => Piece::new(Role::Bar, "┃"),
        (Some(Sign::Bookmark), false) => Piece::new(Role::Mark, "●"),
        (Some(Sign::Hit), false) => Piece::new(Role::Mark, "▪"),
        (None, false) => Piece::new(Role::Rule, "│"),
    }
}

fn worst(tick: Tick) -> Piece<'static> {
    match tick.worst {
        Some(Level::Error) => Piece::new(Role::Critical, "✖"),
        Some(Level::Warn) => Piece::new(Role::Warning, "▲"),
        _ => Piece::new(Role::Rule, " "),
    }
}
