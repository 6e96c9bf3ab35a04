//! Signing in again without leaving: the terminal goes to a program, and comes
//! back however that program ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use crate::support::screen::{Exit, Screen};
use crate::support::tfsos::Tfsos;

/// Nothing listens on this port of the loopback.
const NOBODY: &str = "http://127.0.0.1:1";

/// A console whose sign-in asks for a code on the terminal, and keeps what it read.
fn console() -> (Tfsos, Screen) {
    let tfsos = Tfsos::new(&["--lockfile", "--profile", "ops"]).bucket("acme-tfstate", NOBODY);
    let home = tfsos.home().to_owned();
    fs::create_dir_all(home.join(".aws")).unwrap();
    let profile = "[profile ops]\nsso_start_url = https://acme.example/start\n";
    fs::write(home.join(".aws/config"), profile).unwrap();
    let program = home.join("fake-login");
    let script = "#!/bin/sh\nprintf 'code for %s? ' \"$1\"\nread code\necho \"$code\" > \"$HOME/code\"\nexit $code\n";
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(home.join(".config/tfsos")).unwrap();
    let setting = format!(
        "login_command = [\"{}\", \"{{profile}}\"]\n",
        program.display()
    );
    fs::write(home.join(".config/tfsos/config.toml"), setting).unwrap();
    let screen = tfsos.on_screen(100, 30);
    screen.until("the credentials have expired");
    (tfsos, screen)
}

fn quit(screen: &Screen) {
    screen.press("q");
    assert_eq!(screen.exit(), Exit::Code(0));
    screen.assert_given_back();
}

#[test]
fn a_sign_in_reads_the_keyboard_itself_and_the_console_goes_on() {
    let (tfsos, screen) = console();
    screen.press(": l o g i n enter");
    screen.until("code for ops?");
    // Every key goes to the program, none to the console behind it.
    screen.type_text("0");
    screen.press("enter");
    screen.until("signed in");
    screen.until("READ-ONLY");
    assert_eq!(
        fs::read_to_string(tfsos.home().join("code")).unwrap(),
        "0\n"
    );
    screen.press("C");
    screen.until("profile   ops");
    screen.press("esc");
    quit(&screen);
}

#[test]
fn a_sign_in_that_fails_is_read_before_the_console_covers_it() {
    let (_tfsos, screen) = console();
    screen.press("L");
    screen.until("code for ops?");
    screen.type_text("7");
    screen.press("enter");
    screen.until("it ended with status 7");
    screen.until("Enter goes back");
    screen.press("enter");
    screen.until("READ-ONLY");
    quit(&screen);
}

#[test]
fn ctrl_c_ends_the_sign_in_and_not_the_console() {
    let (_tfsos, screen) = console();
    screen.press("L");
    screen.until("code for ops?");
    screen.press("ctrl-c");
    screen.until("ended by a signal");
    screen.press("enter");
    screen.until("READ-ONLY");
    quit(&screen);
}

#[test]
fn a_signal_to_end_during_a_sign_in_gives_the_terminal_back() {
    let (_tfsos, screen) = console();
    screen.press("L");
    screen.until("code for ops?");
    screen.signal(Signal::TERM);
    assert_eq!(screen.exit(), Exit::Code(130));
    screen.assert_given_back();
}
