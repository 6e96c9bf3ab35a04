//! `tfsos ready`: whether this place could be recovered tonight. It looks, and
//! writes nothing but what `--probe-writes` tries on a scratch key.

use serde_json::json;

use super::plan::{close, enter, needs_whole_place};
use super::site::{Ended, Site, unable};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::Ready as Asked;
use crate::config::Settings;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::io::journal::Entered;
use crate::io::readying;
use crate::place::{Backend, Place};
use crate::recovery::readiness::{Check, Probe, Status, checks, unseen};

pub async fn answer(asked: &Asked, settings: &Settings) -> Result<Answer, Ended> {
    let site = Site::open(&asked.place).await?;
    if asked.probe_writes
        && let Some(fault) = refused(asked, settings, &site.place)
    {
        return Err((Exit::Refused, fault));
    }
    // Without an answer to this nothing else would be worth a line.
    site.remote.caller().await.map_err(unable)?;
    let sights = readying::look(&site.place, &site.remote).await;
    let probes = if asked.probe_writes {
        Some(probe(&site, settings).await?)
    } else {
        None
    };
    let checks = checks(&site.place, &sights, probes.as_deref());
    let unseen = unseen(&sights);
    let found = |check: &Check| matches!(check.status, Status::Warn | Status::Fail);
    let exit = match (checks.iter().any(found), unseen.is_empty()) {
        (true, _) => Exit::Found,
        (false, false) => Exit::Unable,
        (false, true) => Exit::Done,
    };
    let mut answer = site.answer(exit, text(&site.place, &checks));
    answer.own.insert("checks".to_owned(), json!(checks));
    answer.unseen = unseen;
    Ok(answer)
}

/// Why no write is tried, if none is.
fn refused(asked: &Asked, settings: &Settings, place: &Place) -> Option<Fault> {
    let fault = |cause: String| Fault::new("try a write at", place.full_name(), cause);
    if let Some(by) = settings.read_only_by() {
        let hint = "start without it to be able to write";
        return Some(fault(format!("read-only by {by}")).hint(hint));
    }
    let key = match &place.backend {
        Backend::S3(s3) => s3.state_key(),
        Backend::Local(_) | Backend::Sandbox(_) | Backend::Other { .. } => {
            return Some(fault("only states in S3 have writes to try".to_owned()));
        }
    };
    if asked.yes.as_deref() != Some(&key) {
        let cause = match &asked.yes {
            Some(given) => format!("--yes names {}", visible(given)),
            None => "it was not confirmed".to_owned(),
        };
        return Some(fault(cause).hint(format!("--yes {key} confirms it")));
    }
    let named = asked.whole_place.as_deref() == Some(&*place.full_name());
    (needs_whole_place(place, &settings.prod.value) && !named).then(|| {
        fault("this place must be named in full".to_owned())
            .hint(format!("--place {}", place.full_name()))
    })
}

async fn probe(site: &Site, settings: &Settings) -> Result<Vec<Probe>, Ended> {
    let remote = site.writer(settings).await?;
    let caller = remote.caller().await.map_err(unable)?;
    let journal = enter(site, &caller, None).await?;
    remote.label(journal.id());
    let probes = readying::probe(&site.place, &remote, &journal).await;
    // An incident that was open before goes on.
    if journal.entered() == Entered::Begun {
        close(&journal, Intent::Release, None).await;
    }
    probes.map_err(unable)
}

fn text(place: &Place, checks: &[Check]) -> String {
    let count = |status: Status| checks.iter().filter(|check| check.status == status).count();
    let mut lines = vec![
        format!(
            "{}: {} ok, {} to look at, {} failing, {} unknown",
            place.full_name(),
            count(Status::Ok),
            count(Status::Warn),
            count(Status::Fail),
            count(Status::Unknown)
        ),
        String::new(),
    ];
    for check in checks {
        let mark = match check.status {
            Status::Ok => '✔',
            Status::Warn => '▲',
            Status::Fail => '✖',
            Status::Unknown => '◌',
        };
        lines.push(format!("  {mark} {:<17} {}", check.id, check.claim));
        let remedy = check.remedy.iter();
        lines.extend(remedy.map(|remedy| format!("    {:<17} {remedy}", "")));
    }
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}
