//! What the logs come to, beside their records: calls, work, runs.

use std::sync::Arc;

use tfsos::log::{Feed, Hearing};

use crate::logs::{Logged, golden_of, record};

const AWS: &str = "provider.terraform-provider-aws_v5.50.0_x5";

/// A run that is throttled, and one that is still at work.
fn text() -> String {
    let mut text = record(0, "INFO", " Terraform version: 1.11.4")
        + &record(0, "INFO", " CLI args: []string{\"terraform\", \"plan\"}")
        + &record(60, "INFO", " Terraform version: 1.11.4")
        + &record(
            60,
            "INFO",
            " CLI args: []string{\"terraform\", \"apply\", \"-auto-approve\", \"-lock=false\", \"-var\", \"db_password=hunter2\"}",
        );
    for n in 0..40_u32 {
        let id = format!("tf_req_id=7c1e-{n:04}");
        text += &record(
            70 + n,
            "DEBUG",
            &format!(
                "{AWS}: HTTP Request Sent: {id} rpc.service=EC2 rpc.method=DescribeInstances http.method=POST"
            ),
        );
        let status = if n % 4 == 0 { 503 } else { 200 };
        text += &record(
            71 + n,
            "DEBUG",
            &format!(
                "{AWS}: HTTP Response Received: {id} rpc.service=EC2 rpc.method=DescribeInstances http.status_code={status} http.duration={}\n  http.response.body=\n  | <Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>",
                100 + n
            ),
        );
    }
    for (address, begin, end) in [
        ("aws_vpc.main", 61, Some(75)),
        ("aws_instance.web[47]", 70, None),
    ] {
        text += &visit(
            begin.max(112),
            address,
            "starting visit (*terraform.NodeApplyableResourceInstance)",
        );
        text += &record(
            begin.max(112),
            "INFO",
            &format!(" Starting apply for {address}"),
        );
        if let Some(end) = end {
            text += &visit(end.max(130), address, "visit complete");
        }
    }
    text + &record(
        200,
        "TRACE",
        "dag/walk: vertex \"root\" is waiting for \"aws_instance.web[47]\"",
    )
}

fn visit(second: u32, address: &str, what: &str) -> String {
    record(second, "TRACE", &format!("vertex \"{address}\": {what}"))
}

/// The pane after the log was heard to its end.
fn heard() -> Logged {
    heard_of(&text())
}

fn heard_of(text: &str) -> Logged {
    let mut logged = Logged::showing(&[("terraform.log", text)]);
    let mut hearing = Hearing::default();
    hearing.feed(text.as_bytes());
    logged.fed(0, Feed::Heard(Arc::new(hearing.finish().account)));
    logged.settle();
    logged
}

#[test]
fn the_tables_stand_beneath_the_records_where_there_is_room() {
    let mut logged = heard();
    assert!(logged.shows("ec2 DescribeInstances"));
    assert!(logged.shows("aws_instance.web[47]"));
    golden_of("logs/tables", &mut logged);
    logged.console.resize(80, 24);
    assert!(!logged.shows("ec2 DescribeInstances"));
}

#[test]
fn the_title_says_which_run_the_cursor_is_in() {
    let mut logged = heard();
    assert!(logged.shows("run 2/2 apply"));
    logged.keys("home");
    assert!(logged.shows("run 1/2 plan"));
}

#[test]
fn the_calls_page_counts_errors_throttles_and_percentiles() {
    let mut logged = heard();
    logged.keys("i");
    assert!(logged.shows("ec2.DescribeInstances"));
    assert!(
        logged.shows("RequestLimitExceeded 10"),
        "{}",
        logged.console.text()
    );
    golden_of("logs/calls", &mut logged);
    logged.console.resize(120, 40);
    logged.keys("enter");
    assert!(logged.shows("\"DescribeInstances\""));
    assert!(logged.here().contains("DescribeInstances"));
}

#[test]
fn the_slowest_work_leads_to_its_record() {
    let mut logged = heard();
    logged.keys("L L i tab");
    assert!(logged.shows("running") && logged.shows("aws_vpc.main"));
    logged.keys("enter");
    assert!(
        logged.here().contains("aws_instance.web[47]"),
        "{}",
        logged.console.text()
    );
}

#[test]
fn the_timeline_draws_each_piece_of_work_from_its_beginning_to_its_end() {
    let mut logged = heard();
    logged.keys("i tab tab");
    assert!(logged.shows("█"));
    golden_of("logs/timeline", &mut logged);
}

#[test]
fn the_rate_of_calls_says_when_they_were_throttled() {
    let mut logged = heard();
    logged.keys("i tab tab tab");
    assert!(logged.shows("▲ throttled"));
    golden_of("logs/rate", &mut logged);
}

#[test]
fn a_risky_run_is_remarked_and_its_secrets_are_masked() {
    let mut logged = heard();
    logged.keys("i shift-tab down");
    assert!(logged.shows("-auto-approve -lock=false"));
    assert!(logged.shows("it took no lock"));
    assert!(!logged.shows("hunter2"));
    golden_of("logs/runs", &mut logged);
}

#[test]
fn esc_goes_back_to_the_records() {
    let mut logged = heard();
    logged.keys("i esc");
    assert!(logged.shows("following"));
    assert!(logged.shows("Terraform version"));
}

#[test]
fn a_log_without_calls_opens_on_what_it_tells() {
    let text = record(0, "INFO", " Terraform version: 1.11.4")
        + &record(0, "INFO", " CLI args: []string{\"terraform\", \"plan\"}");
    let mut logged = heard_of(&text);
    logged.keys("i");
    assert!(!logged.shows("no API call here"));
    assert!(logged.shows("plan"));
    logged.keys("tab i i");
    assert!(logged.shows("plan"));
}

#[test]
fn logs_without_calls_say_so() {
    let mut logged = Logged::showing(&[("terraform.log", &record(0, "INFO", " quiet"))]);
    logged.keys("i");
    assert!(logged.shows("no calls, work or runs are known of these logs"));
}
