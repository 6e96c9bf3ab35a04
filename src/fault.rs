//! The one error that a person reads: what was being done, on what, why it
//! failed, and what to do next. Adapters keep their own small enums and build
//! a `Fault` where the subject is known; nothing ever matches on its text.

use std::fmt;

use serde::Serialize;

/// Reads as `cannot <doing> <subject>: <cause>`, with a hint that can be followed.
///
/// Serializes to the `fault` object of `--json`: `doing`, `subject`, `cause`,
/// `hint` (a string or null).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub doing: String,
    pub subject: String,
    pub cause: String,
    pub hint: Option<String>,
}

impl Fault {
    /// A fault without a hint. All three parts are lower case and have no full stop.
    pub fn new(
        doing: impl Into<String>,
        subject: impl Into<String>,
        cause: impl fmt::Display,
    ) -> Self {
        Self {
            doing: doing.into(),
            subject: subject.into(),
            cause: cause.to_string(),
            hint: None,
        }
    }

    /// The same fault with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.doing)?;
        if !self.subject.is_empty() {
            write!(f, " {}", self.subject)?;
        }
        write!(f, ": {}", self.cause)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_one_sentence() {
        let fault =
            Fault::new("read state", "prod/net.tfstate", "no such object").hint("check the key");
        assert_eq!(
            fault.to_string(),
            "cannot read state prod/net.tfstate: no such object"
        );
        assert_eq!(fault.hint.as_deref(), Some("check the key"));
    }

    #[test]
    fn a_fault_without_a_subject_has_no_gap() {
        assert_eq!(
            Fault::new("open the terminal", "", "not a tty").to_string(),
            "cannot open the terminal: not a tty"
        );
    }
}
