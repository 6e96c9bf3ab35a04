//! Every write that tfsos makes, as a value: what was observed goes in, numbered
//! steps with their conditions come out, and what a store answered is judged.
//! Nothing here writes; `io::execute` is the only place that does.

mod answer;

pub use answer::Answer;
