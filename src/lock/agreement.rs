//! Whether the digest item agrees with the state that lies there. Terraform
//! compares the two at every read and refuses to go on where they differ; an
//! absent or unreadable digest it accepts in silence, so we say "unverified".

use data_encoding::HEXLOWER_PERMISSIVE;
use md5::{Digest as _, Md5};
use serde::Serialize;

use super::{Sighting, Survey};
use crate::fault::Fault;

/// The digest against the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// No table is configured: nothing is ever compared.
    NotKept,
    Agrees,
    /// Terraform would refuse to read this state.
    Differs(Difference),
    /// A lock is held and the two differ: a run may be between its two writes.
    BeingWritten(Difference),
    /// The item is absent, or is no MD5 at all: Terraform takes the state as it is.
    Unverified,
    /// The item or the state could not be read.
    Unseen(Fault),
}

/// Both sides, lower case hex; `calculated` is empty where there is no state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub stored: String,
    pub calculated: String,
}

/// Hex MD5 of a state's exact bytes; empty for no state, as Terraform calculates it.
pub fn calculated(state: Option<&[u8]>) -> String {
    match state {
        None | Some([]) => String::new(),
        Some(bytes) => HEXLOWER_PERMISSIVE.encode(&Md5::digest(bytes)),
    }
}

impl Agreement {
    /// One word for `--json`; it never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotKept => "not_kept",
            Self::Agrees => "agrees",
            Self::Differs(_) => "differs",
            Self::BeingWritten(_) => "being_written",
            Self::Unverified => "unverified",
            Self::Unseen(_) => "unseen",
        }
    }

    /// Compares what one look found with the state's bytes (`s3/client.go`, `Get`).
    /// What is held under one of `own` is held by us, and nobody writes under it.
    pub fn of(survey: &Survey, state: Result<Option<&[u8]>, &Fault>, own: &[String]) -> Self {
        let stored = match &survey.digest {
            None => return Self::NotKept,
            Some(Err(fault)) => return Self::Unseen(fault.clone()),
            Some(Ok(None)) => return Self::Unverified,
            Some(Ok(Some(digest))) => &digest.stored,
        };
        let valid = HEXLOWER_PERMISSIVE
            .decode(stored.as_bytes())
            .ok()
            .filter(|sum| sum.len() == 16);
        let Some(sum) = valid else {
            return Self::Unverified;
        };
        let calculated = match state {
            Err(fault) => return Self::Unseen(fault.clone()),
            Ok(state) => calculated(state),
        };
        let stored = HEXLOWER_PERMISSIVE.encode(&sum);
        if stored == calculated {
            return Self::Agrees;
        }
        let difference = Difference { stored, calculated };
        let theirs = |seen: &&Sighting| !seen.id().is_some_and(|id| own.contains(&id));
        match survey.held().find(theirs) {
            Some(_) => Self::BeingWritten(difference),
            None => Self::Differs(difference),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::{Body, Digest, Look, Sighting, Store};

    const OF_EMPTY_OBJECT: &str = "99914b932bd37a50b983c5e7c90ae93b";

    fn survey(stored: Option<&str>, held: bool) -> Survey {
        let seen = held.then(|| Sighting {
            store: Store::DynamoDb,
            container: "t".into(),
            key: "k".into(),
            body: Body::Bytes(b"{}".to_vec()),
            etag: None,
            modified: None,
        });
        let look = Look {
            store: Store::DynamoDb,
            container: "t".into(),
            key: "k".into(),
            found: Ok(seen),
        };
        let digest = stored.map(|stored| Digest {
            table: "t".into(),
            key: "k-md5".into(),
            stored: stored.into(),
        });
        Survey {
            stores: vec![look],
            digest: Some(Ok(digest)),
        }
    }

    #[test]
    fn the_digest_is_compared_as_bytes() {
        let upper = OF_EMPTY_OBJECT.to_uppercase();
        assert_eq!(
            Agreement::of(&survey(Some(&upper), false), Ok(Some(b"{}")), &[]),
            Agreement::Agrees
        );
    }

    #[test]
    fn an_absent_or_invalid_digest_is_unverified_and_no_agreement() {
        for stored in [None, Some("not hex"), Some("abcd")] {
            assert_eq!(
                Agreement::of(&survey(stored, false), Ok(Some(b"{}")), &[]),
                Agreement::Unverified
            );
        }
    }

    #[test]
    fn no_state_differs_from_any_digest() {
        for state in [None, Some(&b""[..])] {
            let found = Agreement::of(&survey(Some(OF_EMPTY_OBJECT), false), Ok(state), &[]);
            assert!(
                matches!(found, Agreement::Differs(difference) if difference.calculated.is_empty())
            );
        }
    }

    #[test]
    fn while_a_lock_is_held_a_difference_is_no_finding() {
        let found = Agreement::of(&survey(Some(OF_EMPTY_OBJECT), true), Ok(Some(b"{ }")), &[]);
        assert!(matches!(found, Agreement::BeingWritten(_)));
    }
}
