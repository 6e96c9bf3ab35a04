//! What is told upstream of a crash, and what never is.

use super::{CRASH, CRASH_OUTPUT, log, with_logs};
use crate::analysis::logs::bundle::report;

/// The report on logs, with all lines of the first before its crash.
fn told(texts: &[&str]) -> Option<String> {
    with_logs(texts, |logs| {
        let before = |_, at: crate::log::At| {
            let lines = texts[0].lines().take(at.line as usize);
            lines.map(|line| line.as_bytes().to_vec()).collect()
        };
        report(logs, &before)
    })
}

#[test]
fn a_crash_is_told_with_stack_versions_call_and_type() {
    let text = told(&[CRASH, CRASH_OUTPUT]).unwrap();
    for says in [
        "# the provider brittle crashed: panic: runtime error: index out of range [3] with length 3",
        "internal/thing.go:88",
        "goroutine ",
        "core 1.11.4, plan",
        "## Logged right before it",
    ] {
        assert!(text.contains(says), "{says} is not in {text}");
    }
    assert!(!text.contains("brittle_thing.a"), "{text}");
}

#[test]
fn nothing_secret_and_nobodys_name_is_in_a_crash_report() {
    let decoys = [
        "hunter2",
        "AKIAIOSFODNN7EXAMPLE",
        "123456789012",
        "alice",
        "corp.example",
        "prod-customer",
        "s3cr3t-in-a-body",
        "a-plain-value",
    ];
    let text = log("INFO", " Terraform version: 1.11.4")
        + &log(
            "INFO",
            " CLI args: []string{\"terraform\", \"apply\", \"-var\", \"x=hunter2\"}",
        )
        + &log(
            "TRACE",
            "vertex \"module.prod-customer.aws_db_instance.prod-customer[\\\"hunter2\\\"]\": starting visit (*terraform.NodeApplyableResourceInstance)",
        )
        + &log(
            "TRACE",
            "NodeAbstractResourceInstance.refresh for module.prod-customer.aws_db_instance.prod-customer",
        )
        + &log(
            "DEBUG",
            "provider.terraform-provider-aws_v5.50.0_x5: Creating DB: {Name:prod-customer MasterUserPassword:hunter2 Tag:a-plain-value}",
        )
        + &log(
            "DEBUG",
            "provider.terraform-provider-aws_v5.50.0_x5: HTTP Request Sent: rpc.method=CreateDBInstance rpc.service=RDS http.url=https://prod-customer.corp.example/ http.user_agent=a-plain-value\n  http.request.body=\n  | {\"x\": \"s3cr3t-in-a-body\"}\n   tf_resource_type=aws_db_instance",
        )
        + &log(
            "DEBUG",
            "provider.terraform-provider-aws_v5.50.0_x5: alice@corp.example used AKIAIOSFODNN7EXAMPLE for arn:aws:iam::123456789012:role/x password=hunter2",
        )
        + &log(
            "DEBUG",
            "provider.terraform-provider-aws_v5.50.0_x5: panic: bad value cty.StringVal(\"hunter2\") for arn:aws:rds:eu-west-1:123456789012:db:x at /home/alice/src/x.go:3",
        )
        + "\nError: Plugin did not respond\n\n  with module.prod-customer.aws_db_instance.prod-customer,\n  on main.tf line 3, in resource \"aws_db_instance\" \"prod-customer\":\n   3:   password = \"hunter2\"\n\nThe plugin encountered an error, and failed to respond to the\n(*GRPCProvider).ApplyResourceChange call. The plugin logs may contain more\ndetails.\n";
    let text = told(&[&text]).unwrap();
    for decoy in decoys {
        assert!(!text.contains(decoy), "{decoy} is in {text}");
    }
    for says in [
        "core 1.11.4, apply",
        "provider aws 5.50.0",
        "call that was not answered: ApplyResourceChange",
        "resource type in flight: aws_db_instance",
        "rpc.service=RDS",
    ] {
        assert!(text.contains(says), "{says} is not in {text}");
    }
}

#[test]
fn a_log_without_a_crash_has_no_report() {
    assert_eq!(told(&["Error: Saved plan is stale\n"]), None);
}
