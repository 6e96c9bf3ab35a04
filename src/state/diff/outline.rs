//! What became of each object between two states, without saying how: the
//! memory is that of two rolls, and of the names of what differs.

use super::both::{Both, Raw, attributes_apart};
use super::{Change, Difference};
use crate::state::attributes::raw_id;
use crate::state::reader::alone;
use crate::state::roll::{Entry, Roll};

/// The names of what differs, each list in the order of its state, outputs last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// What is the same object on both sides, by its address or by its id.
    pub changed: Vec<String>,
}

/// What became of an object that the roll has at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Fate {
    /// Nothing, or it is told on the other side.
    #[default]
    Silent,
    Differs,
    Alone,
}

impl Outline {
    /// Compares two states; of a damaged one, what stood whole in it.
    pub fn of(before: &Roll, after: &Roll) -> Self {
        let mut sides = Sides {
            rolls: [before, after],
            fates: [before, after].map(|roll| vec![Fate::Silent; roll.count()]),
        };
        sides.meet();
        sides.reunite();
        let outputs = outputs(before, after);
        let output = |difference| {
            let meant = outputs
                .iter()
                .filter(move |output| output.difference == difference);
            meant.map(|output| output.name().to_owned())
        };
        let mut outline = Self {
            added: sides.names(1, Fate::Alone),
            removed: sides.names(0, Fate::Alone),
            changed: sides.names(1, Fate::Differs),
        };
        outline.added.extend(output(Difference::Added));
        outline.removed.extend(output(Difference::Removed));
        outline.changed.extend(output(Difference::Changed));
        outline
    }
}

struct Sides<'a> {
    rolls: [&'a Roll; 2],
    fates: [Vec<Fate>; 2],
}

impl Sides<'_> {
    /// Lets each object meet the one with its address, and finds those that differ.
    fn meet(&mut self) {
        let [mut before, mut after] = self.rolls.map(|roll| roll.known().peekable());
        loop {
            let order = match (before.peek(), after.peek()) {
                (Some((_, one)), Some((_, two))) => one.known().cmp(&two.known()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return,
            };
            let one = before.next_if(|_| order.is_le());
            let two = after.next_if(|_| order.is_ge());
            match (one, two) {
                (Some((_, one)), Some((place, two))) => {
                    if self.differ(one, two) {
                        self.fates[1][place] = Fate::Differs;
                    }
                }
                (Some((place, _)), None) => self.fates[0][place] = Fate::Alone,
                (None, Some((place, _))) => self.fates[1][place] = Fate::Alone,
                (None, None) => return,
            }
        }
    }

    /// What is gone here and new there under one id is the same object, where the id is unique.
    fn reunite(&mut self) {
        let none = |fates: &Vec<Fate>| !fates.contains(&Fate::Alone);
        if self.fates.iter().any(none) {
            return;
        }
        let [gone, new] = [0, 1].map(|side| self.ids(side));
        let mut new = new.iter().peekable();
        for (id, before) in gone {
            while new.next_if(|(other, _)| *other < id).is_some() {}
            if let Some((_, after)) = new.next_if(|(other, _)| *other == id) {
                self.fates[0][before] = Fate::Silent;
                self.fates[1][*after] = Fate::Differs;
            }
        }
    }

    /// The ids, as hashes, of what is on this side alone, in their order; none that is there twice.
    fn ids(&self, side: usize) -> Vec<(u64, usize)> {
        let roll = self.rolls[side];
        let alone = roll
            .known()
            .filter(|(place, _)| self.fates[side][*place] == Fate::Alone);
        let mut ids: Vec<(u64, usize)> = alone
            .filter_map(|(place, entry)| Some((id(roll.raw(entry), entry)?, place)))
            .collect();
        ids.sort_unstable();
        let unique = ids.chunk_by(|(one, _), (two, _)| one == two);
        let unique = unique.filter(|same| same.len() == 1).flatten();
        unique.copied().collect()
    }

    fn differ(&self, one: &Entry, two: &Entry) -> bool {
        let [before, after] = self.rolls;
        let (left, right) = (before.raw(one), after.raw(two));
        one.about != two.about || left != right && values_apart(left, right)
    }

    fn names(&self, side: usize, fate: Fate) -> Vec<String> {
        let fates = &self.fates[side];
        if !fates.contains(&fate) {
            return Vec::new();
        }
        self.rolls[side].names(|place| fates.get(place) == Some(&fate))
    }
}

/// Whether the values of two objects differ, and not only their spelling.
fn values_apart(one: &[u8], two: &[u8]) -> bool {
    let [Some(left), Some(right)] = [one, two].map(alone) else {
        return true;
    };
    let raw = [(&left, one), (&right, two)].map(|(instance, text)| Raw {
        attributes: instance.attributes.of(text),
        sensitive: instance.sensitive.of(text),
    });
    let mut found = Vec::new();
    attributes_apart(raw, &mut found);
    !found.is_empty()
}

/// The textual id of an object with its type, as a hash.
fn id(text: &[u8], entry: &Entry) -> Option<u64> {
    let instance = alone(text)?;
    let id = raw_id(instance.attributes.of(text))?;
    Some(crate::state::roll::hash((entry.kind, id)))
}

fn outputs(before: &Roll, after: &Roll) -> Vec<Change> {
    let (Some(before), Some(after)) = (before.bare(), after.bare()) else {
        return Vec::new();
    };
    let both = Both { before, after };
    both.outputs_here()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Comparison, Reading};

    const AWKWARD: &str = include_str!("../../../tests/fixtures/state/awkward.tfstate");

    /// The outline has to name what the comparison finds.
    fn compare(before: &str, after: &str) -> Outline {
        let rolls = [before, after].map(|text| Roll::of(text.as_bytes()));
        let found = Outline::of(&rolls[0], &rolls[1]);
        let readings = [before, after].map(|text| Reading::of(text.as_bytes()));
        let [one, two] = readings
            .each_ref()
            .map(|reading| reading.snapshot().unwrap());
        let changes = Comparison::of(one, two).changes;
        let names = |wanted: &[Difference]| {
            let meant = changes
                .iter()
                .filter(|change| wanted.contains(&change.difference));
            let mut names: Vec<String> = meant.map(|change| change.name().to_owned()).collect();
            names.sort_unstable();
            names
        };
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names
        };
        assert_eq!(sorted(&found.added), names(&[Difference::Added]));
        assert_eq!(sorted(&found.removed), names(&[Difference::Removed]));
        let kept = [Difference::Changed, Difference::Moved];
        assert_eq!(sorted(&found.changed), names(&kept));
        found
    }

    /// A state of one resource an entry: name, rest of the instance.
    fn state(resources: &[(&str, &str)]) -> String {
        let resources: Vec<String> = resources
            .iter()
            .map(|(name, instance)| {
                format!(r#"{{"mode":"managed","type":"a","name":"{name}","provider":"p","instances":[{{{instance}}}]}}"#)
            })
            .collect();
        format!(
            r#"{{"version":4,"outputs":{{"o":{{"value":{}}}}},"resources":[{}]}}"#,
            resources.len(),
            resources.join(",")
        )
    }

    #[test]
    fn an_outline_names_what_a_comparison_finds() {
        let before = state(&[
            ("same", r#""attributes":{"id":"1","n":1}"#),
            (
                "spelled",
                r#""attributes":{"id":"2","n":1,"m":{"a":1,"b":2}}"#,
            ),
            ("changed", r#""attributes":{"id":"3","n":1}"#),
            ("tainted", r#""attributes":{"id":"4"}"#),
            ("gone", r#""attributes":{"id":"5"}"#),
            ("moves", r#""attributes":{"id":"6"}"#),
            ("twin_one", r#""attributes":{"id":"7"}"#),
            ("twin_two", r#""attributes":{"id":"7"}"#),
            ("of_another", r#""attributes":{"id":"8"},"provider":"q""#),
        ]);
        let after = state(&[
            (
                "spelled",
                r#""attributes":{"m":{"b":2.0,"a":1},"n":1,"id":"2","new":null}"#,
            ),
            ("same", r#""attributes":{"id":"1","n":1}"#),
            ("changed", r#""attributes":{"id":"3","n":2}"#),
            ("tainted", r#""attributes":{"id":"4"},"status":"tainted""#),
            ("new", r#""attributes":{"id":"9"}"#),
            ("moved", r#""attributes":{"id":"6"}"#),
            ("twin_three", r#""attributes":{"id":"7"}"#),
            ("of_another", r#""attributes":{"id":"8"}"#),
        ]);
        let found = compare(&before, &after);
        assert_eq!(found.added, ["a.new", "a.twin_three"]);
        assert_eq!(found.removed, ["a.gone", "a.twin_one", "a.twin_two"]);
        let changed = [
            "a.changed",
            "a.tainted",
            "a.moved",
            "a.of_another",
            "output.o",
        ];
        assert_eq!(found.changed, changed);
        compare(&after, &before);
        assert_eq!(compare(&after, &after), Outline::default());
    }

    #[test]
    fn an_outline_of_a_state_that_was_cut_names_what_stood_whole() {
        for end in (1..AWKWARD.len()).step_by(AWKWARD.len() / 40) {
            compare(&AWKWARD[..end], AWKWARD);
            compare(AWKWARD, &AWKWARD[..end]);
        }
    }

    #[test]
    fn of_what_a_broken_state_holds_twice_the_later_one_counts() {
        let object = |value: &str| format!(r#""attributes":{{"v":{value}}}"#);
        let twice = state(&[("x", &object("1")), ("x", &object("2"))]);
        let (one, two) = (state(&[("x", &object("1"))]), state(&[("x", &object("2"))]));
        assert_eq!(compare(&twice, &one).changed, ["a.x", "output.o"]);
        assert_eq!(compare(&twice, &two).changed, ["output.o"]);
        assert_eq!(compare(&one, &twice).changed, ["a.x", "output.o"]);
    }
}
