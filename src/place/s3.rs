//! The S3 backend's settings after Terraform's own rules (configuration, then
//! environment) have been applied, and the object and item keys they lead to.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::fault::Fault;

/// A value that is never printed: its `Debug` and `Display` are a mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the request that needs it and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("▒▒▒▒▒▒▒▒")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("▒▒▒▒▒▒▒▒")
    }
}

/// The S3 backend of one workspace, ready to be asked.
///
/// Every field already has the environment applied in Terraform's order; a
/// `None` means that Terraform would leave it to the SDK.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "the fields are the backend's own schema"
)]
pub struct S3 {
    pub bucket: String,
    /// `key` as configured, without the workspace.
    pub key: String,
    pub workspace_key_prefix: String,
    pub workspace: String,
    pub region: Option<String>,
    pub dynamodb_table: Option<String>,
    pub use_lockfile: bool,
    pub endpoints: Endpoints,
    pub use_path_style: bool,
    pub use_fips_endpoint: bool,
    pub use_dualstack_endpoint: bool,
    /// The profile that the backend names: it is used alone, even beside keys in the environment.
    pub profile: Option<String>,
    /// `AWS_PROFILE`: one link of the chain that is asked where nothing is named.
    pub environment_profile: Option<String>,
    pub keys: Option<Keys>,
    pub assume_role: Option<AssumeRole>,
    pub web_identity: Option<WebIdentity>,
    pub shared_config_files: Vec<PathBuf>,
    pub shared_credentials_files: Vec<PathBuf>,
    pub encryption: Encryption,
    pub acl: Option<String>,
    pub max_attempts: Option<u32>,
    pub retry_mode: Option<String>,
    pub custom_ca_bundle: Option<PathBuf>,
    pub http_proxy: Option<String>,
    pub https_proxy: Option<String>,
    pub no_proxy: Option<String>,
    pub sts_region: Option<String>,
    pub insecure: bool,
    pub skip_credentials_validation: bool,
    pub skip_metadata_api_check: bool,
    pub metadata_endpoint: Option<String>,
    pub metadata_endpoint_mode: Option<String>,
    pub skip_region_validation: bool,
    pub skip_requesting_account_id: bool,
    pub skip_s3_checksum: bool,
    pub allowed_account_ids: Vec<String>,
    pub forbidden_account_ids: Vec<String>,
}

/// Endpoints that replace AWS's own; none means AWS itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Endpoints {
    pub s3: Option<String>,
    pub dynamodb: Option<String>,
    pub iam: Option<String>,
    pub sts: Option<String>,
    pub sso: Option<String>,
    /// Of the Resource Groups Tagging API, which no backend block names.
    pub tagging: Option<String>,
}

/// Static credentials written into the backend configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    pub access_key: Secret,
    pub secret_key: Secret,
    pub token: Option<Secret>,
}

/// `assume_role`, with every field of Terraform's schema.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssumeRole {
    pub role_arn: String,
    pub duration_seconds: Option<u32>,
    pub external_id: Option<String>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub session_name: Option<String>,
    pub source_identity: Option<String>,
    pub tags: Vec<(String, String)>,
    pub transitive_tag_keys: Vec<String>,
}

/// `assume_role_with_web_identity`; the token comes from exactly one of two places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebIdentity {
    pub role_arn: String,
    pub duration_seconds: Option<u32>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub session_name: Option<String>,
    pub token: Option<Secret>,
    pub token_file: Option<PathBuf>,
}

/// How the backend asks S3 to encrypt what it writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Encryption {
    /// `encrypt = false`: no header, even where a KMS key is named.
    #[default]
    None,
    Aes256,
    Kms {
        key_id: String,
    },
    /// The customer's own key, 44 characters of base64; reading needs it too.
    Customer {
        key: Secret,
    },
}

impl S3 {
    /// The object key of the state in the selected workspace (`s3/backend_state.go`, `path`).
    pub fn state_key(&self) -> String {
        if self.workspace.is_empty() || self.workspace == "default" {
            return self.key.clone();
        }
        if self.workspace_key_prefix.is_empty() {
            return format!("{}/{}", self.workspace, self.key);
        }
        format!(
            "{}/{}/{}",
            self.workspace_key_prefix, self.workspace, self.key
        )
    }

    /// The workspace and the `key` that lead to an object key.
    pub fn workspace_of(&self, object: &str) -> (String, String) {
        let prefix = format!("{}/", self.workspace_key_prefix);
        let below = object.strip_prefix(&prefix).filter(|_| prefix.len() > 1);
        match below.and_then(|rest| rest.split_once('/')) {
            Some((workspace, key)) if !matches!(workspace, "" | "default") && !key.is_empty() => {
                (workspace.to_owned(), key.to_owned())
            }
            _ => ("default".to_owned(), object.to_owned()),
        }
    }

    /// The region that requests are signed for, as Terraform insists on it: a
    /// region that only a profile names does not count.
    pub fn required_region(&self) -> Result<&str, Fault> {
        let fault = |cause: String| Fault::new("use the s3 backend of", self.lock_row(), cause);
        let Some(region) = self.region.as_deref() else {
            return Err(fault("no region is set".into()).hint(
                "set AWS_REGION or pass --region; as in terraform, a region in the profile alone is not enough",
            ));
        };
        if self.skip_region_validation || self.endpoints.s3.is_some() || looks_like_region(region) {
            return Ok(region);
        }
        Err(fault(format!("invalid AWS region {region:?}")).hint(
            "correct the region, or set skip_region_validation in the backend block for a store that is not AWS",
        ))
    }

    /// The key of the native lock object.
    pub fn lockfile_key(&self) -> String {
        format!("{}.tflock", self.state_key())
    }

    /// The `LockID` of the lock item.
    pub fn lock_row(&self) -> String {
        format!("{}/{}", self.bucket, self.state_key())
    }

    /// The `LockID` of the digest item.
    pub fn digest_row(&self) -> String {
        format!("{}-md5", self.lock_row())
    }
}

/// Whether a region has AWS's own shape: `eu-west-1`, `us-gov-east-1`.
fn looks_like_region(region: &str) -> bool {
    let parts: Vec<_> = region.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else {
        return false;
    };
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    area.len() == 2
        && !middle.is_empty()
        && word(area)
        && middle.iter().all(word)
        && number.parse::<u8>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(workspace: &str, prefix: &str) -> S3 {
        S3 {
            bucket: "tfb".into(),
            key: "ws/app.tfstate".into(),
            workspace: workspace.into(),
            workspace_key_prefix: prefix.into(),
            ..S3::default()
        }
    }

    #[test]
    fn the_default_workspace_uses_the_key_as_it_stands() {
        assert_eq!(place("default", "env:").state_key(), "ws/app.tfstate");
        assert_eq!(
            place("default", "env:").digest_row(),
            "tfb/ws/app.tfstate-md5"
        );
    }

    #[test]
    fn another_workspace_is_a_folder_under_the_prefix() {
        let staging = place("staging", "env:");
        assert_eq!(staging.lock_row(), "tfb/env:/staging/ws/app.tfstate");
        assert_eq!(staging.lockfile_key(), "env:/staging/ws/app.tfstate.tflock");
        assert_eq!(place("staging", "").state_key(), "staging/ws/app.tfstate");
    }

    #[test]
    fn a_region_is_required_and_has_the_shape_of_one() {
        let with = |region: Option<&str>| S3 {
            region: region.map(str::to_owned),
            ..S3::default()
        };
        assert_eq!(
            with(Some("us-gov-east-1")).required_region().unwrap(),
            "us-gov-east-1"
        );
        for wrong in [
            None,
            Some("mars-1"),
            Some("eu-west"),
            Some("eu--1"),
            Some(""),
        ] {
            assert!(with(wrong).required_region().is_err(), "{wrong:?}");
        }
        let mut minio = with(Some("main"));
        minio.skip_region_validation = true;
        assert!(minio.required_region().is_ok());
    }

    #[test]
    fn a_secret_is_never_printed() {
        let keys = Keys {
            access_key: Secret::new("AKIAIOSFODNN7EXAMPLE"),
            secret_key: Secret::new("very-secret"),
            token: None,
        };
        let printed = format!("{keys:?} {}", keys.access_key);
        assert!(
            !printed.contains("secret-") && !printed.contains("very") && !printed.contains("AKIA")
        );
    }
}
