//! `tfsos journal`: what was done in which incident, and whether the record of
//! it is what was written.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::site::{Ended, unable};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::{Journal, JournalCommand, JournalExport, JournalPurge, JournalVerify};
use crate::fault::Fault;
use crate::incident::{Author, Custody, IncidentId, Reading, custody, open_plans};
use crate::io::handover::{self, Unpacked};
use crate::io::incidents::Incidents;
use crate::io::{discover, here};
use crate::recovery::standing::Interrupted;

pub async fn answer(asked: &Journal) -> Result<Answer, Ended> {
    let incidents = Incidents::of(&discover::environment()).map_err(unable)?;
    match &asked.asked {
        JournalCommand::List(_) => list(&incidents).await,
        JournalCommand::Verify(asked) => verify(&incidents, asked).await,
        JournalCommand::Export(asked) => export(&incidents, asked).await,
        JournalCommand::Purge(asked) => purge(&incidents, asked).await,
    }
}

async fn list(incidents: &Incidents) -> Result<Answer, Ended> {
    let read = read(incidents, &incidents.list().await.map_err(unable)?).await?;
    Ok(listed(Exit::Done, &read))
}

async fn verify(incidents: &Incidents, asked: &JournalVerify) -> Result<Answer, Ended> {
    let names = if asked.incidents.is_empty() {
        incidents.list().await.map_err(unable)?
    } else {
        let parse = |name: &String| IncidentId::parse(name).ok_or_else(|| unknown(name));
        asked
            .incidents
            .iter()
            .map(parse)
            .collect::<Result<_, _>>()?
    };
    let read = read(incidents, &names).await?;
    let broken = read.iter().any(|(_, reading)| reading.broken.is_some());
    let exit = if broken { Exit::Found } else { Exit::Done };
    Ok(listed(exit, &read))
}

async fn read(
    incidents: &Incidents,
    names: &[IncidentId],
) -> Result<Vec<(IncidentId, Reading)>, Ended> {
    let mut read = Vec::new();
    for id in names {
        let reading = incidents.read(id).await.map_err(unable)?;
        let reading = reading.ok_or_else(|| unknown(id.as_str()))?;
        read.push((id.clone(), reading));
    }
    Ok(read)
}

fn unknown(name: &str) -> Ended {
    let fault = Fault::new("read the journal of", name, "there is no such incident");
    (Exit::Usage, fault.hint("tfsos journal list names them"))
}

fn listed(exit: Exit, read: &[(IncidentId, Reading)]) -> Answer {
    let mut text = String::new();
    if read.is_empty() {
        text.push_str("no incidents\n");
    }
    for (id, reading) in read {
        // Writing to a string cannot fail.
        let _ = match &reading.broken {
            None => writeln!(
                text,
                "  ✔ {id}  {} entries  head {}{}",
                reading.entries.len(),
                &reading.chain.head[..12],
                open_words(reading),
            ),
            Some(broken) => writeln!(
                text,
                "  ✖ {id}  changed at entry {}: {}",
                broken.at, broken.why
            ),
        };
    }
    let mut answer = Answer::text(exit, text);
    answer.own.insert(
        "incidents".to_owned(),
        read.iter().map(incident_json).collect(),
    );
    answer
}

fn open_words(reading: &Reading) -> String {
    let open = open_plans(&reading.entries);
    let handed_over = custody(&reading.entries) == Custody::HandedOver;
    let said = open.into_iter().map(|open| {
        let title = visible(&open.title).into_owned();
        let next = if handed_over {
            "it was handed over: tfsos --incident FILE goes on with it".to_owned()
        } else {
            Interrupted::from(open).resumed_by()
        };
        format!("\n    ▲ left open: {title}; {}", visible(&next))
    });
    said.collect::<Vec<_>>().concat()
}

fn incident_json((id, reading): &(IncidentId, Reading)) -> Value {
    let open = open_plans(&reading.entries);
    json!({
        "id": id.as_str(),
        "entries": reading.entries.len(),
        "head": reading.chain.head,
        "intact": reading.broken.is_none(),
        "broken_at": reading.broken.as_ref().map(|broken| broken.at),
        "torn_bytes": reading.torn,
        "handed_over": custody(&reading.entries) == Custody::HandedOver,
        "open_plans": open.iter().map(|plan| &plan.plan).collect::<Vec<_>>(),
    })
}

/// Who packs or takes up an incident: no AWS is asked.
fn author() -> Author {
    Author {
        caller: here::who(),
        user: here::who(),
        tfsos: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Takes up the incident that another machine packed, before anything else is done.
pub async fn take_up(file: &Path) -> Result<String, Ended> {
    let incidents = Incidents::of(&discover::environment()).map_err(unable)?;
    let taken = handover::receive(&incidents, file, author(), Timestamp::now()).await;
    let taken = taken.map_err(|fault| (Exit::Refused, fault))?;
    Ok(format!(
        "took up the incident {} of {}",
        taken.incident, taken.place
    ))
}

async fn export(incidents: &Incidents, asked: &JournalExport) -> Result<Answer, Ended> {
    let id = IncidentId::parse(&asked.incident).ok_or_else(|| unknown(&asked.incident))?;
    let known = incidents.read(&id).await.map_err(unable)?;
    known.ok_or_else(|| unknown(&asked.incident))?;
    let to = (asked.file.as_path(), author());
    let packed = handover::export(incidents, &id, to, Timestamp::now()).await;
    let reading = packed.map_err(|why| match why {
        Unpacked::Exists(fault) => (Exit::Refused, fault),
        Unpacked::Unable(fault) => unable(fault),
    })?;
    let file = asked.file.display();
    let mut text = format!("packed {id} into {file}\n");
    if custody(&reading.entries) == Custody::HandedOver {
        let _ = writeln!(
            text,
            "it is gone on with by tfsos --incident {file}, here or elsewhere"
        );
    }
    let mut answer = Answer::text(Exit::Done, text);
    answer.own.insert(
        "incidents".to_owned(),
        json!([incident_json(&(id, reading))]),
    );
    Ok(answer)
}

async fn purge(incidents: &Incidents, asked: &JournalPurge) -> Result<Answer, Ended> {
    let now = Timestamp::now();
    let names = incidents.list().await.map_err(unable)?;
    let mut gone = Vec::new();
    for (id, reading) in read(incidents, &names).await? {
        let old = reading
            .entries
            .last()
            .is_some_and(|last| now.duration_since(last.at) > asked.older_than);
        // What a crash left half done is the last that may be forgotten.
        let left = custody(&reading.entries) == Custody::HandedOver
            || open_plans(&reading.entries).is_empty();
        if old && left {
            incidents.remove(&id).await.map_err(unable)?;
            gone.push((id, reading));
        }
    }
    let deleted = gone.iter().map(|(id, _)| format!("  deleted {id}\n"));
    let mut text = deleted.collect::<Vec<_>>().concat();
    if gone.is_empty() {
        text.push_str("nothing is that old\n");
    }
    let mut answer = Answer::text(Exit::Done, text);
    let deleted = gone.iter().map(incident_json).collect();
    answer.own.insert("incidents".to_owned(), deleted);
    Ok(answer)
}
