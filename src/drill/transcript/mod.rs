//! A log as Terraform and its providers would have written it, told from a few
//! steps. Records come in the order of their times; those with a time to come
//! are the ones that somebody will see being written.
//!
//! The texts and their grammar are those of Terraform 1.11 and of version 5 of
//! the AWS provider. Records are made as they are asked for, so a long storm
//! costs no memory before it comes.

mod backend;
mod core;
mod line;
mod provider;
mod storm;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::chance::Chance;
use super::pattern::Pattern;
use super::scenario::Stage;
use super::span;
use crate::lock::Holder;
use line::Line;
use storm::Storm;

/// One run of Terraform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    #[serde(deserialize_with = "span::read")]
    pub ago: SignedDuration,
    /// `user@host` of whoever started it.
    pub who: String,
    /// The command line, `terraform` first.
    pub command: Vec<String>,
    pub steps: Vec<Step>,
}

/// What a run does next. A run whose last step is not an end was killed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Asks for the state lock.
    Lock(Locking),
    /// Reads the state from the bucket.
    Read,
    /// Reads resources from the provider, one after the other.
    Refresh(Refresh),
    /// Calls the provider's API, which refuses most of them for a time.
    Storm(Gale),
    /// Applies a planned change.
    Apply(Change),
    /// Gives a resource up, with the provider's error.
    Fail(Failure),
    /// Nothing is written for a time.
    Wait(#[serde(deserialize_with = "span::read")] SignedDuration),
    /// Any text of Terraform itself; it may have several lines.
    Say(Say),
    /// Gives the lock back and ends.
    End,
}

/// How the question for the lock ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locking {
    /// It is the scenario's lock of the same `who`.
    Taken,
    /// The scenario's first lock is in the way.
    Held,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    pub of: Vec<Pattern>,
    #[serde(deserialize_with = "span::read")]
    pub every: SignedDuration,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gale {
    pub of: Vec<Pattern>,
    /// How long at most; it is over as soon as every resource was read.
    #[serde(rename = "for", deserialize_with = "span::read")]
    pub lasts: SignedDuration,
    /// How long from one call to the next.
    #[serde(deserialize_with = "span::read")]
    pub every: SignedDuration,
    /// How many of a hundred calls are refused.
    pub refused: u8,
    /// How often the provider tries at most.
    #[serde(default = "provider::attempts")]
    pub attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub of: Pattern,
    /// `Create`, `Update` or `Delete`.
    pub action: String,
    #[serde(deserialize_with = "span::read")]
    pub takes: SignedDuration,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub of: Pattern,
    /// The first line of the diagnostic; `<id>` is the resource's.
    pub summary: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// As the log writes it: `WARN`.
    pub level: String,
    pub text: String,
}

/// A resource that a step is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub address: String,
    pub kind: String,
    pub id: String,
    /// The service and method that read it.
    pub call: (String, String),
}

/// A run with everything that its steps name looked up.
#[derive(Debug, Clone)]
pub struct Played {
    pub at: Timestamp,
    pub command: Vec<String>,
    pub who: String,
    /// The lock that this run takes or meets.
    pub lock: Option<Holder>,
    pub acts: VecDeque<Act>,
}

/// A step with the resources it is about.
#[derive(Debug, Clone)]
pub struct Act {
    pub step: Step,
    pub targets: Vec<Target>,
}

/// One record of a log: its text has at least one line and ends with a newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub at: Timestamp,
    pub text: String,
}

/// The records of a log, in the order of their times.
#[derive(Debug)]
pub struct Transcript {
    runs: VecDeque<Played>,
    now: Option<Played>,
    storm: Option<Storm>,
    teller: Teller,
    ready: VecDeque<Record>,
    last: Timestamp,
}

/// What every line of a run is told with.
#[derive(Debug)]
struct Teller {
    stage: Stage,
    terraform: String,
    chance: Chance,
    /// When the next step begins.
    clock: Timestamp,
    lines: Vec<Line>,
}

impl Transcript {
    pub fn new(runs: Vec<Played>, stage: Stage, terraform: String, seed: u64) -> Self {
        Self {
            runs: runs.into(),
            now: None,
            storm: None,
            teller: Teller {
                stage,
                terraform,
                chance: Chance::new(seed, "log"),
                clock: Timestamp::MIN,
                lines: Vec::new(),
            },
            ready: VecDeque::new(),
            last: Timestamp::MIN,
        }
    }

    /// Tells what comes next; none where everything was told.
    fn tell(&mut self) -> Option<()> {
        if let Some(storm) = &mut self.storm {
            if !storm.blow(&mut self.teller) {
                self.storm = None;
            }
        } else if let Some(act) = self.now.as_mut().and_then(|run| run.acts.pop_front()) {
            self.act(&act);
        } else {
            let run = self.runs.pop_front()?;
            self.teller.clock = run.at;
            core::start(&mut self.teller, &run.command);
            self.now = Some(run);
        }
        self.hand_over();
        Some(())
    }

    fn act(&mut self, act: &Act) {
        let teller = &mut self.teller;
        let Some(run) = &self.now else { return };
        match &act.step {
            Step::Lock(outcome) => backend::lock(teller, run, *outcome),
            Step::Read => backend::read(teller),
            Step::Refresh(refresh) => {
                for target in &act.targets {
                    provider::refresh(teller, target);
                    teller.clock += refresh.every;
                }
            }
            Step::Storm(gale) => self.storm = Some(Storm::new(gale, &act.targets, teller.clock)),
            Step::Apply(change) => {
                for target in &act.targets {
                    core::apply(teller, target, change);
                }
            }
            Step::Fail(failure) => {
                for target in &act.targets {
                    core::fail(teller, target, &failure.summary);
                }
            }
            Step::Wait(span) => teller.clock += *span,
            Step::Say(say) => teller.say(&say.level, &say.text),
            Step::End => backend::end(teller, run),
        }
    }

    /// Makes records of the lines that were told, none before an older one.
    fn hand_over(&mut self) {
        let mut lines = std::mem::take(&mut self.teller.lines);
        lines.sort_by_key(|line| line.at);
        for line in lines {
            self.last = self.last.max(line.at);
            self.ready.push_back(Record {
                at: self.last,
                text: line.written(self.last),
            });
        }
    }
}

impl Iterator for Transcript {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while self.ready.is_empty() {
            self.tell()?;
        }
        self.ready.pop_front()
    }
}

impl Teller {
    /// A line of Terraform itself, now.
    fn say(&mut self, level: &str, text: &str) {
        let line = Line::new(self.clock, level, text);
        self.lines.push(line);
    }

    fn later(&mut self, milliseconds: u64) {
        self.clock += SignedDuration::from_millis(milliseconds.cast_signed());
    }
}
