//! Every lock of the bucket and of the table: a listing, a scan, and the body
//! of each lock object, within bounds that a large bucket cannot break.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use tokio::task::JoinSet;

use super::table::row_sighting;
use super::{Aws, Inner};
use crate::fault::Fault;
use crate::lock::{LOCKFILE, Sweep};

/// Pages of a thousand keys, or of a megabyte of rows.
const PAGES: usize = 200;
/// More locks than this are no incident but a way of life.
const LOCKS: usize = 2_000;
/// How many lock objects are read at once.
const AT_ONCE: usize = 16;

impl Aws {
    /// Every lock that lies beside the one of this state.
    pub async fn sweep(&self) -> Sweep {
        let (objects, rows) = tokio::join!(self.lock_objects(), self.inner.lock_rows());
        objects.and(rows)
    }

    async fn lock_objects(&self) -> Sweep {
        let (keys, mut sweep) = self.inner.lock_keys().await;
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
}

type Read = Result<Result<Option<crate::lock::Sighting>, Fault>, tokio::task::JoinError>;

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

impl Inner {
    /// The keys of all lock objects, and what could not be listed.
    async fn lock_keys(&self) -> (Vec<String>, Sweep) {
        let (mut keys, mut sweep) = (Vec::new(), Sweep::default());
        let question = self.on_bucket("list the lock objects of the bucket of", "s3:ListBucket");
        let mut after = None;
        for _ in 0..PAGES {
            let request = self
                .clients
                .s3
                .list_objects_v2()
                .bucket(&self.place.bucket)
                .set_expected_bucket_owner(self.owner())
                .set_continuation_token(after.take());
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
                    return (keys, sweep);
                }
            };
            let listed = page.contents.unwrap_or_default().into_iter();
            let locks = listed.filter_map(|object| object.key);
            keys.extend(locks.filter(|key| key.ends_with(LOCKFILE)));
            after = page.next_continuation_token;
            if after.is_none() || keys.len() > LOCKS {
                break;
            }
        }
        sweep.more = after.is_some() || keys.len() > LOCKS;
        keys.truncate(LOCKS);
        (keys, sweep)
    }

    /// Every row that is not a digest; nothing where the backend has no table.
    async fn lock_rows(&self) -> Sweep {
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
                .filter_expression("attribute_not_exists(Digest)")
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
            let rows = page.items.unwrap_or_default();
            sweep
                .found
                .extend(rows.iter().filter_map(|row| row_sighting(&table, row)));
            after = page.last_evaluated_key.filter(|key| !key.is_empty());
            if after.is_none() || sweep.found.len() > LOCKS {
                break;
            }
        }
        sweep.more = after.is_some();
        sweep
    }
}
