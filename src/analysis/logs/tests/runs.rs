//! What became of runs, by texts that a real Terraform 1.11.4 printed or logged.

use super::texts::*;
use super::{found, ids, log, of_texts, one};
use crate::analysis::{Confidence, Finding, Severity};

pub(in crate::analysis) const STALE: &str = "╷\n│ Error: Saved plan is stale\n│ \n│ The given plan file can no longer be applied because the state was changed\n│ by another operation after the plan was created.\n╵\n";

pub(in crate::analysis) const OTHER_STATE: &str = "\nError: Saved plan does not match the given state\n\nThe given plan file can not be applied because it was created from a\ndifferent state lineage.\n";

pub(in crate::analysis) const HALTED: &str = "\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n\nStopping operation...\n\nError: execution halted\n\n\nError: execution halted\n\n\nError: local-exec provisioner error\n\n  with terraform_data.slow,\n  on main.tf line 2, in resource \"terraform_data\" \"slow\":\n   2:   provisioner \"local-exec\" { command = \"sleep 30\" }\n\nError running command 'sleep 30': signal: killed. Output: \n";

pub(in crate::analysis) const TWICE: &str = "terraform_data.slow: Creating...\nterraform_data.slow: Provisioning with 'local-exec'...\n\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n\nStopping operation...\n\nTwo interrupts received. Exiting immediately. Note that data loss may have\noccurred.\n\n\nError: operation canceled\n\n";

fn says(finding: &Finding, text: &str) -> bool {
    finding.evidence.iter().any(|seen| seen.contains(text))
}

#[test]
fn a_saved_plan_that_was_refused_is_no_broken_state() {
    let finding = one(STALE);
    assert_eq!(
        (finding.id, finding.severity),
        ("plan.stale", Severity::Warning)
    );
    assert!(finding.told_at.is_some());
    let event = r#"{"@level":"error","@message":"Error: Saved plan is stale","@module":"terraform.ui","@timestamp":"2026-11-23T05:26:00.373834Z","diagnostic":{"severity":"error","summary":"Saved plan is stale","detail":"The given plan file can no longer be applied because the state was changed by another operation after the plan was created."},"type":"diagnostic"}"#;
    assert_eq!(ids(&of_texts(&[STALE, event])), ["plan.stale"]);
    assert_eq!(one(OTHER_STATE).id, "plan.other-state");
    // A command that somebody runs may print the same.
    let own = "Error: local-exec provisioner error\n\n  with terraform_data.x,\n  on main.tf line 3, in resource \"terraform_data\" \"x\":\n\nError running command 'exit 1': exit status 1. Output: Saved plan is stale\n";
    assert_eq!(found(own), []);
}

#[test]
fn a_run_that_was_interrupted_once_is_told_from_one_that_did_not_wait() {
    let finding = one(HALTED);
    assert_eq!(
        (finding.id, finding.severity),
        ("run.interrupted", Severity::Warning)
    );
    let vertex = log(
        "WARN",
        " terraform: Stop called, initiating interrupt sequence",
    );
    assert_eq!(one(&vertex).id, "run.interrupted");
    let finding = one(TWICE);
    assert_eq!(
        (finding.id, finding.severity),
        ("run.interrupted-twice", Severity::Critical)
    );
    assert!(
        says(&finding, "it was working on terraform_data.slow"),
        "{finding:#?}"
    );
    // Its log says it in other words, and that it was asked to before.
    let log = log(
        "WARN",
        " terraform: Stop called, initiating interrupt sequence",
    ) + &log("WARN", " running operation was forcefully canceled");
    assert_eq!(one(&log).id, "run.interrupted-twice");
    let event = "{\"@level\":\"info\",\"@message\":\"\\nTwo interrupts received. Exiting immediately. Note that data loss may have occurred.\\n\",\"@module\":\"terraform.ui\",\"@timestamp\":\"2026-11-23T05:19:59.420507Z\",\"type\":\"log\"}\n{\"@level\":\"error\",\"@message\":\"Error: operation canceled\",\"@module\":\"terraform.ui\",\"@timestamp\":\"2026-11-23T05:19:59.420749Z\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"operation canceled\",\"detail\":\"\"},\"type\":\"diagnostic\"}\n";
    assert_eq!(one(event).id, "run.interrupted-twice");
    let told = "Error: creating thing: the operation canceled itself and was halted\n\n  with aws_x.y,\n  on main.tf line 3, in resource \"aws_x\" \"y\":\n";
    assert_eq!(found(told), []);
}

/// The log of `terraform plan | head -1` up to its last words.
pub(in crate::analysis) fn plan(last: &str) -> String {
    let head = "statemgr.Filesystem: writing lock metadata to .terraform.tfstate.lock.info";
    log("INFO", " Terraform version: 1.11.4")
        + &log(
            "INFO",
            " CLI args: []string{\"terraform\", \"plan\", \"-no-color\"}",
        )
        + &log("TRACE", head)
        + &log("INFO", " backend/local: plan calling Plan")
        + &log("INFO", " backend/local: plan operation completed")
        + &log(
            "TRACE",
            "LoadSchemas: retrieving schema for provisioner \"local-exec\"",
        )
        + last
}

#[test]
fn a_plan_that_died_while_it_was_printed_is_found_by_its_log_alone() {
    let finding = one(&plan(""));
    assert_eq!(
        (finding.id, finding.severity, finding.confidence),
        ("run.broken-pipe", Severity::Warning, Confidence::Likely)
    );
    assert_eq!(
        finding.claim,
        "a run of plan made its plan, and neither ended nor let its lock go"
    );
    assert_eq!(finding.told_at.unwrap().record.0, 4);
    for end in [
        log(
            "TRACE",
            "statemgr.Filesystem: unlocking terraform.tfstate using fcntl flock",
        ),
        log(
            "INFO",
            " backend-s3: Attempting to unlock remote state (DynamoDB only)...: tf_backend.operation=Unlock",
        ),
        log("INFO", " Terraform version: 1.11.4"),
    ] {
        assert_eq!(found(&plan(&end)), [], "{end}");
    }
    // Without a lock there is no end to be heard of.
    assert_eq!(
        found(&plan("").replace("writing lock metadata", "reading")),
        []
    );
}

#[test]
fn the_same_is_found_in_a_log_in_json_of_a_state_in_s3() {
    let line = |module: &str, message: &str| {
        format!(
            "{{\"@level\":\"info\",\"@message\":\"{message}\",{module}\"@timestamp\":\"2026-11-23T05:16:00.391000Z\"}}\n"
        )
    };
    let s3 = "\"@module\":\"backend-s3\",";
    let text = line("", "Terraform version: 1.11.4")
        + &line(s3, "Locked remote state (S3 Native only)")
        + &line("", "backend/local: plan operation completed");
    assert_eq!(one(&text).id, "run.broken-pipe");
    let ended = text + &line(s3, "Attempting to unlock remote state (S3 Native only)...");
    assert_eq!(found(&ended), []);
}

#[test]
fn a_job_that_ended_by_a_broken_pipe_is_told_from_any_other_that_failed() {
    for (end, says) in [
        ("make: *** [Makefile:3: plan] Error 141", true),
        ("make: *** [Makefile:3: plan] Error 1", false),
        ("##[error]Process completed with exit code 141.", true),
        ("##[error]Process completed with exit code 1.", false),
        ("ERROR: Job failed: exit code 141", true),
        ("ERROR: Job failed: exit code 1", false),
        ("Error: Process completed with exit code 141.", true),
    ] {
        let text = format!(
            "Terraform used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n  + create\n\n{end}\n"
        );
        let findings = found(&text);
        let expected: &[&str] = if says { &["run.broken-pipe"] } else { &[] };
        assert_eq!(ids(&findings), expected, "{end}");
    }
    // With the log of the run beside it, it is one finding, and a sure one.
    let job = "make: *** [Makefile:3: plan] Error 141\n";
    let findings = of_texts(&[job, &plan("")]);
    assert_eq!(ids(&findings), ["run.broken-pipe"]);
    assert_eq!(findings[0].confidence, Confidence::Certain);
}

/// An event of `-json` about the refresh of a resource.
pub(in crate::analysis) fn refresh(at: &str, kind: &str, name: &str) -> String {
    format!(
        "{{\"@level\":\"info\",\"@message\":\"{name}: Refresh\",\"@module\":\"terraform.ui\",\"@timestamp\":\"2026-11-23T01:{at}.000000Z\",\"hook\":{{\"resource\":{{\"addr\":\"{name}\",\"module\":\"\",\"resource\":\"{name}\",\"implied_provider\":\"aws\",\"resource_type\":\"aws_instance\",\"resource_name\":\"web\",\"resource_key\":null}},\"id_key\":\"id\",\"id_value\":\"i-1\"}},\"type\":\"{kind}\"}}\n"
    )
}

#[test]
fn a_plan_is_slow_where_one_resource_takes_a_minute() {
    let web = "aws_instance.web";
    let of =
        |end: &str| refresh("00:00", "refresh_start", web) + &refresh(end, "refresh_complete", web);
    let finding = one(&of("08:15"));
    assert_eq!(
        (finding.id, finding.severity),
        ("run.slow-plan", Severity::Info)
    );
    assert_eq!(
        finding.claim,
        "the plan is slow: aws_instance.web took 8 min 15 s to refresh"
    );
    assert!(finding.told_at.is_some());
    assert_eq!(found(&of("00:59")), []);
    // What takes long to be made is no slow plan.
    assert_eq!(
        found(
            &of("08:15")
                .replace("\"hook\":{", "\"hook\":{\"action\":\"create\",")
                .replace("refresh_", "apply_")
        ),
        []
    );
    // A run before it is history.
    let later = of("08:15")
        + "{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\",\"@module\":\"terraform.ui\",\"@timestamp\":\"2026-11-23T02:00:00.000000Z\",\"terraform\":\"1.11.4\",\"type\":\"version\",\"ui\":\"1.2\"}\n";
    assert_eq!(found(&later), []);
}

#[test]
fn a_plan_is_slow_where_many_resources_take_five_minutes_together() {
    let text: String = (0..6)
        .map(|number| {
            let name = format!("aws_instance.web[{number}]");
            refresh(&format!("{number:02}:00"), "refresh_start", &name)
                + &refresh(&format!("{number:02}:50"), "refresh_complete", &name)
        })
        .collect();
    let finding = one(&text);
    assert_eq!(
        finding.claim,
        "the plan is slow: 6 resources took 5 min 50 s to look at"
    );
    assert!(
        says(&finding, "6 of aws_instance: 5 min 00 s together"),
        "{finding:#?}"
    );
    let five: Vec<&str> = text.lines().take(10).collect();
    assert_eq!(found(&five.join("\n")), []);
}

#[test]
fn a_slow_plan_names_the_calls_that_cost_the_time() {
    let visit =
        |minute: u32, rest: &str| format!("2026-11-22T11:{minute:02}:00.000Z [TRACE] {rest}\n");
    let name = "brittle_thing.a";
    let text = visit(
        0,
        &format!("vertex \"{name}\": starting visit (*terraform.NodePlannableResourceInstance)"),
    ) + &visit(
        0,
        &format!("NodeAbstractResourceInstance.refresh for {name}"),
    ) + "2026-11-22T11:00:01.000Z [DEBUG] provider.terraform-provider-aws_v5.50.0_x5: HTTP Request Sent: rpc.method=DescribeInstances rpc.service=EC2 tf_req_id=a\n"
        + "2026-11-22T11:00:02.000Z [DEBUG] provider.terraform-provider-aws_v5.50.0_x5: HTTP Response Received: rpc.method=DescribeInstances rpc.service=EC2 tf_req_id=a http.status_code=200 http.duration=812\n"
        + &visit(
            2,
            &format!(
                "NodeAbstractResouceInstance.writeResourceInstanceState to refreshState for {name}"
            ),
        )
        + &visit(2, &format!("vertex \"{name}\": visit complete"));
    let finding = one(&text);
    assert_eq!(
        finding.claim,
        "the plan is slow: brittle_thing.a took 2 min 00 s to refresh"
    );
    assert!(
        says(&finding, "asked EC2 DescribeInstances 1 times"),
        "{finding:#?}"
    );
}

#[test]
fn a_missing_table_bucket_or_region_is_told_from_a_lock_that_is_held() {
    let finding = one(TABLE);
    assert_eq!(finding.id, "lock.table-missing");
    assert!(
        finding
            .claim
            .starts_with("the lock table nolocks is not there")
    );
    let finding = one(BUCKET);
    assert_eq!(finding.id, "backend.bucket-missing");
    assert!(
        finding
            .claim
            .starts_with("the state's bucket nobucket is not there")
    );
    let finding = one(OTHER_REGION);
    assert_eq!(
        finding.claim,
        "the bucket is in us-east-1, and the backend asks in eu-west-1"
    );
    // A provider that misses a table of its own is no matter of the lock.
    let own = "Error: reading table: operation error DynamoDB: DescribeTable, https response error StatusCode: 400, RequestID: X, ResourceNotFoundException: Requested resource not found\n\n  with aws_dynamodb_table.t,\n  on main.tf line 3, in resource \"aws_dynamodb_table\" \"t\":\n";
    assert_eq!(found(own), []);
}

#[test]
fn what_init_complains_about_is_told_with_the_provider() {
    for (text, id, claim) in [
        (
            "Error: Inconsistent dependency lock file\n\nThe following dependency selections recorded in the lock file are\ninconsistent with the current configuration:\n  - provider example.com/acme/brittle: locked version selection 1.2.3 doesn't match the updated version constraints \"2.0.0\"\n",
            "providers.lock-file",
            "the dependency lock file does not fit the configuration: example.com/acme/brittle",
        ),
        (
            NOT_CACHED,
            "providers.missing",
            "the provider example.com/acme/brittle that the lock file names is not installed here",
        ),
        (
            CHECKSUM,
            "providers.checksum",
            "the package of the provider example.com/acme/brittle is not one that the lock file vouches for",
        ),
        (
            "Error: Failed to install provider\n\nError while installing example.com/acme/brittle v1.2.3: the local package for\nexample.com/acme/brittle 1.2.3 doesn't match any of the checksums previously\nrecorded in the dependency lock file (this might be because the available\nchecksums are for packages targeting different platforms); for more\ninformation:\n",
            "providers.checksum",
            "the package of the provider example.com/acme/brittle is not one that the lock file vouches for",
        ),
        (
            "Error: Failed to query available provider packages\n\nCould not retrieve the list of available versions for provider\nexample.com/acme/brittle: locked provider example.com/acme/brittle 1.2.3 does\nnot match configured version constraint 2.0.0; must use terraform init\n-upgrade to allow selection of new versions\n",
            "providers.lock-file",
            "the dependency lock file does not fit the configuration: example.com/acme/brittle",
        ),
        (
            NO_RELEASE,
            "providers.not-fetched",
            "the provider example.com/acme/nope cannot be fetched",
        ),
    ] {
        let finding = one(text);
        assert_eq!((finding.id, finding.claim.as_str()), (id, claim));
    }
    let warned = "Warning: Provider development overrides are in effect\n\nThe following provider development overrides are set in the CLI configuration:\n - example.com/acme/brittle in /tmp\n";
    assert_eq!(found(warned), []);
}

#[test]
fn why_a_backend_has_to_be_initialized_is_told() {
    for (text, reason) in [
        (BLOCK_CHANGED, ": Backend configuration block has changed"),
        (
            "Error: Backend initialization required, please run \"terraform init\"\n\nReason: Unsetting the previously set backend \"local\"\n\nThe \"backend\" is the interface that Terraform uses to store state,\n",
            ": Unsetting the previously set backend \"local\"",
        ),
        (
            "Error: Backend configuration changed\n\nA change in the backend configuration has been detected, which may require\nmigrating existing state.\n",
            "",
        ),
    ] {
        let finding = one(text);
        assert_eq!(finding.id, "backend.changed");
        assert_eq!(
            finding.claim,
            format!("the backend is not initialized as it is configured{reason}")
        );
    }
}
