//! A question to every state beside one place: each is read whole, a few at a
//! time, searched on a thread of its own, and let go again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use super::fleet::Pages;
use super::perform::Hands;
use super::remote::Remote;
use crate::analysis::fleet::Object;
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::state::{StateNews, Stretch, Trove};
use crate::fault::Fault;
use crate::place::Place;
use crate::state::{Addresses, Hunt, Reading};

/// How many bodies are in memory at a time, and how large each may be.
const AT_ONCE: usize = 8;
const LARGEST: u64 = 64 << 20;
/// How many answers of one state are told, and of all of them.
const OF_ONE: usize = 100;
const OF_ALL: usize = 5_000;
/// What was found is told so often.
const PACE: Duration = Duration::from_millis(50);

/// Searches every state beside the place, with news of each stretch.
pub async fn scour(
    ticket: Ticket,
    place: &Arc<Place>,
    (prefix, question): (&str, &str),
    hands: &Arc<Hands>,
    news: &Sender<Event>,
) -> Result<(), Fault> {
    let remote = Box::pin(hands.remote(place)).await?;
    let rows = remote.rows().await;
    let mut pages = Pages::new(&remote, place, prefix, &rows);
    let mut states = Vec::new();
    while let Some(page) = pages.next().await? {
        states.extend(page);
    }
    let mut part = Stretch {
        of: states.len(),
        more: pages.more,
        ..Stretch::default()
    };
    let (mut under_way, mut told, mut found) = (JoinSet::new(), Instant::now(), 0);
    let question: Arc<str> = question.into();
    let mut left = states.into_iter();
    loop {
        while under_way.len() < AT_ONCE && found < OF_ALL {
            let Some(state) = left.next() else { break };
            let (remote, question) = (remote.clone(), Arc::clone(&question));
            let work = move |key: &str, bytes| troves(key, bytes, &question);
            under_way.spawn(async move { search(&remote, &state, work).await });
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

/// Has every state beside the place searched, but for the one of this key.
pub async fn everywhere<T, W>(
    remote: &Remote,
    place: &Place,
    but: Option<&str>,
    work: W,
) -> Result<Everywhere<T>, Fault>
where
    T: Send + 'static,
    W: Fn(&str, Arc<[u8]>) -> Vec<T> + Clone + Send + Sync + 'static,
{
    let rows = remote.rows().await;
    let mut pages = Pages::new(remote, place, "", &rows);
    let mut states = VecDeque::new();
    while let Some(page) = pages.next().await? {
        states.extend(
            page.into_iter()
                .filter(|state| Some(state.key.as_str()) != but),
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

/// Reads one state whole and has it searched off the runtime's threads.
async fn search<T, W>(remote: &Remote, state: &Object, work: W) -> Result<Vec<T>, Fault>
where
    T: Send + 'static,
    W: FnOnce(&str, Arc<[u8]>) -> Vec<T> + Send + 'static,
{
    let fault = |cause: &str| Fault::new("search", state.key.clone(), cause);
    if state.size > LARGEST {
        return Err(fault("it is larger than 64 MiB: open it and search there"));
    }
    if state.size == 0 {
        return Ok(Vec::new());
    }
    let read = remote.beginning(&state.key, LARGEST + 1).await?;
    let bytes = read.ok_or_else(|| fault("it was deleted meanwhile"))?;
    let key = state.key.clone();
    let work = spawn_blocking(move || work(&key, bytes));
    work.await
        .map_err(|_| fault("it stopped at an internal error"))
}

fn troves(key: &str, bytes: Arc<[u8]>, question: &str) -> Vec<Trove> {
    let reading = Reading::of(bytes);
    let Some(snapshot) = reading.snapshot() else {
        return Vec::new();
    };
    let addresses = Arc::new(Addresses::of(snapshot));
    let hunt = Hunt::new(Arc::clone(&addresses), question, None);
    let mut hunt = hunt.with_values(Some(Arc::new(snapshot.clone())));
    while hunt.step() {}
    let hits = hunt.answer().hits.into_iter().take(OF_ONE);
    hits.map(|hit| Trove {
        key: key.to_owned(),
        address: addresses.address(hit.row).to_owned(),
        score: hit.score,
        said: hit.said,
    })
    .collect()
}
