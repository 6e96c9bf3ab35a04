//! How a restore is taken back: by a restore of what stood there before it, as
//! its own plan and under the same locks, as long as nobody has written since.

use super::{Refusal, Request, digest, exact_of, is_local, overwritten};
use crate::recovery::by_hand;
use crate::recovery::plan::Undo;
use crate::recovery::write::{Content, Mark, Slot};
use crate::state::{Contents, Health};

/// What the plan says of its own undo; `next` is what it writes.
pub fn of(request: &Request<'_>, next: &Mark) -> Undo {
    let copy = overwritten(request);
    if let (Some(path), false) = (copy, is_local(request.place)) {
        let quoted = by_hand::quote(path);
        return Undo {
            says: "the second copy of what is there now can be put back".into(),
            by_hand: vec![format!("tfsos restore {quoted} --unversioned ANOTHER_FILE")],
            reference: None,
        };
    }
    let Some(present) = request.present else {
        return never("there was no state before: the new version would have to be deleted");
    };
    // The backup beside a local state is a version of it, under its file's name.
    let backup = copy.and_then(|path| path.rsplit('/').next());
    let version = present.version.as_ref().map(|id| id.0.as_str());
    let Some(version) = backup.or(version) else {
        return never("the store names no version of what is there now");
    };
    if let Some(why) = unsound(&present.contents) {
        return never(&format!(
            "what is there now would not load ({why}); it stays in the history as version {version}"
        ));
    }
    let id = by_hand::quote(version);
    Undo {
        says: "the version that is there now stays in the history and can be restored".into(),
        by_hand: vec![format!(
            "tfsos restore {id} --yes {id} --expect-current {}",
            exact_of(next)
        )],
        reference: Some(version.to_owned()),
    }
}

fn never(says: &str) -> Undo {
    Undo {
        says: says.to_owned(),
        by_hand: Vec::new(),
        reference: None,
    }
}

/// Why a restore would not put it back.
fn unsound(contents: &Contents) -> Option<String> {
    match contents.health {
        Health::Fine | Health::Encrypted => None,
        Health::OlderFormat => Some("it has an older format".to_owned()),
        Health::Empty => Some("it is empty".to_owned()),
        Health::Damaged | Health::Deleted | Health::Unread => {
            let why = contents.why.clone();
            Some(why.unwrap_or_else(|| "it is no state".to_owned()))
        }
    }
}

/// An undo goes on only where its restore still stands: the state and the
/// digest are what that wrote.
pub fn permitted(request: &Request<'_>) -> Result<(), Refusal> {
    let Some(undone) = request.undoes else {
        return Ok(());
    };
    let state = request.present.map(|present| &present.seen.content);
    let ours = undone.candidate().cloned().map(Content::State);
    if state != ours.as_ref() {
        return Err(Refusal::WrittenSince("state"));
    }
    let stored = digest::stored(request.standing).map(|seen| seen.content);
    let mut writes = undone.writes();
    let digest = writes.find(|write| write.item.slot == Slot::DigestRow);
    if digest.is_some_and(|write| write.to != stored) {
        return Err(Refusal::WrittenSince("digest"));
    }
    Ok(())
}
