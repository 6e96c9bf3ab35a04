//! Whether the place could be recovered tonight, as it stands on the first
//! pane: its worst condition, and the whole list on a sheet.

use super::App;
use super::role::Role;
use super::sheet::{Question, Reading, Sheet};
use super::situation::Card;
use crate::recovery::readiness::{Check, Status};

/// A status as role and glyph.
fn sign(status: Status) -> (Role, &'static str) {
    match status {
        Status::Ok => (Role::Fine, "✔"),
        Status::Warn => (Role::Warning, "▲"),
        Status::Fail => (Role::Critical, "✖"),
        Status::Unknown => (Role::Unknown, "◌"),
    }
}

/// The worst stands first; what could not be asked is no reason for alarm.
fn rank(check: &Check) -> u8 {
    match check.status {
        Status::Fail => 0,
        Status::Warn => 1,
        Status::Unknown => 2,
        Status::Ok => 3,
    }
}

impl App {
    /// The card of the first pane; none before anything was asked.
    pub fn readiness_card(&self) -> Option<Card> {
        let load = &self.situation.readiness;
        let label = "Readiness";
        if let Some(checks) = load.shown() {
            let count = |status| checks.iter().filter(|one| one.status == status).count();
            let wrong = count(Status::Fail) + count(Status::Warn);
            let worst = checks.iter().min_by_key(|check| rank(check))?;
            let (role, glyph) = sign(worst.status);
            let card = if wrong > 0 {
                Card::new(label, role, format!("{glyph} {}", worst.claim))
            } else {
                let held = format!("✔ {} conditions hold", count(Status::Ok));
                Card::new(label, Role::Fine, held)
            };
            let rest = match (wrong, count(Status::Unknown)) {
                (0 | 1, 0) => String::new(),
                (0 | 1, unknown) => format!(" · {unknown} not known"),
                (wrong, _) => format!(" · {} more", wrong - 1),
            };
            let mut card = card.and(Role::Faint, rest);
            card.key = Some(" · t list");
            return Some(card);
        }
        if let Some(fault) = load.fault() {
            return Some(Card::new(label, Role::Unknown, format!("◌ {fault}")));
        }
        load.waiting_since()?;
        Some(Card::new(label, Role::Busy, "⟳ looking"))
    }

    /// Shows each condition with what can be done about it, the worst first.
    pub(super) fn show_readiness(&mut self) {
        let mut rows = Vec::new();
        match (
            self.situation.readiness.shown(),
            self.situation.readiness.fault(),
        ) {
            (Some(checks), _) => {
                let mut checks: Vec<&Check> = checks.iter().collect();
                checks.sort_by_key(|check| rank(check));
                for check in checks {
                    let (role, glyph) = sign(check.status);
                    rows.push((role, format!("{glyph} {:<17} {}", check.id, check.claim)));
                    let remedy = check.remedy.iter();
                    rows.extend(
                        remedy.map(|remedy| (Role::Note, format!("  {:<17} {remedy}", ""))),
                    );
                }
                rows.push((Role::Sheet, String::new()));
                let tried = "writes are tried by tfsos ready --probe-writes alone";
                rows.push((Role::Faint, tried.to_owned()));
            }
            (None, Some(fault)) => rows.push((Role::Critical, format!("✖ {fault}"))),
            (None, None) => rows.push((Role::Unknown, "◌ not looked at yet".to_owned())),
        }
        let sheet = Sheet::Reading(Reading::new("Could it be recovered tonight?", rows));
        self.lay(sheet, Question::Readiness);
    }
}
