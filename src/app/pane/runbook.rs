//! The runbooks: a list to find the page, and a page as a checklist beside
//! what is known. Nothing here runs a command; what is copied has been filled
//! and quoted, or is not copied. Every mark and note is saved as it is made.

mod action;
mod filling;
mod flow;
mod job;
mod leading;
pub mod reading;
mod running;
pub mod script;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::Badge;
use crate::app::arrange::Area;
use crate::app::briefing::Briefing;
use crate::app::cursor::{Cursor, Motion};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::sheet::prompt::{Pace, Prompt};
use crate::app::sheet::{Asker, Outcome, Reply, Sheet};
use crate::fault::Fault;
use crate::runbook::{Entry, Evidence, Hit, Kept, Progress, Shelf, Status, StepNo};
pub use action::{RunbookAction, TABLE};
pub use job::{Errand, RunbookJob, RunbookNews};
use reading::Reading;
use running::Command;
pub use running::{LIMIT, Running};

/// What this pane asks through a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunbookQuestion {
    Search,
    Note,
    Follow,
    Run,
    Output,
}

/// The pane of the runbooks.
#[derive(Debug, Default)]
pub struct RunbookPane {
    shelf: Load<Arc<Shelf>>,
    kept: Load<Kept>,
    /// The latest save that was asked, and why one before it failed.
    saving: Option<Ticket>,
    unsaved: Option<Fault>,
    query: String,
    hits: Vec<Hit>,
    /// The pages that what is wrong here leads to, the worst first.
    called_for: Vec<String>,
    pub cursor: Cursor,
    reading: Option<Reading>,
    /// Asked for before the pages were read.
    wanted: Option<(String, Option<StepNo>)>,
    briefing: Briefing,
    /// A command that waits to be confirmed, and one that runs.
    asked: Option<Command>,
    running: Option<Running>,
}

impl RunbookPane {
    /// Steps can be worked on only where a page is open, and a page found only in the list.
    pub fn offers(&self, action: RunbookAction) -> bool {
        match action {
            RunbookAction::Open => true,
            RunbookAction::Stop => self.running.is_some(),
            RunbookAction::Search => self.reading.is_none(),
            RunbookAction::Done
            | RunbookAction::Skip
            | RunbookAction::Fail
            | RunbookAction::Note
            | RunbookAction::Copy
            | RunbookAction::Run
            | RunbookAction::Output
            | RunbookAction::Again => self.reading.is_some(),
        }
    }

    /// The pane of another place. A command that runs is still followed and can be stopped.
    #[must_use]
    pub fn anew(self) -> Self {
        Self {
            running: self.running,
            ..Self::default()
        }
    }

    /// Reads the pages and the runs of this place again.
    pub fn reload(&mut self, directory: Option<PathBuf>, desk: &mut Desk<'_>) {
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Runbook(RunbookJob::Read { ticket, directory }));
        self.shelf.expect(ticket, desk.now);
        let place = desk.place.cloned();
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Runbook(RunbookJob::Resume { ticket, place }));
        self.kept.expect(ticket, desk.now);
    }

    pub fn load(&self) -> &Load<Arc<Shelf>> {
        &self.shelf
    }

    /// The page that is open.
    pub fn reading(&self) -> Option<&Reading> {
        self.reading.as_ref()
    }

    /// What is searched for in the list.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The rows of the list: each page with why it was found and its latest run.
    pub fn list(&self) -> impl Iterator<Item = (&Entry, &Hit, Option<&Progress>)> {
        let entries = self.shelf.shown().map_or(&[][..], |shelf| shelf.entries());
        self.hits.iter().filter_map(move |hit| {
            let entry = entries.get(hit.index)?;
            let run = self.kept.shown().and_then(|kept| kept.run(&entry.page.id));
            Some((entry, hit, run))
        })
    }

    /// Everything that could not be read or saved.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        let of_pages = self.shelf.shown().map_or(&[][..], |shelf| shelf.faults());
        let of_runs = self.kept.shown().map_or(&[][..], |kept| &kept.faults);
        let latest = self.unsaved.iter().chain(self.kept.fault());
        latest.chain(of_pages).chain(of_runs)
    }

    /// Rows below the list that tell what could not be read: a long list must not hide them.
    pub fn fault_rows(&self, height: u16) -> u16 {
        match self.faults().count() as u16 {
            0 => 0,
            faults => (faults + 1).min(height / 3),
        }
    }

    /// The id of the runbook that a text leads to.
    pub fn lead(&self, text: &str) -> Option<String> {
        let entry = self.shelf.shown()?.lead(text)?;
        Some(entry.page.id.clone())
    }

    /// Opens a runbook by id, at this step, or where its unfinished run stands.
    pub fn open(&mut self, id: &str, step: Option<StepNo>, desk: &mut Desk<'_>) {
        let is_it = |reading: &Reading| reading.page.id == id;
        if self.reading.as_ref().is_some_and(is_it) {
            return self.aim(step);
        }
        let Some(pages) = self.shelf.shown() else {
            self.wanted = Some((id.to_owned(), step));
            return;
        };
        let Some(entry) = pages.find(id) else {
            return desk.say(Tone::Warning, format!("no runbook is called {id}"));
        };
        let page = entry.page.clone();
        let run = self.kept.shown().and_then(|kept| kept.run(id)).cloned();
        let progress = run
            .map(|run| run.resumed_on(&page))
            .filter(|run| !run.is_finished())
            .unwrap_or_else(|| Progress::start(&page, desk.now));
        self.reading = Some(Reading::new(page, progress));
        self.aim(step);
    }

    /// Looks at a step, unless it is settled already.
    fn aim(&mut self, step: Option<StepNo>) {
        if let (Some(reading), Some(step)) = (&mut self.reading, step) {
            reading.aim(step);
        }
    }

    pub fn hear(&mut self, news: RunbookNews, desk: &mut Desk<'_>) {
        match news {
            RunbookNews::Read { ticket, outcome } => {
                if self.shelf.settle(ticket, desk.now, outcome.map(Arc::new)) == Settled::Taken {
                    self.pages_were_read(desk);
                }
            }
            RunbookNews::Resumed { ticket, outcome } => {
                if self.kept.settle(ticket, desk.now, outcome) == Settled::Taken {
                    self.runs_were_found(desk);
                }
            }
            RunbookNews::Saved { ticket, outcome } => {
                // An older save may fail where the newer one holds all that it held.
                if self.saving == Some(ticket) {
                    self.unsaved = outcome.err();
                }
            }
            RunbookNews::Printed { ticket, text } => self.printed(ticket, text),
            RunbookNews::Ran { ticket, outcome } => self.ran(ticket, outcome, desk),
            RunbookNews::Stopped { .. } => {}
        }
    }

    fn pages_were_read(&mut self, desk: &mut Desk<'_>) {
        self.search();
        if let (Some(shelf), Some(reading)) = (self.shelf.shown(), &mut self.reading)
            && let Some(entry) = shelf.find(&reading.page.id)
        {
            reading.turn_to(entry.page.clone());
        }
        if let Some((id, step)) = self.wanted.take() {
            self.open(&id, step, desk);
        }
    }

    /// A page that was opened meanwhile goes on where its run stood, if nothing was done in it yet.
    fn runs_were_found(&mut self, desk: &mut Desk<'_>) {
        if let Some(untouched) = self.reading.take_if(|reading| !reading.is_touched()) {
            let aimed = (untouched.step() != StepNo::at(0)).then(|| untouched.step());
            self.open(&untouched.page.id, aimed, desk);
        }
    }

    pub fn act(&mut self, action: RunbookAction, desk: &mut Desk<'_>) {
        match action {
            RunbookAction::Open if self.reading.is_none() => self.open_here(desk),
            RunbookAction::Open => self.follow(desk),
            RunbookAction::Done => self.settle(Status::Done, desk),
            RunbookAction::Skip => self.settle(Status::Skipped, desk),
            RunbookAction::Fail => self.settle(Status::Failed, desk),
            RunbookAction::Note => self.ask_note(desk),
            RunbookAction::Copy => self.copy(desk),
            RunbookAction::Run => self.ask_run(desk),
            RunbookAction::Stop => self.stop(desk),
            RunbookAction::Output => self.show_output(desk),
            RunbookAction::Search => self.ask_search(desk),
            RunbookAction::Again => self.begin_again(desk),
        }
    }

    fn open_here(&mut self, desk: &mut Desk<'_>) {
        let here = self.list().nth(self.cursor.row());
        if let Some(id) = here.map(|(entry, ..)| entry.page.id.clone()) {
            self.open(&id, None, desk);
        }
    }

    fn settle(&mut self, status: Status, desk: &mut Desk<'_>) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        reading.settle(status, desk.now);
        if reading.progress.is_finished() {
            desk.say(Tone::Fine, "every step is settled");
        }
        self.save(desk);
    }

    fn copy(&mut self, desk: &mut Desk<'_>) {
        let Some(reading) = &self.reading else {
            return desk.say(Tone::Note, "open a runbook first");
        };
        let Some(snippet) = reading.snippet() else {
            return desk.say(Tone::Note, "nothing to copy in this step");
        };
        match snippet.copy(&self.briefing.context) {
            Ok(text) => desk.copy(text, snippet.subject()),
            Err(fault) => {
                let hint = fault
                    .hint
                    .as_deref()
                    .map_or_else(String::new, |hint| format!(" · {hint}"));
                desk.say(Tone::Warning, format!("not copied: {}{hint}", fault.cause));
            }
        }
    }

    /// Pins what was seen in another pane to the step of the open page.
    pub fn pin(&mut self, evidence: Evidence, desk: &mut Desk<'_>) {
        let Some(reading) = &mut self.reading else {
            return desk.say(Tone::Note, "open a runbook first: it is pinned to its step");
        };
        let said = format!("pinned to step {} of {}", reading.step(), reading.page.id);
        reading.pin(evidence);
        desk.say(Tone::Fine, said);
        self.save(desk);
    }

    fn ask_note(&mut self, desk: &mut Desk<'_>) {
        let Some(reading) = &self.reading else {
            return desk.say(Tone::Note, "open a runbook first");
        };
        let label = format!("note to step {}", reading.step());
        let sheet = Prompt::new(label, "enter keeps it", "", Pace::AtTheEnd);
        desk.open(Sheet::Prompt(sheet), Asker::Runbook(RunbookQuestion::Note));
    }

    fn ask_search(&mut self, desk: &mut Desk<'_>) {
        self.reading = None;
        let sheet = Prompt::new(
            "find",
            "words, or a pasted error",
            &self.query,
            Pace::WhileTyping,
        );
        desk.open(
            Sheet::Prompt(sheet),
            Asker::Runbook(RunbookQuestion::Search),
        );
    }

    fn begin_again(&mut self, desk: &mut Desk<'_>) {
        if let Some(Reading { page, .. }) = self.reading.take() {
            let progress = Progress::start(&page, desk.now);
            self.reading = Some(Reading::new(page, progress));
            desk.say(Tone::Fine, "begun anew; the run before is kept");
        }
    }

    /// Takes what a sheet of this pane returned.
    pub fn hear_answer(
        &mut self,
        question: RunbookQuestion,
        outcome: Outcome,
        desk: &mut Desk<'_>,
    ) {
        match (question, outcome) {
            (RunbookQuestion::Search, Outcome::SoFar(text)) => self.search_for(text),
            (RunbookQuestion::Search, Outcome::Closed(reply)) => match reply {
                Reply::Texts(texts) => self.search_for(texts.concat()),
                Reply::Abandoned | Reply::Chosen(_) => self.search_for(String::new()),
            },
            (RunbookQuestion::Note, Outcome::Closed(Reply::Texts(texts))) => {
                self.note(texts.concat().trim(), desk);
            }
            (RunbookQuestion::Run, Outcome::Closed(Reply::Texts(_))) => self.confirmed(desk),
            (RunbookQuestion::Run, Outcome::Closed(_)) => self.asked = None,
            (RunbookQuestion::Run, Outcome::Asked(_)) => {
                if let Some(command) = &self.asked {
                    desk.copy(command.text.clone(), "the command");
                }
            }
            (RunbookQuestion::Follow, Outcome::Closed(Reply::Chosen(number))) => {
                let way = self.ways(desk).into_iter().nth(number);
                if let Some(way) = way {
                    self.go(way, desk);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, text: &str, desk: &mut Desk<'_>) {
        let Some(reading) = self.reading.as_mut().filter(|_| !text.is_empty()) else {
            return;
        };
        reading.note(text, desk.now);
        self.save(desk);
    }

    fn save(&mut self, desk: &mut Desk<'_>) {
        let Some(reading) = &self.reading else {
            return;
        };
        self.save_run(reading.progress.clone(), desk);
    }

    fn save_run(&mut self, progress: Progress, desk: &mut Desk<'_>) {
        let progress = Box::new(progress);
        if let Some(kept) = self.kept.shown_mut() {
            kept.keep((*progress).clone());
        }
        let place = desk.place.cloned();
        let ticket = desk.effects.ask(|ticket| {
            Effect::Runbook(RunbookJob::Save {
                ticket,
                place,
                progress,
            })
        });
        self.saving = Some(ticket);
    }

    fn search_for(&mut self, query: String) {
        self.query = query;
        self.search();
        self.cursor.go(0);
    }

    fn search(&mut self) {
        let Some(pages) = self.shelf.shown() else {
            self.hits = Vec::new();
            return;
        };
        self.hits = pages.search(&self.query);
        // Where nothing was searched for, what is wrong here is the question.
        if self.query.is_empty() {
            let called_for = &self.called_for;
            let rank = |hit: &Hit| {
                let entry = pages.entries().get(hit.index);
                let is_it = |id: &String| entry.is_some_and(|entry| entry.page.id == *id);
                let rank = called_for.iter().position(is_it);
                rank.unwrap_or(called_for.len())
            };
            self.hits.sort_by_key(rank);
        }
    }

    /// Whether something that is wrong here leads to this page.
    pub fn is_called_for(&self, id: &str) -> bool {
        self.called_for.iter().any(|called| called == id)
    }

    /// Learns which pages are called for, the worst first. The cursor stays
    /// with its page, unless it was never moved.
    pub fn call_for(&mut self, mut ids: Vec<String>) {
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        if ids == self.called_for {
            return;
        }
        let row = self.cursor.row();
        let here = self
            .list()
            .nth(row)
            .map(|(entry, ..)| entry.page.id.clone());
        self.called_for = ids;
        self.search();
        let is_here = |(entry, ..): (&Entry, &Hit, Option<&Progress>)| {
            here.as_ref().is_some_and(|id| entry.page.id == *id)
        };
        let at = self.list().position(is_here).filter(|_| row > 0);
        self.cursor.go(at.unwrap_or(0));
    }

    pub fn travel(&mut self, motion: Motion) {
        match &mut self.reading {
            Some(reading) => reading.travel(motion),
            None => self.cursor.travel(motion),
        }
    }

    /// Learns what is known, and lays out what is shown.
    pub fn arrange(&mut self, briefing: Briefing, body: Area) {
        self.briefing = briefing;
        let rows = body.height.saturating_sub(1 + self.fault_rows(body.height));
        self.cursor.arrange(self.hits.len(), usize::from(rows));
        if let Some(reading) = &mut self.reading {
            reading.arrange(&self.briefing, self.running.as_ref(), body);
        }
    }

    /// Closes the page, or forgets the search, or stops waiting.
    pub fn back(&mut self) {
        if self.reading.take().is_some() {
            return;
        }
        if !self.query.is_empty() {
            return self.search_for(String::new());
        }
        self.shelf.give_up();
        self.kept.give_up();
    }

    pub fn badge(&self) -> Badge {
        let text = self.reading.as_ref().map_or_else(String::new, |reading| {
            format!(
                "{}/{}",
                reading.progress.settled(),
                reading.page.steps.len()
            )
        });
        Badge {
            warning: usize::from(self.unsaved.is_some()),
            text,
            ..Badge::default()
        }
    }

    /// Since when anything of this pane is awaited.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let running = self.running.as_ref().map(|running| running.since);
        let reading = self.shelf.waiting_since().or(self.kept.waiting_since());
        running.or(reading)
    }
}
