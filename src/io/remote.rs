//! The same questions to whatever holds the state: AWS, a local file or a
//! sandbox. Every answer comes back bounded, and none hides a store that could
//! not be read. The only write here is [`Remote::write`]; nothing but
//! `io::execute` calls it.

use std::sync::Arc;

use super::aws::{self, Aws};
use super::cache::Cache;
use super::here;
use super::local::Local;
use super::sandbox::Sandbox;
use crate::analysis::fleet::Object;
use crate::fault::Fault;
use crate::incident::IncidentId;
use crate::lock::habit::Former;
use crate::lock::{Survey, Sweep};
use crate::place::{Backend, Caller, Credentials, Identity, Place};
use crate::recovery::{Answer, Cargo, Content, Found, Item, Mark, Seen, Write};
use crate::state::{Current, VersionId, Versions};

/// Takes the pieces of a body as they come.
pub type Take<'a> = &'a mut (dyn FnMut(&[u8]) + Send);

/// Hears each page of a history as it comes, newest first.
pub type Told<'a> = &'a mut (dyn FnMut(Versions) + Send);

/// How many pages of a thousand keys, or of a megabyte of rows, are asked for at most.
pub const PAGES: usize = 200;

/// One page of a bucket's objects, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub objects: Vec<Object>,
    /// What the next page is asked for with; none after the last.
    pub next: Option<String>,
}

/// Where a state lives, ready to be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Remote {
    Aws(Aws),
    Local(Local),
    Sandbox(Sandbox),
}

impl Remote {
    /// Prepares the questions; nothing is asked of the place yet.
    pub async fn open(place: &Place) -> Result<Self, Fault> {
        match &place.backend {
            Backend::Local(local) => Ok(Self::Local(Local::new(local))),
            Backend::Sandbox(sandbox) => Ok(Self::Sandbox(Sandbox::new(sandbox.clone()))),
            Backend::S3(s3) => Ok(Self::Aws(Aws::open(s3).await?)),
            Backend::Other { kind } => Err(Fault::new(
                "open",
                place.full_name(),
                format!("states in a {kind} backend are beyond tfsos"),
            )
            .hint("logs, runbooks and local state files still work here")),
        }
    }

    /// What is known of the credentials of a place, opened anew; none where no AWS is asked.
    pub async fn credentials(place: &Place) -> Option<Credentials> {
        match &place.backend {
            Backend::S3(s3) => Some(Box::pin(aws::examine(s3)).await),
            Backend::Local(_) | Backend::Sandbox(_) | Backend::Other { .. } => None,
        }
    }

    /// The same, keeping the bodies of versions there, or nowhere; what is on this machine
    /// anyway is never kept twice.
    #[must_use]
    pub fn caching(self, cache: Option<Cache>) -> Self {
        match self {
            Self::Aws(aws) => Self::Aws(aws.caching(cache)),
            Self::Local(_) | Self::Sandbox(_) => self,
        }
    }

    /// Who is asking, and whether the bucket is theirs. Asked anew each time:
    /// credentials change under a process that runs for hours.
    pub async fn identity(&self) -> Result<Identity, Fault> {
        match self {
            Self::Aws(aws) => aws.identity().await,
            Self::Local(_) | Self::Sandbox(_) => Ok(Identity {
                caller: here::caller(),
                bucket: None,
            }),
        }
    }

    /// Who is asking.
    pub async fn caller(&self) -> Result<Caller, Fault> {
        match self {
            Self::Aws(aws) => aws.caller().await,
            Self::Local(_) | Self::Sandbox(_) => Ok(here::caller()),
        }
    }

    /// Names the incident that every request from now on belongs to.
    pub fn label(&self, incident: &IncidentId) {
        match self {
            Self::Aws(aws) => aws.label(incident),
            Self::Local(_) | Self::Sandbox(_) => {}
        }
    }

    /// One look at every configured lock store and the digest item, each by itself.
    pub async fn survey(&self) -> Survey {
        match self {
            Self::Aws(aws) => aws.survey().await,
            Self::Local(local) => local.survey().await,
            Self::Sandbox(sandbox) => sandbox.survey().await,
        }
    }

    /// Every lock of the same bucket and table, or of the same directory.
    pub async fn sweep(&self) -> Sweep {
        match self {
            Self::Aws(aws) => aws.sweep().await,
            Self::Local(local) => local.sweep().await,
            Self::Sandbox(sandbox) => sandbox.sweep().await,
        }
    }

    /// One page of the states and whatever else lies beside this one, of which the names begin so.
    pub async fn list(&self, prefix: &str, after: Option<String>) -> Result<Listing, Fault> {
        match self {
            Self::Aws(aws) => aws.list(prefix, after).await,
            Self::Local(local) => local.list(prefix).await,
            Self::Sandbox(sandbox) => sandbox.list(prefix).await,
        }
    }

    /// Every lock and every digest that lies in a table, or beside a file.
    pub async fn rows(&self) -> Sweep {
        match self {
            Self::Aws(aws) => aws.rows().await,
            Self::Local(local) => local.sweep().await,
            Self::Sandbox(sandbox) => sandbox.rows().await,
        }
    }

    /// The lock objects of these keys.
    pub async fn lock_objects(&self, keys: Vec<String>) -> Sweep {
        match self {
            Self::Aws(aws) => aws.lock_objects(keys).await,
            Self::Local(_) => Sweep::default(),
            Self::Sandbox(sandbox) => sandbox.lock_objects(keys).await,
        }
    }

    /// At most so many of the first bytes of a state that has any; none where it is not there.
    pub async fn beginning(&self, key: &str, bytes: u64) -> Result<Option<Arc<[u8]>>, Fault> {
        match self {
            Self::Aws(aws) => aws.beginning(key, bytes).await,
            Self::Local(local) => local.beginning(key, bytes).await,
            Self::Sandbox(sandbox) => sandbox.beginning(key, bytes).await,
        }
    }

    /// Another state that lies beside this one, asked in the same way.
    pub async fn beside(&self, place: &Place) -> Result<Self, Fault> {
        match (self, &place.backend) {
            (Self::Aws(aws), Backend::S3(s3)) => Ok(Self::Aws(aws.beside(s3))),
            _ => Self::open(place).await,
        }
    }

    /// The state as it stands; none where there is no object, and perhaps 0 bytes where there is one.
    pub async fn current(&self) -> Result<Option<Current>, Fault> {
        match self {
            Self::Aws(aws) => aws.current().await,
            Self::Local(local) => local.current().await,
            Self::Sandbox(sandbox) => sandbox.current().await,
        }
    }

    /// The newest `limit` versions of the state.
    pub async fn versions(&self, limit: usize) -> Result<Versions, Fault> {
        self.versions_as_they_come(limit, &mut |_| {}).await
    }

    /// The same; each page is told as it comes, where the store has pages.
    pub async fn versions_as_they_come(
        &self,
        limit: usize,
        told: Told<'_>,
    ) -> Result<Versions, Fault> {
        match self {
            Self::Aws(aws) => aws.versions_as_they_come(limit, told).await,
            Self::Local(local) => local.versions(limit).await,
            Self::Sandbox(sandbox) => sandbox.versions(limit).await,
        }
    }

    /// The newest `limit` bodies that stood in the lock object, newest first, each
    /// with when it stood there; none where no store keeps them.
    pub async fn former_locks(&self, limit: usize) -> Result<Vec<Former>, Fault> {
        match self {
            Self::Aws(aws) => aws.former_locks(limit).await,
            Self::Local(_) => Ok(Vec::new()),
            Self::Sandbox(sandbox) => sandbox.former_locks(limit).await,
        }
    }

    /// The bytes of one version.
    pub async fn body(&self, id: &VersionId) -> Result<Arc<[u8]>, Fault> {
        match self {
            Self::Aws(aws) => aws.body(id).await,
            Self::Local(local) => local.body(id).await,
            Self::Sandbox(sandbox) => sandbox.body(id).await,
        }
    }

    /// What an object of another bucket is like; none where there is none.
    pub async fn about(&self, bucket: &str, key: &str) -> Result<Option<Object>, Fault> {
        match self {
            Self::Aws(aws) => aws.about(bucket, key).await,
            Self::Local(_) | Self::Sandbox(_) => Err(no_bucket(bucket, key)),
        }
    }

    /// The current object of another bucket; none where there is none.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Option<Current>, Fault> {
        match self {
            Self::Aws(aws) => aws.object(bucket, key).await,
            Self::Local(_) | Self::Sandbox(_) => Err(no_bucket(bucket, key)),
        }
    }

    /// At most so many of the first bytes of one version that has any.
    pub async fn head(&self, id: &VersionId, bytes: u64) -> Result<Arc<[u8]>, Fault> {
        match self {
            Self::Aws(aws) => aws.head(id, bytes).await,
            Self::Local(_) | Self::Sandbox(_) => {
                let body = self.body(id).await?;
                let most = usize::try_from(bytes).unwrap_or(usize::MAX);
                Ok(body.get(..most).map_or_else(|| body.clone(), Arc::from))
            }
        }
    }

    /// What stands in one item now.
    pub async fn look(&self, item: &Item) -> Found {
        match self {
            Self::Aws(aws) => aws.look(item).await,
            Self::Local(local) => local.look(item).await,
            Self::Sandbox(sandbox) => sandbox.look(item).await,
        }
    }

    /// The state's bytes piece by piece, and what they were as a whole.
    pub async fn read_state(&self, item: &Item, take: Take<'_>) -> Found {
        match self {
            Self::Aws(aws) => aws.read_state(item, take).await,
            Self::Local(_) | Self::Sandbox(_) => {
                let Some(current) = self.current().await? else {
                    return Ok(None);
                };
                take(&current.bytes);
                Ok(Some(Seen {
                    content: Content::State(Mark::of(&current.bytes)),
                    etag: current.etag,
                }))
            }
        }
    }

    /// Makes sure that the store refuses such a write where its condition does not hold.
    pub async fn prove_conditions(&self, write: &Write) -> Result<(), Fault> {
        match self {
            Self::Aws(aws) => aws.prove_conditions(write.item.slot.store()).await,
            // Ours to begin with, and a file is compared under its own lock.
            Self::Local(_) | Self::Sandbox(_) => Ok(()),
        }
    }

    /// Makes one change, if the item is still exactly what was `found`. One try.
    /// A state goes out with its bytes, the `cargo`.
    pub async fn write(
        &self,
        write: &Write,
        found: Option<&Seen>,
        cargo: Option<&Cargo>,
    ) -> Answer {
        match self {
            Self::Aws(aws) => aws.write(write, found, cargo).await,
            Self::Local(local) => local.write(write, cargo).await,
            Self::Sandbox(sandbox) => sandbox.write(write, found, cargo).await,
        }
    }
}

fn no_bucket(bucket: &str, key: &str) -> Fault {
    Fault::new(
        "read",
        format!("s3://{bucket}/{key}"),
        "this state does not live in S3, so there are no credentials to read it with",
    )
    .hint("download it with aws s3 cp, and name the ./file")
}
