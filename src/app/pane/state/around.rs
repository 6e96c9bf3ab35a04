//! The states around the open one: while every state of the bucket, or what was
//! found in all of them, stands in the place of the columns, keys mean that.

use std::sync::Arc;

use super::job::StateQuestion;
use super::layout::Column;
use super::{StateAction, StatePane};
use crate::app::desk::{Desk, Wish};
use crate::app::notice::Tone;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::place::Place;

impl StatePane {
    /// Whether something stands in the place of the columns that needs no open state.
    pub fn covers(&self) -> bool {
        self.fleet.is_shown() || self.scour.is_shown()
    }

    /// Asks what is looked for in every state; what was looked for in this one is offered.
    pub(super) fn ask_everywhere(&mut self, desk: &mut Desk<'_>) {
        let search = self.browser.search();
        let text = match search.map(|search| search.question.as_str()) {
            Some(text) if !self.covers() => text,
            _ => &self.scour.question,
        };
        let label = "an address or a value, in every state of the bucket";
        let prompt = Prompt::new("f", label, text, Pace::WhileTyping);
        self.scour.begin();
        let asker = Asker::State(StateQuestion::Everywhere);
        desk.open(Sheet::Prompt(prompt), asker);
    }

    /// Hears what is looked for in every state, letter by letter.
    pub(super) fn asked_everywhere(&mut self, outcome: Outcome, desk: &mut Desk<'_>) {
        match outcome {
            Outcome::SoFar(text) if text.trim().is_empty() => self.scour.leave(desk),
            Outcome::SoFar(text) => self.look_everywhere(text, desk),
            Outcome::Closed(Reply::Texts(texts)) => {
                let text = texts.into_iter().next().unwrap_or_default();
                if text.trim().is_empty() {
                    return desk.say(Tone::Note, "nothing was asked");
                }
                self.look_everywhere(text, desk);
            }
            Outcome::Closed(Reply::Abandoned) => self.scour.leave(desk),
            Outcome::Closed(Reply::Chosen(_))
            | Outcome::Kept
            | Outcome::Asked(_)
            | Outcome::Picked(..) => {}
        }
    }

    /// Asks every state where the fleet lies, or beside the open one.
    fn look_everywhere(&mut self, question: String, desk: &mut Desk<'_>) {
        let fleet = self.fleet.ground();
        let fleet = fleet.map(|(root, prefix)| (Arc::clone(root), prefix.to_owned()));
        let beside = || Some((Arc::clone(desk.place?), String::new()));
        match fleet.or_else(beside) {
            Some(ground) => self.scour.ask(ground, question, desk),
            None => desk.say(Tone::Note, "there is no bucket to look into yet"),
        }
    }

    /// What lies behind the answers is not acted on while nobody sees it.
    pub(super) fn act_on_scour(&mut self, action: StateAction, desk: &mut Desk<'_>) {
        match action {
            StateAction::Open => {
                let Some((place, address)) = self.scour.choose(desk) else {
                    return desk.say(Tone::Note, "nothing under the cursor to open");
                };
                self.fleet.hide();
                self.open_at(place, address, desk);
            }
            StateAction::Copy => match self.scour.troves.get(self.scour.cursor.row()) {
                Some(trove) => desk.copy(trove.address.clone(), "the address"),
                None => desk.say(Tone::Note, "nothing here to copy"),
            },
            StateAction::Fleet => {
                self.scour.leave(desk);
                self.fleet.show(desk);
            }
            StateAction::Search | StateAction::Everywhere => self.ask_everywhere(desk),
            StateAction::Order
            | StateAction::Summary
            | StateAction::Mark
            | StateAction::Restore
            | StateAction::Repair
            | StateAction::Rebuild
            | StateAction::Dependents
            | StateAction::NextChange
            | StateAction::PreviousChange
            | StateAction::Reveal => {
                desk.say(Tone::Note, "enter opens the state that it is in first");
            }
        }
    }

    /// Goes to an address in another state, or in the one that is open.
    fn open_at(&mut self, place: Place, address: String, desk: &mut Desk<'_>) {
        let open = desk.place.as_ref().map(|open| open.full_name());
        self.browser.seek(address);
        self.column = Column::Resources;
        if open != Some(place.full_name()) {
            return desk.wishes.push(Wish::Settle(Box::new(place)));
        }
        self.browser.leave_search();
        if let Some(opened) = self.shown().cloned() {
            self.browser.show(opened, desk);
            self.describe(desk);
        }
    }

    /// What lies behind the states is not acted on while nobody sees it.
    pub(super) fn act_on_fleet(&mut self, action: StateAction, desk: &mut Desk<'_>) {
        match action {
            StateAction::Open => self.fleet.choose(desk),
            StateAction::Order => self.fleet.reorder(desk.now),
            StateAction::Fleet => self.leave_fleet(desk),
            StateAction::Search => {
                let prompt = Prompt::new(
                    "/",
                    "a part of the key",
                    &self.fleet.filter,
                    Pace::WhileTyping,
                );
                desk.open(Sheet::Prompt(prompt), Asker::State(StateQuestion::Filter));
            }
            StateAction::Copy => match self.fleet.here().map(str::to_owned) {
                Some(key) => desk.copy(key, "the key of the state"),
                None => desk.say(Tone::Note, "nothing here to copy"),
            },
            StateAction::Everywhere
            | StateAction::Summary
            | StateAction::Mark
            | StateAction::Restore
            | StateAction::Repair
            | StateAction::Rebuild
            | StateAction::Dependents
            | StateAction::NextChange
            | StateAction::PreviousChange
            | StateAction::Reveal => {
                desk.say(Tone::Note, "enter opens a state first");
            }
        }
    }

    /// Shows the open state again, if there is one.
    pub(super) fn leave_fleet(&mut self, desk: &mut Desk<'_>) {
        match desk.place {
            Some(_) => drop(self.fleet.hide()),
            None => desk.say(Tone::Note, "no state is open: enter opens one"),
        }
    }
}
