//! The console on a real terminal: what a person sees first, and that the
//! terminal is given back as it was, however the console ends.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use portable_pty::CommandBuilder;
use rustix::process::Signal;
use serde_json::json;
use tfsos::cli::complain;
use tfsos::run;

use crate::support::moto::{Moto, Stores};
use crate::support::screen::{Exit, Screen};
use crate::support::terraform::{KEY, Locking};
use crate::support::tfsos::Tfsos;

/// Nothing listens on this port of the loopback.
const NOBODY: &str = "http://127.0.0.1:1";
const ID: &str = "11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e";

fn console() -> Screen {
    let screen = Tfsos::new(&[]).on_screen(80, 24);
    screen.until("At a glance");
    screen
}

#[test]
fn an_endpoint_that_nobody_answers_is_told_in_its_pane_and_the_others_go_on() {
    let screen = Tfsos::new(&["--lockfile"])
        .bucket("acme-tfstate", NOBODY)
        .on_screen(120, 40);
    screen.until("READ-ONLY");
    screen.press("4");
    screen.until("cannot ");
    screen.press("1");
    screen.until("At a glance");
    screen.press("q");
    assert_eq!(screen.exit(), Exit::Code(0));
    screen.assert_given_back();
}

#[test]
fn a_tiny_terminal_says_how_large_it_should_be_and_grows() {
    let screen = Tfsos::new(&[]).on_screen(20, 5);
    screen.until("40×12 or more");
    screen.resize(80, 24);
    screen.until("At a glance");
    screen.resize(20, 5);
    screen.until("40×12 or more");
    screen.press("q");
    assert_eq!(screen.exit(), Exit::Code(0));
    screen.assert_given_back();
}

#[test]
fn a_console_that_was_stopped_goes_on_where_it_was() {
    let screen = console();
    screen.press("?");
    screen.until("enter do it");
    screen.press("ctrl-z");
    screen.press("esc");
    screen.until_gone("enter do it");
    screen.until("At a glance");
    screen.press("q");
    assert_eq!(screen.exit(), Exit::Code(0));
    screen.assert_given_back();
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert_eq!(
        raw.matches("\x1b[?1049h").count(),
        2,
        "taken, and taken again"
    );
}

#[test]
fn a_key_or_a_signal_to_end_gives_the_terminal_back() {
    let by_key = console();
    by_key.press("ctrl-c");
    let by_signal = [Signal::TERM, Signal::HUP, Signal::INT].map(|signal| {
        let screen = console();
        screen.signal(signal);
        screen
    });
    for screen in by_signal.iter().chain([&by_key]) {
        assert_eq!(screen.exit(), Exit::Code(130));
        screen.assert_given_back();
    }
}

#[test]
fn a_terminal_that_vanishes_takes_the_console_with_it_within_a_second() {
    let promise = Duration::from_secs(1);
    // A busy machine may delay one; it cannot delay all of them unless we do.
    let quickest = (0..3).map(|_| {
        let mut screen = console();
        let gone = Instant::now();
        screen.vanish();
        screen.exit();
        gone.elapsed()
    });
    let quickest = quickest.min().unwrap();
    assert!(
        quickest < promise,
        "the process outlived its terminal by {quickest:?}"
    );
}

#[test]
fn a_panic_of_the_console_gives_the_terminal_back_and_says_what_next() {
    let mut program = CommandBuilder::new(std::env::current_exe().unwrap());
    program.args(["--ignored", "--exact", "terminal::panics", "--nocapture"]);
    let screen = Screen::start(program, 100, 24);
    screen.exit();
    screen.assert_given_back();
    let said = screen.contents();
    assert!(said.contains("it stopped at an internal error"), "{said}");
    assert!(said.contains("a pane that is not there"), "{said}");
    assert!(said.contains("tfsos journal list"), "{said}");
}

#[test]
#[ignore = "the program of the test above, which runs it on a terminal of its own"]
fn panics() {
    let fault = run::on_terminal(|_guard| panic!("a pane that is not there")).unwrap_err();
    complain(&fault);
}

/// A sound state that was there before the lock, which both stores hold.
fn locked() -> (Stores, String) {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, include_bytes!("../fixtures/state/awkward.tfstate"));
    let row = format!("{}/{KEY}", stores.bucket);
    let lock = json!({
        "ID": ID, "Operation": "OperationTypeApply", "Info": "", "Who": "ci@runner-12",
        "Version": "1.11.4", "Created": Timestamp::now().to_string(), "Path": row,
    });
    stores.put_object(&format!("{KEY}.tflock"), lock.to_string().as_bytes());
    stores.put_item(&json!({"LockID": {"S": row}, "Info": {"S": lock.to_string()}}));
    (stores, row)
}

#[test]
fn a_lock_is_released_in_both_stores_by_what_is_typed() {
    let (stores, row) = locked();
    let tfsos = Tfsos::new(&[]).at(&stores, Locking::Both);
    let screen = tfsos.on_screen(120, 40);
    screen.press("4");
    screen.until("11b9b0f6");
    screen.press("A");
    screen.until("type the place's name");
    screen.type_text("network");
    screen.press("enter");
    screen.until("ARMED");
    assert_eq!(stores.writes(), [], "arming writes nothing");

    screen.press("U");
    screen.until("type the first 8 characters of the id");
    screen.type_text("11b9b0f6");
    screen.press("enter");
    // It was taken a moment ago: its holder may well be alive.
    screen.type_text("release a live lock");
    screen.press("enter enter");
    screen.until("✔ released");
    assert_eq!(
        (stores.item(&row), stores.keys()),
        (None, vec![KEY.to_owned()])
    );
}

#[test]
fn read_only_no_key_gets_a_write_through() {
    let (stores, row) = locked();
    let tfsos = Tfsos::new(&["--read-only"]).at(&stores, Locking::Both);
    let screen = tfsos.on_screen(120, 40);
    screen.press("4");
    screen.until("11b9b0f6");
    // The panes that write; the model's own journey tries the others.
    for pane in ["3", "4"] {
        screen.press(pane);
        for key in (b'!'..=b'~')
            .map(char::from)
            .filter(|key| !"q12567".contains(*key))
        {
            screen.press(&format!("{key} enter"));
            for typed in ["network", "11b9b0f6", "release a live lock"] {
                screen.type_text(typed);
                screen.press("enter");
            }
            screen.press("enter esc esc esc");
        }
    }
    screen.press("ctrl-c");
    assert_eq!(screen.exit(), Exit::Code(130));
    assert_eq!(stores.writes(), []);
    assert!(stores.item(&row).is_some());
}

#[test]
fn a_long_paste_does_not_stop_the_keys_that_follow_it() {
    let screen = console();
    // Many times what the terminal holds for us, as a clipboard with a log in it is.
    screen.type_text(&format!(
        "\x1b[200~{}\x1b[201~",
        "all of the log ".repeat(4000)
    ));
    screen.press("4 1 ctrl-c");
    assert_eq!(screen.exit(), Exit::Code(130));
    screen.assert_given_back();
}
