//! The states of a bucket as they were read for the question before: while a
//! question is typed, each letter asks all of them again, and none of them is
//! fetched twice, or searched that had no answer to the shorter question.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use crate::analysis::fleet::Object;
use crate::place::Place;
use crate::state::narrows;

/// How many bytes of bodies are kept between two letters; what comes later is fetched again.
const KEPT: usize = 128 << 20;

/// What is known of the states from question to question. Nothing of it
/// outlives the search: it is let go when a person leaves.
#[derive(Debug, Default)]
pub struct Ground(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    place: Arc<Place>,
    prefix: String,
    listed: Listed,
    bodies: HashMap<String, Arc<[u8]>>,
    held: usize,
    /// The question that was asked last, and the states that had no answer to it.
    asked: String,
    silent: HashSet<String>,
}

/// The states that lie there.
#[derive(Debug, Clone)]
pub struct Listed {
    pub states: Arc<[Object]>,
    /// Whether there are more than were listed.
    pub more: bool,
}

impl Ground {
    /// The states there, if they were listed for a question before this one, of
    /// which those are known to be silent that have no answer to a shorter one.
    pub fn walk(&self, place: &Arc<Place>, prefix: &str, question: &str) -> Option<Listed> {
        let mut known = self.0.lock().ok()?;
        let known = known
            .as_mut()
            .filter(|known| known.place == *place && known.prefix == prefix)?;
        if !narrows(&known.asked, question) {
            known.silent.clear();
        }
        question.clone_into(&mut known.asked);
        Some(known.listed.clone())
    }

    /// Begins anew with the states that were listed for a question.
    pub fn found(&self, place: &Arc<Place>, prefix: &str, question: &str, listed: Listed) {
        if let Ok(mut known) = self.0.lock() {
            *known = Some(Known {
                place: Arc::clone(place),
                prefix: prefix.to_owned(),
                listed,
                bodies: HashMap::new(),
                held: 0,
                asked: question.to_owned(),
                silent: HashSet::new(),
            });
        }
    }

    /// Lets go of all of it.
    pub fn leave(&self) {
        if let Ok(mut known) = self.0.lock() {
            *known = None;
        }
    }

    /// Whether a state had no answer to what this question continues.
    pub fn is_silent(&self, key: &str) -> bool {
        self.0.lock().is_ok_and(|known| {
            known
                .as_ref()
                .is_some_and(|known| known.silent.contains(key))
        })
    }

    /// Notes that a state has no answer; an older question that is told late counts nothing.
    pub fn silence(&self, key: &str, question: &str) {
        if let Ok(mut known) = self.0.lock()
            && let Some(known) = known.as_mut().filter(|known| known.asked == question)
        {
            known.silent.insert(key.to_owned());
        }
    }

    pub fn body(&self, key: &str) -> Option<Arc<[u8]>> {
        let known = self.0.lock().ok()?;
        known.as_ref()?.bodies.get(key).cloned()
    }

    /// Keeps a body while there is room.
    pub fn keep(&self, place: &Arc<Place>, key: &str, body: &Arc<[u8]>) {
        if let Ok(mut known) = self.0.lock()
            && let Some(known) = known.as_mut().filter(|known| known.place == *place)
            && known.held + body.len() <= KEPT
            && known
                .bodies
                .insert(key.to_owned(), Arc::clone(body))
                .is_none()
        {
            known.held += body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::place::{Backend, Origin, S3};

    fn place(bucket: &str) -> Arc<Place> {
        Arc::new(Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::new(S3 {
                bucket: bucket.into(),
                ..S3::default()
            })),
            origin: Origin::Cache { path: "x".into() },
            divergences: Vec::new(),
        })
    }

    fn listed(keys: &[&str]) -> Listed {
        let object = |key: &&str| Object {
            key: (*key).to_owned(),
            modified: Timestamp::UNIX_EPOCH,
            size: 3,
            etag: None,
        };
        Listed {
            states: keys.iter().map(object).collect(),
            more: false,
        }
    }

    #[test]
    fn a_longer_question_leaves_out_what_did_not_answer_the_shorter_one() {
        let (ground, place) = (Ground::default(), place("tfb"));
        assert!(
            ground.walk(&place, "", "vpc").is_none(),
            "nothing is listed yet"
        );
        ground.found(&place, "", "vpc", listed(&["app", "net"]));
        ground.keep(&place, "app", &Arc::from(*b"{ }"));
        ground.silence("app", "vpc");
        let again = ground.walk(&place, "", "vpc-0a").unwrap();
        assert_eq!(again.states.len(), 2);
        assert!(ground.is_silent("app") && !ground.is_silent("net"));
        ground.silence("net", "vpc");
        assert!(
            !ground.is_silent("net"),
            "that was told of an older question"
        );
        ground.walk(&place, "", "db");
        assert!(
            !ground.is_silent("app"),
            "another question may have an answer"
        );
        assert_eq!(ground.body("app").as_deref(), Some(&b"{ }"[..]));
    }

    #[test]
    fn nothing_is_kept_of_another_place_or_prefix_or_once_it_was_left() {
        let (ground, here) = (Ground::default(), place("tfb"));
        ground.found(&here, "prod/", "vpc", listed(&["prod/app"]));
        assert!(ground.walk(&here, "", "vpc").is_none());
        assert!(ground.walk(&place("other"), "prod/", "vpc").is_none());
        ground.keep(&place("other"), "prod/app", &Arc::from(*b"{ }"));
        assert_eq!(ground.body("prod/app"), None);
        ground.leave();
        assert!(ground.walk(&here, "prod/", "vpc").is_none());
    }

    #[test]
    fn bodies_are_kept_up_to_a_bound() {
        let (ground, place) = (Ground::default(), place("tfb"));
        ground.found(&place, "", "vpc", listed(&["a", "b", "c"]));
        let large: Arc<[u8]> = vec![b' '; KEPT / 2 + 1].into();
        for key in ["a", "b"] {
            ground.keep(&place, key, &large);
        }
        assert!(ground.body("a").is_some() && ground.body("b").is_none());
    }
}
