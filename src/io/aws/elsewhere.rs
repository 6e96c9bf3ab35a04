//! An object of another bucket, such as a replica: only read, with the
//! credentials of the place, in whichever region that bucket lies. Whose it is
//! nobody knows, so no owner is expected.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::kind::Kind;
use super::object::timestamp;
use super::{Aws, Inner};
use crate::analysis::fleet::Object;
use crate::fault::Fault;
use crate::place::S3;
use crate::state::Current;

impl Aws {
    /// What an object of another bucket is like; none where there is none.
    pub async fn about(&self, bucket: &str, key: &str) -> Result<Option<Object>, Fault> {
        let there = Box::pin(self.elsewhere(bucket, key)).await?;
        there.inner.about().await
    }

    /// An object of another bucket; none where there is none.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Option<Current>, Fault> {
        let there = Box::pin(self.elsewhere(bucket, key)).await?;
        there.current().await
    }

    /// The same questions to another bucket, where it lies.
    async fn elsewhere(&self, bucket: &str, key: &str) -> Result<Self, Fault> {
        let place = &self.inner.place;
        let (workspace, key) = place.workspace_of(key);
        let other = S3 {
            bucket: bucket.to_owned(),
            workspace,
            key,
            ..place.clone()
        };
        let head = self.inner.clients.s3.head_bucket().bucket(bucket);
        // Who may not ask where it lies is told by the object itself what is wrong.
        let region = match Box::pin(head.send()).await {
            Ok(_) => None,
            Err(error) => region_of(&error),
        };
        match region.filter(|region| place.region.as_deref() != Some(region)) {
            Some(region) => {
                let region = Some(region);
                Box::pin(Self::open(&S3 { region, ..other })).await
            }
            None => Ok(self.beside(&other)),
        }
    }
}

impl Inner {
    async fn about(&self) -> Result<Option<Object>, Fault> {
        let key = self.place.state_key();
        let question = self.on_object("look at the object", &key, "s3:GetObject");
        let head = self.clients.s3.head_object();
        let head = head.bucket(&self.place.bucket).key(&key);
        let found = match Box::pin(head.send()).await {
            Ok(found) => found,
            Err(error) => {
                return match Kind::of(&error) {
                    Kind::Absent | Kind::DeleteMarker => Ok(None),
                    _ => Err(self.explain(&question, &error)),
                };
            }
        };
        let modified = found.last_modified.as_ref().and_then(timestamp);
        Ok(Some(Object {
            key,
            modified: modified.unwrap_or_default(),
            size: found
                .content_length
                .and_then(|length| length.try_into().ok())
                .unwrap_or(0),
            etag: found.e_tag,
        }))
    }
}

/// The region that an answer names, whatever else it says.
fn region_of<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let region = error.raw_response()?.headers().get("x-amz-bucket-region");
    region.map(str::to_owned)
}
