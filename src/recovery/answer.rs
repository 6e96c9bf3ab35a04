//! What a store said to the one try that a write gets.

use crate::fault::Fault;

/// The answer to one conditional write. Anything that leaves doubt is
/// `Unclear`, never `Refused`: the caller looks again and judges by what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The store confirmed it.
    Done {
        /// AWS's id of the request, for the journal.
        request_id: Option<String>,
    },
    /// The store compared the condition and found something else.
    ConditionFailed,
    /// A timeout, a 5xx, a 409, a connection that broke: it may have happened.
    Unclear { cause: String },
    /// A definite no: nothing was changed.
    Refused(Fault),
}
