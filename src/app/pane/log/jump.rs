//! Going to a time, a share or a line of the log, and to the next error. What is known from the
//! indices is answered at once; for a line a few hundred kilobytes are read.

use super::job::LogJob;
use super::{Followed, LogPane, LogQuestion, Spot, shown};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::app::text::count;
use crate::fault::Fault;
use crate::log::{
    Aim, Direction, FileNo, Level, Levels, Millis, Place, RecordNo, RowNo, View, aim,
};

/// A line that is looked for.
#[derive(Debug, Default)]
pub struct Locating {
    pub load: Load<()>,
    file: FileNo,
    line: u64,
}

/// Asks where to go.
pub fn ask(desk: &mut Desk<'_>) {
    let prompt = Prompt::new("go to", aim::HINT, "", Pace::AtTheEnd);
    desk.open(Sheet::Prompt(prompt), Asker::Log(LogQuestion::Time));
}

impl LogPane {
    pub(super) fn visit_level(&mut self, level: Level, direction: Direction, desk: &mut Desk<'_>) {
        let from = self.scroll.cursor().place;
        let levels = Levels::Meant(level);
        let files = shown(&self.files);
        match View::new(&files, self.floor()).next(from, levels, direction) {
            Some(_) if level < self.floor() => {
                desk.say(Tone::Note, "the level floor hides warnings: l changes it");
            }
            Some(place) => self.jump(place),
            None if level == Level::Error => {
                desk.say(Tone::Note, self.nothing_further("error", direction));
            }
            None => desk.say(Tone::Note, self.nothing_further("warning", direction)),
        }
    }

    pub(super) fn nothing_further(&self, what: &str, direction: Direction) -> String {
        match direction {
            Direction::Forward => format!("no {what} below"),
            // What is older may still be coming.
            Direction::Backward if self.files.iter().any(Followed::is_partial) => {
                format!("no {what} above in what is read so far")
            }
            Direction::Backward => format!("no {what} above"),
        }
    }

    pub(super) fn jump(&mut self, place: Place) {
        self.pause();
        self.scroll.go(Spot { place, line: 0 });
    }

    pub(super) fn hear_time(&mut self, outcome: &Outcome, desk: &mut Desk<'_>) {
        let Outcome::Closed(Reply::Texts(texts)) = outcome else {
            return;
        };
        match texts.first().map(String::as_str) {
            None | Some("") => {}
            Some(typed) => match Aim::read(typed) {
                Ok(aim) => self.aim(aim, desk),
                Err(fault) => desk.say(Tone::Warning, fault.to_string()),
            },
        }
    }

    fn aim(&mut self, aim: Aim, desk: &mut Desk<'_>) {
        let files = shown(&self.files);
        let view = View::new(&files, self.floor());
        let here = view.time(self.scroll.cursor().place);
        let row = match (aim, view.span()) {
            (Aim::Line(line), _) => return self.seek_line(line, desk),
            (Aim::Share(share), _) => RowNo((view.rows() * share / 10_000).min(view.rows())),
            (_, None) => return desk.say(Tone::Note, "this log carries no times"),
            (Aim::Moment(at), _) => view.row_at(at),
            (Aim::Clock(clock), Some(span)) => {
                view.row_at(aim::resolve(clock, span, here.unwrap_or(span.1)))
            }
            (Aim::Shift(by), Some((first, _))) => {
                view.row_at(Millis(here.unwrap_or(first).0.saturating_add(by)))
            }
        };
        self.go_to_row(row, desk);
    }

    /// Goes to a row, or to the last one where there are fewer.
    fn go_to_row(&mut self, row: RowNo, desk: &mut Desk<'_>) {
        let files = shown(&self.files);
        let view = View::new(&files, self.floor());
        let Some(last) = view.rows().checked_sub(1) else {
            return desk.say(Tone::Note, "there is nothing to go to");
        };
        if row.0 > last {
            desk.say(Tone::Note, "the log ends before that");
        }
        if let Some(place) = view.place(RowNo(row.0.min(last))) {
            self.jump(place);
        }
    }

    /// Looks for a line of the file that the cursor is in.
    fn seek_line(&mut self, line: u64, desk: &mut Desk<'_>) {
        let file = self.scroll.cursor().place.file;
        let Some(followed) = self.file(file) else {
            return;
        };
        if followed.is_partial() {
            return desk.say(Tone::Note, "lines are counted once the whole log is read");
        }
        let lines = followed.index.lines();
        if line > lines {
            return desk.say(Tone::Note, format!("the log has {} lines", count(lines)));
        }
        let (feed, generation) = (self.following, followed.generation);
        let (from, index) = (followed.mileposts.before(line), followed.index.clone());
        let ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Locate {
                ticket,
                feed,
                file,
                generation,
                line,
                from,
                index: Box::new(index),
            })
        });
        self.locating.load.expect(ticket, desk.now);
        (self.locating.file, self.locating.line) = (file, line);
    }

    /// Goes to the record of the line that was looked for.
    pub(super) fn hear_line(
        &mut self,
        ticket: Ticket,
        outcome: Result<RecordNo, Fault>,
        desk: &mut Desk<'_>,
    ) {
        let (file, line) = (self.locating.file, self.locating.line);
        let found = outcome.clone();
        let settled = self
            .locating
            .load
            .settle(ticket, desk.now, outcome.map(|_| ()));
        if settled == Settled::Stale {
            return;
        }
        match found {
            Ok(record) => self.go_to(Place { file, record }, &format!("line {line}"), desk),
            Err(fault) => desk.say(Tone::Warning, fault.to_string()),
        }
    }

    /// Goes to a record; where it is hidden to the next one, and says so.
    pub(super) fn go_to(&mut self, place: Place, what: &str, desk: &mut Desk<'_>) {
        let files = shown(&self.files);
        let view = View::new(&files, self.floor());
        if !view.shows(place) {
            let sentence = format!("{what} is hidden by the level or a filter; this is the next");
            desk.say(Tone::Note, sentence);
        }
        let row = view.row(place).0.min(view.rows().saturating_sub(1));
        if let Some(place) = view.place(RowNo(row)) {
            self.jump(place);
        }
    }
}
