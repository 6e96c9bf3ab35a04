//! What the records of a chunk tell, kept until its turn to be heard comes.
//! The addresses of all steps stand in one text, and the names of all calls in
//! another: a chunk has hundreds of them, and memory for each, taken on one
//! thread and given back on another, would cost more than reading them does.

use std::borrow::Cow;
use std::ops::{Index, Range};

use super::account::Sign;
use super::category::Category;
use super::signal::{Act, CallName, Phase, Request, Response, RunMark, Signal, Step, Teller};

/// The record that tells something, by its place in its part of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Which of the part's starts.
    pub start: u32,
    /// How many newlines of the chunk come before it.
    pub line: u32,
    /// How many lines it has.
    pub lines: u32,
}

/// What is told, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    list: Vec<(Spot, Kept)>,
    addresses: String,
    calls: Vec<u8>,
}

/// A sign without its record. What it names ends there in the text of all; it
/// begins where the one before ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    Step {
        end: usize,
        act: Option<Act>,
        phase: Phase,
        teller: Teller,
    },
    Request {
        end: usize,
        attempt: u32,
        key: u64,
        invocation: u64,
    },
    Response {
        end: usize,
        took: Option<u32>,
        key: u64,
        status: u16,
        throttled: bool,
        code: Option<Box<str>>,
    },
    Retry {
        end: usize,
    },
    Run(Box<RunMark>),
    Category(Category),
    Harmless,
}

impl Told {
    /// Nothing yet, with room for so many signs and for what they name.
    pub fn with_capacity(signs: usize) -> Self {
        /// An address is about as long.
        const ADDRESS: usize = 48;
        Self {
            list: Vec::with_capacity(signs),
            addresses: String::with_capacity(signs * ADDRESS),
            calls: Vec::new(),
        }
    }

    #[inline]
    pub fn add(&mut self, spot: Spot, sign: Sign<'_>) {
        let kept = match sign {
            Sign::Signal(Signal::Step(step)) => {
                self.addresses.push_str(&step.address);
                Kept::Step {
                    end: self.addresses.len(),
                    act: step.act,
                    phase: step.phase,
                    teller: step.teller,
                }
            }
            Sign::Signal(Signal::Request(request)) => {
                request.call.add_to(&mut self.calls);
                Kept::Request {
                    end: self.calls.len(),
                    attempt: request.attempt,
                    key: request.key,
                    invocation: request.invocation,
                }
            }
            Sign::Signal(Signal::Response(response)) => {
                response.call.add_to(&mut self.calls);
                Kept::Response {
                    end: self.calls.len(),
                    took: response.took,
                    key: response.key,
                    status: response.status,
                    throttled: response.throttled,
                    code: response.code.map(Into::into),
                }
            }
            Sign::Signal(Signal::Retry(call)) => {
                call.add_to(&mut self.calls);
                let end = self.calls.len();
                Kept::Retry { end }
            }
            Sign::Signal(Signal::Run(mark)) => Kept::Run(Box::new(mark)),
            Sign::Category(category) => Kept::Category(category),
            Sign::Harmless => Kept::Harmless,
        };
        self.list.push((spot, kept));
    }

    /// All of it, ready to be heard.
    pub fn untold(&self) -> Untold<'_> {
        Untold {
            list: &self.list,
            addresses: Rest::of(&self.addresses),
            calls: Rest::of(&self.calls),
        }
    }
}

/// What of it is not heard yet.
#[derive(Debug)]
pub struct Untold<'a> {
    list: &'a [(Spot, Kept)],
    addresses: Rest<'a, str>,
    calls: Rest<'a, [u8]>,
}

/// What is left of a text of names, from the next one on.
#[derive(Debug)]
struct Rest<'a, T: ?Sized> {
    text: &'a T,
    begin: usize,
}

impl<'a, T: ?Sized + Index<Range<usize>, Output = T>> Rest<'a, T> {
    fn of(text: &'a T) -> Self {
        Self { text, begin: 0 }
    }

    fn next(&mut self, end: usize) -> &'a T {
        let begin = std::mem::replace(&mut self.begin, end);
        &self.text[begin..end]
    }
}

impl<'a> Untold<'a> {
    /// Gives what the starts before this one tell.
    #[inline]
    pub fn before(&mut self, start: usize, mut hear: impl FnMut(Spot, &Sign<'_>)) {
        while let Some(((spot, kept), rest)) = self.list.split_first()
            && (spot.start as usize) < start
        {
            self.list = rest;
            hear(*spot, &self.sign(kept));
        }
    }

    fn sign(&mut self, kept: &'a Kept) -> Sign<'a> {
        Sign::Signal(match kept {
            &Kept::Step {
                end,
                act,
                phase,
                teller,
            } => Signal::Step(Step {
                address: Cow::Borrowed(self.addresses.next(end)),
                act,
                phase,
                teller,
            }),
            &Kept::Request {
                end,
                attempt,
                key,
                invocation,
            } => Signal::Request(Request {
                key,
                invocation,
                call: CallName::whole(self.calls.next(end)),
                attempt,
            }),
            Kept::Response {
                end,
                took,
                key,
                status,
                throttled,
                code,
            } => Signal::Response(Response {
                key: *key,
                call: CallName::whole(self.calls.next(*end)),
                status: *status,
                code: code.as_deref().map(Cow::Borrowed),
                throttled: *throttled,
                took: *took,
            }),
            Kept::Retry { end } => Signal::Retry(CallName::whole(self.calls.next(*end))),
            Kept::Run(mark) => Signal::Run(RunMark::clone(mark)),
            Kept::Category(category) => return Sign::Category(*category),
            Kept::Harmless => return Sign::Harmless,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Category;

    #[test]
    fn what_was_told_is_heard_in_its_order_and_once() {
        let step = |address: &'static str, phase| {
            Sign::Signal(Signal::Step(Step {
                address: address.into(),
                act: None,
                phase,
                teller: Teller::Visit,
            }))
        };
        let failed = Phase::Failed { elapsed: None };
        let signs = [
            step("a_b.c", Phase::Began),
            Sign::Category(Category::Lock),
            Sign::Harmless,
            step("module.ü.a_b.c[0]", failed),
            Sign::Signal(Signal::Retry(CallName::whole(b"ec2/X"))),
            step("", Phase::Began),
        ];
        let spot = |start| Spot {
            start,
            line: start * 2,
            lines: 1,
        };
        let mut told = Told::with_capacity(2);
        for (start, sign) in (0..).zip(&signs) {
            told.add(spot(start), sign.clone());
        }
        let mut untold = told.untold();
        let mut heard = 0;
        for end in [0, 1, 1, 4, 9] {
            untold.before(end, |at, sign| {
                assert_eq!((at, sign), (spot(heard as u32), &signs[heard]));
                heard += 1;
            });
            assert_eq!(heard, end.min(signs.len()));
        }
    }
}
