//! One event at a time: the sheet on top first, then the focused pane, then
//! the console itself.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::action::{Action, Scope, table};
use super::arrange::{Area, frame};
use super::desk::{Desk, Then, Wish};
use super::effect::{Effect, Effects};
use super::event::{Event, Input};
use super::key::Key;
use super::notice::{Notice, Tone};
use super::pane::PaneId;
use super::pane::lock::{LockAction, LockPane, LockQuestion};
use super::pane::log::LogAction;
use super::pane::situation::{Find, Lookout, SituationAction, Turn};
use super::pane::state::StateAction;
use super::plan::After;
use super::role::Role;
use super::sheet::choice::{Choice, Choosable};
use super::sheet::confirm::{Confirm, Field};
use super::sheet::finder::Manner;
use super::sheet::finder::RUNBOOK;
use super::sheet::{Asker, Finder, Outcome, Question, Reading, Reply, Sheet};
use super::{App, Ending, Share};
use crate::analysis::Finding;
use crate::place::Caller;
use crate::recovery::afterwards;
use crate::recovery::arming::{self, Arming};
use crate::runbook::StepNo;

impl App {
    /// Asks what the first screen needs; called once, after the first frame is on screen.
    pub fn open(&mut self, now: Timestamp, effects: &mut Effects) {
        self.now = now;
        let lookout = self.start.lookout.clone();
        if let Lookout::Bucket { root, prefix } = &lookout {
            let (root, prefix) = (Arc::new((**root).clone()), prefix.clone());
            self.focus = PaneId::State;
            self.with_desk(effects, |app, desk| {
                app.state.fleet.open(root, prefix, desk);
            });
        }
        self.with_desk(effects, |app, desk| app.situation.look(lookout, desk));
        self.reload_runbooks(effects);
        self.look_for_logs(effects);
        self.arrange();
        self.arrange_logs(effects);
    }

    /// Looks again, a few times in the ten minutes after a write of ours: the
    /// former holder may still write. Whatever is on screen meanwhile.
    fn watch_on(&mut self, effects: &mut Effects) {
        if self.next_look().is_some_and(|at| at <= self.now) {
            self.watch = self.watch.map(|(since, looks)| (since, looks + 1));
            self.with_desk(effects, |app, desk| app.locks.reload(desk));
        }
    }

    /// Says at once, whichever pane is open, that somebody wrote after us.
    fn warn_of_intruders(&mut self) {
        let intruded = |finding: &&Finding| finding.id.ends_with("-after-us");
        let found = self.locks.findings().iter().find(intruded);
        if let Some(finding) = found.filter(|_| self.watch.is_some()) {
            self.notice = Some(Notice::new(self.now, Tone::Warning, finding.claim.clone()));
        }
    }

    /// When the next look of the watch is due.
    fn next_look(&self) -> Option<Timestamp> {
        let (since, looks) = self.watch?;
        let seconds = *afterwards::LOOKS.get(looks)?;
        since.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    /// Takes one event. Reads no clock: `now` is the time of the event.
    pub fn update(&mut self, now: Timestamp, event: Event, effects: &mut Effects) {
        self.now = now;
        self.notice.take_if(|notice| notice.until <= now);
        self.logs.conceal_at(now);
        self.state.conceal_at(now);
        self.arming
            .take_if(|arming| arming.remaining(now).is_none());
        match event {
            Event::Input(Input::Key(key)) => self.press(key, effects),
            Event::Input(Input::Paste(text)) => self.paste(&text, effects),
            Event::Input(Input::Resize { width, height }) => {
                self.start.screen = Area::new(0, 0, width, height);
            }
            Event::Input(Input::Resumed) | Event::Wake => {}
            Event::Place(news) => {
                let turn = self.with_desk(effects, |app, desk| app.situation.hear(news, desk));
                match turn {
                    Turn::Moved => self.begin_anew(effects),
                    Turn::Undecided => self.choose_place(),
                    Turn::Authorized => self.authorized(effects),
                    Turn::Examined => self.refresh_credentials(),
                    Turn::SignedIn(outcome) => self.signed_in(outcome, effects),
                    Turn::Stayed => {}
                }
            }
            Event::Lock(news) => {
                self.with_desk(effects, |app, desk| app.locks.hear(news, desk));
                self.warn_of_intruders();
            }
            Event::Plan(news) => {
                let after = self.with_desk(effects, |app, desk| app.plans.hear(news, desk));
                if after == After::Ended {
                    self.watch = Some((self.now, 0));
                    self.with_desk(effects, |app, desk| {
                        app.locks.reload_after_a_plan(desk);
                        app.state.reload(desk);
                        app.state.fleet.doubt();
                    });
                }
            }
            Event::State(news) => self.with_desk(effects, |app, desk| app.state.hear(news, desk)),
            Event::Runbook(news) => {
                self.with_desk(effects, |app, desk| app.runbooks.hear(news, desk));
            }
            Event::Log(news) => self.with_desk(effects, |app, desk| app.logs.hear(news, desk)),
        }
        self.watch_on(effects);
        self.arrange();
        self.arrange_logs(effects);
    }

    /// Looks for logs where the place is, or where a place is looked for.
    fn look_for_logs(&mut self, effects: &mut Effects) {
        let directory = self.directory();
        let named = self.start.logs.clone();
        self.with_desk(effects, |app, desk| app.logs.look(&named, directory, desk));
    }

    /// When the console wants to be woken: each second while something is awaited or armed,
    /// else when a notice leaves or a minute of the clock and the ages is over.
    pub fn wake(&self) -> Option<Timestamp> {
        let each_second = self.waiting_since().is_some() || self.arming.is_some();
        let awaited = each_second.then_some(SignedDuration::from_secs(1));
        let minute = 60 - self.now.as_second().rem_euclid(60);
        let next = self
            .now
            .saturating_add(awaited.unwrap_or(SignedDuration::from_secs(minute)))
            .ok()?;
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let secrets = [self.logs.revealed_until(), self.state.revealed_until()];
        let ends = secrets.into_iter().chain([notice]).flatten();
        Some(ends.fold(next, Timestamp::min))
    }

    /// Since when anything is awaited that a person sees.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        [
            self.situation.waiting_since(),
            self.plans.waiting_since(),
            self.locks.waiting_since(),
            self.state.waiting_since(),
            // Small files nearby: worth a word only where they are looked at.
            self.runbooks
                .waiting_since()
                .filter(|_| self.focus == PaneId::Runbooks),
            self.logs
                .waiting_since()
                .filter(|_| self.focus == PaneId::Logs),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn press(&mut self, key: Key, effects: &mut Effects) {
        // A note answered the key before this one: it gives the hints their room again.
        self.notice.take_if(|notice| notice.tone == Tone::Note);
        // The ways out of a terminal work whatever lies on top.
        let action = self.keymap.action(self.focus, key);
        // What was revealed is seen until the next key, unless that copies it.
        let secrets = [self.logs.revealed_until(), self.state.revealed_until()];
        let shown = secrets.iter().any(Option::is_some);
        self.state.conceal();
        if action != Some(Action::Log(LogAction::Copy)) || !self.sheets.is_empty() {
            self.logs.conceal();
        }
        let reveals = [
            Action::Log(LogAction::Reveal),
            Action::State(StateAction::Reveal),
        ];
        if shown && action.is_some_and(|action| reveals.contains(&action)) {
            return;
        }
        if let Some(action @ (Action::Interrupt | Action::Suspend)) = action {
            return self.act(action, effects);
        }
        if let Some((sheet, asker)) = self.sheets.last_mut() {
            let outcome = sheet.press(key);
            let asker = asker.clone();
            return self.answer(&asker, outcome, effects);
        }
        if let Some(action) = action {
            self.act(action, effects);
        }
    }

    fn paste(&mut self, text: &str, effects: &mut Effects) {
        let Some((sheet, asker)) = self.sheets.last_mut() else {
            return;
        };
        let outcome = sheet.paste(text);
        let asker = asker.clone();
        self.answer(&asker, outcome, effects);
    }

    /// Does what was asked. Public for tests and for the palette.
    pub fn act(&mut self, action: Action, effects: &mut Effects) {
        match action {
            Action::Move(motion) => self.travel(motion, effects),
            Action::Focus(pane) => self.focus = pane,
            Action::NextPane => self.focus = self.focus.step(1),
            Action::PreviousPane => self.focus = self.focus.step(PaneId::ALL.len() - 1),
            Action::Palette => {
                self.find(Manner::Palette);
            }
            Action::Help => self.find(Manner::Help),
            Action::Back => self.back(effects),
            Action::Quit => self.quit(effects),
            Action::Interrupt => self.end(Ending::Interrupted, effects),
            Action::Suspend => self.suspend(effects),
            Action::Arm => self.arm(),
            Action::Card => self.show_card(),
            Action::Credentials => self.show_credentials(effects),
            Action::SignIn => self.sign_in(effects),
            Action::Share => self.toggle_share(),
            Action::Places => self.choose_place(),
            Action::Reload => self.reload(effects),
            Action::RunbookHere => self.open_runbook(effects),
            Action::Pin => self.pin(effects),
            Action::Situation(SituationAction::Open) if self.finding_here().is_some() => {
                self.show_finding();
            }
            Action::Situation(SituationAction::Readiness) => self.show_readiness(),
            Action::Situation(action) => {
                self.with_desk(effects, |app, desk| app.situation.act(action, desk));
            }
            Action::Lock(action) => {
                self.with_desk(effects, |app, desk| app.locks.act(action, desk));
            }
            Action::Log(LogAction::Reveal) | Action::State(StateAction::Reveal)
                if self.start.share == Share::On =>
            {
                let sentence = "the screen is shared: S ends that before secrets are shown";
                self.notice = Some(Notice::new(self.now, Tone::Warning, sentence));
            }
            Action::State(action) => {
                self.with_desk(effects, |app, desk| app.state.act(action, desk));
            }
            Action::Runbook(action) => {
                self.with_desk(effects, |app, desk| app.runbooks.act(action, desk));
            }
            Action::Log(action) => {
                self.with_desk(effects, |app, desk| app.logs.act(action, desk));
            }
        }
    }

    fn travel(&mut self, motion: super::cursor::Motion, effects: &mut Effects) {
        match self.focus {
            PaneId::Situation => self.situation.travel(motion),
            PaneId::Locks => self.locks.travel(motion),
            PaneId::State => {
                self.with_desk(effects, |app, desk| app.state.travel(motion, desk));
            }
            PaneId::Runbooks => self.runbooks.travel(motion),
            PaneId::Logs => self.with_desk(effects, |app, desk| app.logs.travel(motion, desk)),
        }
    }

    fn reload(&mut self, effects: &mut Effects) {
        match self.focus {
            PaneId::Situation => self.with_desk(effects, |app, desk| app.situation.reload(desk)),
            PaneId::Locks => self.with_desk(effects, |app, desk| app.locks.reload(desk)),
            PaneId::State => self.with_desk(effects, |app, desk| app.state.refresh(desk)),
            PaneId::Runbooks => self.reload_runbooks(effects),
            PaneId::Logs => self.look_for_logs(effects),
        }
    }

    /// Stops waiting in the focused pane; never quits.
    fn back(&mut self, effects: &mut Effects) {
        if self.plans.waiting_since().is_some() && !self.plans.is_running() {
            return self.plans.give_up();
        }
        match self.focus {
            PaneId::Situation => self.situation.give_up(),
            PaneId::Locks => self.locks.give_up(),
            PaneId::State => self.with_desk(effects, |app, desk| app.state.back(desk)),
            PaneId::Runbooks => self.runbooks.back(),
            PaneId::Logs => self.with_desk(effects, |app, desk| app.logs.back(desk)),
        }
    }

    /// Another shell may change anything meanwhile: what was allowed is not allowed afterwards.
    fn suspend(&mut self, effects: &mut Effects) {
        self.arming = None;
        effects.tell(Effect::Suspend);
    }

    /// Asks for the place's name, or stops allowing writes.
    fn arm(&mut self) {
        if self.arming.take().is_some() {
            self.notice = Some(Notice::new(
                self.now,
                Tone::Fine,
                "disarmed: nothing can be written",
            ));
            return;
        }
        match self.arming_sheet() {
            Ok(sheet) => self.lay(Sheet::Confirm(sheet), Question::Arm),
            Err(sentence) => self.notice = Some(Notice::new(self.now, Tone::Warning, sentence)),
        }
    }

    fn arming_sheet(&self) -> Result<Confirm, &'static str> {
        if self.start.read_only.is_some() {
            return Err("started read-only: nothing can be armed");
        }
        let place = self.place().ok_or("there is no place to arm")?;
        if self.situation.caller().is_none() {
            return Err("it is not known yet who is calling: writes cannot be bound to anybody");
        }
        let expected = arming::expected(place);
        let mut rows = vec![
            (
                Role::Sheet,
                format!(
                    "For ten minutes, writes to {} are possible after a confirmation each.",
                    place.full_name()
                ),
            ),
            (
                Role::Faint,
                "Ends by itself, with A, with ctrl-z, and when the place or the caller changes."
                    .to_owned(),
            ),
        ];
        if let Some(profile) = &self.start.write_profile {
            rows.push((
                Role::Note,
                format!(
                    "Writes go out under the profile {profile}; everything else stays as it is."
                ),
            ));
        }
        if !place.divergences.is_empty() {
            let sentence = "CACHE ≠ CONFIG: what was initialized is not what the configuration says. Type the whole place.";
            rows.push((Role::Critical, sentence.to_owned()));
        }
        let fields = vec![Field::exact("type the place's name", expected)];
        Ok(Confirm::new(
            format!("Arm {}", place.short_name()),
            rows,
            fields,
        ))
    }

    /// Arms with what was typed, and goes on with what was asked for before.
    fn armed(&mut self, typed: &str, effects: &mut Effects) {
        if self.start.write_profile.is_some() {
            self.unauthorized = Some(typed.to_owned());
            return self.with_desk(effects, |app, desk| app.situation.authorize(desk));
        }
        let caller = self.situation.caller().cloned();
        self.arm_as(caller, typed, effects);
    }

    /// Arms for whoever the profile of writes is, now that this is known.
    fn authorized(&mut self, effects: &mut Effects) {
        let Some(typed) = self.unauthorized.take() else {
            return;
        };
        if let Some(fault) = self.situation.writer.fault() {
            self.notice = Some(Notice::new(self.now, Tone::Warning, fault.to_string()));
            return;
        }
        let caller = self.situation.writer.shown().cloned();
        self.arm_as(caller, &typed, effects);
    }

    fn arm_as(&mut self, caller: Option<Caller>, typed: &str, effects: &mut Effects) {
        let (Some(place), Some(caller)) = (self.place(), caller) else {
            return;
        };
        self.arming = Arming::typed(place, &caller, typed, self.now);
        if let Some(then) = self.after_arming.take().filter(|_| self.arming.is_some()) {
            match then {
                Then::Act(action) => self.act(action, effects),
                Then::Propose(plan) => self.grant(Wish::Propose(plan), effects),
            }
        }
    }

    /// Everything that the finding under the cursor rests on.
    fn show_finding(&mut self) {
        if let Some(sheet) = self.finding_sheet() {
            self.lay(Sheet::Reading(sheet), Question::Finding);
        }
    }

    fn show_card(&mut self) {
        let sheet = Sheet::Reading(self.card_sheet());
        self.lay(sheet, Question::Card);
    }

    fn card_sheet(&self) -> Reading {
        let mut reading = Reading::new("Call card", self.call_card());
        reading.keys = vec![('y', "copy as text")];
        reading
    }

    /// Leaves, but never under a plan that runs.
    fn quit(&mut self, effects: &mut Effects) {
        if self.plans.is_running() {
            let said = "a plan is running: it ends by itself, then q quits";
            self.notice = Some(Notice::new(self.now, Tone::Warning, said));
            return;
        }
        if self.runbooks.running().is_some() {
            let said = "a command is running: it ends by itself, or 5 and K stop it";
            self.notice = Some(Notice::new(self.now, Tone::Warning, said));
            return;
        }
        self.end(Ending::Quit, effects);
    }

    /// Ends, with the look at the logs kept for the next time.
    fn end(&mut self, ending: Ending, effects: &mut Effects) {
        self.with_desk(effects, |app, desk| app.logs.keep_session(desk));
        self.ending = Some(ending);
    }

    fn toggle_share(&mut self) {
        self.start.share = match self.start.share {
            Share::Off => Share::On,
            Share::On => Share::Off,
        };
    }

    fn choose_place(&mut self) {
        let found = self
            .situation
            .finds
            .shown()
            .map_or(&[][..], |finds| &finds.found);
        let options = found
            .iter()
            .map(|find| Choosable {
                label: find.name.clone(),
                detail: detail(find),
            })
            .collect();
        self.lay(
            Sheet::Choice(Choice::new("Places found here", options)),
            Question::Place,
        );
    }

    /// Another place: nothing that was read or allowed at the old one holds.
    fn begin_anew(&mut self, effects: &mut Effects) {
        self.watch = None;
        self.arming = None;
        self.after_arming = None;
        self.unauthorized = None;
        self.plans.begin_anew();
        self.locks = LockPane::default();
        let place = self.place().cloned();
        self.state = std::mem::take(&mut self.state).anew(place.as_ref());
        // The cursors' heights decide what is read first.
        self.arrange();
        self.read_place(effects);
        self.runbooks = std::mem::take(&mut self.runbooks).anew();
        self.reload_runbooks(effects);
        self.look_for_logs(effects);
    }

    /// Reads the locks and the versions of the place.
    fn read_place(&mut self, effects: &mut Effects) {
        self.with_desk(effects, |app, desk| {
            app.locks.reload(desk);
            app.state.reload(desk);
        });
    }

    fn reload_runbooks(&mut self, effects: &mut Effects) {
        let directory = self.directory();
        self.with_desk(effects, |app, desk| app.runbooks.reload(directory, desk));
    }

    /// Where a team's runbooks would lie: beside the place, else where we were started.
    fn directory(&self) -> Option<PathBuf> {
        match (self.place(), &self.start.lookout) {
            (Some(place), _) => place.directory.clone(),
            (None, Lookout::Directory(directory)) => Some(directory.clone()),
            (None, Lookout::Named(_) | Lookout::Rehearsal(_) | Lookout::Bucket { .. }) => None,
        }
    }

    /// Opens the runbook of what is under the cursor; without one, the list of all.
    fn open_runbook(&mut self, effects: &mut Effects) {
        if let Some(finding) = self.finding_here() {
            let step = finding.step.and_then(|step| u16::try_from(step).ok());
            let step = step.and_then(StepNo::numbered);
            match finding.runbook.map(str::to_owned) {
                Some(id) => self.grant(Wish::Runbook { id, step }, effects),
                None => self.focus = PaneId::Runbooks,
            }
            return;
        }
        let pane = match self.focus {
            PaneId::Situation => self.situation.card(),
            pane => Some(pane),
        };
        let id = match pane {
            Some(PaneId::Locks) => Some(self.locks.runbook().to_owned()),
            Some(PaneId::State) => Some(self.state.runbook().to_owned()),
            Some(PaneId::Logs) => self.log_runbook(),
            Some(PaneId::Situation | PaneId::Runbooks) | None => None,
        };
        match id {
            Some(id) => self.grant(Wish::Runbook { id, step: None }, effects),
            None => self.focus = PaneId::Runbooks,
        }
    }

    fn find(&mut self, manner: Manner) {
        let pages = self.runbooks.load().shown().cloned();
        let finder = Finder::new(self.focus, manner).with_runbooks(pages);
        self.lay(Sheet::Finder(finder), Question::Action);
    }

    pub(super) fn lay(&mut self, sheet: Sheet, question: Question) {
        self.sheets.push((sheet, Asker::Console(question)));
    }

    /// Replaces the sheet of this question, where it lies on top.
    pub(super) fn renew(&mut self, sheet: Sheet, question: Question) {
        let asker = Asker::Console(question);
        if let Some((top, _)) = self.sheets.last_mut().filter(|(_, of)| *of == asker) {
            top.replace(sheet);
        }
    }

    /// Tells the asker what a key did to its sheet.
    fn answer(&mut self, asker: &Asker, outcome: Outcome, effects: &mut Effects) {
        if let Outcome::Closed(_) = outcome {
            self.sheets.pop();
        }
        match asker {
            Asker::Console(question) => self.hear_answer(*question, outcome, effects),
            // The evidence is read and closed.
            Asker::Lock(LockQuestion::Evidence) => {}
            Asker::Lock(LockQuestion::TakeOver) => self.with_desk(effects, |app, desk| {
                app.locks.taken_over(&outcome, desk);
            }),
            Asker::Lock(LockQuestion::Reason) => self.with_desk(effects, |app, desk| {
                app.locks.frozen(outcome, desk);
            }),
            Asker::Plan(question) => {
                let question = *question;
                self.with_desk(effects, |app, desk| {
                    app.plans.reply(question, outcome, desk);
                });
            }
            Asker::State(question) => {
                let question = *question;
                self.with_desk(effects, |app, desk| {
                    app.state.answer(question, outcome, desk);
                });
            }
            Asker::Runbook(question) => self.with_desk(effects, |app, desk| {
                app.runbooks.hear_answer(*question, outcome, desk);
            }),
            Asker::Log(question) => {
                let question = *question;
                self.with_desk(effects, |app, desk| {
                    app.logs.answer(question, outcome, desk);
                });
            }
        }
    }

    fn copy_card(&mut self, effects: &mut Effects) {
        let text = self.call_lines().join("\n");
        self.grant(
            Wish::Copy {
                text,
                what: "the call card".to_owned(),
            },
            effects,
        );
    }

    fn hear_answer(&mut self, question: Question, outcome: Outcome, effects: &mut Effects) {
        let reply = match outcome {
            Outcome::Asked(key) if question == Question::Credentials => {
                return self.credentials_key(key, effects);
            }
            Outcome::Asked('C') if question == Question::Finding => {
                self.sheets.pop();
                return self.show_credentials(effects);
            }
            Outcome::Asked('y') if question == Question::Card => return self.copy_card(effects),
            Outcome::Closed(reply) => reply,
            Outcome::Kept | Outcome::SoFar(_) | Outcome::Asked(_) | Outcome::Picked(..) => return,
        };
        match (question, reply) {
            (Question::Action, Reply::Texts(names)) => {
                let asked = names.first().and_then(|name| name.strip_prefix(RUNBOOK));
                if let Some(id) = asked {
                    let id = id.to_owned();
                    return self.grant(Wish::Runbook { id, step: None }, effects);
                }
                let row_of = |name: &String| table().find(|(_, row)| row.name == name);
                if let Some((scope, row)) = names.first().and_then(row_of) {
                    if let Scope::In(pane) = scope {
                        self.focus = pane;
                    }
                    self.act(row.action, effects);
                }
            }
            (Question::Place, Reply::Chosen(number))
                if Some(number) != self.situation.selected() =>
            {
                self.with_desk(effects, |app, desk| app.situation.select(number, desk));
                self.begin_anew(effects);
            }
            // What was to follow does not follow another arming.
            (Question::Arm, Reply::Abandoned) => self.after_arming = None,
            (Question::Finding, Reply::Chosen(_)) => self.open_evidence(effects),
            (Question::Arm, Reply::Texts(typed)) => {
                self.armed(typed.first().map_or("", String::as_str), effects);
            }
            _ => {}
        }
    }

    /// Gives a pane its desk and carries out its wishes afterwards.
    pub(super) fn with_desk<T>(
        &mut self,
        effects: &mut Effects,
        work: impl FnOnce(&mut Self, &mut Desk<'_>) -> T,
    ) -> T {
        let place = self.place().cloned();
        let mut wishes = Vec::new();
        let (caller, armed) = (self.situation.caller().cloned(), self.arming.clone());
        let read_only = self.start.read_only.clone();
        let mut desk = Desk {
            now: self.now,
            place: place.as_ref(),
            caller: caller.as_ref(),
            armed: armed.as_ref(),
            read_only: read_only.as_deref(),
            effects: &mut *effects,
            wishes: &mut wishes,
        };
        let made = work(self, &mut desk);
        for wish in wishes {
            self.grant(wish, effects);
        }
        made
    }

    pub(super) fn grant(&mut self, wish: Wish, effects: &mut Effects) {
        match wish {
            Wish::Open(sheet, asker) => self.sheets.push((*sheet, asker)),
            Wish::Update(sheet, asker) => {
                if let Some((top, _)) = self.sheets.last_mut().filter(|(_, of)| *of == asker) {
                    top.replace(*sheet);
                }
            }
            Wish::Propose(plan) => {
                self.with_desk(effects, |app, desk| app.plans.propose(plan, desk));
            }
            Wish::Prepare(ask) => {
                self.with_desk(effects, |app, desk| app.plans.prepare(ask, desk));
            }
            Wish::Arm { then } => {
                self.arm();
                self.after_arming = Some(then);
            }
            Wish::Say(notice) => self.notice = Some(notice),
            Wish::Focus(pane) => self.focus = pane,
            Wish::Settle(place) => {
                let lookout = Lookout::Named(place);
                self.start.lookout = lookout.clone();
                self.with_desk(effects, |app, desk| app.situation.look(lookout, desk));
            }
            Wish::Act(action) => self.act(action, effects),
            Wish::Repair => {
                self.focus = PaneId::State;
                self.state.history.cursor.go(0);
                self.act(Action::State(StateAction::Repair), effects);
            }
            Wish::Release => {
                self.focus = PaneId::Locks;
                self.locks.aim();
                self.act(Action::Lock(LockAction::Release), effects);
            }
            Wish::Runbook { id, step } => {
                self.focus = PaneId::Runbooks;
                self.with_desk(effects, |app, desk| app.runbooks.open(&id, step, desk));
            }
            Wish::Copy { text, what } => {
                effects.tell(Effect::Clip(text));
                self.notice = Some(Notice::new(self.now, Tone::Fine, format!("copied {what}")));
            }
        }
    }

    /// The logs know only when their rows are known which records to ask for.
    fn arrange_logs(&mut self, effects: &mut Effects) {
        let frame = frame(self.start.screen).filter(|_| self.focus == PaneId::Logs);
        if let Some(Area { width, height, .. }) = frame.map(|frame| frame.body) {
            let rows = usize::from(height);
            self.with_desk(effects, |app, desk| app.logs.arrange(rows, width, desk));
        }
    }

    /// Gives every cursor its height, so that drawing has nothing to repair.
    fn arrange(&mut self) {
        let Some(frame) = frame(self.start.screen) else {
            return;
        };
        let rows = usize::from(frame.body.height);
        self.situation.arrange(self.shown_findings().len());
        self.locks.arrange(rows.saturating_sub(1));
        self.state.arrange(frame.body);
        if self.focus == PaneId::Runbooks {
            let briefing = self.briefing();
            let led_to = self.findings().into_iter().filter_map(|f| f.runbook);
            let called_for = led_to.map(ToString::to_string).collect();
            self.runbooks.call_for(called_for);
            self.runbooks.arrange(briefing, frame.body);
        }
        // The card lies there for a while: what it says is what is known now.
        if let Some((_, Asker::Console(Question::Card))) = self.sheets.last() {
            let sheet = Sheet::Reading(self.card_sheet());
            self.renew(sheet, Question::Card);
        }
        if let Some((sheet, _)) = self.sheets.last_mut() {
            sheet.arrange(rows.saturating_sub(4));
        }
    }
}

/// What the list of places says beside a directory.
fn detail(find: &Find) -> String {
    match &find.outcome {
        Ok(place) => format!("{} · workspace {}", place.full_name(), place.workspace),
        Err(fault) => fault.cause.clone(),
    }
}
