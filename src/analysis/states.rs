//! Findings about what surrounds the state's bytes: whether they are there, what
//! vouches for them, and what is kept of the older ones.

use super::{Confidence, Evidence, Finding, Severity, Whole};
use crate::lock::Agreement;
use crate::place::Backend;
use crate::state::Versioning;

pub(super) fn of_whole(whole: Whole) -> Option<Finding> {
    match whole {
        Whole::Unsuspected => None,
        Whole::Missing => Some(Finding::new(
            "state.missing",
            Severity::Critical,
            Confidence::Certain,
            "the state is missing: the next run would create everything anew",
        )),
        Whole::Shrunk { before, now } => Some(
            Finding::new(
                "state.shrunk",
                Severity::Warning,
                Confidence::Possible,
                format!("the state shrank from {before} to {now} resources"),
            )
            .seen(["whether they were destroyed on purpose is not known".to_owned()]),
        ),
    }
}

pub(super) fn of_digest(agreement: &Agreement) -> Option<Finding> {
    match agreement {
        Agreement::Differs(difference) => Some(
            Finding::new(
                "digest.differs",
                Severity::Critical,
                Confidence::Certain,
                "the stored digest is not that of the state: no run can start",
            )
            .seen([
                format!("stored {}", difference.stored),
                match difference.calculated.as_str() {
                    "" => "there is no state to calculate one of".to_owned(),
                    md5 => format!("calculated {md5}"),
                },
            ]),
        ),
        Agreement::Unverified => Some(Finding::new(
            "digest.unverified",
            Severity::Info,
            Confidence::Certain,
            "no stored digest can be compared: Terraform takes the state as it is",
        )),
        // While a lock is held a run may be between its two writes.
        Agreement::BeingWritten(_)
        | Agreement::NotKept
        | Agreement::Agrees
        | Agreement::Unseen(_) => None,
    }
}

pub(super) fn of_versioning(evidence: &Evidence<'_>) -> Option<Finding> {
    // A file on this machine never had versions; its backups are something else.
    if matches!(evidence.place.backend, Backend::Local(_)) {
        return None;
    }
    let (id, claim) = match evidence.versioning {
        Ok(Versioning::Off) => (
            "versioning.off",
            "the bucket keeps no versions: a write destroys the only copy",
        ),
        Ok(Versioning::Suspended) => (
            "versioning.suspended",
            "versioning of the bucket is suspended: a write destroys the current copy",
        ),
        Ok(Versioning::Enabled) | Err(_) => return None,
    };
    let certain = Confidence::Certain;
    Some(Finding::new(id, Severity::Warning, certain, claim))
}
