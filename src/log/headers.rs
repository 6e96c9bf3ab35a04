//! The common header of a text log (`2026-11-22T11:52:08.653Z [DEBUG] `), read
//! in a few comparisons: in UTC, to the millisecond, at its usual place. The
//! records of a log follow each other closely, so that the minute of one is
//! nearly always that of the one before.

use super::account::is_silent;
use super::format::crash;
use super::lanes;
use super::level::Level;
use super::stamp::{self, Millis};

/// A header, and whether its record is known to tell nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub at: Millis,
    pub level: Level,
    pub is_silent: bool,
}

/// Reads headers one after the other.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    /// The last minute that was met (`2026-11-22T11:52`), and when it began.
    minute: [u8; 16],
    began: i64,
}

/// How long a header is.
const LENGTH: usize = 33;

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
        let is_silent = match text.first() {
            // The waiting of the graph's walk.
            Some(b'd') => true,
            Some(b'p' | b'b' | b'u' | b'c') => {
                let message = after_the_name(text);
                if crash::may_be_told(text, message) {
                    return None;
                }
                is_silent(text, message)
            }
            _ => is_silent(text, None),
        };
        Some(Header {
            at: Millis(self.began + within),
            level,
            is_silent: is_silent && level < Level::Warn,
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

/// What a logger says whose name is at the start of this text, if it is a name.
#[inline]
fn after_the_name(text: &[u8]) -> Option<&[u8]> {
    /// No name is longer.
    const REACH: usize = 256;
    let colon = lanes::find(&text[..text.len().min(REACH)], b':')?;
    text.get(colon + 2..)
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
    let digit = |at: usize| u32::from(head[at].wrapping_sub(b'0'));
    let seconds = digit(17) * 10 + digit(18);
    let millis = digit(20) * 100 + digit(21) * 10 + digit(22);
    let highest = digit(17).max(digit(18)).max(digit(20));
    let highest = highest.max(digit(21)).max(digit(22));
    let marks = [head[16], head[19], head[23], head[24]] == *b":.Z ";
    // A leap second is one more.
    (marks && highest <= 9 && seconds <= 60).then(|| i64::from(seconds * 1000 + millis))
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
