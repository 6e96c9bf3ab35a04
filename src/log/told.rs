//! What the records of a chunk tell, kept until its turn to be heard comes.
//! The addresses of all steps stand in one text: a chunk has a hundred of them,
//! and memory for each, taken on one thread and given back on another, would
//! cost more than reading them does.

use std::borrow::Cow;

use super::account::Sign;
use super::signal::{Act, Phase, Signal, Step, Teller};

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
}

/// A sign without its record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    /// Its address ends there in the text of all; it begins where the one before ends.
    Step {
        end: usize,
        act: Option<Act>,
        phase: Phase,
        teller: Teller,
    },
    Other(Sign<'static>),
}

impl Told {
    /// Nothing yet, with room for so many signs and for what steps of them need.
    pub fn with_capacity(signs: usize) -> Self {
        /// An address is about as long.
        const ADDRESS: usize = 48;
        Self {
            list: Vec::with_capacity(signs),
            addresses: String::with_capacity(signs * ADDRESS),
        }
    }

    #[inline]
    pub fn add(&mut self, spot: Spot, sign: Sign<'_>) {
        let kept = match sign {
            Sign::Signal(Signal::Step(step)) => self.keep(&step),
            Sign::Signal(Signal::Request(request)) => Kept::signal(Signal::Request(request)),
            Sign::Signal(Signal::Retry(call)) => Kept::signal(Signal::Retry(call)),
            Sign::Signal(Signal::Response(response)) => Kept::signal(Signal::Response(response)),
            Sign::Signal(Signal::Run(mark)) => Kept::signal(Signal::Run(mark)),
            Sign::Category(category) => Kept::Other(Sign::Category(category)),
            Sign::Harmless => Kept::Other(Sign::Harmless),
        };
        self.list.push((spot, kept));
    }

    fn keep(&mut self, step: &Step<'_>) -> Kept {
        self.addresses.push_str(&step.address);
        Kept::Step {
            end: self.addresses.len(),
            act: step.act,
            phase: step.phase,
            teller: step.teller,
        }
    }

    /// All of it, ready to be heard.
    pub fn untold(&self) -> Untold<'_> {
        Untold {
            list: &self.list,
            addresses: &self.addresses,
            begin: 0,
        }
    }
}

impl Kept {
    fn signal(signal: Signal<'static>) -> Self {
        Self::Other(Sign::Signal(signal))
    }
}

/// What of it is not heard yet.
#[derive(Debug)]
pub struct Untold<'a> {
    list: &'a [(Spot, Kept)],
    addresses: &'a str,
    /// Where the address of the next step begins.
    begin: usize,
}

impl Untold<'_> {
    /// Gives what the starts before this one tell.
    #[inline]
    pub fn before(&mut self, start: usize, mut hear: impl FnMut(Spot, &Sign<'_>)) {
        while let Some(((spot, kept), rest)) = self.list.split_first()
            && (spot.start as usize) < start
        {
            self.list = rest;
            match kept {
                Kept::Other(sign) => hear(*spot, sign),
                &Kept::Step {
                    end,
                    act,
                    phase,
                    teller,
                } => {
                    let step = Step {
                        address: Cow::Borrowed(&self.addresses[self.begin..end]),
                        act,
                        phase,
                        teller,
                    };
                    self.begin = end;
                    hear(*spot, &Sign::Signal(Signal::Step(step)));
                }
            }
        }
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
            Sign::Signal(Signal::Retry("ec2/X".into())),
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
