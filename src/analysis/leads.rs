//! Where each finding leads: the runbook, and the step of it to begin with. One
//! table, so that no rule can name a page or a step that is not there.

/// A finding and, where somebody has to act by a page, the page, the number of
/// its step, and that step's title.
type Lead = (&'static str, Option<(&'static str, u32, &'static str)>);

/// Every finding there is, by id.
pub const FINDINGS: &[Lead] = &[
    (
        "api.quota",
        Some(("quota", 1, "Which quota, of which region?")),
    ),
    (
        "api.throttled",
        Some(("throttling", 1, "Which call, and how often?")),
    ),
    (
        "api.timeout",
        Some(("timeout", 1, "What is it waiting for?")),
    ),
    (
        "auth.absent",
        Some(("provider-auth", 3, "No credentials found")),
    ),
    (
        "auth.account",
        Some(("provider-auth", 2, "Who are you, to AWS?")),
    ),
    (
        "auth.clock",
        Some(("provider-auth", 5, "The key or its signature is refused")),
    ),
    (
        "auth.denied",
        Some(("provider-auth", 7, "Not allowed to do this")),
    ),
    ("auth.expired", Some(("provider-auth", 4, "Expired"))),
    (
        "auth.key",
        Some(("provider-auth", 5, "The key or its signature is refused")),
    ),
    (
        "auth.mfa",
        Some(("provider-auth", 6, "The role can't be assumed")),
    ),
    (
        "auth.profile",
        Some(("provider-auth", 3, "No credentials found")),
    ),
    (
        "auth.region",
        Some(("provider-auth", 1, "Which of the two, and why?")),
    ),
    (
        "auth.role",
        Some(("provider-auth", 6, "The role can't be assumed")),
    ),
    (
        "backend.bucket-missing",
        Some(("network-down", 3, "The bucket or the table")),
    ),
    (
        "backend.changed",
        Some(("backend-changed", 1, "What does each say?")),
    ),
    (
        "backend.other-region",
        Some(("network-down", 3, "The bucket or the table")),
    ),
    (
        "config.deprecated",
        Some(("deprecation", 1, "Which argument, and where?")),
    ),
    (
        "digest.differs",
        Some(("digest-mismatch", 1, "Look once more in a minute")),
    ),
    (
        "digest.refused",
        Some(("digest-mismatch", 1, "Look once more in a minute")),
    ),
    (
        "digest.unverified",
        Some(("digest-mismatch", 7, "No digest is stored at all")),
    ),
    (
        "digest.unwritten",
        Some(("digest-mismatch", 3, "Only the digest is old: mend it")),
    ),
    (
        "digest.written-after-us",
        Some(("digest-mismatch", 1, "Look once more in a minute")),
    ),
    (
        "errored-state.present",
        Some(("errored-state", 1, "Find the file and copy it away")),
    ),
    (
        "graph.cycle",
        Some(("dependency-cycle", 1, "Read the members")),
    ),
    (
        "lock.back-after-us",
        Some(("state-lock", 2, "Is the holder still running?")),
    ),
    (
        "lock.eternal",
        Some(("state-lock", 2, "Is the holder still running?")),
    ),
    ("lock.half-released", Some(("state-lock", 5, "Release it"))),
    ("lock.held", Some(("state-lock", 1, "Read who holds it"))),
    (
        "lock.no-info",
        Some(("state-lock", 9, "Release one that names nobody")),
    ),
    ("lock.own", Some(("state-lock", 4, "Is the state whole?"))),
    ("lock.refused", Some(("state-lock", 1, "Read who holds it"))),
    (
        "lock.stale",
        Some(("state-lock", 2, "Is the holder still running?")),
    ),
    (
        "lock.table-missing",
        Some(("network-down", 3, "The bucket or the table")),
    ),
    ("locking.off", None),
    (
        "network.unreachable",
        Some(("network-down", 2, "The network")),
    ),
    (
        "place.cache-differs",
        Some(("backend-changed", 1, "What does each say?")),
    ),
    (
        "plan.after-restore",
        Some(("destructive-change", 1, "What exactly goes?")),
    ),
    (
        "plan.destroys",
        Some(("destructive-change", 1, "What exactly goes?")),
    ),
    (
        "plan.destroys-data",
        Some(("destructive-change", 1, "What exactly goes?")),
    ),
    (
        "plan.drift",
        Some(("drift", 1, "See what differs, and write nothing")),
    ),
    // Its evidence is the command that goes on with it.
    ("plan.open", None),
    (
        "plan.other-state",
        Some(("plan-stale", 3, "Of another lineage")),
    ),
    (
        "plan.recreates",
        Some(("state-corrupt", 5, "Find the last good copy")),
    ),
    (
        "plan.stale",
        Some(("plan-stale", 2, "Stale: what came in between?")),
    ),
    (
        "provider.crash",
        Some(("provider-crash", 1, "Keep the evidence")),
    ),
    (
        "provider.gone",
        Some(("provider-crash", 1, "Keep the evidence")),
    ),
    (
        "provider.inconsistent",
        Some(("plan-stale", 4, "Inconsistent result")),
    ),
    (
        "provider.killed",
        Some(("provider-crash", 3, "Killed for memory?")),
    ),
    (
        "provider.not-started",
        Some(("provider-crash", 4, "Is the binary whole?")),
    ),
    (
        "providers.checksum",
        Some((
            "provider-lock",
            3,
            "The checksum of another platform is missing",
        )),
    ),
    (
        "providers.lock-file",
        Some((
            "provider-lock",
            2,
            "The code asks for another version than the lock file",
        )),
    ),
    (
        "providers.missing",
        Some(("provider-lock", 1, "What does it complain about?")),
    ),
    (
        "providers.not-fetched",
        Some(("provider-lock", 4, "The registry does not answer")),
    ),
    (
        "resource.exists",
        Some(("resource-exists", 1, "Read which one")),
    ),
    (
        "resource.managed",
        Some((
            "resource-exists",
            7,
            "Already managed: one thing, two addresses",
        )),
    ),
    (
        "resource.timeout",
        Some(("timeout", 1, "What is it waiting for?")),
    ),
    (
        "run.broken-pipe",
        Some(("state-lock", 2, "Is the holder still running?")),
    ),
    (
        "run.interrupted",
        Some(("failed-apply", 1, "Is the state saved?")),
    ),
    (
        "run.interrupted-twice",
        Some((
            "pipeline-failed",
            3,
            "Save what only the job's machine knows",
        )),
    ),
    (
        "run.slow-plan",
        Some(("slow-plan", 1, "Where does the time go?")),
    ),
    ("state.dangling", None),
    (
        "state.doubled",
        Some(("state-repair", 3, "Where does it break?")),
    ),
    (
        "state.duplicate",
        Some(("state-corrupt", 1, "Keep everybody out")),
    ),
    (
        "state.empty",
        Some(("state-deleted", 1, "Keep everybody out")),
    ),
    ("state.encrypted", None),
    (
        "state.large",
        Some(("state-growth", 1, "How large, and what of?")),
    ),
    (
        "state.lineage-changed",
        Some(("state-corrupt", 1, "Keep everybody out")),
    ),
    (
        "state.many-resources",
        Some(("state-growth", 1, "How large, and what of?")),
    ),
    (
        "state.missing",
        Some(("state-deleted", 1, "Keep everybody out")),
    ),
    (
        "state.not-read",
        Some(("state-corrupt", 1, "Keep everybody out")),
    ),
    ("state.older-format", None),
    (
        "state.refused",
        Some(("state-corrupt", 1, "Keep everybody out")),
    ),
    (
        "state.serial-back",
        Some(("state-corrupt", 5, "Find the last good copy")),
    ),
    (
        "state.shrunk",
        Some(("state-corrupt", 3, "Find out what is broken")),
    ),
    (
        "state.thinner",
        Some(("state-corrupt", 3, "Find out what is broken")),
    ),
    (
        "state.unparsable",
        Some(("state-corrupt", 1, "Keep everybody out")),
    ),
    (
        "state.unsaved",
        Some(("errored-state", 1, "Find the file and copy it away")),
    ),
    (
        "state.written-after-us",
        Some(("state-corrupt", 1, "Keep everybody out")),
    ),
    (
        "terraform.crash",
        Some(("provider-crash", 1, "Keep the evidence")),
    ),
    (
        "versioning.off",
        Some(("recovery-drill", 1, "Could you recover today?")),
    ),
    (
        "versioning.suspended",
        Some(("recovery-drill", 1, "Could you recover today?")),
    ),
];

/// The steps of resource-exists, by whose the thing turns out to be.
pub(super) const EXISTS_FIRST: u32 = 1;
pub(super) const EXISTS_RENAMED: u32 = 2;
pub(super) const EXISTS_WHOSE: u32 = 3;
pub(super) const EXISTS_IMPORT: u32 = 4;

/// The page and the step that a finding leads to, if it leads anywhere.
pub fn lead(id: &str) -> Option<(&'static str, u32)> {
    let found = FINDINGS.iter().find(|(known, _)| *known == id);
    debug_assert!(found.is_some(), "{id} is not in the table of findings");
    let (page, step, _) = found?.1?;
    Some((page, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Context, Language, Placeholder, Shelf, Step};

    #[test]
    fn every_lead_is_a_step_that_is_there() {
        assert!(FINDINGS.is_sorted_by_key(|(id, _)| *id));
        let shelf = Shelf::built_in();
        for (id, lead) in FINDINGS {
            let Some((page, number, title)) = lead else {
                continue;
            };
            let entry = shelf.find(page).unwrap_or_else(|| panic!("{id}: {page}"));
            let step = entry.page.steps.get(*number as usize - 1);
            assert_eq!(step.map(|step| step.title.as_str()), Some(*title), "{id}");
        }
    }

    /// What a console knows of any state in S3, whatever its cursor stands on.
    const KNOWN: [&str; 18] = [
        "digest.calculated",
        "digest.row",
        "digest.row_key",
        "digest.stored",
        "lock.host",
        "lock.id",
        "lock.object",
        "lock.row",
        "lock.row_key",
        "lock.table",
        "lock.who",
        "log.path",
        "place",
        "region",
        "state.bucket",
        "state.etag",
        "state.key",
        "state.serial_next",
    ];

    /// What a log or a plan tells of may stand in no state, and whose credentials fail
    /// may have no name: these a person has to know.
    const NAMED_BY_NOBODY: [&str; 5] = [
        "account",
        "profile",
        "resource.address",
        "resource.id",
        "role",
    ];

    /// The findings whose pages ask for such a name.
    const OF_OTHERS: [&str; 6] = ["api.", "auth.", "plan.", "provider.", "resource.", "run."];

    #[test]
    fn the_commands_where_a_finding_leads_need_no_editing() {
        let shelf = Shelf::built_in();
        let mut context = Context::new();
        for name in KNOWN.iter().chain(&["state.version_good"]) {
            context.set(Placeholder::named(name).unwrap(), "x");
        }
        for (id, lead) in FINDINGS {
            let Some((page, ..)) = lead else { continue };
            let mut context = context.clone();
            if OF_OTHERS.iter().any(|family| id.starts_with(family)) {
                for name in NAMED_BY_NOBODY {
                    context.set(Placeholder::named(name).unwrap(), "x");
                }
            }
            let steps = &shelf.find(page).unwrap().page.steps;
            for snippet in steps.iter().flat_map(Step::copies) {
                if snippet.language == Language::Shell {
                    let lacks = snippet.fill(&context).lacks;
                    assert_eq!(lacks, [], "{id}: {page}: {}", snippet.text);
                }
            }
        }
    }
}
