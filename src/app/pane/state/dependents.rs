//! What the resource under the cursor needs and what needs it, in the place
//! of its attributes.

use std::sync::Arc;

use super::job::StateJob;
use super::opened::Opened;
use crate::app::cursor::Cursor;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::fault::Fault;
use crate::state::{InstanceNo, Limb, Reach, Touched};

/// The two trees around one resource.
#[derive(Debug)]
pub struct Dependents {
    /// Of which instance was asked.
    pub of: InstanceNo,
    pub reach: Load<Arc<Reach>>,
    pub cursor: Cursor,
}

/// What stands on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebRow<'a> {
    /// What a command would touch: which one, and how much.
    Touched(&'static str, Touched),
    /// A head, and that of a tree with the number of its rows.
    Heading(&'static str, Option<usize>),
    Limb(&'a Limb),
}

impl Dependents {
    pub fn new(opened: Arc<Opened>, of: InstanceNo, desk: &mut Desk<'_>) -> Self {
        let mut dependents = Self {
            of,
            reach: Load::default(),
            cursor: Cursor::default(),
        };
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Depend {
                ticket,
                opened,
                instance: of,
            })
        });
        dependents.reach.expect(ticket, desk.now);
        dependents
    }

    pub fn found(&mut self, ticket: Ticket, outcome: Result<Arc<Reach>, Fault>, desk: &Desk<'_>) {
        if self.reach.settle(ticket, desk.now, outcome) == Settled::Taken {
            self.arrange(self.cursor.height());
        }
    }

    /// How many rows there are.
    pub fn length(&self) -> usize {
        let rows = |reach: &Arc<Reach>| 5 + reach.needs.len() + reach.needed_by.len();
        self.reach.shown().map_or(0, rows)
    }

    /// What stands on a row; none below the last one.
    pub fn row(&self, row: usize) -> Option<WebRow<'_>> {
        let reach = self.reach.shown()?;
        let second = 4 + reach.needs.len();
        Some(match row {
            0 => WebRow::Heading("touched", None),
            1 => WebRow::Touched("by -target", reach.by_target),
            2 => WebRow::Touched("by removal", reach.by_removal),
            3 => WebRow::Heading("needs", Some(reach.needs.len())),
            _ if row < second => WebRow::Limb(reach.needs.get(row - 4)?),
            _ if row == second => WebRow::Heading("needed by", Some(reach.needed_by.len())),
            _ => WebRow::Limb(reach.needed_by.get(row - second - 1)?),
        })
    }

    /// The resource under the cursor, if one stands there.
    pub fn here(&self) -> Option<&Limb> {
        match self.row(self.cursor.row())? {
            WebRow::Limb(limb) => Some(limb),
            WebRow::Touched(..) | WebRow::Heading(..) => None,
        }
    }

    pub fn arrange(&mut self, height: usize) {
        self.cursor.arrange(self.length(), height);
    }
}
