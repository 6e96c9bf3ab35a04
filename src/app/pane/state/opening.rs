//! From the version under a cursor to its resources, from the resource under a
//! cursor to its attributes: each column is read by jobs as the one before it
//! is moved through.

use std::sync::Arc;

use super::StatePane;
use super::dependents::Dependents;
use super::job::StateJob;
use super::layout::Column;
use super::opened::{Aged, Opened};
use crate::app::desk::Desk;
use crate::app::effect::Effect;
use crate::app::load::Load;
use crate::app::notice::Tone;
use crate::state::{Kind, Version, VersionId, lint};

/// A version larger than this is opened when a person asks, not by passing over it.
pub const FOLLOWED: u64 = 4 << 20;

impl StatePane {
    /// The version whose resources are shown.
    pub fn shown(&self) -> Option<&Arc<Opened>> {
        self.browser.opened()
    }

    pub(super) fn is_wanted(&self, version: &Version) -> bool {
        self.wanted.as_ref() == Some(version)
    }

    pub(super) fn is_shown(&self, id: &VersionId) -> bool {
        self.shown().is_some_and(|opened| opened.version.id == *id)
    }

    /// Opens what is under the versions' cursor, unless it is large.
    pub(super) fn follow(&mut self, desk: &mut Desk<'_>) {
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
    pub(super) fn browse(&mut self, desk: &mut Desk<'_>) {
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
        self.conceal();
        self.dependents = None;
        self.browser.show(opened, desk);
        self.describe(desk);
        self.age(desk);
    }

    /// Has the present version compared with those of long ago, once for each
    /// version that is the present one; where no version is old enough, nothing is asked.
    pub(super) fn age(&mut self, desk: &mut Desk<'_>) {
        let Some(versions) = self.history.whole() else {
            return;
        };
        let present = versions.list.iter().find(|one| one.kind == Kind::Object);
        let opened = self.shown().filter(|one| Some(&one.version) == present);
        let (Some(opened), Some(place)) = (opened.cloned(), desk.place.cloned()) else {
            return;
        };
        let formers = lint::long_ago(versions, desk.now);
        let known = self.aged.shown().map(|aged| &aged.of) == Some(&opened.version.id);
        if formers.is_empty() || known || self.aged.waiting_since().is_some() {
            return;
        }
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Age {
                ticket,
                place,
                opened,
                formers,
            })
        });
        self.aged.expect(ticket, desk.now);
    }

    /// What is known of the age of what is shown.
    pub(super) fn aged_here(&self) -> Option<&Arc<Aged>> {
        let opened = self.shown()?;
        let aged = self.aged.shown();
        aged.filter(|aged| aged.of == opened.version.id)
    }

    /// Reads the attributes of the instance under the cursor.
    pub(super) fn describe(&mut self, desk: &mut Desk<'_>) {
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
        self.ask_for_details(desk);
        self.unfolded = None;
        self.details_cursor.go(0);
    }

    /// The same again, where more is known of it now.
    pub(super) fn ask_for_details(&mut self, desk: &mut Desk<'_>) {
        let (Some(opened), Some(instance)) = (self.shown().cloned(), self.browser.instance())
        else {
            return;
        };
        let aged = self.aged_here().cloned();
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
                aged,
            })
        });
        self.details.expect(ticket, desk.now);
    }

    pub(super) fn enter(&mut self, desk: &mut Desk<'_>) {
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
            Column::Attributes if self.dependents.is_some() => self.follow_limb(desk),
            Column::Attributes => self.unfold(),
        }
    }

    /// Shows the attribute under the cursor at its whole length, or as a row again.
    fn unfold(&mut self) {
        let row = self.details_cursor.row();
        let there = self.details.shown().map(|details| details.rows().len());
        let is_there = there.is_some_and(|rows| row < rows);
        self.unfolded = match self.unfolded {
            Some(known) if known == row => None,
            _ => Some(row).filter(|_| is_there),
        };
    }

    /// The row of the attributes that is shown at its whole length.
    pub fn unfolded(&self) -> Option<usize> {
        self.unfolded.filter(|_| self.column == Column::Attributes)
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
    pub(super) fn depend(&mut self, desk: &mut Desk<'_>) {
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
}
