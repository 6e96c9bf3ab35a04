//! What Terraform itself writes: how a run begins, the walk over the graph,
//! changes and failures.

use super::provider;
use super::step::Change;
use super::teller::{Target, Teller};

/// The vertex of a resource while it is refreshed.
pub const PLAN: &str = "*terraform.NodePlannableResourceInstance";
const APPLY: &str = "*terraform.NodeApplyableResourceInstance";

/// The beginning of a run, down to the question for the lock.
pub fn start(teller: &mut Teller, command: &[String]) {
    let args = |args: &[String]| {
        let quoted: Vec<String> = args.iter().map(|arg| format!("{arg:?}")).collect();
        format!("[]string{{{}}}", quoted.join(", "))
    };
    let operation = match command.get(1).map(String::as_str) {
        Some("plan") => "Plan",
        Some("refresh") => "Refresh",
        _ => "Apply",
    };
    let version = teller.terraform.clone();
    teller.say("INFO", &format!("Terraform version: {version}"));
    teller.say("DEBUG", "using github.com/hashicorp/go-tfe v1.70.0");
    teller.say("DEBUG", "using github.com/hashicorp/hcl/v2 v2.23.0");
    teller.say(
        "DEBUG",
        "using github.com/hashicorp/terraform-svchost v0.1.1",
    );
    teller.say("DEBUG", "using github.com/zclconf/go-cty v1.16.0");
    teller.say("INFO", "Go runtime version: go1.23.3");
    teller.say("INFO", &format!("CLI args: {}", args(command)));
    teller.say("TRACE", "Stdout is not a terminal");
    teller.later(2);
    let rest = command.get(1..).unwrap_or_default();
    teller.say("INFO", &format!("CLI command args: {}", args(rest)));
    teller.say(
        "TRACE",
        "Meta.Backend: working directory was previously initialized for \"s3\" backend",
    );
    teller.say(
        "TRACE",
        "Meta.Backend: using already-initialized, unchanged \"s3\" backend configuration",
    );
    teller.later(9);
    teller.say(
        "TRACE",
        "Meta.Backend: instantiated backend of type *s3.Backend",
    );
    teller.say(
        "INFO",
        &format!("backend/local: starting {operation} operation"),
    );
    teller.say(
        "TRACE",
        "backend/local: requesting state manager for workspace \"default\"",
    );
    teller.later(60);
}

/// A vertex is entered.
pub fn visit(teller: &mut Teller, target: &Target, node: &str) {
    let name = quoted(&target.address);
    teller.say("TRACE", &format!("vertex {name}: starting visit ({node})"));
}

/// A vertex is left.
pub fn visited(teller: &mut Teller, target: &Target) {
    let name = quoted(&target.address);
    teller.say("TRACE", &format!("vertex {name}: visit complete"));
}

/// How many of a hundred plans Terraform has to put up with.
const TOLERATED: u8 = 40;

/// The plan of a resource that was read: what the AWS provider plans is often
/// not quite what Terraform expects, and Terraform says so.
pub fn planned(teller: &mut Teller, target: &Target) {
    teller.later(2);
    if !teller.chance.percent(TOLERATED) {
        return;
    }
    let problems = match target.kind.as_str() {
        "aws_instance" => [
            "get_password_data: planned value cty.False for a non-computed attribute",
            "source_dest_check: planned value cty.True for a non-computed attribute",
        ],
        _ => [
            "tags_all: planned for existence, but config wants absence",
            "timeouts: planned for existence, but config wants absence",
        ],
    };
    let address = &target.address;
    let mut text = format!(
        "Provider \"registry.terraform.io/hashicorp/aws\" produced an invalid plan for {address}, but we are tolerating it because it is using the legacy plugin SDK.\n    The following problems may be the cause of any confusing errors from downstream operations:"
    );
    for problem in problems {
        text.push_str("\n      - .");
        text.push_str(problem);
    }
    teller.say("WARN", &text);
}

/// A planned change, from its start to its end.
pub fn apply(teller: &mut Teller, target: &Target, change: &Change) {
    let (address, action) = (&target.address, &change.action);
    visit(teller, target, APPLY);
    teller.say(
        "TRACE",
        &format!("readDiff: Read {action} change from plan for {address}"),
    );
    teller.later(1);
    teller.say("INFO", &format!("Starting apply for {address}"));
    teller.say(
        "DEBUG",
        &format!("{address}: applying the planned {action} change"),
    );
    let end = teller.clock + change.takes;
    provider::write(teller, target, action);
    teller.clock = teller.clock.max(end);
    teller.say(
        "TRACE",
        &format!("NodeAbstractResouceInstance.writeResourceInstanceState: writing state object for {address}"),
    );
    visited(teller, target);
}

/// A resource is given up; what depends on it is skipped.
pub fn fail(teller: &mut Teller, target: &Target, summary: &str) {
    let summary = summary
        .replace("<id>", &target.id)
        .replace("<request>", &teller.chance.uuid());
    provider::diagnostic(teller, target, &summary);
    teller.later(3);
    let name = quoted(&target.address);
    teller.say("ERROR", &format!("vertex {name} error: {summary}"));
    teller.say(
        "TRACE",
        &format!("vertex {name}: visit complete, with errors"),
    );
    for skipped in [
        "provider[\"registry.terraform.io/hashicorp/aws\"] (close)",
        "root",
    ] {
        let skipped = quoted(skipped);
        teller.say(
            "TRACE",
            &format!("dag/walk: upstream of {skipped} errored, so skipping"),
        );
    }
    teller.later(20);
}

/// An address as Go quotes it.
pub fn quoted(address: &str) -> String {
    format!("\"{}\"", address.replace('\\', "\\\\").replace('"', "\\\""))
}
