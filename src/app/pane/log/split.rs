//! Two views of the logs beside each other: the core's records and those of
//! the providers, by the names of their loggers. One has the cursor; the other
//! keeps the record of the same moment in the same row. Where there is no room
//! for two, only the one with the cursor is shown.

use super::scroll::{Roll, Spot};
use super::window::Kept;
use super::{Followed, LogPane};
use crate::app::cursor::Motion;
use crate::app::desk::Desk;
use crate::app::notice::Tone;
use crate::log::{Place, RecordNo, Shown, Side, View};

impl LogPane {
    /// Splits the logs in two views, or joins them again. Where only one of
    /// them has room, each is shown in turn.
    pub(super) fn split(&mut self, desk: &mut Desk<'_>) {
        let roomy = self.overview.measure().is_roomy();
        let (side, sentence) = match self.sifting.wanted_side() {
            None if roomy => (
                Some(Side::Core),
                "core beside providers: tab goes across, s joins",
            ),
            None => (Some(Side::Core), "core alone: s shows the providers"),
            Some(Side::Core) if !roomy => {
                (Some(Side::Providers), "providers alone: s shows all again")
            }
            Some(_) => (None, "core and providers"),
        };
        desk.say(Tone::Note, sentence);
        if self.sifting.side().is_some() && side.is_some() {
            self.turn();
        } else {
            self.sift_for(self.sifting.sieve().clone(), side, desk);
        }
        self.keep_session(desk);
    }

    /// Leaves two views for one; whether there were two.
    pub(super) fn join(&mut self, desk: &mut Desk<'_>) -> bool {
        let is_split = self.sifting.wanted_side().is_some();
        if is_split {
            self.sift_for(self.sifting.sieve().clone(), None, desk);
            self.keep_session(desk);
        }
        is_split
    }

    /// Goes to the other view, or to the one in that direction.
    pub(super) fn cross(&mut self, motion: Motion, desk: &mut Desk<'_>) {
        let to = match motion {
            Motion::Left => Some(Side::Core),
            Motion::Right => Some(Side::Providers),
            Motion::Up
            | Motion::Down
            | Motion::PageUp
            | Motion::PageDown
            | Motion::Top
            | Motion::Bottom
            | Motion::NextColumn
            | Motion::PreviousColumn => self.sifting.side().map(Side::other),
        };
        // While the views are being joined there is nothing to cross to.
        let both = self.sifting.side().is_some() && self.sifting.wanted_side().is_some();
        if both && to != self.sifting.side() {
            self.turn();
            self.search_again(desk);
            self.keep_session(desk);
        }
    }

    fn turn(&mut self) {
        self.sifting.turn();
        for file in &mut self.files {
            std::mem::swap(&mut file.passed, &mut file.beside);
        }
        std::mem::swap(&mut self.scroll, &mut self.beside);
    }

    /// Keeps the view beside at the moment of the one with the cursor, and
    /// gives the records that it needs.
    pub(super) fn accompany(&mut self, rows: usize) -> Vec<Place> {
        if self.sifting.side().is_none() {
            return Vec::new();
        }
        let files = beside(&self.files);
        let roll = Roll::new(View::new(&files, self.floor()), &self.windows);
        if self.scroll.is_following() {
            self.beside.follow();
        } else {
            let records = self.files.iter().map(|file| file.index.records());
            self.beside.pause(records.map(RecordNo).collect());
            let (place, above) = (self.scroll.cursor().place, self.scroll.rows_above());
            self.beside.stand_at(place, above, &roll);
        }
        self.beside.arrange(rows, &roll);
        self.beside.wanted(&roll)
    }

    /// How many rows there are in all views on the screen.
    pub fn rows(&self) -> u64 {
        if !self.overview.measure().is_split() {
            return self.overview.rows();
        }
        let files = beside(&self.files);
        self.overview.rows() + View::new(&files, self.floor()).rows()
    }

    /// The screen rows of a view, each with its record where that is decoded.
    pub fn shown_in(&self, side: Side) -> impl Iterator<Item = (Spot, &Kept)> {
        let spots = self.scroll_of(side).shown().iter();
        spots.filter_map(|&spot| Some((spot, self.windows.kept(spot.place)?)))
    }

    /// Where the cursor of a view is.
    pub fn cursor_in(&self, side: Side) -> Spot {
        self.scroll_of(side).cursor()
    }

    fn scroll_of(&self, side: Side) -> &super::scroll::Scroll {
        if self.sifting.side() == Some(side) {
            &self.scroll
        } else {
            &self.beside
        }
    }
}

/// The files as far as they are shown in the view beside.
fn beside(files: &[Followed]) -> Vec<Shown<'_>> {
    files
        .iter()
        .map(|file| file.beside.shown(&file.index))
        .collect()
}
