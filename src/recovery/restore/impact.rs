//! What becomes of the resources when one state is put in the place of another.

use serde::Serialize;

use crate::state::{Comparison, Difference, Reading};

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
    pub fn of(present: Option<&Reading>, candidate: &Reading) -> Self {
        let certain = matches!(present, None | Some(Reading::Whole(_) | Reading::Empty));
        let mut impact = Self {
            certain,
            ..Self::default()
        };
        let Some(next) = candidate.snapshot() else {
            return impact;
        };
        let Some(now) = present.and_then(Reading::snapshot) else {
            let names = next.instances().filter_map(|(no, _)| next.name(no));
            impact.resurrected = names.collect();
            return impact;
        };
        for change in Comparison::of(now, next).changes {
            let name = change.name().to_owned();
            match change.difference {
                Difference::Removed => impact.orphaned.push(name),
                Difference::Added => impact.resurrected.push(name),
                Difference::Changed | Difference::Moved => impact.changed.push(name),
            }
        }
        impact
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
