//! One record as a person reads it: a header line with its continuation lines,
//! taken apart, masked and safe to show. Decoded only for the records around
//! the view; everything else about a file comes from its index.

use std::fmt::Write as _;

use super::display;
use super::format;
use super::level::Level;
use super::mask;
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
        let kept = &bytes[..bytes.len().min(CAP)];
        let text = mask::mask(&display::safe(kept));
        Self {
            parts: format::read(&text),
            cut: length.saturating_sub(kept.len() as u64),
            text,
        }
    }

    /// When it was written, as the record itself says.
    pub fn time(&self) -> Option<jiff::Timestamp> {
        self.parts.at.and_then(Millis::timestamp)
    }

    /// The record on one row: its message, then its fields.
    pub fn summary(&self) -> String {
        let mut row = self.parts.message.clone();
        for field in &self.parts.fields {
            let value = field.value.lines().next().unwrap_or_default();
            // Writing to a String can't fail.
            let _ = write!(row, " {}={value}", field.name);
        }
        row
    }

    /// What unfolding shows beneath the first row: each field that takes more
    /// than one line, then the continuation lines.
    pub fn unfolded(&self) -> Vec<String> {
        let mut rows: Vec<String> = self.parts.fields.iter().flat_map(field_rows).collect();
        rows.extend(self.parts.body.iter().cloned());
        if self.cut > 0 {
            rows.push(format!("… {} more bytes in the file", self.cut));
        }
        rows
    }
}

fn field_rows(field: &Field) -> Vec<String> {
    if !field.value.contains('\n') {
        return vec![format!("{} = {}", field.name, field.value)];
    }
    std::iter::once(format!("{} =", field.name))
        .chain(field.value.lines().map(|line| format!("  {line}")))
        .collect()
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

    #[test]
    fn what_is_too_long_to_decode_is_counted() {
        let raw = vec![b'x'; CAP + 10];
        let record = Record::decode(&raw, 2_000_000);
        assert_eq!(record.cut, 2_000_000 - CAP as u64);
        assert!(record.unfolded().last().unwrap().contains("more bytes"));
    }

    #[test]
    fn a_row_shows_the_message_then_the_fields() {
        let raw = b"2026-11-22T11:52:08.653Z [DEBUG] provider: starting plugin: path=/bin/x args=[\"/bin/x\"]";
        let record = Record::decode(raw, raw.len() as u64);
        assert_eq!(
            record.summary(),
            "starting plugin path=/bin/x args=[\"/bin/x\"]"
        );
        assert_eq!(record.parts.source.word(), "provider");
    }
}
