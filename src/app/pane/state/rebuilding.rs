//! What the version under the cursor has and the present state has lost: a
//! list of imports to work off one by one, with a plan after each.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::history::History;
use super::job::{StateJob, StateQuestion};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::role::Role;
use crate::app::sheet::toggles::{Entry, Mark};
use crate::app::sheet::{Asker, Reading, Sheet, Toggles};
use crate::fault::Fault;
use crate::recovery::rebuild::{Import, Rebuilt, Written};
use crate::state::{Kind, Version};

/// The keys of the list.
const BLOCK: char = 'y';
const COMMAND: char = 'c';
const ALL: char = 'a';

/// The imports of one version.
#[derive(Debug)]
pub struct Rebuilding {
    version: Version,
    found: Load<Arc<Rebuilt>>,
    /// The numbers of those that are ticked off.
    done: BTreeSet<usize>,
}

impl Rebuilding {
    /// Has the imports of the version under the cursor listed; none where there is nothing to list.
    pub fn begun(history: &History, desk: &mut Desk<'_>) -> Option<Self> {
        let place = desk.place.cloned()?;
        let version = match history.here() {
            Some(version) if version.kind == Kind::Object => version.clone(),
            Some(_) => {
                desk.say(Tone::Note, "a delete marker knows no resources");
                return None;
            }
            None => {
                desk.say(Tone::Note, "no version under the cursor");
                return None;
            }
        };
        if history.versions().first() == Some(&version) {
            let said = "this is the present state: choose an older version that knows more";
            desk.say(Tone::Note, said);
            return None;
        }
        let mut rebuilding = Self {
            version: version.clone(),
            found: Load::default(),
            done: BTreeSet::new(),
        };
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Rebuild {
                ticket,
                place,
                version,
            })
        });
        rebuilding.found.expect(ticket, desk.now);
        desk.open(rebuilding.sheet(), asker());
        Some(rebuilding)
    }

    pub fn found(
        &mut self,
        ticket: Ticket,
        outcome: Result<Arc<Rebuilt>, Fault>,
        desk: &mut Desk<'_>,
    ) {
        if self.found.settle(ticket, desk.now, outcome) == Settled::Taken {
            desk.update(self.sheet(), asker());
        }
    }

    /// Hears a key on a line of the list.
    pub fn press(&mut self, row: usize, key: char, desk: &mut Desk<'_>) {
        let Some(found) = self.found.shown().cloned() else {
            return;
        };
        match (key, found.rebuild.imports.get(row)) {
            (ALL, _) => desk.copy(self.file(&found, desk), "the imports"),
            (BLOCK, Some(import)) => desk.copy(import.block.clone(), "the import block"),
            (COMMAND, Some(import)) => desk.copy(import.command.clone(), "the import command"),
            (' ', Some(_)) => {
                if !self.done.remove(&row) {
                    self.done.insert(row);
                }
                desk.update(self.sheet(), asker());
            }
            (BLOCK | COMMAND, None) => desk.say(Tone::Note, "this one is not offered"),
            _ => {}
        }
    }

    /// The whole file, as the command would write it.
    fn file(&self, found: &Rebuilt, desk: &Desk<'_>) -> String {
        let place = desk.place.map(|place| place.full_name());
        let written = Written {
            rebuild: &found.rebuild,
            place: &place.unwrap_or_default(),
            from: &format!("version {}", self.version.id),
            terraform: found.terraform.as_deref(),
            unseen: &found.unseen,
        };
        written.text()
    }

    fn sheet(&self) -> Sheet {
        if let Some(fault) = self.found.fault() {
            let hint = fault.hint.clone().map(|hint| (Role::Note, hint));
            let said = (Role::Critical, format!("✖ {fault}"));
            return reading(std::iter::once(said).chain(hint).collect());
        }
        let Some(found) = self.found.shown() else {
            let said = "comparing, and searching the other states for owners…";
            return reading(vec![(Role::Note, said.to_owned())]);
        };
        let entries = self.entries(found);
        if entries.is_empty() {
            let said = "✔ the state has everything that this version has";
            return reading(vec![(Role::Fine, said.to_owned())]);
        }
        let keys = vec![
            (BLOCK, "copy block"),
            (COMMAND, "copy command"),
            (ALL, "copy all"),
        ];
        let title = format!(
            "Import, then plan: {} of {}",
            self.done.len(),
            found.rebuild.imports.len()
        );
        Sheet::Toggles(Toggles::new(title, entries, keys))
    }

    fn entries(&self, found: &Rebuilt) -> Vec<Entry> {
        let import = |(number, import): (usize, &Import)| Entry {
            group: "import",
            mark: Mark::of(self.done.contains(&number)),
            label: import.address.clone(),
            detail: (Role::Faint, import.id.clone()),
        };
        let imports = found.rebuild.imports.iter().enumerate().map(import);
        let refused = found.rebuild.refused().map(|said| Entry {
            group: "left out",
            mark: Mark::None,
            label: said,
            detail: (Role::Faint, String::new()),
        });
        let unseen = found.unseen.iter().map(|said| Entry {
            group: "not seen",
            mark: Mark::None,
            label: said.clone(),
            detail: (Role::Faint, String::new()),
        });
        imports.chain(refused).chain(unseen).collect()
    }
}

fn reading(rows: Vec<(Role, String)>) -> Sheet {
    Sheet::Reading(Reading::new("Import, then plan", rows))
}

fn asker() -> Asker {
    Asker::State(StateQuestion::Rebuild)
}
