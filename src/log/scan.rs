//! A chunk of a file seen once: how many lines it has, where its records begin,
//! how loud each is, when it was written and what it tells. A chunk may begin
//! and end inside a line; [`crate::log::Index::append`] joins the summaries in
//! order to exactly what one chunk of all the bytes would give, so that chunks
//! can be scanned on any thread in any order. The text itself stays in the file.
//!
//! What a line is can depend on what came before it, which a chunk does not
//! know: it is scanned on a guess. From the first header of a text log on the
//! guess cannot matter; the bytes before it are kept, and the join scans them
//! anew where the guess was wrong.

use super::account::{Telling, signs, signs_of};
use super::headers::Headers;
use super::lanes;
use super::level::Level;
use super::line::{Kind, REACH, continues};
use super::opening::{Opened, Opening};
use super::raw::Raw;
use super::stamp::Millis;
use super::told::{Spot, Told};
use super::weight::Weight;

/// What a chunk contributes to the index of its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The chunk's length in bytes.
    pub(super) length: u64,
    pub(super) newlines: u64,
    /// The end of a line that began before: up to the first newline and with it.
    pub(super) first: Fragment,
    /// Whether there is a newline; without one all of the chunk is `first`.
    pub(super) is_whole: bool,
    /// How the lines after the first newline were judged.
    pub(super) guess: Opening,
    /// The lines up to the first header of a text log, judged on the guess.
    pub(super) zone: Part,
    /// Their bytes.
    zone_bytes: Vec<u8>,
    /// The lines from that header on.
    pub(super) rest: Part,
    /// The bytes after the last newline.
    pub(super) line: Fragment,
}

/// Whole lines of a chunk that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Where they begin in the chunk, and how many newlines come before.
    begin: usize,
    lines_before: u32,
    /// The lines before the first record that begins here.
    pub head: Fragment,
    pub starts: Vec<Start>,
    /// What the records tell that begin and end here, in order.
    pub told: Told,
    /// The last record that begins here, and its line.
    pub open: Fragment,
    pub open_line: u32,
    /// The line of the first record that begins here.
    pub first_line: u32,
    /// How the lines after these are judged; none where there are no lines.
    pub after: Option<Opening>,
}

/// A line that begins a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    time: i64,
    /// Where it begins in the chunk.
    pub at: u32,
    pub weight: Weight,
    /// What is known after it.
    opening: Opening,
}

/// Stands for no time at all.
const TIMELESS: i64 = i64::MIN;

impl Start {
    fn new(at: usize, (time, weight): (Option<Millis>, Weight), opening: Opening) -> Self {
        Self {
            time: time.map_or(TIMELESS, |time| time.0),
            at: at as u32,
            weight,
            opening,
        }
    }

    pub fn opening(self) -> Opening {
        self.opening
    }

    /// Its weight, and its time if it has one.
    #[inline]
    pub fn dated(&self) -> Option<(Weight, i64)> {
        (self.time != TIMELESS).then_some((self.weight, self.time))
    }

    pub fn time(self) -> Option<Millis> {
        (self.time != TIMELESS).then_some(Millis(self.time))
    }
}

/// Part of a line or record: its first bytes as far as they decide what it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fragment {
    pub kept: Vec<u8>,
    pub length: u64,
}

impl Fragment {
    fn of(bytes: &[u8]) -> Self {
        Self {
            kept: bytes[..bytes.len().min(REACH)].to_vec(),
            length: bytes.len() as u64,
        }
    }

    /// Goes on with more; bytes beyond the reach are only counted.
    pub fn extend(&mut self, more: &Self) {
        let room = REACH - self.kept.len();
        self.kept.extend(&more.kept[..more.kept.len().min(room)]);
        self.length += more.length;
    }
}

impl Summary {
    /// How many bytes were scanned.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The lines before the first header, judged after what really came before.
    pub(super) fn scan_anew(&self, opening: Opening) -> Part {
        let place = (self.zone.begin, self.zone.lines_before);
        Part::scan(&self.zone_bytes, place, opening, Until::End).0
    }

    /// What to guess of the next chunk.
    pub fn next_guess(&self) -> Opening {
        let after = self.rest.after.or(self.zone.after);
        after.unwrap_or(self.guess).between_records()
    }
}

/// The longest chunk that a summary can describe; longer ones are cut there
/// and the caller scans the rest by itself.
pub const LONGEST: usize = u32::MAX as usize;

/// Scans one chunk of a log of which nothing is known.
pub fn scan(chunk: &[u8]) -> Summary {
    scan_after(chunk, Opening::default())
}

/// Scans one chunk; a good guess of how its lines are judged saves work.
pub fn scan_after(chunk: &[u8], guess: Opening) -> Summary {
    let chunk = &chunk[..chunk.len().min(LONGEST)];
    let mut summary = Summary {
        length: chunk.len() as u64,
        guess,
        ..Summary::default()
    };
    let Some(first) = memchr::memchr(b'\n', chunk).map(|at| at + 1) else {
        summary.first = Fragment::of(chunk);
        return summary;
    };
    summary.is_whole = true;
    summary.first = Fragment::of(&chunk[..first]);
    let end = memchr::memrchr(b'\n', chunk).map_or(first, |at| at + 1);
    summary.line = Fragment::of(&chunk[end..]);
    let (zone, rest) = Part::scan(&chunk[first..end], (first, 1), guess, Until::Header);
    summary.zone_bytes = chunk[first..rest.begin].to_vec();
    let lines = &chunk[rest.begin..end];
    let place = (rest.begin, rest.lines);
    let (part, rest) = Part::scan(lines, place, Opening::after_a_header(), Until::End);
    summary.newlines = u64::from(rest.lines);
    (summary.zone, summary.rest) = (zone, part);
    summary
}

/// Where the index of a part of a file may begin, and how lines are judged
/// there: at the first header of a text log, else at the first line after a
/// newline that begins a record of another kind. Records that begin there
/// begin there too in the index of the whole file.
pub fn entry(bytes: &[u8]) -> Option<(usize, Opening)> {
    let starts = memchr::memchr_iter(b'\n', bytes).map(|newline| newline + 1);
    let mut other = None;
    for at in starts {
        let line = &bytes[at..];
        let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let kind = Kind::of(&line[..end]);
        if kind.decides() {
            return Some((at, Opening::after_a_header()));
        }
        // What stands in a frame may be quoted by what its frame is about.
        let may_begin = other.is_none() && !matches!(kind, Kind::Framed { .. });
        if may_begin && Opening::at_a_record().between_lines().judge(kind).is_some() {
            other = Some((at, Opening::at_a_record()));
        }
    }
    other
}

/// How far a part goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The first header of a text log.
    Header,
    End,
}

/// Where a part ended in the chunk, and how many newlines came before.
struct Rest {
    begin: usize,
    lines: u32,
}

impl Part {
    /// Scans whole lines. `place` is where they begin in the chunk, and how
    /// many newlines come before.
    fn scan(text: &[u8], place: (usize, u32), opening: Opening, until: Until) -> (Self, Rest) {
        /// A record of a debug log is about as long.
        const RECORD: usize = 400;
        let mut scan = Scan::new(text, place, opening, text.len() / RECORD);
        let (blocks, last) = lanes::blocks(text);
        let mut at = Line {
            begin: 0,
            end: 0,
            lines: place.1,
        };
        let mut number = 0;
        for block in blocks {
            if scan.block(lanes::newlines(block), number, &mut at, until) == Met::Header {
                break;
            }
            number += lanes::BLOCK;
        }
        if number == text.len() - text.len() % lanes::BLOCK {
            scan.block(lanes::newlines(&last), number, &mut at, until);
        }
        let (begin, lines) = (at.begin, at.lines);
        let rest = Rest {
            begin: place.0 + begin,
            lines,
        };
        (scan.finish(begin, lines), rest)
    }
}

/// Whether a line ended the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    Line,
    Header,
}

/// Where a line stands in the text, and how many newlines of the chunk come before it.
#[derive(Debug, Clone, Copy)]
struct Line {
    begin: usize,
    end: usize,
    lines: u32,
}

/// A part on its way.
struct Scan<'a> {
    text: &'a [u8],
    part: Part,
    opening: Opening,
    headers: Headers,
    /// The record that is being read.
    open: Option<Open>,
}

/// A record that has begun.
#[derive(Debug, Clone, Copy)]
struct Open {
    line: Line,
    level: Level,
    /// What it may tell, where it has the common header.
    telling: Option<Telling>,
}

impl<'a> Scan<'a> {
    fn new(
        text: &'a [u8],
        (begin, lines_before): (usize, u32),
        opening: Opening,
        capacity: usize,
    ) -> Self {
        Self {
            text,
            part: Part {
                begin,
                lines_before,
                starts: Vec::with_capacity(capacity),
                told: Told::with_capacity(capacity / 4),
                ..Part::default()
            },
            opening,
            headers: Headers::default(),
            open: None,
        }
    }

    /// Goes through the lines that end in a block of the text.
    #[inline]
    fn block(&mut self, newlines: u64, begin: usize, line: &mut Line, until: Until) -> Met {
        let mut newlines = newlines;
        while newlines != 0 {
            line.end = begin + newlines.trailing_zeros() as usize;
            newlines &= newlines - 1;
            if !continues(self.text[line.begin]) && self.line(*line, until) == Met::Header {
                return Met::Header;
            }
            line.begin = line.end + 1;
            line.lines += 1;
        }
        Met::Line
    }

    #[inline(never)]
    fn line(&mut self, line: Line, until: Until) -> Met {
        // Nearly every line that comes here is the common header, and no part of a crash.
        let header = self.headers.read(&self.text[line.begin..line.end]);
        let (opened, telling) = match header {
            Some(_) if until == Until::Header => return Met::Header,
            Some(header) => {
                self.opening = Opening::after_a_header();
                let opened = (Some(header.at), header.level);
                (Some(opened), Some(header.telling))
            }
            None => {
                let kind = Kind::of(&self.text[line.begin..line.end]);
                if until == Until::Header && kind.decides() {
                    return Met::Header;
                }
                (self.opening.judge(kind), None)
            }
        };
        if let Some(opened) = opened {
            self.begin(line, opened, telling);
        }
        Met::Line
    }

    #[inline]
    fn begin(&mut self, line: Line, opened: Opened, telling: Option<Telling>) {
        self.close(line);
        let at = self.part.begin + line.begin;
        let weight = Weight::of(&self.text[line.begin..line.end], opened.1);
        let start = Start::new(at, (opened.0, weight), self.opening);
        self.part.starts.push(start);
        self.open = Some(Open {
            line,
            level: opened.1,
            telling,
        });
    }

    /// Tells what the record means that ends where this line begins.
    #[inline]
    fn close(&mut self, next: Line) {
        match self.open {
            Some(open) if open.telling == Some(Telling::Nothing) => {}
            Some(open) => self.tell(open, next),
            None => self.part.first_line = next.lines,
        }
    }

    fn tell(&mut self, open: Open, next: Line) {
        let bytes = &self.text[open.line.begin..next.begin];
        let spot = Spot {
            start: self.part.starts.len() as u32 - 1,
            line: open.line.lines,
            lines: next.lines - open.line.lines,
        };
        let told = &mut self.part.told;
        let say = |sign| told.add(spot, sign);
        match open.telling {
            Some(telling) => {
                let record = Raw::behind_the_common_header(bytes, open.level);
                signs_of(record, telling, say);
            }
            None => signs(Raw::new(bytes, open.level)).for_each(say),
        }
    }

    /// The part up to a byte, before which so many newlines come.
    fn finish(mut self, end: usize, lines: u32) -> Part {
        let text = &self.text[..end];
        let part = &mut self.part;
        part.after = (lines > part.lines_before).then_some(self.opening);
        let Some((first, last)) = part.starts.first().zip(self.open) else {
            part.head = Fragment::of(text);
            return self.part;
        };
        part.head = Fragment::of(&text[..first.at as usize - part.begin]);
        part.open = Fragment::of(&text[last.line.begin..]);
        part.open_line = last.line.lines;
        self.part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Category, Sign, Signal};

    #[test]
    fn a_chunk_inside_one_line_is_all_its_first_line() {
        let summary = scan(b"no newline here");
        assert_eq!(summary.first.length, 15);
        assert_eq!((summary.newlines, summary.is_whole), (0, false));
    }

    #[test]
    fn only_lines_that_begin_inside_the_chunk_are_its_starts() {
        let summary = scan(b"rest\n2026-11-22T11:52:08.653Z [INFO]  a\n b\n2026-11-22T11:5");
        assert_eq!(summary.rest.starts.len(), 1);
        assert_eq!(summary.rest.starts[0].at, 5);
        assert_eq!(summary.newlines, 3);
        assert_eq!(summary.line.kept, b"2026-11-22T11:5");
    }

    #[test]
    fn a_fragment_keeps_no_more_than_decides_its_kind() {
        let mut fragment = Fragment::of(&vec![b'x'; REACH + 5]);
        fragment.extend(&Fragment::of(b"more"));
        assert_eq!(fragment.kept.len(), REACH);
        assert_eq!(fragment.length, REACH as u64 + 9);
    }

    #[test]
    fn a_part_of_a_file_is_entered_where_a_record_begins() {
        let header = "2026-11-22T11:52:08.653Z [INFO]  a\n";
        let text = format!("half of a line\nloose\n{header}");
        assert_eq!(entry(text.as_bytes()).map(|found| found.0), Some(21));
        assert_eq!(
            entry(b"half\n  indented\nloose\nother\n").map(|found| found.0),
            Some(16)
        );
        assert_eq!(entry(b"half of a line"), None);
        assert_eq!(entry(b"half\n  indented\n"), None);
    }

    #[test]
    fn what_a_record_tells_is_found_in_its_chunk() {
        let text = b"\n2026-11-22T11:52:08.653Z [INFO]  Terraform version: 1.11.4\n\
            2026-11-22T11:52:08.653Z [ERROR] vertex \"a.b\" error: Throttling\n  x\n\
            2026-11-22T11:52:08.653Z [ERROR] Checkpoint error: no\n\
            2026-11-22T11:52:08.653Z [INFO]  the last one waits for its end\n";
        let rest = scan(text).rest;
        let mut told = Vec::new();
        rest.told.untold().before(rest.starts.len(), |spot, sign| {
            let what = match sign {
                Sign::Signal(Signal::Run(_)) => "run",
                Sign::Category(Category::Throttling) => "throttling",
                Sign::Harmless => "harmless",
                other => panic!("{other:?}"),
            };
            told.push((spot.line, spot.lines, what));
        });
        let expected = [(1, 1, "run"), (2, 2, "throttling"), (4, 1, "harmless")];
        assert_eq!(told, expected);
    }
}
