//! The history of a state in its bucket: versions and delete markers in one
//! order, newest first. Listing is more than Terraform itself may do, so where
//! it is denied the current version still counts.

use std::cmp::Ordering;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, DeleteMarkerEntry, ObjectVersion};
use jiff::Timestamp;

use super::Inner;
use super::fault::Failure;
use super::object::{id_of, timestamp};
use super::question::Question;
use crate::fault::Fault;
use crate::io::remote::Told;
use crate::state::{Kind as Entry, Version, VersionId, Versioning, Versions};

impl Inner {
    pub(super) async fn versions(&self, limit: usize, told: Told<'_>) -> Result<Versions, Fault> {
        let question = self.on_bucket("list the versions of the state", "s3:ListBucketVersions");
        let key = self.place.state_key();
        self.within(
            &question,
            Box::pin(async {
                let (listed, versioning) =
                    tokio::join!(self.list(&question, (&key, limit), told), self.versioning());
                match listed {
                    Ok(history) => Ok(history.answer(versioning, limit)),
                    Err(Failure::Denied(fault)) => self.current_only(versioning, fault).await,
                    Err(Failure::Other(fault)) => Err(fault),
                }
            }),
        )
        .await
    }

    /// The newest `limit` versions and delete markers of the lock object.
    pub(super) async fn lock_versions(&self, limit: usize) -> Result<Vec<Version>, Fault> {
        let question = self.on_bucket("list the former locks", "s3:ListBucketVersions");
        let key = self.place.lockfile_key();
        self.within(
            &question,
            Box::pin(async {
                let history = self.list(&question, (&key, limit), &mut |_| {}).await?;
                Ok(history.answer(Some(Versioning::Enabled), limit).list)
            }),
        )
        .await
        .map_err(|failure: Failure| Fault::from(failure))
    }

    async fn list(
        &self,
        question: &Question,
        (key, limit): (&str, usize),
        told: Told<'_>,
    ) -> Result<History, Failure> {
        let mut history = History::default();
        let mut after: Option<(String, Option<String>)> = None;
        loop {
            let (key_marker, version_marker) = after.clone().unzip();
            let page = self
                .clients
                .s3
                .list_object_versions()
                .bucket(&self.place.bucket)
                .set_expected_bucket_owner(self.owner())
                .prefix(key)
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker.flatten())
                .send()
                .await
                .map_err(|error| self.failure(question, &error))?;
            let next = next_page(&page, key);
            let mut own = History::default();
            own.take(page, key);
            told(own.answer_of_page(next.is_some()));
            history.append(own);
            // A store that repeats its marker would be asked for ever.
            if next.is_none() || next == after || history.len() > limit {
                return Ok(history);
            }
            after = next;
        }
    }

    /// Whether the bucket keeps versions; none where it may not be asked.
    async fn versioning(&self) -> Option<Versioning> {
        let answer = self
            .clients
            .s3
            .get_bucket_versioning()
            .bucket(&self.place.bucket)
            .set_expected_bucket_owner(self.owner())
            .send()
            .await
            .ok()?;
        Some(match answer.status {
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(_) => Versioning::Suspended,
            None => Versioning::Off,
        })
    }

    async fn current_only(
        &self,
        versioning: Option<Versioning>,
        denied: Fault,
    ) -> Result<Versions, Fault> {
        let Some(current) = self.current().await? else {
            return Err(denied);
        };
        let id = id_of(&current);
        let list = vec![Version {
            kind: Entry::Object,
            modified: current.modified.unwrap_or(Timestamp::UNIX_EPOCH),
            size: current.bytes.len() as u64,
            etag: current.etag,
            id,
        }];
        Ok(Versions {
            versioning: versioning.unwrap_or_else(|| guess(&list)),
            list,
            more: false,
            denied: Some(denied),
        })
    }
}

/// What was listed so far; S3 lists versions and delete markers apart, each newest first.
#[derive(Default)]
struct History {
    versions: Vec<Listed>,
    markers: Vec<Listed>,
}

struct Listed {
    version: Version,
    latest: bool,
}

impl History {
    fn take(&mut self, page: ListObjectVersionsOutput, key: &str) {
        let versions = page.versions.unwrap_or_default();
        self.versions.extend(
            versions
                .into_iter()
                .filter(|v| v.key() == Some(key))
                .filter_map(object),
        );
        let markers = page.delete_markers.unwrap_or_default();
        self.markers.extend(
            markers
                .into_iter()
                .filter(|m| m.key() == Some(key))
                .filter_map(marker),
        );
    }

    fn append(&mut self, page: Self) {
        self.versions.extend(page.versions);
        self.markers.extend(page.markers);
    }

    fn len(&self) -> usize {
        self.versions.len() + self.markers.len()
    }

    /// What one page of it says by itself.
    fn answer_of_page(&self, more: bool) -> Versions {
        let mut all: Vec<&Listed> = self.markers.iter().chain(&self.versions).collect();
        all.sort_by(|a, b| newest_first(a, b));
        let list: Vec<_> = all.into_iter().map(|one| one.version.clone()).collect();
        Versions {
            versioning: guess(&list),
            list,
            more,
            denied: None,
        }
    }

    fn answer(self, versioning: Option<Versioning>, limit: usize) -> Versions {
        let more = self.len() > limit;
        let mut all: Vec<_> = self.markers.into_iter().chain(self.versions).collect();
        // Stable: within one second a marker stands before the version that it hides.
        all.sort_by(newest_first);
        let mut list: Vec<_> = all.into_iter().map(|listed| listed.version).collect();
        let versioning = versioning.unwrap_or_else(|| guess(&list));
        list.truncate(limit);
        Versions {
            versioning,
            list,
            more,
            denied: None,
        }
    }
}

fn newest_first(a: &Listed, b: &Listed) -> Ordering {
    b.latest
        .cmp(&a.latest)
        .then(b.version.modified.cmp(&a.version.modified))
}

fn object(entry: ObjectVersion) -> Option<Listed> {
    Some(Listed {
        latest: entry.is_latest == Some(true),
        version: Version {
            id: VersionId(entry.version_id?),
            kind: Entry::Object,
            modified: timestamp(&entry.last_modified?)?,
            size: entry
                .size
                .and_then(|size| size.try_into().ok())
                .unwrap_or(0),
            etag: entry.e_tag,
        },
    })
}

fn marker(entry: DeleteMarkerEntry) -> Option<Listed> {
    Some(Listed {
        latest: entry.is_latest == Some(true),
        version: Version {
            id: VersionId(entry.version_id?),
            kind: Entry::DeleteMarker,
            modified: timestamp(&entry.last_modified?)?,
            size: 0,
            etag: None,
        },
    })
}

/// Where the next page begins; none where the rest belongs to keys that only begin alike.
fn next_page(page: &ListObjectVersionsOutput, key: &str) -> Option<(String, Option<String>)> {
    if page.is_truncated != Some(true) {
        return None;
    }
    let next = page.next_key_marker.clone()?;
    (next == key).then(|| (next, page.next_version_id_marker.clone()))
}

/// Whether versions are kept, from the newest version's own id.
fn guess(list: &[Version]) -> Versioning {
    match list.first().map(|version| version.id.0.as_str()) {
        None => Versioning::Off,
        Some("null") if list.len() == 1 => Versioning::Off,
        Some("null") => Versioning::Suspended,
        Some(_) => Versioning::Enabled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, kind: Entry, second: i64, latest: bool) -> Listed {
        Listed {
            latest,
            version: Version {
                id: VersionId(id.into()),
                kind,
                modified: Timestamp::from_second(second).unwrap(),
                size: 1,
                etag: None,
            },
        }
    }

    fn ids(versions: &Versions) -> Vec<&str> {
        versions
            .list
            .iter()
            .map(|version| version.id.0.as_str())
            .collect()
    }

    #[test]
    fn within_one_second_the_store_says_which_is_the_newest() {
        let history = || History {
            versions: vec![
                listed("v2", Entry::Object, 9, true),
                listed("v1", Entry::Object, 9, false),
            ],
            markers: vec![listed("m", Entry::DeleteMarker, 9, false)],
        };
        assert_eq!(ids(&history().answer(None, 10)), ["v2", "m", "v1"]);
        let cut = history().answer(None, 2);
        assert_eq!((ids(&cut), cut.more), (vec!["v2", "m"], true));
    }

    #[test]
    fn what_may_not_be_asked_is_read_from_the_ids() {
        let history = |ids: &[&str]| {
            let versions = ids.iter().map(|id| listed(id, Entry::Object, 1, false));
            History {
                versions: versions.collect(),
                markers: Vec::new(),
            }
            .answer(None, 10)
            .versioning
        };
        assert_eq!(history(&["a", "null"]), Versioning::Enabled);
        assert_eq!(history(&["null", "a"]), Versioning::Suspended);
        assert_eq!(
            (history(&["null"]), history(&[])),
            (Versioning::Off, Versioning::Off)
        );
    }
}
