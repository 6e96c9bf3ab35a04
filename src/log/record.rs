//! One record as a person reads it: a header line with its continuation lines,
//! taken apart, masked and safe to show. Decoded only for the records around
//! the view; everything else about a file comes from its index.

use super::display;
use super::format;
use super::level::Level;
use super::mask;
use super::prefix;
use super::stamp::Millis;

/// Who wrote a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Terraform itself.
    Core,
    /// A backend, by its short name (`s3`).
    Backend(String),
    /// A provider, by its short name (`aws`).
    Provider(String),
    /// A provisioner or the cloud integration, by its logger's name.
    Other(String),
    /// What a run prints for people or, with `-json`, for machines.
    Run,
}

impl Source {
    /// The word for a narrow column.
    pub fn word(&self) -> &str {
        match self {
            Self::Core => "core",
            Self::Backend(name) | Self::Provider(name) | Self::Other(name) => name,
            Self::Run => "run",
        }
    }
}

/// A named value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub value: String,
}

/// What a format makes of a record's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub at: Option<Millis>,
    pub level: Level,
    pub source: Source,
    pub message: String,
    pub fields: Vec<Field>,
    /// The lines after the first, as they stand in the log.
    pub body: Vec<String>,
}

/// A record ready to show. Secrets are masked and no control character is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub parts: Parts,
    /// The whole text, masked: what a copy gives.
    pub text: String,
    /// How many bytes of the record were too long to be decoded.
    pub cut: u64,
}

/// How many bytes of one record are decoded at most.
pub const CAP: usize = 64 * 1024;

impl Record {
    /// Decodes a record from its first bytes; `length` is that of all of it.
    pub fn decode(bytes: &[u8], length: u64) -> Self {
        Self::shown(bytes, length, mask::mask)
    }

    /// The same with its secrets, for who asked to see them.
    pub fn revealed(bytes: &[u8], length: u64) -> Self {
        Self::shown(bytes, length, str::to_owned)
    }

    fn shown(bytes: &[u8], length: u64, mask: fn(&str) -> String) -> Self {
        let kept = &bytes[..bytes.len().min(CAP)];
        let bare = prefix::bare(kept);
        let text = mask(&display::safe(&bare.text));
        let mut parts = format::read(&text);
        if parts.at.is_none() {
            parts.fields.extend(bare.clock.map(clock));
            parts.at = bare.at;
        }
        Self {
            parts,
            cut: length.saturating_sub(kept.len() as u64),
            text,
        }
    }

    /// When it was written, as the record itself says.
    pub fn time(&self) -> Option<jiff::Timestamp> {
        self.parts.at.and_then(Millis::timestamp)
    }

    /// Whether anything of it is masked.
    pub fn is_masked(&self) -> bool {
        self.text.contains(mask::MASK)
    }

    /// How many lines of the record its first row does not show.
    pub fn lines_below(&self) -> usize {
        let of_values = self.parts.fields.iter().map(|field| &field.value);
        let of_values = of_values.filter(|value| value.contains('\n'));
        of_values.map(|value| value.lines().count()).sum::<usize>() + self.parts.body.len()
    }
}

/// The time of day at which a CI took in a record that has no time of its own.
fn clock(clock: &[u8]) -> Field {
    Field {
        name: "clock".to_owned(),
        value: display::safe(clock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_decoded_masked_and_free_of_control_characters() {
        let raw = b"2026-11-22T11:52:08.653Z [WARN]  odd \x1b[31mred\x1b[0m bell\x07: password=hunter2 n=1\r\n more";
        let record = Record::decode(raw, raw.len() as u64);
        assert_eq!(record.parts.level, Level::Warn);
        assert!(!record.text.contains("hunter2"));
        assert!(!record.text.chars().any(|c| c.is_control() && c != '\n'));
        assert_eq!(record.parts.body, [" more"]);
    }

    fn decoded(raw: &str) -> Record {
        Record::decode(raw.as_bytes(), raw.len() as u64)
    }

    #[test]
    fn a_record_in_a_ci_job_reads_as_it_does_in_a_file() {
        let raw =
            "2026-11-22T11:52:08.653Z [WARN]  provider: got: n=1\n  password=\n  | hunter2\n   x=1";
        let prefixed = |prefix: &str| {
            let lines = raw.lines().map(|line| format!("{prefix}{line}"));
            decoded(&lines.collect::<Vec<_>>().join("\n"))
        };
        for prefix in [
            "2026-11-22T11:52:09.6531234Z ",
            "2026-11-22T11:52:09.653123Z 00O ",
            "[2026-11-22T11:52:09.653Z] ",
            "11:52:09  ",
        ] {
            assert_eq!(prefixed(prefix), decoded(raw), "{prefix}");
        }
    }

    #[test]
    fn run_output_in_a_ci_job_has_its_time() {
        let record = decoded("2026-11-22T11:52:08.6531234Z \u{1b}[1mPlan:\u{1b}[0m 1 to add");
        assert_eq!(record.parts.message, "Plan: 1 to add");
        assert_eq!(record.time(), "2026-11-22T11:52:08.653Z".parse().ok());
        let record = decoded("11:52:08  Plan: 1 to add");
        assert_eq!(record.parts.fields[0].value, "11:52:08");
    }

    #[test]
    fn a_revealed_record_keeps_its_secret_and_is_still_safe_to_show() {
        let raw = b"2026-11-22T11:52:08.653Z [WARN]  odd \x1b[31mred: password=hunter2";
        let record = Record::revealed(raw, raw.len() as u64);
        assert!(record.text.contains("hunter2") && !record.text.contains('\x1b'));
    }

    #[test]
    fn what_is_too_long_to_decode_is_counted() {
        let raw = vec![b'x'; CAP + 10];
        let record = Record::decode(&raw, 2_000_000);
        assert_eq!(record.cut, 2_000_000 - CAP as u64);
    }

    #[test]
    fn the_lines_that_a_row_does_not_show_are_counted() {
        let raw = b"2026-11-22T11:52:08.653Z [DEBUG] provider: got: n=1\n  body=\n  | a\n  | b\n   x=1\n more";
        let record = Record::decode(raw, raw.len() as u64);
        assert_eq!(record.lines_below(), 3);
        assert_eq!(record.parts.source.word(), "provider");
    }
}
