//! What the plan that the logs show would create a second time: asked in the
//! background, once for each plan and each state that stands there.

use std::sync::Arc;

use super::{PlaceJob, SituationPane};
use crate::analysis::{Finding, Planned};
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::Load;
use crate::fault::Fault;

/// What is known of it.
#[derive(Debug, Default)]
pub struct Recreated {
    load: Load<Option<Box<Finding>>>,
    /// The plan that was asked about, and the MD5 of the state beside it.
    asked: Option<(Arc<Planned>, Option<String>)>,
}

impl Recreated {
    pub fn hear(
        &mut self,
        ticket: Ticket,
        outcome: Result<Option<Box<Finding>>, Fault>,
        desk: &Desk<'_>,
    ) {
        self.load.settle(ticket, desk.now, outcome);
    }

    fn is_about(&self, planned: &Arc<Planned>, state: Option<&str>) -> bool {
        self.asked.as_ref().is_some_and(|(known, beside)| {
            Arc::ptr_eq(known, planned) && beside.as_deref() == state
        })
    }
}

impl SituationPane {
    /// Asks what a plan in the logs would create a second time, beside the state of
    /// this MD5; forgets what was known where they show none.
    pub fn weigh(
        &mut self,
        planned: Option<&Arc<Planned>>,
        state: Option<&str>,
        desk: &mut Desk<'_>,
    ) {
        let Some(planned) = planned else {
            if self.recreated.asked.is_some() {
                self.recreated = Recreated::default();
            }
            return;
        };
        if self.recreated.is_about(planned, state) {
            return;
        }
        let Some(place) = self.place().cloned() else {
            return;
        };
        self.recreated.asked = Some((Arc::clone(planned), state.map(str::to_owned)));
        let planned = Arc::clone(planned);
        let job = |ticket| PlaceJob::Recreated {
            ticket,
            place,
            planned,
        };
        let ticket = desk.effects.ask(|ticket| Effect::Place(job(ticket)));
        self.recreated.load.expect(ticket, desk.now);
    }

    /// What it would create a second time.
    pub fn recreated(&self) -> Option<&Finding> {
        self.recreated.load.shown()?.as_deref()
    }

    /// Why that is not known.
    pub fn unweighed(&self) -> Option<&Fault> {
        self.recreated.load.fault()
    }
}
