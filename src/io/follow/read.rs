//! Reading what is followed: windows of records and searches. Both read the
//! file that the following thread has open, by position, and refuse where it
//! is no longer the generation that was asked about.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::log::{
    Generation, Index, Level, Pattern, Record, RecordNo, Seek, Spotter, Stretch, Window,
};

use super::bulk::{self, Beside, Bulk, Next, Plan};
use super::{Listener, Opened, Shared, Stop};

/// The first piece of a search: small, so that the first hits appear at once.
const FIRST_PIECE: usize = 64 * 1024;

/// The largest piece of a read.
const LARGEST_PIECE: usize = 1024 * 1024;

/// How much is read at most only to learn how long the last record is.
const LENGTH_CAP: u64 = 16 * 1024 * 1024;

/// Why something was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The file began anew; who asks now gets an answer about the new one.
    #[error("the file was replaced meanwhile")]
    Replaced,
    #[error("it was stopped")]
    Stopped,
    #[error("{}", crate::io::disk::cause(.0))]
    Failed(#[from] io::Error),
}

/// Reads in a followed file.
#[derive(Debug, Clone)]
pub struct Reader {
    shared: Arc<Shared>,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Decodes the wanted records of each stretch.
    pub fn window(
        &self,
        generation: Generation,
        stretches: Vec<Stretch>,
        stop: &Stop,
    ) -> Result<Vec<(RecordNo, Record)>, Unread> {
        self.windows(generation, stretches, Window::new, stop)
    }

    /// The same with the secrets of the records.
    pub fn revealed(
        &self,
        generation: Generation,
        stretches: Vec<Stretch>,
        stop: &Stop,
    ) -> Result<Vec<(RecordNo, Record)>, Unread> {
        self.windows(generation, stretches, Window::revealing, stop)
    }

    fn windows(
        &self,
        generation: Generation,
        stretches: Vec<Stretch>,
        window: fn(Stretch) -> Window,
        stop: &Stop,
    ) -> Result<Vec<(RecordNo, Record)>, Unread> {
        let opened = self.opened(generation)?;
        let mut found = Vec::new();
        for stretch in stretches {
            let place = (stretch.seek.offset, stretch.end);
            found.extend(read_stretch(&opened, place, window(stretch), stop)?);
        }
        Ok(found)
    }

    /// Searches from an offset to another for a pattern that has a longest
    /// match, on all processors and in many lines at once, and tells the hits
    /// of each piece, which ascend.
    pub fn sweep(
        &self,
        generation: Generation,
        (pattern, floor): (&Pattern, Level),
        (index, range): (&Index, std::ops::Range<u64>),
        stop: &Stop,
        mut tell: impl FnMut(Vec<RecordNo>) -> Listener + Send,
    ) -> Result<(), Unread> {
        let opened = self.opened(generation)?;
        let plan = Plan {
            file: &opened.file,
            range,
            overlap: pattern.longest().unwrap_or(0),
            stop,
            beside: Beside::Screen,
        };
        let mut last = None;
        let ended = bulk::in_order(
            &plan,
            |piece| {
                let starts = pattern.starts_in(piece.bytes, piece.own);
                let offsets = starts.into_iter().map(|at| piece.offset + at as u64);
                spot((&opened.file, Some(&piece)), index, floor, offsets)
            },
            |hits: io::Result<Vec<RecordNo>>| {
                // What can't be read a second time has changed; the feed says how.
                let mut hits = hits.unwrap_or_default();
                hits.retain(|&hit| Some(hit) > last);
                last = hits.last().copied().max(last);
                match tell(hits) {
                    Listener::Listens => Next::GoOn,
                    Listener::Gone => Next::End,
                }
            },
        );
        match ended? {
            Bulk::Done | Bulk::Short => Ok(()),
            Bulk::Stopped => Err(Unread::Stopped),
        }
    }

    /// Works on whole records, from an offset at which a block of the index
    /// begins to another: on all processors, some blocks at once. What comes of
    /// them is told in their order.
    pub fn by_blocks<T: Send>(
        &self,
        generation: Generation,
        (index, range): (&Index, std::ops::Range<u64>),
        stop: &Stop,
        work: impl Fn(Blocks<'_>) -> io::Result<T> + Sync,
        mut tell: impl FnMut(T) -> Listener + Send,
    ) -> Result<(), Unread> {
        let opened = self.opened(generation)?;
        let plan = Plan {
            file: &opened.file,
            range: range.clone(),
            overlap: FIRST_PIECE,
            stop,
            beside: Beside::Screen,
        };
        let mut failed = None;
        let ended = bulk::in_order(
            &plan,
            |piece| {
                let blocks = Blocks::of(&piece, index, (&opened.file, range.end));
                blocks.map(&work).transpose()
            },
            |outcome| match outcome {
                Ok(told) => match told.map(&mut tell) {
                    Some(Listener::Gone) => Next::End,
                    Some(Listener::Listens) | None => Next::GoOn,
                },
                Err(error) => {
                    failed = Some(error);
                    Next::End
                }
            },
        );
        match (failed, ended?) {
            (Some(error), _) => Err(error.into()),
            (None, Bulk::Done | Bulk::Short) => Ok(()),
            (None, Bulk::Stopped) => Err(Unread::Stopped),
        }
    }

    /// The record in which a byte stands; none where the file has become shorter.
    pub fn record_at(
        &self,
        generation: Generation,
        index: &Index,
        offset: u64,
    ) -> Result<Option<RecordNo>, Unread> {
        let opened = self.opened(generation)?;
        let found = spot(
            (&opened.file, None),
            index,
            Level::Trace,
            std::iter::once(offset),
        )?;
        Ok(found.first().copied())
    }

    /// Ready to read from an offset to another.
    pub fn open(
        &self,
        generation: Generation,
        range: std::ops::Range<u64>,
    ) -> Result<Walk, Unread> {
        Ok(Walk {
            opened: self.opened(generation)?,
            pieces: Pieces::new(range.start, range.end, FIRST_PIECE),
        })
    }

    /// Reads from an offset to another, and gives the pieces in order.
    pub fn walk(
        &self,
        generation: Generation,
        range: std::ops::Range<u64>,
        stop: &Stop,
        mut each: impl FnMut(&[u8]) -> Listener,
    ) -> Result<(), Unread> {
        let mut walk = self.open(generation, range)?;
        while let Some(piece) = walk.next(stop)? {
            if each(piece) == Listener::Gone {
                return Err(Unread::Stopped);
            }
        }
        Ok(())
    }

    fn opened(&self, generation: Generation) -> Result<Opened, Unread> {
        let opened = self.shared.opened().ok_or(Unread::Replaced)?;
        if opened.generation != generation {
            return Err(Unread::Replaced);
        }
        Ok(opened)
    }
}

/// The blocks of an index that begin in one piece of its file.
#[derive(Debug)]
pub struct Blocks<'a> {
    /// Where the first of them begins.
    pub from: Seek,
    /// As much of them as was read already.
    begin: &'a [u8],
    file: &'a File,
    rest: std::ops::Range<u64>,
}

impl<'a> Blocks<'a> {
    /// None where none begins in the piece, or before the end of what is wanted.
    fn of(piece: &bulk::Piece<'a>, index: &Index, (file, to): (&'a File, u64)) -> Option<Self> {
        let last = (piece.offset + piece.own as u64).min(to).checked_sub(1)?;
        let (mut from, next) = index.around(piece.offset);
        if from.offset < piece.offset {
            if next > last {
                return None;
            }
            from = index.around(next).0;
        }
        let end = index.around(last).1.min(to);
        let whole = piece.offset + piece.bytes.len() as u64;
        let within = |offset: u64| (offset - piece.offset) as usize;
        Some(Self {
            from,
            begin: &piece.bytes[within(from.offset)..within(end.min(whole))],
            file,
            rest: whole..end,
        })
    }

    /// Gives their bytes, piece by piece.
    pub fn read(&self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        each(self.begin);
        let mut buffer = Vec::new();
        let mut at = self.rest.start;
        while at < self.rest.end {
            let left = usize::try_from(self.rest.end - at).unwrap_or(usize::MAX);
            buffer.resize(left.min(LARGEST_PIECE), 0);
            let read = bulk::read_full(self.file, &mut buffer, at)?;
            if read == 0 {
                break;
            }
            each(&buffer[..read]);
            at += read as u64;
        }
        Ok(())
    }
}

/// The records in which these bytes stand, each once. What of the file is at
/// hand is not read again.
fn spot(
    (file, at_hand): (&File, Option<&bulk::Piece<'_>>),
    index: &Index,
    floor: Level,
    offsets: impl Iterator<Item = u64>,
) -> io::Result<Vec<RecordNo>> {
    let mut spotter = Spotter::new(index);
    let mut hits = Vec::new();
    let mut buffer = Vec::new();
    for offset in offsets {
        if let Some(mut block) = spotter.missing(offset) {
            let range = block.range();
            let mut at = range.start;
            if let Some(bytes) = at_hand.and_then(|piece| piece.part(&range)) {
                block.feed(bytes);
                at = range.end;
            }
            while at < range.end {
                let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
                buffer.resize(left.min(LARGEST_PIECE), 0);
                let read = bulk::read_full(file, &mut buffer, at)?;
                if read == 0 {
                    break;
                }
                block.feed(&buffer[..read]);
                at += read as u64;
            }
            spotter.take(block);
        }
        hits.extend(spotter.record(offset, floor));
    }
    hits.dedup();
    Ok(hits)
}

fn read_stretch(
    opened: &Opened,
    (start, end): (u64, u64),
    mut window: Window,
    stop: &Stop,
) -> Result<Vec<(RecordNo, Record)>, Unread> {
    let mut pieces = Pieces::new(start, end, FIRST_PIECE);
    let mut beyond = 0;
    while !window.is_complete() && beyond < LENGTH_CAP {
        let Some(piece) = pieces.next(opened, stop)? else {
            break;
        };
        window.feed(piece);
        if window.has_enough() {
            beyond += piece.len() as u64;
        }
    }
    Ok(window.finish())
}

/// A read that its caller takes piece by piece.
#[derive(Debug)]
pub struct Walk {
    opened: Opened,
    pieces: Pieces,
}

impl Walk {
    /// The next piece; none at the end.
    pub fn next(&mut self, stop: &Stop) -> Result<Option<&[u8]>, Unread> {
        self.pieces.next(&self.opened, stop)
    }
}

/// The bytes between two offsets, in pieces that double.
#[derive(Debug)]
struct Pieces {
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    read: usize,
}

impl Pieces {
    fn new(offset: u64, end: u64, first: usize) -> Self {
        Self {
            offset,
            end,
            buffer: Vec::new(),
            read: first,
        }
    }

    fn next(&mut self, opened: &Opened, stop: &Stop) -> Result<Option<&[u8]>, Unread> {
        if stop.is_requested() {
            return Err(Unread::Stopped);
        }
        let left = usize::try_from(self.end.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        self.buffer.resize(self.read.min(left), 0);
        self.read = (self.read * 2).min(LARGEST_PIECE);
        let read = loop {
            match opened.file.read_at(&mut self.buffer, self.offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.offset += read as u64;
        Ok((read > 0).then(|| &self.buffer[..read]))
    }
}
