//! `tfsos resources`: the addresses of one version, line by line as `terraform
//! state list` prints them. Of a damaged version it prints what stood whole,
//! and says so.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::site::{Ended, Site, unable};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::Resources as Asked;
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::state::{
    Contents, Entry, InstanceNo, Kind, LastGood, Reading, Reference, Snapshot, Version, VersionId,
    last_good,
};

/// How far back a version is looked for that has no name of its own.
const BACK: usize = 100;

/// More than any state that Terraform could still load.
const LARGEST: u64 = 5 << 30;

pub async fn answer(asked: &Asked) -> Result<Answer, Ended> {
    let Ok(reference) = asked.reference.parse::<Reference>();
    if let Reference::File(path) = &reference {
        let body = file(path).await.map_err(unable)?;
        return Ok(listing(&body, &reference, Answer::text(Exit::Done, "")));
    }
    let site = Site::open(&asked.place).await?;
    let body = body(&site, &reference).await.map_err(unable)?;
    Ok(listing(&body, &reference, site.answer(Exit::Done, "")))
}

/// The bytes that a reference to the place means.
async fn body(site: &Site, reference: &Reference) -> Result<Arc<[u8]>, Fault> {
    let missing = |cause: &str| Fault::new("read", reference.to_string(), cause);
    match reference {
        Reference::Current => {
            let current = site.remote.current().await?;
            let current = current.ok_or_else(|| missing("there is no state here"))?;
            Ok(current.bytes)
        }
        Reference::Version(id) => site.remote.body(id).await.map_err(|fault| {
            fault.hint("REF is current, previous, last-good, a version id or a ./file; the directory comes after it")
        }),
        Reference::Previous => {
            let versions = site.remote.versions(BACK).await?;
            let version = reference.among(&versions);
            let version = version.ok_or_else(|| missing("there is no version before the current one"))?;
            site.remote.body(&version.id).await
        }
        Reference::LastGood => last_good_body(site).await,
        Reference::File(path) => file(path).await,
    }
}

/// Reads back through the history until it is known which version is the last good one.
async fn last_good_body(site: &Site) -> Result<Arc<[u8]>, Fault> {
    let versions = site.remote.versions(BACK).await?;
    let mut read: Vec<(&Version, Contents, Arc<[u8]>)> = Vec::new();
    for version in versions
        .list
        .iter()
        .filter(|version| version.kind == Kind::Object)
    {
        let body = site.remote.body(&version.id).await?;
        let contents = Contents::of(&body, &Reading::of(Arc::clone(&body)));
        read.push((version, contents, body));
        let found = judge(&versions.list, &read);
        if let Some(body) = found? {
            return Ok(body);
        }
    }
    Err(Fault::new(
        "find",
        "the last good version",
        "none that is kept would load",
    ))
}

/// The body of the last good version, once what was read can tell.
fn judge(
    list: &[Version],
    read: &[(&Version, Contents, Arc<[u8]>)],
) -> Result<Option<Arc<[u8]>>, Fault> {
    let contents = |version: &Version| {
        let known = read.iter().find(|(known, ..)| *known == version);
        known.map(|(_, contents, _)| contents)
    };
    let entries: Vec<Entry<'_>> = list
        .iter()
        .map(|version| Entry {
            version,
            contents: contents(version),
        })
        .collect();
    let body_of = |id: &VersionId| read.iter().find(|(version, ..)| version.id == *id);
    match last_good(&entries) {
        LastGood::Unread | LastGood::None => Ok(None),
        LastGood::One(id) => Ok(body_of(&id).map(|(.., body)| Arc::clone(body))),
        LastGood::Several(ids) => {
            let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
            let fault = Fault::new(
                "choose",
                "the last good version",
                "more than one is plausible",
            );
            Err(fault.hint(format!("name one of them: {}", ids.join(", "))))
        }
    }
}

async fn file(path: &Path) -> Result<Arc<[u8]>, Fault> {
    let asking = Asking::new("read the state file", path.display().to_string());
    let path = path.to_owned();
    let bytes = disk::ask(asking.clone(), move || disk::read(&path, LARGEST)).await?;
    let bytes = bytes.ok_or_else(|| asking.fault("there is no such file"))?;
    Ok(bytes.into())
}

/// The addresses of a body, and what is wrong with it.
fn listing(body: &Arc<[u8]>, reference: &Reference, mut answer: Answer) -> Answer {
    let reading = Reading::of(Arc::clone(body));
    if let Some(snapshot) = reading.snapshot() {
        answer.text = addresses(snapshot).collect::<Vec<_>>().join("\n");
        let resources: Value = rows(snapshot).collect();
        answer.own.insert("resources".to_owned(), resources);
    }
    if let (false, Some(why)) = (
        matches!(reading, Reading::Whole(_)),
        Contents::of(body, &reading).why,
    ) {
        let fault = Fault::new("read all of", reference.to_string(), why);
        answer.exit = Exit::Unable;
        answer.unseen.push(fault.to_string());
        answer.fault = Some(fault);
    }
    answer
}

fn addresses(snapshot: &Snapshot) -> impl Iterator<Item = String> {
    let listed = snapshot.listed().iter();
    listed.filter_map(|no| Some(visible(&snapshot.address(*no)?.to_string()).into_owned()))
}

fn rows(snapshot: &Snapshot) -> impl Iterator<Item = Value> {
    snapshot.listed().iter().filter_map(|no| row(snapshot, *no))
}

fn row(snapshot: &Snapshot, no: InstanceNo) -> Option<Value> {
    let address = snapshot.address(no)?;
    Some(json!({
        "address": address.to_string(),
        "type": &*address.resource.kind,
        "mode": address.resource.mode.word(),
        "provider": snapshot.provider(no),
        "id": snapshot.id(no).map(|id| id.to_string()),
    }))
}
