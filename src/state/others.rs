//! States that are no version of this one's history and may still be good
//! where no version helps: what a run left beside the configuration, the state
//! inside of a saved plan, the object of a replica bucket.

use serde::Serialize;

use super::reference::Reference;
use super::version::{Kind, Version};
use crate::fault::Fault;

/// What such a state is, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What a run could not store.
    Errored,
    /// What a command replaced, kept beside it.
    Backup,
    /// The state that a saved plan was made from.
    SavedPlan,
    /// The current object of a bucket that the state's bucket is copied to.
    Replica,
}

impl Source {
    /// What it is, as a person says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Errored => "left by a run",
            Self::Backup => "backup",
            Self::SavedPlan => "saved plan",
            Self::Replica => "replica",
        }
    }
}

/// What was found, by source and then the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Others {
    /// Each a version of the kind [`Kind::Beside`].
    pub list: Vec<Version>,
    /// What could not be looked at.
    pub unseen: Vec<Fault>,
}

impl Others {
    /// What was found, in its order.
    pub fn new(mut list: Vec<Version>, unseen: Vec<Fault>) -> Self {
        list.sort_by(|one, two| {
            let rank = |version: &Version| (version.source(), std::cmp::Reverse(version.modified));
            rank(one).cmp(&rank(two)).then_with(|| one.id.cmp(&two.id))
        });
        Self { list, unseen }
    }
}

impl Version {
    /// What it is where it is no version of the history.
    pub fn source(&self) -> Option<Source> {
        match self.kind {
            Kind::Beside(source) => Some(source),
            Kind::Object | Kind::DeleteMarker => None,
        }
    }

    /// How a command names it.
    pub fn reference(&self) -> Reference {
        match self.kind {
            Kind::Beside(_) => {
                let Ok(reference) = self.id.0.parse();
                reference
            }
            Kind::Object | Kind::DeleteMarker => Reference::Version(self.id.clone()),
        }
    }

    /// What it is called in a list: its id, or the name of the file or the bucket.
    pub fn name(&self) -> String {
        match (self.source(), self.reference()) {
            (Some(_), Reference::File(path)) => path.file_name().map_or_else(
                || self.id.0.clone(),
                |name| name.to_string_lossy().into_owned(),
            ),
            (Some(_), Reference::Object { bucket, .. }) => bucket,
            _ => self.id.0.clone(),
        }
    }
}

/// Whether a file's name says that it is a state that a command replaced.
pub fn is_backup(name: &str) -> bool {
    name.strip_suffix(".backup")
        .is_some_and(|rest| rest.contains(".tfstate"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::state::VersionId;

    fn version(kind: Kind, id: &str, second: i64) -> Version {
        Version {
            id: VersionId(id.into()),
            kind,
            modified: Timestamp::from_second(second).unwrap(),
            size: 1,
            etag: None,
        }
    }

    #[test]
    fn what_a_run_left_comes_first_and_the_newest_before_the_older() {
        let found = Others::new(
            vec![
                version(Kind::Beside(Source::Replica), "s3://copy/k", 9),
                version(Kind::Beside(Source::Backup), "./a.tfstate.1.backup", 1),
                version(Kind::Beside(Source::Backup), "./a.tfstate.2.backup", 2),
                version(Kind::Beside(Source::Errored), "./errored.tfstate", 0),
            ],
            Vec::new(),
        );
        let names: Vec<_> = found.list.iter().map(Version::name).collect();
        assert_eq!(
            names,
            [
                "errored.tfstate",
                "a.tfstate.2.backup",
                "a.tfstate.1.backup",
                "copy"
            ]
        );
    }

    #[test]
    fn only_what_lies_beside_is_named_by_a_path() {
        let stored = version(Kind::Object, "/etc/passwd", 0);
        assert_eq!(stored.reference(), Reference::Version(stored.id.clone()));
        let beside = version(Kind::Beside(Source::SavedPlan), "/work/plan.out", 0);
        assert_eq!(beside.reference(), Reference::File("/work/plan.out".into()));
        assert_eq!(
            (stored.name(), beside.name()),
            ("/etc/passwd".into(), "plan.out".into())
        );
    }

    #[test]
    fn a_backup_is_known_by_its_name() {
        for name in [
            "terraform.tfstate.backup",
            "terraform.tfstate.1700000000.backup",
            "old.tfstate.backup",
        ] {
            assert!(is_backup(name), "{name}");
        }
        for name in ["terraform.tfstate", "main.tf.backup", "backup", ".backup"] {
            assert!(!is_backup(name), "{name}");
        }
    }
}
