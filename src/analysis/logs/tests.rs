use super::*;
use crate::log::Hearing;
use texts::*;

/// What is found in a log, and the log as the findings knew it.
pub(in crate::analysis) fn found(text: &str) -> Vec<Finding> {
    of_texts(&[text])
}

pub(in crate::analysis) fn of_texts(texts: &[&str]) -> Vec<Finding> {
    super::super::worst_first(with_logs(texts, of_logs))
}

/// Has logs looked at as they were heard.
fn with_logs<T>(texts: &[&str], look: impl FnOnce(&[Logged<'_>]) -> T) -> T {
    let heard: Vec<_> = texts
        .iter()
        .map(|text| {
            let mut hearing = Hearing::default();
            hearing.feed(text.as_bytes());
            let account = hearing.finish().account;
            let reports: Vec<Report> = wanted(&account)
                .into_iter()
                .map(|(category, at)| {
                    Report::read(category, at, &text.as_bytes()[at.offset as usize..])
                })
                .collect();
            (account, reports)
        })
        .collect();
    let logs: Vec<Logged<'_>> = heard
        .iter()
        .zip(0_u16..)
        .map(|((account, reports), number)| Logged {
            number: FileNo(number),
            name: "tf.log",
            account,
            reports,
        })
        .collect();
    look(&logs)
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.id).collect()
}

/// The only finding.
fn one(text: &str) -> Finding {
    let mut findings = found(text);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

pub(in crate::analysis) fn log(level: &str, rest: &str) -> String {
    format!("2026-11-22T11:52:08.653Z [{level}] {rest}\n")
}

pub(in crate::analysis) const DENIED: &str = include_str!("../../../tests/fixtures/log/denied.log");
pub(in crate::analysis) const EXPIRED: &str =
    include_str!("../../../tests/fixtures/log/expired.out");
pub(in crate::analysis) const CYCLE: &str = include_str!("../../../tests/fixtures/log/cycle.out");
pub(in crate::analysis) const CYCLE_JSON: &str =
    include_str!("../../../tests/fixtures/log/cycle.json");
pub(in crate::analysis) const CORRUPT: &str =
    include_str!("../../../tests/fixtures/log/corrupt.out");
pub(in crate::analysis) const DIGEST: &str = include_str!("../../../tests/fixtures/log/digest.out");
pub(in crate::analysis) const UNINITIALIZED: &str =
    include_str!("../../../tests/fixtures/log/uninitialized.out");
pub(in crate::analysis) const CRASH: &str =
    include_str!("../../../tests/fixtures/log/provider-crash.log");
pub(in crate::analysis) const CRASH_OUTPUT: &str =
    include_str!("../../../tests/fixtures/log/provider-crash.out");
pub(in crate::analysis) const SWALLOWED: &str =
    include_str!("../../../tests/fixtures/log/swallowed.log");
pub(in crate::analysis) const THROTTLED: &str =
    include_str!("../../../tests/fixtures/log/throttled.log");
pub(in crate::analysis) const LOCK: &str =
    include_str!("../../../tests/fixtures/log/lock-conflict.log");
pub(in crate::analysis) const HEALTHY: [&str; 2] = [
    include_str!("../../../tests/fixtures/log/apply-trace.log"),
    include_str!("../../../tests/fixtures/log/apply-trace.json"),
];

#[test]
fn a_healthy_run_with_its_harmless_errors_has_no_findings() {
    for text in HEALTHY {
        assert_eq!(found(text), []);
    }
}

#[test]
fn a_denied_action_is_named_with_its_object() {
    let finding = one(DENIED);
    assert_eq!(
        finding.claim,
        "access denied: s3:PutObject on arn:aws:s3:::tf-lab-state/net/terraform.tfstate"
    );
    assert!(finding.evidence[0].starts_with("tf.log:1"), "{finding:#?}");
    assert!(finding.told_at.is_some());
}

#[test]
fn a_denied_action_is_named_with_its_resource_and_for_whom() {
    let finding = one(DENIED_ROLE);
    assert_eq!(
        finding.claim,
        "access denied: iam:CreateRole on arn:aws:iam::123456789012:role/app for arn:aws:sts::123456789012:assumed-role/ci/job"
    );
    assert_eq!(
        finding.evidence[0],
        "IAM refuses it because no identity-based policy allows"
    );
    assert_eq!(
        (finding.runbook, finding.step),
        (Some("provider-auth"), Some(7))
    );
}

#[test]
fn a_denied_action_is_named_as_a_policy_names_it() {
    assert_eq!(
        one(FORBIDDEN).claim,
        "access denied: s3:GetObject on arn:aws:s3:::acme-tfstate/net/terraform.tfstate"
    );
    let list = CLOCK
        .replace("RequestTimeTooSkewed", "AccessDenied")
        .replace("Probable clock skew error: ", "");
    assert_eq!(
        one(&list).claim,
        "access denied: s3:ListBucket on arn:aws:s3:::acme-tfstate"
    );
}

#[test]
fn what_a_users_own_command_printed_denies_nothing() {
    let text = "Error: local-exec provisioner error\n\n  with terraform_data.a,\n  on main.tf line 3, in resource \"terraform_data\" \"a\":\n   3:   provisioner \"local-exec\" {\n\nError running command 'aws s3 ls': exit status 255. Output: An error occurred (AccessDenied): the token has expired, dial tcp 1.2.3.4:443: connect: connection refused\n";
    assert_eq!(found(text), []);
}

#[test]
fn expired_credentials_are_told_from_absent_and_refused_ones() {
    let finding = one(EXPIRED);
    assert_eq!(finding.claim, "the credentials have expired");
    assert_eq!(finding.evidence[0], "said of S3 ListObjectsV2");
    for (text, id, claim) in [
        (ABSENT, "auth.absent", "no credentials were found"),
        (
            PROFILE,
            "auth.profile",
            "the profile is not in the AWS configuration: zzz",
        ),
        (
            ROLE,
            "auth.role",
            "the role cannot be assumed: arn:aws:iam::123456789012:role/deploy",
        ),
        (
            KEY,
            "auth.key",
            "the access key or its signature is refused",
        ),
    ] {
        let finding = one(text);
        assert_eq!((finding.id, finding.claim.as_str()), (id, claim));
    }
}

#[test]
fn throttling_names_the_call_and_is_grave_only_where_it_was_given_up() {
    let finding = one(THROTTLED);
    assert_eq!(finding.id, "api.throttled");
    assert_eq!(finding.severity, Severity::Info);
    assert!(
        finding
            .claim
            .starts_with("throttled: S3 ListObjectsV2 3 of "),
        "{finding:#?}"
    );
    let finding = one(SLOW_DOWN);
    assert_eq!(finding.severity, Severity::Critical);
    assert_eq!(
        finding.claim,
        "throttled: S3 ListObjectsV2, and gave up after 5 attempts"
    );
}

#[test]
fn the_parallelism_of_a_throttled_run_is_told() {
    let text = log("INFO", " Terraform version: 1.11.4")
        + &log(
            "INFO",
            r#" CLI args: []string{"terraform", "apply", "-parallelism=50"}"#,
        )
        + &log(
            "ERROR",
            "vertex \"aws_s3_bucket.b\" error: creating: api error SlowDown: x",
        );
    let finding = one(&text);
    assert!(
        finding
            .evidence
            .contains(&"the run worked on 50 resources at a time: fewer ask less".to_owned()),
        "{finding:#?}"
    );
}

#[test]
fn a_quota_is_named_with_the_resource_that_it_stopped() {
    assert_eq!(
        one(QUOTA).claim,
        "a quota is used up: VpcLimitExceeded by EC2 CreateVpc for aws_vpc.main"
    );
}

#[test]
fn a_timeout_says_what_was_waited_for_and_what_was_last() {
    assert_eq!(
        one(TIMEOUT).claim,
        "timed out: aws_instance.web: waited 20m0s for state to become 'running', the last state was 'pending'"
    );
    let healthy = "aws_instance.web: Still creating... [19m50s elapsed]\naws_instance.web: Creation complete after 19m55s [id=i-1]\n";
    assert_eq!(found(healthy), []);
}

#[test]
fn what_cannot_be_reached_is_the_network() {
    let text = "Error: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, exceeded maximum number of attempts, 5, https response error StatusCode: 0, RequestID: , request send failed, Post \"https://dynamodb.eu-west-1.amazonaws.com/\": dial tcp: lookup dynamodb.eu-west-1.amazonaws.com on 127.0.0.53:53: no such host\n";
    let findings = found(text);
    assert_eq!(
        findings[0].claim,
        "dynamodb.eu-west-1.amazonaws.com cannot be reached: no such host"
    );
    assert_eq!(ids(&found(TABLE)), ["lock.table-missing"]);
}

#[test]
fn what_exists_already_is_named_with_its_import() {
    let finding = one(EXISTS);
    assert_eq!(
        finding.claim,
        "exists already: app, which aws_iam_role.app[\"x\"] would create"
    );
    let taken = finding.taken.unwrap();
    assert_eq!(
        (taken.address.as_str(), taken.name.as_str()),
        ("aws_iam_role.app[\"x\"]", "app")
    );
    // A provider asked, was told so, and went on.
    let answer = log(
        "DEBUG",
        "provider.terraform-provider-aws_v5.50.0_x5: HTTP Response Received: rpc.service=IAM rpc.method=CreateRole http.status_code=409\n  http.response.body=\n  | <Error><Code>EntityAlreadyExists</Code></Error>\n   http.duration=4",
    );
    assert_eq!(found(&answer), []);
}

#[test]
fn a_crash_is_one_finding_with_panic_and_place() {
    for texts in [&[CRASH][..], &[CRASH, CRASH_OUTPUT][..]] {
        let findings = of_texts(texts);
        assert_eq!(ids(&findings), ["provider.crash"], "{findings:#?}");
        assert_eq!(
            findings[0].claim,
            "the provider brittle crashed: panic: runtime error: index out of range [3] with length 3"
        );
        assert!(findings[0].evidence[0].ends_with("/build/internal/thing.go:88"));
    }
}

#[test]
fn a_crash_names_the_version_and_the_resource_in_flight() {
    let text = log(
        "TRACE",
        "vertex \"aws_s3_bucket.b\": starting visit (*terraform.NodeApplyableResourceInstance)",
    ) + &log(
        "DEBUG",
        "provider.terraform-provider-aws_v5.50.0_x5: panic: assignment to entry in nil map",
    ) + "\nError: Plugin did not respond\n\n  with aws_s3_bucket.b,\n  on main.tf line 3, in resource \"aws_s3_bucket\" \"b\":\n\nThe plugin encountered an error, and failed to respond to the\n(*GRPCProvider).ApplyResourceChange call. The plugin logs may contain more\ndetails.\n";
    let finding = one(&text);
    assert_eq!(
        finding.claim,
        "the provider aws 5.50.0 crashed: panic: assignment to entry in nil map"
    );
    for says in [
        "it did not answer ApplyResourceChange",
        "it was working on aws_s3_bucket.b",
    ] {
        assert!(
            finding.evidence.iter().any(|seen| seen == says),
            "{finding:#?}"
        );
    }
}

#[test]
fn a_ring_is_drawn_with_its_members() {
    for text in [CYCLE, CYCLE_JSON] {
        let finding = one(text);
        assert_eq!(
            finding.claim,
            "2 depend on each other in a ring: terraform_data.b, terraform_data.a"
        );
        assert_eq!(
            finding.evidence[..2],
            ["┌▸ terraform_data.b", "└─ terraform_data.a"]
        );
    }
}

#[test]
fn a_deprecated_argument_is_named_with_its_place() {
    let finding = one(DEPRECATED);
    assert_eq!(finding.claim, "deprecated: dynamodb_table, main.tf line 3");
    assert_eq!(finding.severity, Severity::Info);
    let other = "Warning: Applied changes may be incomplete\n\nThe plan was created with the -target option in effect\n";
    assert_eq!(found(other), []);
}

#[test]
fn a_provider_that_breaks_its_word_is_named_with_the_resource() {
    let finding = one(INCONSISTENT);
    assert_eq!(
        finding.claim,
        "the provider produced an inconsistent result after apply for aws_x.y: registry.terraform.io/hashicorp/aws"
    );
    let tolerated = log(
        "WARN",
        " Provider \"x\" produced an unexpected new value, but we are tolerating it",
    );
    assert_eq!(found(&tolerated), []);
}

#[test]
fn a_directory_that_has_to_be_initialized_says_why() {
    let finding = one(UNINITIALIZED);
    assert_eq!(
        finding.claim,
        "the backend is not initialized as it is configured: Initial configuration of the requested backend \"s3\""
    );
    assert_eq!(one(NOT_SELECTED).id, "providers.lock-file");
}

#[test]
fn a_swallowed_digest_write_is_no_success() {
    let finding = one(SWALLOWED);
    assert_eq!(
        (finding.id, finding.severity),
        ("digest.unwritten", Severity::Critical)
    );
    // A new state has no digest, and neither has one that is locked by a file.
    let legal = log(
        "WARN",
        " backend-s3: failed to fetch state MD5: error=\"invalid md5\"",
    );
    assert_eq!(found(&legal), []);
}

#[test]
fn a_digest_and_a_state_that_a_run_refused_are_told_apart() {
    let finding = one(DIGEST);
    assert_eq!(finding.id, "digest.refused");
    assert_eq!(
        finding.evidence[..2],
        [
            "stored 513c00ff7837dd8628d3d1dbf7e9586d",
            "calculated cb1eedc17f958acde00f188a752b70cd"
        ]
    );
    let finding = one(CORRUPT);
    assert_eq!(finding.id, "state.not-read");
    let text = "Error: Failed to save state\n\nError saving state: failed to upload state: operation error S3: PutObject, https response error StatusCode: 403, RequestID: X, api error ExpiredToken: The provided token has expired.\n";
    assert_eq!(ids(&found(text)), ["auth.expired", "state.unsaved"]);
}

#[test]
fn the_lock_of_ones_own_lost_answer_is_told_from_somebody_elses() {
    let refused = |id: &str| {
        format!(
            "{LOCK}\nError: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, https response error\nStatusCode: 400, RequestID: X,\nConditionalCheckFailedException: The conditional request failed\nLock Info:\n  ID:        {id}\n  Path:      tf-lab-state/t4/terraform.tfstate\n  Operation: OperationTypeApply\n  Who:       oncall@laptop\n  Version:   1.11.4\n"
        )
    };
    let findings = found(&refused("9d098885-c01c-c996-afb2-47fc952ad395"));
    assert_eq!(findings[0].id, "lock.own", "{findings:#?}");
    let finding = one(&refused("11111111-2222-3333-4444-555555555555"));
    assert_eq!(
        finding.claim,
        "a run was refused the lock that oncall@laptop holds for apply"
    );
    assert_eq!(finding.severity, Severity::Warning);
    // The answer alone may be asked for again.
    assert_eq!(one(LOCK).severity, Severity::Info);
}

#[test]
fn what_an_earlier_run_met_is_history() {
    let text = EXPIRED.to_owned()
        + &log("INFO", " Terraform version: 1.11.4")
        + &log("INFO", " all went well");
    assert_eq!(found(&text), []);
}

#[test]
fn of_many_findings_of_one_kind_the_rest_is_counted() {
    let denied = |n: usize| {
        format!(
            "Error: operation error EC2: RunInstances{n}, https response error StatusCode: 403, RequestID: X, api error UnauthorizedOperation: x\n\n"
        )
    };
    let text: String = (0..6).map(denied).collect();
    let findings = found(&text);
    assert_eq!(findings.len(), MOST_OF_ONE_ID);
    assert_eq!(
        findings[3].evidence.last().unwrap(),
        "and 2 more of the same kind"
    );
}

#[test]
fn a_cut_or_spoiled_log_is_survived() {
    for text in [DENIED, CRASH_OUTPUT, DIGEST, LOCK] {
        for end in (0..text.len())
            .step_by(997)
            .filter(|&end| text.is_char_boundary(end))
        {
            let _ = found(&text[..end]);
            let _ = found(&text[end..].replace(' ', "\u{1b}["));
        }
    }
}

mod crashes;
pub(in crate::analysis) mod runs;
pub(in crate::analysis) mod texts;
