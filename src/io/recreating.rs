//! What older versions of a state hold that a plan would create: the newest few
//! below the current one are read, no longer than a person waits.

use std::collections::HashSet;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::remote::Remote;
use crate::analysis::{Finding, PlanBeside, Planned, of_planned};
use crate::fault::Fault;
use crate::place::Place;
use crate::state::{Kind, Reading, Snapshot};

/// So many versions below the current one are searched for what a plan creates.
const OLDER: usize = 5;
const LISTED: usize = 20;

/// How long they are searched at most.
const PATIENCE: Duration = Duration::from_secs(45);

/// The addresses of older states, the newest first, each with what it is called.
pub type Older = Vec<(String, HashSet<String>)>;

/// The addresses in the newest versions below the current one, those left out that do
/// not load; and what could not be read.
pub async fn older(remote: &Remote) -> (Older, Vec<Fault>) {
    let listed = match remote.versions(LISTED).await {
        Ok(listed) => listed,
        Err(fault) => return (Vec::new(), vec![fault]),
    };
    let mut unseen: Vec<Fault> = listed.denied.into_iter().collect();
    let older = listed.list.iter().skip(1);
    let bodies = older.filter(|version| version.kind == Kind::Object);
    let mut found = Vec::new();
    for version in bodies.take(OLDER) {
        let bytes = match remote.body(&version.id).await {
            Ok(bytes) => bytes,
            Err(fault) => {
                unseen.push(fault);
                continue;
            }
        };
        let parsed = spawn_blocking(move || Reading::of(bytes).snapshot().map(addresses));
        if let Ok(Some(held)) = parsed.await {
            found.push((format!("version {}", version.id), held));
        }
    }
    (found, unseen)
}

/// The addresses of everything in a state.
pub fn addresses(snapshot: &Snapshot) -> HashSet<String> {
    let listed = snapshot.listed().iter();
    listed.filter_map(|no| snapshot.name(*no)).collect()
}

/// What a plan that was shown would create a second time, by the state as it stands.
pub async fn look(
    place: &Place,
    remote: &Remote,
    planned: &Planned,
) -> Result<Option<Finding>, Fault> {
    let searched = timeout(PATIENCE, search(remote, planned)).await;
    searched.unwrap_or_else(|_| {
        let cause = format!("it took longer than {} s", PATIENCE.as_secs());
        Err(Fault::new(
            "read older versions of",
            place.full_name(),
            cause,
        ))
    })
}

async fn search(remote: &Remote, planned: &Planned) -> Result<Option<Finding>, Fault> {
    let mut beside = PlanBeside::default();
    if let Some(current) = remote.current().await? {
        beside.written = current.modified;
        let read = spawn_blocking(move || Reading::of(current.bytes).snapshot().map(addresses));
        beside.addresses = read.await.ok().flatten().unwrap_or_default();
    }
    let (found, unseen) = told(remote, planned, beside).await;
    match (found, unseen.into_iter().next()) {
        (None, Some(fault)) => Err(fault),
        (found, _) => Ok(found),
    }
}

/// The same beside a state that is read already; and what could not be read.
pub async fn told(
    remote: &Remote,
    planned: &Planned,
    mut beside: PlanBeside,
) -> (Option<Finding>, Vec<Fault>) {
    let is_new = |address: &String| !beside.addresses.contains(address);
    if !planned.creates.iter().any(is_new) || planned.is_before(beside.written) {
        return (None, Vec::new());
    }
    let (older, unseen) = older(remote).await;
    beside.older = older;
    (of_planned(planned, &beside), unseen)
}
