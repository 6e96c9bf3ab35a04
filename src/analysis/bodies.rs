//! Findings about the bytes of a state: whether Terraform would load them and
//! where not, what is odd in them, how they compare with the version before,
//! and whether there is too much in them.

use super::{Confidence, Finding, Severity};
use crate::state::{
    Anatomy, Contents, Damage, Health, Integrity, Part, Reading, Refusal, Snapshot, Zeros,
};

/// The sizes beyond which every run is slow, and beyond which it is painful.
const LARGE: u64 = 5 << 20;
const HUGE: u64 = 10 << 20;

/// More resources than these belong into several states.
const MANY: usize = 1_000;

/// So many examples of one kind are told.
const EXAMPLES: usize = 5;

/// A state's bytes, and what stood in their place before.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    pub contents: &'a Contents,
    pub reading: &'a Reading,
    /// The version before that would load, where that is known.
    pub former: Option<&'a Contents>,
}

/// What is wrong with the bytes by themselves and beside those before them.
pub fn of_body(body: &Body<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = of_reading(body).into_iter().collect();
    let former = body.former.map(|former| beside(body.contents, former));
    findings.extend(former.into_iter().flatten());
    if let Reading::Whole(snapshot) = body.reading {
        let integrity = Integrity::of(snapshot);
        findings.extend(doubled(&integrity));
        findings.extend(dangling(&integrity));
        findings.extend(size(body.contents, snapshot));
    }
    findings
}

/// What Terraform would make of the bytes.
fn of_reading(body: &Body<'_>) -> Option<Finding> {
    use Confidence::Certain;
    let why = body.contents.why.clone();
    let (severity, id, claim) = match body.reading {
        Reading::Whole(_) => return None,
        Reading::Damaged {
            damage,
            more,
            salvaged,
        } => return Some(damaged(damage, more, salvaged)),
        Reading::Empty => (
            Severity::Critical,
            "state.empty",
            "the state is empty: the next run would create everything anew",
        ),
        Reading::Encrypted(_) => (
            Severity::Info,
            "state.encrypted",
            "the state is encrypted by OpenTofu: what is in it cannot be judged",
        ),
        Reading::Older(_) => (
            Severity::Info,
            "state.older-format",
            "the state has an older format, which the next run upgrades",
        ),
    };
    let size = format!("{} bytes", body.contents.size);
    Some(Finding::new(id, severity, Certain, claim).seen(why.into_iter().chain([size])))
}

/// Every place for which Terraform would refuse the bytes, with the text around it.
fn damaged(damage: &Damage, more: &[Damage], salvaged: &Snapshot) -> Finding {
    let (id, claim) = match &damage.refusal {
        Refusal::NotJson(_) => (
            "state.unparsable",
            "the state does not parse: no run can start",
        ),
        Refusal::Duplicate(_) => (
            "state.duplicate",
            "the state holds an instance twice: no run can start",
        ),
        _ => (
            "state.refused",
            "the state is not one that Terraform takes: no run can start",
        ),
    };
    let mut seen = Vec::new();
    for damage in std::iter::once(damage).chain(more) {
        seen.push(damage.to_string());
        if damage.refusal != Refusal::NoVersion {
            seen.push(format!("around it: {}", damage.excerpt));
        }
    }
    if !damage.is_utf16() {
        seen.extend(zeros(&Integrity::of(salvaged).zeros));
    }
    seen.push(format!("Terraform calls it: {}", damage.refusal.summary()));
    seen.push(match salvaged.listed().len() {
        0 => "no resource in it stands whole".to_owned(),
        1 => "1 resource in it stands whole".to_owned(),
        count => format!("{count} resources in it stand whole"),
    });
    Finding::new(id, Severity::Critical, Confidence::Certain, claim).seen(seen)
}

fn zeros(runs: &[Zeros]) -> Option<String> {
    let first = runs.first()?;
    let more = match runs.len() {
        1 => String::new(),
        count => format!(", and {} more runs of them", count - 1),
    };
    let length = match first.length {
        1 => "1 zero byte".to_owned(),
        length => format!("{length} zero bytes"),
    };
    Some(format!(
        "{length} from byte {} on{more}: a disk or a share lost what stood there",
        first.start + 1
    ))
}

/// What speaks against the bytes beside those of the version before.
fn beside(now: &Contents, before: &Contents) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !now.health.loads() {
        return findings;
    }
    let other = |one: &Option<String>, two: &Option<String>| match (one, two) {
        (Some(one), Some(two)) => one != two,
        _ => false,
    };
    if other(&now.lineage, &before.lineage) {
        let lineage = |contents: &Contents| contents.lineage.clone().unwrap_or_default();
        findings.push(
            Finding::new(
                "state.lineage-changed",
                Severity::Critical,
                Confidence::Certain,
                "the state has another lineage than the version before it",
            )
            .seen([
                format!("before: {}", lineage(before)),
                format!("now: {}", lineage(now)),
            ]),
        );
    } else if let (Some(new), Some(old)) = (now.serial, before.serial)
        && (new < old || (new == old && now.md5 != before.md5))
    {
        let claim = if new < old {
            "the serial of the state went back: an older state was put over a newer one"
        } else {
            "two versions of the state have one serial and different contents"
        };
        findings.push(
            Finding::new(
                "state.serial-back",
                Severity::Warning,
                Confidence::Certain,
                claim,
            )
            .seen([
                format!("before: serial {}", old.0),
                format!("now: serial {}", new.0),
            ]),
        );
    }
    let same_resources = now.resources == before.resources;
    if same_resources && now.health == Health::Fine && now.size * 2 <= before.size {
        findings.push(
            Finding::new(
                "state.thinner",
                Severity::Warning,
                Confidence::Possible,
                "the state lost half of its bytes or more, and none of its resources",
            )
            .seen([format!("{} bytes before, {} now", before.size, now.size)]),
        );
    }
    findings
}

fn doubled(integrity: &Integrity) -> Option<Finding> {
    if integrity.doubled.is_empty() {
        return None;
    }
    let examples = integrity.doubled.iter().take(EXAMPLES).cloned();
    let more = rest(integrity.doubled.len());
    Some(
        Finding::new(
            "state.doubled",
            Severity::Warning,
            Confidence::Likely,
            "a resource has two entries in the state: something other than Terraform wrote it",
        )
        .seen(examples.chain(more)),
    )
}

fn dangling(integrity: &Integrity) -> Option<Finding> {
    if integrity.dangling.is_empty() {
        return None;
    }
    let examples = integrity.dangling.iter().take(EXAMPLES);
    let examples = examples.map(|one| match one.instances {
        1 => format!("{} depends on {}", one.of, one.on),
        many => format!("{} and {} more depend on {}", one.of, many - 1, one.on),
    });
    let more = rest(integrity.dangling.len());
    // Of a resource whose count is zero nothing is left but those that depend on it.
    Some(
        Finding::new(
            "state.dangling",
            Severity::Info,
            Confidence::Possible,
            "resources depend on some that the state does not hold",
        )
        .seen(examples.chain(more)),
    )
}

fn rest(all: usize) -> Option<String> {
    (all > EXAMPLES).then(|| format!("and {} more", all - EXAMPLES))
}

/// Whether the state is too large, with what it could be split along.
fn size(contents: &Contents, snapshot: &Snapshot) -> Vec<Finding> {
    let resources = snapshot.listed().len();
    let severity = match contents.size {
        size if size > HUGE => Severity::Warning,
        _ => Severity::Info,
    };
    let mut findings = Vec::new();
    let certain = Confidence::Certain;
    if contents.size > LARGE {
        let claim = format!(
            "the state has {}: every plan and every lock takes longer for it",
            in_megabytes(contents.size)
        );
        findings.push(Finding::new("state.large", severity, certain, claim));
    }
    if resources > MANY {
        let claim = format!("the state holds {resources} resources: every plan refreshes them all");
        findings.push(Finding::new(
            "state.many-resources",
            Severity::Info,
            certain,
            claim,
        ));
    }
    let Some(first) = findings.first_mut() else {
        return findings;
    };
    let anatomy = Anatomy::of(snapshot);
    let groups = [("by module", &anatomy.modules), ("by type", &anatomy.types)];
    first
        .evidence
        .extend(groups.map(|(how, parts)| format!("{how}: {}", split(parts))));
    findings
}

fn split(parts: &[Part]) -> String {
    let part = |part: &Part| {
        let name = match part.name.as_str() {
            "" => "(root)",
            name => name,
        };
        format!(
            "{name} {} resources, {}",
            part.instances,
            in_megabytes(part.bytes as u64)
        )
    };
    let named: Vec<String> = parts.iter().take(EXAMPLES).map(part).collect();
    let more = rest(parts.len()).map_or(String::new(), |more| format!("; {more}"));
    named.join("; ") + &more
}

fn in_megabytes(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KB", bytes.div_ceil(1 << 10)),
        _ => format!("{:.1} MB", bytes as f64 / f64::from(1 << 20)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn read(text: &str) -> (Contents, Reading) {
        let reading = Reading::of(text.as_bytes());
        (Contents::of(text.as_bytes(), &reading), reading)
    }

    pub fn found(text: &str, before: Option<&str>) -> Vec<Finding> {
        let (contents, reading) = read(text);
        let former = before.map(|before| read(before).0);
        of_body(&Body {
            contents: &contents,
            reading: &reading,
            former: former.as_ref(),
        })
    }

    fn ids(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.id).collect()
    }

    pub fn state(serial: u64, lineage: &str, resources: &str) -> String {
        format!(
            r#"{{"version":4,"serial":{serial},"lineage":"{lineage}","resources":[{resources}]}}"#
        )
    }

    pub fn resource(name: &str, instance: &str) -> String {
        format!(r#"{{"mode":"managed","type":"a","name":"{name}","instances":[{{{instance}}}]}}"#)
    }

    #[test]
    fn a_whole_state_has_no_findings_by_itself_or_beside_an_older_one() {
        let one = state(1, "l", &resource("x", ""));
        let two = state(2, "l", &resource("x", ""));
        assert_eq!(ids(&found(&two, Some(&one))), Vec::<&str>::new());
        assert_eq!(ids(&found(&two, Some(&two))), Vec::<&str>::new());
    }

    #[test]
    fn damage_is_told_with_its_byte_its_surroundings_and_what_is_left() {
        let text = state(1, "l", &resource("x", r#""attributes":{"p":"hunter2"}"#));
        let cut = &text[..text.len() - 2];
        let findings = found(&format!("{cut}\0\0\0"), None);
        assert_eq!(ids(&findings), ["state.unparsable"]);
        let seen = &findings[0].evidence;
        let byte = cut.len() + 1;
        assert!(
            seen[0].starts_with(&format!("it holds zero bytes (NUL), at byte {byte} of")),
            "{seen:?}"
        );
        assert!(seen[1].starts_with("around it: "), "{seen:?}");
        assert!(!seen.concat().contains("hunter2"), "{seen:?}");
        assert_eq!(
            seen[2..],
            [
                &format!(
                    "3 zero bytes from byte {byte} on: a disk or a share lost what stood there"
                ),
                "Terraform calls it: Unsupported state file format",
                "1 resource in it stands whole"
            ]
        );
    }

    #[test]
    fn what_is_refused_and_what_is_there_twice_have_findings_of_their_own() {
        let twice = state(1, "l", &[resource("x", ""), resource("x", "")].join(","));
        let findings = found(&twice, None);
        assert_eq!(ids(&findings), ["state.duplicate"]);
        assert!(findings[0].evidence[0].starts_with("it holds a.x twice, at byte"));
        let refused = state(1, "l", &resource("x", r#""status":"gone""#));
        assert_eq!(ids(&found(&refused, None)), ["state.refused"]);
        assert_eq!(ids(&found(r#"{"version":5}"#, None)), ["state.refused"]);
        assert_eq!(ids(&found("", None)), ["state.empty"]);
    }

    #[test]
    fn a_serial_that_went_back_and_another_lineage_are_found() {
        let older = state(4, "l", "");
        let back = found(&state(3, "l", ""), Some(&older));
        assert_eq!(ids(&back), ["state.serial-back"]);
        assert_eq!(back[0].evidence, ["before: serial 4", "now: serial 3"]);
        let same = found(&state(4, "l", &resource("x", "")), Some(&older));
        assert_eq!(ids(&same), ["state.serial-back"]);
        let foreign = found(&state(1, "other", ""), Some(&older));
        assert_eq!(ids(&foreign), ["state.lineage-changed"]);
        assert_eq!(foreign[0].severity, Severity::Critical);
    }

    #[test]
    fn a_state_whose_attributes_went_is_thinner() {
        let long = format!(r#""attributes":{{"v":"{}"}}"#, "x".repeat(300));
        let before = state(1, "l", &resource("x", &long));
        let now = state(2, "l", &resource("x", ""));
        assert_eq!(ids(&found(&now, Some(&before))), ["state.thinner"]);
    }

    #[test]
    fn a_dependency_that_dangles_and_a_doubled_entry_are_found() {
        let dangles = resource("x", r#""dependencies":["a.gone"]"#);
        let findings = found(&state(1, "l", &dangles), None);
        assert_eq!(ids(&findings), ["state.dangling"]);
        assert_eq!(findings[0].evidence, ["a.x depends on a.gone"]);
        let keyed = |key: u8| resource("x", &format!(r#""index_key":{key}"#));
        let doubled = state(1, "l", &[keyed(0), keyed(1)].join(","));
        assert_eq!(ids(&found(&doubled, None)), ["state.doubled"]);
    }

    #[test]
    fn a_large_state_says_along_what_it_could_be_split() {
        let instance = |key: usize, text: &str| {
            format!(r#"{{"index_key":{key},"attributes":{{"v":"{text}"}}}}"#)
        };
        let many = |count: usize, text: &str| {
            let instances: Vec<_> = (0..count).map(|key| instance(key, text)).collect();
            let instances = instances.join(",");
            state(
                1,
                "l",
                &format!(
                    r#"{{"module":"module.m","mode":"managed","type":"a","name":"x","instances":[{instances}]}}"#
                ),
            )
        };
        let findings = found(&many(1_001, ""), None);
        assert_eq!(ids(&findings), ["state.many-resources"]);
        assert_eq!(findings[0].evidence.len(), 2);
        assert!(
            findings[0].evidence[0].starts_with("by module: module.m 1001 resources, "),
            "{:?}",
            findings[0].evidence
        );
        let long = "x".repeat(6 << 20);
        let large = found(&many(1, &long), None);
        assert_eq!(ids(&large), ["state.large"]);
        assert_eq!(large[0].severity, Severity::Info);
        let huge = found(&many(2, &long), None);
        assert_eq!(huge[0].severity, Severity::Warning);
        assert_eq!(huge[0].evidence[1], "by type: a 2 resources, 12.0 MB");
    }
}
