//! The filters of the pane: what is wanted, and what of it is in force. A
//! change is judged over the whole of the files before it takes the place of
//! what was shown; records that arrive meanwhile and later are judged as they
//! come.

use jiff::Timestamp;

use super::job::{LogJob, Part};
use super::{Followed, LogPane};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::log::{FileNo, Generation, Index, Kept, Pattern, Piece, RecordNo, Shown, Side, Sieve};

/// What is wanted and how far it is judged.
#[derive(Debug, Default)]
pub struct Sifting {
    /// What the person asked for last.
    wanted: Sieve,
    /// What the rows on screen went through.
    in_force: Sieve,
    /// Which of two views is to have the cursor, and which has it.
    wanted_side: Option<Side>,
    side: Option<Side>,
    load: Load<()>,
    ticket: Ticket,
    /// The parts that the job under way judges.
    asked: Vec<(FileNo, Generation, Option<Side>, u64)>,
}

impl Sifting {
    /// What is or will be shown.
    pub fn sieve(&self) -> &Sieve {
        &self.wanted
    }

    /// Whether a change is being judged.
    pub fn is_changing(&self) -> bool {
        self.wanted != self.in_force || self.wanted_side != self.side
    }

    /// Which of two views has the cursor; none where there is one.
    pub fn side(&self) -> Option<Side> {
        self.side
    }

    /// The same as soon as what is asked for is judged.
    pub fn wanted_side(&self) -> Option<Side> {
        self.wanted_side
    }

    /// The cursor is in the other view now.
    pub(super) fn turn(&mut self) {
        self.wanted_side = self.wanted_side.map(Side::other);
        self.side = self.side.map(Side::other);
    }

    /// Whether the rows on screen are those of one request.
    pub fn follows_a_request(&self) -> bool {
        self.in_force.request.is_some()
    }

    /// Since when a change is being judged.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.load.waiting_since().filter(|_| self.is_changing())
    }
}

/// What the filters leave of one file.
#[derive(Debug, Default)]
pub struct Passed {
    /// None while everything passes.
    kept: Option<Kept>,
    /// What a change will leave, as far as it is judged.
    coming: Option<Kept>,
    /// How many bytes are judged of the one that is being filled.
    length: u64,
}

impl Passed {
    /// The file as far as it is shown.
    pub fn shown<'a>(&'a self, index: &'a Index) -> Shown<'a> {
        Shown {
            index,
            kept: self.kept.as_ref(),
        }
    }

    /// How much of a file may be searched: only what is judged can be shown.
    pub fn reach(&self, index: &Index) -> (u32, u64) {
        match (&self.kept, &self.coming) {
            (None, _) => (index.records(), index.length()),
            (Some(kept), None) => (kept.judged(), self.length),
            // What is in force has fallen behind and is about to be replaced.
            (Some(_), Some(_)) => (0, 0),
        }
    }

    /// How many records are judged of a change.
    pub fn judged(&self) -> u32 {
        self.coming.as_ref().map_or(0, Kept::judged)
    }

    /// How many records each filter matched, as far as they are judged.
    pub fn matched(&self) -> Vec<u32> {
        let kept = self.coming.as_ref().or(self.kept.as_ref());
        kept.map(Kept::matched).unwrap_or_default()
    }

    /// Forgets what was judged of a file that is read anew.
    pub fn begin_anew(&mut self) {
        for kept in [&mut self.kept, &mut self.coming] {
            *kept = kept.take().map(|_| Kept::default());
        }
        self.length = 0;
    }

    fn open(&mut self) {
        *self = Self::default();
    }

    fn change(&mut self) {
        self.coming = Some(Kept::default());
        self.length = 0;
    }

    fn filled(&mut self) -> Option<&mut Kept> {
        self.coming.as_mut().or(self.kept.as_mut())
    }

    /// From where judging goes on; none where all is judged.
    fn rest(&mut self, length: u64) -> Option<RecordNo> {
        let behind = self.length < length;
        self.filled().filter(|_| behind).map(|kept| kept.resume())
    }

    fn settle(&mut self) {
        if let Some(kept) = self.coming.take() {
            self.kept = Some(kept);
        }
    }
}

impl Followed {
    /// What passes in a view; `here` is the one that has the cursor.
    fn passed_of(&mut self, side: Option<Side>, here: Option<Side>) -> &mut Passed {
        if side == here {
            &mut self.passed
        } else {
            &mut self.beside
        }
    }
}

impl LogPane {
    /// The filters of the pane.
    pub fn sifting(&self) -> &Sifting {
        &self.sifting
    }

    /// How much of a change is judged, in hundredths.
    pub fn sifted(&self) -> u64 {
        let views = if self.sifting.wanted_side.is_some() {
            2
        } else {
            1
        };
        let files = self.files.iter();
        let records: u64 = files
            .map(|file| u64::from(file.index.records()) * views)
            .sum();
        let files = self.files.iter();
        let judged = files.map(|file| file.passed.judged() + file.beside.judged());
        let judged: u64 = judged.map(u64::from).sum();
        (judged * 100).checked_div(records).unwrap_or(0).min(100)
    }

    /// Shows what passes this from now on, as soon as all of it is judged.
    pub(super) fn sift(&mut self, wanted: Sieve, desk: &mut Desk<'_>) {
        self.sift_for(wanted, self.sifting.wanted_side, desk);
    }

    /// The same in one view, or in two of which this one has the cursor.
    pub(super) fn sift_for(&mut self, wanted: Sieve, side: Option<Side>, desk: &mut Desk<'_>) {
        self.sifting.wanted = wanted;
        self.sifting.wanted_side = side;
        self.sifting.load.give_up();
        if side.is_none() && self.sifting.wanted.is_open() {
            self.files.iter_mut().for_each(|file| file.passed.open());
            self.take_effect(desk);
        } else {
            for file in &mut self.files {
                file.passed.change();
                if side.is_some() {
                    file.beside.change();
                }
            }
            self.sift_on(desk);
        }
        self.refresh_filters(desk);
    }

    /// Asks to judge what is not judged yet, unless that is under way.
    pub(super) fn sift_on(&mut self, desk: &mut Desk<'_>) {
        if self.sifting.load.waiting_since().is_some() {
            return;
        }
        let here = self.sifting.wanted_side;
        let sides = [Some(here), here.map(|side| Some(side.other()))];
        let numbered = (0..=u16::MAX).map(FileNo).zip(&mut self.files);
        let mut parts: Vec<Part> = Vec::new();
        for (file, followed) in numbered.filter(|(_, followed)| !followed.is_partial()) {
            let to = followed.index.length();
            for side in sides.into_iter().flatten() {
                let passed = followed.passed_of(side, here);
                parts.extend(passed.rest(to).map(|first| Part {
                    file,
                    generation: followed.generation,
                    side,
                    from: followed.index.seek(first),
                    to,
                    index: followed.index.clone(),
                }));
            }
        }
        if parts.is_empty() {
            return;
        }
        self.sifting.asked = parts
            .iter()
            .map(|part| (part.file, part.generation, part.side, part.to))
            .collect();
        let (feed, sieve) = (self.following, self.sifting.wanted.clone());
        self.sifting.ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Sift {
                ticket,
                feed,
                sieve: Box::new(sieve),
                parts,
            })
        });
        self.sifting.load.expect(self.sifting.ticket, desk.now);
    }

    /// Takes what was judged of one file.
    pub(super) fn hear_pieces(
        &mut self,
        ticket: Ticket,
        (file, generation, side): (FileNo, Generation, Option<Side>),
        pieces: &[Piece],
    ) {
        let followed = self.files.get_mut(usize::from(file.0));
        let ours = self.sifting.load.awaits(ticket);
        let followed = followed.filter(|followed| ours && followed.generation == generation);
        let here = self.sifting.wanted_side;
        let passed = followed.map(|followed| followed.passed_of(side, here));
        if let Some(kept) = passed.and_then(Passed::filled) {
            for piece in pieces {
                kept.append(piece);
            }
        }
    }

    pub(super) fn hear_sifted(
        &mut self,
        ticket: Ticket,
        outcome: Result<(), Fault>,
        desk: &mut Desk<'_>,
    ) {
        let failed = outcome.as_ref().err().map(ToString::to_string);
        if self.sifting.load.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if let Some(sentence) = failed {
            // The next growth of a file asks again.
            return desk.say(Tone::Warning, sentence);
        }
        let here = self.sifting.wanted_side;
        for (file, generation, side, to) in std::mem::take(&mut self.sifting.asked) {
            let followed = self.files.get_mut(usize::from(file.0));
            if let Some(followed) = followed.filter(|followed| followed.generation == generation) {
                followed.passed_of(side, here).length = to;
            }
        }
        if self.sifting.is_changing() {
            for file in &mut self.files {
                file.passed.settle();
                file.beside.settle();
            }
            self.take_effect(desk);
        }
        self.sift_on(desk);
        self.hunt_on(desk);
        self.refresh_filters(desk);
    }

    /// What is shown has changed: what was found in it is found anew.
    fn take_effect(&mut self, desk: &mut Desk<'_>) {
        self.sifting.in_force = self.sifting.wanted.clone();
        self.sifting.side = self.sifting.wanted_side;
        if self.sifting.side.is_none() {
            self.files.iter_mut().for_each(|file| file.beside.open());
        }
        self.search_again(desk);
    }

    /// Goes back to what is in force, if a change is under way.
    pub(super) fn stay(&mut self) -> bool {
        let changing = self.sifting.is_changing();
        if changing {
            self.sifting.load.give_up();
            self.sifting.wanted = self.sifting.in_force.clone();
            self.sifting.wanted_side = self.sifting.side;
            for file in &mut self.files {
                for passed in [&mut file.passed, &mut file.beside] {
                    passed.coming = None;
                    passed.length = 0;
                }
            }
        }
        changing
    }

    /// Shows only the request of the record under the cursor, or all again.
    pub(super) fn follow_request(&mut self, desk: &mut Desk<'_>) {
        if self.leave_request(desk) {
            return;
        }
        let kept = self.windows.kept(self.scroll.cursor().place);
        let id = kept.and_then(|kept| kept.record.request());
        let Some(pattern) = id.and_then(|id| Pattern::read(id).ok()) else {
            return desk.say(Tone::Note, "this record names no request");
        };
        self.pause();
        let sieve = Sieve {
            request: Some(pattern),
            ..self.sifting.wanted.clone()
        };
        self.sift(sieve, desk);
    }

    /// Shows all requests again; whether only one was shown.
    pub(super) fn leave_request(&mut self, desk: &mut Desk<'_>) -> bool {
        let followed = self.sifting.wanted.request.is_some();
        if followed {
            let sieve = Sieve {
                request: None,
                ..self.sifting.wanted.clone()
            };
            self.sift(sieve, desk);
        }
        followed
    }
}
