//! Requests to a service and their answers, as the AWS SDK logs them for the
//! backend and for the provider, with the field names of both and of older
//! versions. A request and its answer share a key: the id of what asked, and
//! what was asked.

use std::borrow::Cow;

use crate::log::category::{Answer, Answering, Category};
use crate::log::raw::Said;

use super::call::CallName;
use super::exchange::{self, Counted};

/// A request that went out; every attempt is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// What its answer carries too.
    pub key: u64,
    /// The same for all attempts at one call; 0 where it is not told.
    pub invocation: u64,
    pub call: CallName<'a>,
    /// From 1.
    pub attempt: u32,
}

impl<'a> Request<'a> {
    /// One that carries no id.
    pub(super) fn of_call(service: &'a [u8], operation: &'a [u8]) -> Self {
        Self {
            key: Asked::of_call(service, operation).key(),
            invocation: 0,
            call: CallName::new(service, operation),
            attempt: 1,
        }
    }
}

/// An answer that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response<'a> {
    pub key: u64,
    pub call: CallName<'a>,
    /// 0 where it is not told.
    pub status: u16,
    /// The service's error code, or `HTTP 500` where it gave none; none for a success.
    pub code: Option<Cow<'a, str>>,
    pub throttled: bool,
    /// Milliseconds, as the SDK measured them.
    pub took: Option<u32>,
}

impl<'a> Response<'a> {
    /// One of which only is known that it came.
    pub(super) fn of_call(service: &'a [u8], operation: &'a [u8]) -> Self {
        Self {
            key: Asked::of_call(service, operation).key(),
            call: CallName::new(service, operation),
            status: 0,
            code: None,
            throttled: false,
            took: None,
        }
    }
}

/// The answer to a call that carries no id.
pub(super) fn response_of<'a>(
    service: &'a [u8],
    operation: &'a [u8],
    answer: &Answer<'a>,
) -> Option<Response<'a>> {
    let asked = Asked::of_call(service, operation);
    response(&asked, answer, answer.category())
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
        let text = said.text_of_an_exchange().unwrap_or_default();
        if exchange::take_from(text, |counted, value| {
            asked.take(counted, value);
            asked.is_whole()
        }) {
            return asked;
        }
        asked = Self::default();
        for (name, value) in said.fields.clone() {
            if let Some(counted) = Counted::named(name) {
                asked.take(counted, value);
            }
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
    #[inline]
    fn take(&mut self, counted: Counted, value: &'a [u8]) {
        match counted {
            Counted::Service => self.service = value,
            Counted::Operation => self.operation = value,
            Counted::Asker => self.asker = value,
            Counted::Invocation => self.invocation = value,
            Counted::Attempt => self.attempt = attempt(value),
            Counted::Resent => self.attempt = self.attempt.max(attempt(value)),
            Counted::Status | Counted::Took => {}
        }
    }

    /// None where the record does not say what was asked.
    fn call(&self) -> Option<CallName<'a>> {
        let is_told = !self.operation.is_empty();
        is_told.then(|| CallName::new(self.service, self.operation))
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
        let (words, rest) = text.as_chunks::<8>();
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let sum = words.fold(sum, mix);
        let last = match text.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest
                .iter()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        let sum = mix(mix(sum, last), text.len() as u64);
        sum ^ sum >> 29
    })
}

/// The request of a record `HTTP Request Sent`.
pub fn sent<'a>(said: &Said<'a>) -> Option<Request<'a>> {
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
pub fn answered<'a>(said: &Said<'a>) -> (Option<Response<'a>>, Option<Category>) {
    let (mut asked, mut answering) = (Asked::default(), Answering::default());
    let text = said.text_of_an_exchange().unwrap_or_default();
    // Of a success nothing more is counted; its body comes last, and is long.
    if !exchange::take_from(text, |counted, value| {
        asked.take(counted, value);
        answering.take_counted(counted, value);
        asked.is_told() && answering.is_timed_success()
    }) {
        (asked, answering) = (Asked::default(), Answering::default());
        for (name, value) in said.fields.clone() {
            if let Some(counted) = Counted::named(name) {
                asked.take(counted, value);
            }
            answering.take(name, value);
        }
    }
    let Some(answer) = answering.answer(said) else {
        return (None, None);
    };
    let category = answer.category();
    (response(&asked, &answer, category), category)
}

fn response<'a>(
    asked: &Asked<'a>,
    answer: &Answer<'a>,
    category: Option<Category>,
) -> Option<Response<'a>> {
    let code = || match answer.code {
        Some(code) => String::from_utf8_lossy(code),
        None => format!("HTTP {}", answer.status).into(),
    };
    Some(Response {
        key: asked.key(),
        call: asked.call()?,
        status: answer.status,
        code: (answer.status >= 400).then(code),
        throttled: category == Some(Category::Throttling),
        took: answer.took,
    })
}
