//! Every state beside one place: listed page by page, then read a few at a
//! time, with news of each stretch. Of a large state only the beginning is
//! read, so a bucket of ten thousand states stays within the bounds below.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::task::{JoinError, JoinSet, spawn_blocking};
use tokio::time::Instant;

use super::observe;
use super::perform::Hands;
use super::remote::{PAGES, Remote};
use crate::analysis::fleet::{Keeping, Look, Member, Object};
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::state::{Muster, StateNews};
use crate::fault::Fault;
use crate::lock::{LOCKFILE, Sweep};
use crate::place::Place;
use crate::state::{Contents, Reading};

/// More states than these are not listed.
pub const STATES: usize = 50_000;
/// How many bodies are read at a time.
const AT_ONCE: usize = 32;
/// A state up to this size is read whole, while the sum of them is below the bound.
const WHOLE: u64 = 1 << 20;
const ALL_WHOLE: u64 = 512 << 20;
/// Of a larger one so much is read: Terraform writes the header first.
const BEGINNING: u64 = 4 << 10;
/// What has been read is told so often.
const PACE: Duration = Duration::from_millis(50);

/// The states of a bucket, page by page.
#[derive(Debug)]
pub struct Pages {
    remote: Remote,
    prefix: String,
    /// The names that the lock table knows.
    known: BTreeSet<String>,
    after: Option<String>,
    asked: usize,
    listed: usize,
    /// The lock objects that were met.
    pub locks: Vec<String>,
    /// How many objects have no name of a state.
    pub others: usize,
    /// Whether there is more than was looked at.
    pub more: bool,
}

impl Pages {
    /// Nothing is listed before the first page is asked for; `rows` says which odd names are states.
    pub fn new(remote: &Remote, place: &Place, prefix: &str, rows: &Sweep) -> Self {
        let keeping = Keeping::of(place, rows.by_state(&[]), &rows.digests);
        let digests = keeping.digests.into_iter().flatten().map(|(key, _)| key);
        Self {
            remote: remote.clone(),
            prefix: prefix.to_owned(),
            known: keeping.locks.into_keys().chain(digests).collect(),
            after: None,
            asked: 0,
            listed: 0,
            locks: Vec::new(),
            others: 0,
            more: false,
        }
    }

    /// The states of the next page; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Object>>, Fault> {
        if self.asked > 0 && self.after.is_none() {
            return Ok(None);
        }
        if self.asked == PAGES || self.listed >= STATES {
            self.more = true;
            return Ok(None);
        }
        self.asked += 1;
        let page = self.remote.list(&self.prefix, self.after.take()).await?;
        self.after = page.next;
        let locked = |object: &Object| object.key.strip_suffix(LOCKFILE).map(str::to_owned);
        self.known.extend(page.objects.iter().filter_map(locked));
        let (locks, objects): (Vec<_>, Vec<_>) =
            page.objects.into_iter().partition(Object::is_lock);
        self.locks.extend(locks.into_iter().map(|lock| lock.key));
        let (states, others): (Vec<_>, Vec<_>) = objects
            .into_iter()
            .partition(|object| object.is_named_as_a_state() || self.known.contains(&object.key));
        self.others += others.len();
        self.listed += states.len();
        Ok(Some(states))
    }
}

/// Lists and reads every state beside the place, with news of each stretch.
pub async fn muster(
    ticket: Ticket,
    place: &Arc<Place>,
    prefix: &str,
    hands: &Arc<Hands>,
    news: &Sender<Event>,
) -> Result<(), Fault> {
    let remote = Box::pin(hands.remote(place)).await?;
    let teller = Teller { ticket, news };
    let rows = remote.rows().await;
    let mut pages = Pages::new(&remote, place, prefix, &rows);
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await? {
        listed.extend(page.iter().cloned());
        let members = page.into_iter().map(Member::listed).collect();
        teller.tell(Muster::Listed { members }).await;
    }
    let sweep = rows.and(remote.lock_objects(std::mem::take(&mut pages.locks)).await);
    let surveys = sweep.by_state(&observe::stores(place));
    let mut keeping = Keeping::of(place, surveys, &sweep.digests);
    keeping.unseen = sweep.unseen;
    let told = Muster::Kept {
        keeping: Arc::new(keeping),
        others: pages.others,
        more: pages.more || sweep.more,
    };
    teller.tell(told).await;
    teller.read(&remote, listed).await;
    Ok(())
}

/// Tells the console what was found.
struct Teller<'a> {
    ticket: Ticket,
    news: &'a Sender<Event>,
}

type Done = (u32, Result<Look, Fault>);

impl Teller<'_> {
    async fn tell(&self, part: Muster) {
        let told = StateNews::Mustered {
            ticket: self.ticket,
            part,
        };
        // A closed channel means that we are quitting: nobody is left to tell.
        let _ = self.news.send(Event::State(told)).await;
    }

    /// Reads the bodies in the order of the listing.
    async fn read(&self, remote: &Remote, listed: Vec<Object>) {
        let mut under_way: JoinSet<Done> = JoinSet::new();
        let (mut done, mut left) = (Vec::new(), ALL_WHOLE);
        let mut told = Instant::now();
        for (number, object) in (0..).zip(listed) {
            if under_way.len() >= AT_ONCE {
                take(under_way.join_next().await, &mut done);
            }
            if told.elapsed() >= PACE && !done.is_empty() {
                self.tell(Muster::Read(std::mem::take(&mut done))).await;
                told = Instant::now();
            }
            let whole = object.size <= WHOLE.min(left);
            if whole {
                left -= object.size;
            }
            let remote = remote.clone();
            under_way.spawn(async move { (number, look(&remote, &object, whole).await) });
        }
        while let Some(one) = under_way.join_next().await {
            take(Some(one), &mut done);
            if told.elapsed() >= PACE {
                self.tell(Muster::Read(std::mem::take(&mut done))).await;
                told = Instant::now();
            }
        }
        self.tell(Muster::Read(done)).await;
    }
}

fn take(one: Option<Result<Done, JoinError>>, done: &mut Vec<Done>) {
    // A task that panicked leaves its state unread, as its row says.
    done.extend(one.and_then(Result::ok));
}

/// Reads a state whole, or what stands at its beginning.
async fn look(remote: &Remote, object: &Object, whole: bool) -> Result<Look, Fault> {
    if object.size == 0 {
        return Ok(Look::Whole(Contents::of(&[], &Reading::Empty)));
    }
    // One byte more than a whole one has: a state that grew meanwhile is seen to be cut.
    let most = if whole { WHOLE + 1 } else { BEGINNING };
    let read = remote.beginning(&object.key, most).await?;
    let bytes = read.ok_or_else(|| {
        Fault::new(
            "read the state",
            object.key.clone(),
            "it was deleted meanwhile",
        )
    })?;
    let work = spawn_blocking(move || {
        let reading = Reading::of(Arc::clone(&bytes));
        if (bytes.len() as u64) < most {
            return Look::Whole(Contents::of(&bytes, &reading));
        }
        Look::Beginning(reading.header().cloned().unwrap_or_default())
    });
    // What a panic says may quote the text, and that holds secrets.
    let failed = |_| Fault::new("read the state", "", "it stopped at an internal error");
    work.await.map_err(failed)
}
