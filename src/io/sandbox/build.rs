//! Setting a sandbox up: the history, the locks and the damage that a demo, a
//! drill or a test wants to start from. Unconditional on purpose; it plays the
//! part of everybody else who writes to a bucket and a table.

use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use super::table::{self, Row};
use super::{Inner, Sandbox, marker};
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::lock::{Body, Store};
use crate::place;
use crate::state::{VersionId, Versioning};

/// Writes into a sandbox. Every call takes effect at once.
#[derive(Debug)]
pub struct Builder {
    sandbox: Sandbox,
}

impl Builder {
    /// Makes the folder a sandbox, or takes up the one that is there.
    pub fn create(place: place::Sandbox) -> Result<Self, Fault> {
        let builder = Self {
            sandbox: Sandbox::new(place),
        };
        builder.change("make the sandbox", |inner| {
            inner.bucket.create()?;
            inner.table.create()?;
            marker::write(&inner.place)
        })?;
        Ok(builder)
    }

    /// The place that this sandbox plays.
    pub fn place(&self) -> &place::Sandbox {
        &self.sandbox.inner.place
    }

    /// The folder it lives in.
    pub fn root(&self) -> &Path {
        &self.place().root
    }

    /// Writes a version of the state as if at `at`, the digest item untouched.
    pub fn state(&self, bytes: &[u8], at: Timestamp) -> Result<VersionId, Fault> {
        self.change("write a version of", |inner| {
            let entry = inner.bucket.put(&inner.place.key, bytes, at)?;
            Ok(VersionId(entry.id))
        })
    }

    /// Writes a version of the state and its digest, as Terraform does.
    pub fn applied(&self, bytes: &[u8], at: Timestamp) -> Result<VersionId, Fault> {
        let id = self.state(bytes, at)?;
        if self.place().table.is_some() {
            self.digest(&HEXLOWER.encode(&Md5::digest(bytes)))?;
        }
        Ok(id)
    }

    /// Deletes the state object as if at `at`: a marker where versions are kept.
    pub fn delete_state(&self, at: Timestamp) -> Result<(), Fault> {
        self.change("delete the state", |inner| {
            inner.bucket.delete(&inner.place.key, None, at).map(drop)
        })
    }

    /// Puts a lock item with exactly this body into a store.
    pub fn lock(&self, store: Store, body: &Body, at: Timestamp) -> Result<(), Fault> {
        self.change("write a lock of", |inner| match (store, body) {
            (Store::S3, Body::Bytes(bytes)) => {
                inner.bucket.put(&inner.lockfile_key(), bytes, at).map(drop)
            }
            (Store::DynamoDb, Body::Bytes(bytes)) => {
                let info = String::from_utf8_lossy(bytes);
                let item = Row::from([("Info".to_owned(), table::text(&info))]);
                inner.table.put(&inner.lock_row(), item)
            }
            (Store::DynamoDb, Body::NoInfo { item }) => {
                let item = serde_json::from_str(item)?;
                inner.table.put(&inner.lock_row(), item)
            }
            (Store::S3, Body::NoInfo { .. }) | (Store::Local, _) => {
                Err(disk::wrong(format!("no such item can be in {store}")))
            }
        })
    }

    /// Takes a store's lock item away, whatever it holds, as `force-unlock` does.
    pub fn unlock(&self, store: Store, at: Timestamp) -> Result<(), Fault> {
        self.change("remove a lock of", |inner| match store {
            Store::S3 => inner
                .bucket
                .delete(&inner.lockfile_key(), None, at)
                .map(drop),
            Store::DynamoDb => inner.table.delete(&inner.lock_row(), |_| true).map(drop),
            Store::Local => Err(disk::wrong("a sandbox has no local locks")),
        })
    }

    /// Sets the digest item.
    pub fn digest(&self, stored: &str) -> Result<(), Fault> {
        self.change("write the digest of", |inner| {
            let item = Row::from([("Digest".to_owned(), table::text(stored))]);
            inner.table.put(&inner.digest_row(), item)
        })
    }

    /// Whether later writes keep what they overwrite.
    pub fn versioning(&self, versioning: Versioning) -> Result<(), Fault> {
        self.change("set the versioning of", |inner| {
            inner.bucket.set_versioning(versioning)
        })
    }

    fn change<T>(
        &self,
        doing: &'static str,
        change: impl FnOnce(&Inner) -> io::Result<T>,
    ) -> Result<T, Fault> {
        let inner = &self.sandbox.inner;
        change(inner).map_err(|error| {
            Asking::new(doing, inner.place.root.display().to_string()).fault(disk::cause(&error))
        })
    }
}
