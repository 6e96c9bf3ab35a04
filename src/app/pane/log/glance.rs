//! What the rest of the console says of the logs: the card of the first pane
//! and the count in the header.

use jiff::Timestamp;

use super::{Followed, LogPane};
use crate::app::pane::Badge;
use crate::app::role::Role;
use crate::app::situation::Card;
use crate::app::text::{age, ago, count, size};

impl LogPane {
    /// Errors are a sign and not a verdict; those that are known to mean nothing are none.
    pub fn badge(&self) -> Badge {
        Badge {
            warning: self.errors() as usize,
            ..Badge::default()
        }
    }

    fn errors(&self) -> u32 {
        self.files.iter().map(Followed::errors).sum()
    }

    /// The log that was written to last: its name, size, how long it is silent,
    /// and the errors of all.
    pub fn card(&self, now: Timestamp) -> Card {
        if let Some(fault) = self.found.fault().or_else(|| self.fault()) {
            return Card::new("Log", Role::Critical, format!("✖ {fault}"));
        }
        let Some(latest) = self.files.iter().max_by_key(|file| file.latest()) else {
            let sentence = match self.found.shown() {
                Some(_) => "– none here; 2 says how to turn logging on",
                None => "◌ not known yet",
            };
            return Card::new("Log", Role::Unknown, sentence);
        };
        if let Some(trouble) = latest.condition.trouble() {
            return Card::new("Log", Role::Warning, format!("▲ {} {trouble}", latest.name));
        }
        self.card_of(latest, now)
    }

    fn card_of(&self, latest: &Followed, now: Timestamp) -> Card {
        let mut card = Card::new("Log", Role::Text, latest.name.clone())
            .and(Role::Text, format!(" · {}", size(latest.length)));
        if latest.is_reading() {
            card = card.and(Role::Busy, format!(" · ⟳ reading {} %", latest.progress()));
        } else if let Some(at) = latest.latest() {
            card = card.and(Role::Text, format!(" · {}", silence(now, at)));
        }
        let errors = match self.errors() {
            0 => None,
            1 => Some("1 error".to_owned()),
            errors => Some(format!("{} errors", count(u64::from(errors)))),
        };
        if let Some(errors) = errors {
            let last = self.files.iter().filter_map(Followed::last_error).max();
            card = card.and(Role::Warning, format!(" · ▲ {errors}"));
            // A piece of its own: where it has no room, how many there are still has.
            if let Some(at) = last {
                card = card.and(Role::Warning, format!(", the last {}", ago(now, at)));
            }
        }
        if self.files.len() > 1 {
            card = card.and(Role::Faint, format!(" · {} files", self.files.len()));
        }
        card
    }
}

fn silence(now: Timestamp, at: Timestamp) -> String {
    match age(now, at).as_str() {
        "now" => "being written".to_owned(),
        age => format!("silent {age}"),
    }
}
