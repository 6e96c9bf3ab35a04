//! Who may do what, as logs tell it and as the credentials themselves do.

use jiff::Timestamp;

use super::Seen::{Log, Scene, Text};
use super::logs::{answered, failed, named};
use super::{Proof, log};
use crate::analysis::logs::tests::texts::*;
use crate::analysis::logs::tests::{DENIED, EXPIRED};
use crate::analysis::{Finding, of_credentials};
use crate::fault::Fault;
use crate::place::{Credentials, Trouble, Wrong};

/// The findings of credentials of which this is wrong.
pub fn caller(wrong: Wrong) -> Vec<Finding> {
    let fault = Fault::new("ask who the credentials belong to", "", "it is so");
    let known = Credentials {
        trouble: Some(Trouble {
            wrong: Some(wrong),
            fault,
        }),
        ..Credentials::default()
    };
    of_credentials(&known, Timestamp::UNIX_EPOCH)
        .into_iter()
        .collect()
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "auth.clock",
        fires: &[Log(CLOCK)],
        beside: &[],
        spares: &[
            Log(SIGNATURE),
            Log(EXPIRED),
            Text(|| named("RequestTimeTooSkewed")),
        ],
    },
    Proof {
        id: "auth.expired",
        fires: &[Log(EXPIRED), Scene(|| caller(Wrong::Expired))],
        beside: &[],
        spares: &[
            Text(|| named("ExpiredTokenException")),
            // The SDK fetches new ones and asks again.
            Text(|| answered(400, "ExpiredTokenException")),
            Text(|| {
                failed(
                    "reading X: tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
                )
            }),
            Scene(|| caller(Wrong::Key)),
        ],
    },
    Proof {
        id: "auth.key",
        fires: &[Log(KEY), Log(SIGNATURE), Scene(|| caller(Wrong::Key))],
        beside: &[],
        spares: &[
            Text(|| {
                failed(
                    "creating EC2 Instance: operation error EC2: RunInstances, https response error StatusCode: 403, RequestID: REQ, api error AuthFailure: Not authorized for images: [ami-1]",
                )
            }),
            Text(|| named("SignatureDoesNotMatch")),
            Log(CLOCK),
        ],
    },
    Proof {
        id: "auth.absent",
        fires: &[Log(ABSENT), Scene(|| caller(Wrong::Absent))],
        beside: &[],
        spares: &[
            // One of several sources that are asked in turn.
            Text(|| {
                log(
                    "DEBUG",
                    "backend-s3: no EC2 IMDS role found, asking the next source",
                )
            }),
            Log(PROFILE),
        ],
    },
    Proof {
        id: "auth.account",
        fires: &[Log(ACCOUNT), Scene(|| caller(Wrong::Account))],
        beside: &[],
        spares: &[
            Text(|| {
                failed(
                    "creating RAM Principal Association: operation error RAM: AssociateResourceShare, https response error StatusCode: 400, RequestID: REQ, InvalidParameterException: Invalid account ID 12",
                )
            }),
            Scene(|| caller(Wrong::Denied)),
        ],
    },
    Proof {
        id: "auth.denied",
        fires: &[
            Log(DENIED),
            Log(DENIED_ROLE),
            Log(FORBIDDEN),
            Scene(|| caller(Wrong::Denied)),
        ],
        beside: &[],
        spares: &[
            Log(ROLE),
            Log(PRECONDITION),
            Log(WORKSPACES),
            Text(|| named("AccessDenied")),
            // A provider asks for more than it needs, and goes on without.
            Text(|| answered(403, "AccessDenied")),
            Log(EXPIRED),
        ],
    },
    Proof {
        id: "auth.mfa",
        fires: &[Text(|| {
            "\nError: configuring Terraform AWS Provider: AssumeRoleTokenProvider session option not set, but role arn:aws:iam::123456789012:role/deploy requires an MFA code\n"
                .to_owned()
        })],
        beside: &[],
        spares: &[
            Text(|| named("MultiFactorAuthentication")),
            Text(|| {
                failed(
                    "creating IAM Policy (mfa): operation error IAM: CreatePolicy, https response error StatusCode: 400, RequestID: REQ, MalformedPolicyDocument: unknown key aws:MultiFactorAuthenticationPresent",
                )
            }),
            Log(ROLE),
        ],
    },
    Proof {
        id: "auth.profile",
        fires: &[Log(PROFILE), Scene(|| caller(Wrong::Profile))],
        beside: &[],
        spares: &[Log(ABSENT), Scene(|| caller(Wrong::Absent))],
    },
    Proof {
        id: "auth.region",
        fires: &[
            Log(REGION),
            Log(REGION_MISSING),
            Scene(|| caller(Wrong::Region)),
        ],
        beside: &[],
        spares: &[Log(OTHER_REGION), Text(|| named("Missing-region-value"))],
    },
    Proof {
        id: "auth.role",
        fires: &[Log(ROLE), Scene(|| caller(Wrong::Role))],
        beside: &[],
        spares: &[
            Log(DENIED_ROLE),
            Text(|| {
                failed(
                    "creating Lambda Function (x): operation error Lambda: CreateFunction, https response error StatusCode: 400, RequestID: REQ, InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.",
                )
            }),
        ],
    },
];
