//! What becomes of the resources when one state is put in the place of another.

use serde::Serialize;

use crate::state::{Outline, Roll};

/// What the resources of the present state become.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Impact {
    /// There now and not in what is put back: real objects that the state forgets.
    pub orphaned: Vec<String>,
    /// In what is put back and not there now: if the objects are gone, the next plan creates them.
    pub resurrected: Vec<String>,
    pub changed: Vec<String>,
    /// Whether the present state could be read whole; else only what was salvaged is compared.
    pub certain: bool,
}

impl Impact {
    /// Compares what stands there with what is put back.
    pub fn of(present: Option<&Roll>, candidate: &Roll) -> Self {
        let certain = present.is_none_or(Roll::is_certain);
        // What is sealed inside of an encrypted one is not known to be absent.
        let found = if candidate.tells_objects() {
            Outline::of(present.unwrap_or(&Roll::of([])), candidate)
        } else {
            Outline::default()
        };
        Self {
            orphaned: found.removed,
            resurrected: found.added,
            changed: found.changed,
            certain,
        }
    }

    /// In a sentence, the numbers first.
    pub fn sentence(&self) -> String {
        let count = |names: &[String], word: &str| format!("{} {word}", names.len());
        let known = if self.certain {
            ""
        } else {
            " (of what could be salvaged of the present state)"
        };
        format!(
            "{}, {}, {}{known}",
            count(&self.orphaned, "orphaned"),
            count(&self.resurrected, "resurrected"),
            count(&self.changed, "changed"),
        )
    }
}
