//! Where a step leads: to a remedy, to another step, to another page.

use super::reading::Way;
use super::{RunbookPane, RunbookQuestion};
use crate::app::action::Action;
use crate::app::desk::{Desk, Wish};
use crate::app::pane::lock::LockAction;
use crate::app::plan::Ask;
use crate::app::sheet::choice::{Choice, Choosable};
use crate::app::sheet::{Asker, Sheet};
use crate::runbook::{Remedy, Target};
use crate::state::Reference;

impl RunbookPane {
    pub(super) fn follow(&mut self, desk: &mut Desk<'_>) {
        let mut ways = self.ways(desk);
        match (ways.pop(), ways.is_empty()) {
            (None, _) => {
                if let Some(reading) = &mut self.reading {
                    reading.take_up(reading.step(), desk.now);
                }
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

    /// Where the step leads, and its command where it can be run here at all.
    pub(super) fn ways(&self, desk: &Desk<'_>) -> Vec<Way> {
        let Some(reading) = &self.reading else {
            return Vec::new();
        };
        let mut ways = reading.ways();
        let is_real = desk.place.is_some_and(|place| !place.is_sandbox());
        // A remedy of ours is safer than the same by hand, which R still runs.
        let is_mended = matches!(ways.first(), Some(Way::Remedy(_)));
        let may_run = is_real && !is_mended && desk.read_only.is_none();
        if may_run && self.command_here().is_some() {
            ways.insert(0, Way::Run);
        }
        ways
    }

    pub(super) fn go(&mut self, way: Way, desk: &mut Desk<'_>) {
        match way {
            Way::Run => self.ask_run(desk),
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
                desk.wishes.push(Wish::Repair);
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
        Way::Run => Choosable {
            label: "run the command marked y, after a confirmation that shows it".to_owned(),
            detail: String::new(),
        },
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
