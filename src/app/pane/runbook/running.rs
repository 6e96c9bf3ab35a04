//! A command of a step: asked about with its exact text, run where writes are
//! armed and nowhere else, watched, stopped by steps, and kept with its step.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::job::{Errand, RunbookJob};
use super::{RunbookAction, RunbookPane, RunbookQuestion};
use crate::app::action::Action;
use crate::app::desk::{Desk, Then, Wish};
use crate::app::effect::{Effect, Ticket};
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::app::sheet::confirm::{Confirm, Field};
use crate::app::sheet::{Asker, Reading as Text, Sheet};
use crate::app::text::{span, visible, wrap_hanging};
use crate::fault::Fault;
use crate::place::Place;
use crate::runbook::{Language, Part, Ran, Snippet, StepNo};

/// After so long a command is interrupted.
pub const LIMIT: Duration = Duration::from_hours(1);

/// What is typed to run a command.
const WORD: &str = "run";

/// A command of more rows than these may reach below what a small screen shows: how
/// many there are is typed with it.
const ROWS: usize = 8;

/// How wide the rows are counted.
const COLUMNS: usize = 70;

/// What has to be typed before this is run.
fn word(text: &str) -> String {
    let rows = text
        .lines()
        .map(|line| wrap_hanging(&visible(line), COLUMNS).len());
    match rows.sum::<usize>() {
        0..=ROWS => WORD.to_owned(),
        rows => format!("{WORD} {rows} lines"),
    }
}

/// A command that is asked about, or that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    pub page: String,
    pub step: StepNo,
    pub text: String,
    place: Arc<Place>,
}

/// A command that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    pub command: Command,
    ticket: Ticket,
    pub since: Timestamp,
    /// The last lines that it printed, masked.
    pub latest: String,
    /// How many times it was asked to stop.
    pub asked: usize,
}

impl RunbookPane {
    /// The command that runs.
    pub fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    /// Asks before the command marked `y` is run. Where nothing may be written it is only copied.
    pub(super) fn ask_run(&mut self, desk: &mut Desk<'_>) {
        if self.running.is_some() {
            return desk.say(Tone::Note, "a command is running: K stops it");
        }
        let Some((page, step, snippet)) = self.command_here() else {
            return desk.say(Tone::Note, "no shell command is marked in this step");
        };
        if let Some(by) = desk.read_only {
            let said = format!("read-only by {by}: y copies it");
            return desk.say(Tone::Warning, said);
        }
        let text = match runnable(&snippet, self) {
            Ok(text) => text,
            Err(fault) => return desk.say(Tone::Warning, format!("not run: {}", fault.cause)),
        };
        let Some(place) = desk.place.cloned() else {
            return desk.say(Tone::Warning, "there is no place to arm: y copies it");
        };
        if place.is_sandbox() {
            let said = "not run in a sandbox: it would leave it for the real account; y copies it";
            return desk.say(Tone::Warning, said);
        }
        if desk.armed.is_none() {
            let then = Then::Act(Action::Runbook(RunbookAction::Run));
            return desk.wishes.push(Wish::Arm { then });
        }
        let sheet = question(&text, &place, self.danger_here());
        self.asked = Some(Command {
            page,
            step,
            text,
            place,
        });
        desk.open(Sheet::Confirm(sheet), Asker::Runbook(RunbookQuestion::Run));
    }

    pub(super) fn command_here(&self) -> Option<(String, StepNo, Snippet)> {
        let reading = self.reading.as_ref()?;
        let snippet = reading.snippet()?;
        let is_shell = snippet.language == Language::Shell;
        is_shell.then(|| (reading.page.id.clone(), reading.step(), snippet.clone()))
    }

    fn danger_here(&self) -> Option<&str> {
        let reading = self.reading.as_ref()?;
        reading.page.step(reading.step())?.danger()
    }

    /// Runs what was confirmed, under the arming that still stands.
    pub(super) fn confirmed(&mut self, desk: &mut Desk<'_>) {
        let Some(command) = self.asked.take() else {
            return;
        };
        let Some(arming) = desk.armed.filter(|_| desk.place == Some(&command.place)) else {
            return desk.say(Tone::Warning, "no longer armed: nothing was run");
        };
        let errand = |ticket| Errand {
            ticket,
            place: Arc::clone(&command.place),
            command: command.text.clone(),
            arming: arming.clone(),
            reason: format!("runbook {}, step {}", command.page, command.step),
        };
        let ticket = desk
            .effects
            .ask(|ticket| Effect::Runbook(RunbookJob::Run(Box::new(errand(ticket)))));
        if let Some(reading) = &mut self.reading {
            reading.take_up(command.step, desk.now);
        }
        self.running = Some(Running {
            command,
            ticket,
            since: desk.now,
            latest: String::new(),
            asked: 0,
        });
        self.save(desk);
    }

    /// Asks the running command to end, each time with more force.
    pub(super) fn stop(&mut self, desk: &mut Desk<'_>) {
        let Some(running) = &mut self.running else {
            return desk.say(Tone::Note, "no command is running");
        };
        let said = match running.asked {
            0 => "SIGINT sent: it may end what it does; K again sends SIGTERM",
            1 => "SIGTERM sent; K again sends SIGKILL, which leaves locks behind",
            _ => "SIGKILL sent",
        };
        running.asked += 1;
        let of = running.ticket;
        desk.effects
            .ask(|ticket| Effect::Runbook(RunbookJob::Stop { ticket, of }));
        desk.say(Tone::Warning, said);
    }

    pub(super) fn printed(&mut self, ticket: Ticket, text: String) {
        if let Some(running) = self.running.as_mut().filter(|one| one.ticket == ticket) {
            running.latest = text;
        }
    }

    /// Keeps what the command came to with its step, wherever one has gone meanwhile.
    pub(super) fn ran(&mut self, ticket: Ticket, outcome: Result<Ran, Fault>, desk: &mut Desk<'_>) {
        let Some(running) = self.running.take_if(|one| one.ticket == ticket) else {
            return;
        };
        let ran = match outcome {
            Ok(ran) => ran,
            Err(fault) => return desk.say(Tone::Warning, fault.to_string()),
        };
        let tone = if ran.is_fine() {
            Tone::Fine
        } else {
            Tone::Warning
        };
        desk.say(tone, format!("the command ended: {}", ran.ending()));
        let Command {
            page, step, place, ..
        } = running.command;
        if desk.place != Some(&place) {
            return;
        }
        let is_open = |id: &str| id == page;
        if let Some(reading) = self.reading.as_mut().filter(|one| is_open(&one.page.id)) {
            reading.keep(step, ran);
            return self.save(desk);
        }
        let run = self.kept.shown().and_then(|kept| kept.run(&page)).cloned();
        if let Some(mut progress) = run {
            progress.keep(step, ran);
            self.save_run(progress, desk);
        }
    }

    /// Shows everything that the latest command of the step printed.
    pub(super) fn show_output(&self, desk: &mut Desk<'_>) {
        let reading = self.reading.as_ref();
        let track = reading.and_then(|reading| reading.progress.track(reading.step()));
        let Some(ran) = track.and_then(|track| track.ran.last()) else {
            return desk.say(Tone::Note, "no command was run in this step");
        };
        let command = ran.command.lines().map(|line| (Role::Code, line));
        let output = ran.output.lines().map(|line| (Role::Sheet, line));
        let mut rows: Vec<(Role, String)> = command
            .chain([(Role::Sheet, "")])
            .chain(output)
            .map(|(role, line)| (role, visible(line).into_owned()))
            .collect();
        rows.push((Role::Faint, ran.ending()));
        let sheet = Text::new("What it printed", rows);
        desk.open(
            Sheet::Reading(sheet),
            Asker::Runbook(RunbookQuestion::Output),
        );
    }
}

/// The command as it will be run, or why it cannot be: a value that holds
/// control characters is quoted in a way that not every shell reads.
fn runnable(snippet: &Snippet, pane: &RunbookPane) -> Result<String, Fault> {
    let context = &pane.briefing.context;
    let parts = snippet.fill(context).parts;
    let is_odd = |part: &Part| matches!(part, Part::Value(value) if value.contains("$'"));
    if parts.iter().any(is_odd) {
        let cause = "a value holds control characters: y copies it, to be read first";
        return Err(Fault::new("run", "the command", cause));
    }
    snippet.copy(context)
}

fn question(text: &str, place: &Place, danger: Option<&str>) -> Confirm {
    let mut rows: Vec<(Role, String)> = text
        .lines()
        .map(|line| (Role::Code, visible(line).into_owned()))
        .collect();
    rows.push((Role::Sheet, String::new()));
    if let Some(why) = danger {
        rows.push((Role::Critical, format!("▲ danger  {}", visible(why))));
    }
    let directory = place.directory.as_ref();
    let here = directory.map_or_else(|| ".".to_owned(), |path| path.display().to_string());
    let limit = jiff::SignedDuration::try_from(LIMIT)
        .map(span)
        .unwrap_or_default();
    rows.push((Role::Faint, format!("in {}", visible(&here))));
    let how = format!("nothing can be typed into it; K stops it; after {limit} it is interrupted");
    rows.push((Role::Faint, how));
    let word = word(text);
    let mut sheet = Confirm::new(
        "Run this command",
        rows,
        vec![Field::exact(format!("type {word}"), word)],
    );
    sheet.copy = Some(text.to_owned());
    sheet
}
