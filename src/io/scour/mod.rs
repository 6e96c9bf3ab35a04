//! A question to every state beside one place: each is read whole, a few at a
//! time, and searched on a thread of its own. What was read is kept for the next
//! letter of the question up to a bound, and let go when a person leaves.

mod ground;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use crate::analysis::fleet::Object;
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::state::{Footing, StateNews, Stretch, Trove};
use crate::fault::Fault;
use crate::io::fleet::Pages;
use crate::io::perform::Hands;
use crate::io::remote::Remote;
use crate::place::Place;
use crate::state::{self, Reading};

pub use ground::Ground;
use ground::Listed;

/// How many bodies are in memory at a time, and how large each may be.
const AT_ONCE: usize = 8;
const LARGEST: u64 = 64 << 20;
/// How many answers of one state are told, and of all of them.
const OF_ONE: usize = 100;
const OF_ALL: usize = 5_000;
/// What was found is told so often.
const PACE: Duration = Duration::from_millis(50);

/// A question to every state there.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub prefix: &'a str,
    pub question: &'a str,
    pub footing: Footing,
}

/// Searches every state beside the place, with news of each stretch.
pub async fn scour(
    ticket: Ticket,
    place: &Arc<Place>,
    asked: Asked<'_>,
    hands: &Arc<Hands>,
    news: &Sender<Event>,
) -> Result<(), Fault> {
    let remote = Box::pin(hands.remote(place)).await?;
    let listed = listed(&remote, place, asked, hands).await?;
    let mut part = Stretch {
        of: listed.states.len(),
        more: listed.more,
        ..Stretch::default()
    };
    let (mut under_way, mut told, mut found) = (JoinSet::new(), Instant::now(), 0);
    let question: Arc<str> = asked.question.into();
    let mut left = listed.states.iter();
    loop {
        while under_way.len() < AT_ONCE && found < OF_ALL {
            let Some(state) = left.next() else { break };
            if hands.ground.is_silent(&state.key) {
                part.read += 1;
                continue;
            }
            let (remote, place) = (remote.clone(), Arc::clone(place));
            let (hands, question) = (Arc::clone(hands), Arc::clone(&question));
            let state = state.clone();
            under_way.spawn(async move { ask(&remote, &place, &state, &hands, &question).await });
        }
        let Some(one) = under_way.join_next().await else {
            break;
        };
        part.read += 1;
        match one {
            Ok(Ok(troves)) => {
                found += troves.len();
                part.troves.extend(troves);
            }
            Ok(Err(fault)) => part.unseen.push(fault),
            // What a panic says may quote the text, and that holds secrets.
            Err(_) => part
                .unseen
                .push(Fault::new("search a state", "", "an internal error")),
        }
        if told.elapsed() >= PACE {
            tell(ticket, &mut part, news).await;
            told = Instant::now();
        }
    }
    part.more |= found >= OF_ALL;
    tell(ticket, &mut part, news).await;
    Ok(())
}

/// The states that lie there, as they were listed for the letter before or as they are now.
async fn listed(
    remote: &Remote,
    place: &Arc<Place>,
    asked: Asked<'_>,
    hands: &Hands,
) -> Result<Listed, Fault> {
    let Asked {
        prefix, question, ..
    } = asked;
    if asked.footing == Footing::Anew {
        hands.ground.leave();
    }
    if let Some(listed) = hands.ground.walk(place, prefix, question) {
        return Ok(listed);
    }
    let rows = remote.rows().await;
    let mut pages = Pages::new(remote, place, prefix, &rows);
    let mut states = Vec::new();
    while let Some(page) = pages.next().await? {
        states.extend(page);
    }
    let listed = Listed {
        states: states.into(),
        more: pages.more,
    };
    hands.ground.found(place, prefix, question, listed.clone());
    Ok(listed)
}

/// Asks one state, and notes where it has no answer.
async fn ask(
    remote: &Remote,
    place: &Arc<Place>,
    state: &Object,
    hands: &Hands,
    question: &Arc<str>,
) -> Result<Vec<Trove>, Fault> {
    let bytes = match hands.ground.body(&state.key) {
        Some(bytes) => Some(bytes),
        None => whole(remote, state).await?,
    };
    let mut found = Vec::new();
    if let Some(bytes) = bytes {
        hands.ground.keep(place, &state.key, &bytes);
        let asked = Arc::clone(question);
        found = searched(state, bytes, move |key, bytes| troves(key, bytes, &asked)).await?;
    }
    if found.is_empty() {
        hands.ground.silence(&state.key, question);
    }
    Ok(found)
}

/// Tells what is new; the counts go on.
async fn tell(ticket: Ticket, part: &mut Stretch, news: &Sender<Event>) {
    let told = Stretch {
        troves: std::mem::take(&mut part.troves),
        unseen: std::mem::take(&mut part.unseen),
        ..part.clone()
    };
    let told = StateNews::Scoured { ticket, part: told };
    // A closed channel means that we are quitting: nobody is left to tell.
    let _ = news.send(Event::State(told)).await;
}

/// What was found in every state beside a place.
#[derive(Debug)]
pub struct Everywhere<T> {
    pub found: Vec<T>,
    /// How many states there are, and which of them could not be searched.
    pub states: usize,
    pub unseen: Vec<Fault>,
    /// Whether there are more states than were listed.
    pub more: bool,
}

/// Which states beside a place are meant: those below a prefix, but for the one of a key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meant<'a> {
    pub prefix: &'a str,
    pub but: Option<&'a str>,
}

impl<'a> Meant<'a> {
    /// Every state there but the place's own.
    pub fn but(own: Option<&'a str>) -> Self {
        Self {
            prefix: "",
            but: own,
        }
    }
}

/// Has every state beside the place searched that is meant, in no order.
pub async fn everywhere<T, W>(
    remote: &Remote,
    place: &Place,
    meant: Meant<'_>,
    work: W,
) -> Result<Everywhere<T>, Fault>
where
    T: Send + 'static,
    W: Fn(&str, Arc<[u8]>) -> Vec<T> + Clone + Send + Sync + 'static,
{
    let rows = remote.rows().await;
    let mut pages = Pages::new(remote, place, meant.prefix, &rows);
    let mut states = VecDeque::new();
    while let Some(page) = pages.next().await? {
        states.extend(
            page.into_iter()
                .filter(|state| Some(state.key.as_str()) != meant.but),
        );
    }
    let mut all = Everywhere {
        found: Vec::new(),
        states: states.len(),
        unseen: Vec::new(),
        more: pages.more,
    };
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < AT_ONCE {
            let Some(state) = states.pop_front() else {
                break;
            };
            let (remote, work) = (remote.clone(), work.clone());
            under_way.spawn(async move { search(&remote, &state, work).await });
        }
        match under_way.join_next().await {
            None => return Ok(all),
            Some(Ok(Ok(found))) => all.found.extend(found),
            Some(Ok(Err(fault))) => all.unseen.push(fault),
            // What a panic says may quote the text, and that holds secrets.
            Some(Err(_)) => all
                .unseen
                .push(Fault::new("search a state", "", "an internal error")),
        }
    }
}

/// Reads one state whole and has it searched.
async fn search<T, W>(remote: &Remote, state: &Object, work: W) -> Result<Vec<T>, Fault>
where
    T: Send + 'static,
    W: FnOnce(&str, Arc<[u8]>) -> Vec<T> + Send + 'static,
{
    match whole(remote, state).await? {
        Some(bytes) => searched(state, bytes, work).await,
        None => Ok(Vec::new()),
    }
}

/// The bytes of a state; none where it has none.
async fn whole(remote: &Remote, state: &Object) -> Result<Option<Arc<[u8]>>, Fault> {
    let fault = |cause: &str| Fault::new("search", state.key.clone(), cause);
    if state.size > LARGEST {
        return Err(fault("it is larger than 64 MiB: open it and search there"));
    }
    if state.size == 0 {
        return Ok(None);
    }
    let read = remote.beginning(&state.key, LARGEST + 1).await?;
    read.ok_or_else(|| fault("it was deleted meanwhile"))
        .map(Some)
}

/// Has a state searched off the runtime's threads.
async fn searched<T, W>(state: &Object, bytes: Arc<[u8]>, work: W) -> Result<Vec<T>, Fault>
where
    T: Send + 'static,
    W: FnOnce(&str, Arc<[u8]>) -> Vec<T> + Send + 'static,
{
    let key = state.key.clone();
    let failed = || {
        Fault::new(
            "search",
            state.key.clone(),
            "it stopped at an internal error",
        )
    };
    let work = spawn_blocking(move || work(&key, bytes));
    work.await.map_err(|_| failed())
}

fn troves(key: &str, bytes: Arc<[u8]>, question: &str) -> Vec<Trove> {
    let reading = Reading::of(bytes);
    let Some(snapshot) = reading.snapshot() else {
        return Vec::new();
    };
    let (addresses, hits) = state::searched(snapshot, question);
    let hits = hits.into_iter().take(OF_ONE);
    hits.map(|hit| Trove {
        key: key.to_owned(),
        address: addresses.address(hit.row).to_owned(),
        row: hit.row,
        score: hit.score,
        said: hit.said,
    })
    .collect()
}
