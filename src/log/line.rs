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

    fn at(self) -> Option<Millis> {
        match self {
            Self::Header { at, .. }
            | Self::Object { at, .. }
            | Self::Milestone { at, .. }
            | Self::Diagnostic { at, .. }
            | Self::Crash { at, .. }
            | Self::Dump { at, .. }
            | Self::Armor { at, .. }
            | Self::Loose { at } => at,
            Self::Continuation => None,
        }
    }
}

impl Medium {
    fn level(self) -> Option<Level> {
        match self {
            Self::Output => None,
            Self::Text(level, _) | Self::Object(level, _) => Some(level),
        }
    }

    fn plugin(self) -> Option<Plugin> {
        match self {
            Self::Output => None,
            Self::Text(_, plugin) | Self::Object(_, plugin) => Some(plugin),
        }
    }

    fn seen(self) -> Seen {
        match self {
            Self::Output | Self::Object(..) => Seen::Lines,
            Self::Text(..) => Seen::Header,
        }
    }
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
    story: Story,
    dated: bool,
}

/// What has come before the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Seen {
    #[default]
    Nothing,
    Lines,
    /// A header of a text log: from here on an unindented line continues.
    Header,
}

/// What the record at hand tells, which decides what continues it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Story {
    #[default]
    Other,
    Diagnostic,
    /// A crash up to its goroutines, and the plugin whose it is.
    Crash(Option<Plugin>),
    Dump,
    Armor,
}

impl Story {
    /// Whether a line that announces a crash belongs to the one that is told:
    /// a banner and its panic do, the panics of two plugins do not.
    fn goes_on_in(self, medium: Medium) -> bool {
        match (self, medium.plugin()) {
            (Self::Crash(Some(one)), Some(other)) => one == other,
            (Self::Crash(_), _) => true,
            _ => false,
        }
    }
}

impl Opening {
    /// In the middle of a file, at a line that is known to begin a record.
    pub const fn at_a_record() -> Self {
        Self {
            seen: Seen::Nothing,
            story: Story::Other,
            dated: false,
        }
    }

    /// In the middle of a file without text headers.
    #[must_use]
    pub const fn between_lines(self) -> Self {
        Self {
            seen: Seen::Lines,
            ..self
        }
    }

    /// As [`Opening::at_a_record`], in a file that had a text header before.
    pub const fn after_a_header() -> Self {
        Self {
            seen: Seen::Header,
            story: Story::Other,
            dated: true,
        }
    }

    /// The same file between two records that tell nothing special.
    #[must_use]
    pub const fn between_records(self) -> Self {
        Self {
            story: Story::Other,
            ..self
        }
    }

    /// Whether a header of a text log has come.
    pub fn has_header(self) -> bool {
        self.seen == Seen::Header
    }

    /// Whether the lines themselves say when they were written.
    pub fn is_dated(self) -> bool {
        self.dated
    }

    /// The level and time with which this line begins a record, if it does.
    pub fn judge(&mut self, kind: Kind) -> Option<Opened> {
        let first = self.seen == Seen::Nothing;
        let at = kind.at();
        self.dated |= at.is_some();
        let (level, seen, story) = self.after(kind);
        self.seen = self.seen.max(seen);
        self.story = story;
        let level = level.or(first.then_some(Level::Info))?;
        Some((at, level))
    }

    /// The level of the record that the line begins, and what is then to be remembered.
    fn after(self, kind: Kind) -> (Option<Level>, Seen, Story) {
        match kind {
            Kind::Header { level, .. } => (Some(level), Seen::Header, Story::Other),
            Kind::Object { level, .. } | Kind::Milestone { level, .. } => {
                (Some(level), Seen::Lines, Story::Other)
            }
            Kind::Diagnostic { level, .. } => (Some(level), Seen::Lines, Story::Diagnostic),
            Kind::Crash { medium, .. } if self.story.goes_on_in(medium) => {
                (None, Seen::Lines, self.story)
            }
            Kind::Crash { medium, .. } => {
                let story = Story::Crash(medium.plugin());
                (Some(Level::Error), medium.seen(), story)
            }
            Kind::Dump { .. } if matches!(self.story, Story::Crash(_) | Story::Dump) => {
                (None, Seen::Lines, Story::Dump)
            }
            Kind::Dump { medium, .. } => match medium.level() {
                Some(level) => (Some(level), medium.seen(), Story::Dump),
                None => self.after_loose(),
            },
            Kind::Armor { edge, .. } => self.after_armor(edge),
            Kind::Loose { .. } => self.after_loose(),
            Kind::Continuation => (None, Seen::Lines, self.story),
        }
    }

    fn after_armor(self, edge: Edge) -> (Option<Level>, Seen, Story) {
        let (level, seen, story) = self.after_loose();
        match edge {
            _ if self.seen == Seen::Header => (level, seen, story),
            Edge::Begin => (level, seen, Story::Armor),
            Edge::End => (None, seen, Story::Other),
        }
    }

    fn after_loose(self) -> (Option<Level>, Seen, Story) {
        let continues = matches!(
            self.story,
            Story::Diagnostic | Story::Crash(_) | Story::Armor
        );
        if continues || self.seen == Seen::Header {
            return (None, Seen::Lines, self.story);
        }
        (Some(Level::Info), Seen::Lines, Story::Other)
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
    fn a_prefix_of_the_ci_hides_no_header_and_no_continuation() {
        for prefix in [
            "2026-11-22T11:52:09.6531234Z ",
            "[2026-11-22T11:52:09.653Z] ",
            "11:52:09  ",
        ] {
            let lines = [
                "2026-11-22T11:52:08.653Z [WARN]  a",
                "  | value",
                "{\"@level\":\"info\",\"@timestamp\":\"2026-11-22T11:52:08.653Z\"}",
                "Error: no",
            ];
            let with = lines.map(|line| Kind::of(format!("{prefix}{line}").as_bytes()));
            let without = lines.map(|line| Kind::of(line.as_bytes()));
            assert_eq!(with[..3], without[..3]);
            assert!(matches!(
                with[3],
                Kind::Diagnostic {
                    level: Level::Error,
                    ..
                }
            ));
        }
    }

    #[test]
    fn run_output_has_the_times_of_its_ci() {
        let mut opening = Opening::default();
        let line = b"2026-11-22T11:52:08.6531234Z Initializing...";
        let (at, level) = opening.judge(Kind::of(line)).unwrap();
        assert_eq!(at, crate::log::stamp::read(line).map(|(at, _)| at));
        assert_eq!(level, Level::Info);
        assert!(opening.is_dated());
    }

    #[test]
    fn what_is_no_json_is_a_record_of_its_own_in_a_json_log() {
        let object = r#"{"@level":"info","@message":"a","@timestamp":"2026-11-22T11:52:08.653Z"}"#;
        let text = format!("{object}\nnot json\n  more\n{object}\n{{cut off");
        assert_eq!(judged(&text), [true, true, false, true, true]);
    }

    #[test]
    fn an_error_without_a_frame_has_its_explanation() {
        let text =
            "Error: no\n\nLong text\nthat goes on.\nError: again\nwhy\nPlan: 1 to add\nloose";
        assert_eq!(
            judged(text),
            [true, false, false, false, true, false, true, true]
        );
    }

    #[test]
    fn a_key_in_run_output_is_one_record() {
        let text = "key = <<EOT\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----\n\nEOT\nb";
        assert_eq!(
            judged(text),
            [true, true, false, false, false, false, true, true]
        );
    }

    #[test]
    fn a_crash_of_terraform_is_one_record() {
        let banner = "!!!!!!!!!!!!!!!!!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!";
        let text = format!(
            "a.b: Creating...\n\n{banner}\n\nTerraform crashed! This is always a bug.\n\n{banner}\n\n\
             panic: no\n\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:1 +0x1\nexit status 11\nnext step"
        );
        let begins = judged(&text).into_iter().enumerate();
        let begins: Vec<usize> = begins
            .filter(|(_, begins)| *begins)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(begins, [0, 2, 14]);
    }

    #[test]
    fn a_crash_of_a_provider_is_one_record_though_each_line_has_a_header() {
        let said = [
            "configuring",
            "panic: runtime error: index out of range [3] with length 3",
            "[signal SIGSEGV: segmentation violation]",
            "",
            "goroutine 90 [running]:",
            "example.test/p.(*T).Read(0xc000, 0x1)",
            "\t/p/t.go:412 +0x1d",
            "created by grpc.(*Server).serve in goroutine 12",
        ];
        let line = |said: &&str| {
            format!("2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x: {said}\n")
        };
        let mut text: String = said.iter().map(line).collect();
        text += "2026-11-22T11:52:08.653Z [DEBUG] provider.stdio: received EOF\n";
        text += &line(&"goroutine 91 [select]:");
        let begins = [
            true, true, false, false, false, false, false, false, true, true,
        ];
        assert_eq!(judged(&text), begins);
        let object = |said: &&str| {
            format!(
                "{{\"@level\":\"error\",\"@message\":{},\"@module\":\"provider.terraform-provider-x\"}}\n",
                serde_json::json!(said)
            )
        };
        let text: String = said.iter().map(object).collect();
        assert_eq!(judged(&text), begins[..8]);
    }

    #[test]
    fn the_panics_of_two_plugins_are_two_records_however_close_they_come() {
        let lines = [
            "x: panic: a",
            "x: fatal error: a",
            "y: panic: b",
            "y: goroutine 1 [running]:",
        ];
        let line = |said: &&str| {
            format!("2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-{said}\n")
        };
        let text: String = lines.iter().map(line).collect();
        assert_eq!(judged(&text), [true, false, true, false]);
        let object = |said: &&str| {
            let (name, said) = said.split_once(": ").unwrap();
            format!(
                "{{\"@level\":\"error\",\"@message\":\"{said}\",\"@module\":\"provider.terraform-provider-{name}\"}}\n"
            )
        };
        let text: String = lines.iter().map(object).collect();
        assert_eq!(judged(&text), [true, false, true, false]);
    }

    #[test]
    fn the_line_ends_of_windows_change_no_kind() {
        for said in [
            "",
            ": panic: no",
            ": goroutine 90 [running]:",
            ": main.main()",
            ": x",
        ] {
            let line =
                format!("2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x{said}");
            let ended = format!("{line}\r");
            assert_eq!(
                Kind::of(ended.as_bytes()),
                Kind::of(line.as_bytes()),
                "{line}"
            );
        }
    }

    #[test]
    fn a_panic_is_an_error_though_it_came_at_debug() {
        let line = b"2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-x: panic: no";
        let opened = Opening::default().judge(Kind::of(line));
        assert_eq!(opened.map(|(_, level)| level), Some(Level::Error));
    }

    #[test]
    fn the_first_line_begins_a_record_whatever_it_is() {
        assert_eq!(judged("  | half a value\n  | more"), [true, false]);
    }

    #[test]
    fn what_a_provisioner_prints_stands_alone_and_breaks_no_record() {
        let text = "2026-11-22T11:52:08.653Z [DEBUG] a:\n  body=\n  | x\n\
            terraform_data.a[\"k (b): c\"] (local-exec): hello\n\
            module.m.null_resource.b (remote-exec): 2026-11-22T11:52:08.653Z [ERROR] no error\n\
            2026-11-22T11:52:08.653Z [DEBUG] b:\n  | y\nprose of (some): kind";
        let begins = [true, false, false, true, true, true, false, false];
        assert_eq!(judged(text), begins);
        let levels = text
            .lines()
            .filter_map(|line| match Kind::of(line.as_bytes()) {
                Kind::Milestone { level, .. } => Some(level),
                _ => None,
            });
        assert!(levels.eq([Level::Info, Level::Info]));
    }

    #[test]
    fn of_two_providers_that_crash_at_once_each_panic_is_a_record_and_no_other_line() {
        let said = |name: &str, text: &str| {
            format!("2026-11-22T11:52:08.653Z [DEBUG] provider.terraform-provider-{name}: {text}\n")
        };
        let text = said("a", "panic: one")
            + &said("b", "panic: two")
            + &said("a", "")
            + &said("a", "goroutine 90 [running]:")
            + &said("b", "goroutine 7 [running]:")
            + &said("a", "main.main()")
            + &said("b", "example.test/p.(*T).Read(0xc000, 0x1)")
            + &said("b", "\t/p/t.go:412 +0x1d")
            + &said("a", "done");
        let begins = [true, true, false, false, false, false, false, false, true];
        assert_eq!(judged(&text), begins);
    }

    #[test]
    fn an_error_of_the_run_is_a_record_among_debug_records() {
        let text = "2026-11-22T11:52:08.653Z [INFO]  a\nloose\nError: no\nwhy";
        assert_eq!(judged(text), [true, false, true, false]);
    }
}
