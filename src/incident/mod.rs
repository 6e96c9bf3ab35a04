//! An incident: its name, and the journal that says what was done in it, by
//! whom and in which order. Pure: lines in, entries out; `io::journal` keeps
//! the files.

mod entry;
pub mod intent;
mod journal;
mod name;
mod open;
pub mod packed;

pub use entry::{Author, Entry, Event, Target};
pub use intent::Intent;
pub use journal::{Broken, Chain, Reading};
pub use name::IncidentId;
pub use open::{Custody, OpenPlan, custody, open_plans, taken_locks};
