//! The common header of a text log (`2026-11-22T11:52:08.653Z [DEBUG] `), read
//! in a few comparisons: in UTC, to the millisecond, at its usual place. The
//! records of a log follow each other closely, so that the minute of one is
//! nearly always that of the one before.

use super::account::Telling;
use super::level::Level;
use super::raw::COMMON_HEADER as LENGTH;
use super::stamp::{self, Millis};

/// A header, and what its record may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub at: Millis,
    pub level: Level,
    pub telling: Telling,
}

/// Reads headers one after the other.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    /// The last minute that was met (`2026-11-22T11:52`), and when it began.
    minute: [u8; 16],
    began: i64,
}

impl Headers {
    /// The header at the start of a line. None does not say that there is none:
    /// it may be written in another way, or its line may be part of a crash.
    #[inline]
    pub fn read(&mut self, line: &[u8]) -> Option<Header> {
        let (head, text) = line.split_first_chunk::<LENGTH>()?;
        let level = level(head)?;
        let within = within(head)?;
        if head[..16] != self.minute {
            self.turn_to(head, line, within)?;
        }
        let telling = Telling::of(text)?;
        Some(Header {
            at: Millis(self.began + within),
            level,
            telling: if level < Level::Warn {
                telling
            } else {
                Telling::Anything
            },
        })
    }

    /// Takes note of another minute.
    fn turn_to(&mut self, head: &[u8; LENGTH], line: &[u8], within: i64) -> Option<()> {
        let (Millis(at), end) = stamp::read(line)?;
        self.minute.copy_from_slice(&head[..16]);
        self.began = at - within;
        (end == 24).then_some(())
    }
}

#[inline]
fn level(head: &[u8; LENGTH]) -> Option<Level> {
    const TRACE: u64 = u64::from_le_bytes(*b"[TRACE] ");
    const DEBUG: u64 = u64::from_le_bytes(*b"[DEBUG] ");
    const INFO: u64 = u64::from_le_bytes(*b"[INFO]  ");
    const WARN: u64 = u64::from_le_bytes(*b"[WARN]  ");
    const ERROR: u64 = u64::from_le_bytes(*b"[ERROR] ");
    let bracket = head[25..].first_chunk()?;
    Some(match u64::from_le_bytes(*bracket) {
        TRACE => Level::Trace,
        DEBUG => Level::Debug,
        INFO => Level::Info,
        WARN => Level::Warn,
        ERROR => Level::Error,
        _ => return None,
    })
}

/// The milliseconds within the minute: `:08.653Z `.
#[inline]
fn within(head: &[u8; LENGTH]) -> Option<i64> {
    /// What digits and marks become zero by, digits their value.
    const ZERO: u64 = u64::from_le_bytes(*b":00.000Z");
    /// Lifts what is more than nine out of its four bits.
    const SIX: u64 = u64::from_le_bytes([0, 6, 6, 0, 6, 6, 6, 0]);
    const EMPTY: u64 = u64::from_le_bytes([0xff, 0xf0, 0xf0, 0xff, 0xf0, 0xf0, 0xf0, 0xff]);
    let text = u64::from_le_bytes(*head[16..].first_chunk()?);
    let digits = text ^ ZERO;
    let is_time = (digits | digits.wrapping_add(SIX)) & EMPTY == 0 && head[24] == b' ';
    let digit = |at: u32| (digits >> (8 * at) & 0xf) as u32;
    let seconds = digit(1) * 10_000 + digit(2) * 1000;
    let millis = seconds + digit(4) * 100 + digit(5) * 10 + digit(6);
    // A leap second is one more.
    (is_time && millis < 61_000).then_some(i64::from(millis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::line::Kind;

    #[test]
    fn what_it_reads_is_what_the_grammar_reads() {
        let mut headers = Headers::default();
        let mut read = 0;
        let others = [
            "2026-11-22T11:52:61.653Z [INFO]  x",
            "2026-11-22T11:52:60.653Z [INFO]  x",
            "2026-11-22T11:5x:08.653Z [INFO]  x",
            "2026-13-22T11:52:08.653Z [INFO]  x",
            "2026-11-22T11:52:0:.653Z [INFO]  x",
            "2026-11-22T11:52:08,653Z [INFO]  x",
            "2026-11-22T11:53:08.653Z [WARN]  x",
            "2026-11-22T11:53:08.653Z [LOUD]  x",
            "2026-11-22T11:53:08.653Z [INFO] ",
            "2026-11-22T11:53:08.653Z [INFO]  ",
            "2026-11-22T11:53:08.653Z [DEBUG] provider.terraform-provider-x: a.B(0x1)",
            "2026-11-22T11:53:08.653Z [DEBUG] provider.terraform-provider-x:",
            "2026-11-22T11:53:08.653Z [DEBUG] provider.terraform-provider-x",
            "2026-11-22T11:53:08.653Z [DEBUG] provider.terraform-provider-x: exit status 2",
            "2026-11-22T11:53:08.653Z [DEBUG] provider.terraform-provider-x: panic: x",
            "2026-11-22T11:53:08.653Z [DEBUG] provider: plugin exited",
        ];
        let samples = crate::log::format::samples().flat_map(str::lines);
        for line in samples.chain(others) {
            if let Some(header) = headers.read(line.as_bytes()) {
                let (at, level) = (Some(header.at), header.level);
                assert_eq!(
                    Kind::of(line.as_bytes()),
                    Kind::Header { at, level },
                    "{line}"
                );
                read += 1;
            }
        }
        assert!(read > 10, "{read}");
    }
}
