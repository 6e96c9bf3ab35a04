//! What a log comes to: its trouble by category, its calls, the work on its
//! resources, its runs. Heard record by record in the order of the file, from
//! signs that any thread may have found before; the same signs in the same
//! order give equal accounts. Memory is bounded, whatever the log is.

mod calls;
mod histogram;
mod operations;
mod runs;
mod telling;

use super::category::{Category, is_harmless, judge};
use super::index::RecordNo;
use super::level::Level;
use super::raw::Raw;
use super::signal::{self, End, RunMark, Signal};
use super::stamp::Millis;

pub use calls::{Call, Calls, Rate};
pub use histogram::Histogram;
pub use operations::{Operation, Operations, Outcome, Sum};
pub use runs::{Risk, Run, Runs};
pub(super) use telling::Telling;

/// Where a record stands and when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At {
    pub record: RecordNo,
    /// The number of its first line, from 0.
    pub line: u64,
    pub offset: u64,
    /// How many lines it has.
    pub lines: u32,
    /// Its own time, else the latest before it.
    pub time: Option<Millis>,
}

/// What one record means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign<'a> {
    Category(Category),
    /// An error that means nothing.
    Harmless,
    Signal(Signal<'a>),
}

/// What a record means: nothing, for nearly every one.
pub fn signs(record: Raw<'_>) -> impl Iterator<Item = Sign<'_>> {
    let exchange = signal::of_exchange(record);
    let (first, signal) = match exchange {
        Some((signal, category)) => (trouble_of(record, category), signal),
        None => (trouble(record), signal::of(record)),
    };
    first.into_iter().chain(signal.map(Sign::Signal))
}

/// The same of a record that has the common header of a text log and is known
/// to tell no more than this.
pub(super) fn signs_of<'a>(record: Raw<'a>, telling: Telling, mut say: impl FnMut(Sign<'a>)) {
    let signal = match telling {
        Telling::Nothing => None,
        Telling::Step => signal::of_step(record),
        Telling::Exchange => match signal::of_exchange(record) {
            Some((signal, category)) => {
                trouble_of(record, category).into_iter().for_each(&mut say);
                signal
            }
            None => return signs(record).for_each(say),
        },
        Telling::Anything => return signs(record).for_each(say),
    };
    signal.map(Sign::Signal).into_iter().for_each(say);
}

/// Few answers are trouble; those are judged as any record is.
fn trouble_of(record: Raw<'_>, category: Option<Category>) -> Option<Sign<'static>> {
    category.and_then(|_| trouble(record))
}

fn trouble(record: Raw<'_>) -> Option<Sign<'static>> {
    let harmless = record.level() == Level::Error && is_harmless(record);
    if harmless {
        return Some(Sign::Harmless);
    }
    judge(record).map(Sign::Category)
}

/// The trouble of one category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    pub records: u64,
    /// The lines of those records.
    pub lines: u64,
    /// The first records, at most [`Tally::EXAMPLES`].
    pub examples: Vec<At>,
    pub last: Option<At>,
    /// Of those the ones of the latest run.
    pub latest: Latest,
}

/// The trouble of one category since the latest run began.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latest {
    pub records: u64,
    /// The first records, at most [`Tally::EXAMPLES`], and the last one.
    pub examples: Vec<At>,
}

impl Latest {
    fn add(&mut self, at: At) {
        self.records += 1;
        // The last place is that of the last one.
        self.examples.truncate(Tally::EXAMPLES);
        self.examples.push(at);
    }
}

impl Tally {
    /// How many examples are kept.
    pub const EXAMPLES: usize = 8;

    fn add(&mut self, at: At) {
        self.records += 1;
        self.lines += u64::from(at.lines);
        if self.examples.len() < Self::EXAMPLES {
            self.examples.push(at);
        }
        self.last = Some(at);
        self.latest.add(at);
    }
}

/// What a log comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    tallies: [Tally; Category::ALL.len()],
    harmless: u64,
    pub calls: Calls,
    pub operations: Operations,
    pub runs: Runs,
    /// What kept the latest run from its own end: where that is first told.
    ends: [Option<At>; End::ALL.len()],
    /// Where the latest run shows what it would do, and creates something; none once it is done.
    shown: Option<At>,
    /// The latest time that a sign was heard at.
    latest: Option<Millis>,
}

impl Account {
    /// Hears what a record means; records come in the order of the file.
    pub fn hear(&mut self, at: At, sign: &Sign<'_>) {
        self.latest = self.latest.max(at.time);
        match sign {
            Sign::Category(category) => self.tallies[*category as usize].add(at),
            Sign::Harmless => self.harmless += 1,
            Sign::Signal(Signal::Request(request)) => self.calls.sent(at, request),
            Sign::Signal(Signal::Retry(call)) => self.calls.retried(call),
            Sign::Signal(Signal::Response(response)) => self.calls.answered(at, response),
            Sign::Signal(Signal::Step(step)) => self.operations.hear(at, step),
            Sign::Signal(Signal::Run(mark)) => {
                match mark {
                    RunMark::Ended(end) => {
                        self.ends[*end as usize].get_or_insert(at);
                    }
                    RunMark::Shows => self.shown = Some(at),
                    RunMark::ShowsCreation => {
                        self.shown.get_or_insert(at);
                    }
                    RunMark::Applied => self.shown = None,
                    _ => {}
                }
                if self.runs.hear(at, mark) == runs::Began::Run {
                    self.calls.begin_run();
                    self.operations.begin_run();
                    self.ends = [None; End::ALL.len()];
                    self.shown = None;
                    for tally in &mut self.tallies {
                        tally.latest = Latest::default();
                    }
                }
            }
        }
        self.runs.lasts(at.time);
    }

    /// The trouble of one category.
    pub fn tally(&self, category: Category) -> &Tally {
        &self.tallies[category as usize]
    }

    /// The categories that have a record, the gravest cause first.
    pub fn troubles(&self) -> impl Iterator<Item = (Category, &Tally)> {
        let all = Category::ALL.into_iter().zip(&self.tallies);
        all.filter(|(_, tally)| tally.records > 0)
    }

    /// What kept the latest run from its own end, and where that is told.
    pub fn ends(&self) -> impl Iterator<Item = (End, At)> {
        let told = End::ALL.into_iter().zip(self.ends);
        told.filter_map(|(end, at)| Some((end, at?)))
    }

    /// Where the plan begins that the latest run shows and has not carried out.
    pub fn shown_plan(&self) -> Option<At> {
        self.shown
    }

    /// How many records at ERROR mean nothing: an error that counts is one beyond them.
    pub fn harmless(&self) -> u64 {
        self.harmless
    }

    /// The latest time that something was heard at.
    pub fn latest(&self) -> Option<Millis> {
        self.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_be_trouble_and_an_answer_at_once() {
        let text = b"2026-11-22T11:52:08.653Z [DEBUG] backend-s3: HTTP Response Received: rpc.method=Get rpc.service=S3 http.status_code=403";
        let mut account = Account::default();
        let at = At {
            line: 7,
            lines: 1,
            ..At::default()
        };
        for sign in signs(Raw::new(text, Level::Debug)) {
            account.hear(at, &sign);
        }
        assert_eq!(account.tally(Category::Auth).examples, [at]);
        assert_eq!(account.calls.most_frequent()[0].errors, 1);
        assert_eq!(account.troubles().count(), 1);
    }

    #[test]
    fn the_retries_of_an_older_sdk_are_counted_with_their_call() {
        let mut account = Account::default();
        for said in [
            "Request ec2/DescribeInstances Details:",
            "Retrying Request ec2/DescribeInstances, attempt 1",
            "Request ec2/DescribeInstances Details:",
        ] {
            let text = format!("2021-05-01T10:00:00.000Z [DEBUG] [aws-sdk-go] DEBUG: {said}");
            for sign in signs(Raw::new(text.as_bytes(), Level::Debug)) {
                account.hear(At::default(), &sign);
            }
        }
        let calls = account.calls.most_frequent();
        assert_eq!((calls.len(), calls[0].calls, calls[0].retries), (1, 2, 1));
    }

    #[test]
    fn a_harmless_error_is_counted_and_no_trouble() {
        let text = b"2026-11-22T11:52:08.653Z [ERROR] Checkpoint error: Get \"x\": i/o timeout";
        let mut account = Account::default();
        for sign in signs(Raw::new(text, Level::Error)) {
            account.hear(At::default(), &sign);
        }
        assert_eq!((account.harmless(), account.troubles().count()), (1, 0));
    }

    #[test]
    fn of_many_records_the_first_are_the_examples() {
        let mut account = Account::default();
        for line in 0..100 {
            let at = At {
                line,
                lines: 2,
                ..At::default()
            };
            account.hear(at, &Sign::Category(Category::Lock));
        }
        let tally = account.tally(Category::Lock);
        assert_eq!((tally.records, tally.lines), (100, 200));
        assert_eq!(tally.examples.len(), Tally::EXAMPLES);
        assert_eq!(tally.last.unwrap().line, 99);
    }

    #[test]
    fn a_new_run_leaves_the_trouble_of_the_one_before_behind() {
        let text = "2026-11-22T11:52:08.653Z [INFO]  Terraform version: 1.11.4";
        let version = || signs(Raw::new(text.as_bytes(), Level::Info)).collect::<Vec<_>>();
        let mut account = Account::default();
        let at = |line| At {
            line,
            ..At::default()
        };
        for line in 0..20 {
            account.hear(at(line), &Sign::Category(Category::Auth));
        }
        let latest = &account.tally(Category::Auth).latest;
        let lines: Vec<u64> = latest.examples.iter().map(|at| at.line).collect();
        assert_eq!(
            (latest.records, lines),
            (20, vec![0, 1, 2, 3, 4, 5, 6, 7, 19])
        );
        for sign in version() {
            account.hear(at(20), &sign);
        }
        assert_eq!(account.tally(Category::Auth).latest, Latest::default());
        assert_eq!(account.tally(Category::Auth).records, 20);
    }
}
