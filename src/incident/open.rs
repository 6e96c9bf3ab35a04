//! The plans that a crash or an interruption left open: what each was about
//! to do, and which of its writes may have arrived.

use super::{Entry, Event, Intent, Target};

/// A plan without an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPlan {
    pub plan: String,
    pub intent: Intent,
    pub title: String,
    /// What the resuming command names.
    pub subject: String,
    pub lock: String,
    pub targets: Vec<Target>,
    /// The SHA-256 of the file that keeps the plan; empty in a journal of before.
    pub kept: String,
    /// The targets whose delete was sent at least once.
    pub sent: Vec<Target>,
}

impl OpenPlan {
    /// Whether a delete of this target was sent, so that its absence may be our doing.
    pub fn was_sent(&self, target: &Target) -> bool {
        self.sent.contains(target)
    }
}

/// The plans of a journal that did not end, the oldest first; one for each
/// lock. One that was killed before it sent anything left nothing to go on with.
pub fn open_plans(entries: &[Entry]) -> Vec<OpenPlan> {
    let mut open: Vec<OpenPlan> = Vec::new();
    let mut left_open = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::Planned {
                plan,
                intent,
                title,
                subject,
                lock,
                targets,
                kept,
            } => {
                // A plan that continues another one inherits what that one sent.
                let same = |former: &OpenPlan| former.lock == *lock && former.intent == *intent;
                let former = open.iter().position(same);
                let former = former.map(|at| open.remove(at));
                open.push(OpenPlan {
                    plan: plan.clone(),
                    intent: *intent,
                    title: title.clone(),
                    // Journals of before named the lock alone.
                    subject: if subject.is_empty() { lock } else { subject }.clone(),
                    lock: lock.clone(),
                    kept: kept.clone(),
                    targets: merged(former.as_ref().map(|former| &former.targets), targets),
                    sent: former.map(|former| former.sent).unwrap_or_default(),
                });
            }
            Event::Sent { plan, target, .. } => {
                let sender = open.iter_mut().find(|open| open.plan == *plan);
                if let Some(sender) = sender {
                    sender.sent.push(target.clone());
                }
            }
            Event::Finished { plan, outcome } if outcome != "open" => {
                open.retain(|open| open.plan != *plan);
            }
            Event::Finished { plan, .. } => left_open.push(plan.clone()),
            _ => {}
        }
    }
    open.retain(|open| !open.sent.is_empty() || left_open.contains(&open.plan));
    open
}

/// Who goes on with an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// Whoever has this journal.
    Here,
    /// Whoever has the file that it was packed into.
    HandedOver,
}

/// Who goes on with the incident of this journal.
pub fn custody(entries: &[Entry]) -> Custody {
    let last = entries.iter().rev().find_map(|entry| match entry.event {
        Event::HandedOver => Some(Custody::HandedOver),
        Event::Received => Some(Custody::Here),
        _ => None,
    });
    last.unwrap_or(Custody::Here)
}

/// The ids of the locks that plans of a journal took, whether or not they are held still.
pub fn taken_locks(entries: &[Entry]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for entry in entries {
        if let Event::Planned {
            intent: Intent::Freeze | Intent::TakeOver,
            lock,
            ..
        } = &entry.event
            && !taken.contains(lock)
        {
            taken.push(lock.clone());
        }
    }
    taken
}

fn merged(former: Option<&Vec<Target>>, targets: &[Target]) -> Vec<Target> {
    let mut merged = former.cloned().unwrap_or_default();
    for target in targets {
        if !merged.contains(target) {
            merged.push(target.clone());
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::incident::Author;
    use crate::lock::Store;

    fn target(store: Store) -> Target {
        Target {
            store,
            container: "c".into(),
            key: "k".into(),
            sha256: "aa".into(),
        }
    }

    fn planned(plan: &str) -> Event {
        Event::Planned {
            plan: plan.into(),
            intent: Intent::Release,
            title: "release the lock a1".into(),
            subject: "a1".into(),
            lock: "a1".into(),
            targets: vec![target(Store::S3), target(Store::DynamoDb)],
            kept: String::new(),
        }
    }

    fn sent(plan: &str, store: Store) -> Event {
        Event::Sent {
            plan: plan.into(),
            step: 1,
            operation: "delete_lock".into(),
            target: target(store),
        }
    }

    fn finished(plan: &str, outcome: &str) -> Event {
        Event::Finished {
            plan: plan.into(),
            outcome: outcome.into(),
        }
    }

    fn open(events: Vec<Event>) -> Vec<OpenPlan> {
        let entries: Vec<_> = (0..)
            .zip(events)
            .map(|(seq, event)| Entry {
                seq,
                at: Timestamp::UNIX_EPOCH,
                event,
                author: Author {
                    caller: "a".into(),
                    user: "a@h".into(),
                    tfsos: "0".into(),
                },
                request_id: None,
            })
            .collect();
        open_plans(&entries)
    }

    #[test]
    fn a_plan_without_an_end_is_open_and_knows_what_it_sent() {
        let plan = &open(vec![planned("p1"), sent("p1", Store::S3)])[0];
        assert!(plan.was_sent(&target(Store::S3)));
        assert!(!plan.was_sent(&target(Store::DynamoDb)));
    }

    #[test]
    fn a_plan_that_was_killed_before_it_sent_anything_left_nothing_open() {
        assert_eq!(open(vec![planned("p1")]), []);
    }

    #[test]
    fn a_finished_plan_is_not_open_and_one_left_open_is() {
        assert_eq!(open(vec![planned("p1"), finished("p1", "done")]), []);
        assert_eq!(open(vec![planned("p1"), finished("p1", "open")]).len(), 1);
    }

    #[test]
    fn a_plan_that_continues_another_knows_what_that_one_sent() {
        let events = vec![planned("p1"), sent("p1", Store::S3), planned("p2")];
        let plans = open(events);
        assert_eq!(plans.len(), 1);
        let plan = &plans[0];
        assert_eq!((plan.plan.as_str(), plan.targets.len()), ("p2", 2));
        assert!(plan.was_sent(&target(Store::S3)));
    }
}
