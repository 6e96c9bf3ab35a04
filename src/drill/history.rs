//! The versions of a scenario's state as the bytes that were written: each
//! one computed from the one before, whole unless the scenario damages it.

use jiff::Timestamp;

use super::catalog::Catalog;
use super::chance::Chance;
use super::project::{Head, Project, Surroundings};
use super::scenario::{Damage, DigestItem, Scenario, Version};
use crate::state::Address;

/// One write to the state object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub at: Timestamp,
    /// `user@host` of whoever wrote it.
    pub writer: String,
    /// When the lock for it was taken; it was given back at the time of the write.
    pub locked: Option<Timestamp>,
    pub serial: u64,
    pub digest: DigestItem,
    /// None where the object was deleted.
    pub bytes: Option<Vec<u8>>,
}

/// Every write, oldest first; the project as the last whole version has it.
pub fn play<'a>(
    scenario: &Scenario,
    catalog: &'a Catalog,
    seed: u64,
    start: Timestamp,
) -> Result<(Vec<Written>, Project<'a>), String> {
    let surroundings = Surroundings {
        seed,
        region: scenario.place.region.clone(),
        account: scenario.place.account.clone(),
    };
    let mut project = Project::new(catalog, surroundings);
    let lineage = Chance::new(seed, "lineage").uuid();
    let mut serial = scenario.state.serial;
    let mut history: Vec<Written> = Vec::new();
    for version in &scenario.versions {
        if version.damage.is_none() && !history.is_empty() {
            serial += 1;
        }
        apply(version, &mut project)?;
        let head = Head {
            terraform: &scenario.state.terraform,
            serial,
            lineage: &lineage,
            outputs: &scenario.state.outputs,
        };
        let bytes = damaged(project.state(&head)?, version.damage)?;
        let at = start - version.ago;
        history.push(Written {
            at,
            writer: version.writer.clone(),
            locked: version.held.map(|held| at - held),
            serial,
            digest: version.digest,
            bytes,
        });
    }
    Ok((history, project))
}

fn apply(version: &Version, project: &mut Project<'_>) -> Result<(), String> {
    for address in version.remove.iter().flat_map(super::Pattern::instances) {
        project.remove(&address)?;
    }
    for address in version.add.iter().flat_map(super::Pattern::instances) {
        project.add(&address)?;
    }
    for edit in &version.change {
        let each = |address: Address| project.set(&address, &edit.set);
        edit.of.instances().into_iter().try_for_each(each)?;
    }
    let mut tainted = version.taint.iter().flat_map(super::Pattern::instances);
    tainted.try_for_each(|address| project.taint(&address))
}

fn damaged(mut bytes: Vec<u8>, damage: Option<Damage>) -> Result<Option<Vec<u8>>, String> {
    match damage {
        None => {}
        Some(Damage::Empty) => bytes.clear(),
        Some(Damage::Deleted) => return Ok(None),
        Some(Damage::Cut(percent)) => {
            let end = inside_a_string(&bytes, percent)
                .ok_or_else(|| format!("no string is left after {percent} %"))?;
            bytes.truncate(end);
        }
    }
    Ok(Some(bytes))
}

/// The first place, after so many percent of a JSON text, in the middle of a string.
fn inside_a_string(bytes: &[u8], percent: u8) -> Option<usize> {
    let from = bytes.len() * usize::from(percent) / 100;
    let (mut opened, mut escaped) = (None, false);
    for (at, &byte) in bytes.iter().enumerate() {
        match (opened, byte) {
            (Some(_), b'\\') => escaped = !escaped,
            (Some(_), b'"') if !escaped => opened = None,
            (None, b'"') => opened = Some(at),
            // Some letters in, so that what is lost can be seen.
            (Some(start), _) if at >= from && at - start > 4 && !escaped => return Some(at),
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = r#"
        id = "x"
        title = "x"
        story = "x"
        runbook = "state-lock"
        solved = []
        place = { bucket = "b", key = "k", region = "eu-central-1", account = "1" }
        state = { terraform = "1.11.4", serial = 7 }
        version = [
            { ago = "4h", writer = "a@b", held = "2m", add = ["aws_kms_key.a"] },
            { ago = "3h", writer = "a@b", add = ["aws_kms_key.b[0..3]"], remove = ["aws_kms_key.a"] },
            { ago = "2h", writer = "a@b", damage = "empty" },
            { ago = "1h", writer = "a@b", damage = "deleted" },
        ]
    "#;

    fn played(text: &str) -> Result<Vec<Written>, String> {
        let scenario = Scenario::read("x", text).map_err(|fault| fault.to_string())?;
        let catalog = Catalog::built_in().unwrap();
        play(&scenario, &catalog, 1, Timestamp::UNIX_EPOCH).map(|(history, _)| history)
    }

    #[test]
    fn versions_differ_by_what_they_add_and_remove() {
        let history = played(SCENARIO).unwrap();
        let text = |at: usize| String::from_utf8(history[at].bytes.clone().unwrap()).unwrap();
        assert!(text(0).contains(r#""name": "a""#) && text(0).contains(r#""serial": 7"#));
        assert!(!text(1).contains(r#""name": "a""#) && text(1).contains(r#""serial": 8"#));
        assert_eq!(text(1).matches("index_key").count(), 3);
        let held = |at: usize| {
            let taken = history[at].locked?;
            Some(history[at].at.duration_since(taken).as_secs())
        };
        assert_eq!(held(0), Some(120));
        assert_eq!(held(1), None);
    }

    #[test]
    fn a_damaged_version_is_a_copy_of_the_one_before() {
        let history = played(SCENARIO).unwrap();
        assert_eq!(history[2].bytes.as_deref(), Some(&[][..]));
        assert_eq!(history[3].bytes, None);
        assert_eq!((history[2].serial, history[3].serial), (8, 8));
    }

    #[test]
    fn a_difference_to_what_is_not_there_is_refused() {
        let twice = SCENARIO.replace("aws_kms_key.b[0..3]", "aws_kms_key.a");
        assert!(played(&twice.replace(r#", remove = ["aws_kms_key.a"]"#, "")).is_err());
        assert!(
            played(&SCENARIO.replace(
                r#"remove = ["aws_kms_key.a"]"#,
                r#"remove = ["aws_kms_key.c"]"#
            ))
            .is_err()
        );
        assert!(played(&SCENARIO.replace("aws_kms_key.a", "aws_unknown.a")).is_err());
        assert!(played(&SCENARIO.replace("damage", "dammage")).is_err());
    }

    #[test]
    fn a_cut_falls_into_a_string() {
        let text = br#"{"key": "a \"long\" value", "n": 123456789}"#;
        for percent in [0, 10, 30, 50] {
            let end = inside_a_string(text, percent).unwrap();
            let quotes = text[..end]
                .windows(2)
                .filter(|two| two[1] == b'"' && two[0] != b'\\');
            assert_eq!(quotes.count() % 2, 1, "{percent}");
        }
        assert_eq!(inside_a_string(text, 90), None);
    }
}
