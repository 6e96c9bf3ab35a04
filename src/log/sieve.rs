//! What a person wants to see of a log beside its level: a stack of filters,
//! the sources, the trouble, and one request. [`Sift`] judges a file with it, record by
//! record and in order, so that records which arrive later are judged alike.

use super::category::Category;
use super::family::Family;
use super::index::{RecordNo, Seek};
use super::judging::{Judging, Matched, Verdict};
use super::kept::{Piece, WORD, Word};
use super::lines::{Line, Lines};
use super::search::{LINE_CAP, OVERLAP, Pattern};
use crate::fault::Fault;

/// The longest stack: a key for each, and a bound for what judging costs.
pub const MOST_FILTERS: usize = 9;

/// What a filter does with the records that match it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// Only they are shown, and those of the other filters of this sense.
    Include,
    /// They are hidden, whatever else lets them through.
    Exclude,
}

/// Whether a filter takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    On,
    Off,
}

impl Switch {
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
        }
    }
}

/// One filter of the stack. One whose pattern is none stays in the stack and
/// says why; it takes no part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub sense: Sense,
    pub switch: Switch,
    pub typed: String,
    pub pattern: Result<Pattern, Fault>,
}

impl Filter {
    /// A filter that is on, as it was typed: text, or `/a regular expression/`.
    pub fn new(sense: Sense, typed: &str) -> Self {
        Self {
            sense,
            switch: Switch::On,
            typed: typed.to_owned(),
            pattern: Pattern::read(typed),
        }
    }

    /// The pattern, if the filter takes part.
    pub fn active(&self) -> Option<&Pattern> {
        let on = self.switch == Switch::On;
        self.pattern.as_ref().ok().filter(|_| on)
    }
}

/// One of the two views of a log that is split by who wrote its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Everything but the providers.
    Core,
    Providers,
}

impl Side {
    pub const ALL: [Self; 2] = [Self::Core, Self::Providers];

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Core => Self::Providers,
            Self::Providers => Self::Core,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Providers => "providers",
        }
    }

    /// Whether it shows records of a family.
    pub fn shows(self, family: Family) -> bool {
        (self == Self::Providers) == (family == Family::Provider)
    }
}

/// The stack, the sources and the request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sieve {
    pub filters: Vec<Filter>,
    /// The sources that are hidden.
    pub hidden: Vec<Family>,
    /// The trouble that alone is shown; none of it chosen shows all.
    pub only: Vec<Category>,
    /// The request that is followed: only records that name it are shown.
    pub request: Option<Pattern>,
}

impl Sieve {
    /// Whether everything passes, so that nothing needs to be judged.
    pub fn is_open(&self) -> bool {
        let whole = self.hidden.is_empty() && self.only.is_empty();
        whole && self.request.is_none() && self.active() == 0
    }

    /// How many filters take part.
    pub fn active(&self) -> usize {
        self.filters.iter().filter_map(Filter::active).count()
    }

    /// The same for one of two views.
    #[must_use]
    pub fn of(&self, side: Option<Side>) -> Self {
        let mut sieve = self.clone();
        if let Some(side) = side {
            let families = Family::ALL.into_iter();
            let hidden = families.filter(|&family| !side.shows(family) && !self.hides(family));
            sieve.hidden.extend(hidden);
        }
        sieve
    }

    pub fn hides(&self, family: Family) -> bool {
        self.hidden.contains(&family)
    }

    /// Shows a source, or hides it.
    pub fn flip(&mut self, family: Family) {
        if self.hides(family) {
            self.hidden.retain(|&hidden| hidden != family);
        } else {
            self.hidden.push(family);
        }
    }

    /// Shows a category alone, beside those that are chosen, or leaves it again.
    pub fn choose(&mut self, category: Category) {
        if self.only.contains(&category) {
            self.only.retain(|&chosen| chosen != category);
        } else {
            self.only.push(category);
        }
    }

    /// Whether a record of this category is let through that these filters matched.
    pub(super) fn passes(&self, matched: Matched, category: Option<Category>) -> bool {
        let numbered = self.filters.iter().zip(0_u32..);
        let mut active = numbered.filter(|(filter, _)| filter.active().is_some());
        let (mut wanted, mut named) = (false, false);
        let hidden = active.any(|(filter, at)| {
            let hit = matched.filters >> at & 1 == 1;
            match filter.sense {
                Sense::Exclude => hit,
                Sense::Include => {
                    (wanted, named) = (true, named || hit);
                    false
                }
            }
        });
        let requested = self.request.is_none() || matched.request;
        let chosen = |category| self.only.contains(&category);
        let meant = self.only.is_empty() || category.is_some_and(chosen);
        requested && meant && !hidden && (named || !wanted)
    }
}

/// A judgment on its way through a file.
#[derive(Debug)]
pub struct Sift {
    lines: Lines,
    tray: Tray,
}

#[derive(Debug)]
struct Tray {
    judging: Judging,
    /// The number of the record at hand.
    number: RecordNo,
    piece: Piece,
}

impl Sift {
    /// Begins at a record whose number is a multiple of [`WORD`]; the first
    /// chunk must begin there too.
    pub fn new(sieve: Sieve, from: Seek) -> Self {
        let filters = sieve.filters.len();
        Self {
            lines: Lines::in_parts(LINE_CAP, OVERLAP),
            tray: Tray {
                piece: Piece {
                    first: from.record,
                    matched: vec![0; filters],
                    matched_last: vec![0; filters],
                    ..Piece::default()
                },
                judging: Judging::new(sieve, from.opening),
                number: from.record,
            },
        }
    }

    /// Judges the next chunk.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.lines.feed(chunk, |line| self.tray.line(line));
    }

    /// What came of it, with the unfinished last line.
    pub fn finish(mut self) -> Piece {
        self.lines.finish(|line| self.tray.line(line));
        let verdict = self.tray.judging.close();
        self.tray.put(verdict);
        self.tray.piece
    }
}

impl Tray {
    fn line(&mut self, line: Line<'_>) {
        let verdict = self.judging.line(line);
        self.put(verdict);
    }

    /// Puts a judged record in its place.
    fn put(&mut self, verdict: Option<Verdict>) {
        let Some(verdict) = verdict else { return };
        let number = self.number;
        self.number.0 = number.0.saturating_add(1);
        let Some(at) = number.0.checked_sub(self.piece.first.0) else {
            return;
        };
        let piece = &mut self.piece;
        if at % WORD == 0 {
            piece.words.push(Word::default());
            for (whole, last) in piece.matched.iter_mut().zip(&mut piece.matched_last) {
                *whole += std::mem::take(last);
            }
        }
        for (count, bit) in piece.matched_last.iter_mut().zip(0_u32..) {
            *count += u32::from(verdict.filters >> bit & 1);
        }
        if verdict.passes
            && let Some(word) = piece.words.last_mut()
        {
            word.keep(at % WORD, verdict.weight);
        }
        piece.records = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Index, Kept, Level, Levels, Shown, scan};

    const TEXT: &str = "2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-aws_v5: Throttling\n\
        2026-11-22T11:52:08.653Z [WARN]  quiet\n  throttling twice throttling\n\
        2026-11-22T11:52:08.653Z [INFO]  dag/walk: waiting tf_req_id=7c1e\n\
        2026-11-22T11:52:08.653Z [ERROR] backend-s3: refused tf_req_id=7c1e\n";

    fn index(text: &str) -> Index {
        let mut index = Index::default();
        index.append(&scan(text.as_bytes()), None);
        index
    }

    /// What passes of a text that comes in chunks.
    fn kept(sieve: &Sieve, text: &str, chunk: usize) -> Kept {
        let mut sift = Sift::new(sieve.clone(), Seek::start());
        let mut kept = Kept::default();
        text.as_bytes()
            .chunks(chunk)
            .for_each(|chunk| sift.feed(chunk));
        kept.append(&sift.finish());
        kept
    }

    fn shown(sieve: &Sieve) -> Vec<u32> {
        let (index, kept) = (index(TEXT), kept(sieve, TEXT, 4096));
        let shown = Shown {
            index: &index,
            kept: Some(&kept),
        };
        let all = Levels::AtLeast(Level::Trace);
        (0..shown.count(all))
            .map(|rank| shown.nth(rank, all).unwrap().0)
            .collect()
    }

    fn stack(filters: &[(Sense, &str)]) -> Sieve {
        let filter = |&(sense, typed): &(Sense, &str)| Filter::new(sense, typed);
        Sieve {
            filters: filters.iter().map(filter).collect(),
            ..Sieve::default()
        }
    }

    #[test]
    fn an_exclude_hides_its_records_with_their_lines() {
        assert_eq!(shown(&stack(&[(Sense::Exclude, "throttling")])), [2, 3]);
    }

    #[test]
    fn includes_add_up_and_an_exclude_wins() {
        let both = [(Sense::Include, "quiet"), (Sense::Include, "/dag.walk/")];
        assert_eq!(shown(&stack(&both)), [1, 2]);
        let less = [both[0], both[1], (Sense::Exclude, "twice")];
        assert_eq!(shown(&stack(&less)), [2]);
    }

    #[test]
    fn a_filter_that_is_off_or_no_pattern_takes_no_part() {
        let mut sieve = stack(&[(Sense::Exclude, "throttling"), (Sense::Include, "/(/")]);
        assert!(sieve.filters[1].pattern.is_err());
        assert_eq!(sieve.active(), 1);
        sieve.filters[0].switch = Switch::Off;
        assert!(sieve.is_open());
        assert_eq!(shown(&sieve), [0, 1, 2, 3]);
    }

    #[test]
    fn a_hidden_source_is_hidden_and_comes_back() {
        let mut sieve = Sieve::default();
        sieve.flip(Family::Core);
        assert_eq!(shown(&sieve), [0, 3]);
        sieve.flip(Family::Provider);
        assert_eq!(shown(&sieve), [3]);
        sieve.flip(Family::Core);
        assert_eq!(shown(&sieve), [1, 2, 3]);
    }

    #[test]
    fn two_views_show_each_record_in_one_of_them() {
        let sieve = stack(&[(Sense::Exclude, "quiet")]);
        assert_eq!(shown(&sieve.of(Some(Side::Core))), [2, 3]);
        assert_eq!(shown(&sieve.of(Some(Side::Providers))), [0]);
        assert_eq!(sieve.of(None), sieve);
    }

    #[test]
    fn a_category_is_shown_alone_and_with_others() {
        let text = "2026-11-22T11:52:08.653Z [INFO]  nothing\n\
            2026-11-22T11:52:09.653Z [ERROR] vertex \"a.b\" error: operation error EC2: RunInstances, api error RequestLimitExceeded: x\n\
            2026-11-22T11:52:10.653Z [ERROR] vertex \"a.b\" error: Cycle: a.b, a.c\n";
        let mut sieve = Sieve::default();
        let count = |sieve: &Sieve| {
            let (index, kept) = (index(text), kept(sieve, text, 64));
            let kept = Some(&kept);
            let shown = Shown {
                index: &index,
                kept,
            };
            shown.count(Levels::AtLeast(Level::Trace))
        };
        sieve.choose(Category::Throttling);
        assert_eq!(count(&sieve), 1);
        sieve.choose(Category::Cycle);
        assert_eq!(count(&sieve), 2);
        sieve.choose(Category::Throttling);
        sieve.choose(Category::Cycle);
        assert!(sieve.is_open());
    }

    #[test]
    fn a_request_is_followed_through_every_filter() {
        let sieve = Sieve {
            request: Pattern::read("7c1e").ok(),
            ..stack(&[(Sense::Exclude, "dag/walk")])
        };
        assert_eq!(shown(&sieve), [3]);
    }

    #[test]
    fn each_filter_counts_what_it_matches() {
        let sieve = stack(&[(Sense::Exclude, "throttling"), (Sense::Include, "7c1e")]);
        assert_eq!(kept(&sieve, TEXT, 4096).matched(), [2, 2]);
    }

    #[test]
    fn chunks_that_cut_words_judge_the_same() {
        let text = TEXT.repeat(50);
        let sieve = stack(&[(Sense::Exclude, "dag/walk"), (Sense::Include, "7c1e")]);
        let whole = kept(&sieve, &text, text.len());
        for chunk in [1, 7, 100, 1000, 10_000] {
            assert_eq!(kept(&sieve, &text, chunk), whole, "{chunk}");
        }
        assert_eq!(whole.matched(), [50, 100]);
    }

    #[test]
    fn judging_goes_on_where_it_stopped() {
        let text = TEXT.repeat(50);
        let sieve = stack(&[(Sense::Exclude, "dag/walk")]);
        let whole = kept(&sieve, &text, text.len());
        let mut grown = kept(&sieve, &text[..text.len() / 2], 4096);
        let from = index(&text).seek(grown.resume());
        let mut sift = Sift::new(sieve, from);
        sift.feed(&text.as_bytes()[from.offset as usize..]);
        grown.append(&sift.finish());
        assert_eq!(grown, whole);
    }

    #[test]
    fn blocks_that_are_judged_apart_come_to_the_same() {
        let text = TEXT.repeat(150);
        let sieve = stack(&[(Sense::Exclude, "dag/walk"), (Sense::Include, "7c1e")]);
        let whole = kept(&sieve, &text, text.len());
        let index = index(&text);
        let mut joined = Kept::default();
        for first in (0..index.records()).step_by(128).map(RecordNo) {
            let from = index.seek(first);
            let end = index.end(RecordNo(first.0 + 64)) as usize;
            let mut sift = Sift::new(sieve.clone(), from);
            sift.feed(&text.as_bytes()[from.offset as usize..end]);
            joined.append(&sift.finish());
        }
        assert_eq!(joined, whole);
        assert_eq!(joined.matched(), whole.matched());
    }
}
