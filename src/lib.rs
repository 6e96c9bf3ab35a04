//! tfsos, the incident console for Terraform and OpenTofu state.
//!
//! The map of the house. The pure nouns come first (no terminal, no network,
//! no clock); the program around them is behind the feature `console`.
//! `tests/house.rs` holds the arrows: a module imports only what stands to
//! the left of it.
//!
//! ```text
//! fault <- log, state, lock, place, runbook <- incident <- recovery, drill <- analysis
//!       <- app <- { ui, io } <- run <- cli <- main
//! ```

pub mod analysis;
#[cfg(feature = "console")]
pub mod app;
#[cfg(feature = "console")]
pub mod args;
#[cfg(feature = "console")]
pub mod cli;
#[cfg(feature = "console")]
pub mod config;
pub mod drill;
pub mod fault;
pub mod incident;
#[cfg(feature = "console")]
pub mod io;
pub mod lock;
pub mod log;
pub mod place;
pub mod recovery;
#[cfg(feature = "console")]
pub mod run;
pub mod runbook;
pub mod state;
#[cfg(feature = "console")]
pub mod ui;
