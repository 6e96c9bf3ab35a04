//! `tfsos resources`: the addresses of one version, line by line as `terraform
//! state list` prints them. Of a damaged version it prints what stood whole,
//! and says so beside the listing.

use serde_json::{Value, json};

use super::body::Body;
use super::site::{Ended, Site, unable};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::Resources as Asked;
use crate::fault::Fault;
use crate::state::{InstanceNo, Reading, Reference, Snapshot};

pub async fn answer(asked: &Asked) -> Result<Answer, Ended> {
    let Ok(reference) = asked.reference.parse::<Reference>();
    if let Reference::File(path) = &reference {
        let body = Body::file(path).await.map_err(unable)?;
        return Ok(listing(&body, &reference, Answer::text(Exit::Done, "")));
    }
    let site = Site::open(&asked.place).await?;
    let body = Body::of(&site, &reference).await.map_err(unable)?;
    Ok(listing(&body, &reference, site.answer(Exit::Done, "")))
}

/// The addresses of a body, and what is wrong with it.
fn listing(body: &Body, reference: &Reference, mut answer: Answer) -> Answer {
    let reading = Reading::of(body.bytes.clone());
    let (_, why) = reading.health();
    let cannot = |why| Fault::new("read all of", reference.to_string(), why);
    let mut resources = Value::Array(Vec::new());
    if let Some(snapshot) = reading.snapshot() {
        answer.text = addresses(snapshot).collect::<Vec<_>>().join("\n");
        resources = rows(snapshot).collect();
    }
    answer.own.insert("resources".to_owned(), resources);
    match (&reading, why) {
        (Reading::Whole(_), _) | (_, None) => {}
        // Damage in a listing is listed; it is no failure to list.
        (Reading::Damaged { .. } | Reading::Empty, Some(why)) => {
            let sentence = cannot(why).to_string();
            answer.unseen.push(sentence.clone());
            answer.aside.push(sentence);
        }
        (Reading::Encrypted(_) | Reading::Older(_), Some(why)) => {
            let fault = cannot(why);
            answer.exit = Exit::Unable;
            answer.unseen.push(fault.to_string());
            answer.fault = Some(fault);
        }
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
