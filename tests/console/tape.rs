//! The tape of the demo, read as VHS reads it and played on a pseudo-terminal.
//! It can't show what the console no longer does: every `Wait+Screen` is
//! waited for, and a `Sleep`, which is for people, is not.

use portable_pty::CommandBuilder;
use regex::Regex;
use rustix::process::Signal;

use crate::support::keys::key_bytes;
use crate::support::screen::{Exit, Screen};
use crate::support::tfsos::Tfsos;

const TAPE: &str = include_str!("../../demo.tape");

/// One command of a tape.
#[derive(Debug)]
enum Command {
    /// What only a recording needs.
    Recording,
    Type(String),
    /// What a terminal sends for a key, as often as it is pressed.
    Keys(String),
    WaitScreen(Regex),
    Sleep,
}

/// Every setting that the tape may use; VHS refuses a tape with an unknown one.
const SETTINGS: [&str; 9] = [
    "Shell",
    "FontSize",
    "Width",
    "Height",
    "Padding",
    "Theme",
    "TypingSpeed",
    "PlaybackSpeed",
    "WaitTimeout",
];

fn commands(tape: &str) -> Vec<Command> {
    let lines = tape.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(command)
        .collect()
}

fn command(line: &str) -> Command {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "Output" | "Require" if !rest.is_empty() => Command::Recording,
        "Hide" | "Show" => Command::Recording,
        "Set" => {
            let name = rest.split(' ').next().unwrap();
            assert!(SETTINGS.contains(&name), "no setting is called {name}");
            Command::Recording
        }
        "Sleep" => Command::Sleep,
        "Type" => Command::Type(quoted(rest).to_owned()),
        "Wait+Screen" => {
            // VHS reads up to the next slash; it knows no escape for one.
            let regex = rest
                .strip_prefix('/')
                .and_then(|rest| rest.strip_suffix('/'));
            let regex = regex.filter(|regex| !regex.contains('/')).expect(line);
            Command::WaitScreen(Regex::new(regex).unwrap())
        }
        key => Command::Keys(key_bytes(&named(key)).repeat(times(rest))),
    }
}

/// A text between one of VHS's three kinds of quotes, which knows no escapes.
fn quoted(text: &str) -> &str {
    let quote = text.chars().next().filter(|quote| "\"'`".contains(*quote));
    let inner = quote.and_then(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or_else(|| panic!("{text} is not quoted"))
}

fn times(text: &str) -> usize {
    match text {
        "" => 1,
        number => number.parse().unwrap(),
    }
}

/// The name under which the footer knows a key of VHS.
fn named(key: &str) -> String {
    let known = [
        ("Enter", "enter"),
        ("Escape", "esc"),
        ("Tab", "tab"),
        ("Space", "space"),
        ("Backspace", "backspace"),
        ("Up", "up"),
        ("Down", "down"),
        ("Left", "left"),
        ("Right", "right"),
        ("PageUp", "pgup"),
        ("PageDown", "pgdn"),
    ];
    if let Some(letter) = key.strip_prefix("Ctrl+") {
        return format!("ctrl-{}", letter.to_lowercase());
    }
    let found = known.iter().find(|(name, _)| *name == key);
    found
        .unwrap_or_else(|| panic!("VHS knows no command {key}"))
        .1
        .to_owned()
}

/// A plain shell in which `tfsos` is the binary under test.
fn shell(home: &std::path::Path) -> CommandBuilder {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_tfsos"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut shell = CommandBuilder::new("sh");
    shell.env_clear();
    for (name, value) in [
        ("PATH", path.as_str()),
        ("HOME", &home.display().to_string()),
        ("TMPDIR", &home.display().to_string()),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("PS1", "$ "),
    ] {
        shell.env(name, value);
    }
    shell.cwd(home);
    shell
}

fn play(commands: &[Command], screen: &Screen) {
    for command in commands {
        match command {
            Command::Recording | Command::Sleep => {}
            Command::Type(text) | Command::Keys(text) => screen.type_text(text),
            Command::WaitScreen(regex) => {
                screen.until_screen(&format!("match {regex}"), |screen| {
                    regex.is_match(&screen.contents())
                });
            }
        }
    }
}

#[test]
fn the_tape_shows_the_incident_solved() {
    let home = tempfile::tempdir().unwrap();
    let screen = Screen::start(shell(home.path()), 120, 36);
    screen.until("$ ");
    play(&commands(TAPE), &screen);
    screen.until_screen("come back to the shell", |screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with("\n$")
    });
    screen.type_text("exit $?\r");
    assert_eq!(screen.exit(), Exit::Code(0));
    screen.assert_given_back();
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "the demo left {left:?} behind");
}

#[test]
fn a_demo_that_a_signal_ends_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Tfsos::new(&["demo"]).env("TMPDIR", &folder.path().display().to_string());
    let screen = demo.on_screen(120, 36);
    screen.until("STALE");
    screen.signal(Signal::TERM);
    assert_eq!(screen.exit(), Exit::Code(130));
    screen.assert_given_back();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_demo_without_a_terminal_is_a_usage_error() {
    let said = Tfsos::new(&["demo"]).run();
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("not a terminal"), "{}", said.err);
}

#[test]
#[should_panic(expected = "VHS knows no command Press")]
fn a_command_that_vhs_does_not_know_is_refused() {
    commands("Press Enter");
}
