//! The search of the pane: what is searched for, how far it has come, and the
//! way from hit to hit. Records that arrive later are judged as they come.

use jiff::Timestamp;

use super::{LogJob, LogPane, Sweep, shown};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::log::{Direction, FileNo, Level, Pattern, Place, RecordNo, View};

/// A search and its state.
#[derive(Debug)]
pub struct Hunt {
    pub pattern: Pattern,
    load: Load<()>,
    ticket: Ticket,
    lead: Lead,
}

/// Whether the first hit is still to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Sought,
    Done,
}

impl Hunt {
    /// Since when hits are still coming.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.load.waiting_since()
    }

    /// Why the search ended early.
    pub fn fault(&self) -> Option<&Fault> {
        self.load.fault()
    }
}

impl LogPane {
    /// Searches all files, and shows the first hit.
    pub(super) fn search(&mut self, pattern: Pattern, desk: &mut Desk<'_>) {
        self.hunt_for(pattern, Lead::Sought, desk);
    }

    /// Searches all files without moving the cursor.
    pub(super) fn search_quietly(&mut self, pattern: Pattern, desk: &mut Desk<'_>) {
        self.hunt_for(pattern, Lead::Done, desk);
    }

    /// Finds the hits of what is shown now; the cursor stays where it is.
    pub(super) fn search_again(&mut self, desk: &mut Desk<'_>) {
        if let Some(hunt) = self.hunt.take() {
            self.hunt_for(hunt.pattern, hunt.lead, desk);
        }
    }

    fn hunt_for(&mut self, pattern: Pattern, lead: Lead, desk: &mut Desk<'_>) {
        for file in &mut self.files {
            file.forget_hits();
        }
        self.hunt = Some(Hunt {
            pattern,
            load: Load::default(),
            ticket: Ticket::default(),
            lead,
        });
        self.hunt_on(desk);
    }

    /// Asks to judge what the search has not seen yet, unless it is at work.
    pub(super) fn hunt_on(&mut self, desk: &mut Desk<'_>) {
        let floor = self.floor();
        let Some(hunt) = &mut self.hunt else { return };
        if hunt.load.waiting_since().is_some() {
            return;
        }
        let numbered = (0..=u16::MAX).map(FileNo).zip(&mut self.files);
        let sweeps: Vec<Sweep> = numbered
            .filter_map(|(number, file)| {
                let (from, to) = file.judge_rest()?;
                Some(Sweep {
                    file: number,
                    generation: file.generation,
                    from,
                    to,
                    index: file.index.clone(),
                })
            })
            .collect();
        if sweeps.is_empty() {
            return;
        }
        let (feed, pattern) = (self.following, hunt.pattern.clone());
        hunt.ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Search {
                ticket,
                feed,
                pattern,
                floor,
                sweeps,
            })
        });
        hunt.load.expect(hunt.ticket, desk.now);
    }

    pub(super) fn swept(&mut self, ticket: Ticket, file: FileNo, hits: &[RecordNo]) {
        let ours = self.hunt.as_ref().is_some_and(|hunt| hunt.ticket == ticket);
        let Some(followed) = self.files.get_mut(usize::from(file.0)).filter(|_| ours) else {
            return;
        };
        for &hit in hits {
            if followed.shown().keeps(hit) {
                followed.hits.add(hit);
            }
        }
        self.lead_to_a_hit();
    }

    pub(super) fn searched(
        &mut self,
        ticket: Ticket,
        outcome: Result<(), Fault>,
        desk: &mut Desk<'_>,
    ) {
        let Some(hunt) = &mut self.hunt else { return };
        if hunt.load.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if hunt.lead == Lead::Sought {
            hunt.lead = Lead::Done;
            match self.hit(Direction::Backward) {
                Some(place) => self.jump(place),
                None => desk.say(Tone::Note, "nothing found at this level"),
            }
        }
        self.hunt_on(desk);
    }

    /// Shows the first hit below as soon as there is one.
    fn lead_to_a_hit(&mut self) {
        let sought = |hunt: &Hunt| hunt.lead == Lead::Sought;
        if !self.hunt.as_ref().is_some_and(sought) {
            return;
        }
        let here = self.cursor().place;
        let found = if self.is_hit(here) {
            Some(here)
        } else {
            self.hit(Direction::Forward)
        };
        if let (Some(place), Some(hunt)) = (found, &mut self.hunt) {
            hunt.lead = Lead::Done;
            self.jump(place);
        }
    }

    pub(super) fn visit_hit(&mut self, direction: Direction, desk: &mut Desk<'_>) {
        let Some(hunt) = &self.hunt else {
            return self.ask_search(desk);
        };
        let searching = hunt.waiting_since().is_some();
        match self.hit(direction) {
            Some(place) => self.jump(place),
            None if searching => desk.say(Tone::Note, "still searching"),
            None => desk.say(Tone::Note, self.nothing_further("hit", direction)),
        }
    }

    /// The nearest hit beyond the cursor.
    fn hit(&self, direction: Direction) -> Option<Place> {
        let from = self.cursor().place;
        let files = shown(&self.files);
        let view = View::new(&files, Level::Trace);
        let edges = view.edges(from);
        let numbered = (0..=u16::MAX).map(FileNo).zip(&self.files).zip(edges);
        let candidates = numbered.filter_map(|((number, file), edge)| {
            let before = file.hits.rank(edge);
            let itself = number == from.file && file.hits.contain(from.record);
            let rank = match direction {
                Direction::Forward => before + u32::from(itself),
                Direction::Backward => before.checked_sub(1)?,
            };
            Some(Place {
                file: number,
                record: file.hits.nth(rank)?,
            })
        });
        match direction {
            Direction::Forward => candidates.min_by_key(|&place| view.row(place)),
            Direction::Backward => candidates.max_by_key(|&place| view.row(place)),
        }
    }

    /// Whether the search found this record.
    pub fn is_hit(&self, place: Place) -> bool {
        self.file(place.file)
            .is_some_and(|file| file.hits.contain(place.record))
    }

    /// How many hits there are, and which of them the cursor is on, from 1.
    pub fn hits(&self) -> (u32, Option<u32>) {
        let count = self.files.iter().map(|file| file.hits.count()).sum();
        let here = self.cursor().place;
        if !self.is_hit(here) {
            return (count, None);
        }
        let files = shown(&self.files);
        let edges = View::new(&files, Level::Trace).edges(here);
        let ranks = self.files.iter().zip(edges);
        let before: u32 = ranks.map(|(file, edge)| file.hits.rank(edge)).sum();
        (count, Some(before + 1))
    }
}
