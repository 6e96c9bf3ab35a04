//! One look at whether a place could be recovered, and the trial of its writes
//! on scratch keys, each journaled before and after.

use super::journal::Journal;
use super::remote::Remote;
use crate::fault::Fault;
use crate::incident::{Event, Target};
use crate::lock::Store;
use crate::place::{Backend, Place};
use crate::recovery::readiness::{Probe, Sights, Trial};
use crate::state::{Kind, Versions};

/// How many versions are listed to find an older one.
const LISTED: usize = 20;
/// So many bytes show that a body can be read and decrypted.
const BEGINNING: u64 = 64;

/// Looks; nothing is written.
pub async fn look(place: &Place, remote: &Remote) -> Sights {
    let (versions, state, survey, settings) = tokio::join!(
        remote.versions(LISTED),
        state(place, remote),
        remote.survey(),
        settings(remote)
    );
    let older = match &versions {
        Ok(versions) => older(remote, versions).await,
        Err(_) => None,
    };
    Sights {
        versions,
        state,
        older,
        survey,
        settings,
    }
}

/// Whether there is a state that can be read: of a large one the beginning tells.
async fn state(place: &Place, remote: &Remote) -> Result<bool, Fault> {
    if let Backend::S3(s3) = &place.backend
        && let Ok(found) = remote.beginning(&s3.state_key(), BEGINNING).await
    {
        return Ok(found.is_some());
    }
    // Of no bytes there is no beginning to ask for.
    remote.current().await.map(|current| current.is_some())
}

async fn settings(remote: &Remote) -> Option<crate::recovery::readiness::Settings> {
    match remote {
        Remote::Aws(aws) => Some(Box::pin(aws.settings()).await),
        Remote::Local(_) | Remote::Sandbox(_) => None,
    }
}

/// Whether the newest version below the current one can be read.
async fn older(remote: &Remote, versions: &Versions) -> Option<Result<(), Fault>> {
    let mut below = versions.list.iter().skip(1);
    let version = below.find(|version| version.kind == Kind::Object)?;
    let read = match version.size {
        0 => remote.body(&version.id).await,
        _ => remote.head(&version.id, BEGINNING).await,
    };
    Some(read.map(drop))
}

/// Tries each write that the place has a store for. What was put is deleted
/// again, whatever became of the trials between.
pub async fn probe(place: &Place, remote: &Remote, journal: &Journal) -> Result<Vec<Probe>, Fault> {
    let Remote::Aws(aws) = remote else {
        return Ok(Vec::new());
    };
    let (key, row) = aws.scratch();
    let mut probes: Vec<Probe> = Vec::new();
    for (step, trial) in Trial::of(place).iter().copied().enumerate() {
        let (name, after) = match trial {
            Trial::PutObject | Trial::ReadObject | Trial::DeleteObject => (&key, Trial::PutObject),
            Trial::PutRow | Trial::ReadRow | Trial::DeleteRow => (&row, Trial::PutRow),
        };
        let failed = |probe: &Probe| probe.trial == after && probe.outcome.is_err();
        if probes.iter().any(failed) {
            continue;
        }
        journal.write(sent(place, step, trial, name), None).await?;
        let outcome = aws.try_on(trial, name).await;
        let answered = Event::Answered {
            plan: PLAN.to_owned(),
            step,
            answer: if outcome.is_ok() { "done" } else { "failed" }.to_owned(),
            cause: outcome.as_ref().err().map(Fault::to_string),
        };
        probes.push(Probe { trial, outcome });
        journal.write(answered, None).await?;
    }
    Ok(probes)
}

/// What the journal calls these writes by.
const PLAN: &str = "readiness";

fn sent(place: &Place, step: usize, trial: Trial, name: &str) -> Event {
    let is_row = matches!(trial, Trial::PutRow | Trial::ReadRow | Trial::DeleteRow);
    let table = match &place.backend {
        Backend::S3(s3) => s3.dynamodb_table.clone(),
        _ => None,
    };
    let (store, container) = if is_row {
        (Store::DynamoDb, table.unwrap_or_default())
    } else {
        (Store::S3, place.bucket().unwrap_or_default().to_owned())
    };
    Event::Sent {
        plan: PLAN.to_owned(),
        step,
        operation: trial.call().to_owned(),
        target: Target {
            store,
            container,
            key: name.to_owned(),
            sha256: String::new(),
        },
    }
}
