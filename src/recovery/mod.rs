//! Every write that tfsos makes, as a value: what was observed goes in, numbered
//! steps with their conditions come out, and what a store answered is judged.
//! Nothing here writes; `io::execute` is the only place that does.

pub mod advice;
pub mod afterwards;
pub mod answer;
pub mod arming;
mod authority;
pub mod by_hand;
mod confirm;
pub mod digest;
pub mod freeze;
pub mod guard;
pub mod outcome;
pub mod own_lock;
mod plan;
pub mod readiness;
pub mod rebuild;
pub mod release;
pub mod restore;
pub mod retake;
mod soundness;
#[cfg(test)]
pub(crate) mod stage;
pub mod standing;
pub mod take_over;
pub mod write;

pub use answer::{Answer, Found, Settled};
pub use arming::{Arming, Lapse};
pub use authority::Authority;
pub use confirm::{BROKEN, Confirmed, Demand, LIVE};
pub use outcome::Outcome;
pub use own_lock::OwnLock;
pub use plan::{Cargo, Operation, Plan, PlanId, Step, Undo};
pub use soundness::{Breakage, Soundness};
pub use standing::Standing;
pub use write::{Content, Item, Mark, Seen, Slot, Write};
