//! The ten minutes after a write of ours. A release or a take-over does not
//! stop the former holder, and its last write has no condition: what stands
//! now is compared with what our last plan wrote.

use jiff::{SignedDuration, Timestamp};

use super::write::{Content, Slot, Write};
use crate::lock::{Body, Holder, Survey};

/// How long after a write of ours another one is taken for the former holder's.
pub const WATCHED: SignedDuration = SignedDuration::from_mins(10);

/// After how many seconds the console looks again: often at first, and never after the end.
pub const LOOKS: [i64; 8] = [15, 30, 60, 120, 180, 300, 420, 600];

/// The last plan that was done here, with what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub title: String,
    pub at: Timestamp,
    pub writes: Vec<Write>,
}

/// What stands at the place now.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub now: Timestamp,
    /// The MD5 of the state; none where there is none.
    pub state: Option<&'a str>,
    /// When the store wrote the state.
    pub written: Option<Timestamp>,
    pub survey: &'a Survey,
}

/// What somebody else did after us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intrusion {
    /// The state that we wrote was overwritten or deleted.
    State { written: Option<Timestamp> },
    /// The digest is not the one that we wrote, and the state is.
    Digest { stored: Option<String> },
    /// The lock that we let go of or took over is held again, under its own id.
    Lock { id: String },
}

impl Deed {
    /// What was done after it by somebody else, as far as that shows.
    pub fn intrusions(&self, scene: &Scene<'_>) -> Vec<Intrusion> {
        let mut found: Vec<_> = self.of_state(scene).into_iter().collect();
        if found.is_empty() && self.is_fresh(scene.now) {
            found.extend(self.of_digest(scene));
        }
        found.extend(self.of_locks(scene));
        found
    }

    /// Whether it was done so lately that the former holder may still be at its end.
    fn is_fresh(&self, at: Timestamp) -> bool {
        at.duration_since(self.at) <= WATCHED
    }

    fn of_state(&self, scene: &Scene<'_>) -> Option<Intrusion> {
        let ours = self.writes.iter().find_map(|write| match &write.to {
            Some(Content::State(mark)) => Some(mark.md5.as_str()),
            _ => None,
        })?;
        // A write is dated by the store, however late it is looked at.
        let fresh = self.is_fresh(scene.written.unwrap_or(scene.now));
        (fresh && scene.state != Some(ours)).then_some(Intrusion::State {
            written: scene.written,
        })
    }

    fn of_digest(&self, scene: &Scene<'_>) -> Option<Intrusion> {
        let write = self
            .writes
            .iter()
            .find(|write| write.item.slot == Slot::DigestRow)?;
        let ours = match &write.to {
            Some(Content::Digest(digest)) => Some(digest.as_str()),
            _ => None,
        };
        let stored = scene.survey.digest.as_ref()?.as_ref().ok()?;
        let stored = stored.as_ref().map(|digest| digest.stored.as_str());
        // A run that wrote both its state and its digest is an ordinary one.
        let of_state = stored.is_some() && stored == scene.state;
        (stored != ours && !of_state).then(|| Intrusion::Digest {
            stored: stored.map(str::to_owned),
        })
    }

    fn of_locks(&self, scene: &Scene<'_>) -> Option<Intrusion> {
        let former = self.writes.iter().filter_map(|write| {
            let Content::Lock(Body::Bytes(body)) = &write.from.as_ref()?.content else {
                return None;
            };
            Some(Holder::read(body)?.id)
        });
        // What the plan itself took again is held by its own doing.
        let taken = |id: &String| {
            self.writes.iter().any(|write| match &write.to {
                Some(Content::Lock(Body::Bytes(body))) => {
                    Holder::read(body).is_some_and(|holder| holder.id == *id)
                }
                _ => false,
            })
        };
        let held: Vec<_> = scene
            .survey
            .held()
            .filter_map(crate::lock::Sighting::id)
            .collect();
        former
            .filter(|id| !taken(id))
            .find(|id| held.contains(id))
            .map(|id| Intrusion::Lock { id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Digest, Look, Sighting, Store};
    use crate::recovery::write::{Item, Mark, Seen};

    fn minute(count: i64) -> Timestamp {
        Timestamp::from_second(count * 60).unwrap()
    }

    fn item(slot: Slot) -> Item {
        Item {
            slot,
            container: "c".into(),
            key: "k".into(),
        }
    }

    fn lock(id: &str) -> Content {
        Content::Lock(Body::Bytes(format!(r#"{{"ID":"{id}"}}"#).into_bytes()))
    }

    fn seen(content: Content) -> Seen {
        Seen {
            content,
            etag: None,
        }
    }

    /// A restore under a lock that was taken over, done in the first minute.
    fn deed() -> Deed {
        let write = |slot, from, to| Write {
            item: item(slot),
            from,
            to,
        };
        let mark = Mark::of(b"ours");
        Deed {
            title: "restore".into(),
            at: minute(1),
            writes: vec![
                write(Slot::LockRow, Some(seen(lock("a"))), Some(lock("own"))),
                write(Slot::State, None, Some(Content::State(mark.clone()))),
                write(Slot::DigestRow, None, Some(Content::Digest(mark.md5))),
                write(Slot::LockRow, Some(seen(lock("own"))), None),
            ],
        }
    }

    fn survey(digest: &str, held: Option<&str>) -> Survey {
        let found = held.map(|id| Sighting {
            store: Store::DynamoDb,
            container: "c".into(),
            key: "k".into(),
            body: Body::Bytes(format!(r#"{{"ID":"{id}"}}"#).into_bytes()),
            etag: None,
            modified: None,
        });
        Survey {
            stores: vec![Look {
                store: Store::DynamoDb,
                container: "c".into(),
                key: "k".into(),
                found: Ok(found),
            }],
            digest: Some(Ok(Some(Digest {
                table: "c".into(),
                key: "k".into(),
                stored: digest.into(),
            }))),
        }
    }

    fn found(state: &[u8], written: i64, digest: &[u8], held: Option<&str>) -> Vec<Intrusion> {
        let md5 = Mark::of(state).md5;
        let survey = survey(&Mark::of(digest).md5, held);
        deed().intrusions(&Scene {
            now: minute(60),
            state: Some(&md5),
            written: Some(minute(written)),
            survey: &survey,
        })
    }

    #[test]
    fn what_stands_as_we_wrote_it_is_nobody_elses() {
        assert_eq!(found(b"ours", 1, b"ours", None), []);
        assert_eq!(found(b"ours", 1, b"ours", Some("b")), []);
    }

    #[test]
    fn a_state_written_within_ten_minutes_is_the_former_holders() {
        let theirs = |written| found(b"theirs", written, b"theirs", None);
        assert!(matches!(theirs(11)[..], [Intrusion::State { .. }]));
        assert_eq!(theirs(12), [], "an apply of later is an ordinary one");
    }

    #[test]
    fn the_lock_that_we_took_over_is_known_when_it_comes_back() {
        let back = found(b"ours", 1, b"ours", Some("a"));
        assert_eq!(back, [Intrusion::Lock { id: "a".into() }]);
        let own = found(b"ours", 1, b"ours", Some("own"));
        assert_eq!(own, [], "our own lock is no intrusion");
    }

    #[test]
    fn a_digest_alone_counts_only_while_we_watch() {
        let md5 = Mark::of(b"ours").md5;
        let survey = survey("theirs", None);
        let at = |now| {
            deed().intrusions(&Scene {
                now,
                state: Some(&md5),
                written: Some(minute(1)),
                survey: &survey,
            })
        };
        assert!(matches!(at(minute(5))[..], [Intrusion::Digest { .. }]));
        assert_eq!(at(minute(30)), []);
    }
}
