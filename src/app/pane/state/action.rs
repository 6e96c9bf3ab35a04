//! What can be asked of the state pane, with its keys.

use crate::app::action::{Action, Row, row};

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateAction {
    Open,
    Mark,
    Restore,
    Repair,
    Rebuild,
    Search,
    Copy,
    Dependents,
    NextChange,
    PreviousChange,
    Fleet,
    Order,
    Everywhere,
    Summary,
    Reveal,
}

pub const TABLE: &[Row] = &[
    row(
        Action::State(StateAction::Open),
        "state.open",
        "Open the version, unfold the module, read the resource, or show the whole value under the cursor",
        "enter",
        Some("open"),
    ),
    row(
        Action::State(StateAction::Mark),
        "state.mark",
        "Mark a version; two marked ones are compared",
        "m",
        Some("mark two to compare"),
    ),
    row(
        Action::State(StateAction::Dependents),
        "state.dependents",
        "Show what the resource under the cursor needs and what needs it, or its attributes again",
        "d",
        Some("dependents"),
    ),
    row(
        Action::State(StateAction::Restore),
        "state.restore",
        "Restore the version under the cursor as the next one, after a confirmation",
        "R",
        Some("restore"),
    ),
    row(
        Action::State(StateAction::Repair),
        "state.repair",
        "Show what can be saved of the version under the cursor, write a copy, restore that",
        "M",
        None,
    ),
    row(
        Action::State(StateAction::Rebuild),
        "state.rebuild",
        "List what the version under the cursor has and the state has lost, as imports to copy one by one",
        "I",
        None,
    ),
    row(
        Action::State(StateAction::Search),
        "state.search",
        "Find resources by their address, or by a text in their values",
        "/",
        Some("search"),
    ),
    row(
        Action::State(StateAction::Copy),
        "state.copy",
        "Copy the version id, the address or the id under the cursor",
        "y",
        Some("copy"),
    ),
    row(
        Action::State(StateAction::NextChange),
        "state.next-change",
        "Go to the next change of a comparison",
        "n",
        Some("next change"),
    ),
    row(
        Action::State(StateAction::PreviousChange),
        "state.previous-change",
        "Go to the change before",
        "N",
        None,
    ),
    row(
        Action::State(StateAction::Fleet),
        "state.fleet",
        "Show every state of the bucket, or the state that is open again",
        "a",
        Some("all states"),
    ),
    row(
        Action::State(StateAction::Order),
        "state.order",
        "Put the states of the bucket in another order",
        "o",
        Some("order"),
    ),
    row(
        Action::State(StateAction::Everywhere),
        "state.find-everywhere",
        "Find resources by address or value in every state of the bucket",
        "f",
        None,
    ),
    row(
        Action::State(StateAction::Summary),
        "state.summary",
        "Sum up the comparison, or the version, by type and module",
        "s",
        Some("sum up"),
    ),
    row(
        Action::State(StateAction::Reveal),
        "state.reveal",
        "Show the masked value under the cursor until the next key; the journal keeps that you did",
        "v",
        None,
    ),
];
