//! How a person names one version of a state: `current`, `previous`,
//! `last-good`, a version id, a file, or an object of another bucket.
//!
//! Version ids may contain `/`, so only a leading `./`, `../` or `/` means a
//! file, and only a leading `s3://` an object.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::version::{Kind, Version, VersionId, Versions};

/// A version of a state, as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    Current,
    /// The newest version with a body that is older than the current one.
    Previous,
    LastGood,
    Version(VersionId),
    File(PathBuf),
    /// The current object of another bucket, read with the credentials of the place.
    Object {
        bucket: String,
        key: String,
    },
}

impl FromStr for Reference {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "current" => Self::Current,
            "previous" => Self::Previous,
            "last-good" => Self::LastGood,
            _ if ["./", "../", "/"]
                .iter()
                .any(|start| text.starts_with(start)) =>
            {
                Self::File(text.into())
            }
            _ => object(text).unwrap_or_else(|| Self::Version(VersionId(text.to_owned()))),
        })
    }
}

fn object(text: &str) -> Option<Reference> {
    let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
    let named = !bucket.is_empty() && !key.is_empty();
    named.then(|| Reference::Object {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("current"),
            Self::Previous => f.write_str("previous"),
            Self::LastGood => f.write_str("last-good"),
            Self::Version(id) => id.fmt(f),
            Self::File(path) => path.display().fmt(f),
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

impl Reference {
    /// The listed version that is meant, where the list alone can say; a delete marker has no body and is never meant.
    pub fn among<'a>(&self, versions: &'a Versions) -> Option<&'a Version> {
        let mut bodies = versions
            .list
            .iter()
            .filter(|version| version.kind == Kind::Object);
        match self {
            Self::Current => versions
                .list
                .first()
                .filter(|version| version.kind == Kind::Object),
            Self::Previous => versions
                .list
                .iter()
                .skip(1)
                .find(|version| version.kind == Kind::Object),
            Self::Version(id) => bodies.find(|version| version.id == *id),
            Self::LastGood | Self::File(_) | Self::Object { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::state::Versioning;

    fn versions(list: &[(&str, Kind)]) -> Versions {
        let list = list.iter().map(|(id, kind)| Version {
            id: VersionId((*id).into()),
            kind: *kind,
            modified: Timestamp::UNIX_EPOCH,
            size: 1,
            etag: None,
        });
        Versions {
            versioning: Versioning::Enabled,
            list: list.collect(),
            more: false,
            denied: None,
        }
    }

    fn named<'a>(text: &str, versions: &'a Versions) -> Option<&'a str> {
        let reference: Reference = text.parse().unwrap();
        reference
            .among(versions)
            .map(|version| version.id.0.as_str())
    }

    #[test]
    fn only_a_leading_path_means_a_file() {
        for text in ["./a", "../a", "/a"] {
            assert_eq!(text.parse(), Ok(Reference::File(text.into())));
        }
        for text in ["a/b", "3Kx/9fQ.x_-", "null", "Current", ".a", ""] {
            assert_eq!(text.parse(), Ok(Reference::Version(VersionId(text.into()))));
        }
    }

    #[test]
    fn an_object_of_another_bucket_needs_a_bucket_and_a_key() {
        let object = Reference::Object {
            bucket: "copy".into(),
            key: "prod/network/terraform.tfstate".into(),
        };
        assert_eq!(
            "s3://copy/prod/network/terraform.tfstate".parse(),
            Ok(object)
        );
        for text in ["s3://copy", "s3://copy/", "s3:///key"] {
            assert_eq!(text.parse(), Ok(Reference::Version(VersionId(text.into()))));
        }
    }

    #[test]
    fn a_reference_reads_as_it_was_typed() {
        for text in [
            "current",
            "previous",
            "last-good",
            "a/b",
            "./x",
            "s3://a/b/c",
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_deleted_state_has_a_previous_version_but_no_current_one() {
        let deleted = versions(&[
            ("m", Kind::DeleteMarker),
            ("b", Kind::Object),
            ("a", Kind::Object),
        ]);
        assert_eq!(named("current", &deleted), None);
        assert_eq!(named("previous", &deleted), Some("b"));
        assert_eq!(named("m", &deleted), None);
        assert_eq!(named("a", &deleted), Some("a"));
        assert_eq!(named("previous", &versions(&[("a", Kind::Object)])), None);
    }
}
