//! The headless commands as a script meets them: what they print, how they
//! end, and that no fault, kill or race ever releases what it must not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

#[path = "cli/analyze.rs"]
mod analyze;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/coverage.rs"]
mod coverage;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/faults.rs"]
mod faults;
#[path = "cli/fleet.rs"]
mod fleet;
#[path = "cli/handover.rs"]
mod handover;
#[path = "cli/locks.rs"]
mod locks;
#[path = "cli/memory.rs"]
mod memory;
#[path = "cli/monitor.rs"]
mod monitor;
#[path = "cli/plan.rs"]
mod plan;
#[path = "cli/ready.rs"]
mod ready;
#[path = "cli/rebuild.rs"]
mod rebuild;
#[path = "cli/repair.rs"]
mod repair;
#[path = "cli/restore.rs"]
mod restore;
#[path = "cli/runbooks.rs"]
mod runbooks;
#[path = "cli/stage.rs"]
mod stage;
#[path = "cli/state.rs"]
mod state;
#[path = "cli/steps.rs"]
mod steps;
#[path = "cli/take_over.rs"]
mod take_over;
#[path = "cli/truths.rs"]
mod truths;
#[path = "cli/unlock.rs"]
mod unlock;
#[path = "cli/verdict.rs"]
mod verdict;
#[path = "cli/wire.rs"]
mod wire;
