//! The state: its versions, the resources of one of them, the attributes of
//! one of those; or two versions side by side.
//!
//! What is under a cursor is followed into the columns beside it; every body
//! is read, parsed, searched and compared by jobs, never in here.

mod browser;
mod comparing;
mod dependents;
mod fleet;
mod glance;
mod history;
mod job;
mod layout;
mod repairing;
mod scour;
mod summary;

use jiff::Timestamp;

use crate::app::action::{Action, Row, row};
use crate::app::arrange::Area;
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::{Desk, Wish};
use crate::app::effect::Effect;
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::plan::Ask;
use crate::app::role::Role;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::app::text::{size, wrap};
use crate::place::Place;
use crate::state::{Kind, Reference, Shown, Version, VersionId};

pub use browser::{Browser, Search, Stands};
pub use comparing::Comparing;
pub use dependents::{Dependents, WebRow};
pub use fleet::{Fleet, Muster};
pub use glance::{short, sign, summary};
pub use history::History;
pub use job::{Details, Opened, Rest, Saved, StateJob, StateNews, StateQuestion};
pub use layout::{Column, body_of, columns, is_wide};
pub use repairing::Repairing;
pub use scour::{Scour, Stretch, Trove};

use browser::Travel;
use comparing::Way;
use std::sync::Arc;

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateAction {
    Open,
    Mark,
    Restore,
    Repair,
    Search,
    Copy,
    Dependents,
    NextChange,
    PreviousChange,
    Fleet,
    Order,
    Everywhere,
    Summary,
}

pub const TABLE: &[Row] = &[
    row(
        Action::State(StateAction::Open),
        "state.open",
        "Open the version, unfold the module, or read the resource under the cursor",
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
        None,
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
        None,
    ),
];

/// A version larger than this is opened when a person asks, not by passing over it.
const FOLLOWED: u64 = 4 << 20;

/// At most so many rows of a column say what is wrong.
const REMARKS: usize = 6;

/// The pane of the state.
#[derive(Debug, Default)]
pub struct StatePane {
    pub history: History,
    pub browser: Browser,
    pub opened: Load<Arc<Opened>>,
    /// The version that was asked for last.
    wanted: Option<Version>,
    pub details: Load<Details>,
    pub details_cursor: Cursor,
    pub comparing: Option<Comparing>,
    /// In the place of the attributes.
    pub dependents: Option<Dependents>,
    /// Every state of the bucket, in the place of the columns.
    pub fleet: Fleet,
    /// The repair that is shown, or was shown last.
    repairing: Option<Repairing>,
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
            }
            StateNews::Paged { ticket, page } => {
                self.history.paged(ticket, page, desk);
                self.follow(desk);
            }
            StateNews::Written { ticket, outcome } => {
                self.history.written(ticket, outcome, desk);
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
            StateNews::Repaired { ticket, outcome } => {
                if let Some(repairing) = &mut self.repairing {
                    repairing.saved(ticket, outcome, desk);
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
            StateAction::Search => self.search(desk),
            StateAction::Copy => self.copy(desk),
            StateAction::NextChange => self.jump(Way::Next, desk),
            StateAction::PreviousChange => self.jump(Way::Previous, desk),
        }
    }

    /// Shows what the comparison comes to, or what the version is made of.
    fn sum_up(&self, desk: &mut Desk<'_>) {
        let sheet = match &self.comparing {
            Some(comparing) => comparing
                .sides
                .shown()
                .map(|sides| summary::of_changes(sides)),
            None => self
                .shown()
                .map(|opened| summary::of_state(&opened.anatomy)),
        };
        match sheet {
            Some(sheet) => {
                desk.open(Sheet::Reading(sheet), Asker::State(StateQuestion::Summary));
            }
            None => desk.say(Tone::Note, "nothing is read yet to sum up"),
        }
    }

    /// Whether something stands in the place of the columns that needs no open state.
    pub fn covers(&self) -> bool {
        self.fleet.is_shown() || self.scour.is_shown()
    }

    /// Asks what is looked for in every state; what was looked for in this one is offered.
    fn ask_everywhere(&mut self, desk: &mut Desk<'_>) {
        let search = self.browser.search();
        let text = match search.map(|search| search.question.as_str()) {
            Some(text) if !self.covers() => text,
            _ => &self.scour.question,
        };
        let label = "an address or a value, in every state of the bucket";
        let prompt = Prompt::new("f", label, text, Pace::AtTheEnd);
        let asker = Asker::State(StateQuestion::Everywhere);
        desk.open(Sheet::Prompt(prompt), asker);
    }

    /// Asks every state where the fleet lies, or beside the open one.
    fn look_everywhere(&mut self, question: String, desk: &mut Desk<'_>) {
        let fleet = self.fleet.ground();
        let fleet = fleet.map(|(root, prefix)| (Arc::clone(root), prefix.to_owned()));
        let beside = || Some((Arc::clone(desk.place?), String::new()));
        match fleet.or_else(beside) {
            Some(ground) if !question.trim().is_empty() => {
                self.scour.ask(ground, question, desk);
            }
            Some(_) => desk.say(Tone::Note, "nothing was asked"),
            None => desk.say(Tone::Note, "there is no bucket to look into yet"),
        }
    }

    /// What lies behind the answers is not acted on while nobody sees it.
    fn act_on_scour(&mut self, action: StateAction, desk: &mut Desk<'_>) {
        match action {
            StateAction::Open => {
                let Some((place, address)) = self.scour.choose() else {
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
            StateAction::Search
            | StateAction::Order
            | StateAction::Everywhere
            | StateAction::Summary
            | StateAction::Mark
            | StateAction::Restore
            | StateAction::Repair
            | StateAction::Dependents
            | StateAction::NextChange
            | StateAction::PreviousChange => {
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
    fn act_on_fleet(&mut self, action: StateAction, desk: &mut Desk<'_>) {
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
            | StateAction::Dependents
            | StateAction::NextChange
            | StateAction::PreviousChange => {
                desk.say(Tone::Note, "enter opens a state first");
            }
        }
    }

    /// Shows the open state again, if there is one.
    fn leave_fleet(&mut self, desk: &mut Desk<'_>) {
        match desk.place {
            Some(_) => drop(self.fleet.hide()),
            None => desk.say(Tone::Note, "no state is open: enter opens one"),
        }
    }

    /// Has the restore of the version under the cursor planned.
    fn restore(&self, desk: &mut Desk<'_>) {
        match self.history.here() {
            Some(version) if version.kind == Kind::Object => {
                let reference = Reference::Version(version.id.clone());
                desk.wishes.push(Wish::Prepare(Ask::Restore(reference)));
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
            (_, Column::Attributes) => match &mut self.dependents {
                Some(dependents) => dependents.cursor.travel(motion),
                None => self.details_cursor.travel(motion),
            },
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
            (StateQuestion::Everywhere, Outcome::Closed(Reply::Texts(texts))) => {
                self.look_everywhere(texts.into_iter().next().unwrap_or_default(), desk);
            }
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
            (StateQuestion::CopyTo, outcome) => {
                if let Some(repairing) = &mut self.repairing {
                    repairing.copy_to(outcome, desk);
                }
            }
            (
                StateQuestion::Filter
                | StateQuestion::Repair
                | StateQuestion::Everywhere
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

    /// Gives every cursor its height.
    pub fn arrange(&mut self, body: Area) {
        self.body = body;
        let rows = |pane: &Self, column| usize::from(pane.rows_of(column).height);
        let (versions, resources, attributes) = (
            rows(self, Column::Versions),
            rows(self, Column::Resources),
            rows(self, Column::Attributes),
        );
        let length = self.history.versions().len();
        self.history.cursor.arrange(length, versions);
        self.browser.arrange(resources);
        let length = self
            .details
            .shown()
            .map_or(0, |details| details.rows().len());
        self.details_cursor.arrange(length, attributes);
        if let Some(dependents) = &mut self.dependents {
            dependents.arrange(attributes);
        }
        let rows = usize::from(body.height).saturating_sub(1);
        self.fleet.arrange(rows.saturating_sub(1));
        self.scour.arrange(rows);
        if let Some(comparing) = &mut self.comparing {
            comparing.arrange(usize::from(body.height).saturating_sub(2));
        }
    }

    /// The whole area of a column, its rule included.
    pub fn column_area(&self, column: Column) -> Area {
        columns(self.body, self.column)[column as usize]
    }

    /// The area of a column's list: below its rule and remarks, above what stands at its foot.
    pub fn rows_of(&self, column: Column) -> Area {
        let area = self.column_area(column);
        let above = self.remarks(column).len();
        let below = if column == Column::Versions { FOOT } else { 0 };
        body_of(area, above, below)
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

    /// The id of the runbook for what is under the cursor.
    pub fn runbook(&self) -> &'static str {
        match self.history.here().map(|version| version.kind) {
            Some(Kind::DeleteMarker) => "state-deleted",
            Some(Kind::Object) | None => "state-corrupt",
        }
    }

    /// What is wrong with what a column shows, above its rows.
    pub fn remarks(&self, column: Column) -> Vec<(Role, String)> {
        let columns = usize::from(self.column_area(column).width).saturating_sub(4);
        if columns == 0 {
            return Vec::new();
        }
        let mut rows = Vec::new();
        let versions = self.history.list.shown();
        let denied = versions.and_then(|versions| versions.denied.as_ref());
        let faults = match column {
            Column::Versions => [
                self.history.list.fault().or(denied),
                self.history.reading_fault(),
            ],
            Column::Resources => [self.opened.fault(), self.here_unreadable()],
            Column::Attributes if self.dependents.is_some() => [None, None],
            Column::Attributes => [self.details.fault(), None],
        };
        for fault in faults.into_iter().flatten() {
            rows.push((Role::Critical, format!("✖ {fault}")));
            rows.extend(fault.hint.clone().map(|hint| (Role::Note, hint)));
        }
        if let (Column::Resources, Some(opened)) = (column, self.shown()) {
            let (glyph, role) = sign(opened.contents.health);
            let why = opened.contents.why.iter();
            rows.extend(why.map(|why| (role, format!("{glyph} {why}"))));
        }
        let wrapped = rows.into_iter().flat_map(|(role, text)| {
            let rows = wrap(&text, columns).into_iter();
            rows.map(move |row| (role, row))
        });
        let excerpt = match (column, self.shown()) {
            (Column::Resources, Some(opened)) => opened.excerpt.as_deref(),
            _ => None,
        };
        let excerpt = excerpt.map(|text| (Role::Code, clip_start(text, columns)));
        wrapped.take(REMARKS).chain(excerpt).collect()
    }

    /// The version whose resources are shown.
    pub fn shown(&self) -> Option<&Arc<Opened>> {
        self.browser.opened()
    }

    /// Whether only one column fits on the screen.
    pub fn is_narrow(&self) -> bool {
        !is_wide(self.body)
    }

    /// What the resources say in the place of rows that they do not have.
    pub fn nothing(&self) -> Option<String> {
        let here = self.history.here()?;
        if here.kind == Kind::DeleteMarker {
            return Some("– the state was deleted at this point".to_owned());
        }
        let follows = here.size <= FOLLOWED || self.is_wanted(here);
        (!follows).then(|| format!("enter reads it: {}", size(here.size)))
    }

    fn here_unreadable(&self) -> Option<&crate::fault::Fault> {
        let here = self.history.here()?;
        // The fault of opening it says the same.
        let opening = self.opened.fault().is_some() || self.is_shown(&here.id);
        self.history.unreadable(&here.id).filter(|_| !opening)
    }

    fn is_wanted(&self, version: &Version) -> bool {
        self.wanted.as_ref() == Some(version)
    }

    fn is_shown(&self, id: &VersionId) -> bool {
        self.shown().is_some_and(|opened| opened.version.id == *id)
    }

    /// Opens what is under the versions' cursor, unless it is large.
    fn follow(&mut self, desk: &mut Desk<'_>) {
        let here = self
            .history
            .here()
            .filter(|version| version.size <= FOLLOWED);
        if let Some(version) = here.cloned() {
            self.open(version, desk);
        }
    }

    fn open(&mut self, version: Version, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        if version.kind == Kind::DeleteMarker || self.is_wanted(&version) {
            return;
        }
        self.wanted = Some(version.clone());
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Open {
                ticket,
                place,
                version,
            })
        });
        self.opened.expect(ticket, desk.now);
    }

    /// Shows the version that was opened, or asks for another try of one that could not be.
    fn browse(&mut self, desk: &mut Desk<'_>) {
        if self.opened.fault().is_some() {
            self.wanted = None;
            return;
        }
        let Some(opened) = self.opened.shown().cloned() else {
            return;
        };
        let (id, contents) = (opened.version.id.clone(), opened.contents.clone());
        self.history.know(id, Ok(contents));
        self.details = Load::default();
        self.dependents = None;
        self.browser.show(opened, desk);
        self.describe(desk);
    }

    /// Reads the attributes of the instance under the cursor.
    fn describe(&mut self, desk: &mut Desk<'_>) {
        let (Some(opened), Some(instance)) = (self.shown().cloned(), self.browser.instance())
        else {
            return;
        };
        if self
            .dependents
            .as_ref()
            .is_some_and(|dependents| dependents.of != instance)
        {
            self.dependents = Some(Dependents::new(Arc::clone(&opened), instance, desk));
        }
        let same = self
            .details
            .shown()
            .is_some_and(|details| details.instance == instance);
        if same && self.details.waiting_since().is_none() {
            return;
        }
        let now = desk.now;
        let bucket = desk
            .place
            .and_then(|place| place.bucket())
            .map(str::to_owned);
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Describe {
                ticket,
                opened,
                instance,
                now,
                bucket,
            })
        });
        self.details.expect(ticket, desk.now);
        self.details_cursor.go(0);
    }

    fn enter(&mut self, desk: &mut Desk<'_>) {
        match self.column {
            _ if self.comparing.is_some() => {}
            Column::Versions => {
                if let Some(version) = self.history.here().cloned() {
                    self.open(version, desk);
                    self.column = Column::Resources;
                }
            }
            Column::Resources => {
                if !self.browser.toggle() && self.browser.instance().is_some() {
                    self.describe(desk);
                    self.column = Column::Attributes;
                }
            }
            Column::Attributes => self.follow_limb(desk),
        }
    }

    /// Goes to the resource under the cursor of the trees.
    fn follow_limb(&mut self, desk: &mut Desk<'_>) {
        let limb = self.dependents.as_ref().and_then(Dependents::here);
        match limb.map(|limb| limb.first) {
            Some(Some(first)) => {
                self.browser.show_instance(first);
                self.describe(desk);
            }
            Some(None) => desk.say(Tone::Note, "this version does not hold it"),
            None => {}
        }
    }

    /// Shows the trees in the place of the attributes, or the attributes again.
    fn depend(&mut self, desk: &mut Desk<'_>) {
        if self.comparing.is_some() || self.dependents.take().is_some() {
            return;
        }
        match (self.shown().cloned(), self.browser.instance()) {
            (Some(opened), Some(instance)) => {
                self.dependents = Some(Dependents::new(opened, instance, desk));
                self.column = Column::Attributes;
            }
            _ => desk.say(Tone::Note, "no resource under the cursor: tab goes to them"),
        }
    }

    fn mark(&mut self, desk: &mut Desk<'_>) {
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

    fn jump(&mut self, way: Way, desk: &mut Desk<'_>) {
        match &mut self.comparing {
            Some(comparing) => comparing.jump(way, desk),
            None => desk.say(Tone::Note, "m on two versions compares them"),
        }
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
                here.map(|version| (version.id.0.clone(), "the version id"))
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

/// The end of a text that fits into so many columns.
fn clip_start(text: &str, columns: usize) -> String {
    let skipped = text.chars().count().saturating_sub(columns);
    let dots = if skipped > 0 { "…" } else { "" };
    let kept = text.chars().skip(skipped + dots.chars().count());
    dots.chars().chain(kept).collect()
}

/// The rows below the versions: who wrote the one under the cursor, the last good
/// one, and the course of size and resources.
pub const FOOT: usize = 3;
