//! What the state pane says of itself elsewhere: the badge in the header, the
//! card of the first pane, and the words that every view of a version shares.

use jiff::Timestamp;

use super::{StateAction, StatePane};
use crate::app::pane::Badge;
use crate::app::role::Role;
use crate::app::situation::Card;
use crate::app::text::{ago, clip_middle, count, size, span, visible};
use crate::state::{Contents, Health, LastGood, Version, VersionId, Versioning};

/// The sign and the role of a version's health.
pub fn sign(health: Health) -> (&'static str, Role) {
    match health {
        Health::Fine => ("✔", Role::Fine),
        Health::Damaged => ("✖", Role::Critical),
        Health::Empty => ("▲", Role::Warning),
        Health::Encrypted | Health::OlderFormat => ("●", Role::Note),
        Health::Deleted => ("–", Role::Faint),
        Health::Unread => ("◌", Role::Unknown),
    }
}

/// A version's id, short enough for a column.
pub fn short(id: &VersionId) -> String {
    clipped(&id.0, 9)
}

/// A version's name in so many columns: of an id its ends tell it apart, of a
/// local state's file what follows the name that all of them begin with.
pub fn clipped(name: &str, columns: usize) -> String {
    if name.chars().count() <= columns {
        return name.to_owned();
    }
    let end = match name.strip_suffix(".backup") {
        None if name.ends_with(".tfstate") => "tfstate",
        None => name,
        Some(rest) => match rest.rsplit_once('.') {
            Some((_, seconds)) if seconds.parse::<u64>().is_ok() => {
                let all = seconds.len();
                let kept = &seconds[all.saturating_sub(columns.saturating_sub(1))..];
                return format!("…{kept}");
            }
            _ => ".backup",
        },
    };
    clip_middle(end, columns).into_owned()
}

/// What a version is called above what it holds: its short id, or the name of what lies beside.
pub fn called(version: &Version) -> String {
    match version.source() {
        Some(_) => clip_middle(&visible(&version.name()), 20).into_owned(),
        None => short(&version.id),
    }
}

impl StatePane {
    /// The serial, and whether the current version is broken.
    pub fn badge(&self) -> Badge {
        let Some(current) = self.history.versions().first() else {
            return Badge {
                critical: usize::from(self.history.list.fault().is_some()),
                ..Badge::default()
            };
        };
        let health = self.history.health(current);
        let serial = self
            .history
            .contents(&current.id)
            .and_then(|contents| contents.serial);
        Badge {
            critical: usize::from(health == Health::Damaged),
            warning: usize::from(matches!(health, Health::Empty | Health::Deleted)),
            text: serial.map_or_else(String::new, |serial| format!("v{}", serial.0)),
        }
    }

    /// The state in one row: its health, serial, resources, size and history.
    pub fn card(&self, now: Timestamp) -> Card {
        if let Some(fault) = self.history.list.fault() {
            return Card::new("State", Role::Critical, format!("✖ {fault}"));
        }
        let Some(versions) = self.history.list.shown() else {
            return match self.history.list.waiting_since() {
                Some(since) => {
                    let text = format!("⟳ listing versions {}", span(now.duration_since(since)));
                    Card::new("State", Role::Busy, text)
                }
                None => Card::new("State", Role::Unknown, "◌ not known yet"),
            };
        };
        let Some(current) = versions.list.first() else {
            return Card::new("State", Role::Note, "● no state here yet");
        };
        let mut card = self.current_card(current, now);
        let plus = if versions.more { "+" } else { "" };
        let noun = if versions.list.len() == 1 {
            "version"
        } else {
            "versions"
        };
        card = card.and(
            Role::Faint,
            format!(" · {}{plus} {noun}", count(versions.list.len() as u64)),
        );
        card.more.extend(self.way_back(current));
        card
    }

    fn current_card(&self, current: &Version, now: Timestamp) -> Card {
        let health = self.history.health(current);
        let (glyph, role) = sign(health);
        let written = ago(now, current.modified);
        let Some(contents) = self.history.contents(&current.id) else {
            let text = match (health, self.history.unreadable(&current.id)) {
                (Health::Deleted, _) => {
                    return Card::new(
                        "State",
                        Role::Critical,
                        format!("✖ deleted {written}: a plan would create everything anew"),
                    );
                }
                (_, Some(fault)) => {
                    return Card::new("State", Role::Critical, format!("✖ {fault}"));
                }
                (_, None) => format!("{glyph} {} · not read yet", size(current.size)),
            };
            return Card::new("State", role, text);
        };
        if let Some(why) = &contents.why {
            return Card::new("State", role, format!("{glyph} {why}"));
        }
        Card::new("State", role, format!("{glyph} "))
            .and(Role::Text, summary(contents).join(" · "))
            .and(Role::Faint, format!(" · written {written}"))
    }

    /// What there is to go back to, where the current version is not good.
    fn way_back(&self, current: &Version) -> Vec<(Role, String)> {
        let mut rows = Vec::new();
        match self.history.last_good() {
            Some(LastGood::One(id)) if *id != current.id => {
                let told = self.history.contents(id).map(summary).unwrap_or_default();
                rows.push((
                    Role::Note,
                    format!("last good: {} · {}", short(id), told.join(" · ")),
                ));
            }
            Some(LastGood::Several(ids)) => {
                let ids: Vec<String> = ids.iter().map(short).collect();
                rows.push((
                    Role::Warning,
                    format!(
                        "▲ more than one version may be the last good one: {}",
                        ids.join(", ")
                    ),
                ));
            }
            Some(LastGood::None) if !matches!(self.history.health(current), Health::Unread) => {
                rows.push((
                    Role::Critical,
                    "✖ no version that was read would load".to_owned(),
                ));
            }
            _ => {}
        }
        if let Some(Versioning::Suspended) = self.history.versioning() {
            rows.push((
                Role::Warning,
                "▲ versioning is suspended: the next write destroys what it replaces".to_owned(),
            ));
        }
        rows
    }

    /// Whether an action does anything to what is on screen.
    pub fn offers(&self, action: StateAction) -> bool {
        let (covered, comparing) = (self.covers(), self.comparing.is_some());
        match action {
            StateAction::Order => self.fleet.is_shown() && !self.scour.is_shown(),
            StateAction::Copy | StateAction::Fleet | StateAction::Everywhere => true,
            StateAction::NextChange | StateAction::PreviousChange => comparing && !covered,
            StateAction::Summary => !covered,
            StateAction::Open | StateAction::Search => covered || !comparing,
            StateAction::Mark
            | StateAction::Restore
            | StateAction::Repair
            | StateAction::Rebuild
            | StateAction::Dependents
            | StateAction::Reveal => !covered && !comparing,
        }
    }

    /// The worst that is known of the state, for a terminal with room for one sentence.
    pub fn worst(&self) -> Option<String> {
        let current = self.history.versions().first()?;
        match self.history.health(current) {
            Health::Deleted => Some("✖ the state was deleted".to_owned()),
            Health::Damaged => Some("✖ the state does not parse".to_owned()),
            Health::Empty => Some("▲ the state is empty".to_owned()),
            Health::Fine | Health::Encrypted | Health::OlderFormat | Health::Unread => None,
        }
    }
}

/// Serial, resources and size, each as far as it is known.
pub fn summary(contents: &Contents) -> Vec<String> {
    let serial = contents.serial.map(|serial| format!("serial {}", serial.0));
    let resources = contents.resources.map(|resources| match resources {
        1 => "1 resource".to_owned(),
        _ => format!("{} resources", count(resources as u64)),
    });
    [serial, resources, Some(size(contents.size))]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_a_version_from_its_neighbors_stays_in_a_narrow_column() {
        let names = [
            "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrH",
            "terraform.tfstate",
            "terraform.tfstate.backup",
            "terraform.tfstate.1795411418.backup",
        ];
        let clipped = names.map(|name| clipped(name, 9));
        assert_eq!(clipped, ["3sL4…IbrH", "tfstate", ".backup", "…95411418"]);
        assert_eq!(super::clipped(names[2], 24), names[2]);
    }
}
