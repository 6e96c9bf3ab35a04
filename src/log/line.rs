//! What one line is to the record that it stands in, judged by its first
//! bytes alone. A line without a header continues the record before it; this
//! file is the only place that decides what a header is.

use super::format::{hclog, hclog_json, plain};
use super::level::Level;
use super::stamp::Millis;

/// How far into a line the judgment looks. A JSON line carries its time after
/// its message, so this is generous; what comes later can't change the kind.
pub const REACH: usize = 64 * 1024;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A header of a debug log (text or JSON): always begins a record.
    Header { at: Option<Millis>, level: Level },
    /// A line of run output that is unmistakable: begins a record anywhere.
    Milestone { level: Level },
    /// An unindented line: begins a record in a file where no header came
    /// before it (plain run output), and continues one otherwise.
    Loose,
    /// Blank, indented or framed: continues the record.
    Continuation,
}

impl Kind {
    /// Judges a line without its newline.
    pub fn of(line: &[u8]) -> Self {
        let line = after_colors(&line[..line.len().min(REACH)]);
        match line.first() {
            Some(b'0'..=b'9') => hclog::header(line).map_or(Self::Loose, |header| Self::Header {
                at: Some(header.at),
                level: header.level,
            }),
            Some(b'{') => hclog_json::header(line)
                .map_or(Self::Loose, |(at, level)| Self::Header { at, level }),
            None | Some(b' ' | b'\t' | b'\r') => Self::Continuation,
            Some(_) => plain::kind(line),
        }
    }
}

/// A line after the color codes that it begins with. Where run output and log
/// share a terminal, the reset of a colored line ends up before the next header.
pub(super) fn after_colors(mut line: &[u8]) -> &[u8] {
    while let Some(code) = line.strip_prefix(b"\x1b[") {
        let length = code
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b';')
            .count();
        match code.get(length) {
            Some(b'm') => line = &code[length + 1..],
            _ => return line,
        }
    }
    line
}

/// The time and level with which a line begins a record.
pub type Opened = (Option<Millis>, Level);

/// Tells, line by line and in order, which lines begin a record.
///
/// The very first line begins one whatever it is, so that every byte of a
/// file belongs to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    seen: Seen,
}

/// What has come before the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Seen {
    #[default]
    Nothing,
    Lines,
    Header,
}

impl Opening {
    /// In the middle of a file, at a line that is known to begin a record.
    pub const fn at_a_record() -> Self {
        Self {
            seen: Seen::Nothing,
        }
    }

    /// As [`Opening::at_a_record`], in a file that had a header before.
    pub const fn after_a_header() -> Self {
        Self { seen: Seen::Header }
    }

    /// Whether a debug log's header has come.
    pub fn has_header(self) -> bool {
        self.seen == Seen::Header
    }

    /// The level and time with which this line begins a record, if it does.
    pub fn judge(&mut self, kind: Kind) -> Option<Opened> {
        let before = self.seen;
        self.seen = match kind {
            Kind::Header { .. } => Seen::Header,
            Kind::Milestone { .. } | Kind::Loose | Kind::Continuation => before.max(Seen::Lines),
        };
        match kind {
            Kind::Header { at, level } => Some((at, level)),
            Kind::Milestone { level } => Some((None, level)),
            Kind::Loose => (before != Seen::Header).then_some((None, Level::Info)),
            Kind::Continuation => (before == Seen::Nothing).then_some((None, Level::Info)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Vec<bool> {
        let mut opening = Opening::default();
        let judge = |line: &str| opening.judge(Kind::of(line.as_bytes())).is_some();
        text.lines().map(judge).collect()
    }

    #[test]
    fn a_line_without_a_header_continues_the_record() {
        let text =
            "2026-11-22T11:52:08.653Z [INFO]  a\nb\n c\n\n2026-11-22T11:52:08.653Z [INFO]  d";
        assert_eq!(judged(text), [true, false, false, false, true]);
    }

    #[test]
    fn run_output_without_a_log_has_a_record_for_every_unindented_line() {
        let text = "Initializing the backend...\n  details\nDone.\n}";
        assert_eq!(judged(text), [true, false, true, false]);
    }

    #[test]
    fn a_color_reset_before_a_header_does_not_hide_it() {
        let text = "a\n\u{1b}[0m\u{1b}[1;31m2026-11-22T11:52:08.653Z [INFO]  b";
        assert_eq!(judged(text), [true, true]);
    }

    #[test]
    fn the_first_line_begins_a_record_whatever_it_is() {
        assert_eq!(judged("  | half a value\n  | more"), [true, false]);
    }

    #[test]
    fn an_error_of_the_run_is_a_record_among_debug_records() {
        let text = "2026-11-22T11:52:08.653Z [INFO]  a\nloose\nError: no\nwhy";
        assert_eq!(judged(text), [true, false, true, false]);
    }
}
