//! Evidence in, findings out. A rule looks at what was observed and says what
//! is wrong, how sure it is, and what it saw; what could not be looked at is
//! never taken for healthy. Pure: the looking is done elsewhere.

mod afterwards;
mod bodies;
mod credentials;
mod errored;
mod evidence;
mod finding;
pub mod fleet;
mod leads;
mod locks;
mod logs;
mod plans;
#[cfg(test)]
mod proofs;
mod states;
mod taken;

pub use afterwards::{of_deed, of_guard, of_open_plan};
pub use bodies::{Body, of_body};
pub use credentials::of_credentials;
pub use errored::Errored;
pub use evidence::{Evidence, Whole, of_place};
pub use finding::{Confidence, Finding, Severity, worst_first};
pub use leads::{FINDINGS, lead};
pub use logs::{BEFORE, Logged, Noticed, Planned, Report, SHOWN, crash_report, of_logs, wanted};
pub use plans::{Act, Base as PlanBase, Beside as PlanBeside, Plan, of_plan, of_planned};
pub use taken::{Owned, Searched, Taken};
