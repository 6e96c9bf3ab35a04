//! A file on its way into its index, piece by piece and in order.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bulk::{self, Bulk, Next, Plan};
use crate::log::{
    Account, Feed, Grown, Heard, Hearing, Index, Millis, Opening, Seam, Summary, scan_after,
};

/// What is read of a file.
#[derive(Debug, Default)]
pub struct Reading {
    hearing: Hearing,
    /// What was told last of what it comes to.
    heard: Arc<Account>,
    /// How the records that were told last go on, and how many came before them.
    seam: Seam,
    earlier: u32,
    /// How many bytes are not told of yet.
    untold: u64,
}

/// How many bytes are told of in one piece of news while a file is caught up with.
const BATCH: u64 = 4 * 1024 * 1024;

impl Reading {
    /// Takes the next bytes; they date the records without a time if they are
    /// seen to arrive.
    pub fn take(&mut self, bytes: &[u8], arrived: Option<Millis>) {
        self.join(&scan_after(bytes, self.guess()), arrived);
    }

    /// Takes the next bytes, scanned.
    pub fn join(&mut self, summary: &Summary, arrived: Option<Millis>) {
        self.hearing.join(summary, arrived);
        self.untold += summary.length();
    }

    /// Whether there is so much to tell that it should be told.
    pub fn is_full(&self) -> bool {
        self.untold >= BATCH
    }

    /// How the next lines are judged, most likely.
    pub fn guess(&self) -> Opening {
        self.hearing.guess()
    }

    /// Takes all of a plan, scanned on several threads, and says after each
    /// piece how far that is.
    pub fn take_all(
        &mut self,
        plan: &Plan<'_>,
        arrived: Option<Millis>,
        mut say: impl FnMut(u64) -> Next + Send,
    ) -> io::Result<Bulk> {
        let guess = Mutex::new(self.guess());
        bulk::in_order(
            plan,
            |piece| {
                // Held for the copy alone: the scans go on side by side.
                let guess = *held(&guess);
                scan_after(piece.bytes, guess)
            },
            |summary| {
                self.join(&summary, arrived);
                *held(&guess) = self.guess();
                say(self.index().length())
            },
        )
    }

    /// What all of it came to.
    pub fn heard(self) -> Heard {
        self.hearing.finish()
    }

    /// Says that what was told last comes after all that is read now.
    pub fn renumber(&mut self, seam: Seam) {
        self.seam = seam;
        self.earlier = match seam {
            Seam::Whole => self.index().records(),
            // Its first record is the one that is being read.
            Seam::Torn => self.index().records().saturating_sub(1),
        };
    }

    pub fn index(&self) -> &Index {
        self.hearing.index()
    }

    /// The news of what was taken since the last call: none where nothing was.
    pub fn tell(&mut self, length: u64) -> Vec<Feed> {
        if std::mem::take(&mut self.untold) == 0 {
            return Vec::new();
        }
        let read = Feed::Read(Box::new(Grown {
            seam: std::mem::take(&mut self.seam),
            earlier: std::mem::take(&mut self.earlier),
            ..self.hearing.grown(length)
        }));
        let account = self.hearing.account();
        if Arc::ptr_eq(&account, &self.heard) {
            return vec![read];
        }
        self.heard = Arc::clone(&account);
        vec![read, Feed::Heard(account)]
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
