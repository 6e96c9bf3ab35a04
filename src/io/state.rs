//! Reading states for the console: bodies are fetched a few at a time, parsed
//! on threads of their own, and kept in memory up to a bound, never on disk.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::Sender;
use tokio::task::{JoinSet, spawn_blocking};

use super::perform::Hands;
use super::{browse, fleet, others, rebuilding, repairing, scour};
use crate::app::effect::{Lane, Ticket};
use crate::app::event::Event;
use crate::app::pane::state::{Aged, Opened, Saved, StateJob, StateNews};
use crate::fault::Fault;
use crate::lock::Writers;
use crate::place::Place;
use crate::recovery::rebuild::Rebuilt;
use crate::state::lint::{Elder, Untouched};
use crate::state::{
    Comparison, Contents, Reading, Reference, Sides, Snapshot, Version, VersionId, Versions,
};

/// How many versions are listed; a person who looks further back names a version.
const LISTED: usize = 50_000;
/// How many former locks are read to tell who wrote the newest versions.
const FORMER: usize = 50;
/// How many bodies are fetched at a time.
const AT_ONCE: usize = 3;
/// A version of long ago that is larger is compared only when a person asks.
const AGED: u64 = 4 << 20;
/// How many bytes of bodies stay in memory for a second look.
const KEPT: usize = 32 << 20;

/// The bodies that were read last, up to a bound.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    place: Arc<Place>,
    version: Version,
    body: Arc<[u8]>,
}

impl Shelf {
    fn find(&self, place: &Arc<Place>, version: &Version) -> Option<Arc<[u8]>> {
        let bodies = self.0.lock().ok()?;
        let same = |kept: &&Kept| kept.version == *version && kept.place == *place;
        bodies.iter().find(same).map(|kept| Arc::clone(&kept.body))
    }

    /// Keeps a body; the oldest leave until all fit, and one that is too large alone is not kept.
    fn keep(&self, kept: Kept) {
        let Ok(mut bodies) = self.0.lock() else {
            return;
        };
        if kept.body.len() > KEPT {
            return;
        }
        bodies.push_back(kept);
        while bodies.iter().map(|kept| kept.body.len()).sum::<usize>() > KEPT {
            bodies.pop_front();
        }
    }
}

/// Does one job about states.
pub async fn perform(job: StateJob, hands: &Arc<Hands>, news: &Sender<Event>) -> StateNews {
    match job {
        job @ (StateJob::List { .. } | StateJob::Writers { .. } | StateJob::Others { .. }) => {
            listed(job, hands, news).await
        }
        StateJob::Read {
            ticket,
            place,
            versions,
        } => {
            read(ticket, &place, versions, hands, news).await;
            StateNews::ReadEnded {
                ticket,
                outcome: Ok(()),
            }
        }
        StateJob::Open {
            ticket,
            place,
            version,
        } => {
            let outcome = open(&place, version, hands).await.map(Arc::new);
            StateNews::Opened { ticket, outcome }
        }
        StateJob::Age {
            ticket,
            place,
            opened,
            formers,
        } => {
            let outcome = Ok(Arc::new(age(&place, &opened, formers, hands).await));
            StateNews::Aged { ticket, outcome }
        }
        job @ (StateJob::Describe { .. }
        | StateJob::Reveal { .. }
        | StateJob::Search { .. }
        | StateJob::Depend { .. }) => browse::perform(job, hands, news).await,
        StateJob::Repair {
            ticket,
            place,
            version,
            known,
        } => {
            let outcome = repair(&place, version, known, hands).await;
            StateNews::Repaired { ticket, outcome }
        }
        StateJob::WriteCopy {
            ticket,
            path,
            repaired,
        } => {
            let outcome = repairing::write(&path, &repaired).await.map(|()| path);
            StateNews::CopyWritten { ticket, outcome }
        }
        job @ (StateJob::Muster { .. }
        | StateJob::Scour { .. }
        | StateJob::Rebuild { .. }
        | StateJob::Dismiss { .. }) => around(job, hands, news).await,
        StateJob::Compare {
            ticket,
            place,
            before,
            after,
        } => {
            let outcome = compare(&place, [before, after], hands).await.map(Arc::new);
            StateNews::Compared { ticket, outcome }
        }
    }
}

/// What a version has, the present state has lost and no other state owns.
async fn rebuild(
    place: &Arc<Place>,
    version: Version,
    hands: &Arc<Hands>,
) -> Result<Rebuilt, Fault> {
    let bytes = Box::pin(body(place, &version, hands)).await?;
    let remote = Box::pin(hands.remote(place)).await?;
    let from = (format!("version {}", version.id), bytes);
    rebuilding::rebuild(place, &remote, Some(from), None).await
}

/// What can be saved of a version; where the one to compare with cannot be read, that is said.
async fn repair(
    place: &Arc<Place>,
    version: Version,
    known: Option<Version>,
    hands: &Arc<Hands>,
) -> Result<Saved, Fault> {
    let text = Box::pin(body(place, &version, hands)).await?;
    let known = match &known {
        Some(known) => Some(Box::pin(body(place, known, hands)).await),
        None => None,
    };
    let (known, unread) = match known.transpose() {
        Ok(known) => (known, None),
        Err(fault) => (None, Some(fault)),
    };
    let repaired = repairing::copy(text, known).await?.map_err(|hopeless| {
        Fault::new("repair", format!("the version {}", version.id), hopeless)
            .hint("R puts back an older version that loads")
    })?;
    Ok(Saved {
        repaired: Arc::new(repaired),
        unread,
    })
}

/// Lists the versions, with news of each page as it comes.
async fn list(
    ticket: Ticket,
    place: &Arc<Place>,
    hands: &Hands,
    news: &Sender<Event>,
) -> Result<Versions, Fault> {
    let remote = hands.remote(place).await?;
    let mut told = |page| {
        // A screen that is slow misses a page and still hears of all in the end.
        let _ = news.try_send(Event::State(StateNews::Paged { ticket, page }));
    };
    remote.versions_as_they_come(LISTED, &mut told).await
}

/// Does one job about what there is to read.
async fn listed(job: StateJob, hands: &Arc<Hands>, news: &Sender<Event>) -> StateNews {
    match job {
        StateJob::List { ticket, place } => {
            let outcome = Box::pin(list(ticket, &place, hands, news)).await;
            StateNews::Listed { ticket, outcome }
        }
        StateJob::Writers { ticket, place } => {
            let former = async { hands.remote(&place).await?.former_locks(FORMER).await };
            let outcome = Box::pin(former).await;
            StateNews::Written {
                ticket,
                outcome: outcome.map(|former| Arc::new(Writers::of(&former))),
            }
        }
        StateJob::Others { ticket, place } => {
            let remote = Box::pin(hands.remote(&place)).await;
            let remote = remote.as_ref().map_err(Clone::clone);
            let outcome = Ok(others::look(&place, remote, &hands.replica).await);
            StateNews::Beside { ticket, outcome }
        }
        // Whatever is read is not listed.
        other => other.failed(Fault::new("list", "", "it is no listing")),
    }
}

/// Does one job about the states that lie beside one another.
async fn around(job: StateJob, hands: &Arc<Hands>, news: &Sender<Event>) -> StateNews {
    match job {
        StateJob::Scour {
            ticket,
            place,
            prefix,
            question,
            footing,
        } => {
            let asked = scour::Asked {
                prefix: &prefix,
                question: &question,
                footing,
            };
            let outcome = Box::pin(scour::scour(ticket, &place, asked, hands, news)).await;
            StateNews::ScourEnded { ticket, outcome }
        }
        StateJob::Muster {
            ticket,
            place,
            prefix,
        } => {
            let outcome = Box::pin(fleet::muster(ticket, &place, &prefix, hands, news)).await;
            StateNews::MusterEnded { ticket, outcome }
        }
        StateJob::Rebuild {
            ticket,
            place,
            version,
        } => {
            let outcome = Box::pin(rebuild(&place, version, hands)).await;
            StateNews::Rebuilt {
                ticket,
                outcome: outcome.map(Arc::new),
            }
        }
        other => {
            // What was under way in its lane has been ended by its being there.
            let lane = Lane::StateScour;
            if matches!(other, StateJob::Dismiss { lane: ended, .. } if ended == lane) {
                hands.ground.leave();
            }
            other.failed(Fault::new("go on", "", "it was ended"))
        }
    }
}

/// Sums up versions, newest first, with news of each as it is done.
async fn read(
    ticket: Ticket,
    place: &Arc<Place>,
    versions: Vec<Version>,
    hands: &Arc<Hands>,
    news: &Sender<Event>,
) {
    let fetch = |version: Version| {
        let (place, hands) = (Arc::clone(place), Arc::clone(hands));
        async move { body(&place, &version, &hands).await }
    };
    let mut sums = Sums::new(versions, fetch);
    while let Some((id, outcome)) = sums.next().await {
        tell(
            news,
            StateNews::Read {
                ticket,
                id,
                outcome,
            },
        )
        .await;
    }
}

/// Versions on their way to being summed up, a few at a time and in their order.
#[derive(Debug)]
pub struct Sums<F> {
    left: std::vec::IntoIter<Version>,
    fetch: F,
    under_way: JoinSet<(VersionId, Result<Contents, Fault>)>,
}

impl<F, B> Sums<F>
where
    F: Fn(Version) -> B,
    B: Future<Output = Result<Arc<[u8]>, Fault>> + Send + 'static,
{
    /// Nothing is fetched before the first is asked for.
    pub fn new(versions: Vec<Version>, fetch: F) -> Self {
        Self {
            left: versions.into_iter(),
            fetch,
            under_way: JoinSet::new(),
        }
    }

    /// What the next body says that is known; none after the last.
    pub async fn next(&mut self) -> Option<(VersionId, Result<Contents, Fault>)> {
        loop {
            while self.under_way.len() < AT_ONCE {
                let Some(version) = self.left.next() else {
                    break;
                };
                let (id, body) = (version.id.clone(), (self.fetch)(version));
                self.under_way
                    .spawn(async move { (id, sum_up(body).await) });
            }
            // A task that panicked leaves its version unread, as its row says.
            if let Ok(done) = self.under_way.join_next().await? {
                return Some(done);
            }
        }
    }
}

async fn sum_up(body: impl Future<Output = Result<Arc<[u8]>, Fault>>) -> Result<Contents, Fault> {
    let body = body.await?;
    work("read the version", move || {
        Contents::of(&body, &Reading::of(Arc::clone(&body)))
    })
    .await
}

async fn open(place: &Arc<Place>, version: Version, hands: &Hands) -> Result<Opened, Fault> {
    let body = body(place, &version, hands).await?;
    work("read the version", move || Opened::of(version, &body)).await
}

/// Compares with old versions one after the other: one of them is in memory at a time.
async fn age(place: &Arc<Place>, opened: &Arc<Opened>, formers: Vec<Elder>, hands: &Hands) -> Aged {
    let mut aged = Aged {
        of: opened.version.id.clone(),
        untouched: Untouched::default(),
        unseen: Vec::new(),
    };
    for former in formers {
        let untouched = aged.untouched.clone();
        match older(place, opened, (former, untouched), hands).await {
            Ok(untouched) => aged.untouched = untouched,
            Err(fault) => aged.unseen.push(fault),
        }
    }
    aged
}

async fn older(
    place: &Arc<Place>,
    opened: &Arc<Opened>,
    (former, mut untouched): (Elder, Untouched),
    hands: &Hands,
) -> Result<Untouched, Fault> {
    if former.version.size > AGED {
        let cause = "it is larger than 4 MiB: m marks it for a comparison";
        return Err(Fault::new("compare with", former.named(), cause));
    }
    let body = body(place, &former.version, hands).await?;
    let opened = Arc::clone(opened);
    work("compare with a version of long ago", move || {
        let older = snapshot(&body, &former.version.id)?;
        if let Some(present) = &opened.snapshot {
            untouched.compare(present, &older, former);
        }
        Ok(untouched)
    })
    .await?
}

async fn compare(
    place: &Arc<Place>,
    versions: [Version; 2],
    hands: &Hands,
) -> Result<Sides, Fault> {
    let [before, after] = &versions;
    let (one, two) = tokio::try_join!(body(place, before, hands), body(place, after, hands))?;
    let read =
        |body: Arc<[u8]>, id: VersionId| work("compare the versions", move || snapshot(&body, &id));
    // Each on a thread of its own: two large states take the time of one.
    let (one, two) = tokio::try_join!(read(one, before.id.clone()), read(two, after.id.clone()))?;
    let (one, two) = (one?, two?);
    work("compare the versions", move || {
        Sides::of(Arc::new(Comparison::of(&one, &two)))
    })
    .await
}

/// What can be compared of a body: all of it, or what is salvaged.
fn snapshot(body: &Arc<[u8]>, id: &VersionId) -> Result<Snapshot, Fault> {
    let reading = Reading::of(Arc::clone(body));
    let cause = || Contents::of(body, &reading).why.unwrap_or_default();
    let snapshot = reading.snapshot().cloned();
    snapshot.ok_or_else(|| Fault::new("compare version", id.to_string(), cause()))
}

async fn body(place: &Arc<Place>, version: &Version, hands: &Hands) -> Result<Arc<[u8]>, Fault> {
    if let Some(body) = hands.shelf.find(place, version) {
        return Ok(body);
    }
    let body = if let Reference::File(path) = version.reference() {
        // Read also where the backend cannot be asked.
        others::file(&path).await?
    } else {
        // Boxed: an answer from AWS is a large future, and two of them stand side by side.
        let remote = Box::pin(hands.remote(place)).await?;
        Box::pin(others::body(version, &remote)).await?
    };
    hands.shelf.keep(Kept {
        place: Arc::clone(place),
        version: version.clone(),
        body: Arc::clone(&body),
    });
    Ok(body)
}

/// Does what takes long on a thread that nobody waits for but its asker.
pub(super) async fn work<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    // What a panic says may quote the text, and that holds secrets.
    let failed = |_| Fault::new(doing, "", "it stopped at an internal error");
    spawn_blocking(work).await.map_err(failed)
}

pub(super) async fn tell(news: &Sender<Event>, state: StateNews) {
    // A closed channel means that we are quitting: nobody is left to tell.
    let _ = news.send(Event::State(state)).await;
}
