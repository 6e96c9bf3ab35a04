//! Tells a log record by record: run after run, step after step, each with
//! what it names looked up before.
//!
//! No record comes before an older one, and none is made before it is asked for.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::line::Line;
use super::service::Call;
use super::step::Step;
use super::storm::Storm;
use super::{backend, core, provider};
use crate::drill::chance::Chance;
use crate::drill::scenario::Stage;
use crate::lock::Holder;

/// A resource that a step is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub address: String,
    pub kind: String,
    pub id: String,
    /// What reads it; none where nothing has to be called.
    pub call: Option<Call>,
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
pub(super) struct Teller {
    pub stage: Stage,
    pub terraform: String,
    pub chance: Chance,
    /// When the next step begins.
    pub clock: Timestamp,
    pub lines: Vec<Line>,
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
    pub fn say(&mut self, level: &str, text: &str) {
        let line = Line::new(self.clock, level, text);
        self.lines.push(line);
    }

    pub fn later(&mut self, milliseconds: u64) {
        self.clock += SignedDuration::from_millis(milliseconds.cast_signed());
    }
}
