//! Sheets lie over the panes, take the keys first, and return what was typed
//! or chosen as text; they never act by themselves.

pub mod choice;
pub mod confirm;
pub mod finder;
pub mod line;
pub mod prompt;
pub mod read;
pub mod toggles;

use super::key::{Code, Key};
use super::pane::lock::LockQuestion;
use super::pane::log::LogQuestion;
use super::pane::runbook::RunbookQuestion;
use super::pane::state::StateQuestion;
use super::plan::PlanQuestion;
pub use choice::Choice;
pub use confirm::Confirm;
pub use finder::Finder;
pub use prompt::Prompt;
pub use read::Reading;
pub use toggles::Toggles;

/// One sheet of the stack.
#[derive(Debug, Clone, PartialEq)]
pub enum Sheet {
    Finder(Finder),
    Prompt(Prompt),
    Confirm(Confirm),
    Choice(Choice),
    Toggles(Toggles),
    /// Something to read: the call card, a plan while it runs.
    Reading(Reading),
}

/// Who is told what a sheet returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    Console(Question),
    Lock(LockQuestion),
    Plan(PlanQuestion),
    State(StateQuestion),
    Runbook(RunbookQuestion),
    Log(LogQuestion),
}

/// What the console itself asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Action,
    Arm,
    Place,
    Card,
    Credentials,
    /// Whether the place could be recovered.
    Readiness,
    /// What a finding rests on.
    Finding,
}

/// What a key did to the sheet on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The sheet took the key and stays.
    Kept,
    /// The text so far, after a change of a sheet that is answered while it is typed.
    SoFar(String),
    /// The sheet is done and leaves.
    Closed(Reply),
    /// A key that the asker should hear while the sheet stays.
    Asked(char),
    /// A key on a line of a list that stays.
    Picked(usize, char),
}

/// What a closed sheet returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Abandoned,
    /// One text a field, in the order of the fields.
    Texts(Vec<String>),
    /// The number of the option that was chosen.
    Chosen(usize),
}

impl Sheet {
    /// Gives the key to the sheet.
    pub fn press(&mut self, key: Key) -> Outcome {
        match self {
            Self::Finder(sheet) => sheet.press(key),
            Self::Prompt(sheet) => sheet.press(key),
            Self::Confirm(sheet) => sheet.press(key),
            Self::Choice(sheet) => sheet.press(key),
            Self::Toggles(sheet) => sheet.press(key),
            Self::Reading(sheet) => sheet.press(key),
        }
    }

    /// Puts pasted text where the sheet takes text; line ends become spaces, control characters go.
    pub fn paste(&mut self, text: &str) -> Outcome {
        let clean: String = text
            .chars()
            .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
            .collect();
        clean
            .trim()
            .chars()
            .filter(|letter| !letter.is_control())
            .fold(Outcome::Kept, |_, letter| {
                self.press(Key::plain(Code::Char(letter)))
            })
    }

    /// Takes the content of a newer sheet of the same asker.
    pub fn replace(&mut self, newer: Self) {
        *self = match (&*self, newer) {
            (Self::Toggles(before), Self::Toggles(sheet)) => Self::Toggles(sheet.after(before)),
            (Self::Reading(before), Self::Reading(mut sheet)) => {
                sheet.cursor = before.cursor;
                Self::Reading(sheet)
            }
            (_, newer) => newer,
        };
    }

    /// Gives the sheet the number of rows it can show.
    pub fn arrange(&mut self, rows: usize) {
        match self {
            Self::Finder(sheet) => sheet.arrange(rows),
            Self::Choice(sheet) => sheet.arrange(rows),
            Self::Toggles(sheet) => sheet.arrange(rows),
            Self::Reading(sheet) => sheet.arrange(rows),
            Self::Prompt(_) | Self::Confirm(_) => {}
        }
    }
}
