//! `tfsos analyze`: what a log holds and what to do about it. Trouble in a log
//! is no failure of this command: only `--fail-on` makes it one.

use std::io::stdout;
use std::path::Path;

use tokio::task;

use super::site::Ended;
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::Analyze;
use crate::fault::Fault;
use crate::io::discover;
use crate::io::disk::{self, Asking};
use crate::io::follow::{HeardLog, crashes_heard, hear};
use crate::log::Input;

mod advice;
mod example;
mod json;
mod markdown;
mod report;
mod text;

use report::{Choice, Report};

/// Columns where nobody's terminal sets them.
const COLUMNS: usize = 160;

pub async fn answer(asked: &Analyze) -> Result<Answer, Ended> {
    let inputs = inputs(asked)?;
    let heard = task::spawn_blocking(move || inputs.iter().map(hear).collect::<Vec<_>>()).await;
    let heard = heard.map_err(|_| {
        let fault = Fault::new(
            "read log",
            "",
            "it failed inside; this is a defect of tfsos",
        );
        (Exit::Unable, fault)
    })?;
    let (logs, faults) = parted(heard);
    if logs.is_empty() {
        let fault = faults.into_iter().next();
        let fault = fault.unwrap_or_else(|| Fault::new("read log", "", "none was named"));
        return Err((Exit::Unable, fault));
    }
    let choice = Choice {
        slow: u64::from(asked.slow) * 1000,
        context: usize::from(asked.context),
        decode: if asked.reveal {
            crate::log::Record::revealed
        } else {
            crate::log::Record::decode
        },
    };
    let report = Report::of(&logs, &choice, &discover::environment());
    let mut answer = told(asked, &report, &faults);
    if let Some(path) = &asked.crash_report {
        match write_crashes(&logs, path).await {
            Ok(()) => {
                let path = path.display();
                let said = format!("the crash report is in {path}: read it before you post it");
                answer.aside.push(said);
            }
            Err(fault) => {
                if answer.exit == Exit::Done {
                    answer.exit = Exit::Unable;
                }
                answer.fault = Some(fault);
            }
        }
    }
    Ok(answer)
}

/// Writes what is known of the crashes into a new file.
async fn write_crashes(logs: &[HeardLog], path: &Path) -> Result<(), Fault> {
    let fault =
        |cause: &str| Fault::new("write the crash report", path.display().to_string(), cause);
    let Some(text) = crashes_heard(logs) else {
        return Err(fault("no crash is told of in the latest run of these logs"));
    };
    let asking = Asking::new("write the crash report", path.display().to_string());
    let path = path.to_owned();
    disk::ask(asking, move || disk::create(&path, text.as_bytes())).await
}

/// The logs by name; one input can be read once.
fn inputs(asked: &Analyze) -> Result<Vec<Input>, Ended> {
    let dash = |path: &&std::path::PathBuf| path.as_path() == Path::new("-");
    if asked.logs.iter().filter(dash).count() > 1 {
        let fault = Fault::new("read", "standard input", "it was named twice");
        return Err((Exit::Usage, fault));
    }
    Ok(asked.logs.iter().map(|path| Input::named(path)).collect())
}

/// What was heard, and why the rest was not; a log may be in both.
fn parted(heard: Vec<Result<HeardLog, Fault>>) -> (Vec<HeardLog>, Vec<Fault>) {
    let (mut logs, mut faults) = (Vec::new(), Vec::new());
    for one in heard {
        match one {
            Ok(log) => {
                faults.extend(log.broken_off.clone());
                logs.push(log);
            }
            Err(fault) => faults.push(fault),
        }
    }
    (logs, faults)
}

fn told(asked: &Analyze, report: &Report<'_>, faults: &[Fault]) -> Answer {
    let failing = report.troubles.iter().any(|trouble| {
        asked
            .fail_on
            .iter()
            .any(|category| category.0 == trouble.category)
    });
    let exit = match (failing, faults.is_empty()) {
        (true, _) => Exit::Found,
        (false, false) => Exit::Unable,
        (false, true) => Exit::Done,
    };
    let unseen: Vec<String> = faults.iter().map(Fault::to_string).collect();
    let text = if asked.markdown {
        markdown::of(report, &unseen)
    } else {
        text::of(report, &unseen, columns())
    };
    let lines: Vec<_> = text.lines().map(visible).collect();
    Answer {
        own: json::of(report),
        unseen,
        ..Answer::text(exit, lines.join("\n"))
    }
}

fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(stdout());
    size.map_or(COLUMNS, |size| usize::from(size.ws_col).max(60))
}
