//! What one step of a run has gathered: its status and time, notes, evidence
//! from other panes, and the commands that were run in it. All of it is bounded
//! and masked before it comes here, because it is kept on disk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes of one piece of evidence.
const MOST_EVIDENCE: usize = 2 * 1024;
/// Commands that a step remembers.
const MOST_RAN: usize = 8;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Todo,
    Doing,
    Done,
    Skipped,
    Failed,
}

impl Status {
    /// Whether there is nothing more to do in the step.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Failed)
    }
}

/// Something that a person wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub text: String,
}

/// Something that was seen in another pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub at: Timestamp,
    /// Where it stands: a file and its line, a version, a store and its key, the id of a finding.
    pub subject: String,
    /// What it says, masked, and cut where it is long.
    pub text: String,
}

/// A command that was run, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    pub at: Timestamp,
    /// Exactly as it was run.
    pub command: String,
    pub ended: Ended,
    /// Why it was stopped, if it did not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    pub seconds: i64,
    /// What it printed, masked; the middle of a long one is left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    Exit(i32),
    Signal(i32),
}

/// Why a command was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// By the person who ran it.
    Asked,
    /// Its time was over.
    Late,
    /// The console ended.
    Left,
}

/// One step's part of a progress.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Track {
    /// The title of the step, by which it is found again.
    pub title: String,
    #[serde(default)]
    pub status: Status,
    /// Seconds spent before the clock was last started.
    #[serde(default)]
    seconds: i64,
    /// When the clock was started, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What was pinned from other panes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The commands that were run here, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ran: Vec<Ran>,
}

impl Track {
    pub(super) fn of(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::default()
        }
    }

    /// Seconds spent on the step until now. A clock that was set back counts nothing.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        let running = self
            .since
            .map_or(0, |since| now.duration_since(since).as_secs().max(0));
        self.seconds.saturating_add(running).max(0)
    }

    pub(super) fn start(&mut self, now: Timestamp) {
        self.status = Status::Doing;
        self.since = Some(now);
    }

    pub(super) fn stop(&mut self, status: Status, now: Timestamp) {
        self.seconds = self.seconds(now);
        self.since = None;
        self.status = status;
    }

    /// Stands the clock still without counting what it had run.
    pub(super) fn forget_clock(&mut self) {
        self.since = None;
    }

    pub(super) fn keep(&mut self, ran: Ran) {
        self.ran.push(ran);
        let many = self.ran.len().saturating_sub(MOST_RAN);
        self.ran.drain(..many);
    }
}

impl Evidence {
    /// What was seen; a long text is cut.
    pub fn new(at: Timestamp, subject: impl Into<String>, text: &str) -> Self {
        let end = text.floor_char_boundary(MOST_EVIDENCE);
        let more = if end < text.len() { "…" } else { "" };
        Self {
            at,
            subject: subject.into(),
            text: format!("{}{more}", &text[..end]),
        }
    }
}

impl Ran {
    pub(super) fn forget_output(&mut self) {
        self.output.clear();
    }

    /// How it ended, in a few words.
    pub fn ending(&self) -> String {
        let how = match self.ended {
            Ended::Exit(code) => format!("exit code {code}"),
            Ended::Signal(2) => "ended by SIGINT".to_owned(),
            Ended::Signal(15) => "ended by SIGTERM".to_owned(),
            Ended::Signal(9) => "ended by SIGKILL".to_owned(),
            Ended::Signal(signal) => format!("ended by signal {signal}"),
        };
        match self.stopped {
            None => how,
            Some(Stopped::Asked) => format!("stopped, {how}"),
            Some(Stopped::Late) => format!("stopped at its time limit, {how}"),
            Some(Stopped::Left) => format!("stopped with the console, {how}"),
        }
    }

    /// Whether it did what commands do when all is well.
    pub fn is_fine(&self) -> bool {
        self.ended == Ended::Exit(0) && self.stopped.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(ended: Ended, stopped: Option<Stopped>) -> Ran {
        Ran {
            at: Timestamp::UNIX_EPOCH,
            command: "true".into(),
            ended,
            stopped,
            seconds: 0,
            output: String::new(),
        }
    }

    #[test]
    fn how_a_command_ended_is_said_in_words() {
        let said = |ended, stopped| ran(ended, stopped).ending();
        assert_eq!(said(Ended::Exit(2), None), "exit code 2");
        assert_eq!(
            said(Ended::Signal(15), Some(Stopped::Late)),
            "stopped at its time limit, ended by SIGTERM"
        );
        assert!(ran(Ended::Exit(0), None).is_fine());
        assert!(!ran(Ended::Exit(0), Some(Stopped::Asked)).is_fine());
    }

    #[test]
    fn a_step_remembers_its_latest_commands() {
        let mut track = Track::of("a");
        for code in 0..20 {
            track.keep(ran(Ended::Exit(code), None));
        }
        assert_eq!(track.ran.len(), MOST_RAN);
        assert_eq!(track.ran[0].ended, Ended::Exit(12));
    }

    #[test]
    fn long_evidence_is_cut_between_two_letters() {
        let evidence = Evidence::new(Timestamp::UNIX_EPOCH, "x.log:1", &"é".repeat(4096));
        assert!(evidence.text.len() <= MOST_EVIDENCE + "…".len());
        assert!(evidence.text.ends_with("é…"));
    }
}
