//! What this machine and the place tell around a lock beside the lock itself:
//! running processes, logs, former locks, and the team's CI. Gathered only
//! while a lock is held, and never more than is bounded here: what could not
//! be gathered is not known, and the verdict says so.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use tokio::process::Command;

use super::disk::{self, Asking};
use super::follow;
use super::incidents::{self, Incidents};
use super::processes::Processes;
use super::remote::Remote;
use crate::config::{self, Settings, Typed};
use crate::fault::Fault;
use crate::lock::habit::Habits;
use crate::lock::job::{Job, Running, Template};
use crate::lock::trail::{Logs, Stirring, Tracker, Trail};
use crate::lock::verdict::{Circumstances, Presence};
use crate::lock::{Sighting, Survey};
use crate::log::Input;
use crate::place::{Environment, Place};

/// How many former locks are read.
const FORMER: usize = 20;
/// How much of the end of a log is searched for a lock's id.
const SEARCHED: u64 = 256 << 20;
/// How much of it is held at a time.
const PIECE: usize = 1 << 20;
/// How long a CI may take to say whether a job runs.
const ASKED: Duration = Duration::from_secs(5);
const SETTINGS_LIMIT: u64 = 1 << 20;

/// Whose logs, journals and settings are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Witnesses<'a> {
    pub environment: &'a Environment,
    /// Logs that were named, beside those that are found.
    pub logs: &'a [PathBuf],
}

impl<'a> From<&'a Environment> for Witnesses<'a> {
    fn from(environment: &'a Environment) -> Self {
        Self {
            environment,
            logs: &[],
        }
    }
}

/// What they tell.
#[derive(Debug)]
pub struct Testimony {
    now: Timestamp,
    directory: Option<PathBuf>,
    processes: Option<Processes>,
    pub habits: Option<Habits>,
    /// By the id of the lock.
    logs: HashMap<String, Logs>,
    /// By whom the lock names.
    jobs: HashMap<String, Job>,
}

impl Testimony {
    /// What the processes of this machine tell, and nobody else.
    pub async fn of_processes(now: Timestamp) -> Self {
        let asking = Asking::new("list the processes of", "this machine");
        Self {
            now,
            directory: None,
            processes: disk::ask(asking, || Ok(Processes::list())).await.ok(),
            habits: None,
            logs: HashMap::new(),
            jobs: HashMap::new(),
        }
    }

    /// Asks everybody about the locks that are held; nobody where none is.
    pub async fn of(
        (place, remote): (&Place, &Remote),
        witnesses: Witnesses<'_>,
        survey: &Survey,
        now: Timestamp,
    ) -> Self {
        let mut told = Self::of_processes(now).await;
        told.directory.clone_from(&place.directory);
        if survey.held().next().is_none() {
            return told;
        }
        let (habits, logs, jobs) = tokio::join!(
            habits((place, remote), witnesses.environment, survey),
            logs(place, witnesses, survey),
            jobs(witnesses.environment, survey),
        );
        (told.habits, told.logs, told.jobs) = (habits, logs, jobs);
        told
    }

    /// What is known around one lock.
    pub fn around(&self, lock: &Sighting) -> Circumstances {
        let holder = lock.holder().unwrap_or_default();
        let presence = self.processes.as_ref();
        let presence = presence.map(|list| list.presence(lock, self.directory.as_deref()));
        Circumstances {
            presence: presence.unwrap_or(Presence::Unknown),
            habits: self.habits.clone(),
            logs: self.logs.get(&holder.id).cloned().unwrap_or_default(),
            job: self.jobs.get(&holder.who).cloned(),
            ..Circumstances::at(self.now)
        }
    }
}

/// How the locks of this state were held before; none where neither the store nor a journal tells.
async fn habits(
    (place, remote): (&Place, &Remote),
    environment: &Environment,
    survey: &Survey,
) -> Option<Habits> {
    let journaled = match Incidents::of(environment) {
        Ok(incidents) => incidents.former_locks(&incidents::identity(place)).await,
        Err(fault) => Err(fault),
    };
    let former = remote.former_locks(FORMER).await.unwrap_or_default();
    let mut journaled = journaled.unwrap_or_default();
    // What is held still has shown in one store no more than in the other how long it lasts.
    let held = survey.held().map(|seen| seen.body.sha256());
    journaled.ended.extend(held);
    let habits = Habits::of(former, journaled);
    (!habits.holds.is_empty()).then_some(habits)
}

async fn logs(place: &Place, witnesses: Witnesses<'_>, survey: &Survey) -> HashMap<String, Logs> {
    let named = witnesses.logs.to_vec();
    let found = follow::find(named, place.directory.clone(), witnesses.environment).await;
    let paths: Vec<PathBuf> = found
        .unwrap_or_default()
        .into_iter()
        .filter_map(|input| match input {
            Input::Path(path) => Some(path),
            Input::StandardInput => None,
        })
        .collect();
    let mut told = HashMap::new();
    for id in survey.held().filter_map(Sighting::id) {
        if told.contains_key(&id) {
            continue;
        }
        let (wanted, paths) = (id.clone(), paths.clone());
        let asking = Asking::new("search the logs for", id.clone());
        let logs = disk::ask(asking, move || Ok(told_by(&wanted, &paths))).await;
        told.insert(id, logs.unwrap_or_default());
    }
    told
}

/// What these logs tell of a lock; one that cannot be read tells nothing.
fn told_by(id: &str, paths: &[PathBuf]) -> Logs {
    let mut last: Option<Stirring> = None;
    for path in paths {
        let Ok(Some((written, course))) = search(path, id) else {
            continue;
        };
        let log = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        if let Some(course) = course {
            return Logs::Named(Trail {
                log,
                written,
                course,
            });
        }
        if last.as_ref().is_none_or(|last| last.written < written) {
            last = Some(Stirring { log, written });
        }
    }
    last.map_or(Logs::None, Logs::Silent)
}

type Searched = (Timestamp, Option<crate::lock::trail::Course>);

/// When a log was last written, and how the run went on that took the lock.
fn search(path: &Path, id: &str) -> io::Result<Option<Searched>> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Ok(None);
    }
    let Ok(written) = Timestamp::try_from(about.modified()?) else {
        return Ok(None);
    };
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(about.len().saturating_sub(SEARCHED)))?;
    let mut file = file.take(SEARCHED);
    let mut tracker = Tracker::of(id);
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let kept = piece.len();
        piece.resize(kept.max(PIECE) + PIECE, 0);
        let read = file.read(&mut piece[kept..])?;
        piece.truncate(kept + read);
        if read == 0 {
            tracker.feed(&piece);
            return Ok(Some((written, tracker.course())));
        }
        // A line that is longer than a piece is followed in parts.
        let whole = memchr::memrchr(b'\n', &piece).map_or(
            if piece.len() > 2 * PIECE {
                piece.len()
            } else {
                0
            },
            |end| end + 1,
        );
        tracker.feed(&piece[..whole]);
        piece.drain(..whole);
    }
}

async fn jobs(environment: &Environment, survey: &Survey) -> HashMap<String, Job> {
    let template = template(environment).await.unwrap_or_default();
    let mut jobs = HashMap::new();
    for who in survey
        .held()
        .filter_map(Sighting::holder)
        .map(|holder| holder.who)
    {
        if jobs.contains_key(&who) {
            continue;
        }
        if let Some((mut job, command)) = template.job(&who) {
            job.running = running(&command).await;
            jobs.insert(who, job);
        }
    }
    jobs
}

/// What the settings say of the team's CI.
async fn template(environment: &Environment) -> Result<Template, Fault> {
    let Some(path) = config::path(environment) else {
        return Ok(Template::default());
    };
    let asking = Asking::new("read the settings", path.display().to_string());
    let from = path.clone();
    let text = disk::ask(asking, move || disk::read(&from, SETTINGS_LIMIT)).await?;
    let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let file = text.as_deref().map(|text| (path.as_path(), text));
    Ok(Settings::of(file, environment, &Typed::default())?.ci())
}

/// Asks the team's own command, without a shell and not for long.
async fn running(command: &[String]) -> Running {
    let Some((program, arguments)) = command.split_first() else {
        return Running::NotAsked;
    };
    let mut asked = Command::new(program);
    asked
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let unknown = |why: String| Running::Unknown { why };
    match tokio::time::timeout(ASKED, asked.status()).await {
        Err(_) => unknown(format!(
            "{program} did not answer within {} s",
            ASKED.as_secs()
        )),
        Ok(Err(error)) => unknown(format!("{program}: {}", disk::cause(&error))),
        Ok(Ok(status)) => match status.code() {
            Some(0) => Running::Yes,
            Some(1) => Running::No,
            Some(code) => unknown(format!("{program} ended with {code}")),
            None => unknown(format!("{program} was ended by a signal")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::trail::Course;

    const ID: &str = "9d098885-c01c-c996-afb2-47fc952ad395";

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_command_says_by_its_status_whether_a_job_runs() {
        assert_eq!(running(&words(&["true"])).await, Running::Yes);
        assert_eq!(running(&words(&["false"])).await, Running::No);
        assert_eq!(running(&[]).await, Running::NotAsked);
        let other = running(&words(&["sh", "-c", "exit 7"])).await;
        assert!(matches!(other, Running::Unknown { why } if why.contains("ended with 7")));
        let missing = running(&words(&["/nowhere/ci-runs"])).await;
        assert!(matches!(missing, Running::Unknown { .. }));
    }

    #[test]
    fn the_log_that_names_the_lock_speaks_before_one_that_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (
            folder.path().join("one.log"),
            folder.path().join("other.log"),
        );
        let line = |id: &str| format!("… Locked remote state: tf_backend.lock.id={id}\n");
        std::fs::write(&one, line(ID) + &"x".repeat(3 << 20) + "\n" + &line("b")).unwrap();
        std::fs::write(&other, line("b")).unwrap();
        let paths = [folder.path().join("gone.log"), other, one];
        let Logs::Named(trail) = told_by(ID, &paths) else {
            panic!("nothing names it");
        };
        assert_eq!(
            (trail.log.as_str(), trail.course),
            ("one.log", Course::Open)
        );
        assert!(matches!(told_by("c", &paths), Logs::Silent(_)));
        assert_eq!(told_by(ID, &paths[..1]), Logs::None);
    }
}
