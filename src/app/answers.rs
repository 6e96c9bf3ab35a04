//! What sheets are laid down, what they return and to whom, and what the
//! panes wish for.

use super::App;
use super::action::{Action, Scope, table};
use super::desk::{Desk, Wish};
use super::effect::{Effect, Effects};
use super::notice::{Notice, Tone};
use super::pane::PaneId;
use super::pane::lock::{LockAction, LockQuestion};
use super::pane::situation::Lookout;
use super::pane::state::StateAction;
use super::sheet::finder::RUNBOOK;
use super::sheet::{Asker, Outcome, Question, Reply, Sheet};

impl App {
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
    pub(super) fn answer(&mut self, asker: &Asker, outcome: Outcome, effects: &mut Effects) {
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
}
