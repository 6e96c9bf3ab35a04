//! A finding about the credentials that tfsos itself asks with, with everything
//! that is known of them as its evidence.

use jiff::Timestamp;

use super::{Confidence, Finding, Severity};
use crate::place::{Credentials, Wrong};

/// What is wrong with the credentials, if anything is.
pub fn of_credentials(known: &Credentials, now: Timestamp) -> Option<Finding> {
    let trouble = known.trouble.as_ref()?;
    let (id, claim) = match trouble.wrong? {
        Wrong::Absent => ("auth.absent", "no credentials were found"),
        Wrong::Expired => ("auth.expired", "the credentials have expired"),
        Wrong::Profile => ("auth.profile", "the profile cannot be used"),
        Wrong::Role => ("auth.role", "the role cannot be assumed"),
        Wrong::Account => (
            "auth.account",
            "the credentials are of an account that the configuration does not allow",
        ),
        Wrong::Key => ("auth.key", "the access key or its signature is refused"),
        Wrong::Clock => (
            "auth.clock",
            "the clock of this machine is wrong: AWS refuses what it signs",
        ),
        Wrong::Region => ("auth.region", "the region is missing or is none of AWS"),
        Wrong::Denied => ("auth.denied", "access denied: sts:GetCallerIdentity"),
        Wrong::Network => ("network.unreachable", "AWS cannot be reached"),
    };
    let rows = known.rows(now).into_iter();
    let rows = rows.map(|(label, text)| format!("{label}: {text}"));
    let fault = &trouble.fault;
    let said = std::iter::once(fault.to_string()).chain(fault.hint.clone());
    let finding = Finding::new(id, Severity::Critical, Confidence::Certain, claim);
    Some(finding.seen(said.chain(rows)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::place::Trouble;

    const EVERY: [Wrong; 10] = [
        Wrong::Absent,
        Wrong::Expired,
        Wrong::Profile,
        Wrong::Role,
        Wrong::Account,
        Wrong::Key,
        Wrong::Clock,
        Wrong::Region,
        Wrong::Denied,
        Wrong::Network,
    ];

    #[test]
    fn each_trouble_leads_to_a_step_and_names_what_is_known() {
        for wrong in EVERY {
            let fault = Fault::new("ask who the credentials belong to", "", "it is so");
            let known = Credentials {
                profile: Some("ops".into()),
                trouble: Some(Trouble {
                    wrong: Some(wrong),
                    fault: fault.hint("do this"),
                }),
                ..Credentials::default()
            };
            let finding = of_credentials(&known, Timestamp::UNIX_EPOCH).unwrap();
            assert!(finding.runbook.is_some(), "{wrong:?}");
            assert!(finding.evidence.contains(&"do this".to_owned()));
            assert!(finding.evidence.contains(&"profile: ops".to_owned()));
        }
    }

    #[test]
    fn credentials_that_work_are_no_finding() {
        let known = Credentials::default();
        assert_eq!(of_credentials(&known, Timestamp::UNIX_EPOCH), None);
    }
}
