//! Allowing writes: the question, whom STS says the caller is, and the end of it.

use super::App;
use super::desk::{Then, Wish};
use super::effect::Effects;
use super::notice::{Notice, Tone};
use super::role::Role;
use super::sheet::confirm::{Confirm, Field};
use super::sheet::{Question, Sheet};
use crate::place::Caller;
use crate::recovery::arming::{self, Arming};

impl App {
    /// Asks for the place's name, or stops allowing writes.
    pub(super) fn arm(&mut self) {
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
    pub(super) fn armed(&mut self, typed: &str, effects: &mut Effects) {
        if self.start.write_profile.is_some() {
            self.unauthorized = Some(typed.to_owned());
            return self.with_desk(effects, |app, desk| app.situation.authorize(desk));
        }
        let caller = self.situation.caller().cloned();
        self.arm_as(caller, typed, effects);
    }

    /// Arms for whoever the profile of writes is, now that this is known.
    pub(super) fn authorized(&mut self, effects: &mut Effects) {
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
}
