//! Judging followed files by the filters, on the job's thread.

use tokio::sync::mpsc::Sender;

use super::job::Logs;
use super::read::Unread;
use super::{Listener, Stop};
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::log::{LogNews, Part};
use crate::log::{Piece, Sieve, Sift};

/// A judging job.
pub struct Sifter {
    pub ticket: Ticket,
    pub feed: Ticket,
    pub sieve: Sieve,
    pub news: Sender<Event>,
}

impl Sifter {
    /// Judges the parts in their order, and tells as it goes. A file that
    /// began anew meanwhile is passed over: its new bytes are asked for anew.
    pub fn sift(&self, logs: &Logs, parts: Vec<Part>, stop: &Stop) -> Result<(), Unread> {
        for part in parts {
            match self.sift_one(logs, &part, stop) {
                Ok(()) | Err(Unread::Replaced) => {}
                Err(unread) => return Err(unread),
            }
        }
        Ok(())
    }

    fn sift_one(&self, logs: &Logs, part: &Part, stop: &Stop) -> Result<(), Unread> {
        let reader = logs.reader(self.feed, part.file)?;
        let mut sift = Sift::new(self.sieve.clone(), part.from, part.first);
        let range = part.from.offset..part.to;
        reader.walk(part.generation, range, stop, |bytes| {
            sift.feed(bytes);
            sift.take()
                .map_or(Listener::Listens, |piece| self.tell(part, piece))
        })?;
        match self.tell(part, sift.finish()) {
            Listener::Listens => Ok(()),
            Listener::Gone => Err(Unread::Stopped),
        }
    }

    fn tell(&self, part: &Part, piece: Piece) -> Listener {
        let event = Event::Log(LogNews::Sifted {
            ticket: self.ticket,
            file: part.file,
            generation: part.generation,
            piece,
        });
        match self.news.blocking_send(event) {
            Ok(()) => Listener::Listens,
            Err(_) => Listener::Gone,
        }
    }
}
