//! Incidents as data. A **scenario** is a file that tells what happened to a
//! state; a **scene** is that scenario at a moment, as the exact bytes of its
//! versions, locks and log. Nothing here touches a disk or a clock: `io`
//! builds the scene, and the ordinary console solves it.

mod catalog;
mod chance;
mod history;
mod hold;
mod lint;
mod pattern;
mod project;
mod rehearsal;
mod scenario;
mod scene;
mod span;
mod transcript;

pub use history::Written;
pub use pattern::Pattern;
pub use rehearsal::Rehearsal;
pub use scenario::{DigestItem, Scenario, Stage, Store};
pub use scene::{Hold, Scene};
pub use transcript::{Record, Transcript};

/// The scenario of `tfsos demo`.
pub const DEMO: &str = "killed-apply";
