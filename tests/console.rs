//! The console as a person meets it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

#[cfg(feature = "console")]
#[path = "console/faults.rs"]
mod faults;
#[cfg(feature = "console")]
#[path = "console/filters.rs"]
mod filters;
#[cfg(feature = "console")]
#[path = "console/journeys.rs"]
mod journeys;
#[cfg(feature = "console")]
#[path = "console/logs.rs"]
mod logs;
#[cfg(feature = "console")]
#[path = "console/picture.rs"]
mod picture;
#[path = "console/pseudo_terminal.rs"]
mod pseudo_terminal;
#[cfg(feature = "console")]
#[path = "console/readme.rs"]
mod readme;
#[path = "console/runbooks.rs"]
mod runbooks;
#[cfg(feature = "console")]
#[path = "console/screens.rs"]
mod screens;
#[cfg(feature = "console")]
#[path = "console/state.rs"]
mod state;
#[cfg(feature = "console")]
#[path = "console/tape.rs"]
mod tape;
#[cfg(feature = "console")]
#[path = "console/terminal.rs"]
mod terminal;
