//! The state: its versions, the resources of one of them, the attributes of
//! one of those; or two versions side by side.
//!
//! What is under a cursor is followed into the columns beside it; every body
//! is read, parsed, searched and compared by jobs, never in here.

mod action;
mod around;
mod browser;
mod comparing;
mod dependents;
mod fleet;
mod glance;
mod history;
mod job;
mod layout;
mod opened;
mod opening;
mod rebuilding;
mod remarks;
mod repairing;
mod reveal;
mod scour;
mod summary;

use std::sync::Arc;

use jiff::Timestamp;

use crate::app::arrange::Area;
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::{Desk, Wish};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::plan::Ask;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::place::Place;
use crate::state::{Shown, Version};

pub use action::{StateAction, TABLE};
pub use browser::{Browser, Search, Stands};
pub use comparing::Comparing;
pub use dependents::{Dependents, WebRow};
pub use fleet::{Fleet, Muster};
pub use glance::{called, clipped, short, sign, summary};
pub use history::History;
pub use job::{Rest, Saved, StateJob, StateNews, StateQuestion};
pub use layout::{Column, FOOT, body_of, columns, is_wide};
pub use opened::{Aged, Details, Opened};
pub use rebuilding::Rebuilding;
pub use repairing::Repairing;
pub use scour::{Footing, Scour, Stretch, Trove};

use browser::Travel;
use comparing::Way;
use reveal::Revealing;

/// The pane of the state.
#[derive(Debug, Default)]
pub struct StatePane {
    pub history: History,
    pub browser: Browser,
    pub opened: Load<Arc<Opened>>,
    /// The version that was asked for last.
    wanted: Option<Version>,
    pub details: Load<Details>,
    /// What of the present version nobody touched for long.
    pub aged: Load<Arc<Aged>>,
    pub details_cursor: Cursor,
    /// The row of the attributes that is shown at its whole length.
    unfolded: Option<usize>,
    pub comparing: Option<Comparing>,
    /// In the place of the attributes.
    pub dependents: Option<Dependents>,
    /// Every state of the bucket, in the place of the columns.
    pub fleet: Fleet,
    /// The repair that is shown, or was shown last.
    repairing: Option<Repairing>,
    /// The imports that are listed, or were listed last.
    rebuilding: Option<Rebuilding>,
    /// The value that is shown for a moment.
    revealing: Revealing,
    /// A question to all of them, in the place of either.
    pub scour: Scour,
    pub column: Column,
    body: Area,
}

impl StatePane {
    /// The pane of another place of the same bucket, behind the same states.
    #[must_use]
    pub fn anew(self, place: Option<&Arc<Place>>) -> Self {
        let mut fleet = self.fleet;
        fleet.hide();
        let mut browser = Browser::default();
        let mut column = Column::default();
        if let Some(address) = self.browser.sought() {
            browser.seek(address);
            column = Column::Resources;
        }
        Self {
            fleet: fleet.of_bucket(place.and_then(|place| place.bucket())),
            scour: self.scour.behind(),
            browser,
            column,
            ..Self::default()
        }
    }

    /// Reads what is shown again: the states of the bucket, a comparison, the versions.
    pub fn refresh(&mut self, desk: &mut Desk<'_>) {
        if self.scour.is_shown() {
            return self.scour.reload(desk);
        }
        if self.fleet.is_shown() {
            return self.fleet.reload(desk);
        }
        self.reload(desk);
    }

    /// Reads the versions again, or the comparison where one is shown.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        if let Some(comparing) = &mut self.comparing {
            return comparing.reload(desk);
        }
        self.wanted = None;
        self.history.reload(desk);
    }

    pub fn hear(&mut self, news: StateNews, desk: &mut Desk<'_>) {
        match news {
            StateNews::Listed { ticket, outcome } => {
                self.history.listed(ticket, outcome, desk);
                self.follow(desk);
                self.age(desk);
            }
            StateNews::Paged { ticket, page } => {
                self.history.paged(ticket, page, desk);
                self.follow(desk);
            }
            StateNews::Written { ticket, outcome } => {
                self.history.written(ticket, outcome, desk);
            }
            StateNews::Beside { ticket, outcome } => {
                self.history.found_beside(ticket, outcome, desk);
                self.follow(desk);
            }
            StateNews::Read {
                ticket,
                id,
                outcome,
            } => self.history.read(ticket, id, outcome),
            StateNews::ReadEnded { ticket, outcome } => {
                self.history.read_ended(ticket, outcome, desk);
            }
            StateNews::Opened { ticket, outcome } => {
                if self.opened.settle(ticket, desk.now, outcome) == Settled::Taken {
                    self.browse(desk);
                }
            }
            StateNews::Described { ticket, outcome } => {
                self.details.settle(ticket, desk.now, outcome);
            }
            StateNews::Revealed { ticket, outcome } => {
                self.hear_revealed(ticket, outcome, desk);
            }
            StateNews::Found {
                ticket,
                outcome,
                rest,
            } => {
                self.browser.found(ticket, outcome, rest, desk);
                self.describe(desk);
            }
            StateNews::Depended { ticket, outcome } => {
                if let Some(dependents) = &mut self.dependents {
                    dependents.found(ticket, outcome, desk);
                }
            }
            StateNews::Compared { ticket, outcome } => {
                if let Some(comparing) = &mut self.comparing {
                    comparing.compared(ticket, outcome, desk);
                }
            }
            StateNews::Aged { ticket, outcome } => {
                self.aged.settle(ticket, desk.now, outcome);
                if self.aged_here().is_some() {
                    self.ask_for_details(desk);
                }
            }
            StateNews::Repaired { ticket, outcome } => {
                if let Some(repairing) = &mut self.repairing {
                    repairing.saved(ticket, outcome, desk);
                }
            }
            StateNews::Rebuilt { ticket, outcome } => {
                if let Some(rebuilding) = &mut self.rebuilding {
                    rebuilding.found(ticket, outcome, desk);
                }
            }
            StateNews::CopyWritten { ticket, outcome } => {
                if let Some(repairing) = &mut self.repairing {
                    repairing.written(ticket, outcome, desk);
                }
            }
            StateNews::Scoured { ticket, part } => self.scour.scoured(ticket, part),
            StateNews::ScourEnded { ticket, outcome } => {
                self.scour.ended(ticket, outcome, desk);
            }
            StateNews::Mustered { ticket, part } => self.fleet.mustered(ticket, part, desk),
            StateNews::MusterEnded { ticket, outcome } => {
                self.fleet.ended(ticket, outcome, desk);
            }
        }
    }

    pub fn act(&mut self, action: StateAction, desk: &mut Desk<'_>) {
        if action == StateAction::Everywhere {
            return self.ask_everywhere(desk);
        }
        if self.scour.is_shown() {
            return self.act_on_scour(action, desk);
        }
        if self.fleet.is_shown() {
            return self.act_on_fleet(action, desk);
        }
        if self.comparing.is_some() && !self.offers(action) && action != StateAction::Order {
            return desk.say(Tone::Note, "esc leaves the comparison first");
        }
        match action {
            StateAction::Everywhere => {}
            StateAction::Summary => self.sum_up(desk),
            StateAction::Fleet => self.fleet.show(desk),
            StateAction::Order => desk.say(Tone::Note, "a shows the states to put in order"),
            StateAction::Open => self.enter(desk),
            StateAction::Mark => self.mark(desk),
            StateAction::Dependents => self.depend(desk),
            StateAction::Restore => self.restore(desk),
            StateAction::Repair => self.repairing = Repairing::begun(&self.history, desk),
            StateAction::Rebuild => self.rebuilding = Rebuilding::begun(&self.history, desk),
            StateAction::Search => self.search(desk),
            StateAction::Copy => self.copy(desk),
            StateAction::Reveal => self.reveal(desk),
            StateAction::NextChange => self.jump(Way::Next, desk),
            StateAction::PreviousChange => self.jump(Way::Previous, desk),
        }
    }

    /// Has the restore of the version under the cursor planned.
    fn restore(&self, desk: &mut Desk<'_>) {
        match self.history.here() {
            Some(version) if version.kind.has_body() => {
                desk.wishes
                    .push(Wish::Prepare(Ask::Restore(version.reference())));
            }
            Some(_) => desk.say(Tone::Note, "a delete marker has nothing to restore"),
            None => desk.say(Tone::Note, "no version under the cursor"),
        }
    }

    pub fn travel(&mut self, motion: Motion, desk: &mut Desk<'_>) {
        if self.scour.is_shown() {
            return self.scour.cursor.travel(motion);
        }
        if self.fleet.is_shown() {
            return self.fleet.cursor.travel(motion);
        }
        if let Some(comparing) = &mut self.comparing {
            return comparing.cursor.travel(motion);
        }
        match (motion, self.column) {
            (Motion::NextColumn, column) => self.column = column.step(1),
            (Motion::PreviousColumn, column) => self.column = column.step(2),
            (Motion::Right, Column::Versions) | (Motion::Left, Column::Attributes) => {
                self.column = Column::Resources;
            }
            (_, Column::Versions) => {
                self.history.cursor.travel(motion);
                self.history.read_on(desk);
                self.follow(desk);
            }
            (_, Column::Resources) => {
                if self.browser.travel(motion) == Travel::Out {
                    self.column = Column::Versions;
                }
                self.describe(desk);
            }
            (_, Column::Attributes) => {
                self.unfolded = None;
                let dependents = self.dependents.as_mut();
                let cursor = dependents.map_or(&mut self.details_cursor, |web| &mut web.cursor);
                cursor.travel(motion);
            }
        }
    }

    /// One level back: out of the comparison, the search, a column; then it stops
    /// waiting, and at last shows the states that this one was opened from.
    pub fn back(&mut self, desk: &mut Desk<'_>) {
        if self.scour.is_shown() {
            return self.scour.back(desk);
        }
        if self.fleet.is_shown() {
            if !self.fleet.filter.is_empty() {
                self.fleet.narrow(String::new(), desk.now);
            } else if !self.fleet.give_up(desk) {
                self.leave_fleet(desk);
            }
            return;
        }
        if self.comparing.take().is_some() {
            self.history.unmark();
            return;
        }
        match self.column {
            Column::Attributes if self.unfolded.take().is_some() => {}
            Column::Attributes => {
                self.dependents = None;
                self.column = Column::Resources;
            }
            Column::Resources if self.dependents.take().is_some() => {}
            Column::Resources if self.browser.search().is_some() => self.browser.leave_search(),
            Column::Resources => self.column = Column::Versions,
            Column::Versions => {
                if self.history.unmark() {
                    return;
                }
                if self.waiting_since().is_none() && self.fleet.is_known() {
                    return self.fleet.show(desk);
                }
                self.give_up();
            }
        }
    }

    /// Stops waiting.
    pub fn give_up(&mut self) {
        self.history.give_up();
        self.opened.give_up();
        self.details.give_up();
    }

    /// Hears what a sheet of this pane returns.
    pub fn answer(&mut self, question: StateQuestion, outcome: Outcome, desk: &mut Desk<'_>) {
        match (question, outcome) {
            (StateQuestion::Everywhere, outcome) => self.asked_everywhere(outcome, desk),
            (StateQuestion::Filter, Outcome::SoFar(text)) => self.fleet.narrow(text, desk.now),
            (StateQuestion::Filter, Outcome::Closed(Reply::Abandoned)) => {
                self.fleet.narrow(String::new(), desk.now);
            }
            (StateQuestion::Search, outcome) => self.searched(outcome, desk),
            (StateQuestion::Repair, Outcome::Asked(key)) => {
                if let Some(repairing) = &self.repairing {
                    repairing.press(key, desk);
                }
            }
            (StateQuestion::Rebuild, Outcome::Picked(row, key)) => {
                if let Some(rebuilding) = &mut self.rebuilding {
                    rebuilding.press(row, key, desk);
                }
            }
            (StateQuestion::CopyTo, outcome) => {
                if let Some(repairing) = &mut self.repairing {
                    repairing.copy_to(outcome, desk);
                }
            }
            (
                StateQuestion::Filter
                | StateQuestion::Repair
                | StateQuestion::Rebuild
                | StateQuestion::Summary,
                _,
            ) => {}
        }
    }

    fn searched(&mut self, outcome: Outcome, desk: &mut Desk<'_>) {
        match outcome {
            Outcome::SoFar(text) => self.browser.ask(text, desk),
            Outcome::Closed(Reply::Abandoned) => self.browser.leave_search(),
            Outcome::Closed(Reply::Texts(_) | Reply::Chosen(_))
            | Outcome::Kept
            | Outcome::Asked(_)
            | Outcome::Picked(..) => {}
        }
        self.describe(desk);
    }

    /// Since when anything of this pane is awaited.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let comparing = self.comparing.as_ref();
        let dependents = self.dependents.as_ref();
        [
            self.history.list.waiting_since(),
            self.history.reading_since(),
            self.opened.waiting_since(),
            dependents.and_then(|dependents| dependents.reach.waiting_since()),
            comparing.and_then(|comparing| comparing.sides.waiting_since()),
            self.fleet.feed.waiting_since(),
            self.scour.feed.waiting_since(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn search(&mut self, desk: &mut Desk<'_>) {
        if self.comparing.is_some() || self.shown().is_none() {
            return desk.say(Tone::Note, "no resources to search");
        }
        self.column = Column::Resources;
        let text = self
            .browser
            .search()
            .map_or("", |search| search.question.as_str());
        let prompt = Prompt::new(
            "/",
            "parts of an address, apart by spaces, or a value",
            text,
            Pace::WhileTyping,
        );
        desk.open(Sheet::Prompt(prompt), Asker::State(StateQuestion::Search));
    }

    fn copy(&mut self, desk: &mut Desk<'_>) {
        let found = match (&self.comparing, self.column) {
            (Some(comparing), _) => {
                let sides = comparing.sides.shown();
                let name = sides.and_then(|sides| sides.name(comparing.cursor.row()));
                name.map(|name| (name.to_owned(), "the address"))
            }
            (None, Column::Versions) => {
                let here = self.history.here();
                here.map(|version| match version.source() {
                    None => (version.id.0.clone(), "the version id"),
                    Some(_) => (version.id.0.clone(), "what a command calls it"),
                })
            }
            (None, Column::Resources) => self
                .browser
                .address()
                .map(|address| (address, "the address")),
            (None, Column::Attributes) if self.dependents.is_some() => {
                let limb = self.dependents.as_ref().and_then(Dependents::here);
                limb.map(|limb| (limb.address.clone(), "the address"))
            }
            (None, Column::Attributes) => {
                match self.details.shown().and_then(|details| details.id.clone()) {
                    Some(Shown::Plain(id)) => Some((id, "the resource's id")),
                    Some(Shown::Masked) | None => None,
                }
            }
        };
        match found {
            Some((text, what)) => desk.copy(text, what),
            None => desk.say(Tone::Note, "nothing here to copy"),
        }
    }
}
