//! Which lines begin a record, judged line by line and in order: what a line
//! is decides it, with the little that has to be remembered of those before.

use super::level::Level;
use super::line::{Edge, Kind, Medium, Plugin};
use super::stamp::Millis;

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

impl Seen {
    /// What has come with a line of a crash.
    fn by(medium: Medium) -> Self {
        match medium {
            Medium::Output | Medium::Object(..) => Self::Lines,
            Medium::Text(..) => Self::Header,
        }
    }
}

/// What the record at hand tells, which decides what continues it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Story {
    #[default]
    Other,
    Diagnostic,
    /// A diagnostic whose frame is open.
    Framed,
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
            Kind::Framed { .. } if self.story == Story::Framed => (None, Seen::Lines, self.story),
            Kind::Framed { level, .. } => (Some(level), Seen::Lines, Story::Framed),
            Kind::Frame if self.story == Story::Framed => (None, Seen::Lines, Story::Other),
            Kind::Crash { medium, .. } if self.story.goes_on_in(medium) => {
                (None, Seen::Lines, self.story)
            }
            Kind::Crash { medium, .. } => {
                let story = Story::Crash(medium.plugin());
                (Some(Level::Error), Seen::by(medium), story)
            }
            Kind::Dump { .. } if matches!(self.story, Story::Crash(_) | Story::Dump) => {
                (None, Seen::Lines, Story::Dump)
            }
            Kind::Dump { medium, .. } => match medium.level() {
                Some(level) => (Some(level), Seen::by(medium), Story::Dump),
                None => self.after_loose(),
            },
            Kind::Armor { edge, .. } => self.after_armor(edge),
            Kind::Loose { .. } => self.after_loose(),
            Kind::Frame | Kind::Continuation => (None, Seen::Lines, self.story),
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
    fn what_an_error_quotes_in_its_frame_is_no_error_of_its_own() {
        let text = "a.b: Creating...\n╷\n│ Error: local-exec provisioner error\n│ \n│ Output:\n│ Error: Saved plan is stale\n│ \n╵\n╷\n│ Error: again\n╵\n│ Error: and again\nloose\n│ Warning: last";
        let begins = judged(text).into_iter().enumerate();
        let begins = begins.filter(|(_, begins)| *begins).map(|(at, _)| at);
        assert_eq!(begins.collect::<Vec<_>>(), [0, 2, 9, 11, 12, 13]);
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
