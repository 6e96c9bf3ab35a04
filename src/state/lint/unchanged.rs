//! What nobody touched for long, by the history of the state itself: the
//! resources whose attributes are still those of an old version.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::Lint;
use super::rule::Grade;
use crate::state::address::Mode;
use crate::state::snapshot::{InstanceNo, Snapshot};
use crate::state::version::{Kind, Version, Versions};

/// Half a year, as the rule about the tag has it.
const LONG: SignedDuration = SignedDuration::from_hours(180 * 24);

/// The newest version below the current one that is old enough to compare with; none
/// where the history is younger.
pub fn long_ago(versions: &Versions, now: Timestamp) -> Option<&Version> {
    let former = versions.list.iter().skip(1);
    let mut bodies = former.filter(|one| one.kind == Kind::Object);
    bodies.find(|version| now.duration_since(version.modified) >= LONG)
}

/// The managed resources that are still what an older version says; none where all changed.
pub fn unchanged(snapshot: &Snapshot, older: &Snapshot, version: &Version) -> Option<Lint> {
    let then: HashMap<_, _> = managed(older).map(|(name, raw, _)| (name, raw)).collect();
    let same = managed(snapshot).filter(|(name, raw, _)| then.get(name) == Some(raw));
    let addresses: Vec<String> = same.filter_map(|(.., no)| snapshot.name(no)).collect();
    let on = version.modified.strftime("%F");
    (!addresses.is_empty()).then(|| Lint {
        id: "upkeep.unchanged".to_owned(),
        severity: Grade::Info,
        says: format!(
            "no attribute differs from what it was half a year ago, in version {} of {on}",
            version.id
        ),
        remedy: "look for drift, and at whether anybody still needs it".to_owned(),
        runbook: Some("drift".to_owned()),
        addresses,
    })
}

/// What a resource is known by, its attributes as they are written, and its number.
fn managed(
    snapshot: &Snapshot,
) -> impl Iterator<Item = ((String, Option<String>), &[u8], InstanceNo)> {
    snapshot.listed().iter().filter_map(|no| {
        let (instance, resource) = (snapshot.instance(*no)?, snapshot.resource(*no)?);
        let is_managed = resource.address.mode == Mode::Managed && instance.deposed.is_none();
        let key = instance.key.as_ref().map(ToString::to_string);
        let name = (resource.address.to_string(), key);
        is_managed.then(|| (name, snapshot.raw(instance.attributes), *no))
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
        let lint = unchanged(&new, &old, &version("3Kx", 200)).unwrap();
        assert_eq!(lint.addresses, ["a.same"]);
        assert!(
            lint.says.ends_with("in version 3Kx of 1969-06-15"),
            "{}",
            lint.says
        );
        let other = state(&[("managed", "changed", r#"{"v":3}"#)]);
        assert_eq!(unchanged(&new, &other, &version("3Kx", 200)), None);
    }

    #[test]
    fn the_newest_version_of_half_a_year_ago_is_compared_with() {
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
            let versions = versions(days);
            long_ago(&versions, Timestamp::UNIX_EPOCH).map(|version| version.id.0.clone())
        };
        assert_eq!(found(&[0, 179, 180, 400]).as_deref(), Some("180"));
        assert_eq!(found(&[0, 179]), None);
        assert_eq!(found(&[200]), None, "it would be compared with itself");
    }
}
