//! Whose it is what exists already: the state that is looked at and every state
//! beside it are searched for its name, a few at a time and no longer than a
//! person waits. Nothing is written, and nothing of a state is kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::remote::Remote;
use super::scour::{self, Meant};
use crate::analysis::{Finding, Owned, Searched, Taken};
use crate::fault::Fault;
use crate::place::Place;
use crate::recovery::rebuild::Sought;
use crate::state::Reading;

/// How long the states are searched at most.
const PATIENCE: Duration = Duration::from_secs(45);

/// Says by which command each could be imported, before anything is searched.
pub fn told_imports(mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        if let Some(owned) = finding.taken.as_ref().map(unsearched) {
            finding.tell_owned(&owned);
        }
    }
    findings
}

/// Says of each finding whose it is.
pub async fn tell(place: &Place, remote: &Remote, findings: &mut [Finding]) {
    let taken: Vec<Taken> = findings
        .iter()
        .filter_map(|one| one.taken.clone())
        .collect();
    let known = search(place, remote, &taken).await;
    for finding in findings {
        let mut known = known.iter();
        let known = known.find(|(taken, _)| finding.taken.as_ref() == Some(taken));
        if let Some((_, owned)) = known {
            finding.tell_owned(owned);
        }
    }
}

/// Searches this state and those beside it; what could not be searched is counted.
pub async fn search(place: &Place, remote: &Remote, taken: &[Taken]) -> Vec<(Taken, Owned)> {
    let mut known: Vec<(Taken, Owned)> = taken
        .iter()
        .map(|taken| (taken.clone(), unsearched(taken)))
        .collect();
    let sought: Arc<[Option<Sought>]> = taken.iter().map(sought).collect();
    if sought.iter().all(Option::is_none) {
        return known;
    }
    let outcome = match timeout(PATIENCE, found(place, remote, &sought)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Fault::new(
            "search all states beside",
            place.full_name(),
            format!("it took longer than {} s", PATIENCE.as_secs()),
        )),
    };
    let (found, searched) = match outcome {
        Ok((found, searched)) => (found, searched),
        Err(fault) => (Vec::new(), Searched::Failed(fault.to_string())),
    };
    for (number, (_, owned)) in known.iter_mut().enumerate() {
        if sought[number].is_none() {
            continue;
        }
        let own = found.iter().filter(|hit| hit.number == number);
        owned.owners = own
            .map(|hit| (hit.key.clone(), hit.address.clone()))
            .collect();
        owned.searched = Some(searched.clone());
    }
    known
}

/// Something of a state that has the name.
struct Hit {
    /// Which of those that are sought.
    number: usize,
    /// The key of the state; none for the one that is looked at.
    key: Option<String>,
    address: String,
}

async fn found(
    place: &Place,
    remote: &Remote,
    sought: &Arc<[Option<Sought>]>,
) -> Result<(Vec<Hit>, Searched), Fault> {
    let mut found = Vec::new();
    if let Some(current) = remote.current().await? {
        let sought = Arc::clone(sought);
        let work = spawn_blocking(move || hits(&sought, None, current.bytes));
        let own = work.await.map_err(|_| {
            // What a panic says may quote the text, and that holds secrets.
            Fault::new("search", "the state", "it stopped at an internal error")
        })?;
        found.extend(own.into_iter().flatten());
    }
    let asked = Arc::clone(sought);
    let work = move |key: &str, bytes: Arc<[u8]>| vec![hits(&asked, Some(key), bytes)];
    let own = place.key();
    let everywhere = scour::everywhere(remote, place, Meant::but(own.as_deref()), work).await?;
    let mut unseen = everywhere.unseen.len() + usize::from(everywhere.more);
    for one in everywhere.found {
        match one {
            Some(hits) => found.extend(hits),
            None => unseen += 1,
        }
    }
    let all = everywhere.states;
    Ok((found, Searched::States { all, unseen }))
}

/// What of it one state has; none where the state cannot be read whole.
fn hits(sought: &[Option<Sought>], key: Option<&str>, bytes: Arc<[u8]>) -> Option<Vec<Hit>> {
    let reading = Reading::of(bytes);
    let state = match &reading {
        Reading::Whole(state) => state,
        Reading::Empty => return Some(Vec::new()),
        Reading::Damaged { .. } | Reading::Encrypted(_) | Reading::Older(_) => return None,
    };
    let numbered = sought.iter().enumerate();
    let numbered = numbered.filter_map(|(number, one)| Some((number, one.as_ref()?)));
    let found = numbered.flat_map(|(number, one)| {
        let addresses = one.addresses(state).into_iter();
        addresses.map(move |address| Hit {
            number,
            key: key.map(str::to_owned),
            address,
        })
    });
    Some(found.collect())
}

fn sought(taken: &Taken) -> Option<Sought> {
    Some(Sought {
        kind: taken.kind()?.to_owned(),
        name: taken.name.clone(),
    })
}

fn unsearched(taken: &Taken) -> Owned {
    Owned {
        import: sought(taken).map(|sought| sought.import(&taken.address)),
        ..Owned::default()
    }
}
