//! A Terraform lock as it was seen: which store holds it, its raw bytes, and
//! whom they name. The raw bytes are what every release is conditional on, so
//! nothing here ever re-marshals them.

mod agreement;
pub mod errand;
pub mod habit;
mod holder;
pub mod job;
mod sighting;
mod survey;
mod sweep;
pub mod trail;
pub mod verdict;
mod writer;

pub use agreement::{Agreement, Difference, calculated};
pub use errand::Errand;
pub use holder::Holder;
pub use sighting::{Body, Digest, Sighting, Store};
pub use survey::{Look, Survey};
pub use sweep::{LOCKFILE, Sweep};
pub use verdict::{Likelihood, Presence, Verdict};
pub use writer::Writers;
