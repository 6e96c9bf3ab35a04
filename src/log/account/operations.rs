//! The work on resources as spans: what was done to which address, from when,
//! how long, and how it ended. Where one piece of work is told twice (by the
//! graph's visits and by a progress line), the more exact teller counts and
//! the other is passed over.

mod past;
mod under_way;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::At;
use crate::log::signal::{Act, Phase, Step, Teller};
use crate::log::stamp::Millis;

use past::{Past, order};
use under_way::{Lane, Open, Work};

pub use past::{Operation, Outcome, Sum};

/// On how many addresses work may be open at a time.
const MOST_OPEN: usize = 65_536;

/// What one step ends.
struct Ended {
    address: Arc<str>,
    refresh: Option<Open>,
    open: Option<Open>,
}

/// All work of a log. Memory is bounded by the constants of this file: at most
/// about 40 MB where work on [`MOST_OPEN`] long addresses is open at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operations {
    open: HashMap<Arc<str>, Work, RandomState>,
    /// The most exact teller of each kind of work in this run.
    tellers: BTreeMap<Act, Teller>,
    past: Past,
}

impl Operations {
    /// The slowest that have ended, the slowest first.
    pub fn slowest(&self) -> Vec<&Operation> {
        self.past.slowest()
    }

    /// The latest that have ended, in the order of their ends.
    pub fn latest(&self) -> impl Iterator<Item = &Operation> {
        self.past.latest()
    }

    /// How much work of each kind there was.
    pub fn sums(&self) -> impl Iterator<Item = (Act, Sum)> + '_ {
        self.past.sums()
    }

    /// What is running where the log ends at `now`, the longest first.
    pub fn running(&self, now: Option<Millis>) -> Vec<Operation> {
        let open = self.open.iter();
        let open = open.flat_map(|(address, work)| {
            let open = work.lanes.iter().flatten();
            open.map(move |open| (address, open))
        });
        let mut running: Vec<Operation> = open
            .map(|(address, open)| Operation {
                address: Arc::clone(address),
                act: open.act,
                at: open.at,
                began: open.began,
                took: since(open.began, now).max(open.elapsed),
                outcome: Outcome::Running,
                teller: open.teller,
            })
            .collect();
        running
            .sort_by(|one, other| (order(one), &one.address).cmp(&(order(other), &other.address)));
        running
    }

    pub(super) fn hear(&mut self, at: At, step: &Step<'_>) {
        if let Some(act) = step.act {
            let teller = self.tellers.entry(act).or_insert(step.teller);
            if step.teller < *teller {
                return;
            }
            *teller = step.teller;
        }
        match step.phase {
            Phase::Began => self.begin(at, step),
            Phase::Running { elapsed } => self.go_on(at, step, elapsed),
            Phase::Ended { elapsed } => self.end(at, step, elapsed, Outcome::Done),
            Phase::Failed { elapsed } => self.end(at, step, elapsed, Outcome::Failed),
        }
    }

    fn begin(&mut self, at: At, step: &Step<'_>) {
        let Some(act) = step.act else {
            return;
        };
        let Some(work) = self.work(&step.address) else {
            return;
        };
        let place = work.lane(Lane::of(act));
        if let Some(former) = place {
            if step.teller > former.teller {
                // The same work, told by a more exact teller from here on.
                former.teller = step.teller;
                former.act = act;
                return;
            }
            if step.teller < former.teller {
                return;
            }
        }
        let former = place.replace(Open {
            act,
            teller: step.teller,
            at,
            began: at.time,
            elapsed: None,
        });
        if let Some(former) = former {
            let address = Arc::clone(&work.address);
            self.past.add(address, &former, None, Outcome::Unfinished);
        }
    }

    /// The work on an address, if there is room for it.
    fn work(&mut self, address: &str) -> Option<&mut Work> {
        if !self.open.contains_key(address) {
            if self.open.len() >= MOST_OPEN {
                return None;
            }
            let address: Arc<str> = address.into();
            let work = Work::new(Arc::clone(&address));
            self.open.insert(address, work);
        }
        self.open.get_mut(address)
    }

    fn go_on(&mut self, at: At, step: &Step<'_>, elapsed: u64) {
        let Some(lane) = step.act.map(Lane::of) else {
            return;
        };
        let known = self.open.get_mut(&*step.address);
        if known.is_none_or(|work| work.lane(lane).is_none()) {
            // The log begins in the middle of it.
            self.begin(at, step);
            if let Some(open) = self.open_in(step, lane) {
                open.began = before(at.time, elapsed);
            }
        }
        if let Some(open) = self.open_in(step, lane) {
            open.elapsed = open.elapsed.max(Some(elapsed));
        }
    }

    fn open_in(&mut self, step: &Step<'_>, lane: Lane) -> Option<&mut Open> {
        self.open.get_mut(&*step.address)?.lane(lane).as_mut()
    }

    fn end(&mut self, at: At, step: &Step<'_>, elapsed: Option<u64>, outcome: Outcome) {
        let ended = self.take(step);
        let address = match &ended {
            Some(ended) => Arc::clone(&ended.address),
            // Without a duration nothing is known of it.
            None if elapsed.is_none() => return,
            None => step.address.as_ref().into(),
        };
        let (refresh, open) = ended.map_or((None, None), |ended| (ended.refresh, ended.open));
        if let Some(refresh) = refresh {
            let took = since(refresh.began, at.time);
            self.past.add(Arc::clone(&address), &refresh, took, outcome);
        }
        if let Some(open) = open {
            let took = elapsed.or_else(|| since(open.began, at.time));
            return self.past.add(address, &open, took, outcome);
        }
        // The log begins after it did.
        if let (Some(act), Some(elapsed)) = (step.act, elapsed) {
            let open = Open {
                act,
                teller: step.teller,
                at,
                began: before(at.time, elapsed),
                elapsed: None,
            };
            self.past.add(address, &open, Some(elapsed), outcome);
        }
    }

    /// Takes what a step ends. A visit that is over takes the refresh inside it
    /// along, whether or not the log tells of that one's own end.
    fn take(&mut self, step: &Step<'_>) -> Option<Ended> {
        let work = self.open.get_mut(&*step.address)?;
        let is_visit = step.act.is_none() && step.teller == Teller::Visit;
        let inside = |open: &mut Open| is_visit && open.teller == Teller::Visit;
        let refresh = work.lane(Lane::Refresh).take_if(inside);
        let lanes: &[Lane] = match step.act {
            Some(act) => &[Lane::of(act)],
            // A diagnostic names the resource only.
            None if step.teller == Teller::Output => &[Lane::Main, Lane::Destroy],
            None => &[Lane::Main],
        };
        let told = |open: &mut Open| open.teller <= step.teller;
        let open = lanes.iter().find_map(|&lane| work.lane(lane).take_if(told));
        let address = Arc::clone(&work.address);
        if work.is_over() {
            self.open.remove(&*step.address);
        }
        Some(Ended {
            address,
            refresh,
            open,
        })
    }

    /// What a former run left open ended with it.
    pub(super) fn begin_run(&mut self) {
        self.tellers.clear();
        let mut left: Vec<_> = std::mem::take(&mut self.open).into_iter().collect();
        left.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (address, work) in left {
            for open in work.lanes.iter().flatten() {
                let address = Arc::clone(&address);
                self.past
                    .add(address, open, open.elapsed, Outcome::Unfinished);
            }
        }
    }
}

/// Milliseconds from one time to a later one.
fn since(began: Option<Millis>, end: Option<Millis>) -> Option<u64> {
    let (began, end) = began.zip(end)?;
    u64::try_from(end.0 - began.0).ok()
}

fn before(time: Option<Millis>, elapsed: u64) -> Option<Millis> {
    let elapsed = i64::try_from(elapsed).ok()?;
    time.map(|time| Millis(time.0.saturating_sub(elapsed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(steps: &[(i64, &str, Option<Act>, Phase, Teller)]) -> Operations {
        let mut operations = Operations::default();
        for (number, &(millis, address, act, phase, teller)) in steps.iter().enumerate() {
            let at = At {
                time: Some(Millis(millis)),
                offset: number as u64,
                ..At::default()
            };
            let address = address.into();
            operations.hear(
                at,
                &Step {
                    address,
                    act,
                    phase,
                    teller,
                },
            );
        }
        operations
    }

    fn ended(operations: &Operations) -> Vec<(String, Act, Option<u64>, Outcome)> {
        let whole = |o: &&Operation| (o.address.to_string(), o.act, o.took, o.outcome);
        operations.slowest().iter().map(whole).collect()
    }

    const BEGAN: Phase = Phase::Began;
    const ENDED: Phase = Phase::Ended { elapsed: None };
    const FAILED: Phase = Phase::Failed { elapsed: None };
    const APPLY: Option<Act> = Some(Act::Apply);

    #[test]
    fn a_visit_is_a_span_with_a_refresh_inside() {
        let operations = heard(&[
            (0, "a.b", Some(Act::Plan), BEGAN, Teller::Visit),
            (5, "a.b", Some(Act::Refresh), BEGAN, Teller::Visit),
            (25, "a.b", Some(Act::Refresh), ENDED, Teller::Visit),
            (30, "a.b", None, ENDED, Teller::Visit),
            (31, "a.b", None, ENDED, Teller::Visit),
        ]);
        assert_eq!(
            ended(&operations),
            [
                ("a.b".into(), Act::Plan, Some(30), Outcome::Done),
                ("a.b".into(), Act::Refresh, Some(20), Outcome::Done)
            ]
        );
        assert!(operations.running(None).is_empty());
    }

    #[test]
    fn a_refresh_whose_end_is_not_told_ends_with_the_visit_around_it() {
        for (phase, outcome) in [(ENDED, Outcome::Done), (FAILED, Outcome::Failed)] {
            let operations = heard(&[
                (0, "a.b", Some(Act::Plan), BEGAN, Teller::Visit),
                (5, "a.b", Some(Act::Refresh), BEGAN, Teller::Visit),
                (30, "a.b", None, phase, Teller::Visit),
            ]);
            let ended = ended(&operations);
            assert!(ended.contains(&("a.b".into(), Act::Refresh, Some(25), outcome)));
            assert!(operations.running(None).is_empty());
        }
    }

    #[test]
    fn what_is_told_twice_is_counted_once() {
        let took = Phase::Ended {
            elapsed: Some(3000),
        };
        for order in [[0, 1, 2, 3], [1, 0, 3, 2], [0, 1, 3, 2], [1, 0, 2, 3]] {
            let steps = [
                (0, "a.b", APPLY, BEGAN, Teller::Visit),
                (1, "a.b", APPLY, BEGAN, Teller::Output),
                (3004, "a.b", None, ENDED, Teller::Visit),
                (3005, "a.b", APPLY, took, Teller::Output),
            ];
            let operations = heard(&order.map(|at: usize| steps[at]));
            assert_eq!(ended(&operations).len(), 1, "{order:?}");
            assert!(operations.running(None).is_empty(), "{order:?}");
        }
    }

    #[test]
    fn a_creation_beside_a_destruction_is_another_work() {
        let operations = heard(&[
            (0, "a.b", APPLY, BEGAN, Teller::Visit),
            (9, "a.b", None, FAILED, Teller::Visit),
            (10, "a.b", Some(Act::Destroy), BEGAN, Teller::Visit),
            (12, "a.b", APPLY, BEGAN, Teller::Visit),
            (20, "a.b", Some(Act::Destroy), ENDED, Teller::Visit),
        ]);
        assert_eq!(operations.running(Some(Millis(112)))[0].took, Some(100));
        assert_eq!(
            ended(&operations),
            [
                ("a.b".into(), Act::Destroy, Some(10), Outcome::Done),
                ("a.b".into(), Act::Apply, Some(9), Outcome::Failed)
            ]
        );
    }

    #[test]
    fn a_log_that_begins_in_the_middle_knows_what_it_is_told() {
        let operations = heard(&[
            (
                60_000,
                "a.b",
                APPLY,
                Phase::Running { elapsed: 40_000 },
                Teller::Output,
            ),
            (
                61_000,
                "a.c",
                APPLY,
                Phase::Ended {
                    elapsed: Some(50_000),
                },
                Teller::Output,
            ),
        ]);
        assert_eq!(operations.running(None)[0].took, Some(40_000));
        assert_eq!(operations.running(None)[0].began, Some(Millis(20_000)));
        assert_eq!(ended(&operations)[0].2, Some(50_000));
    }

    #[test]
    fn a_diagnostic_ends_what_failed_without_a_word() {
        let operations = heard(&[
            (0, "a.b", Some(Act::Destroy), BEGAN, Teller::Output),
            (9, "a.b", None, FAILED, Teller::Output),
            (9, "a.c", None, FAILED, Teller::Output),
        ]);
        assert_eq!(ended(&operations).len(), 1);
        assert_eq!(operations.sums().next().unwrap().1.failed, 1);
    }

    #[test]
    fn a_new_run_finds_nothing_running() {
        let mut operations = heard(&[(0, "a.b", APPLY, BEGAN, Teller::Visit)]);
        operations.begin_run();
        assert!(operations.running(None).is_empty());
        assert_eq!(ended(&operations)[0].3, Outcome::Unfinished);
    }
}
