//! A record that stands for its category: what it says in one line, and the
//! lines around it as they stand in the log. Secrets are masked in the whole
//! text before any line is taken out of it, so that one whose name stands on
//! another line is masked, too.

use crate::io::follow::HeardLog;
use crate::log::{At, Field, Raw, Record, Response, Signal, Source, signal_of};

/// How a record is made ready to show.
pub type Decode = fn(&[u8], u64) -> Record;

/// How much is decoded around a record.
const REACH: usize = 16 * 1024;

/// How long the one line may be.
const ESSENCE: usize = 300;

/// A record of a category.
#[derive(Debug)]
pub struct Example {
    /// The number of the log, and the number of its line there, from 1.
    pub log: usize,
    pub line: u64,
    pub lines: u32,
    pub at: Option<jiff::Timestamp>,
    pub level: &'static str,
    pub source: String,
    pub essence: String,
    /// The whole record.
    pub text: String,
    /// The lines around its beginning; a number is missing where a masked
    /// secret took the place of several lines.
    pub excerpt: Vec<(Option<u64>, String)>,
}

impl Example {
    /// Reads a record of a log again.
    pub fn read(log: &HeardLog, number: usize, at: At, context: usize, decode: Decode) -> Self {
        let bytes = log.from(at);
        let own = first_lines(&bytes, at.lines as usize);
        let record = decode(own, own.len() as u64);
        let excerpt = excerpt(log, at, &bytes, context, decode);
        Self {
            log: number,
            line: at.line + 1,
            lines: at.lines,
            at: at.time.and_then(crate::log::Millis::timestamp),
            level: record.parts.level.word(),
            source: record.parts.source.word().to_owned(),
            essence: essence(own, &record).chars().take(ESSENCE).collect(),
            text: record.text.trim_end().to_owned(),
            excerpt,
        }
    }
}

/// The first lines of a text, with the newlines between them.
fn first_lines(bytes: &[u8], count: usize) -> &[u8] {
    let ends = memchr::memchr_iter(b'\n', bytes);
    let end = ends.take(count).last().unwrap_or(bytes.len());
    let complete = memchr::memchr_iter(b'\n', bytes).take(count).count() == count;
    if complete { &bytes[..end] } else { bytes }
}

/// The lines before a record, and its own first lines with what follows them.
fn excerpt(
    log: &HeardLog,
    at: At,
    bytes: &[u8],
    context: usize,
    decode: Decode,
) -> Vec<(Option<u64>, String)> {
    // More lines than are shown: a secret may begin in one of them.
    let before = log.lines_before(at, context.max(64)).join(&b'\n');
    let before = numbered(&before, decode, |lines, row| {
        let back = (lines - row) as u64;
        at.line.checked_sub(back)
    });
    let after = &bytes[..bytes.len().min(REACH)];
    let after = numbered(after, decode, |_, row| Some(at.line + row as u64));
    let first = before.len().saturating_sub(context);
    let mut rows: Vec<_> = before.into_iter().skip(first).collect();
    rows.extend(after.into_iter().take(1 + context));
    rows.into_iter()
        .map(|(number, text)| (number.map(|number| number + 1), text))
        .collect()
}

/// The lines of a text with their numbers; none where masking has joined lines.
fn numbered(
    bytes: &[u8],
    decode: Decode,
    number: impl Fn(usize, usize) -> Option<u64>,
) -> Vec<(Option<u64>, String)> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    let text = decode(bytes, bytes.len() as u64).text;
    let shown: Vec<&str> = text.split('\n').collect();
    let whole = shown.len() == lines;
    let rows = shown.iter().enumerate();
    rows.map(|(row, line)| {
        let number = number(lines, row).filter(|_| whole || row == 0);
        (number, (*line).to_owned())
    })
    .collect()
}

/// What a record says, in one line.
fn essence(bytes: &[u8], record: &Record) -> String {
    let raw = Raw::new(bytes, record.parts.level);
    if let Some(Signal::Response(response)) = signal_of(raw) {
        return of_answer(&response, &record.parts.fields);
    }
    let parts = &record.parts;
    let field = |names: &[&str]| {
        let found = parts
            .fields
            .iter()
            .find(|field| names.contains(&field.name.as_str()));
        found.map(|field| one_line(&field.value))
    };
    if let Some(summary) = field(&["diagnostic_summary"]) {
        let detail = field(&["diagnostic_detail"]).unwrap_or_default();
        return format!("{summary}: {detail}")
            .trim_end_matches([':', ' '])
            .to_owned();
    }
    let cause = match &parts.source {
        Source::Run => one_line(&told(&parts.body)),
        _ => field(&["error", "err"]).unwrap_or_default(),
    };
    let message = one_line(&parts.message);
    if cause.is_empty() {
        message
    } else {
        format!("{message}: {cause}")
    }
}

/// The explanation of a diagnostic, without the configuration that it quotes.
fn told(body: &[String]) -> String {
    let quoted = |line: &&String| {
        let line = line.trim_start();
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        (digits.len() < line.len() && digits.starts_with(':')) || line.starts_with(['├', '│'])
    };
    let lines = body.iter().filter(|line| !quoted(line));
    lines.map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn of_answer(response: &Response, fields: &[Field]) -> String {
    let code = response.code.as_deref().unwrap_or_default();
    let message = fields
        .iter()
        .find(|field| field.name == "http.response.body")
        .and_then(|field| said_in(&field.value))
        .unwrap_or_default();
    let text = format!(
        "{} answered {} {code}: {message}",
        response.call, response.status
    );
    text.trim_end_matches([':', ' ']).to_owned()
}

/// The message in an error body, XML or JSON.
fn said_in(body: &str) -> Option<String> {
    let marks = [
        ("<Message>", '<'),
        ("\"message\"", '"'),
        ("\"Message\"", '"'),
    ];
    marks.into_iter().find_map(|(mark, end)| {
        let (_, rest) = body.split_once(mark)?;
        let rest = if end == '"' {
            rest.split_once('"')?.1
        } else {
            rest
        };
        let (message, _) = rest.split_once(end)?;
        Some(one_line(message))
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(text: &str) -> String {
        essence(
            text.as_bytes(),
            &Record::decode(text.as_bytes(), text.len() as u64),
        )
    }

    #[test]
    fn an_answer_is_said_by_its_call_its_code_and_its_message() {
        let text = "2026-11-22T11:52:08.653Z [DEBUG] backend-s3: HTTP Response Received: rpc.method=PutItem rpc.service=DynamoDB http.status_code=400\n  http.response.body=\n  | {\"__type\": \"x#ConditionalCheckFailedException\", \"message\": \"The conditional request failed\"}\n   n=1";
        assert_eq!(
            told_of(text),
            "DynamoDB/PutItem answered 400 ConditionalCheckFailedException: The conditional request failed"
        );
        assert_eq!(
            said_in("<Error><Message>no\n more</Message>"),
            Some("no more".into())
        );
    }

    #[test]
    fn a_diagnostic_is_said_without_what_it_quotes() {
        let text = "│ Error: Invalid value\n│ \n│   on main.tf line 3, in variable \"x\":\n│    3:   a = b\n│     ├────────────────\n│     │ b is 1\n│ \n│ The value is\n│ wrong.\n╵";
        assert_eq!(
            told_of(text),
            "Error: Invalid value: on main.tf line 3, in variable \"x\": The value is wrong."
        );
    }

    #[test]
    fn a_line_of_the_log_is_said_with_its_cause() {
        let text = "2026-11-22T11:52:08.653Z [WARN]  backend-s3: failed to fetch state MD5: error=\"invalid md5\" n=1";
        assert_eq!(told_of(text), "failed to fetch state MD5: invalid md5");
    }

    #[test]
    fn the_lines_of_a_record_end_with_it() {
        assert_eq!(first_lines(b"a\nb\nc", 2), b"a\nb");
        assert_eq!(first_lines(b"a\nb", 5), b"a\nb");
        assert_eq!(first_lines(b"a\n", 1), b"a");
        assert_eq!(first_lines(b"", 1), b"");
    }
}
