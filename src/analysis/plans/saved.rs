//! The plan inside a saved plan file: a protocol buffer of which only the
//! addresses and the actions are read. Its fields are numbered in Terraform's
//! `planfile.proto`; OpenTofu has the same.

use super::{Act, Change, Plan};
use crate::state::type_of;

/// Fields of a plan.
const CHANGES: u64 = 3;
const DRIFT: u64 = 18;
/// Fields of a change of a resource.
const CHANGE: u64 = 9;
const ADDRESS: u64 = 13;
const ADDRESS_BEFORE: u64 = 14;
/// The field of a change that says what is done.
const ACTION: u64 = 1;

/// What a field holds.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// A fixed width that nothing here has.
    Fixed,
}

impl Plan {
    /// The plan in the member `tfplan`; none where it is no such thing.
    pub fn of_saved(bytes: &[u8]) -> Option<Self> {
        let mut plan = Self::default();
        for field in Fields(bytes) {
            match field? {
                (CHANGES, Value::Bytes(change)) => plan.changes.push(changed(change)?),
                (DRIFT, Value::Bytes(change)) => plan.drift.push(changed(change)?),
                _ => {}
            }
        }
        let is_managed = |change: &Change| type_of(&change.address).is_some();
        plan.changes.retain(is_managed);
        plan.drift.retain(is_managed);
        Some(plan)
    }
}

/// A change of a resource; none of a broken one.
fn changed(bytes: &[u8]) -> Option<Change> {
    let (mut address, mut was, mut act) = (String::new(), None, Act::Other);
    for field in Fields(bytes) {
        match field? {
            (ADDRESS, Value::Bytes(text)) => address = String::from_utf8(text.to_vec()).ok()?,
            (ADDRESS_BEFORE, Value::Bytes(text)) => was = String::from_utf8(text.to_vec()).ok(),
            (CHANGE, Value::Bytes(change)) => {
                for field in Fields(change) {
                    if let (ACTION, Value::Number(number)) = field? {
                        act = of_number(number);
                    }
                }
            }
            _ => {}
        }
    }
    Some(Change { address, was, act })
}

fn of_number(action: u64) -> Act {
    match action {
        1 => Act::Create,
        3 => Act::Update,
        5 => Act::Delete,
        // Destroyed first, and created first.
        6 | 7 => Act::Replace,
        _ => Act::Other,
    }
}

/// The fields of a message in their order; a broken one ends them with a none.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::{expected, sorted};
    use super::*;

    const SAVED: &[u8] = include_bytes!("../../../tests/fixtures/plan/tfplan");

    #[test]
    fn a_saved_plan_says_what_its_json_says() {
        let plan = Plan::of_saved(SAVED).unwrap();
        // What is told of as drift is only a move.
        assert!(plan.drift.iter().all(|change| change.act == Act::Other));
        assert_eq!(sorted(plan), expected());
    }

    #[test]
    fn a_cut_or_spoiled_plan_is_survived() {
        for end in 0..SAVED.len() {
            let _ = Plan::of_saved(&SAVED[..end]);
            let _ = Plan::of_saved(&SAVED[end..]);
        }
        assert_eq!(Plan::of_saved(&[0xff; 40]), None);
    }
}
