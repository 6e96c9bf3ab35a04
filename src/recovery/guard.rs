//! The guard before the next plan: what that plan would make or take away once
//! a state is put back, judged from the comparison of the two states. What
//! holds data is named first, because it cannot be made again.

use serde::Serialize;

use super::restore::Impact;
use crate::state::{is_stateful, type_of};

/// How many addresses a sentence names.
const NAMED: usize = 5;

/// What the next plan would do, where the configuration is what wrote the present state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Guard {
    /// In the configuration and no longer in the state: made a second time.
    pub creates: Vec<String>,
    /// In the state again and no longer in the configuration: destroyed, if they still exist.
    pub destroys: Vec<String>,
    /// Those of both that hold data.
    pub stateful: Vec<String>,
}

impl Guard {
    /// What follows from putting a state back.
    pub fn of(impact: &Impact) -> Self {
        let managed = |names: &[String]| -> Vec<String> {
            let names = names.iter().filter(|name| type_of(name).is_some());
            names.cloned().collect()
        };
        let (creates, destroys) = (managed(&impact.orphaned), managed(&impact.resurrected));
        let both = creates.iter().chain(&destroys);
        let stateful = both.filter(|name| is_stateful(name)).cloned().collect();
        Self {
            creates,
            destroys,
            stateful,
        }
    }

    /// In a sentence each, what holds data first; nothing where the next plan does nothing.
    pub fn sentences(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.stateful.is_empty() {
            said.push(format!("{STATEFUL_SIGN}{}", listed(&self.stateful)));
        }
        if !self.creates.is_empty() || !self.destroys.is_empty() {
            said.push(format!(
                "the next plan would create {} and destroy {}, unless the configuration goes back too",
                self.creates.len(),
                self.destroys.len()
            ));
        }
        said
    }
}

/// How the sentence about what holds data begins.
pub const STATEFUL_SIGN: &str = "the next plan would touch what holds data: ";

fn listed(names: &[String]) -> String {
    let first = names
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>();
    match names.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_next_plan_makes_what_is_forgotten_and_takes_away_what_comes_back() {
        let impact = Impact {
            orphaned: names(&["aws_db_instance.new", "data.aws_ami.x"]),
            resurrected: names(&["aws_instance.old"]),
            changed: names(&["aws_s3_bucket.kept"]),
            certain: true,
        };
        let guard = Guard::of(&impact);
        assert_eq!(guard.creates, ["aws_db_instance.new"]);
        assert_eq!(guard.destroys, ["aws_instance.old"]);
        assert_eq!(guard.stateful, ["aws_db_instance.new"]);
        let said = guard.sentences();
        assert_eq!(
            said[0],
            "the next plan would touch what holds data: aws_db_instance.new"
        );
        assert!(said[1].starts_with("the next plan would create 1 and destroy 1"));
        assert!(Guard::default().sentences().is_empty());
    }
}
