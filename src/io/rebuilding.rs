//! What a rebuild is made of: the version that still knows the resources, the
//! present state, what carries tags, and every other state of the bucket, which
//! must not own what is offered. Nothing is written but the file that is asked for.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::disk::{self, Asking};
use super::remote::Remote;
use super::scour::{self, Meant};
use crate::fault::Fault;
use crate::place::Place;
use crate::recovery::rebuild::{Missing, Owner, Question, Rebuild, Rebuilt, Tagged, regions};
use crate::state::{Reading, Snapshot};

/// Where IAM and the other services without regions list their tags.
const GLOBAL: &str = "us-east-1";

/// Tags that a resource must have; one without a value may have any.
pub type Tags = [(String, Option<String>)];

/// Looks for everything that can be imported. Where the other states cannot be
/// listed nothing is offered at all.
pub async fn rebuild(
    place: &Place,
    remote: &Remote,
    from: Option<(String, Arc<[u8]>)>,
    tags: Option<&Tags>,
) -> Result<Rebuilt, Fault> {
    let mut unseen = Vec::new();
    let present = match remote.current().await? {
        Some(current) => {
            let said = "what it no longer shows is taken for lost";
            read("the current state", current.bytes, (said, &mut unseen)).await?
        }
        None => Snapshot::nothing(),
    };
    let from = match from {
        Some((name, bytes)) => {
            let said = "what it no longer shows is not offered";
            read(&name, bytes, (said, &mut unseen)).await?
        }
        None => Snapshot::nothing(),
    };
    let (found, asked) = match tags {
        Some(tags) => tagged((place, remote), tags, [&from, &present], &mut unseen).await?,
        None => Default::default(),
    };
    let written_by = [&from, &present].map(|side| side.header().terraform_version.clone());
    let terraform = written_by.into_iter().flatten().next();
    let compared = aside(move || {
        let mut missing = Missing::between(&from, &present);
        missing.extend(Missing::tagged(&found, &missing, &[&from, &present]));
        let question = Question::about(&missing);
        let owners = question.owners(None, &present);
        (missing, question, owners)
    });
    let (missing, question, mut owners) = compared.await?;
    let mut searched = 0;
    if !question.is_empty() {
        let question = Arc::new(question);
        let work = move |key: &str, bytes: Arc<[u8]>| vec![search(&question, key, bytes)];
        let own = place.key();
        let others = Meant::but(own.as_deref());
        let everywhere = scour::everywhere(remote, place, others, work).await?;
        for (found, unread) in everywhere.found {
            owners.extend(found);
            unseen.extend(unread);
        }
        unseen.extend(everywhere.unseen.iter().map(Fault::to_string));
        if everywhere.more {
            unseen.push("there are more states beside this one than were searched".to_owned());
        }
        searched = everywhere.states;
    }
    Ok(Rebuilt {
        rebuild: Rebuild::of(missing, &owners),
        regions: asked,
        searched,
        unseen,
        terraform,
    })
}

/// What another state owns of it, and what could not be read there.
fn search(question: &Question, key: &str, bytes: Arc<[u8]>) -> (Vec<Owner>, Option<String>) {
    let reading = Reading::of(bytes);
    let owners = reading
        .snapshot()
        .map(|state| question.owners(Some(key), state));
    let unread = match &reading {
        Reading::Whole(_) | Reading::Empty => None,
        Reading::Damaged { .. } | Reading::Encrypted(_) | Reading::Older(_) => {
            let why = reading.health().1.unwrap_or_default();
            Some(Fault::new("search all of", key, why).to_string())
        }
    };
    (owners.unwrap_or_default(), unread)
}

/// Writes the file; one that is there already is never touched.
pub async fn write(path: &Path, text: String) -> Result<(), Fault> {
    let asking = Asking::new("write the imports", path.display().to_string());
    let path = path.to_owned();
    disk::ask(asking, move || disk::create(&path, text.as_bytes())).await
}

/// Parses a body; of a damaged one what stands whole, and that is said.
async fn read(
    name: &str,
    bytes: Arc<[u8]>,
    (said, unseen): (&str, &mut Vec<String>),
) -> Result<Snapshot, Fault> {
    let reading = aside(move || Reading::of(bytes)).await?;
    let (_, why) = reading.health();
    let cannot = |why: Option<String>| Fault::new("read all of", name, why.unwrap_or_default());
    match &reading {
        Reading::Whole(snapshot) => Ok(snapshot.clone()),
        Reading::Empty => Ok(Snapshot::nothing()),
        Reading::Damaged { .. } => {
            unseen.push(format!("{}; {said}", cannot(why)));
            Ok(reading
                .snapshot()
                .cloned()
                .unwrap_or_else(Snapshot::nothing))
        }
        Reading::Encrypted(_) | Reading::Older(_) => Err(cannot(why)),
    }
}

/// What carries the tags in every region that the states name, in the
/// backend's own and in the one of global services.
async fn tagged(
    (place, remote): (&Place, &Remote),
    tags: &Tags,
    states: [&Snapshot; 2],
    unseen: &mut Vec<String>,
) -> Result<(Vec<Tagged>, Vec<String>), Fault> {
    let Remote::Aws(aws) = remote else {
        let cause = "only a state in S3 comes with credentials that may ask";
        return Err(Fault::new(
            "find resources by their tags for",
            place.full_name(),
            cause,
        ));
    };
    let mut asked: BTreeSet<String> = states.into_iter().flat_map(regions).collect();
    asked.extend(place.region().map(str::to_owned));
    let elsewhere = |region: &String| region.starts_with("cn-") || region.starts_with("us-gov-");
    if !asked.iter().any(elsewhere) {
        asked.insert(GLOBAL.to_owned());
    }
    let (mut found, mut answered, mut last) = (Vec::new(), Vec::new(), None);
    for region in asked {
        match aws.tagged(&region, tags).await {
            Ok(labeled) => {
                found.extend(labeled.resources);
                if labeled.more {
                    unseen.push(format!(
                        "{region} has more tagged resources than were listed"
                    ));
                }
                answered.push(region);
            }
            Err(fault) => {
                unseen.push(fault.to_string());
                last = Some(fault);
            }
        }
    }
    match last {
        Some(fault) if answered.is_empty() => Err(fault),
        _ => Ok((found, answered)),
    }
}

/// Does what takes a while on a thread of its own.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    // What a panic says may quote the text, and that holds secrets.
    done.map_err(|_| Fault::new("rebuild", "the state", "it stopped at an internal error"))
}
