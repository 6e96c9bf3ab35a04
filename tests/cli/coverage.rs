//! What a person may come with has an answer that is there: a runbook, a
//! finding, an advice or a command, as `assets/runbooks/coverage.toml` says.

use std::collections::{BTreeMap, BTreeSet};

use clap::CommandFactory;
use serde::Deserialize;
use tfsos::analysis::FINDINGS;
use tfsos::args::Arguments;
use tfsos::runbook::Shelf;
use tfsos::state::lint::rules;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coverage {
    names: BTreeMap<String, Names>,
    answers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    Numbered(usize),
    Issues(Vec<String>),
}

impl Coverage {
    fn read() -> Self {
        toml::from_str(include_str!("../../assets/runbooks/coverage.toml")).unwrap()
    }

    /// Every name that wants an answer.
    fn wanted(&self) -> BTreeSet<String> {
        let names = self.names.iter().flat_map(|(family, names)| match names {
            Names::Numbered(count) => (1..=*count).map(|n| format!("{family}-{n}")).collect(),
            Names::Issues(issues) => {
                let name = |issue| format!("{family}.{issue}");
                issues.iter().map(name).collect::<Vec<_>>()
            }
        });
        names.collect()
    }
}

fn is_there(answer: &str) -> bool {
    match answer.split_once(':') {
        Some(("runbook", id)) => Shelf::built_in().find(id).is_some(),
        Some(("finding", id)) => FINDINGS.iter().any(|(known, _)| *known == id),
        Some(("lint", id)) => rules().iter().any(|rule| rule.id == id),
        Some(("command", name)) => Arguments::command().find_subcommand(name).is_some(),
        _ => false,
    }
}

#[test]
fn everything_that_has_a_name_has_an_answer_and_nothing_else() {
    let coverage = Coverage::read();
    let answered: BTreeSet<_> = coverage.answers.keys().cloned().collect();
    assert_eq!(coverage.wanted(), answered);
    let count = |family: &str| match &coverage.names[family] {
        Names::Numbered(count) => *count,
        Names::Issues(issues) => issues.len(),
    };
    let families = [
        ("ch15.error", 5),
        ("ch15.recovery", 3),
        ("ch15.pitfall", 6),
        ("ch15.tip", 15),
        ("ch15.optimisation", 5),
        ("ch15.drift", 3),
        ("ch15.exercise", 3),
        ("ch16.pitfall", 7),
        ("ch16.tip", 15),
    ];
    for (family, expected) in families {
        assert_eq!(count(family), expected, "{family}");
    }
    let scenarios = coverage
        .names
        .keys()
        .filter(|name| name.starts_with("scenarios."));
    assert_eq!(
        scenarios.map(|name| count(name)).collect::<Vec<_>>(),
        [6; 7]
    );
}

#[test]
fn every_answer_is_there() {
    let dangling: Vec<_> = Coverage::read()
        .answers
        .into_iter()
        .filter(|(_, answer)| !is_there(answer))
        .collect();
    assert_eq!(dangling, []);
    assert!(!is_there("runbook:no-such"));
    assert!(!is_there("finding:state.no-such"));
    assert!(!is_there("lint:no.such"));
    assert!(!is_there("command:no-such"));
}

#[test]
fn every_advice_leads_to_a_runbook_that_is_there() {
    let shelf = Shelf::built_in();
    for rule in rules() {
        let page = rule.runbook.as_deref();
        assert!(
            page.is_some_and(|id| shelf.find(id).is_some()),
            "{}: {page:?}",
            rule.id
        );
    }
}
