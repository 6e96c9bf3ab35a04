//! One look at one lock store: the item exactly as it was read.

use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Holder;

/// Where a lock is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    /// The `.tflock` object beside the state; Terraform takes and releases it first.
    S3,
    DynamoDb,
    /// The `.lock.info` file beside a local state.
    Local,
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
            Self::Local => "local",
        })
    }
}

/// The raw content of a lock item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The `Info` attribute, or the bytes of the lock object or file (perhaps none at all).
    Bytes(Vec<u8>),
    /// A `DynamoDB` item without an `Info` string: the whole item as `DynamoDB` JSON with sorted keys.
    NoInfo { item: String },
}

impl Body {
    /// The raw content: what is hashed, compared and saved.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::NoInfo { item } => item.as_bytes(),
        }
    }

    /// Hex SHA-256 of the raw content; its first 12 characters name an item that has no id.
    pub fn sha256(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.bytes()))
    }
}

/// A lock item as one look found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    pub store: Store,
    /// Table, bucket or folder: where in the store the item lies.
    pub container: String,
    /// The `LockID`, object key or path of the item.
    pub key: String,
    pub body: Body,
    /// What an S3 delete is conditional on.
    pub etag: Option<String>,
    /// When the store last wrote the item, where the store knows.
    pub modified: Option<Timestamp>,
}

impl Sighting {
    /// Whom the item names; none where it has no Info, is empty, or is not lock JSON.
    pub fn holder(&self) -> Option<Holder> {
        match &self.body {
            Body::Bytes(bytes) => Holder::read(bytes),
            Body::NoInfo { .. } => None,
        }
    }

    /// The lock's id, if it has one.
    pub fn id(&self) -> Option<String> {
        self.holder()
            .map(|holder| holder.id)
            .filter(|id| !id.is_empty())
    }
}

/// The digest item beside a lock table's lock item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digest {
    pub table: String,
    pub key: String,
    /// The `Digest` attribute as stored: meant to be 32 hex characters, lower case.
    pub stored: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(body: Body) -> Sighting {
        Sighting {
            store: Store::DynamoDb,
            container: "tf-locks".into(),
            key: "b/k".into(),
            body,
            etag: None,
            modified: None,
        }
    }

    #[test]
    fn an_item_without_info_has_no_holder_but_still_a_name() {
        let item = seen(Body::NoInfo {
            item: r#"{"LockID":{"S":"b/k"}}"#.into(),
        });
        assert_eq!(item.id(), None);
        assert_eq!(item.body.sha256().len(), 64);
    }

    #[test]
    fn an_empty_lock_object_has_no_holder() {
        assert_eq!(seen(Body::Bytes(Vec::new())).holder(), None);
    }
}
