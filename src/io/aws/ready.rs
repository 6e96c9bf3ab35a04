//! What AWS says of the bucket and the lock table beside their contents, and
//! the trial of a write on a scratch key.

use aws_sdk_dynamodb::types::{AttributeValue, PointInTimeRecoveryStatus, TimeToLiveStatus};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus, LifecycleRule};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::object::Piece;
use super::{Aws, Inner};
use crate::fault::Fault;
use crate::recovery::readiness::{Expiry, Settings, Table, Trial};
use crate::state::Versioning;

const CONTENT: &[u8] = b"{}";

impl Aws {
    /// The settings of the stores that a recovery depends on; nothing is written.
    pub async fn settings(&self) -> Settings {
        let (versioning, lifecycle, table) = tokio::join!(
            Box::pin(self.inner.kept()),
            Box::pin(self.inner.lifecycle()),
            Box::pin(self.inner.table_settings())
        );
        Settings {
            versioning,
            lifecycle,
            table,
        }
    }

    /// The scratch key and the scratch row of one round of trials.
    pub fn scratch(&self) -> (String, String) {
        let place = &self.inner.place;
        (
            super::probe::scratch(&place.state_key()),
            super::probe::scratch(&place.lock_row()),
        )
    }

    /// Tries one write, or what follows on it, on the scratch key or row.
    pub async fn try_on(&self, trial: Trial, name: &str) -> Result<(), Fault> {
        let inner = &self.inner;
        match trial {
            Trial::PutObject => Box::pin(inner.put_scratch(name)).await,
            Trial::ReadObject => Box::pin(inner.read_scratch(name)).await,
            Trial::DeleteObject => Box::pin(inner.delete_scratch(name)).await,
            Trial::PutRow => Box::pin(inner.put_scratch_row(name)).await,
            Trial::ReadRow => Box::pin(inner.read_scratch_row(name)).await,
            Trial::DeleteRow => Box::pin(inner.delete_scratch_row(name)).await,
        }
    }
}

impl Inner {
    /// Whether the bucket keeps versions, in its own words and never by a guess.
    async fn kept(&self) -> Result<Versioning, Fault> {
        let question = self.on_bucket("read the versioning of", "s3:GetBucketVersioning");
        let request = self.clients.s3.get_bucket_versioning();
        let answer = request
            .bucket(&self.place.bucket)
            .set_expected_bucket_owner(self.owner())
            .send()
            .await;
        let answer = answer.map_err(|error| self.explain(&question, &error))?;
        Ok(match answer.status {
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(_) => Versioning::Suspended,
            None => Versioning::Off,
        })
    }

    async fn lifecycle(&self) -> Result<Vec<Expiry>, Fault> {
        let question = self.on_bucket(
            "read the lifecycle rules of",
            "s3:GetLifecycleConfiguration",
        );
        let answer = self
            .clients
            .s3
            .get_bucket_lifecycle_configuration()
            .bucket(&self.place.bucket)
            .set_expected_bucket_owner(self.owner())
            .send()
            .await;
        let rules = match answer {
            Ok(answer) => answer.rules.unwrap_or_default(),
            Err(error) if error.code() == Some("NoSuchLifecycleConfiguration") => Vec::new(),
            Err(error) => return Err(self.explain(&question, &error)),
        };
        let key = self.place.state_key();
        Ok(rules.iter().filter_map(|rule| expiry(rule, &key)).collect())
    }

    async fn table_settings(&self) -> Option<Table> {
        let name = self.place.dynamodb_table.clone()?;
        let (recovery, protection, expiry) = tokio::join!(
            Box::pin(self.recovery(&name)),
            Box::pin(self.protection(&name)),
            Box::pin(self.time_to_live(&name))
        );
        Some(Table {
            name,
            recovery,
            protection,
            expiry,
        })
    }

    async fn recovery(&self, table: &str) -> Result<bool, Fault> {
        let doing = "read the backups of the lock table of";
        let question = self.on_row(
            doing,
            &self.place.lock_row(),
            "dynamodb:DescribeContinuousBackups",
        );
        let request = self.clients.dynamodb.describe_continuous_backups();
        let answer = request.table_name(table).send().await;
        let answer = answer.map_err(|error| self.explain(&question, &error))?;
        let backups = answer.continuous_backups_description;
        let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description);
        let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status);
        Ok(status == Some(PointInTimeRecoveryStatus::Enabled))
    }

    async fn protection(&self, table: &str) -> Result<bool, Fault> {
        let doing = "read the settings of the lock table of";
        let question = self.on_row(doing, &self.place.lock_row(), "dynamodb:DescribeTable");
        let request = self.clients.dynamodb.describe_table();
        let answer = request.table_name(table).send().await;
        let answer = answer.map_err(|error| self.explain(&question, &error))?;
        let protected = answer
            .table
            .and_then(|table| table.deletion_protection_enabled);
        Ok(protected == Some(true))
    }

    async fn time_to_live(&self, table: &str) -> Result<Option<String>, Fault> {
        let doing = "read the expiry of the lock table of";
        let question = self.on_row(doing, &self.place.lock_row(), "dynamodb:DescribeTimeToLive");
        let request = self.clients.dynamodb.describe_time_to_live();
        let answer = request.table_name(table).send().await;
        let answer = answer.map_err(|error| self.explain(&question, &error))?;
        let about = answer.time_to_live_description.filter(|about| {
            let status = about.time_to_live_status.as_ref();
            matches!(
                status,
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
        });
        Ok(about.map(|about| about.attribute_name.unwrap_or_default()))
    }

    async fn put_scratch(&self, key: &str) -> Result<(), Fault> {
        let question = self.on_object("write the scratch object", key, "s3:PutObject");
        let put = self.put(key, ByteStream::from_static(CONTENT));
        let written = put.if_none_match("*").send().await;
        written
            .map(drop)
            .map_err(|error| self.explain(&question, &error))
    }

    async fn read_scratch(&self, key: &str) -> Result<(), Fault> {
        let question = self.on_object("read the scratch object", key, "s3:GetObject");
        let mut bytes = Vec::new();
        let take = |piece: Piece<'_>| bytes.extend_from_slice(piece.bytes);
        self.stream(&question, self.get(key), CONTENT.len(), take)
            .await?;
        if bytes == CONTENT {
            return Ok(());
        }
        Err(question.fault("what was written is not what is there"))
    }

    async fn delete_scratch(&self, key: &str) -> Result<(), Fault> {
        let question = self.on_object("delete the scratch object", key, "s3:DeleteObject");
        let delete = self.clients.s3.delete_object().bucket(&self.place.bucket);
        let deleted = delete
            .set_expected_bucket_owner(self.owner())
            .key(key)
            .send()
            .await;
        deleted
            .map(drop)
            .map_err(|error| self.explain(&question, &error))
    }

    async fn put_scratch_row(&self, row: &str) -> Result<(), Fault> {
        let question = self.on_row("write the scratch row", row, "dynamodb:PutItem");
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let put = self
            .clients
            .dynamodb
            .put_item()
            .set_table_name(self.place.dynamodb_table.clone())
            .item("LockID", text(row))
            .item("Digest", text("scratch"))
            .condition_expression("attribute_not_exists(LockID)");
        let written = put.send().await;
        written
            .map(drop)
            .map_err(|error| self.explain(&question, &error))
    }

    async fn read_scratch_row(&self, row: &str) -> Result<(), Fault> {
        let question = self.on_row("read the scratch row", row, "dynamodb:GetItem");
        let table = self.place.dynamodb_table.clone().unwrap_or_default();
        match self.row(&question, &table, row).await? {
            Some(_) => Ok(()),
            None => Err(question.fault("what was written is not there")),
        }
    }

    async fn delete_scratch_row(&self, row: &str) -> Result<(), Fault> {
        let question = self.on_row("delete the scratch row", row, "dynamodb:DeleteItem");
        let delete = self
            .clients
            .dynamodb
            .delete_item()
            .set_table_name(self.place.dynamodb_table.clone())
            .key("LockID", AttributeValue::S(row.to_owned()));
        let deleted = delete.send().await;
        deleted
            .map(drop)
            .map_err(|error| self.explain(&question, &error))
    }
}

/// What an enabled rule does to versions of this key. A rule that also asks
/// for tags or sizes counts: nobody knows what the next write carries.
#[allow(
    deprecated,
    reason = "rules of the first kind name their prefix themselves"
)]
fn expiry(rule: &LifecycleRule, key: &str) -> Option<Expiry> {
    if rule.status != ExpirationStatus::Enabled {
        return None;
    }
    let filter = rule.filter.as_ref();
    let and = filter.and_then(|filter| filter.and.as_ref());
    let prefix = filter
        .and_then(|filter| filter.prefix.as_deref())
        .or_else(|| and.and_then(|and| and.prefix.as_deref()))
        .or(rule.prefix.as_deref());
    if !key.starts_with(prefix.unwrap_or_default()) {
        return None;
    }
    let former = rule.noncurrent_version_expiration.as_ref();
    let current = rule.expiration.as_ref();
    let expiry = Expiry {
        rule: rule
            .id
            .clone()
            .unwrap_or_else(|| "without a name".to_owned()),
        former: former.map(|former| former.noncurrent_days.unwrap_or_default()),
        current: current.is_some_and(|current| current.days.is_some() || current.date.is_some()),
    };
    (expiry.current || expiry.former.is_some()).then_some(expiry)
}
