//! The confirmation: by the exact values of flags, else typed at a prompt
//! that first shows everything the plan does. Without a terminal what is
//! missing is a refusal.

use std::io::{Write, stderr, stdin};

use crate::app::text::visible;
use crate::args::Unlock;
use crate::cli::at_a_terminal;
use crate::fault::Fault;
use crate::place::Place;
use crate::recovery::{BROKEN, Confirmed, Demand, LIVE, Plan};

/// What the flags confirm of this plan.
pub fn by_flags(asked: &Unlock, plan: &Plan) -> Vec<Confirmed> {
    plan.demands
        .iter()
        .filter_map(|demand| match demand {
            Demand::Lock { .. } | Demand::Body { .. } => {
                Confirmed::typed(&demand.exact(), asked.yes.as_deref()?)
            }
            Demand::Words { words, .. } => {
                let given = (*words == LIVE && asked.live) || (*words == BROKEN && asked.broken);
                given.then(|| Confirmed::typed(words, words)).flatten()
            }
        })
        .collect()
}

/// Everything that the plan demands, or why it was not given.
pub async fn confirmed(
    asked: &Unlock,
    plan: &Plan,
    place: &Place,
    whole: bool,
) -> Result<Vec<Confirmed>, Fault> {
    let mut confirmed = by_flags(asked, plan);
    let name = place.full_name();
    let unmet: Vec<_> = plan
        .demands
        .iter()
        .filter(|demand| !demand.is_met_by(&confirmed))
        .collect();
    let unnamed = whole && asked.whole_place.as_deref() != Some(name.as_str());
    // A value that was given and is wrong is never asked for again.
    let asks = at_a_terminal() && asked.yes.is_none() && asked.whole_place.is_none();
    if let Some(demand) = unmet.first().filter(|_| !asks) {
        return Err(missing(plan, demand, asked));
    }
    if unnamed && !asks {
        return Err(fault(plan, "this place must be named in full")
            .hint(format!("--place {}", visible(&name))));
    }
    if unmet.is_empty() && !unnamed {
        return Ok(confirmed);
    }
    say(&shown(plan));
    for demand in unmet {
        let question = question(demand);
        confirmed.push(prompt(plan, question, demand.prompted()).await?);
    }
    if unnamed {
        let question = format!("Type the whole place, {}", visible(&name));
        prompt(plan, question, name).await?;
    }
    Ok(confirmed)
}

/// The refusal for a demand that no flag met.
pub fn missing(plan: &Plan, demand: &Demand, asked: &Unlock) -> Fault {
    match demand {
        Demand::Lock { id } => wrong_value(plan, id, asked),
        Demand::Body { hash } => wrong_value(plan, hash, asked),
        Demand::Words { words, why } => {
            let flag = if *words == LIVE { "--live" } else { "--broken" };
            fault(plan, &format!("it needs the words: {words} ({why})"))
                .hint(format!("{flag} says them"))
        }
    }
}

fn wrong_value(plan: &Plan, exact: &str, asked: &Unlock) -> Fault {
    let cause = match &asked.yes {
        Some(given) => format!("--yes names {}", visible(given)),
        None => "it was not confirmed".to_owned(),
    };
    fault(plan, &cause).hint(format!("--yes {} confirms it", visible(exact)))
}

fn fault(plan: &Plan, cause: &str) -> Fault {
    Fault::new(visible(&plan.title), "", cause)
}

/// The plan as it is shown before it is confirmed.
pub fn shown(plan: &Plan) -> String {
    let mut lines = vec![format!("{}  (plan {})", plan.title, plan.id)];
    for (number, step) in (1..).zip(&plan.steps) {
        let title = step.operation.title();
        lines.push(format!("  {number}  {title}, {}", step.condition));
        let by_hand = step.by_hand.as_ref();
        lines.extend(by_hand.map(|command| format!("     {command}")));
    }
    let warnings = plan.warnings.iter();
    lines.extend(warnings.map(|warning| format!("  ▲  {warning}")));
    lines.push(format!("  undo: {}", plan.undo.says));
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n") + "\n"
}

fn question(demand: &Demand) -> String {
    match demand {
        Demand::Lock { .. } => "Type the first 8 characters of the id".to_owned(),
        Demand::Body { .. } => {
            "Type the first 12 characters of the body's SHA-256, as shown".to_owned()
        }
        Demand::Words { words, why } => format!("{}\n  Type: {words}", visible(why)),
    }
}

/// One question, one try.
async fn prompt(plan: &Plan, question: String, expected: String) -> Result<Confirmed, Fault> {
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
fn say(text: &str) {
    let mut err = stderr().lock();
    // There is nowhere left to say that standard error has gone; the prompt then gets no answer.
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}
