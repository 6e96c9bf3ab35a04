//! A question to every state of the bucket, in the place of the columns: what
//! answers it stands beside the key of its state, the best first, while the
//! states are still being read and the question is still being typed. A new
//! letter ends the search for the text before it; what that one found stays on
//! screen until the new one has found something.

use std::sync::Arc;

use super::job::StateJob;
use crate::app::cursor::Cursor;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Lane, Ticket};
use crate::app::load::{Load, Settled};
use crate::fault::Fault;
use crate::place::Place;

/// A resource that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trove {
    /// The key of its state.
    pub key: String,
    pub address: String,
    /// Where the address stands among those of its state.
    pub row: usize,
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

/// What of the states is known from the question before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Footing {
    /// They are listed and read anew.
    Anew,
    /// What was read is searched again, and the rest read on.
    Known,
}

/// Which text the answers on screen are to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Answers {
    #[default]
    ToThis,
    ToTheOneBefore,
}

/// The question and its answers so far.
#[derive(Debug, Default)]
pub struct Scour {
    /// The place that the states lie beside, and what their keys begin with.
    ground: Option<(Arc<Place>, String)>,
    shown: bool,
    answers: Answers,
    /// Whether the next question is one to the states as they are then.
    anew: bool,
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

    /// Asks every state that lies there, unless that is what was asked last.
    pub fn ask(&mut self, ground: (Arc<Place>, String), question: String, desk: &mut Desk<'_>) {
        if self.shown && self.ground.as_ref() == Some(&ground) {
            if question != self.question || self.anew {
                self.question = question;
                let footing = if self.anew {
                    Footing::Anew
                } else {
                    Footing::Known
                };
                self.search(footing, desk);
            }
            return;
        }
        *self = Self {
            ground: Some(ground),
            shown: true,
            question,
            cursor: self.cursor,
            ..Self::default()
        };
        self.cursor.arrange(0, self.cursor.height());
        self.search(Footing::Anew, desk);
    }

    /// Another question is begun: what was read for the one before may be old by now.
    pub fn begin(&mut self) {
        self.anew = true;
    }

    /// Asks the same again, of the states as they are now.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        self.search(Footing::Anew, desk);
    }

    /// A newer job of the lane ends the one under way: an old question is never waited for.
    fn search(&mut self, footing: Footing, desk: &mut Desk<'_>) {
        let Some((place, prefix)) = self.ground.clone() else {
            return;
        };
        self.anew = false;
        self.answers = Answers::ToTheOneBefore;
        (self.unseen, self.missed) = (Vec::new(), 0);
        let question = self.question.clone();
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Scour {
                ticket,
                place,
                prefix,
                question,
                footing,
            })
        });
        self.feed.expect(ticket, desk.now);
    }

    /// Takes what was found since the last time.
    pub fn scoured(&mut self, ticket: Ticket, part: Stretch) {
        if !self.feed.awaits(ticket) {
            return;
        }
        if !part.troves.is_empty() || part.read >= part.of {
            self.drop_aged();
        }
        let here = self.troves.get(self.cursor.row()).cloned();
        self.troves.extend(part.troves);
        self.troves.sort_by(|a, b| {
            let place = (&a.key, a.row).cmp(&(&b.key, b.row));
            b.score.cmp(&a.score).then(place)
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
        if self.feed.settle(ticket, desk.now, outcome) == Settled::Taken {
            self.drop_aged();
        }
    }

    /// Lets go of the answers to the text before.
    fn drop_aged(&mut self) {
        if std::mem::take(&mut self.answers) == Answers::ToThis {
            return;
        }
        self.troves.clear();
        self.cursor.arrange(0, self.cursor.height());
    }

    /// Ends the search, or gives the columns their place back once it has ended.
    pub fn back(&mut self, desk: &mut Desk<'_>) {
        if self.feed.waiting_since().is_none() {
            return self.leave(desk);
        }
        self.anew = true;
        self.feed.give_up();
        dismiss(desk);
    }

    /// Ends the search, lets go of what it read and gives the columns their place back.
    pub fn leave(&mut self, desk: &mut Desk<'_>) {
        if self.shown {
            self.feed.give_up();
            dismiss(desk);
        }
        self.shown = false;
    }

    /// The place of the answer under the cursor, and the address there.
    pub fn choose(&mut self, desk: &mut Desk<'_>) -> Option<(Place, String)> {
        let trove = self.troves.get(self.cursor.row())?;
        let (root, _) = self.ground.as_ref()?;
        let chosen = (root.beside(&trove.key), trove.address.clone());
        self.leave(desk);
        Some(chosen)
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

/// A newer job of the lane ends the one under way and lets go of what it read.
fn dismiss(desk: &mut Desk<'_>) {
    let lane = Lane::StateScour;
    desk.effects
        .ask(|ticket| Effect::State(StateJob::Dismiss { ticket, lane }));
}
