//! The bucket half of a sandbox: objects with their versions, delete markers
//! and etags, and deletes that are conditional as S3's are.
//!
//! Invariant: every change is made under the bucket's guard and becomes
//! visible by one rename of `index.json`; a reader needs no guard.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::guard;
use crate::io::disk;
use crate::state::Versioning;

const INDEX_LIMIT: u64 = 256 << 20;
const BODY_LIMIT: u64 = 5 << 30;
/// S3's name for the one version of an object that is not versioned.
const UNVERSIONED: &str = "null";

#[derive(Debug, Clone)]
pub struct Bucket {
    folder: PathBuf,
}

/// What `index.json` holds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    #[serde(default)]
    versioning: Mode,
    /// How many versions were ever written; a version id is made from it.
    #[serde(default)]
    written: u64,
    /// Each key's entries, newest first.
    #[serde(default)]
    objects: BTreeMap<String, Vec<Entry>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Enabled,
    Suspended,
    Off,
}

/// One version, or one delete marker where `body` is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    pub at: Timestamp,
    pub size: u64,
    pub etag: Option<String>,
    body: Option<String>,
}

impl Entry {
    pub fn is_marker(&self) -> bool {
        self.body.is_none()
    }
}

/// How a conditional change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Done,
    ConditionFailed,
}

impl Bucket {
    pub fn new(root: &Path) -> Self {
        Self {
            folder: root.join("bucket"),
        }
    }

    pub fn create(&self) -> io::Result<()> {
        fs::create_dir_all(self.folder.join("bodies"))
    }

    /// A key's entries, newest first, and whether the bucket keeps versions.
    pub fn entries(&self, key: &str) -> io::Result<(Versioning, Vec<Entry>)> {
        let mut index = self.index()?;
        let entries = index.objects.remove(key).unwrap_or_default();
        Ok((index.versioning.into(), entries))
    }

    /// The object as a plain read gives it; none where it is absent or deleted.
    pub fn current(&self, key: &str) -> io::Result<Option<(Entry, Vec<u8>)>> {
        let (_, entries) = self.entries(key)?;
        match entries.into_iter().next() {
            Some(entry) if !entry.is_marker() => {
                let bytes = self.bytes(&entry)?;
                Ok(Some((entry, bytes)))
            }
            _ => Ok(None),
        }
    }

    /// The keys of all objects that are there now.
    pub fn keys(&self) -> io::Result<Vec<String>> {
        let is_there = |entries: &Vec<Entry>| entries.first().is_some_and(|one| !one.is_marker());
        let objects = self.index()?.objects.into_iter();
        Ok(objects
            .filter(|(_, entries)| is_there(entries))
            .map(|(key, _)| key)
            .collect())
    }

    /// The bytes of one version.
    pub fn bytes(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let Some(body) = &entry.body else {
            return Err(disk::wrong("a delete marker has no body"));
        };
        if !body.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(disk::wrong("index.json names a body that is not a hash"));
        }
        disk::read(&self.folder.join("bodies").join(body), BODY_LIMIT)?
            .ok_or_else(|| disk::wrong("its body is missing from the sandbox"))
    }

    /// Writes an object as the bucket's versioning says, as if at `at`.
    pub fn put(&self, key: &str, bytes: &[u8], at: Timestamp) -> io::Result<Entry> {
        self.put_if(key, bytes, at, |_| true)?
            .ok_or_else(|| disk::wrong("a write without a condition cannot fail it"))
    }

    /// The same, if the condition holds of the `ETag` that is there now (none
    /// where there is no object); none where it does not.
    pub fn put_if(
        &self,
        key: &str,
        bytes: &[u8],
        at: Timestamp,
        condition: impl Fn(Option<&str>) -> bool,
    ) -> io::Result<Option<Entry>> {
        let _guard = guard::take(&self.folder)?;
        let mut index = self.index()?;
        let current = index.objects.get(key).and_then(|entries| entries.first());
        if !condition(current.and_then(|entry| entry.etag.as_deref())) {
            return Ok(None);
        }
        let body = HEXLOWER.encode(&Sha256::digest(bytes));
        disk::exchange(&self.folder.join("bodies").join(&body), bytes)?;
        let entry = Entry {
            id: index.next_id(key),
            at,
            size: bytes.len() as u64,
            etag: Some(format!("\"{}\"", HEXLOWER.encode(&Md5::digest(bytes)))),
            body: Some(body),
        };
        index.add(key, entry.clone());
        self.store(&index)?;
        Ok(Some(entry))
    }

    /// Deletes the object if its etag is still the one given (`None` deletes whatever is there).
    pub fn delete(&self, key: &str, if_match: Option<&str>, at: Timestamp) -> io::Result<Changed> {
        let _guard = guard::take(&self.folder)?;
        let mut index = self.index()?;
        let current = index.objects.get(key).and_then(|entries| entries.first());
        let etag = current.and_then(|entry| entry.etag.as_deref());
        if if_match.is_some() && if_match != etag {
            return Ok(Changed::ConditionFailed);
        }
        index.mark_deleted(key, at);
        self.store(&index)?;
        Ok(Changed::Done)
    }

    pub fn set_versioning(&self, versioning: Versioning) -> io::Result<()> {
        let _guard = guard::take(&self.folder)?;
        let mut index = self.index()?;
        index.versioning = versioning.into();
        self.store(&index)
    }

    fn index(&self) -> io::Result<Index> {
        match disk::read(&self.folder.join("index.json"), INDEX_LIMIT)? {
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| disk::wrong(format!("index.json of the sandbox: {error}"))),
            None => Ok(Index::default()),
        }
    }

    fn store(&self, index: &Index) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(index)?;
        disk::exchange(&self.folder.join("index.json"), &bytes)
    }
}

impl Index {
    fn next_id(&mut self, key: &str) -> String {
        self.written += 1;
        if self.versioning != Mode::Enabled {
            return UNVERSIONED.to_owned();
        }
        // Made from the count, not from chance: a demo looks the same twice.
        let hash = Sha256::digest(format!("{key}\n{}", self.written));
        BASE32_NOPAD.encode(&hash[..20])
    }

    fn add(&mut self, key: &str, entry: Entry) {
        let entries = self.objects.entry(key.to_owned()).or_default();
        if entry.id == UNVERSIONED {
            entries.retain(|old| old.id != UNVERSIONED);
        }
        entries.insert(0, entry);
    }

    fn mark_deleted(&mut self, key: &str, at: Timestamp) {
        if self.versioning == Mode::Off {
            self.objects.remove(key);
            return;
        }
        let marker = Entry {
            id: self.next_id(key),
            at,
            size: 0,
            etag: None,
            body: None,
        };
        self.add(key, marker);
    }
}

impl From<Mode> for Versioning {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Enabled => Self::Enabled,
            Mode::Suspended => Self::Suspended,
            Mode::Off => Self::Off,
        }
    }
}

impl From<Versioning> for Mode {
    fn from(versioning: Versioning) -> Self {
        match versioning {
            Versioning::Enabled => Self::Enabled,
            Versioning::Suspended => Self::Suspended,
            Versioning::Off => Self::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket() -> (tempfile::TempDir, Bucket) {
        let folder = tempfile::tempdir().unwrap();
        let bucket = Bucket::new(folder.path());
        bucket.create().unwrap();
        (folder, bucket)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_versioned_bucket_keeps_what_is_overwritten_and_what_is_deleted() {
        let (_folder, bucket) = bucket();
        bucket.put("k", b"one", at(1)).unwrap();
        bucket.put("k", b"two", at(2)).unwrap();
        bucket.delete("k", None, at(3)).unwrap();
        let (_, entries) = bucket.entries("k").unwrap();
        assert_eq!(entries.len(), 3);
        assert!(entries[0].is_marker());
        assert_eq!(bucket.bytes(&entries[2]).unwrap(), b"one");
        assert_eq!(bucket.current("k").unwrap(), None);
    }

    #[test]
    fn without_versioning_a_write_destroys_the_only_copy() {
        let (_folder, bucket) = bucket();
        bucket.set_versioning(Versioning::Off).unwrap();
        bucket.put("k", b"one", at(1)).unwrap();
        bucket.put("k", b"two", at(2)).unwrap();
        let (versioning, entries) = bucket.entries("k").unwrap();
        assert_eq!((versioning, entries.len()), (Versioning::Off, 1));
        bucket.delete("k", None, at(3)).unwrap();
        assert!(bucket.entries("k").unwrap().1.is_empty());
    }

    #[test]
    fn suspended_versioning_replaces_only_the_null_version() {
        let (_folder, bucket) = bucket();
        bucket.put("k", b"one", at(1)).unwrap();
        bucket.set_versioning(Versioning::Suspended).unwrap();
        bucket.put("k", b"two", at(2)).unwrap();
        bucket.put("k", b"three", at(3)).unwrap();
        let (_, entries) = bucket.entries("k").unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(bucket.bytes(&entries[1]).unwrap(), b"one");
    }

    #[test]
    fn a_delete_with_another_etag_changes_nothing() {
        let (_folder, bucket) = bucket();
        let old = bucket.put("k", b"one", at(1)).unwrap();
        bucket.put("k", b"two", at(2)).unwrap();
        let etag = old.etag.as_deref();
        assert_eq!(
            bucket.delete("k", etag, at(3)).unwrap(),
            Changed::ConditionFailed
        );
        assert_eq!(bucket.current("k").unwrap().unwrap().1, b"two");
    }
}
