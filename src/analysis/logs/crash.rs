//! A provider or Terraform itself that crashed: one finding for each, put
//! together from all records of the crash, with what its upstream wants to know.

use std::collections::BTreeMap;

use regex::Regex;

use super::told::{Pattern, Told, caught, group, pattern};
use super::{Confidence, Finding, Logged, critical};
use crate::log::{At, Category, FileNo, Outcome, Source};

/// How many resources are named that were being worked on.
const IN_FLIGHT: usize = 5;

/// What is known of one crash.
#[derive(Debug, Default)]
pub struct Crash {
    pub version: Option<String>,
    panic: Option<String>,
    /// The place in its source.
    pub frame: Option<String>,
    pub call: Option<String>,
    pub address: Option<String>,
    how: How,
    said: Vec<String>,
    /// All of what tells of it, masked.
    pub texts: Vec<String>,
    /// The first record that does.
    pub first: Option<(FileNo, At)>,
    told_at: Option<crate::log::Place>,
}

/// How it ended; the surest cause is kept.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    #[default]
    Ended,
    NeverStarted,
    Panicked,
    Killed,
}

/// The findings of all crashes.
pub fn of_crashes(logs: &[Logged<'_>]) -> Vec<Finding> {
    let in_flight = in_flight(logs);
    let finding = |(name, crash): (String, Crash)| crash.finding(&name, &in_flight);
    crashes(logs).into_iter().map(finding).collect()
}

/// The crashes of all logs by who crashed: the same provider's in several logs are one.
pub fn crashes(logs: &[Logged<'_>]) -> BTreeMap<String, Crash> {
    let mut crashes: BTreeMap<String, Crash> = BTreeMap::new();
    let mut unnamed = Crash::default();
    for log in logs {
        for report in log.reports {
            if report.category != Category::ProviderCrash {
                continue;
            }
            let told = Told::of(log, report);
            match culprit(&told) {
                Some(name) => crashes.entry(name).or_default().hear(&told),
                None => unnamed.hear(&told),
            }
        }
    }
    // What names nobody is about the one that is named, where there is one.
    match crashes.values_mut().next() {
        Some(first) => first.join(unnamed),
        None if unnamed.told_at.is_some() => {
            crashes.insert(String::new(), unnamed);
        }
        None => {}
    }
    crashes
}

/// Who crashed: a provider by its short name, or Terraform.
fn culprit(told: &Told<'_>) -> Option<String> {
    static PLUGIN: Pattern = pattern(|| {
        Regex::new(r#"(?:Stack trace from the |The )(\S+) plugin|provider "?((?:[\w.-]+/)+[\w-]+)|plugin:? "?(\S*terraform-provider-\S+?)"?(?:\s|$)"#)
            .ok()
    });
    if told.says(&["TERRAFORM CRASH", "OPENTOFU CRASH"]) {
        return Some("terraform".to_owned());
    }
    if let Source::Provider(name) = &told.report.record.parts.source {
        return Some(short(name));
    }
    let found = caught(&PLUGIN, &told.words)?;
    let name = found.iter().skip(1).flatten().next()?;
    Some(short(name.as_str()))
}

/// `aws` of `terraform-provider-aws_v5.50.0_x5` and of `registry.terraform.io/hashicorp/aws`.
fn short(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.strip_prefix("terraform-provider-").unwrap_or(name);
    let name = name.split("_v").next().unwrap_or(name);
    name.to_owned()
}

impl Crash {
    fn hear(&mut self, told: &Told<'_>) {
        static VERSION: Pattern = pattern(|| {
            Regex::new(r"terraform-provider-[\w-]+?_v([\d.]+[\w.-]*?)(?:_x\d+)?[:\s\x22]").ok()
        });
        static FRAME: Pattern = pattern(|| Regex::new(r"(?m)(\S+\.go:\d+)").ok());
        static CALL: Pattern =
            pattern(|| Regex::new(r"failed to respond to the \(\*\w+\)\.(\w+) call").ok());
        let text = &told.report.record.text;
        let keep = |place: &mut Option<String>, found: Option<&str>| {
            if place.is_none() {
                *place = found.map(str::to_owned);
            }
        };
        keep(&mut self.version, group(&VERSION, text, 1));
        let panic = text.lines().find_map(panic_of);
        keep(&mut self.panic, panic);
        if panic.is_some() {
            keep(&mut self.frame, group(&FRAME, text, 1));
        }
        keep(&mut self.call, group(&CALL, &told.words, 1));
        keep(&mut self.address, told.address().as_deref());
        let how = if told.says(&["signal: killed"]) {
            How::Killed
        } else if panic.is_some() {
            How::Panicked
        } else if told.says(&[
            "Unrecognized remote plugin message",
            "Failed to load plugin schemas",
        ]) {
            How::NeverStarted
        } else {
            How::Ended
        };
        self.how = self.how.max(how);
        self.said.push(told.said());
        self.texts.push(text.clone());
        self.first.get_or_insert((told.log.number, told.report.at));
        self.told_at.get_or_insert(told.place());
    }

    fn join(&mut self, other: Self) {
        let or = |own: &mut Option<String>, other: Option<String>| {
            if own.is_none() {
                *own = other;
            }
        };
        or(&mut self.version, other.version);
        or(&mut self.panic, other.panic);
        or(&mut self.frame, other.frame);
        or(&mut self.call, other.call);
        or(&mut self.address, other.address);
        self.how = self.how.max(other.how);
        self.said.extend(other.said);
        self.texts.extend(other.texts);
        self.first = self.first.or(other.first);
    }

    /// Who did what, and why as far as that is told.
    pub fn title(&self, name: &str) -> String {
        let who = match (name, &self.version) {
            ("", _) => "a provider".to_owned(),
            ("terraform", _) => "Terraform itself".to_owned(),
            (name, Some(version)) => format!("the provider {name} {version}"),
            (name, None) => format!("the provider {name}"),
        };
        let did = match self.how {
            How::Killed => "was killed, most likely for its memory",
            How::Panicked => "crashed",
            How::NeverStarted => "does not start",
            How::Ended => "ended in the middle of its work",
        };
        let panic = self.panic.iter().map(|panic| format!(": {panic}"));
        format!("{who} {did}{}", panic.collect::<String>())
    }

    fn finding(self, name: &str, in_flight: &[String]) -> Finding {
        let claim = self.title(name);
        let id = match (name, self.how) {
            ("terraform", _) => "terraform.crash",
            (_, How::Killed) => "provider.killed",
            (_, How::Panicked) => "provider.crash",
            (_, How::NeverStarted) => "provider.not-started",
            (_, How::Ended) => "provider.gone",
        };
        let work = match self.address.as_deref() {
            Some(address) => Some(format!("it was working on {address}")),
            None if in_flight.is_empty() => None,
            None => Some(format!("in flight: {}", in_flight.join(", "))),
        };
        let particulars = [
            self.frame.map(|frame| format!("at {frame}")),
            self.call.map(|call| format!("it did not answer {call}")),
            work,
            Some("for its upstream: tfsos analyze --crash-report FILE writes what it wants to know, without secrets".to_owned()),
        ];
        let mut finding = critical(id, Confidence::Certain, claim)
            .seen(particulars.into_iter().flatten())
            .seen(self.said.into_iter().take(super::NAMED));
        finding.told_at = self.told_at;
        finding
    }
}

/// The cause on a line that begins a panic, with or without a header before it.
fn panic_of(line: &str) -> Option<&str> {
    let starts = ["panic: ", "fatal error: "];
    let at = starts.iter().find_map(|start| line.find(start))?;
    Some(line[at..].trim_end())
}

/// The work that no log tells the end of, or that failed.
pub fn in_flight(logs: &[Logged<'_>]) -> Vec<String> {
    let mut addresses = Vec::new();
    for log in logs {
        let running = log.account.operations.running(log.account.latest());
        let ended = log.account.operations.latest();
        let broken = ended.filter(|work| work.outcome != Outcome::Done);
        for work in running.iter().chain(broken) {
            let address = work.address.to_string();
            if !addresses.contains(&address) && addresses.len() < IN_FLIGHT {
                addresses.push(address);
            }
        }
    }
    addresses
}
