//! The console as a person meets it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

#[path = "console/bookmarks.rs"]
mod bookmarks;
#[path = "console/credentials.rs"]
mod credentials;
#[path = "console/faults.rs"]
mod faults;
#[path = "console/filters.rs"]
mod filters;
#[path = "console/fleet.rs"]
mod fleet;
#[path = "console/inputs.rs"]
mod inputs;
#[path = "console/insight.rs"]
mod insight;
#[path = "console/journeys.rs"]
mod journeys;
#[path = "console/library.rs"]
mod library;
#[path = "console/logs.rs"]
mod logs;
#[path = "console/mishaps.rs"]
mod mishaps;
#[path = "console/others.rs"]
mod others;
#[path = "console/picture.rs"]
mod picture;
#[path = "console/pseudo_terminal.rs"]
mod pseudo_terminal;
#[path = "console/readme.rs"]
mod readme;
#[path = "console/revealing.rs"]
mod revealing;
#[path = "console/runbooks.rs"]
mod runbooks;
#[path = "console/screens.rs"]
mod screens;
#[path = "console/sign_in.rs"]
mod sign_in;
#[path = "console/state.rs"]
mod state;
#[path = "console/tape.rs"]
mod tape;
#[path = "console/terminal.rs"]
mod terminal;
#[path = "console/two_keys.rs"]
mod two_keys;
#[path = "console/views.rs"]
mod views;
#[path = "console/wrong.rs"]
mod wrong;
