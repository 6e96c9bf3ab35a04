//! Requests to a service and their answers, as the AWS SDK logs them for the
//! backend and for the provider, with the field names of both and of older
//! versions. A request and its answer share a key: the id of what asked, and
//! what was asked.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::log::category::{Answer, Category};
use crate::log::raw::Said;

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

/// An answer that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub key: u64,
    pub call: Box<str>,
    pub status: u16,
    /// The service's error code, or `HTTP 500` where it gave none; none for a success.
    pub code: Option<Box<str>>,
    pub throttled: bool,
    /// Milliseconds, as the SDK measured them.
    pub took: Option<u32>,
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
    fn read(said: &Said<'a>) -> Self {
        let mut asked = Self {
            attempt: 1,
            ..Self::default()
        };
        for (name, value) in said.fields.clone() {
            match name {
                b"rpc.service" | b"aws.service" => asked.service = value,
                b"rpc.method" | b"aws.operation" => asked.operation = value,
                b"tf_req_id" | b"tf_backend.req_id" => asked.asker = value,
                b"http.request.header.amz_sdk_invocation_id" => asked.invocation = value,
                b"http.request.header.amz_sdk_request" => asked.attempt = attempt(value),
                b"http.resend_count" => asked.attempt = asked.attempt.max(attempt(value)),
                _ => {}
            }
        }
        asked
    }

    /// Service and operation; none where the record does not say what was asked.
    fn call(&self) -> Option<Box<str>> {
        if self.operation.is_empty() {
            return None;
        }
        let service = String::from_utf8_lossy(self.service);
        let operation = String::from_utf8_lossy(self.operation);
        let call = match service.as_ref() {
            "" => operation.into_owned(),
            service => format!("{service}/{operation}"),
        };
        Some(call.into())
    }

    fn key(&self) -> u64 {
        hash(&(self.asker, self.service, self.operation))
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

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The request of a record `HTTP Request Sent`.
pub fn sent(said: &Said<'_>) -> Option<Request> {
    let asked = Asked::read(said);
    Some(Request {
        key: asked.key(),
        invocation: if asked.invocation.is_empty() {
            0
        } else {
            hash(&asked.invocation)
        },
        call: asked.call()?,
        attempt: asked.attempt,
    })
}

/// The answer of a record `HTTP Response Received`.
pub fn answered(said: &Said<'_>, answer: &Answer<'_>) -> Option<Response> {
    let asked = Asked::read(said);
    let code = || match answer.code {
        Some(code) => String::from_utf8_lossy(code).into_owned(),
        None => format!("HTTP {}", answer.status),
    };
    Some(Response {
        key: asked.key(),
        call: asked.call()?,
        status: answer.status,
        code: (answer.status >= 400).then(|| code().into()),
        throttled: answer.category() == Some(Category::Throttling),
        took: answer.took,
    })
}
