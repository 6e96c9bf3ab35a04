//! The runs of one file: `TF_LOG_PATH` appends, so that several stand in one
//! file, each with its version and the words that it was started with. Some
//! of those words are a risk that is worth a remark.

use super::At;
use crate::log::signal::RunMark;
use crate::log::stamp::Millis;

/// How many runs are kept; later ones are counted only.
const MOST_RUNS: usize = 4096;

/// One run of Terraform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The record that it begins with.
    pub at: At,
    pub version: Box<str>,
    /// The words of its command line, with the program's name; none where the log does not tell.
    pub arguments: Vec<Box<str>>,
    /// The same without the program and with what `TF_CLI_ARGS` added.
    pub command: Vec<Box<str>>,
    /// The last time that was heard of it.
    pub last: Option<Millis>,
    /// The record that tells that its plan is made, while it still holds the lock:
    /// what is left of such a run is to print the plan.
    pub printing: Option<At>,
    is_locked: bool,
    /// Whether its first words were an event of `-json`, of the log, or of both.
    in_log: bool,
    in_events: bool,
}

/// What is risky about how a run was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    AutoApprove,
    NoLock,
    NoRefresh,
    Target,
    Parallelism,
}

impl Risk {
    /// The option that it comes from.
    pub const fn option(self) -> &'static str {
        match self {
            Self::AutoApprove => "-auto-approve",
            Self::NoLock => "-lock=false",
            Self::NoRefresh => "-refresh=false",
            Self::Target => "-target",
            Self::Parallelism => "-parallelism",
        }
    }

    /// What it means for who looks at the incident.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::AutoApprove => "nobody looked at the plan before it was applied",
            Self::NoLock => "it took no lock: another run may have written the state meanwhile",
            Self::NoRefresh => "it trusted the state: changes made outside Terraform were not seen",
            Self::Target => {
                "it left parts of the configuration out: the rest may not fit what it wrote"
            }
            Self::Parallelism => "it does not ask the services at the usual pace of 10",
        }
    }
}

impl Run {
    /// The word after the program's name: `apply`.
    pub fn verb(&self) -> Option<&str> {
        let words = if self.command.is_empty() {
            self.arguments.get(1..)?
        } else {
            &self.command
        };
        words
            .iter()
            .map(AsRef::as_ref)
            .find(|word| !word.starts_with('-'))
    }

    /// What is risky about it, each once.
    pub fn risks(&self) -> Vec<Risk> {
        let words = self.arguments.iter().chain(&self.command);
        let mut risks: Vec<Risk> = words.filter_map(|word| risk(word)).collect();
        risks.sort_unstable();
        risks.dedup();
        risks
    }
}

fn risk(word: &str) -> Option<Risk> {
    let option = word.strip_prefix('-')?;
    let option = option.strip_prefix('-').unwrap_or(option);
    let (name, value) = option.split_once('=').unwrap_or((option, "true"));
    let is_off = ["false", "0", "f", "F", "FALSE", "False"].contains(&value);
    match name {
        "auto-approve" if !is_off => Some(Risk::AutoApprove),
        "lock" if is_off => Some(Risk::NoLock),
        "refresh" if is_off => Some(Risk::NoRefresh),
        "target" => Some(Risk::Target),
        "parallelism" if value != "10" => Some(Risk::Parallelism),
        _ => None,
    }
}

/// All runs of a file, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runs {
    list: Vec<Run>,
    count: u64,
}

/// Whether a mark began a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Began {
    Run,
    Nothing,
}

impl Runs {
    /// The first runs, in order.
    pub fn list(&self) -> &[Run] {
        &self.list
    }

    /// The one that the log ends in, where it is one of those kept.
    pub fn latest(&self) -> Option<&Run> {
        let kept = self.count == self.list.len() as u64;
        self.list.last().filter(|_| kept)
    }

    /// How many there are in all.
    pub fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn hear(&mut self, at: At, mark: &RunMark) -> Began {
        match mark {
            RunMark::Version { version, in_events } => self.begin(at, version, *in_events),
            RunMark::Arguments(words) => {
                self.tell(|run| run.arguments = words.to_vec());
                Began::Nothing
            }
            RunMark::CommandArguments(words) => {
                self.tell(|run| run.command = words.to_vec());
                Began::Nothing
            }
            RunMark::Locked => {
                self.tell(|run| run.is_locked = true);
                Began::Nothing
            }
            RunMark::Planned => {
                self.tell(|run| run.printing = run.is_locked.then_some(at));
                Began::Nothing
            }
            RunMark::Ended(_) | RunMark::Shows | RunMark::ShowsCreation | RunMark::Applied => {
                Began::Nothing
            }
            RunMark::Unlocks => {
                self.tell(|run| (run.is_locked, run.printing) = (false, None));
                Began::Nothing
            }
        }
    }

    /// With `-json` and `TF_LOG` together a run tells its version in both ways.
    fn begin(&mut self, at: At, version: &str, in_events: bool) -> Began {
        if let Some(run) = self.current() {
            let told = if in_events {
                &mut run.in_events
            } else {
                &mut run.in_log
            };
            if in_events && !std::mem::replace(told, true) {
                return Began::Nothing;
            }
        }
        self.count += 1;
        if self.list.len() < MOST_RUNS {
            self.list.push(Run {
                at,
                version: version.into(),
                arguments: Vec::new(),
                command: Vec::new(),
                last: at.time,
                printing: None,
                is_locked: false,
                in_log: !in_events,
                in_events,
            });
        }
        Began::Run
    }

    /// The run that the log is in, where it is one of those kept.
    fn current(&mut self) -> Option<&mut Run> {
        let kept = self.count == self.list.len() as u64;
        self.list.last_mut().filter(|_| kept)
    }

    fn tell(&mut self, change: impl FnOnce(&mut Run)) {
        if let Some(run) = self.current() {
            change(run);
        }
    }

    pub(super) fn lasts(&mut self, time: Option<Millis>) {
        self.tell(|run| run.last = run.last.max(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(in_events: bool) -> RunMark {
        let version = "1.11.4".into();
        RunMark::Version { version, in_events }
    }

    fn words(text: &str) -> Box<[Box<str>]> {
        text.split(' ').map(Into::into).collect()
    }

    #[test]
    fn the_options_that_carry_a_risk_are_remarked_once() {
        let mut runs = Runs::default();
        runs.hear(At::default(), &version(false));
        runs.hear(At::default(), &RunMark::Arguments(words(
            "terraform apply -auto-approve --lock=false -refresh=false -target=a.b -target a.c -parallelism=50",
        )));
        runs.hear(
            At::default(),
            &RunMark::CommandArguments(words("apply -auto-approve")),
        );
        let run = &runs.list()[0];
        assert_eq!(run.verb(), Some("apply"));
        let options: Vec<&str> = run.risks().into_iter().map(Risk::option).collect();
        assert_eq!(
            options,
            [
                "-auto-approve",
                "-lock=false",
                "-refresh=false",
                "-target",
                "-parallelism"
            ]
        );
    }

    #[test]
    fn harmless_options_are_none() {
        for word in [
            "-auto-approve=false",
            "-lock=true",
            "-lock-timeout=5m",
            "-refresh-only",
            "-parallelism=10",
            "auto-approve",
            "-var",
            "-no-color",
        ] {
            assert_eq!(risk(word), None, "{word}");
        }
    }

    #[test]
    fn a_run_that_tells_its_version_twice_is_one() {
        let mut runs = Runs::default();
        for in_events in [false, true, false, false, true, true] {
            runs.hear(At::default(), &version(in_events));
        }
        assert_eq!(runs.count(), 4);
    }
}
