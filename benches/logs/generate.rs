//! A TRACE log as long runs of a large configuration leave it, from a seed,
//! with the truth about it. What is counted here is counted where it is
//! written, so that a reader of the log can be held to it exactly. Half of
//! what looks like an incident stands where it is none: in bodies of
//! responses, in descriptions, in names and in Terraform's own harmless errors.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::texts;

/// What a reader must find in the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Truth {
    pub bytes: u64,
    pub lines: u64,
    pub records: u64,
    /// From TRACE to ERROR.
    pub levels: [u64; 5],
    /// Records of each category that has any.
    pub categories: BTreeMap<String, u64>,
    /// By service and operation.
    pub calls: BTreeMap<String, Calls>,
    /// Resource instances with an operation of the kind, over all runs.
    pub operations: BTreeMap<String, u64>,
    pub runs: u64,
    pub longest_line: u64,
}

/// What became of the calls of one operation. A call with its retries is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls {
    /// Requests that were answered or not.
    pub requests: u64,
    /// Responses with a status of 400 or more.
    pub errors: u64,
    /// Those of them that are throttles.
    pub throttles: u64,
    /// Requests after the first of a call.
    pub retries: u64,
}

impl Truth {
    /// One `name value` a line: what is kept beside the log.
    pub fn text(&self) -> String {
        let mut rows = vec![
            format!("bytes {}", self.bytes),
            format!("lines {}", self.lines),
            format!("records {}", self.records),
            format!("runs {}", self.runs),
            format!("longest_line {}", self.longest_line),
        ];
        let words = ["trace", "debug", "info", "warn", "error"];
        let levels = words.iter().zip(self.levels);
        rows.extend(levels.map(|(word, count)| format!("level.{word} {count}")));
        let categories = self.categories.iter();
        rows.extend(categories.map(|(name, count)| format!("category.{name} {count}")));
        for (name, calls) in &self.calls {
            rows.push(format!("call.{name}.requests {}", calls.requests));
            rows.push(format!("call.{name}.errors {}", calls.errors));
            rows.push(format!("call.{name}.throttles {}", calls.throttles));
            rows.push(format!("call.{name}.retries {}", calls.retries));
        }
        let operations = self.operations.iter();
        rows.extend(operations.map(|(kind, count)| format!("operation.{kind} {count}")));
        rows.join("\n") + "\n"
    }
}

/// The same numbers in the same order from the same seed, on any machine.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    pub fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// How loud a written record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loud {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

const BRACKETS: [&str; 5] = ["[TRACE] ", "[DEBUG] ", "[INFO]  ", "[WARN]  ", "[ERROR] "];

/// A record that a script has ready, and how long after the one before it comes.
#[derive(Debug)]
pub struct Said {
    pub after: u64,
    pub loud: Loud,
    pub text: String,
    pub category: Option<&'static str>,
}

/// Writes the log and counts what it writes.
pub struct Author<W> {
    out: W,
    pub dice: Dice,
    pub truth: Truth,
    at: u64,
    row: String,
}

/// 2026-11-22T01:10:00Z.
const BEGIN: u64 = 1_795_309_800_000;

impl<W: Write> Author<W> {
    fn new(out: W, seed: u64) -> Self {
        Self {
            out,
            dice: Dice::new(seed),
            truth: Truth::default(),
            at: BEGIN,
            row: String::new(),
        }
    }

    /// Writes a record so many milliseconds after the one before.
    pub fn say(&mut self, said: &Said) -> io::Result<()> {
        self.at += said.after;
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        stamp(&mut row, self.at);
        row.push_str(BRACKETS[said.loud as usize]);
        row.push_str(&said.text);
        row.push('\n');
        let lines = row.bytes().filter(|&byte| byte == b'\n').count() as u64;
        let longest = row.split('\n').map(str::len).max().unwrap_or(0) as u64;
        self.truth.bytes += row.len() as u64;
        self.truth.lines += lines;
        self.truth.records += 1;
        self.truth.longest_line = self.truth.longest_line.max(longest);
        self.truth.levels[said.loud as usize] += 1;
        if let Some(category) = said.category {
            *self
                .truth
                .categories
                .entry(category.to_owned())
                .or_default() += 1;
        }
        let written = self.out.write_all(row.as_bytes());
        self.row = row;
        written
    }
}

/// The time as hclog writes it. All of the log lies within one month.
fn stamp(row: &mut String, at: u64) {
    let since = at - (BEGIN - (3600 + 600) * 1000);
    let (millis, seconds) = (since % 1000, since / 1000);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let day = 22 + hours / 24;
    let (month, day) = if day > 30 { (12, day - 30) } else { (11, day) };
    // Writing to a string cannot fail.
    let _ = write!(
        row,
        "2026-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z ",
        hours % 24,
        minutes % 60,
        seconds % 60,
    );
}

/// How many resources work at a time: Terraform's own default.
const LANES: usize = 10;

/// Writes about so many bytes of runs, each whole.
pub fn write(out: impl Write, seed: u64, bytes: u64) -> io::Result<Truth> {
    let mut author = Author::new(out, seed);
    while author.truth.bytes < bytes {
        run(&mut author, bytes)?;
    }
    author.out.flush()?;
    Ok(author.truth)
}

/// One run: the start, the graph, then the walks over all resources.
fn run<W: Write>(author: &mut Author<W>, bytes: u64) -> io::Result<()> {
    author.truth.runs += 1;
    let left = bytes.saturating_sub(author.truth.bytes);
    // Two million bytes are about a hundred resources of a run.
    let resources = (left / 20_000).clamp(3, 2_500);
    for said in texts::opening(&mut author.dice) {
        author.say(&said)?;
    }
    for said in texts::graph(&mut author.dice, resources) {
        author.say(&said)?;
    }
    for walk in [Walk::Validate, Walk::Plan, Walk::Apply] {
        self::walk(author, walk, resources)?;
    }
    for said in texts::ending(&mut author.dice) {
        author.say(&said)?;
    }
    Ok(())
}

/// One of Terraform's walks over the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    Validate,
    Plan,
    Apply,
}

/// What one resource does in a walk, as far as it has come.
struct Lane {
    script: std::vec::IntoIter<Said>,
    next: Option<Said>,
    due: u64,
}

/// Lets so many resources at a time go through the walk, each at its own pace.
fn walk<W: Write>(author: &mut Author<W>, walk: Walk, resources: u64) -> io::Result<()> {
    let mut todo = 0..resources;
    let mut lanes: Vec<Lane> = Vec::new();
    loop {
        while lanes.len() < LANES {
            let Some(number) = todo.next() else { break };
            let mut script = texts::resource(author, walk, number).into_iter();
            let next = script.next();
            let due = author.at + next.as_ref().map_or(0, |said| said.after);
            lanes.push(Lane { script, next, due });
        }
        let first = (0..lanes.len()).min_by_key(|&lane| lanes[lane].due);
        let Some(first) = first else { return Ok(()) };
        let lane = &mut lanes[first];
        let Some(mut said) = lane.next.take() else {
            lanes.swap_remove(first);
            continue;
        };
        said.after = lane.due.saturating_sub(author.at);
        author.say(&said)?;
        lane.next = lane.script.next();
        lane.due = author.at + lane.next.as_ref().map_or(0, |said| said.after);
    }
}
