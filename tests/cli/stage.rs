//! A sandbox with a lock in it, and the command lines that are tried on it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tfsos::io::sandbox::Builder;
use tfsos::lock::{Body, Store};
use tfsos::place::Sandbox;

pub const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
pub const OTHER: &str = "b2c3d4e5-f6a7-8901-bcde-f12345678901";
pub const STATE: &[u8] =
    br#"{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"l","outputs":{},"resources":[]}"#;
/// No test of ours takes so long; it only ends one that would never.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which stores the sandbox locks in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    DynamoDb,
    Both,
}

/// A sandbox, and a home for the incidents of what is done to it.
#[derive(Debug)]
pub struct Stage {
    home: TempDir,
    pub builder: Builder,
}

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Each store with what became of it.
    pub fn stores(&self) -> Vec<(String, String)> {
        let json = self.json();
        let stores = json["stores"].as_array().unwrap().iter();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        stores
            .map(|one| (word(&one["store"]), word(&one["outcome"])))
            .collect()
    }
}

pub fn body(id: &str) -> Body {
    let info = format!(
        r#"{{"ID":"{id}","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-01-02T03:04:05.6Z","Path":"tfb/net/terraform.tfstate"}}"#
    );
    Body::Bytes(info.into_bytes())
}

pub fn at() -> Timestamp {
    "2026-01-02T03:00:00Z".parse().unwrap()
}

impl Stage {
    /// A whole state, and nothing locked.
    pub fn new(stores: Stores) -> Self {
        let home = TempDir::new().unwrap();
        let builder = Builder::create(Sandbox {
            root: home.path().join("net"),
            bucket: "tfb".into(),
            key: "net/terraform.tfstate".into(),
            table: Some("tf-locks".into()),
            use_lockfile: stores == Stores::Both,
            region: "eu-west-1".into(),
        })
        .unwrap();
        builder.applied(STATE, at()).unwrap();
        Self { home, builder }
    }

    /// The same with the lock `ID` in every store.
    pub fn locked(stores: Stores) -> Self {
        let stage = Self::new(stores);
        if stores == Stores::Both {
            stage.builder.lock(Store::S3, &body(ID), at()).unwrap();
        }
        stage
            .builder
            .lock(Store::DynamoDb, &body(ID), at())
            .unwrap();
        stage
    }

    pub fn dir(&self) -> &Path {
        self.builder.root()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
        command
            .args(words)
            .arg(self.dir())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs `tfsos WORDS… DIR` to its end.
    pub fn tfsos(&self, words: &[&str]) -> Said {
        said(self.command(words).output().unwrap())
    }

    /// `tfsos unlock ID DIR --yes ID --json`, with more words before DIR.
    pub fn unlock(&self, more: &[&str]) -> Said {
        self.tfsos(&[&["unlock", ID, "--yes", ID, "--json"], more].concat())
    }

    /// The same, started and not waited for.
    pub fn unlocking(&self) -> Running {
        let words = ["unlock", ID, "--yes", ID, "--json"];
        Running(self.command(&words).spawn().unwrap())
    }

    /// How many items hold a lock, as `tfsos locks` sees them.
    pub fn held(&self) -> usize {
        let json = self.tfsos(&["locks", "--json"]).json();
        json["locks"].as_array().unwrap().len()
    }

    /// How many items hold a lock, where no command would answer.
    pub fn held_as_stored(&self) -> usize {
        let table = std::fs::read_to_string(self.dir().join("table/items.json")).unwrap();
        let bucket = std::fs::read_to_string(self.dir().join("bucket/index.json")).unwrap();
        table.matches("\"Info\"").count() + bucket.matches(".tflock\"").count()
    }

    /// Writes the file of the settings.
    pub fn configure(&self, text: &str) {
        let folder = self.home.path().join(".config/tfsos");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// Keeps everybody from writing to `bucket` or `table`, until it is dropped.
    pub fn hold(&self, half: &str) -> File {
        let guard = self.dir().join(half).join("guard");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(guard)
            .unwrap();
        file.lock().unwrap();
        file
    }

    fn incidents(&self) -> PathBuf {
        self.home.path().join(".local/state/tfsos/incidents")
    }

    /// The text of every journal.
    pub fn journals(&self) -> Vec<String> {
        let folders = std::fs::read_dir(self.incidents());
        let folders = folders.into_iter().flatten().flatten();
        folders
            .filter_map(|folder| std::fs::read_to_string(folder.path().join("journal.jsonl")).ok())
            .collect()
    }

    /// Waits until the journals hold this text so many times.
    pub fn until_journaled(&self, text: &str, times: usize) {
        let started = Instant::now();
        while self.journals().concat().matches(text).count() < times {
            assert!(started.elapsed() < PATIENCE, "never journaled: {text}");
            std::thread::yield_now();
        }
    }

    /// Leaves the first half of a line at the end of the journal, as a kill would.
    pub fn tear_journal(&self) {
        let folder = std::fs::read_dir(self.incidents()).unwrap().next();
        let journal = folder.unwrap().unwrap().path().join("journal.jsonl");
        let mut file = OpenOptions::new().append(true).open(journal).unwrap();
        file.write_all(b"{\"seq\":9,\"at\":\"2026").unwrap();
    }

    /// Puts a file where the folder of the incidents would have to be.
    pub fn block_journals(&self) {
        let folder = self.incidents();
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        std::fs::write(folder, b"").unwrap();
    }

    /// Changes the text of the only journal.
    pub fn edit_journal(&self, from: &str, to: &str) {
        let folder = std::fs::read_dir(self.incidents()).unwrap().next();
        let journal = folder.unwrap().unwrap().path().join("journal.jsonl");
        let text = std::fs::read_to_string(&journal).unwrap();
        std::fs::write(journal, text.replace(from, to)).unwrap();
    }

    /// Runs `tfsos journal WORDS…` to its end.
    pub fn journal(&self, words: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
        command
            .arg("journal")
            .args(words)
            .env_clear()
            .env("HOME", self.home.path());
        said(command.output().unwrap())
    }

    /// What `tfsos journal verify` says of the incidents here.
    pub fn verified(&self) -> Said {
        self.journal(&["verify", "--json"])
    }
}

/// A command that runs.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    pub fn new(child: Child) -> Self {
        Self(child)
    }

    /// Sends a signal and waits until it was heard.
    pub fn signal(&mut self, signal: Signal) {
        let id = i32::try_from(self.0.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"the running step is finished\n") {
            let err = self.0.stderr.as_mut().unwrap();
            assert_eq!(err.read(&mut byte).unwrap(), 1, "ended without an answer");
            answer.push(byte[0]);
        }
    }

    /// As `kill -9`: nothing more of it runs.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn end(self) -> Said {
        said(self.0.wait_with_output().unwrap())
    }
}

pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
