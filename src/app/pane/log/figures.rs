//! The tables of what the logs come to: plain rows, the most telling first,
//! bounded, masked where they repeat what somebody typed.

use super::Followed;
use crate::log::{
    Account, Act, At, Call, FileNo, Millis, Operation, Outcome, Place, Rate, Risk, Run, mask,
};

/// More rows are not read.
const MOST_ROWS: usize = 1_000;

/// All tables.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// The most frequent first.
    pub calls: Vec<CallRow>,
    /// Work that has ended, the slowest first.
    pub slowest: Vec<WorkRow>,
    /// The longest first.
    pub running: Vec<WorkRow>,
    /// The work of the latest run in the order of its beginnings.
    pub spans: Vec<WorkRow>,
    /// The length of a stretch in milliseconds, and each stretch with calls.
    pub rates: (i64, Vec<(Millis, Rate)>),
    pub runs: Vec<RunRow>,
}

/// The calls of one operation of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    pub service: String,
    pub operation: String,
    pub calls: u64,
    pub errors: u64,
    pub throttles: u64,
    pub retries: u64,
    /// Milliseconds: the median, the 95th of a hundred, the longest.
    pub took: [Option<u32>; 3],
    /// `RequestLimitExceeded 212`, the most frequent first.
    pub codes: String,
}

/// A piece of work on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkRow {
    pub place: Place,
    pub address: String,
    pub act: Act,
    pub began: Option<Millis>,
    /// Milliseconds.
    pub took: Option<u64>,
    pub outcome: Outcome,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub place: Place,
    /// Which of the file's runs, from 1, and how many those are.
    pub number: (u64, u64),
    pub version: String,
    pub verb: String,
    /// Its words, masked.
    pub words: String,
    pub risks: Vec<Risk>,
    pub began: Option<Millis>,
    pub last: Option<Millis>,
}

impl Figures {
    pub(super) fn of(files: &[Followed]) -> Self {
        let mut figures = Self::default();
        for (file, followed) in (0..=u16::MAX).map(FileNo).zip(files) {
            let now = followed.index.span().map(|(_, last)| last);
            figures.add(file, &followed.account, now);
        }
        figures.arrange();
        figures
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.work().next().is_none() && self.runs.is_empty()
    }

    /// What is running, then what was slowest.
    pub fn work(&self) -> impl Iterator<Item = &WorkRow> {
        self.running.iter().chain(&self.slowest)
    }

    /// The run that a record belongs to.
    pub fn run_of(&self, place: Place) -> Option<&RunRow> {
        let here = self.runs.iter().filter(|run| run.place.file == place.file);
        here.take_while(|run| run.place.record <= place.record)
            .last()
    }

    fn add(&mut self, file: FileNo, account: &Account, now: Option<Millis>) {
        let calls = account.calls.most_frequent();
        self.calls
            .extend(calls.into_iter().take(MOST_ROWS).map(call));
        let work = |operation: &Operation| WorkRow::new(file, operation);
        let slowest = account.operations.slowest().into_iter();
        self.slowest.extend(slowest.take(MOST_ROWS).map(work));
        let running = account.operations.running(now);
        self.running
            .extend(running.iter().take(MOST_ROWS).map(work));
        let runs = account.runs.list();
        let since = runs.last().and_then(|run| run.at.time);
        let latest = account.operations.latest().chain(&running);
        let latest = latest.filter(|work| work.began.is_some() && work.began >= since);
        self.spans.extend(latest.map(work));
        let (stretch, rates) = account.calls.rates();
        self.rates.0 = self.rates.0.max(stretch);
        self.rates.1.extend(rates);
        let numbered = (1..).zip(runs);
        let count = account.runs.count();
        self.runs
            .extend(numbered.map(|(number, run)| RunRow::new(file, (number, count), run)));
    }

    /// Puts the rows of several files in one order.
    fn arrange(&mut self) {
        self.calls.sort_by_key(|call| u64::MAX - call.calls);
        for work in [&mut self.slowest, &mut self.running] {
            work.sort_by_key(|work| u64::MAX - work.took.unwrap_or(0));
        }
        self.spans.sort_by_key(|work| work.began);
        let spare = self.spans.len().saturating_sub(MOST_ROWS);
        self.spans.drain(..spare);
        self.rates.1.sort_by_key(|(at, _)| *at);
    }
}

fn call(call: &Call) -> CallRow {
    let mut codes: Vec<(&str, u64)> = call
        .codes
        .iter()
        .map(|(code, &count)| (code.as_ref(), count))
        .collect();
    codes.sort_by_key(|(_, count)| u64::MAX - count);
    let codes = codes.iter().map(|(code, count)| format!("{code} {count}"));
    CallRow {
        service: call.service.to_lowercase().replace(' ', ""),
        operation: call.operation.to_string(),
        calls: call.calls,
        errors: call.errors,
        throttles: call.throttles,
        retries: call.retries,
        took: [
            call.took.percentile(50),
            call.took.percentile(95),
            call.took.longest(),
        ],
        codes: codes.collect::<Vec<_>>().join("  "),
    }
}

impl WorkRow {
    fn new(file: FileNo, operation: &Operation) -> Self {
        Self {
            place: place(file, operation.at),
            address: operation.address.to_string(),
            act: operation.act,
            began: operation.began,
            took: operation.took,
            outcome: operation.outcome,
        }
    }
}

impl RunRow {
    fn new(file: FileNo, number: (u64, u64), run: &Run) -> Self {
        let words: Vec<&str> = run.arguments.iter().map(AsRef::as_ref).collect();
        Self {
            place: place(file, run.at),
            number,
            version: run.version.to_string(),
            verb: run.verb().unwrap_or_default().to_owned(),
            words: mask::mask(&words.join(" ")),
            risks: run.risks(),
            began: run.at.time,
            last: run.last,
        }
    }
}

fn place(file: FileNo, at: At) -> Place {
    Place {
        file,
        record: at.record,
    }
}
