//! Findings about a plan before it is applied: what it would destroy that holds
//! data, what it would create a second time, whether it is still the plan of
//! the state that is there, and what has changed outside Terraform.

mod read;
mod saved;

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Confidence, Finding, Planned, Severity};
pub use read::created_in_events;

use crate::state::{Serial, is_stateful};

/// How many addresses are named as evidence.
const NAMED: usize = 10;

/// What a plan would do, however it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub changes: Vec<Change>,
    /// What the refresh found changed outside Terraform.
    pub drift: Vec<Change>,
    /// The state that it was made from; none where the file does not say.
    pub base: Option<Base>,
}

/// One thing that a plan does, or that has happened to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub address: String,
    /// The address before a move.
    pub was: Option<String>,
    pub act: Act,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Create,
    Update,
    Delete,
    Replace,
    /// It is only read, imported, moved or forgotten.
    Other,
}

/// The state that a saved plan was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub serial: Option<Serial>,
    pub lineage: Option<String>,
}

/// What a plan is judged beside.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Serial and lineage of the state that is there; none where it could not be read.
    pub current: Option<Base>,
    /// The addresses in it.
    pub addresses: HashSet<String>,
    /// When the store wrote it.
    pub written: Option<Timestamp>,
    /// Older states, the newest first, each with what it is called and its addresses.
    pub older: Vec<(String, HashSet<String>)>,
}

impl Plan {
    /// The addresses that would be created although the state does not hold them now.
    pub fn created<'a>(&'a self, present: &HashSet<String>) -> Vec<&'a str> {
        let changes = self.changes.iter();
        let created = changes.filter(|change| change.act == Act::Create);
        let addresses = created.map(|change| change.address.as_str());
        addresses
            .filter(|address| !present.contains(*address))
            .collect()
    }
}

/// What is wrong with a plan, or worth knowing of it.
pub fn of_plan(plan: &Plan, beside: &Beside) -> Vec<Finding> {
    let found = [
        destroyed(plan),
        recreated(plan, beside),
        stale(plan, beside),
        drifted(plan),
    ];
    found.into_iter().flatten().collect()
}

/// What is wrong with a plan that was only shown, unless the state was written since.
pub fn of_planned(planned: &Planned, beside: &Beside) -> Option<Finding> {
    if planned.is_before(beside.written) {
        return None;
    }
    let creates = planned.creates.iter().map(|address| Change {
        address: address.clone(),
        was: None,
        act: Act::Create,
    });
    let plan = Plan {
        changes: creates.collect(),
        ..Plan::default()
    };
    let mut finding = recreated(&plan, beside)?.seen([planned.said.clone()]);
    finding.told_at = Some(planned.told_at);
    Some(finding)
}

fn destroyed(plan: &Plan) -> Option<Finding> {
    let goes = |change: &&Change| matches!(change.act, Act::Delete | Act::Replace);
    let gone: Vec<&Change> = plan.changes.iter().filter(goes).collect();
    let (holding, others): (Vec<_>, Vec<_>) = gone
        .into_iter()
        .partition(|change| is_stateful(&change.address));
    if holding.is_empty() {
        let evidence = named(others.iter().map(|change| destroys(change)));
        let claim = match others.len() {
            0 => return None,
            1 => "the plan destroys 1 resource".to_owned(),
            count => format!("the plan destroys {count} resources"),
        };
        let finding = Finding::new("plan.destroys", Severity::Info, Confidence::Certain, claim);
        return Some(finding.seen(evidence));
    }
    let claim = match holding.as_slice() {
        [one] => format!("the plan destroys what holds data: {}", one.address),
        many => format!("the plan destroys {} that hold data", many.len()),
    };
    let finding = Finding::new(
        "plan.destroys-data",
        Severity::Critical,
        Confidence::Certain,
        claim,
    );
    let rest = match others.len() {
        0 => None,
        1 => Some("and 1 more that holds none".to_owned()),
        count => Some(format!("and {count} more that hold none")),
    };
    let evidence = named(holding.iter().map(|change| destroys(change)));
    Some(finding.seen(evidence.into_iter().chain(rest)))
}

fn destroys(change: &Change) -> String {
    match change.act {
        Act::Replace => format!("{}: destroyed and created anew", change.address),
        _ => format!("{}: destroyed", change.address),
    }
}

/// Only the newest state that holds any of them is named: it is the one to look at.
fn recreated(plan: &Plan, beside: &Beside) -> Option<Finding> {
    let created = plan.created(&beside.addresses);
    let (older, again) = beside.older.iter().find_map(|(older, held)| {
        let again: Vec<&str> = created
            .iter()
            .copied()
            .filter(|address| held.contains(*address))
            .collect();
        (!again.is_empty()).then_some((older, again))
    })?;
    let claim = match again.as_slice() {
        [one] => format!("the plan creates what {older} holds: {one}"),
        many => format!(
            "the plan creates {} resources that {older} holds",
            many.len()
        ),
    };
    // A destroy on purpose, taken back in the configuration, looks the same.
    let finding = Finding::new(
        "plan.recreates",
        Severity::Critical,
        Confidence::Likely,
        claim,
    );
    let evidence = named(again.into_iter().map(str::to_owned));
    let told = "if they still exist, the state has lost them: applied, there would be two of each";
    Some(finding.seen(std::iter::once(told.to_owned()).chain(evidence)))
}

/// As Terraform judges it: another lineage unless it is the first plan of all, else another serial.
fn stale(plan: &Plan, beside: &Beside) -> Option<Finding> {
    let (base, current) = (plan.base.as_ref()?, beside.current.as_ref()?);
    let serial = |base: &Base| base.serial.map_or(0, |serial| serial.0);
    let lineage = |base: &Base| base.lineage.clone().unwrap_or_default();
    let is_first = serial(base) == 0 && lineage(base).is_empty();
    if !is_first && lineage(base) != lineage(current) {
        let claim = "the saved plan is of another state: it cannot be applied here";
        let certain = Confidence::Certain;
        let finding = Finding::new("plan.other-state", Severity::Warning, certain, claim);
        return Some(finding.seen([
            format!("the plan was made of lineage {}", lineage(base)),
            format!("the state has lineage {}", lineage(current)),
        ]));
    }
    if serial(base) == serial(current) {
        return None;
    }
    let claim = "the saved plan is stale: the state was written after it was made";
    let certain = Confidence::Certain;
    let finding = Finding::new("plan.stale", Severity::Warning, certain, claim);
    Some(finding.seen([
        format!("the plan was made of serial {}", serial(base)),
        format!("the state has serial {}", serial(current)),
    ]))
}

fn drifted(plan: &Plan) -> Option<Finding> {
    // A move alone has changed nothing.
    let changed = plan.drift.iter().filter(|one| one.act != Act::Other);
    let drift: Vec<&Change> = changed.collect();
    let claim = match drift.len() {
        0 => return None,
        1 => "1 resource has changed outside Terraform".to_owned(),
        count => format!("{count} resources have changed outside Terraform"),
    };
    let evidence = named(drift.iter().map(|change| match change.act {
        Act::Delete => format!("{}: deleted", change.address),
        _ => format!("{}: changed", change.address),
    }));
    let finding = Finding::new("plan.drift", Severity::Info, Confidence::Certain, claim);
    Some(finding.seen(evidence))
}

/// The first of them, and how many more there are.
fn named(said: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = said.len().saturating_sub(NAMED);
    let mut rows: Vec<String> = said.take(NAMED).collect();
    if more > 0 {
        rows.push(format!("and {more} more"));
    }
    rows
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn change(act: Act, address: &str) -> Change {
        Change {
            address: address.into(),
            was: None,
            act,
        }
    }

    pub fn base(serial: u64, lineage: &str) -> Base {
        Base {
            serial: Some(Serial(serial)),
            lineage: (!lineage.is_empty()).then(|| lineage.to_owned()),
        }
    }

    pub fn set(addresses: &[&str]) -> HashSet<String> {
        addresses.iter().map(|one| (*one).to_owned()).collect()
    }

    fn ids(plan: &Plan, beside: &Beside) -> Vec<(&'static str, Severity)> {
        let findings = of_plan(plan, beside);
        findings.iter().map(|one| (one.id, one.severity)).collect()
    }

    pub fn planning(changes: &[Change]) -> Plan {
        Plan {
            changes: changes.to_vec(),
            ..Plan::default()
        }
    }

    #[test]
    fn what_holds_data_is_named_before_it_is_destroyed() {
        let plan = planning(&[
            change(Act::Replace, "module.a.aws_db_instance.main"),
            change(Act::Delete, "aws_instance.web"),
            change(Act::Update, "aws_s3_bucket.kept"),
        ]);
        let findings = of_plan(&plan, &Beside::default());
        assert_eq!(
            findings[0].claim,
            "the plan destroys what holds data: module.a.aws_db_instance.main"
        );
        assert_eq!(
            findings[0].evidence,
            [
                "module.a.aws_db_instance.main: destroyed and created anew",
                "and 1 more that holds none"
            ]
        );
        let harmless = planning(&[change(Act::Delete, "aws_instance.web")]);
        assert_eq!(
            ids(&harmless, &Beside::default()),
            [("plan.destroys", Severity::Info)]
        );
        let none = planning(&[
            change(Act::Update, "aws_db_instance.main"),
            change(Act::Other, "aws_s3_bucket.moved"),
        ]);
        assert_eq!(ids(&none, &Beside::default()), []);
    }

    #[test]
    fn what_an_older_version_holds_would_be_there_twice() {
        let plan = planning(&[
            change(Act::Create, "aws_vpc.main"),
            change(Act::Create, "aws_vpc.new"),
        ]);
        let mut beside = Beside {
            older: vec![
                ("version v3".into(), set(&["aws_eip.other"])),
                ("version v2".into(), set(&["aws_vpc.main"])),
                ("version v1".into(), set(&["aws_vpc.main", "aws_vpc.new"])),
            ],
            ..Beside::default()
        };
        let findings = of_plan(&plan, &beside);
        assert_eq!(
            findings[0].claim,
            "the plan creates what version v2 holds: aws_vpc.main"
        );
        // What the state holds now is not created a second time: it is deposed or tainted.
        beside.addresses = set(&["aws_vpc.main", "aws_vpc.new"]);
        assert_eq!(ids(&plan, &beside), []);
        beside.addresses = HashSet::new();
        beside.older.truncate(1);
        assert_eq!(ids(&plan, &beside), []);
    }

    #[test]
    fn a_plan_is_stale_where_terraform_would_say_so() {
        let judged = |made: Base, now: Base| {
            let plan = Plan {
                base: Some(made),
                ..Plan::default()
            };
            let beside = Beside {
                current: Some(now),
                ..Beside::default()
            };
            let found = of_plan(&plan, &beside).pop();
            found.map(|finding| finding.id)
        };
        assert_eq!(judged(base(4, "l"), base(4, "l")), None);
        assert_eq!(judged(base(4, "l"), base(5, "l")), Some("plan.stale"));
        assert_eq!(
            judged(base(4, "l"), base(4, "other")),
            Some("plan.other-state")
        );
        // The first plan of all knows no lineage.
        assert_eq!(judged(base(0, ""), base(1, "l")), Some("plan.stale"));
        // Without both there is nothing to compare.
        let made = Plan {
            base: Some(base(4, "l")),
            ..Plan::default()
        };
        assert_eq!(ids(&made, &Beside::default()), []);
    }

    #[test]
    fn drift_is_a_note_with_what_became_of_it() {
        let plan = Plan {
            drift: vec![
                change(Act::Update, "aws_instance.web"),
                change(Act::Delete, "aws_eip.a"),
                change(Act::Other, "aws_vpc.moved"),
            ],
            ..Plan::default()
        };
        let findings = of_plan(&plan, &Beside::default());
        assert_eq!(
            (findings[0].id, findings[0].severity),
            ("plan.drift", Severity::Info)
        );
        assert_eq!(
            findings[0].evidence,
            ["aws_instance.web: changed", "aws_eip.a: deleted"]
        );
    }
}
