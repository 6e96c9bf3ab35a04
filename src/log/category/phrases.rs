//! The texts by which a failure is known: exact words of Terraform, its
//! backends, its providers and AWS. They are looked for only in what reports a
//! failure (a diagnostic, an error's text, an error code), never in a body, a
//! URL or a plan.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Category;

/// The phrases of one category.
type Phrases = (Category, &'static [&'static str]);

/// In the order in which they decide: where several fit, the first is the cause.
const TABLE: &[Phrases] = &[
    (
        Category::ProviderCrash,
        &[
            "Plugin did not respond",
            "plugin crashed!",
            "failed to respond to the plugin",
            "failed to respond to the (*",
            "Stack trace from the ",
            "TERRAFORM CRASH",
            "OPENTOFU CRASH",
            "Unrecognized remote plugin message",
            "Failed to load plugin schemas",
            "rpc error: code = Unavailable",
            "signal: killed",
        ],
    ),
    (
        Category::SwallowedDigestWrite,
        &["failed to record state serial in dynamodb"],
    ),
    (
        Category::Digest,
        &[
            "does not have the expected content",
            "checksum calculated for the state",
            "state MD5 mismatch",
        ],
    ),
    (
        Category::StateCorruption,
        &[
            "Unsupported state file format",
            "Invalid state file format",
            "state file could not be parsed",
            "Duplicate resource instance in state",
            "Invalid resource mode in state",
            "Invalid resource instance metadata in state",
            "Invalid Terraform version string",
            "State format upgrade failed",
            "This state file is encrypted and can not be read",
            "invalid state metadata",
            "Invalid resource state upgrade",
            "Resource instance managed by newer provider version",
            "Failed to save state",
            "Failed to persist state to backend",
            "over unrelated state with lineage",
            "over newer state with serial",
            "cannot overwrite existing state with serial",
            "Saved plan does not match the given state",
        ],
    ),
    (Category::Cycle, &["Error: Cycle: "]),
    (
        Category::Throttling,
        &[
            "Throttling",
            "Throttled",
            "throttled",
            "SlowDown",
            "reduce your request rate",
            "TooManyRequests",
            "Too Many Requests",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "ProvisionedThroughputExceeded",
            "PriorRequestNotComplete",
            "Rate exceeded",
            "ate limit exceeded",
            "ateLimitExceeded",
            "exceeded the rate limit",
            "StatusCode: 429",
            "StatusCode: 503",
        ],
    ),
    (
        Category::Auth,
        &[
            "AccessDenied",
            "Access Denied",
            "access denied",
            "UnauthorizedOperation",
            "Unauthorized",
            "not authorized to perform",
            "AuthFailure",
            "AuthorizationError",
            "ExpiredToken",
            "RequestExpired",
            "security token included in the request",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "InvalidIdentityToken",
            "InvalidSignature",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "RequestTimeTooSkewed",
            "OptInRequired",
            "No valid credential sources",
            "nvalid credentials",
            "failed to refresh cached credentials",
            "failed to refresh cached SSO token",
            "failed to retrieve credentials",
            "failed to get shared config profile",
            "static credentials are empty",
            "no EC2 IMDS role found",
            "Cannot assume IAM Role",
            "AssumeRoleTokenProvider",
            "Invalid account ID",
            "AWS account ID not allowed",
            "validating provider credentials",
            "retrieving caller identity from STS",
            "Retrieving AWS account details",
            "Missing region value",
            "StatusCode: 401",
            "StatusCode: 403",
        ],
    ),
    // Why it was not fetched is the cause, where it is told.
    (Category::Digest, &["failed to fetch state MD5"]),
    (
        Category::Quota,
        &[
            "LimitExceeded",
            "QuotaExceeded",
            "uota exceeded",
            "exceeded your maximum",
            "exceeds the quota",
            "TooManyBuckets",
        ],
    ),
    (
        Category::Lock,
        &[
            "Error acquiring the state lock",
            "Error releasing the state lock",
            "Error locking state",
            "Error unlocking",
            "Failed to unlock state",
            "failed to lock s3 state",
            "failed to unlock S3",
            "failed to unlock DynamoDB",
            "failed to unlock both",
            "already locked",
        ],
    ),
    (
        Category::Timeout,
        &[
            "timeout while waiting",
            "WaitForState timeout",
            "deadline exceeded",
            "i/o timeout",
            "handshake timeout",
            "Client.Timeout",
            "imed out",
            "RequestTimeout",
            "GatewayTimeout",
            "StatusCode: 408",
            "StatusCode: 504",
        ],
    ),
    (
        Category::Backend,
        &[
            "Backend initialization required",
            "Enterprise initialization required",
            "Backend configuration changed",
            "Backend configuration block has changed",
            "Unsupported backend type",
            "Error configuring the backend",
            "Inconsistent dependency lock file",
            "Required plugins are not installed",
            "Failed to query available provider packages",
            "Failed to install provider",
            "Failed to download module",
            "Module not installed",
            "Failed to get existing workspaces",
            "NoSuchBucket",
            "requested bucket from ",
            "Unable to access object",
            "Invalid region value",
            "rror loading state",
            "Failed to refresh state",
        ],
    ),
    (
        Category::ResourceError,
        &[
            "Provider produced in",
            "Resource already managed by Terraform",
            "Instance cannot be destroyed",
            "couldn't find resource",
            "unexpected state '",
        ],
    ),
];

static FOUND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = TABLE.iter().flat_map(|(_, phrases)| phrases.iter());
    AhoCorasick::new(phrases).ok()
});

/// For each phrase, in the order of the table, its rank there.
static RANKS: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let ranked = TABLE.iter().enumerate();
    let ranks = ranked.flat_map(|(rank, (_, phrases))| phrases.iter().map(move |_| rank));
    ranks.collect()
});

/// The category whose phrase stands in a text and decides over the others.
pub fn first(text: &[u8]) -> Option<Category> {
    let found = FOUND.as_ref()?.find_overlapping_iter(text);
    let rank = found
        .map(|phrase| RANKS[phrase.pattern().as_usize()])
        .min()?;
    Some(TABLE[rank].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_found_as_its_category_or_one_that_decides_over_it() {
        assert!(FOUND.is_some());
        for (rank, (category, phrases)) in TABLE.iter().enumerate() {
            for phrase in *phrases {
                let found = first(format!("x {phrase} y").as_bytes()).unwrap();
                let decided = TABLE.iter().position(|(other, _)| *other == found);
                assert!(decided <= Some(rank), "{phrase}: {found:?}");
                assert!(
                    found == *category || *phrase == "RequestTimeTooSkewed",
                    "{phrase}"
                );
            }
        }
        assert_eq!(first(b"all is well"), None);
    }

    #[test]
    fn the_cause_decides_over_what_it_led_to() {
        for (text, category) in [
            (
                "Error acquiring the state lock AccessDenied: not authorized",
                Category::Auth,
            ),
            (
                "Error acquiring the state lock Unsupported state file format",
                Category::StateCorruption,
            ),
            (
                "RequestLimitExceeded: Request limit exceeded.",
                Category::Throttling,
            ),
            (
                "Failed to save state ExpiredToken",
                Category::StateCorruption,
            ),
        ] {
            assert_eq!(first(text.as_bytes()), Some(category), "{text}");
        }
    }
}
