//! A lock of our own, in the very form that Terraform and OpenTofu write, so
//! that neither can start while we work and either can release it afterwards.
//! Its `Info` tells a colleague who has not our journal what it is for.

use jiff::Timestamp;

use crate::lock::errand::SIGN;
use crate::lock::{Body, Holder};
use crate::place::Place;

/// What a lock of ours is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLock {
    /// In the form of a UUID, as Terraform's.
    pub id: String,
    /// `user@host`.
    pub who: String,
    pub at: Timestamp,
    /// What it is for, for whoever meets it.
    pub purpose: String,
}

impl OwnLock {
    /// A lock made from random bytes, as RFC 9562 makes a UUID of version 4.
    pub fn made(random: [u8; 16], who: String, at: Timestamp, purpose: &str) -> Self {
        let mut bytes = random;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = data_encoding::HEXLOWER.encode(&bytes);
        let id = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ]
        .join("-");
        Self {
            id,
            who,
            at,
            purpose: format!("{SIGN} {purpose}"),
        }
    }

    /// The bytes of the lock, canonical to the byte (`sm/locker.go`).
    pub fn body(&self, place: &Place) -> Body {
        let holder = Holder {
            id: self.id.clone(),
            operation: SIGN.to_owned(),
            info: self.purpose.clone(),
            who: self.who.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: self.at.to_string(),
            path: place.full_name(),
        };
        Body::Bytes(holder.canonical())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::errand::is_ours;
    use crate::place::{Backend, Origin};

    #[test]
    fn a_lock_of_ours_reads_as_one_and_is_canonical() {
        let at = "2026-11-22T11:43:28.830000000Z".parse().unwrap();
        let own = OwnLock::made([0xff; 16], "ada@laptop".into(), at, "restore: a & b");
        assert_eq!(own.id, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::default()),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        let body = own.body(&place);
        let holder = Holder::read(body.bytes()).unwrap();
        assert!(is_ours(&holder));
        assert_eq!(holder.created, "2026-11-22T11:43:28.83Z");
        assert_eq!(holder.canonical(), body.bytes());
        assert!(String::from_utf8_lossy(body.bytes()).contains("restore: a \\u0026 b"));
    }
}
