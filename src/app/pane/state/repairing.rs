//! A repaired copy of the version under the cursor: first what would be mended
//! and what is lost, then a file of a name that is typed, then its restore.

use std::path::PathBuf;
use std::sync::Arc;

use super::history::History;
use super::job::{Saved, StateJob, StateQuestion};
use crate::app::desk::{Desk, Wish};
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::plan::Ask;
use crate::app::role::Role;
use crate::app::sheet::prompt::Pace;
use crate::app::sheet::{Asker, Outcome, Prompt, Reading, Reply, Sheet};
use crate::fault::Fault;
use crate::state::{Health, Lost, Reference, Version};

/// The keys of the sheet.
const WRITE: char = 'w';
const RESTORE: char = 'R';

/// One version on its way to a copy that loads.
#[derive(Debug, Default)]
pub struct Repairing {
    saved: Load<Saved>,
    written: Load<PathBuf>,
    /// The version that the losses are told by.
    against: Option<String>,
}

impl Repairing {
    /// Has the version under the cursor saved; none where there is nothing to save.
    pub fn begun(history: &History, desk: &mut Desk<'_>) -> Option<Self> {
        let place = desk.place.cloned()?;
        let version = match history.here() {
            Some(version) if version.kind.has_body() => version.clone(),
            Some(_) => {
                desk.say(Tone::Note, "a delete marker has nothing to repair");
                return None;
            }
            None => {
                desk.say(Tone::Note, "no version under the cursor");
                return None;
            }
        };
        if history.health(&version) == Health::Fine {
            desk.say(
                Tone::Note,
                "this version is whole: there is nothing to repair",
            );
            return None;
        }
        let known = compared_with(history, &version);
        let mut repairing = Self {
            against: known.as_ref().map(|known| known.id.0.clone()),
            ..Self::default()
        };
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Repair {
                ticket,
                place,
                version,
                known,
            })
        });
        repairing.saved.expect(ticket, desk.now);
        desk.open(Sheet::Reading(repairing.sheet()), asker());
        Some(repairing)
    }

    pub fn saved(&mut self, ticket: Ticket, outcome: Result<Saved, Fault>, desk: &mut Desk<'_>) {
        if self.saved.settle(ticket, desk.now, outcome) == Settled::Taken {
            desk.update(Sheet::Reading(self.sheet()), asker());
        }
    }

    pub fn written(
        &mut self,
        ticket: Ticket,
        outcome: Result<PathBuf, Fault>,
        desk: &mut Desk<'_>,
    ) {
        if self.written.settle(ticket, desk.now, outcome) == Settled::Taken {
            desk.update(Sheet::Reading(self.sheet()), asker());
        }
    }

    /// Hears a key of the sheet.
    pub fn press(&self, key: char, desk: &mut Desk<'_>) {
        match (key, self.written.shown()) {
            (WRITE, _) => {
                let folder = desk.place.and_then(|place| place.directory.clone());
                let path = folder
                    .unwrap_or_else(|| ".".into())
                    .join("repaired.tfstate");
                let text = path.display().to_string();
                let prompt = Prompt::new(
                    "copy to",
                    "a file that is not there yet",
                    &text,
                    Pace::AtTheEnd,
                );
                desk.open(Sheet::Prompt(prompt), Asker::State(StateQuestion::CopyTo));
            }
            (RESTORE, Some(path)) => {
                let reference = Reference::File(path.clone());
                desk.wishes.push(Wish::Prepare(Ask::Restore(reference)));
            }
            _ => {}
        }
    }

    /// Has the copy written under the name that was typed.
    pub fn copy_to(&mut self, outcome: Outcome, desk: &mut Desk<'_>) {
        let Outcome::Closed(Reply::Texts(texts)) = outcome else {
            return;
        };
        let path = texts.into_iter().next().unwrap_or_default();
        let Some(saved) = self.saved.shown() else {
            return;
        };
        let repaired = Arc::clone(&saved.repaired);
        if path.trim().is_empty() {
            return desk.say(Tone::Note, "no name was typed: nothing is written");
        }
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::WriteCopy {
                ticket,
                path: path.trim().into(),
                repaired,
            })
        });
        self.written.expect(ticket, desk.now);
        desk.update(Sheet::Reading(self.sheet()), asker());
    }

    fn sheet(&self) -> Reading {
        let mut sheet = Reading::new("Repair", self.rows());
        if self.saved.shown().is_some() {
            sheet.keys.push((WRITE, "write the copy"));
        }
        if self.written.shown().is_some() {
            sheet.keys.push((RESTORE, "restore it"));
        }
        sheet
    }

    fn rows(&self) -> Vec<(Role, String)> {
        if let Some(fault) = self.saved.fault() {
            return of_fault(fault);
        }
        let Some(Saved { repaired, unread }) = self.saved.shown() else {
            return vec![(Role::Note, "looking at what can be saved…".to_owned())];
        };
        let lost = match repaired.lost.len() {
            0 => "nothing lost".to_owned(),
            count => format!("{count} lost"),
        };
        let mut rows = vec![(
            Role::Strong,
            format!("{} resources kept, {lost}", repaired.salvaged),
        )];
        rows.push(match (&self.against, unread) {
            (_, Some(fault)) => (
                Role::Warning,
                format!("▲ compared with no version: {fault}"),
            ),
            (Some(id), None) => {
                let said = format!("compared with {id}, the last good version");
                (Role::Faint, said)
            }
            (None, None) => {
                let said = "compared with no version: none is known to be good";
                (Role::Note, said.to_owned())
            }
        });
        rows.extend(self.outcome());
        rows.push((Role::Text, String::new()));
        rows.extend(
            repaired
                .fixes
                .iter()
                .map(|fix| (Role::Fine, format!("✔ {}", fix.sentence()))),
        );
        rows.extend(
            repaired
                .lost
                .iter()
                .map(|lost| (Role::Critical, told(lost))),
        );
        rows
    }

    /// What became of the copy.
    fn outcome(&self) -> Vec<(Role, String)> {
        match (self.written.fault(), self.written.shown()) {
            (Some(fault), _) => of_fault(fault),
            (None, Some(path)) => vec![(Role::Fine, format!("✔ written to {}", path.display()))],
            (None, None) => Vec::new(),
        }
    }
}

/// The one version that is known to be good.
fn compared_with(history: &History, version: &Version) -> Option<Version> {
    let good = history.last_good()?.one()?;
    let known = history.versions().iter().find(|known| known.id == *good);
    known.filter(|known| known.id != version.id).cloned()
}

fn asker() -> Asker {
    Asker::State(StateQuestion::Repair)
}

fn of_fault(fault: &Fault) -> Vec<(Role, String)> {
    let hint = fault.hint.clone().map(|hint| (Role::Note, hint));
    let said = (Role::Critical, format!("✖ {fault}"));
    std::iter::once(said).chain(hint).collect()
}

fn told(lost: &Lost) -> String {
    match &lost.address {
        Some(address) => format!("✖ {address}: {}", lost.why),
        None => format!("✖ {}", lost.why),
    }
}
