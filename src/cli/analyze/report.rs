//! What is told of the logs, the same for people, tickets and machines.

use std::collections::BTreeMap;

use super::advice;
use super::example::{Decode, Example};
use crate::io::follow::HeardLog;
use crate::log::{Call, Category, Level, Millis, Operation, Outcome, Run};
use crate::place::Environment;
use crate::runbook::Shelf;

/// How many operations are told of at most.
const MOST_OPERATIONS: usize = 1000;

/// What a person chose to be told.
#[derive(Debug)]
pub struct Choice {
    /// From how many milliseconds on work is slow.
    pub slow: u64,
    pub context: usize,
    pub decode: Decode,
}

/// What is told.
#[derive(Debug)]
pub struct Report<'a> {
    pub logs: &'a [HeardLog],
    pub lines: u64,
    pub records: u64,
    /// In the order of [`Level::ALL`].
    pub levels: [u64; Level::ALL.len()],
    /// The errors that mean nothing.
    pub harmless: u64,
    /// The gravest cause first.
    pub troubles: Vec<Trouble>,
    /// The most frequent first.
    pub calls: Vec<Call>,
    /// Work that was slow, failed or did not end; the slowest first.
    pub operations: Vec<Work>,
    pub slow: u64,
    pub runs: Vec<(usize, &'a Run)>,
    pub remarks: Vec<String>,
    pub steps: Vec<NextStep>,
}

/// The records of one category.
#[derive(Debug)]
pub struct Trouble {
    pub category: Category,
    pub records: u64,
    pub lines: u64,
    pub examples: Vec<Example>,
    pub last: Option<Millis>,
}

/// A piece of work with the number of its log.
#[derive(Debug)]
pub struct Work {
    pub log: usize,
    pub operation: Operation,
}

/// What to do about a category.
#[derive(Debug)]
pub struct NextStep {
    pub category: Option<Category>,
    pub sentence: &'static str,
    /// The id and title of a runbook.
    pub runbook: Option<(String, String)>,
}

impl<'a> Report<'a> {
    pub fn of(logs: &'a [HeardLog], choice: &Choice, environment: &Environment) -> Self {
        let sum = |number: fn(&HeardLog) -> u64| logs.iter().map(number).sum();
        let mut levels = [0; Level::ALL.len()];
        for log in logs {
            for (level, count) in levels.iter_mut().zip(log.heard.levels) {
                *level += count;
            }
        }
        let troubles = troubles(logs, choice);
        let mut report = Self {
            logs,
            lines: sum(|log| log.heard.lines),
            records: sum(|log| log.heard.records),
            levels,
            harmless: sum(|log| log.heard.account.harmless()),
            troubles,
            calls: calls(logs),
            operations: operations(logs, choice.slow),
            slow: choice.slow,
            runs: runs(logs),
            remarks: remarks(logs, environment),
            steps: Vec::new(),
        };
        report.steps = steps(&report);
        report
    }

    /// The first and the last time in the logs.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        let spans = || self.logs.iter().filter_map(|log| log.heard.span);
        let first = spans().map(|(first, _)| first).min()?;
        Some((first, spans().map(|(_, last)| last).max()?))
    }

    /// The stretch of time in which services were asked most often: its
    /// beginning, its length in milliseconds, and how often.
    pub fn busiest(&self) -> Option<(Millis, i64, u32)> {
        let of = |log: &HeardLog| {
            let (length, rates) = log.heard.account.calls.rates();
            let most = rates.max_by_key(|(at, rate)| (rate.requests, std::cmp::Reverse(*at)))?;
            Some((most.0, length, most.1.requests))
        };
        let all = self.logs.iter().filter_map(of);
        all.max_by_key(|(_, _, requests)| *requests)
    }

    /// How many bytes they have.
    pub fn bytes(&self) -> u64 {
        self.logs.iter().map(|log| log.heard.bytes).sum()
    }

    /// The name of a log where there are several to tell apart: its file's,
    /// or its whole path where two files have the same name.
    pub fn prefix(&self, log: usize) -> String {
        fn short(name: &str) -> &str {
            name.rsplit('/').next().unwrap_or(name)
        }
        if self.logs.len() == 1 {
            return String::new();
        }
        let name = &self.logs[log].name;
        let same = self
            .logs
            .iter()
            .filter(|other| short(&other.name) == short(name));
        let name = if same.count() == 1 { short(name) } else { name };
        format!("{name}:")
    }
}

fn troubles(logs: &[HeardLog], choice: &Choice) -> Vec<Trouble> {
    let of = |category: Category| {
        let tallies: Vec<_> = logs
            .iter()
            .map(|log| log.heard.account.tally(category))
            .collect();
        let mut trouble = Trouble {
            category,
            records: tallies.iter().map(|tally| tally.records).sum(),
            lines: tallies.iter().map(|tally| tally.lines).sum(),
            examples: Vec::new(),
            last: tallies.iter().filter_map(|tally| tally.last?.time).max(),
        };
        for ((number, log), tally) in logs.iter().enumerate().zip(&tallies) {
            let examples = tally.examples.iter();
            trouble.examples.extend(
                examples.map(|&at| Example::read(log, number, at, choice.context, choice.decode)),
            );
        }
        trouble
    };
    let all = Category::ALL.into_iter().map(of);
    all.filter(|trouble| trouble.records > 0).collect()
}

fn calls(logs: &[HeardLog]) -> Vec<Call> {
    let mut joined: BTreeMap<(Box<str>, Box<str>), Call> = BTreeMap::new();
    for call in logs
        .iter()
        .flat_map(|log| log.heard.account.calls.most_frequent())
    {
        let key = (call.service.clone(), call.operation.clone());
        joined
            .entry(key)
            .and_modify(|known| known.join(call))
            .or_insert_with(|| call.clone());
    }
    let mut calls: Vec<Call> = joined.into_values().collect();
    calls.sort_by_key(|call| u64::MAX - call.calls);
    calls
}

fn operations(logs: &[HeardLog], slow: u64) -> Vec<Work> {
    let mut all = Vec::new();
    for (log, heard) in logs.iter().map(|log| &log.heard.account).enumerate() {
        let ended = heard.operations.slowest().into_iter().cloned();
        let running = heard.operations.running(heard.latest());
        all.extend(
            ended
                .chain(running)
                .map(|operation| Work { log, operation }),
        );
    }
    let told = |work: &&Work| {
        let is_slow = work.operation.took.is_some_and(|took| took >= slow);
        (is_slow || work.operation.outcome != Outcome::Done) && !is_told_better(work, &all)
    };
    let keep: Vec<bool> = all.iter().map(|work| told(&work)).collect();
    let mut keep = keep.into_iter();
    all.retain(|_| keep.next().unwrap_or(false));
    all.sort_by_key(|work| {
        (
            std::cmp::Reverse(work.operation.took),
            work.log,
            work.operation.at.offset,
        )
    });
    all.truncate(MOST_OPERATIONS);
    all
}

/// Whether another log tells of the same work more exactly: run output beside
/// the debug log of the same run.
fn is_told_better(work: &Work, all: &[Work]) -> bool {
    /// How far a duration in whole seconds may be from the exact one.
    const CLOSE: u64 = 1500;
    let one = &work.operation;
    all.iter().any(|other| {
        let better = other.log != work.log && other.operation.teller > one.teller;
        let other = &other.operation;
        let close = match (one.took, other.took) {
            (Some(one), Some(other)) => one.abs_diff(other) < CLOSE,
            _ => true,
        };
        better && other.address == one.address && other.act == one.act && close
    })
}

fn runs(logs: &[HeardLog]) -> Vec<(usize, &Run)> {
    let logs = logs.iter().enumerate();
    let all: Vec<(usize, &Run)> = logs
        .flat_map(|(number, log)| {
            let runs = log.heard.account.runs.list().iter();
            runs.map(move |run| (number, run))
        })
        .collect();
    let told_better = |(log, one): &(usize, &Run)| {
        all.iter()
            .any(|(other_log, other)| other_log != log && is_the_run_of(one, other))
    };
    all.iter()
        .filter(|run| !told_better(run))
        .copied()
        .collect()
}

/// Whether the events of one log are of the run that another log tells of with its command line.
fn is_the_run_of(events: &Run, log: &Run) -> bool {
    /// How far apart the first words of both may be.
    const CLOSE: u64 = 5000;
    let bare = events.arguments.is_empty() && !log.arguments.is_empty();
    let apart = events.at.time.zip(log.at.time);
    let close = apart.is_some_and(|(one, other)| one.0.abs_diff(other.0) < CLOSE);
    bare && close && events.version == log.version
}

fn remarks(logs: &[HeardLog], environment: &Environment) -> Vec<String> {
    let rooms = logs.iter().filter_map(|log| {
        let traces = log.heard.levels[Level::Trace as usize];
        advice::of_room(&log.name, traces, log.room?)
    });
    let mut remarks = advice::of_environment(environment);
    remarks.extend(rooms);
    remarks
}

fn steps(report: &Report<'_>) -> Vec<NextStep> {
    let shelf = Shelf::built_in();
    let page = |id: &str| {
        let entry = shelf.find(id)?;
        Some((id.to_owned(), entry.page.title.clone()))
    };
    let of = |trouble: &Trouble| {
        // Where a category has no page of its own, a page may know the words of an example.
        let known = || {
            let mut examples = trouble.examples.iter();
            let entry = examples.find_map(|example| shelf.lead(&example.text))?;
            Some(entry.page.id.clone())
        };
        let id = trouble.category.runbook().map(str::to_owned).or_else(known);
        NextStep {
            category: Some(trouble.category),
            sentence: advice::sentence(trouble.category),
            runbook: id.and_then(|id| page(&id)),
        }
    };
    let mut steps: Vec<NextStep> = report.troubles.iter().map(of).collect();
    if report.calls.is_empty()
        && !report.troubles.is_empty()
        && report.levels[..=Level::Debug as usize] == [0, 0]
    {
        steps.push(NextStep {
            category: None,
            sentence: "there is no debug log here, so no calls: make the next run with TF_LOG and TF_LOG_PATH",
            runbook: page("enable-logging"),
        });
    }
    steps
}
