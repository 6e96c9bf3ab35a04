//! Whole processes side by side, turn by turn.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each is run.
const TURNS: usize = 11;

/// A program and what it is asked.
#[derive(Debug, Clone)]
pub struct Peer {
    name: &'static str,
    words: Vec<OsString>,
}

impl Peer {
    pub fn new(name: &'static str, program: impl Into<OsString>) -> Self {
        let words = vec![program.into()];
        Self { name, words }
    }

    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(word.as_ref().to_owned());
        self
    }

    pub fn on_one_core(mut self) -> Self {
        let pinned = ["taskset", "-c", "0"].map(OsString::from);
        self.words.splice(0..0, pinned);
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null());
        command
    }

    pub fn output(&self) -> String {
        let output = self.command().output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn time(&self) -> Duration {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        command.status().unwrap();
        began.elapsed()
    }
}

/// One run of each, one right after the other.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    ours: Duration,
    theirs: Duration,
}

impl Turn {
    /// The medians, their ratio, and whether the aim holds.
    pub fn say(what: &str, (peer, turns): &(&'static str, Vec<Self>), aim: f64) {
        let ours = median(turns.iter().map(|turn| turn.ours));
        let theirs = median(turns.iter().map(|turn| turn.theirs));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let holds = if ratio <= aim { "holds" } else { "MISSED" };
        println!(
            "{what:<38} {:>7.1} ms   {peer} {:>7.1} ms   {ratio:.2} x   (at most {aim:.3} x: {holds})",
            ours.as_secs_f64() * 1e3,
            theirs.as_secs_f64() * 1e3,
        );
    }
}

pub fn turns(ours: &Peer, theirs: &Peer) -> (&'static str, Vec<Turn>) {
    compared(ours, theirs, TURNS)
}

/// As [`turns`], where ours says itself how many microseconds it took.
pub fn turns_as_told(ours: &Peer, row_name: &str, theirs: &Peer) -> (&'static str, Vec<Turn>) {
    let turn = |_| Turn {
        ours: Duration::from_micros(row(&ours.output(), row_name).parse().unwrap()),
        theirs: theirs.time(),
    };
    (theirs.name, (0..TURNS).map(turn).collect())
}

/// For a peer that takes seconds.
pub fn few_turns(ours: &Peer, theirs: &Peer) -> (&'static str, Vec<Turn>) {
    compared(ours, theirs, 3)
}

fn compared(ours: &Peer, theirs: &Peer, count: usize) -> (&'static str, Vec<Turn>) {
    let turn = |_| Turn {
        ours: ours.time(),
        theirs: theirs.time(),
    };
    (theirs.name, (0..count).map(turn).collect())
}

pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The value of a `name value` row.
pub fn row<'a>(text: &'a str, name: &str) -> &'a str {
    let rows = text.lines().filter_map(|row| row.split_once(' '));
    rows.into_iter()
        .find(|row| row.0 == name)
        .map_or("", |row| row.1)
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_tfsos"));
    binary
        .parent()
        .and_then(|profile| profile.parent())
        .unwrap()
        .to_owned()
}

/// ripgrep 15: the one on the path if it is that, else one that is built under `target`.
pub fn ripgrep() -> PathBuf {
    let ours = target().join("peers/bin/rg");
    for candidate in [ours.clone(), PathBuf::from("rg")] {
        if version(&candidate).is_some_and(|text| text.starts_with("ripgrep 15.")) {
            return candidate;
        }
    }
    println!("building ripgrep 15 under {}", target().display());
    let built = Command::new(env!("CARGO"))
        .args([
            "install",
            "ripgrep",
            "--version",
            "15.*",
            "--locked",
            "--root",
        ])
        .arg(target().join("peers"))
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "cannot build ripgrep 15"
    );
    ours
}

pub fn lnav() -> Option<PathBuf> {
    let lnav = PathBuf::from("lnav");
    version(&lnav).map(|_| lnav)
}

fn version(program: &PathBuf) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
