//! `tfsos check`: what is wrong with a state, the worst first, and what could
//! not be looked at. A finding beats something unseen; only-unseen is 3.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::site::{Ended, Site, unable};
use super::{Answer, Exit, object};
use crate::analysis::{Body, Finding, PlanBeside, Severity, of_body, worst_first};
use crate::app::text::visible;
use crate::args::{Check, FailOn};
use crate::config::Settings;
use crate::fault::Fault;
use crate::io::remote::Remote;
use crate::io::{judge, owning};
use crate::place::Place;
use crate::recovery::standing::Standing;
use crate::state::lint::{self, Grade, Lint, Surroundings, Untouched, lint};
use crate::state::{Contents, Reading};

mod advice;
mod fleet;
mod logs;
mod metrics;
mod notify;
mod plan;

use metrics::Measured;
use plan::Older;

/// How far back a version is looked for that is old enough to tell what nobody touched.
const LISTED: usize = 10_000;

/// An answer, with what goes to others beside the one who asked.
struct Checked {
    answer: Answer,
    measured: Vec<Measured>,
    /// The id and the severity of the worst that makes the check fail.
    worst: Option<(String, Severity)>,
}

pub async fn answer(asked: &Check, settings: &Settings) -> Result<Answer, Ended> {
    let checked = check(asked, settings).await;
    let (measured, unseen) = match &checked {
        Ok(checked) => (&checked.measured[..], checked.answer.unseen.len()),
        Err((Exit::Usage, _)) => return Ok(checked?.answer),
        // Whoever scrapes must see that nothing was seen.
        Err(_) => (&[][..], 1),
    };
    let mut missed = Vec::new();
    if let Some(path) = &asked.metrics {
        let text = metrics::text(measured, unseen, Timestamp::now());
        missed.extend(metrics::write(path, text).await.err());
    }
    let Checked {
        mut answer, worst, ..
    } = checked?;
    if let (Some(program), Some((id, severity))) = (&asked.notify_command, worst) {
        let told = object("check", answer.clone());
        let worst = (id.as_str(), &*severity.to_string());
        missed.extend(notify::send(program, &told, worst).await.err());
    }
    if !missed.is_empty() && answer.exit == Exit::Done {
        answer.exit = Exit::Unable;
    }
    let mut missed = missed.into_iter();
    answer.fault = missed.next();
    answer.aside.extend(missed.map(|fault| fault.to_string()));
    Ok(answer)
}

async fn check(asked: &Check, settings: &Settings) -> Result<Checked, Ended> {
    if asked.all {
        return fleet::answer(asked, settings).await;
    }
    let file = asked
        .place
        .directory
        .as_deref()
        .filter(|path| path.is_file());
    match file {
        Some(file) => of_file(asked, file).await,
        None => of_site(asked, settings).await,
    }
}

/// A state file by itself, beside the backup that Terraform may have left of the one before.
async fn of_file(asked: &Check, path: &Path) -> Result<Checked, Ended> {
    let read_one = judge::read(path).await.map_err(unable)?;
    let (contents, reading) = read_one.ok_or_else(|| {
        let name = path.display().to_string();
        unable(Fault::new("read the state file", name, "it has gone"))
    })?;
    let mut answer = Answer::text(Exit::Done, "");
    let mut backup = path.as_os_str().to_owned();
    backup.push(".backup");
    let former = match judge::read(Path::new(&backup)).await {
        Ok(former) => former.filter(|(contents, _)| contents.health.loads()),
        Err(fault) => {
            answer.unseen.push(fault.to_string());
            None
        }
    };
    let mut findings = of_body(&Body {
        contents: &contents,
        reading: &reading,
        former: former.as_ref().map(|(contents, _)| contents),
    });
    if let Some(plan) = &asked.plan {
        let older = Older::Backup(former.as_ref().map(|(_, reading)| reading));
        let state = Some((&contents, &reading));
        findings.extend(plan::findings(plan, state, older, &mut answer.unseen).await);
    }
    let by_logs = logs::findings(&asked.logs, &mut answer.unseen).await?;
    findings.extend(by_logs.findings);
    if let Some(planned) = &by_logs.planned {
        let older = Older::Backup(former.as_ref().map(|(_, reading)| reading));
        let beside = beside(Some((&contents, &reading)), None);
        findings.extend(plan::of_log(planned, beside, older, &mut answer.unseen).await);
    }
    let findings = worst_first(findings);
    let about = format!("{}: {}", path.display(), summary(&contents));
    let lints = if asked.lint {
        advised(&reading, None)
    } else {
        Vec::new()
    };
    let measured = Measured::of_file(path, &contents, &findings);
    Ok(told(asked, answer, &about, (&findings, &lints), measured))
}

/// A state with everything around it.
async fn of_site(asked: &Check, settings: &Settings) -> Result<Checked, Ended> {
    let site = Site::open(&asked.place).await?.caching(settings)?;
    let look = site.look().await;
    let mut answer = site.answer(Exit::Done, "");
    let now = Timestamp::now();
    let (mut findings, unseen) = judge::findings(&site.place, &look, now).await;
    answer.unseen = unseen;
    findings.extend(judge::credentials(&site.place, &answer.unseen, now).await);
    if let Some(plan) = &asked.plan {
        let contents = look.standing.state.as_ref().ok().and_then(Option::as_ref);
        let state = contents.zip(look.reading.as_ref());
        let older = Older::Versions(&site.remote);
        findings.extend(plan::findings(plan, state, older, &mut answer.unseen).await);
    }
    let mut by_logs = logs::findings(&asked.logs, &mut answer.unseen).await?;
    owning::tell(&site.place, &site.remote, &mut by_logs.findings).await;
    findings.extend(by_logs.findings);
    if let Some(planned) = &by_logs.planned {
        let contents = look.standing.state.as_ref().ok().and_then(Option::as_ref);
        let state = contents.zip(look.reading.as_ref());
        let beside = beside(state, look.standing.state_written);
        let older = Older::Versions(&site.remote);
        findings.extend(plan::of_log(planned, beside, older, &mut answer.unseen).await);
    }
    let findings = worst_first(findings);
    let about = about(&site.place, &look.standing);
    let lints = match &look.reading {
        Some(reading) if asked.lint => {
            let mut lints = advised(reading, Some(&site.place));
            lints.extend(by_history(reading, &site.remote, now, &mut answer.unseen).await);
            lints
        }
        _ => Vec::new(),
    };
    let versions = match &asked.metrics {
        Some(_) => counted(&site.remote).await,
        None => None,
    };
    let measured = Measured::of(&site.place, &look.standing, &findings, versions, now);
    Ok(told(asked, answer, &about, (&findings, &lints), measured))
}

/// What a plan is judged beside, but for what was written before.
fn beside(state: Option<(&Contents, &Reading)>, written: Option<Timestamp>) -> PlanBeside {
    PlanBeside {
        written,
        ..plan::beside(state)
    }
}

/// How many versions of the state there are, where they can be listed.
async fn counted(remote: &Remote) -> Option<usize> {
    let versions = remote.versions(metrics::COUNTED).await.ok()?;
    versions.denied.is_none().then_some(versions.list.len())
}

/// What nobody touched for long, by versions of that age; a version that cannot be compared is said.
async fn by_history(
    reading: &Reading,
    remote: &Remote,
    now: Timestamp,
    unseen: &mut Vec<String>,
) -> Vec<Lint> {
    let Some(snapshot) = reading.snapshot() else {
        return Vec::new();
    };
    let versions = match remote.versions(LISTED).await {
        Ok(versions) => versions,
        Err(fault) => {
            unseen.push(fault.to_string());
            return Vec::new();
        }
    };
    let formers = lint::long_ago(&versions, now);
    if formers.is_empty() {
        unseen.extend(versions.denied.map(|fault| fault.to_string()));
    }
    let mut untouched = Untouched::default();
    for former in formers {
        let body = match remote.body(&former.version.id).await {
            Ok(body) => body,
            Err(fault) => {
                unseen.push(fault.to_string());
                continue;
            }
        };
        match Reading::of(body).snapshot() {
            Some(older) => untouched.compare(snapshot, older, former),
            None => unseen.push(format!("{} cannot be compared with", former.named())),
        }
    }
    untouched.lints(snapshot)
}

/// Advice on what the state holds.
fn advised(reading: &Reading, place: Option<&Place>) -> Vec<Lint> {
    let around = Surroundings {
        now: Timestamp::now(),
        bucket: place.and_then(Place::bucket),
    };
    let snapshot = reading.snapshot();
    snapshot.map_or(Vec::new(), |snapshot| lint(snapshot, &around))
}

fn about(place: &Place, standing: &Standing) -> String {
    let state = match &standing.state {
        Ok(Some(contents)) => summary(contents),
        Ok(None) => "no state yet".to_owned(),
        Err(_) => "the state was not seen".to_owned(),
    };
    format!("{}: {state}", place.full_name())
}

fn summary(contents: &Contents) -> String {
    let serial = contents.serial.map(|serial| format!("serial {}", serial.0));
    let resources = contents.resources.map(|count| match count {
        1 => "1 resource".to_owned(),
        _ => format!("{count} resources"),
    });
    let size = Some(format!("{} bytes", contents.size));
    let parts: Vec<_> = [serial, resources, size].into_iter().flatten().collect();
    parts.join(", ")
}

/// The findings as they are printed, and the status that they mean.
fn told(
    asked: &Check,
    mut answer: Answer,
    about: &str,
    (findings, lints): (&[Finding], &[Lint]),
    measured: Measured,
) -> Checked {
    let standards = Standards::of(asked);
    let sick = standards.worst(findings, &[]).is_some();
    let worst = standards.worst(findings, lints);
    answer.exit = match (worst.is_some(), answer.unseen.is_empty()) {
        (true, _) => Exit::Found,
        (false, false) => Exit::Unable,
        (false, true) => Exit::Done,
    };
    answer.text = said(asked, about, (findings, lints), &answer.unseen);
    answer.own.extend([
        // Advice is about what could be better, and says nothing about health.
        (
            "healthy".to_owned(),
            json!(!sick && answer.unseen.is_empty()),
        ),
        ("findings".to_owned(), json!(findings)),
        ("lints".to_owned(), json!(lints)),
    ]);
    Checked {
        answer,
        measured: vec![measured],
        worst,
    }
}

/// From which severity on something makes the check fail.
struct Standards {
    least: Severity,
}

impl Standards {
    fn of(asked: &Check) -> Self {
        Self {
            least: match asked.fail_on {
                FailOn::Info => Severity::Info,
                FailOn::Warning => Severity::Warning,
                FailOn::Critical => Severity::Critical,
            },
        }
    }

    /// The id and the severity of the worst that makes the check fail.
    fn worst(&self, findings: &[Finding], lints: &[Lint]) -> Option<(String, Severity)> {
        let graded = |lint: &Lint| match lint.severity {
            Grade::Info => Severity::Info,
            Grade::Warning => Severity::Warning,
        };
        let found = findings.iter().map(|one| (one.id, one.severity));
        let advice = lints.iter().map(|one| (one.id.as_str(), graded(one)));
        let failing = found.chain(advice).filter(|(_, of)| *of >= self.least);
        // Of equals the first: findings come before advice, and the surest first.
        let worst = failing.reduce(|one, other| if other.1 > one.1 { other } else { one });
        worst.map(|(id, severity)| (id.to_owned(), severity))
    }
}

/// What is said of one state, as it was asked for.
fn said(
    asked: &Check,
    about: &str,
    (findings, lints): (&[Finding], &[Lint]),
    unseen: &[String],
) -> String {
    if asked.markdown {
        markdown(about, findings, unseen) + &advice::markdown(lints)
    } else {
        text(about, findings, unseen) + &advice::text(lints)
    }
}

fn text(about: &str, findings: &[Finding], unseen: &[String]) -> String {
    let mut lines = vec![about.to_owned(), String::new()];
    for finding in findings {
        let mark = match finding.severity {
            Severity::Critical => '✖',
            Severity::Warning => '▲',
            Severity::Info => '●',
        };
        lines.push(format!("  {mark} {}", finding.claim));
        lines.extend(finding.evidence.iter().map(|seen| format!("      {seen}")));
        let leads = finding.runbook.map(|id| match finding.step {
            Some(step @ 2..) => format!("   runbook {id}, step {step}"),
            Some(_) | None => format!("   runbook {id}"),
        });
        lines.push(format!("      {}{}", finding.id, leads.unwrap_or_default()));
    }
    lines.extend(unseen.iter().map(|what| format!("  ◌ not seen: {what}")));
    if findings.is_empty() && unseen.is_empty() {
        lines.push("  ✔ nothing is wrong".to_owned());
    }
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}

fn markdown(about: &str, findings: &[Finding], unseen: &[String]) -> String {
    let mut lines = vec![format!("## {about}"), String::new()];
    for finding in findings {
        lines.push(format!(
            "- **{}** `{}`: {}",
            finding.severity, finding.id, finding.claim
        ));
        lines.extend(finding.evidence.iter().map(|seen| format!("  - {seen}")));
        let page = finding.runbook.iter();
        lines.extend(page.map(|id| format!("  - runbook `{id}`")));
    }
    lines.extend(unseen.iter().map(|what| format!("- not seen: {what}")));
    if findings.is_empty() && unseen.is_empty() {
        lines.push("Nothing is wrong.".to_owned());
    }
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}
