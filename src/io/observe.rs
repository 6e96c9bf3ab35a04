//! One look at a place: locks, digest and state together, judged. The console
//! and the commands ask here, so they cannot see different things.

use super::disk::{self, Asking};
use super::incidents::{self, Incidents};
use super::processes::Processes;
use super::remote::Remote;
use crate::fault::Fault;
use crate::incident::open_plans;
use crate::place::{Environment, Place};
use crate::recovery::standing::{Interrupted, Seen, Standing};
use crate::state::{Current, Kind, Reading, Versions};
use jiff::Timestamp;

/// How far back a version to compare with is looked for, and how many bodies are read on the way.
const LISTED: usize = 20;
const READ: usize = 3;

/// Looks at everything around the locks of a place. What could not be read is said inside.
pub async fn standing(
    place: &Place,
    remote: &Remote,
    environment: &Environment,
    now: Timestamp,
) -> Standing {
    let (survey, current, versions) =
        tokio::join!(remote.survey(), remote.current(), remote.versions(LISTED));
    let before = match &versions {
        Ok(versions) => before(remote, versions).await,
        Err(_) => None,
    };
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
        versions: versions.as_ref(),
    };
    let presence = |lock: &_| match &processes {
        Ok(processes) => processes.presence(lock, directory.as_deref()),
        Err(_) => crate::lock::verdict::Presence::Unknown,
    };
    let mut standing = Standing::of(survey, &seen, presence, now);
    standing.interrupted = interrupted(place, environment).await.unwrap_or_default();
    standing
}

/// Parses off the runtime's threads: a large state takes a while.
async fn read(current: Option<&Current>) -> Option<Reading> {
    let bytes = current?.bytes.clone();
    tokio::task::spawn_blocking(move || Reading::of(bytes))
        .await
        .ok()
}

/// How many instances the newest version below the current one holds that Terraform would load.
async fn before(remote: &Remote, versions: &Versions) -> Option<usize> {
    let older = versions.list.iter().skip(1);
    let bodies = older.filter(|version| version.kind == Kind::Object);
    for version in bodies.take(READ) {
        let Ok(bytes) = remote.body(&version.id).await else {
            continue;
        };
        let reading = tokio::task::spawn_blocking(move || Reading::of(bytes)).await;
        if let Ok(Reading::Whole(snapshot)) = reading {
            return Some(snapshot.instances().count());
        }
    }
    None
}

/// The plans that were left open here by a crash or an interruption.
async fn interrupted(place: &Place, environment: &Environment) -> Result<Vec<Interrupted>, Fault> {
    let found = Incidents::of(environment)?
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
