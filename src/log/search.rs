//! A text search over one file, chunk by chunk and in order. A record is a hit
//! when one of its lines matches; only records at the floor or above are
//! judged, so that the hits are those that a person can be led to.

use regex::bytes::{Regex, RegexBuilder};

use crate::fault::Fault;

use super::index::{RecordNo, Seek};
use super::level::Level;
use super::line::{Kind, Opening};
use super::lines::{Line, Lines};

/// How much of one line is searched.
pub(super) const LINE_CAP: usize = 4 * 1024 * 1024;

/// How large a compiled pattern may be.
const SIZE_CAP: usize = 1024 * 1024;

/// What is searched for, as it was typed.
#[derive(Debug, Clone)]
pub struct Pattern {
    typed: String,
    regex: Regex,
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
        RegexBuilder::new(&source)
            .case_insensitive(!typed.chars().any(char::is_uppercase))
            .size_limit(SIZE_CAP)
            .build()
            .map(|regex| Self {
                typed: typed.to_owned(),
                regex,
            })
            .map_err(|error| refused(typed, &error))
    }

    /// What was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether a line matches.
    pub fn matches(&self, line: &[u8]) -> bool {
        self.regex.is_match(line)
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
            lines: Lines::new(LINE_CAP),
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

    /// The hits since the last call, ascending.
    pub fn take(&mut self) -> Vec<RecordNo> {
        std::mem::take(&mut self.judge.hits)
    }

    /// The last hits, with the unfinished last line.
    pub fn finish(mut self) -> Vec<RecordNo> {
        self.lines.finish(|line| self.judge.line(line));
        self.judge.hits
    }
}

impl Judge {
    fn line(&mut self, line: Line<'_>) {
        if let Some((_, level)) = self.opening.judge(Kind::of(line.bytes)) {
            self.next.0 = self.next.0.saturating_add(1);
            self.open = level >= self.floor;
        }
        if self.open && self.pattern.matches(line.bytes) {
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
        let mut found = Vec::new();
        for chunk in TEXT.as_bytes().chunks(chunk) {
            search.feed(chunk);
            found.extend(search.take());
        }
        found.extend(search.finish());
        found.into_iter().map(|record| record.0).collect()
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
