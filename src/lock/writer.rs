//! Who wrote a version of the state: whoever held the lock when it was
//! written. A state says nothing of its writer, but a versioned bucket keeps
//! every `.tflock`, and each names its holder.

use jiff::Timestamp;

use super::Holder;
use super::habit::Former;

/// Former locks by the time that each was held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Writers(Vec<Held>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    from: Timestamp,
    to: Timestamp,
    holder: Holder,
}

impl Writers {
    /// The holders that former locks name; a body that is no lock names nobody.
    pub fn of(former: &[Former]) -> Self {
        let held = former.iter().filter_map(|former| {
            Some(Held {
                from: former.from,
                to: former.to,
                holder: Holder::read(former.body.as_deref()?)?,
            })
        });
        Self(held.filter(|held| !held.holder.who.is_empty()).collect())
    }

    /// Whoever held the lock at that second; none where nobody did, or where
    /// two did whose locks met in it.
    ///
    /// A plan holds the lock and writes nothing, so it gives way to the others.
    pub fn at(&self, written: Timestamp) -> Option<&Holder> {
        let held = self.0.iter();
        let around = held.filter(|held| held.from <= written && written <= held.to);
        let (plans, others): (Vec<_>, Vec<_>) =
            around.partition(|held| held.holder.operation_word() == "plan");
        let candidates = if others.is_empty() { plans } else { others };
        match candidates.as_slice() {
            [one] => Some(&one.holder),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn former(who: &str, operation: &str, from: i64, to: i64) -> Former {
        let body = format!(r#"{{"ID":"{who}","Operation":"{operation}","Who":"{who}"}}"#);
        Former {
            from: Timestamp::from_second(from).unwrap(),
            to: Timestamp::from_second(to).unwrap(),
            body: Some(body.into_bytes()),
        }
    }

    fn at(former: &[Former], second: i64) -> Option<String> {
        let writers = Writers::of(former);
        let written = Timestamp::from_second(second).unwrap();
        writers.at(written).map(|holder| holder.who.clone())
    }

    #[test]
    fn the_holder_of_that_second_wrote_the_version() {
        let history = [
            former("bob", "OperationTypeApply", 100, 130),
            former("alice", "OperationTypeApply", 10, 40),
        ];
        assert_eq!(at(&history, 39).as_deref(), Some("alice"));
        assert_eq!(at(&history, 100).as_deref(), Some("bob"));
        assert_eq!(at(&history, 130).as_deref(), Some("bob"));
        assert_eq!(
            at(&history, 60),
            None,
            "nobody held it: written outside of Terraform"
        );
        assert_eq!(at(&history, 9), None, "older than what is known");
    }

    #[test]
    fn where_two_locks_meet_in_a_second_nobody_is_named_but_for_a_plan() {
        let history = [
            former("bob", "OperationTypeApply", 40, 60),
            former("alice", "OperationTypeApply", 10, 40),
        ];
        assert_eq!(at(&history, 40), None);
        let history = [
            former("bob", "OperationTypePlan", 40, 60),
            former("alice", "OperationTypeApply", 10, 40),
        ];
        assert_eq!(at(&history, 40).as_deref(), Some("alice"));
        let mut unread = former("bob", "OperationTypeApply", 40, 60);
        unread.body = None;
        assert_eq!(at(&[unread], 50), None);
    }
}
