//! A long read: all processors work on it, and where nothing was read before,
//! the end of the file is shown meanwhile.

use std::fs::File;
use std::io;
use std::ops::Range;

use crate::log::{Feed, Hearing, Millis, Seam};

use super::bulk::{self, Beside, Bulk, Next, Plan};
use super::file::Gone;
use super::reading::Reading;
use super::{Following, Listener};

/// How much of the end of a large file is looked at first for the start of a
/// record, and how much at last: a record may be long.
const REACH: std::ops::RangeInclusive<u64> = MIB..=8 * MIB;

/// How much is shown of the end where no record begins within reach.
const SCRAP: usize = 64 * 1024;

const MIB: u64 = 1024 * 1024;

/// How many bytes are read between two pieces of news about a long read.
const STEP: u64 = 64 * MIB;

/// A long read.
pub struct Long<'a> {
    following: &'a Following,
    file: &'a File,
    range: Range<u64>,
    arrived: Option<Millis>,
    /// What is shown meanwhile.
    last: Option<Last>,
}

/// What the last part of a file comes to.
struct Last {
    hearing: Hearing,
    /// Whether it begins where a record does.
    seam: Seam,
}

impl<'a> Long<'a> {
    /// A read up to the end of the file, whose end is shown meanwhile if
    /// nothing of it is known yet. `arrived` dates what is seen to come.
    pub fn new(
        following: &'a Following,
        file: &'a File,
        range: Range<u64>,
        arrived: Option<Millis>,
    ) -> Self {
        let last = (range.start == 0).then(|| end_of(file, range.end));
        Self {
            following,
            file,
            range,
            arrived,
            last: last.flatten(),
        }
    }

    /// Reads: first all that comes before what is shown meanwhile, whose
    /// records have their numbers then.
    pub fn read(&self, reading: &mut Reading) -> Result<io::Result<Bulk>, Gone> {
        let Some(last) = &self.last else {
            return Ok(self.scan(self.range.clone(), reading));
        };
        self.say(self.range.start)?;
        if self.following.tell(Feed::Heard(last.hearing.account())) == Listener::Gone {
            return Err(Gone);
        }
        let begin = last.hearing.index().begins_at();
        let ended = self.scan(self.range.start..begin, reading);
        if !matches!(ended, Ok(Bulk::Done)) {
            return Ok(ended);
        }
        reading.renumber(last.seam);
        Ok(self.scan(begin..self.range.end, reading))
    }

    /// Scans on all processors and joins in order.
    fn scan(&self, range: Range<u64>, reading: &mut Reading) -> io::Result<Bulk> {
        let plan = Plan {
            file: self.file,
            range,
            overlap: 0,
            stop: &self.following.shared.stop,
            beside: Beside::Screen,
        };
        let mut said = reading.index().length();
        reading.take_all(&plan, self.arrived, |read| {
            if read < said + STEP {
                return Next::GoOn;
            }
            said = read;
            self.say(read).map_or(Next::End, |()| Next::GoOn)
        })
    }

    /// Says how far it has come, where something is shown meanwhile.
    fn say(&self, read: u64) -> Result<(), Gone> {
        let Some(last) = &self.last else {
            return Ok(());
        };
        let mut grown = last.hearing.grown(self.range.end);
        grown.read = read;
        match self.following.tell(Feed::Read(Box::new(grown))) {
            Listener::Listens => Ok(()),
            Listener::Gone => Err(Gone),
        }
    }
}

/// What the last part of a file comes to: from the nearest line that surely
/// begins a record, or from within one where that is too far. None where all of
/// the file is within reach.
fn end_of(file: &File, length: u64) -> Option<Last> {
    let mut reach = *REACH.start();
    loop {
        let begin = length.checked_sub(reach)?;
        let mut bytes = vec![0; reach as usize];
        let read = bulk::read_full(file, &mut bytes, begin).ok()?;
        bytes.truncate(read);
        if let Some(hearing) = Hearing::of_the_end(begin, &bytes) {
            let seam = Seam::Whole;
            return Some(Last { hearing, seam });
        }
        if reach >= *REACH.end() {
            let cut = bytes.len().saturating_sub(SCRAP);
            let hearing = Hearing::of_a_scrap(begin + cut as u64, &bytes[cut..]);
            let seam = Seam::Torn;
            return Some(Last { hearing, seam });
        }
        reach *= 2;
    }
}
