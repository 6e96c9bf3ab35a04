//! What a store said to the one try that a write gets, and what the look
//! afterwards makes of it. A lost answer is never repeated blindly: what is
//! there decides, and whatever is not ours is left alone.

use crate::fault::Fault;
use crate::lock::Sighting;

/// The answer to one conditional write. Anything that leaves doubt is
/// `Unclear`, never `Refused`: the caller looks again and judges by what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The store confirmed it.
    Done {
        /// AWS's id of the request, for the journal.
        request_id: Option<String>,
    },
    /// The store compared the condition and found something else.
    ConditionFailed,
    /// A timeout, a 5xx, a 409, a connection that broke: it may have happened.
    Unclear { cause: String },
    /// A definite no: nothing was changed.
    Refused(Fault),
}

impl Answer {
    /// The answer in a word, for the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::ConditionFailed => "condition failed",
            Self::Unclear { .. } => "unclear",
            Self::Refused(_) => "refused",
        }
    }
}

/// How the release of one lock item ended, judged by the answer and the look after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was there as seen, and now it is gone.
    Released,
    /// It is gone, and somebody has taken a lock of their own since.
    ReleasedAndTaken(Box<Sighting>),
    /// It was gone already: somebody else released it.
    AlreadyGone,
    /// Another lock is there than the one that was shown; it was left alone.
    Changed(Box<Sighting>),
    /// It is still there as it was seen.
    StillHeld { cause: String },
    /// Whether it is still there could not be found out.
    Unknown { cause: String },
}

impl Settled {
    /// Whether this store no longer holds the lock that was to be released.
    pub fn is_free_of_it(&self) -> bool {
        !matches!(self, Self::StillHeld { .. } | Self::Unknown { .. })
    }

    /// Whether our own write did it.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Released | Self::ReleasedAndTaken(_))
    }

    /// One word for `--json` and the journal; it never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::ReleasedAndTaken(_) => "released_and_taken",
            Self::AlreadyGone => "already_gone",
            Self::Changed(_) => "changed",
            Self::StillHeld { .. } => "still_held",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// Whether the item that a look found before the write still is the one that was shown.
///
/// None means that it is, and the write may be sent.
pub fn before(seen: &Sighting, found: &Result<Option<Sighting>, Fault>) -> Option<Settled> {
    match found {
        Err(fault) => Some(Settled::Unknown {
            cause: fault.to_string(),
        }),
        Ok(None) => Some(Settled::AlreadyGone),
        Ok(Some(there)) if same(seen, there) => None,
        Ok(Some(there)) => Some(Settled::Changed(Box::new(there.clone()))),
    }
}

/// Judges a delete by the answer and by what the look after it found.
pub fn after(seen: &Sighting, answer: &Answer, found: &Result<Option<Sighting>, Fault>) -> Settled {
    match (answer, found) {
        // A definite no needs no look: nothing was changed.
        (Answer::Refused(fault), _) => Settled::StillHeld {
            cause: fault.cause.clone(),
        },
        // A confirmed release stands, even where the look after it failed.
        (Answer::Unclear { .. }, Ok(None)) | (Answer::Done { .. }, Ok(None) | Err(_)) => {
            Settled::Released
        }
        // One try, and the store compared: whoever removed it, it was not us.
        (Answer::ConditionFailed, Ok(None)) => Settled::AlreadyGone,
        (_, Ok(Some(there))) if same(seen, there) => Settled::StillHeld {
            cause: unchanged(answer),
        },
        (Answer::Done { .. }, Ok(Some(there))) => {
            Settled::ReleasedAndTaken(Box::new(there.clone()))
        }
        (_, Ok(Some(there))) => Settled::Changed(Box::new(there.clone())),
        (Answer::ConditionFailed | Answer::Unclear { .. }, Err(fault)) => Settled::Unknown {
            cause: match answer {
                Answer::Unclear { cause } => format!("{cause}, and then {}", fault.cause),
                _ => fault.to_string(),
            },
        },
    }
}

fn unchanged(answer: &Answer) -> String {
    match answer {
        Answer::Unclear { cause } => cause.clone(),
        Answer::ConditionFailed => "the store says that the condition does not hold".to_owned(),
        Answer::Done { .. } | Answer::Refused(_) => {
            "the store confirmed the release, yet the lock is there unchanged".to_owned()
        }
    }
}

/// Whether two looks saw the same lock: the same raw body, and in S3 the same object.
pub fn same(seen: &Sighting, there: &Sighting) -> bool {
    let object = seen.etag.is_none() || there.etag.is_none() || seen.etag == there.etag;
    seen.store == there.store && seen.body == there.body && object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Store};

    fn lock(id: &str) -> Sighting {
        Sighting {
            store: Store::DynamoDb,
            container: "tf-locks".into(),
            key: "b/k".into(),
            body: Body::Bytes(format!(r#"{{"ID":"{id}"}}"#).into_bytes()),
            etag: None,
            modified: None,
        }
    }

    fn lost() -> Answer {
        Answer::Unclear {
            cause: "no answer within 10 s".into(),
        }
    }

    fn done() -> Answer {
        Answer::Done { request_id: None }
    }

    fn dark() -> Result<Option<Sighting>, Fault> {
        Err(Fault::new("read", "b/k", "connection refused"))
    }

    #[test]
    fn a_lost_answer_is_judged_by_what_is_there() {
        let judged = |found| after(&lock("a"), &lost(), &found).word();
        assert_eq!(judged(Ok(None)), "released");
        assert_eq!(judged(Ok(Some(lock("a")))), "still_held");
        assert_eq!(judged(Ok(Some(lock("b")))), "changed");
        assert_eq!(judged(dark()), "unknown");
    }

    #[test]
    fn a_failed_condition_is_never_our_release() {
        let judged = |found| after(&lock("a"), &Answer::ConditionFailed, &found);
        assert_eq!(judged(Ok(None)), Settled::AlreadyGone);
        assert_eq!(judged(Ok(Some(lock("b")))).word(), "changed");
        assert_eq!(judged(Ok(Some(lock("a")))).word(), "still_held");
        assert!(!judged(Ok(None)).is_ours());
    }

    #[test]
    fn a_lock_taken_right_after_our_release_is_told_apart() {
        let settled = after(&lock("a"), &done(), &Ok(Some(lock("b"))));
        assert_eq!(settled.word(), "released_and_taken");
        assert!(settled.is_ours());
    }

    #[test]
    fn a_confirmed_release_stands_although_the_look_after_it_failed() {
        assert_eq!(after(&lock("a"), &done(), &dark()), Settled::Released);
    }

    #[test]
    fn only_the_lock_that_was_shown_lets_a_write_be_sent() {
        assert_eq!(before(&lock("a"), &Ok(Some(lock("a")))), None);
        let word = |found| before(&lock("a"), &found).map(|settled| settled.word());
        assert_eq!(word(Ok(Some(lock("b")))), Some("changed"));
        assert_eq!(word(Ok(None)), Some("already_gone"));
        assert_eq!(word(dark()), Some("unknown"));
    }

    #[test]
    fn the_same_bytes_in_another_object_are_another_lock() {
        let mut old = lock("a");
        old.store = Store::S3;
        old.etag = Some("\"1\"".into());
        let mut new = old.clone();
        new.etag = Some("\"2\"".into());
        assert!(!same(&old, &new));
    }
}
