//! The comparison of two states whose texts are not held: what may differ is
//! read again, lot by lot, and lots can be looked at at the same time.

use std::collections::HashMap;
use std::fmt;
use std::io;

use foldhash::fast::RandomState;

use super::Comparison;
use super::both::{Both, ById, Found, Pair, Raw, by_id, moves};
use crate::state::attributes::raw_id;
use crate::state::catalog::Catalog;
use crate::state::json::Span;
use crate::state::snapshot::InstanceNo;

/// So many objects are looked at together: as many as a cache near the processor holds.
const LOT: usize = 64;

/// What stands between two objects in a file is read with them where it is no more than this.
const GAP: usize = 8 << 10;

/// Where the bytes of a catalog can be read again.
pub trait Text: Sync {
    /// Fills `bytes` with what stands from `offset` on.
    fn fill(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
}

impl Text for &[u8] {
    fn fill(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(bytes.len());
        let own = self.get(start..end);
        bytes.copy_from_slice(own.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A state, and where its bytes are.
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    pub catalog: &'a Catalog,
    pub text: &'a dyn Text,
}

impl fmt::Debug for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let catalog = self.catalog;
        f.debug_struct("Stored")
            .field("catalog", catalog)
            .finish_non_exhaustive()
    }
}

/// Two states that are compared lot by lot.
#[derive(Debug)]
pub struct Large<'a> {
    sides: [Stored<'a>; 2],
    pairs: Vec<Pair>,
}

/// What a lot is looked at with; each thread has one, and uses it again.
#[derive(Debug, Default)]
pub struct Desk([Loaded; 2]);

/// What differs in one lot.
#[derive(Debug, Default)]
pub struct Lot(Vec<Found>);

impl<'a> Large<'a> {
    /// Finds what is the same object in both, which takes the bytes of what is in one only.
    pub fn new(before: Stored<'a>, after: Stored<'a>) -> io::Result<Self> {
        let sides = [before, after];
        let matched = both(sides).matched();
        // Only what is gone here and new there can have moved.
        let apart = if matched.gone.is_empty() || matched.new.is_empty() {
            moves(&matched, &ById::default(), &ById::default())
        } else {
            let (old, new) = (ids(before, &matched.gone)?, ids(after, &matched.new)?);
            moves(&matched, &known(before, &old), &known(after, &new))
        };
        let mut pairs = matched.same;
        pairs.extend(apart);
        Ok(Self { sides, pairs })
    }

    /// How many lots there are to look at.
    pub fn lots(&self) -> usize {
        self.pairs.len().div_ceil(LOT)
    }

    /// What differs in one of them.
    pub fn look(&self, lot: usize, desk: &mut Desk) -> io::Result<Lot> {
        let pairs = self.pairs.chunks(LOT).nth(lot).unwrap_or_default();
        let [before, after] = self.sides;
        let [left, right] = &mut desk.0;
        // What is in one state only is told by its address alone.
        let twos = || pairs.iter().filter_map(|pair| pair.both());
        left.load(before, twos().map(|(old, _)| old))?;
        right.load(after, twos().map(|(_, new)| new))?;
        let both = both(self.sides);
        let found = pairs.iter().filter_map(|pair| {
            let raw = match pair.both() {
                Some((old, new)) => [left.raw(before, old), right.raw(after, new)],
                None => [Raw::default(); 2],
            };
            both.change(*pair, raw)
        });
        Ok(Lot(found.collect()))
    }

    /// All that differs, once every lot was looked at.
    pub fn joined(&self, lots: impl IntoIterator<Item = Lot>) -> io::Result<Comparison> {
        let [before, after] = self.sides;
        let (old, new) = (values(before)?, values(after)?);
        let outputs = both(self.sides).outputs([&old, &new]);
        let found = lots.into_iter().flat_map(|lot| lot.0);
        Ok(Comparison::joined(found.collect(), outputs))
    }
}

/// The bytes of some objects of one state.
#[derive(Debug, Default)]
struct Loaded {
    /// At least the bytes that are meant: it never shrinks.
    bytes: Vec<u8>,
    /// Where each object begins in them.
    starts: HashMap<InstanceNo, usize, RandomState>,
}

impl Loaded {
    fn load(
        &mut self,
        side: Stored<'_>,
        numbers: impl Iterator<Item = InstanceNo>,
    ) -> io::Result<()> {
        let span = |no: InstanceNo| Some((no, side.catalog.snapshot.instance(no)?.span));
        let mut wanted: Vec<(InstanceNo, Span)> = numbers.filter_map(span).collect();
        wanted.sort_unstable_by_key(|(_, span)| span.start);
        self.starts.clear();
        let mut end = 0;
        for run in wanted.chunk_by(|(_, one), (_, two)| two.start <= one.end.saturating_add(GAP)) {
            let (Some((_, first)), Some((_, last))) = (run.first(), run.last()) else {
                continue;
            };
            let (start, length) = (end, last.end - first.start);
            end += length;
            if self.bytes.len() < end {
                self.bytes.resize(end, 0);
            }
            side.text
                .fill(&mut self.bytes[start..end], first.start as u64)?;
            let places = run
                .iter()
                .map(|(no, span)| (*no, start + span.start - first.start));
            self.starts.extend(places);
        }
        Ok(())
    }

    fn raw(&self, side: Stored<'_>, no: InstanceNo) -> Raw<'_> {
        let (Some(instance), Some(start)) =
            (side.catalog.snapshot.instance(no), self.starts.get(&no))
        else {
            return Raw::default();
        };
        // The same distance from the object's first byte as in the text.
        let part = |span: Span| {
            let from = |place: usize| (place + start).checked_sub(instance.span.start);
            let range = from(span.start)..from(span.end);
            let (Some(start), Some(end)) = (range.start, range.end) else {
                return &[][..];
            };
            Span { start, end }.of(&self.bytes)
        };
        Raw {
            attributes: part(instance.attributes),
            sensitive: part(instance.sensitive),
        }
    }
}

fn both(sides: [Stored<'_>; 2]) -> Both<'_> {
    let [before, after] = sides;
    Both {
        before: &before.catalog.snapshot,
        after: &after.catalog.snapshot,
    }
}

/// The textual ids of some objects.
fn ids(side: Stored<'_>, numbers: &[InstanceNo]) -> io::Result<Vec<(InstanceNo, Box<[u8]>)>> {
    let mut loaded = Loaded::default();
    let mut ids = Vec::new();
    for lot in numbers.chunks(LOT) {
        loaded.load(side, lot.iter().copied())?;
        let id = |no: &InstanceNo| Some((*no, raw_id(loaded.raw(side, *no).attributes)?.into()));
        ids.extend(lot.iter().filter_map(id));
    }
    Ok(ids)
}

fn known<'a>(side: Stored<'a>, ids: &'a [(InstanceNo, Box<[u8]>)]) -> ById<'a> {
    by_id(
        &side.catalog.snapshot,
        ids.iter().map(|(no, id)| (*no, &**id)),
    )
}

/// The bytes of the outputs, in their order.
fn values(side: Stored<'_>) -> io::Result<Vec<Vec<u8>>> {
    let outputs = side.catalog.snapshot.outputs().iter();
    let value = |span: Span| {
        let mut bytes = vec![0; span.end - span.start];
        side.text.fill(&mut bytes, span.start as u64)?;
        Ok(bytes)
    };
    outputs.map(|output| value(output.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    const AWKWARD: &str = include_str!("../../../tests/fixtures/state/awkward.tfstate");

    fn compared(one: &str, two: &str) -> Comparison {
        let catalogs = [one, two].map(|text| Catalog::read(text.as_bytes()).unwrap().unwrap());
        let (before, after) = (
            Stored {
                catalog: &catalogs[0],
                text: &one.as_bytes(),
            },
            Stored {
                catalog: &catalogs[1],
                text: &two.as_bytes(),
            },
        );
        let large = Large::new(before, after).unwrap();
        let mut desk = Desk::default();
        // In any order.
        let lots: Vec<Lot> = (0..large.lots())
            .rev()
            .map(|lot| large.look(lot, &mut desk).unwrap())
            .collect();
        large.joined(lots).unwrap()
    }

    fn expected(one: &str, two: &str) -> Comparison {
        let [one, two] = [one, two].map(|text| Reading::of(text.as_bytes()));
        Comparison::of(one.snapshot().unwrap(), two.snapshot().unwrap())
    }

    /// Two hundred objects, each with what `value` says of its number; none is left out.
    fn state(name: impl Fn(usize) -> Option<String>, value: impl Fn(usize) -> String) -> String {
        let entries: Vec<String> = (0..200)
            .filter_map(|number| {
                let (name, value) = (name(number)?, value(number));
                Some(format!(r#"{{"mode":"managed","type":"a","name":"{name}","provider":"p","instances":[{{"attributes":{{"id":"i-{number}","v":"{value}"}},"sensitive_attributes":[]}},{{"deposed":"1a2b3c4d","attributes":{{"v":"{value}"}}}}]}}"#))
            })
            .collect();
        let outputs = value(3);
        format!(
            r#"{{"version":4,"outputs":{{"o":{{"value":"{outputs}"}},"p":{{"value":1,"sensitive":true}}}},"resources":[{}]}}"#,
            entries.join(",\n")
        )
    }

    #[test]
    fn lot_by_lot_the_same_is_found_as_with_both_texts_at_hand() {
        let name = |number: usize| Some(format!("r{number}"));
        let before = state(name, |number| format!("{number}"));
        let others = [
            before.clone(),
            state(name, |number| format!("{}", number * (number % 50))),
            state(
                |number| (number % 3 != 0).then(|| format!("r{number}")),
                |number| format!("{number}"),
            ),
            state(
                |number| {
                    Some(format!(
                        "{}{number}",
                        if number % 7 == 0 { "m" } else { "r" }
                    ))
                },
                |number| format!("{}", number / 2),
            ),
            state(|_| None, |_| String::new()),
            AWKWARD.to_owned(),
        ];
        for after in &others {
            for (one, two) in [(&before, after), (after, &before)] {
                let expected = expected(one, two);
                assert_eq!(compared(one, two), expected);
                assert_eq!(expected.changes.is_empty(), one == two);
            }
        }
    }

    #[test]
    fn a_text_that_became_shorter_is_an_error_and_no_difference() {
        let text = state(|number| Some(format!("r{number}")), |_| "x".to_owned());
        let catalog = Catalog::read(text.as_bytes()).unwrap().unwrap();
        let short = &text.as_bytes()[..text.len() / 2];
        let side = Stored {
            catalog: &catalog,
            text: &short,
        };
        let large = Large::new(side, side).unwrap();
        let last = large.lots() - 1;
        assert!(large.look(last, &mut Desk::default()).is_err());
    }
}
