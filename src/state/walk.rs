//! A walk through two values at once that notes where they differ.
//!
//! What is masked on either side is masked on both, and is one difference
//! with all that it holds.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::attributes::leaves;
use super::json::Scanner;
use super::secret::{Marks, Path, Step, Veil};
use super::shown::Shown;
use super::value::Value;

/// One value that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeChange {
    pub path: String,
    /// None where the side has no such value.
    pub before: Option<Shown>,
    pub after: Option<Shown>,
}

/// The same value on both sides; none where a side does not have it.
type Twin<'a, 'b> = [Option<&'b Value<'a>>; 2];

/// A member of an object.
type Member<'a> = (Cow<'a, str>, Value<'a>);

/// A walk through two values at once that notes where they differ.
pub(super) struct Walk<'a> {
    pub marks: Marks,
    pub path: Path,
    pub found: &'a mut Vec<AttributeChange>,
}

impl Walk<'_> {
    /// Notes what differs between the attributes of two instances, of which only those are parsed that do.
    pub fn raw(&mut self, one: &[u8], two: &[u8]) {
        let Some(differing) = members_apart(one, two) else {
            let (one, two) = (Value::parse(one), Value::parse(two));
            return self.sides([None; 2], [one.as_ref(), two.as_ref()]);
        };
        for (name, [one, two]) in differing {
            self.path.0.push(Step::Name(name.into_owned()));
            let sides = [one, two].map(|raw| Value::parse(raw?));
            self.sides([None; 2], [sides[0].as_ref(), sides[1].as_ref()]);
            self.path.0.pop();
        }
    }

    /// Notes every value below here that is not the same on both sides.
    pub fn sides(&mut self, parents: Twin<'_, '_>, sides: Twin<'_, '_>) {
        let sides = sides.map(|side| side.map(Value::logical));
        if sides[0] == sides[1] || sides.iter().flatten().all(|side| **side == Value::Null) {
            return;
        }
        if self.is_masked(parents, sides) {
            self.found.push(AttributeChange {
                path: self.path.to_string(),
                before: sides[0].map(|_| Shown::Masked),
                after: sides[1].map(|_| Shown::Masked),
            });
            return;
        }
        match sides {
            [Some(Value::Object(one)), Some(Value::Object(two))] => self.members(sides, one, two),
            [Some(Value::List(one)), Some(Value::List(two))] => self.elements(sides, one, two),
            [Some(Value::Text(one)), Some(Value::Text(two))] => {
                match (Value::inside(one), Value::inside(two)) {
                    (Some(one), Some(two)) => self.sides(parents, [Some(&one), Some(&two)]),
                    _ => self.apart(parents, sides),
                }
            }
            _ => self.apart(parents, sides),
        }
    }

    fn is_masked(&self, parents: Twin<'_, '_>, sides: Twin<'_, '_>) -> bool {
        let mut pairs = parents.into_iter().zip(sides);
        let veiled = pairs.any(|(parent, side)| {
            side.is_some_and(|side| self.marks.veil(&self.path, parent, side) == Veil::Masked)
        });
        veiled && !self.path.0.is_empty()
    }

    fn members(&mut self, parents: Twin<'_, '_>, one: &[Member<'_>], two: &[Member<'_>]) {
        let mut names: Vec<&str> = one.iter().chain(two).map(|(name, _)| &**name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.path.0.push(Step::Name(name.to_owned()));
            let members = parents.map(|side| side.and_then(|side| side.member(name)));
            self.sides(parents, members);
            self.path.0.pop();
        }
    }

    /// Compares lists element by element, leaving out what they share at both ends.
    fn elements(&mut self, parents: Twin<'_, '_>, one: &[Value<'_>], two: &[Value<'_>]) {
        let same = |pair: &(&Value<'_>, &Value<'_>)| pair.0 == pair.1;
        let head = one.iter().zip(two).take_while(same).count();
        let (one, two) = (&one[head..], &two[head..]);
        let tail = one
            .iter()
            .rev()
            .zip(two.iter().rev())
            .take_while(same)
            .count();
        let (one, two) = (&one[..one.len() - tail], &two[..two.len() - tail]);
        for place in 0..one.len().max(two.len()) {
            self.path.0.push(Step::At(head + place));
            self.sides(parents, [one.get(place), two.get(place)]);
            self.path.0.pop();
        }
    }

    /// Notes two values that have no shape in common: every leaf of either one.
    fn apart(&mut self, parents: Twin<'_, '_>, sides: Twin<'_, '_>) {
        let mut rows: BTreeMap<String, [Option<Shown>; 2]> = BTreeMap::new();
        for (side, (parent, value)) in parents.into_iter().zip(sides).enumerate() {
            let Some(value) = value else { continue };
            let mut path = self.path.clone();
            leaves(&self.marks, &mut path, parent, value, &mut |path, shown| {
                rows.entry(path.to_string()).or_default()[side] = Some(shown);
            });
        }
        for (path, [before, after]) in rows {
            self.found.push(AttributeChange {
                path,
                before,
                after,
            });
        }
    }
}

/// The members of two objects whose bytes are not the same, in the order of their names.
///
/// None where a look at single members could say something else than one at the whole:
/// what is no object, has a name twice, is a wrapper, or has a `value` that the name beside it may veil.
fn members_apart<'a>(one: &'a [u8], two: &'a [u8]) -> Option<Vec<Apart<'a>>> {
    let (one, two) = unshared(one, two).or_else(|| Some((members(one)?, members(two)?)))?;
    let mut apart = Vec::new();
    let (mut one, mut two) = (one.into_iter().peekable(), two.into_iter().peekable());
    loop {
        let order = match (one.peek(), two.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((one, _)), Some((two, _))) => one.cmp(two),
        };
        let left = if order.is_le() { one.next() } else { None };
        let right = if order.is_ge() { two.next() } else { None };
        let raw = |side: &Option<Raw<'a>>| side.as_ref().map(|(_, raw)| *raw);
        let sides = [raw(&left), raw(&right)];
        if sides[0] == sides[1] {
            continue;
        }
        let (name, _) = left.or(right)?;
        if name.eq_ignore_ascii_case("value") || name == "type" {
            return None;
        }
        apart.push((name, sides));
    }
    Some(apart)
}

type Raw<'a> = (Cow<'a, str>, &'a [u8]);
type Apart<'a> = (Cow<'a, str>, [Option<&'a [u8]>; 2]);

/// The members behind those that two objects begin with in the very same bytes, which are
/// looked through once; none where either does not have its members in the order of their names.
fn unshared<'a>(one: &'a [u8], two: &'a [u8]) -> Option<(Vec<Raw<'a>>, Vec<Raw<'a>>)> {
    let same = shared(one, two);
    let mut scanner = Scanner::new(one);
    let mut last: Option<Cow<'_, str>> = None;
    let mut behind = 0;
    let mut more = scanner.enter_object().ok()?;
    // As long as the comma behind a member is shared, so is what is open there.
    while more && scanner.position() <= same {
        behind = scanner.position();
        let name = scanner.name().ok()?;
        scanner.skip().ok()?;
        more = scanner.another().ok()?;
        if scanner.position() <= same {
            if last.is_some_and(|last| last >= name) {
                return None;
            }
            last = Some(name);
        }
    }
    if behind == 0 {
        return None;
    }
    let rest = |text: &'a [u8]| {
        let rest = members_from(Scanner::within(&text[behind..], b"}"))?;
        let names = last.iter().chain(rest.iter().map(|(name, _)| name));
        names.is_sorted_by(|one, two| one < two).then_some(rest)
    };
    Some((rest(one)?, rest(two)?))
}

/// How many bytes two texts begin with alike.
fn shared(one: &[u8], two: &[u8]) -> usize {
    const STEP: usize = 64;
    let pairs = one.chunks_exact(STEP).zip(two.chunks_exact(STEP));
    let steps = pairs.take_while(|(one, two)| one == two).count() * STEP;
    let rest = one[steps..].iter().zip(&two[steps..]);
    steps + rest.take_while(|(one, two)| one == two).count()
}

/// An object's members by name; none where it is no object, or has a name twice.
fn members(raw: &[u8]) -> Option<Vec<Raw<'_>>> {
    let mut scanner = Scanner::new(raw);
    let mut members = if scanner.enter_object().ok()? {
        members_from(scanner)?
    } else {
        scanner.finish().ok()?;
        Vec::new()
    };
    // Terraform writes them in order.
    if !members.is_sorted_by(|(one, _), (two, _)| one < two) {
        members.sort_by(|(one, _), (two, _)| one.cmp(two));
        if members.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
    }
    Some(members)
}

/// The members of an object from the name of one of them on.
fn members_from(mut scanner: Scanner<'_>) -> Option<Vec<Raw<'_>>> {
    let mut members = Vec::new();
    let mut more = true;
    while more {
        members.push((scanner.name().ok()?, scanner.token().ok()?));
        more = scanner.another().ok()?;
    }
    scanner.finish().ok()?;
    Some(members)
}
