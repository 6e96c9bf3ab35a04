//! Much of a file at once: pieces of it are read and worked on by as many
//! threads as there are processors, and what comes of them is joined in order.
//! Memory is bounded by the pieces that may be ahead of the one that is due.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Stop;
use super::hole::Holes;
use crate::io::frame;

/// How many bytes one piece has: it stays in a processor's own cache, and what a
/// piece costs beside its bytes does not show.
pub const PIECE: usize = 512 * 1024;

/// How many bytes a processor keeps together.
const CACHE_LINE: usize = 64;

/// How many pieces may be ahead of the one that is due.
const AHEAD: u64 = 16;

/// At most so many threads: reading is bounded by the memory that they share.
const MOST_THREADS: usize = 4;

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    Done,
    /// It was stopped, or nobody listens any more.
    Stopped,
    /// The file is shorter than it was.
    Short,
}

/// One piece of a file.
#[derive(Debug)]
pub struct Piece<'a> {
    pub bytes: &'a [u8],
    /// Where it begins in the file.
    pub offset: u64,
    /// How many of the bytes are the piece's own; the rest is the next one's.
    pub own: usize,
}

impl Piece<'_> {
    /// This range of the file, where all of it is in the piece or behind it.
    pub fn part(&self, range: &Range<u64>) -> Option<&[u8]> {
        let within = |offset: u64| usize::try_from(offset.checked_sub(self.offset)?).ok();
        self.bytes.get(within(range.start)?..within(range.end)?)
    }
}

/// What is to be read, and how.
#[derive(Debug)]
pub struct Plan<'a> {
    pub file: &'a File,
    pub range: Range<u64>,
    /// How many bytes of the next piece are read with each.
    pub overlap: usize,
    pub stop: &'a Stop,
    pub beside: Beside,
}

/// What else goes on in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Nothing,
    /// A person looks at it: the work stands back where both want a processor.
    Screen,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    GoOn,
    End,
}

/// Works on the pieces on several threads, and joins the results on any of
/// them, in order and one at a time.
pub fn in_order<T: Send>(
    plan: &Plan<'_>,
    work: impl Fn(Piece<'_>) -> T + Sync,
    join: impl FnMut(T) -> Next + Send,
) -> io::Result<Bulk> {
    let crew = Crew {
        plan,
        holes: Holes::of(plan.file),
        taken: AtomicU64::new(0),
        joining: Mutex::new(Joining {
            due: 0,
            early: BTreeMap::new(),
            join: Some(join),
            waiting: 0,
            ended: None,
        }),
        moved: Condvar::new(),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let pieces = usize::try_from(crew.pieces()).unwrap_or(usize::MAX);
    let threads = threads.min(MOST_THREADS).min(pieces);
    let helpers = match plan.beside {
        Beside::Nothing => threads.saturating_sub(1),
        // A thread that stood back stays there: this one has other things to do afterwards.
        Beside::Screen => threads,
    };
    thread::scope(|scope| {
        let help = || {
            if plan.beside == Beside::Screen {
                stand_back();
            }
            crew.work(&work);
        };
        let spawned = (0..helpers).filter(|_| {
            let builder = thread::Builder::new().name("scan".to_owned());
            builder.spawn_scoped(scope, help).is_ok()
        });
        // One thread less is slower and nothing else.
        if spawned.count() < threads {
            crew.work(&work);
        }
    });
    let joining = crew.joining.into_inner();
    let joining = joining.unwrap_or_else(PoisonError::into_inner);
    joining.ended.unwrap_or(Ok(Bulk::Done))
}

/// Lets the other threads of this machine go first: a frame that has to wait
/// for a processor that scans comes late, and a scan that waits for a frame
/// does not.
fn stand_back() {
    /// A tenth of the time that an ordinary thread gets beside it.
    #[cfg(target_os = "linux")]
    const NICE: i32 = 10;
    // Elsewhere it is the whole process that would stand back.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

struct Crew<'a, T, J> {
    plan: &'a Plan<'a>,
    holes: Holes<'a>,
    taken: AtomicU64,
    joining: Mutex<Joining<T, J>>,
    moved: Condvar,
}

struct Joining<T, J> {
    due: u64,
    early: BTreeMap<u64, T>,
    /// Taken by the thread that joins what is due: the others bring what they
    /// have and go on.
    join: Option<J>,
    /// How many threads wait until the piece that is due has moved.
    waiting: usize,
    ended: Option<io::Result<Bulk>>,
}

impl<T, J> Joining<T, J> {
    /// The piece that is due, if it is there and nothing has ended the work.
    fn due(&mut self) -> Option<T> {
        self.ended.is_none().then(|| self.early.remove(&self.due))?
    }
}

impl<T: Send, J: FnMut(T) -> Next + Send> Crew<'_, T, J> {
    fn pieces(&self) -> u64 {
        let length = self.plan.range.end.saturating_sub(self.plan.range.start);
        length.div_ceil(PIECE as u64)
    }

    fn joining(&self) -> MutexGuard<'_, Joining<T, J>> {
        self.joining.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, work: &(impl Fn(Piece<'_>) -> T + Sync)) {
        let _end = EndOnPanic(self);
        // The kernel copies a tenth faster to where a cache line begins.
        let mut room = vec![0_u8; PIECE + self.plan.overlap + CACHE_LINE];
        let skipped = room.as_ptr().align_offset(CACHE_LINE).min(CACHE_LINE);
        let buffer = &mut room[skipped..][..PIECE + self.plan.overlap];
        loop {
            let number = self.taken.fetch_add(1, Ordering::Relaxed);
            if number >= self.pieces() || !self.wait_for_turn(number) {
                return;
            }
            if self.plan.stop.is_requested() {
                return self.end(Ok(Bulk::Stopped));
            }
            if self.plan.beside == Beside::Screen {
                frame::let_pass();
            }
            match self.read(number, buffer) {
                Ok(Some(piece)) => self.join(number, work(piece)),
                Ok(None) => return self.end(Ok(Bulk::Short)),
                Err(error) => return self.end(Err(error)),
            }
        }
    }

    /// Waits until the piece is not too far ahead; says whether to go on at all.
    fn wait_for_turn(&self, number: u64) -> bool {
        let mut joining = self.joining();
        while joining.ended.is_none() && number >= joining.due + AHEAD {
            joining.waiting += 1;
            joining = self
                .moved
                .wait(joining)
                .unwrap_or_else(PoisonError::into_inner);
            joining.waiting -= 1;
        }
        joining.ended.is_none()
    }

    /// The piece with its overlap; none where the file has become shorter.
    fn read<'b>(&self, number: u64, buffer: &'b mut [u8]) -> io::Result<Option<Piece<'b>>> {
        let offset = self.plan.range.start + number * PIECE as u64;
        let left = self.plan.range.end - offset;
        let own = left.min(PIECE as u64) as usize;
        let wanted = left.min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..wanted];
        let read = if self.holes.cover(&(offset..offset + wanted as u64)) {
            buffer.fill(0);
            wanted
        } else {
            read_full(self.plan.file, buffer, offset)?
        };
        Ok((read >= own).then_some(Piece {
            bytes: &buffer[..read],
            offset,
            own,
        }))
    }

    /// Brings the result of a piece, and joins what is due unless another
    /// thread is at it: nobody waits for a join, but who is too far ahead.
    fn join(&self, number: u64, result: T) {
        let mut joining = self.joining();
        joining.early.insert(number, result);
        let Some(mut join) = joining.join.take() else {
            return;
        };
        while let Some(result) = joining.due() {
            drop(joining);
            let next = join(result);
            joining = self.joining();
            joining.due += 1;
            if next == Next::End {
                joining.ended = Some(Ok(Bulk::Stopped));
            }
            if joining.waiting > 0 {
                self.moved.notify_all();
            }
        }
        joining.join = Some(join);
    }

    fn end(&self, how: io::Result<Bulk>) {
        let mut joining = self.joining();
        joining.ended.get_or_insert(how);
        self.moved.notify_all();
    }
}

/// A thread that panics must not leave the others waiting for its piece.
struct EndOnPanic<'a, 'p, T: Send, J: FnMut(T) -> Next + Send>(&'a Crew<'p, T, J>);

impl<T: Send, J: FnMut(T) -> Next + Send> Drop for EndOnPanic<'_, '_, T, J> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end(Ok(Bulk::Stopped));
        }
    }
}

/// Reads until the buffer is full or the file ends.
pub fn read_full(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn plan<'a>(file: &'a File, length: u64, stop: &'a Stop) -> Plan<'a> {
        Plan {
            file,
            range: 0..length,
            overlap: 3,
            stop,
            beside: Beside::Nothing,
        }
    }

    #[test]
    fn the_pieces_are_joined_in_order_each_once() {
        let bytes: Vec<u8> = (0..PIECE * 40 + 7).map(|at| (at / 1000) as u8).collect();
        let (file, stop) = (file(&bytes), Stop::default());
        let mut joined = Vec::new();
        let whole = |piece: Piece<'_>| piece.bytes[..piece.own].to_vec();
        let ended = in_order(&plan(&file, bytes.len() as u64, &stop), whole, |piece| {
            joined.extend(piece);
            Next::GoOn
        });
        assert_eq!(ended.unwrap(), Bulk::Done);
        assert!(joined == bytes);
    }

    #[test]
    fn a_piece_sees_the_beginning_of_the_next() {
        let (file, stop) = (file(&vec![b'x'; PIECE + 2]), Stop::default());
        let mut lengths = Vec::new();
        let length = |piece: Piece<'_>| (piece.own, piece.bytes.len());
        in_order(&plan(&file, PIECE as u64 + 2, &stop), length, |length| {
            lengths.push(length);
            Next::GoOn
        })
        .unwrap();
        assert_eq!(lengths, [(PIECE, PIECE + 2), (2, 2)]);
    }

    #[test]
    fn a_part_of_the_file_is_at_hand_where_the_piece_has_all_of_it() {
        let piece = Piece {
            bytes: b"abcdef",
            offset: 10,
            own: 4,
        };
        assert_eq!(piece.part(&(11..16)), Some(&b"bcdef"[..]));
        assert_eq!(piece.part(&(9..12)), None);
        assert_eq!(piece.part(&(12..17)), None);
    }

    #[test]
    fn it_ends_where_nobody_listens_it_is_stopped_or_the_file_is_short() {
        let (file, stop) = (file(&vec![b'x'; PIECE * 50]), Stop::default());
        let length = PIECE as u64 * 50;
        let mut left = 3;
        let ended = in_order(
            &plan(&file, length, &stop),
            |_| (),
            |()| {
                left -= 1;
                if left == 0 { Next::End } else { Next::GoOn }
            },
        );
        assert_eq!((ended.unwrap(), left), (Bulk::Stopped, 0));
        let ended = in_order(&plan(&file, length * 2, &stop), |_| (), |()| Next::GoOn);
        assert_eq!(ended.unwrap(), Bulk::Short);
        stop.request();
        let ended = in_order(&plan(&file, length, &stop), |_| (), |()| Next::GoOn);
        assert_eq!(ended.unwrap(), Bulk::Stopped);
    }
}
