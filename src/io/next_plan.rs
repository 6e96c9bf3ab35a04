//! What the next plan would do, asked of the Terraform or OpenTofu at hand: a
//! plan without a refresh and without a lock, which writes nothing. It runs as
//! a child in a group of its own, as the user would run it in the working
//! directory, and is killed with all it started when it is no longer awaited.
//! Where it cannot be had, the comparison of the two states stands, with why.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use memchr::memmem;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::discover;
use super::disk::{self, Asking};
use super::execute::Stop;
use super::incidents::identity;
use crate::analysis::{Act, Plan};
use crate::log::mask::mask;
use crate::place::{Environment, Place};
use crate::recovery::guard::Guard;

/// A refresh-less plan of a thousand resources takes some ten seconds, most of them for its providers.
pub const LIMIT: Duration = Duration::from_mins(2);
/// How often it is looked whether somebody wants to leave.
const LOOK: Duration = Duration::from_millis(100);
/// A line that is longer tells of outputs, not of resources.
const LINE: usize = 1 << 20;
/// What is kept of all lines: those of some hundred thousand resources.
const KEPT: usize = 64 << 20;
/// How much of a complaint is shown.
const COMPLAINT: usize = 200;
/// The setting that says that no program is to be asked.
pub const NOBODY: &str = "none";

/// The words after the program. The last takes back an `-out` of `TF_CLI_ARGS_plan`,
/// as the others take back what would lock or ask.
const WORDS: [&str; 7] = [
    "plan",
    "-refresh=false",
    "-lock=false",
    "-input=false",
    "-detailed-exitcode=false",
    "-json",
    "-out=",
];
/// What a person would type for the same.
const SHOWN: &str = "plan -refresh=false";

/// Whom to ask, and where.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub place: &'a Place,
    pub environment: &'a Environment,
    /// The program as the setting names it; empty is whichever is found.
    pub program: &'a str,
    /// Asked when nobody waits any longer.
    pub leaving: &'a Stop,
}

impl Asked<'_> {
    /// What the next plan would do: as a plan says it, else as the comparison does.
    pub async fn guard(self, compared: Guard) -> Guard {
        match self.planned().await {
            Ok(guard) => guard,
            Err(why) => compared.unplanned(why),
        }
    }

    async fn planned(self) -> Result<Guard, String> {
        let directory = self.directory().await?;
        let program = self.found(&directory).await?;
        let name = program.file_name().unwrap_or(program.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let plan = run((&program, &directory), LIMIT, self.leaving).await;
        let plan = plan.map_err(|why| format!("{name} {SHOWN}: {why}"))?;
        Ok(guard(plan).planned_by(format!("{name} {SHOWN}")))
    }

    /// The working directory of just this state.
    async fn directory(self) -> Result<PathBuf, String> {
        if self.place.is_sandbox() {
            return Err("a sandbox has no configuration".to_owned());
        }
        if self.program == NOBODY {
            return Err("the setting terraform says none".to_owned());
        }
        let Some(directory) = &self.place.directory else {
            return Err("the place was named without a working directory".to_owned());
        };
        let found = discover::find(directory.clone(), self.environment.clone()).await;
        let there = found.and_then(|found| found.place());
        let there = there.map_err(|fault| fault.to_string())?;
        let same = identity(&there) == identity(self.place);
        if !same || there.workspace != self.place.workspace {
            return Err(format!(
                "the working directory is set to {}",
                there.full_name()
            ));
        }
        Ok(directory.clone())
    }

    /// The program that the setting names, or the one that initialized the directory.
    async fn found(self, directory: &Path) -> Result<PathBuf, String> {
        let path = self
            .environment
            .value("PATH")
            .unwrap_or_default()
            .to_owned();
        let (program, directory) = (self.program.to_owned(), directory.to_owned());
        let asking = Asking::new("look for", "terraform");
        let found = disk::ask(asking, move || {
            let names = match program.as_str() {
                "" => by_directory(&directory).map(str::to_owned).to_vec(),
                named => vec![named.to_owned()],
            };
            Ok(names.iter().find_map(|name| on_path(name, &path)))
        });
        let found = found.await.map_err(|fault| fault.to_string())?;
        found.ok_or_else(|| match self.program {
            "" => "neither terraform nor tofu is on the PATH".to_owned(),
            named => format!("there is no program {named}"),
        })
    }
}

/// OpenTofu first where it made the directory what it is.
fn by_directory(directory: &Path) -> [&'static str; 2] {
    let locked = disk::beginning(&directory.join(".terraform.lock.hcl"), 1 << 20);
    let locked = locked.ok().flatten().unwrap_or_default();
    if memmem::find(&locked, b"registry.opentofu.org/").is_some() {
        return ["tofu", "terraform"];
    }
    ["terraform", "tofu"]
}

fn on_path(name: &str, path: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        let about = path.metadata();
        about.is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    };
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(is_program);
    }
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(name)).find(is_program)
}

/// Kills what it was made for, and everything that started.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // One that has ended needs no signal.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs it to its end, to the limit, or until nobody waits.
async fn run(
    (program, directory): (&Path, &Path),
    limit: Duration,
    leaving: &Stop,
) -> Result<Plan, String> {
    let cause = |error: std::io::Error| disk::cause(&error);
    let mut child = start(program, directory).map_err(cause)?;
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let _group = Group(id);
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("it could not be listened to".to_owned());
    };
    let ended = async {
        let (said, complaint) = tokio::join!(heard(out), beginning(err));
        let status = child.wait().await.map_err(cause)?;
        if status.success() {
            return Plan::of_text(&said?).map_err(|_| "it ended without a plan".to_owned());
        }
        let why = said.ok().and_then(|said| error(&said)).unwrap_or(complaint);
        Err(if why.is_empty() {
            format!("it ended with {status}")
        } else {
            why
        })
    };
    tokio::select! {
        ended = timeout(limit, ended) => {
            ended.unwrap_or_else(|_| Err(format!("it was not done within {} s", limit.as_secs())))
        }
        () = asked(leaving) => Err("nobody waited for its end".to_owned()),
    }
}

async fn asked(leaving: &Stop) {
    while !leaving.is_asked() {
        sleep(LOOK).await;
    }
}

fn start(program: &Path, directory: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command
        .args(WORDS)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .env("TF_INPUT", "0")
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1");
    // Its log would stand among the lines of the incident.
    for name in ["TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PATH"] {
        command.env_remove(name);
    }
    command.spawn()
}

/// The events that tell of resources, and of errors; the others may hold values.
async fn heard(out: impl AsyncRead + Unpin) -> Result<Vec<u8>, String> {
    const KINDS: [&[u8]; 3] = [
        br#""type":"planned_change""#,
        br#""type":"change_summary""#,
        br#""type":"diagnostic""#,
    ];
    let mut reader = BufReader::new(out);
    let (mut kept, mut line) = (Vec::new(), Vec::new());
    loop {
        let buffer = reader.fill_buf().await;
        let buffer = buffer.map_err(|error| disk::cause(&error))?;
        if buffer.is_empty() {
            return Ok(kept);
        }
        let end = memchr::memchr(b'\n', buffer);
        let taken = end.map_or(buffer.len(), |end| end + 1);
        if line.len() <= LINE {
            line.extend(&buffer[..taken]);
        }
        reader.consume(taken);
        if end.is_none() {
            continue;
        }
        let tells = line.len() <= LINE;
        if tells && KINDS.iter().any(|kind| memmem::find(&line, kind).is_some()) {
            if kept.len() + line.len() > KEPT {
                return Err("its plan is too long".to_owned());
            }
            kept.extend(&line);
        }
        line.clear();
    }
}

/// The first line of what a program complains in plain text; the rest is read and dropped.
async fn beginning(mut err: impl AsyncRead + Unpin) -> String {
    let (mut first, mut buffer) = (Vec::new(), vec![0; 4096]);
    while let Ok(count @ 1..) = err.read(&mut buffer).await {
        if first.len() < LINE {
            first.extend(&buffer[..count]);
        }
    }
    let text = String::from_utf8_lossy(&first).into_owned();
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    complaint(line.unwrap_or_default())
}

/// The first error among the events.
fn error(said: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event {
        diagnostic: Option<Diagnostic>,
    }
    #[derive(Deserialize)]
    struct Diagnostic {
        severity: String,
        summary: String,
    }
    let events = said.split(|byte| *byte == b'\n');
    let mut told = events.filter_map(|line| serde_json::from_slice::<Event>(line).ok()?.diagnostic);
    let first = told.find(|one| one.severity == "error")?;
    Some(complaint(&first.summary))
}

fn complaint(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    mask(&one_line).chars().take(COMPLAINT).collect()
}

fn guard(plan: Plan) -> Guard {
    let mut guard = Guard::default();
    for change in plan.changes {
        let into = match change.act {
            Act::Create => &mut guard.creates,
            Act::Delete => &mut guard.destroys,
            Act::Replace => &mut guard.replaces,
            Act::Update => &mut guard.changes,
            Act::Other => continue,
        };
        into.push(change.address);
    }
    guard
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::place::{Backend, Origin, Sandbox};

    const CHANGE: &str = r#"{"change":{"resource":{"addr":"aws_db_instance.main"},"action":"replace"},"type":"planned_change"}"#;
    const SUMMARY: &str = r#"{"changes":{"add":1},"type":"change_summary"}"#;

    /// A program that does this, and the folder that it runs in.
    fn program(script: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    }

    async fn ran(script: &str, limit: Duration) -> Result<Guard, String> {
        let (folder, path) = program(script);
        let plan = run((&path, folder.path()), limit, &Stop::default()).await;
        plan.map(guard)
    }

    #[tokio::test]
    async fn what_a_plan_would_do_is_read_from_its_events() {
        let script = format!("echo '{CHANGE}'; echo '{SUMMARY}'; echo noise >&2");
        let guard = ran(&script, LIMIT).await.unwrap();
        assert_eq!(guard.replaces, ["aws_db_instance.main"]);
    }

    #[tokio::test]
    async fn a_program_that_fails_or_says_nothing_is_quoted_and_never_believed() {
        let diagnostic = r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"No value for\nrequired variable"}}"#;
        let cases = [
            (
                format!("printf '%s\\n' '{diagnostic}'; exit 1"),
                "No value for required variable",
            ),
            (
                "echo 'flag provided but not defined: -json' >&2; exit 1".to_owned(),
                "flag provided but not defined: -json",
            ),
            ("exit 3".to_owned(), "it ended with exit status: 3"),
            (
                format!("echo '{CHANGE}'; exit 1"),
                "it ended with exit status: 1",
            ),
            ("echo all is well".to_owned(), "it ended without a plan"),
        ];
        for (script, why) in cases {
            assert_eq!(ran(&script, LIMIT).await, Err(why.to_owned()), "{script}");
        }
    }

    /// Whether a process that a script left its number of is there no more.
    async fn until_gone(folder: &Path) {
        let number = fs::read_to_string(folder.join("child")).unwrap();
        let path = PathBuf::from(format!("/proc/{}/stat", number.trim()));
        // One that nobody has waited for yet is dead all the same.
        let lives = || {
            let stat = fs::read_to_string(&path).unwrap_or_default();
            stat.rsplit_once(") ")
                .is_some_and(|(_, rest)| !rest.starts_with('Z'))
        };
        while lives() {
            sleep(Duration::from_millis(5)).await;
        }
    }

    const HANGS: &str = "sleep 600 & echo $! > child; wait";

    #[tokio::test]
    async fn a_program_that_hangs_is_killed_at_its_limit_with_what_it_started() {
        let (folder, path) = program(HANGS);
        let limit = Duration::from_secs(1);
        let plan = run((&path, folder.path()), limit, &Stop::default()).await;
        assert_eq!(plan, Err("it was not done within 1 s".to_owned()));
        until_gone(folder.path()).await;
    }

    #[tokio::test]
    async fn a_program_that_nobody_waits_for_is_killed_with_what_it_started() {
        for ask in [true, false] {
            let (folder, path) = program(HANGS);
            let (at, leaving) = (folder.path().to_owned(), Stop::default());
            let stop = leaving.clone();
            let job = tokio::spawn(async move { run((&path, &at), LIMIT, &stop).await });
            while fs::read_to_string(folder.path().join("child"))
                .unwrap_or_default()
                .is_empty()
            {
                sleep(Duration::from_millis(5)).await;
            }
            if ask {
                leaving.ask();
                assert!(job.await.unwrap().is_err());
            } else {
                job.abort();
                assert!(job.await.is_err());
            }
            until_gone(folder.path()).await;
        }
    }

    #[tokio::test]
    async fn nothing_is_run_where_no_directory_is_of_the_state_or_nobody_may_be_asked() {
        let (folder, path) = program("exit 9");
        fs::write(folder.path().join("terraform.tfstate"), "{}").unwrap();
        let environment = Environment::default().with("PATH", "/nowhere");
        let here = discover::find(folder.path().to_owned(), environment.clone());
        let here = here.await.unwrap().place().unwrap();
        let path = path.display().to_string();
        let why = async |place: &Place, program: &str| {
            let asked = Asked {
                place,
                environment: &environment,
                program,
                leaving: &Stop::default(),
            };
            asked.planned().await.unwrap_err()
        };
        assert_eq!(why(&here, NOBODY).await, "the setting terraform says none");
        assert_eq!(
            why(&here, "").await,
            "neither terraform nor tofu is on the PATH"
        );
        assert_eq!(why(&here, "tofu-1.9").await, "there is no program tofu-1.9");
        let ran = "terraform plan -refresh=false: it ended with exit status: 9";
        assert_eq!(why(&here, &path).await, ran, "only here is it run");

        let another = Place {
            workspace: "staging".into(),
            ..here.clone()
        };
        let said = why(&another, &path).await;
        assert!(
            said.starts_with("the working directory is set to"),
            "{said}"
        );
        let by_flags = Place {
            directory: None,
            origin: Origin::Flags,
            ..here.clone()
        };
        let said = why(&by_flags, &path).await;
        assert!(said.contains("without a working directory"), "{said}");
        let sandbox = Place {
            backend: Backend::Sandbox(Sandbox {
                root: folder.path().to_owned(),
                bucket: "b".into(),
                key: "k".into(),
                table: None,
                use_lockfile: true,
                region: "eu-west-1".into(),
            }),
            ..here
        };
        assert_eq!(why(&sandbox, &path).await, "a sandbox has no configuration");
    }
}
