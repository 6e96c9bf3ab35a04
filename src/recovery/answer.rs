//! What a store said to the one try that a write gets, and what the look
//! afterwards makes of it. A lost answer is never repeated blindly: what is
//! there decides, and whatever is not ours is left alone.

use super::write::{Seen, Write};
use crate::fault::Fault;

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

/// How one write ended, judged by the answer and the look after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was there as seen, and now it is as it was to be.
    Done,
    /// Our write took effect, and somebody has changed the item since.
    DoneAndChanged(Option<Box<Seen>>),
    /// It was as it was to be before anything was sent: somebody else's doing, or our own before a crash.
    AlreadySo,
    /// Something else is there than what was shown; it was left alone.
    Changed(Option<Box<Seen>>),
    /// It is still there as it was seen.
    Unchanged { cause: String },
    /// What is there now could not be found out.
    Unknown { cause: String },
}

impl Settled {
    /// Whether the item no longer stands as it was seen, so that of this write nothing is left to do.
    ///
    /// A lock that somebody else has taken meanwhile counts as released; a
    /// change under any other write does not count as that write.
    pub fn is_as_wanted(&self, write: &Write) -> bool {
        match self {
            Self::Done | Self::DoneAndChanged(_) | Self::AlreadySo => true,
            Self::Changed(_) => write.releases(),
            Self::Unchanged { .. } | Self::Unknown { .. } => false,
        }
    }

    /// Whether our own write did it.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Done | Self::DoneAndChanged(_))
    }

    /// Whether the plan may go on to its next step.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Done | Self::AlreadySo)
    }

    /// One word for `--json` and the journal; it never changes.
    pub fn word(&self, write: &Write) -> &'static str {
        match (self, write.releases()) {
            (Self::Done, true) => "released",
            (Self::DoneAndChanged(_), true) => "released_and_taken",
            (Self::AlreadySo, true) => "already_gone",
            (Self::Unchanged { .. }, true) => "still_held",
            (Self::Done, false) => "done",
            (Self::DoneAndChanged(_), false) => "done_and_changed",
            (Self::AlreadySo, false) => "already_so",
            (Self::Unchanged { .. }, false) => "unchanged",
            (Self::Changed(_), _) => "changed",
            (Self::Unknown { .. }, _) => "unknown",
        }
    }

    /// What is there now instead, where it is known to be something else.
    pub fn instead(&self) -> Option<&Seen> {
        match self {
            Self::DoneAndChanged(there) | Self::Changed(there) => there.as_deref(),
            Self::Done | Self::AlreadySo | Self::Unchanged { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// What a look found in an item.
pub type Found = Result<Option<Seen>, Fault>;

/// Whether the item that a look found before the write still is the one that was shown.
///
/// None means that it is, and the write may be sent.
pub fn before(write: &Write, found: &Found) -> Option<Settled> {
    match found {
        Err(fault) => Some(Settled::Unknown {
            cause: fault.to_string(),
        }),
        Ok(there) if stands(write.from.as_ref(), there.as_ref()) => None,
        Ok(there) if arrived(write, there.as_ref()) => Some(Settled::AlreadySo),
        Ok(there) => Some(Settled::Changed(there.clone().map(Box::new))),
    }
}

/// Judges a write by the answer and by what the look after it found.
pub fn after(write: &Write, answer: &Answer, found: &Found) -> Settled {
    let there = match (answer, found) {
        // A definite no needs no look: nothing was changed.
        (Answer::Refused(fault), _) => {
            return Settled::Unchanged {
                cause: fault.cause.clone(),
            };
        }
        // A confirmed write stands, even where the look after it failed.
        (Answer::Done { .. }, Err(_)) => return Settled::Done,
        (Answer::ConditionFailed | Answer::Unclear { .. }, Err(fault)) => {
            return Settled::Unknown {
                cause: match answer {
                    Answer::Unclear { cause } => format!("{cause}, and then {}", fault.cause),
                    _ => fault.to_string(),
                },
            };
        }
        (_, Ok(there)) => there,
    };
    let arrived = arrived(write, there.as_ref());
    match answer {
        // One try, and the store compared: whoever made it so, it was not this send.
        Answer::ConditionFailed if arrived => Settled::AlreadySo,
        Answer::Done { .. } | Answer::Unclear { .. } if arrived => Settled::Done,
        _ if stands(write.from.as_ref(), there.as_ref()) => Settled::Unchanged {
            cause: unchanged(answer),
        },
        Answer::Done { .. } => Settled::DoneAndChanged(there.clone().map(Box::new)),
        Answer::ConditionFailed | Answer::Unclear { .. } | Answer::Refused(_) => {
            Settled::Changed(there.clone().map(Box::new))
        }
    }
}

fn unchanged(answer: &Answer) -> String {
    match answer {
        Answer::Unclear { cause } => cause.clone(),
        Answer::ConditionFailed => "the store says that the condition does not hold".to_owned(),
        Answer::Done { .. } | Answer::Refused(_) => {
            "the store confirmed it, yet the item is there unchanged".to_owned()
        }
    }
}

/// Whether what is there is what was seen.
fn stands(seen: Option<&Seen>, there: Option<&Seen>) -> bool {
    match (seen, there) {
        (None, None) => true,
        (Some(seen), Some(there)) => seen.is(there),
        _ => false,
    }
}

/// Whether what is there is what was to be.
fn arrived(write: &Write, there: Option<&Seen>) -> bool {
    there.map(|there| &there.content) == write.to.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Sighting, Store};
    use crate::recovery::write::{Content, Mark};

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

    fn release() -> Write {
        Write::release(&lock("a"))
    }

    fn held(id: &str) -> Seen {
        Seen::from(&lock(id))
    }

    fn lost() -> Answer {
        Answer::Unclear {
            cause: "no answer within 10 s".into(),
        }
    }

    fn done() -> Answer {
        Answer::Done { request_id: None }
    }

    fn dark() -> Found {
        Err(Fault::new("read", "b/k", "connection refused"))
    }

    #[test]
    fn a_lost_answer_is_judged_by_what_is_there() {
        let judged = |found| after(&release(), &lost(), &found).word(&release());
        assert_eq!(judged(Ok(None)), "released");
        assert_eq!(judged(Ok(Some(held("a")))), "still_held");
        assert_eq!(judged(Ok(Some(held("b")))), "changed");
        assert_eq!(judged(dark()), "unknown");
    }

    #[test]
    fn a_failed_condition_is_never_our_release() {
        let judged = |found| after(&release(), &Answer::ConditionFailed, &found);
        assert_eq!(judged(Ok(None)), Settled::AlreadySo);
        assert_eq!(judged(Ok(Some(held("b")))).word(&release()), "changed");
        assert_eq!(judged(Ok(Some(held("a")))).word(&release()), "still_held");
        assert!(!judged(Ok(None)).is_ours());
    }

    #[test]
    fn a_lock_taken_right_after_our_release_is_told_apart() {
        let settled = after(&release(), &done(), &Ok(Some(held("b"))));
        assert_eq!(settled.word(&release()), "released_and_taken");
        assert!(settled.is_ours());
    }

    #[test]
    fn a_confirmed_release_stands_although_the_look_after_it_failed() {
        assert_eq!(after(&release(), &done(), &dark()), Settled::Done);
    }

    #[test]
    fn only_the_lock_that_was_shown_lets_a_write_be_sent() {
        assert_eq!(before(&release(), &Ok(Some(held("a")))), None);
        let word = |found| before(&release(), &found).map(|settled| settled.word(&release()));
        assert_eq!(word(Ok(Some(held("b")))), Some("changed"));
        assert_eq!(word(Ok(None)), Some("already_gone"));
        assert_eq!(word(dark()), Some("unknown"));
    }

    #[test]
    fn a_write_that_a_crash_hid_is_found_done_and_not_sent_again() {
        let take = release().undone();
        assert_eq!(before(&take, &Ok(None)), None, "nobody holds it");
        assert_eq!(
            before(&take, &Ok(Some(held("a")))),
            Some(Settled::AlreadySo)
        );
        let word = before(&take, &Ok(Some(held("b")))).map(|settled| settled.word(&take));
        assert_eq!(word, Some("changed"));
    }

    #[test]
    fn a_state_that_is_neither_the_old_nor_the_new_one_is_somebody_elses() {
        let seen = |bytes: &[u8], etag: &str| Seen {
            content: Content::State(Mark::of(bytes)),
            etag: Some(etag.into()),
        };
        let write = Write {
            item: crate::recovery::write::Item {
                slot: crate::recovery::write::Slot::State,
                container: "b".into(),
                key: "k".into(),
            },
            from: Some(seen(b"old", "1")),
            to: Some(Content::State(Mark::of(b"new"))),
        };
        let judged = |found: Option<Seen>| after(&write, &lost(), &Ok(found)).word(&write);
        assert_eq!(judged(Some(seen(b"new", "2"))), "done");
        assert_eq!(judged(Some(seen(b"old", "1"))), "unchanged");
        assert_eq!(judged(Some(seen(b"other", "3"))), "changed");
        // The same bytes written again are another version: somebody wrote it.
        assert_eq!(judged(Some(seen(b"old", "4"))), "changed");
        assert!(!Settled::Changed(None).is_as_wanted(&write));
        assert!(Settled::Changed(None).is_as_wanted(&release()));
    }
}
