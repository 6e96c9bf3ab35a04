//! The pseudo-terminal of the tests sees what it claims to see. Each check
//! runs a few lines of shell, so that it fails with the terminal alone.

use portable_pty::CommandBuilder;
use rustix::process::Signal;

use crate::support::screen::{Exit, Screen};

fn running(script: &str) -> Screen {
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", script]);
    Screen::start(shell, 40, 5)
}

#[test]
fn text_style_keys_and_exit_code_come_through() {
    let screen =
        running(r"printf '\346\227\245 \033[1;31mred\033[0m plain'; read x; echo got $x; exit 3");
    screen.until("red plain");
    let red = screen.look_of("red").unwrap();
    assert_eq!((red.bold, red.foreground), (true, vt100::Color::Idx(1)));
    assert!(!screen.look_of("plain").unwrap().bold);

    screen.press("h i enter");
    screen.until("got hi");
    assert_eq!(screen.exit(), Exit::Code(3));
    screen.assert_given_back();
}

#[test]
#[should_panic(expected = "the screen did not show")]
fn a_text_that_never_comes_fails_as_soon_as_the_program_has_ended() {
    running("echo something else").until("this");
}

#[test]
#[should_panic(expected = "the alternate screen was left on")]
fn an_alternate_screen_that_stays_is_noticed() {
    running(r"printf '\033[?1049h'").assert_given_back();
}

#[test]
#[should_panic(expected = "the cursor was left hidden")]
fn a_cursor_that_stays_hidden_is_noticed() {
    running(r"printf '\033[?25l'").assert_given_back();
}

#[test]
#[should_panic(expected = "the line settings differ")]
fn a_terminal_left_raw_is_noticed() {
    running("stty raw -echo").assert_given_back();
}

#[test]
fn a_resize_and_a_signal_reach_the_program() {
    let screen = running(
        "trap 'stty size' WINCH; trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done",
    );
    screen.until("ready");
    screen.resize(80, 24);
    screen.until("24 80");
    screen.signal(Signal::TERM);
    assert_eq!(screen.exit(), Exit::Code(7));
}

#[test]
fn a_terminal_that_vanishes_hangs_up_on_the_program() {
    let mut screen = running("trap 'exit 9' HUP; echo ready; while :; do read x; done");
    screen.until("ready");
    screen.vanish();
    assert_eq!(screen.exit(), Exit::Code(9));
}
