//! What a pane has at hand while it acts or hears: the time, the place, where
//! to put effects, and the wishes it may have of the console around it.

use std::sync::Arc;

use jiff::Timestamp;

use super::action::Action;
use super::effect::Effects;
use super::notice::{Notice, Tone};
use super::pane::PaneId;
use super::plan::Ask;
use super::sheet::{Asker, Sheet};
use crate::place::{Caller, Place};
use crate::recovery::{Arming, Plan};
use crate::runbook::StepNo;

/// The console as one pane sees it during one update.
#[derive(Debug)]
pub struct Desk<'a> {
    pub now: Timestamp,
    /// The selected place; none before one was found.
    pub place: Option<&'a Arc<Place>>,
    /// Who is calling; none before the answer came.
    pub caller: Option<&'a Caller>,
    /// What allows writes just now; none where nothing was armed.
    pub armed: Option<&'a Arming>,
    /// What makes this run read-only, if anything does.
    pub read_only: Option<&'a str>,
    pub effects: &'a mut Effects,
    pub wishes: &'a mut Vec<Wish>,
}

/// What is gone on with once it is armed.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    Act(Action),
    Propose(Arc<Plan>),
}

/// What a pane asks of the console. Carried out right after the pane is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Lay a sheet over the panes; its reply goes to the asker.
    Open(Box<Sheet>, Asker),
    /// Replace the sheet on top, if it is the asker's.
    Update(Box<Sheet>, Asker),
    Say(Notice),
    Focus(PaneId),
    /// Make this the place of the console.
    Settle(Box<Place>),
    /// Do this, as if its key had been pressed.
    Act(Action),
    /// Show the versions, and what can be saved of the one that stands.
    Repair,
    /// Show the locks, and the plan that releases the one that is held.
    Release,
    /// Open this runbook, by id, at a step or where its run stands.
    Runbook {
        id: String,
        step: Option<StepNo>,
    },
    /// Put text on the clipboard and say what it was.
    Copy {
        text: String,
        what: String,
    },
    /// Show this plan, to be confirmed.
    Propose(Arc<Plan>),
    /// Have this plan made and shown.
    Prepare(Ask),
    /// Ask to arm, then go on.
    Arm {
        then: Then,
    },
}

impl Desk<'_> {
    pub fn open(&mut self, sheet: Sheet, asker: Asker) {
        self.wishes.push(Wish::Open(Box::new(sheet), asker));
    }

    /// Replaces the sheet on top, if it is the asker's.
    pub fn update(&mut self, sheet: Sheet, asker: Asker) {
        self.wishes.push(Wish::Update(Box::new(sheet), asker));
    }

    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.wishes
            .push(Wish::Say(Notice::new(self.now, tone, text)));
    }

    pub fn copy(&mut self, text: impl Into<String>, what: impl Into<String>) {
        self.wishes.push(Wish::Copy {
            text: text.into(),
            what: what.into(),
        });
    }
}
