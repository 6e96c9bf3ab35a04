//! Lines of a page that mean something to the console: `check:`, `action:`,
//! `expect:`, `danger` and `if … → 7`.
//!
//! A directive is a line of its own. Anything else stays prose, and a name
//! that nobody knows stays a directive, so that lint can say so.

use std::fmt;

use super::step::StepNo;

/// A line that the console understands, in the order the page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// `check: lock.absent`; the name may be unknown.
    Check(String),
    /// `action: release`; the name may be unknown.
    Action(String),
    /// `expect: …`, what the command before it should show.
    Expect(String),
    /// `danger` or `danger: …`, with what can't be undone.
    Danger(String),
    Branch(Branch),
}

/// `if <condition> → <target>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub condition: String,
    pub target: Target,
}

/// Where a branch leads: a step of this page or another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Step(StepNo),
    Page(String),
}

impl Directive {
    /// The directive in a line of plain text, if it is one.
    pub fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        if line == "danger" {
            return Some(Self::Danger(String::new()));
        }
        if let Some(branch) = Branch::read(line) {
            return Some(Self::Branch(branch));
        }
        let (word, rest) = line.split_once(':')?;
        let rest = rest.trim().to_owned();
        match word {
            "check" => Some(Self::Check(rest)),
            "action" => Some(Self::Action(rest)),
            "expect" => Some(Self::Expect(rest)),
            "danger" => Some(Self::Danger(rest)),
            _ => None,
        }
    }
}

impl Branch {
    fn read(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("if ").or(line.strip_prefix("If "))?;
        let (condition, target) = rest.rsplit_once('→').or(rest.rsplit_once("->"))?;
        Some(Self {
            condition: condition.trim().to_owned(),
            target: Target::read(target.trim())?,
        })
    }
}

impl Target {
    fn read(text: &str) -> Option<Self> {
        let word = text.strip_prefix("step ").unwrap_or(text);
        if let Ok(number) = word.parse::<u16>() {
            return Some(Self::Step(StepNo::numbered(number)?));
        }
        super::page::is_id(word).then(|| Self::Page(word.to_owned()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => write!(f, "{step}"),
            Self::Page(id) => f.write_str(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_line_is_a_directive_even_when_nobody_knows_the_name() {
        assert_eq!(
            Directive::read("check: lock.absent"),
            Some(Directive::Check("lock.absent".into()))
        );
        assert_eq!(
            Directive::read("action:  reboot "),
            Some(Directive::Action("reboot".into()))
        );
    }

    #[test]
    fn danger_may_stand_alone_or_say_why() {
        assert_eq!(
            Directive::read("danger"),
            Some(Directive::Danger(String::new()))
        );
        assert_eq!(
            Directive::read("danger: the object is gone for good"),
            Some(Directive::Danger("the object is gone for good".into()))
        );
    }

    #[test]
    fn a_branch_leads_to_a_step_or_to_another_page() {
        let branch = |line| match Directive::read(line) {
            Some(Directive::Branch(branch)) => branch,
            other => panic!("{other:?}"),
        };
        let yes = branch("if somebody answers yes → 7");
        assert_eq!(yes.condition, "somebody answers yes");
        assert_eq!(yes.target, Target::Step(StepNo::numbered(7).unwrap()));
        let other = branch("if the state does not parse -> state-corrupt");
        assert_eq!(other.target, Target::Page("state-corrupt".into()));
        assert_eq!(other.target.to_string(), "state-corrupt");
    }

    #[test]
    fn prose_stays_prose() {
        for line in [
            "note: this is prose",
            "if the lock is old, ask",
            "if it fails → call the owner of the account",
            "if it fails → 0",
            "dangerous: yes",
            "checks: none",
            "",
        ] {
            assert_eq!(Directive::read(line), None, "{line}");
        }
    }
}
