//! The console on a real terminal: what a person sees first, and that the
//! terminal is given back as it was, however the console ends.

use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use rustix::process::Signal;
use tfsos::cli::complain;
use tfsos::run;

use crate::support::screen::{Exit, Screen};
use crate::support::tfsos::Tfsos;

/// Nothing listens on this port of the loopback.
const NOBODY: &str = "http://127.0.0.1:1";

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
fn an_interrupt_ends_the_console_with_130_and_gives_the_terminal_back() {
    let screen = console();
    screen.press("ctrl-c");
    assert_eq!(screen.exit(), Exit::Code(130));
    screen.assert_given_back();
}

#[test]
fn a_signal_to_end_gives_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let screen = console();
        screen.signal(signal);
        assert_eq!(screen.exit(), Exit::Code(130), "{signal:?}");
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
