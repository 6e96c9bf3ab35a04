//! What logs and the outputs of runs tell of the services, the state and its locks.

use super::Seen::{Log, Scene, Text};
use super::access::caller;
use super::{Proof, log};
use crate::analysis::logs::tests::texts::*;
use crate::analysis::logs::tests::{
    CORRUPT, CYCLE, CYCLE_JSON, DIGEST, LOCK, SWALLOWED, THROTTLED, UNINITIALIZED,
};
use crate::place::Wrong;

/// An answer of AWS to a provider, which may ask again or go on without.
pub fn answered(status: u16, code: &str) -> String {
    log(
        "DEBUG",
        &format!(
            "provider.terraform-provider-aws_v5.50.0_x5: HTTP Response Received: rpc.method=CreateThing rpc.service=EC2 http.status_code={status}\n  http.response.body=\n  | <Response><Errors><Error><Code>{code}</Code></Error></Errors></Response>\n   http.duration=4"
        ),
    )
}

/// A failure at a resource of which the name, and nothing else, has these words.
pub fn named(words: &str) -> String {
    format!(
        "\nError: creating CloudWatch Metric Alarm ({words}): operation error CloudWatch: PutMetricAlarm, https response error StatusCode: 400, RequestID: REQ, api error ValidationError: the period is not valid\n\n  with aws_cloudwatch_metric_alarm.{words},\n  on main.tf line 3, in resource \"aws_cloudwatch_metric_alarm\" \"a\":\n   3:   alarm_name = \"{words}\"\n\n"
    )
}

pub fn failed(detail: &str) -> String {
    format!(
        "\nError: {detail}\n\n  with aws_x.y,\n  on main.tf line 3, in resource \"aws_x\" \"y\":\n   3: resource \"aws_x\" \"y\" {{\n\n"
    )
}

pub const PROOFS: &[Proof] = &[
    Proof {
        id: "api.quota",
        fires: &[Log(QUOTA)],
        beside: &[],
        spares: &[
            // It was asked again, and went through.
            Text(|| answered(429, "LimitExceededException")),
            Text(|| named("VpcLimitExceeded")),
            Text(|| {
                failed(
                    "creating X: operation error EC2: RunInstances, https response error StatusCode: 503, RequestID: REQ, api error RequestLimitExceeded: Request limit exceeded.",
                )
            }),
        ],
    },
    Proof {
        id: "api.throttled",
        fires: &[Log(THROTTLED), Log(SLOW_DOWN), Log(TABLE_THROTTLED)],
        beside: &[],
        spares: &[
            Text(|| named("ThrottlingException")),
            Log(CHECK_FAILED),
            Text(|| answered(200, "SlowDown")),
            Log(QUOTA),
        ],
    },
    Proof {
        id: "api.timeout",
        fires: &[Text(|| {
            failed(
                "reading X: operation error EC2: DescribeInstances, https response error StatusCode: 504, RequestID: REQ, api error GatewayTimeout: x",
            )
        })],
        beside: &[],
        spares: &[
            Log(TIMEOUT),
            Text(|| named("GatewayTimeout")),
            Log(
                "aws_instance.web: Still creating... [19m50s elapsed]\naws_instance.web: Creation complete after 19m55s [id=i-1]\n",
            ),
        ],
    },
    Proof {
        id: "backend.bucket-missing",
        fires: &[Log(BUCKET)],
        beside: &[],
        spares: &[
            Text(|| {
                failed(
                    "reading S3 Bucket (b): operation error S3: GetBucketAcl, https response error StatusCode: 404, RequestID: REQ, NoSuchBucket: The specified bucket does not exist",
                )
            }),
            Text(|| named("NoSuchBucket")),
            Log(TABLE),
        ],
    },
    Proof {
        id: "backend.changed",
        fires: &[Log(UNINITIALIZED), Log(BLOCK_CHANGED)],
        beside: &[],
        spares: &[Log(NOT_SELECTED), Log(PRECONDITION)],
    },
    Proof {
        id: "backend.other-region",
        fires: &[Log(OTHER_REGION)],
        beside: &[],
        spares: &[Log(BUCKET), Log(REGION)],
    },
    Proof {
        id: "config.deprecated",
        fires: &[Log(DEPRECATED)],
        beside: &[],
        spares: &[
            Log(CHECK_FAILED),
            Log(
                "\nWarning: Applied changes may be incomplete\n\nThe plan was created with the -target option in effect\n",
            ),
        ],
    },
    Proof {
        id: "digest.refused",
        fires: &[Log(DIGEST)],
        beside: &[],
        spares: &[
            // The backend looks again for ten seconds before it refuses.
            Text(|| {
                log(
                    "WARN",
                    " backend-s3: state MD5 mismatch: calculated=cb1eedc17f958acde00f188a752b70cd stored=513c00ff7837dd8628d3d1dbf7e9586d",
                )
            }),
            Log(SWALLOWED),
        ],
    },
    Proof {
        id: "digest.unwritten",
        fires: &[Log(SWALLOWED)],
        beside: &[],
        spares: &[
            Log(DIGEST),
            Text(|| {
                log(
                    "WARN",
                    " backend-s3: failed to fetch state MD5: error=\"invalid md5\"",
                )
            }),
        ],
    },
    Proof {
        id: "graph.cycle",
        fires: &[Log(CYCLE), Log(CYCLE_JSON)],
        beside: &[],
        spares: &[
            Text(|| failed("creating Lifecycle: InvalidParameterValue: Cycle: 3 days")),
            Text(|| named("Cycle")),
        ],
    },
    Proof {
        id: "lock.own",
        fires: &[Text(|| {
            format!(
                "{LOCK}\n{}",
                HELD.replace(
                    "5a445732-469e-7b47-5e40-68016995163b",
                    "9d098885-c01c-c996-afb2-47fc952ad395"
                )
            )
        })],
        beside: &["lock.refused"],
        spares: &[Text(|| format!("{LOCK}\n{HELD}")), Log(HELD)],
    },
    Proof {
        id: "lock.refused",
        fires: &[Log(HELD), Log(LOCK)],
        beside: &[],
        spares: &[
            Log(TABLE),
            Log(CORRUPT),
            Log(TABLE_THROTTLED),
            Log(CHECK_FAILED),
            Log("Acquiring state lock. This may take a few moments...\n"),
        ],
    },
    Proof {
        id: "lock.table-missing",
        fires: &[Log(TABLE)],
        beside: &[],
        spares: &[
            Text(|| {
                failed(
                    "reading table: operation error DynamoDB: DescribeTable, https response error StatusCode: 400, RequestID: REQ, ResourceNotFoundException: Requested resource not found",
                )
            }),
            Log(HELD),
        ],
    },
    Proof {
        id: "network.unreachable",
        fires: &[Log(UNREACHABLE), Scene(|| caller(Wrong::Network))],
        beside: &[],
        spares: &[
            Log(TABLE),
            Log(BUCKET),
            Log(
                "\nError: local-exec provisioner error\n\n  with terraform_data.a,\n  on main.tf line 3, in resource \"terraform_data\" \"a\":\n\nError running command 'curl x': exit status 7. Output: dial tcp 1.2.3.4:443: connect: connection refused\n",
            ),
        ],
    },
    Proof {
        id: "resource.exists",
        fires: &[Log(EXISTS)],
        beside: &[],
        spares: &[
            // A provider asks, is told so, and goes on.
            Text(|| answered(409, "EntityAlreadyExists")),
            Text(|| named("EntityAlreadyExists")),
            Log(MANAGED),
        ],
    },
    Proof {
        id: "resource.managed",
        fires: &[Log(MANAGED)],
        beside: &[],
        spares: &[Log(EXISTS), Log(CHECK_FAILED)],
    },
    Proof {
        id: "resource.timeout",
        fires: &[Log(TIMEOUT)],
        beside: &[],
        spares: &[
            Log(
                "aws_instance.web: Still creating... [19m50s elapsed]\naws_instance.web: Creation complete after 19m55s [id=i-1]\n",
            ),
            Text(|| {
                failed(
                    "waiting for X: unexpected state 'failed', wanted target 'ok'. last error: none",
                )
            }),
        ],
    },
    Proof {
        id: "state.not-read",
        fires: &[Log(CORRUPT), Log(NEWER_FORMAT), Log(TWICE_IN_STATE)],
        beside: &[],
        spares: &[Log(HELD), Log(UNSAVED), Text(|| named("tfstate"))],
    },
    Proof {
        id: "state.unsaved",
        fires: &[Log(UNSAVED)],
        beside: &[],
        spares: &[Log(CORRUPT), Log(SWALLOWED)],
    },
];
