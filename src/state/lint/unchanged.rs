//! What nobody touched for long, by the history of the state itself: the
//! resources whose attributes are still those of old versions.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::Lint;
use super::rule::Grade;
use crate::state::address::{Key, Mode, ResourceAddress};
use crate::state::snapshot::{Instance, InstanceNo, Resource, Snapshot};
use crate::state::version::{Kind, Version, Versions};

/// How long is long, and how it is said; the first is that of the rule about the tag.
const LONG: [(i64, &str); 3] = [(180, "half a year"), (365, "a year"), (730, "two years")];

/// A version that is old enough to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elder {
    pub version: Version,
    /// How long ago it was the state, in words.
    pub ago: &'static str,
}

impl Elder {
    /// The version by its id and its day.
    pub fn named(&self) -> String {
        let on = self.version.modified.strftime("%F");
        format!("version {} of {on}", self.version.id)
    }
}

/// The versions that were the state half a year, a year and two years ago,
/// the newest first; none where the history is younger. Of two ages that one
/// version has, the longer one counts.
pub fn long_ago(versions: &Versions, now: Timestamp) -> Vec<Elder> {
    let bodies = || {
        let former = versions.list.iter().skip(1);
        former.filter(|one| one.kind == Kind::Object)
    };
    let mut found: Vec<Elder> = Vec::new();
    for (days, ago) in LONG {
        let old = |version: &&Version| {
            now.duration_since(version.modified) >= SignedDuration::from_hours(days * 24)
        };
        let Some(version) = bodies().find(old) else {
            break;
        };
        found.retain(|former| former.version != *version);
        found.push(Elder {
            version: version.clone(),
            ago,
        });
    }
    found
}

/// What is still as it was, for each of the versions that were compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Untouched {
    compared: Vec<Elder>,
    /// The oldest version up to which nothing of a resource differs.
    since: HashMap<InstanceNo, usize>,
}

impl Untouched {
    /// Compares with the next older version: only what was the same in every
    /// newer one can be the same in it.
    pub fn compare(&mut self, snapshot: &Snapshot, older: &Snapshot, former: Elder) {
        let step = self.compared.len();
        self.compared.push(former);
        let then: HashMap<_, _> = managed(older).map(|(name, raw, _)| (name, raw)).collect();
        let was_same = |no: &InstanceNo| step == 0 || self.since.get(no) == Some(&(step - 1));
        let same: Vec<InstanceNo> = managed(snapshot)
            .filter(|(name, raw, no)| was_same(no) && then.get(name) == Some(raw))
            .map(|(.., no)| no)
            .collect();
        self.since.extend(same.into_iter().map(|no| (no, step)));
    }

    /// The versions that were compared, the newest first.
    pub fn compared(&self) -> &[Elder] {
        &self.compared
    }

    /// The oldest version up to which a resource is the same.
    pub fn since(&self, no: InstanceNo) -> Option<&Elder> {
        self.compared.get(*self.since.get(&no)?)
    }

    /// How many resources are the same up to a version and not up to an older one.
    pub fn count(&self, former: &Elder) -> usize {
        let steps = self.since.values();
        steps
            .filter(|step| self.compared.get(**step) == Some(former))
            .count()
    }

    /// The sentence about what is the same up to a version.
    pub fn says(former: &Elder) -> String {
        let Elder { ago, .. } = former;
        format!(
            "no attribute differs from what it was {ago} ago, in {}",
            former.named()
        )
    }

    /// Advice about all of them, the longest untouched first.
    pub fn lints(&self, snapshot: &Snapshot) -> Vec<Lint> {
        let steps = self.compared.iter().enumerate().rev();
        let lints = steps.map(|(step, former)| {
            let numbers = snapshot.listed().iter();
            let same = numbers.filter(|no| self.since.get(no) == Some(&step));
            Lint {
                id: "upkeep.unchanged".to_owned(),
                severity: Grade::Info,
                says: Self::says(former),
                remedy: "look for drift, and at whether anybody still needs it".to_owned(),
                runbook: Some("drift".to_owned()),
                addresses: same.filter_map(|no| snapshot.name(*no)).collect(),
            }
        });
        lints.filter(|lint| !lint.addresses.is_empty()).collect()
    }
}

/// What a resource is known by, its attributes as they are written, and its number.
fn managed(
    snapshot: &Snapshot,
) -> impl Iterator<Item = ((&ResourceAddress, Option<&Key>), &[u8], InstanceNo)> {
    let instances = snapshot.instances();
    instances.filter_map(|(no, instance): (InstanceNo, &Instance)| {
        let resource: &Resource = snapshot.resource(no)?;
        let is_managed = resource.address.mode == Mode::Managed && instance.deposed.is_none();
        let name = (&resource.address, instance.key.as_ref());
        is_managed.then(|| (name, snapshot.raw(instance.attributes), no))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Reading, VersionId, Versioning};

    fn state(resources: &[(&str, &str, &str)]) -> Snapshot {
        let resources: Vec<String> = resources
            .iter()
            .map(|(mode, name, attributes)| {
                format!(r#"{{"mode":"{mode}","type":"a","name":"{name}","instances":[{{"attributes":{attributes}}}]}}"#)
            })
            .collect();
        let text = format!(r#"{{"version":4,"resources":[{}]}}"#, resources.join(","));
        match Reading::of(text.into_bytes()) {
            Reading::Whole(snapshot) => snapshot,
            other => panic!("not whole: {other:?}"),
        }
    }

    fn version(id: &str, days: i64) -> Version {
        Version {
            id: VersionId(id.into()),
            kind: Kind::Object,
            modified: Timestamp::UNIX_EPOCH - SignedDuration::from_hours(24 * days),
            size: 1,
            etag: None,
        }
    }

    #[test]
    fn what_is_still_as_an_old_version_has_it_was_not_touched_for_long() {
        let old = state(&[
            ("managed", "same", r#"{"v":1}"#),
            ("managed", "changed", r#"{"v":1}"#),
            ("data", "read", r#"{"v":1}"#),
        ]);
        let new = state(&[
            ("managed", "same", r#"{"v":1}"#),
            ("managed", "changed", r#"{"v":2}"#),
            ("managed", "new", r#"{"v":1}"#),
            ("data", "read", r#"{"v":1}"#),
        ]);
        let mut untouched = Untouched::default();
        untouched.compare(&new, &old, former("3Kx", 200, "half a year"));
        let lints = untouched.lints(&new);
        assert_eq!(lints[0].addresses, ["a.same"]);
        assert_eq!(
            lints[0].says,
            "no attribute differs from what it was half a year ago, in version 3Kx of 1969-06-15"
        );
        let other = state(&[("managed", "changed", r#"{"v":3}"#)]);
        let mut untouched = Untouched::default();
        untouched.compare(&new, &other, former("3Kx", 200, "half a year"));
        assert_eq!(untouched.lints(&new), []);
    }

    #[test]
    fn what_is_the_same_for_longer_is_said_of_the_oldest_version_and_only_of_that() {
        let each = |value: [u8; 3]| {
            let attributes = value.map(|value| format!(r#"{{"v":{value}}}"#));
            let [one, two, three] = &attributes;
            state(&[
                ("managed", "new", one),
                ("managed", "old", two),
                // As it was a year ago, and another in between.
                ("managed", "back", three),
            ])
        };
        let (now, half, year) = (each([1, 1, 1]), each([1, 1, 2]), each([2, 1, 1]));
        let mut untouched = Untouched::default();
        untouched.compare(&now, &half, former("h", 200, "half a year"));
        untouched.compare(&now, &year, former("y", 400, "a year"));
        let lints = untouched.lints(&now);
        let told: Vec<_> = lints.iter().map(|lint| lint.addresses.concat()).collect();
        assert_eq!(told, ["a.old", "a.new"]);
        let numbers: Vec<InstanceNo> = now.instances().map(|(no, _)| no).collect();
        let since = |place: usize| untouched.since(numbers[place]).map(|former| former.ago);
        assert_eq!(
            [since(0), since(1), since(2)],
            [Some("half a year"), Some("a year"), None]
        );
        assert_eq!(untouched.count(&former("y", 400, "a year")), 1);
    }

    fn former(id: &str, days: i64, ago: &'static str) -> Elder {
        Elder {
            version: version(id, days),
            ago,
        }
    }

    #[test]
    fn the_newest_versions_of_half_a_year_a_year_and_two_years_ago_are_compared_with() {
        let versions = |days: &[i64]| Versions {
            versioning: Versioning::Enabled,
            list: days
                .iter()
                .map(|days| version(&days.to_string(), *days))
                .collect(),
            more: false,
            denied: None,
        };
        let found = |days: &[i64]| {
            let found = long_ago(&versions(days), Timestamp::UNIX_EPOCH).into_iter();
            found
                .map(|former| format!("{} {}", former.version.id, former.ago))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found(&[0, 179, 180, 300, 400, 729, 731, 999]),
            ["180 half a year", "400 a year", "731 two years"]
        );
        assert_eq!(found(&[0, 900]), ["900 two years"]);
        assert_eq!(found(&[0, 200, 300]), ["200 half a year"]);
        assert!(found(&[0, 179]).is_empty());
        assert!(found(&[200]).is_empty(), "it would be compared with itself");
    }
}
