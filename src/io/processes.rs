//! The runs of Terraform and OpenTofu on this machine, as far as the system
//! shows them: evidence for or against the holder of a lock.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::here;
use crate::lock::Sighting;
use crate::lock::verdict::{Candidate, Presence, Whereabouts, taken_at};

/// Names that many machines bear: that a lock names one says nothing.
const NOBODYS: [&str; 4] = [
    "localhost",
    "localhost.localdomain",
    "buildkitsandbox",
    "runner",
];
/// A process starts before it takes its lock, and clocks differ a little.
const GRACE: SignedDuration = SignedDuration::from_secs(5);
/// `USER_HZ` is 100 on every architecture that Linux runs on today.
const TICK: SignedDuration = SignedDuration::from_millis(10);

/// One running process that could hold a lock.
#[derive(Debug, Clone)]
struct Run {
    process: u32,
    directory: Option<PathBuf>,
    started: Option<Timestamp>,
}

/// Every such process of this machine, at one moment.
#[derive(Debug, Clone)]
pub struct Processes {
    /// None where the system does not list its processes.
    runs: Option<Vec<Run>>,
    host: String,
}

impl Processes {
    /// Lists them. Reads `/proc`, so it belongs on a blocking thread.
    pub fn list() -> Self {
        let runs = boot_time().zip(fs::read_dir("/proc").ok());
        let runs = runs.map(|(boot, entries)| {
            entries
                .flatten()
                .filter_map(|entry| run(&entry.path(), boot))
                .collect()
        });
        Self {
            runs,
            host: here::host(),
        }
    }

    /// What they say about the holder of a lock on the state of this directory.
    pub fn presence(&self, seen: &Sighting, directory: Option<&Path>) -> Presence {
        let Some(holder) = seen.holder() else {
            return Presence::Unknown;
        };
        let Some((_, host)) = holder.who.rsplit_once('@') else {
            return Presence::Unknown;
        };
        if host.is_empty() || NOBODYS.contains(&host) {
            return Presence::Unknown;
        }
        if host != self.host {
            return Presence::Elsewhere {
                host: host.to_owned(),
            };
        }
        let Some(runs) = &self.runs else {
            return Presence::Unknown;
        };
        let taken = taken_at(seen);
        let before = |run: &&Run| match (run.started, taken) {
            (Some(started), Some(taken)) => started.duration_since(taken) <= GRACE,
            _ => true,
        };
        let candidates = runs.iter().filter(before).map(|run| Candidate {
            process: run.process,
            whereabouts: whereabouts(run.directory.as_deref(), directory),
        });
        Presence::Here {
            candidates: candidates.collect(),
        }
    }
}

fn whereabouts(of_run: Option<&Path>, of_place: Option<&Path>) -> Whereabouts {
    let resolved = of_place.and_then(|place| fs::canonicalize(place).ok());
    match (of_run, resolved) {
        (Some(run), Some(place)) if run == place => Whereabouts::SameDirectory,
        _ => Whereabouts::OtherDirectory,
    }
}

fn run(entry: &Path, boot: Timestamp) -> Option<Run> {
    let process = entry.file_name()?.to_str()?.parse().ok()?;
    let stat = Stat::parse(&fs::read_to_string(entry.join("stat")).ok()?)?;
    stat.is_terraform().then(|| Run {
        process,
        directory: fs::read_link(entry.join("cwd")).ok(),
        started: stat.started(boot),
    })
}

/// A process as `/proc/<id>/stat` tells it. The times of the folder itself
/// tell nothing: they are those of the first look at it.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    name: String,
    state: char,
    /// In ticks since boot.
    began: i32,
}

impl Stat {
    /// `id (name) state …`, where the name may itself hold parentheses and spaces.
    fn parse(stat: &str) -> Option<Self> {
        let (before, after) = stat.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        let mut fields = after.split_whitespace();
        let state = fields.next()?.chars().next()?;
        let began: u64 = fields.nth(18)?.parse().ok()?;
        Some(Self {
            name: name.to_owned(),
            state,
            began: i32::try_from(began).ok()?,
        })
    }

    /// A run of Terraform or OpenTofu, not a provider, a language server or a dead one.
    fn is_terraform(&self) -> bool {
        let tools = ["terraform", "tofu", "terragrunt"];
        let tool = tools.iter().any(|tool| self.name.starts_with(tool));
        let other = ["-provi", "-ls", "-docs"];
        tool && !other.iter().any(|part| self.name.contains(part))
            && !matches!(self.state, 'Z' | 'X')
    }

    fn started(&self, boot: Timestamp) -> Option<Timestamp> {
        boot.checked_add(TICK.checked_mul(self.began)?).ok()
    }
}

fn boot_time() -> Option<Timestamp> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    Timestamp::from_second(line.trim().parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Store};

    fn lock(who: &str) -> Sighting {
        Sighting {
            store: Store::DynamoDb,
            container: "t".into(),
            key: "k".into(),
            body: Body::Bytes(
                format!(r#"{{"ID":"a","Who":"{who}","Created":"2026-11-22T10:00:00Z"}}"#)
                    .into_bytes(),
            ),
            etag: None,
            modified: None,
        }
    }

    fn processes(runs: Vec<Run>) -> Processes {
        Processes {
            runs: Some(runs),
            host: "laptop".into(),
        }
    }

    fn run_at(time: &str) -> Run {
        Run {
            process: 7,
            directory: Some("/nowhere".into()),
            started: time.parse().ok(),
        }
    }

    #[test]
    fn another_host_s_processes_cannot_be_seen() {
        let found = processes(Vec::new()).presence(&lock("ci@runner-12"), None);
        assert_eq!(
            found,
            Presence::Elsewhere {
                host: "runner-12".into()
            }
        );
    }

    #[test]
    fn a_process_younger_than_the_lock_cannot_hold_it() {
        let young =
            processes(vec![run_at("2026-11-22T10:30:00Z")]).presence(&lock("me@laptop"), None);
        assert_eq!(
            young,
            Presence::Here {
                candidates: Vec::new()
            }
        );
        let old =
            processes(vec![run_at("2026-11-22T09:59:58Z")]).presence(&lock("me@laptop"), None);
        assert!(matches!(old, Presence::Here { candidates } if candidates.len() == 1));
    }

    #[test]
    fn a_lock_that_names_nobody_is_judged_without_processes() {
        assert_eq!(
            processes(Vec::new()).presence(&lock("nobody"), None),
            Presence::Unknown
        );
    }

    #[test]
    fn a_host_whose_name_many_bear_says_nothing() {
        let found = processes(Vec::new()).presence(&lock("ci@runner"), None);
        assert_eq!(found, Presence::Unknown);
    }

    #[test]
    fn a_process_is_read_whatever_its_name_holds() {
        let line = "47 (terra) form) S 1 47 47 0 -1 41 1 2 3 4 5 6 7 8 20 0 9 0 12345 1 2";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.name.as_str(), stat.state), ("terra) form", 'S'));
        let started = stat.started(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(started.to_string(), "1970-01-01T00:02:03.45Z");
        assert_eq!(Stat::parse("47 (x"), None);
    }

    #[test]
    fn only_a_living_run_of_the_tool_itself_could_hold_a_lock() {
        let is_one = |name: &str, state| {
            let name = name.to_owned();
            Stat {
                name,
                state,
                began: 0,
            }
            .is_terraform()
        };
        assert!(is_one("terraform", 'S') && is_one("terraform_1.5.7", 'R') && is_one("tofu", 'S'));
        assert!(!is_one("terraform", 'Z') && !is_one("terraform-provi", 'S'));
        assert!(!is_one("terraform-ls", 'S') && !is_one("tofu-ls", 'S'));
    }

    #[test]
    fn this_process_is_told_when_it_started() {
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let started = Stat::parse(&stat).unwrap().started(boot_time().unwrap());
        let age = Timestamp::now().duration_since(started.unwrap());
        assert!(age.as_secs().abs() < 3600, "{age}");
    }
}
