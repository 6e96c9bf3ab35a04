//! Whose credentials the requests carry: Terraform's choice and not the SDK's
//! (TERRAFORM.md §1.3). A profile that is named is asked alone; the SDK would
//! let keys in the environment win, and act in another account.

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::noted::Noted;
use crate::fault::Fault;
use crate::place::{Keys, S3};

/// How the person behind a profile gets fresh credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignIn {
    /// A profile of IAM Identity Center.
    Sso {
        profile: String,
    },
    Otherwise,
}

/// The shared files that count for this place.
pub(super) fn files(place: &S3) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder()
        .include_default_config_file(place.shared_config_files.is_empty())
        .include_default_credentials_file(place.shared_credentials_files.is_empty());
    for path in &place.shared_config_files {
        files = files.with_file(EnvConfigFileKind::Config, path);
    }
    for path in &place.shared_credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, path);
    }
    files.build()
}

/// What the shared files say of the profile.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) sign_in: SignIn,
    /// The roles that it assumes, one with the credentials of the one before.
    pub(super) roles: Vec<String>,
}

/// More profiles than these do not stand on one another.
const CHAIN: usize = 16;

/// Makes sure that the profile exists, and says how one signs in to it.
pub(super) async fn profile(place: &S3) -> Result<Profile, Fault> {
    let Some(name) = place
        .profile
        .as_ref()
        .or(place.environment_profile.as_ref())
    else {
        return Ok(Profile {
            sign_in: SignIn::Otherwise,
            roles: Vec::new(),
        });
    };
    let fault = |cause: String| Fault::new("use the profile", name.clone(), cause);
    let selected = Some(name.clone().into());
    let profiles = aws_config::profile::load(&Fs::real(), &Env::real(), &files(place), selected)
        .await
        .map_err(|error| {
            fault(format!("the shared AWS files cannot be read: {error}"))
                .hint("check ~/.aws/config and ~/.aws/credentials, or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE")
        })?;
    if profiles.get_profile(name).is_none() {
        return Err(fault("no such profile".into()).hint(profile_hint(&profiles)));
    }
    Ok(chained(&profiles, name))
}

/// Follows a profile to the one whose own credentials it begins with.
fn chained(profiles: &ProfileSet, name: &str) -> Profile {
    let (mut sign_in, mut roles) = (SignIn::Otherwise, Vec::new());
    let mut next = Some(name);
    for _ in 0..CHAIN {
        let Some((name, profile)) = next.and_then(|name| Some((name, profiles.get_profile(name)?)))
        else {
            break;
        };
        let sso = ["sso_session", "sso_start_url"];
        if sso.iter().any(|key| profile.get(key).is_some()) {
            sign_in = SignIn::Sso {
                profile: name.to_owned(),
            };
        }
        roles.extend(profile.get("role_arn").map(str::to_owned));
        // A profile that names itself means its own keys.
        next = profile.get("source_profile").filter(|of| *of != name);
    }
    roles.reverse();
    Profile { sign_in, roles }
}

fn profile_hint(profiles: &ProfileSet) -> String {
    let names: Vec<_> = profiles.profiles().take(8).collect();
    match names.as_slice() {
        [] => "no profiles are defined: run aws configure sso, or unset AWS_PROFILE".to_owned(),
        names => format!(
            "correct --profile, AWS_PROFILE or the backend block; there are {}",
            names.join(", ")
        ),
    }
}

/// The credentials before any role is assumed.
pub(super) fn base(
    place: &S3,
    conf: &ProviderConfig,
    noted: &Noted,
) -> Result<SharedCredentialsProvider, Fault> {
    if let Some(keys) = &place.keys {
        let keys = noted.source("keys in the backend block", fixed(keys));
        return Ok(SharedCredentialsProvider::new(keys));
    }
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(conf)
        .profile_files(files(place));
    if let Some(name) = &place.profile {
        let profile = profile.profile_name(name).build();
        let profile = noted.source("the profile that is named", profile);
        return Ok(SharedCredentialsProvider::new(profile));
    }
    let environment = EnvironmentVariableCredentialsProvider::new();
    let environment = noted.source("keys in the environment", environment);
    let web_identity = WebIdentityTokenCredentialsProvider::builder()
        .configure(conf)
        .build();
    let web_identity = noted.source("a web identity token of the environment", web_identity);
    let named = match &place.environment_profile {
        Some(_) => "the profile of AWS_PROFILE",
        None => "the default profile",
    };
    let profile = noted.source(named, profile.build());
    let container = EcsCredentialsProvider::builder().configure(conf).build();
    let container = noted.source("the container", container);
    let chain = CredentialsProviderChain::first_try("Environment", environment)
        .or_else("WebIdentityToken", web_identity)
        .or_else("Profile", profile)
        .or_else("EcsContainer", container);
    if place.skip_metadata_api_check {
        return Ok(SharedCredentialsProvider::new(chain));
    }
    let metadata = ImdsCredentialsProvider::builder()
        .configure(conf)
        .imds_client(metadata(place, conf)?)
        .build();
    let metadata = noted.source("the metadata of this EC2 instance", LastResort(metadata));
    Ok(SharedCredentialsProvider::new(
        chain.or_else("Ec2InstanceMetadata", metadata),
    ))
}

/// The end of the chain. Whatever answers at the metadata address of a machine
/// that is not in EC2, it means that no credentials were found anywhere.
#[derive(Debug)]
struct LastResort(ImdsCredentialsProvider);

impl ProvideCredentials for LastResort {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let answer = self.0.provide_credentials().await;
            answer.map_err(CredentialsError::not_loaded)
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.0.fallback_on_interrupt()
    }
}

fn fixed(keys: &Keys) -> Credentials {
    Credentials::new(
        keys.access_key.reveal(),
        keys.secret_key.reveal(),
        keys.token.as_ref().map(|token| token.reveal().to_owned()),
        None,
        "backend configuration",
    )
}

/// The machine's metadata service, at the endpoint that the backend names.
fn metadata(place: &S3, conf: &ProviderConfig) -> Result<imds::Client, Fault> {
    let mut client = imds::Client::builder().configure(conf).max_attempts(2);
    if let Some(endpoint) = &place.metadata_endpoint {
        client = client.endpoint(endpoint).map_err(|_| {
            Fault::new(
                "use the metadata endpoint",
                endpoint.clone(),
                "it is not a URL",
            )
            .hint("correct ec2_metadata_service_endpoint or AWS_EC2_METADATA_SERVICE_ENDPOINT")
        })?;
    }
    if let Some(mode) = &place.metadata_endpoint_mode {
        let mode = mode.parse().map_err(|_| {
            Fault::new("use the metadata endpoint mode", mode.clone(), "it is neither IPv4 nor IPv6")
                .hint("correct ec2_metadata_service_endpoint_mode or AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
        })?;
        client = client.endpoint_mode(mode);
    }
    Ok(client.build())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::io::aws::http;

    #[tokio::test]
    async fn a_machine_whose_metadata_address_forbids_everything_has_no_credentials() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = S3 {
            metadata_endpoint: Some(format!("http://{}", listener.local_addr().unwrap())),
            ..S3::default()
        };
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                // A request to the metadata service fits into one read.
                let mut request = [0; 4096];
                if stream.read(&mut request).is_ok() {
                    let answer =
                        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    let _ = stream.write_all(answer.as_bytes());
                }
            }
        });
        let conf =
            ProviderConfig::without_region().with_http_client(http::client(&place).await.unwrap());
        let provider = ImdsCredentialsProvider::builder()
            .configure(&conf)
            .imds_client(metadata(&place, &conf).unwrap())
            .build();
        let error = LastResort(provider)
            .provide_credentials()
            .await
            .unwrap_err();
        assert!(
            matches!(error, CredentialsError::CredentialsNotLoaded(_)),
            "{error:?}"
        );
    }
}
