//! What allows a plan to run. The executor asks here before anything is
//! journaled or sent, so no key, command or sheet can get around it.

use jiff::Timestamp;

use super::{Arming, Confirmed, Plan};
use crate::fault::Fault;
use crate::place::{Caller, Place};

/// What allows a plan to run, or forbids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// No write at all; `by` is what says so: a flag, the configuration, a variable.
    ReadOnly { by: String },
    Armed {
        arming: Arming,
        confirmed: Vec<Confirmed>,
    },
}

impl Authority {
    /// Whether it allows any write; asked first, so that a read-only run does
    /// not even ask who would write.
    pub fn may_write(&self, plan: &Plan) -> Result<(), Fault> {
        match self {
            Self::ReadOnly { by } => {
                Err(
                    Fault::new(plan.title.clone(), "", format!("read-only by {by}"))
                        .hint("start without it to be able to write"),
                )
            }
            Self::Armed { .. } => Ok(()),
        }
    }

    /// Whether it allows this plan at this place, by this caller, now.
    pub fn permits(
        &self,
        plan: &Plan,
        (place, caller): (&Place, &Caller),
        now: Timestamp,
    ) -> Result<(), Fault> {
        let refused = |cause: String| Fault::new(plan.title.clone(), "", cause);
        self.may_write(plan)?;
        let Self::Armed { arming, confirmed } = self else {
            return Ok(());
        };
        let lapsed = arming.check(place, caller, now);
        lapsed.map_err(|lapse| refused(lapse.to_string()).hint("arm again"))?;
        let missing = plan.demands.iter().find(|one| !one.is_met_by(confirmed));
        match missing {
            None => Ok(()),
            Some(demand) => {
                Err(refused(format!("not confirmed: {}", demand.exact())).hint("type it exactly"))
            }
        }
    }
}
