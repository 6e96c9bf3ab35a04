//! What the frame says of where you are and what you may do.

use jiff::SignedDuration;

use super::action::Action;
use super::pane::lock::LockAction;
use super::pane::situation::Lookout;
use super::role::Role;
use super::text::span;
use super::{App, Share};
use crate::lock::Sighting;
use crate::place::{Backend, Paint, Place};
use crate::recovery::Arming;

/// How the place is painted, with the word that says so without color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Painted {
    pub role: Role,
    pub word: &'static str,
}

impl App {
    /// The role and the word of the place.
    pub fn paint(&self) -> Painted {
        let Some(place) = self.place() else {
            return Painted {
                role: Role::PlaceOrdinary,
                word: "tfsos",
            };
        };
        let paint = place.paint(self.situation.caller());
        let word = match paint {
            Paint::Prod if place.prod_field().is_none() => "PROD?",
            Paint::Prod => "PROD",
            Paint::Sandbox => "SANDBOX",
            Paint::Ordinary => "tfsos",
        };
        let role = match paint {
            _ if self.armed_for().is_some() => Role::PlaceArmed,
            Paint::Prod => Role::PlaceProd,
            Paint::Sandbox => Role::PlaceSandbox,
            Paint::Ordinary => Role::PlaceOrdinary,
        };
        Painted { role, word }
    }

    /// How long writes stay allowed.
    pub fn armed_for(&self) -> Option<SignedDuration> {
        self.arming.as_ref()?.remaining(self.now)
    }

    /// `READ-ONLY`, `ARMED 9:41`, or nothing allowed yet.
    pub fn permission(&self) -> String {
        match self.armed_for() {
            Some(left) => format!("ARMED {}:{:02}", left.as_secs() / 60, left.as_secs() % 60),
            None if self.start.read_only.is_some() => "READ-ONLY (locked)".to_owned(),
            None => "READ-ONLY".to_owned(),
        }
    }

    /// What the header says while there is no place.
    pub fn looking_at(&self) -> String {
        match &self.start.lookout {
            Lookout::Directory(directory) if self.situation.finds.waiting_since().is_some() => {
                format!("reading {}", directory.display())
            }
            Lookout::Directory(directory) => format!("no place in {}", directory.display()),
            Lookout::Named(place) => place.full_name(),
            Lookout::Rehearsal(_) => "building the sandbox".to_owned(),
            Lookout::Bucket { .. } => {
                format!("every state of {}", self.veiled(&self.state.fleet.name()))
            }
        }
    }

    /// The place's name as it may be shown.
    pub fn shown_name(&self, place: &Place) -> String {
        match (&place.backend, self.start.share) {
            (_, Share::On) => veil(&place.short_name()),
            (Backend::S3(s3), Share::Off) => s3.state_key(),
            (Backend::Sandbox(sandbox), Share::Off) => sandbox.key.clone(),
            (Backend::Local(_) | Backend::Other { .. }, Share::Off) => place.full_name(),
        }
    }

    /// Account and role, as they may be shown.
    pub fn caller_text(&self) -> Option<String> {
        let armed = self.arming.as_ref().filter(|_| self.armed_for().is_some());
        let caller = armed
            .map(Arming::caller)
            .or_else(|| self.situation.caller())?;
        let short = self.veiled(&caller.short());
        let Some(account) = &caller.account else {
            return Some(short);
        };
        Some(match self.start.share {
            Share::On => format!("acct ············ · {short}"),
            Share::Off => format!("acct {account} · {short}"),
        })
    }

    /// A name or id, hidden while the screen is shared.
    pub fn veiled(&self, name: &str) -> String {
        match self.start.share {
            Share::On => veil(name),
            Share::Off => name.to_owned(),
        }
    }

    /// Whether the footer should offer the action just now; a key that is not offered still says why.
    pub fn offers(&self, action: Action) -> bool {
        match action {
            Action::Lock(LockAction::Release | LockAction::CopyId) => self.locks.here().is_some(),
            Action::Runbook(action) => self.runbooks.offers(action),
            Action::State(action) => self.state.offers(action),
            _ => true,
        }
    }

    /// Every name and id that is known to be one, for as long as the screen is shared.
    pub fn veiled_names(&self) -> Vec<String> {
        if self.start.share == Share::Off {
            return Vec::new();
        }
        let mut names: Vec<String> = self
            .place()
            .map(|place| names_of(place))
            .unwrap_or_default();
        let writer = self.situation.writer.shown();
        for caller in self.situation.caller().into_iter().chain(writer) {
            names.extend(caller.account.clone());
            names.extend(
                caller
                    .arn
                    .split([':', '/', '@'])
                    .filter(|part| !AWS_WORDS.contains(part))
                    .map(str::to_owned),
            );
        }
        let known = self.situation.credentials.shown();
        if let Some(known) = known.and_then(Option::as_ref) {
            let roles = known.roles.iter().flat_map(|role| role.split([':', '/']));
            names.extend(
                roles
                    .filter(|part| !AWS_WORDS.contains(part))
                    .map(str::to_owned),
            );
            names.extend(known.profile.clone());
        }
        for holder in self
            .locks
            .survey()
            .into_iter()
            .flat_map(crate::lock::Survey::held)
            .filter_map(Sighting::holder)
        {
            names.extend(holder.who.split('@').map(str::to_owned));
            names.push(holder.id);
        }
        // The longest first: a part of a name must not keep the whole from being found.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
    }

    /// The worst that is known, in one short sentence: what a tiny terminal shows.
    pub fn worst(&self) -> String {
        if let Some(fault) = self.situation.fault() {
            return fault.cause.clone();
        }
        if let Some(sentence) = self.state.worst() {
            return sentence;
        }
        match self.locks.survey().and_then(|survey| survey.held().next()) {
            Some(lock) => format!("▲ locked{}", self.held_for(lock)),
            None => "nothing wrong is known".to_owned(),
        }
    }

    fn held_for(&self, lock: &Sighting) -> String {
        let since = lock.holder().and_then(|holder| holder.created_at());
        since.map_or_else(String::new, |since| {
            format!(" for {}", span(self.now.duration_since(since)))
        })
    }
}

impl Place {
    /// The region, where the backend has one.
    pub fn region(&self) -> Option<&str> {
        match &self.backend {
            Backend::S3(s3) => s3.region.as_deref(),
            Backend::Sandbox(sandbox) => Some(&sandbox.region),
            Backend::Local(_) | Backend::Other { .. } => None,
        }
    }
}

/// The words of an ARN that name nobody.
const AWS_WORDS: [&str; 8] = [
    "",
    "arn",
    "aws",
    "iam",
    "sts",
    "role",
    "user",
    "assumed-role",
];

fn names_of(place: &Place) -> Vec<String> {
    let parts = match &place.backend {
        Backend::S3(s3) => vec![
            Some(s3.bucket.clone()),
            Some(s3.state_key()),
            s3.dynamodb_table.clone(),
            s3.profile.clone(),
        ],
        Backend::Sandbox(sandbox) => vec![
            Some(sandbox.bucket.clone()),
            Some(sandbox.key.clone()),
            sandbox.table.clone(),
        ],
        Backend::Local(local) => vec![Some(local.path.display().to_string())],
        Backend::Other { .. } => Vec::new(),
    };
    parts.into_iter().flatten().collect()
}

/// The first letter and as many dots as there were letters, at most eight.
fn veil(name: &str) -> String {
    let length = name.chars().count();
    name.chars()
        .take(1)
        .chain(std::iter::repeat_n('·', length.saturating_sub(1).min(8)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_veil_keeps_one_letter_and_not_the_length() {
        assert_eq!(veil("alice@eng-laptop"), "a········");
        assert_eq!(veil("ab"), "a·");
        assert_eq!(veil(""), "");
    }
}
