//! The frame that is being made goes first. A thread that works on much for
//! long looks here between two steps: where the console makes a frame, or takes
//! what leads to one, it lets that pass. The scheduler alone would give a
//! thread that lost its processor in the midst of a frame the next one only
//! some milliseconds later.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// There is one screen, whoever works beside it.
static MAKING: AtomicBool = AtomicBool::new(false);

/// How often a thread looks that waits.
const LOOK: Duration = Duration::from_micros(200);

/// How long it waits at most: a terminal that takes nothing must stop nobody.
const PATIENCE: Duration = Duration::from_millis(16);

/// Until this is dropped a frame is being made.
#[derive(Debug)]
pub struct Making(());

/// Begins to make a frame, or to take what leads to one.
pub fn begin() -> Making {
    MAKING.store(true, Ordering::Relaxed);
    Making(())
}

impl Drop for Making {
    fn drop(&mut self) {
        MAKING.store(false, Ordering::Relaxed);
    }
}

/// Waits while a frame is being made.
pub fn let_pass() {
    if !MAKING.load(Ordering::Relaxed) {
        return;
    }
    let began = Instant::now();
    while MAKING.load(Ordering::Relaxed) && began.elapsed() < PATIENCE {
        thread::sleep(LOOK);
    }
}
