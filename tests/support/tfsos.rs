//! The built binary, headless or on a pseudo-terminal, with a home of its own
//! and nothing of the environment that the tests run in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;

use super::moto::{REGION, Stores};
use super::screen::Screen;
use super::terraform::{KEY, Locking, credentials};

const BINARY: &str = env!("CARGO_BIN_EXE_tfsos");

/// One command line, ready to be run in a directory.
#[derive(Debug)]
pub struct Tfsos {
    words: Vec<OsString>,
    environment: Vec<(String, String)>,
    home: TempDir,
    directory: PathBuf,
}

/// How a headless command ended and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text on standard output"),
            err: String::from_utf8(output.stderr).expect("text on standard error"),
        }
    }

    /// The one object of `--json`.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

impl Tfsos {
    /// The command line `tfsos WORDS…`, in an empty directory.
    pub fn new(words: &[&str]) -> Self {
        let home = TempDir::new().expect("a temporary directory");
        let directory = home.path().join("work");
        std::fs::create_dir(&directory).expect("a directory");
        let own = [
            ("HOME", home.path().display().to_string()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".to_owned()),
            ("COLORTERM", "truecolor".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let aws = credentials().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            words: words.iter().map(OsString::from).collect(),
            environment: own.into_iter().chain(aws).collect(),
            home,
            directory,
        }
    }

    /// Further words, such as a path.
    #[must_use]
    pub fn word(mut self, word: impl Into<OsString>) -> Self {
        self.words.push(word.into());
        self
    }

    /// Names the state in the emulated S3 by flags.
    #[must_use]
    pub fn at(self, stores: &Stores, locking: Locking) -> Self {
        self.at_through(stores, locking, &stores.endpoint())
    }

    /// The same with another server in the way, or none.
    #[must_use]
    pub fn at_through(self, stores: &Stores, locking: Locking, endpoint: &str) -> Self {
        let mut named = self.bucket(&stores.bucket, endpoint);
        if locking.has_table() {
            named = named.word("--lock-table").word(&stores.table);
        }
        if locking.has_lockfile() {
            named = named.word("--lockfile");
        }
        named
    }

    /// Names the state of any bucket by flags.
    #[must_use]
    pub fn bucket(self, bucket: &str, endpoint: &str) -> Self {
        let words = [
            "--bucket",
            bucket,
            "--key",
            KEY,
            "--region",
            REGION,
            "--endpoint-url",
            endpoint,
        ];
        words.into_iter().fold(self, Self::word)
    }

    /// Runs in another directory than an empty one.
    #[must_use]
    pub fn within(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where the command runs.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The home, where incident folders go.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it without a terminal, to its end.
    pub fn run(&self) -> Said {
        Said::of(self.headless().output().expect("the binary runs"))
    }

    /// The same with the most bytes that it had in memory at a time, as the kernel counts them.
    pub fn measured(&self) -> (Said, usize) {
        let mut command = self.headless();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the binary runs");
        let status = format!("/proc/{}/status", child.id());
        let ended = std::thread::spawn(move || child.wait_with_output());
        let mut peak = 0;
        // The mark only ever rises, and goes with the process.
        while !ended.is_finished() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let mark = mark.and_then(|mark| mark.trim().strip_suffix(" kB")?.parse().ok());
            peak = mark.unwrap_or(peak);
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = ended.join().expect("it was waited for");
        (Said::of(output.expect("its output")), peak * 1024)
    }

    fn headless(&self) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(&self.words)
            .current_dir(&self.directory)
            .stdin(Stdio::null());
        command.env_clear().envs(self.environment.iter().cloned());
        command
    }

    /// Starts it on a terminal of `columns` × `rows`.
    pub fn on_screen(&self, columns: u16, rows: u16) -> Screen {
        let mut program = CommandBuilder::new(BINARY);
        program.args(&self.words);
        program.cwd(&self.directory);
        program.env_clear();
        self.environment
            .iter()
            .for_each(|(name, value)| program.env(name, value));
        Screen::start(program, columns, rows)
    }
}
