//! A step of a page: one heading and what stands below it, in the order of the
//! page. The numbers that people say are counted from one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::check::{Check, Remedy};
use super::directive::{Branch, Directive};
use super::prose::{Block, Snippet};

/// The place of a step on its page. Reads as the number that people say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepNo(u16);

impl StepNo {
    /// The step with this index, counted from zero.
    pub fn at(index: usize) -> Self {
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }

    /// The step that people call by this number, counted from one.
    pub fn numbered(number: u16) -> Option<Self> {
        number.checked_sub(1).map(Self)
    }

    /// Its index, counted from zero.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for StepNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&(u32::from(self.0) + 1).to_string())
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The heading without its number.
    pub title: String,
    /// The number that the heading wrote, which lint compares with the real one.
    pub(super) written: Option<StepNo>,
    pub blocks: Vec<Block>,
}

impl Step {
    pub(super) fn new(heading: &str) -> Self {
        let (written, title) = numbered(heading);
        Self {
            title: title.to_owned(),
            written,
            blocks: Vec::new(),
        }
    }

    /// What can be copied, in order.
    pub fn copies(&self) -> impl Iterator<Item = &Snippet> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Snippet(snippet) if snippet.is_for_copying() => Some(snippet),
            _ => None,
        })
    }

    /// The checks that the console can answer here.
    pub fn checks(&self) -> impl Iterator<Item = Check> {
        self.directives().filter_map(|directive| match directive {
            Directive::Check(name) => Check::named(name),
            _ => None,
        })
    }

    /// What the console can do here, if anything.
    pub fn remedy(&self) -> Option<Remedy> {
        self.directives().find_map(|directive| match directive {
            Directive::Action(name) => Remedy::named(name),
            _ => None,
        })
    }

    /// Where to go on instead of the next step.
    pub fn branches(&self) -> impl Iterator<Item = &Branch> {
        self.directives().filter_map(|directive| match directive {
            Directive::Branch(branch) => Some(branch),
            _ => None,
        })
    }

    /// Whether something here can't be undone, and what; the text may be empty.
    pub fn danger(&self) -> Option<&str> {
        self.directives().find_map(|directive| match directive {
            Directive::Danger(why) => Some(why.as_str()),
            _ => None,
        })
    }

    pub(super) fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Directive(directive) => Some(directive),
            _ => None,
        })
    }
}

/// `3. Ask the team` is the third step, `Ask the team`.
fn numbered(heading: &str) -> (Option<StepNo>, &str) {
    let split = heading.split_once(['.', ')']);
    let Some((number, title)) = split else {
        return (None, heading);
    };
    match number.parse::<u16>().ok().and_then(StepNo::numbered) {
        Some(written) if title.starts_with(' ') => (Some(written), title.trim_start()),
        _ => (None, heading),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_counted_from_one() {
        assert_eq!(StepNo::at(0).to_string(), "1");
        assert_eq!(StepNo::numbered(7).unwrap().index(), 6);
        assert_eq!(StepNo::numbered(0), None);
        assert_eq!(StepNo::at(usize::MAX).to_string(), "65536");
    }

    #[test]
    fn the_number_of_a_heading_is_not_its_title() {
        assert_eq!(Step::new("3. Ask the team").title, "Ask the team");
        assert_eq!(Step::new("3. Ask").written, StepNo::numbered(3));
        for heading in ["1.5 hours later", "v1. Then", "0. Before", "Ask.", "."] {
            assert_eq!(Step::new(heading).title, heading);
        }
    }

    #[test]
    fn a_step_tells_what_the_console_can_do_in_it() {
        let mut step = Step::new("Release");
        for line in [
            "check: lock.absent",
            "check: moon.full",
            "danger: for good",
            "action: release",
        ] {
            let directive = Directive::read(line).unwrap();
            step.blocks.push(Block::Directive(directive));
        }
        assert_eq!(step.checks().collect::<Vec<_>>(), [Check::LockAbsent]);
        assert_eq!(step.remedy(), Some(Remedy::Release));
        assert_eq!(step.danger(), Some("for good"));
        assert_eq!(step.branches().count(), 0);
    }
}
