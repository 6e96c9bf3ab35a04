//! The SDK's clients with the settings that count for this place. Building
//! them asks no network: the region is always set, so the SDK has no reason to
//! look for one, and credentials are fetched when a request needs them.

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::app_name::AppName;
use aws_types::sdk_config::RequestChecksumCalculation;
use aws_types::service_config::ServiceConfigKey;

use super::clock::Clock;
use super::credentials::{self, SignIn};
use super::http;
use super::label::Label;
use super::noted::Noted;
use super::role::{Assumed, Federated};
use crate::fault::Fault;
use crate::place::{Endpoints, S3};

/// Terraform's own default (`max_retries` counts attempts).
const ATTEMPTS: u32 = 5;
const CONNECT: Duration = Duration::from_secs(3);
/// One attempt, up to the first byte of its answer.
const ATTEMPT: Duration = Duration::from_secs(10);
/// All attempts of one question together.
const QUESTION: Duration = Duration::from_secs(25);

/// Every client that a place needs.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) sts: aws_sdk_sts::Client,
    /// What all of them share, for a client of another region.
    sdk: SdkConfig,
    /// The endpoints in effect, those of the profile included; none is AWS's own.
    pub(super) endpoints: Endpoints,
    pub(super) sign_in: SignIn,
    /// The roles that the profile assumes, one with the credentials of the one before.
    pub(super) profile_roles: Vec<String>,
    /// Where the credentials came from, once they were needed.
    pub(super) noted: Noted,
    /// Set by the answers of STS.
    pub(super) clock: Clock,
    /// What the requests of all clients are labeled with.
    pub(super) label: Label,
}

impl Clients {
    /// Prepares the clients; a setting that cannot be honored is a fault.
    pub(super) async fn open(place: &S3) -> Result<Self, Fault> {
        if place.insecure {
            return Err(Fault::new(
                "use the s3 backend of",
                place.lock_row(),
                "insecure = true is not supported: tfsos always checks certificates",
            )
            .hint("name the certificate authority with custom_ca_bundle or AWS_CA_BUNDLE"));
        }
        let region = Region::new(place.required_region()?.to_owned());
        let profile = credentials::profile(place).await?;
        let http = http::client(place).await?;
        let conf = provider(region.clone(), http.clone());
        let noted = Noted::default();
        let base = credentials::base(place, &conf, &noted)?;
        let sdk = shared(place, base, region, http).await;
        let (endpoints, label) = (endpoints(place, &sdk), Label::default());
        let sdk = with_roles(place, sdk, &endpoints, &label);
        let clock = Clock::default();
        Ok(Self {
            s3: s3(place, &sdk, &endpoints, &label),
            dynamodb: dynamodb(place, &sdk, &endpoints, &label),
            sts: sts(place, &sdk, &endpoints, &label, &clock),
            sdk,
            endpoints,
            sign_in: profile.sign_in,
            profile_roles: profile.roles,
            noted,
            clock,
            label,
        })
    }
}

impl Clients {
    /// A client of the tagging service, which knows the resources of one region.
    pub(super) fn tagging(
        &self,
        place: &S3,
        region: &str,
    ) -> aws_sdk_resourcegroupstagging::Client {
        let mut builder = aws_sdk_resourcegroupstagging::config::Builder::from(&self.sdk)
            .region(Region::new(region.to_owned()))
            .interceptor(self.label.clone());
        builder.set_endpoint_url(self.endpoints.tagging.clone());
        let aws = self.endpoints.tagging.is_none();
        builder.set_use_fips(Some(aws && place.use_fips_endpoint));
        aws_sdk_resourcegroupstagging::Client::from_conf(builder.build())
    }
}

/// What the SDK's credential providers work with.
fn provider(region: Region, http: SharedHttpClient) -> ProviderConfig {
    ProviderConfig::without_region()
        .with_region(Some(region))
        .with_behavior_version(Some(BehaviorVersion::v2026_01_12()))
        .with_http_client(http)
}

/// The configuration that all clients share, with the base credentials.
async fn shared(
    place: &S3,
    base: SharedCredentialsProvider,
    region: Region,
    http: SharedHttpClient,
) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region)
        .http_client(http)
        .credentials_provider(base)
        .identity_cache(IdentityCache::lazy().load_timeout(QUESTION).build())
        .retry_config(retries(place))
        .timeout_config(timeouts())
        .profile_files(credentials::files(place))
        .use_fips(false)
        .use_dual_stack(false);
    if let Some(name) = &place.profile {
        loader = loader.profile_name(name);
    }
    if let Ok(name) = AppName::new("tfsos") {
        loader = loader.app_name(name);
    }
    if place.skip_s3_checksum {
        loader = loader.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    }
    loader.load().await
}

/// Attempts for reads; every write has exactly one.
fn retries(place: &S3) -> RetryConfig {
    let retries = match place.retry_mode.as_deref() {
        Some("adaptive") => RetryConfig::adaptive(),
        _ => RetryConfig::standard(),
    };
    retries.with_max_attempts(place.max_attempts.unwrap_or(ATTEMPTS).max(1))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ATTEMPT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(QUESTION)
        .build()
}

/// The place's endpoints, else those that the profile names.
fn endpoints(place: &S3, sdk: &SdkConfig) -> Endpoints {
    let one = |named: &Option<String>, service: &str| {
        named
            .clone()
            .or_else(|| profile_endpoint(sdk, service))
            .or_else(|| sdk.endpoint_url().map(str::to_owned))
    };
    Endpoints {
        s3: one(&place.endpoints.s3, "S3"),
        dynamodb: one(&place.endpoints.dynamodb, "DynamoDB"),
        sts: one(&place.endpoints.sts, "STS"),
        tagging: one(&place.endpoints.tagging, "Resource Groups Tagging API"),
        ..place.endpoints.clone()
    }
}

fn profile_endpoint(sdk: &SdkConfig, service: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    sdk.service_config()?.load_config(key)
}

/// The web identity takes the place of the base credentials; a role is assumed with what there is then.
fn with_roles(place: &S3, sdk: SdkConfig, endpoints: &Endpoints, label: &Label) -> SdkConfig {
    let mut sdk = sdk;
    if let Some(identity) = place.web_identity.clone() {
        let sts = sts(place, &sdk, endpoints, label, &Clock::default());
        sdk = with_credentials(
            &sdk,
            SharedCredentialsProvider::new(Federated { identity, sts }),
        );
    }
    if let Some(role) = place.assume_role.clone() {
        let sts = sts(place, &sdk, endpoints, label, &Clock::default());
        sdk = with_credentials(&sdk, SharedCredentialsProvider::new(Assumed { role, sts }));
    }
    sdk
}

fn with_credentials(sdk: &SdkConfig, provider: SharedCredentialsProvider) -> SdkConfig {
    sdk.to_builder().credentials_provider(provider).build()
}

fn s3(place: &S3, sdk: &SdkConfig, endpoints: &Endpoints, label: &Label) -> aws_sdk_s3::Client {
    let mut builder = aws_sdk_s3::config::Builder::from(sdk)
        .force_path_style(place.use_path_style)
        .interceptor(label.clone());
    builder.set_endpoint_url(endpoints.s3.clone());
    let aws = endpoints.s3.is_none();
    builder.set_use_fips(Some(aws && place.use_fips_endpoint));
    builder.set_use_dual_stack(Some(aws && place.use_dualstack_endpoint));
    aws_sdk_s3::Client::from_conf(builder.build())
}

fn dynamodb(
    place: &S3,
    sdk: &SdkConfig,
    endpoints: &Endpoints,
    label: &Label,
) -> aws_sdk_dynamodb::Client {
    let mut builder = aws_sdk_dynamodb::config::Builder::from(sdk).interceptor(label.clone());
    builder.set_endpoint_url(endpoints.dynamodb.clone());
    let aws = endpoints.dynamodb.is_none();
    builder.set_use_fips(Some(aws && place.use_fips_endpoint));
    builder.set_use_dual_stack(Some(aws && place.use_dualstack_endpoint));
    aws_sdk_dynamodb::Client::from_conf(builder.build())
}

fn sts(
    place: &S3,
    sdk: &SdkConfig,
    endpoints: &Endpoints,
    label: &Label,
    clock: &Clock,
) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(sdk)
        .interceptor(label.clone())
        .interceptor(clock.clone());
    if let Some(region) = &place.sts_region {
        builder = builder.region(Region::new(region.clone()));
    }
    builder.set_endpoint_url(endpoints.sts.clone());
    let aws = endpoints.sts.is_none();
    builder.set_use_fips(Some(aws && place.use_fips_endpoint));
    builder.set_use_dual_stack(Some(aws && place.use_dualstack_endpoint));
    aws_sdk_sts::Client::from_conf(builder.build())
}
