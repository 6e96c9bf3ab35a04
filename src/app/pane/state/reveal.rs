//! Showing one masked value: for a moment, only where it was asked for, and
//! never without an entry in the journal. The next key masks it again, and so
//! does time.

use std::sync::Arc;

use jiff::Timestamp;

use super::StatePane;
use super::job::StateJob;
use super::layout::Column;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::pane::{MOMENT, Witness};
use crate::fault::Fault;
use crate::place::Secret;
use crate::state::{InstanceNo, Shown};

/// The value that is revealed or about to be.
#[derive(Debug, Default)]
pub struct Revealing {
    load: Load<()>,
    /// Of which instance and row was asked.
    of: Option<(InstanceNo, usize)>,
    shown: Option<(Secret, Timestamp)>,
}

impl StatePane {
    /// Asks to show what is masked under the cursor of the attributes.
    pub(super) fn reveal(&mut self, desk: &mut Desk<'_>) {
        let row = self.details_cursor.row();
        let is_read = self.column == Column::Attributes && self.dependents.is_none();
        let details = self.details.shown().filter(|_| is_read);
        let here = details.filter(|details| self.browser.instance() == Some(details.instance));
        let masked = here.and_then(|details| {
            let attribute = details.attribute(row)?;
            (attribute.shown == Shown::Masked).then_some((details, attribute))
        });
        let Some((details, attribute)) = masked else {
            return desk.say(
                Tone::Note,
                "no masked value under the cursor: tab goes to them",
            );
        };
        let (Some(opened), Some(place)) = (self.shown().cloned(), desk.place.cloned()) else {
            return;
        };
        let what = format!(
            "{} of {} in version {}",
            attribute.path, details.name, opened.version.id
        );
        let (instance, path) = (details.instance, attribute.path.clone());
        let witness = Box::new(Witness {
            name: place.full_name(),
            place: Some(Arc::clone(&place)),
            caller: desk.caller.cloned(),
            what,
        });
        let ticket = desk.effects.ask(|ticket| {
            Effect::State(StateJob::Reveal {
                ticket,
                opened,
                instance,
                path,
                witness,
            })
        });
        self.revealing.of = Some((instance, row));
        self.revealing.load.expect(ticket, desk.now);
    }

    pub(super) fn hear_revealed(
        &mut self,
        ticket: Ticket,
        outcome: Result<Secret, Fault>,
        desk: &mut Desk<'_>,
    ) {
        let (secret, outcome) = match outcome {
            Ok(secret) => (Some(secret), Ok(())),
            Err(fault) => (None, Err(fault)),
        };
        let failed = outcome.as_ref().err().map(ToString::to_string);
        if self.revealing.load.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if let Some(sentence) = failed {
            return desk.say(Tone::Warning, sentence);
        }
        let until = desk.now.saturating_add(MOMENT).ok();
        self.revealing.shown = secret.zip(until);
    }

    /// Masks again what was revealed, and wants no more to see it.
    pub fn conceal(&mut self) {
        self.revealing = Revealing::default();
    }

    /// Masks again what was revealed long enough.
    pub fn conceal_at(&mut self, now: Timestamp) {
        if self.revealed_until().is_some_and(|until| until <= now) {
            self.conceal();
        }
    }

    /// Until when something is revealed.
    pub fn revealed_until(&self) -> Option<Timestamp> {
        self.revealing.shown.as_ref().map(|(_, until)| *until)
    }

    /// What is revealed of an instance, and on which row.
    pub fn revealed(&self, instance: InstanceNo) -> Option<(usize, &Secret)> {
        let (of, row) = self.revealing.of?;
        let (secret, _) = self.revealing.shown.as_ref()?;
        (of == instance).then_some((row, secret))
    }
}
