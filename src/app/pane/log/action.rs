//! What can be asked of the log pane, with its keys.

use crate::app::action::{Action, Row, row};
use crate::log::Sense;

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogAction {
    Unfold,
    Pause,
    Search,
    Filter,
    Split,
    Request,
    Time,
    Bookmark,
    Note,
    Bookmarks,
    NextBookmark,
    PreviousBookmark,
    NextHit,
    PreviousHit,
    NextError,
    PreviousError,
    NextWarning,
    PreviousWarning,
    RaiseFloor,
    LowerFloor,
    Copy,
    Export,
}

/// What this pane asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogQuestion {
    Search,
    Filters,
    AddFilter(Sense),
    /// The filter at this place of the stack.
    ChangeFilter(usize),
    Time,
    Note,
    Bookmarks,
    Export,
}

pub const TABLE: &[Row] = &[
    row(
        Action::Log(LogAction::Unfold),
        "log.unfold",
        "Unfold the record under the cursor, or fold it again",
        "enter",
        Some("unfold"),
    ),
    row(
        Action::Log(LogAction::Pause),
        "log.pause",
        "Stay here while the logs grow, or follow their end again",
        "space",
        Some("pause"),
    ),
    row(
        Action::Log(LogAction::Search),
        "log.search",
        "Search for a text, or for a regular expression between slashes",
        "/",
        Some("search"),
    ),
    row(
        Action::Log(LogAction::Filter),
        "log.filter",
        "Change the filters: what is shown, what is hidden, which sources",
        "f",
        Some("filter"),
    ),
    row(
        Action::Log(LogAction::Split),
        "log.split",
        "Show the core alone, then the providers alone, then both again",
        "s",
        None,
    ),
    row(
        Action::Log(LogAction::Request),
        "log.request",
        "Show only the request of the record under the cursor, at every level, or all again",
        "o",
        None,
    ),
    row(
        Action::Log(LogAction::Time),
        "log.time",
        "Go to a time, so much further or back, a share of the log or a line",
        "t",
        Some("time"),
    ),
    row(
        Action::Log(LogAction::RaiseFloor),
        "log.level",
        "Hide one more level; after ERROR show all again",
        "l",
        Some("level"),
    ),
    row(
        Action::Log(LogAction::LowerFloor),
        "log.level-back",
        "Show one level more",
        "L",
        None,
    ),
    row(
        Action::Log(LogAction::NextError),
        "log.next-error",
        "Go to the next error",
        "e",
        Some("error"),
    ),
    row(
        Action::Log(LogAction::PreviousError),
        "log.previous-error",
        "Go to the error before",
        "E",
        None,
    ),
    row(
        Action::Log(LogAction::NextWarning),
        "log.next-warning",
        "Go to the next warning",
        "w",
        None,
    ),
    row(
        Action::Log(LogAction::PreviousWarning),
        "log.previous-warning",
        "Go to the warning before",
        "W",
        None,
    ),
    row(
        Action::Log(LogAction::NextHit),
        "log.next-hit",
        "Go to the next hit of the search",
        "n",
        None,
    ),
    row(
        Action::Log(LogAction::PreviousHit),
        "log.previous-hit",
        "Go to the hit before",
        "N",
        None,
    ),
    row(
        Action::Log(LogAction::Bookmark),
        "log.bookmark",
        "Set a bookmark at the record under the cursor, or take it away",
        "m",
        Some("mark"),
    ),
    row(
        Action::Log(LogAction::Note),
        "log.note",
        "Write a note to the record under the cursor, and bookmark it",
        "M",
        None,
    ),
    row(
        Action::Log(LogAction::Bookmarks),
        "log.bookmarks",
        "List the bookmarks with their notes, and go to one",
        "'",
        None,
    ),
    row(
        Action::Log(LogAction::NextBookmark),
        "log.next-bookmark",
        "Go to the next bookmark",
        "b",
        None,
    ),
    row(
        Action::Log(LogAction::PreviousBookmark),
        "log.previous-bookmark",
        "Go to the bookmark before",
        "B",
        None,
    ),
    row(
        Action::Log(LogAction::Copy),
        "log.copy",
        "Copy the record under the cursor, or the command that turns logging on",
        "y",
        Some("copy"),
    ),
    row(
        Action::Log(LogAction::Export),
        "log.export",
        "Write what is shown into a new file, secrets masked",
        "x",
        Some("export"),
    ),
];
