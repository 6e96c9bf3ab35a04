//! What the body of a version says of itself.

use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};
use serde::Serialize;

use super::reading::Reading;
use super::snapshot::Serial;

/// Whether Terraform would take a version, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Fine,
    /// No bytes: Terraform takes it for no state at all.
    Empty,
    Damaged,
    /// Encrypted by OpenTofu: what is inside cannot be judged.
    Encrypted,
    /// Format 1 to 3.
    OlderFormat,
    /// A delete marker.
    Deleted,
    /// The body has not been read.
    Unread,
}

impl Health {
    /// Whether Terraform or OpenTofu would load it.
    pub fn loads(self) -> bool {
        matches!(self, Self::Fine | Self::Encrypted | Self::OlderFormat)
    }
}

/// What reading a version's body adds to its entry in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub health: Health,
    /// Why the health is not fine, as the end of a sentence about the state.
    pub why: Option<String>,
    pub serial: Option<Serial>,
    pub lineage: Option<String>,
    pub terraform_version: Option<String>,
    /// How many addresses `terraform state list` would print; those that stood whole in a damaged one.
    pub resources: Option<usize>,
    /// Hex MD5 of the body, which is what Terraform stores as its digest.
    pub md5: String,
    pub size: u64,
}

impl Contents {
    /// Sums up a body and what it was read as.
    pub fn of(body: &[u8], reading: &Reading) -> Self {
        let (health, why) = reading.health();
        let header = reading.header();
        Self {
            health,
            why,
            serial: header.and_then(|header| header.serial),
            lineage: header.and_then(|header| header.lineage.clone()),
            terraform_version: header.and_then(|header| header.terraform_version.clone()),
            resources: reading.snapshot().map(|snapshot| snapshot.listed().len()),
            md5: HEXLOWER.encode(&Md5::digest(body)),
            size: body.len() as u64,
        }
    }
}

impl Reading {
    /// Whether Terraform would take it, and why not as the end of a sentence about the state.
    pub fn health(&self) -> (Health, Option<String>) {
        match self {
            Self::Whole(_) => (Health::Fine, None),
            Self::Empty => (Health::Empty, Some("it has no bytes, which Terraform takes for no state: it would create everything anew".into())),
            Self::Encrypted(_) => (Health::Encrypted, Some("it is encrypted by OpenTofu: only its serial and lineage can be read, and it can only be put back byte for byte".into())),
            Self::Older(header) => (Health::OlderFormat, Some(format!("it uses format version {}, which Terraform upgrades when it next loads it", header.format.unwrap_or_default()))),
            Self::Damaged { damage, .. } => (Health::Damaged, Some(damage.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contents_of_a_version_say_why_they_are_not_fine() {
        let body = br#"{"version":4,"serial":7,"lineage":"l","resources":[]"#;
        let contents = Contents::of(body, &Reading::of(&body[..]));
        assert_eq!(
            (contents.health, contents.serial),
            (Health::Damaged, Some(Serial(7)))
        );
        assert!(
            contents
                .why
                .unwrap()
                .starts_with("it ends in the middle of an object")
        );
        assert_eq!(contents.md5.len(), 32);
        let empty = Contents::of(b"", &Reading::Empty);
        assert_eq!(
            (empty.health, empty.md5.as_str()),
            (Health::Empty, "d41d8cd98f00b204e9800998ecf8427e")
        );
    }
}
