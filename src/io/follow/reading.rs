//! A file on its way into its index, piece by piece and in order.

use crate::log::{Feed, Grown, Index, Millis, Opening, Summary, scan_after};

/// What is read of a file.
#[derive(Debug, Default)]
pub struct Reading {
    index: Index,
    /// How many records came before those that were told last.
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
        self.index.append(summary, arrived);
        self.untold += summary.length();
    }

    /// Whether there is so much to tell that it should be told.
    pub fn is_full(&self) -> bool {
        self.untold >= BATCH
    }

    /// How the next lines are judged, most likely.
    pub fn guess(&self) -> Opening {
        self.index.opening().between_records()
    }

    /// Says that this many records come before those that were told last.
    pub fn renumber(&mut self, earlier: u32) {
        self.earlier = earlier;
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The news of what was taken since the last call; none where nothing was.
    pub fn tell(&mut self, length: u64) -> Option<Feed> {
        let untold = std::mem::take(&mut self.untold);
        (untold > 0).then(|| {
            Feed::Read(Box::new(Grown {
                read: self.index.length(),
                index: self.index.clone(),
                length,
                earlier: std::mem::take(&mut self.earlier),
            }))
        })
    }
}
