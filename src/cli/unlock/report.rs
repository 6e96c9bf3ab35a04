//! What `tfsos unlock` says: the plan, each store by itself, how it can be
//! undone, and where what was deleted is kept.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Unlocking, exit_of, name_of};
use crate::app::text::visible;
use crate::cli::plan::{exit, keys, ran_text, shown};
use crate::cli::{Answer, Exit};
use crate::fault::Fault;
use crate::incident::OpenPlan;
use crate::io::execute::{Report, Stop};
use crate::io::journal::Journal;
use crate::lock::Sighting;
use crate::recovery::release::{self, Refusal};
use crate::recovery::{Outcome, Plan, Settled, Write};

impl Unlocking<'_> {
    /// No plan at all.
    pub(super) fn refused(&self, refusal: &Refusal) -> Answer {
        let fault = refusal.fault(&self.site.place);
        let mut answer = self.keyed(exit_of(refusal), Outcome::Refused, None);
        answer.fault = Some(fault);
        answer
    }

    /// The plan, and whether it would run.
    pub(super) fn planned(&self, plan: &Plan, allowed: Result<(), Fault>) -> Answer {
        let (exit, outcome) = match &allowed {
            Ok(()) => (Exit::Done, Outcome::Planned),
            Err(_) => (Exit::Refused, Outcome::Refused),
        };
        let mut answer = self.keyed(exit, outcome, Some(plan));
        answer.text = shown(plan);
        answer.fault = allowed.err();
        answer
    }

    /// A plan that nobody confirmed; one that is open stays so.
    pub(super) fn unconfirmed(&self, plan: &Plan, open: bool, fault: Fault) -> Answer {
        if !open {
            let mut answer = self.keyed(Exit::Refused, Outcome::Refused, Some(plan));
            answer.fault = Some(fault);
            return answer;
        }
        let mut answer = self.keyed(Exit::Open, Outcome::Open, Some(plan));
        let cause = format!("it was left open before, and now {}", fault.cause);
        answer.fault =
            Some(Fault::new(plan.title.clone(), "", cause).hint(self.resume(&plan.lock)));
        answer
    }

    /// What a run came to.
    pub(super) fn ran(
        &self,
        plan: &Plan,
        report: &Report,
        journal: &Journal,
        stop: &Stop,
    ) -> Answer {
        let mut answer = self.keyed(exit(report.outcome, stop), report.outcome, Some(plan));
        answer.text = ran_text((plan, report.outcome), journal, rows(report));
        answer.unseen = self.unseen(Some(report));
        answer.fault = self.fault(plan, report);
        let stores = report.settled.iter().map(|(write, settled)| {
            json!({
                "store": write.item.slot.store(),
                "outcome": settled.word(write),
                "held_now": now_held(write, settled).as_ref().map(release::name),
            })
        });
        answer.own.insert("stores".into(), stores.collect());
        answer
            .own
            .insert("incident".into(), json!(journal.id().as_str()));
        answer
    }

    /// What an open plan of which nothing was left came to.
    pub(super) fn concluded(&self, open: &OpenPlan, journal: &Journal) -> Answer {
        let mut answer = self.keyed(Exit::Done, Outcome::Done, None);
        let (mut text, mut stores) = (format!("✔ done: {}\n", visible(&open.title)), Vec::new());
        for target in &open.targets {
            let word = if open.was_sent(target) {
                "released"
            } else {
                "already_gone"
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "  {:<9} {} before the interruption",
                target.store.to_string(),
                word.replace('_', " ")
            );
            stores.push(json!({"store": target.store, "outcome": word, "held_now": null}));
        }
        answer.text = text;
        answer.own.insert("stores".into(), Value::Array(stores));
        answer
            .own
            .insert("plan".into(), json!({"id": open.plan, "steps": []}));
        answer
            .own
            .insert("incident".into(), json!(journal.id().as_str()));
        answer
    }

    /// An answer with every key that the command always has.
    fn keyed(&self, exit: Exit, outcome: Outcome, plan: Option<&Plan>) -> Answer {
        let mut answer = self.site.answer(exit, "");
        let id = json!(name_of(&self.wanted, &self.standing));
        answer.own.insert("id".to_owned(), id);
        answer.own.extend(keys(outcome, plan));
        answer.unseen = self.unseen(None);
        answer
    }

    fn fault(&self, plan: &Plan, report: &Report) -> Option<Fault> {
        if report.outcome == Outcome::Done {
            return report.fault.clone();
        }
        let cause = match (&report.fault, report.settled.last()) {
            (Some(fault), _) => fault.cause.clone(),
            (None, Some((write, settled))) => said(write, settled),
            (None, None) => "nothing was tried".to_owned(),
        };
        let fault = Fault::new(plan.title.clone(), "", cause);
        Some(match report.outcome {
            Outcome::Open => fault.hint(self.resume(&plan.lock)),
            Outcome::Refused => {
                fault.hint("nothing was written; tfsos locks shows what is held now")
            }
            Outcome::Failed | Outcome::Planned | Outcome::Done => fault.hint("nothing was written"),
        })
    }
}

/// A row for each store.
fn rows(report: &Report) -> Vec<(String, String)> {
    let row = |(write, settled): &(Write, Settled)| {
        (write.item.slot.store().to_string(), said(write, settled))
    };
    report.settled.iter().map(row).collect()
}

/// What became of one item, as the end of a sentence about it.
fn said(write: &Write, settled: &Settled) -> String {
    let store = write.item.slot.store();
    let there = || match now_held(write, settled) {
        Some(there) => holder_of(&there),
        None => "none".to_owned(),
    };
    match settled {
        Settled::Done => "released".to_owned(),
        Settled::DoneAndChanged(_) => format!("released, and taken since: {}", there()),
        Settled::AlreadySo => "somebody else had released it already".to_owned(),
        Settled::Changed(_) => format!("left alone: it is another lock now, {}", there()),
        Settled::Unchanged { cause } => format!("{store} still holds it: {cause}"),
        Settled::Unknown { cause } => {
            format!("whether {store} still holds it is not known: {cause}")
        }
    }
}

fn holder_of(there: &Sighting) -> String {
    let who = there.holder().map(|holder| holder.who);
    match who.filter(|who| !who.is_empty()) {
        Some(who) => format!("{} of {who}", release::name(there)),
        None => release::name(there),
    }
}

fn now_held(write: &Write, settled: &Settled) -> Option<Sighting> {
    write.item.sighting(settled.instead()?)
}
