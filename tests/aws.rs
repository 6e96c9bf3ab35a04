//! What we ask of AWS and what we make of its answers: real questions to an
//! emulated AWS, and the failures that it cannot produce from a server that
//! replays them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

#[path = "aws/faults.rs"]
mod faults;
#[path = "aws/identity.rs"]
mod identity;
#[path = "aws/reads.rs"]
mod reads;
#[path = "aws/ready.rs"]
mod ready;
#[path = "aws/writes.rs"]
mod writes;

use support::moto::Stores;
use tfsos::io::aws::Aws;
use tfsos::place::{Endpoints, Keys, S3, Secret};

const KEY: &str = "network/terraform.tfstate";
const LOCK: &str = r#"{"ID":"11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-11-22T11:43:28.83719237Z","Path":"b/k"}"#;

/// The backend of a test's own bucket and table, behind an endpoint.
fn backend(stores: &Stores, endpoint: &str) -> S3 {
    let endpoint = Some(endpoint.to_owned());
    S3 {
        bucket: stores.bucket.clone(),
        key: KEY.into(),
        workspace: "default".into(),
        workspace_key_prefix: "env:".into(),
        region: Some("us-east-1".into()),
        dynamodb_table: Some(stores.table.clone()),
        use_lockfile: true,
        use_path_style: true,
        endpoints: Endpoints {
            s3: endpoint.clone(),
            dynamodb: endpoint.clone(),
            sts: endpoint,
            ..Endpoints::default()
        },
        keys: Some(Keys {
            access_key: Secret::new("AKIAIOSFODNN7EXAMPLE"),
            secret_key: Secret::new("emulated"),
            token: None,
        }),
        max_attempts: Some(1),
        skip_metadata_api_check: true,
        ..S3::default()
    }
}

async fn open(place: &S3) -> Aws {
    Aws::open(place).await.unwrap()
}
