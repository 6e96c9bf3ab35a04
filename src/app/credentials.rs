//! The credentials card: where they came from, whose they are, how long they
//! last, what was denied; and how to sign in again without leaving.

use super::App;
use super::desk::{Desk, Wish};
use super::effect::{Effect, Effects};
use super::notice::{Notice, Tone};
use super::role::Role;
use super::sheet::{Question, Reading, Sheet};
use crate::place::Credentials;

/// Between a label and what it labels.
const LABEL: usize = 10;

/// What signs in to a profile of IAM Identity Center.
const SSO: [&str; 4] = ["aws", "sso", "login", "--profile"];

/// Stands for the profile in a configured command.
const PROFILE: &str = "{profile}";

impl App {
    /// Shows the card, and looks at the credentials anew.
    pub(super) fn show_credentials(&mut self, effects: &mut Effects) {
        self.with_desk(effects, |app, desk| app.situation.examine(desk));
        let sheet = Sheet::Reading(self.credentials_sheet());
        self.lay(sheet, Question::Credentials);
    }

    /// The card with what is known by now, where it lies on top.
    pub(super) fn refresh_credentials(&mut self) {
        let sheet = Sheet::Reading(self.credentials_sheet());
        self.renew(sheet, Question::Credentials);
    }

    pub(super) fn credentials_sheet(&self) -> Reading {
        let mut rows = Vec::new();
        let load = &self.situation.credentials;
        match (load.waiting_since(), load.fault(), load.shown()) {
            (Some(_), ..) => rows.push((Role::Busy, "⟳ asking AWS who it is".to_owned())),
            (None, Some(fault), _) => rows.push((Role::Critical, format!("✖ {fault}"))),
            (None, None, Some(Some(known))) => rows.extend(self.judged(known)),
            (None, None, Some(None)) => {
                let said = "– no AWS is asked here: there are no credentials";
                rows.push((Role::Faint, said.to_owned()));
            }
            (None, None, None) => {
                rows.push((Role::Unknown, "◌ there is no place to ask for".to_owned()));
            }
        }
        let denied = self.denied();
        if !denied.is_empty() {
            rows.push((Role::Sheet, String::new()));
            rows.extend(denied.into_iter().map(|said| (Role::Warning, said)));
        }
        let mut reading = Reading::new("Credentials", rows);
        reading.keys = vec![('y', "copy as text")];
        if self.sign_in_words().is_ok() {
            reading.keys.insert(0, ('L', "sign in again"));
        }
        reading
    }

    /// Whether they work, then everything that is known of them.
    fn judged(&self, known: &Credentials) -> Vec<(Role, String)> {
        let mut rows = match &known.trouble {
            Some(trouble) => vec![(Role::Critical, format!("✖ {}", trouble.fault))],
            None => vec![(Role::Fine, "✔ AWS takes them".to_owned())],
        };
        let hint = known
            .trouble
            .iter()
            .filter_map(|one| one.fault.hint.clone());
        rows.extend(hint.map(|hint| (Role::Note, format!("  {hint}"))));
        rows.push((Role::Sheet, String::new()));
        let told = known.rows(self.now).into_iter();
        rows.extend(told.map(|(label, text)| (Role::Sheet, format!("  {label:LABEL$}{text}"))));
        rows
    }

    /// What was denied, as far as logs and the look at the place tell.
    fn denied(&self) -> Vec<String> {
        let of_logs = self.logs.findings().iter();
        let of_logs = of_logs.filter(|finding| finding.id == "auth.denied");
        let seen = self.locks.blind_spots().iter();
        let seen = seen.filter(|said| said.contains("denied"));
        let claims = of_logs.map(|finding| &finding.claim).chain(seen);
        claims.map(|said| format!("▲ {said}")).collect()
    }

    /// Does what a key of the card asks for.
    pub(super) fn credentials_key(&mut self, key: char, effects: &mut Effects) {
        if key == 'L' {
            return self.sign_in(effects);
        }
        let text = self.credentials_sheet().plain();
        let what = "the credentials card".to_owned();
        self.grant(Wish::Copy { text, what }, effects);
    }

    /// Gives the terminal to what signs in; what was read is read again after it.
    pub(super) fn sign_in(&mut self, effects: &mut Effects) {
        match self.sign_in_words() {
            Ok(words) => effects.tell(Effect::SignIn(words)),
            Err(said) => self.notice = Some(Notice::new(self.now, Tone::Warning, said)),
        }
    }

    /// The program that signs in and its arguments; else why there is none.
    fn sign_in_words(&self) -> Result<Vec<String>, String> {
        let place = self.place().ok_or("there is no place to sign in for")?;
        if place.is_sandbox() {
            return Err("a sandbox has no credentials".to_owned());
        }
        let profile = place.profile();
        let configured = &self.start.login_command;
        if !configured.is_empty() {
            let named = profile.unwrap_or_default();
            let words = configured.iter().map(|word| word.replace(PROFILE, named));
            return Ok(words.collect());
        }
        let known = self.situation.credentials.shown().and_then(Option::as_ref);
        let profile = match known {
            Some(known) => known.sign_in.as_deref(),
            None => profile,
        };
        let Some(profile) = profile else {
            let said = "no SSO profile is used here: login_command in the configuration";
            return Err(said.to_owned());
        };
        let words = SSO.into_iter().chain([profile]);
        Ok(words.map(str::to_owned).collect())
    }

    /// Reads everything again under the new credentials, or says why there are none.
    pub(super) fn signed_in(
        &mut self,
        outcome: Result<(), crate::fault::Fault>,
        effects: &mut Effects,
    ) {
        let (tone, said) = match outcome {
            Ok(()) => (Tone::Fine, "signed in: everything is read again".to_owned()),
            Err(fault) => (Tone::Warning, fault.to_string()),
        };
        self.notice = Some(Notice::new(self.now, tone, said));
        // A program that failed may have signed in all the same.
        self.with_desk(effects, |app: &mut Self, desk: &mut Desk<'_>| {
            app.situation.identify_again(desk);
            app.locks.reload(desk);
            app.state.reload(desk);
        });
        self.refresh_credentials();
    }
}
