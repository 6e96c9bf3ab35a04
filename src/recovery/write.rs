//! One conditional write as a value: an item, what was seen in it, and what
//! shall stand there. Every write that tfsos makes is of this one shape, so a
//! lost answer, a second writer and a kill are judged in one place: by
//! comparing what stands there now with what was seen and with what was sent.

use data_encoding::HEXLOWER;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::incident::Target;
use crate::lock::{Body, Sighting, Store};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The `.tflock` object.
    LockObject,
    /// The lock item of the table.
    LockRow,
    /// The state object.
    State,
    /// The file of a local state.
    StateFile,
    /// The digest item of the table.
    DigestRow,
    /// The lock of a local state, which only its holder's end releases.
    LocalLock,
}

/// Where an item lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Item {
    pub slot: Slot,
    /// Bucket, table or folder.
    pub container: String,
    pub key: String,
}

/// What stands in an item, as far as two looks at it are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    Lock(Body),
    State(Mark),
    /// The `Digest` attribute.
    Digest(String),
}

/// The bytes of a state by what they hash to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub sha256: String,
    /// What the digest item holds for these bytes.
    pub md5: String,
    pub size: u64,
}

/// An item's content as one look found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub content: Content,
    /// What a write to an object is conditional on.
    pub etag: Option<String>,
}

/// A change of one item, from what was seen to what shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    pub item: Item,
    /// None where nothing stood there.
    pub from: Option<Seen>,
    /// None where the item is deleted.
    pub to: Option<Content>,
}

impl Slot {
    /// The item that is the lock of a store.
    pub fn of_lock(store: Store) -> Self {
        match store {
            Store::S3 => Self::LockObject,
            Store::DynamoDb => Self::LockRow,
            Store::Local => Self::LocalLock,
        }
    }

    /// Whether it is a lock.
    pub fn is_lock(self) -> bool {
        matches!(self, Self::LockObject | Self::LockRow | Self::LocalLock)
    }

    /// Whether it is written piece by piece, so that a kill can leave the beginning of what was to be.
    pub fn can_tear(self) -> bool {
        self == Self::StateFile
    }

    /// The store that holds items of this kind.
    pub fn store(self) -> Store {
        match self {
            Self::LockObject | Self::State => Store::S3,
            Self::LockRow | Self::DigestRow => Store::DynamoDb,
            Self::LocalLock | Self::StateFile => Store::Local,
        }
    }
}

impl Item {
    /// Where a lock was seen.
    pub fn of(seen: &Sighting) -> Self {
        Self {
            slot: Slot::of_lock(seen.store),
            container: seen.container.clone(),
            key: seen.key.clone(),
        }
    }

    /// The lock that was seen in it; none where it was something else.
    pub fn sighting(&self, seen: &Seen) -> Option<Sighting> {
        let Content::Lock(body) = &seen.content else {
            return None;
        };
        Some(Sighting {
            store: self.slot.store(),
            container: self.container.clone(),
            key: self.key.clone(),
            body: body.clone(),
            etag: seen.etag.clone(),
            modified: None,
        })
    }
}

impl Mark {
    /// The mark of whole bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut marker = Marker::default();
        marker.feed(bytes);
        marker.finish()
    }

    /// Whether these are the first of such bytes, and not all of them. No
    /// state loads that was cut off, so they are nobody's work but an
    /// interrupted write's.
    pub fn is_cut_from(&self, whole: &[u8]) -> bool {
        let first = usize::try_from(self.size).ok();
        let first = first.filter(|size| *size < whole.len());
        first.is_some_and(|size| Self::of(&whole[..size]) == *self)
    }
}

/// Marks bytes that come piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Marker {
    sha256: Sha256,
    md5: Md5,
    size: u64,
}

impl Marker {
    pub fn feed(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.md5.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn finish(self) -> Mark {
        Mark {
            sha256: HEXLOWER.encode(&self.sha256.finalize()),
            md5: HEXLOWER.encode(&self.md5.finalize()),
            size: self.size,
        }
    }
}

impl Content {
    /// Hex SHA-256 of what stands there: how a journal names it without holding it.
    pub fn sha256(&self) -> String {
        match self {
            Self::Lock(body) => body.sha256(),
            Self::State(mark) => mark.sha256.clone(),
            Self::Digest(text) => HEXLOWER.encode(&Sha256::digest(text.as_bytes())),
        }
    }
}

impl From<&Sighting> for Seen {
    fn from(seen: &Sighting) -> Self {
        Self {
            content: Content::Lock(seen.body.clone()),
            etag: seen.etag.clone(),
        }
    }
}

impl Seen {
    /// Whether two looks saw the same: the same content, and of an object the same `ETag`.
    pub fn is(&self, there: &Self) -> bool {
        let object = self.etag.is_none() || there.etag.is_none() || self.etag == there.etag;
        self.content == there.content && object
    }
}

impl Write {
    /// Deletes the lock that was seen.
    pub fn release(seen: &Sighting) -> Self {
        Self {
            item: Item::of(seen),
            from: Some(seen.into()),
            to: None,
        }
    }

    /// The operation, as AWS names it.
    pub fn operation(&self) -> &'static str {
        match (self.item.slot, &self.to) {
            (Slot::LockObject | Slot::State, Some(_)) => "PutObject",
            (Slot::LockObject | Slot::State, None) => "DeleteObject",
            (Slot::LockRow | Slot::DigestRow, Some(_)) => "PutItem",
            (Slot::LockRow | Slot::DigestRow, None) => "DeleteItem",
            (Slot::LocalLock, _) => "release",
            (Slot::StateFile, _) => "write",
        }
    }

    /// The word of the journal; it never changes.
    pub fn word(&self) -> &'static str {
        match (self.item.slot, &self.from, &self.to) {
            (Slot::LockObject | Slot::LockRow | Slot::LocalLock, _, None) => "delete_lock",
            (Slot::LockObject | Slot::LockRow | Slot::LocalLock, None, _) => "take_lock",
            (Slot::LockObject | Slot::LockRow | Slot::LocalLock, Some(_), _) => "take_over_lock",
            (Slot::State | Slot::StateFile, ..) => "put_state",
            (Slot::DigestRow, _, Some(_)) => "put_digest",
            (Slot::DigestRow, _, None) => "delete_digest",
        }
    }

    /// What it does, in words.
    pub fn title(&self) -> String {
        let store = self.item.slot.store();
        match (self.item.slot, &self.from, &self.to) {
            (Slot::State | Slot::StateFile, ..) => "write the state".to_owned(),
            (Slot::DigestRow, _, Some(_)) => "write the digest".to_owned(),
            (Slot::DigestRow, _, None) => "remove the digest".to_owned(),
            (_, _, None) => format!("release the lock in {store}"),
            (_, None, Some(_)) => format!("take the lock in {store}"),
            (_, Some(_), Some(_)) => format!("take over the lock in {store}"),
        }
    }

    /// What must hold for the write to take effect, in a sentence.
    pub fn condition(&self) -> &'static str {
        match (self.item.slot, &self.from) {
            (Slot::LocalLock, _) => "only its holder's end releases it",
            (Slot::StateFile, None) => "only if there is no such file",
            (Slot::StateFile, Some(_)) => {
                "only if nobody holds its lock and it is still what was shown"
            }
            (Slot::LockObject | Slot::State, None) => "only if there is no such object",
            (Slot::LockObject | Slot::State, Some(_)) => {
                "only if the object still has the etag that was shown"
            }
            (Slot::LockRow | Slot::DigestRow, None) => "only if there is no such item",
            (Slot::LockRow, Some(seen)) if is_without_info(seen) => {
                "only if the item is there and still has no Info"
            }
            (Slot::LockRow, Some(_)) => "only if Info is still what was shown",
            (Slot::DigestRow, Some(_)) => "only if Digest is still what was shown",
        }
    }

    /// The item as a journal names it: by what was seen in it, or by what it is to hold where nothing was.
    pub fn target(&self) -> Target {
        let seen = self.from.as_ref().map(|seen| seen.content.sha256());
        let to_be = || self.to.as_ref().map(Content::sha256);
        Target {
            store: self.item.slot.store(),
            container: self.item.container.clone(),
            key: self.item.key.clone(),
            sha256: seen.or_else(to_be).unwrap_or_default(),
        }
    }

    /// Whether it is about a lock.
    pub fn is_about_a_lock(&self) -> bool {
        self.item.slot.is_lock()
    }

    /// Whether it lets go of a lock, wholly.
    pub fn releases(&self) -> bool {
        self.to.is_none() && matches!(self.item.slot, Slot::LockObject | Slot::LockRow)
    }

    /// The write that takes this one back: as conditional as it was.
    #[must_use]
    pub fn undone(&self) -> Self {
        Self {
            item: self.item.clone(),
            from: self.to.clone().map(|content| Seen {
                content,
                etag: None,
            }),
            to: self.from.clone().map(|seen| seen.content),
        }
    }
}

fn is_without_info(seen: &Seen) -> bool {
    matches!(&seen.content, Content::Lock(Body::NoInfo { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(id: &str) -> Content {
        Content::Lock(Body::Bytes(format!(r#"{{"ID":"{id}"}}"#).into_bytes()))
    }

    #[test]
    fn a_write_that_is_undone_twice_is_the_same_write() {
        let item = Item {
            slot: Slot::LockRow,
            container: "tf-locks".into(),
            key: "b/k".into(),
        };
        let taken = Write {
            item,
            from: Some(Seen {
                content: lock("a"),
                etag: None,
            }),
            to: Some(lock("b")),
        };
        assert_eq!(taken.word(), "take_over_lock");
        assert_eq!(taken.undone().undone(), taken);
        assert_eq!(taken.undone().to, Some(lock("a")));
    }

    #[test]
    fn bytes_that_come_in_pieces_have_the_mark_of_the_whole() {
        let mut marker = Marker::default();
        marker.feed(b"{\"version\"");
        marker.feed(b":4}");
        assert_eq!(marker.finish(), Mark::of(b"{\"version\":4}"));
        assert_eq!(Mark::of(b"").md5, "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn the_same_content_in_another_object_is_another_one() {
        let seen = |etag: &str| Seen {
            content: lock("a"),
            etag: Some(etag.into()),
        };
        assert!(!seen("1").is(&seen("2")));
        assert!(seen("1").is(&Seen {
            content: lock("a"),
            etag: None
        }));
    }
}
