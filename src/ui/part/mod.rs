//! The pieces that panes and sheets are drawn with.

pub mod row;
pub mod rule;
pub mod waiting;

pub use row::{Piece, fitted, spread};
pub use rule::rule;
