//! Finding a place in a log and coming back to it: by time, by bookmark, by
//! request, and when the logs are opened again.

use tfsos::log::Session;

use crate::logs::{Logged, golden_of, incident, record};

fn logged() -> Logged {
    Logged::showing(&[("terraform.log", &incident())])
}

/// Goes to what is typed after `t`.
fn go(logged: &mut Logged, text: &str) {
    logged.console.keys("t");
    logged.console.types(text);
    logged.keys("enter");
}

#[test]
fn a_time_of_day_leads_to_the_first_record_from_then_on() {
    let mut logged = logged();
    go(&mut logged, "02:00:30");
    assert!(logged.here().contains("0:31.000 W"));
    go(&mut logged, "02:05");
    assert!(logged.here().contains("vertex"));
}

#[test]
fn a_step_in_time_is_counted_from_the_record_under_the_cursor() {
    let mut logged = logged();
    logged.keys("home");
    go(&mut logged, "+5m");
    assert!(logged.here().contains("vertex"));
    go(&mut logged, "-4m50s");
    assert!(logged.here().contains("Throttling"));
}

#[test]
fn a_share_and_a_line_lead_to_their_record() {
    let mut logged = logged();
    go(&mut logged, "0%");
    assert!(logged.here().contains("Terraform version"));
    go(&mut logged, "100%");
    assert!(logged.here().contains("Uploading"));
    go(&mut logged, "73");
    assert!(logged.here().contains("vertex"), "{}", logged.here());
    go(&mut logged, "3");
    assert!(logged.shows("line 3 is hidden by the level or a filter"));
    go(&mut logged, "5000");
    assert!(logged.shows("the log has 75 lines"));
}

#[test]
fn what_is_no_time_says_what_can_be_typed() {
    let mut logged = logged();
    go(&mut logged, "noon");
    assert!(logged.shows("cannot go to noon"));
}

#[test]
fn a_bookmark_is_marked_visited_and_taken_away() {
    let mut logged = logged();
    logged.keys("home m down down m end up");
    logged.keys("B");
    assert!(logged.here().contains("Throttling"));
    logged.keys("B");
    assert!(logged.here().contains("Terraform version"));
    logged.keys("B");
    assert!(logged.shows("no bookmark above"));
    logged.keys("b");
    assert!(logged.here().contains("Throttling"));
    logged.keys("m");
    assert!(logged.kept().bookmarks.len() == 1);
}

#[test]
fn a_note_stands_beside_its_record_and_in_the_list() {
    let mut logged = logged();
    logged.keys("E");
    logged.console.keys("M");
    logged.console.types("the first failure");
    logged.keys("enter");
    assert!(logged.shows("● the first failure"));
    golden_of("logs/bookmarks", &mut logged);
    logged.console.resize(120, 40);
    logged.keys("end '");
    assert!(logged.shows("02:05:00.000  the first failure"));
    logged.keys("enter");
    assert!(logged.here().contains("vertex"));
}

#[test]
fn a_bookmark_shows_in_the_scroll_bar() {
    let text: String = (0..400).map(|n| record(n, "INFO", " step")).collect();
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    go(&mut logged, "50%");
    logged.keys("m end");
    let bar: Vec<char> = logged
        .console
        .text()
        .lines()
        .filter_map(|row| row.chars().nth(118))
        .collect();
    assert!(bar.contains(&'●'), "{bar:?}");
}

/// Two requests that interleave, most of them quieter than the floor.
fn requests() -> String {
    let line = |second, level, id, text: &str| {
        let name = "provider.terraform-provider-aws_v5.50.0_x5";
        record(
            second,
            level,
            &format!("{name}: {text}: n=1 tf_req_id={id}"),
        )
    };
    record(0, "INFO", " Terraform version: 1.11.4")
        + &line(1, "TRACE", "7c1e-aaaa", "Received request")
        + &line(2, "TRACE", "9d09-bbbb", "Received request")
        + &line(3, "DEBUG", "7c1e-aaaa", "HTTP Request Sent")
        + &line(4, "DEBUG", "9d09-bbbb", "HTTP Request Sent")
        + &line(5, "WARN", " 7c1e-aaaa".trim(), "Throttling")
        + &record(6, "INFO", " the end")
}

#[test]
fn a_request_is_followed_at_every_level_and_esc_comes_back() {
    let mut logged = Logged::showing(&[("terraform.log", &requests())]);
    assert!(logged.shows("req 7c1e-aaaa"));
    logged.keys("W o");
    assert!(logged.shows("request 7c1e-aaaa"));
    assert!(logged.shows("Received request") && logged.shows("HTTP Request Sent"));
    assert!(!logged.shows("9d09") && !logged.shows("the end"));
    assert!(logged.here().contains("Throttling"));
    golden_of("logs/request", &mut logged);
    logged.console.resize(120, 40);
    logged.keys("esc");
    assert!(logged.shows("the end") && !logged.shows("Received request"));
}

#[test]
fn a_record_without_a_request_says_so() {
    let mut logged = Logged::showing(&[("terraform.log", &requests())]);
    logged.keys("o");
    assert!(logged.shows("this record names no request"));
}

/// The look that a person leaves behind.
fn left_behind() -> Session {
    let mut logged = logged();
    logged.console.keys("l f x");
    logged.console.types("dag/walk");
    logged.keys("enter esc");
    logged.search("throttl");
    logged.keys("N m q");
    logged.kept()
}

#[test]
fn a_log_that_is_opened_again_is_as_it_was_left() {
    let session = left_behind();
    let mut logged = logged();
    logged.recall(session);
    assert!(logged.shows("level ≥ WARN · filters 1/1"));
    assert!(logged.shows("\"throttl\" 9/10"));
    assert!(logged.shows("as you left it: 1 filter, 1 bookmark, a search"));
    assert!(logged.shows("paused"));
    assert!(logged.here().contains("Throttling"));
}

#[test]
fn what_the_person_did_meanwhile_is_not_overwritten() {
    let session = left_behind();
    let mut logged = logged();
    logged.keys("l l");
    logged.recall(session);
    assert!(logged.shows("level ≥ ERROR"));
    assert!(!logged.shows("filters"));
}

#[test]
fn nothing_is_kept_of_a_look_that_changed_nothing() {
    let mut logged = logged();
    logged.keys("q");
    let asked = logged.console.effects();
    assert!(
        !asked
            .iter()
            .any(|effect| format!("{effect:?}").contains("Keep"))
    );
}

#[test]
fn no_text_of_a_log_is_kept() {
    let session = serde_json::to_string(&left_behind()).unwrap();
    assert!(!session.contains("Rate exceeded") && !session.contains("2026-"));
}
