//! The confirmation: by the exact values of flags, else typed at a prompt
//! that first shows everything the plan does. Without a terminal what is
//! missing is a refusal.

use crate::app::text::visible;
use crate::args::Unlock;
use crate::cli::at_a_terminal;
use crate::cli::plan::{fault, prompt, question, say, shown};
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
                let given = (words == LIVE && asked.live) || (words == BROKEN && asked.broken);
                given.then(|| Confirmed::typed(words, words)).flatten()
            }
            // No release asks for these.
            Demand::Place { .. } | Demand::Lineage { .. } => None,
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
    let unnamed = whole && asked.writing.whole_place.as_deref() != Some(name.as_str());
    // A value that was given and is wrong is never asked for again.
    let asks = at_a_terminal() && asked.yes.is_none() && asked.writing.whole_place.is_none();
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
        Demand::Place { exact, .. } => wrong_value(plan, exact, asked),
        Demand::Lineage { lineage, .. } => wrong_value(plan, lineage, asked),
        Demand::Words { words, why } => {
            let hint = if words == LIVE {
                "--live says them"
            } else {
                "--take-over makes the lock ours instead, to mend the state under it; --broken says the words"
            };
            fault(plan, &format!("it needs the words: {words} ({why})")).hint(hint)
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
