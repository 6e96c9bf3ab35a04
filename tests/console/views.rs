//! The log in two views, and the moment in which a masked value is shown.

use tfsos::app::effect::Effect;
use tfsos::app::pane::log::LogJob;

use crate::logs::{Logged, golden_of, record};

const AWS: &str = "provider.terraform-provider-aws_v5.50.0_x5:";

/// The core speaks at even seconds, a provider at odd ones.
fn talk() -> Logged {
    let line = |second: u32| {
        if second.is_multiple_of(2) {
            record(second, "INFO", &format!(" core at {second}"))
        } else {
            record(second, "INFO", &format!(" {AWS} aws at {second}"))
        }
    };
    let text: String = (0..200).map(line).collect();
    Logged::showing(&[("terraform.log", &text)])
}

/// The row of the screen in which a text stands.
fn row_of(logged: &Logged, text: &str) -> Option<usize> {
    let screen = logged.console.text();
    screen.lines().position(|row| row.contains(text))
}

#[test]
fn the_title_names_who_wrote_the_records() {
    assert!(talk().shows("terraform.log  core+aws · level"));
}

#[test]
fn core_and_providers_stand_beside_each_other_at_the_same_moment() {
    let mut logged = talk();
    logged.keys("up s");
    assert!(logged.shows("▸ core") && logged.shows(" aws "));
    let (core, aws) = (
        row_of(&logged, "core at 198"),
        row_of(&logged, "aws at 199"),
    );
    assert!(core.is_some() && core == aws);
    logged.keys("home");
    let (core, aws) = (row_of(&logged, "core at 0"), row_of(&logged, "aws at 1"));
    assert!(core.is_some() && core == aws);
    assert!(!logged.shows("hidden"));
    logged.keys("end up up");
    golden_of("logs/two-views", &mut logged);
}

#[test]
fn tab_takes_the_cursor_to_the_other_view_and_the_first_follows_it() {
    let mut logged = talk();
    logged.keys("s");
    logged.keys("home tab");
    assert!(logged.shows("▸ aws"));
    logged.keys("down down down");
    let screen = logged.console.text();
    let row = screen.lines().find(|row| row.contains("▸02:00:07"));
    let row = row.unwrap_or_else(|| panic!("{screen}"));
    assert!(
        row.contains("core at 8") && row.contains("aws at 7"),
        "{row}"
    );
    logged.keys("left");
    assert!(logged.shows("▸ core"));
}

#[test]
fn what_is_searched_is_found_in_the_view_that_has_the_cursor() {
    let mut logged = talk();
    logged.keys("s home");
    logged.search("at 1");
    // 10, 12 to 18, 100 and so on: the even ones.
    assert!(logged.shows("\"at 1\" 1/55"));
    logged.keys("tab");
    assert!(logged.shows("/56") || logged.shows("56 hits"));
}

#[test]
fn both_views_follow_a_log_that_grows() {
    let mut logged = talk();
    logged.keys("s");
    logged.grow(
        0,
        &(record(300, "INFO", " core at 300")
            + &record(301, "INFO", &format!(" {AWS} aws at 301"))),
    );
    assert!(logged.shows("core at 300") && logged.shows("aws at 301"));
    assert!(logged.shows("following"));
}

#[test]
fn a_narrow_screen_shows_one_view_after_the_other() {
    let mut logged = talk();
    logged.console.resize(80, 24);
    logged.keys("s");
    assert!(logged.shows("core at 198") && !logged.shows("aws at 199"));
    assert!(logged.shows("terraform.log  core ·"));
    logged.keys("s");
    assert!(!logged.shows("core at 198") && logged.shows("aws at 199"));
    logged.keys("s");
    assert!(logged.shows("core at 198") && logged.shows("aws at 199"));
}

#[test]
fn esc_joins_the_views_and_a_filter_holds_in_both() {
    let mut logged = talk();
    logged.keys("f x");
    logged.console.types("/at .*7/");
    logged.keys("enter esc s end");
    assert!(logged.shows("aws at 199") && !logged.shows("aws at 197"));
    assert!(logged.shows("core at 198"));
    logged.keys("esc");
    assert!(!logged.shows("▸ core"));
    assert!(logged.shows("filters 1/1"));
}

#[test]
fn a_view_without_records_says_so() {
    let text: String = (0..9)
        .map(|n| record(n, "INFO", " only the core"))
        .collect();
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    logged.keys("s");
    assert!(logged.shows("nothing of a provider at INFO or above"));
}

fn secret() -> Logged {
    let text = record(1, "INFO", " quiet")
        + &record(2, "INFO", " sent: password=hunter2 tf_req_id=7c1e")
        + &record(3, "INFO", " after");
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    logged.keys("up");
    logged
}

#[test]
fn a_masked_value_is_shown_until_the_next_key_and_the_journal_hears_of_it() {
    let mut logged = secret();
    assert!(!logged.shows("hunter2"));
    logged.console.keys("v");
    let what = logged.console.asked(|effect| match effect {
        Effect::Log(LogJob::Reveal { witness, .. }) => Some(witness.what.clone()),
        _ => None,
    });
    assert_eq!(
        what,
        "the record of 2026-11-22T02:00:02.000Z in terraform.log"
    );
    // Nothing is shown before the journal has it.
    assert!(!logged.shows("hunter2"));
    logged.keys("down up v");
    assert!(logged.shows("hunter2") && logged.shows("SECRETS SHOWN"));
    golden_of("logs/revealed", &mut logged);
    logged.keys("down");
    assert!(!logged.shows("hunter2") && !logged.shows("SECRETS"));
}

#[test]
fn a_revealed_value_is_masked_again_by_itself() {
    let mut logged = secret();
    logged.keys("v");
    assert!(logged.shows("hunter2"));
    logged.console.pass(21);
    assert!(!logged.shows("hunter2"));
}

#[test]
fn a_copy_has_the_secret_only_while_it_is_shown() {
    let mut logged = secret();
    logged.keys("v");
    logged.keys("y");
    assert!(logged.copied().contains("hunter2"));
    assert!(logged.shows("copied the record with its secrets"));
    logged.keys("down up y");
    assert!(!logged.copied().contains("hunter2"));
}

#[test]
fn nothing_is_asked_where_nothing_is_masked_or_the_screen_is_shared() {
    let mut logged = secret();
    logged.keys("up v");
    assert!(logged.shows("nothing is masked in this record"));
    logged.keys("down S v");
    assert!(!logged.shows("hunter2"));
    assert!(logged.shows("the screen is shared"));
}
