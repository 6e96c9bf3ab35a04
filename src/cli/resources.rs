//! `tfsos resources`: the addresses of one version, line by line as `terraform
//! state list` prints them, or what of it answers a question. Of a damaged
//! version it prints what stood whole, and says so beside the listing.

mod search;

use serde_json::{Value, json};

use super::body::Body;
use super::site::{Ended, Site, unable};
use super::{Answer, Exit, Format};
use crate::app::text::visible;
use crate::args::Resources as Asked;
use crate::fault::Fault;
use crate::io::large;
use crate::state::{InstanceNo, Reading, Reference, Snapshot};

pub async fn answer(asked: &Asked) -> Result<Answer, Ended> {
    if asked.all {
        return search::everywhere(asked).await;
    }
    let Ok(reference) = asked.reference.parse::<Reference>();
    let format = asked.output.format();
    if let Reference::File(path) = &reference {
        let answer = Answer::text(Exit::Done, "");
        // Ids and values stand among the attributes, which takes the whole text.
        if format == Format::Text
            && asked.search.is_none()
            && let Some(looked) = large::looked(path).await.map_err(unable)?
        {
            return Ok(printed(looked.catalog.addresses(), answer));
        }
        let body = Body::file(path).await.map_err(unable)?;
        return Ok(listing(&body, asked, &reference, answer));
    }
    let site = Site::open(&asked.place).await?;
    let body = Body::of(&site, &reference).await.map_err(unable)?;
    let answer = site.answer(Exit::Done, "");
    Ok(listing(&body, asked, &reference, answer))
}

/// Addresses as a person and a script read them, one a line.
fn printed(addresses: impl Iterator<Item = String>, mut answer: Answer) -> Answer {
    let lines: Vec<String> = addresses
        .map(|address| visible(&address).into_owned())
        .collect();
    answer.text = lines.join("\n");
    answer
}

/// The addresses of a body, and what is wrong with it.
fn listing(body: &Body, asked: &Asked, reference: &Reference, mut answer: Answer) -> Answer {
    let reading = Reading::of(body.bytes.clone());
    let (_, why) = reading.health();
    let cannot = |why| Fault::new("read all of", reference.to_string(), why);
    let snapshot = reading.snapshot();
    match (asked.output.format(), &asked.search) {
        (_, Some(question)) => {
            let found = snapshot.into_iter();
            let found = found.flat_map(|snapshot| search::found(snapshot, question));
            answer = search::told(&found.collect::<Vec<_>>(), asked, answer);
        }
        (Format::Json, None) => {
            let rows = snapshot.into_iter().flat_map(rows).collect();
            answer.own.insert("resources".to_owned(), rows);
        }
        (Format::Text, None) => answer = printed(snapshot.into_iter().flat_map(addresses), answer),
    }
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
    listed.filter_map(|no| Some(snapshot.address(*no)?.to_string()))
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
