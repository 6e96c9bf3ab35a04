//! What a check measured, as OpenMetrics text for whoever scrapes it: one
//! sample of each state that was seen. What was not looked at has no sample
//! and is never a zero.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::path::Path;

use jiff::Timestamp;

use crate::analysis::{Finding, Severity};
use crate::fault::Fault;
use crate::io::disk::{self, Asking};
use crate::lock::Agreement;
use crate::lock::verdict::age;
use crate::place::{Backend, Place};
use crate::recovery::standing::Standing;
use crate::state::Contents;

/// So many versions of a state are counted at most.
pub const COUNTED: usize = 1_000;

/// What was measured of one state.
#[derive(Debug, Default)]
pub struct Measured {
    bucket: Option<String>,
    /// The key in the bucket, or the path of a file.
    key: String,
    values: BTreeMap<&'static str, i64>,
    findings: BTreeMap<(&'static str, Severity), u64>,
}

/// A family of samples, each with one value a state.
struct Family {
    name: &'static str,
    unit: Option<&'static str>,
    help: &'static str,
}

const SIZE: &str = "tfsos_state_size_bytes";
const RESOURCES: &str = "tfsos_state_resources";
const SERIAL: &str = "tfsos_state_serial";
const LOADS: &str = "tfsos_state_loads";
const VERSIONS: &str = "tfsos_state_versions";
const LOCKED: &str = "tfsos_lock_held";
const LOCK_AGE: &str = "tfsos_lock_age_seconds";
const DIGEST: &str = "tfsos_digest_agrees";

const FAMILIES: [Family; 8] = [
    family(SIZE, Some("bytes"), "Size of the state."),
    family(
        RESOURCES,
        None,
        "Resources as terraform state list counts them.",
    ),
    family(SERIAL, None, "Serial of the state."),
    family(LOADS, None, "Whether Terraform would load the state."),
    family(
        VERSIONS,
        None,
        "Versions that the store keeps of the state, counted up to 1000.",
    ),
    family(LOCKED, None, "Whether the state is locked."),
    family(
        LOCK_AGE,
        Some("seconds"),
        "Age of the oldest lock of the state.",
    ),
    family(
        DIGEST,
        None,
        "Whether the stored digest is that of the state.",
    ),
];

const fn family(name: &'static str, unit: Option<&'static str>, help: &'static str) -> Family {
    Family { name, unit, help }
}

impl Measured {
    /// What was seen of a place.
    pub fn of(
        place: &Place,
        standing: &Standing,
        findings: &[Finding],
        versions: Option<usize>,
        now: Timestamp,
    ) -> Self {
        let key = match &place.backend {
            Backend::S3(s3) => s3.state_key(),
            Backend::Sandbox(sandbox) => sandbox.key.clone(),
            Backend::Local(_) | Backend::Other { .. } => place.full_name(),
        };
        let mut measured = Self {
            bucket: place.bucket().map(str::to_owned),
            key,
            ..Self::default()
        };
        if let Ok(Some(contents)) = &standing.state {
            measured.contain(contents);
        }
        measured.set(VERSIONS, versions.and_then(|count| count.try_into().ok()));
        let survey = &standing.survey;
        let held = survey.held().next().is_some();
        // That nothing is locked is said only where every store was seen.
        let seen = held || survey.unseen().next().is_none();
        measured.set(LOCKED, seen.then_some(i64::from(held)));
        let ages = survey.held().filter_map(|lock| age(lock, now));
        measured.set(LOCK_AGE, ages.max().map(|age| age.as_secs()));
        measured.set(
            DIGEST,
            match &standing.agreement {
                Agreement::Agrees => Some(1),
                Agreement::Differs(_) => Some(0),
                Agreement::NotKept
                | Agreement::BeingWritten(_)
                | Agreement::Unverified
                | Agreement::Unseen(_) => None,
            },
        );
        measured.found(findings);
        measured
    }

    /// What was seen of a state file that stands alone.
    pub fn of_file(path: &Path, contents: &Contents, findings: &[Finding]) -> Self {
        let mut measured = Self {
            key: path.display().to_string(),
            ..Self::default()
        };
        measured.contain(contents);
        measured.found(findings);
        measured
    }

    fn contain(&mut self, contents: &Contents) {
        self.set(SIZE, contents.size.try_into().ok());
        let resources = contents.resources.and_then(|count| count.try_into().ok());
        self.set(RESOURCES, resources);
        let serial = contents.serial.and_then(|serial| serial.0.try_into().ok());
        self.set(SERIAL, serial);
        self.set(LOADS, Some(i64::from(contents.health.loads())));
    }

    fn set(&mut self, name: &'static str, value: Option<i64>) {
        self.values.extend(value.map(|value| (name, value)));
    }

    fn found(&mut self, findings: &[Finding]) {
        for finding in findings {
            *self
                .findings
                .entry((finding.id, finding.severity))
                .or_default() += 1;
        }
    }

    fn labels(&self) -> String {
        let bucket = self.bucket.as_deref();
        let bucket =
            bucket.map_or_else(String::new, |name| format!("bucket=\"{}\",", escaped(name)));
        format!("{bucket}key=\"{}\"", escaped(&self.key))
    }
}

/// The text of all of them, up to its end mark.
pub fn text(measured: &[Measured], unseen: usize, now: Timestamp) -> String {
    let mut text = String::new();
    for family in &FAMILIES {
        head(&mut text, family);
        for one in measured {
            if let Some(value) = one.values.get(family.name) {
                sample(&mut text, family.name, &one.labels(), *value);
            }
        }
    }
    let findings = family(
        "tfsos_findings",
        None,
        "What is wrong, by its stable id and its severity.",
    );
    head(&mut text, &findings);
    for one in measured {
        for ((id, severity), count) in &one.findings {
            let labels = format!("{},id=\"{id}\",severity=\"{severity}\"", one.labels());
            sample(&mut text, findings.name, &labels, count);
        }
    }
    let blind = family(
        "tfsos_check_unseen",
        None,
        "How many things could not be looked at.",
    );
    head(&mut text, &blind);
    sample(&mut text, blind.name, "", unseen);
    let at = family(
        "tfsos_check_timestamp_seconds",
        Some("seconds"),
        "When this was looked at.",
    );
    head(&mut text, &at);
    sample(&mut text, at.name, "", now.as_second());
    text.push_str("# EOF\n");
    text
}

fn head(text: &mut String, family: &Family) {
    let name = family.name;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# TYPE {name} gauge");
    if let Some(unit) = family.unit {
        let _ = writeln!(text, "# UNIT {name} {unit}");
    }
    let _ = writeln!(text, "# HELP {name} {}", family.help);
}

fn sample(text: &mut String, name: &str, labels: &str, value: impl Display) {
    let labels = match labels {
        "" => String::new(),
        labels => format!("{{{labels}}}"),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name}{labels} {value}");
}

/// The value of a label.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\");
    value.replace('"', "\\\"").replace('\n', "\\n")
}

/// Puts the text in its place in one piece, so that nobody scrapes half of it.
pub async fn write(path: &Path, text: String) -> Result<(), Fault> {
    let asking = Asking::new("write the metrics to", path.display().to_string());
    let path = path.to_owned();
    disk::ask(asking, move || disk::publish(&path, text.as_bytes())).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;
    use crate::analysis::Confidence;
    use crate::state::Reading;

    fn written(key: &str) -> String {
        let body = br#"{"version":4,"serial":7,"lineage":"l","resources":[]}"#;
        let contents = Contents::of(body, &Reading::of(&body[..]));
        let finding = |id| Finding::new(id, Severity::Warning, Confidence::Certain, "x");
        let findings = [
            finding("lock.stale"),
            finding("lock.stale"),
            finding("state.large"),
        ];
        let measured = Measured::of_file(Path::new(key), &contents, &findings);
        text(
            &[measured],
            2,
            Timestamp::from_second(1_700_000_000).unwrap(),
        )
    }

    #[test]
    fn what_was_seen_of_a_state_is_a_sample_and_what_was_not_is_none() {
        let text = written("odd\"na\\me\n");
        for line in [
            r#"tfsos_state_serial{key="odd\"na\\me\n"} 7"#,
            r#"tfsos_state_loads{key="odd\"na\\me\n"} 1"#,
            r#"tfsos_findings{key="odd\"na\\me\n",id="lock.stale",severity="warning"} 2"#,
            "tfsos_check_unseen 2",
            "tfsos_check_timestamp_seconds 1700000000",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        for absent in ["tfsos_lock_held{", "tfsos_digest_agrees{", "_versions{"] {
            assert!(!text.contains(absent), "{absent}\n{text}");
        }
    }

    /// The grammar of OpenMetrics 1.0, as far as gauges need it.
    #[test]
    fn the_text_is_open_metrics() {
        let head = Regex::new(r"^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$").unwrap();
        let label = r#"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*""#;
        let line = format!(
            r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{{label}(?:,{label})*\}})? -?[0-9]+(?:\.[0-9]+)?$"
        );
        let line = Regex::new(&line).unwrap();
        let text = written("odd\"na\\me\n");
        let body = text.strip_suffix("# EOF\n").unwrap();
        let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
        let mut family = String::new();
        for row in body.lines() {
            if let Some(found) = head.captures(row) {
                let name = found[2].to_owned();
                match &found[1] {
                    "TYPE" => {
                        assert!(families.insert(name.clone()), "a family comes once: {row}");
                        assert_eq!(&found[3], "gauge");
                        family = name;
                        continue;
                    }
                    "UNIT" => assert!(name.ends_with(&format!("_{}", &found[3])), "{row}"),
                    _ => {}
                }
                assert_eq!(name, family, "{row}");
            } else {
                let found = line.captures(row).unwrap_or_else(|| panic!("{row}"));
                assert_eq!(&found[1], family, "{row}");
                let name = row.rsplit_once(' ').unwrap().0;
                assert!(series.insert(name.to_owned()), "a series comes once: {row}");
            }
        }
        assert_eq!(families.len(), FAMILIES.len() + 3);
    }
}
