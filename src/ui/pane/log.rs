//! ```text
//! ── terraform.log · level ≥ INFO · 1,204 hidden · "Throttl" 2/37 ────────── following ──
//!  01:10 ▁▁▂▁▁▃▂▁▁▁▁▂▁▁▁▁▁▂▄▆█▇▆▇▆▇██▇▆▅▇▆▇█▇▆▅▃▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ 02:14
//!  01:16:02.114 I core  Starting apply for aws_instance.web[47]                        │
//! ▸01:16:03.002 W aws   HTTP 503 RequestLimitExceeded  rpc.method=DescribeInstances    ┃▲
//!  01:16:44.871 E core  vertex "aws_instance.web[47]" error: operation error EC2   ⏎4  │✖
//! ```

mod chart;
mod guide;
mod insight;
mod overview;
mod record;
mod runs;
mod split;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::pane::log::{Followed, Hunt, LogPane};
use crate::app::role::Role;
use crate::app::text::{clip, count, span, visible, width};
use crate::log::Family;
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

use record::Here;

/// More sources are counted and not named.
const MOST_SOURCES: usize = 4;

/// The colors of the files, in their order; the letter beside says the same.
const SOURCES: [Role; 4] = [Role::SourceA, Role::SourceB, Role::SourceC, Role::SourceD];

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pane = &app.logs;
    let remark = remark(app);
    let room = usize::from(area.width).saturating_sub(width(&remark) + 12);
    rule(&title(pane, room), &remark, theme, area, buf);
    let mut rest = below(area, 1);
    if let Some(fault) = pane.fault() {
        rest = waiting::fault(fault, theme, rest, buf);
    }
    for (file, sentence) in pane.troubles().take(pane.overview().measure().troubles()) {
        let sentence = visible(&sentence).into_owned();
        let pieces = vec![
            Piece::new(Role::Warning, " ▲ "),
            Piece::new(Role::Strong, format!("{} ", visible(&file.name))),
            Piece::new(Role::Warning, sentence),
        ];
        fitted(pieces, theme, rest, buf);
        rest = below(rest, 1);
    }
    if pane.is_empty() {
        let rest = waiting::load(pane.found(), "looking for logs", app.now, theme, rest, buf);
        if pane.found().shown().is_some() || pane.found().fault().is_some() {
            guide::draw(pane, theme, rest, buf);
        }
        return;
    }
    if let Some(page) = pane.insight().page() {
        return insight::page(pane, page, theme, rest, buf);
    }
    let strip = pane.overview().measure().strip() as u16;
    if strip > 0 {
        let taken = strip.min(rest.height);
        let at = Rect {
            y: rest.bottom() - taken,
            height: taken,
            ..rest
        };
        insight::strip(pane, theme, at, buf);
        rest.height -= taken;
    }
    if pane.overview().measure().has_bar() {
        overview::density(pane, theme, rest, buf);
        rest = below(rest, 1);
    }
    match pane.sifting().side() {
        Some(side) if pane.overview().measure().is_split() => {
            split::draw(pane, side, theme, rest, buf);
        }
        _ => records(pane, theme, rest, buf),
    }
}

fn records(pane: &LogPane, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if pane.overview().rows() == 0 {
        let level = pane.floor().word();
        let (sentence, way) = if pane.sifting().sieve().is_open() {
            (
                format!(" nothing at {level} or above"),
                " · L shows one level more",
            )
        } else {
            let sentence = format!(" nothing at {level} or above passes the filters");
            (sentence, " · f changes them")
        };
        let pieces = vec![
            Piece::new(Role::Text, sentence),
            Piece::new(Role::Faint, way),
        ];
        return fitted(pieces, theme, area, buf);
    }
    let bar = area.width.min(2);
    let list = Rect {
        width: area.width - bar,
        ..area
    };
    for ((spot, kept), line) in pane.shown().zip(list.rows()) {
        let here = Here::of(spot, pane.cursor());
        record::draw(pane, (spot, here), kept, theme, line, buf);
    }
    overview::scroll_bar(
        pane,
        theme,
        Rect {
            x: list.right(),
            width: bar,
            ..area
        },
        buf,
    );
}

fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

/// As much as there is room for: what is followed, then what is hidden, then what is sought.
fn title(pane: &LogPane, room: usize) -> String {
    let mut parts = vec![format!("{}{}", names(pane), sources(pane))];
    parts.extend(run(pane));
    if !pane.is_empty() {
        parts.push(format!("level ≥ {}", pane.floor().word()));
        parts.extend(filters(pane));
        let records: u64 = pane
            .files()
            .iter()
            .map(|f| u64::from(f.index.records()))
            .sum();
        match records - pane.rows().min(records) {
            0 => {}
            hidden => parts.push(format!("{} hidden", count(hidden))),
        }
    }
    if let Some(hunt) = pane.hunt() {
        let hits = match pane.hits() {
            (hits, None) => format!("{} hits", count(u64::from(hits))),
            (hits, Some(here)) => format!("{here}/{}", count(u64::from(hits))),
        };
        let typed = visible(hunt.pattern.typed()).into_owned();
        parts.insert(1, format!("\"{typed}\" {hits}"));
    }
    let chosen = !pane.sifting().sieve().hidden.is_empty() || pane.sifting().side().is_some();
    if !chosen && width(&parts.join(" · ")) > room {
        // How much is hidden is worth more than whose records are seen.
        parts[0] = names(pane);
    }
    while parts.len() > 1 && width(&parts.join(" · ")) > room {
        parts.pop();
    }
    parts.join(" · ")
}

/// Which run the cursor is in, where the file holds several.
fn run(pane: &LogPane) -> Option<String> {
    let run = pane.insight().figures().run_of(pane.cursor().place)?;
    let (number, count) = run.number;
    Some(format!("run {number}/{count} {}", visible(&run.verb)))
}

/// The filters that take part of those there are, the sources and the request.
fn filters(pane: &LogPane) -> Vec<String> {
    let sieve = pane.sifting().sieve();
    let mut parts = Vec::new();
    if !sieve.filters.is_empty() {
        parts.push(format!(
            "filters {}/{}",
            sieve.active(),
            sieve.filters.len()
        ));
    }
    if let Some(request) = &sieve.request {
        let id = visible(request.typed()).into_owned();
        parts.push(format!("request {}", clip(&id, 9)));
    }
    if !sieve.only.is_empty() {
        let only: Vec<&str> = sieve.only.iter().map(|one| one.title()).collect();
        parts.push(format!("only {}", only.join("+")));
    }
    parts
}

/// Who wrote what is shown: those that were chosen, else those that were seen.
fn sources(pane: &LogPane) -> String {
    let sieve = pane.sifting().sieve();
    // Two views have their own titles; one of them shown alone says which it is.
    let measure = pane.overview().measure();
    let side = pane.sifting().side().filter(|_| !measure.is_split());
    let mut words = if sieve.hidden.is_empty() {
        pane.sources(side)
    } else {
        let left = Family::ALL.into_iter();
        let left = left.filter(|&family| !sieve.hides(family));
        left.map(Family::word).collect()
    };
    match (words.len(), side) {
        (0, _) if !sieve.hidden.is_empty() => return "  no source".to_owned(),
        (0, Some(side)) => words.push(side.word()),
        (0, None) => return String::new(),
        (_, _) => {}
    }
    let more = words.len().saturating_sub(MOST_SOURCES);
    words.truncate(MOST_SOURCES);
    let more = if more > 0 {
        format!("+{more} more")
    } else {
        String::new()
    };
    format!("  {}{more}", visible(&words.join("+")))
}

fn names(pane: &LogPane) -> String {
    match pane.files() {
        [] => "logs".to_owned(),
        [file] => visible(&file.name).into_owned(),
        files => {
            let named = ('a'..='z').zip(files);
            let named = named.map(|(letter, file)| format!("{letter} {}", visible(&file.name)));
            named.collect::<Vec<_>>().join("  ")
        }
    }
}

/// What the view is doing, at the right of the rule.
fn remark(app: &App) -> String {
    let pane = &app.logs;
    let mut parts = Vec::new();
    if pane.revealed_until().is_some() {
        parts.push("▲ SECRETS SHOWN · any key masks them".to_owned());
    }
    if let Some(since) = pane.hunt().and_then(Hunt::waiting_since) {
        parts.push(format!("searching {}", span(app.now.duration_since(since))));
    }
    if pane.sifting().waiting_since().is_some() {
        parts.push(format!("⟳ filtering {} %", pane.sifted()));
    }
    let reading: Vec<_> = pane
        .files()
        .iter()
        .filter(|file| file.is_reading())
        .collect();
    if let Some(file) = reading.first().filter(|file| file.length > 0) {
        parts.push(format!("⟳ reading {} %", file.progress()));
    }
    parts.push(match (pane.is_following(), pane.fresh()) {
        _ if pane.files().is_empty() || pane.is_empty() => return parts.join(" · "),
        (true, _) if pane.files().iter().all(Followed::has_ended) => "ended".to_owned(),
        (true, _) => "following".to_owned(),
        (false, 0) => "paused".to_owned(),
        (false, fresh) => format!("paused · {} new below", count(fresh)),
    });
    parts.join(" · ")
}
