//! Findings about the state: its bytes, what vouches for them, what is kept of
//! the older ones, and what a run left beside it.

use super::{Confidence, Errored, Evidence, Finding, Severity, Whole};
use crate::lock::Agreement;
use crate::place::Backend;
use crate::state::{Contents, Health, Versioning};

const RUNBOOK: &str = "state-corrupt";

/// What is wrong with the bytes of a state by themselves.
pub fn of_contents(contents: &Contents) -> Option<Finding> {
    use Confidence::Certain;
    let why = contents.why.clone();
    let size = format!("{} bytes", contents.size);
    let finding = match contents.health {
        Health::Fine | Health::Unread => return None,
        Health::Empty => Finding::new(
            "state.empty",
            Severity::Critical,
            Certain,
            "the state is empty: the next run would create everything anew",
        )
        .leads_to(RUNBOOK),
        Health::Damaged => Finding::new(
            "state.unparsable",
            Severity::Critical,
            Certain,
            "the state does not parse: no run can start",
        )
        .leads_to(RUNBOOK),
        Health::Deleted => return of_whole(Whole::Missing),
        Health::Encrypted => Finding::new(
            "state.encrypted",
            Severity::Info,
            Certain,
            "the state is encrypted by OpenTofu: what is in it cannot be judged",
        ),
        Health::OlderFormat => Finding::new(
            "state.older-format",
            Severity::Info,
            Certain,
            "the state has an older format, which the next run upgrades",
        ),
    };
    Some(finding.seen(why.into_iter().chain([size])))
}

pub(super) fn of_whole(whole: Whole) -> Option<Finding> {
    match whole {
        Whole::Unsuspected => None,
        Whole::Missing => Some(
            Finding::new(
                "state.missing",
                Severity::Critical,
                Confidence::Certain,
                "the state is missing: the next run would create everything anew",
            )
            .leads_to(RUNBOOK),
        ),
        Whole::Shrunk { before, now } => Some(
            Finding::new(
                "state.shrunk",
                Severity::Warning,
                Confidence::Possible,
                format!("the state shrank from {before} to {now} resources"),
            )
            .seen(["whether they were destroyed on purpose is not known".to_owned()])
            .leads_to(RUNBOOK),
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
            ])
            .leads_to(RUNBOOK),
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

pub(super) fn of_errored(errored: &Errored, evidence: &Evidence<'_>) -> Finding {
    let (path, left) = (&errored.path, &errored.contents);
    let current = evidence.state.ok().flatten();
    let same = current.is_some_and(|current| current.lineage == left.lineage);
    let newer = current.is_none_or(|current| left.serial > current.serial);
    let (severity, claim) = match (left.health.loads(), same || current.is_none(), newer) {
        (true, true, true) => (
            Severity::Critical,
            format!("{path} holds changes that were never stored"),
        ),
        (true, true, false) => (
            Severity::Warning,
            format!("{path} was left by a run, and the stored state is not older"),
        ),
        (true, false, _) => (
            Severity::Warning,
            format!("{path} belongs to another state"),
        ),
        (false, ..) => (Severity::Warning, format!("{path} does not load")),
    };
    let serial = |contents: &Contents| {
        contents.serial.map_or("no serial".to_owned(), |serial| {
            format!("serial {}", serial.0)
        })
    };
    let stored = current.map_or("no stored state".to_owned(), |current| {
        format!("stored: {}", serial(current))
    });
    Finding::new(
        "errored-state.present",
        severity,
        Confidence::Certain,
        claim,
    )
    .seen([format!("left behind: {}", serial(left)), stored])
    .leads_to(RUNBOOK)
}
