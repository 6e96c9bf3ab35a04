//! What a person hides and shows of a log: the stack of filters, the sources.

use tfsos::app::effect::Effect;
use tfsos::app::pane::log::{LogJob, Selection};
use tfsos::log::Level;

use crate::logs::{Logged, golden_of, incident, record};

/// The incident, all levels of it, with this filter.
fn filtered(key: &str, text: &str) -> Logged {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("L L f");
    add(&mut logged, key, text);
    logged
}

/// Adds a filter while the sheet is open.
fn add(logged: &mut Logged, key: &str, text: &str) {
    logged.console.keys(key);
    logged.console.types(text);
    logged.keys("enter");
}

#[test]
fn an_exclude_hides_its_records_and_says_how_many() {
    let mut logged = filtered("x", "HTTP Request");
    assert!(logged.shows("hides 60"));
    logged.keys("esc");
    assert!(logged.shows("filters 1/1 · 60 hidden"));
    assert!(!logged.shows("HTTP Request Sent"));
    logged.keys("f");
    add(&mut logged, "i", "/throttl|vertex/");
    golden_of("logs/filters", &mut logged);
}

#[test]
fn a_filter_is_turned_off_and_on_again() {
    let mut logged = filtered("i", "vertex");
    logged.keys("esc");
    assert!(logged.shows("filters 1/1 · 72 hidden"));
    logged.keys("f space esc");
    assert!(logged.shows("filters 0/1"));
    assert!(!logged.shows("hidden"));
    logged.keys("f space esc");
    assert!(logged.shows("filters 1/1 · 72 hidden"));
}

#[test]
fn a_changed_filter_takes_the_place_of_the_old_one_and_a_deleted_one_is_gone() {
    let mut logged = filtered("x", "Throttling");
    logged.console.keys("enter ctrl-u");
    logged.console.types("vertex");
    logged.keys("enter");
    assert!(logged.shows("− vertex") && logged.shows("hides 1"));
    logged.keys("d esc");
    assert!(!logged.shows("filters"));
}

#[test]
fn a_filter_that_is_no_pattern_says_so_in_its_line_and_hides_nothing() {
    let mut logged = filtered("x", "/(/");
    assert!(logged.shows("✖ unclosed group"));
    logged.keys("esc");
    assert!(logged.shows("filters 0/1"));
    assert!(!logged.shows("hidden"));
}

#[test]
fn a_record_that_arrives_goes_through_the_filters_too() {
    let mut logged = filtered("x", "dag/walk");
    logged.keys("esc");
    logged.grow(0, &record(400, "INFO", " dag/walk: vertex is waiting"));
    logged.grow(0, &record(401, "INFO", " a zebra"));
    assert!(logged.here().contains("zebra"));
    assert!(!logged.shows("is waiting"));
    assert!(logged.shows("1 hidden"));
}

#[test]
fn a_line_that_comes_later_hides_the_record_that_it_belongs_to() {
    let mut logged = filtered("x", "afterthought");
    logged.keys("esc");
    logged.grow(0, &record(400, "INFO", " a zebra"));
    assert!(logged.shows("zebra"));
    logged.grow(0, "  an afterthought\n");
    assert!(!logged.shows("zebra"));
}

#[test]
fn what_was_shown_stays_until_a_change_is_judged_and_esc_leaves_the_change() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.console.keys("L L f x v enter esc");
    assert!(logged.shows("⟳ filtering 0 %"));
    assert!(logged.shows("vertex"));
    logged.console.keys("esc");
    assert!(!logged.shows("filters"));
    logged.settle();
    assert!(logged.shows("vertex"));
}

#[test]
fn hits_are_counted_among_what_is_shown() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("home");
    logged.search("throttl");
    assert!(logged.shows("\"throttl\" 1/10"));
    logged.keys("f");
    add(&mut logged, "x", "vertex");
    logged.keys("esc");
    assert!(logged.shows("\"throttl\" 1/9"));
}

#[test]
fn the_core_and_the_providers_are_looked_at_apart() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.console.resize(80, 24);
    logged.keys("L L s");
    assert!(logged.shows("terraform.log  core"));
    assert!(!logged.shows("HTTP Request Sent"));
    logged.keys("s home");
    assert!(logged.shows("terraform.log  aws"));
    assert!(logged.shows("HTTP Request Sent") && !logged.shows("Terraform version"));
    logged.keys("s up");
    assert!(logged.here().contains("CLI args"));
}

#[test]
fn a_source_is_hidden_from_the_list() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("f down down space esc");
    assert!(logged.shows("core+provider+provisioner+run output"));
    assert!(!logged.shows("Uploading remote state"));
}

#[test]
fn nothing_left_by_the_filters_says_so() {
    let mut logged = filtered("i", "no such thing");
    logged.keys("esc");
    assert!(logged.shows("nothing at TRACE or above passes the filters"));
}

#[test]
fn a_log_that_grows_is_judged_by_one_job_at_a_time() {
    let mut logged = filtered("x", "dag/walk");
    for n in 0..5 {
        logged.grow_unanswered(0, &record(400 + n, "INFO", " more"));
    }
    let asked = logged.console.effects();
    let judged = asked
        .iter()
        .filter(|effect| matches!(effect, Effect::Log(LogJob::Sift { .. })));
    assert_eq!(judged.count(), 1);
}

#[test]
fn nine_filters_are_the_most() {
    let mut logged = filtered("x", "a0");
    for n in 1..9 {
        add(&mut logged, "x", &format!("a{n}"));
    }
    logged.keys("x");
    assert!(logged.shows("9 filters are the most"));
}

#[test]
fn one_kind_of_trouble_is_shown_alone() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("f");
    // Past the sources, to the sixth kind of trouble.
    logged.keys(&"down ".repeat(11));
    logged.keys("space esc");
    assert!(logged.shows("only throttling"), "{}", logged.console.text());
    assert!(logged.shows("Throttling: Rate exceeded"));
    assert!(!logged.shows("Terraform version"));
}

/// The answer to a job that was asked.
fn exported(logged: &mut Logged) -> (std::path::PathBuf, Selection) {
    logged.console.asked(|effect| match effect {
        Effect::Log(LogJob::Export {
            path, selection, ..
        }) => Some((path.clone(), (**selection).clone())),
        _ => None,
    })
}

#[test]
fn an_export_takes_what_is_shown_and_a_path() {
    let mut logged = filtered("x", "HTTP Request");
    logged.keys("esc x");
    assert!(logged.shows("export 13 records to terraform-shown.txt"));
    logged.console.keys("ctrl-u");
    logged.console.types("/tmp/night.txt");
    logged.keys("enter");
    let (path, selection) = exported(&mut logged);
    assert_eq!(path.to_str(), Some("/tmp/night.txt"));
    assert_eq!(selection.sieve.filters[0].typed, "HTTP Request");
    assert_eq!(selection.floor, Level::Trace);
}

#[test]
fn an_export_without_a_path_writes_nothing() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.console.keys("x ctrl-u enter");
    let asked = logged.console.effects();
    let export = |effect: &Effect| matches!(effect, Effect::Log(LogJob::Export { .. }));
    assert!(!asked.iter().any(export));
}
