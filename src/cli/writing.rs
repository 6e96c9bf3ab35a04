//! A plan run from the command line: shown by `--dry-run`, confirmed by the
//! exact values of flags or at a prompt, journaled, run, and reported. A plan
//! that an earlier run left open is taken up again by the same command.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::plan::{
    close, enter, exit, fault, keys, needs_whole_place, prompt, question, ran_text, say, shown,
    stop_on_signals,
};
use super::site::{Ended, Site, unable};
use super::{Answer, Exit, at_a_terminal};
use crate::app::text::visible;
use crate::args::Writing as Flags;
use crate::config::Settings;
use crate::fault::Fault;
use crate::incident::Intent;
use crate::io::discover;
use crate::io::execute::{Executor, Report, Stop};
use crate::io::next_plan;
use crate::io::restoring::{self, LeftOpen};
use crate::recovery::guard::Guard;
use crate::recovery::{
    Arming, Authority, BROKEN, Confirmed, Demand, LIVE, Outcome, Plan, Settled, Write,
};

/// What was given on the command line beside the place.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub yes: Option<String>,
    pub take_over: Option<String>,
    pub lineage: Option<String>,
    /// The words for a live lock.
    pub live: bool,
    /// The words for a state that is not whole.
    pub broken: bool,
}

/// A writing command at its place.
pub struct Writing<'a> {
    /// The words that come before the place: `tfsos restore 3Kx…`.
    pub command: String,
    pub given: Given,
    pub flags: &'a Flags,
    pub settings: &'a Settings,
    pub site: &'a Site,
    /// The place as words of a shell.
    pub place: Vec<String>,
    /// Whether the plan is one that an earlier run left open.
    pub goes_on: bool,
    /// The keys of the command's own, for `--json`.
    pub own: Map<String, Value>,
}

/// The plan of this kind that an earlier run left open at this place.
pub async fn left_open(site: &Site, intent: Intent) -> Result<Option<LeftOpen>, Ended> {
    let environment = discover::environment();
    restoring::left_open(&site.place, &environment, intent)
        .await
        .map_err(unable)
}

impl Writing<'_> {
    /// Shows, confirms and runs the plan, as the flags say.
    pub async fn answer(self, plan: Plan) -> Result<Answer, Ended> {
        if self.flags.dry_run {
            return Ok(self.planned(&plan));
        }
        match self.confirmed(&plan).await {
            Ok(confirmed) => Box::pin(self.run(plan, confirmed)).await,
            Err(fault) if self.goes_on => Ok(self.still_open(&plan, &fault)),
            Err(fault) => Ok(self.refused(Some(&plan), fault)),
        }
    }

    /// No plan, or one that nobody confirmed.
    pub fn refused(mut self, plan: Option<&Plan>, fault: Fault) -> Answer {
        let mut answer = self.keyed(Exit::Refused, Outcome::Refused, plan);
        answer.fault = Some(fault);
        answer
    }

    /// An open plan that nobody confirmed stays open.
    fn still_open(mut self, plan: &Plan, why: &Fault) -> Answer {
        let mut answer = self.keyed(Exit::Open, Outcome::Open, Some(plan));
        let cause = format!("it was left open before, and now {}", why.cause);
        answer.fault = Some(fault(plan, &cause).hint(self.resume(plan)));
        answer
    }

    fn planned(mut self, plan: &Plan) -> Answer {
        let allowed = self.allowed(plan).and_then(|()| {
            let given = self.by_flags(plan);
            // Without --yes it would be asked for; all else is needed just the same.
            let skipped = usize::from(self.given.yes.is_none());
            let mut missing = plan.demands.iter().skip(skipped);
            match missing.find(|demand| !demand.is_met_by(&given)) {
                Some(demand) => Err(self.missing(plan, demand)),
                None => Ok(()),
            }
        });
        let (exit, outcome) = match &allowed {
            Ok(()) => (Exit::Done, Outcome::Planned),
            Err(_) => (Exit::Refused, Outcome::Refused),
        };
        let mut answer = self.keyed(exit, outcome, Some(plan));
        answer.text = shown(plan);
        answer.fault = allowed.err();
        answer
    }

    /// The rule that no confirmation overrides.
    fn allowed(&self, plan: &Plan) -> Result<(), Fault> {
        match self.settings.read_only_by() {
            Some(by) => Authority::ReadOnly { by }.may_write(plan),
            None => Ok(()),
        }
    }

    fn by_flags(&self, plan: &Plan) -> Vec<Confirmed> {
        let given = &self.given;
        let confirm = |demand: &Demand| match demand {
            Demand::Place { .. } => Confirmed::typed(&demand.exact(), given.yes.as_deref()?),
            // A lock is named by --take-over; where it is what the command is about, by --yes.
            Demand::Lock { .. } | Demand::Body { .. } => {
                let named = given.take_over.as_deref().or(given.yes.as_deref())?;
                Confirmed::typed(&demand.exact(), named)
            }
            Demand::Lineage { .. } => Confirmed::typed(&demand.exact(), given.lineage.as_deref()?),
            Demand::Words { words, .. } => {
                let said = words == LIVE && given.live || words == BROKEN && given.broken;
                said.then(|| Confirmed::typed(words, words)).flatten()
            }
        };
        plan.demands.iter().filter_map(confirm).collect()
    }

    async fn confirmed(&self, plan: &Plan) -> Result<Vec<Confirmed>, Fault> {
        self.allowed(plan)?;
        let place = &self.site.place;
        let mut confirmed = self.by_flags(plan);
        let name = place.full_name();
        let unmet: Vec<_> = plan
            .demands
            .iter()
            .filter(|demand| !demand.is_met_by(&confirmed))
            .collect();
        let named = self.flags.whole_place.as_deref();
        let unnamed = needs_whole_place(place, &self.settings.prod.value) && named != Some(&name);
        // A value that was given and is wrong is never asked for again.
        let asks = at_a_terminal() && self.given.yes.is_none() && named.is_none();
        if let Some(demand) = unmet.first().filter(|_| !asks) {
            return Err(self.missing(plan, demand));
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
            confirmed.push(prompt(plan, question(demand), demand.prompted()).await?);
        }
        if unnamed {
            let question = format!("Type the whole place, {}", visible(&name));
            prompt(plan, question, name).await?;
        }
        Ok(confirmed)
    }

    fn missing(&self, plan: &Plan, demand: &Demand) -> Fault {
        let exact = visible(&demand.exact()).into_owned();
        let flag = demand.flag(plan.intent);
        match demand {
            Demand::Lineage { why, .. } => {
                return fault(plan, why).hint(format!("{flag} {exact} says that this is meant"));
            }
            Demand::Words { words, why } => {
                return fault(plan, &format!("it needs the words: {words} ({why})"))
                    .hint(format!("{flag} says them"));
            }
            Demand::Place { .. } | Demand::Lock { .. } | Demand::Body { .. } => {}
        }
        let cause = match &self.given.yes {
            Some(given) => format!("--yes names {}", visible(given)),
            None => "it was not confirmed".to_owned(),
        };
        fault(plan, &cause).hint(format!("{flag} {exact} confirms it"))
    }

    async fn run(mut self, mut plan: Plan, confirmed: Vec<Confirmed>) -> Result<Answer, Ended> {
        let remote = self.site.writer(self.settings).await?;
        let caller = remote.caller().await.map_err(unable)?;
        let journal = enter(self.site, &caller, Some(&plan)).await?;
        remote.label(journal.id());
        let Some(proof) = confirmed.first() else {
            return Err((Exit::Refused, fault(&plan, "nothing confirms it")));
        };
        let now = Timestamp::now();
        let authority = Authority::Armed {
            arming: Arming::by_flag(&self.site.place, &caller, proof, now),
            confirmed: confirmed.clone(),
        };
        let stop = stop_on_signals().map_err(unable)?;
        let executor = Executor {
            place: &self.site.place,
            caller: &caller,
            remote: &remote,
            journal: &journal,
            stop: &stop,
        };
        let report = executor.run(&plan, &authority, &mut |_| {}).await;
        // Its bytes are where they belong, or kept in the incident.
        plan.cargo = None;
        if report.outcome != Outcome::Open {
            close(&journal, plan.intent, report.after.as_ref()).await;
        }
        let mut answer = self.keyed(exit(report.outcome, &stop), report.outcome, Some(&plan));
        let mut rows = rows(&report);
        if report.outcome == Outcome::Done {
            rows.extend(
                self.undo(&plan)
                    .map(|command| ("to undo".to_owned(), command)),
            );
        }
        answer.text = ran_text((&plan, report.outcome), &journal, rows);
        answer.fault = self.fault(&plan, &report);
        let stores = report.settled.iter().chain(&report.given_back);
        let stores = stores.map(|(write, settled)| {
            json!({
                "store": write.item.slot.store(),
                "item": write.item.key,
                "operation": write.operation(),
                "outcome": settled.word(write),
            })
        });
        answer.own.insert("stores".into(), stores.collect());
        answer
            .own
            .insert("incident".into(), json!(journal.id().as_str()));
        if let (Outcome::Done, Some(compared)) = (report.outcome, plan.guard) {
            self.foresee(compared, &stop, &mut answer).await;
        }
        Ok(answer)
    }

    /// After a restore: what the next plan would do, as a plan says it where one can be had.
    async fn foresee(&self, compared: Guard, stop: &Stop, answer: &mut Answer) {
        answer.own.insert("next_plan".into(), Value::Null);
        if at_a_terminal() {
            let seconds = next_plan::LIMIT.as_secs();
            say(&format!(
                "asking what the next plan would do, for {seconds} s at most; ctrl-c goes on without\n"
            ));
        }
        let environment = discover::environment();
        let asked = next_plan::Asked {
            place: &self.site.place,
            environment: &environment,
            program: &self.settings.terraform.value,
            leaving: stop,
        };
        let guard = Box::pin(asked.guard(compared)).await;
        let told = guard.told().into_iter();
        answer.text.extend(told.map(|row| {
            let row = visible(&row);
            format!("  {row}\n")
        }));
        answer.own.insert("next_plan".into(), json!(guard));
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
        let fault = fault(plan, &cause);
        let stands = |(write, one): &(Write, Settled)| {
            !write.is_about_a_lock() && matches!(one, Settled::AlreadySo)
        };
        let nothing_left = match (
            report.given_back.is_empty(),
            report.settled.iter().any(stands),
        ) {
            (true, false) => "nothing was written",
            (true, true) => {
                "what the run before wrote stays: tfsos versions and tfsos digest show it"
            }
            (false, false) => {
                "the locks that were taken for it were given back; nothing else was written"
            }
            (false, true) => {
                "what the run before wrote stays, its locks were given back: tfsos versions and tfsos digest show how it stands"
            }
        };
        Some(match report.outcome {
            Outcome::Open => fault.hint(self.resume(plan)),
            _ => fault.hint(nothing_left),
        })
    }

    /// The command that goes on with the plan, with everything that it demands.
    fn resume(&self, plan: &Plan) -> String {
        let mut words = vec![self.command.clone()];
        words.extend(self.place.iter().cloned());
        words.extend(plan.demands.iter().map(|demand| demand.given(plan.intent)));
        words.join(" ")
    }

    /// The command that takes a restore back, with the place that it is of.
    fn undo(&self, plan: &Plan) -> Option<String> {
        plan.undo.reference.as_ref()?;
        let mut words = plan.undo.by_hand.first()?.clone();
        for word in &self.place {
            words.push(' ');
            words.push_str(word);
        }
        Some(words)
    }

    /// An answer with every key that the command always has, and its own, which are many
    /// where a restore changes many resources: they move there.
    fn keyed(&mut self, exit: Exit, outcome: Outcome, plan: Option<&Plan>) -> Answer {
        let mut answer = self.site.answer(exit, "");
        answer.own = std::mem::take(&mut self.own);
        answer.own.extend(keys(outcome, plan));
        answer
    }
}

/// A row for each item that was written or given back.
fn rows(report: &Report) -> Vec<(String, String)> {
    let written = report.settled.iter();
    let written =
        written.map(|(write, settled)| (write.operation().to_owned(), said(write, settled)));
    let back = report.given_back.iter();
    let back = back.map(|(write, settled)| ("given back".to_owned(), said(write, settled)));
    written.chain(back).collect()
}

/// What became of one item.
fn said(write: &Write, settled: &Settled) -> String {
    let key = &write.item.key;
    match settled {
        Settled::Done => key.clone(),
        Settled::DoneAndChanged(_) => format!("{key}: written, and changed by somebody since"),
        Settled::AlreadySo if write.releases() => format!("{key}: it was gone already"),
        Settled::AlreadySo => format!("{key}: it was so already"),
        Settled::Changed(_) => format!("{key}: left alone, somebody changed it meanwhile"),
        Settled::Unchanged { cause } => format!("{key}: unchanged: {cause}"),
        Settled::Unknown { cause } => format!("{key}: what is there now is not known: {cause}"),
    }
}
