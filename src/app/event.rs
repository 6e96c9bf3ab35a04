//! What happened: a key, a new size, news from outside, or that the time the
//! console asked to be woken at has come.

use super::key::Key;
use super::pane::PlaceNews;
use super::pane::lock::LockNews;
use super::pane::log::LogNews;
use super::pane::runbook::RunbookNews;
use super::pane::state::StateNews;
use super::plan::PlanNews;

/// Everything that can change the console.
#[derive(Debug, Clone)]
pub enum Event {
    Input(Input),
    Place(PlaceNews),
    Lock(LockNews),
    Plan(PlanNews),
    State(StateNews),
    Runbook(RunbookNews),
    Log(LogNews),
    Wake,
}

/// What the person at the terminal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    Paste(String),
    Resize {
        width: u16,
        height: u16,
    },
    /// The process was stopped and goes on: the terminal was somebody else's meanwhile.
    Resumed,
}

impl Event {
    /// What is written to a trace: never a body, never a value.
    pub fn name(&self) -> String {
        match self {
            Self::Input(input) => format!("input {input:?}"),
            Self::Place(news) => format!("place {}", news.name()),
            Self::Lock(news) => format!("lock {}", news.name()),
            Self::Plan(news) => format!("plan {}", news.name()),
            Self::State(news) => format!("state {}", news.name()),
            Self::Runbook(news) => format!("runbook {}", news.name()),
            Self::Log(news) => format!("log {}", news.name()),
            Self::Wake => "wake".to_owned(),
        }
    }
}
