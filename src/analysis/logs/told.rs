//! A report as the rules read it: its words in one line without the frame and
//! the configuration that a diagnostic quotes, and where it points.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Logged, Place, Report, SAID};
use crate::log::{Category, Field, Level, Source, is_own, without_name};

/// A pattern of our own. None is broken: the rules' tests would see it.
pub type Pattern = LazyLock<Option<Regex>>;

pub const fn pattern(made: fn() -> Option<Regex>) -> Pattern {
    LazyLock::new(made)
}

/// The first match of a pattern.
pub fn caught<'t>(pattern: &Pattern, text: &'t str) -> Option<Captures<'t>> {
    pattern.as_ref()?.captures(text)
}

/// The text of a group of the first match.
pub fn group<'t>(pattern: &Pattern, text: &'t str, number: usize) -> Option<&'t str> {
    Some(caught(pattern, text)?.get(number)?.as_str())
}

/// The fields that say what went wrong.
const TELLING: [&str; 5] = [
    "diagnostic_summary",
    "diagnostic_detail",
    "error",
    "err",
    "http.response.body",
];

/// A report with its words.
#[derive(Debug)]
pub struct Told<'a> {
    pub log: &'a Logged<'a>,
    pub report: &'a Report,
    /// Everything that it says, in one line.
    pub words: String,
    /// The same without the names that somebody gave to what it happened to.
    pub trouble: String,
    /// Its summary alone: what a diagnostic says before its first empty line.
    pub summary: String,
}

impl<'a> Told<'a> {
    pub fn of(log: &'a Logged<'a>, report: &'a Report) -> Self {
        let parts = &report.record.parts;
        let body: Vec<&str> = parts.body.iter().map(|line| bare(line)).collect();
        let head = body.iter().take_while(|line| !line.is_empty());
        let head = head.filter(|line| !is_place(line));
        let summary = std::iter::once(&parts.message.as_str())
            .chain(head)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let fields = TELLING.iter().filter_map(|name| field(&parts.fields, name));
        let body = body
            .iter()
            .filter(|line| !is_quoted(line) && !is_place(line));
        let words = std::iter::once(parts.message.as_str())
            .chain(fields)
            .chain(body.copied());
        let words: Vec<&str> = words.flat_map(str::split_whitespace).collect();
        let words = words.join(" ");
        let failure = vertex(&words).map_or(&*words, |(_, failure)| failure);
        let failure = failure.strip_prefix("Error: ").unwrap_or(failure);
        Self {
            log,
            report,
            trouble: without_name(failure).into_owned(),
            words,
            summary: one_line(&summary),
        }
    }

    pub fn category(&self) -> Category {
        self.report.category
    }

    /// Whether any of these texts is in its words; a name that somebody gave is none of them.
    pub fn says(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.trouble.contains(text))
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.report.record.parts.fields, name)
    }

    /// Whether a user wrote what it says, or a user's own command did: nobody else means it.
    pub fn is_own(&self) -> bool {
        is_own(&self.trouble)
    }

    /// Whether it ended something, and is not one answer of many that may be asked again.
    pub fn is_final(&self) -> bool {
        self.report.record.parts.level == Level::Error || self.is_printed()
    }

    /// Whether it decided something. What a provider is answered may be asked again, or be
    /// gone on without; what the backend is refused ends its run, and no log says so again
    /// but for the listing of workspaces, of which there are then only those that are named.
    pub fn is_decisive(&self) -> bool {
        let by_backend = matches!(self.report.record.parts.source, Source::Backend(_));
        let tolerated = self.field("tf_backend.workspace-prefix") == Some("env:/");
        self.is_final() || by_backend && !tolerated
    }

    /// Whether a run printed it for people or as an event.
    pub fn is_printed(&self) -> bool {
        self.report.record.parts.source == Source::Run
    }

    /// What was asked of which service: `S3`, `PutObject`.
    pub fn call(&self) -> Option<(String, String)> {
        static OPERATION: Pattern =
            pattern(|| Regex::new(r"operation error ([\w ]+?): (\w+)").ok());
        if let Some(found) = caught(&OPERATION, &self.words) {
            return Some((found[1].to_owned(), found[2].to_owned()));
        }
        let service = self.field("rpc.service")?;
        Some((service.to_owned(), self.field("rpc.method")?.to_owned()))
    }

    /// The address of the resource that it is about.
    pub fn address(&self) -> Option<String> {
        let parts = &self.report.record.parts;
        if let Some((name, _)) = vertex(&parts.message) {
            return Some(name.replace("\\\"", "\""));
        }
        let with = parts
            .body
            .iter()
            .find_map(|line| bare(line).strip_prefix("with "));
        let with = with.map(|rest| rest.trim_end_matches(','));
        let typed = || {
            self.field("tf_resource_type")
                .or(self.field("tf_data_source_type"))
        };
        with.or_else(typed).map(str::to_owned)
    }

    /// Where in the configuration it points: `main.tf line 3`.
    pub fn code(&self) -> Option<String> {
        static ON: Pattern = pattern(|| Regex::new(r"^on (.+? line \d+)").ok());
        static AT: Pattern = pattern(|| Regex::new(r"^at (.+):(\d+)$").ok());
        let body = &self.report.record.parts.body;
        body.iter().find_map(|line| {
            let line = bare(line);
            let on = group(&ON, line, 1).map(str::to_owned);
            on.or_else(|| caught(&AT, line).map(|at| format!("{} line {}", &at[1], &at[2])))
        })
    }

    /// The record, as it is named in evidence.
    pub fn said(&self) -> String {
        let words: String = self.words.chars().take(SAID).collect();
        let cut = if words.len() < self.words.len() {
            "…"
        } else {
            ""
        };
        let name = self.log.name;
        format!("{name}:{}  {words}{cut}", self.report.at.line + 1)
    }

    /// Where the record stands among those of its log.
    pub fn place(&self) -> Place {
        Place {
            file: self.log.number,
            record: self.report.at.record,
        }
    }
}

/// The vertex that failed, as Go quotes it, and why.
fn vertex(message: &str) -> Option<(&str, &str)> {
    static VERTEX: Pattern =
        pattern(|| Regex::new(r#"^vertex "((?:[^"\\]|\\.)+)" error: (.*)$"#).ok());
    let found = caught(&VERTEX, message)?;
    Some((found.get(1)?.as_str(), found.get(2)?.as_str()))
}

pub fn field<'f>(fields: &'f [Field], name: &str) -> Option<&'f str> {
    let found = fields.iter().find(|field| field.name == name);
    found.map(|field| field.value.as_str())
}

pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line without the frame that a diagnostic is printed in.
fn bare(line: &str) -> &str {
    line.trim_start_matches(['│', '╷', '╵', ' ']).trim_end()
}

/// Where in the configuration it happened, with names that a user gave.
fn is_place(line: &str) -> bool {
    (line.starts_with("on ") && line.contains(" line "))
        || (line.starts_with("at ") && !line.contains(' '))
        || line.starts_with("with ") && (line.ends_with(',') || !line[5..].contains(' '))
}

/// A quoted line of configuration, or the value of an expression in it.
fn is_quoted(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && line[digits..].starts_with(':')) || line.starts_with(['├', '|'])
}
