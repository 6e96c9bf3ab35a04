//! The work that is under way on one address.

use std::sync::Arc;

use crate::log::account::At;
use crate::log::signal::{Act, Teller};
use crate::log::stamp::Millis;

/// Work on one address that may be open at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Main,
    /// Inside the visit that plans.
    Refresh,
    /// Beside the creation of what replaces it.
    Destroy,
}

impl Lane {
    pub fn of(act: Act) -> Self {
        match act {
            Act::Refresh => Self::Refresh,
            Act::Destroy => Self::Destroy,
            Act::Read | Act::Plan | Act::Apply => Self::Main,
        }
    }
}

/// Work that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub act: Act,
    pub teller: Teller,
    pub at: At,
    pub began: Option<Millis>,
    pub elapsed: Option<u64>,
}

/// The work on one address, by its lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub address: Arc<str>,
    pub lanes: [Option<Open>; 3],
}

impl Work {
    pub fn new(address: Arc<str>) -> Self {
        let lanes = [const { None }; 3];
        Self { address, lanes }
    }

    pub fn lane(&mut self, lane: Lane) -> &mut Option<Open> {
        &mut self.lanes[lane as usize]
    }

    pub fn is_over(&self) -> bool {
        self.lanes.iter().all(Option::is_none)
    }
}
