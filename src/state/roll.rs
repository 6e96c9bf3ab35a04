//! A state as the roll of its objects: where each stands in the text, and what
//! it is called as a hash. It is made in one pass that keeps nothing else, so
//! beside its text a large state costs some 36 bytes an object, whatever its
//! objects are called.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::contents::Contents;
use super::json::Span;
use super::reader::{Passed, each};
use super::reading::Reading;
use super::snapshot::{Header, Snapshot, Status};

/// The roll of a state.
#[derive(Clone)]
pub struct Roll {
    text: Arc<[u8]>,
    /// What the text is; its objects are in the roll alone.
    reading: Reading,
    /// In the order of the text.
    entries: Vec<Entry>,
    /// The places of the entries in the order of their hashes; of what is there twice, of the text.
    sorted: Vec<u32>,
}

/// One object. Two with the same hashes are taken for one: among a million that
/// happens to one state in thirty million.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    address: u64,
    start: u64,
    length: u32,
    deposed: u32,
    /// Its type.
    pub kind: u32,
    /// Its provider, and whether it is tainted.
    pub about: u32,
}

impl Entry {
    fn of(passed: &Passed<'_>) -> Self {
        let instance = passed.instance;
        let module = passed.module.filter(|module| !module.is_root());
        let resource = (module, passed.mode, passed.kind, passed.name);
        let provider = instance.provider.as_deref().unwrap_or(passed.provider);
        let Span { start, end } = instance.span;
        Self {
            address: hash((resource, &instance.key)),
            start: start as u64,
            length: (end - start) as u32,
            deposed: hash(&instance.deposed) as u32,
            kind: hash(passed.kind) as u32,
            about: hash((provider, instance.status == Status::Tainted)) as u32,
        }
    }

    /// What it is known by within its state.
    pub fn known(&self) -> (u64, u32) {
        (self.address, self.deposed)
    }
}

pub(super) fn hash(named: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    named.hash(&mut hasher);
    hasher.finish()
}

impl Roll {
    /// Reads any bytes.
    pub fn of(text: impl Into<Arc<[u8]>>) -> Self {
        let text = text.into();
        let (reading, entries) = passed(&text, |entries: &mut Vec<Entry>, passed| {
            entries.push(Entry::of(passed));
        });
        let mut roll = Self {
            text,
            reading,
            sorted: (0..entries.len() as u32).collect(),
            entries,
        };
        if roll.reading.snapshot().is_none() {
            // Formats whose objects are not told have none here.
            (roll.entries, roll.sorted) = Default::default();
        }
        let known = |place: &u32| (roll.entries[*place as usize].known(), *place);
        roll.sorted.sort_unstable_by_key(known);
        if matches!(roll.reading, Reading::Whole(_)) && roll.holds_one_twice() {
            // What is wrong is said as a reading says it.
            roll.reading = Reading::of(Arc::clone(&roll.text)).without_objects();
        }
        roll
    }

    /// What the state says about itself, as far as it could be read.
    pub fn header(&self) -> Option<&Header> {
        self.reading.header()
    }

    /// Whether all of it could be read, or there was nothing to be read.
    pub fn is_certain(&self) -> bool {
        matches!(self.reading, Reading::Whole(_) | Reading::Empty)
    }

    /// Whether it is of a kind that tells its objects.
    pub fn tells_objects(&self) -> bool {
        self.bare().is_some()
    }

    /// The same as a reading of it says.
    pub fn contents(&self) -> Contents {
        let contents = Contents::of(&self.text, &self.reading);
        Contents {
            resources: contents.resources.map(|_| self.addresses()),
            ..contents
        }
    }

    /// How many objects there are; those that wait to be destroyed are among them.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// What the objects that are meant by their places are called, in the order of the text.
    pub(super) fn names(&self, meant: impl Fn(usize) -> bool) -> Vec<String> {
        let (_, (names, _)) = passed(
            &self.text,
            |(names, place): &mut (Vec<_>, usize), passed| {
                if meant(*place) {
                    names.push(passed.name());
                }
                *place += 1;
            },
        );
        names
    }

    /// Its header and outputs; none where it is nothing that holds resources.
    pub(super) fn bare(&self) -> Option<&Snapshot> {
        self.reading.snapshot()
    }

    /// Each object once with its place, in the order of the hashes; of what is there twice, the last.
    pub(super) fn known(&self) -> impl Iterator<Item = (usize, &Entry)> {
        let same = |one: &u32, two: &u32| self.at(*one).known() == self.at(*two).known();
        let last = |same: &[u32]| same.last().map(|place| (*place as usize, self.at(*place)));
        self.sorted.chunk_by(same).filter_map(last)
    }

    /// The bytes of an object.
    pub(super) fn raw(&self, entry: &Entry) -> &[u8] {
        let start = entry.start as usize;
        let end = start + entry.length as usize;
        Span { start, end }.of(&self.text)
    }

    fn at(&self, place: u32) -> &Entry {
        &self.entries[place as usize]
    }

    fn addresses(&self) -> usize {
        let same = |one: &u32, two: &u32| self.at(*one).address == self.at(*two).address;
        self.sorted.chunk_by(same).count()
    }

    fn holds_one_twice(&self) -> bool {
        let mut pairs = self.sorted.windows(2);
        pairs.any(|pair| self.at(pair[0]).known() == self.at(pair[1]).known())
    }
}

impl std::fmt::Debug for Roll {
    /// Never prints the text: it holds secrets in clear.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roll")
            .field("reading", &self.reading)
            .field("objects", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// What the text is, and what was made of its objects one after the other.
fn passed<T: Default>(text: &Arc<[u8]>, mut take: impl FnMut(&mut T, &Passed<'_>)) -> (Reading, T) {
    let mut made = T::default();
    if let Some(reading) = each(text, &mut |passed| take(&mut made, passed)) {
        return (reading, made);
    }
    // A text that tells what a resource is called behind its instances is read as a whole.
    let mut made = T::default();
    let reading = Reading::of(Arc::clone(text));
    if let Some(snapshot) = reading.snapshot() {
        for (no, instance) in snapshot.instances() {
            if let Some(resource) = snapshot.resource(no) {
                take(&mut made, &Passed::of(resource, instance));
            }
        }
    }
    (reading.without_objects(), made)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWKWARD: &str = include_str!("../../tests/fixtures/state/awkward.tfstate");

    /// A roll and a reading have to say the same of a text.
    fn compare(text: &[u8]) {
        let (roll, reading) = (Roll::of(text), Reading::of(text));
        let said = String::from_utf8_lossy(text);
        assert_eq!(roll.contents(), Contents::of(text, &reading), "{said}");
        assert_eq!(roll.header(), reading.header(), "{said}");
        let snapshot = reading.snapshot();
        let count = snapshot.map_or(0, |snapshot| snapshot.instances().count());
        assert_eq!(roll.count(), count, "{said}");
        let names: Vec<String> = snapshot.map_or_else(Vec::new, |snapshot| {
            let names = snapshot.instances().filter_map(|(no, _)| snapshot.name(no));
            names.collect()
        });
        if snapshot.is_some() {
            assert_eq!(roll.names(|_| true), names, "{said}");
        }
        for (place, entry) in roll.known() {
            let (_, instance) = snapshot.unwrap().instances().nth(place).unwrap();
            assert_eq!(roll.raw(entry), instance.span.of(text), "{said}");
        }
    }

    #[test]
    fn a_roll_says_the_same_as_a_reading_wherever_the_text_is_cut() {
        compare(AWKWARD.as_bytes());
        for end in (0..AWKWARD.len()).step_by(397) {
            compare(&AWKWARD.as_bytes()[..end]);
        }
    }

    #[test]
    fn a_roll_says_the_same_of_every_kind_of_text() {
        for text in [
            "",
            " ",
            "null",
            "{} x",
            r#"{"version":3,"serial":7,"lineage":"l","modules":[]}"#,
            r#"{"version":3,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{}]}]}"#,
            r#"{"serial":9,"lineage":"l","meta":{},"encrypted_data":"eA==","encryption_version":"v0"}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{},{}]}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{},{"deposed":"1a2b3c4d"},{"deposed":"1a2b3c4d","status":"tainted"}]}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{},{"deposed":"1a2b3c4d"},{"index_key":"x","status":"gone"}]}]}"#,
            // Its name behind its instances, and a second one.
            r#"{"version":4,"resources":[{"instances":[{"index_key":1}],"name":"b","type":"a","mode":"managed"}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{"index_key":1}],"name":"c"},{"module":"module.m","mode":"data","type":"a","name":"b","instances":[{}]}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{"index_key":1}],"name":null}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","instances":[{"index_key":1}]}],"resources":[{"mode":"managed","type":"a","name":"b","provider":"p","instances":[{}]}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{}],"provider":"p""#,
        ] {
            compare(text.as_bytes());
        }
    }

    #[test]
    fn nothing_printed_for_debugging_holds_the_text() {
        let text = r#"{"version":4,"outputs":{"o":{"value":"hunter2"}},"oops"#;
        assert!(!format!("{:?}", Roll::of(text.as_bytes())).contains("hunter2"));
    }
}
