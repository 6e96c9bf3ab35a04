//! `tfsos runbooks`: the shelf without the console, for a person at a shell and
//! for the gate of a team's own pages.

use std::env;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::site::{Ended, unable};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::{Runbooks, RunbooksCommand, RunbooksLint};
use crate::fault::Fault;
use crate::io::discover;
use crate::io::runbooks::{self, Folders, begin, gather};
use crate::runbook::{
    Check, Entry, Language, Origin, Page, Problem, Remedy, Shelf, Snippet, Source, Step, StepNo,
    is_id, lint,
};

pub async fn answer(asked: &Runbooks) -> Result<Answer, Ended> {
    match &asked.asked {
        RunbooksCommand::New(asked) => new(&asked.id).await,
        RunbooksCommand::List(_) => {
            let shelf = shelf().await?;
            let entries = shelf.entries().iter().collect::<Vec<_>>();
            Ok(listed(&shelf, &entries))
        }
        RunbooksCommand::Show(asked) => show(&shelf().await?, &asked.id).await,
        RunbooksCommand::Search(asked) => {
            let shelf = shelf().await?;
            let hits = shelf.search(&asked.text.join(" "));
            let found = hits.iter().filter_map(|hit| shelf.entries().get(hit.index));
            let found = found.collect::<Vec<_>>();
            Ok(listed(&shelf, &found))
        }
        RunbooksCommand::Lint(asked) => check(&shelf().await?, asked).await,
    }
}

/// Every page as the console would have it when it is started here.
async fn shelf() -> Result<Shelf, Ended> {
    let here = env::current_dir().ok();
    let folders = Folders::of(here.as_deref(), &discover::environment());
    runbooks::shelf(folders).await.map_err(unable)
}

fn listed(shelf: &Shelf, entries: &[&Entry]) -> Answer {
    let mut text = String::new();
    if entries.is_empty() {
        text.push_str("no runbook matches\n");
    }
    for entry in entries {
        let Page { id, title, .. } = &entry.page;
        let origin = match entry.origin {
            Origin::BuiltIn => String::new(),
            Origin::Own | Origin::Team => format!("  ({})", entry.origin.word()),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {id:<24} {}{origin}", visible(title));
    }
    let rows = entries.iter().map(|entry| entry_json(entry)).collect();
    with_faults(shelf, answered("runbooks", rows, text))
}

async fn show(shelf: &Shelf, id: &str) -> Result<Answer, Ended> {
    let Some(entry) = shelf.find(id) else {
        let fault = Fault::new("show runbook", id, "there is no such runbook");
        let hint = "tfsos runbooks list names them, tfsos runbooks search TEXT finds them";
        return Err((Exit::Usage, fault.hint(hint)));
    };
    let text = runbooks::text(entry).await.map_err(unable)?;
    let mut json = entry_json(entry);
    json["text"] = json!(text);
    let lines: Vec<_> = body_of(&text).lines().map(visible).collect();
    Ok(answered("runbook", json, lines.join("\n")))
}

/// What follows the front matter: that is for machines.
fn body_of(text: &str) -> &str {
    let body = text.splitn(3, "+++").nth(2);
    body.unwrap_or(text).trim_start()
}

/// One problem, and the file that has it.
struct Complaint {
    path: String,
    id: Option<String>,
    problem: Problem,
}

/// Pages to be checked, what is wrong with the files of others, and what could not be read.
#[derive(Default)]
struct Gathered {
    pages: Vec<(String, Page)>,
    complaints: Vec<Complaint>,
    unseen: Vec<String>,
}

impl Gathered {
    /// Every page that the console would have.
    fn of(shelf: &Shelf) -> Self {
        let entries = shelf.entries().iter();
        Self {
            pages: entries
                .map(|entry| (entry.path.clone(), entry.page.clone()))
                .collect(),
            complaints: shelf.faults().iter().map(unread).collect(),
            unseen: Vec::new(),
        }
    }

    fn add(&mut self, source: Result<Source, Fault>) {
        match source.map(|source| (Page::parse(&source.text), source.path)) {
            Err(fault) => self.unseen.push(fault.to_string()),
            Ok((Ok(page), path)) => self.pages.push((path, page)),
            Ok((Err(why), path)) => self.complaints.push(malformed(path, &why.to_string())),
        }
    }
}

async fn check(shelf: &Shelf, asked: &RunbooksLint) -> Result<Answer, Ended> {
    let mut gathered = Gathered::default();
    if asked.paths.is_empty() {
        gathered = Gathered::of(shelf);
    }
    for path in &asked.paths {
        match gather(path.clone()).await {
            Err(fault) => gathered.unseen.push(fault.to_string()),
            Ok(sources) => sources.into_iter().for_each(|source| gathered.add(source)),
        }
    }
    let pages = &gathered.pages;
    let known = |id: &str| shelf.find(id).is_some() || pages.iter().any(|(_, page)| page.id == id);
    let mut complaints = gathered.complaints;
    for (number, (path, page)) in pages.iter().enumerate() {
        let problems = lint(page, known).into_iter();
        complaints.extend(problems.map(|problem| Complaint::of(path, page, problem)));
        let twin = pages[..number]
            .iter()
            .find(|(_, other)| other.id == page.id);
        if let Some((before, _)) = twin {
            let claim = format!("its id is taken by {before}");
            complaints.push(Complaint::of(path, page, Problem { step: None, claim }));
        }
    }
    Ok(judged(pages.len(), &complaints, gathered.unseen))
}

impl Complaint {
    fn of(path: &str, page: &Page, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            id: Some(page.id.clone()),
            problem,
        }
    }
}

fn malformed(path: String, claim: &str) -> Complaint {
    Complaint {
        path,
        id: None,
        problem: Problem {
            step: None,
            claim: claim.to_owned(),
        },
    }
}

fn unread(fault: &Fault) -> Complaint {
    malformed(fault.subject.clone(), &fault.cause)
}

fn judged(pages: usize, complaints: &[Complaint], unseen: Vec<String>) -> Answer {
    let mut text = String::new();
    for Complaint { path, problem, .. } in complaints {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {}", visible(path), visible(&problem.to_string()));
    }
    if complaints.is_empty() && unseen.is_empty() {
        let _ = writeln!(text, "nothing is wrong in {pages} runbooks");
    }
    let rows = complaints.iter().map(|one| {
        json!({
            "path": one.path,
            "id": one.id,
            "step": one.problem.step.map(number),
            "claim": one.problem.claim,
        })
    });
    let exit = match (complaints.is_empty(), unseen.is_empty()) {
        (false, _) => Exit::Found,
        (true, false) => Exit::Unable,
        (true, true) => Exit::Done,
    };
    let mut answer = answered("problems", rows.collect(), text);
    answer.exit = exit;
    answer.aside.clone_from(&unseen);
    answer.unseen = unseen;
    answer
}

async fn new(id: &str) -> Result<Answer, Ended> {
    if !is_id(id) {
        let cause = "an id is lower-case letters, digits and dashes, and begins with a letter";
        return Err((Exit::Usage, Fault::new("begin runbook", id, cause)));
    }
    let here = env::current_dir();
    let here = here.map_err(|error| unable(Fault::new("begin runbook", id, error)))?;
    let begun = begin(here, id.to_owned()).await.map_err(unable)?;
    let path = begun.path.display().to_string();
    let source = Source {
        origin: Origin::Team,
        path: path.clone(),
        text: begun.text.clone(),
    };
    let shelf = Shelf::default().with([source]);
    let mut json = shelf.find(id).map_or(Value::Null, entry_json);
    json["text"] = json!(begun.text);
    let text = format!(
        "{}\n  tfsos runbooks lint {} says what is wrong in it",
        visible(&path),
        visible(&path)
    );
    Ok(answered("runbook", json, text))
}

fn answered(key: &str, value: Value, text: String) -> Answer {
    let mut answer = Answer::text(Exit::Done, text);
    answer.own.insert(key.to_owned(), value);
    answer
}

/// The same, with the files that could not be read beside it.
fn with_faults(shelf: &Shelf, mut answer: Answer) -> Answer {
    answer.unseen = shelf.faults().iter().map(ToString::to_string).collect();
    answer.aside.clone_from(&answer.unseen);
    answer
}

fn entry_json(entry: &Entry) -> Value {
    let page = &entry.page;
    let steps = page.numbered().map(|(at, step)| step_json(at, step));
    json!({
        "id": page.id,
        "title": page.title,
        "severity": page.severity,
        "tags": page.tags,
        "symptoms": page.symptoms,
        "contact": page.contact,
        "origin": entry.origin.word(),
        "path": entry.path,
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn step_json(at: StepNo, step: &Step) -> Value {
    let branches = step
        .branches()
        .map(|branch| json!({"condition": branch.condition, "to": branch.target.to_string()}));
    json!({
        "number": number(at),
        "title": step.title,
        "danger": step.danger(),
        "checks": step.checks().map(Check::name).collect::<Vec<_>>(),
        "action": step.remedy().map(Remedy::name),
        "branches": branches.collect::<Vec<_>>(),
        "commands": step.copies().filter_map(command).collect::<Vec<_>>(),
    })
}

/// A command with its placeholders; messages and files are not run.
fn command(snippet: &Snippet) -> Option<&str> {
    let is_command = matches!(snippet.language, Language::Shell | Language::PowerShell);
    is_command.then_some(snippet.text.as_str())
}

fn number(step: StepNo) -> usize {
    step.index() + 1
}
