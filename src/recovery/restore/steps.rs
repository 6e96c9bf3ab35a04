//! The steps of a restore in their order: what is kept, what is taken, the one
//! write of the state, its digest, and what is let go.

use super::{Hold, Request, digest, digest_item};
use crate::incident::Intent;
use crate::lock::errand::Purpose;
use crate::lock::{Body, Sighting};
use crate::recovery::confirm::Demand;
use crate::recovery::own_lock::resuming;
use crate::recovery::plan::{Operation, Step};
use crate::recovery::write::{Content, Item, Mark, Seen, Write};

/// The steps, under a lock that tells in which of how many it was taken.
pub(super) fn of(
    request: &Request<'_>,
    locks: &[Hold],
    state: (&Item, Option<&Seen>),
    (mark, title, demands): (&Mark, &str, &[Demand]),
) -> Vec<Step> {
    let under = |step: String| {
        request.own.body(
            request.place,
            Purpose::Restore,
            (step, title.to_owned()),
            resuming(Intent::Restore, &request.candidate.exact(), demands),
        )
    };
    let bare = steps_under(request, locks, state, (mark, under(String::new())));
    let taken = bare
        .iter()
        .position(|step| step.operation.word().starts_with("take"));
    let step = taken.map_or(0, |at| at + 1);
    let body = under(format!("{step} of {}", bare.len()));
    steps_under(request, locks, state, (mark, body))
}

fn steps_under(
    request: &Request<'_>,
    locks: &[Hold],
    (state, present): (&Item, Option<&Seen>),
    (mark, body): (&Mark, Body),
) -> Vec<Step> {
    let place = request.place;
    let written = |write: Write| Step::writing(place, write);
    let body = Content::Lock(body);
    let theirs: Vec<Sighting> = locks.iter().filter_map(Hold::theirs).cloned().collect();
    let mut steps = vec![Step::quiet(
        Operation::SaveCandidate(mark.clone()),
        "into the incident folder",
    )];
    if !theirs.is_empty() {
        steps.push(Step::quiet(
            Operation::SaveLocks(theirs),
            "into the incident folder",
        ));
    }
    steps.extend(insisted(locks.iter().filter_map(Hold::ours)));
    steps.extend(locks.iter().filter_map(Hold::to_take).map(|(item, held)| {
        written(Write {
            item: item.clone(),
            from: held.map(Seen::from),
            to: Some(body.clone()),
        })
    }));
    steps.push(Step::quiet(
        Operation::SaveState {
            item: state.clone(),
            seen: present.cloned(),
            next: mark.clone(),
        },
        "goes on only if it is still what was seen",
    ));
    if let (Some(path), Some(Content::State(mark))) =
        (request.second_copy, present.map(|seen| &seen.content))
    {
        let (mark, path) = (mark.clone(), path.to_owned());
        steps.push(Step::quiet(
            Operation::SaveCopy { mark, path },
            "read back and compared before anything is overwritten",
        ));
    }
    steps.push(written(Write {
        item: state.clone(),
        from: present.cloned(),
        to: Some(Content::State(mark.clone())),
    }));
    if let Some(item) = digest_item(place) {
        steps.push(written(Write {
            item,
            from: digest::stored(request.standing),
            to: Some(Content::Digest(mark.md5.clone())),
        }));
    }
    steps.push(Step::quiet(
        Operation::Verify {
            item: state.clone(),
            content: Content::State(mark.clone()),
        },
        "byte for byte, by its hash",
    ));
    steps.extend(locks.iter().filter_map(Hold::to_take).map(|(item, _)| {
        written(Write {
            item: item.clone(),
            from: Some(Seen {
                content: body.clone(),
                etag: None,
            }),
            to: None,
        })
    }));
    steps.push(Step::quiet(Operation::LookAgain, "each store by itself"));
    steps
}

/// Goes on only while the locks that are ours already still are.
pub fn insisted<'a>(ours: impl Iterator<Item = (&'a Item, &'a Sighting)>) -> Vec<Step> {
    ours.map(|(item, seen)| {
        let operation = Operation::Verify {
            item: item.clone(),
            content: Content::Lock(seen.body.clone()),
        };
        Step::quiet(operation, "goes on only if it is still ours")
    })
    .collect()
}
