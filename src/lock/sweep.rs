//! Every lock of a bucket and a table, whichever state it is of.

use std::collections::BTreeMap;

use super::{Digest, Look, Sighting, Store, Survey};
use crate::fault::Fault;

/// The end of a lock object's key.
pub const LOCKFILE: &str = ".tflock";

/// One look over everything that locks can lie in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sweep {
    /// In no order that means anything.
    pub found: Vec<Sighting>,
    /// The digests of the table, of whichever state each is.
    pub digests: Vec<Digest>,
    /// What could not be read.
    pub unseen: Vec<Fault>,
    /// Whether there was more than was looked at.
    pub more: bool,
}

impl Sweep {
    /// What lies on top of this one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.found.extend(other.found);
        self.digests.extend(other.digests);
        self.unseen.extend(other.unseen);
        self.more |= other.more;
        self
    }

    /// The locks by the state that they are of, each state as a look at those
    /// of its stores that `stores` names, so that half a release shows.
    pub fn by_state(&self, stores: &[Store]) -> BTreeMap<String, Survey> {
        let mut states: BTreeMap<String, Vec<&Sighting>> = BTreeMap::new();
        for seen in &self.found {
            states.entry(state_of(seen)).or_default().push(seen);
        }
        let survey = |held: Vec<&Sighting>| {
            let mut named: Vec<_> = held
                .iter()
                .map(|seen| seen.store)
                .chain(stores.iter().copied())
                .collect();
            named.sort_unstable();
            named.dedup();
            let looks = named.into_iter().map(|store| look(store, &held));
            Survey {
                stores: looks.collect(),
                digest: None,
            }
        };
        let states = states.into_iter();
        states.map(|(state, held)| (state, survey(held))).collect()
    }
}

fn look(store: Store, held: &[&Sighting]) -> Look {
    let seen = held.iter().find(|seen| seen.store == store);
    Look {
        store,
        container: seen.map(|seen| seen.container.clone()).unwrap_or_default(),
        key: seen.map(|seen| seen.key.clone()).unwrap_or_default(),
        found: Ok(seen.map(|seen| (*seen).clone())),
    }
}

/// The full name of the state that a lock is of: bucket and key, or the path.
fn state_of(seen: &Sighting) -> String {
    match seen.store {
        Store::S3 => {
            let key = seen.key.strip_suffix(LOCKFILE).unwrap_or(&seen.key);
            format!("{}/{key}", seen.container)
        }
        Store::DynamoDb | Store::Local => seen.key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Body;

    fn seen(store: Store, container: &str, key: &str) -> Sighting {
        Sighting {
            store,
            container: container.into(),
            key: key.into(),
            body: Body::Bytes(br#"{"ID":"a"}"#.to_vec()),
            etag: None,
            modified: None,
        }
    }

    #[test]
    fn the_object_and_the_row_of_one_state_belong_together() {
        let sweep = Sweep {
            found: vec![
                seen(Store::DynamoDb, "tf-locks", "b/net"),
                seen(Store::S3, "b", "net.tflock"),
                seen(Store::S3, "b", "app.tflock"),
            ],
            ..Sweep::default()
        };
        let states = sweep.by_state(&[Store::S3, Store::DynamoDb]);
        assert_eq!(states.keys().collect::<Vec<_>>(), ["b/app", "b/net"]);
        assert!(states["b/app"].half_released());
        assert!(!states["b/net"].half_released());
        let alone = sweep.by_state(&[Store::S3]);
        assert!(!alone["b/app"].half_released());
    }
}
