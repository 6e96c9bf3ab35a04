//! The locks under which a state is put back: taken where nobody holds one,
//! taken over where that was asked for, and only insisted on where they are
//! already ours, by a freeze or a take-over of this incident.

use super::{Refusal, Request, lock_name};
use crate::lock::{Errand, Sighting, Survey};
use crate::place::Backend;
use crate::recovery::write::{Item, Slot};

/// One store as the plan finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    Free(Item),
    /// Somebody else's, to be taken over.
    Theirs(Item, Sighting),
    /// Ours already: it is not taken, and not let go at the end.
    Ours(Item, Sighting),
}

impl Hold {
    /// What is taken over.
    pub fn theirs(&self) -> Option<&Sighting> {
        match self {
            Self::Theirs(_, seen) => Some(seen),
            Self::Free(_) | Self::Ours(..) => None,
        }
    }

    /// What is ours already.
    pub fn ours(&self) -> Option<(&Item, &Sighting)> {
        match self {
            Self::Ours(item, seen) => Some((item, seen)),
            Self::Free(_) | Self::Theirs(..) => None,
        }
    }

    /// What has to be taken, and what stands there.
    pub fn to_take(&self) -> Option<(&Item, Option<&Sighting>)> {
        match self {
            Self::Free(item) => Some((item, None)),
            Self::Theirs(item, seen) => Some((item, Some(seen))),
            Self::Ours(..) => None,
        }
    }
}

/// Each configured store, or why the plan may not go on under what is held there.
pub fn of(request: &Request<'_>) -> Result<Vec<Hold>, Refusal> {
    let standing = request.standing;
    let survey = &standing.survey;
    let theirs: Vec<&Sighting> = survey.held().filter(|seen| !standing.holds(seen)).collect();
    let names: Vec<String> = theirs.iter().map(|seen| lock_name(seen)).collect();
    if let Backend::Local(_) = request.place.backend {
        // The write itself takes the lock that a process would hold: none is left behind.
        return theirs.first().map_or(Ok(Vec::new()), |seen| {
            let holder = seen.holder().unwrap_or_default();
            Err(Refusal::Running { who: holder.who })
        });
    }
    match (request.take_over, names.first()) {
        (None, Some(lock)) => {
            let holder = theirs[0].holder().unwrap_or_default();
            return Err(Refusal::Held {
                lock: lock.clone(),
                errand: Errand::of(&holder).map(Box::new),
                who: Some(holder.who)
                    .filter(|who| !who.is_empty())
                    .unwrap_or_else(|| "somebody".into()),
            });
        }
        (Some(wanted), _) if theirs.is_empty() || names.iter().any(|name| name != wanted) => {
            return Err(Refusal::AnotherLock {
                wanted: wanted.to_owned(),
                held: names,
            });
        }
        _ => {}
    }
    Ok(items(survey)
        .map(|(item, held)| match held {
            None => Hold::Free(item),
            Some(seen) if standing.holds(&seen) => Hold::Ours(item, seen),
            Some(seen) => Hold::Theirs(item, seen),
        })
        .collect())
}

/// The lock item of each configured store, with what is held in it.
pub fn items(survey: &Survey) -> impl Iterator<Item = (Item, Option<Sighting>)> {
    survey.stores.iter().map(|look| {
        let item = Item {
            slot: Slot::of_lock(look.store),
            container: look.container.clone(),
            key: look.key.clone(),
        };
        (item, look.found.as_ref().ok().cloned().flatten())
    })
}
