//! A look at the credentials themselves: opened anew, so that what was renewed
//! meanwhile counts, and asked of STS once.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use jiff::Timestamp;

use super::Aws;
use super::credentials::{self, SignIn};
use super::kind::Kind;
use crate::fault::Fault;
use crate::place::{Caller, Credentials, S3, SKEW, Trouble, Wrong};

/// Everything that is known of the credentials of a place, with what is wrong with them.
pub async fn examine(place: &S3) -> Credentials {
    let mut known = Credentials::configured(place);
    let aws = match Aws::open(place).await {
        Ok(aws) => aws,
        Err(fault) => {
            let wrong = unopened(place).await;
            known.trouble = Some(Trouble { wrong, fault });
            return known;
        }
    };
    let clients = &aws.inner.clients;
    let answer = clients.sts.get_caller_identity().send().await;
    let noted = clients.noted.read();
    known.source = noted.source;
    known.expires = noted.expires.and_then(|at| Timestamp::try_from(at).ok());
    known.ahead = clients.clock.ahead();
    // The roles of the profile come before those of the backend.
    known
        .roles
        .splice(0..0, clients.profile_roles.iter().cloned());
    if let SignIn::Sso { profile } = &clients.sign_in {
        known.sign_in = Some(profile.clone());
    }
    known.trouble = match answer {
        Ok(identity) => {
            let caller = Caller {
                account: identity.account,
                arn: identity.arn.unwrap_or_default(),
            };
            let account = caller.account.clone();
            known.caller = Some(caller);
            account.and_then(|account| refused(&aws, &account))
        }
        Err(error) => Some(asked_in_vain(&aws, &error)),
    };
    // AWS takes a clock that is a little off; one that is not will be refused soon.
    let is_off = known.ahead.is_some_and(|ahead| ahead.abs() > SKEW);
    if let Some(trouble) = known.trouble.as_mut().filter(|_| is_off) {
        trouble.wrong = Some(Wrong::Clock);
    }
    known
}

fn refused(aws: &Aws, account: &String) -> Option<Trouble> {
    let fault = aws.inner.allowed(account).err()?;
    let wrong = Some(Wrong::Account);
    Some(Trouble { wrong, fault })
}

fn asked_in_vain(aws: &Aws, error: &SdkError<GetCallerIdentityError, HttpResponse>) -> Trouble {
    let kind = Kind::of(error);
    let signs_in = matches!(aws.inner.clients.sign_in, SignIn::Sso { .. });
    let wrong = match &kind {
        // A session that is over cannot be told from one that never was.
        Kind::CredentialsFailed { .. } if signs_in => Some(Wrong::Expired),
        Kind::NoCredentials | Kind::CredentialsFailed { .. } => Some(Wrong::Absent),
        Kind::Expired => Some(Wrong::Expired),
        Kind::UnknownKeys => Some(Wrong::Key),
        Kind::RoleDenied { .. } => Some(Wrong::Role),
        Kind::Denied { .. } => Some(Wrong::Denied),
        Kind::ClockSkew { .. } => Some(Wrong::Clock),
        Kind::WrongRegion { .. } => Some(Wrong::Region),
        Kind::Unreachable { .. } | Kind::Untrusted { .. } | Kind::Timeout => Some(Wrong::Network),
        _ => None,
    };
    let fault = aws.inner.explain_kind(&super::identity::question(), &kind);
    Trouble { wrong, fault }
}

/// Why nothing could be asked at all.
async fn unopened(place: &S3) -> Option<Wrong> {
    let region: Result<&str, Fault> = place.required_region();
    if region.is_err() {
        return Some(Wrong::Region);
    }
    let profile = credentials::profile(place).await;
    profile.err().map(|_| Wrong::Profile)
}
