//! What one look over every configured lock store found. Each store answers
//! for itself: one that cannot be read never hides what another one holds.

use std::collections::BTreeSet;

use super::{Digest, Sighting, Store};
use crate::fault::Fault;

/// One look at all stores of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The configured stores, S3 first as Terraform takes them; empty where the backend has no locking.
    pub stores: Vec<Look>,
    /// The digest item; none where no table is configured.
    pub digest: Option<Result<Option<Digest>, Fault>>,
}

/// One store's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub store: Store,
    /// Table, bucket or folder.
    pub container: String,
    /// The item's key in it.
    pub key: String,
    pub found: Result<Option<Sighting>, Fault>,
}

impl Survey {
    /// Every lock item that was seen.
    pub fn held(&self) -> impl Iterator<Item = &Sighting> {
        self.stores
            .iter()
            .filter_map(|look| look.found.as_ref().ok()?.as_ref())
    }

    /// Every store that could not be read, with why.
    pub fn unseen(&self) -> impl Iterator<Item = (&Look, &Fault)> {
        self.stores
            .iter()
            .filter_map(|look| Some((look, look.found.as_ref().err()?)))
    }

    /// Whether one configured store holds a lock that another, readable one does not, or holds under another id.
    pub fn half_released(&self) -> bool {
        let readable: Vec<_> = self
            .stores
            .iter()
            .filter_map(|look| look.found.as_ref().ok())
            .collect();
        let held = readable.iter().filter(|found| found.is_some()).count();
        let ids: BTreeSet<_> = self.held().map(Sighting::id).collect();
        readable.len() > 1 && held > 0 && (held < readable.len() || ids.len() > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Body;

    fn look(store: Store, id: Option<&str>) -> Look {
        let (container, key) = ("c".to_owned(), "k".to_owned());
        let found = id.map(|id| Sighting {
            store,
            container: container.clone(),
            key: key.clone(),
            body: Body::Bytes(format!(r#"{{"ID":"{id}"}}"#).into_bytes()),
            etag: None,
            modified: None,
        });
        Look {
            store,
            container,
            key,
            found: Ok(found),
        }
    }

    fn survey(stores: Vec<Look>) -> Survey {
        Survey {
            stores,
            digest: None,
        }
    }

    #[test]
    fn a_lock_in_one_of_two_stores_is_half_released() {
        assert!(
            survey(vec![
                look(Store::S3, None),
                look(Store::DynamoDb, Some("a"))
            ])
            .half_released()
        );
        assert!(
            survey(vec![
                look(Store::S3, Some("b")),
                look(Store::DynamoDb, Some("a"))
            ])
            .half_released()
        );
    }

    #[test]
    fn the_same_lock_in_both_stores_or_none_is_whole() {
        assert!(
            !survey(vec![
                look(Store::S3, Some("a")),
                look(Store::DynamoDb, Some("a"))
            ])
            .half_released()
        );
        assert!(!survey(vec![look(Store::S3, None), look(Store::DynamoDb, None)]).half_released());
        assert!(!survey(vec![look(Store::DynamoDb, Some("a"))]).half_released());
    }

    #[test]
    fn a_store_that_cannot_be_read_does_not_hide_the_other() {
        let mut dark = look(Store::S3, None);
        dark.found = Err(Fault::new(
            "read the lock object",
            "b/k.tflock",
            "access denied",
        ));
        let both = survey(vec![dark, look(Store::DynamoDb, Some("a"))]);
        assert_eq!((both.held().count(), both.unseen().count()), (1, 1));
        assert!(!both.half_released());
    }
}
