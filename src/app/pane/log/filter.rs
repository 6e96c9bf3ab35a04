//! The filters of the pane: what is wanted, and what of it is in force. A
//! change is judged over the whole of the files before it takes the place of
//! what was shown; records that arrive meanwhile and later are judged as they
//! come.

use jiff::Timestamp;

use super::LogPane;
use super::job::{LogJob, Part};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::log::{Family, FileNo, Generation, Index, Kept, Pattern, Piece, RecordNo, Shown, Sieve};

/// What is wanted and how far it is judged.
#[derive(Debug, Default)]
pub struct Sifting {
    /// What the person asked for last.
    wanted: Sieve,
    /// What the rows on screen went through.
    in_force: Sieve,
    load: Load<()>,
    ticket: Ticket,
    /// The parts that the job under way judges.
    asked: Vec<(FileNo, Generation, u64)>,
}

impl Sifting {
    /// What is or will be shown.
    pub fn sieve(&self) -> &Sieve {
        &self.wanted
    }

    /// Whether a change is being judged.
    pub fn is_changing(&self) -> bool {
        self.wanted != self.in_force
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

impl LogPane {
    /// The filters of the pane.
    pub fn sifting(&self) -> &Sifting {
        &self.sifting
    }

    /// How much of a change is judged, in hundredths.
    pub fn sifted(&self) -> u64 {
        let records: u64 = self
            .files
            .iter()
            .map(|file| u64::from(file.index.records()))
            .sum();
        let judged: u64 = self
            .files
            .iter()
            .map(|file| u64::from(file.passed.judged()))
            .sum();
        (judged * 100).checked_div(records).unwrap_or(0).min(100)
    }

    /// Shows what passes this from now on, as soon as all of it is judged.
    pub(super) fn sift(&mut self, wanted: Sieve, desk: &mut Desk<'_>) {
        self.sifting.wanted = wanted;
        self.sifting.load.give_up();
        if self.sifting.wanted.is_open() {
            self.files.iter_mut().for_each(|file| file.passed.open());
            self.take_effect(desk);
        } else {
            self.files.iter_mut().for_each(|file| file.passed.change());
            self.sift_on(desk);
        }
        self.refresh_filters(desk);
    }

    /// Asks to judge what is not judged yet, unless that is under way.
    pub(super) fn sift_on(&mut self, desk: &mut Desk<'_>) {
        if self.sifting.load.waiting_since().is_some() {
            return;
        }
        let numbered = (0..=u16::MAX).map(FileNo).zip(&mut self.files);
        let parts: Vec<Part> = numbered
            .filter(|(_, followed)| !followed.is_partial())
            .filter_map(|(file, followed)| {
                let to = followed.index.length();
                let first = followed.passed.rest(to)?;
                Some(Part {
                    file,
                    generation: followed.generation,
                    from: followed.index.seek(first),
                    to,
                    index: followed.index.clone(),
                })
            })
            .collect();
        if parts.is_empty() {
            return;
        }
        self.sifting.asked = parts
            .iter()
            .map(|part| (part.file, part.generation, part.to))
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
        (file, generation): (FileNo, Generation),
        pieces: &[Piece],
    ) {
        let followed = self.files.get_mut(usize::from(file.0));
        let ours = self.sifting.load.awaits(ticket);
        let followed = followed.filter(|followed| ours && followed.generation == generation);
        if let Some(kept) = followed.and_then(|followed| followed.passed.filled()) {
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
        for (file, generation, to) in std::mem::take(&mut self.sifting.asked) {
            let followed = self.files.get_mut(usize::from(file.0));
            if let Some(followed) = followed.filter(|followed| followed.generation == generation) {
                followed.passed.length = to;
            }
        }
        if self.sifting.is_changing() {
            self.files.iter_mut().for_each(|file| file.passed.settle());
            self.take_effect(desk);
        }
        self.sift_on(desk);
        self.hunt_on(desk);
        self.refresh_filters(desk);
    }

    /// What is shown has changed: what was found in it is found anew.
    fn take_effect(&mut self, desk: &mut Desk<'_>) {
        self.sifting.in_force = self.sifting.wanted.clone();
        self.search_again(desk);
    }

    /// Goes back to what is in force, if a change is under way.
    pub(super) fn stay(&mut self) -> bool {
        let changing = self.sifting.is_changing();
        if changing {
            self.sifting.load.give_up();
            self.sifting.wanted = self.sifting.in_force.clone();
            for file in &mut self.files {
                file.passed.coming = None;
                file.passed.length = 0;
            }
        }
        changing
    }

    /// Shows everything, then only the core, then only the providers.
    pub(super) fn split(&mut self, desk: &mut Desk<'_>) {
        const VIEWS: [(&[Family], &str); 3] = [
            (&[], "core and providers"),
            (&[Family::Provider], "core alone: s shows the providers"),
            (
                &[Family::Core, Family::Backend, Family::Other, Family::Run],
                "providers alone: s shows all again",
            ),
        ];
        let mut sieve = self.sifting.wanted.clone();
        let here = VIEWS.iter().position(|(hidden, _)| *hidden == sieve.hidden);
        let (hidden, sentence) = VIEWS[here.map_or(0, |at| at + 1) % VIEWS.len()];
        sieve.hidden = hidden.to_vec();
        desk.say(Tone::Note, sentence);
        self.sift(sieve, desk);
        self.keep_session(desk);
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
