//! A question to every state of the bucket, in the place of the columns: what
//! answers it stands beside the key of its state, the best first, while the
//! states are still being read.

use std::sync::Arc;

use super::job::StateJob;
use crate::app::cursor::Cursor;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Lane, Ticket};
use crate::app::load::Load;
use crate::fault::Fault;
use crate::place::Place;

/// A resource that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trove {
    /// The key of its state.
    pub key: String,
    pub address: String,
    /// The better the address answers, the higher; 0 where only a value does.
    pub score: i64,
    /// The attribute that holds the text, where it is not the address that answers.
    pub said: Option<String>,
}

/// What was found since the last time, and how far the search is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stretch {
    pub troves: Vec<Trove>,
    /// The states that could not be searched.
    pub unseen: Vec<Fault>,
    pub read: usize,
    pub of: usize,
    /// Whether there is more than was looked at or kept.
    pub more: bool,
}

/// The question and its answers so far.
#[derive(Debug, Default)]
pub struct Scour {
    root: Option<Arc<Place>>,
    shown: bool,
    pub question: String,
    pub troves: Vec<Trove>,
    /// The first few of the states that could not be searched, and how many there are.
    pub unseen: Vec<Fault>,
    pub missed: usize,
    pub read: usize,
    pub of: usize,
    pub more: bool,
    pub feed: Load<()>,
    pub cursor: Cursor,
}

/// So many reasons are shown why a state was not searched.
const REASONS: usize = 3;

impl Scour {
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// Asks every state that lies there.
    pub fn ask(&mut self, ground: (Arc<Place>, String), question: String, desk: &mut Desk<'_>) {
        let (place, prefix) = ground;
        *self = Self {
            root: Some(Arc::clone(&place)),
            shown: true,
            question: question.clone(),
            cursor: self.cursor,
            ..Self::default()
        };
        self.cursor.arrange(0, self.cursor.height());
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Scour {
                ticket,
                place,
                prefix,
                question,
            })
        });
        self.feed.expect(ticket, desk.now);
    }

    /// Takes what was found since the last time.
    pub fn scoured(&mut self, ticket: Ticket, part: Stretch) {
        if !self.feed.awaits(ticket) {
            return;
        }
        let here = self.troves.get(self.cursor.row()).cloned();
        self.troves.extend(part.troves);
        self.troves.sort_by(|a, b| {
            let name = (&a.key, &a.address).cmp(&(&b.key, &b.address));
            b.score.cmp(&a.score).then(name)
        });
        self.missed += part.unseen.len();
        self.unseen.extend(part.unseen);
        self.unseen.truncate(REASONS);
        (self.read, self.of, self.more) = (part.read, part.of, part.more);
        self.cursor.arrange(self.troves.len(), self.cursor.height());
        // At the top one wants to see the best; further down, where one was.
        let here = here.filter(|_| self.cursor.row() > 0);
        if let Some(row) = here.and_then(|here| self.troves.iter().position(|one| *one == here)) {
            self.cursor.go(row);
        }
    }

    /// Hears that every state was searched, or why not.
    pub fn ended(&mut self, ticket: Ticket, outcome: Result<(), Fault>, desk: &Desk<'_>) {
        self.feed.settle(ticket, desk.now, outcome);
    }

    /// Ends the search, or gives the columns their place back once it has ended.
    pub fn back(&mut self, desk: &mut Desk<'_>) {
        if self.feed.waiting_since().is_none() {
            self.shown = false;
            return;
        }
        self.feed.give_up();
        // A newer job of the lane ends the one under way.
        let lane = Lane::StateScour;
        desk.effects
            .ask(|ticket| Effect::State(StateJob::Dismiss { ticket, lane }));
    }

    /// Ends the search and gives the columns their place back.
    pub fn leave(&mut self, desk: &mut Desk<'_>) {
        if self.feed.waiting_since().is_some() {
            self.back(desk);
        }
        self.shown = false;
    }

    /// The place of the answer under the cursor, and the address there.
    pub fn choose(&mut self) -> Option<(Place, String)> {
        let trove = self.troves.get(self.cursor.row())?;
        let place = self.root.as_ref()?.beside(&trove.key);
        self.shown = false;
        Some((place, trove.address.clone()))
    }

    /// The same, hidden: another place of the bucket is shown.
    #[must_use]
    pub fn behind(mut self) -> Self {
        self.shown = false;
        self
    }

    pub fn arrange(&mut self, rows: usize) {
        self.cursor.arrange(self.troves.len(), rows);
    }
}
