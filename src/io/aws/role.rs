//! Roles, assumed with every field of Terraform's schema: the SDK's own
//! provider knows neither a source identity nor transitive tags, and leaving
//! them out would be another identity in the trail.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_sts::Client;
use aws_sdk_sts::types::{self, PolicyDescriptorType, Tag};

use crate::io::disk;
use crate::place::{AssumeRole, WebIdentity};

/// What CloudTrail shows where the backend names no session.
const SESSION: &str = "tfsos";
const TOKEN_LIMIT: u64 = 64 << 10;

/// Credentials of a role that is assumed with those of the client.
#[derive(Debug)]
pub(super) struct Assumed {
    pub(super) role: AssumeRole,
    pub(super) sts: Client,
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl Assumed {
    async fn assume(&self) -> provider::Result {
        let role = &self.role;
        let output = self
            .sts
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION))
            .set_duration_seconds(
                role.duration_seconds
                    .and_then(|seconds| seconds.try_into().ok()),
            )
            .set_external_id(role.external_id.clone())
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_source_identity(role.source_identity.clone())
            .set_tags(tags(&role.tags)?)
            .set_transitive_tag_keys(listed(&role.transitive_tag_keys))
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        credentials(output.credentials)
    }
}

/// Credentials of a role that is assumed with a web identity token.
#[derive(Debug)]
pub(super) struct Federated {
    pub(super) identity: WebIdentity,
    pub(super) sts: Client,
}

impl ProvideCredentials for Federated {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl Federated {
    async fn assume(&self) -> provider::Result {
        let identity = &self.identity;
        let output = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&identity.role_arn)
            .role_session_name(identity.session_name.as_deref().unwrap_or(SESSION))
            .web_identity_token(self.token().await?)
            .set_duration_seconds(
                identity
                    .duration_seconds
                    .and_then(|seconds| seconds.try_into().ok()),
            )
            .set_policy(identity.policy.clone())
            .set_policy_arns(policies(&identity.policy_arns))
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        credentials(output.credentials)
    }

    /// The token as it is now: whoever renews it rewrites the file.
    async fn token(&self) -> Result<String, CredentialsError> {
        if let Some(token) = &self.identity.token {
            return Ok(token.reveal().to_owned());
        }
        let Some(path) = self.identity.token_file.clone() else {
            return Err(CredentialsError::invalid_configuration(
                "assume_role_with_web_identity names no token",
            ));
        };
        let shown = path.display().to_string();
        let asking = disk::Asking::new("read the web identity token", shown);
        let bytes = disk::ask(asking.clone(), move || disk::read(&path, TOKEN_LIMIT))
            .await
            .map_err(CredentialsError::provider_error)?
            .ok_or_else(|| CredentialsError::provider_error(asking.fault("no such file")))?;
        let token = String::from_utf8_lossy(&bytes);
        Ok(token.trim().to_owned())
    }
}

fn listed(items: &[String]) -> Option<Vec<String>> {
    (!items.is_empty()).then(|| items.to_vec())
}

fn policies(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let one = |arn: &String| PolicyDescriptorType::builder().arn(arn).build();
    (!arns.is_empty()).then(|| arns.iter().map(one).collect())
}

fn tags(pairs: &[(String, String)]) -> Result<Option<Vec<Tag>>, CredentialsError> {
    if pairs.is_empty() {
        return Ok(None);
    }
    pairs
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map(Some)
        .map_err(CredentialsError::invalid_configuration)
}

fn credentials(answer: Option<types::Credentials>) -> provider::Result {
    let found =
        answer.ok_or_else(|| CredentialsError::unhandled("STS answered without credentials"))?;
    Ok(Credentials::new(
        found.access_key_id,
        found.secret_access_key,
        Some(found.session_token),
        SystemTime::try_from(found.expiration).ok(),
        "assumed role",
    ))
}
