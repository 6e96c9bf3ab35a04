//! What is wrong, on the first pane: what the open logs tell stands there
//! beside what the place tells, and leads to its record.

use std::sync::Arc;

use tfsos::analysis::{Owned, Searched};
use tfsos::app::effect::Effect;
use tfsos::app::event::Event;
use tfsos::app::pane::PaneId;
use tfsos::app::pane::log::LogJob;
use tfsos::app::pane::{PlaceJob, PlaceNews};
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

const EXISTS: &str = "Error: creating IAM Role (app): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: Role with name app already exists.\n\n  with aws_iam_role.app,\n  on main.tf line 3, in resource \"aws_iam_role\" \"app\":\n";

#[test]
fn whose_it_is_what_exists_already_is_asked_once_and_said_with_the_finding() {
    let mut logged = heard(EXISTS);
    let asked: Vec<_> = logged
        .console
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Place(PlaceJob::Owners { ticket, taken, .. }) => Some((ticket, taken)),
            _ => None,
        })
        .collect();
    let [(ticket, taken)] = &asked[..] else {
        panic!("asked {} times", asked.len());
    };
    let owned = Owned {
        owners: vec![(Some("team-b.tfstate".into()), "aws_iam_role.theirs".into())],
        searched: Some(Searched::States { all: 7, unseen: 0 }),
        ..Owned::default()
    };
    logged.console.hear(Event::Place(PlaceNews::Owned {
        ticket: *ticket,
        outcome: Ok(vec![(taken[0].clone(), owned)]),
    }));
    logged.keys("1 up up up up up up up enter");
    assert!(
        logged.shows("team-b.tfstate owns it, as aws_iam_role.theirs: don't import it"),
        "{}",
        logged.console.text()
    );
    let again = |effect: &Effect| matches!(effect, Effect::Place(PlaceJob::Owners { .. }));
    assert!(!logged.console.effects().iter().any(again));
}
