//! Bookmarks: records that a person wants to come back to, each with a note
//! where one was written. They name records, so whatever is hidden or arrives
//! moves none of them.

use std::collections::BTreeMap;

use super::{Followed, LogPane, LogQuestion, shown};
use crate::app::desk::Desk;
use crate::app::notice::Tone;
use crate::app::sheet::choice::Choosable;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Choice, Outcome, Prompt, Reply, Sheet};
use crate::app::text::count;
use crate::log::{Direction, FileNo, Millis, Place, RecordNo, View};

/// More are not bookmarks any more; what is kept of a log stays small.
pub const MOST_MARKS: usize = 1_000;

/// The bookmarks of all files.
#[derive(Debug, Default)]
pub struct Marks {
    notes: BTreeMap<Place, String>,
    /// Differs after each change.
    edition: u64,
}

impl Marks {
    /// The note of a bookmark; empty where there is none written.
    pub fn note(&self, place: Place) -> Option<&str> {
        self.notes.get(&place).map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Place, &str)> {
        self.notes
            .iter()
            .map(|(&place, note)| (place, note.as_str()))
    }

    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// Whether any stands between two edges, one of each for each file.
    pub fn stand_between(&self, from: &[RecordNo], to: &[RecordNo]) -> bool {
        let files = (0..=u16::MAX).map(FileNo);
        let mut ranges = files.zip(from.iter().zip(to));
        ranges.any(|(file, (&from, &to))| {
            let at = |record| Place { file, record };
            from < to && self.notes.range(at(from)..at(to)).next().is_some()
        })
    }

    /// Sets a bookmark with its note; the oldest stay where there are too many.
    pub fn set(&mut self, place: Place, note: String) -> bool {
        let fits = self.notes.len() < MOST_MARKS || self.notes.contains_key(&place);
        if fits {
            self.notes.insert(place, note);
            self.edition += 1;
        }
        fits
    }

    fn remove(&mut self, place: Place) -> bool {
        let removed = self.notes.remove(&place).is_some();
        self.edition += u64::from(removed);
        removed
    }

    /// So many records have turned out to come before the known ones of a file.
    pub fn renumber(&mut self, file: FileNo, earlier: u32) {
        if earlier == 0 {
            return;
        }
        let notes = std::mem::take(&mut self.notes).into_iter();
        let renumbered = notes.map(|(place, note)| (place.renumbered(file, earlier), note));
        self.notes = renumbered.collect();
        self.edition += 1;
    }

    /// Forgets those of a file that is read anew.
    pub fn forget(&mut self, file: FileNo) {
        self.notes.retain(|place, _| place.file != file);
        self.edition += 1;
    }
}

impl LogPane {
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Sets a bookmark here, or takes it away.
    pub(super) fn toggle_mark(&mut self, desk: &mut Desk<'_>) {
        let place = self.scroll.cursor().place;
        if !self.scroll.is_at_a_record() {
            return desk.say(Tone::Note, "no record under the cursor");
        }
        if !self.marks.remove(place) {
            self.set_mark(place, String::new(), desk);
        }
        self.keep_session(desk);
    }

    fn set_mark(&mut self, place: Place, note: String, desk: &mut Desk<'_>) {
        if self.file(place.file).is_some_and(Followed::is_partial) {
            // Its records are not numbered for good yet.
            return desk.say(Tone::Note, "still reading: bookmark it in a moment");
        }
        if !self.marks.set(place, note) {
            let most = count(MOST_MARKS as u64);
            desk.say(Tone::Warning, format!("{most} bookmarks are the most"));
        }
    }

    pub(super) fn ask_note(&mut self, desk: &mut Desk<'_>) {
        if !self.scroll.is_at_a_record() {
            return desk.say(Tone::Note, "no record under the cursor");
        }
        self.noted = self.scroll.cursor().place;
        let note = self.marks.note(self.noted).unwrap_or_default();
        let hint = "kept with the bookmark";
        let prompt = Prompt::new("note", hint, note, Pace::AtTheEnd);
        desk.open(Sheet::Prompt(prompt), Asker::Log(LogQuestion::Note));
    }

    pub(super) fn hear_note(&mut self, outcome: Outcome, desk: &mut Desk<'_>) {
        let Outcome::Closed(Reply::Texts(texts)) = outcome else {
            return;
        };
        let note = texts.into_iter().next().unwrap_or_default();
        self.set_mark(self.noted, note, desk);
        self.keep_session(desk);
    }

    pub(super) fn visit_mark(&mut self, direction: Direction, desk: &mut Desk<'_>) {
        let files = shown(&self.files);
        let view = View::new(&files, self.floor());
        let order = |place: Place| (view.time(place), place);
        let here = order(self.scroll.cursor().place);
        let others = self.marks.iter().map(|(place, _)| place);
        let shown = others.filter(|&place| view.shows(place));
        let next = match direction {
            Direction::Forward => shown
                .filter(|&place| order(place) > here)
                .min_by_key(|&place| order(place)),
            Direction::Backward => shown
                .filter(|&place| order(place) < here)
                .max_by_key(|&place| order(place)),
        };
        match next {
            Some(place) => self.jump(place),
            None => desk.say(Tone::Note, self.nothing_further("bookmark", direction)),
        }
    }

    /// Lists the bookmarks in the order of their times.
    pub(super) fn list_marks(&mut self, desk: &mut Desk<'_>) {
        let options = self.marks_in_order().into_iter().map(|place| {
            let file = self.file(place.file);
            Choosable {
                label: label(self.marks.note(place).unwrap_or_default(), file, place),
                detail: file.map(|file| file.name.clone()).unwrap_or_default(),
            }
        });
        let sheet = Choice::new("Bookmarks", options.collect());
        desk.open(Sheet::Choice(sheet), Asker::Log(LogQuestion::Bookmarks));
    }

    pub(super) fn hear_choice(&mut self, outcome: &Outcome, desk: &mut Desk<'_>) {
        let Outcome::Closed(Reply::Chosen(number)) = *outcome else {
            return;
        };
        if let Some(&place) = self.marks_in_order().get(number) {
            self.go_to(place, "the bookmark", desk);
        }
    }

    fn marks_in_order(&self) -> Vec<Place> {
        let files = shown(&self.files);
        let view = View::new(&files, self.floor());
        let mut places: Vec<Place> = self.marks.iter().map(|(place, _)| place).collect();
        places.sort_by_key(|&place| (view.time(place), place));
        places
    }
}

fn label(note: &str, file: Option<&Followed>, place: Place) -> String {
    let time = file.and_then(|file| file.index.time(place.record));
    let time = time.and_then(Millis::timestamp);
    let time = time.map(|at| at.strftime("%H:%M:%S%.3f").to_string());
    let time = time.unwrap_or_else(|| format!("record {}", place.record.0 + 1));
    if note.is_empty() {
        return time;
    }
    format!("{time}  {note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: u16, record: u32) -> Place {
        Place {
            file: FileNo(file),
            record: RecordNo(record),
        }
    }

    #[test]
    fn a_bookmark_is_found_between_the_edges_of_its_own_file_only() {
        let mut marks = Marks::default();
        marks.set(place(1, 5), String::new());
        let between = |from: [u32; 2], to: [u32; 2]| {
            marks.stand_between(&from.map(RecordNo), &to.map(RecordNo))
        };
        assert!(between([0, 5], [9, 6]));
        assert!(!between([0, 6], [9, 9]));
        assert!(!between([0, 0], [9, 5]));
    }

    #[test]
    fn a_bookmark_stays_at_its_record_when_earlier_ones_turn_up() {
        let mut marks = Marks::default();
        marks.set(place(0, 5), "five".to_owned());
        marks.set(place(1, 5), "other".to_owned());
        marks.renumber(FileNo(0), 100);
        assert_eq!(marks.note(place(0, 105)), Some("five"));
        assert_eq!(marks.note(place(1, 5)), Some("other"));
    }

    #[test]
    fn there_is_an_end_to_bookmarks() {
        let mut marks = Marks::default();
        for n in 0..MOST_MARKS as u32 {
            assert!(marks.set(place(0, n), String::new()));
        }
        assert!(!marks.set(place(0, 9_999), String::new()));
        assert!(marks.set(place(0, 7), "a note".to_owned()));
    }
}
