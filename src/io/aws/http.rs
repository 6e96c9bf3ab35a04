//! The one HTTP client behind every AWS call: rustls, a CA bundle and a proxy
//! where the backend names them. A bundle is checked here, because the client
//! would panic on a certificate that it cannot read.

use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use data_encoding::BASE64;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::place::S3;

/// A bundle larger than this is none.
const BUNDLE_LIMIT: u64 = 16 << 20;
/// Never reached through a proxy: this machine, and the credentials of the machine or container.
const DIRECT: &str = "localhost,127.0.0.0/8,::1,169.254.169.254,169.254.170.2,169.254.170.23";

/// The client for this place. The trust store is read when the first request is sent.
pub(super) async fn client(place: &S3) -> Result<SharedHttpClient, Fault> {
    let tls = tls(place).await?;
    let proxy = proxy(place)?;
    Ok(
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut builder = Connector::builder();
            builder.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                builder.set_sleep_impl(components.sleep_impl());
            }
            builder
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(tls.clone())
                .proxy_config(proxy.clone())
                .build()
        }),
    )
}

async fn tls(place: &S3) -> Result<TlsContext, Fault> {
    let store = match &place.custom_ca_bundle {
        Some(path) => bundle(path)
            .await?
            .into_iter()
            .fold(TrustStore::empty(), TrustStore::with_pem_certificate),
        None => TrustStore::default(),
    };
    TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| Fault::new("prepare TLS for", place.lock_row(), error))
}

/// The usable certificates of a bundle, one by one as PEM; as AWS's tools do, it replaces the system's.
async fn bundle(path: &Path) -> Result<Vec<String>, Fault> {
    let asking = Asking::new("read the CA bundle", path.display().to_string());
    let owned = path.to_owned();
    let read = disk::ask(asking.clone(), move || disk::read(&owned, BUNDLE_LIMIT)).await;
    let found = read.and_then(|bytes| bytes.ok_or_else(|| asking.fault("no such file")));
    found
        .and_then(|bytes| {
            usable(&bytes).ok_or_else(|| asking.fault("no usable certificate is in it"))
        })
        .map_err(|fault| fault.hint("correct custom_ca_bundle or AWS_CA_BUNDLE"))
}

fn usable(bytes: &[u8]) -> Option<Vec<String>> {
    let usable: Vec<_> = CertificateDer::pem_slice_iter(bytes)
        .filter_map(Result::ok)
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok())
        .map(|certificate| pem(&certificate))
        .collect();
    (!usable.is_empty()).then_some(usable)
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let encoded = BASE64.encode(certificate);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in encoded.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

/// The proxy of the endpoint's own scheme: one place speaks either HTTPS or plain HTTP.
fn proxy(place: &S3) -> Result<ProxyConfig, Fault> {
    let plain = place
        .endpoints
        .s3
        .as_ref()
        .is_some_and(|url| url.starts_with("http://"));
    let (named, build): (_, fn(String) -> _) = if plain {
        (&place.http_proxy, ProxyConfig::http)
    } else {
        (&place.https_proxy, ProxyConfig::https)
    };
    let Some(url) = named else {
        return Ok(ProxyConfig::disabled());
    };
    let url = if url.contains("://") {
        url.clone()
    } else {
        format!("http://{url}")
    };
    let direct = match &place.no_proxy {
        Some(more) => format!("{DIRECT},{more}"),
        None => DIRECT.to_owned(),
    };
    // The URL may carry a password, so neither it nor the parser's words are repeated.
    build(url).map(|proxy| proxy.no_proxy(direct)).map_err(|_| {
        Fault::new("use the proxy for", place.lock_row(), "its URL is not one")
            .hint("correct http_proxy, https_proxy or the variables of these names")
    })
}
