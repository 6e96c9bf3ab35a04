//! An HTTP answer that an AWS SDK logged (`HTTP Response Received`): its
//! status and error code. The code stands in a header or in the body; of the
//! body nothing else is believed.

use memchr::memmem;

use super::{Category, phrases};
use crate::log::raw::Said;
use crate::log::signal::Counted;

/// What an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    pub status: u16,
    /// The service's own code; none where the answer carries none.
    pub code: Option<&'a [u8]>,
    /// Milliseconds.
    pub took: Option<u32>,
    /// Whether the state's backend asked.
    pub by_backend: bool,
    /// Whether the state's lock was the reason to ask.
    pub about_lock: bool,
    /// The operation that was asked for: `PutItem`.
    operation: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The answer of a record; `None` for any other record.
    pub fn read(said: &Said<'a>) -> Option<Self> {
        if !said.message.starts_with(b"HTTP Response Received") {
            return None;
        }
        let mut answering = Answering::default();
        for (name, value) in said.fields.clone() {
            answering.take(name, value);
        }
        answering.answer(said)
    }

    /// The category of the answer; none where it is no failure.
    pub fn category(&self) -> Option<Category> {
        if self.status < 400 {
            return None;
        }
        let code = self.code.unwrap_or_default();
        if self.about_lock && is_taken(code, self.status) {
            return Some(Category::Lock);
        }
        match phrases::first(code) {
            Some(Category::Backend) if !self.by_backend => {}
            None => {}
            known => return known,
        }
        if is_absence(code, self.status) && may_miss(self.operation) {
            return None;
        }
        Some(match self.status {
            401 | 403 => Category::Auth,
            429 | 503 => Category::Throttling,
            408 | 504 => Category::Timeout,
            _ => Category::ApiError,
        })
    }
}

/// The fields of an answer that say what it came to.
#[derive(Debug, Default)]
pub struct Answering<'a> {
    status: Option<u32>,
    took: Option<u32>,
    body: Option<&'a [u8]>,
    header: Option<&'a [u8]>,
    /// What the backend asked for.
    reason: Option<&'a [u8]>,
    operation: &'a [u8],
}

impl<'a> Answering<'a> {
    /// Takes a field, if it is one of them.
    pub fn take(&mut self, name: &[u8], value: &'a [u8]) {
        match name {
            b"http.response.body" => self.body = Some(value),
            b"http.response.header.x_amzn_errortype" => self.header = Some(value),
            b"tf_backend.operation" => self.reason = Some(value),
            _ => {
                if let Some(counted) = Counted::named(name) {
                    self.take_counted(counted, value);
                }
            }
        }
    }

    /// Takes one of those that a success has too.
    #[inline]
    pub fn take_counted(&mut self, counted: Counted, value: &'a [u8]) {
        match counted {
            Counted::Status => self.status = number(value),
            Counted::Took => self.took = number(value),
            Counted::Operation => self.operation = value,
            Counted::Service
            | Counted::Asker
            | Counted::Invocation
            | Counted::Attempt
            | Counted::Resent => {}
        }
    }

    /// Whether it is known that all went well, and how long it took.
    pub fn is_timed_success(&self) -> bool {
        self.took.is_some() && self.status.is_some_and(|status| status < 400)
    }

    /// What they come to; none without a status.
    pub fn answer(&self, said: &Said<'_>) -> Option<Answer<'a>> {
        let status = u16::try_from(self.status?).ok()?;
        let code = self.header.map(code_at_start);
        let code = code.filter(|code| !code.is_empty());
        let of_body = || self.body.filter(|_| status >= 400).and_then(code_in);
        Some(Answer {
            status,
            code: code.or_else(of_body),
            took: self.took,
            by_backend: said.logger.starts_with(b"backend-"),
            about_lock: matches!(self.reason, Some(b"Lock" | b"Unlock")),
            operation: self.operation,
        })
    }
}

/// Whether a conditional write failed because the thing is already there.
fn is_taken(code: &[u8], status: u16) -> bool {
    matches!(status, 409 | 412) || code.starts_with(b"ConditionalCheckFailed")
}

/// Whether the answer only says that a thing is not there.
fn is_absence(code: &[u8], status: u16) -> bool {
    status == 404 || memmem::find(code, b"NotFound").is_some() || code.starts_with(b"NoSuch")
}

/// Whether an operation may find nothing without harm: it reads or deletes.
pub(super) fn may_miss(operation: &[u8]) -> bool {
    let starts: [&[u8]; 9] = [
        b"Get",
        b"Head",
        b"Describe",
        b"List",
        b"BatchGet",
        b"Query",
        b"Scan",
        b"Lookup",
        b"Delete",
    ];
    operation.is_empty() || starts.iter().any(|start| operation.starts_with(start))
}

pub(super) fn number(value: &[u8]) -> Option<u32> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The code in an error body of AWS, XML or JSON, with or without escapes.
fn code_in(body: &[u8]) -> Option<&[u8]> {
    let marks: [&[u8]; 5] = [
        b"<Code>",
        br"\u003cCode\u003e",
        b"__type",
        b"\"code",
        b"\"Code",
    ];
    let found = marks
        .iter()
        .find_map(|mark| memmem::find(body, mark).map(|at| &body[at + mark.len()..]))?;
    let quotes = found.iter().take_while(|byte| b"\\\": ".contains(byte));
    let text = code_at_start(&found[quotes.count()..]);
    // A DynamoDB code stands behind its service: com.amazonaws.dynamodb.v20120810#Code
    let end = text.len();
    let after = &found[found
        .iter()
        .take_while(|byte| b"\\\": ".contains(byte))
        .count()
        + end..];
    match after.strip_prefix(b"#") {
        Some(code) => Some(code_at_start(code)),
        None => (!text.is_empty()).then_some(text),
    }
}

/// The letters and points of a code, at most as many as a code has.
fn code_at_start(text: &[u8]) -> &[u8] {
    let is_code = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let length = text.iter().take(96).take_while(is_code).count();
    &text[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_from_each_shape_of_body() {
        for (body, code) in [
            (
                r#"  | {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}"#,
                "ConditionalCheckFailedException",
            ),
            (
                r#"{\"__type\":\"ExpiredTokenException\",\"message\":\"x\"}"#,
                "ExpiredTokenException",
            ),
            (
                "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>",
                "InvalidVpcID.NotFound",
            ),
            (r"\u003cCode\u003eSlowDown\u003c/Code\u003e", "SlowDown"),
            (r#"{"code":"TooManyRequests"}"#, "TooManyRequests"),
        ] {
            assert_eq!(code_in(body.as_bytes()), Some(code.as_bytes()), "{body}");
        }
        assert_eq!(code_in(b"<html>502</html>"), None);
    }
}
