//! A lock of our own, in the very form that Terraform and OpenTofu write, so
//! that neither can start while we work and either can release it afterwards.
//! Its `Info` tells a colleague who has not our journal what it is for.

use jiff::Timestamp;

use super::by_hand;
use super::confirm::Demand;
use crate::incident::Intent;
use crate::lock::errand::{Purpose, SIGN};
use crate::lock::{Body, Errand, Holder};
use crate::place::Place;

/// What a lock of ours is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLock {
    /// In the form of a UUID, as Terraform's.
    pub id: String,
    /// `user@host`.
    pub who: String,
    pub at: Timestamp,
    /// The incident in whose journal it stands.
    pub incident: String,
}

impl OwnLock {
    /// A lock made from random bytes, as RFC 9562 makes a UUID of version 4.
    pub fn made(random: [u8; 16], who: String, at: Timestamp, incident: String) -> Self {
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
            incident,
        }
    }

    /// The bytes of the lock, canonical to the byte (`sm/locker.go`): for what
    /// it is taken, in which step (as in `3 of 9`) of what, and what goes on with it.
    pub fn body(
        &self,
        place: &Place,
        purpose: Purpose,
        (step, does): (String, String),
        resume: String,
    ) -> Body {
        let errand = Errand {
            purpose,
            incident: self.incident.clone(),
            step,
            does,
            resume,
        };
        let holder = Holder {
            id: self.id.clone(),
            operation: SIGN.to_owned(),
            info: errand.to_string(),
            who: self.who.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: self.at.to_string(),
            path: place.full_name(),
        };
        Body::Bytes(holder.canonical())
    }

    /// The command that lets go of it.
    pub fn thawed_by(&self) -> String {
        format!("tfsos thaw {id} --yes {id}", id = self.id)
    }
}

/// The command that goes on with a plan, with everything that it demands.
pub fn resuming(intent: Intent, subject: &str, demands: &[Demand]) -> String {
    let subject = by_hand::quote(subject);
    let command = match intent {
        Intent::Release | Intent::Retake => format!("tfsos unlock {subject}"),
        Intent::TakeOver => format!("tfsos unlock {subject} --take-over"),
        Intent::Restore => format!("tfsos restore {subject}"),
        Intent::Digest => "tfsos digest --fix".to_owned(),
        Intent::Freeze => "tfsos freeze".to_owned(),
        Intent::Thaw => format!("tfsos thaw {subject}"),
    };
    let given = demands.iter().map(|demand| demand.given(intent));
    std::iter::once(command)
        .chain(given)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::errand::is_ours;
    use crate::place::{Backend, Origin};

    #[test]
    fn a_lock_of_ours_reads_as_one_and_is_canonical() {
        let at = "2026-11-22T11:43:28.830000000Z".parse().unwrap();
        let own = OwnLock::made([0xff; 16], "ada@laptop".into(), at, "i".into());
        assert_eq!(own.id, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let place = Place {
            directory: None,
            workspace: "default".into(),
            backend: Backend::S3(Box::default()),
            origin: Origin::Flags,
            divergences: Vec::new(),
        };
        let body = own.body(
            &place,
            Purpose::Freeze,
            ("1 of 3".into(), "a & b".into()),
            own.thawed_by(),
        );
        let holder = Holder::read(body.bytes()).unwrap();
        assert!(is_ours(&holder));
        assert_eq!(holder.created, "2026-11-22T11:43:28.83Z");
        assert_eq!(holder.canonical(), body.bytes());
        assert!(String::from_utf8_lossy(body.bytes()).contains("; a \\u0026 b; resume: "));
        assert_eq!(Errand::of(&holder).unwrap().does, "a & b");
    }
}
