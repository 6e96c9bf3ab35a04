//! The versions of the state and what has been read of their bodies so far.
//! A body is read when its row is on screen, newest first, up to a bound;
//! what lies beyond it is read when a person opens it.
//!
//! A version that is listed costs some 200 bytes and one that was read as much
//! again: ten thousand of them 2 MB. Moving the cursor and learning of a body
//! look at what is on screen and at the newest versions, never at all of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::cursor::Cursor;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::fault::Fault;
use crate::lock::{Holder, Writers};
use crate::state::{
    Contents, Entry, Health, Kind, LastGood, Others, Version, VersionId, Versioning, Versions,
    last_good,
};

use super::job::StateJob;

/// How many bytes of bodies are read without being asked for, in one look.
const UNASKED: u64 = 64 << 20;

/// How many of the newest versions are read even while no screen shows them: the first screen needs them.
const FIRST: usize = 8;

/// The left column.
#[derive(Debug, Default)]
pub struct History {
    pub list: Load<Versions>,
    pub cursor: Cursor,
    contents: HashMap<VersionId, Result<Contents, Fault>>,
    reading: Load<()>,
    /// Bytes that were read without being asked for since the latest look.
    spent: u64,
    good: Option<LastGood>,
    /// Whether what is listed is only the first pages of what is on its way.
    is_coming: bool,
    writers: Load<Arc<Writers>>,
    /// Other states that may be good, below the versions.
    others: Load<Others>,
    marks: Vec<VersionId>,
}

impl History {
    /// Asks for the list again; what was read of versions that are still the same stays.
    pub fn reload(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::State(StateJob::List { ticket, place }));
        self.list.expect(ticket, desk.now);
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::State(StateJob::Others { ticket, place }));
        self.others.expect(ticket, desk.now);
    }

    /// Takes the other states that may be good; what was read of those that are
    /// still the same stays.
    pub fn found_beside(
        &mut self,
        ticket: Ticket,
        outcome: Result<Others, Fault>,
        desk: &mut Desk<'_>,
    ) {
        let before = self.others().to_vec();
        if self.others.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        for other in &before {
            if !self.others().contains(other) {
                self.contents.remove(&other.id);
            }
        }
        self.cursor.arrange(self.length(), self.cursor.height());
        self.read_on(desk);
    }

    /// Takes the next page of a first list. A list that is shown already stays
    /// until the newer one is whole: nothing on screen jumps.
    pub fn paged(&mut self, ticket: Ticket, page: Versions, desk: &mut Desk<'_>) {
        if !self.list.awaits(ticket) || self.list.shown().is_some() && !self.is_coming {
            return;
        }
        self.is_coming = true;
        if let Some(shown) = self.list.shown_mut() {
            shown.list.extend(page.list);
            shown.more = page.more;
        } else {
            self.list.settle(ticket, desk.now, Ok(page));
            self.list.expect(ticket, desk.now);
        }
        self.cursor.arrange(self.length(), self.cursor.height());
        self.judge();
        self.read_on(desk);
    }

    /// Takes who held the lock when.
    pub fn written(
        &mut self,
        ticket: Ticket,
        outcome: Result<Arc<Writers>, Fault>,
        desk: &Desk<'_>,
    ) {
        self.writers.settle(ticket, desk.now, outcome);
    }

    /// Who held the lock when a version was written, where that is known.
    pub fn writer(&self, version: &Version) -> Option<&Holder> {
        let stored = Some(version).filter(|version| version.source().is_none())?;
        self.writers.shown()?.at(stored.modified)
    }

    /// Whether half or less is left in a version of what was in the one before it.
    pub fn fell(&self, row: usize) -> bool {
        let objects = || {
            let rest = self.versions().get(row..).unwrap_or_default().iter();
            rest.filter(|version| version.kind == Kind::Object)
        };
        let (Some(here), Some(before)) = (objects().next(), objects().nth(1)) else {
            return false;
        };
        let resources = |version: &Version| self.contents(&version.id)?.resources;
        let is_here = self.versions().get(row) == Some(here);
        is_here
            && match (resources(here), resources(before)) {
                (Some(left), Some(before)) => before > 0 && left * 2 <= before,
                _ => here.size * 2 <= before.size,
            }
    }

    /// Takes a new list; the cursor stays on its version.
    pub fn listed(
        &mut self,
        ticket: Ticket,
        outcome: Result<Versions, Fault>,
        desk: &mut Desk<'_>,
    ) {
        let here = self.here().map(|version| version.id.clone());
        let before = self.versions().to_vec();
        if self.list.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        let was_coming = std::mem::take(&mut self.is_coming);
        let before: HashMap<&VersionId, &Version> = before
            .iter()
            .map(|version| (&version.id, version))
            .collect();
        let mut kept = std::mem::take(&mut self.contents);
        // A list of ten thousand is compared by the id of each.
        let same = |version: &&Version| before.get(&version.id) == Some(version);
        let others = self.others().iter();
        let known = self.versions().iter().filter(same).chain(others);
        self.contents = known
            .filter_map(|version| kept.remove_entry(&version.id))
            .collect();
        self.contents.retain(|_, read| read.is_ok());
        if !was_coming {
            self.spent = 0;
        }
        self.ask_for_writers(desk);
        let row = self
            .rows()
            .position(|version| Some(&version.id) == here.as_ref());
        self.cursor.arrange(self.length(), self.cursor.height());
        self.cursor.go(row.unwrap_or(0));
        self.judge();
        self.read_on(desk);
    }

    fn ask_for_writers(&mut self, desk: &mut Desk<'_>) {
        let Some(place) = desk.place.cloned() else {
            return;
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::State(StateJob::Writers { ticket, place }));
        self.writers.expect(ticket, desk.now);
    }

    /// Takes what was read of one version.
    pub fn read(&mut self, ticket: Ticket, id: VersionId, outcome: Result<Contents, Fault>) {
        if self.reading.awaits(ticket) {
            self.know(id, outcome);
        }
    }

    /// Takes what a version's body says, however it came to be read.
    pub fn know(&mut self, id: VersionId, outcome: Result<Contents, Fault>) {
        self.contents.insert(id, outcome);
        self.judge();
    }

    /// Ends a round of reading and begins the next one if rows on screen are still unread.
    pub fn read_ended(&mut self, ticket: Ticket, outcome: Result<(), Fault>, desk: &mut Desk<'_>) {
        if self.reading.settle(ticket, desk.now, outcome) == Settled::Taken
            && self.reading.fault().is_none()
        {
            self.read_on(desk);
        }
    }

    /// Reads what is on screen and has not been read, unless a round is under way.
    pub fn read_on(&mut self, desk: &mut Desk<'_>) {
        if self.reading.waiting_since().is_some() {
            return;
        }
        let versions = self.due();
        let Some(place) = desk.place.cloned().filter(|_| !versions.is_empty()) else {
            return;
        };
        self.spent += versions.iter().map(|version| version.size).sum::<u64>();
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Read {
                ticket,
                place,
                versions,
            })
        });
        self.reading.expect(ticket, desk.now);
    }

    /// The unread versions of the screen, newest first, as far as the bound allows.
    fn due(&self) -> Vec<Version> {
        let top = self.cursor.top().max(FIRST);
        let bottom = self.cursor.top() + self.cursor.height();
        let on_screen = self.rows().skip(top).take(bottom.saturating_sub(top));
        let mut left = UNASKED.saturating_sub(self.spent);
        let unread = |version: &&Version| {
            version.kind.has_body() && !self.contents.contains_key(&version.id)
        };
        let newest = self.rows().take(FIRST);
        newest
            .chain(on_screen)
            .filter(unread)
            .take_while(|version| {
                let fits = version.size <= left;
                left = left.saturating_sub(version.size);
                fits
            })
            .cloned()
            .collect()
    }

    fn judge(&mut self) {
        let mut entries = Vec::new();
        for version in self.versions() {
            let contents = self.contents(&version.id);
            entries.push(Entry { version, contents });
            // What is older has no say before this one is read.
            if version.kind == Kind::Object && contents.is_none() {
                break;
            }
        }
        self.good = Some(last_good(&entries));
    }

    /// The versions, newest first.
    pub fn versions(&self) -> &[Version] {
        self.list.shown().map_or(&[], |versions| &versions.list)
    }

    /// The versions, once all that are listed are there.
    pub fn whole(&self) -> Option<&Versions> {
        self.list.shown().filter(|_| !self.is_coming)
    }

    pub fn versioning(&self) -> Option<Versioning> {
        self.list.shown().map(|versions| versions.versioning)
    }

    /// The other states that may be good, in their order.
    pub fn others(&self) -> &[Version] {
        self.others.shown().map_or(&[], |others| &others.list)
    }

    /// Why not every other source could be looked at.
    pub fn others_fault(&self) -> Option<&Fault> {
        let unseen = self.others.shown().and_then(|others| others.unseen.first());
        self.others.fault().or(unseen)
    }

    /// What stands on the rows: the versions, and below them the other states.
    pub fn rows(&self) -> impl Iterator<Item = &Version> {
        self.versions().iter().chain(self.others())
    }

    /// How many rows there are.
    pub fn length(&self) -> usize {
        self.versions().len() + self.others().len()
    }

    /// The version under the cursor, or what stands there beside them.
    pub fn here(&self) -> Option<&Version> {
        let (row, versions) = (self.cursor.row(), self.versions());
        let beside = || self.others().get(row.checked_sub(versions.len())?);
        versions.get(row).or_else(beside)
    }

    /// Whether a state that lies beside is of another lineage than what is known to be good.
    pub fn is_foreign(&self, version: &Version) -> bool {
        let lineage = |id: &VersionId| self.contents(id)?.lineage.as_deref();
        let good = self.last_good().and_then(LastGood::one);
        match (
            version.source(),
            good.and_then(lineage),
            lineage(&version.id),
        ) {
            (Some(_), Some(known), Some(own)) => known != own,
            _ => false,
        }
    }

    /// What a version's body says, if it has been read.
    pub fn contents(&self, id: &VersionId) -> Option<&Contents> {
        self.contents.get(id)?.as_ref().ok()
    }

    /// Why a version's body could not be read.
    pub fn unreadable(&self, id: &VersionId) -> Option<&Fault> {
        self.contents.get(id)?.as_ref().err()
    }

    pub fn health(&self, version: &Version) -> Health {
        match version.kind {
            Kind::DeleteMarker => Health::Deleted,
            Kind::Object | Kind::Beside(_) => self
                .contents(&version.id)
                .map_or(Health::Unread, |contents| contents.health),
        }
    }

    /// The version to go back to, as far as it can be told.
    pub fn last_good(&self) -> Option<&LastGood> {
        self.good.as_ref()
    }

    /// The size and the resource count of the newest versions that were read, oldest first, for a sparkline.
    pub fn course(&self, newest: usize) -> (Vec<u64>, Vec<u64>) {
        let newest = || self.versions().iter().take(newest).rev();
        let sizes = newest().map(|version| version.size).collect();
        let resources =
            newest().filter_map(|version| Some(self.contents(&version.id)?.resources? as u64));
        (sizes, resources.collect())
    }

    /// Since when bodies are being read.
    pub fn reading_since(&self) -> Option<jiff::Timestamp> {
        self.reading.waiting_since()
    }

    /// Why the latest round of reading ended early.
    pub fn reading_fault(&self) -> Option<&Fault> {
        self.reading.fault()
    }

    pub fn give_up(&mut self) {
        self.list.give_up();
        self.others.give_up();
        self.reading.give_up();
    }

    /// Marks the version under the cursor or takes its mark away; answers the two that are marked, older first.
    pub fn mark(&mut self) -> Option<(Version, Version)> {
        let id = self
            .here()
            .filter(|version| version.kind.has_body())?
            .id
            .clone();
        match self.marks.iter().position(|marked| *marked == id) {
            Some(place) => drop(self.marks.remove(place)),
            None => self.marks.push(id),
        }
        let mut marked = self.rows().filter(|version| self.is_marked(&version.id));
        let (one, two) = (marked.next().cloned()?, marked.next().cloned()?);
        // The history has an order of its own; beside it only the times tell.
        let is_newer = two.source().is_some() && two.modified > one.modified;
        Some(if is_newer { (one, two) } else { (two, one) })
    }

    pub fn is_marked(&self, id: &VersionId) -> bool {
        self.marks.contains(id)
    }

    /// Takes every mark away; answers whether there was one.
    pub fn unmark(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }
}
