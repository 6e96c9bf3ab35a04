//! `tfsos resources --search TEXT`: what of one version, or with `--all` of every
//! state of the bucket, answers a question. It is asked as in the console:
//! fuzzy on addresses, the very text in values, nothing that is masked.

use std::sync::Arc;

use serde_json::{Value, json};

use super::row;
use crate::app::text::{clip, plural, visible};
use crate::args::Resources as Asked;
use crate::cli::site::{Ended, Site, unable};
use crate::cli::{Answer, Exit, Format};
use crate::fault::Fault;
use crate::io::scour::{self, Meant};
use crate::state::{Reading, Snapshot, searched};

/// How many columns of a value are printed before the text that was asked for, and in all.
const BEFORE: usize = 30;
const COLUMNS: usize = 100;

/// One resource that answers.
#[derive(Debug)]
pub struct Found {
    /// The state that holds it, where every state was asked.
    key: Option<String>,
    score: i64,
    address: String,
    /// The attribute that holds the text, where it is not the address that answers.
    said: Option<String>,
    row: Value,
}

/// What one state has to say.
enum Told {
    Found(Found),
    /// The state could not be read whole.
    Unread(Fault),
}

/// Everything in a snapshot that answers, best first.
pub fn found(snapshot: &Snapshot, question: &str) -> Vec<Found> {
    let (addresses, hits) = searched(snapshot, question);
    let found = hits.into_iter().filter_map(|hit| {
        let no = addresses.instance(hit.row)?;
        Some(Found {
            key: None,
            score: hit.score,
            address: addresses.address(hit.row).to_owned(),
            said: hit.said,
            row: row(snapshot, no)?,
        })
    });
    found.collect()
}

/// Asks every state beside the place.
pub async fn everywhere(asked: &Asked) -> Result<Answer, Ended> {
    let arguments = asked.around().map_err(|fault| (Exit::Usage, fault))?;
    let (site, prefix) = Site::around(&arguments).await?;
    let question: Arc<str> = asked.search.as_deref().unwrap_or_default().into();
    let work = {
        let question = Arc::clone(&question);
        move |key: &str, bytes: Arc<[u8]>| told_by(key, bytes, &question)
    };
    let meant = Meant {
        prefix: &prefix,
        but: None,
    };
    let everywhere = scour::everywhere(&site.remote, &site.place, meant, work).await;
    let everywhere = everywhere.map_err(unable)?;
    let (mut all, mut unseen) = (Vec::new(), everywhere.unseen);
    for one in everywhere.found {
        match one {
            Told::Found(found) => all.push(found),
            Told::Unread(fault) => unseen.push(fault),
        }
    }
    // States answer in no order; within one the better stays before the next.
    all.sort_by(|one: &Found, other| {
        let best = other.score.cmp(&one.score);
        best.then_with(|| one.key.cmp(&other.key))
    });
    let mut unseen: Vec<String> = unseen.iter().map(ToString::to_string).collect();
    unseen.sort_unstable();
    if everywhere.more {
        unseen.push("there is more than was looked at: --prefix narrows it".to_owned());
    }
    let mut answer = told(&all, asked, site.answer(Exit::Done, ""));
    answer
        .own
        .insert("searched".to_owned(), json!(everywhere.states));
    if all.is_empty() && unseen.is_empty() {
        let states = plural(everywhere.states as u64, "state");
        answer.aside.push(match &*question {
            "" => format!("{states}, and no resource in any"),
            question => format!("{states}, and no answer to {question}"),
        });
    }
    if !unseen.is_empty() {
        answer.exit = Exit::Unable;
    }
    answer.aside.extend(unseen.iter().cloned());
    answer.unseen = unseen;
    Ok(answer)
}

/// What one state has to say to a question.
fn told_by(key: &str, bytes: Arc<[u8]>, question: &str) -> Vec<Told> {
    let reading = Reading::of(bytes);
    let snapshot = reading.snapshot();
    let mine = snapshot
        .into_iter()
        .flat_map(|snapshot| found(snapshot, question))
        .map(|found| {
            let key = Some(key.to_owned());
            Told::Found(Found { key, ..found })
        });
    let mut told: Vec<Told> = mine.collect();
    if let (_, Some(why)) = reading.health()
        && !matches!(reading, Reading::Whole(_))
    {
        told.push(Told::Unread(Fault::new("read all of", key, why)));
    }
    told
}

/// The answer as lines of fields parted by a tab, and for machines.
pub fn told(found: &[Found], asked: &Asked, mut answer: Answer) -> Answer {
    let question = asked.search.as_deref().unwrap_or_default();
    if asked.output.format() == Format::Text {
        let lines: Vec<String> = found.iter().map(|one| one.line(question)).collect();
        answer.text = lines.join("\n");
        return answer;
    }
    let rows = found.iter().map(Found::json).collect();
    answer.own.insert("resources".to_owned(), rows);
    answer
}

impl Found {
    fn line(&self, question: &str) -> String {
        let said = self.said.as_deref().map(|said| excerpt(said, question));
        let fields = [self.key.clone(), Some(self.address.clone()), said];
        let fields: Vec<String> = fields
            .iter()
            .flatten()
            .map(|field| visible(field).into_owned())
            .collect();
        fields.join("\t")
    }

    fn json(&self) -> Value {
        let mut row = self.row.clone();
        if let Some(object) = row.as_object_mut() {
            object.insert("said".to_owned(), json!(self.said));
            if let Some(key) = &self.key {
                object.insert("state".to_owned(), json!(key));
            }
        }
        row
    }
}

/// `path = value`, of a long value only what stands around the text.
fn excerpt(said: &str, question: &str) -> String {
    let (path, value) = said.split_once(" = ").unwrap_or(("", said));
    let at = value.find(question.trim()).unwrap_or_default();
    let start = value.floor_char_boundary(at.saturating_sub(BEFORE));
    let cut = if start > 0 { "…" } else { "" };
    let value = clip(&value[start..], COLUMNS);
    format!("{path} = {cut}{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_value_the_text_is_shown_with_what_stands_around_it() {
        let said = format!("policy = {}vpc-0a1b{}", "é".repeat(400), "x".repeat(400));
        let short = excerpt(&said, "vpc-0a1b");
        assert!(
            short.starts_with("policy = …é") && short.contains("vpc-0a1b"),
            "{short}"
        );
        assert!(
            short.ends_with('…') && short.chars().count() < 120,
            "{short}"
        );
        assert_eq!(excerpt("id = vpc-0a", "vpc"), "id = vpc-0a");
    }
}
