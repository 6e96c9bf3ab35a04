//! Several files as one list of rows, ordered by time. Nothing is built: which
//! record a row is, and which row a record, is computed from the indices by
//! counting, so that any number of records costs the same.
//!
//! Records stand in the order (time, file, number). In each file the times
//! never fall, so the order of a file's own records is never changed.

use std::cmp::Ordering;

use super::index::RecordNo;
use super::kept::Shown;
use super::level::Level;
use super::stamp::Millis;
use super::weight::Levels;

/// Which of the followed files, in the order they were named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileNo(pub u16);

/// The number of a record among those that are shown, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RowNo(pub u64);

/// A record of one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    pub file: FileNo,
    pub record: RecordNo,
}

impl Place {
    /// The same record after so many have turned out to come before it.
    #[must_use]
    pub fn renumbered(self, file: FileNo, earlier: u32) -> Self {
        if self.file != file {
            return self;
        }
        Self {
            record: RecordNo(self.record.0.saturating_add(earlier)),
            ..self
        }
    }
}

/// Which way to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// Records between two times, for one column of the density bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    pub records: u32,
    /// The loudest level among them; none where there is no record.
    pub worst: Option<Level>,
}

/// The files at a floor.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    files: &'a [Shown<'a>],
    floor: Level,
}

const EVERY: Levels = Levels::AtLeast(Level::Trace);

/// A point in the order: before every record of `file` at `time`.
type Point = (Option<Millis>, FileNo, RecordNo);

impl<'a> View<'a> {
    /// Shows the records at `floor` or above.
    pub fn new(files: &'a [Shown<'a>], floor: Level) -> Self {
        Self { files, floor }
    }

    pub fn floor(&self) -> Level {
        self.floor
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        let counts = self.files.iter().map(|file| file.count(self.levels()));
        counts.map(u64::from).sum()
    }

    /// The record that stands in a row.
    pub fn place(&self, row: RowNo) -> Option<Place> {
        if row.0 >= self.rows() {
            return None;
        }
        if let [file] = self.files {
            let record = file.nth(row.0 as u32, self.levels())?;
            return Some(Place {
                file: FileNo(0),
                record,
            });
        }
        self.among(row)
    }

    /// The row of a record, or of the next one shown where it is below the floor.
    pub fn row(&self, place: Place) -> RowNo {
        RowNo(self.before(self.point(place), self.levels()))
    }

    /// The first row at a time or after it; the count of rows where there is none.
    pub fn row_at(&self, time: Millis) -> RowNo {
        let files = self.files.iter();
        let ranks = files.map(|file| file.rank(file.since(time), self.levels()));
        RowNo(ranks.map(u64::from).sum())
    }

    /// The time at which a record stands.
    pub fn time(&self, place: Place) -> Option<Millis> {
        self.point(place).0
    }

    /// Whether a record is a row.
    pub fn shows(&self, place: Place) -> bool {
        let file = self.files.get(usize::from(place.file.0));
        file.is_some_and(|file| file.includes(place.record, self.levels()))
    }

    /// The nearest record of these levels beyond `from`, and never `from` itself.
    pub fn next(&self, from: Place, levels: Levels, direction: Direction) -> Option<Place> {
        let point = self.point(from);
        let candidates = self.numbered().filter_map(|(number, file)| {
            let here = count_before((number, file), point, levels);
            let itself = number == from.file && file.includes(from.record, levels);
            let rank = match direction {
                Direction::Forward => here + u32::from(itself),
                Direction::Backward => here.checked_sub(1)?,
            };
            let record = file.nth(rank, levels)?;
            Some(Place {
                file: number,
                record,
            })
        });
        match direction {
            Direction::Forward => candidates.min_by_key(|&place| self.point(place)),
            Direction::Backward => candidates.max_by_key(|&place| self.point(place)),
        }
    }

    /// How many rows come from records after these, one for each file.
    pub fn rows_after(&self, edges: &[RecordNo]) -> u64 {
        let files = self.files.iter().zip(edges);
        let after = files.map(|(file, &edge)| {
            let levels = self.levels();
            u64::from(file.count(levels) - file.rank(edge, levels))
        });
        after.sum()
    }

    /// For each file how many of its records stand before this one.
    pub fn edges(&self, place: Place) -> Vec<RecordNo> {
        let point = self.point(place);
        let edge = |numbered| RecordNo(count_before(numbered, point, EVERY));
        self.numbered().map(edge).collect()
    }

    /// For each file how many records it has: the edges of the end.
    pub fn ends(&self) -> Vec<RecordNo> {
        let ends = self.files.iter().map(|file| RecordNo(file.records()));
        ends.collect()
    }

    /// The loudest level between two edges that is meant, if it is at the floor
    /// or above.
    pub fn worst(&self, from: &[RecordNo], to: &[RecordNo]) -> Option<Level> {
        let between = |level| {
            let levels = Levels::Meant(level);
            let edges = self.files.iter().zip(from).zip(to);
            edges
                .into_iter()
                .any(|((file, &from), &to)| file.rank(to, levels) > file.rank(from, levels))
        };
        let worst = Level::ALL.into_iter().rev();
        worst
            .take_while(|&level| level >= self.floor)
            .find(|&level| between(level))
    }

    /// The first and last time of all files.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        let spans = self.files.iter().filter_map(|file| file.span());
        spans.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)))
    }

    /// The rows in each of `columns` equal parts of the time that the files span.
    pub fn density(&self, columns: u16) -> Vec<Bucket> {
        let Some((first, last)) = self.span().filter(|_| columns > 0) else {
            return Vec::new();
        };
        let width = i128::from(last.0) - i128::from(first.0) + 1;
        let edge = |column: u16| {
            let part = width * i128::from(column) / i128::from(columns);
            Millis((i128::from(first.0) + part) as i64)
        };
        (0..columns)
            .map(|column| self.bucket(edge(column), edge(column + 1)))
            .collect()
    }

    fn bucket(&self, from: Millis, to: Millis) -> Bucket {
        let within = |levels| {
            self.files
                .iter()
                .map(|file| {
                    let end = file.rank(file.since(to), levels);
                    end.saturating_sub(file.rank(file.since(from), levels))
                })
                .sum::<u32>()
        };
        let worst = Level::ALL.into_iter().rev();
        Bucket {
            records: within(self.levels()),
            worst: worst
                .take_while(|&level| level >= self.floor)
                .find(|&level| within(Levels::Meant(level)) > 0),
        }
    }

    fn levels(&self) -> Levels {
        Levels::AtLeast(self.floor)
    }

    fn numbered(&self) -> impl Iterator<Item = (FileNo, Shown<'a>)> {
        let numbers = (0..=u16::MAX).map(FileNo);
        numbers.zip(self.files.iter().copied())
    }

    fn point(&self, place: Place) -> Point {
        let file = self.files.get(usize::from(place.file.0));
        let time = file.and_then(|file| file.time(place.record));
        (time, place.file, place.record)
    }

    fn before(&self, point: Point, levels: Levels) -> u64 {
        self.numbered()
            .map(|numbered| u64::from(count_before(numbered, point, levels)))
            .sum()
    }

    /// The row's record among several files: first its time by bisection, then
    /// its file among those that have records at that time.
    fn among(&self, row: RowNo) -> Option<Place> {
        let until = |time: Option<Millis>| {
            let ranks = self
                .files
                .iter()
                .map(|&file| file.rank(after(file, time), self.levels()));
            ranks.map(u64::from).sum::<u64>()
        };
        let time = if until(None) > row.0 {
            None
        } else {
            let (mut low, mut high) = self.span()?;
            while low < high {
                let middle = Millis(low.0 + (high.0 - low.0) / 2);
                if until(Some(middle)) > row.0 {
                    high = middle;
                } else {
                    low = Millis(middle.0 + 1);
                }
            }
            Some(low)
        };
        self.at(time, row)
    }

    /// The row's record among those that stand at one time.
    fn at(&self, time: Option<Millis>, row: RowNo) -> Option<Place> {
        let from = |file: Shown<'_>| time.map_or(RecordNo(0), |time| file.since(time));
        let mut left = row.0;
        for (_, file) in self.numbered() {
            left = left.checked_sub(u64::from(file.rank(from(file), self.levels())))?;
        }
        for (number, file) in self.numbered() {
            let first = file.rank(from(file), self.levels());
            let here = u64::from(file.rank(after(file, time), self.levels()) - first);
            if left < here {
                let record = file.nth(first + left as u32, self.levels())?;
                return Some(Place {
                    file: number,
                    record,
                });
            }
            left -= here;
        }
        None
    }
}

/// How many of a file's records stand before a point.
fn count_before((number, file): (FileNo, Shown<'_>), point: Point, levels: Levels) -> u32 {
    let (time, at, record) = point;
    let edge = match number.cmp(&at) {
        Ordering::Equal => record,
        Ordering::Less => after(file, time),
        Ordering::Greater => time.map_or(RecordNo(0), |time| file.since(time)),
    };
    file.rank(edge, levels)
}

/// The first record of a file that stands after `time`.
fn after(file: Shown<'_>, time: Option<Millis>) -> RecordNo {
    let next = time.map_or(i64::MIN + 1, |time| time.0.saturating_add(1));
    file.since(Millis(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Index, scan};

    fn file(records: &[(u32, &str)]) -> Index {
        let record = |&(second, level): &(u32, &str)| {
            format!(
                "2026-11-22T11:{:02}:{:02}.000Z [{level}] m\n",
                second / 60,
                second % 60
            )
        };
        indexed(&records.iter().map(record).collect::<String>())
    }

    fn indexed(text: &str) -> Index {
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        index
    }

    fn place(file: u16, record: u32) -> Place {
        Place {
            file: FileNo(file),
            record: RecordNo(record),
        }
    }

    fn rows(view: View<'_>) -> Vec<(u16, u32)> {
        let places = (0..view.rows()).map(|row| view.place(RowNo(row)).unwrap());
        places.map(|place| (place.file.0, place.record.0)).collect()
    }

    #[test]
    fn files_are_merged_by_time_and_keep_their_own_order() {
        let core = file(&[(1, "INFO"), (3, "INFO"), (3, "INFO"), (9, "INFO")]);
        let provider = file(&[(0, "INFO"), (3, "INFO"), (5, "INFO")]);
        let files = [&core, &provider].map(Shown::from);
        let view = View::new(&files, Level::Trace);
        assert_eq!(
            rows(view),
            [(1, 0), (0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (0, 3)]
        );
    }

    #[test]
    fn a_row_leads_to_its_record_and_back() {
        let levels = ["TRACE", "WARN", "INFO", "ERROR"];
        let records = |step: u32| -> Vec<(u32, &str)> {
            (0..400)
                .map(|n| (n * step / 3, levels[n as usize % 4]))
                .collect()
        };
        let (one, two, three) = (file(&records(1)), file(&records(2)), indexed("a\nb\n"));
        let files = [&one, &two, &three].map(Shown::from);
        for floor in Level::ALL {
            let view = View::new(&files, floor);
            for row in 0..view.rows() {
                let place = view.place(RowNo(row)).unwrap();
                assert_eq!(view.row(place), RowNo(row), "{floor:?} {place:?}");
            }
            assert_eq!(view.place(RowNo(view.rows())), None);
        }
    }

    #[test]
    fn the_next_error_may_be_in_another_file() {
        let core = file(&[(1, "ERROR"), (4, "INFO"), (9, "ERROR")]);
        let provider = file(&[(2, "WARN"), (5, "ERROR")]);
        let files = [&core, &provider].map(Shown::from);
        let view = View::new(&files, Level::Trace);
        let errors = Levels::Exactly(Level::Error);
        let next = |from, direction| view.next(from, errors, direction);
        assert_eq!(next(place(0, 0), Direction::Forward), Some(place(1, 1)));
        assert_eq!(next(place(1, 1), Direction::Forward), Some(place(0, 2)));
        assert_eq!(next(place(0, 2), Direction::Forward), None);
        assert_eq!(next(place(0, 2), Direction::Backward), Some(place(1, 1)));
        assert_eq!(next(place(1, 0), Direction::Backward), Some(place(0, 0)));
        assert_eq!(next(place(0, 0), Direction::Backward), None);
    }

    #[test]
    fn the_density_counts_each_row_once_and_shows_the_worst() {
        let core = file(&[(0, "INFO"), (1, "ERROR"), (8, "DEBUG"), (9, "WARN")]);
        let files = [&core].map(Shown::from);
        let buckets = View::new(&files, Level::Trace).density(2);
        let bucket = |records, worst| Bucket {
            records,
            worst: Some(worst),
        };
        assert_eq!(buckets, [bucket(2, Level::Error), bucket(2, Level::Warn)]);
        let buckets = View::new(&files, Level::Info).density(2);
        assert_eq!(buckets[1], bucket(1, Level::Warn));
    }

    #[test]
    fn an_error_that_means_nothing_is_a_row_and_no_worst() {
        let mut index = Index::default();
        let text = b"1970-01-01T00:00:01.000Z [INFO]  m\n\
            1970-01-01T00:00:02.000Z [ERROR] Checkpoint error: x\n\
            1970-01-01T00:00:03.000Z [WARN]  m\n";
        index.append(&scan(text), None);
        let files = [&index].map(Shown::from);
        let view = View::new(&files, Level::Error);
        assert_eq!((view.rows(), view.density(1)[0].worst), (1, None));
        let view = View::new(&files, Level::Trace);
        assert_eq!(view.density(1)[0].worst, Some(Level::Warn));
        let until = [RecordNo(2)];
        assert_eq!(view.worst(&[RecordNo(0)], &until), Some(Level::Info));
    }

    #[test]
    fn edges_cut_every_file_at_the_same_moment() {
        let core = file(&[(1, "INFO"), (4, "WARN"), (9, "INFO")]);
        let provider = file(&[(2, "ERROR"), (5, "INFO")]);
        let files = [&core, &provider].map(Shown::from);
        let view = View::new(&files, Level::Info);
        let edges = view.edges(place(0, 1));
        assert_eq!(edges, [RecordNo(1), RecordNo(1)]);
        let start = view.edges(place(0, 0));
        assert_eq!(view.worst(&start, &edges), Some(Level::Error));
        assert_eq!(view.worst(&edges, &view.ends()), Some(Level::Warn));
        assert_eq!(view.worst(&edges, &edges), None);
    }

    #[test]
    fn a_record_below_the_floor_gives_the_row_after_it() {
        let core = file(&[(0, "WARN"), (1, "DEBUG"), (2, "WARN")]);
        let files = [&core].map(Shown::from);
        assert_eq!(View::new(&files, Level::Warn).row(place(0, 1)), RowNo(1));
    }
}
