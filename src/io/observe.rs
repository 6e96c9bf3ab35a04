//! One look at a place: locks, digest and state together, judged. The console
//! and the commands ask here, so they cannot see different things.

use std::sync::Arc;

use jiff::Timestamp;

use super::incidents::{self, Incidents};
use super::remote::Remote;
use super::witness::{Testimony, Witnesses};
use crate::fault::Fault;
use crate::incident::{open_plans, taken_locks};
use crate::lock::{Store, Survey, Sweep, Verdict, verdict};
use crate::place::{Backend, Environment, Place};
use crate::recovery::afterwards::Deed;
use crate::recovery::standing::{Interrupted, Seen, Standing, Told};
use crate::state::{Contents, Current, Health, Kind, Reading, Roll, Versions};

/// How far back a version to compare with is looked for, and how many bodies are read on the way.
const LISTED: usize = 20;
const READ: usize = 3;
/// Bodies that are larger together are read one after the other.
const TOGETHER: u64 = 16 << 20;

/// A look at a place that keeps what it read of the state.
#[derive(Debug)]
pub struct Look {
    pub standing: Standing,
    /// None where there is no state, or where it could not be read.
    pub reading: Option<Reading>,
    /// The newest version below the current one that Terraform would load.
    pub former: Option<Contents>,
    /// The last plan that was done here.
    pub deed: Option<Deed>,
}

/// Looks at everything around the locks of a place. What could not be read is said inside.
pub async fn standing(
    place: &Place,
    remote: &Remote,
    environment: &Environment,
    now: Timestamp,
) -> Standing {
    let who = (place, remote);
    seen(who, environment.into(), now, Keep::Nothing)
        .await
        .standing
}

/// The same, with the state itself.
pub async fn look<'a>(
    place: &Place,
    remote: &Remote,
    witnesses: impl Into<Witnesses<'a>>,
    now: Timestamp,
) -> Look {
    seen((place, remote), witnesses.into(), now, Keep::Reading).await
}

/// What is kept of the state's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Reading,
    /// Of a large one the memory is let go before anything else is read.
    Nothing,
}

async fn seen(
    (place, remote): (&Place, &Remote),
    witnesses: Witnesses<'_>,
    now: Timestamp,
    keep: Keep,
) -> Look {
    let (survey, versions) = tokio::join!(remote.survey(), remote.versions(LISTED));
    let (former, current) = bodies(remote, versions.as_ref().ok()).await;
    let (before, former) = former.unzip();
    let (interrupted, own) = left(place, witnesses.environment).await.unwrap_or_default();
    let told = Testimony::of((place, remote), witnesses, &survey, now).await;
    let read = read(current.as_ref().ok().and_then(Option::as_ref), keep).await;
    let (state, reading) = read.unzip();
    let seen = Seen {
        current: current.as_ref().map(Option::as_ref),
        told: state.as_ref(),
        before,
        versions: versions.as_ref(),
        own: &own,
    };
    let mut standing = Standing::of(survey, &seen, |lock| told.around(lock));
    standing.interrupted = interrupted;
    standing.habits = told.habits;
    Look {
        standing,
        reading: reading.flatten(),
        former,
        deed: deed(place, witnesses.environment).await.unwrap_or_default(),
    }
}

/// What an older version says, and the state itself. Large ones are not in
/// memory at the same time; small ones do not wait for each other.
async fn bodies(
    remote: &Remote,
    versions: Option<&Versions>,
) -> (Option<(usize, Contents)>, Result<Option<Current>, Fault>) {
    let Some(versions) = versions else {
        return (None, remote.current().await);
    };
    let newest = versions.list.iter().take(READ + 1);
    if newest.map(|version| version.size).sum::<u64>() > TOGETHER {
        let former = former(remote, versions).await;
        return (former, remote.current().await);
    }
    tokio::join!(former(remote, versions), remote.current())
}

/// The last plan that was done here.
async fn deed(place: &Place, environment: &Environment) -> Result<Option<Deed>, Fault> {
    let incidents = Incidents::of(environment)?;
    incidents.last_deed(&incidents::identity(place)).await
}

/// The stores that this place locks in; other states of its bucket are taken to do the same.
pub fn stores(place: &Place) -> Vec<Store> {
    let (lockfile, table) = match &place.backend {
        Backend::S3(s3) => (s3.use_lockfile, s3.dynamodb_table.is_some()),
        Backend::Sandbox(sandbox) => (sandbox.use_lockfile, sandbox.table.is_some()),
        Backend::Local(_) | Backend::Other { .. } => (false, false),
    };
    let stores = [(lockfile, Store::S3), (table, Store::DynamoDb)];
    stores
        .into_iter()
        .filter_map(|(used, store)| used.then_some(store))
        .collect()
}

/// A state with its locks and a verdict on each, in the order of [`Survey::held`].
pub type Judged = (String, Survey, Vec<Verdict>);

/// Every lock beside the place's own, by the state that it is of.
pub async fn locks(place: &Place, remote: &Remote, now: Timestamp) -> (Sweep, Vec<Judged>) {
    let sweep = remote.sweep().await;
    // Other states are worked on in other directories: only processes can tell of all.
    let told = Testimony::of_processes(now).await;
    let states = sweep.by_state(&stores(place)).into_iter();
    let judged = states.map(|(state, survey)| {
        let judge = |seen| verdict::judge(seen, &survey, &told.around(seen));
        let verdicts = survey.held().map(judge).collect();
        (state, survey, verdicts)
    });
    let judged = judged.collect();
    (sweep, judged)
}

/// Parses off the runtime's threads: a large state takes a while.
async fn read(current: Option<&Current>, keep: Keep) -> Option<(Told, Option<Reading>)> {
    let bytes = current?.bytes.clone();
    let read = tokio::task::spawn_blocking(move || match keep {
        Keep::Reading => {
            let reading = Reading::of(Arc::clone(&bytes));
            (Told::by(&bytes, &reading), Some(reading))
        }
        Keep::Nothing => (Told::from(Roll::of(bytes)), None),
    });
    read.await.ok()
}

/// The newest version below the current one that Terraform would load: how many instances it holds, and what it says.
async fn former(remote: &Remote, versions: &Versions) -> Option<(usize, Contents)> {
    let older = versions.list.iter().skip(1);
    let bodies = older.filter(|version| version.kind == Kind::Object);
    for version in bodies.take(READ) {
        let Ok(bytes) = remote.body(&version.id).await else {
            continue;
        };
        let read = tokio::task::spawn_blocking(move || {
            let roll = Roll::of(bytes);
            let contents = roll.contents();
            (contents.health == Health::Fine).then(|| (roll.count(), contents))
        });
        if let Ok(Some(former)) = read.await {
            return Some(former);
        }
    }
    None
}

/// The plans that were left open here by a crash or an interruption, and the
/// ids of the locks that plans of the open incident took.
async fn left(
    place: &Place,
    environment: &Environment,
) -> Result<(Vec<Interrupted>, Vec<String>), Fault> {
    let found = Incidents::of(environment)?
        .open_at(&incidents::identity(place))
        .await?;
    let Some((_, reading)) = found else {
        return Ok(Default::default());
    };
    let open = open_plans(&reading.entries).into_iter();
    let interrupted = open.map(Interrupted::from);
    Ok((interrupted.collect(), taken_locks(&reading.entries)))
}
