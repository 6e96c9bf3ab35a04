use super::rule::{FILES, read};
use super::*;
use crate::state::Reading;

const NOW: &str = "2026-11-22T12:00:00Z";

/// A state of one instance a pair: its type and its attributes.
fn state(instances: &[(&str, &str)]) -> Snapshot {
    let resource = |(number, (kind, attributes)): (usize, &(&str, &str))| {
        format!(
            r#"{{"mode":"managed","type":"{kind}","name":"x{number}","instances":[{{"attributes":{attributes}}}]}}"#
        )
    };
    let resources: Vec<String> = instances.iter().enumerate().map(resource).collect();
    let text = format!(r#"{{"version":4,"resources":[{}]}}"#, resources.join(","));
    let Reading::Whole(snapshot) = Reading::of(text.into_bytes()) else {
        panic!("the state is whole");
    };
    snapshot
}

fn lints(instances: &[(&str, &str)]) -> Vec<Lint> {
    let around = Surroundings {
        now: NOW.parse().unwrap(),
        bucket: Some("acme"),
    };
    lint(&state(instances), &around)
}

fn fired(kind: &str, attributes: &str) -> Vec<String> {
    let lints = lints(&[(kind, attributes)]).into_iter();
    lints.map(|lint| lint.id).collect()
}

/// For each rule a text that it fires for, and near misses that it must not.
const CASES: &[(&str, &str, &str, &[&str])] = &[
    (
        "secret.container-environment",
        "aws_ecs_task_definition",
        r#"{"container_definitions":"[{\"environment\":[{\"name\":\"DB_PASSWORD\",\"value\":\"x\"}]}]"}"#,
        &[
            r#"{"container_definitions":"[{\"environment\":[{\"name\":\"PORT\",\"value\":\"80\"}],\"secrets\":[{\"name\":\"DB_PASSWORD\",\"valueFrom\":\"arn:x\"}]}]"}"#,
            r#"{"container_definitions":"[{\"environment\":[{\"name\":\"DB_PASSWORD\",\"value\":\"arn:aws:secretsmanager:x\"}]}]"}"#,
        ],
    ),
    (
        "secret.function-environment",
        "aws_lambda_function",
        r#"{"environment":[{"variables":{"API_TOKEN":"x"}}]}"#,
        &[
            r#"{"environment":[{"variables":{"TOKEN_NAME":"x","LOG":"info"}}]}"#,
            r#"{"environment":[]}"#,
        ],
    ),
    (
        "secret.user-data",
        "aws_instance",
        "{\"user_data\":\"#!/bin/sh\\nexport PASSWORD=hunter2\"}",
        &[
            r#"{"user_data":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}"#,
            r#"{"user_data":null}"#,
        ],
    ),
    (
        "secret.plain-parameter",
        "aws_ssm_parameter",
        r#"{"type":"String","name":"/app/db/password","value":"x"}"#,
        &[
            r#"{"type":"SecureString","name":"/app/db/password","value":"x"}"#,
            r#"{"type":"String","name":"/app/port","value":"80"}"#,
        ],
    ),
    (
        "secret.plain-parameter-value",
        "aws_ssm_parameter",
        r#"{"type":"String","name":"/app/url","value":"postgres://u:p4ss@db/x"}"#,
        &[r#"{"type":"SecureString","name":"/app/url","value":"postgres://u:p4ss@db/x"}"#],
    ),
    (
        "secret.not-secret",
        "aws_secretsmanager_secret_version",
        r#"{"secret_string":"{\"log_level\":\"info\"}"}"#,
        &[
            r#"{"secret_string":"{\"log_level\":\"info\",\"password\":\"x\"}"}"#,
            r#"{"secret_string":"plain"}"#,
            r#"{"secret_string":null}"#,
        ],
    ),
    (
        "database.public",
        "aws_db_instance",
        r#"{"publicly_accessible":true}"#,
        &[r#"{"publicly_accessible":false}"#],
    ),
    (
        "database.no-backup",
        "aws_db_instance",
        r#"{"backup_retention_period":0}"#,
        &[
            r#"{"backup_retention_period":7}"#,
            r#"{"backup_retention_period":0,"replicate_source_db":"main"}"#,
        ],
    ),
    (
        "database.short-backup",
        "aws_rds_cluster",
        r#"{"backup_retention_period":1}"#,
        &[r#"{"backup_retention_period":2}"#],
    ),
    (
        "database.no-deletion-protection",
        "aws_rds_cluster",
        r#"{"deletion_protection":false}"#,
        &[r#"{"deletion_protection":true}"#, "{}"],
    ),
    (
        "database.unencrypted",
        "aws_rds_cluster",
        r#"{"storage_encrypted":false}"#,
        &[r#"{"storage_encrypted":true}"#],
    ),
    (
        "table.no-recovery",
        "aws_dynamodb_table",
        r#"{"point_in_time_recovery":[{"enabled":false}]}"#,
        &[r#"{"point_in_time_recovery":[{"enabled":true}]}"#],
    ),
    (
        "network.open-ssh",
        "aws_security_group",
        r#"{"ingress":[{"cidr_blocks":["10.0.0.0/8"],"from_port":22,"to_port":22},{"cidr_blocks":["0.0.0.0/0"],"from_port":20,"to_port":30}]}"#,
        &[
            r#"{"ingress":[{"cidr_blocks":["10.0.0.0/8"],"from_port":22,"to_port":22},{"cidr_blocks":["0.0.0.0/0"],"from_port":443,"to_port":443}]}"#,
            r#"{"egress":[{"cidr_blocks":["0.0.0.0/0"],"from_port":0,"to_port":0,"protocol":"-1"}]}"#,
        ],
    ),
    (
        "network.open-ssh-rule",
        "aws_security_group_rule",
        r#"{"type":"ingress","ipv6_cidr_blocks":["::/0"],"from_port":22,"to_port":22}"#,
        &[r#"{"type":"egress","ipv6_cidr_blocks":["::/0"],"from_port":22,"to_port":22}"#],
    ),
    (
        "network.open-database",
        "aws_security_group",
        r#"{"ingress":[{"cidr_blocks":["0.0.0.0/0"],"from_port":5432,"to_port":5432}]}"#,
        &[
            r#"{"ingress":[{"cidr_blocks":[],"security_groups":["sg-1"],"from_port":5432,"to_port":5432}]}"#,
        ],
    ),
    (
        "network.open-database-rule",
        "aws_vpc_security_group_ingress_rule",
        r#"{"cidr_ipv4":"0.0.0.0/0","from_port":3306,"to_port":3306,"ip_protocol":"tcp"}"#,
        &[r#"{"cidr_ipv4":"10.0.0.0/8","from_port":3306,"to_port":3306,"ip_protocol":"tcp"}"#],
    ),
    (
        "storage.unencrypted",
        "aws_ebs_volume",
        r#"{"encrypted":false}"#,
        &[r#"{"encrypted":true}"#],
    ),
    (
        "storage.unencrypted-disk",
        "aws_instance",
        r#"{"root_block_device":[{"encrypted":false}]}"#,
        &[r#"{"root_block_device":[{"encrypted":true}]}"#],
    ),
    (
        "storage.state-bucket-unversioned",
        "aws_s3_bucket",
        r#"{"bucket":"acme","versioning":[{"enabled":false}]}"#,
        &[
            r#"{"bucket":"acme","versioning":[{"enabled":true}]}"#,
            r#"{"bucket":"photos","versioning":[{"enabled":false}]}"#,
        ],
    ),
    (
        "storage.logs-with-state",
        "aws_s3_bucket_logging",
        r#"{"bucket":"x","target_bucket":"corp-terraform-state"}"#,
        &[r#"{"bucket":"acme","target_bucket":"logs"}"#],
    ),
    (
        "storage.trail-with-state",
        "aws_cloudtrail",
        r#"{"s3_bucket_name":"acme"}"#,
        &[r#"{"s3_bucket_name":"trails"}"#],
    ),
    (
        "service.fargate-size",
        "aws_ecs_task_definition",
        r#"{"requires_compatibilities":["FARGATE"],"cpu":"256","memory":"4096"}"#,
        &[
            r#"{"requires_compatibilities":["FARGATE"],"cpu":"512","memory":"1024"}"#,
            r#"{"requires_compatibilities":["FARGATE"],"cpu":"16384","memory":"122880"}"#,
            r#"{"requires_compatibilities":["EC2"],"cpu":"256","memory":"4096"}"#,
        ],
    ),
    (
        "service.no-circuit-breaker",
        "aws_ecs_service",
        r#"{"deployment_circuit_breaker":[{"enable":false}]}"#,
        &[
            r#"{"deployment_circuit_breaker":[{"enable":true}]}"#,
            r#"{"deployment_controller":[{"type":"CODE_DEPLOY"}]}"#,
        ],
    ),
    (
        "service.endless-logs",
        "aws_cloudwatch_log_group",
        r#"{"retention_in_days":0}"#,
        &[r#"{"retention_in_days":14}"#],
    ),
    (
        "service.pattern-never-matches",
        "aws_cloudwatch_event_rule",
        r#"{"event_pattern":"{\"source\":[\"aws.s3\"],\"detial\":{}}"}"#,
        &[
            r#"{"event_pattern":"{\"source\":[\"aws.s3\"],\"detail\":{\"x\":[1]}}"}"#,
            r#"{"event_pattern":null}"#,
        ],
    ),
    (
        "service.image-too-large",
        "aws_ecr_image",
        r#"{"image_size_in_bytes":12884901888}"#,
        &[r#"{"image_size_in_bytes":1024}"#],
    ),
    (
        "service.wait-too-long",
        "aws_sfn_state_machine",
        r#"{"type":"STANDARD","definition":"{\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":40000000}}}"}"#,
        &[
            r#"{"type":"STANDARD","definition":"{\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":400}}}"}"#,
        ],
    ),
    (
        "service.express-wait-too-long",
        "aws_sfn_state_machine",
        r#"{"type":"EXPRESS","definition":"{\"TimeoutSeconds\":600,\"States\":{}}"}"#,
        &[r#"{"type":"EXPRESS","definition":"{\"TimeoutSeconds\":300,\"States\":{}}"}"#],
    ),
    (
        "service.wait-without-end",
        "aws_sfn_state_machine",
        r#"{"type":"STANDARD","definition":"{\"States\":{\"A\":{\"Resource\":\"arn:aws:states:::lambda:invoke.waitForTaskToken\"}}}"}"#,
        &[
            r#"{"type":"STANDARD","definition":"{\"States\":{\"A\":{\"Resource\":\"arn:aws:states:::lambda:invoke.waitForTaskToken\",\"TimeoutSeconds\":3600}}}"}"#,
        ],
    ),
    (
        "upkeep.bucket-acl",
        "aws_s3_bucket",
        r#"{"bucket":"x","acl":"private"}"#,
        &[r#"{"bucket":"x","acl":null}"#],
    ),
    ("upkeep.bucket-object", "aws_s3_bucket_object", "{}", &[]),
    (
        "upkeep.launch-configuration",
        "aws_launch_configuration",
        "{}",
        &[],
    ),
    ("upkeep.template-file", "template_file", "{}", &[]),
    (
        "upkeep.untouched",
        "aws_vpc",
        r#"{"tags":{"LastTerraformApply":"2026-01-02"}}"#,
        &[
            r#"{"tags":{"LastTerraformApply":"2026-11-01T00:00:00Z"}}"#,
            r#"{"tags":{"LastTerraformApply":"often"}}"#,
        ],
    ),
];

#[test]
fn every_rule_fires_for_its_case_and_for_none_of_its_near_misses() {
    for (id, kind, attributes, misses) in CASES {
        let ids = fired(kind, attributes);
        assert!(ids.iter().any(|one| one == id), "{id}: {ids:?}");
        for miss in *misses {
            let ids = fired(kind, miss);
            assert!(!ids.iter().any(|one| one == id), "{id} fires for {miss}");
        }
    }
    let tried: std::collections::BTreeSet<&str> = CASES.iter().map(|case| case.0).collect();
    let all: std::collections::BTreeSet<&str> =
        rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(tried, all, "every rule has a case");
}

#[test]
fn every_file_of_rules_can_be_read_and_its_sentences_are_sentences() {
    let read: Vec<_> = FILES.iter().flat_map(|file| read(file).unwrap()).collect();
    assert_eq!(read.len(), rules().len());
    for rule in rules() {
        for text in [&rule.says, &rule.remedy] {
            assert!(!text.ends_with('.') && !text.is_empty(), "{}", rule.id);
        }
    }
}

#[test]
fn a_bucket_whose_versioning_is_a_resource_of_its_own_is_versioned() {
    let bucket = (
        "aws_s3_bucket",
        r#"{"bucket":"acme","versioning":[{"enabled":false}]}"#,
    );
    let versioning = |status: &str, bucket: &str| {
        format!(r#"{{"bucket":"{bucket}","versioning_configuration":[{{"status":"{status}"}}]}}"#)
    };
    let unversioned = |attributes: &str| {
        let lints = lints(&[bucket, ("aws_s3_bucket_versioning", attributes)]);
        lints
            .iter()
            .any(|lint| lint.id == "storage.state-bucket-unversioned")
    };
    assert!(!unversioned(&versioning("Enabled", "acme")));
    assert!(unversioned(&versioning("Suspended", "acme")));
    assert!(unversioned(&versioning("Enabled", "photos")));
}

#[test]
fn one_rule_names_every_address_and_no_value() {
    let open = r#"{"publicly_accessible":true,"password":"hunter2"}"#;
    let lints = lints(&[("aws_db_instance", open), ("aws_db_instance", open)]);
    let public = lints
        .iter()
        .find(|lint| lint.id == "database.public")
        .unwrap();
    assert_eq!(
        public.addresses,
        ["aws_db_instance.x0", "aws_db_instance.x1"]
    );
    assert!(!format!("{lints:?}").contains("hunter2"));
    let severities: Vec<Grade> = lints.iter().map(|lint| lint.severity).collect();
    assert!(severities.is_sorted_by(|one, two| one >= two));
}

#[test]
fn attributes_that_are_no_json_or_nested_without_end_are_survived() {
    let deep = format!(
        r#"{{"definition":{}1{}}}"#,
        "[".repeat(3_000),
        "]".repeat(3_000)
    );
    assert_eq!(fired("aws_sfn_state_machine", &deep), Vec::<String>::new());
}
