//! What is wrong by the logs: asked for whenever what they come to has changed,
//! once they are read, one question at a time. A log without trouble asks for
//! nothing.

use std::sync::Arc;

use super::{Followed, HeardOf, LogJob, LogPane};
use crate::analysis::{Finding, Noticed, Owned, Planned, Taken};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::fault::Fault;
use crate::log::{FileNo, Level, Place};

/// What logs come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgment {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What the plan that they show last would create, unless it was carried out.
    pub planned: Option<Arc<Planned>>,
}

/// The judgment and what it was made of.
#[derive(Debug, Default)]
pub(super) struct Judging {
    load: Load<Judgment>,
    /// Of each file, as of the latest question.
    basis: Vec<Noticed>,
}

impl LogPane {
    /// What is wrong by the logs.
    pub fn findings(&self) -> &[Finding] {
        let judgment = self.judging.load.shown();
        judgment.map_or(&[], |judgment| &judgment.findings)
    }

    /// What the plan that they show would create.
    pub fn planned(&self) -> Option<&Arc<Planned>> {
        self.judging.load.shown()?.planned.as_ref()
    }

    /// What they say exists already.
    pub fn taken(&self) -> Vec<Taken> {
        let findings = self.findings().iter();
        findings.filter_map(|one| one.taken.clone()).collect()
    }

    /// Says of each whose it is.
    pub fn tell_owned(&mut self, known: &[(Taken, Owned)]) {
        let judgment = self.judging.load.shown_mut();
        for finding in judgment.into_iter().flat_map(|one| &mut one.findings) {
            let own = |(taken, _): &&(Taken, Owned)| finding.taken.as_ref() == Some(taken);
            if let Some((_, owned)) = known.iter().find(own) {
                finding.tell_owned(owned);
            }
        }
    }

    /// Why that is not known.
    pub fn unjudged(&self) -> Option<&Fault> {
        self.judging.load.fault()
    }

    /// Goes to the record that a finding rests on.
    pub fn go_to_finding(&mut self, place: Place, desk: &mut Desk<'_>) {
        self.insight.close();
        let file = self.file(place.file);
        let level = file.and_then(|file| file.index.level(place.record));
        if let Some(level) = level.filter(|level| *level < self.floor()) {
            self.set_floor(level.max(Level::Trace), desk);
        }
        self.go_to(place, "its record", desk);
    }

    /// Asks what is wrong, where that may have changed.
    pub(super) fn judge_on(&mut self, desk: &mut Desk<'_>) {
        let unread = |file: &Followed| file.is_reading() || file.is_partial();
        if self.judging.load.waiting_since().is_some() || self.files.iter().any(unread) {
            return;
        }
        let files = self.files.iter();
        let basis: Vec<Noticed> = files.map(|file| Noticed::of(&file.account)).collect();
        if basis.iter().all(|one| *one == Noticed::default()) {
            self.judging = Judging::default();
            return;
        }
        if basis == self.judging.basis {
            return;
        }
        self.judging.basis = basis;
        let files = self.files.iter().zip((0..=u16::MAX).map(FileNo));
        let heard = files.map(|(file, number)| HeardOf {
            file: number,
            generation: file.generation,
            name: file.name.clone(),
            account: file.account.clone(),
        });
        let (feed, heard) = (self.following, heard.collect());
        let ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Judge {
                ticket,
                feed,
                heard,
            })
        });
        self.judging.load.expect(ticket, desk.now);
    }

    pub(super) fn hear_judged(
        &mut self,
        ticket: Ticket,
        outcome: Result<Judgment, Fault>,
        desk: &mut Desk<'_>,
    ) {
        if self.judging.load.settle(ticket, desk.now, outcome) == Settled::Taken {
            // More may have come meanwhile.
            self.judge_on(desk);
        }
    }
}
