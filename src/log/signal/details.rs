//! Requests and answers as the older AWS SDK of Go (version 1) logs them:
//! `[aws-sdk-go] DEBUG: Request ec2/DescribeInstances Details:`, with the raw
//! HTTP beneath, and that it tries one again. It gives them no id, so an answer belongs to the oldest open
//! request of the same operation. Where a plugin's logger makes a record of
//! each line, the answer's status is not part of its record and not known.

use memchr::memmem;

use super::call::CallName;
use super::request::{self, Request, Response};
use super::{Signal, first_line};
use crate::log::category::Answering;
use crate::log::raw::Raw;

/// What the record of this message tells, if it is one of these.
pub fn of<'a>(record: Raw<'a>, message: &'a [u8]) -> Option<Signal<'a>> {
    let said = without_stamp(message).strip_prefix(b"[aws-sdk-go] DEBUG: ")?;
    let head = first_line(said);
    if let Some(head) = head.strip_prefix(b"Retrying Request ") {
        return retried(head).map(Signal::Retry);
    }
    if let Some(head) = head.strip_prefix(b"Request ") {
        let (service, operation) = call(head)?;
        return Some(Signal::Request(Request::of_call(service, operation)));
    }
    let (service, operation) = call(head.strip_prefix(b"Response ")?)?;
    let unknown = || Response::of_call(service, operation);
    let mut answering = Answering::default();
    if let Some((status, rest)) = status(said) {
        answering.take(b"http.status_code", status);
        answering.take(b"http.response.body", rest);
    }
    answering.take(b"rpc.method", operation);
    let answer = record.said().and_then(|said| answering.answer(&said));
    let response = answer.and_then(|answer| request::response_of(service, operation, &answer));
    Some(Signal::Response(response.unwrap_or_else(unknown)))
}

/// The call of `ec2/DescribeInstances, attempt 2`.
fn retried(head: &[u8]) -> Option<CallName<'_>> {
    let end = memmem::find(head, b", attempt ")?;
    let (service, operation) = named(&head[..end])?;
    Some(CallName::new(service, operation))
}

/// Whether a message may be one of these, for a few bytes.
pub fn begins(message: &[u8]) -> bool {
    matches!(message.first(), Some(b'[' | b'0'..=b'9'))
        && without_stamp(message).starts_with(b"[aws-sdk-go] ")
}

/// The message behind the time and level of Go's own log, which the plugins of
/// that age put before it: `2021/05/01 10:00:00 [DEBUG] `.
fn without_stamp(message: &[u8]) -> &[u8] {
    if !message.first().is_some_and(u8::is_ascii_digit) {
        return message;
    }
    let reach = &message[..message.len().min(40)];
    let level = memmem::find(reach, b" [DEBUG] ").map(|at| &message[at + 9..]);
    level.unwrap_or(message)
}

/// `ec2/DescribeInstances Details:`.
fn call(head: &[u8]) -> Option<(&[u8], &[u8])> {
    named(&head[..memmem::find(head, b" Details:")?])
}

/// A service and its operation.
fn named(call: &[u8]) -> Option<(&[u8], &[u8])> {
    let slash = memchr::memchr(b'/', call)?;
    let (service, operation) = (&call[..slash], &call[slash + 1..]);
    let is_word = |text: &[u8]| {
        let of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b" .-_".contains(byte);
        !text.is_empty() && text.iter().all(of_it)
    };
    (is_word(service) && is_word(operation)).then_some((service, operation))
}

/// The status of the answer, and what follows it.
fn status(said: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = memmem::find(said, b"\nHTTP/")?;
    let rest = &said[line + 1..];
    let number = &rest[memchr::memchr(b' ', &rest[..rest.len().min(16)])? + 1..];
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    (digits == 3).then(|| number.split_at(digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::level::Level;
    use crate::log::signal;

    fn told(text: &str) -> Option<Signal<'_>> {
        signal::of(Raw::new(text.as_bytes(), Level::Debug))
    }

    const REQUEST: &str = "[aws-sdk-go] DEBUG: Request ec2/DescribeInstances Details:\n---[ REQUEST POST-SIGN ]---\nPOST / HTTP/1.1\nHost: ec2.us-east-1.amazonaws.com\n";
    const REFUSED: &str = "[aws-sdk-go] DEBUG: Response ec2/DescribeInstances Details:\n---[ RESPONSE ]---\nHTTP/1.1 503 Service Unavailable\nContent-Type: text/xml\n\n<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>\n";

    #[test]
    fn a_request_and_its_answer_share_a_key_in_each_way_they_were_logged() {
        for lead in [
            "2021-05-01T10:00:00.000Z [DEBUG] ",
            "2021-05-01T10:00:00.000Z [DEBUG] provider.terraform-provider-aws_v3.76.0_x5: ",
            "2021-05-01T10:00:00.000Z [DEBUG] plugin.terraform-provider-aws_v2.70.0_x4: 2021/05/01 10:00:00 [DEBUG] ",
        ] {
            let (sent, got) = (format!("{lead}{REQUEST}"), format!("{lead}{REFUSED}"));
            let Some(Signal::Request(request)) = told(&sent) else {
                panic!("no request: {lead}")
            };
            let Some(Signal::Response(response)) = told(&got) else {
                panic!("no answer: {lead}")
            };
            assert_eq!(request.key, response.key);
            assert_eq!(*request.call.bytes(), *b"ec2/DescribeInstances");
            assert_eq!(response.status, 503);
            assert_eq!(response.code.as_deref(), Some("RequestLimitExceeded"));
            assert!(response.throttled);
        }
    }

    #[test]
    fn an_answer_whose_http_stands_in_other_records_is_one_all_the_same() {
        let text = "2021-05-01T10:00:00.000Z [DEBUG] provider.terraform-provider-aws_v3.76.0_x5: [aws-sdk-go] DEBUG: Response s3/GetObject Details:\n";
        let Some(Signal::Response(response)) = told(text) else {
            panic!("no answer")
        };
        assert_eq!(
            (&*response.call.bytes(), response.status),
            (&b"s3/GetObject"[..], 0)
        );
        assert_eq!(response.code, None);
    }

    #[test]
    fn a_retry_is_told_by_a_line_of_its_own() {
        for lead in [
            "",
            "plugin.terraform-provider-aws_v2.70.0_x4: 2021/05/01 10:00:00 [DEBUG] ",
        ] {
            let text = format!(
                "2021-05-01T10:00:00.000Z [DEBUG] {lead}[aws-sdk-go] DEBUG: Retrying Request ec2/DescribeInstances, attempt 3\n"
            );
            assert_eq!(
                told(&text),
                Some(Signal::Retry(CallName::new(b"ec2", b"DescribeInstances")))
            );
        }
    }

    #[test]
    fn what_only_speaks_of_them_is_none() {
        for said in [
            "[aws-sdk-go] DEBUG: Request  Details:",
            "[aws-sdk-go] DEBUG: Retrying Request ec2, attempt 3",
            "[aws-sdk-go] DEBUG: Retrying Request ec2/DescribeInstances",
            "note: [aws-sdk-go] DEBUG: Request ec2/X Details:",
            "[aws-sdk-go] DEBUG: Request a\"b/c Details:",
        ] {
            assert_eq!(
                told(&format!("2021-05-01T10:00:00.000Z [DEBUG] {said}\n")),
                None
            );
        }
    }
}
