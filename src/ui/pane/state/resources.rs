//! The module tree of a version, or the hits of a search in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{highlight, nothing};
use crate::app::App;
use crate::app::pane::state::{Column, Opened, Stands, called};
use crate::app::role::Role;
use crate::app::text::{clip, clip_middle, count, visible, width};
use crate::state::{Address, Branch, InstanceNo, Node, Shown, Snapshot, Status, matched};
use crate::ui::part::{Piece, fitted, spread, waiting};
use crate::ui::theme::Theme;

/// The id of an instance larger than this is not looked for while drawing.
const LOOKED_INTO: usize = 256 << 10;

pub fn title(app: &App) -> (String, String) {
    let Some(opened) = app.state.shown().filter(|_| app.state.nothing().is_none()) else {
        return ("resources".to_owned(), String::new());
    };
    let all = count(opened.addresses.len() as u64);
    match app.state.browser.search() {
        Some(search) => {
            let found = count(app.state.browser.length() as u64);
            (
                format!("/{}", visible(&search.question)),
                format!("{found} of {all}"),
            )
        }
        None if app.state.is_narrow() => (
            format!("versions › resources of {}", called(&opened.version)),
            all,
        ),
        None => (format!("resources of {}", called(&opened.version)), all),
    }
}

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let browser = &app.state.browser;
    let Some(opened) = app.state.shown().filter(|_| app.state.nothing().is_none()) else {
        return absent(app, theme, area, buf);
    };
    if browser.length() == 0 {
        let text = match (browser.search(), &opened.snapshot) {
            (Some(_), _) => "nothing matches",
            (None, Some(_)) => "no resources",
            (None, None) => "nothing in it can be shown",
        };
        return nothing(text, theme, area, buf);
    }
    for (row, line) in (browser.cursor.top()..).zip(area.rows()) {
        match browser.stands(row) {
            Some(Stands::Node(no, node)) => {
                let fold = if browser.is_folded(no) { "▸" } else { "▾" };
                branch(app, opened, node, fold, theme, line, buf);
            }
            Some(Stands::Hit(hit)) => {
                let address = opened.addresses.address(hit.row);
                self::hit(app, (address, hit.said.as_deref()), theme, line, buf);
            }
            None => break,
        }
        if row == browser.cursor.row() {
            highlight(app, Column::Resources, theme, line, buf);
        }
    }
}

/// What is said while there is no version to show.
fn absent(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if let Some(since) = app.state.opened.waiting_since() {
        return waiting::waiting("reading the version", since, app.now, theme, area, buf);
    }
    if let Some(text) = app.state.nothing() {
        nothing(&text, theme, area, buf);
    }
}

fn branch(
    app: &App,
    opened: &Opened,
    node: &Node,
    fold: &str,
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let Some(snapshot) = &opened.snapshot else {
        return;
    };
    let indent = "  ".repeat(usize::from(node.depth).min(12));
    let (sign, role, label, right) = match &node.branch {
        Branch::Module(module) => {
            let last = module.0.last().map(ToString::to_string).unwrap_or_default();
            (fold, Role::Strong, last, counted(node))
        }
        Branch::Resource(number) => {
            let resource = snapshot.resources().get(*number as usize);
            let local = resource
                .map(|resource| resource.address.local())
                .unwrap_or_default();
            (fold, Role::Text, format!("{local}[…]"), counted(node))
        }
        Branch::Instance(no) => instance(app, snapshot, (*no, node.depth)),
    };
    let left = vec![
        Piece::new(Role::Faint, format!(" {indent}")),
        Piece::new(role, format!("{sign} ")),
        Piece::new(role, visible(&label).into_owned()),
    ];
    let taken: usize = left.iter().map(|piece| width(&piece.text)).sum();
    let room = usize::from(line.width).saturating_sub(taken + 2);
    let right = match right {
        (role, text) if room >= 5 => vec![Piece::new(
            role,
            format!("{} ", clip_middle(&visible(&text), room)),
        )],
        _ => Vec::new(),
    };
    spread(left, right, theme, line, buf);
}

fn counted(node: &Node) -> (Role, String) {
    (Role::Faint, count(u64::from(node.count)))
}

/// Sign, role, label and what stands at the right of one instance.
fn instance<'a>(
    app: &App,
    snapshot: &Snapshot,
    (no, depth): (InstanceNo, u16),
) -> (&'a str, Role, String, (Role, String)) {
    let label = snapshot
        .address(no)
        .map(|address| called_below(&address, depth))
        .unwrap_or_default();
    let Some(instance) = snapshot.instance(no) else {
        return (" ", Role::Text, label, (Role::Faint, String::new()));
    };
    if let Some(deposed) = &instance.deposed {
        return (
            "▲",
            Role::Warning,
            label,
            (Role::Warning, format!("deposed {deposed}")),
        );
    }
    if instance.status == Status::Tainted {
        return (
            "✖",
            Role::Critical,
            label,
            (Role::Critical, "tainted".to_owned()),
        );
    }
    let small = instance.span.end - instance.span.start <= LOOKED_INTO;
    let id = snapshot.id(no).filter(|_| small);
    let right = match id {
        Some(Shown::Plain(id)) => (Role::Faint, app.veiled(&id)),
        Some(Shown::Masked) => (Role::Secret, Shown::Masked.to_string()),
        None => (Role::Faint, String::new()),
    };
    ("●", Role::Text, label, right)
}

/// An instance below its resource is told by its key: the name stands above it.
fn called_below(address: &Address, depth: u16) -> String {
    let is_below = usize::from(depth) > address.resource.module.0.len();
    match &address.key {
        Some(key) if is_below => key.to_string(),
        _ => address.local(),
    }
}

/// An address with the characters marked that answer the question.
fn hit(
    app: &App,
    (address, said): (&str, Option<&str>),
    theme: &Theme,
    line: Rect,
    buf: &mut Buffer,
) {
    let question = app
        .state
        .browser
        .search()
        .map_or("", |search| search.question.as_str());
    let places = match said {
        Some(_) => Vec::new(),
        None => matched(address, question),
    };
    let shown = clip(address, usize::from(line.width).saturating_sub(2));
    let mut pieces = vec![Piece::new(Role::Text, " ")];
    for (place, letter) in shown.chars().enumerate() {
        let role = match places.binary_search(&place) {
            Ok(_) => Role::Match,
            Err(_) => Role::Text,
        };
        match pieces.last_mut() {
            Some(last) if last.role == role => last.text.to_mut().push(letter),
            _ => pieces.push(Piece::new(role, letter.to_string())),
        }
    }
    if let Some(said) = said {
        let said = visible(&app.veiled(said)).into_owned();
        pieces.push(Piece::new(Role::Match, format!("  {said}")));
    }
    fitted(pieces, theme, line, buf);
}
