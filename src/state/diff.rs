//! What changed between two states, by address and by attribute.
//!
//! The order of resources, serials, spelling and the order of members mean
//! nothing. Secrets are compared and never printed. Attributes are parsed only
//! where the bytes of two instances differ.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::AddAssign;
use std::sync::Arc;

use serde::Serialize;

use super::address::{Address, Key, Module, ResourceAddress};
use super::secret::{Marks, Path, Step};
use super::shown::Shown;
use super::snapshot::{InstanceNo, Output, Sensitivity, Snapshot, Status};
use super::walk::{AttributeChange, Walk};

/// What became of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    Added,
    Removed,
    Changed,
    /// The same object, known by its id, under another address.
    Moved,
}

/// A change that is about the object itself and not about its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// The next apply replaces it.
    Tainted,
    Untainted,
    /// It was replaced, and waits to be destroyed.
    Deposed,
}

impl Became {
    pub fn word(self) -> &'static str {
        match self {
            Self::Tainted => "tainted",
            Self::Untainted => "no longer tainted",
            Self::Deposed => "deposed",
        }
    }
}

/// One address that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub difference: Difference,
    pub became: Option<Became>,
    /// The resource type; none for an output.
    pub kind: Option<Arc<str>>,
    pub module: Module,
    /// The name on each side, none where it is absent there.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Empty for what was added or removed.
    pub attributes: Vec<AttributeChange>,
}

impl Change {
    /// The name by which the change is known: the later one.
    pub fn name(&self) -> &str {
        let name = self.after.as_ref().or(self.before.as_ref());
        name.map(String::as_str).unwrap_or_default()
    }
}

/// How many addresses changed, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub moved: usize,
}

impl AddAssign<Difference> for Summary {
    fn add_assign(&mut self, difference: Difference) {
        *match difference {
            Difference::Added => &mut self.added,
            Difference::Removed => &mut self.removed,
            Difference::Changed => &mut self.changed,
            Difference::Moved => &mut self.moved,
        } += 1;
    }
}

impl Summary {
    /// How many addresses there are in it.
    pub fn all(&self) -> usize {
        self.added + self.removed + self.changed + self.moved
    }
}

/// All that is not the same in two states, in the order of addresses, outputs last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    pub summary: Summary,
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Compares two states; what is salvaged of a damaged one can be compared too.
    pub fn of(before: &Snapshot, after: &Snapshot) -> Self {
        let sides = Both { before, after };
        let mut found: Vec<(Order, Change)> = sides
            .pairs()
            .into_iter()
            .filter_map(|pair| sides.change(pair))
            .collect();
        found.sort_by(|(one, _), (two, _)| one.cmp(two));
        let mut changes: Vec<Change> = found.into_iter().map(|(_, change)| change).collect();
        changes.extend(sides.outputs());
        let mut summary = Summary::default();
        for change in &changes {
            summary += change.difference;
        }
        Self { summary, changes }
    }

    /// The resource types that changed, those with the most changes first; outputs are not among them.
    pub fn by_type(&self) -> Vec<(String, Summary)> {
        self.grouped(|change| Some(change.kind.as_ref()?.to_string()))
    }

    /// The modules that changed, those with the most changes first; the root module is the empty text.
    pub fn by_module(&self) -> Vec<(String, Summary)> {
        self.grouped(|change| change.kind.is_some().then(|| change.module.to_string()))
    }

    fn grouped(&self, group: impl Fn(&Change) -> Option<String>) -> Vec<(String, Summary)> {
        let mut groups: BTreeMap<String, Summary> = BTreeMap::new();
        for change in &self.changes {
            if let Some(group) = group(change) {
                *groups.entry(group).or_default() += change.difference;
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, summary)| Reverse(summary.all()));
        groups
    }
}

type Order = (Address, Option<Box<str>>);

/// What an object is known by within its state.
type Known<'a> = (&'a ResourceAddress, &'a Option<Key>, &'a Option<Box<str>>);

/// The same object on both sides, or on one.
#[derive(Clone, Copy)]
enum Pair {
    Same(InstanceNo, InstanceNo),
    Moved(InstanceNo, InstanceNo),
    Gone(InstanceNo),
    New(InstanceNo),
}

struct Both<'a> {
    before: &'a Snapshot,
    after: &'a Snapshot,
}

impl<'a> Both<'a> {
    fn pairs(&self) -> Vec<Pair> {
        let mut old: HashMap<Known<'_>, InstanceNo> = known(self.before).collect();
        let mut pairs = Vec::new();
        let mut new = Vec::new();
        // Of what a broken state holds twice, the later one counts, on either side.
        let last: HashMap<Known<'_>, InstanceNo> = known(self.after).collect();
        for (known, no) in known(self.after) {
            if last.get(&known) != Some(&no) {
                continue;
            }
            match old.remove(&known) {
                Some(same) => pairs.push(Pair::Same(same, no)),
                None => new.push(no),
            }
        }
        let gone: Vec<InstanceNo> = old.into_values().collect();
        pairs.extend(self.moves(&gone, &new));
        pairs
    }

    /// Takes what is gone here and new there under one id for the same object, where the id is unique.
    fn moves(&self, gone: &[InstanceNo], new: &[InstanceNo]) -> Vec<Pair> {
        let right = by_id(self.after, new);
        let moved: HashMap<InstanceNo, InstanceNo> = by_id(self.before, gone)
            .into_iter()
            .filter_map(|(id, old)| Some((old?, (*right.get(&id)?)?)))
            .collect();
        let arrived: HashSet<InstanceNo> = moved.values().copied().collect();
        let left = gone.iter().map(|old| match moved.get(old) {
            Some(new) => Pair::Moved(*old, *new),
            None => Pair::Gone(*old),
        });
        let new = new.iter().filter(|new| !arrived.contains(new));
        left.chain(new.map(|new| Pair::New(*new))).collect()
    }

    fn change(&self, pair: Pair) -> Option<(Order, Change)> {
        let (difference, old, new) = match pair {
            Pair::Same(old, new) => (Difference::Changed, Some(old), Some(new)),
            Pair::Moved(old, new) => (Difference::Moved, Some(old), Some(new)),
            Pair::Gone(old) => (Difference::Removed, Some(old), None),
            Pair::New(new) => (Difference::Added, None, Some(new)),
        };
        let attributes = match (old, new) {
            (Some(old), Some(new)) => self.attributes(old, new),
            _ => Vec::new(),
        };
        if difference == Difference::Changed && attributes.is_empty() {
            return None;
        }
        let (side, no) = match new {
            Some(new) => (self.after, new),
            None => (self.before, old?),
        };
        let order = order(side, no)?;
        let resource = &order.0.resource;
        let change = Change {
            difference,
            became: self.became(old, new),
            kind: Some(Arc::clone(&resource.kind)),
            module: resource.module.clone(),
            before: old.and_then(|old| self.before.name(old)),
            after: new.and_then(|new| self.after.name(new)),
            attributes,
        };
        Some((order, change))
    }

    /// What became of the object itself: whether it is tainted or deposed now and was not.
    fn became(&self, old: Option<InstanceNo>, new: Option<InstanceNo>) -> Option<Became> {
        let before = old.and_then(|old| self.before.instance(old));
        let after = self.after.instance(new?)?;
        let was_deposed = before.is_some_and(|before| before.deposed.is_some());
        if after.deposed.is_some() && !was_deposed {
            return Some(Became::Deposed);
        }
        match (before.map(|before| before.status), after.status) {
            (Some(Status::Ready) | None, Status::Tainted) => Some(Became::Tainted),
            (Some(Status::Tainted), Status::Ready) => Some(Became::Untainted),
            _ => None,
        }
    }

    /// What differs between two states of one object: its taint, its provider, its values.
    fn attributes(&self, old: InstanceNo, new: InstanceNo) -> Vec<AttributeChange> {
        let (Some(before), Some(after)) = (self.before.instance(old), self.after.instance(new))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut plain = |path: &str, one: &str, two: &str| {
            if one != two {
                let shown = |text: &str| Some(Shown::Plain(text.to_owned()));
                found.push(AttributeChange {
                    path: path.into(),
                    before: shown(one),
                    after: shown(two),
                });
            }
        };
        plain("(status)", word(before.status), word(after.status));
        let provider = |side: &'a Snapshot, no| side.provider(no).unwrap_or_default();
        plain(
            "(provider)",
            provider(self.before, old),
            provider(self.after, new),
        );
        let (one, two) = (
            self.before.raw(before.attributes),
            self.after.raw(after.attributes),
        );
        if one != two {
            let marks = |side: &Snapshot, span| Marks::read(side.raw(span));
            let marks =
                marks(self.before, before.sensitive).and(marks(self.after, after.sensitive));
            let mut walk = Walk {
                marks,
                path: Path::default(),
                found: &mut found,
            };
            walk.raw(one, two);
        }
        found
    }

    fn outputs(&self) -> Vec<Change> {
        let mut names: Vec<&str> = [self.before, self.after]
            .iter()
            .flat_map(|side| side.outputs().iter().map(|output| output.name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .filter_map(|name| self.output(name))
            .collect()
    }

    fn output(&self, name: &str) -> Option<Change> {
        let old = self
            .before
            .outputs()
            .iter()
            .rfind(|output| output.name == name);
        let new = self
            .after
            .outputs()
            .iter()
            .rfind(|output| output.name == name);
        let difference = match (old, new) {
            (Some(_), Some(_)) => Difference::Changed,
            (Some(_), None) => Difference::Removed,
            _ => Difference::Added,
        };
        let value = |side: &'a Snapshot, output: Option<&Output>| side.value(output?.value);
        let (one, two) = (value(self.before, old), value(self.after, new));
        let mut attributes = Vec::new();
        if difference == Difference::Changed {
            let path = Path(vec![Step::Name(name.to_owned())]);
            let sealed = [old, new]
                .iter()
                .flatten()
                .any(|output| output.sensitivity == Sensitivity::Sensitive);
            let marked = if sealed {
                vec![path.clone()]
            } else {
                Vec::new()
            };
            let mut walk = Walk {
                marks: Marks::Paths(marked),
                path,
                found: &mut attributes,
            };
            walk.sides([None; 2], [one.as_ref(), two.as_ref()]);
            if attributes.is_empty() {
                return None;
            }
        }
        let called = format!("output.{name}");
        Some(Change {
            difference,
            became: None,
            kind: None,
            module: Module::default(),
            before: old.map(|_| called.clone()),
            after: new.map(|_| called),
            attributes,
        })
    }
}

fn known(side: &Snapshot) -> impl Iterator<Item = (Known<'_>, InstanceNo)> {
    side.instances().filter_map(|(no, instance)| {
        let address = &side.resource(no)?.address;
        Some(((address, &instance.key, &instance.deposed), no))
    })
}

fn order(side: &Snapshot, no: InstanceNo) -> Option<Order> {
    Some((side.address(no)?, side.instance(no)?.deposed.clone()))
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Ready => "ready",
        Status::Tainted => "tainted",
    }
}

/// The instances by type and raw id; none for an id that is not unique.
fn by_id<'a>(
    side: &'a Snapshot,
    numbers: &[InstanceNo],
) -> HashMap<(&'a str, &'a [u8]), Option<InstanceNo>> {
    let mut found = HashMap::new();
    for no in numbers {
        let kind = side.resource(*no).map(|resource| &*resource.address.kind);
        if let (Some(kind), Some(id)) = (kind, side.raw_id(*no)) {
            found
                .entry((kind, id))
                .and_modify(|known| *known = None)
                .or_insert(Some(*no));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::state::Reading;

    fn read(text: &str) -> Snapshot {
        match Reading::of(text.as_bytes()) {
            Reading::Whole(snapshot) => snapshot,
            other => panic!("not whole: {other:?}"),
        }
    }

    /// A state of one resource an entry: name, rest of the instance.
    fn state(resources: &[(&str, &str)]) -> Snapshot {
        let resources: Vec<String> = resources
            .iter()
            .map(|(name, instance)| {
                format!(r#"{{"mode":"managed","type":"a","name":"{name}","provider":"p","instances":[{{{instance}}}]}}"#)
            })
            .collect();
        read(&format!(
            r#"{{"version":4,"resources":[{}]}}"#,
            resources.join(",")
        ))
    }

    fn told(before: &Snapshot, after: &Snapshot) -> Vec<String> {
        let side = |shown: &Option<Shown>| shown.as_ref().map_or("–".into(), Shown::to_string);
        let comparison = Comparison::of(before, after);
        let mut lines = Vec::new();
        for change in &comparison.changes {
            lines.push(format!("{:?} {}", change.difference, change.name()));
            lines.extend(change.attributes.iter().map(|row| {
                format!(
                    "  {}: {} → {}",
                    row.path,
                    side(&row.before),
                    side(&row.after)
                )
            }));
        }
        lines
    }

    fn attributes(before: &str, after: &str) -> Vec<String> {
        let one = state(&[("x", &format!(r#""attributes":{before}"#))]);
        let two = state(&[("x", &format!(r#""attributes":{after}"#))]);
        told(&one, &two).into_iter().skip(1).collect()
    }

    #[test]
    fn order_serial_and_spelling_mean_nothing() {
        let one = r#"{"version":4,"serial":1,"resources":[{"mode":"managed","type":"a","name":"x","instances":[{"attributes":{"n":1,"m":{"a":1,"b":2}}}]},{"mode":"managed","type":"a","name":"y","instances":[{}]}]}"#;
        let two = r#"{"serial":9,"version":4,"resources":[{"mode":"managed","type":"a","name":"y","instances":[{}]},{"mode":"managed","type":"a","name":"x","instances":[{"attributes":{"m":{"b":2.0,"a":1},"n":1,"new":null}}]}]}"#;
        assert_eq!(told(&read(one), &read(two)), Vec::<String>::new());
    }

    #[test]
    fn what_was_added_removed_changed_and_moved_is_told_apart() {
        let before = state(&[
            ("gone", r#""attributes":{"id":"1"}"#),
            ("same", r#""attributes":{"id":"2","t":"x"}"#),
            ("was", r#""attributes":{"id":"3","t":"x"}"#),
        ]);
        let after = state(&[
            ("new", r#""attributes":{"id":"4"}"#),
            ("same", r#""attributes":{"id":"2","t":"y"}"#),
            ("will", r#""attributes":{"id":"3","t":"z"}"#),
        ]);
        assert_eq!(
            told(&before, &after),
            [
                "Removed a.gone",
                "Added a.new",
                "Changed a.same",
                "  t: x → y",
                "Moved a.will",
                "  t: x → z"
            ]
        );
        let comparison = Comparison::of(&before, &after);
        assert_eq!(
            comparison.summary,
            Summary {
                added: 1,
                removed: 1,
                changed: 1,
                moved: 1
            }
        );
        assert_eq!(comparison.changes[3].before.as_deref(), Some("a.was"));
    }

    #[test]
    fn an_id_that_is_not_unique_moves_nothing() {
        let before = state(&[
            ("a", r#""attributes":{"id":"none"}"#),
            ("b", r#""attributes":{"id":"none"}"#),
        ]);
        let after = state(&[("c", r#""attributes":{"id":"none"}"#)]);
        assert_eq!(
            told(&before, &after),
            ["Removed a.a", "Removed a.b", "Added a.c"]
        );
    }

    #[test]
    fn a_taint_and_a_deposed_object_are_changes() {
        let before = state(&[("x", r#""attributes":{}"#)]);
        let tainted = state(&[("x", r#""status":"tainted","attributes":{}"#)]);
        assert_eq!(
            told(&before, &tainted),
            ["Changed a.x", "  (status): ready → tainted"]
        );
        let deposed = state(&[("x", r#""attributes":{}},{"deposed":"1a2b3c4d""#)]);
        assert_eq!(
            told(&before, &deposed),
            ["Added a.x (deposed object 1a2b3c4d)"]
        );
        let became = |one, two| Comparison::of(one, two).changes[0].became;
        assert_eq!(became(&before, &tainted), Some(Became::Tainted));
        assert_eq!(became(&tainted, &before), Some(Became::Untainted));
        assert_eq!(became(&before, &deposed), Some(Became::Deposed));
        assert_eq!(became(&deposed, &before), None);
    }

    #[test]
    fn a_summary_by_type_and_module_names_the_busiest_first() {
        let resource = |module: &str, kind: &str, name: &str, value: u8| {
            format!(
                r#"{{"module":"{module}","mode":"managed","type":"{kind}","name":"{name}","instances":[{{"attributes":{{"v":{value}}}}}]}}"#
            )
        };
        let state = |value: u8, more: &[String]| {
            let mut all = vec![
                resource("module.m", "a", "x", value),
                resource("module.m", "b", "x", value),
            ];
            all.extend_from_slice(more);
            read(&format!(
                r#"{{"version":4,"outputs":{{"o":{{"value":{value}}}}},"resources":[{}]}}"#,
                all.join(",")
            ))
        };
        let comparison = Comparison::of(&state(1, &[]), &state(2, &[resource("", "b", "y", 1)]));
        let names = |groups: Vec<(String, Summary)>| {
            groups
                .into_iter()
                .map(|(name, summary)| (name, summary.added, summary.changed))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(comparison.by_type()),
            [("b".into(), 1, 1), ("a".into(), 0, 1)]
        );
        assert_eq!(
            names(comparison.by_module()),
            [("module.m".into(), 0, 2), (String::new(), 1, 0)]
        );
        assert_eq!(comparison.summary.all(), 4, "the output is counted, too");
    }

    #[test]
    fn a_secret_that_changed_is_told_but_never_printed() {
        let rows = attributes(
            r#"{"password":"hunter2","tags":{"a":"hunter2=1"}}"#,
            r#"{"password":"hunter3","tags":{"a":"hunter2=1"}}"#,
        );
        assert_eq!(rows, ["  password: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]);
        assert_eq!(
            attributes(r#"{"password":"hunter2"}"#, "{}"),
            ["  password: ▒▒▒▒▒▒▒▒ → –"]
        );
    }

    #[test]
    fn a_mark_on_either_side_masks_both() {
        let marked = r#""attributes":{"v":"hunter2"},"sensitive_attributes":[[{"type":"get_attr","value":"v"}]]"#;
        let open = r#""attributes":{"v":"hunter3"}"#;
        for (one, two) in [(marked, open), (open, marked)] {
            let rows = told(&state(&[("x", one)]), &state(&[("x", two)]));
            assert_eq!(rows, ["Changed a.x", "  v: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]);
        }
    }

    #[test]
    fn json_in_strings_is_compared_as_json() {
        let policy = |text: &str| format!(r#"{{"policy":"{}"}}"#, text.replace('"', r#"\""#));
        let one = policy(r#"{"Version":"1","Statement":[{"Effect":"Allow"}]}"#);
        assert_eq!(
            attributes(
                &one,
                &policy(r#"{ "Statement":[{"Effect":"Allow"}],"Version":"1" }"#)
            ),
            Vec::<String>::new()
        );
        assert_eq!(
            attributes(
                &one,
                &policy(r#"{"Version":"1","Statement":[{"Effect":"Deny"}]}"#)
            ),
            ["  policy.Statement[0].Effect: Allow → Deny"]
        );
    }

    #[test]
    fn a_broken_state_that_holds_an_instance_twice_does_not_differ_from_itself() {
        let entry = r#"{"mode":"managed","type":"a","name":"x","provider":"p","instances":[{"attributes":{"v":VALUE}}]}"#;
        let entries = ["1", "2"]
            .map(|value| entry.replace("VALUE", value))
            .join(",");
        let text = format!(r#"{{"version":4,"resources":[{entries}]}}"#);
        let reading = Reading::of(text.into_bytes());
        let twice = reading.snapshot().unwrap();
        assert_eq!(Comparison::of(twice, twice), Comparison::default());
        let once = state(&[("x", r#""attributes":{"v":1}"#)]);
        assert_eq!(told(&once, twice), ["Changed a.x", "  v: 1 → 2"]);
    }

    #[test]
    fn a_look_at_single_attributes_says_what_a_look_at_all_of_them_does() {
        // The name beside a value veils it, a wrapper is seen through, and the later of two counts.
        assert_eq!(
            attributes(
                r#"{"name":"db_password","value":"hunter2"}"#,
                r#"{"name":"db_password","value":"hunter3"}"#
            ),
            ["  value: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]
        );
        assert_eq!(
            attributes(
                r#"{"type":"string","value":"a"}"#,
                r#"{"type":["list","string"],"value":"a"}"#
            ),
            Vec::<String>::new()
        );
        assert_eq!(
            attributes(r#"{"a":1,"a":2}"#, r#"{"a":2,"b":null}"#),
            Vec::<String>::new()
        );
        assert_eq!(
            attributes(r#"{"b":1,"a":1}"#, r#"{"a":2,"b":1,"c":[3]}"#),
            ["  a: 1 → 2", "  c[0]: – → 3"]
        );
    }

    #[test]
    fn an_element_put_into_a_list_is_one_change() {
        assert_eq!(
            attributes(r#"{"l":["a","b"]}"#, r#"{"l":["a","x","b"]}"#),
            ["  l[1]: – → x"]
        );
        assert_eq!(
            attributes(r#"{"l":["a"]}"#, r#"{"l":"a"}"#),
            ["  l: – → a", "  l[0]: a → –"]
        );
        assert_eq!(
            attributes(r#"{"v":null}"#, r#"{"v":"a"}"#),
            ["  v: null → a"]
        );
    }

    #[test]
    fn outputs_are_compared_and_sensitive_ones_are_masked() {
        let output = |value: &str, sensitive: &str| {
            read(&format!(
                r#"{{"version":4,"outputs":{{"o":{{"value":"{value}"{sensitive}}}}}}}"#
            ))
        };
        assert_eq!(
            told(&output("a", ""), &output("b", "")),
            ["Changed output.o", "  o: a → b"]
        );
        let sealed = r#","sensitive":true"#;
        assert_eq!(
            told(&output("hunter2", sealed), &output("b", sealed)),
            ["Changed output.o", "  o: ▒▒▒▒▒▒▒▒ → ▒▒▒▒▒▒▒▒"]
        );
        assert_eq!(
            told(&read(r#"{"version":4}"#), &output("a", "")),
            ["Added output.o"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(4), ..ProptestConfig::default() })]

        #[test]
        fn a_state_never_differs_from_itself_and_swapping_sides_swaps_the_summary(
            left in proptest::collection::btree_map("[a-e]", 0..4_u8, 0..5),
            right in proptest::collection::btree_map("[a-e]", 0..4_u8, 0..5),
        ) {
            let build = |side: &std::collections::BTreeMap<String, u8>| {
                let values: Vec<(String, String)> = side.iter().map(|(name, value)| (name.clone(), format!(r#""attributes":{{"v":{value}}}"#))).collect();
                state(&values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
            };
            let (one, two) = (build(&left), build(&right));
            prop_assert_eq!(Comparison::of(&one, &one), Comparison::default());
            let (there, back) = (Comparison::of(&one, &two).summary, Comparison::of(&two, &one).summary);
            prop_assert_eq!((there.added, there.removed, there.changed), (back.removed, back.added, back.changed));
        }
    }
}
