//! The first pane: the place, the caller, and a card for each of the other
//! panes. It owns what is known about the place; the cards only read.

mod job;
mod recreated;

use std::sync::Arc;

use jiff::Timestamp;

use super::PaneId;
use crate::analysis::{Finding, Owned, Taken, of_credentials};
use crate::app::action::{Action, Row, row};
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::fault::Fault;
use crate::place::{Backend, Caller, Credentials, Identity, Place};
use crate::recovery::readiness::Check;

pub use job::{Find, Finds, Lookout, PlaceJob, PlaceNews};
use recreated::Recreated;

/// What can be asked of this pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SituationAction {
    Open,
    Readiness,
    CopyPlace,
}

pub const TABLE: &[Row] = &[
    row(
        Action::Situation(SituationAction::Open),
        "situation.open",
        "Go to what the card under the cursor is about",
        "enter",
        Some("open"),
    ),
    row(
        Action::Situation(SituationAction::Readiness),
        "situation.readiness",
        "Show whether this place could be recovered tonight, each condition with its remedy",
        "t",
        None,
    ),
    row(
        Action::Situation(SituationAction::CopyPlace),
        "situation.copy",
        "Copy the name of the place",
        "y",
        Some("copy place"),
    ),
];

/// What a piece of place news means for the console around this pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Another place is selected: every other pane starts anew.
    Moved,
    Stayed,
    /// It is known who would write, or why nobody can.
    Authorized,
    /// More is known of the credentials.
    Examined,
    SignedIn(Result<(), Fault>),
    /// Several places could be meant: the person has to choose.
    Undecided,
}

/// The first pane.
#[derive(Debug, Default)]
pub struct SituationPane {
    pub finds: Load<Finds>,
    selected: Option<usize>,
    pub identity: Load<Identity>,
    /// What is known of the credentials, once somebody asked or nobody could be identified.
    pub credentials: Load<Option<Box<Credentials>>>,
    /// Whether the place could be recovered, asked once it is known who asks.
    pub readiness: Load<Vec<Check>>,
    /// Whose it is what exists already, as far as it was asked.
    owners: Load<Vec<(Taken, Owned)>>,
    asked: Vec<Taken>,
    /// What a plan in the logs would create a second time.
    recreated: Recreated,
    /// What is wrong with the credentials.
    finding: Option<Finding>,
    /// Who would write, while an arming waits for it.
    pub writer: Load<Caller>,
    pub cursor: Cursor,
    /// How many findings stand above the cards.
    findings: usize,
    lookout: Option<Lookout>,
}

/// The panes that have a card, in the order of the cards.
pub const CARDS: [PaneId; 4] = [PaneId::Locks, PaneId::State, PaneId::Logs, PaneId::Runbooks];

impl SituationPane {
    /// The directory that is selected.
    pub fn find(&self) -> Option<&Find> {
        self.finds.shown()?.found.get(self.selected?)
    }

    /// The selected place.
    pub fn place(&self) -> Option<&Arc<Place>> {
        self.find()?.outcome.as_ref().ok()
    }

    /// Why there is no place: the search failed, or what is selected leads to none.
    pub fn fault(&self) -> Option<&Fault> {
        self.finds
            .fault()
            .or_else(|| self.find()?.outcome.as_ref().err())
    }

    /// The number of the selected place in the list.
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// Starts to look for places.
    pub fn look(&mut self, lookout: Lookout, desk: &mut Desk<'_>) {
        self.lookout = Some(lookout);
        self.reload(desk);
    }

    /// Looks for places again.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(lookout) = self.lookout.clone() else {
            return;
        };
        // Which of the bucket's states is meant, a person says in the third pane.
        if matches!(lookout, Lookout::Bucket { .. }) {
            return;
        }
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Place(PlaceJob::Discover { ticket, lookout }));
        self.finds.expect(ticket, desk.now);
    }

    /// Selects a place of the list and asks who is calling there.
    pub fn select(&mut self, number: usize, desk: &mut Desk<'_>) {
        self.selected = Some(number);
        self.identity = Load::default();
        self.credentials = Load::default();
        self.readiness = Load::default();
        self.finding = None;
        self.owners = Load::default();
        self.asked = Vec::new();
        self.recreated = Recreated::default();
        self.writer = Load::default();
        self.identify(desk);
    }

    fn identify(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = self.place().cloned() else {
            return;
        };
        // Where the state cannot be read there is nobody to be asked who is calling.
        if matches!(place.backend, Backend::Other { .. }) {
            return;
        }
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Place(PlaceJob::Identify { ticket, place }));
        self.identity.expect(ticket, desk.now);
    }

    /// Asks anew who is calling, under credentials that may be others.
    pub fn identify_again(&mut self, desk: &mut Desk<'_>) {
        self.identify(desk);
        if self.credentials.shown().is_some() {
            self.examine(desk);
        }
    }

    /// Looks at the credentials themselves.
    pub fn examine(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = self.place().cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Place(PlaceJob::Examine { ticket, place }));
        self.credentials.expect(ticket, desk.now);
    }

    /// Looks once whether the place could be recovered.
    fn ready(&mut self, desk: &mut Desk<'_>) {
        let is_known = self.readiness.shown().is_some();
        let Some(place) = self.place().filter(|_| !is_known).cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Place(PlaceJob::Ready { ticket, place }));
        self.readiness.expect(ticket, desk.now);
    }

    /// Whose it is what exists already; asked once of each.
    pub fn owners(&mut self, taken: Vec<Taken>, desk: &mut Desk<'_>) -> &[(Taken, Owned)] {
        if !taken.is_empty() && taken != self.asked {
            let Some(place) = self.place().cloned() else {
                return &[];
            };
            self.asked.clone_from(&taken);
            let job = |ticket| PlaceJob::Owners {
                ticket,
                place,
                taken,
            };
            let ticket = desk.effects.ask(|ticket| Effect::Place(job(ticket)));
            self.owners.expect(ticket, desk.now);
        }
        self.owners.shown().map_or(&[], Vec::as_slice)
    }

    /// What is wrong with the credentials.
    pub fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }

    /// Who is calling; none before the answer came.
    pub fn caller(&self) -> Option<&Caller> {
        self.identity.shown().map(|identity| &identity.caller)
    }

    /// Asks who would write.
    pub fn authorize(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = self.place().cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Place(PlaceJob::Authorize { ticket, place }));
        self.writer.expect(ticket, desk.now);
    }

    pub fn hear(&mut self, news: PlaceNews, desk: &mut Desk<'_>) -> Turn {
        match news {
            PlaceNews::Discovered { ticket, outcome } => self.discovered(ticket, outcome, desk),
            PlaceNews::Identified { ticket, outcome } => {
                let failed = outcome.is_err();
                if self.identity.settle(ticket, desk.now, outcome) == Settled::Taken {
                    self.finding = None;
                    if failed {
                        self.examine(desk);
                    } else {
                        self.ready(desk);
                    }
                }
                Turn::Stayed
            }
            PlaceNews::Examined { ticket, outcome } => {
                if self.credentials.settle(ticket, desk.now, outcome) == Settled::Stale {
                    return Turn::Stayed;
                }
                let known = self.credentials.shown().and_then(Option::as_ref);
                self.finding = known.and_then(|known| of_credentials(known, desk.now));
                Turn::Examined
            }
            PlaceNews::Readied { ticket, outcome } => {
                self.readiness.settle(ticket, desk.now, outcome);
                Turn::Stayed
            }
            PlaceNews::Owned { ticket, outcome } => {
                self.owners.settle(ticket, desk.now, outcome);
                Turn::Stayed
            }
            PlaceNews::Recreated { ticket, outcome } => {
                self.recreated.hear(ticket, outcome, desk);
                Turn::Stayed
            }
            PlaceNews::SignedIn { outcome } => Turn::SignedIn(outcome),
            PlaceNews::Authorized { ticket, outcome } => {
                match self.writer.settle(ticket, desk.now, outcome) {
                    Settled::Taken => Turn::Authorized,
                    Settled::Stale => Turn::Stayed,
                }
            }
        }
    }

    /// Keeps the selected place where a new look finds it unchanged; anything else is a move.
    fn discovered(
        &mut self,
        ticket: Ticket,
        outcome: Result<Finds, Fault>,
        desk: &mut Desk<'_>,
    ) -> Turn {
        let before = self.place().cloned();
        if self.finds.settle(ticket, desk.now, outcome) == Settled::Stale
            || self.finds.fault().is_some()
        {
            return Turn::Stayed;
        }
        let Some(finds) = self.finds.shown() else {
            return Turn::Stayed;
        };
        let same = |find: &Find| before.is_some() && find.outcome.as_ref().ok() == before.as_ref();
        let again = finds.found.iter().position(same);
        self.selected = again.or(finds.evident);
        self.identify(desk);
        match (again, self.selected) {
            (Some(_), _) => Turn::Stayed,
            (None, Some(_)) => Turn::Moved,
            (None, None) => Turn::Undecided,
        }
    }

    pub fn act(&mut self, action: SituationAction, desk: &mut Desk<'_>) {
        match action {
            // The console around this pane lays the sheet.
            SituationAction::Readiness => {}
            SituationAction::Open => {
                if let Some(pane) = self.card() {
                    desk.wishes.push(Wish::Focus(pane));
                }
            }
            SituationAction::CopyPlace => {
                if let Some(place) = self.place() {
                    desk.copy(place.full_name(), "the place's name");
                }
            }
        }
    }

    pub fn travel(&mut self, motion: Motion) {
        self.cursor.travel(motion);
    }

    /// The pane whose card is under the cursor; none on a finding.
    pub fn card(&self) -> Option<PaneId> {
        let row = self.cursor.row().checked_sub(self.findings)?;
        CARDS.get(row).copied()
    }

    /// Gives the cursor its rows: the findings, then the cards.
    pub fn arrange(&mut self, findings: usize) {
        self.findings = findings;
        let rows = findings + CARDS.len();
        self.cursor.arrange(rows, rows);
    }

    /// Since when anything of this pane is awaited.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.finds
            .waiting_since()
            .or(self.identity.waiting_since())
            .or(self.credentials.waiting_since())
            .or(self.writer.waiting_since())
    }

    /// Stops waiting.
    pub fn give_up(&mut self) {
        self.finds.give_up();
        self.identity.give_up();
        self.credentials.give_up();
        self.writer.give_up();
    }
}
