//! Each page of the library, tried in the situation that it is for: something
//! there leads to it, nothing in its commands is left open but what only a
//! person knows, its checks answer as they should there and in a sound place,
//! and its commands are words that a shell takes, of programs that are known.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use tfsos::app::App;
use tfsos::io::sandbox::Builder;
use tfsos::place::Sandbox;
use tfsos::runbook::{Check, Context, Language, Page, Placeholder, Shelf, Step, Verdict};
use tfsos::state::Reading;
use tfsos::state::lint::{Surroundings, lint};

use crate::support::live::{Live, backend};
use crate::support::moto::Moto;
use trials::{By, TRIALS, Trial, at, state};

#[path = "library/trials.rs"]
mod trials;

/// What a person may have at hand, and what every shell has.
const PROGRAMS: &[&str] = &[
    "aws",
    "base64",
    "cd",
    "column",
    "cp",
    "curl",
    "cut",
    "date",
    "df",
    "diff",
    "dmesg",
    "env",
    "export",
    "find",
    "git",
    "grep",
    "head",
    "install",
    "jq",
    "kubectl",
    "ls",
    "md5sum",
    "mkdir",
    "pgrep",
    "read",
    "rm",
    "sed",
    "sort",
    "tail",
    "terraform",
    "tfsos",
    "tr",
    "umask",
    "uniq",
    "unset",
    "wc",
    "xargs",
];

fn built(root: &std::path::Path) -> Builder {
    let builder = Builder::create(Sandbox {
        root: root.to_owned(),
        bucket: "tfb".into(),
        key: "net.tfstate".into(),
        table: Some("tf-locks".into()),
        use_lockfile: true,
        region: "eu-west-1".into(),
    });
    let builder = builder.unwrap();
    builder.applied(state(3, "").as_bytes(), at()).unwrap();
    builder
}

fn steps(page: &Page) -> impl Iterator<Item = &Step> {
    page.steps.iter()
}

/// What the commands of a page lack.
fn lacks(page: &Page, context: &Context) -> BTreeSet<&'static str> {
    let known = Placeholder::all().filter(|placeholder| {
        let mut with = context.clone();
        with.set(*placeholder, "x");
        let lacks = |context: &Context| -> usize {
            let shell = steps(page).flat_map(Step::copies);
            let shell = shell.filter(|snippet| snippet.language == Language::Shell);
            shell.map(|snippet| snippet.fill(context).lacks.len()).sum()
        };
        lacks(&with) < lacks(context)
    });
    known.map(Placeholder::name).collect()
}

/// Whether a command of a step is about the resource under the cursor.
fn is_about_a_resource(step: &Step) -> bool {
    step.copies()
        .any(|snippet| snippet.text.contains("{{resource."))
}

/// The checks of a page that answer otherwise than they should.
fn answers(trial: &Trial, page: &Page, app: &App) -> Vec<String> {
    let briefing = app.briefing();
    let checks = steps(page).flat_map(Step::checks).collect::<BTreeSet<_>>();
    let verdicts = checks
        .into_iter()
        .map(|check| (check, briefing.verdict(check)));
    let wrong = verdicts.filter(|(check, verdict)| match verdict {
        Verdict::Holds => trial.fails.contains(check),
        Verdict::Fails(_) => !trial.fails.contains(check),
        Verdict::Moot(_) | Verdict::Unknown => true,
    });
    wrong
        .map(|(check, verdict)| format!("{}: {} is {verdict:?}", trial.page, check.name()))
        .collect()
}

/// The commands that no shell takes, and those of programs that nobody knows.
fn commands(trial: &Trial, page: &Page, context: &Context) -> Vec<String> {
    let mut context = context.clone();
    for name in trial.asks {
        context.set(Placeholder::named(name).unwrap(), "x");
    }
    let snippets = steps(page).flat_map(Step::copies);
    let shell = snippets.filter(|snippet| snippet.language == Language::Shell);
    let texts = shell.filter_map(|snippet| snippet.fill(&context).whole().ok());
    let wrong = texts.flat_map(|text| {
        let unknown = programs(&text).into_iter();
        let unknown = unknown.filter(|program| !PROGRAMS.contains(&program.as_str()));
        let unknown = unknown.map(|program| format!("{program} is no program in {text}"));
        let refused = refused(&text).map(|why| format!("{why} in {text}"));
        unknown.chain(refused).collect::<Vec<_>>()
    });
    wrong.map(|why| format!("{}: {why}", trial.page)).collect()
}

/// Why a shell does not take a text; nothing of it is run.
fn refused(text: &str) -> Option<String> {
    let mut shell = Command::new("sh")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = shell.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let said = shell.wait_with_output().unwrap();
    let why = String::from_utf8_lossy(&said.stderr).into_owned();
    (!said.status.success()).then_some(why)
}

/// The first word of each command.
fn programs(text: &str) -> BTreeSet<String> {
    let mut bare = String::new();
    let (mut quote, mut escaped) = (None, false);
    for letter in text.chars() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => {
                quote = Some(letter);
                bare.push('Q');
            }
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, letter) => bare.push(letter),
        }
    }
    let is_remark = |line: &&str| line.trim_start().starts_with('#');
    let lines: Vec<&str> = bare.lines().filter(|line| !is_remark(line)).collect();
    let commands = lines.iter().flat_map(|line| line.split(['|', ';']));
    let commands = commands
        .flat_map(|part| part.split("&&"))
        .flat_map(|part| part.split("$("));
    let words = commands.filter_map(|command| {
        let mut words = command.split_whitespace();
        words.find(|word| !word.contains('=')).map(str::to_owned)
    });
    words.collect()
}

#[test]
fn every_page_has_its_trial() {
    let shelf = Shelf::built_in();
    let mut pages: Vec<_> = shelf
        .entries()
        .iter()
        .map(|entry| entry.page.id.clone())
        .collect();
    pages.sort_unstable();
    let tried: Vec<_> = TRIALS.iter().map(|trial| trial.page.to_owned()).collect();
    assert_eq!(tried, pages);
}

/// Makes the situation, and says where it does not lead to the page.
fn arrange(trial: &Trial, builder: &Builder, shelf: &Shelf) -> Option<String> {
    let log = |name: &str, text: &str| std::fs::write(builder.root().join(name), text).unwrap();
    // There is always a log to be named.
    log(
        "other.log",
        "2026-01-02T03:00:00.000Z [INFO]  Terraform version: 1.11.4\n",
    );
    match &trial.by {
        By::Place(happened) => happened(builder),
        By::Log(text) => log("run.log", text),
        By::Lint(rule, resource) => {
            let text = state(4, resource);
            builder.applied(text.as_bytes(), at()).unwrap();
            let around = Surroundings {
                now: at(),
                bucket: None,
            };
            let reading = Reading::of(text.as_bytes());
            let told = lint(reading.snapshot().unwrap(), &around);
            let led = told.iter().find(|one| one.id == *rule);
            if led.and_then(|one| one.runbook.as_deref()) != Some(trial.page) {
                return Some(format!("{}: {rule} does not lead there", trial.page));
            }
        }
        By::Search(words) => {
            let hits = shelf.search(words);
            let first = hits.first().map(|hit| &shelf.entries()[hit.index].page.id);
            if first.map(String::as_str) != Some(trial.page) {
                return Some(format!("{}: {words:?} leads to {first:?}", trial.page));
            }
        }
    }
    None
}

#[tokio::test]
async fn each_page_fits_the_situation_that_it_is_for() {
    let shelf = Shelf::built_in();
    let mut wrong = Vec::new();
    for trial in TRIALS {
        let page = &shelf.find(trial.page).unwrap().page;
        let home = tempfile::tempdir().unwrap();
        let builder = built(home.path());
        wrong.extend(arrange(trial, &builder, &shelf));
        let mut live = Live::in_directory(builder.root());
        if matches!(trial.by, By::Place(_) | By::Log(_)) {
            live.until(&format!("r {}", trial.page)).await;
        }
        live.settled().await;
        live.press("3");
        live.settled().await;
        live.press("tab home");
        if steps(page).any(is_about_a_resource) {
            // The third column is titled by the resource once that is read.
            live.until("┬── aws_").await;
        }
        let app = live.settled().await;
        wrong.extend(answers(trial, page, app));
        let context = app.briefing().context;
        let lacks = lacks(page, &context);
        if lacks != trial.asks.iter().copied().collect() {
            wrong.push(format!("{}: it lacks {lacks:?}", trial.page));
        }
        wrong.extend(commands(trial, page, &context));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn in_a_sound_place_every_check_holds() {
    let home = tempfile::tempdir().unwrap();
    let mut live = Live::in_directory(built(home.path()).root());
    let briefing = live.settled().await.briefing();
    for (check, name, _) in Check::TABLE {
        assert_eq!(briefing.verdict(check), Verdict::Holds, "{name}");
    }
}

#[tokio::test]
async fn where_nobody_answers_the_credentials_fail_and_nothing_else_is_guessed() {
    let stores = Moto::shared().stores();
    let mut live = Live::at(backend(&stores, "http://127.0.0.1:1"), Vec::new());
    let briefing = live.settled().await.briefing();
    for (check, name, _) in Check::TABLE {
        let verdict = briefing.verdict(check);
        let fails = matches!(verdict, Verdict::Fails(_));
        assert_eq!(
            fails,
            check == Check::CredentialsValid,
            "{name}: {verdict:?}"
        );
        assert_ne!(verdict, Verdict::Holds, "{name}");
    }
}
