//! What is kept of the look at these logs, and taken up when they are opened
//! again. Nothing that the person did meanwhile is overwritten by what was kept.

use super::job::LogJob;
use super::{Followed, LogPane};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::fault::Fault;
use crate::log::session::{Bookmark, Position, SCHEMA};
use crate::log::{FileNo, Input, Pattern, Place, RecordNo, Session};

/// What is kept of the look at these logs, and what of the last one waits.
#[derive(Debug, Default)]
pub struct Memory {
    /// What was kept, while it is being read back.
    load: Load<()>,
    /// What is kept now.
    kept: Session,
    /// The bookmarks of the last look whose records are not read yet.
    marks: Vec<(Place, String)>,
    /// Where the last look ended, until that is read.
    pub position: Option<Place>,
}

impl Memory {
    /// Other logs are opened: nothing of the last look belongs to them.
    pub fn begin_anew(&mut self) {
        *self = Self::default();
    }
}

impl LogPane {
    /// Asks for what was kept of these logs.
    pub(super) fn recall(&mut self, inputs: Vec<Input>, desk: &mut Desk<'_>) {
        self.memory.kept = self.session();
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Log(LogJob::Recall { ticket, inputs }));
        self.memory.load.expect(ticket, desk.now);
    }

    pub(super) fn hear_recalled(
        &mut self,
        ticket: Ticket,
        outcome: Result<Option<Box<Session>>, Fault>,
        desk: &mut Desk<'_>,
    ) {
        // What could not be read back is no reason to keep anybody from the logs.
        let session = outcome.as_ref().ok().cloned().flatten();
        let settled = self
            .memory
            .load
            .settle(ticket, desk.now, outcome.map(|_| ()));
        let untouched = self.session() == self.memory.kept;
        if settled == Settled::Taken
            && untouched
            && let Some(session) = session
        {
            self.take_up(&session, desk);
        }
    }

    fn take_up(&mut self, session: &Session, desk: &mut Desk<'_>) {
        self.floor = session.level().unwrap_or(self.floor);
        let marks = session.bookmarks.iter();
        self.memory.marks = marks
            .map(|mark| (place(mark.file, mark.record), mark.note.clone()))
            .collect();
        self.memory.position = session.position.map(|at| place(at.file, at.record));
        let sieve = session.sieve();
        let side = session.side();
        if side.is_some() || !sieve.is_open() || !sieve.filters.is_empty() {
            self.sift_for(sieve, side, desk);
        }
        let search = session.search.as_deref();
        if let Some(pattern) = search.and_then(|typed| Pattern::read(typed).ok()) {
            self.search_quietly(pattern, desk);
        }
        self.memory.kept = self.session();
        if let Some(sentence) = self.sentence(session) {
            desk.say(Tone::Note, sentence);
        }
        self.resume_on();
    }

    /// What is as it was left, where that is not seen at once.
    fn sentence(&self, session: &Session) -> Option<String> {
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            count => Some(format!("{count} {what}s")),
        };
        let search = session.search.as_ref().map(|_| "a search".to_owned());
        let parts: Vec<String> = [
            counted(self.sifting().sieve().active(), "filter"),
            counted(session.bookmarks.len(), "bookmark"),
            search,
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| format!("as you left it: {}", parts.join(", ")))
    }

    /// Sets the bookmarks of the last look and goes to where it ended, as soon
    /// as their records are read and numbered for good.
    pub(super) fn resume_on(&mut self) {
        let files = &self.files;
        let is_there = |place: Place| {
            let file = files.get(usize::from(place.file.0));
            file.is_some_and(|file| !file.is_partial() && file.index.records() > place.record.0)
        };
        let there = |mark: &mut (Place, String)| is_there(mark.0);
        for (place, note) in self.memory.marks.extract_if(.., there) {
            self.marks.set(place, note);
        }
        if let Some(place) = self.memory.position.take_if(|place| is_there(*place)) {
            self.jump(place);
        }
    }

    /// Keeps the look as it is now, if it is not what is kept already.
    pub fn keep_session(&mut self, desk: &mut Desk<'_>) {
        let session = self.session();
        let inputs: Vec<Input> = self.files.iter().map(|file| file.input.clone()).collect();
        // A record that is not numbered for good cannot be found again.
        let numbered = !self.files.iter().any(Followed::is_partial);
        if inputs.is_empty() || session == self.memory.kept || !numbered {
            return;
        }
        self.memory.kept = session.clone();
        // What the person does now counts, not what was kept before.
        self.memory.load.give_up();
        let session = Box::new(session);
        desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Keep {
                ticket,
                inputs,
                session,
            })
        });
    }

    fn session(&self) -> Session {
        let waiting = self.memory.marks.iter();
        let waiting = waiting.map(|(place, note)| (*place, note.as_str()));
        let bookmarks = self
            .marks
            .iter()
            .chain(waiting)
            .map(|(place, note)| Bookmark {
                file: place.file.0,
                record: place.record.0,
                note: note.to_owned(),
            });
        let cursor = self.scroll.cursor().place;
        let paused = !self.scroll.is_following() && self.scroll.is_at_a_record();
        let search = self
            .hunt
            .as_ref()
            .map(|hunt| hunt.pattern.typed().to_owned());
        Session {
            schema: SCHEMA,
            floor: self.floor.word().to_owned(),
            split: self
                .sifting()
                .wanted_side()
                .map(|side| side.word().to_owned()),
            search,
            bookmarks: bookmarks.collect(),
            position: paused.then_some(Position {
                file: cursor.file.0,
                record: cursor.record.0,
            }),
            ..Session::default()
        }
        .with(self.sifting().sieve())
    }
}

fn place(file: u16, record: u32) -> Place {
    Place {
        file: FileNo(file),
        record: RecordNo(record),
    }
}
