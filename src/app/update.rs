//! One event at a time: the sheet on top first, then the focused pane, then
//! the console itself.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::action::Action;
use super::arrange::{Area, frame};
use super::desk::Wish;
use super::effect::{Effect, Effects};
use super::event::{Event, Input};
use super::key::Key;
use super::notice::{Notice, Tone};
use super::pane::PaneId;
use super::pane::log::LogAction;
use super::pane::situation::{Lookout, SituationAction, Turn};
use super::pane::state::StateAction;
use super::plan::After;
use super::sheet::finder::Manner;
use super::sheet::{Asker, Finder, Question, Reading, Sheet};
use super::{App, Ending, Share};
use crate::analysis::Finding;
use crate::recovery::afterwards;
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
        self.learn_owners(effects);
        self.weigh_plan(effects);
        self.watch_on(effects);
        self.arrange();
        self.arrange_logs(effects);
    }

    /// Asks once which state has what the logs say exists already, and says so.
    fn learn_owners(&mut self, effects: &mut Effects) {
        let taken = self.logs.taken();
        if taken.is_empty() {
            return;
        }
        self.with_desk(effects, |app, desk| {
            let known = app.situation.owners(taken, desk);
            app.logs.tell_owned(known);
        });
    }

    /// Asks once what a plan in the logs would create a second time, as soon as it is
    /// known how the state stands.
    fn weigh_plan(&mut self, effects: &mut Effects) {
        let standing = self.locks.standing();
        let Some(Ok(state)) = standing.map(|standing| standing.state.as_ref()) else {
            return;
        };
        let state = state.as_ref().map(|contents| contents.md5.clone());
        self.with_desk(effects, |app, desk| {
            app.situation
                .weigh(app.logs.planned(), state.as_deref(), desk);
        });
    }

    /// Looks for logs where the place is, or where a place is looked for.
    pub(super) fn look_for_logs(&mut self, effects: &mut Effects) {
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
            return self.with_desk(effects, |app, desk| app.plans.give_up(desk));
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

    pub(super) fn reload_runbooks(&mut self, effects: &mut Effects) {
        let directory = self.directory();
        self.with_desk(effects, |app, desk| app.runbooks.reload(directory, desk));
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

    /// The logs know only when their rows are known which records to ask for.
    fn arrange_logs(&mut self, effects: &mut Effects) {
        let frame = frame(self.start.screen).filter(|_| self.focus == PaneId::Logs);
        if let Some(Area { width, height, .. }) = frame.map(|frame| frame.body) {
            let rows = usize::from(height);
            self.with_desk(effects, |app, desk| app.logs.arrange(rows, width, desk));
        }
    }

    /// Gives every cursor its height, so that drawing has nothing to repair.
    pub(super) fn arrange(&mut self) {
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
