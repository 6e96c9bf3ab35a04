//! What is not right in a state although Terraform may load it, and what
//! explains why it does not: zero bytes, resources that have two entries,
//! dependencies on what is not there.

use std::collections::{BTreeMap, HashMap, HashSet};

use memchr::memchr;

use super::snapshot::Snapshot;

/// So many runs of zero bytes are told.
const RUNS: usize = 8;

/// A run of zero bytes, as a disk or a network share leaves them behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zeros {
    pub start: usize,
    pub length: usize,
}

/// A dependency on a resource that the state does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dangling {
    /// The configuration address that is not there.
    pub on: String,
    /// One of those that depend on it.
    pub of: String,
    /// How many instances do.
    pub instances: usize,
}

/// What a look at the whole text found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Integrity {
    /// The first runs of zero bytes.
    pub zeros: Vec<Zeros>,
    /// Resources that have more than one entry, which Terraform merges without a word.
    pub doubled: Vec<String>,
    pub dangling: Vec<Dangling>,
}

impl Integrity {
    /// Looks at what was read and at the text that it was read from.
    pub fn of(snapshot: &Snapshot) -> Self {
        Self {
            zeros: zeros(snapshot.text()),
            doubled: doubled(snapshot),
            dangling: dangling(snapshot),
        }
    }
}

fn zeros(text: &[u8]) -> Vec<Zeros> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr(0, &text[at..]).filter(|_| runs.len() < RUNS) {
        let start = at + found;
        let length = text[start..].iter().take_while(|byte| **byte == 0).count();
        runs.push(Zeros { start, length });
        at = start + length;
    }
    runs
}

fn doubled(snapshot: &Snapshot) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut again = |address| !seen.insert(address);
    let addresses = snapshot
        .resources()
        .iter()
        .map(|resource| &resource.address);
    let mut doubled: Vec<String> = addresses
        .filter(|one| again(*one))
        .map(ToString::to_string)
        .collect();
    doubled.sort();
    doubled.dedup();
    doubled
}

fn dangling(snapshot: &Snapshot) -> Vec<Dangling> {
    let there: HashSet<String> = snapshot
        .resources()
        .iter()
        .map(|resource| resource.address.configured())
        .collect();
    // Neighbors depend on the same resources: their lists are read once.
    let mut read: HashMap<&[u8], Vec<String>> = HashMap::new();
    let mut found: BTreeMap<String, Dangling> = BTreeMap::new();
    for (no, instance) in snapshot.instances() {
        let missing = read
            .entry(snapshot.raw(instance.dependencies))
            .or_insert_with(|| {
                let mut needed = snapshot.dependencies(no);
                needed.retain(|address| !there.contains(address));
                needed
            });
        for on in missing {
            let of = || snapshot.name(no).unwrap_or_default();
            let known = found.entry(on.clone()).or_insert_with(|| Dangling {
                on: on.clone(),
                of: of(),
                instances: 0,
            });
            known.instances += 1;
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    fn integrity(text: &str) -> Integrity {
        let reading = Reading::of(text.as_bytes());
        Integrity::of(reading.snapshot().unwrap())
    }

    fn state(resources: &str) -> String {
        format!(r#"{{"version":4,"resources":[{resources}]}}"#)
    }

    #[test]
    fn runs_of_zero_bytes_are_found_with_their_length() {
        let runs = integrity("{\"version\":4\0\0\0,\0}").zeros;
        let run = |start, length| Zeros { start, length };
        assert_eq!(runs, [run(12, 3), run(16, 1)]);
        let many = format!("{{\"version\":4{}", "\0x".repeat(1_000));
        assert_eq!(integrity(&many).zeros.len(), RUNS);
    }

    #[test]
    fn a_resource_with_two_entries_is_named_once() {
        let entry = r#"{"mode":"managed","type":"a","name":"x","instances":[{"index_key":KEY}]}"#;
        let entries: Vec<String> = (0..3)
            .map(|key| entry.replace("KEY", &key.to_string()))
            .collect();
        assert_eq!(integrity(&state(&entries.join(","))).doubled, ["a.x"]);
    }

    #[test]
    fn a_dependency_on_what_is_not_there_dangles() {
        let text = state(
            r#"{"module":"module.m[0]","mode":"managed","type":"a","name":"x","instances":[{"index_key":0,"dependencies":["module.m.a.y","module.m.data.b.z","a.gone"]},{"index_key":1,"dependencies":["a.gone"]}]},
               {"module":"module.m[0]","mode":"managed","type":"a","name":"y","instances":[]},
               {"module":"module.m[1]","mode":"data","type":"b","name":"z","instances":[]}"#,
        );
        let expected = Dangling {
            on: "a.gone".into(),
            of: "module.m[0].a.x[0]".into(),
            instances: 2,
        };
        assert_eq!(integrity(&text).dangling, [expected]);
    }
}
