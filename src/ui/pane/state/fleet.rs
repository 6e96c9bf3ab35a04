//! ```text
//! ── states of tf-bucket/prod/ ───────── 412 of 1,204 read · 3 ✖ · 12 locked · the worst first ──
//!    state                             age     size  serial  resources  terraform  lock           digest
//! ▸✖ prod/net/terraform.tfstate        3 h   119 KB     412        231     1.11.4  ▲ apply 1 h    ✔
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::nothing;
use super::versions::coarse;
use crate::analysis::fleet::{Member, Vouched};
use crate::app::App;
use crate::app::pane::state::{Fleet, sign};
use crate::app::role::Role;
use crate::app::text::{clip, clip_middle, count, size, visible, width};
use crate::lock::verdict;
use crate::state::Health;
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

/// A column beside the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Age,
    Size,
    Serial,
    Resources,
    Terraform,
    Lock,
    Digest,
}

impl Column {
    /// In the order of the screen.
    const ALL: [Self; 7] = [
        Self::Age,
        Self::Size,
        Self::Serial,
        Self::Resources,
        Self::Terraform,
        Self::Lock,
        Self::Digest,
    ];

    /// The first to go where there is little room comes last.
    const NEEDED: [Self; 7] = [
        Self::Age,
        Self::Size,
        Self::Serial,
        Self::Resources,
        Self::Lock,
        Self::Digest,
        Self::Terraform,
    ];

    fn width(self) -> usize {
        match self {
            Self::Age => 6,
            Self::Size => 9,
            Self::Serial => 8,
            Self::Resources | Self::Terraform => 11,
            Self::Lock => 18,
            Self::Digest => 12,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Size => "size",
            Self::Serial => "serial",
            Self::Resources => "resources",
            Self::Terraform => "terraform",
            Self::Lock => "lock",
            Self::Digest => "digest",
        }
    }

    /// A text in the column: numbers at its right, words at its left.
    fn fit(self, text: &str) -> String {
        let room = self.width() - 2;
        let text = clip(text, room);
        let gap = " ".repeat(room.saturating_sub(width(&text)));
        match self {
            Self::Lock | Self::Digest => format!("  {text}{gap}"),
            _ => format!("  {gap}{text}"),
        }
    }
}

/// Terraform's own name of a state says nothing that a narrow row needs.
const USUAL: &str = "/terraform.tfstate";
/// The narrowest key that still says which state it is.
const KEY: usize = 24;
/// The arrow and the sign before the key.
const SIGNS: usize = 4;

/// The columns that a width has room for, and how wide the key is.
fn columns(width: u16) -> (Vec<Column>, usize) {
    let mut room = usize::from(width).saturating_sub(SIGNS);
    let fits = Column::NEEDED.into_iter().take_while(|column| {
        let fits = room >= column.width() + KEY;
        room -= if fits { column.width() } else { 0 };
        fits
    });
    let fits: Vec<Column> = fits.collect();
    let shown = Column::ALL
        .into_iter()
        .filter(|column| fits.contains(column));
    (shown.collect(), room.max(8))
}

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let fleet = &app.state.fleet;
    let title = title(app, fleet);
    let room = usize::from(area.width).saturating_sub(width(&title) + 11);
    rule(&title, &remark(fleet, room), theme, area, buf);
    let below = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let mut rest = waiting::load(
        &fleet.feed,
        "listing the states",
        app.now,
        theme,
        if fleet.length() == 0 || fleet.feed.fault().is_some() {
            below
        } else {
            Rect { height: 0, ..below }
        },
        buf,
    );
    if rest.height == 0 {
        rest = below;
    }
    for fault in &fleet.unseen {
        rest = waiting::fault(fault, theme, rest, buf);
    }
    let mut lines = rest.rows();
    let columns = columns(area.width);
    if fleet.length() == 0 {
        if fleet.feed.waiting_since().is_none() {
            let line = lines.next().unwrap_or_default();
            nothing(&no_rows(fleet), theme, line, buf);
        }
        return;
    }
    let line = lines.next().unwrap_or_default();
    fitted(heading(&columns), theme, line, buf);
    for (row, line) in (fleet.cursor.top()..fleet.length()).zip(lines) {
        let Some(member) = fleet.row(row) else { return };
        let here = row == fleet.cursor.row();
        fitted(pieces(app, member, here, &columns), theme, line, buf);
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
    }
}

fn title(app: &App, fleet: &Fleet) -> String {
    let name = app.veiled(&fleet.name());
    // Those of a directory lie in no bucket that has a name.
    let whose = match &*visible(&name) {
        "" => "states here".to_owned(),
        name => format!("states of {name}"),
    };
    if fleet.filter.is_empty() {
        return whose;
    }
    let filter = visible(&fleet.filter);
    format!("{whose} with {filter} · {}", fleet.length())
}

/// As much of what is known of all of them as there is room for.
fn remark(fleet: &Fleet, room: usize) -> String {
    let (all, read, listed) = fleet.progress();
    let (critical, locked) = fleet.counts();
    let plus = if fleet.more { "+" } else { "" };
    let number = |number: usize| count(number as u64);
    let mut parts = vec![if fleet.feed.waiting_since().is_some() {
        format!("⟳ {} of {} read", number(read), number(listed))
    } else {
        format!("{}{plus}", number(all))
    }];
    if critical > 0 {
        parts.push(format!("✖ {}", number(critical)));
    }
    if locked > 0 {
        parts.push(format!("▲ {} locked", number(locked)));
    }
    if fleet.others > 0 {
        let noun = if fleet.others == 1 {
            "object"
        } else {
            "objects"
        };
        parts.push(format!("{} other {noun}", number(fleet.others)));
    }
    parts.push(fleet.order.word().to_owned());
    let mut said = parts.join(" · ");
    while width(&said) > room && parts.len() > 1 {
        parts.pop();
        said = parts.join(" · ");
    }
    said
}

fn no_rows(fleet: &Fleet) -> String {
    let (all, ..) = fleet.progress();
    match (all, fleet.others) {
        (1.., _) => "no key holds that: esc shows all of them".to_owned(),
        (0, 0) => "● nothing lies here".to_owned(),
        (0, others) => format!(
            "● no state: none of {} objects has a name that ends in tfstate",
            count(others as u64)
        ),
    }
}

fn heading<'a>((columns, key): &(Vec<Column>, usize)) -> Vec<Piece<'a>> {
    let titles = columns.iter().map(|column| column.fit(column.title()));
    let titles: String = titles.collect();
    let text = format!("{:SIGNS$}{:<key$}{titles}", "", "state");
    vec![Piece::new(Role::Faint, text)]
}

fn pieces<'a>(
    app: &App,
    member: &Member,
    here: bool,
    (columns, room): &(Vec<Column>, usize),
) -> Vec<Piece<'a>> {
    let health = member.health();
    let (glyph, role) = match (&member.look, health) {
        (Some(Err(_)), _) => ("✖", Role::Warning),
        (_, Health::Deleted) => ("–", Role::Warning),
        _ => sign(health),
    };
    let arrow = if here { "▸" } else { " " };
    let key = app.veiled(&member.key);
    let key = visible(&key);
    let key = match key.strip_suffix(USUAL).filter(|_| width(&key) > *room) {
        Some(folder) => clip_middle(&format!("{folder}/…"), *room).into_owned(),
        None => clip_middle(&key, *room).into_owned(),
    };
    let gap = " ".repeat(room.saturating_sub(width(&key)));
    let mut pieces = vec![
        Piece::new(Role::Text, format!("{arrow} ")),
        Piece::new(role, format!("{glyph} ")),
        Piece::new(Role::Text, format!("{key}{gap}")),
    ];
    pieces.extend(columns.iter().map(|column| {
        let (role, text) = cell(app, member, *column);
        Piece::new(role, column.fit(&text))
    }));
    pieces
}

/// What stands in a column of a state's row.
fn cell(app: &App, member: &Member, column: Column) -> (Role, String) {
    let object = member.object.as_ref();
    let known = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    match column {
        Column::Age => {
            let age = object.map(|object| coarse(app.now, object.modified));
            (Role::Stamp, known(age))
        }
        Column::Size => (Role::Text, known(object.map(|object| size(object.size)))),
        Column::Serial => {
            let serial = member.serial().map(|serial| count(serial.0));
            (Role::Text, known(serial))
        }
        Column::Resources => {
            let resources = member.resources().map(|resources| count(resources as u64));
            (Role::Text, known(resources))
        }
        Column::Terraform => {
            let version = member.terraform_version();
            let version = version.map(|version| visible(version).into_owned());
            (Role::Faint, known(version))
        }
        Column::Lock => lock(app, member),
        Column::Digest => digest(member),
    }
}

fn lock(app: &App, member: &Member) -> (Role, String) {
    if member.kept.is_none() {
        return (Role::Unknown, "◌".to_owned());
    }
    let Some(lock) = member.held().next() else {
        return (Role::Faint, "–".to_owned());
    };
    let holder = lock.holder().unwrap_or_default();
    let since = verdict::taken_at(lock).map(|at| coarse(app.now, at));
    let half = if member.half_released() { " half" } else { "" };
    let since = since.map_or(String::new(), |since| format!(" {since}"));
    let word = visible(&holder.operation_word()).into_owned();
    (Role::Warning, format!("▲ {word}{since}{half}"))
}

fn digest(member: &Member) -> (Role, String) {
    let (role, text) = match member.vouched() {
        Vouched::NotKept => (Role::Faint, "–"),
        Vouched::Agrees => (Role::Fine, "✔ agrees"),
        Vouched::Differs => (Role::Critical, "✖ differs"),
        Vouched::BeingWritten => (Role::Warning, "▲ writing"),
        Vouched::Unverified => (Role::Note, "● none"),
        Vouched::Unknown => (Role::Unknown, "◌"),
    };
    (role, text.to_owned())
}
