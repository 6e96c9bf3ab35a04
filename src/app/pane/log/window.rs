//! The decoded records around the view, and which of them are unfolded. Only
//! one request is under way at a time: a log that grows without pause must
//! not keep its own answers from arriving.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use unicode_segmentation::UnicodeSegmentation;

use super::{Followed, Read};
use crate::app::effect::Ticket;
use crate::app::load::{Load, Settled};
use crate::app::role::Role;
use crate::app::text::width;
use crate::fault::Fault;
use crate::log::{FileNo, Place, Record, RecordNo, stretches};

/// A row of a body in roles.
pub type CodeRow = Vec<(Role, String)>;

/// A decoded record, with its body in roles where that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub place: Place,
    pub record: Arc<Record>,
    pub body: Option<Vec<CodeRow>>,
}

/// A decoded record at hand.
#[derive(Debug)]
pub struct Kept {
    pub record: Arc<Record>,
    body: Option<Vec<CodeRow>>,
    /// The body in rows that fit the screen.
    rows: Vec<CodeRow>,
    trust: Trust,
}

/// Whether the file may have more of a record than was decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Whole,
    Doubted,
}

/// What unfolding a record brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    Body,
    /// Its row had shown all of it.
    Nothing,
}

impl Kept {
    /// The rows of the unfolded body.
    pub fn rows(&self) -> &[CodeRow] {
        &self.rows
    }
}

/// How many of the rows before and after the wanted ones are kept at most.
const SPARE: usize = 400;

/// What is decoded, asked for and unfolded.
#[derive(Debug, Default)]
pub struct Windows {
    kept: BTreeMap<Place, Kept>,
    unfolded: BTreeSet<Place>,
    load: Load<()>,
    columns: usize,
    /// The record that was unfolded last, until its body is there.
    awaited: Option<Place>,
    /// The last question, so that one without an answer is not asked for ever.
    asked: Option<Question>,
    /// A record with its secrets, in the place of the masked one.
    revealed: Option<(Place, Kept)>,
}

/// What is asked of files of a length.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    places: Vec<Place>,
    unfolded: usize,
    length: u64,
}

impl Windows {
    pub fn kept(&self, place: Place) -> Option<&Kept> {
        let revealed = self.revealed.as_ref().filter(|(at, _)| *at == place);
        revealed.map_or_else(|| self.kept.get(&place), |(_, kept)| Some(kept))
    }

    /// Shows this record in the place of the masked one.
    pub fn reveal(&mut self, decoded: Decoded) {
        self.revealed = Some(self.keep(decoded));
    }

    /// Shows the masked record again.
    pub fn conceal(&mut self) {
        self.revealed = None;
    }

    fn keep(&self, decoded: Decoded) -> (Place, Kept) {
        let kept = Kept {
            rows: fitted(&decoded.record, decoded.body.as_deref(), self.columns),
            record: decoded.record,
            body: decoded.body,
            trust: Trust::Whole,
        };
        (decoded.place, kept)
    }

    pub fn is_unfolded(&self, place: Place) -> bool {
        self.unfolded.contains(&place)
    }

    /// How many rows the body of a record takes beneath it.
    pub fn body_rows(&self, place: Place) -> u32 {
        let kept = self.kept(place).filter(|_| self.is_unfolded(place));
        kept.map_or(0, |kept| kept.rows.len() as u32)
    }

    pub fn toggle(&mut self, place: Place) {
        self.awaited = None;
        if !self.unfolded.remove(&place) {
            self.unfolded.insert(place);
            self.awaited = Some(place);
        }
    }

    /// The record that was unfolded last, once its body has come. One that has
    /// no more than its row is folded again.
    pub fn opened(&mut self) -> Option<Opened> {
        let has_body =
            |place: &mut Place| self.kept.get(place).is_some_and(|kept| kept.body.is_some());
        let place = self.awaited.take_if(has_body)?;
        if self.body_rows(place) > 0 {
            return Some(Opened::Body);
        }
        self.unfolded.remove(&place);
        Some(Opened::Nothing)
    }

    /// Gives bodies their width.
    pub fn fit(&mut self, columns: usize) {
        if self.columns == columns {
            return;
        }
        self.columns = columns;
        let revealed = self.revealed.iter_mut().map(|(_, kept)| kept);
        for kept in self.kept.values_mut().chain(revealed) {
            kept.rows = fitted(&kept.record, kept.body.as_deref(), columns);
        }
    }

    /// Forgets a file that is read anew.
    pub fn forget(&mut self, file: FileNo) {
        self.kept.retain(|place, _| place.file != file);
        self.unfolded.retain(|place| place.file != file);
        self.revealed = None;
        self.load.give_up();
        self.asked = None;
    }

    /// So many records have turned out to come before the known ones of a file.
    pub fn renumber(&mut self, file: FileNo, earlier: u32) {
        if earlier == 0 {
            return;
        }
        let renumbered = |place: Place| place.renumbered(file, earlier);
        let kept = std::mem::take(&mut self.kept).into_iter();
        self.kept = kept
            .map(|(place, kept)| (renumbered(place), kept))
            .collect();
        let unfolded = std::mem::take(&mut self.unfolded).into_iter();
        self.unfolded = unfolded.map(renumbered).collect();
        self.awaited = self.awaited.map(renumbered);
        self.revealed = None;
        // An answer under way has the old numbers.
        self.load.give_up();
        self.asked = None;
    }

    /// From this record on more may stand in the file than was decoded.
    pub fn doubt(&mut self, file: FileNo, record: RecordNo) {
        let last = Place {
            file,
            record: RecordNo(u32::MAX),
        };
        for (_, kept) in self.kept.range_mut(Place { file, record }..=last) {
            kept.trust = Trust::Doubted;
        }
    }

    pub fn fault(&self) -> Option<&Fault> {
        self.load.fault()
    }

    pub fn expect(&mut self, ticket: Ticket, now: Timestamp) {
        self.load.expect(ticket, now);
    }

    pub fn settle(&mut self, ticket: Ticket, now: Timestamp, outcome: Result<Vec<Decoded>, Fault>) {
        let (records, outcome) = match outcome {
            Ok(records) => (records, Ok(())),
            Err(fault) => (Vec::new(), Err(fault)),
        };
        if self.load.settle(ticket, now, outcome) == Settled::Stale {
            return;
        }
        for decoded in records {
            let (place, kept) = self.keep(decoded);
            self.kept.insert(place, kept);
        }
    }

    /// The read that brings one record anew.
    pub fn read_one(&self, place: Place, files: &[Followed]) -> Option<Read> {
        self.reads(&[place], files).pop()
    }

    /// The reads that bring what is wanted and not at hand; none while an
    /// answer is awaited, or where the same question had no better answer.
    pub fn missing(&mut self, wanted: &[Place], files: &[Followed]) -> Option<Vec<Read>> {
        if self.load.waiting_since().is_some() {
            return None;
        }
        self.prune(wanted);
        let absent = wanted.iter().filter(|place| !self.is_at_hand(**place));
        let mut places: Vec<Place> = absent.copied().collect();
        places.sort_unstable();
        let question = Question {
            unfolded: places
                .iter()
                .filter(|place| self.is_unfolded(**place))
                .count(),
            length: files.iter().map(|file| file.index.length()).sum(),
            places,
        };
        if question.places.is_empty() || self.asked.as_ref() == Some(&question) {
            return None;
        }
        let reads = self.reads(&question.places, files);
        self.asked = Some(question);
        Some(reads)
    }

    fn is_at_hand(&self, place: Place) -> bool {
        self.kept.get(&place).is_some_and(|kept| {
            kept.trust == Trust::Whole && (kept.body.is_some() || !self.is_unfolded(place))
        })
    }

    fn reads(&self, missing: &[Place], files: &[Followed]) -> Vec<Read> {
        let numbers = (0..=u16::MAX).map(FileNo);
        let of_file = |(number, file): (FileNo, &Followed)| {
            let records: Vec<RecordNo> = missing
                .iter()
                .filter(|place| place.file == number)
                .map(|place| place.record)
                .collect();
            let is_unfolded = |&record: &RecordNo| {
                let file = number;
                self.is_unfolded(Place { file, record })
            };
            (!records.is_empty()).then(|| Read {
                file: number,
                generation: file.generation,
                stretches: stretches(&file.index, &records),
                unfolded: records.iter().copied().filter(is_unfolded).collect(),
            })
        };
        numbers.zip(files).filter_map(of_file).collect()
    }

    /// Lets go of what is far from the view.
    fn prune(&mut self, wanted: &[Place]) {
        if self.kept.len() <= wanted.len() + SPARE {
            return;
        }
        let wanted: BTreeSet<&Place> = wanted.iter().collect();
        self.kept.retain(|place, _| wanted.contains(place));
    }
}

/// By how much the first row of a record has less room for its message than a
/// row of its body has: the time, the level, the source and the sign that it unfolds.
const BESIDE: usize = 25;

/// What the id of a request takes of the first row.
const REQUEST: usize = 15;

/// A body in rows of at most so many columns; the message comes first where
/// its own row may not show all of it.
fn fitted(record: &Record, body: Option<&[CodeRow]>, columns: usize) -> Vec<CodeRow> {
    let Some(body) = body else {
        return Vec::new();
    };
    let message = record.parts.message.as_str();
    let shortened = || record.gist().is_some_and(|gist| gist.short.is_some());
    let beside = BESIDE + record.request().map_or(0, |_| REQUEST);
    let cut = width(message) + beside > columns || shortened();
    let first = cut.then(|| vec![(Role::Code, message.to_owned())]);
    let rows = first.iter().chain(body);
    rows.flat_map(|row| fold(row, columns)).collect()
}

/// One row in as many as its width needs, broken between any two letters: what
/// stands in a body has no words.
fn fold(row: &CodeRow, columns: usize) -> Vec<CodeRow> {
    let columns = columns.max(1);
    let mut rows = vec![CodeRow::new()];
    let mut taken = 0;
    for (role, text) in row {
        let mut piece = String::new();
        for letter in text.graphemes(true) {
            let wide = width(letter);
            if taken + wide > columns && taken > 0 {
                close(&mut rows, *role, &mut piece);
                rows.push(CodeRow::new());
                taken = 0;
            }
            piece.push_str(letter);
            taken += wide;
        }
        close(&mut rows, *role, &mut piece);
    }
    rows
}

fn close(rows: &mut [CodeRow], role: Role, piece: &mut String) {
    if let Some(row) = rows.last_mut().filter(|_| !piece.is_empty()) {
        row.push((role, std::mem::take(piece)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_row_is_folded_and_keeps_its_roles() {
        let row = vec![
            (Role::CodeWord, "abc".to_owned()),
            (Role::CodeText, "日本de".to_owned()),
        ];
        let folded = fold(&row, 4);
        let texts: Vec<String> = folded
            .iter()
            .map(|row| row.iter().map(|(_, text)| text.as_str()).collect())
            .collect();
        assert_eq!(texts, ["abc", "日本", "de"]);
        assert_eq!(folded[0][0].0, Role::CodeWord);
        assert_eq!(folded[2][0].0, Role::CodeText);
    }

    #[test]
    fn an_empty_row_takes_a_row() {
        assert_eq!(fold(&CodeRow::new(), 4).len(), 1);
    }

    #[test]
    fn a_question_without_an_answer_is_not_asked_again() {
        let mut windows = Windows::default();
        let wanted = [Place::default()];
        let files = Followed::all(&[crate::log::Input::StandardInput]);
        assert!(windows.missing(&wanted, &files).is_some());
        let now = Timestamp::UNIX_EPOCH;
        windows.expect(Ticket(1), now);
        assert!(windows.missing(&wanted, &files).is_none());
        windows.settle(Ticket(1), now, Ok(Vec::new()));
        assert!(windows.missing(&wanted, &files).is_none());
        windows.forget(FileNo(0));
        assert!(windows.missing(&wanted, &files).is_some());
    }
}
