//! What a person can ask for, in one table: the action, its name, one
//! sentence, its keys, and the word the footer shows. The keymap, the palette,
//! the help and the README read this table and nothing else.

use super::cursor::Motion;
use super::pane::PaneId;
use super::pane::lock::{self, LockAction};
use super::pane::log::{self, LogAction};
use super::pane::runbook::{self, RunbookAction};
use super::pane::situation::{self, SituationAction};
use super::pane::state::{self, StateAction};

/// A request of the person at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Move(Motion),
    Focus(PaneId),
    NextPane,
    PreviousPane,
    Palette,
    /// Pin what is under the cursor to the open runbook.
    Pin,
    Help,
    Back,
    Quit,
    Interrupt,
    Suspend,
    Arm,
    Share,
    Card,
    Credentials,
    SignIn,
    Places,
    Reload,
    RunbookHere,
    Situation(SituationAction),
    Lock(LockAction),
    State(StateAction),
    Runbook(RunbookAction),
    Log(LogAction),
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub action: Action,
    /// Stable: configuration and the palette use it.
    pub name: &'static str,
    /// What it does, as the help says it.
    pub sentence: &'static str,
    /// The keys, apart by spaces.
    pub keys: &'static str,
    /// The footer's word for it; none keeps it out of the footer.
    pub hint: Option<&'static str>,
}

/// Where a row applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everywhere,
    In(PaneId),
}

const GLOBAL: &[Row] = &[
    row(
        Action::Focus(PaneId::Situation),
        "pane.situation",
        "Show what is wrong and what is known",
        "1",
        None,
    ),
    row(
        Action::Focus(PaneId::Logs),
        "pane.logs",
        "Show the logs",
        "2",
        None,
    ),
    row(
        Action::Focus(PaneId::State),
        "pane.state",
        "Show the state and its versions",
        "3",
        None,
    ),
    row(
        Action::Focus(PaneId::Locks),
        "pane.locks",
        "Show the locks",
        "4",
        None,
    ),
    row(
        Action::Focus(PaneId::Runbooks),
        "pane.runbooks",
        "Show the runbooks",
        "5",
        None,
    ),
    row(
        Action::NextPane,
        "pane.next",
        "Show the next pane",
        "alt-right",
        None,
    ),
    row(
        Action::PreviousPane,
        "pane.previous",
        "Show the pane before",
        "alt-left",
        None,
    ),
    row(Action::Move(Motion::Up), "move.up", "Move up", "up k", None),
    row(
        Action::Move(Motion::Down),
        "move.down",
        "Move down",
        "down j",
        None,
    ),
    row(
        Action::Move(Motion::PageUp),
        "move.page-up",
        "Move up by a screen",
        "pgup ctrl-b",
        None,
    ),
    row(
        Action::Move(Motion::PageDown),
        "move.page-down",
        "Move down by a screen",
        "pgdn ctrl-f",
        None,
    ),
    row(
        Action::Move(Motion::Top),
        "move.top",
        "Move to the first row",
        "home",
        None,
    ),
    row(
        Action::Move(Motion::Bottom),
        "move.bottom",
        "Move to the last row",
        "end",
        None,
    ),
    row(
        Action::Move(Motion::Left),
        "move.left",
        "Fold, or move left",
        "left h",
        None,
    ),
    row(
        Action::Move(Motion::Right),
        "move.right",
        "Unfold, or move right",
        "right",
        None,
    ),
    row(
        Action::Move(Motion::NextColumn),
        "move.next-column",
        "Move to the next column",
        "tab",
        None,
    ),
    row(
        Action::Move(Motion::PreviousColumn),
        "move.previous-column",
        "Move to the column before",
        "shift-tab",
        None,
    ),
    row(
        Action::RunbookHere,
        "runbook.here",
        "Open the runbook of what is under the cursor",
        "r",
        Some("runbook"),
    ),
    row(
        Action::Pin,
        "pin",
        "Pin what is under the cursor, as evidence, to the step of the open runbook",
        "g",
        None,
    ),
    row(
        Action::Arm,
        "arm",
        "Allow writes to this place for ten minutes, or stop allowing them",
        "A",
        Some("arm"),
    ),
    row(
        Action::Card,
        "card",
        "Show the call card: the situation in large words",
        "!",
        Some("call card"),
    ),
    row(
        Action::Credentials,
        "credentials",
        "Show where the credentials came from, whose they are and how long they last",
        "C",
        None,
    ),
    row(
        Action::SignIn,
        "login",
        "Sign in again on this terminal, then read everything again",
        "L",
        None,
    ),
    row(
        Action::Reload,
        "reload",
        "Read everything of this pane again",
        "ctrl-r",
        None,
    ),
    row(
        Action::Places,
        "places",
        "Choose among the places found here",
        "p",
        None,
    ),
    row(
        Action::Share,
        "share",
        "Hide names and ids while the screen is shared, or show them again",
        "S",
        None,
    ),
    row(
        Action::Palette,
        "palette",
        "Find an action or a runbook by name, or a runbook by a pasted error",
        ":",
        Some("palette"),
    ),
    row(
        Action::Help,
        "help",
        "Show every key that works here",
        "?",
        Some("help"),
    ),
    row(
        Action::Back,
        "back",
        "Go back one level, or stop waiting; never quits",
        "esc",
        None,
    ),
    row(
        Action::Suspend,
        "suspend",
        "Stop here and go back to the shell; disarms",
        "ctrl-z",
        None,
    ),
    row(Action::Quit, "quit", "Quit", "q", None),
    row(
        Action::Interrupt,
        "interrupt",
        "Quit as interrupted",
        "ctrl-c",
        None,
    ),
];

/// A row, as the tables of the panes write it.
pub const fn row(
    action: Action,
    name: &'static str,
    sentence: &'static str,
    keys: &'static str,
    hint: Option<&'static str>,
) -> Row {
    Row {
        action,
        name,
        sentence,
        keys,
        hint,
    }
}

/// Every row with where it applies: the panes' own first, then what works everywhere.
pub fn table() -> impl Iterator<Item = (Scope, &'static Row)> {
    let panes = [
        (PaneId::Situation, situation::TABLE),
        (PaneId::State, state::TABLE),
        (PaneId::Locks, lock::TABLE),
        (PaneId::Runbooks, runbook::TABLE),
        (PaneId::Logs, log::TABLE),
    ];
    panes
        .into_iter()
        .flat_map(|(pane, rows)| rows.iter().map(move |row| (Scope::In(pane), row)))
        .chain(GLOBAL.iter().map(|row| (Scope::Everywhere, row)))
}

/// The rows that work in this pane: its own first.
pub fn rows_of(pane: PaneId) -> impl Iterator<Item = &'static Row> {
    table()
        .filter(move |(scope, _)| matches!(scope, Scope::Everywhere) || *scope == Scope::In(pane))
        .map(|(_, row)| row)
}

/// Every row there is: those that work in this pane first, then those of the other panes.
pub fn rows_from(pane: PaneId) -> impl Iterator<Item = &'static Row> {
    let elsewhere =
        move |scope: &Scope| !matches!(scope, Scope::Everywhere) && *scope != Scope::In(pane);
    let others = table().filter(move |(scope, _)| elsewhere(scope));
    rows_of(pane).chain(others.map(|(_, row)| row))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::app::key::Key;

    #[test]
    fn every_action_has_one_name_a_sentence_and_keys_that_exist() {
        let names: BTreeSet<_> = table().map(|(_, row)| row.name).collect();
        assert_eq!(names.len(), table().count());
        for (_, row) in table() {
            assert!(
                row.sentence.chars().next().is_some_and(char::is_uppercase),
                "{}",
                row.name
            );
            assert!(!row.sentence.ends_with('.'), "{}", row.name);
            assert!(
                row.keys.split(' ').all(|key| key.parse::<Key>().is_ok()),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        for scope in [Scope::Everywhere]
            .into_iter()
            .chain(PaneId::ALL.map(Scope::In))
        {
            let keys: Vec<_> = table()
                .filter(|(of, _)| *of == scope)
                .flat_map(|(_, row)| row.keys.split(' '))
                .collect();
            assert_eq!(
                keys.iter().collect::<BTreeSet<_>>().len(),
                keys.len(),
                "{scope:?}"
            );
        }
    }
}
