//! Following log files and inputs while they are written. Each followed file
//! has a thread of its own that reads, scans and tells, and sleeps until the
//! system says that something changed; windows and searches read the very
//! file that the thread has open, so that a rotation can't mix two files.

mod body;
mod bulk;
mod export;
mod file;
mod find;
mod gz;
mod hear;
mod hole;
mod job;
mod judge;
mod long;
mod pipe;
mod read;
mod reading;
mod reveal;
mod session;
mod sift;
mod watch;

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::fault::Fault;
use crate::log::{Feed, Generation, Input, Millis};

pub use find::find;
pub use hear::{HeardLog, Room, hear};
pub use job::{Logs, perform};
pub use judge::{crashes_heard, judge_heard};
pub use read::Reader;

use watch::Watch;

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;

/// Whether there is still a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    Listens,
    Gone,
}

/// Who is told. It may block: a slow listener slows the reading.
type Tell = Box<dyn Fn(Feed) -> Listener + Send + Sync>;

/// Ends a piece of work between two of its steps.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the work to end.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work should end.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A file that is being followed; dropping it ends the following.
#[derive(Debug)]
pub struct Follower {
    shared: Arc<Shared>,
    waker: watch::Waker,
}

impl Follower {
    /// Reads windows and searches in what is followed.
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.shared.stop.request();
        self.waker.wake();
    }
}

/// What the following thread and the readers both know.
#[derive(Debug, Default)]
struct Shared {
    stop: Stop,
    open: Mutex<Option<Opened>>,
}

/// The file as it is open now.
#[derive(Debug, Clone)]
struct Opened {
    file: Arc<File>,
    generation: Generation,
}

impl Shared {
    fn show(&self, file: &Arc<File>, generation: Generation) {
        let opened = Opened {
            file: Arc::clone(file),
            generation,
        };
        // A reader that panicked left a whole value behind.
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
    }

    fn opened(&self) -> Option<Opened> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.clone()
    }
}

/// Starts to follow an input, and tells what comes of it until the follower is
/// dropped, the listener is gone or the input has ended.
pub fn follow(
    input: Input,
    tell: impl Fn(Feed) -> Listener + Send + Sync + 'static,
) -> Result<Follower, Fault> {
    let subject = input.full_name();
    let shared = Arc::new(Shared::default());
    let (waker, alarm) = watch::alarm();
    let following = Following {
        shared: Arc::clone(&shared),
        tell: Box::new(tell),
    };
    let woken_by = waker.clone();
    thread::Builder::new()
        .name("follow".to_owned())
        .spawn(move || following.run(input, woken_by, alarm))
        .map_err(|error| Fault::new("follow", subject, super::disk::cause(&error)))?;
    Ok(Follower { shared, waker })
}

/// What a following thread has at hand.
struct Following {
    shared: Arc<Shared>,
    tell: Tell,
}

impl Following {
    fn run(self, input: Input, waker: watch::Waker, alarm: watch::Alarm) {
        match input {
            Input::StandardInput => pipe::follow_input(&self, io::stdin().lock()),
            Input::Path(path) => {
                let watch = Watch::new(&path, waker, alarm);
                file::follow_path(&self, path, watch);
            }
        }
    }

    /// Tells, unless the work is to end.
    fn tell(&self, feed: Feed) -> Listener {
        if self.shared.stop.is_requested() {
            return Listener::Gone;
        }
        (self.tell)(feed)
    }
}

/// The moment, for what is seen to arrive.
fn now() -> Millis {
    Millis::from(jiff::Timestamp::now())
}

#[cfg(test)]
mod tests;
