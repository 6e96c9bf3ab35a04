//! Two states side by side: which objects are the same one, and what differs between them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{Became, Change, Difference};
use crate::state::address::{Address, Key, Module, ResourceAddress};
use crate::state::secret::{Marks, Path, Step};
use crate::state::shown::Shown;
use crate::state::snapshot::{InstanceNo, Output, Sensitivity, Snapshot, Status};
use crate::state::value::Value;
use crate::state::walk::{AttributeChange, Walk};

/// Where a change stands among the others: by address, deposed objects last.
pub(super) type Order = (Address, Option<Box<str>>);

pub(super) type Found = (Order, Change);

/// What an object is known by within its state.
type Known<'a> = (&'a ResourceAddress, &'a Option<Key>, &'a Option<Box<str>>);

/// The instances by type and raw id; none for an id that is not unique.
pub(super) type ById<'a> = HashMap<(&'a str, &'a [u8]), Option<InstanceNo>, RandomState>;

/// The same object on both sides, or on one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pair {
    Same(InstanceNo, InstanceNo),
    Moved(InstanceNo, InstanceNo),
    Gone(InstanceNo),
    New(InstanceNo),
}

impl Pair {
    /// Which instance it is, in the earlier state and in the later one.
    pub fn sides(self) -> [Option<InstanceNo>; 2] {
        match self {
            Self::Same(old, new) | Self::Moved(old, new) => [Some(old), Some(new)],
            Self::Gone(old) => [Some(old), None],
            Self::New(new) => [None, Some(new)],
        }
    }

    /// The two instances of what is on both sides.
    pub fn both(self) -> Option<(InstanceNo, InstanceNo)> {
        let [old, new] = self.sides();
        old.zip(new)
    }
}

/// The instances of two states by their addresses.
pub(super) struct Matched {
    pub same: Vec<Pair>,
    pub gone: Vec<InstanceNo>,
    pub new: Vec<InstanceNo>,
}

/// The bytes of an instance that are compared.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Raw<'a> {
    pub attributes: &'a [u8],
    pub sensitive: &'a [u8],
}

impl<'a> Raw<'a> {
    fn of(side: &'a Snapshot, no: Option<InstanceNo>) -> Self {
        let Some(instance) = no.and_then(|no| side.instance(no)) else {
            return Self::default();
        };
        Self {
            attributes: side.raw(instance.attributes),
            sensitive: side.raw(instance.sensitive),
        }
    }
}

pub(super) struct Both<'a> {
    pub before: &'a Snapshot,
    pub after: &'a Snapshot,
}

impl<'a> Both<'a> {
    /// All that differs, where both texts are at hand.
    pub fn found(&self) -> Vec<Found> {
        let matched = self.matched();
        let left = by_id(self.before, raw_ids(self.before, &matched.gone));
        let right = by_id(self.after, raw_ids(self.after, &matched.new));
        let apart = moves(&matched, &left, &right);
        let pairs = matched.same.iter().chain(&apart);
        let found = pairs.filter_map(|pair| {
            let [old, new] = pair.sides();
            self.change(*pair, [Raw::of(self.before, old), Raw::of(self.after, new)])
        });
        found.collect()
    }

    pub fn matched(&self) -> Matched {
        let mut old: HashMap<Known<'_>, InstanceNo, RandomState> = known(self.before).collect();
        let (mut same, mut new) = (Vec::new(), Vec::new());
        // Of what a broken state holds twice, the later one counts, on either side.
        let last: HashMap<Known<'_>, InstanceNo, RandomState> = known(self.after).collect();
        for (known, no) in known(self.after) {
            if last.get(&known) != Some(&no) {
                continue;
            }
            match old.remove(&known) {
                Some(known) => same.push(Pair::Same(known, no)),
                None => new.push(no),
            }
        }
        let mut gone: Vec<InstanceNo> = old.into_values().collect();
        gone.sort_unstable();
        Matched { same, gone, new }
    }

    /// What became of an object, if anything did; `raw` are its bytes on either side.
    pub fn change(&self, pair: Pair, raw: [Raw<'_>; 2]) -> Option<Found> {
        let difference = match pair {
            Pair::Same(..) => Difference::Changed,
            Pair::Moved(..) => Difference::Moved,
            Pair::Gone(_) => Difference::Removed,
            Pair::New(_) => Difference::Added,
        };
        let [old, new] = pair.sides();
        let attributes = match (old, new) {
            (Some(old), Some(new)) => self.attributes(old, new, raw),
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
    fn attributes(
        &self,
        old: InstanceNo,
        new: InstanceNo,
        raw: [Raw<'_>; 2],
    ) -> Vec<AttributeChange> {
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
        attributes_apart(raw, &mut found);
        found
    }

    /// The outputs that differ, where both texts are at hand.
    pub fn outputs_here(&self) -> Vec<Change> {
        let values = [self.before, self.after].map(|side| {
            let outputs = side.outputs().iter();
            let raw: Vec<&[u8]> = outputs.map(|output| side.raw(output.value)).collect();
            raw
        });
        self.outputs([&values[0], &values[1]])
    }

    /// The outputs that differ; `values` are the bytes of each one's value, in their order.
    pub fn outputs<V: AsRef<[u8]>>(&self, values: [&[V]; 2]) -> Vec<Change> {
        let [old, new] =
            [(self.before, values[0]), (self.after, values[1])].map(|(side, values)| {
                let outputs = side.outputs().iter().zip(values);
                // Of two with one name the later one counts.
                outputs
                    .map(|(output, value)| (output.name.as_str(), (output, value.as_ref())))
                    .collect::<BTreeMap<_, _>>()
            });
        let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        let changes = names.into_iter();
        changes
            .filter_map(|name| output(name, [old.get(name), new.get(name)]))
            .collect()
    }
}

/// What differs between the values of one object.
pub(super) fn attributes_apart(raw: [Raw<'_>; 2], found: &mut Vec<AttributeChange>) {
    let [one, two] = raw.map(|raw| raw.attributes);
    if one == two {
        return;
    }
    let [left, right] = raw.map(|raw| Marks::read(raw.sensitive, raw.attributes));
    let mut walk = Walk {
        marks: left.and(right),
        path: Path::default(),
        found,
    };
    walk.raw(one, two);
}

fn output(name: &str, sides: [Option<&(&Output, &[u8])>; 2]) -> Option<Change> {
    let difference = match sides {
        [Some(_), Some(_)] => Difference::Changed,
        [Some(_), None] => Difference::Removed,
        _ => Difference::Added,
    };
    let mut attributes = Vec::new();
    if difference == Difference::Changed {
        let path = Path(vec![Step::Name(name.to_owned())]);
        let mut outputs = sides.iter().flatten().map(|(output, _)| output);
        let sealed = outputs.any(|output| output.sensitivity == Sensitivity::Sensitive);
        let marked = if sealed {
            vec![path.clone()]
        } else {
            Vec::new()
        };
        let mut walk = Walk {
            marks: Marks::at(marked),
            path,
            found: &mut attributes,
        };
        let [one, two] = sides.map(|side| Value::parse(side?.1));
        walk.sides([None; 2], [one.as_ref(), two.as_ref()]);
        if attributes.is_empty() {
            return None;
        }
    }
    let called = |side: Option<_>| side.map(|_| format!("output.{name}"));
    Some(Change {
        difference,
        became: None,
        kind: None,
        module: Module::default(),
        before: called(sides[0]),
        after: called(sides[1]),
        attributes,
    })
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

/// What is gone here and new there under one id is the same object, where the id is unique.
pub(super) fn moves(matched: &Matched, left: &ById<'_>, right: &ById<'_>) -> Vec<Pair> {
    let moved: HashMap<InstanceNo, InstanceNo> = left
        .iter()
        .filter_map(|(id, old)| Some(((*old)?, (*right.get(id)?)?)))
        .collect();
    let arrived: HashSet<InstanceNo> = moved.values().copied().collect();
    let left = matched.gone.iter().map(|old| match moved.get(old) {
        Some(new) => Pair::Moved(*old, *new),
        None => Pair::Gone(*old),
    });
    let new = matched.new.iter().filter(|new| !arrived.contains(new));
    left.chain(new.map(|new| Pair::New(*new))).collect()
}

/// The instances by type and id; none for an id that is not unique.
pub(super) fn by_id<'a>(
    side: &'a Snapshot,
    ids: impl Iterator<Item = (InstanceNo, &'a [u8])>,
) -> ById<'a> {
    let mut found = ById::default();
    for (no, id) in ids {
        if let Some(resource) = side.resource(no) {
            found
                .entry((&*resource.address.kind, id))
                .and_modify(|known| *known = None)
                .or_insert(Some(no));
        }
    }
    found
}

fn raw_ids<'a>(
    side: &'a Snapshot,
    numbers: &[InstanceNo],
) -> impl Iterator<Item = (InstanceNo, &'a [u8])> {
    let numbers = numbers.iter();
    numbers.filter_map(|no| Some((*no, side.raw_id(*no)?)))
}
