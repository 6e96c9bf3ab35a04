//! The writes to a place in AWS, and the look at one item that comes before and
//! after each. A write has one attempt and a condition: objects are bound to
//! the `ETag` that was found (or to there being none), rows to their content.
//! An object is written by one `PutObject` with the backend's own encryption,
//! ACL, content type and checksum, never in parts.

use std::error::Error;

use aws_config::retry::RetryConfig;
use aws_sdk_dynamodb::operation::RequestId as _;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ObjectCannedAcl, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Inner;
use super::kind::Kind;
use super::object::{CustomerKey, STATE_LIMIT};
use super::question::Question;
use super::table;
use crate::io::remote::Take;
use crate::lock::Body;
use crate::place::Encryption;
use crate::recovery::write::Marker;
use crate::recovery::{Answer, Cargo, Content, Found, Item, Seen, Slot, Write};

/// Why a write that no plan should make is not sent.
const NO_SUCH_ITEM: &str = "no item of this kind can hold that";

impl Inner {
    /// What stands in one item now. A state is read to its end and only its hashes are kept.
    pub(super) async fn look(&self, item: &Item) -> Found {
        match item.slot {
            Slot::LockObject => {
                let seen = self.lock_at(&item.key).await?;
                Ok(seen.as_ref().map(Seen::from))
            }
            Slot::State => self.read_state(&item.key, &mut |_| {}).await,
            Slot::LockRow => {
                let question = self.on_row("read the lock row", &item.key, "dynamodb:GetItem");
                let row = self.row(&question, &item.container, &item.key).await?;
                Ok(row.map(|row| without_etag(Content::Lock(table::lock_body(&row)))))
            }
            Slot::DigestRow => {
                let question = self.on_row("read the digest row", &item.key, "dynamodb:GetItem");
                let row = self.row(&question, &item.container, &item.key).await?;
                let digest =
                    |row: &table::Row| table::text(row, "Digest").unwrap_or_default().to_owned();
                Ok(row.map(|row| without_etag(Content::Digest(digest(&row)))))
            }
            Slot::LocalLock | Slot::StateFile => Ok(None),
        }
    }

    pub(super) async fn read_state(&self, key: &str, take: Take<'_>) -> Found {
        let question = self.on_object("read the state", key, "s3:GetObject");
        let mut marker = Marker::default();
        let found = self
            .stream(&question, self.get(key), STATE_LIMIT, |piece| {
                marker.feed(piece.bytes);
                take(piece.bytes);
            })
            .await?;
        Ok(found.map(|about| Seen {
            content: Content::State(marker.finish()),
            etag: about.etag,
        }))
    }

    /// Makes one change, if the item is still exactly what was `found`. One attempt.
    pub(super) async fn write(
        &self,
        write: &Write,
        found: Option<&Seen>,
        cargo: Option<&Cargo>,
    ) -> Answer {
        match (write.item.slot, &write.to) {
            (Slot::LockObject, None) => self.delete_object(&write.item, found).await,
            (Slot::LockObject, Some(Content::Lock(Body::Bytes(bytes)))) => {
                let bytes = ByteStream::from(bytes.clone());
                self.put_object(&write.item, found, bytes).await
            }
            (Slot::State, Some(Content::State(_))) => match cargo {
                Some(cargo) => {
                    // Shared, not copied: a state may be large.
                    let bytes = ByteStream::from(bytes::Bytes::from_owner(cargo.0.clone()));
                    self.put_object(&write.item, found, bytes).await
                }
                None => self.impossible(&write.item),
            },
            (Slot::LockRow | Slot::DigestRow, None) => self.delete_row(&write.item, found).await,
            (Slot::LockRow | Slot::DigestRow, Some(content)) => {
                self.put_row(&write.item, found, content).await
            }
            (Slot::LockObject | Slot::State | Slot::LocalLock | Slot::StateFile, _) => {
                self.impossible(&write.item)
            }
        }
    }

    fn impossible(&self, item: &Item) -> Answer {
        let question = self.on_object("write", &item.key, "s3:PutObject");
        Answer::Refused(question.fault(NO_SUCH_ITEM))
    }

    async fn delete_object(&self, item: &Item, found: Option<&Seen>) -> Answer {
        let question = self.on_object("release the lock object", &item.key, "s3:DeleteObject");
        let Some(etag) = found.and_then(|found| found.etag.as_ref()) else {
            return Answer::Refused(
                question.fault(
                    "it was seen without an ETag, so its deletion cannot be made conditional",
                ),
            );
        };
        let answer = self
            .clients
            .s3
            .delete_object()
            .bucket(&item.container)
            .key(&item.key)
            .if_match(etag)
            .set_expected_bucket_owner(self.owner_asked().await)
            .customize()
            .config_override(objects_once())
            .send()
            .await;
        match answer {
            Ok(output) => done(output.request_id()),
            Err(error) => self.judge(&question, &error),
        }
    }

    async fn put_object(&self, item: &Item, found: Option<&Seen>, bytes: ByteStream) -> Answer {
        let question = self.on_object("write", &item.key, "s3:PutObject");
        let etag = found.map(|found| found.etag.as_deref());
        let put = self.put(&item.key, bytes);
        let put = match etag {
            None => put.if_none_match("*"),
            Some(Some(etag)) => put.if_match(etag),
            Some(None) => {
                return Answer::Refused(question.fault(
                    "it was seen without an ETag, so the write cannot be made conditional",
                ));
            }
        };
        let owner = self.owner_asked().await;
        let request = put
            .set_expected_bucket_owner(owner)
            .customize()
            .config_override(objects_once());
        match Box::pin(request.send()).await {
            Ok(output) => done(output.request_id()),
            Err(error) => self.judge(&question, &error),
        }
    }

    /// A `PutObject` as the backend itself would send it.
    pub(super) fn put(&self, key: &str, bytes: ByteStream) -> PutObjectFluentBuilder {
        let checksum = (!self.place.skip_s3_checksum).then_some(ChecksumAlgorithm::Sha256);
        let put = self
            .clients
            .s3
            .put_object()
            .bucket(&self.place.bucket)
            .set_expected_bucket_owner(self.owner())
            .key(key)
            .content_type("application/json")
            .set_checksum_algorithm(checksum)
            .set_acl(self.place.acl.as_deref().map(ObjectCannedAcl::from))
            .body(bytes);
        match &self.place.encryption {
            Encryption::None => put,
            Encryption::Aes256 => put.server_side_encryption(ServerSideEncryption::Aes256),
            Encryption::Kms { key_id } => put
                .server_side_encryption(ServerSideEncryption::AwsKms)
                .ssekms_key_id(key_id),
            Encryption::Customer { .. } => match CustomerKey::of(&self.place.encryption) {
                Some(customer) => put
                    .sse_customer_algorithm("AES256")
                    .sse_customer_key(customer.key)
                    .sse_customer_key_md5(customer.md5),
                None => put,
            },
        }
    }

    async fn delete_row(&self, item: &Item, found: Option<&Seen>) -> Answer {
        let question = self.on_row("delete the row", &item.key, "dynamodb:DeleteItem");
        let (condition, value) = match condition(found) {
            Ok(condition) => condition,
            Err(cause) => return Answer::Refused(question.fault(cause)),
        };
        let request = self
            .clients
            .dynamodb
            .delete_item()
            .table_name(&item.container)
            .key("LockID", AttributeValue::S(item.key.clone()))
            .condition_expression(condition)
            .set_expression_attribute_values(value.map(values));
        let request = request.customize().config_override(rows_once());
        match request.send().await {
            Ok(output) => done(output.request_id()),
            Err(error) => self.judge(&question, &error),
        }
    }

    async fn put_row(&self, item: &Item, found: Option<&Seen>, content: &Content) -> Answer {
        let question = self.on_row("write the row", &item.key, "dynamodb:PutItem");
        let refused = |cause: &str| Answer::Refused(question.fault(cause));
        let (condition, value) = match condition(found) {
            Ok(condition) => condition,
            Err(cause) => return refused(cause),
        };
        let row = match table::row_of(&item.key, content) {
            Ok(row) => row,
            Err(cause) => return refused(&cause),
        };
        let request = self
            .clients
            .dynamodb
            .put_item()
            .table_name(&item.container)
            .set_item(Some(row))
            .condition_expression(condition)
            .set_expression_attribute_values(value.map(values));
        let request = request.customize().config_override(rows_once());
        match request.send().await {
            Ok(output) => done(output.request_id()),
            Err(error) => self.judge(&question, &error),
        }
    }

    /// What became of a write that was not confirmed.
    fn judge<E>(&self, question: &Question, error: &SdkError<E, HttpResponse>) -> Answer
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let kind = Kind::of(error);
        let fault = self.explain_kind(question, &kind);
        match (&kind, error) {
            // Gone is not what was seen either.
            (Kind::ConditionFailed | Kind::Absent | Kind::DeleteMarker, _) => {
                Answer::ConditionFailed
            }
            (Kind::NoCredentials | Kind::CredentialsFailed { .. } | Kind::RoleDenied { .. }, _)
            | (_, SdkError::ConstructionFailure(_)) => Answer::Refused(fault),
            (Kind::Conflict | Kind::Timeout, _) => Answer::Unclear { cause: fault.cause },
            (_, SdkError::ServiceError(failure)) if is_definite(failure.raw()) => {
                Answer::Refused(fault)
            }
            _ => Answer::Unclear { cause: fault.cause },
        }
    }
}

fn without_etag(content: Content) -> Seen {
    Seen {
        content,
        etag: None,
    }
}

fn done(request_id: Option<&str>) -> Answer {
    Answer::Done {
        request_id: request_id.map(str::to_owned),
    }
}

fn objects_once() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Config::builder().retry_config(RetryConfig::disabled())
}

fn rows_once() -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::config::Config::builder().retry_config(RetryConfig::disabled())
}

fn values(value: AttributeValue) -> std::collections::HashMap<String, AttributeValue> {
    std::iter::once((":seen".to_owned(), value)).collect()
}

/// The condition under which a row still holds what was found, with the value that it names.
fn condition(found: Option<&Seen>) -> Result<(&'static str, Option<AttributeValue>), &'static str> {
    Ok(match found.map(|found| &found.content) {
        None => ("attribute_not_exists(LockID)", None),
        Some(Content::Lock(Body::Bytes(raw))) => {
            let raw = std::str::from_utf8(raw).map_err(|_| "its Info is not text")?;
            ("Info = :seen", Some(AttributeValue::S(raw.to_owned())))
        }
        Some(Content::Lock(Body::NoInfo { .. })) => (
            "attribute_exists(LockID) AND attribute_not_exists(Info)",
            None,
        ),
        Some(Content::Digest(digest)) => {
            ("Digest = :seen", Some(AttributeValue::S(digest.clone())))
        }
        Some(Content::State(_)) => return Err(NO_SUCH_ITEM),
    })
}

/// An answer that says no: nothing was done.
fn is_definite(answer: &HttpResponse) -> bool {
    (300..500).contains(&answer.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_no_is_definite() {
        let definite = |status: u16| {
            let body = aws_smithy_types::body::SdkBody::empty();
            is_definite(&HttpResponse::new(status.try_into().unwrap(), body))
        };
        assert!(definite(301) && definite(403));
        assert!(!definite(200) && !definite(500) && !definite(503));
    }

    #[test]
    fn a_row_is_bound_to_what_was_found_in_it() {
        let expression = |content: Option<Content>| {
            let seen = content.map(without_etag);
            condition(seen.as_ref()).map(|(expression, _)| expression)
        };
        assert_eq!(expression(None), Ok("attribute_not_exists(LockID)"));
        assert_eq!(
            expression(Some(Content::Digest("aa".into()))),
            Ok("Digest = :seen")
        );
        let no_text = Content::Lock(Body::Bytes(vec![0xff]));
        assert!(expression(Some(no_text)).is_err());
    }
}
