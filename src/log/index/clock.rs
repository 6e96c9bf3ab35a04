//! A clock that is set back while a log is written. One line with an old date
//! moves nothing; many in a row do, and what was dated later is set back too.

use std::sync::Arc;

use super::segment::SEGMENT;
use super::{Index, MINUTE};
use crate::log::stamp::Millis;

/// How many dated records in a row must stand more than a minute before the
/// latest, so that one line with an old date does not move a whole log.
const BELIEVED: u8 = 8;

/// How often in one file a clock is taken for set back. What a hostile log
/// costs is bounded by it.
const MOST_SET_BACKS: u8 = 64;

/// The dated records in a row that stand far before the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fallen {
    count: u8,
    lowest: i64,
    set_backs: u8,
}

impl Fallen {
    /// Takes no clock for set back any more: that can't be undone.
    pub(super) fn believe_nothing(&mut self) {
        self.set_backs = MOST_SET_BACKS;
    }

    /// A record has come that does not stand far before the latest.
    pub(super) fn end(&mut self) {
        self.count = 0;
    }
}

impl Index {
    /// Sees whether the clock was set back for good.
    pub(super) fn see_fall(&mut self, at: Millis) {
        let Some(latest) = self.progress.latest else {
            return;
        };
        let fallen = &mut self.progress.fallen;
        if at.0 >= latest.0.saturating_sub(MINUTE) {
            fallen.count = 0;
            return;
        }
        fallen.lowest = if fallen.count == 0 {
            at.0
        } else {
            fallen.lowest.min(at.0)
        };
        fallen.count = fallen.count.saturating_add(1);
        if fallen.count < BELIEVED || fallen.set_backs >= MOST_SET_BACKS {
            return;
        }
        fallen.count = 0;
        fallen.set_backs += 1;
        let time = Millis(fallen.lowest);
        self.set_back(time);
    }

    /// Lets no record stand later than `time`.
    fn set_back(&mut self, time: Millis) {
        let later = self.since(Millis(time.0.saturating_add(1)));
        let first = (later.0 / SEGMENT) as usize;
        let within = later.0 % SEGMENT;
        for (number, segment) in self.segments.iter_mut().enumerate().skip(first) {
            let from = if number == first { within } else { 0 };
            Arc::make_mut(segment).set_back(from, time.0);
        }
        self.progress.latest = Some(time);
        self.progress.first = self.progress.first.min(Some(time));
    }
}
