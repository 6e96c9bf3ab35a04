//! One record as go-hclog writes it: time, level, logger, message, ` key=value`
//! arguments quoted only where they must be, and values of several lines in
//! blocks of their own.

use std::fmt::Write as _;

use jiff::Timestamp;

/// A record that is being put together.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: Timestamp,
    level: String,
    /// The logger's name with its colon, or nothing for Terraform itself.
    logger: String,
    message: String,
    pub fields: Vec<(String, String)>,
}

impl Line {
    /// A line of Terraform itself.
    pub fn new(at: Timestamp, level: &str, message: &str) -> Self {
        Self {
            at,
            level: level.to_owned(),
            logger: String::new(),
            message: message.to_owned(),
            fields: Vec::new(),
        }
    }

    /// The same line by a named logger.
    #[must_use]
    pub fn by(mut self, logger: &str) -> Self {
        self.logger = format!("{logger}: ");
        self
    }

    /// The same line with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// The record as it stands in the file.
    pub fn written(&self, at: Timestamp) -> String {
        let time = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let level = format!("[{}]", self.level);
        let mut out = format!("{time} {level:<7} {}{}", self.logger, self.message);
        if !self.fields.is_empty() {
            out.push(':');
        }
        for (name, value) in &self.fields {
            if value.contains('\n') {
                block(&mut out, name, value);
            } else {
                argument(&mut out, name, value);
            }
        }
        out.push('\n');
        out
    }
}

fn argument(out: &mut String, name: &str, value: &str) {
    let bare = !value.is_empty() && value.chars().all(|letter| ('-'..='~').contains(&letter));
    let list = value.starts_with("[\"");
    // Writing to a string can't fail.
    let _ = if bare || list {
        write!(out, " {name}={value}")
    } else {
        write!(out, " {name}=\"{}\"", value.replace('"', "\\\""))
    };
}

fn block(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "\n  {name}=");
    for line in value.trim_end_matches('\n').split('\n') {
        let _ = write!(out, "\n  | {line}");
    }
    // The arguments after a block begin with two spaces more than others.
    out.push_str("\n  ");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &Line) -> String {
        line.written("2026-11-22T01:16:03.0029Z".parse().unwrap())
    }

    fn line() -> Line {
        Line::new(Timestamp::UNIX_EPOCH, "WARN", "slow down")
    }

    #[test]
    fn a_line_is_written_as_hclog_writes_it() {
        let line = line()
            .by("backend-s3")
            .with("url", "http://h/?a=b")
            .with("try", "attempt=1; max=5")
            .with("none", "");
        assert_eq!(
            written(&line),
            "2026-11-22T01:16:03.002Z [WARN]  backend-s3: slow down: url=http://h/?a=b try=\"attempt=1; max=5\" none=\"\"\n"
        );
    }

    #[test]
    fn a_value_of_several_lines_has_a_block() {
        let line = line().with("body", "<a>\n<b>\n").with("code", "503");
        assert_eq!(
            written(&line),
            "2026-11-22T01:16:03.002Z [WARN]  slow down:\n  body=\n  | <a>\n  | <b>\n   code=503\n"
        );
    }
}
