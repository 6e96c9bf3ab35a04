//! Records out of lines, each judged by a sieve once it is whole. What needs
//! no look is not looked at: the source only where one is hidden, the category
//! only where one is asked for.

use super::category::{Category, judge};
use super::family::Family;
use super::level::Level;
use super::line::Kind;
use super::lines::Line;
use super::opening::Opening;
use super::raw::Raw;
use super::sieve::{Filter, Sieve};
use super::stamp::Millis;
use super::weight::Weight;

/// What came of one record.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    pub weight: Weight,
    /// Its own time.
    pub at: Option<Millis>,
    /// Whether the sieve lets it through, whatever its level.
    pub passes: bool,
    /// A bit for each filter that it matches.
    pub filters: u16,
}

/// The judge of one file's records, in order.
#[derive(Debug)]
pub struct Judging {
    sieve: Sieve,
    opening: Opening,
    open: Option<Open>,
    /// The record at hand, where its category is asked for.
    bytes: Vec<u8>,
}

/// The record that is being read.
#[derive(Debug, Clone, Copy)]
struct Open {
    weight: Weight,
    at: Option<Millis>,
    family: Option<Family>,
    matched: Matched,
}

/// What matched a record so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Matched {
    pub filters: u16,
    pub request: bool,
}

impl Judging {
    pub fn new(sieve: Sieve, opening: Opening) -> Self {
        Self {
            sieve,
            opening,
            open: None,
            bytes: Vec::new(),
        }
    }

    /// Takes the next line or part of one, and gives the verdict on the record that ended before it.
    pub fn line(&mut self, line: Line<'_>) -> Option<Verdict> {
        let mut verdict = None;
        if line.begins()
            && let Some((at, level)) = self.opening.judge(Kind::of(line.bytes))
        {
            verdict = self.close();
            let by_family = !self.sieve.hidden.is_empty();
            self.open = Some(Open {
                weight: Weight::of(line.bytes, level),
                at,
                family: by_family.then(|| Family::of(line.bytes)),
                matched: Matched::default(),
            });
        }
        if let Some(open) = &mut self.open {
            match_line(&self.sieve, line, &mut open.matched);
        }
        if !self.sieve.only.is_empty() && line.begins() {
            let room = Raw::CAP.saturating_sub(self.bytes.len());
            self.bytes.extend(&line.bytes[..line.bytes.len().min(room)]);
            self.bytes.push(b'\n');
        }
        verdict
    }

    /// The verdict on the record at hand: no more of it comes.
    pub fn close(&mut self) -> Option<Verdict> {
        let open = self.open.take()?;
        let category = self.category(open.weight.level());
        let hidden = open.family.is_some_and(|family| self.sieve.hides(family));
        Some(Verdict {
            weight: open.weight,
            at: open.at,
            passes: !hidden && self.sieve.passes(open.matched, category),
            filters: open.matched.filters,
        })
    }

    fn category(&mut self, level: Level) -> Option<Category> {
        let category = match self.bytes.as_slice() {
            [] => None,
            bytes => judge(Raw::new(bytes, level)),
        };
        self.bytes.clear();
        category
    }
}

/// Adds what this line of a record matches to what the lines before it did.
fn match_line(sieve: &Sieve, line: Line<'_>, matched: &mut Matched) {
    for (filter, at) in sieve.filters.iter().zip(0_u32..) {
        let known = matched.filters >> at & 1 == 1;
        let hits = |filter: &Filter| filter.active().is_some_and(|one| one.matches(line));
        if !known && hits(filter) {
            matched.filters |= 1 << at;
        }
    }
    let request = sieve.request.as_ref();
    matched.request = matched.request || request.is_some_and(|id| id.matches(line));
}
