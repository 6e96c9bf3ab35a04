//! The plan that a log or an output shows last: what it would create. One that
//! was carried out is none: what came of it stands in the state.

use jiff::Timestamp;

use super::{FileNo, Place};
use crate::analysis::plans;
use crate::log::{At, Millis, display};
use crate::state::type_of;

/// How many addresses are kept of one plan.
const MOST: usize = 10_000;

/// How much of a plan is read.
pub const SHOWN: usize = 4 << 20;

/// How a plan in text names what it creates: behind the stamp of a CI, if there is
/// one. What is quoted beneath is indented further.
const BEFORE: &str = "  # ";
const AFTER: &str = " will be created";

/// What a plan would create that was shown and not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub creates: Vec<String>,
    /// When it was shown, where that is told.
    pub at: Option<Millis>,
    /// The record that shows it, and the same as a person finds it.
    pub told_at: Place,
    pub said: String,
}

impl Planned {
    /// The plan from the bytes at which it begins; none where it creates nothing.
    pub fn read((number, name): (FileNo, &str), at: At, bytes: &[u8]) -> Option<Self> {
        let bytes = &bytes[..bytes.len().min(SHOWN)];
        let is_event = |line: &[u8]| memchr::memmem::find(line, b"\"type\":\"").is_some();
        let first = bytes.split(|byte| *byte == b'\n').next()?;
        let mut creates: Vec<String> = if is_event(first) {
            plans::created_in_events(bytes).take(MOST).collect()
        } else {
            let lines = bytes.split(|byte| *byte == b'\n');
            let own = lines.take(at.lines as usize);
            own.filter_map(created).take(MOST).collect()
        };
        creates.retain(|address| type_of(address).is_some());
        if creates.is_empty() {
            return None;
        }
        Some(Self {
            creates,
            at: at.time,
            told_at: Place {
                file: number,
                record: at.record,
            },
            said: format!("{name}:{}", at.line + 1),
        })
    }

    /// Whether it was shown before the state was written: it may have been carried out,
    /// or is none of that state.
    pub fn is_before(&self, written: Option<Timestamp>) -> bool {
        let shown = self
            .at
            .and_then(|at| Timestamp::from_millisecond(at.0).ok());
        shown
            .zip(written)
            .is_some_and(|(shown, written)| shown < written)
    }
}

/// The address that a line of a plan creates.
fn created(line: &[u8]) -> Option<String> {
    memchr::memmem::find(line, AFTER.as_bytes())?;
    let line = display::safe(line);
    let (stamp, address) = line.trim_end().strip_suffix(AFTER)?.split_once(BEFORE)?;
    let is_stamp = stamp
        .strip_suffix(' ')
        .is_some_and(|stamp| !stamp.is_empty() && stamp.trim_end() == stamp);
    (stamp.is_empty() || is_stamp).then(|| address.to_owned())
}
