//! What kind of failure an SDK error is: judged by codes, status and the types
//! in its chain, never by its text.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use crate::io::disk;
use crate::place::SKEW;

/// The failures that a person can do something different about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// No such object or version.
    Absent,
    DeleteMarker,
    ConditionFailed,
    /// Another write was under way.
    Conflict,
    NoBucket,
    NoTable,
    NoCredentials,
    /// A source of credentials was there and failed.
    CredentialsFailed {
        cause: String,
    },
    Expired,
    UnknownKeys,
    Denied {
        said: Option<String>,
    },
    /// The role of the backend or of the profile could not be assumed.
    RoleDenied {
        said: Option<String>,
    },
    /// The region where the bucket is, if the answer names it.
    WrongRegion {
        actual: Option<String>,
    },
    Throttled,
    Timeout,
    Unreachable {
        cause: String,
    },
    Untrusted {
        cause: String,
    },
    /// How far this machine's clock is ahead, if the answer was dated.
    ClockSkew {
        ahead: Option<SignedDuration>,
    },
    /// The service failed: 5xx.
    Broken {
        status: u16,
    },
    /// An answer that no AWS service gives.
    NotAws {
        status: u16,
    },
    Other {
        cause: String,
    },
}

/// What an answer of a service says about itself.
#[derive(Debug, Default)]
struct Said<'a> {
    status: u16,
    code: Option<&'a str>,
    message: Option<&'a str>,
    region: Option<&'a str>,
    deleted: bool,
    ahead: Option<SignedDuration>,
}

impl Kind {
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(failure) => Self::said(&Said::of(failure.raw(), failure.err())),
            SdkError::ResponseError(failure) => {
                let status = failure.raw().status().as_u16();
                if status >= 500 {
                    Self::Broken { status }
                } else {
                    Self::NotAws { status }
                }
            }
            SdkError::TimeoutError(_) => Self::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Timeout,
            other => Self::unsent(other),
        }
    }

    /// A request that never got an answer.
    fn unsent(error: &(dyn Error + 'static)) -> Self {
        if let Some(credentials) = find::<CredentialsError>(error) {
            return Self::credentials(credentials);
        }
        if let Some(tls) = find::<rustls::Error>(error) {
            let cause = one_line(&tls.to_string());
            return match tls {
                rustls::Error::InvalidCertificate(_) => Self::Untrusted { cause },
                _ => Self::Unreachable { cause },
            };
        }
        if let Some(io) = find::<io::Error>(error) {
            return Self::Unreachable {
                cause: disk::cause(io),
            };
        }
        Self::Unreachable {
            cause: innermost(error),
        }
    }

    fn credentials(error: &CredentialsError) -> Self {
        match error {
            CredentialsError::CredentialsNotLoaded(_) => Self::NoCredentials,
            CredentialsError::ProviderTimedOut(_) => Self::Timeout,
            other => Self::role(other).unwrap_or_else(|| Self::CredentialsFailed {
                cause: innermost(other),
            }),
        }
    }

    /// Why STS handed out no credentials of a role, if it was asked.
    fn role(error: &CredentialsError) -> Option<Self> {
        let kind = find::<SdkError<AssumeRoleError, HttpResponse>>(error)
            .map(Self::of)
            .or_else(|| {
                find::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>(error).map(Self::of)
            })?;
        Some(match kind {
            Self::Denied { said } => Self::RoleDenied { said },
            other => other,
        })
    }

    fn said(said: &Said<'_>) -> Self {
        let skewed = said.ahead.is_some_and(|ahead| ahead.abs() > SKEW);
        match said.code.unwrap_or_default() {
            "NoSuchKey" | "NoSuchVersion" | "NotFound" => {
                if said.deleted {
                    Self::DeleteMarker
                } else {
                    Self::Absent
                }
            }
            "NoSuchBucket" => Self::NoBucket,
            "ResourceNotFoundException" => Self::NoTable,
            "MethodNotAllowed" if said.deleted => Self::DeleteMarker,
            "PreconditionFailed" | "ConditionalCheckFailedException" => Self::ConditionFailed,
            "ConditionalRequestConflict" | "OperationAborted" | "TransactionConflictException" => {
                Self::Conflict
            }
            "RequestTimeTooSkewed" | "RequestInTheFuture" | "RequestExpired" => {
                Self::ClockSkew { ahead: said.ahead }
            }
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Self::Expired,
            "SignatureDoesNotMatch" | "InvalidSignatureException" if skewed => {
                Self::ClockSkew { ahead: said.ahead }
            }
            "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidToken"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature" => Self::UnknownKeys,
            "AccessDenied"
            | "AccessDeniedException"
            | "AllAccessDisabled"
            | "AccountProblem"
            | "Forbidden" => Self::Denied {
                said: said.message.map(one_line),
            },
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => Self::WrongRegion {
                actual: said.region.map(str::to_owned),
            },
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "BandwidthLimitExceeded" => Self::Throttled,
            "RequestTimeout" | "RequestTimeoutException" => Self::Timeout,
            code => Self::by_status(said, code),
        }
    }

    fn by_status(said: &Said<'_>, code: &str) -> Self {
        match said.status {
            301 | 307 => Self::WrongRegion {
                actual: said.region.map(str::to_owned),
            },
            403 => Self::Denied {
                said: said.message.map(one_line),
            },
            404 if code.is_empty() => Self::Absent,
            405 if said.deleted => Self::DeleteMarker,
            409 => Self::Conflict,
            412 => Self::ConditionFailed,
            429 => Self::Throttled,
            status if status >= 500 => Self::Broken { status },
            status if code.is_empty() => Self::NotAws { status },
            _ => Self::Other {
                cause: one_line(&format!(
                    "{code}: {}",
                    said.message.unwrap_or("no reason given")
                )),
            },
        }
    }
}

impl<'a> Said<'a> {
    fn of(raw: &'a HttpResponse, error: &'a impl ProvideErrorMetadata) -> Self {
        let header = |name: &str| raw.headers().get(name);
        Self {
            status: raw.status().as_u16(),
            region: header("x-amz-bucket-region"),
            deleted: header("x-amz-delete-marker") == Some("true"),
            ahead: header("date").and_then(ahead_of),
            code: error.code(),
            message: error.message(),
        }
    }
}

/// How far this machine's clock is ahead of an answer's date.
pub(super) fn ahead_of(date: &str) -> Option<SignedDuration> {
    let date = rfc2822::parse(date).ok()?.timestamp();
    Some(Timestamp::now().duration_since(date))
}

/// The first error of a type in a chain, wrapped in `io::Error` or not.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = inner(error);
    }
    None
}

/// What an error wraps; `io::Error` hides it from `source`.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = inner(last) {
        last = next;
    }
    one_line(&last.to_string())
}

/// Foreign words as part of a sentence: one line, no control characters, bounded.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect();
    plain.trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::error::CredentialsError;
    use aws_sdk_s3::operation::get_object::GetObjectError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::metadata::ErrorMetadata;

    use super::*;

    type Failure = SdkError<GetObjectError, HttpResponse>;

    fn answer(status: u16, headers: &[(&'static str, String)]) -> HttpResponse {
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.clone());
        }
        response
    }

    fn said(status: u16, code: &str, headers: &[(&'static str, String)]) -> Kind {
        let mut metadata = ErrorMetadata::builder().message("Said so.");
        if !code.is_empty() {
            metadata = metadata.code(code);
        }
        let error = GetObjectError::generic(metadata.build());
        Kind::of(&Failure::service_error(error, answer(status, headers)))
    }

    fn unsent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Kind {
        Kind::of(&Failure::dispatch_failure(ConnectorError::other(
            source.into(),
            None,
        )))
    }

    #[test]
    fn each_code_has_its_kind() {
        let said_so = || Some("Said so".to_owned());
        for (status, code, kind) in [
            (404, "NoSuchKey", Kind::Absent),
            (404, "NoSuchBucket", Kind::NoBucket),
            (400, "ResourceNotFoundException", Kind::NoTable),
            (412, "PreconditionFailed", Kind::ConditionFailed),
            (
                400,
                "ConditionalCheckFailedException",
                Kind::ConditionFailed,
            ),
            (409, "ConditionalRequestConflict", Kind::Conflict),
            (400, "ExpiredToken", Kind::Expired),
            (403, "InvalidAccessKeyId", Kind::UnknownKeys),
            (400, "UnrecognizedClientException", Kind::UnknownKeys),
            (403, "AccessDenied", Kind::Denied { said: said_so() }),
            (403, "", Kind::Denied { said: said_so() }),
            (301, "PermanentRedirect", Kind::WrongRegion { actual: None }),
            (503, "SlowDown", Kind::Throttled),
            (
                400,
                "ProvisionedThroughputExceededException",
                Kind::Throttled,
            ),
            (400, "RequestTimeout", Kind::Timeout),
            (403, "RequestTimeTooSkewed", Kind::ClockSkew { ahead: None }),
            (500, "InternalError", Kind::Broken { status: 500 }),
            (200, "", Kind::NotAws { status: 200 }),
            (
                400,
                "KMS.DisabledException",
                Kind::Other {
                    cause: "KMS.DisabledException: Said so".into(),
                },
            ),
        ] {
            assert_eq!(said(status, code, &[]), kind, "{status} {code}");
        }
    }

    #[test]
    fn headers_tell_the_region_and_a_delete_marker() {
        let region = [("x-amz-bucket-region", "eu-west-1".to_owned())];
        let actual = Some("eu-west-1".to_owned());
        assert_eq!(
            said(400, "AuthorizationHeaderMalformed", &region),
            Kind::WrongRegion { actual }
        );
        let marker = [("x-amz-delete-marker", "true".to_owned())];
        assert_eq!(said(404, "NoSuchKey", &marker), Kind::DeleteMarker);
        assert_eq!(said(405, "MethodNotAllowed", &marker), Kind::DeleteMarker);
    }

    #[test]
    fn a_signature_that_fails_on_a_wrong_clock_blames_the_clock() {
        let dated = |offset: SignedDuration| {
            let zoned = (Timestamp::now() - offset).to_zoned(jiff::tz::TimeZone::UTC);
            [("date", rfc2822::to_string(&zoned).unwrap())]
        };
        let kind = said(
            403,
            "SignatureDoesNotMatch",
            &dated(SignedDuration::from_mins(30)),
        );
        assert!(
            matches!(kind, Kind::ClockSkew { ahead: Some(_) }),
            "{kind:?}"
        );
        let kind = said(403, "SignatureDoesNotMatch", &dated(SignedDuration::ZERO));
        assert_eq!(kind, Kind::UnknownKeys);
    }

    #[test]
    fn what_was_never_sent_is_told_by_the_types_in_its_chain() {
        assert_eq!(
            unsent(CredentialsError::not_loaded_no_source()),
            Kind::NoCredentials
        );
        let failed = CredentialsError::provider_error("the process\nended with 1.");
        let cause = "the process ended with 1".to_owned();
        assert_eq!(unsent(failed), Kind::CredentialsFailed { cause });
        let refused = io::Error::from_raw_os_error(111);
        let cause = "connection refused".to_owned();
        assert_eq!(unsent(refused), Kind::Unreachable { cause });
        let issuer = rustls::CertificateError::UnknownIssuer;
        let untrusted = io::Error::other(rustls::Error::from(issuer));
        assert!(matches!(unsent(untrusted), Kind::Untrusted { .. }));
        assert_eq!(Kind::of(&Failure::timeout_error("late")), Kind::Timeout);
    }

    #[test]
    fn a_role_that_may_not_be_assumed_is_not_a_denied_read() {
        let metadata = ErrorMetadata::builder().code("AccessDenied").build();
        let sts: SdkError<AssumeRoleError, HttpResponse> =
            SdkError::service_error(AssumeRoleError::generic(metadata), answer(403, &[]));
        let kind = unsent(CredentialsError::provider_error(sts));
        assert_eq!(kind, Kind::RoleDenied { said: None });
    }
}
