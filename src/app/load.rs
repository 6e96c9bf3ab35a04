//! A value that is asked for and answered later. It keeps the last good value
//! while a newer one is on its way or has failed, and an answer to an older
//! question never overwrites a newer one.

use jiff::Timestamp;

use super::effect::Ticket;
use crate::fault::Fault;

/// What is shown, what is awaited, and what went wrong last.
#[derive(Debug, Clone)]
pub struct Load<T> {
    due: Option<Due>,
    shown: Option<T>,
    fault: Option<Fault>,
    settled: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    ticket: Ticket,
    since: Timestamp,
}

/// Whether an answer was to the question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Taken,
    Stale,
}

impl<T> Default for Load<T> {
    fn default() -> Self {
        Self {
            due: None,
            shown: None,
            fault: None,
            settled: None,
        }
    }
}

impl<T> Load<T> {
    /// Awaits the answer to this ticket; whatever was awaited before is stale from now on.
    pub fn expect(&mut self, ticket: Ticket, now: Timestamp) {
        self.due = Some(Due { ticket, since: now });
    }

    /// Takes the outcome if it answers the latest question; an answer to an
    /// older one is dropped, so a slow reply never overwrites a newer one.
    pub fn settle(&mut self, ticket: Ticket, now: Timestamp, outcome: Result<T, Fault>) -> Settled {
        if self.due.is_none_or(|due| due.ticket != ticket) {
            return Settled::Stale;
        }
        self.due = None;
        self.settled = Some(now);
        match outcome {
            Ok(value) => (self.shown, self.fault) = (Some(value), None),
            Err(fault) => self.fault = Some(fault),
        }
        Settled::Taken
    }

    /// Whether this ticket is the one that is awaited: a feed's news before its end.
    pub fn awaits(&self, ticket: Ticket) -> bool {
        self.due.is_some_and(|due| due.ticket == ticket)
    }

    /// Stops waiting; a later answer is stale.
    pub fn give_up(&mut self) {
        self.due = None;
    }

    /// The last good value, however old.
    pub fn shown(&self) -> Option<&T> {
        self.shown.as_ref()
    }

    pub fn shown_mut(&mut self) -> Option<&mut T> {
        self.shown.as_mut()
    }

    /// Why the latest answer brought no value.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Since when an answer is awaited.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.due.map(|due| due.since)
    }

    /// When the latest answer came, good or bad.
    pub fn settled_at(&self) -> Option<Timestamp> {
        self.settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_slow_answer_to_an_old_question_is_dropped() {
        let mut load = Load::default();
        load.expect(Ticket(1), at(0));
        load.expect(Ticket(2), at(1));
        assert_eq!(load.settle(Ticket(1), at(2), Ok("old")), Settled::Stale);
        assert_eq!(load.settle(Ticket(2), at(3), Ok("new")), Settled::Taken);
        assert_eq!(load.shown(), Some(&"new"));
        assert_eq!(load.waiting_since(), None);
    }

    #[test]
    fn a_fault_keeps_the_last_good_value() {
        let mut load = Load::default();
        load.expect(Ticket(1), at(0));
        load.settle(Ticket(1), at(0), Ok("good"));
        load.expect(Ticket(2), at(1));
        load.settle(
            Ticket(2),
            at(1),
            Err(Fault::new("list", "locks", "no network")),
        );
        assert_eq!(load.shown(), Some(&"good"));
        assert!(load.fault().is_some());
    }

    #[test]
    fn after_giving_up_nothing_is_awaited() {
        let mut load = Load::<&str>::default();
        load.expect(Ticket(1), at(0));
        load.give_up();
        assert_eq!(load.settle(Ticket(1), at(1), Ok("late")), Settled::Stale);
    }
}
