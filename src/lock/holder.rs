//! The lock's JSON as Terraform and OpenTofu write it (`sm/locker.go`,
//! `LockInfo`): read leniently, because a lock that Terraform cannot read is
//! still a lock that blocks.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whom a lock names. Every field may be missing in what others wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Holder {
    #[serde(rename = "ID")]
    pub id: String,
    pub operation: String,
    pub info: String,
    /// `user@host` of the process that took the lock.
    pub who: String,
    /// The tool's version, without a `v`.
    pub version: String,
    /// RFC 3339 UTC as stored; [`Holder::created_at`] reads it.
    pub created: String,
    pub path: String,
}

impl Holder {
    /// Reads a lock's JSON; none where the bytes are empty or not a JSON object.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The bytes that Go's encoder makes of it: fixed order, no spaces, and
    /// `<`, `>`, `&` and the two line separators escaped.
    ///
    /// OpenTofu releases a lock only where its own encoding equals the stored
    /// bytes, so a lock of ours has to be exactly this.
    pub fn canonical(&self) -> Vec<u8> {
        let text = serde_json::to_string(self).unwrap_or_default();
        let mut bytes = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    // Writing to a string cannot fail.
                    let _ = write!(bytes, "\\u{:04x}", u32::from(c));
                }
                c => bytes.push(c),
            }
        }
        bytes.into_bytes()
    }

    /// When the lock was taken, if `Created` is a time.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.created.parse().ok()
    }

    /// The operation as a person says it: `OperationTypeApply` is `apply`.
    pub fn operation_word(&self) -> String {
        let word = self
            .operation
            .strip_prefix("OperationType")
            .unwrap_or(&self.operation);
        match word {
            "" => "unknown".to_owned(),
            "Invalid" => "console or import".to_owned(),
            _ => word.to_lowercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &[u8] = br#"{"ID":"11b9b0f6-5a64-c6b0-9c3b-1c8a5f1a4b9e","Operation":"OperationTypeApply","Info":"","Who":"ci@runner-12","Version":"1.11.4","Created":"2026-11-22T11:43:28.83719237Z","Path":"tfb/prod/net/terraform.tfstate"}"#;

    #[test]
    fn what_terraform_wrote_is_written_again_to_the_byte() {
        assert_eq!(Holder::read(REAL).unwrap().canonical(), REAL);
        let odd = Holder {
            info: "a<b>&c \u{2028}\n\"é\" \u{7f}".into(),
            ..Holder::default()
        };
        let text = String::from_utf8(odd.canonical()).unwrap();
        assert!(
            text.contains(r#""Info":"a\u003cb\u003e\u0026c \u2028\n\"é\" "#),
            "{text}"
        );
        assert_eq!(Holder::read(&odd.canonical()).unwrap(), odd);
    }

    #[test]
    fn a_real_lock_names_its_holder() {
        let holder = Holder::read(REAL).unwrap();
        assert_eq!(holder.who, "ci@runner-12");
        assert_eq!(holder.operation_word(), "apply");
        assert_eq!(
            holder.created_at(),
            "2026-11-22T11:43:28.83719237Z".parse().ok()
        );
    }

    #[test]
    fn a_lock_cut_at_any_byte_is_survived() {
        for end in 0..REAL.len() {
            assert_eq!(Holder::read(&REAL[..end]), None);
        }
    }

    #[test]
    fn missing_fields_stay_empty() {
        let holder = Holder::read(br#"{"ID":"x"}"#).unwrap();
        assert_eq!(
            (holder.id.as_str(), holder.who.as_str(), holder.created_at()),
            ("x", "", None)
        );
    }
}
