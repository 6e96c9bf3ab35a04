//! Two versions side by side: one cursor for both sides, so they never
//! scroll apart.

use std::sync::Arc;

use super::StatePane;
use super::job::StateJob;
use crate::app::cursor::Cursor;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::Load;
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::state::{Kind, Sides, Version};

/// The view with two sides.
#[derive(Debug)]
pub struct Comparing {
    pub before: Version,
    pub after: Version,
    pub sides: Load<Arc<Sides>>,
    pub cursor: Cursor,
}

impl Comparing {
    /// Asks what changed between two versions.
    pub fn new(before: Version, after: Version, desk: &mut Desk<'_>) -> Self {
        let mut comparing = Self {
            before,
            after,
            sides: Load::default(),
            cursor: Cursor::default(),
        };
        comparing.reload(desk);
        comparing
    }

    /// Asks again.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let (before, after) = (self.before.clone(), self.after.clone());
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Compare {
                ticket,
                place,
                before,
                after,
            })
        });
        self.sides.expect(ticket, desk.now);
    }

    pub fn compared(
        &mut self,
        ticket: Ticket,
        outcome: Result<Arc<Sides>, Fault>,
        desk: &Desk<'_>,
    ) {
        self.sides.settle(ticket, desk.now, outcome);
    }

    /// Moves to the next or previous change, or says that there is none.
    pub fn jump(&mut self, way: Way, desk: &mut Desk<'_>) {
        let row = self.cursor.row();
        let found = self.sides.shown().and_then(|sides| match way {
            Way::Next => sides.next(row),
            Way::Previous => sides.previous(row),
        });
        match (found, way) {
            (Some(row), _) => self.cursor.go(row),
            (None, Way::Next) => desk.say(Tone::Note, "no change further down"),
            (None, Way::Previous) => desk.say(Tone::Note, "no change further up"),
        }
    }

    pub fn arrange(&mut self, rows: usize) {
        let length = self.sides.shown().map_or(0, |sides| sides.len());
        self.cursor.arrange(length, rows);
    }
}

/// Which change to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Next,
    Previous,
}

impl StatePane {
    pub(super) fn mark(&mut self, desk: &mut Desk<'_>) {
        if self.comparing.is_some() {
            return;
        }
        if self
            .history
            .here()
            .is_some_and(|version| version.kind == Kind::DeleteMarker)
        {
            return desk.say(Tone::Note, "a delete marker has nothing to compare");
        }
        if let Some((before, after)) = self.history.mark() {
            self.comparing = Some(Comparing::new(before, after, desk));
        }
    }

    pub(super) fn jump(&mut self, way: Way, desk: &mut Desk<'_>) {
        match &mut self.comparing {
            Some(comparing) => comparing.jump(way, desk),
            None => desk.say(Tone::Note, "m on two versions compares them"),
        }
    }
}
