//! The locks that the console looks at again and again: one that is gone at
//! the next look was let go by its holder, and where an incident is open its
//! journal keeps how long it was held. A look alone begins no incident.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::here;
use super::incidents::{self, Incidents};
use super::remote::Remote;
use crate::incident::{Author, Event};
use crate::lock::errand::is_ours;
use crate::lock::{Holder, Survey};
use crate::place::{Environment, Place};

/// Between looks that lie further apart nobody knows when a lock ended.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// Of more places at a time the one that was looked at first is forgotten.
const PLACES: usize = 64;

/// What was held at the last look, by place.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Vec<(String, Held)>>);

/// What one look saw.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    at: Timestamp,
    /// With the hash of the body.
    locks: Vec<(Holder, String)>,
}

impl Held {
    /// None where not every store could be looked at.
    fn of(survey: &Survey, at: Timestamp) -> Option<Self> {
        if survey.unseen().next().is_some() {
            return None;
        }
        let held = survey.held();
        let locks = held.filter_map(|seen| Some((seen.holder()?, seen.body.sha256())));
        Some(Self {
            at,
            locks: locks.collect(),
        })
    }

    /// What has ended since: held then and in no store any more.
    fn ended(&self, now: &Self) -> Vec<Event> {
        if now.at.duration_since(self.at) > APART {
            return Vec::new();
        }
        let mut ended: Vec<Event> = Vec::new();
        for (at, (holder, sha256)) in self.locks.iter().enumerate() {
            let same = |(other, _): &(Holder, String)| other.id == holder.id;
            let told = self.locks[..at].iter().any(same);
            if told || holder.id.is_empty() || is_ours(holder) || now.locks.iter().any(same) {
                continue;
            }
            let Some(created) = holder.created_at() else {
                continue;
            };
            ended.push(Event::LockEnded {
                lock: holder.id.clone(),
                operation: holder.operation.clone(),
                who: holder.who.clone(),
                created,
                gone: now.at,
                sha256: sha256.clone(),
            });
        }
        ended
    }
}

impl Watch {
    /// Takes note of a look; what has ended since the one before is told to the journal.
    pub async fn saw(
        &self,
        (place, remote): (&Place, &Remote),
        environment: &Environment,
        (survey, now): (&Survey, Timestamp),
    ) {
        let Some(held) = Held::of(survey, now) else {
            return;
        };
        let identity = incidents::identity(place);
        let ended = self.since(&identity, held);
        if ended.is_empty() {
            return;
        }
        // What could not be written down is only not known later.
        let (Ok(incidents), Ok(caller)) = (Incidents::of(environment), remote.caller().await)
        else {
            return;
        };
        for event in ended {
            let author = Author {
                caller: caller.arn.clone(),
                user: here::who(),
                tfsos: env!("CARGO_PKG_VERSION").to_owned(),
            };
            let _ = incidents.note_end(&identity, event, (author, now)).await;
        }
    }

    fn since(&self, identity: &str, held: Held) -> Vec<Event> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = places.iter().position(|(place, _)| place == identity);
        let before = before.map(|at| places.remove(at).1);
        let ended = before.map_or_else(Vec::new, |before| before.ended(&held));
        if places.len() >= PLACES {
            places.remove(0);
        }
        places.push((identity.to_owned(), held));
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Target;
    use crate::io::stage::{enter, incidents, note};
    use crate::lock::Store;
    use crate::lock::habit::Source;

    fn holder(id: &str) -> Holder {
        Holder {
            id: id.into(),
            operation: "OperationTypeApply".into(),
            who: "ci@runner".into(),
            created: "2026-01-02T03:04:05.6Z".into(),
            ..Holder::default()
        }
    }

    fn held(minute: i64, ids: &[&str]) -> Held {
        let locks = ids.iter().map(|id| (holder(id), format!("hash of {id}")));
        Held {
            at: "2026-01-02T03:10:00Z".parse::<Timestamp>().unwrap()
                + SignedDuration::from_mins(minute),
            locks: locks.collect(),
        }
    }

    fn ids(ended: &[Event]) -> Vec<&str> {
        let ids = ended.iter().map(|event| match event {
            Event::LockEnded { lock, .. } => lock.as_str(),
            other => panic!("no end of a lock: {other:?}"),
        });
        ids.collect()
    }

    #[test]
    fn a_lock_that_is_gone_at_the_next_look_has_ended_once() {
        let watch = Watch::default();
        assert!(watch.since("p", held(0, &["a", "a", "b"])).is_empty());
        assert_eq!(ids(&watch.since("p", held(1, &["b"]))), ["a"]);
        assert!(watch.since("p", held(2, &["b"])).is_empty());
        assert!(watch.since("q", held(2, &[])).is_empty(), "another place");
        assert_eq!(ids(&watch.since("p", held(3, &["c"]))), ["b"]);
        let late = watch.since("p", held(30, &[]));
        assert!(late.is_empty(), "nobody knows when it ended");
    }

    #[test]
    fn what_tfsos_held_or_what_does_not_say_its_beginning_is_not_told() {
        let mut before = held(0, &["a", "b", ""]);
        before.locks[0].0.created = String::new();
        before.locks[1].0.operation = "tfsos".into();
        before.locks[1].0.info = "tfsos freeze".into();
        assert!(before.ended(&held(1, &[])).is_empty());
    }

    #[tokio::test]
    async fn an_open_incident_keeps_it_and_none_is_begun_for_it() {
        let (_folder, incidents) = incidents();
        let ended = || held(0, &["a"]).ended(&held(1, &[])).remove(0);
        let journal = enter(&incidents).await;
        let read = incidents.read(journal.id()).await.unwrap().unwrap();
        let Event::Opened { place, .. } = &read.entries[0].event else {
            panic!("it begins with its opening");
        };
        let author = read.entries[0].author.clone();
        let who = || (author.clone(), Timestamp::UNIX_EPOCH);
        journal.write(note("x"), None).await.unwrap();
        let noted = incidents.note_end(place, ended(), who()).await.unwrap();
        assert_eq!(noted.as_ref(), Some(journal.id()));
        let elsewhere = incidents.note_end("elsewhere", ended(), who()).await;
        assert_eq!(elsewhere.unwrap(), None);
        // What a plan of the incident ended did not end by itself.
        let released = Event::Sent {
            plan: "p".into(),
            step: 1,
            operation: "delete_lock".into(),
            target: Target {
                store: Store::DynamoDb,
                container: "t".into(),
                key: "k".into(),
                sha256: "hash of b".into(),
            },
        };
        journal.write(released, None).await.unwrap();
        let other = held(0, &["b"]).ended(&held(1, &[])).remove(0);
        assert_eq!(incidents.note_end(place, other, who()).await.unwrap(), None);
        assert_eq!(incidents.list().await.unwrap().len(), 1);
        // The one that was entered before writes on behind it, and a closed one tells it, too.
        journal.write(Event::Closed, None).await.unwrap();
        let read = incidents.read(journal.id()).await.unwrap().unwrap();
        assert_eq!((read.broken, read.entries.len()), (None, 5));
        let told = incidents.former_locks(place).await.unwrap();
        assert_eq!(told.holds.len(), 1);
        let hold = &told.holds[0];
        assert_eq!(
            (hold.source, hold.lasted().as_secs()),
            (Source::Journal, 414)
        );
    }
}
