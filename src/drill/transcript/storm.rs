//! A storm of API calls: many resources are read at once, and the API refuses
//! most tries until each resource has had its turn. It is told gust by gust,
//! so that an hour of it needs no more memory than ten seconds.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::core;
use super::provider::{self, Try};
use super::step::Gale;
use super::teller::{Target, Teller};

/// How much of it is told at once.
const GUST: SignedDuration = SignedDuration::from_secs(10);
/// How many resources are read beside each other.
const BESIDE: usize = 10;
/// How often Terraform says what it waits for.
const WAITING: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug)]
pub struct Storm {
    gale: Gale,
    targets: VecDeque<Target>,
    reads: VecDeque<Read>,
    end: Timestamp,
    waits: Timestamp,
}

/// A resource that is being read.
#[derive(Debug)]
struct Read {
    target: Target,
    request: String,
    tries: u32,
    began: Timestamp,
}

impl Storm {
    pub fn new(gale: &Gale, targets: &[Target], start: Timestamp) -> Self {
        Self {
            gale: gale.clone(),
            targets: targets.iter().cloned().collect(),
            reads: VecDeque::new(),
            end: start + gale.lasts,
            waits: start + WAITING,
        }
    }

    /// Tells the next gust; false after the last.
    pub fn blow(&mut self, teller: &mut Teller) -> bool {
        let end = self.end.min(teller.clock + GUST);
        while teller.clock < end {
            let Some(read) = self.next(teller) else {
                return false;
            };
            let next = teller.clock + self.gale.every;
            self.attempt(teller, read);
            teller.clock = next;
        }
        teller.clock < self.end
    }

    /// The resource whose turn it is; a new one joins while there is room.
    fn next(&mut self, teller: &mut Teller) -> Option<Read> {
        if self.reads.len() < BESIDE
            && let Some(target) = self.targets.pop_front()
        {
            core::visit(teller, &target, core::PLAN);
            let request = teller.chance.uuid();
            provider::received(teller, &target, &request, "ReadResource");
            return Some(Read {
                target,
                request,
                tries: 0,
                began: teller.clock,
            });
        }
        self.wait(teller);
        self.reads.pop_front()
    }

    fn attempt(&mut self, teller: &mut Teller, mut read: Read) {
        read.tries += 1;
        // What needs no call can't be refused one.
        let Some(call) = &read.target.call else {
            core::visited(teller, &read.target);
            return;
        };
        let one = Try {
            target: &read.target,
            call,
            request: &read.request,
            number: read.tries,
            most: self.gale.attempts,
            operation: "ReadResource",
        };
        if read.tries > 1 {
            provider::retrying(teller, &one);
        }
        provider::sent(teller, &one);
        let took = 80 + teller.chance.below(700);
        teller.later(took);
        // A read that is given up is a step of its own: here each one ends well.
        if teller.chance.percent(self.gale.refused) && read.tries + 1 < self.gale.attempts {
            provider::refused(teller, &one, took);
            self.reads.push_back(read);
            return;
        }
        provider::answered(teller, &one, took);
        let all = teller.clock.duration_since(read.began).as_millis();
        let all = u64::try_from(all).unwrap_or_default();
        provider::served(teller, &read.target, &read.request, "ReadResource", all);
        core::planned(teller, &read.target);
        core::visited(teller, &read.target);
    }

    fn wait(&mut self, teller: &mut Teller) {
        if teller.clock < self.waits {
            return;
        }
        self.waits = teller.clock + WAITING;
        let Some(read) = self.reads.front() else {
            return;
        };
        let waited = core::quoted(&read.target.address);
        let text = format!("dag/walk: vertex \"root\" is waiting for {waited}");
        teller.say("TRACE", &text);
    }
}
