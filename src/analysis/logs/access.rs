//! Who may do what: a denied action with its resource and for whom, and
//! credentials that are absent, expired or refused.

use std::fmt::Write as _;

use regex::Regex;

use super::told::{Pattern, Told, caught, group, pattern};
use super::{Confidence, Meant, critical};
use crate::log::Category;
use crate::runbook::Placeholder;

/// The words of IAM: `User: ARN is not authorized to perform: ACTION on resource: ARN …`.
static REFUSED: Pattern = pattern(|| {
    Regex::new(
        r"(?:User: (\S+) is )?not authorized to perform: ([\w*:-]+)(?: on resource: ([^\s<]+))?",
    )
    .ok()
});

/// Why IAM refused, in its own words.
static WHY: Pattern = pattern(|| {
    Regex::new(r"(with an explicit deny(?: in an? [a-z -]+)?|because no [a-z -]+ policy allows)")
        .ok()
});

/// What a service says instead where it does not name the action.
const DENIED: [&str; 6] = [
    "AccessDenied",
    "Access Denied",
    // EC2 means the action by it, unless it says that it cannot validate the key.
    "AuthFailure",
    "api error Forbidden",
    "UnauthorizedOperation",
    "AuthorizationError",
];

/// What EC2 says of a key that it does not know.
const UNKNOWN_KEY: &str = "not able to validate the provided access credentials";

/// That a role cannot be assumed by whoever runs Terraform.
const UNASSUMED: [&str; 3] = [
    "Cannot assume IAM Role",
    ") cannot be assumed",
    "authorized to perform: sts:AssumeRole",
];

/// Whether a report may be believed about credentials: of what a user's own
/// command printed, and of what Terraform only warns of, nothing is.
fn may_tell(told: &Told<'_>) -> bool {
    told.is_decisive()
        && !matches!(
            told.category(),
            Category::ResourceError
                | Category::Deprecation
                | Category::Cycle
                | Category::ProviderCrash
        )
}

pub fn of_denial(told: &Told<'_>) -> Option<Meant> {
    if !may_tell(told) {
        return None;
    }
    let named = caught(&REFUSED, &told.words);
    if named.is_none() && !told.says(&DENIED) {
        return None;
    }
    // That a role cannot be assumed, or that a key is unknown, has a finding of its own.
    if told.says(&UNASSUMED) || told.says(&[UNKNOWN_KEY]) {
        return None;
    }
    let part = |number: usize| {
        let named = named.as_ref()?;
        let text = named.get(number)?.as_str();
        Some(text.trim_end_matches(['.', ',', '"', '\\']).to_owned())
    };
    let action = part(2).or_else(|| {
        let (service, operation) = told.call()?;
        Some(action(&service, &operation))
    });
    let action = action.unwrap_or_else(|| "an action that is not named".to_owned());
    let mut claim = format!("access denied: {action}");
    if let Some(resource) = part(3).or_else(|| object(told)) {
        // Writing to a string cannot fail.
        let _ = write!(claim, " on {resource}");
    }
    if let Some(who) = part(1) {
        let _ = write!(claim, " for {who}");
    }
    let why = group(&WHY, &told.words, 1).map(|why| format!("IAM refuses it {why}"));
    let confidence = if told.is_final() || named.is_some() {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let finding = critical("auth.denied", confidence, claim).seen(why);
    Some(Meant::new(finding, action))
}

/// The action that IAM allows or denies, of an operation of a service. S3 has one
/// action for several of its operations.
fn action(service: &str, operation: &str) -> String {
    let prefix = service.to_lowercase().replace(' ', "");
    let action = match (&*prefix, operation) {
        ("s3", "HeadObject") => "GetObject",
        ("s3", "HeadBucket" | "ListObjects" | "ListObjectsV2") => "ListBucket",
        ("s3", "ListObjectVersions") => "ListBucketVersions",
        ("s3", "DeleteObjects") => "DeleteObject",
        (
            "s3",
            "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload",
        ) => "PutObject",
        _ => operation,
    };
    format!("{prefix}:{action}")
}

/// The object that the backend asked for, where the answer itself names none.
fn object(told: &Told<'_>) -> Option<String> {
    static ACCESS: Pattern =
        pattern(|| Regex::new(r#"Unable to access object "([^"]+)" in S3 bucket "([^"]+)""#).ok());
    static LIST: Pattern =
        pattern(|| Regex::new(r#"Unable to list objects in S3 bucket "([^"]+)""#).ok());
    if let Some(found) = caught(&ACCESS, &told.words) {
        return Some(format!("arn:aws:s3:::{}/{}", &found[2], &found[1]));
    }
    if let Some(bucket) = group(&LIST, &told.words, 1) {
        return Some(format!("arn:aws:s3:::{bucket}"));
    }
    let bucket = told.field("aws.s3.bucket")?;
    let key = told.field("aws.s3.key");
    let key = key.map(|key| format!("/{key}")).unwrap_or_default();
    Some(format!("arn:aws:s3:::{bucket}{key}"))
}

/// What is wrong with credentials: the texts that say so, and what it means.
struct Wrong {
    id: &'static str,
    says: &'static [&'static str],
    claim: &'static str,
    /// What else the words name.
    names: Option<&'static Pattern>,
}

static PROFILE: Pattern =
    pattern(|| Regex::new(r"failed to get shared config profile, ([^\s,]+)").ok());
static ROLE: Pattern =
    pattern(|| Regex::new(r"(?:IAM Role \(|sts:AssumeRole\w* on resource: )([^)\s]+)").ok());
static ACCOUNT: Pattern = pattern(|| Regex::new(r"account ID not allowed: (\d{12})").ok());
static REGION: Pattern = pattern(|| Regex::new(r"Invalid AWS Region: (\S+)").ok());

/// The most telling first: of a report the first that fits is meant.
const WRONG: [Wrong; 9] = [
    Wrong {
        id: "auth.expired",
        says: &[
            "ExpiredToken",
            "RequestExpired",
            "security token included in the request is expired",
            "failed to refresh cached SSO token",
            "token has expired",
        ],
        claim: "the credentials have expired",
        names: None,
    },
    Wrong {
        id: "auth.mfa",
        says: &[
            "AssumeRoleTokenProvider",
            "MultiFactorAuthentication failed",
        ],
        claim: "the role asks for an MFA code, and Terraform cannot ask for one",
        names: None,
    },
    Wrong {
        id: "auth.profile",
        says: &["failed to get shared config profile"],
        claim: "the profile is not in the AWS configuration",
        names: Some(&PROFILE),
    },
    Wrong {
        id: "auth.role",
        says: &UNASSUMED,
        claim: "the role cannot be assumed",
        names: Some(&ROLE),
    },
    Wrong {
        id: "auth.account",
        says: &["AWS account ID not allowed"],
        claim: "the credentials are of an account that the configuration does not allow",
        names: Some(&ACCOUNT),
    },
    Wrong {
        id: "auth.clock",
        says: &[
            "RequestTimeTooSkewed",
            "Signature not yet current",
            "Signature expired",
        ],
        claim: "the clock of this machine is wrong: AWS refuses what it signs",
        names: None,
    },
    Wrong {
        id: "auth.key",
        says: &[
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
            "IncompleteSignature",
            UNKNOWN_KEY,
        ],
        claim: "the access key or its signature is refused",
        names: None,
    },
    Wrong {
        id: "auth.region",
        says: &[
            "Missing region value",
            "Invalid region value",
            "Invalid AWS Region",
        ],
        claim: "the region is missing or is none of AWS",
        names: Some(&REGION),
    },
    Wrong {
        id: "auth.absent",
        says: &[
            "No valid credential sources",
            "no EC2 IMDS role found",
            "static credentials are empty",
        ],
        claim: "no credentials were found",
        names: None,
    },
];

pub fn of_credentials(told: &Told<'_>) -> Option<Meant> {
    if !may_tell(told) {
        return None;
    }
    let wrong = WRONG.iter().find(|wrong| told.says(wrong.says))?;
    let name = wrong.names.and_then(|names| group(names, &told.words, 1));
    let name = name.map(|name| name.trim_end_matches(['.', ',', '"']));
    let claim = match name {
        Some(name) => format!("{}: {name}", wrong.claim),
        None => wrong.claim.to_owned(),
    };
    let asked = told
        .call()
        .map(|(service, operation)| format!("said of {service} {operation}"));
    let confidence = if told.is_final() {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let mut finding = critical(wrong.id, confidence, claim).seen(asked);
    let asked_for = match wrong.id {
        "auth.role" => Some(Placeholder::Role),
        "auth.profile" => Some(Placeholder::Profile),
        _ => None,
    };
    finding.names = asked_for.zip(name.map(str::to_owned));
    Some(Meant::new(finding, ""))
}
