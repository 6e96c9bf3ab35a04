//! What is known about the state under a lock, as far as a release depends on
//! it: on a state that is not whole a release lets a waiting job in at once,
//! and on an empty one that job would create everything anew.

use std::fmt;

use crate::fault::Fault;

/// Whether the state can bear that the next run starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Soundness {
    Sound,
    /// What is wrong with it, the worst first; never empty.
    Broken(Vec<Breakage>),
    /// It could not be looked at, so it is treated as broken.
    Unseen(Fault),
}

/// One way in which a state is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breakage {
    DoesNotParse {
        how: String,
    },
    Empty,
    /// There is no state object, though there was one.
    Missing,
    /// Half or fewer of the instances of the version before it.
    Shrunk {
        before: usize,
        now: usize,
    },
    DigestMismatch {
        stored: String,
        calculated: String,
    },
}

impl fmt::Display for Breakage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoesNotParse { how } => write!(f, "the state does not parse: {how}"),
            Self::Empty => f.write_str("the state is empty (0 bytes)"),
            Self::Missing => f.write_str("the state is missing"),
            Self::Shrunk { before, now } => {
                write!(
                    f,
                    "the state shrank from {before} to {now} resource instances"
                )
            }
            Self::DigestMismatch { .. } => {
                f.write_str("the stored digest is not that of the state")
            }
        }
    }
}

impl Soundness {
    /// Why a release needs the words for a broken state; none where it does not.
    pub fn objection(&self) -> Option<String> {
        match self {
            Self::Sound => None,
            Self::Broken(breakages) => {
                let said: Vec<_> = breakages.iter().map(ToString::to_string).collect();
                Some(said.join("; "))
            }
            Self::Unseen(fault) => Some(format!("the state could not be looked at: {fault}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_could_not_be_looked_at_counts_as_broken() {
        let dark = Soundness::Unseen(Fault::new("read the state", "b/k", "access denied"));
        assert!(
            dark.objection()
                .is_some_and(|why| why.contains("access denied"))
        );
        assert_eq!(Soundness::Sound.objection(), None);
    }

    #[test]
    fn every_breakage_is_said() {
        let broken = Soundness::Broken(vec![
            Breakage::Empty,
            Breakage::DigestMismatch {
                stored: "a".into(),
                calculated: String::new(),
            },
        ]);
        assert_eq!(
            broken.objection().unwrap(),
            "the state is empty (0 bytes); the stored digest is not that of the state"
        );
    }
}
