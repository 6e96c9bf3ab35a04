//! What one line is to the record that it stands in, judged by its first
//! bytes alone. A line without a header continues the record before it; this
//! file is the only place that decides what a header is.

use std::num::NonZeroU16;

use super::display;
use super::format::{crash, hclog, hclog_json, plain};
use super::level::Level;
use super::prefix;
use super::stamp::Millis;

/// How far into a line the judgment looks. A JSON line carries its time after
/// its message, so this is generous; what comes later can't change the kind.
pub const REACH: usize = 64 * 1024;

/// Whether a line that begins with this byte continues a record, whatever
/// follows: most lines of a log are told so at their first byte. An empty line
/// begins with its newline.
pub const fn continues(first: u8) -> bool {
    matches!(first, b' ' | b'\t' | b'\r' | b'\n')
}

/// What a line is. `at` is the line's own time, else that of its CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A header of a text log: always begins a record.
    Header { at: Option<Millis>, level: Level },
    /// An object of a JSON log: always begins a record, and never has a
    /// continuation, because its line breaks are escaped.
    Object { at: Option<Millis>, level: Level },
    /// A line of run output that is unmistakable: begins a record anywhere.
    Milestone { at: Option<Millis>, level: Level },
    /// A milestone that unindented lines explain: an error or warning without a frame.
    Diagnostic { at: Option<Millis>, level: Level },
    /// An error or a warning in its frame: begins a record, unless it is what
    /// the error that the frame is about quotes.
    Framed { at: Option<Millis>, level: Level },
    /// The upper or the lower edge of a frame: continues the record, and what
    /// stands in the frame ends with it.
    Frame,
    /// The banner of a crash or the panic beneath it: they are one record.
    Crash { at: Option<Millis>, medium: Medium },
    /// A line of a goroutine dump: continues the crash before it.
    Dump { at: Option<Millis>, medium: Medium },
    /// Where a key or certificate begins or ends. Its lines are one record, so
    /// that a key is masked as the whole that it is.
    Armor { at: Option<Millis>, edge: Edge },
    /// An unindented line: begins a record in a file where no text header came
    /// before it (plain run output), and continues one otherwise.
    Loose { at: Option<Millis> },
    /// Blank, indented or framed: continues the record.
    Continuation,
}

/// How a line of a crash came: as it is, or through a provider's logger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Output,
    Text(Level, Plugin),
    Object(Level, Plugin),
}

/// A plugin by a number for its logger's name: those of one log hardly ever share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plugin(NonZeroU16);

impl Plugin {
    fn named(name: &[u8]) -> Self {
        let mix = |sum: u16, byte: &u8| sum.wrapping_mul(31).wrapping_add(u16::from(*byte));
        let number = name.iter().fold(0, mix);
        Self(NonZeroU16::MIN.saturating_add(number))
    }
}

/// An end of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Begin,
    End,
}

impl Kind {
    /// Judges a line without its newline.
    pub fn of(line: &[u8]) -> Self {
        let line = &line[..line.len().min(REACH)];
        // What a Windows line ends with is no part of what it says.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = &line[display::sequences(line)..];
        match line.first() {
            None | Some(b' ' | b'\t' | b'\r') => return Self::Continuation,
            Some(b'0'..=b'9') => {
                if let Some(header) = hclog::header(line) {
                    return Self::header(line, &header);
                }
            }
            Some(_) => {}
        }
        match prefix::read(line) {
            Some(prefix) if prefix.joins() => Self::Continuation,
            Some(prefix) => {
                let own = &line[prefix.length..];
                Self::without_prefix(&own[display::sequences(own)..], prefix.at)
            }
            None => Self::without_prefix(line, None),
        }
    }

    fn without_prefix(line: &[u8], at: Option<Millis>) -> Self {
        match line.first() {
            Some(b'0'..=b'9') => {
                let header = hclog::header(line);
                header.map_or(Self::Loose { at }, |header| Self::header(line, &header))
            }
            Some(b'{') => Self::object(line).unwrap_or(Self::Loose { at }),
            None | Some(b' ' | b'\t' | b'\r') => Self::Continuation,
            Some(_) => plain::kind(line, at),
        }
    }

    fn header(line: &[u8], header: &hclog::Header) -> Self {
        let (at, level) = (Some(header.at), header.level);
        let told = line.get(header.rest..).and_then(crash::told);
        let of_crash = told.and_then(|(name, said)| {
            let medium = Medium::Text(level, Plugin::named(name));
            Self::of_crash(said, at, medium)
        });
        of_crash.unwrap_or(Self::Header { at, level })
    }

    fn object(line: &[u8]) -> Option<Self> {
        let (at, level) = hclog_json::header(line)?;
        let told = hclog_json::said_by_a_provider(line);
        let of_crash = told.and_then(|(name, said)| {
            let medium = Medium::Object(level, Plugin::named(name));
            Self::of_crash(said, at, medium)
        });
        Some(of_crash.unwrap_or(Self::Object { at, level }))
    }

    /// What a provider says, where it is of a crash.
    fn of_crash(said: &[u8], at: Option<Millis>, medium: Medium) -> Option<Self> {
        if crash::announces(said) {
            return Some(Self::Crash { at, medium });
        }
        crash::is_dumped(said).then_some(Self::Dump { at, medium })
    }

    /// Whether what comes after this line is judged the same whatever came
    /// before it.
    pub fn decides(self) -> bool {
        matches!(self, Self::Header { at: Some(_), .. })
    }

    pub(super) fn at(self) -> Option<Millis> {
        match self {
            Self::Header { at, .. }
            | Self::Object { at, .. }
            | Self::Milestone { at, .. }
            | Self::Diagnostic { at, .. }
            | Self::Framed { at, .. }
            | Self::Crash { at, .. }
            | Self::Dump { at, .. }
            | Self::Armor { at, .. }
            | Self::Loose { at } => at,
            Self::Frame | Self::Continuation => None,
        }
    }
}

impl Medium {
    pub(super) fn level(self) -> Option<Level> {
        match self {
            Self::Output => None,
            Self::Text(level, _) | Self::Object(level, _) => Some(level),
        }
    }

    pub(super) fn plugin(self) -> Option<Plugin> {
        match self {
            Self::Output => None,
            Self::Text(_, plugin) | Self::Object(_, plugin) => Some(plugin),
        }
    }
}
