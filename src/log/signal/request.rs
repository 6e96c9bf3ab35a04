//! Requests to a service and their answers, as the AWS SDK logs them for the
//! backend and for the provider, with the field names of both and of older
//! versions. A request and its answer share a key: the id of what asked, and
//! what was asked.

use crate::log::category::{Answer, Answering, Category};
use crate::log::raw::Said;

use super::exchange;

/// A request that went out; every attempt is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What its answer carries too.
    pub key: u64,
    /// The same for all attempts at one call; 0 where it is not told.
    pub invocation: u64,
    /// Service and operation: `S3/PutObject`.
    pub call: Box<str>,
    /// From 1.
    pub attempt: u32,
}

impl Request {
    /// One that carries no id.
    pub(super) fn of_call(service: &[u8], operation: &[u8]) -> Self {
        let asked = Asked::of_call(service, operation);
        Self {
            key: asked.key(),
            invocation: 0,
            call: asked.call().unwrap_or_default(),
            attempt: 1,
        }
    }
}

/// An answer that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub key: u64,
    pub call: Box<str>,
    /// 0 where it is not told.
    pub status: u16,
    /// The service's error code, or `HTTP 500` where it gave none; none for a success.
    pub code: Option<Box<str>>,
    pub throttled: bool,
    /// Milliseconds, as the SDK measured them.
    pub took: Option<u32>,
}

impl Response {
    /// One of which only is known that it came.
    pub(super) fn of_call(service: &[u8], operation: &[u8]) -> Self {
        let asked = Asked::of_call(service, operation);
        Self {
            key: asked.key(),
            call: asked.call().unwrap_or_default(),
            status: 0,
            code: None,
            throttled: false,
            took: None,
        }
    }
}

/// The answer to a call that carries no id.
pub(super) fn response_of(
    service: &[u8],
    operation: &[u8],
    answer: &Answer<'_>,
) -> Option<Response> {
    response(
        &Asked::of_call(service, operation),
        answer,
        answer.category(),
    )
}

/// What the fields of either say about the call.
#[derive(Debug, Default)]
struct Asked<'a> {
    service: &'a [u8],
    operation: &'a [u8],
    asker: &'a [u8],
    invocation: &'a [u8],
    attempt: u32,
}

impl<'a> Asked<'a> {
    fn of_call(service: &'a [u8], operation: &'a [u8]) -> Self {
        Self {
            service,
            operation,
            ..Self::default()
        }
    }

    fn read(said: &Said<'a>) -> Self {
        let mut asked = Self::default();
        let line = said.line_of_an_exchange().unwrap_or_default();
        if exchange::take_from(line, |name, value| {
            asked.take(name, value);
            asked.is_whole()
        }) {
            return asked;
        }
        asked = Self::default();
        for (name, value) in said.fields.clone() {
            asked.take(name, value);
            if asked.is_whole() {
                break;
            }
        }
        asked
    }

    /// Whether nothing more is needed of a request.
    fn is_whole(&self) -> bool {
        self.is_told() && self.attempt > 0 && !self.invocation.is_empty()
    }

    /// Whether it is known who asked for what.
    fn is_told(&self) -> bool {
        !(self.service.is_empty() || self.operation.is_empty() || self.asker.is_empty())
    }

    /// Takes a field, if it says something about the call.
    fn take(&mut self, name: &[u8], value: &'a [u8]) {
        match name {
            b"rpc.service" | b"aws.service" => self.service = value,
            b"rpc.method" | b"aws.operation" => self.operation = value,
            b"tf_req_id" | b"tf_backend.req_id" => self.asker = value,
            b"http.request.header.amz_sdk_invocation_id" => self.invocation = value,
            b"http.request.header.amz_sdk_request" => self.attempt = attempt(value),
            b"http.resend_count" => self.attempt = self.attempt.max(attempt(value)),
            _ => {}
        }
    }

    /// Service and operation; none where the record does not say what was asked.
    fn call(&self) -> Option<Box<str>> {
        if self.operation.is_empty() {
            return None;
        }
        let mut call = Vec::with_capacity(self.service.len() + 1 + self.operation.len());
        if !self.service.is_empty() {
            call.extend(self.service);
            call.push(b'/');
        }
        call.extend(self.operation);
        let call = String::from_utf8(call);
        let call = call.unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned());
        Some(call.into())
    }

    fn key(&self) -> u64 {
        hash(&[self.asker, self.service, self.operation])
    }
}

/// The first number in `attempt=2; max=5`, or a number alone.
fn attempt(value: &[u8]) -> u32 {
    let value = value.strip_prefix(b"attempt=").unwrap_or(value);
    let digits = value
        .iter()
        .take(9)
        .take_while(|byte| byte.is_ascii_digit());
    let number = digits.fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
    number.max(1)
}

/// A number for a list of texts, the same in every process. It only has to
/// keep apart what one log has at the same time.
fn hash(texts: &[&[u8]]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(ODD);
    texts.iter().fold(ODD, |sum, text| {
        let words = text.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        });
        let sum = words.fold(sum, mix);
        let sum = mix(sum, text.len() as u64);
        sum ^ sum >> 29
    })
}

/// The request of a record `HTTP Request Sent`.
pub fn sent(said: &Said<'_>) -> Option<Request> {
    let asked = Asked::read(said);
    Some(Request {
        key: asked.key(),
        invocation: if asked.invocation.is_empty() {
            0
        } else {
            hash(&[asked.invocation])
        },
        call: asked.call()?,
        attempt: asked.attempt.max(1),
    })
}

/// The answer of a record `HTTP Response Received`, and the trouble that it is.
pub fn answered(said: &Said<'_>) -> (Option<Response>, Option<Category>) {
    let (mut asked, mut answering) = (Asked::default(), Answering::default());
    let line = said.line_of_an_exchange().unwrap_or_default();
    // Of a success nothing more is counted; its body comes last, and is long.
    if !exchange::take_from(line, |name, value| {
        asked.take(name, value);
        answering.take(name, value);
        asked.is_told() && answering.is_timed_success()
    }) {
        (asked, answering) = (Asked::default(), Answering::default());
        for (name, value) in said.fields.clone() {
            asked.take(name, value);
            answering.take(name, value);
        }
    }
    let Some(answer) = answering.answer(said) else {
        return (None, None);
    };
    let category = answer.category();
    (response(&asked, &answer, category), category)
}

fn response(
    asked: &Asked<'_>,
    answer: &Answer<'_>,
    category: Option<Category>,
) -> Option<Response> {
    let code = || match answer.code {
        Some(code) => String::from_utf8_lossy(code).into_owned(),
        None => format!("HTTP {}", answer.status),
    };
    Some(Response {
        key: asked.key(),
        call: asked.call()?,
        status: answer.status,
        code: (answer.status >= 400).then(|| code().into()),
        throttled: category == Some(Category::Throttling),
        took: answer.took,
    })
}
