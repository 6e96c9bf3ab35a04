//! The pages, each with the situation that it is for.

use jiff::Timestamp;
use tfsos::io::sandbox::Builder;
use tfsos::lock::{Body, Store};
use tfsos::runbook::Check::{self, DigestAgrees, LockAbsent, StateParses};

/// A page and the situation that it is for.
pub struct Trial {
    pub page: &'static str,
    pub by: By,
    /// The checks that do not hold there.
    pub fails: &'static [Check],
    /// What a person alone knows there.
    pub asks: &'static [&'static str],
}

/// What leads to a page.
pub enum By {
    /// A finding at a place to which this happened.
    Place(fn(&Builder)),
    /// A finding in what a run printed or logged.
    Log(&'static str),
    /// An advice about a resource: the rule, and the resource.
    Lint(&'static str, &'static str),
    /// What a person types or pastes.
    Search(&'static str),
}

pub const TRIALS: &[Trial] = &[
    trial(
        "alert-fatigue",
        By::Search("too many alerts, flapping alarm"),
    ),
    trial(
        "backend-changed",
        By::Log(include_str!("../../fixtures/log/uninitialized.out")),
    ),
    trial(
        "compliance-drift",
        By::Lint(
            "database.unencrypted",
            r#"{"mode":"managed","type":"aws_db_instance","name":"a","instances":[{"attributes":{"id":"a","storage_encrypted":false,"backup_retention_period":7,"deletion_protection":true}}]}"#,
        ),
    ),
    trial(
        "database-performance",
        By::Search(
            "FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute",
        ),
    ),
    trial(
        "dependencies",
        By::Search("api error DependencyViolation: resource sg-1 has a dependent object"),
    ),
    trial(
        "dependency-cycle",
        By::Log(include_str!("../../fixtures/log/cycle.out")),
    ),
    trial(
        "deprecation",
        By::Log(
            "Warning: Deprecated Parameter\n\n  on main.tf line 3, in terraform:\n   3:   backend \"s3\" {\n\nThe parameter \"dynamodb_table\" is deprecated. Use parameter \"use_lockfile\"\ninstead.\n",
        ),
    ),
    trial(
        "destructive-change",
        By::Lint(
            "database.no-deletion-protection",
            r#"{"mode":"managed","type":"aws_db_instance","name":"a","instances":[{"attributes":{"id":"a","storage_encrypted":true,"backup_retention_period":7,"deletion_protection":false}}]}"#,
        ),
    ),
    Trial {
        page: "digest-mismatch",
        by: By::Place(|b| b.digest("0123456789abcdef0123456789abcdef").unwrap()),
        fails: &[DigestAgrees],
        asks: &[],
    },
    trial(
        "drift",
        By::Search("Note: Objects have changed outside of Terraform"),
    ),
    trial("enable-logging", By::Search("no log file was found")),
    Trial {
        page: "errored-state",
        by: By::Place(|b| std::fs::write(b.root().join("errored.tfstate"), state(5, "")).unwrap()),
        fails: &[],
        asks: &[],
    },
    trial(
        "event-flow",
        By::Lint(
            "service.wait-too-long",
            r#"{"mode":"managed","type":"aws_sfn_state_machine","name":"a","instances":[{"attributes":{"id":"arn:aws:states:eu-west-1:123456789012:stateMachine:a","type":"STANDARD","definition":"{\"StartAt\":\"A\",\"TimeoutSeconds\":40000000,\"States\":{\"A\":{\"Type\":\"Succeed\"}}}"}}]}"#,
        ),
    ),
    trial(
        "exposed-database",
        By::Lint(
            "database.public",
            r#"{"mode":"managed","type":"aws_db_instance","name":"a","instances":[{"attributes":{"id":"a","publicly_accessible":true,"storage_encrypted":true,"backup_retention_period":7,"deletion_protection":true}}]}"#,
        ),
    ),
    trial(
        "failed-apply",
        By::Log(
            "aws_x.a: Creating...\n\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n\nStopping operation...\n\nError: execution halted\n\n",
        ),
    ),
    trial(
        "failed-backups",
        By::Lint(
            "database.no-backup",
            r#"{"mode":"managed","type":"aws_db_instance","name":"a","instances":[{"attributes":{"id":"a","backup_retention_period":0,"storage_encrypted":true,"deletion_protection":true}}]}"#,
        ),
    ),
    trial(
        "failed-rollout",
        By::Search(
            "service web was unable to place a task because no container instance met all of its requirements",
        ),
    ),
    trial(
        "iam-audit",
        By::Search("with an explicit deny in a service control policy"),
    ),
    trial(
        "large-topology",
        By::Search("what depends on this resource"),
    ),
    trial(
        "log-retention",
        By::Lint(
            "service.endless-logs",
            r#"{"mode":"managed","type":"aws_cloudwatch_log_group","name":"a","instances":[{"attributes":{"id":"a","retention_in_days":0}}]}"#,
        ),
    ),
    trial(
        "missing-monitoring",
        By::Search("no alarm fired, users noticed first"),
    ),
    trial(
        "network-down",
        By::Log(
            "Error: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, exceeded maximum number of attempts, 5, https response error StatusCode: 0, RequestID: , request send failed, Post \"https://dynamodb.eu-west-1.amazonaws.com/\": dial tcp: lookup dynamodb.eu-west-1.amazonaws.com on 127.0.0.53:53: no such host\n",
        ),
    ),
    trial(
        "pipeline-failed",
        By::Log(
            "aws_x.a: Creating...\n\nTwo interrupts received. Exiting immediately. Note that data loss may have\noccurred.\n\n\nError: operation canceled\n\n",
        ),
    ),
    trial(
        "plan-stale",
        By::Log(
            "Error: Saved plan is stale\n\nThe given plan file can no longer be applied because the state was changed by\nanother operation after the plan was created.\n",
        ),
    ),
    Trial {
        page: "provider-auth",
        by: By::Log(include_str!("../../fixtures/log/denied.log")),
        fails: &[],
        asks: &["profile", "role"],
    },
    trial(
        "provider-crash",
        By::Log(include_str!("../../fixtures/log/provider-crash.log")),
    ),
    trial(
        "provider-lock",
        By::Log(
            "Error: Inconsistent dependency lock file\n\nThe following dependency selections recorded in the lock file are\ninconsistent with the current configuration:\n  - provider example.com/acme/brittle: required by this configuration but no version is selected\n",
        ),
    ),
    trial(
        "quota",
        By::Log(
            "Error: creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: X, api error VpcLimitExceeded: The maximum number of VPCs has been reached.\n\n  with aws_vpc.main,\n  on main.tf line 3, in resource \"aws_vpc\" \"main\":\n",
        ),
    ),
    trial("recovery-drill", By::Search("recovery was never tested")),
    trial(
        "resource-exists",
        By::Log(
            "Error: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: Role with name app already exists.\n\n  with aws_iam_role.app,\n  on main.tf line 3, in resource \"aws_iam_role\" \"app\":\n",
        ),
    ),
    trial(
        "right-size",
        By::Lint(
            "service.fargate-size",
            r#"{"mode":"managed","type":"aws_ecs_task_definition","name":"a","instances":[{"attributes":{"id":"a","requires_compatibilities":["FARGATE"],"cpu":"256","memory":"8192"}}]}"#,
        ),
    ),
    trial(
        "service-compatibility",
        By::Search("api error InvalidParameterCombination: Cannot find version 9.9 for postgres"),
    ),
    trial(
        "service-discovery",
        By::Search("upstream connect error or disconnect/reset before headers"),
    ),
    trial(
        "slow-plan",
        By::Log(
            "{\"@level\":\"info\",\"@message\":\"aws_instance.web: Refreshing\",\"@module\":\"terraform.ui\",\"@timestamp\":\"2026-11-23T01:00:00.000000Z\",\"hook\":{\"resource\":{\"addr\":\"aws_instance.web\",\"module\":\"\",\"resource\":\"aws_instance.web\",\"implied_provider\":\"aws\",\"resource_type\":\"aws_instance\",\"resource_name\":\"web\",\"resource_key\":null},\"id_key\":\"id\",\"id_value\":\"i-1\"},\"type\":\"refresh_start\"}\n{\"@level\":\"info\",\"@message\":\"aws_instance.web: Refreshed\",\"@module\":\"terraform.ui\",\"@timestamp\":\"2026-11-23T01:08:00.000000Z\",\"hook\":{\"resource\":{\"addr\":\"aws_instance.web\",\"module\":\"\",\"resource\":\"aws_instance.web\",\"implied_provider\":\"aws\",\"resource_type\":\"aws_instance\",\"resource_name\":\"web\",\"resource_key\":null},\"id_key\":\"id\",\"id_value\":\"i-1\"},\"type\":\"refresh_complete\"}\n",
        ),
    ),
    Trial {
        page: "state-corrupt",
        by: By::Place(|b| {
            b.applied(&state(4, "").as_bytes()[..60], at()).unwrap();
        }),
        fails: &[StateParses],
        asks: &[],
    },
    Trial {
        page: "state-deleted",
        by: By::Place(|b| b.delete_state(at()).unwrap()),
        fails: &[StateParses, DigestAgrees],
        asks: &[],
    },
    trial(
        "state-growth",
        By::Place(|b| {
            let instances: Vec<_> = (0..1001)
                .map(|key| format!(r#"{{"index_key":{key},"attributes":{{"id":"i-{key}"}}}}"#))
                .collect();
            let many = format!(
                r#"{{"mode":"managed","type":"aws_instance","name":"web","instances":[{}]}}"#,
                instances.join(",")
            );
            b.applied(state(4, &many).as_bytes(), at()).unwrap();
        }),
    ),
    Trial {
        page: "state-lock",
        by: By::Place(locked),
        fails: &[LockAbsent],
        asks: &[],
    },
    trial("state-rebuild", By::Search("no copy of the state is left")),
    Trial {
        page: "state-repair",
        by: By::Place(|b| {
            let keyed = |key| {
                format!(
                    r#"{{"mode":"managed","type":"a","name":"x","instances":[{{"index_key":{key}}}]}}"#
                )
            };
            b.applied(state(4, &[keyed(0), keyed(1)].join(",")).as_bytes(), at())
                .unwrap();
        }),
        fails: &[],
        asks: &[],
    },
    trial(
        "state-secrets",
        By::Lint(
            "secret.user-data",
            r##"{"mode":"managed","type":"aws_instance","name":"a","instances":[{"attributes":{"id":"i-1","user_data":"#!/bin/sh\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"}}]}"##,
        ),
    ),
    trial("testing-gaps", By::Search("it worked in staging")),
    trial(
        "throttling",
        By::Log(include_str!("../../fixtures/log/throttled.log")),
    ),
    trial(
        "timeout",
        By::Log(
            "Error: waiting for EC2 Instance (i-1) create: timeout while waiting for state to become 'running' (last state: 'pending', timeout: 20m0s)\n\n  with aws_instance.web,\n  on main.tf line 3, in resource \"aws_instance\" \"web\":\n",
        ),
    ),
];

const fn trial(page: &'static str, by: By) -> Trial {
    Trial {
        page,
        by,
        fails: &[],
        asks: &[],
    }
}

/// The one resource of the state, of which a service's id tells most.
const SERVICE: &str = r#"{"mode":"managed","type":"aws_ecs_service","name":"web","instances":[{"attributes":{"id":"arn:aws:ecs:eu-west-1:123456789012:service/main/web"}}]}"#;

pub fn at() -> Timestamp {
    "2026-01-02T03:00:00Z".parse().unwrap()
}

/// A state of the service, and of these.
pub fn state(serial: u64, more: &str) -> String {
    let resources = if more.is_empty() {
        SERVICE.to_owned()
    } else {
        format!("{SERVICE},{more}")
    };
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"l","outputs":{{}},"resources":[{resources}]}}"#
    )
}

fn locked(builder: &Builder) {
    let info = r#"{"ID":"a1b2c3d4-e5f6-7890-abcd-ef1234567890","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"tfb/net.tfstate"}"#;
    for store in [Store::S3, Store::DynamoDb] {
        let body = Body::Bytes(info.as_bytes().to_vec());
        builder.lock(store, &body, at()).unwrap();
    }
}
