//! What can be asked of the runbooks by key and by name.

use crate::app::action::{Action, Row, row};

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunbookAction {
    Open,
    Done,
    Skip,
    Fail,
    Note,
    Copy,
    Run,
    Stop,
    Output,
    Search,
    Again,
}

pub const TABLE: &[Row] = &[
    row(
        Action::Runbook(RunbookAction::Open),
        "runbook.open",
        "Open the runbook; in a step, run its command after a confirmation, or follow where it leads",
        "enter",
        Some("open"),
    ),
    row(
        Action::Runbook(RunbookAction::Done),
        "runbook.done",
        "Mark the step as done; once more opens it again",
        "space",
        Some("done"),
    ),
    row(
        Action::Runbook(RunbookAction::Skip),
        "runbook.skip",
        "Mark the step as skipped; once more opens it again",
        "s",
        Some("skip"),
    ),
    row(
        Action::Runbook(RunbookAction::Fail),
        "runbook.fail",
        "Mark the step as failed; once more opens it again",
        "x",
        Some("fail"),
    ),
    row(
        Action::Runbook(RunbookAction::Note),
        "runbook.note",
        "Write a note to the step",
        "n",
        Some("note"),
    ),
    row(
        Action::Runbook(RunbookAction::Copy),
        "runbook.copy",
        "Copy the command or message marked y; tab marks the next one",
        "y",
        Some("copy"),
    ),
    row(
        Action::Runbook(RunbookAction::Run),
        "runbook.run",
        "Run the command marked y, after a confirmation that shows it; only where armed",
        "R",
        Some("run"),
    ),
    row(
        Action::Runbook(RunbookAction::Stop),
        "runbook.stop",
        "Stop the running command: SIGINT, once more SIGTERM, then SIGKILL",
        "K",
        None,
    ),
    row(
        Action::Runbook(RunbookAction::Output),
        "runbook.output",
        "Show all that the step's latest command printed",
        "o",
        None,
    ),
    row(
        Action::Runbook(RunbookAction::Search),
        "runbook.search",
        "Find a runbook by words or by a pasted error",
        "/",
        Some("search"),
    ),
    row(
        Action::Runbook(RunbookAction::Again),
        "runbook.again",
        "Begin this runbook anew; the run before is kept",
        "B",
        None,
    ),
];
