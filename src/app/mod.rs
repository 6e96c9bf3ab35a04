//! The console as a value: events go in, effects come out, and nothing here
//! touches a terminal, a file, the network or a clock.
//!
//! `update` is O(what changed) and `ui` draws from `&App` alone. What a person
//! can ask stands in [`action`], what the world is asked in [`effect`], what
//! happened in [`event`].

pub mod action;
mod answers;
pub mod arrange;
pub mod briefing;
mod call;
mod credentials;
pub mod cursor;
pub mod desk;
pub mod effect;
pub mod event;
pub mod key;
pub mod keymap;
pub mod load;
pub mod notice;
pub mod pane;
mod permission;
mod pinning;
mod places;
pub mod plan;
mod readiness;
pub mod role;
pub mod sheet;
pub mod situation;
mod standing;
pub mod text;
mod update;
pub mod wrong;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use arrange::Area;
use keymap::Keymap;
use notice::Notice;
use pane::lock::LockPane;
use pane::log::LogPane;
use pane::runbook::RunbookPane;
use pane::situation::{Lookout, SituationPane};
use pane::state::StatePane;
use pane::{Badge, PaneId};
use plan::Plans;
use sheet::{Asker, Sheet};

use crate::place::Place;
use crate::recovery::Arming;

/// How the console was started.
#[derive(Debug, Clone)]
pub struct Start {
    pub lookout: Lookout,
    /// Logs to follow beside those that are found; `-` is standard input.
    pub logs: Vec<PathBuf>,
    /// What makes the whole run read-only, if anything does.
    pub read_only: Option<String>,
    /// The profile of writes, where they have one of their own.
    pub write_profile: Option<String>,
    /// Who is called where a runbook names nobody.
    pub contact: Option<String>,
    /// The program that signs in, and its arguments; empty where none is configured.
    pub login_command: Vec<String>,
    pub share: Share,
    /// For the local time in the header.
    pub zone: TimeZone,
    pub screen: Area,
}

/// Whether names and ids are hidden from the people who share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    Off,
    On,
}

/// Why the console ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Quit,
    Interrupted,
}

/// The whole console.
#[derive(Debug)]
pub struct App {
    pub situation: SituationPane,
    pub locks: LockPane,
    pub state: StatePane,
    pub runbooks: RunbookPane,
    pub logs: LogPane,
    pub plans: Plans,
    pub focus: PaneId,
    pub sheets: Vec<(Sheet, Asker)>,
    pub notice: Option<Notice>,
    pub start: Start,
    /// The time of the latest event; every age on screen is counted from it.
    pub now: Timestamp,
    /// Writes are allowed at all only while this stands; the executor checks it again.
    pub arming: Option<Arming>,
    /// What was asked for when arming came first.
    after_arming: Option<desk::Then>,
    /// What was typed to arm, until it is known who would write.
    unauthorized: Option<String>,
    /// The end of the last plan, and how many looks after it were taken.
    watch: Option<(Timestamp, usize)>,
    keymap: Keymap,
    ending: Option<Ending>,
}

impl App {
    /// A console that has looked at nothing yet; the first [`App::open`] asks.
    pub fn new(now: Timestamp, start: Start) -> Self {
        Self {
            situation: SituationPane::default(),
            locks: LockPane::default(),
            state: StatePane::default(),
            runbooks: RunbookPane::default(),
            logs: LogPane::default(),
            plans: Plans::default(),
            focus: PaneId::default(),
            sheets: Vec::new(),
            notice: None,
            start,
            now,
            arming: None,
            after_arming: None,
            unauthorized: None,
            watch: None,
            keymap: Keymap::built_in(),
            ending: None,
        }
    }

    /// The selected place.
    pub fn place(&self) -> Option<&Arc<Place>> {
        self.situation.place()
    }

    /// Set once the console is to end.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// What the header says of a pane.
    pub fn badge(&self, pane: PaneId) -> Badge {
        match pane {
            PaneId::Locks => self.locks.badge(),
            PaneId::State => self.state.badge(),
            PaneId::Runbooks => self.runbooks.badge(),
            PaneId::Logs => self.logs.badge(),
            PaneId::Situation => self.wrong(),
        }
    }
}
