//! One look at a place: locks, digest and state together, judged. The console
//! and the commands ask here, so they cannot see different things.

use super::disk::{self, Asking};
use super::incidents::{self, Incidents};
use super::processes::Processes;
use super::remote::Remote;
use crate::fault::Fault;
use crate::incident::open_plans;
use crate::place::Place;
use crate::recovery::standing::{Interrupted, Seen, Standing};
use crate::state::{Current, Kind, Reading, Versions};
use jiff::Timestamp;

/// Looks at everything around the locks of a place. What could not be read is said inside.
pub async fn standing(place: &Place, remote: &Remote, now: Timestamp) -> Standing {
    let (survey, current, versions) =
        tokio::join!(remote.survey(), remote.current(), remote.versions(2));
    let before = before(remote, versions.as_ref().ok()).await;
    let directory = place.directory.clone();
    let reading = read(current.as_ref().ok().and_then(Option::as_ref)).await;
    let processes = disk::ask(Asking::new("list the processes of", "this machine"), || {
        Ok(Processes::list())
    })
    .await;
    let seen = Seen {
        current: current.as_ref().map(Option::as_ref),
        reading: reading.as_ref(),
        before,
        had_versions: versions.is_ok_and(|versions| !versions.list.is_empty()),
    };
    let presence = |lock: &_| match &processes {
        Ok(processes) => processes.presence(lock, directory.as_deref()),
        Err(_) => crate::lock::verdict::Presence::Unknown,
    };
    let mut standing = Standing::of(survey, &seen, presence, now);
    standing.interrupted = interrupted(place).await.unwrap_or_default();
    standing
}

/// Parses off the runtime's threads: a large state takes a while.
async fn read(current: Option<&Current>) -> Option<Reading> {
    let bytes = current?.bytes.clone();
    tokio::task::spawn_blocking(move || Reading::of(bytes))
        .await
        .ok()
}

/// How many instances the version before the current one holds.
async fn before(remote: &Remote, versions: Option<&Versions>) -> Option<usize> {
    let former = versions?
        .list
        .get(1)
        .filter(|version| version.kind == Kind::Object)?;
    let bytes = remote.body(&former.id).await.ok()?;
    let reading = tokio::task::spawn_blocking(move || Reading::of(bytes))
        .await
        .ok()?;
    match reading {
        Reading::Whole(snapshot) => Some(snapshot.instances().count()),
        Reading::Empty | Reading::Encrypted(_) | Reading::Older(_) | Reading::Damaged { .. } => {
            None
        }
    }
}

/// The plans that were left open here by a crash or an interruption.
async fn interrupted(place: &Place) -> Result<Vec<Interrupted>, Fault> {
    let found = Incidents::of_user()?
        .open_at(&incidents::identity(place))
        .await?;
    let open = found
        .map(|(_, reading)| open_plans(&reading.entries))
        .unwrap_or_default();
    Ok(open
        .into_iter()
        .map(|plan| Interrupted {
            title: plan.title,
            lock: plan.lock,
        })
        .collect())
}
