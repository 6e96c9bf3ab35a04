//! Evidence in, findings out. A rule looks at what was observed and says what
//! is wrong, how sure it is, and what it saw; what could not be looked at is
//! never taken for healthy. Pure: the looking is done elsewhere.

mod evidence;
mod finding;
mod locks;
mod states;

pub use evidence::{Errored, Evidence, Whole, of_place};
pub use finding::{Confidence, Finding, Severity};
pub use states::of_contents;
