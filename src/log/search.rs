//! A text search over one file, chunk by chunk and in order. A record is a hit
//! when one of its lines matches; only records at the floor or above are
//! judged, so that the hits are those that a person can be led to.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use crate::fault::Fault;

use super::headers::Headers;
use super::index::{Index, RecordNo, Seek};
use super::level::Level;
use super::line::{Kind, continues};
use super::lines::{Line, Lines, Part};
use super::opening::Opening;

/// A longer line is searched in parts of so many bytes.
pub(super) const LINE_CAP: usize = 4 * 1024 * 1024;

/// How much of a part is searched with the next one too: a match that is no
/// longer is found wherever it stands.
pub(super) const OVERLAP: usize = 1024 * 1024;

/// How much of the part before is left to what looks back, as `\b` does.
const LOOK_BACK: usize = 4;

/// How large a compiled pattern may be.
const SIZE_CAP: usize = 1024 * 1024;

/// What is searched for, as it was typed.
#[derive(Debug, Clone)]
pub struct Pattern {
    typed: String,
    regex: Regex,
    method: Method,
}

/// How many lines at once can be searched.
#[derive(Debug, Clone)]
enum Method {
    /// The exact bytes are looked for, whatever lines they stand in.
    Exact(Box<Finder<'static>>),
    /// A text in any case: no match of it can go beyond a line.
    AnyCase,
    /// An expression could: each line is searched by itself.
    Lines,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.typed == other.typed
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Reads what was typed: text, or a regular expression between slashes
    /// (`/503|throttl/`). Upper case in it makes case count.
    pub fn read(typed: &str) -> Result<Self, Fault> {
        let inner = typed
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .filter(|inner| !inner.is_empty());
        let source = inner.map_or_else(|| regex::escape(typed), str::to_owned);
        let any_case = !typed.chars().any(char::is_uppercase);
        let method = match inner {
            Some(_) => Method::Lines,
            None if any_case => Method::AnyCase,
            None => Method::Exact(Box::new(Finder::new(typed).into_owned())),
        };
        RegexBuilder::new(&source)
            .case_insensitive(any_case)
            .size_limit(SIZE_CAP)
            .build()
            .map(|regex| Self {
                typed: typed.to_owned(),
                regex,
                method,
            })
            .map_err(|error| refused(typed, &error))
    }

    /// What was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether a line matches. Of a line in parts: whether this part shows so,
    /// whatever the others have.
    pub fn matches(&self, line: Line<'_>) -> bool {
        let ends_within = |from| {
            let end = self.regex.shortest_match_at(line.bytes, from);
            end.is_some_and(|end| end < line.bytes.len())
        };
        let from = LOOK_BACK.min(line.bytes.len());
        match line.part {
            Part::Whole => self.regex.is_match(line.bytes),
            // What seems to be the end of the line is none.
            Part::First => ends_within(0),
            Part::Middle => ends_within(from),
            Part::Last => self.regex.is_match_at(line.bytes, from),
        }
    }

    /// How many bytes a match may have, where matches can be looked for in
    /// many lines at once; none where each line is to be searched by itself.
    pub fn longest(&self) -> Option<usize> {
        match self.method {
            // No letter takes more than four bytes in the other case.
            Method::Exact(_) | Method::AnyCase if !self.typed.is_empty() => {
                Some(4 * self.typed.len())
            }
            _ => None,
        }
    }

    /// Where matches begin in the first `own` bytes, at most one in a line.
    /// Only for a pattern that has a longest match.
    pub fn starts_in(&self, bytes: &[u8], own: usize) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut from = 0;
        while let Some(at) = self.first_from(bytes, from).filter(|&at| at < own) {
            starts.push(at);
            let line = memchr::memchr(b'\n', &bytes[at..]);
            from = line.map_or(bytes.len(), |end| at + end + 1);
        }
        starts
    }

    fn first_from(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.method {
            Method::Exact(finder) => finder.find(&bytes[from..]).map(|at| from + at),
            Method::AnyCase | Method::Lines => {
                let found = self.regex.find_at(bytes, from);
                found.map(|found| found.start())
            }
        }
    }

    /// Where a shown text matches, as byte ranges; empty matches are none.
    pub fn ranges(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        self.regex
            .find_iter(text.as_bytes())
            .map(|found| found.range())
            .filter(|range| !range.is_empty())
            .filter(|range| text.is_char_boundary(range.start) && text.is_char_boundary(range.end))
            .collect()
    }
}

fn refused(typed: &str, error: &regex::Error) -> Fault {
    // The first lines of the error draw the pattern; the last says what is wrong.
    let text = error.to_string();
    let cause = text.lines().last().unwrap_or_default();
    let cause = cause.trim().trim_start_matches("error: ").to_owned();
    Fault::new("search for", typed, cause)
        .hint("leave out the slashes to search for the text itself")
}

/// Tells of bytes in which records they stand, by their index. The lines of a
/// block are read again, once for all the bytes in it.
#[derive(Debug)]
pub struct Spotter<'a> {
    index: &'a Index,
    /// The block at hand, and where its records begin.
    block: std::ops::Range<u64>,
    first: RecordNo,
    starts: Vec<u64>,
}

/// The lines of a block that is being read again.
#[derive(Debug)]
pub struct Block {
    seek: Seek,
    end: u64,
    lines: Lines,
    starts: Starts,
}

/// Where the records of a block begin.
#[derive(Debug)]
struct Starts {
    opening: Opening,
    headers: Headers,
    /// Where the next line begins.
    at: u64,
    found: Vec<u64>,
}

impl<'a> Spotter<'a> {
    pub fn new(index: &'a Index) -> Self {
        Self {
            index,
            block: 0..0,
            first: RecordNo::default(),
            starts: Vec::new(),
        }
    }

    /// The block that has to be read for this byte; none where it is at hand.
    pub fn missing(&self, offset: u64) -> Option<Block> {
        if self.block.contains(&offset) {
            return None;
        }
        let (seek, end) = self.index.around(offset);
        Some(Block {
            seek,
            end,
            lines: Lines::new(super::line::REACH),
            starts: Starts {
                opening: seek.opening,
                headers: Headers::default(),
                at: seek.offset,
                found: Vec::new(),
            },
        })
    }

    /// Takes a block that was read.
    pub fn take(&mut self, block: Block) {
        let mut block = block;
        block.lines.finish(|line| block.starts.see(line));
        self.block = block.seek.offset..block.end;
        self.first = block.seek.record;
        self.starts = block.starts.found;
    }

    /// The record of a byte of the block at hand, if it is at the floor or above.
    pub fn record(&self, offset: u64, floor: Level) -> Option<RecordNo> {
        let after = self.starts.partition_point(|&start| start <= offset);
        let record = RecordNo(self.first.0 + after.checked_sub(1)? as u32);
        let level = self.index.level(record)?;
        (level >= floor).then_some(record)
    }
}

impl Block {
    /// Where it stands in the file.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.seek.offset..self.end
    }

    /// Takes the next bytes of it.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.lines.feed(bytes, |line| self.starts.see(line));
    }
}

impl Starts {
    fn see(&mut self, line: Line<'_>) {
        if self.begins_a_record(line.bytes) {
            self.found.push(self.at);
        }
        self.at += line.length + 1;
    }

    /// As a scan judges a line, with the same short ways.
    fn begins_a_record(&mut self, line: &[u8]) -> bool {
        if line.first().is_none_or(|&first| continues(first)) {
            return false;
        }
        if self.headers.read(line).is_some() {
            self.opening = Opening::after_a_header();
            return true;
        }
        self.opening.judge(Kind::of(line)).is_some()
    }
}

/// A search on its way through a file.
#[derive(Debug)]
pub struct Search {
    lines: Lines,
    judge: Judge,
}

#[derive(Debug)]
struct Judge {
    pattern: Pattern,
    floor: Level,
    opening: Opening,
    /// The number of the next record that begins.
    next: RecordNo,
    /// Whether the record at hand is still to be judged.
    open: bool,
    hits: Vec<RecordNo>,
}

impl Search {
    /// Begins at a record; the first chunk must begin there too.
    pub fn new(pattern: Pattern, floor: Level, from: Seek) -> Self {
        Self {
            lines: Lines::in_parts(LINE_CAP, OVERLAP),
            judge: Judge {
                pattern,
                floor,
                opening: from.opening,
                next: from.record,
                open: false,
                hits: Vec::new(),
            },
        }
    }

    /// Searches the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.lines.feed(chunk, |line| self.judge.line(line));
    }

    /// The hits, ascending, with the unfinished last line.
    pub fn finish(mut self) -> Vec<RecordNo> {
        self.lines.finish(|line| self.judge.line(line));
        self.judge.hits
    }
}

impl Judge {
    fn line(&mut self, line: Line<'_>) {
        if line.begins()
            && let Some((_, level)) = self.opening.judge(Kind::of(line.bytes))
        {
            self.next.0 = self.next.0.saturating_add(1);
            self.open = level >= self.floor;
        }
        if self.open && self.pattern.matches(line) {
            self.open = false;
            self.hits.push(RecordNo(self.next.0.saturating_sub(1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "2026-11-22T11:52:08.653Z [DEBUG] Throttling\n\
        2026-11-22T11:52:08.653Z [WARN]  quiet\n  throttling twice throttling\n\
        2026-11-22T11:52:08.653Z [WARN]  THROTTLE\n";

    fn hits(typed: &str, floor: Level, chunk: usize) -> Vec<u32> {
        let pattern = Pattern::read(typed).unwrap();
        let mut search = Search::new(pattern, floor, Seek::start());
        TEXT.as_bytes()
            .chunks(chunk)
            .for_each(|chunk| search.feed(chunk));
        search.finish().into_iter().map(|record| record.0).collect()
    }

    #[test]
    fn lower_case_finds_any_case_and_a_record_once() {
        assert_eq!(hits("throttl", Level::Trace, 4096), [0, 1, 2]);
    }

    #[test]
    fn upper_case_counts() {
        assert_eq!(hits("Throttl", Level::Trace, 4096), [0]);
    }

    #[test]
    fn records_below_the_floor_are_not_hits() {
        assert_eq!(hits("throttl", Level::Warn, 4096), [1, 2]);
    }

    #[test]
    fn between_slashes_is_a_regular_expression() {
        assert_eq!(hits("/quiet|THROTTLE/", Level::Trace, 4096), [1, 2]);
        assert!(hits("quiet|throttle", Level::Trace, 4096).is_empty());
    }

    #[test]
    fn chunks_that_cut_words_find_the_same() {
        for chunk in 1..40 {
            assert_eq!(hits("throttl", Level::Trace, chunk), [0, 1, 2]);
        }
    }

    /// The hits as the whole of a text is searched at once.
    fn hits_at_once(typed: &str, floor: Level) -> Vec<u32> {
        let pattern = Pattern::read(typed).unwrap();
        let mut index = Index::default();
        index.append(&crate::log::scan(TEXT.as_bytes()), None);
        let mut spotter = Spotter::new(&index);
        let starts = pattern.starts_in(TEXT.as_bytes(), TEXT.len()).into_iter();
        let mut found: Vec<u32> = starts
            .filter_map(|at| {
                if let Some(mut block) = spotter.missing(at as u64) {
                    let range = block.range();
                    block.feed(&TEXT.as_bytes()[range.start as usize..range.end as usize]);
                    spotter.take(block);
                }
                spotter.record(at as u64, floor)
            })
            .map(|record| record.0)
            .collect();
        found.dedup();
        found
    }

    #[test]
    fn many_lines_searched_at_once_give_the_hits_of_each_line_by_itself() {
        for typed in ["throttl", "Throttl", "THROTTLE", "quiet", "nothing", "w"] {
            for floor in [Level::Trace, Level::Warn] {
                assert_eq!(
                    hits_at_once(typed, floor),
                    hits(typed, floor, 4096),
                    "{typed}"
                );
            }
        }
        assert_eq!(Pattern::read("/quiet|x/").unwrap().longest(), None);
    }

    #[test]
    fn an_expression_is_found_wherever_it_stands_in_a_line_that_is_searched_in_parts() {
        let found = |typed: &str, text: &str| {
            let pattern = Pattern::read(typed).unwrap();
            let (mut lines, mut found) = (Lines::in_parts(64, 24), false);
            lines.feed(text.as_bytes(), |line| found |= pattern.matches(line));
            found
        };
        for before in 0..200 {
            let (before, after) = ("x".repeat(before), "y".repeat(250 - before));
            let text = format!("{before} code 503 end {after}\n");
            for typed in [
                "/code \\d+ end/",
                "/\\bcode.*/",
                "/5.3/",
                "code 503",
                "/end\\b/",
            ] {
                assert!(found(typed, &text), "{typed} {text}");
            }
            for typed in ["/x$/", "/^ ?y/", "/5\\b/", "/code$/", "/end$/", "/\\bode/"] {
                assert!(!found(typed, &text), "{typed} {text}");
            }
            assert!(found("/y$/", &text), "{text}");
        }
        assert!(found("/^x/", &format!("{}\n", "x".repeat(500))));
    }

    #[test]
    fn a_pattern_that_is_none_says_what_is_wrong() {
        let fault = Pattern::read("/(/").unwrap_err();
        assert_eq!(fault.to_string(), "cannot search for /(/: unclosed group");
        assert!(fault.hint.is_some());
    }

    #[test]
    fn a_match_is_marked_where_it_is_shown() {
        let pattern = Pattern::read("b").unwrap();
        assert_eq!(pattern.ranges("abcB"), [1..2, 3..4]);
    }
}
