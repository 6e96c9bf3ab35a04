//! What each effect does. One arm a job; the work itself stands in the file
//! that knows how.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::sync::mpsc::Sender;

use super::discover;
use super::remote::Remote;
use crate::app::effect::Effect;
use crate::app::event::Event;
use crate::app::pane::lock::{LockJob, LockNews};
use crate::app::pane::situation::{Find, Finds, Lookout};
use crate::app::pane::{PlaceJob, PlaceNews};
use crate::fault::Fault;
use crate::place::Place;

/// What jobs share: the remotes that are already open.
#[derive(Debug, Default)]
pub struct Hands {
    remotes: Mutex<Vec<(Arc<Place>, Remote)>>,
}

impl Hands {
    /// The remote of a place, opened once.
    pub async fn remote(&self, place: &Arc<Place>) -> Result<Remote, Fault> {
        let mut remotes = self.remotes.lock().await;
        if let Some((_, remote)) = remotes.iter().find(|(known, _)| known == place) {
            return Ok(remote.clone());
        }
        let remote = Remote::open(place).await?;
        remotes.push((place.clone(), remote.clone()));
        Ok(remote)
    }
}

/// Does one effect and returns the news that answers it; a job that goes on sends more through `news` meanwhile.
pub async fn perform(effect: Effect, hands: Arc<Hands>, _news: Sender<Event>) -> Option<Event> {
    match effect {
        Effect::Place(job) => Some(Event::Place(perform_place(job, &hands).await)),
        Effect::Lock(job) => Some(Event::Lock(perform_lock(job, &hands).await)),
        // These two belong to the terminal, which only the loop holds.
        Effect::Clip(_) | Effect::Suspend => None,
    }
}

async fn perform_place(job: PlaceJob, hands: &Hands) -> PlaceNews {
    match job {
        PlaceJob::Discover { ticket, lookout } => {
            let outcome = match lookout {
                Lookout::Named(place) => Ok(named(*place)),
                Lookout::Directory(directory) => discover::find(directory, discover::environment())
                    .await
                    .map(finds),
            };
            PlaceNews::Discovered { ticket, outcome }
        }
        PlaceJob::Identify { ticket, place } => {
            let outcome = async { hands.remote(&place).await?.caller().await }.await;
            PlaceNews::Identified { ticket, outcome }
        }
    }
}

/// A place that flags named stands alone.
fn named(place: Place) -> Finds {
    let find = Find {
        name: place.full_name(),
        outcome: Ok(Arc::new(place)),
    };
    Finds {
        found: vec![find],
        evident: Some(0),
        more: false,
    }
}

fn finds(discovery: discover::Discovery) -> Finds {
    let root = discovery.directory;
    let name = |directory: &Path| match directory.strip_prefix(&root) {
        Ok(below) if !below.as_os_str().is_empty() => below.display().to_string(),
        _ => directory.display().to_string(),
    };
    let found = discovery.found.into_iter();
    let found = found.map(|found| Find {
        name: name(&found.directory),
        outcome: found.outcome.map(Arc::new),
    });
    Finds {
        found: found.collect(),
        evident: discovery.evident,
        more: discovery.more,
    }
}

async fn perform_lock(job: LockJob, hands: &Hands) -> LockNews {
    match job {
        LockJob::Survey { ticket, place } => {
            let outcome = async { Ok(hands.remote(&place).await?.survey().await) }.await;
            LockNews::Surveyed { ticket, outcome }
        }
    }
}
