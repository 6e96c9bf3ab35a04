//! What one look at a place comes to: the findings, the worst first, and what
//! could not be looked at. The console and `tfsos check` ask here, so they say
//! the same.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::disk::{self, Asking};
use super::observe::Look;
use super::remote::Remote;
use super::{others, saved_plan};
use crate::analysis::{
    Body, Errored, Evidence, Finding, Whole, of_credentials, of_deed, of_open_plan, of_place,
    worst_first,
};
use crate::fault::Fault;
use crate::lock::{Agreement, Survey};
use crate::place::{Backend, Place};
use crate::recovery::afterwards::Scene;
use crate::recovery::standing::Standing;
use crate::state::{Contents, Reading};

const STATE_LIMIT: u64 = 5 << 30;

/// The findings, and what could not be looked at, each as a sentence.
pub async fn findings(place: &Place, look: &Look, now: Timestamp) -> (Vec<Finding>, Vec<String>) {
    let standing = &look.standing;
    let mut unseen = blind_spots(standing);
    let errored = match errored(place).await {
        Ok(errored) => errored,
        Err(fault) => {
            unseen.push(fault.to_string());
            None
        }
    };
    let mut findings: Vec<_> = standing.interrupted.iter().map(of_open_plan).collect();
    findings.extend(after_us(look, now));
    findings.extend(of_place(&Evidence {
        now,
        place,
        survey: &standing.survey,
        verdicts: &standing.verdicts,
        agreement: &standing.agreement,
        state: standing.state.as_ref().map(Option::as_ref),
        body: body(standing, look.reading.as_ref(), look.former.as_ref()),
        whole: Whole::of(&standing.soundness),
        versioning: standing.versioning.as_ref().copied(),
        errored: errored.as_ref(),
    }));
    (worst_first(findings), unseen)
}

/// What is wrong with the credentials: asked where something was not seen, or
/// where the backend lists accounts.
pub async fn credentials(place: &Place, unseen: &[String], now: Timestamp) -> Option<Finding> {
    let lists = match &place.backend {
        Backend::S3(s3) => {
            !s3.allowed_account_ids.is_empty() || !s3.forbidden_account_ids.is_empty()
        }
        Backend::Local(_) | Backend::Sandbox(_) | Backend::Other { .. } => false,
    };
    if unseen.is_empty() && !lists {
        return None;
    }
    of_credentials(&Remote::credentials(place).await?, now)
}

fn body<'a>(
    standing: &'a Standing,
    reading: Option<&'a Reading>,
    former: Option<&'a Contents>,
) -> Option<Body<'a>> {
    let contents = standing.state.as_ref().ok()?.as_ref()?;
    Some(Body {
        contents,
        reading: reading?,
        former,
    })
}

/// What somebody else wrote after the last plan that was done here.
fn after_us(look: &Look, now: Timestamp) -> Vec<Finding> {
    let standing = &look.standing;
    let (Some(deed), Ok(state)) = (&look.deed, &standing.state) else {
        return Vec::new();
    };
    let scene = Scene {
        now,
        state: state.as_ref().map(|contents| contents.md5.as_str()),
        written: standing.state_written,
        survey: &standing.survey,
    };
    of_deed(deed, &scene)
}

/// What could not be looked at, each as a sentence and each once.
fn blind_spots(standing: &Standing) -> Vec<String> {
    let mut sentences = unseen(&standing.survey);
    let faults = [
        standing.state.as_ref().err(),
        standing.versioning.as_ref().err(),
        match &standing.agreement {
            Agreement::Unseen(fault) => Some(fault),
            _ => None,
        },
    ];
    for fault in faults.into_iter().flatten() {
        let sentence = fault.to_string();
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}

/// What a run wrote beside the configuration when it could not store its state.
async fn errored(place: &Place) -> Result<Option<Errored>, Fault> {
    let Some(directory) = &place.directory else {
        return Ok(None);
    };
    let path = directory.join(others::ERRORED);
    let read = read(&path).await?;
    Ok(read.map(|(contents, _)| Errored {
        path: path.display().to_string(),
        contents,
    }))
}

/// A state file as it is read; none where there is none.
pub async fn read(path: &Path) -> Result<Option<(Contents, Reading)>, Fault> {
    let asking = Asking::new("read", path.display().to_string());
    let path = path.to_owned();
    disk::ask(asking, move || {
        let bytes = saved_plan::read(&path, STATE_LIMIT)?;
        Ok(bytes.map(|bytes| {
            let reading = Reading::of(Arc::clone(&bytes));
            (Contents::of(&bytes, &reading), reading)
        }))
    })
    .await
}

/// The stores and the digest item that could not be read, each as a sentence.
pub fn unseen(survey: &Survey) -> Vec<String> {
    let stores = survey.unseen().map(|(_, fault)| fault.to_string());
    let digest = match &survey.digest {
        Some(Err(fault)) => Some(fault.to_string()),
        Some(Ok(_)) | None => None,
    };
    stores.chain(digest).collect()
}
