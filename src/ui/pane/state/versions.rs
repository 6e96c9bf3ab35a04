//! The versions, newest first, and below them what there is to go back to.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{highlight, nothing};
use crate::app::App;
use crate::app::pane::state::{Column, FOOT, clipped, short, sign, summary};
use crate::app::role::Role;
use crate::app::text::{self, count, size, visible};
use crate::state::{Health, LastGood, Source, Version, Versioning};
use crate::ui::part::{Piece, fitted, waiting};
use crate::ui::rect;
use crate::ui::theme::Theme;

/// How many versions a sparkline shows.
const COURSE: usize = 12;

/// The columns of a row but for the id.
const FIXED: u16 = 31;

/// Those of the size, with the space before it.
const SIZE: usize = 7;

pub fn title(app: &App) -> (String, String) {
    let Some(versions) = app.state.history.list.shown() else {
        return ("versions".to_owned(), String::new());
    };
    let plus = if versions.more { "+" } else { "" };
    let kept = match versions.versioning {
        Versioning::Enabled => "enabled",
        Versioning::Suspended => "suspended",
        Versioning::Off => "off",
    };
    let number = count(versions.list.len() as u64);
    let others = match app.state.history.others().len() {
        0 => String::new(),
        // There is no room for the word, too.
        some if versions.list.len() >= 100 => format!(" +{some}"),
        1 => " +1 other".to_owned(),
        some => format!(" +{some} others"),
    };
    (
        format!("versions ({kept})"),
        format!("{number}{plus}{others}"),
    )
}

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let history = &app.state.history;
    let listed = history.list.shown();
    if let Some(since) = history.list.waiting_since().filter(|_| listed.is_none()) {
        return waiting::waiting("reading the versions", since, app.now, theme, area, buf);
    }
    if listed.is_none() && history.list.fault().is_none() {
        return nothing("◌ not looked at", theme, area, buf);
    }
    if listed.is_some() && history.length() == 0 {
        return nothing(
            "● no state here yet: the first apply writes it",
            theme,
            area,
            buf,
        );
    }
    let rows = history.rows().enumerate().skip(history.cursor.top());
    for ((number, version), line) in rows.zip(area.rows()) {
        let here = number == history.cursor.row();
        fitted(
            row(app, (number, version), here, area.width),
            theme,
            line,
            buf,
        );
        if here {
            highlight(app, Column::Versions, theme, line, buf);
        }
    }
    if listed.is_some() {
        foot(app, theme, area, buf);
    }
}

fn row<'a>(
    app: &App,
    (number, version): (usize, &Version),
    here: bool,
    width: u16,
) -> Vec<Piece<'a>> {
    let history = &app.state.history;
    let health = history.health(version);
    let (glyph, role) = match sign(health) {
        // It loads, and would still be refused.
        (_, Role::Fine) if history.is_foreign(version) => ("▲", Role::Warning),
        known => known,
    };
    let arrow = if here { "▸" } else { " " };
    let mark = if history.is_marked(&version.id) {
        "▪"
    } else {
        " "
    };
    let mut room = usize::from(width.saturating_sub(FIXED)).max(7);
    let name = version.name();
    let name = visible(&name);
    // The name of a file says more than its size, where there is no room for both.
    let is_sized = version.source().is_none() || text::width(&name) <= room;
    if !is_sized {
        room += SIZE;
    }
    let id = match health {
        Health::Deleted => "deleted".to_owned(),
        _ => clipped(&name, room),
    };
    let mut pieces = vec![
        Piece::new(Role::Text, arrow),
        Piece::new(Role::Mark, mark),
        Piece::new(
            Role::Stamp,
            format!("{:>5} ", coarse(app.now, version.modified)),
        ),
        Piece::new(role, format!("{glyph} ")),
        Piece::new(id_role(app, version, health), format!("{id:<room$}")),
    ];
    if health == Health::Deleted {
        return pieces;
    }
    if is_sized {
        pieces.push(Piece::new(Role::Text, format!(" {:>6}", size(version.size))).rank(2));
    }
    let contents = history.contents(&version.id);
    let serial = contents.and_then(|contents| contents.serial);
    let resources = contents.and_then(|contents| contents.resources);
    let serial = serial.map_or("–".to_owned(), |serial| format!("s{}", serial.0));
    let resources = resources.map_or("–".to_owned(), |resources| format!("{resources} r"));
    pieces.push(Piece::new(Role::Text, format!(" {serial:>5}")).rank(1));
    // What was lost at once is seen without reading numbers.
    let (role, sign) = if history.fell(number) {
        (Role::Warning, "▼")
    } else {
        (Role::Text, "")
    };
    let resources = format!("{sign}{resources}");
    pieces.push(Piece::new(role, format!(" {resources:>6}")).rank(3));
    pieces
}

fn id_role(app: &App, version: &Version, health: Health) -> Role {
    let good = app.state.history.last_good();
    match health {
        Health::Deleted => Role::Faint,
        _ if version.source().is_some() => Role::Note,
        _ if good.is_some_and(|good| good.names(&version.id)) => Role::Strong,
        _ => Role::Text,
    }
}

/// An age in its largest unit, for a narrow column.
pub fn coarse(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..60 => "now".to_owned(),
        60..3_600 => format!("{} m", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The rows below the list: they stand where the layout left room for them.
fn foot(app: &App, theme: &Theme, list: Rect, buf: &mut Buffer) {
    let body = rect(app.state.column_area(Column::Versions));
    let below = body.bottom().saturating_sub(list.bottom());
    if usize::from(below) < FOOT {
        return;
    }
    let line = |number: u16| Rect {
        y: list.bottom() + number,
        height: 1,
        ..list
    };
    fitted(writer(app), theme, line(0), buf);
    fitted(good(app), theme, line(1), buf);
    fitted(course(app), theme, line(2), buf);
}

/// Who held the lock when the version under the cursor was written.
fn writer<'a>(app: &App) -> Vec<Piece<'a>> {
    let history = &app.state.history;
    let here = history.here();
    if let Some((version, source)) = here.and_then(|here| Some((here, here.source()?))) {
        return beside(app, version, source);
    }
    let label = Piece::new(Role::Faint, " writer    ");
    match history.here().and_then(|version| history.writer(version)) {
        Some(holder) => {
            let who = visible(&app.veiled(&holder.who)).into_owned();
            let word = visible(&holder.operation_word()).into_owned();
            vec![
                label,
                Piece::new(Role::Text, who),
                Piece::new(Role::Faint, format!(" · {word}")).rank(1),
            ]
        }
        None => vec![label, Piece::new(Role::Unknown, "◌ no former lock tells")],
    }
}

/// What stands under the cursor that is no version.
fn beside<'a>(app: &App, version: &Version, source: Source) -> Vec<Piece<'a>> {
    let mut pieces = vec![
        Piece::new(Role::Faint, " beside    "),
        Piece::new(Role::Note, source.words()),
    ];
    if app.state.history.is_foreign(version) {
        pieces.push(Piece::new(Role::Warning, " · other lineage"));
    }
    pieces
}

fn good<'a>(app: &App) -> Vec<Piece<'a>> {
    let history = &app.state.history;
    let label = Piece::new(Role::Faint, " last good ");
    match history.last_good() {
        Some(LastGood::One(id)) => {
            let told = history.contents(id).map(summary).unwrap_or_default();
            let told = told
                .first()
                .map_or(String::new(), |serial| format!(" · {serial}"));
            vec![
                label,
                Piece::new(Role::Fine, format!("✔ {}", short(id))),
                Piece::new(Role::Faint, told).rank(1),
            ]
        }
        Some(LastGood::Several(ids)) => vec![
            label,
            Piece::new(
                Role::Warning,
                format!("▲ one of {}: compare them", ids.len()),
            ),
        ],
        Some(LastGood::None) => vec![label, Piece::new(Role::Critical, "✖ none that was read")],
        Some(LastGood::Unread) | None => vec![label, Piece::new(Role::Unknown, "◌ not known yet")],
    }
}

fn course<'a>(app: &App) -> Vec<Piece<'a>> {
    let (sizes, resources) = app.state.history.course(COURSE);
    vec![
        Piece::new(Role::Faint, " size "),
        Piece::new(Role::Bar, sparkline(&sizes)),
        Piece::new(Role::Faint, "  resources ").rank(1),
        Piece::new(Role::Bar, sparkline(&resources)).rank(1),
    ]
}

/// One bar a value, from nothing to the largest one.
fn sparkline(values: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = values.iter().copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| {
        let level = (u128::from(*value) * 7 / u128::from(largest)) as usize;
        BARS[level.min(7)]
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_has_a_bar_for_each_value_and_its_top_at_the_largest() {
        assert_eq!(sparkline(&[0, 50, 100]), "▁▄█");
        assert_eq!(sparkline(&[u64::MAX, 0]), "█▁");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn a_coarse_age_has_one_unit() {
        let then = Timestamp::from_second(0).unwrap();
        let said = |seconds| coarse(Timestamp::from_second(seconds).unwrap(), then);
        assert_eq!(
            [said(5), said(120), said(4_560), said(200_000)],
            ["now", "2 m", "1 h", "2 d"]
        );
    }
}
