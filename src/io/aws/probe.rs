//! Proof that a store honors conditions. AWS documents that it does; anything
//! else has to refuse, on a scratch key of its own, each kind of write whose
//! condition does not hold. A store that ignores conditions would change what
//! is not what a person saw.

use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Inner;
use super::kind::Kind;
use super::question::Question;
use crate::fault::Fault;
use crate::lock::Store;

const CONTENT: &[u8] = b"{}";
/// An `ETag` that no content has.
const FOREIGN: &str = "\"00000000000000000000000000000000\"";

impl Inner {
    pub(super) async fn prove_conditions(&self, store: Store) -> Result<(), Fault> {
        let endpoints = &self.clients.endpoints;
        match store {
            Store::S3 if is_aws(endpoints.s3.as_deref()) => Ok(()),
            Store::DynamoDb if is_aws(endpoints.dynamodb.as_deref()) => Ok(()),
            Store::S3 => self
                .honest_bucket
                .get_or_try_init(|| self.prove_bucket())
                .await
                .copied(),
            Store::DynamoDb => self
                .honest_table
                .get_or_try_init(|| self.prove_table())
                .await
                .copied(),
            Store::Local => Ok(()),
        }
    }

    async fn prove_bucket(&self) -> Result<(), Fault> {
        let key = scratch(&self.place.state_key());
        let doing = "prove conditional writes on";
        let question = self.on_object(doing, &key, "s3:PutObject");
        let put = || self.put(&key, ByteStream::from_static(CONTENT));
        let written = Box::pin(put().send()).await;
        written.map_err(|error| self.explain(&question, &error))?;
        let over = Box::pin(put().if_none_match("*").send()).await;
        let mut proven = self.denied(&question, over);
        if proven.is_ok() {
            let other = Box::pin(put().if_match(FOREIGN).send()).await;
            proven = self.denied(&question, other);
        }
        let question = self.on_object(doing, &key, "s3:DeleteObject");
        let delete = || {
            self.clients
                .s3
                .delete_object()
                .bucket(&self.place.bucket)
                .set_expected_bucket_owner(self.owner())
                .key(&key)
        };
        if proven.is_ok() {
            let foreign = delete().if_match(FOREIGN).send().await;
            proven = self.denied(&question, foreign);
        }
        let tidied = delete().send().await;
        proven.and_then(|()| {
            tidied
                .map(|_| ())
                .map_err(|error| self.explain(&question, &error))
        })
    }

    /// Whether the store refused a write whose condition did not hold.
    fn denied<T, E>(
        &self,
        question: &Question,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<(), Fault>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match answer {
            Ok(_) => Err(dishonest(question)),
            Err(error) => match Kind::of(&error) {
                Kind::ConditionFailed => Ok(()),
                kind => Err(self.explain_kind(question, &kind)),
            },
        }
    }

    async fn prove_table(&self) -> Result<(), Fault> {
        let row = scratch(&self.place.lock_row());
        let table = self.place.dynamodb_table.as_deref().unwrap_or_default();
        let doing = "prove conditional writes on";
        let question = self.on_row(doing, &row, "dynamodb:PutItem");
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let put = || {
            self.clients
                .dynamodb
                .put_item()
                .table_name(table)
                .item("LockID", text(&row))
                .item("Info", text("scratch"))
        };
        let written = put().send().await;
        written.map_err(|error| self.explain(&question, &error))?;
        let over = put().condition_expression("attribute_not_exists(LockID)");
        let mut proven = self.denied(&question, over.send().await);
        let question = self.on_row(doing, &row, "dynamodb:DeleteItem");
        let delete = || {
            self.clients
                .dynamodb
                .delete_item()
                .table_name(table)
                .key("LockID", text(&row))
        };
        if proven.is_ok() {
            let foreign = delete()
                .condition_expression("Info = :raw")
                .expression_attribute_values(":raw", text("something else"));
            proven = self.denied(&question, foreign.send().await);
        }
        let tidied = delete().send().await;
        proven.and_then(|()| {
            tidied
                .map(|_| ())
                .map_err(|error| self.explain(&question, &error))
        })
    }
}

fn dishonest(question: &Question) -> Fault {
    question
        .fault("the store wrote although the condition did not hold")
        .hint("this store cannot be written to safely: stop every writer, then use terraform force-unlock or terraform state push")
}

/// Whether an endpoint is AWS's own: none was named, or one under its domains.
fn is_aws(endpoint: Option<&str>) -> bool {
    let Some(url) = endpoint else { return true };
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
        .iter()
        .any(|domain| host.ends_with(domain))
}

/// A name beside the real one that nobody else uses.
pub(super) fn scratch(name: &str) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!(
        "{name}.tfsos-probe-{}-{}",
        std::process::id(),
        now.as_nanos()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amazons_own_hosts_are_aws() {
        assert!(is_aws(None));
        assert!(is_aws(Some(
            "https://bucket.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com"
        )));
        assert!(is_aws(Some(
            "https://dynamodb.cn-north-1.amazonaws.com.cn:443/"
        )));
        for other in [
            "http://127.0.0.1:5000",
            "https://amazonaws.com.evil.example",
            "https://x@minio/.amazonaws.com",
            "s3",
        ] {
            assert!(!is_aws(Some(other)), "{other}");
        }
    }
}
