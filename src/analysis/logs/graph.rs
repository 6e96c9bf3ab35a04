//! What the configuration, its providers and the working directory are blamed
//! for: a ring of dependencies, arguments that are going away, a provider that
//! breaks its word, a directory that has to be initialized.

use std::fmt::Write as _;

use regex::Regex;

use super::told::{Pattern, Told, caught, group, pattern};
use super::{Confidence, Finding, Meant, Severity, critical, warning};
use crate::log::Category;

/// How many members of a ring are drawn.
const DRAWN: usize = 12;

pub fn of_cycle(told: &Told<'_>) -> Option<Meant> {
    let (_, listed) = told.summary.split_once("Cycle: ")?;
    if told.category() != Category::Cycle {
        return None;
    }
    let members: Vec<&str> = listed.split(", ").map(str::trim).collect();
    let members: Vec<&str> = members
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    let first = members.first()?;
    let claim = match members.len() {
        1 => format!("{first} depends on itself"),
        count => format!(
            "{count} depend on each other in a ring: {}",
            shortened(&members)
        ),
    };
    let finding = critical("graph.cycle", Confidence::Certain, claim).seen(ring(&members));
    Some(Meant::new(finding, members.concat()))
}

fn shortened(members: &[&str]) -> String {
    let named = members
        .iter()
        .take(3)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match members.len() {
        0..=3 => named,
        count => format!("{named} and {} more", count - 3),
    }
}

/// The members as a ring. Terraform names them in no order of dependency.
fn ring(members: &[&str]) -> Vec<String> {
    let last = members.len().min(DRAWN).saturating_sub(1);
    let drawn = members.iter().take(DRAWN).enumerate();
    let mut rows: Vec<String> = drawn
        .map(|(number, member)| match number {
            _ if last == 0 => format!("↻ {member}"),
            0 => format!("┌▸ {member}"),
            number if number == last => format!("└─ {member}"),
            _ => format!("│  {member}"),
        })
        .collect();
    if members.len() > DRAWN {
        rows.push(format!("   and {} more", members.len() - DRAWN));
    }
    rows
}

pub fn of_deprecation(told: &Told<'_>) -> Option<Meant> {
    static NAMED: Pattern = pattern(|| {
        Regex::new(r#"(?:[Tt]he )?(?:parameter|argument|attribute|Argument|Attribute)s? "([^"]+)""#)
            .ok()
    });
    static BARE: Pattern = pattern(|| Regex::new(r#""?\b([a-z]\w*_\w+)\b"? is deprecated"#).ok());
    if told.category() != Category::Deprecation {
        return None;
    }
    let named = group(&NAMED, &told.words, 1).or_else(|| group(&BARE, &told.words, 1));
    let what = named.unwrap_or("something that is not named");
    let mut claim = format!("deprecated: {what}");
    if let Some(address) = told.address() {
        // Writing to a string cannot fail.
        let _ = write!(claim, " of {address}");
    }
    let code = told.code();
    if let Some(code) = &code {
        let _ = write!(claim, ", {code}");
    }
    let finding = Finding::new(
        "config.deprecated",
        Severity::Info,
        Confidence::Certain,
        claim,
    );
    Some(Meant::new(
        finding,
        format!("{what} {}", code.unwrap_or_default()),
    ))
}

pub fn of_provider(told: &Told<'_>) -> Option<Meant> {
    static BROKEN: Pattern = pattern(|| {
        Regex::new(r"Provider produced (inconsistent result after apply|inconsistent final plan|invalid plan)")
            .ok()
    });
    static ABOUT: Pattern = pattern(|| {
        Regex::new(r#"When (?:applying changes to|expanding the plan for) (\S+?),? .*?provider "(?:provider\[\\?")?([\w./-]+)"#)
            .ok()
    });
    let what = group(&BROKEN, &told.words, 1)?;
    if !told.is_final() {
        return None;
    }
    let about = caught(&ABOUT, &told.words);
    let part = |number: usize| Some(about.as_ref()?.get(number)?.as_str().to_owned());
    let address = part(1).or_else(|| told.address());
    let mut claim = format!("the provider produced an {what}");
    if let Some(address) = &address {
        let _ = write!(claim, " for {address}");
    }
    if let Some(provider) = part(2) {
        let _ = write!(claim, ": {provider}");
    }
    let finding = warning("provider.inconsistent", Confidence::Certain, claim).seen([
        "this is a bug of the provider: apply once more, and report it with this record".to_owned(),
    ]);
    Some(Meant::new(finding, address.unwrap_or_default()))
}

/// What is wrong with the providers that a directory asks for: id, claim, remedy.
fn of_plugins(told: &Told<'_>) -> Option<(&'static str, String, &'static str)> {
    static PROVIDER: Pattern = pattern(|| {
        Regex::new(r"(?:[Pp]rovider|installing|dependency lock file: -) ((?:[\w.-]+/){1,2}[\w-]+)")
            .ok()
    });
    let which = group(&PROVIDER, &told.words, 1);
    let of = which.map_or_else(String::new, |name| format!(" {name}"));
    let found = if told.says(&[
        "does not match any of the checksums",
        "doesn't match any of the checksums",
    ]) {
        (
            "providers.checksum",
            format!("the package of the provider{of} is not one that the lock file vouches for"),
            "another platform's checksum is missing: terraform providers lock; the same platform and version: stop, somebody serves another file",
        )
    } else if told.says(&[
        "Inconsistent dependency lock file",
        "does not match configured version constraint",
    ]) {
        (
            "providers.lock-file",
            match which {
                Some(name) => {
                    format!("the dependency lock file does not fit the configuration: {name}")
                }
                None => "the dependency lock file does not fit the configuration".to_owned(),
            },
            "terraform init, or terraform init -upgrade where the constraint was raised on purpose",
        )
    } else if told.says(&["Required plugins are not installed"]) {
        (
            "providers.missing",
            format!("the provider{of} that the lock file names is not installed here"),
            "terraform init, in this directory and on this machine",
        )
    } else if told.says(&[
        "Failed to query available provider packages",
        "Failed to install provider",
    ]) {
        (
            "providers.not-fetched",
            format!("the provider{of} cannot be fetched"),
            "the registry or the way to it, or a source that does not exist: the record says which",
        )
    } else {
        return None;
    };
    Some(found)
}

pub fn of_initialization(told: &Told<'_>) -> Option<Meant> {
    static REASON: Pattern = pattern(|| Regex::new(r#"Reason: (.+?)(?: The "backend" is|$)"#).ok());
    if told.category() != Category::Backend {
        return None;
    }
    let (id, claim, remedy) = if let Some(found) = of_plugins(told) {
        found
    } else if told.says(&[
        "Backend initialization required",
        "Backend configuration changed",
        "Enterprise initialization required",
    ]) {
        let reason = group(&REASON, &told.words, 1);
        let reason = reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        (
            "backend.changed",
            format!("the backend is not initialized as it is configured{reason}"),
            "look whether the backend block was meant to change, before init -migrate-state or -reconfigure",
        )
    } else {
        return None;
    };
    let finding = warning(id, Confidence::Certain, claim).seen([remedy.to_owned()]);
    Some(Meant::new(finding, ""))
}
