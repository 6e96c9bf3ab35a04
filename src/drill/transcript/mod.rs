//! A log as Terraform and its providers would have written it, told from a few
//! steps. Records come in the order of their times; those with a time to come
//! are the ones that somebody will see being written.
//!
//! The texts and their grammar are those of Terraform 1.11 and of version 5 of
//! the AWS provider. Records are made as they are asked for, so a long storm
//! costs no memory before it comes.

mod backend;
mod core;
mod line;
mod provider;
mod service;
mod step;
mod storm;
mod teller;

pub use service::Call;
pub use step::{Locking, Run, Step};
pub use teller::{Act, Played, Record, Target, Transcript};
