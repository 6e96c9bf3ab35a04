//! Plans that take long: which resources, of which kind, and what was asked of
//! which service meanwhile. Only the looking counts; what is created may take
//! as long as it takes.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Confidence, Finding, Logged, Place, Severity};
use crate::log::{Account, Act, Call, Operation};

/// From so many milliseconds on, looking at one resource makes a plan slow.
const ONE_MS: u64 = 60_000;

/// From so many on, looking at all of them does.
const ALL_MS: u64 = 300_000;

/// How many resources, kinds and calls are named.
const NAMED: usize = 5;

/// How many pieces of work make a plan slow, and whether all together do: what
/// does not change while a slow plan stays the same.
pub fn slowness(account: &Account) -> (usize, bool) {
    let looks = looks(account);
    let slow = looks.iter().filter(|look| is_slow(look)).count();
    (slow, span(&looks) >= ALL_MS)
}

/// The logs whose latest run took long to look at what there is.
pub fn of_slow_plans(logs: &[Logged<'_>]) -> Vec<Finding> {
    logs.iter().filter_map(of_slow_plan).collect()
}

fn of_slow_plan(log: &Logged<'_>) -> Option<Finding> {
    let mut looks = looks(log.account);
    let (span, count) = (span(&looks), looks.len());
    looks.sort_by_key(|look| (Reverse(look.took), look.at.record));
    let first = *looks.first()?;
    let claim = if is_slow(first) {
        format!(
            "the plan is slow: {} took {} to {}",
            first.address,
            said(first.took.unwrap_or_default()),
            first.act.word()
        )
    } else if span >= ALL_MS {
        let span = said(span);
        format!("the plan is slow: {count} resources took {span} to look at")
    } else {
        return None;
    };
    let finding = Finding::new("run.slow-plan", Severity::Info, Confidence::Certain, claim);
    let others = looks.iter().skip(1).take(NAMED - 1).map(|look| {
        let took = said(look.took.unwrap_or_default());
        format!("{} took {took} to {}", look.address, look.act.word())
    });
    let mut finding = finding
        .seen(others)
        .seen(kinds(&looks))
        .seen(asked(log.account));
    finding.told_at = Some(Place {
        file: log.number,
        record: first.at.record,
    });
    Some(finding)
}

fn is_slow(look: &Operation) -> bool {
    look.took.is_some_and(|took| took >= ONE_MS)
}

/// What the latest run looked at, each address once: by its refresh where that is told.
fn looks(account: &Account) -> Vec<&Operation> {
    let began = account.runs.latest().map(|run| run.at.record);
    let mut by_address: HashMap<&str, &Operation> = HashMap::new();
    let known = account.operations.slowest();
    for work in account.operations.latest().chain(known) {
        let is_look = matches!(work.act, Act::Refresh | Act::Read | Act::Plan);
        if !is_look || began.is_some_and(|began| work.at.record < began) {
            continue;
        }
        let rank = |work: &Operation| (work.act != Act::Plan, work.took);
        let best = by_address.entry(&*work.address).or_insert(work);
        if rank(work) > rank(best) {
            *best = work;
        }
    }
    by_address.into_values().collect()
}

/// From the first of them to the last, in milliseconds.
fn span(looks: &[&Operation]) -> u64 {
    let began = looks.iter().filter_map(|look| look.began).min();
    let ended = looks.iter().filter_map(|look| {
        let took = i64::try_from(look.took?).ok()?;
        Some(look.began?.0.saturating_add(took))
    });
    let span = began.zip(ended.max());
    span.map_or(0, |(began, ended)| ended.abs_diff(began.0))
}

/// The kinds of resources that took the most time together, where there are several of one.
fn kinds(looks: &[&Operation]) -> Vec<String> {
    let mut kinds: HashMap<&str, (usize, u64)> = HashMap::new();
    for look in looks {
        let (count, took) = kinds.entry(kind(&look.address)).or_default();
        *count += 1;
        *took += look.took.unwrap_or_default();
    }
    let mut kinds: Vec<_> = kinds
        .into_iter()
        .filter(|(_, (count, _))| *count > 1)
        .collect();
    kinds.sort_by_key(|(kind, (_, took))| (Reverse(*took), *kind));
    let named = kinds.into_iter().take(NAMED);
    let named =
        named.map(|(kind, (count, took))| format!("{count} of {kind}: {} together", said(took)));
    named.collect()
}

/// `aws_instance` of `module.a["x.y"].aws_instance.web[0]`.
fn kind(address: &str) -> &str {
    let mut rest = address;
    while let Some(module) = rest.strip_prefix("module.") {
        let Some(end) = end_of_part(module) else {
            return address;
        };
        rest = &module[end + 1..];
    }
    let rest = rest.strip_prefix("data.").unwrap_or(rest);
    rest.split('.').next().unwrap_or(rest)
}

/// Where the name of a module ends, with its key: at the next dot outside of brackets.
fn end_of_part(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'.' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// What was asked of which service, what cost the most time first.
fn asked(account: &Account) -> Vec<String> {
    let mut calls = account.calls.most_frequent();
    let usual = |call: &Call| u64::from(call.took.percentile(50).unwrap_or_default());
    calls.sort_by_key(|call| Reverse(call.calls.saturating_mul(usual(call))));
    let named = calls.into_iter().take(NAMED);
    let named = named.map(|call| {
        let asked = format!(
            "asked {} {} {} times",
            call.service, call.operation, call.calls
        );
        let usual = call.took.percentile(50);
        let usual = usual.map_or(String::new(), |usual| {
            format!(", {usual} ms each as a rule")
        });
        let refused = match call.throttles {
            0 => String::new(),
            count => format!(", {count} throttled"),
        };
        asked + &usual + &refused
    });
    named.collect()
}

fn said(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_resource_is_told_from_its_modules() {
        for (address, expected) in [
            ("aws_instance.web[0]", "aws_instance"),
            ("data.aws_ami.x", "aws_ami"),
            ("module.a[\"x.y\"].module.b.aws_eip.c[\"d.e\"]", "aws_eip"),
            ("module.a[\"q\\\".z\"].data.aws_ami.x", "aws_ami"),
            ("module.broken", "module.broken"),
        ] {
            assert_eq!(kind(address), expected);
        }
    }
}
