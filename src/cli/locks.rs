//! `tfsos locks`: every lock of a state, who holds it, and the signs that it
//! was left behind. Listing a lock is no finding: the exit status is 0.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::site::{Ended, Site};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::Locks;
use crate::io::judge::unseen;
use crate::io::observe;
use crate::lock::verdict::{age, in_words};
use crate::lock::{Agreement, Errand, Sighting, Store, Verdict};
use crate::place::Place;
use crate::recovery::advice::Advice;
use crate::recovery::release::raw_name;
use crate::recovery::standing::Standing;

pub async fn answer(asked: &Locks) -> Result<Answer, Ended> {
    let now = Timestamp::now();
    if asked.all {
        let (site, prefix) = Site::around(&asked.place).await?;
        return Ok(everywhere(&site, &prefix, now).await);
    }
    let site = Site::open(&asked.place).await?;
    let standing = site.standing().await;
    let unseen = unseen(&standing.survey);
    let exit = if unseen.is_empty() {
        Exit::Done
    } else {
        Exit::Unable
    };
    let mut answer = site.answer(exit, text(&site.place, &standing, now));
    answer.own.extend([
        ("locks".to_owned(), locks_json(standing.judged(), now)),
        ("digests".to_owned(), digests_json(&standing)),
        (
            "half_released".to_owned(),
            json!(standing.survey.half_released()),
        ),
    ]);
    answer.unseen = unseen;
    Ok(answer)
}

/// Every lock of the bucket and the table, by the state that it is of.
async fn everywhere(site: &Site, prefix: &str, now: Timestamp) -> Answer {
    let (sweep, mut judged) = observe::locks(&site.place, &site.remote, now).await;
    let bucket = site.place.bucket().filter(|_| !prefix.is_empty());
    if let Some(meant) = bucket.map(|bucket| format!("{bucket}/{prefix}")) {
        judged.retain(|(state, ..)| state.starts_with(&meant));
    }
    let mut text = format!("locks beside {}\n", visible(&site.place.full_name()));
    for (state, survey, verdicts) in &judged {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n  {}", visible(state));
        for (seen, verdict) in survey.held().zip(verdicts) {
            text.push_str(&held_text(seen, verdict, now));
        }
    }
    if judged.is_empty() {
        text.push_str("\n  ✔ no lock\n");
    }
    let mut unseen: Vec<_> = sweep.unseen.iter().map(ToString::to_string).collect();
    if sweep.more {
        unseen.push("there is more than was looked at".to_owned());
    }
    let blind = unseen
        .iter()
        .map(|what| format!("\n  ◌ not seen: {}\n", visible(what)));
    text.push_str(&blind.collect::<Vec<_>>().concat());
    let exit = if unseen.is_empty() {
        Exit::Done
    } else {
        Exit::Unable
    };
    let mut answer = site.answer(exit, text);
    let locks = judged
        .iter()
        .flat_map(|(_, survey, verdicts)| survey.held().zip(verdicts));
    let half = judged.iter().any(|(_, survey, _)| survey.half_released());
    answer.own.extend([
        ("locks".to_owned(), locks_json(locks, now)),
        ("digests".to_owned(), json!([])),
        ("half_released".to_owned(), json!(half)),
    ]);
    answer.unseen = unseen;
    answer
}

fn locks_json<'a>(
    judged: impl Iterator<Item = (&'a Sighting, &'a Verdict)>,
    now: Timestamp,
) -> Value {
    let lock = |(seen, verdict): (&Sighting, &Verdict)| {
        let holder = seen.holder().unwrap_or_default();
        let errand = Errand::of(&holder);
        let named = |text: String| (!text.is_empty()).then_some(text);
        json!({
            "id": seen.id(),
            "raw": raw_name(seen),
            "store": seen.store,
            "container": seen.container,
            "key": seen.key,
            "operation": named(holder.operation_word()).filter(|_| seen.id().is_some()),
            "created": holder.created_at().map(|at| at.to_string()),
            "who": named(holder.who),
            "terraform_version": named(holder.version),
            "errand": errand,
            "info": named(holder.info),
            "age_seconds": age(seen, now).map(|age| age.as_secs()),
            "verdict": verdict.likelihood,
            "signs": verdict.signs,
        })
    };
    judged.map(lock).collect()
}

fn digests_json(standing: &Standing) -> Value {
    let Some(Ok(Some(digest))) = &standing.survey.digest else {
        return json!([]);
    };
    json!([{
        "table": digest.table,
        "key": digest.key,
        "stored": digest.stored,
        "agreement": standing.agreement.word(),
    }])
}

fn text(place: &Place, standing: &Standing, now: Timestamp) -> String {
    let survey = &standing.survey;
    let mut text = format!("locks of {}\n\n", visible(&place.full_name()));
    if survey.stores.is_empty() {
        text.push_str("  ◌ this backend is configured without locking\n");
    }
    let mut told = None;
    for look in &survey.stores {
        let held = look.found.as_ref().ok().and_then(Option::as_ref);
        let judged = standing.judged().find(|(seen, _)| Some(*seen) == held);
        let line = match (&look.found, judged) {
            (Err(fault), _) => says('◌', look.store, &fault.to_string()),
            (Ok(_), None) => says('✔', look.store, "no lock"),
            // The same lock in the second store has nothing new to say.
            (Ok(_), Some(same)) if told == Some((same.0.id(), same.1)) => {
                says('▲', look.store, "the same lock")
            }
            (Ok(_), Some((seen, verdict))) => {
                told = Some((seen.id(), verdict));
                held_text(seen, verdict, now)
            }
        };
        text.push_str(&line);
    }
    text.push_str(&digest(&standing.agreement));
    if survey.half_released() {
        text.push_str("\n  ▲ half-released: the stores do not hold the same lock\n");
    }
    text.push_str(&next(standing));
    text
}

fn says(mark: char, store: Store, what: &str) -> String {
    format!("  {mark} {:<9} {}\n", store.to_string(), visible(what))
}

fn held_text(seen: &Sighting, verdict: &Verdict, now: Timestamp) -> String {
    let holder = seen.holder().unwrap_or_default();
    let held = age(seen, now).map_or("for an unknown time".to_owned(), in_words);
    let id = seen
        .id()
        .unwrap_or_else(|| format!("without an id (raw {})", raw_name(seen)));
    let who = match holder.who.as_str() {
        "" => "nobody named",
        who => who,
    };
    let mut text = format!(
        "  ▲ {:<9} {}  {}\n    {:<9} {} by {}, held {held}\n",
        seen.store.to_string(),
        visible(&id),
        verdict.likelihood.to_string().to_uppercase(),
        "",
        visible(&holder.operation_word()),
        visible(who),
    );
    for line in Errand::of(&holder).iter().flat_map(errand_lines) {
        let _ = writeln!(text, "    {:<9} {}", "", visible(&line));
    }
    for sign in &verdict.signs {
        let mark = match sign.weight {
            1.. => '+',
            0 => '·',
            ..0 => '−',
        };
        let _ = writeln!(text, "    {:<9} {mark} {}", "", visible(&sign.says));
    }
    text
}

/// What a lock of tfsos is for, and how that goes on.
fn errand_lines(errand: &Errand) -> Vec<String> {
    let what = format!(
        "{} in the incident {}, since step {}: {}",
        errand.purpose, errand.incident, errand.step, errand.does
    );
    std::iter::once(what).chain(errand.ways()).collect()
}

fn digest(agreement: &Agreement) -> String {
    let (mark, says) = match agreement {
        Agreement::NotKept => return String::new(),
        Agreement::Agrees => ('✔', "agrees with the state".to_owned()),
        Agreement::Differs(_) => (
            '✖',
            "differs from the state: Terraform refuses to read it".to_owned(),
        ),
        Agreement::BeingWritten(_) => (
            '▲',
            "differs from the state while a lock is held: a run may be writing it".to_owned(),
        ),
        Agreement::Unverified => (
            '●',
            "none that can be compared: the state is unverified".to_owned(),
        ),
        Agreement::Unseen(fault) => ('◌', fault.to_string()),
    };
    format!("  {mark} {:<9} {}\n", "digest", visible(&says))
}

/// The command that a person would type next.
fn next(standing: &Standing) -> String {
    let mut text = String::new();
    for open in &standing.interrupted {
        let _ = write!(
            text,
            "\n  ✖ a plan was left open: {}\n    {}\n",
            visible(&open.title),
            visible(&open.resumed_by())
        );
    }
    if let Some((seen, verdict)) = standing.judged().next() {
        let id = seen.id();
        let name = match &id {
            Some(id) => visible(id).into_owned(),
            None => format!("--raw {}", seen.store),
        };
        let advice = standing.advice(seen, verdict);
        let _ = writeln!(text, "\n  {advice}");
        let _ = match advice {
            // How it goes on is said where the lock is, and above where its plan lies here.
            Advice::EndsWithItsProcess | Advice::GoOn | Advice::Frozen => Ok(()),
            Advice::Ours => writeln!(text, "  let go of it:  tfsos thaw {name}"),
            Advice::TakeOver => writeln!(text, "  take it over:  tfsos unlock {name} --take-over"),
            Advice::Leave | Advice::Ask | Advice::ReleaseIfNoJobRuns | Advice::Release => {
                writeln!(text, "  release it:  tfsos unlock {name}")
            }
        };
    }
    text
}
