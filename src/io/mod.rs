//! The hands of the program: the only folder that touches files, network,
//! processes and the clock. What it learns it hands on as plain values of the
//! nouns; what a person reads of a failure is a `Fault`.

pub mod aws;
mod browse;
pub mod cache;
pub mod discover;
pub mod disk;
pub mod execute;
pub mod fleet;
pub mod follow;
pub mod frame;
pub mod handover;
pub mod here;
pub mod highlight;
pub mod incidents;
pub mod input;
pub mod journal;
pub mod judge;
pub mod large;
pub mod local;
pub mod next_plan;
pub mod observe;
pub mod others;
pub mod owning;
pub mod perform;
pub mod processes;
pub mod readying;
pub mod rebuilding;
pub mod recreating;
pub mod remote;
pub mod repairing;
pub mod restoring;
mod revealing;
pub mod runbooks;
pub mod runner;
pub mod sandbox;
pub mod saved_plan;
pub mod scenario;
pub mod scour;
pub mod second_copy;
pub mod sign_in;
#[cfg(test)]
mod stage;
pub mod state;
pub mod terminal;
mod watching;
pub mod witness;
