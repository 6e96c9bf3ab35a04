//! What was asked of the services and what came back: requests paired with
//! their answers, counted per service and operation. A request is answered by
//! the first answer of the same key; one that its SDK repeats without an
//! answer was lost on the way, and is an error.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::At;
use super::histogram::Histogram;
use crate::log::signal::{CallName, Request, Response};
use crate::log::stamp::Millis;

/// How many different calls are told apart; the rest count as one.
const MOST_CALLS: usize = 2048;

/// How many requests may wait for their answers at a time; what goes beyond is counted unpaired.
const MOST_WAITING: usize = 65_536;

/// How many error codes of one call are told apart.
const MOST_CODES: usize = 64;

/// The name of what goes beyond a bound.
const OTHERS: &str = "(others)";

/// What is known of one operation of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// `S3`; empty where the log does not tell.
    pub service: Box<str>,
    /// `PutObject`.
    pub operation: Box<str>,
    /// Requests that went out, each attempt by itself.
    pub calls: u64,
    /// Answers of 400 or more, and requests that were lost.
    pub errors: u64,
    /// The errors that refuse because of too many requests.
    pub throttles: u64,
    /// The requests that repeat one before.
    pub retries: u64,
    /// The requests that no answer came to, and that nothing repeated.
    pub unanswered: u64,
    /// How often each error code came.
    pub codes: BTreeMap<Box<str>, u64>,
    pub took: Histogram,
}

impl Call {
    /// Counts what another log knows of the same call.
    pub fn join(&mut self, other: &Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.throttles += other.throttles;
        self.retries += other.retries;
        self.unanswered += other.unanswered;
        for (code, count) in &other.codes {
            *self.codes.entry(code.clone()).or_default() += count;
        }
        self.took.join(&other.took);
    }
}

/// Requests in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    pub requests: u32,
    pub errors: u32,
    pub throttles: u32,
}

/// All calls of a log. Memory is bounded by the constants of this file: at
/// most about 20 MB, and a few kilobytes in an ordinary log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    numbers: HashMap<Box<[u8]>, usize, RandomState>,
    list: Vec<Call>,
    waiting: HashMap<u64, Queue, RandomState>,
    count_waiting: usize,
    rates: BTreeMap<i64, Rate>,
    /// The length of a stretch of `rates`, in milliseconds.
    stretch: i64,
}

/// A request that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Waiting {
    call: usize,
    invocation: u64,
    at: Option<Millis>,
}

/// The requests of one key that wait, the earliest first: nearly always one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Queue {
    first: Option<Waiting>,
    later: VecDeque<Waiting>,
}

impl Queue {
    fn new(first: Waiting) -> Self {
        Self {
            first: Some(first),
            later: VecDeque::new(),
        }
    }

    /// Takes the first that is meant.
    fn take(&mut self, is_meant: impl Fn(&Waiting) -> bool) -> Option<Waiting> {
        if self.first.as_ref().is_some_and(&is_meant) {
            return std::mem::replace(&mut self.first, self.later.pop_front());
        }
        let at = self.later.iter().position(is_meant)?;
        self.later.remove(at)
    }

    fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            numbers: HashMap::default(),
            list: Vec::new(),
            waiting: HashMap::default(),
            count_waiting: 0,
            rates: BTreeMap::new(),
            stretch: 10_000,
        }
    }
}

impl Calls {
    /// The calls by service and operation, the most frequent first.
    pub fn most_frequent(&self) -> Vec<&Call> {
        let mut calls: Vec<&Call> = self.list.iter().collect();
        calls.sort_by_key(|call| (u64::MAX - call.calls, &call.service, &call.operation));
        calls
    }

    /// How often services were asked over time: the start of each stretch in
    /// which they were, and its length in milliseconds.
    pub fn rates(&self) -> (i64, impl Iterator<Item = (Millis, Rate)> + '_) {
        let rates = self.rates.iter();
        let start = |(&number, &rate): (&i64, &Rate)| (Millis(number * self.stretch), rate);
        (self.stretch, rates.map(start))
    }

    /// How many requests wait for an answer now.
    pub fn waiting(&self) -> usize {
        self.count_waiting
    }

    pub(super) fn sent(&mut self, at: At, request: &Request<'_>) {
        let number = self.number(request.call);
        self.settle_lost(request);
        let call = &mut self.list[number];
        call.calls += 1;
        call.retries += u64::from(request.attempt > 1);
        self.rate(at, |rate| rate.requests += 1);
        if self.count_waiting >= MOST_WAITING {
            return;
        }
        self.list[number].unanswered += 1;
        self.count_waiting += 1;
        let waiting = Waiting {
            call: number,
            invocation: request.invocation,
            at: at.time,
        };
        match self.waiting.entry(request.key) {
            Entry::Occupied(queue) => queue.into_mut().later.push_back(waiting),
            Entry::Vacant(place) => {
                place.insert(Queue::new(waiting));
            }
        }
    }

    /// A call is tried again, whose request does not say so itself.
    pub(super) fn retried(&mut self, call: &CallName<'_>) {
        let number = self.number(*call);
        self.list[number].retries += 1;
    }

    /// The attempt before this one got no answer.
    fn settle_lost(&mut self, request: &Request<'_>) {
        let Some(queue) = self.waiting.get_mut(&request.key) else {
            return;
        };
        if request.attempt <= 1 {
            return;
        }
        let Some(lost) = queue.take(|waiting| waiting.invocation == request.invocation) else {
            return;
        };
        if queue.is_empty() {
            self.waiting.remove(&request.key);
        }
        self.count_waiting -= 1;
        let call = &mut self.list[lost.call];
        call.unanswered = call.unanswered.saturating_sub(1);
        call.errors += 1;
        count_code(call, "no answer");
    }

    pub(super) fn answered(&mut self, at: At, response: &Response<'_>) {
        let request = self.take_waiting(response.key);
        let number = match &request {
            Some(request) => request.call,
            None => self.number(response.call),
        };
        let call = &mut self.list[number];
        match &request {
            Some(_) => call.unanswered = call.unanswered.saturating_sub(1),
            // The log begins after the request.
            None => call.calls += 1,
        }
        let between = || {
            let sent = request.as_ref()?.at?;
            u32::try_from(at.time?.0 - sent.0).ok()
        };
        if let Some(took) = response.took.or_else(between) {
            call.took.add(took);
        }
        if let Some(code) = &response.code {
            call.errors += 1;
            call.throttles += u64::from(response.throttled);
            count_code(call, code);
            let throttled = u32::from(response.throttled);
            self.rate(at, |rate| {
                rate.errors += 1;
                rate.throttles += throttled;
            });
        }
    }

    fn take_waiting(&mut self, key: u64) -> Option<Waiting> {
        let Entry::Occupied(mut queue) = self.waiting.entry(key) else {
            return None;
        };
        let first = queue.get_mut().take(|_| true);
        if queue.get().is_empty() {
            queue.remove();
        }
        self.count_waiting -= usize::from(first.is_some());
        first
    }

    /// No answer of a former run comes in a new one.
    pub(super) fn begin_run(&mut self) {
        self.waiting.clear();
        self.count_waiting = 0;
    }

    fn number(&mut self, call: CallName<'_>) -> usize {
        let name = call.bytes();
        if let Some(&number) = self.numbers.get(&*name) {
            return number;
        }
        let name = if self.list.len() < MOST_CALLS {
            name
        } else {
            OTHERS.as_bytes().into()
        };
        if let Some(&number) = self.numbers.get(&*name) {
            return number;
        }
        let text = String::from_utf8_lossy(&name);
        let (service, operation) = text.rsplit_once('/').unwrap_or(("", &text));
        self.list.push(Call {
            service: service.into(),
            operation: operation.into(),
            ..Call::default()
        });
        let number = self.list.len() - 1;
        self.numbers.insert(name.into(), number);
        number
    }

    fn rate(&mut self, at: At, count: impl FnOnce(&mut Rate)) {
        /// How many stretches are kept before they are joined by two.
        const MOST: usize = 2048;
        let Some(time) = at.time else {
            return;
        };
        count(
            self.rates
                .entry(time.0.div_euclid(self.stretch))
                .or_default(),
        );
        // Where the times lie so far apart that joining does not help, the bound is soft.
        if self.rates.len() > MOST && self.stretch < 1 << 40 {
            self.stretch *= 2;
            for (number, rate) in std::mem::take(&mut self.rates) {
                let joined = self.rates.entry(number.div_euclid(2)).or_default();
                joined.requests += rate.requests;
                joined.errors += rate.errors;
                joined.throttles += rate.throttles;
            }
        }
    }
}

fn count_code(call: &mut Call, code: &str) {
    let known = call.codes.len() < MOST_CODES || call.codes.contains_key(code);
    let code = if known { code } else { OTHERS };
    *call.codes.entry(code.into()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> At {
        At {
            time: Some(Millis(millis)),
            ..At::default()
        }
    }

    fn sent(key: u64, attempt: u32) -> Request<'static> {
        Request {
            key,
            invocation: key + 100,
            call: CallName::whole(b"S3/PutObject"),
            attempt,
        }
    }

    fn answer(key: u64, status: u16, took: Option<u32>) -> Response<'static> {
        Response {
            key,
            call: CallName::whole(b"S3/PutObject"),
            status,
            code: (status >= 400).then(|| "SlowDown".into()),
            throttled: status == 503,
            took,
        }
    }

    #[test]
    fn a_request_is_answered_by_the_answer_of_its_key() {
        let mut calls = Calls::default();
        calls.sent(at(0), &sent(1, 1));
        calls.sent(at(10), &sent(2, 1));
        calls.answered(at(25), &answer(2, 200, None));
        calls.answered(at(40), &answer(1, 503, Some(39)));
        let call = calls.most_frequent()[0];
        assert_eq!(
            (call.calls, call.errors, call.throttles, call.unanswered),
            (2, 1, 1, 0)
        );
        assert_eq!(
            (call.took.percentile(50), call.took.longest()),
            (Some(15), Some(39))
        );
        assert_eq!(call.codes.get("SlowDown"), Some(&1));
        assert_eq!(calls.waiting(), 0);
    }

    #[test]
    fn two_logs_count_together() {
        let mut calls = Calls::default();
        calls.sent(at(0), &sent(1, 1));
        calls.answered(at(40), &answer(1, 503, Some(39)));
        let mut both = calls.most_frequent()[0].clone();
        both.join(&both.clone());
        assert_eq!((both.calls, both.errors, both.codes["SlowDown"]), (2, 2, 2));
        assert_eq!(both.took.percentile(100), Some(39));
    }

    #[test]
    fn a_request_that_is_repeated_without_an_answer_was_lost() {
        let mut calls = Calls::default();
        calls.sent(at(0), &sent(1, 1));
        calls.sent(at(10), &sent(1, 2));
        calls.answered(at(20), &answer(1, 200, Some(3)));
        let call = calls.most_frequent()[0];
        assert_eq!(
            (call.calls, call.retries, call.errors, call.unanswered),
            (2, 1, 1, 0)
        );
        assert_eq!(call.codes.get("no answer"), Some(&1));
    }

    #[test]
    fn an_answer_to_a_request_before_the_log_is_a_call() {
        let mut calls = Calls::default();
        calls.answered(at(20), &answer(1, 200, Some(3)));
        calls.sent(at(30), &sent(5, 1));
        let call = calls.most_frequent()[0];
        assert_eq!((call.calls, call.unanswered), (2, 1));
        assert_eq!(calls.waiting(), 1);
    }

    #[test]
    fn what_there_is_too_much_of_counts_together() {
        let mut calls = Calls::default();
        for number in 0..MOST_CALLS + 10 {
            let mut request: Request<'_> = sent(number as u64, 1);
            let name = format!("S3/Op{number}");
            request.call = CallName::whole(name.as_bytes());
            calls.sent(at(0), &request);
        }
        assert_eq!(calls.list.len(), MOST_CALLS + 1);
        assert_eq!(calls.most_frequent()[0].calls, 10);
        let mut call = Call::default();
        for number in 0..100 {
            count_code(&mut call, &format!("code{number}"));
        }
        assert_eq!(call.codes.len(), MOST_CODES + 1);
    }

    #[test]
    fn rates_of_a_long_log_are_coarser_and_lose_nothing() {
        let mut calls = Calls::default();
        for number in 0..10_000 {
            calls.rate(at(number * 10_000), |rate| rate.requests += 1);
        }
        let (stretch, rates) = calls.rates();
        assert_eq!(stretch, 80_000);
        assert_eq!(rates.map(|(_, rate)| rate.requests).sum::<u32>(), 10_000);
    }
}
