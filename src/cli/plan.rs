//! What every command that writes has in common: the plan as it is shown and
//! as JSON, the prompts, the signals that stop it between two steps, and the
//! exit status of its end.

use std::fmt::Write as _;
use std::io::{Write, stderr, stdin};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::Exit;
use super::site::{Ended, Site, unable};
use crate::app::text::visible;
use crate::fault::Fault;
use crate::incident::{Author, Event, Intent};
use crate::io::execute::Stop;
use crate::io::incidents::{self, Incidents};
use crate::io::journal::{Entered, Journal};
use crate::io::{discover, here};
use crate::lock::errand::is_ours;
use crate::lock::{Sighting, Survey};
use crate::place::{Caller, Place};
use crate::recovery::{Confirmed, Demand, Outcome, Plan};

/// A fault about the plan as a whole.
pub fn fault(plan: &Plan, cause: &str) -> Fault {
    Fault::new(visible(&plan.title), "", cause)
}

/// The plan as it is shown before it is confirmed.
pub fn shown(plan: &Plan) -> String {
    let mut lines = vec![format!("{}  (plan {})", plan.title, plan.id)];
    for (number, step) in (1..).zip(&plan.steps) {
        let title = step.operation.title();
        let call = step.operation.call();
        let call = call.map_or_else(String::new, |call| format!(": {call}"));
        lines.push(format!("  {number}  {title}{call}, {}", step.condition));
        let by_hand = step.by_hand.as_ref();
        lines.extend(by_hand.map(|command| format!("     {command}")));
    }
    let warnings = plan.warnings.iter();
    lines.extend(warnings.map(|warning| format!("  ▲  {warning}")));
    lines.push(format!("  undo: {}", plan.undo.says));
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n") + "\n"
}

/// Takes up the open incident of the place, or begins one, for this plan.
pub async fn enter(site: &Site, caller: &Caller, plan: Option<&Plan>) -> Result<Journal, Ended> {
    let author = Author {
        caller: caller.arn.clone(),
        user: here::who(),
        tfsos: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let incidents = Incidents::of(&discover::environment()).map_err(unable)?;
    let identity = incidents::identity(&site.place);
    let now = Timestamp::now();
    let entered = match plan {
        Some(plan) => incidents.enter_for(plan, &identity, (author, now)).await,
        None => incidents.enter(&identity, author, now).await,
    };
    entered.map_err(unable)
}

/// An incident that a plan began, or that only waited for it, is over with it;
/// as long as a lock of ours stands it is not.
pub async fn close(journal: &Journal, intent: Intent, after: Option<&Survey>) {
    let ours = |seen: &Sighting| seen.holder().is_some_and(|holder| is_ours(&holder));
    if after.is_some_and(|survey| survey.held().any(ours)) {
        return;
    }
    let waited_only_for_it = match journal.entered() {
        Entered::Begun => true,
        Entered::Resumed => journal.open_plans().len() == 1 || intent == Intent::Thaw,
    };
    if waited_only_for_it {
        // An incident that stays open is taken up again; nothing is lost by that.
        let _ = journal.write(Event::Closed, None).await;
    }
}

/// What is asked for at a prompt.
pub fn question(demand: &Demand) -> String {
    match demand {
        Demand::Lock { .. } => "Type the first 8 characters of the id".to_owned(),
        Demand::Body { .. } => {
            "Type the first 12 characters of the body's SHA-256, as shown".to_owned()
        }
        Demand::Place { short, .. } => format!("Type the place's name, {}", visible(short)),
        Demand::Lineage { lineage, why } => {
            format!("{}\n  Type its lineage: {}", visible(why), visible(lineage))
        }
        Demand::Words { words, why } => format!("{}\n  Type: {words}", visible(why)),
    }
}

/// One question, one try.
pub async fn prompt(plan: &Plan, question: String, expected: String) -> Result<Confirmed, Fault> {
    say(&format!("  {question}: "));
    let typed = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        stdin().read_line(&mut line).map(|_| line)
    });
    let typed = typed
        .await
        .map(Result::unwrap_or_default)
        .unwrap_or_default();
    Confirmed::typed(&expected, &typed)
        .ok_or_else(|| fault(plan, "what was typed is not what was asked for"))
}

/// Standard error: what is printed there is for the person, not for a pipe.
pub fn say(text: &str) {
    let mut err = stderr().lock();
    // There is nowhere left to say that standard error has gone; the prompt then gets no answer.
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

/// The `plan` object of `--json`.
pub fn plan_json(plan: &Plan) -> Value {
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| {
            json!({
                "title": step.operation.title(),
                "operation": step.operation.call(),
                "condition": step.condition,
                "by_hand": step.by_hand,
            })
        })
        .collect();
    json!({"id": plan.id, "steps": steps, "warnings": plan.warnings})
}

/// Whether this place is written to only after its whole name was given.
pub fn needs_whole_place(place: &Place, prod: &[String]) -> bool {
    let name = format!("{} {}", place.full_name(), place.workspace).to_lowercase();
    let is_prod = |pattern: &String| name.contains(&pattern.to_lowercase());
    !place.divergences.is_empty() || prod.iter().any(is_prod)
}

/// What a signal is answered with at once: a step may take as long as its time limit.
const STOPPING: &str = "tfsos: stopping as soon as the running step is finished";

/// A stop that is asked for by the signals that would end us: the running step is finished first.
pub fn stop_on_signals() -> Result<Stop, Fault> {
    let stop = Stop::default();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        let asked = stop.clone();
        let mut signals =
            signal(kind).map_err(|error| Fault::new("listen for", "signals", error))?;
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                asked.ask();
                let _ = writeln!(stderr().lock(), "{STOPPING}");
            }
        });
    }
    Ok(stop)
}

/// The keys of `--json` that every write has, before anything was done.
pub fn keys(outcome: Outcome, plan: Option<&Plan>) -> [(String, Value); 6] {
    // A plan that could not be finished and wrote nothing reads as refused: the exit status tells them apart.
    let word = match outcome {
        Outcome::Failed => Outcome::Refused.word(),
        Outcome::Planned | Outcome::Done | Outcome::Refused | Outcome::Open => outcome.word(),
    };
    let demands = plan.map(|plan| plan.demands.iter().map(|one| json!(one.exact())).collect());
    [
        ("stores".to_owned(), json!([])),
        ("outcome".to_owned(), json!(word)),
        ("plan".to_owned(), plan.map_or(Value::Null, plan_json)),
        ("confirm".to_owned(), demands.unwrap_or(Value::Null)),
        ("undo".to_owned(), json!(plan.map(|plan| &plan.undo))),
        ("incident".to_owned(), Value::Null),
    ]
}

/// What a run came to: its end, a row of a name and a sentence for each item,
/// the undo where there is something to undo, and where it is written down.
pub fn ran_text(
    (plan, outcome): (&Plan, Outcome),
    journal: &Journal,
    mut rows: Vec<(String, String)>,
) -> String {
    let mark = match outcome {
        Outcome::Done => '✔',
        Outcome::Open => '▲',
        Outcome::Planned | Outcome::Refused | Outcome::Failed => '✖',
    };
    if outcome == Outcome::Done {
        rows.push(("undo".to_owned(), plan.undo.says.clone()));
    }
    rows.push(("journal".to_owned(), journal.id().to_string()));
    let column = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("{mark} {}: {}\n", outcome.word(), visible(&plan.title));
    for (name, says) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<column$}  {}", visible(&says));
    }
    text
}

/// How a plan's end becomes an exit status.
pub fn exit(outcome: Outcome, stop: &Stop) -> Exit {
    match outcome {
        Outcome::Planned | Outcome::Done => Exit::Done,
        Outcome::Refused => Exit::Refused,
        Outcome::Failed if stop.is_asked() => Exit::Interrupted,
        Outcome::Failed => Exit::Unable,
        Outcome::Open => Exit::Open,
    }
}
