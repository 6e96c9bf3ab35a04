//! The release of a lock on the screen: the plan for what is under the cursor,
//! and the evidence that the verdict on it rests on.

use std::sync::Arc;

use jiff::Timestamp;

use super::{LockPane, LockQuestion};
use crate::app::desk::{Desk, Wish};
use crate::app::notice::Tone;
use crate::app::plan::{Ask, says};
use crate::app::role::Role;
use crate::app::sheet::choice::{Choice, Choosable};
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::read::Reading;
use crate::app::sheet::{Asker, Outcome, Prompt, Reply, Sheet};
use crate::app::text::{capital, span};
use crate::fault::Fault;
use crate::lock::errand::is_ours;
use crate::lock::{Body, Look, Sighting, Store, Verdict, verdict};
use crate::recovery::freeze;
use crate::recovery::release::Wanted;

impl From<LockQuestion> for Asker {
    fn from(question: LockQuestion) -> Self {
        Self::Lock(question)
    }
}

impl LockPane {
    /// Proposes the release of the lock under the cursor; on a state that is
    /// not whole it offers first to take it over.
    pub(super) fn ask_before_release(&mut self, desk: &mut Desk<'_>) {
        if self.outdated {
            return desk.say(
                Tone::Note,
                "the place is being read again after the plan: once more in a moment",
            );
        }
        let Some(standing) = self.standing() else {
            return desk.say(Tone::Note, "the locks are not known yet");
        };
        let Some(here) = self.here() else {
            return desk.say(Tone::Note, "no lock under the cursor");
        };
        let is_theirs =
            here.store != Store::Local && !here.holder().is_some_and(|who| is_ours(&who));
        let objection = standing.soundness.objection().filter(|_| is_theirs);
        match objection.filter(|_| desk.read_only.is_none()) {
            Some(why) => desk.open(either(&why), LockQuestion::TakeOver.into()),
            None => self.propose_release(desk),
        }
    }

    /// Takes the lock under the cursor over, or releases it after all.
    pub fn taken_over(&mut self, outcome: &Outcome, desk: &mut Desk<'_>) {
        let &Outcome::Closed(Reply::Chosen(row)) = outcome else {
            return;
        };
        match (row, self.wanted()) {
            (0, Some(wanted)) => desk.wishes.push(Wish::Prepare(Ask::TakeOver(wanted))),
            _ => self.propose_release(desk),
        }
    }

    /// What names the lock under the cursor.
    fn wanted(&self) -> Option<Wanted> {
        let here = self.here()?;
        let raw = Wanted::Raw { store: here.store };
        Some(here.id().map_or(raw, Wanted::Id))
    }

    fn propose_release(&mut self, desk: &mut Desk<'_>) {
        let (Some(place), Some(standing)) = (desk.place, self.standing()) else {
            return desk.say(Tone::Note, "the locks are not known yet");
        };
        let Some(wanted) = self.wanted() else {
            return desk.say(Tone::Note, "no lock under the cursor");
        };
        let ours = self.here().and_then(Sighting::holder).filter(is_ours);
        let plan = match &ours {
            Some(ours) => freeze::thaw(place, standing, &ours.id, desk.now),
            None => standing.release(place, &wanted, desk.now),
        };
        let plan = match plan {
            Ok(plan) => Arc::new(plan),
            Err(refusal) => {
                return desk.open(
                    refused(&refusal.fault(place)),
                    LockQuestion::Evidence.into(),
                );
            }
        };
        desk.wishes.push(Wish::Propose(plan));
    }

    /// Asks why everybody is to be kept out.
    pub(super) fn ask_before_freeze(&self, desk: &mut Desk<'_>) {
        if let Some(by) = desk.read_only {
            let said = format!("read-only by {by}: nothing can be written");
            return desk.say(Tone::Warning, said);
        }
        // Nobody should think of a reason for what cannot be.
        if self.looks().iter().all(|look| look.store == Store::Local) {
            return desk.say(Tone::Note, "there is no lock here that could be taken");
        }
        let hint = "it stands in the lock, for whoever meets it";
        let prompt = Prompt::new("freeze because", hint, "", Pace::AtTheEnd);
        desk.open(Sheet::Prompt(prompt), LockQuestion::Reason.into());
    }

    /// Has the freeze planned for the reason that was typed.
    pub fn frozen(&mut self, outcome: Outcome, desk: &mut Desk<'_>) {
        let Outcome::Closed(Reply::Texts(texts)) = outcome else {
            return;
        };
        let reason = texts.first().map_or("", |text| text.trim()).to_owned();
        if reason.is_empty() {
            return desk.say(Tone::Note, "not frozen: a reason has to be given");
        }
        desk.wishes.push(Wish::Prepare(Ask::Freeze { reason }));
    }
}

/// What can be done about a lock on a state that is not whole; the safe way stands first.
fn either(why: &str) -> Sheet {
    let option = |label: &str, detail: String| Choosable {
        label: label.to_owned(),
        detail,
    };
    let options = vec![
        option(
            "take it over",
            "nobody gets in while the state is mended under it".to_owned(),
        ),
        option(
            "release it all the same",
            "a waiting job would start on this state at once".to_owned(),
        ),
    ];
    Sheet::Choice(Choice::new(capital(why), options))
}

fn refused(fault: &Fault) -> Sheet {
    let mut rows = vec![(Role::Critical, fault.to_string())];
    rows.extend(fault.hint.iter().map(|hint| (Role::Note, hint.clone())));
    Sheet::Reading(Reading::new("Not released", rows))
}

/// The item as it is stored, with the signs of its verdict.
pub(super) fn evidence(look: &Look, verdict: Option<&Verdict>, now: Timestamp) -> Sheet {
    let mut rows = vec![(
        Role::Sheet,
        format!("{} · {} · {}", look.store, look.container, look.key),
    )];
    match &look.found {
        Err(fault) => rows.extend(says(Role::Critical, "✖", fault)),
        Ok(None) => rows.push((Role::Fine, "✔ holds no lock".to_owned())),
        Ok(Some(seen)) => {
            let age = verdict::age(seen, now).map_or_else(|| "an unknown time".to_owned(), span);
            rows.push((
                Role::Faint,
                format!(
                    "held for {age} · sha256 of the body {}",
                    &seen.body.sha256()[..12]
                ),
            ));
            rows.push((Role::Sheet, String::new()));
            rows.extend(body(&seen.body).into_iter().map(|row| (Role::Code, row)));
        }
    }
    if let Some(verdict) = verdict {
        rows.push((Role::Sheet, String::new()));
        rows.push((Role::Title, format!("verdict: {}", verdict.likelihood)));
        rows.extend(
            verdict
                .signs
                .iter()
                .map(|sign| (Role::Sheet, format!("{:>+3}  {}", sign.weight, sign.says))),
        );
    }
    Sheet::Reading(Reading::new("Lock item", rows))
}

/// A body as rows: pretty JSON where it is JSON, else the text as it lies there.
fn body(body: &Body) -> Vec<String> {
    let text = String::from_utf8_lossy(body.bytes());
    if text.is_empty() {
        return vec!["(no bytes)".to_owned()];
    }
    let pretty = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty
        .as_deref()
        .unwrap_or(&text)
        .lines()
        .map(str::to_owned)
        .collect()
}
