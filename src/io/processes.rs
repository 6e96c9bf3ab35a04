//! The runs of Terraform and OpenTofu on this machine, as far as the system
//! shows them: evidence for or against the holder of a lock.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::here;
use crate::lock::Sighting;
use crate::lock::verdict::{Candidate, Presence, Whereabouts, taken_at};

/// The programs that take locks, as `/proc` names them.
const PROGRAMS: [&str; 3] = ["terraform", "tofu", "terragrunt"];
/// A process starts before it takes its lock, and clocks differ a little.
const GRACE: SignedDuration = SignedDuration::from_secs(5);

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
        let runs = fs::read_dir("/proc").ok().map(|entries| {
            entries
                .flatten()
                .filter_map(|entry| run(&entry.path()))
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

fn run(entry: &Path) -> Option<Run> {
    let process = entry.file_name()?.to_str()?.parse().ok()?;
    let name = fs::read_to_string(entry.join("comm")).ok()?;
    PROGRAMS.contains(&name.trim()).then(|| Run {
        process,
        directory: fs::read_link(entry.join("cwd")).ok(),
        started: fs::metadata(entry)
            .and_then(|entry| entry.modified())
            .ok()
            .and_then(|at| at.try_into().ok()),
    })
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
        let found = processes(Vec::new()).presence(&lock("ci@runner"), None);
        assert_eq!(
            found,
            Presence::Elsewhere {
                host: "runner".into()
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
}
