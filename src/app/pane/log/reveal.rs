//! Showing the masked values of one record: for a moment, only where it was
//! asked for, and never without an entry in the journal. The next key masks
//! them again, and so does time.

use jiff::Timestamp;

use super::LogPane;
use super::job::LogJob;
use super::window::Decoded;
use crate::app::desk::Desk;
use crate::app::effect::{Effect, Ticket};
use crate::app::load::{Load, Settled};
use crate::app::notice::Tone;
use crate::app::pane::{MOMENT, Witness};
use crate::app::text::count;
use crate::fault::Fault;
use crate::log::{Millis, Place};

/// The record that is revealed or about to be.
#[derive(Debug, Default)]
pub struct Revealing {
    load: Load<()>,
    until: Option<Timestamp>,
}

impl Revealing {
    /// Whether secrets are on the screen.
    pub fn is_shown(&self) -> bool {
        self.until.is_some()
    }
}

impl LogPane {
    /// Asks to show what is masked in the record under the cursor.
    pub(super) fn reveal(&mut self, desk: &mut Desk<'_>) {
        let place = self.scroll.cursor().place;
        let Some(kept) = self.windows.kept(place) else {
            return desk.say(Tone::Note, "no record under the cursor");
        };
        if !kept.record.is_masked() {
            return desk.say(Tone::Note, "nothing is masked in this record");
        }
        let read = self.windows.read_one(place, &self.files);
        let Some((read, followed)) = read.zip(self.file(place.file)) else {
            return;
        };
        let witness = Box::new(Witness {
            place: desk.place.cloned(),
            caller: desk.caller.cloned(),
            name: followed.input.full_name(),
            what: what(place, &followed.name, followed.index.time(place.record)),
        });
        // What is read must stay where it is.
        self.pause();
        let feed = self.following;
        let ticket = desk.effects.ask(|ticket| {
            Effect::Log(LogJob::Reveal {
                ticket,
                feed,
                read,
                witness,
            })
        });
        self.revealing.load.expect(ticket, desk.now);
    }

    pub(super) fn hear_revealed(
        &mut self,
        ticket: Ticket,
        outcome: Result<Decoded, Fault>,
        desk: &mut Desk<'_>,
    ) {
        let (decoded, outcome) = match outcome {
            Ok(decoded) => (Some(decoded), Ok(())),
            Err(fault) => (None, Err(fault)),
        };
        let failed = outcome.as_ref().err().map(ToString::to_string);
        if self.revealing.load.settle(ticket, desk.now, outcome) == Settled::Stale {
            return;
        }
        if let Some(sentence) = failed {
            return desk.say(Tone::Warning, sentence);
        }
        if let Some(decoded) = decoded {
            self.windows.reveal(decoded);
            self.revealing.until = desk.now.saturating_add(MOMENT).ok();
        }
    }

    /// Masks again what was revealed, and wants no more to see it.
    pub fn conceal(&mut self) {
        self.revealing.load.give_up();
        self.revealing.until = None;
        self.windows.conceal();
    }

    /// Masks again what was revealed long enough.
    pub fn conceal_at(&mut self, now: Timestamp) {
        if self.revealing.until.is_some_and(|until| until <= now) {
            self.conceal();
        }
    }

    /// Until when something is revealed.
    pub fn revealed_until(&self) -> Option<Timestamp> {
        self.revealing.until
    }
}

/// `the record of 02:14:07.250 in terraform.log`.
fn what(place: Place, name: &str, at: Option<Millis>) -> String {
    let at = at.and_then(Millis::timestamp);
    match at {
        Some(at) => format!(
            "the record of {} in {name}",
            at.strftime("%FT%H:%M:%S%.3fZ")
        ),
        None => format!("record {} of {name}", count(u64::from(place.record.0) + 1)),
    }
}
