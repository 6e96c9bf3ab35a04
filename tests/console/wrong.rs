//! What is wrong, on the first pane: what the open logs tell stands there
//! beside what the place tells, and leads to its record.

use std::sync::Arc;

use tfsos::app::effect::Effect;
use tfsos::app::pane::PaneId;
use tfsos::app::pane::log::LogJob;
use tfsos::log::{Feed, Hearing};

use crate::logs::Logged;

const DENIED: &str = include_str!("../fixtures/log/denied.log");
const HEALTHY: &str = include_str!("../fixtures/log/apply-trace.log");

/// The console after a log was heard to its end.
fn heard(text: &str) -> Logged {
    let mut logged = Logged::showing(&[("terraform.log", text)]);
    tell(&mut logged, text);
    logged
}

fn tell(logged: &mut Logged, text: &str) {
    let mut hearing = Hearing::default();
    hearing.feed(text.as_bytes());
    logged.fed(0, Feed::Heard(Arc::new(hearing.finish().account)));
    logged.settle();
}

#[test]
fn what_a_log_tells_stands_on_the_first_pane_and_leads_to_its_record() {
    let mut logged = heard(DENIED);
    logged.keys("1");
    assert!(
        logged.shows("access denied: s3:PutObject on arn:aws:s3:::tf-lab-state"),
        "{}",
        logged.console.text()
    );
    logged.keys("up up up up up up up enter");
    assert!(logged.shows("What it rests on") && logged.shows("terraform.log:1"));
    assert!(logged.shows("r opens the runbook provider-auth"));
    logged.keys("enter");
    assert_eq!(logged.console.app.focus, PaneId::Logs);
    assert!(
        logged.here().contains("PutObject"),
        "{}",
        logged.console.text()
    );
}

#[test]
fn a_log_without_trouble_asks_for_nothing_and_says_nothing() {
    let mut logged = heard(HEALTHY);
    let judges = |effect: &Effect| matches!(effect, Effect::Log(LogJob::Judge { .. }));
    assert!(!logged.console.effects().iter().any(judges));
    logged.keys("1");
    assert!(!logged.shows("What is wrong"), "{}", logged.console.text());
}

#[test]
fn a_new_run_in_the_log_takes_the_findings_of_the_one_before_away() {
    let mut logged = heard(DENIED);
    let more = "2026-11-22T21:00:00.000Z [INFO]  Terraform version: 1.11.4\n";
    logged.grow(0, more);
    tell(&mut logged, &format!("{DENIED}{more}"));
    logged.keys("1");
    assert!(!logged.shows("access denied"), "{}", logged.console.text());
}
