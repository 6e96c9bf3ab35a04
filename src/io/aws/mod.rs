//! A state in an S3 bucket, with its lock object and its lock table. Reads are
//! consistent and retried as the backend says; a write has one attempt and a
//! condition. Every answer comes within a deadline.

mod clients;
mod clock;
mod credentials;
mod doctor;
mod elsewhere;
mod fault;
mod http;
mod identity;
mod kind;
mod label;
mod noted;
mod object;
mod probe;
mod question;
mod ready;
mod role;
mod sweep;
mod table;
mod tags;
mod version;
mod write;

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use super::cache::Cache;
use super::remote::{Take, Told};
use crate::fault::Fault;
use crate::incident::IncidentId;
use crate::lock::habit::Former;
use crate::lock::{Store, Survey};
use crate::place::{Caller, Encryption, Identity, S3};
use crate::recovery::{Answer, Cargo, Found, Item, Seen, Write};
use crate::state::{Current, Kind, VersionId, Versions};
use clients::Clients;
pub use doctor::examine;
use identity::Asked;
use question::Question;
pub use tags::Labeled;

/// No question takes longer, however many requests it needs.
const DEADLINE: Duration = Duration::from_mins(3);

/// An S3 backend that can be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    inner: Arc<Inner>,
    /// Where bodies of versions are kept, if anywhere.
    cache: Option<Cache>,
}

/// An answer on its way; boxed, because what the SDK builds for a request is large.
type Answering<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

#[derive(Debug)]
struct Inner {
    place: S3,
    /// Shared with the other states of the same bucket.
    clients: Arc<Clients>,
    asked: Mutex<Asked>,
    /// Whether the two stores have proven that they honor conditions.
    honest_bucket: OnceCell<()>,
    honest_table: OnceCell<()>,
}

impl Aws {
    /// Prepares the questions; no network is asked.
    pub async fn open(place: &S3) -> Result<Self, Fault> {
        Ok(Self {
            inner: Arc::new(Inner {
                place: place.clone(),
                clients: Arc::new(Clients::open(place).await?),
                asked: Mutex::default(),
                honest_bucket: OnceCell::new(),
                honest_table: OnceCell::new(),
            }),
            cache: None,
        })
    }

    /// The same, keeping the bodies of versions there, or nowhere.
    #[must_use]
    pub fn caching(mut self, cache: Option<Cache>) -> Self {
        self.cache = cache;
        self
    }

    /// Another state of the same bucket, asked through the same clients.
    #[must_use]
    pub fn beside(&self, place: &S3) -> Self {
        Self {
            inner: Arc::new(Inner {
                place: place.clone(),
                clients: Arc::clone(&self.inner.clients),
                asked: Mutex::default(),
                honest_bucket: OnceCell::new(),
                honest_table: OnceCell::new(),
            }),
            cache: self.cache.clone(),
        }
    }

    /// Who is asking; a fault where the backend forbids that account.
    pub async fn caller(&self) -> Result<Caller, Fault> {
        self.inner.caller().await
    }

    /// Who is asking, and whether the bucket is theirs; a fault where the backend forbids that account.
    pub async fn identity(&self) -> Result<Identity, Fault> {
        self.inner.identity().await
    }

    /// Names the incident that every request from now on belongs to.
    pub fn label(&self, incident: &IncidentId) {
        self.inner.clients.label.name(incident);
    }

    /// One look at every configured store and the digest item, all at once.
    pub async fn survey(&self) -> Survey {
        let inner = &self.inner;
        let (object, row, digest) =
            tokio::join!(inner.lock_object(), inner.lock_row(), inner.digest());
        Survey {
            stores: [object, row].into_iter().flatten().collect(),
            digest,
        }
    }

    /// The state as it stands; none where there is no object or a delete marker.
    pub async fn current(&self) -> Result<Option<Current>, Fault> {
        self.inner.current().await
    }

    /// The newest `limit` versions; where listing is denied, the current one and why.
    pub async fn versions(&self, limit: usize) -> Result<Versions, Fault> {
        self.versions_as_they_come(limit, &mut |_| {}).await
    }

    /// The same; each page is told as it comes.
    pub async fn versions_as_they_come(
        &self,
        limit: usize,
        told: Told<'_>,
    ) -> Result<Versions, Fault> {
        self.inner.versions(limit, told).await
    }

    /// The newest `limit` bodies that stood in the lock object, newest first; none where the backend uses none.
    pub async fn former_locks(&self, limit: usize) -> Result<Vec<Former>, Fault> {
        if !self.inner.place.use_lockfile {
            return Ok(Vec::new());
        }
        // Each has a version and the marker of its end.
        let listed = self.inner.lock_versions(2 * limit).await?;
        let ends = listed.iter().zip(listed.iter().skip(1));
        let mut former: Vec<_> = ends
            .filter(|(_, version)| version.kind == Kind::Object)
            .map(|(next, version)| (version.id.clone(), version.modified, next.modified))
            .collect();
        former.truncate(limit);
        let mut reading = JoinSet::new();
        for (number, (id, ..)) in former.iter().enumerate() {
            let (inner, id) = (Arc::clone(&self.inner), id.clone());
            reading.spawn(async move { (number, inner.former_lock(&id).await) });
        }
        let mut bodies = vec![None; former.len()];
        while let Some(read) = reading.join_next().await {
            if let Ok((number, Ok(body))) = read {
                bodies[number] = body;
            }
        }
        let former = former.into_iter().zip(bodies);
        Ok(former
            .map(|((_, from, to), body)| Former { from, to, body })
            .collect())
    }

    /// The bytes of one version.
    pub async fn body(&self, id: &VersionId) -> Result<Arc<[u8]>, Fault> {
        let Some(cache) = self.cache.as_ref().filter(|_| self.inner.may_keep(id)) else {
            return self.inner.body(id).await;
        };
        let place = &self.inner.place;
        let endpoint = self.inner.clients.endpoints.s3.as_deref();
        let endpoint = endpoint.unwrap_or_else(|| self.inner.partition());
        let words = [endpoint, &place.bucket, &place.state_key(), &id.0];
        if let Some(body) = cache.find(&words).await {
            return Ok(body);
        }
        let body = self.inner.body(id).await?;
        cache.keep(&words, &body).await;
        Ok(body)
    }

    /// At most so many of the first bytes of one version.
    pub async fn head(&self, id: &VersionId, bytes: u64) -> Result<Arc<[u8]>, Fault> {
        self.inner.head(id, bytes).await
    }

    /// Makes sure that a store refuses a write whose condition does not hold.
    ///
    /// AWS does; any other endpoint has to show it once on a scratch key.
    pub async fn prove_conditions(&self, store: Store) -> Result<(), Fault> {
        self.inner.prove_conditions(store).await
    }

    /// What stands in one item now.
    pub async fn look(&self, item: &Item) -> Found {
        self.inner.look(item).await
    }

    /// The state's bytes piece by piece, and what they were as a whole.
    pub async fn read_state(&self, item: &Item, take: Take<'_>) -> Found {
        self.inner.read_state(&item.key, take).await
    }

    /// Makes one change, if the item is still exactly what was `found`. One attempt.
    pub async fn write(
        &self,
        write: &Write,
        found: Option<&Seen>,
        cargo: Option<&Cargo>,
    ) -> Answer {
        self.inner.write(write, found, cargo).await
    }
}

impl Inner {
    /// Whether a version may lie on disk: what the customer's own key encrypts may
    /// not, and `null` names other bytes after the next write.
    fn may_keep(&self, id: &VersionId) -> bool {
        !matches!(self.place.encryption, Encryption::Customer { .. }) && id.0 != "null"
    }

    /// Gives a question an end, however many requests or bytes it takes.
    async fn within<T, E: From<Fault>>(
        &self,
        question: &Question,
        answer: Answering<'_, T, E>,
    ) -> Result<T, E> {
        let late = || {
            question
                .fault(format!(
                    "no complete answer within {} s",
                    DEADLINE.as_secs()
                ))
                .hint("the connection is slow or the endpoint is overloaded; try again")
        };
        match tokio::time::timeout(DEADLINE, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(late().into()),
        }
    }
}
