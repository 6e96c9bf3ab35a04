//! A sandbox: a folder that answers every question that a bucket and a lock
//! table answer, so that the demo, the drills and the tests work on real
//! things without AWS.
//!
//! ```text
//! ROOT/tfsos-sandbox.json   the marker: which bucket, key and table it plays
//! ROOT/bucket/index.json    versioning, and each key's versions, newest first
//! ROOT/bucket/bodies/HASH   the bodies by SHA-256
//! ROOT/table/items.json     lock and digest items as DynamoDB JSON
//! ROOT/{bucket,table}/guard flocked by whoever writes that half
//! ```
//!
//! The halves have a guard each because S3 and `DynamoDB` know nothing of each
//! other either. Writes are conditional and atomic between processes, also when
//! one is killed; a power cut may lose them, for nothing here is worth a flush.

mod bucket;
mod build;
mod guard;
mod marker;
mod table;

use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use crate::analysis::fleet::Object;
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::io::remote::Listing;
use crate::lock::habit::Former;
use crate::lock::{Body, Digest, LOCKFILE, Look, Sighting, Store, Survey, Sweep};
use crate::place;
use crate::recovery::{Answer, Cargo, Content, Found, Item, Mark, Seen, Slot, Write};
use crate::state::{Current, Kind, Version, VersionId, Versions};
use bucket::{Bucket, Changed, Entry};
use table::{Row, Table};

pub use build::Builder;
pub use marker::{NAME as MARKER, recognize};

/// A sandbox that can be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: place::Sandbox,
    bucket: Bucket,
    table: Table,
}

impl Inner {
    fn lockfile_key(&self) -> String {
        format!("{}{LOCKFILE}", self.place.key)
    }

    fn lock_row(&self) -> String {
        format!("{}/{}", self.place.bucket, self.place.key)
    }

    fn digest_row(&self) -> String {
        format!("{}-md5", self.lock_row())
    }

    fn lock_object(&self) -> io::Result<Option<Sighting>> {
        self.lock_object_at(self.lockfile_key())
    }

    fn lock_object_at(&self, key: String) -> io::Result<Option<Sighting>> {
        let found = self.bucket.current(&key)?;
        Ok(found.map(|(entry, bytes)| Sighting {
            store: Store::S3,
            container: self.place.bucket.clone(),
            key,
            body: Body::Bytes(bytes),
            etag: entry.etag,
            modified: Some(entry.at),
        }))
    }

    fn lock_item(&self, table: &str) -> io::Result<Option<Sighting>> {
        let key = self.lock_row();
        let found = self.table.item(&key)?;
        Ok(found.map(|item| sighting(table, key, &item)))
    }

    fn lock_objects(&self) -> io::Result<Vec<Sighting>> {
        let keys = self.bucket.keys()?.into_iter();
        self.lock_objects_at(keys.filter(|key| key.ends_with(LOCKFILE)))
    }

    fn lock_objects_at(&self, keys: impl IntoIterator<Item = String>) -> io::Result<Vec<Sighting>> {
        keys.into_iter()
            .filter_map(|key| self.lock_object_at(key).transpose())
            .collect()
    }

    /// The locks and the digests of the table.
    fn rows(&self) -> io::Result<(Vec<Sighting>, Vec<Digest>)> {
        let (mut locks, mut digests) = (Vec::new(), Vec::new());
        let Some(table) = &self.place.table else {
            return Ok((locks, digests));
        };
        for (key, item) in self.table.items()? {
            match table::string(&item, "Digest") {
                Some(stored) => digests.push(Digest {
                    table: table.clone(),
                    stored: stored.to_owned(),
                    key,
                }),
                None => locks.push(sighting(table, key, &item)),
            }
        }
        Ok((locks, digests))
    }

    fn objects(&self, prefix: &str) -> io::Result<Vec<Object>> {
        let keys = self.bucket.keys()?.into_iter();
        let named = keys.filter(|key| key.starts_with(prefix));
        let object = |key: String| {
            let (_, entries) = self.bucket.entries(&key)?;
            Ok(entries.into_iter().next().map(|entry| Object {
                key,
                modified: entry.at,
                size: entry.size,
                etag: entry.etag,
            }))
        };
        named.filter_map(|key| object(key).transpose()).collect()
    }

    /// What stands in one item now.
    fn look(&self, item: &Item) -> io::Result<Option<Seen>> {
        let object = || self.bucket.current(&item.key);
        Ok(match item.slot {
            Slot::LockObject => object()?.map(|(entry, bytes)| Seen {
                content: Content::Lock(Body::Bytes(bytes)),
                etag: entry.etag,
            }),
            Slot::State => object()?.map(|(entry, bytes)| Seen {
                content: Content::State(Mark::of(&bytes)),
                etag: entry.etag,
            }),
            Slot::LockRow => self.table.item(&item.key)?.map(|row| Seen {
                content: Content::Lock(body_of(&row)),
                etag: None,
            }),
            Slot::DigestRow => self.table.item(&item.key)?.map(|row| Seen {
                content: digest_of(&row),
                etag: None,
            }),
            Slot::LocalLock | Slot::StateFile => None,
        })
    }

    /// One change, as conditional as AWS makes it: objects by their `ETag`, rows by their content.
    fn change(
        &self,
        write: &Write,
        found: Option<&Seen>,
        cargo: Option<&Cargo>,
    ) -> io::Result<Changed> {
        let (key, now) = (&write.item.key, Timestamp::now());
        let etag = found.and_then(|found| found.etag.as_deref());
        let as_found = |row: Option<&Row>, content: fn(&Row) -> Content| {
            row.map(content).as_ref() == found.map(|found| &found.content)
        };
        match (write.item.slot, &write.to) {
            (Slot::LockObject, None) => {
                let etag = etag.ok_or_else(|| disk::wrong("it was seen without an etag"))?;
                self.bucket.delete(key, Some(etag), now)
            }
            (Slot::LockObject, Some(Content::Lock(Body::Bytes(bytes)))) => {
                self.put_object(key, bytes, now, etag)
            }
            (Slot::State, Some(Content::State(_))) => {
                let bytes = cargo.ok_or_else(|| disk::wrong("its bytes are not at hand"))?;
                self.put_object(key, &bytes.0, now, etag)
            }
            (Slot::LockRow, None) => self
                .table
                .delete(key, |row| as_found(Some(row), lock_content)),
            (Slot::DigestRow, None) => self.table.delete(key, |row| as_found(Some(row), digest_of)),
            (Slot::LockRow, Some(Content::Lock(body))) => {
                self.table
                    .put_if(key, row_of(body)?, |row| as_found(row, lock_content))
            }
            (Slot::DigestRow, Some(Content::Digest(digest))) => {
                let row = Row::from([("Digest".to_owned(), table::text(digest))]);
                self.table.put_if(key, row, |row| as_found(row, digest_of))
            }
            (
                Slot::LockObject
                | Slot::State
                | Slot::LockRow
                | Slot::DigestRow
                | Slot::LocalLock
                | Slot::StateFile,
                _,
            ) => Err(disk::wrong("a sandbox has no such item")),
        }
    }

    fn put_object(
        &self,
        key: &str,
        bytes: &[u8],
        now: Timestamp,
        etag: Option<&str>,
    ) -> io::Result<Changed> {
        let written = self.bucket.put_if(key, bytes, now, |there| there == etag)?;
        Ok(match written {
            Some(_) => Changed::Done,
            None => Changed::ConditionFailed,
        })
    }
}

fn lock_content(row: &Row) -> Content {
    Content::Lock(body_of(row))
}

fn digest_of(row: &Row) -> Content {
    Content::Digest(table::string(row, "Digest").unwrap_or_default().to_owned())
}

/// The lock row that holds this body.
fn row_of(body: &Body) -> io::Result<Row> {
    match body {
        Body::Bytes(bytes) => {
            let info =
                std::str::from_utf8(bytes).map_err(|error| disk::wrong(error.to_string()))?;
            Ok(Row::from([("Info".to_owned(), table::text(info))]))
        }
        Body::NoInfo { item } => {
            serde_json::from_str(item).map_err(|error| disk::wrong(error.to_string()))
        }
    }
}

fn found(locks: Result<Vec<Sighting>, Fault>) -> Sweep {
    match locks {
        Ok(found) => Sweep {
            found,
            ..Sweep::default()
        },
        Err(fault) => Sweep {
            unseen: vec![fault],
            ..Sweep::default()
        },
    }
}

fn sighting(table: &str, key: String, item: &Row) -> Sighting {
    Sighting {
        store: Store::DynamoDb,
        container: table.to_owned(),
        key,
        body: body_of(item),
        etag: None,
        modified: None,
    }
}

/// `Info` where it is a string, else the whole item with its names sorted.
fn body_of(item: &Row) -> Body {
    match table::string(item, "Info") {
        Some(info) => Body::Bytes(info.as_bytes().to_vec()),
        None => Body::NoInfo {
            item: serde_json::to_string(item).unwrap_or_default(),
        },
    }
}

impl Sandbox {
    pub fn new(place: place::Sandbox) -> Self {
        let inner = Inner {
            bucket: Bucket::new(&place.root),
            table: Table::new(&place.root),
            place,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    async fn ask<T, W>(&self, doing: &'static str, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(&Inner) -> io::Result<T> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let subject = format!("{} in the sandbox", self.inner.lock_row());
        disk::ask(Asking::new(doing, subject), move || work(&inner)).await
    }

    /// Each configured store and the digest item, each by itself.
    pub async fn survey(&self) -> Survey {
        let place = &self.inner.place;
        let mut stores = Vec::new();
        if place.use_lockfile {
            let found = self
                .ask("read the lock object of", Inner::lock_object)
                .await;
            let (container, key) = (place.bucket.clone(), self.inner.lockfile_key());
            stores.push(Look {
                store: Store::S3,
                container,
                key,
                found,
            });
        }
        let Some(table) = place.table.clone() else {
            return Survey {
                stores,
                digest: None,
            };
        };
        let asked = table.clone();
        let found = self
            .ask("read the lock item of", move |inner| {
                inner.lock_item(&asked)
            })
            .await;
        stores.push(Look {
            store: Store::DynamoDb,
            container: table.clone(),
            key: self.inner.lock_row(),
            found,
        });
        let digest = self.digest(table).await;
        Survey {
            stores,
            digest: Some(digest),
        }
    }

    /// Every lock in the sandbox.
    pub async fn sweep(&self) -> Sweep {
        let objects = self.ask("list the lock objects beside", Inner::lock_objects);
        found(objects.await).and(self.rows().await)
    }

    /// Every lock and every digest of the table.
    pub async fn rows(&self) -> Sweep {
        match self.ask("list the lock items beside", Inner::rows).await {
            Ok((found, digests)) => Sweep {
                found,
                digests,
                ..Sweep::default()
            },
            Err(fault) => Sweep {
                unseen: vec![fault],
                ..Sweep::default()
            },
        }
    }

    /// The lock objects of these keys.
    pub async fn lock_objects(&self, keys: Vec<String>) -> Sweep {
        let objects = self.ask("read the lock objects beside", |inner| {
            inner.lock_objects_at(keys)
        });
        found(objects.await)
    }

    /// Every object whose key begins so.
    pub async fn list(&self, prefix: &str) -> Result<Listing, Fault> {
        let prefix = prefix.to_owned();
        let objects = self.ask("list the objects beside", move |inner| {
            inner.objects(&prefix)
        });
        Ok(Listing {
            objects: objects.await?,
            next: None,
        })
    }

    /// At most so many of the first bytes of an object; none where it is not there.
    pub async fn beginning(&self, key: &str, bytes: u64) -> Result<Option<Arc<[u8]>>, Fault> {
        let key = key.to_owned();
        let read = self.ask("read a state beside", move |inner| {
            inner.bucket.current(&key)
        });
        let found = read.await?;
        let most = usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(found.map(|(_, body)| body.get(..most).unwrap_or(&body).into()))
    }

    async fn digest(&self, table: String) -> Result<Option<Digest>, Fault> {
        self.ask("read the digest item of", move |inner| {
            let key = inner.digest_row();
            let item = inner.table.item(&key)?;
            let stored = item.and_then(|item| table::string(&item, "Digest").map(str::to_owned));
            Ok(stored.map(|stored| Digest { table, key, stored }))
        })
        .await
    }

    /// The state object as it stands.
    pub async fn current(&self) -> Result<Option<Current>, Fault> {
        self.ask("read the state", |inner| {
            let found = inner.bucket.current(&inner.place.key)?;
            Ok(found.map(|(entry, bytes)| Current {
                bytes: bytes.into(),
                version: Some(VersionId(entry.id)),
                etag: entry.etag,
                modified: Some(entry.at),
            }))
        })
        .await
    }

    /// The newest `limit` versions of the state.
    pub async fn versions(&self, limit: usize) -> Result<Versions, Fault> {
        self.ask("list the versions of", move |inner| {
            let (versioning, entries) = inner.bucket.entries(&inner.place.key)?;
            let more = entries.len() > limit;
            let list = entries.into_iter().take(limit).map(version).collect();
            Ok(Versions {
                versioning,
                list,
                more,
                denied: None,
            })
        })
        .await
    }

    /// The newest `limit` bodies that stood in the lock object.
    pub async fn former_locks(&self, limit: usize) -> Result<Vec<Former>, Fault> {
        self.ask("list the former locks of", move |inner| {
            let (_, entries) = inner.bucket.entries(&inner.lockfile_key())?;
            let ends = entries.iter().zip(entries.iter().skip(1));
            let former = ends.filter(|(_, entry)| !entry.is_marker());
            let read = |(next, entry): (&Entry, &Entry)| Former {
                from: entry.at,
                to: next.at,
                body: inner.bucket.bytes(entry).ok(),
            };
            Ok(former.take(limit).map(read).collect())
        })
        .await
    }

    /// The bytes of one version of the state.
    pub async fn body(&self, id: &VersionId) -> Result<Arc<[u8]>, Fault> {
        let id = id.0.clone();
        self.ask("read a version of", move |inner| {
            let (_, entries) = inner.bucket.entries(&inner.place.key)?;
            let entry = entries.into_iter().find(|entry| entry.id == id);
            let entry = entry.ok_or_else(|| disk::wrong(format!("it has no version {id}")))?;
            Ok(inner.bucket.bytes(&entry)?.into())
        })
        .await
    }

    /// What stands in one item now.
    pub async fn look(&self, item: &Item) -> Found {
        let item = item.clone();
        self.ask("read an item of", move |inner| inner.look(&item))
            .await
    }

    /// Makes one change, if the item is still exactly what was found.
    pub async fn write(
        &self,
        write: &Write,
        found: Option<&Seen>,
        cargo: Option<&Cargo>,
    ) -> Answer {
        let (write, found, cargo) = (write.clone(), found.cloned(), cargo.cloned());
        let changed = self.ask("write an item of", move |inner| {
            inner.change(&write, found.as_ref(), cargo.as_ref())
        });
        match changed.await {
            Ok(Changed::Done) => Answer::Done { request_id: None },
            Ok(Changed::ConditionFailed) => Answer::ConditionFailed,
            // The disk may have failed on either side of the rename.
            Err(fault) => Answer::Unclear { cause: fault.cause },
        }
    }
}

fn version(entry: Entry) -> Version {
    let kind = if entry.is_marker() {
        Kind::DeleteMarker
    } else {
        Kind::Object
    };
    Version {
        id: VersionId(entry.id),
        kind,
        modified: entry.at,
        size: entry.size,
        etag: entry.etag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &[u8] = br#"{"ID":"a1","Who":"ci@runner"}"#;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn sandbox() -> (tempfile::TempDir, Builder, Sandbox) {
        let folder = tempfile::tempdir().unwrap();
        let place = place::Sandbox {
            root: folder.path().to_path_buf(),
            bucket: "b".into(),
            key: "prod/net/terraform.tfstate".into(),
            table: Some("tf-locks".into()),
            use_lockfile: true,
            region: "eu-west-1".into(),
        };
        let builder = Builder::create(place.clone()).unwrap();
        (folder, builder, Sandbox::new(place))
    }

    async fn release(sandbox: &Sandbox, seen: &Sighting) -> Answer {
        let write = Write::release(seen);
        sandbox.write(&write, write.from.as_ref(), None).await
    }

    #[tokio::test]
    async fn a_new_sandbox_holds_nothing() {
        let (_folder, _, sandbox) = sandbox();
        let survey = sandbox.survey().await;
        assert_eq!((survey.stores.len(), survey.held().count()), (2, 0));
        assert_eq!(survey.digest, Some(Ok(None)));
        assert_eq!(sandbox.current().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_lock_is_released_only_as_it_was_seen() {
        let (_folder, builder, sandbox) = sandbox();
        let body = Body::Bytes(INFO.to_vec());
        for store in [Store::S3, Store::DynamoDb] {
            builder.lock(store, &body, at(1)).unwrap();
        }
        let seen: Vec<_> = sandbox.survey().await.held().cloned().collect();
        let other = Body::Bytes(br#"{"ID":"b2"}"#.to_vec());
        builder.lock(Store::S3, &other, at(2)).unwrap();
        assert_eq!(release(&sandbox, &seen[0]).await, Answer::ConditionFailed);
        assert_eq!(
            release(&sandbox, &seen[1]).await,
            Answer::Done { request_id: None }
        );
        assert_eq!(release(&sandbox, &seen[1]).await, Answer::ConditionFailed);
        let left: Vec<_> = sandbox.survey().await.held().map(Sighting::id).collect();
        assert_eq!(left, [Some("b2".to_owned())]);
    }

    #[tokio::test]
    async fn an_item_without_info_is_seen_whole_and_can_be_released() {
        let (_folder, builder, sandbox) = sandbox();
        let item = r#"{"Ttl":{"N":"7"}}"#.to_owned();
        builder
            .lock(Store::DynamoDb, &Body::NoInfo { item }, at(1))
            .unwrap();
        let survey = sandbox.survey().await;
        let seen = survey.held().next().unwrap();
        let whole = r#"{"LockID":{"S":"b/prod/net/terraform.tfstate"},"Ttl":{"N":"7"}}"#;
        assert_eq!(seen.body, Body::NoInfo { item: whole.into() });
        assert_eq!(
            release(&sandbox, seen).await,
            Answer::Done { request_id: None }
        );
    }

    #[tokio::test]
    async fn the_history_is_read_back_newest_first() {
        let (_folder, builder, sandbox) = sandbox();
        let first = builder.applied(b"{}", at(1)).unwrap();
        builder.state(b"{ torn", at(2)).unwrap();
        builder.delete_state(at(3)).unwrap();
        let versions = sandbox.versions(2).await.unwrap();
        assert_eq!((versions.list.len(), versions.more), (2, true));
        assert_eq!(versions.list[0].kind, Kind::DeleteMarker);
        assert_eq!(&*sandbox.body(&first).await.unwrap(), b"{}");
        assert_eq!(sandbox.current().await.unwrap(), None);
        let digest = sandbox.survey().await.digest.unwrap().unwrap().unwrap();
        assert_eq!(digest.stored, "99914b932bd37a50b983c5e7c90ae93b");
    }
}
