//! The guard before the next plan: what that plan would make or take away once
//! a state is put back, as a plan of Terraform itself says it or, where there is
//! none, by the comparison of the two states. What holds data is named first,
//! because it cannot be made again.

use serde::{Deserialize, Serialize};

use super::restore::Impact;
use crate::state::{is_stateful, type_of};

/// How many addresses a sentence names.
const NAMED: usize = 5;

/// What the next plan would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guard {
    /// In the configuration and no longer in the state: made a second time.
    pub creates: Vec<String>,
    /// In the state again and no longer in the configuration: destroyed, if they still exist.
    pub destroys: Vec<String>,
    /// Destroyed and made anew; only a plan tells.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Changed in place; only a plan tells.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Those that are created, destroyed or replaced and hold data.
    pub stateful: Vec<String>,
    /// Whether the comparison cannot tell what is destroyed: the present state
    /// is not whole, so what comes back may be just what it has lost.
    #[serde(default)]
    pub partial: bool,
    #[serde(flatten)]
    pub basis: Basis,
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "judged_by", rename_all = "snake_case")]
pub enum Basis {
    /// Terraform or OpenTofu itself, by this command.
    Plan { command: String },
    /// The two states alone, where the configuration is what wrote the present
    /// one; with why there is no plan, once one was asked for.
    Comparison { why: Option<String> },
}

impl Default for Basis {
    fn default() -> Self {
        Self::Comparison { why: None }
    }
}

impl Guard {
    /// What follows from putting a state back, by the comparison alone; the
    /// present state is whole only where it is there and was read to its end.
    pub fn of(impact: &Impact, present: Whole) -> Self {
        let managed = |names: &[String]| -> Vec<String> {
            let names = names.iter().filter(|name| type_of(name).is_some());
            names.cloned().collect()
        };
        Self {
            creates: managed(&impact.orphaned),
            destroys: match present {
                Whole::Yes => managed(&impact.resurrected),
                Whole::No => Vec::new(),
            },
            partial: present == Whole::No,
            ..Self::default()
        }
        .weighed()
    }

    /// The same on the word of a plan that this command made.
    #[must_use]
    pub fn planned_by(self, command: String) -> Self {
        Self {
            basis: Basis::Plan { command },
            partial: false,
            ..self
        }
        .weighed()
    }

    /// The same where no plan could be had.
    #[must_use]
    pub fn unplanned(self, why: impl Into<String>) -> Self {
        let why = Some(why.into());
        Self {
            basis: Basis::Comparison { why },
            ..self
        }
    }

    fn weighed(mut self) -> Self {
        let all = [&self.creates, &self.destroys, &self.replaces];
        let all = all.into_iter().flatten();
        self.stateful = all.filter(|name| is_stateful(name)).cloned().collect();
        self
    }

    /// Whether the next plan would make or take away anything.
    pub fn is_quiet(&self) -> bool {
        self.creates.is_empty() && self.destroys.is_empty() && self.replaces.is_empty()
    }

    /// In a sentence each, what holds data first; nothing where the next plan does nothing.
    pub fn sentences(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.stateful.is_empty() {
            said.push(format!("{STATEFUL_SIGN}{}", listed(&self.stateful)));
        }
        if !self.is_quiet() || !self.changes.is_empty() {
            said.push(self.counted());
        }
        if self.partial {
            said.push(PARTIAL.to_owned());
        }
        said
    }

    fn counted(&self) -> String {
        let (creates, destroys) = (self.creates.len(), self.destroys.len());
        match self.basis {
            Basis::Comparison { .. } if self.partial => format!(
                "the next plan would create {creates}, unless the configuration goes back too"
            ),
            Basis::Comparison { .. } => format!(
                "the next plan would create {creates} and destroy {destroys}, unless the configuration goes back too"
            ),
            Basis::Plan { .. } => format!(
                "the next plan would create {creates}, destroy {destroys}, replace {} and change {}",
                self.replaces.len(),
                self.changes.len()
            ),
        }
    }

    /// The sentences, or that there is nothing to fear; and last who says so.
    pub fn told(&self) -> Vec<String> {
        let mut said = self.sentences();
        let (nothing, by) = match &self.basis {
            Basis::Plan { command } => (
                "the next plan would change nothing".to_owned(),
                format!(
                    "{command} says so; without a refresh it does not see what changed outside"
                ),
            ),
            Basis::Comparison { why } => (
                "both states have the same resources".to_owned(),
                match why {
                    Some(why) => format!("judged from the two states, without a plan: {why}"),
                    None => "judged from the two states".to_owned(),
                },
            ),
        };
        if said.is_empty() {
            said.push(nothing);
        }
        said.push(by);
        said
    }
}

/// Whether the present state is one that the configuration wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    Yes,
    No,
}

/// What a comparison with the rest of a state cannot tell.
const PARTIAL: &str =
    "what the next plan would destroy is not known: the present state is not whole";

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
        let broken = Guard::of(&impact, Whole::No);
        assert!(broken.destroys.is_empty(), "it may have lost just that");
        assert_eq!(
            broken.sentences()[1..],
            [
                "the next plan would create 1, unless the configuration goes back too",
                PARTIAL
            ]
        );
        let guard = Guard::of(&impact, Whole::Yes);
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

    #[test]
    fn a_plan_tells_more_than_the_comparison_and_each_says_which_it_was() {
        let guard = Guard {
            replaces: names(&["aws_db_instance.main"]),
            changes: names(&["aws_s3_bucket.tags"]),
            ..Guard::default()
        };
        let planned = guard.planned_by("terraform plan".into());
        assert_eq!(planned.stateful, ["aws_db_instance.main"]);
        assert_eq!(
            planned.sentences()[1],
            "the next plan would create 0, destroy 0, replace 1 and change 1"
        );
        assert!(planned.told()[2].starts_with("terraform plan says so"));
        let compared = Guard::default().unplanned("no terraform is at hand");
        assert_eq!(
            compared.told(),
            [
                "both states have the same resources",
                "judged from the two states, without a plan: no terraform is at hand"
            ]
        );
        let nothing = Guard::default().planned_by("tofu plan".into());
        assert_eq!(nothing.told()[0], "the next plan would change nothing");
    }

    #[test]
    fn it_is_kept_with_its_plan_and_read_again() {
        for guard in [
            Guard::default(),
            Guard::default().unplanned("x"),
            Guard::default().planned_by("terraform plan".into()),
        ] {
            let text = serde_json::to_string(&guard).unwrap();
            assert_eq!(serde_json::from_str::<Guard>(&text).unwrap(), guard);
        }
    }
}
