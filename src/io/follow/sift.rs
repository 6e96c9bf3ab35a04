//! Judging followed files by the filters, on the job's thread.

use tokio::sync::mpsc::Sender;

use super::job::Logs;
use super::read::{Blocks, Unread};
use super::{Listener, Stop};
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::log::{LogNews, Part};
use crate::log::{Piece, Sieve, Sift};

/// What is held back so that many small results are one piece of news: the
/// first goes at once, then twice as many each time.
#[derive(Debug)]
pub struct Batch<T> {
    held: Vec<T>,
    due: usize,
}

/// No more are held back: some megabytes of a file.
const MOST: usize = 64;

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self {
            held: Vec::new(),
            due: 1,
        }
    }
}

impl<T> Batch<T> {
    /// Takes one, and gives all that are held once they are due.
    pub fn add(&mut self, one: T) -> Option<Vec<T>> {
        self.held.push(one);
        if self.held.len() < self.due {
            return None;
        }
        self.due = (self.due * 2).min(MOST);
        Some(std::mem::take(&mut self.held))
    }

    /// Those that are left.
    pub fn rest(self) -> Vec<T> {
        self.held
    }
}

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
        let place = (&part.index, part.from.offset..part.to);
        let sieve = self.sieve.of(part.side);
        let judge = |blocks: Blocks<'_>| {
            let mut sift = Sift::new(sieve.clone(), blocks.from);
            blocks.read(|bytes| sift.feed(bytes))?;
            Ok(sift.finish())
        };
        let mut batch = Batch::default();
        let keep = |piece| match batch.add(piece) {
            Some(pieces) => self.tell(part, pieces),
            None => Listener::Listens,
        };
        reader.by_blocks(part.generation, place, stop, judge, keep)?;
        match self.tell(part, batch.rest()) {
            Listener::Listens => Ok(()),
            Listener::Gone => Err(Unread::Stopped),
        }
    }

    fn tell(&self, part: &Part, pieces: Vec<Piece>) -> Listener {
        let event = Event::Log(LogNews::Sifted {
            ticket: self.ticket,
            file: part.file,
            generation: part.generation,
            side: part.side,
            pieces,
        });
        match self.news.blocking_send(event) {
            Ok(()) => Listener::Listens,
            Err(_) => Listener::Gone,
        }
    }
}
