//! What lies beside one state: the objects of the bucket page by page, the
//! rows of the table, the lock objects, and the beginning of any body; within
//! bounds that a large bucket cannot break.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::Object as Stored;
use tokio::task::JoinSet;

use super::object::timestamp;
use super::table::{row_sighting, text};
use super::{Aws, Inner};
use crate::analysis::fleet::Object;
use crate::fault::Fault;
use crate::io::remote::{Listing, PAGES};
use crate::lock::{Digest, LOCKFILE, Sighting, Sweep};

/// More locks than this are no incident but a way of life.
const LOCKS: usize = 2_000;
/// How many lock objects are read at once.
const AT_ONCE: usize = 16;

impl Aws {
    /// Every lock that lies beside the one of this state, and every digest.
    pub async fn sweep(&self) -> Sweep {
        let objects = async {
            let (keys, sweep) = self.lock_keys().await;
            sweep.and(self.lock_objects(keys).await)
        };
        let (objects, rows) = tokio::join!(objects, self.rows());
        objects.and(rows)
    }

    /// One page of the objects whose keys begin so.
    pub async fn list(&self, prefix: &str, after: Option<String>) -> Result<Listing, Fault> {
        self.inner.list_objects(prefix, after).await
    }

    /// Every lock row and every digest row; nothing where the backend has no table.
    pub async fn rows(&self) -> Sweep {
        self.inner.rows().await
    }

    /// The lock objects of these keys.
    pub async fn lock_objects(&self, keys: Vec<String>) -> Sweep {
        let mut sweep = Sweep::default();
        let mut reading = JoinSet::new();
        for key in keys {
            if reading.len() >= AT_ONCE {
                take(&mut sweep, reading.join_next().await);
            }
            let inner = self.inner.clone();
            reading.spawn(async move { inner.lock_at(&key).await });
        }
        while let Some(read) = reading.join_next().await {
            take(&mut sweep, Some(read));
        }
        sweep
    }

    /// At most so many of the first bytes of an object; none where it is not there.
    pub async fn beginning(&self, key: &str, bytes: u64) -> Result<Option<Arc<[u8]>>, Fault> {
        self.inner.beginning(key, bytes).await
    }

    /// The keys of all lock objects, and what could not be listed.
    async fn lock_keys(&self) -> (Vec<String>, Sweep) {
        let (mut keys, mut sweep) = (Vec::new(), Sweep::default());
        let mut after = None;
        for _ in 0..PAGES {
            let page = match self.list("", after.take()).await {
                Ok(page) => page,
                Err(fault) => {
                    sweep.unseen.push(fault);
                    return (keys, sweep);
                }
            };
            let listed = page.objects.into_iter().map(|object| object.key);
            keys.extend(listed.filter(|key| key.ends_with(LOCKFILE)));
            after = page.next;
            if after.is_none() || keys.len() > LOCKS {
                break;
            }
        }
        sweep.more = after.is_some() || keys.len() > LOCKS;
        keys.truncate(LOCKS);
        (keys, sweep)
    }
}

type Read = Result<Result<Option<Sighting>, Fault>, tokio::task::JoinError>;

fn take(sweep: &mut Sweep, read: Option<Read>) {
    match read {
        Some(Ok(Ok(found))) => sweep.found.extend(found),
        Some(Ok(Err(fault))) => sweep.unseen.push(fault),
        Some(Err(_)) => sweep.unseen.push(Fault::new(
            "read a lock object",
            "",
            "it failed inside; this is a defect of tfsos",
        )),
        None => {}
    }
}

fn object(stored: Stored) -> Option<Object> {
    Some(Object {
        key: stored.key?,
        modified: timestamp(&stored.last_modified?)?,
        size: stored
            .size
            .and_then(|size| size.try_into().ok())
            .unwrap_or(0),
        etag: stored.e_tag,
    })
}

impl Inner {
    async fn list_objects(&self, prefix: &str, after: Option<String>) -> Result<Listing, Fault> {
        let mut question = self.on_bucket("list the objects of the bucket", "s3:ListBucket");
        question.subject = format!("{}/{prefix}", self.place.bucket);
        let request = self
            .clients
            .s3
            .list_objects_v2()
            .bucket(&self.place.bucket)
            .set_expected_bucket_owner(self.owner())
            .set_prefix((!prefix.is_empty()).then(|| prefix.to_owned()))
            .set_continuation_token(after);
        let page = self.within(
            &question,
            Box::pin(async {
                let answer = request.send().await;
                answer.map_err(|error| self.explain(&question, &error))
            }),
        );
        let page = page.await?;
        let listed = page.contents.unwrap_or_default().into_iter();
        Ok(Listing {
            objects: listed.filter_map(object).collect(),
            next: page.next_continuation_token,
        })
    }

    async fn rows(&self) -> Sweep {
        let mut sweep = Sweep::default();
        let Some(table) = self.place.dynamodb_table.clone() else {
            return sweep;
        };
        let question = self.on_row(
            "list the lock rows beside",
            &self.place.lock_row(),
            "dynamodb:Scan",
        );
        let mut after: Option<HashMap<String, AttributeValue>> = None;
        for _ in 0..PAGES {
            let request = self
                .clients
                .dynamodb
                .scan()
                .table_name(&table)
                .consistent_read(true)
                .set_exclusive_start_key(after.take());
            let page = self.within(
                &question,
                Box::pin(async {
                    let answer = request.send().await;
                    answer.map_err(|error| self.explain(&question, &error))
                }),
            );
            let page = match page.await {
                Ok(page) => page,
                Err(fault) => {
                    sweep.unseen.push(fault);
                    return sweep;
                }
            };
            for row in page.items.unwrap_or_default() {
                // A row is told by what it carries, not by its name.
                match text(&row, "Digest").zip(text(&row, "LockID")) {
                    Some((stored, key)) => sweep.digests.push(Digest {
                        table: table.clone(),
                        key: key.to_owned(),
                        stored: stored.to_owned(),
                    }),
                    None => sweep.found.extend(row_sighting(&table, &row)),
                }
            }
            after = page.last_evaluated_key.filter(|key| !key.is_empty());
            if after.is_none() || sweep.found.len() > LOCKS {
                break;
            }
        }
        sweep.more = after.is_some();
        sweep
    }
}
