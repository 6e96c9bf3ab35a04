//! Where a step leads: to a remedy, to another step, to another page.

use super::reading::Way;
use super::{RunbookPane, RunbookQuestion};
use crate::app::action::Action;
use crate::app::desk::{Desk, Wish};
use crate::app::notice::Tone;
use crate::app::pane::PaneId;
use crate::app::pane::lock::LockAction;
use crate::app::plan::Ask;
use crate::app::sheet::choice::{Choice, Choosable};
use crate::app::sheet::{Asker, Sheet};
use crate::runbook::{Remedy, Target};
use crate::state::Reference;

impl RunbookPane {
    pub(super) fn follow(&mut self, desk: &mut Desk<'_>) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        let mut ways = reading.ways();
        match (ways.pop(), ways.is_empty()) {
            (None, _) => {
                reading.take_up(reading.step(), desk.now);
                self.save(desk);
            }
            (Some(way), true) => self.go(way, desk),
            (Some(way), false) => {
                ways.push(way);
                let options = ways.into_iter().map(choosable).collect();
                let sheet = Choice::new("Where this step leads", options);
                desk.open(
                    Sheet::Choice(sheet),
                    Asker::Runbook(RunbookQuestion::Follow),
                );
            }
        }
    }

    pub(super) fn go(&mut self, way: Way, desk: &mut Desk<'_>) {
        match way {
            Way::Remedy(Remedy::Release) => desk.wishes.push(Wish::Release),
            Way::Remedy(Remedy::Freeze) => {
                desk.wishes
                    .push(Wish::Act(Action::Lock(LockAction::Freeze)));
            }
            Way::Remedy(Remedy::Restore) => {
                desk.wishes
                    .push(Wish::Prepare(Ask::Restore(Reference::LastGood)));
            }
            Way::Remedy(Remedy::Repair) => {
                desk.wishes.push(Wish::Focus(PaneId::State));
                desk.say(
                    Tone::Note,
                    "M shows what can be saved of the version under the cursor; 5 comes back here",
                );
            }
            Way::Remedy(Remedy::Digest) => desk.wishes.push(Wish::Prepare(Ask::Digest)),
            Way::Branch {
                target: Target::Step(step),
                ..
            } => {
                if let Some(reading) = &mut self.reading {
                    reading.take_up(step, desk.now);
                }
                self.save(desk);
            }
            Way::Branch {
                target: Target::Page(id),
                ..
            } => self.open(&id, None, desk),
        }
    }
}

fn choosable(way: Way) -> Choosable {
    match way {
        Way::Remedy(remedy) => Choosable {
            label: remedy.sentence().to_owned(),
            detail: String::new(),
        },
        Way::Branch { condition, target } => Choosable {
            label: format!("if {condition}"),
            detail: match target {
                Target::Step(step) => format!("→ step {step}"),
                Target::Page(id) => format!("→ {id}"),
            },
        },
    }
}
