//! The state that a run wrote beside the configuration because it could not
//! store it, and whether it may be pushed: the rules are those of `terraform
//! state push`.

use super::{Confidence, Finding, Severity};
use crate::state::{Contents, Health, Serial};

/// An `errored.tfstate` beside the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errored {
    pub path: String,
    pub contents: Contents,
}

/// What to do with it.
enum Verdict {
    /// It is newer than what is stored.
    Push,
    /// It is newer, but `terraform state push` would harm it or fail.
    Keep(&'static str),
    /// It is of no more use, or of none here.
    Leave(&'static str),
}

impl Errored {
    /// What the file means beside the state that is stored.
    pub(super) fn judged(&self, stored: Option<&Contents>) -> Finding {
        let path = &self.path;
        let (severity, claim, why) = match self.verdict(stored) {
            Verdict::Push => (
                Severity::Critical,
                format!("{path} holds changes that were never stored: push it"),
                "it has the lineage of the stored state and a newer serial".to_owned(),
            ),
            Verdict::Keep(why) => (
                Severity::Critical,
                format!(
                    "{path} holds changes that were never stored: keep it, and do not push it yet"
                ),
                why.to_owned(),
            ),
            Verdict::Leave(why) => (
                Severity::Warning,
                format!("{path} was left by a run: do not push it"),
                why.to_owned(),
            ),
        };
        let stored = stored.map_or("no stored state".to_owned(), |stored| {
            format!("stored: {}", told(stored))
        });
        let evidence = [
            why,
            format!("left behind: {}", told(&self.contents)),
            stored,
        ];
        Finding::new(
            "errored-state.present",
            severity,
            Confidence::Certain,
            claim,
        )
        .seen(evidence)
    }

    fn verdict(&self, stored: Option<&Contents>) -> Verdict {
        let left = &self.contents;
        if left.health != Health::Fine {
            return Verdict::Leave("it does not load as a state");
        }
        let Some(stored) = stored.filter(|stored| stored.health != Health::Empty) else {
            return Verdict::Keep(
                "onto no state terraform state push would give it another lineage and serial 1",
            );
        };
        if is_other_lineage(left, stored) {
            return Verdict::Leave("it belongs to another lineage");
        }
        if left.md5 == stored.md5 {
            return Verdict::Leave("the same bytes are stored: it can be deleted");
        }
        let serial = |contents: &Contents| contents.serial.unwrap_or(Serial(0));
        if serial(left) < serial(stored) {
            return Verdict::Leave("the stored state has a newer serial");
        }
        if serial(left) == serial(stored) {
            return Verdict::Leave(
                "the stored state has the same serial and other contents: compare them with tfsos diff first",
            );
        }
        if stored.health == Health::Damaged {
            return Verdict::Keep(
                "terraform state push reads the stored state first, and that does not load",
            );
        }
        Verdict::Push
    }
}

/// Terraform lets a state without a lineage take any other's place.
fn is_other_lineage(left: &Contents, stored: &Contents) -> bool {
    let lineage = |contents: &Contents| {
        let lineage = contents.lineage.clone();
        lineage.filter(|lineage| !lineage.is_empty())
    };
    match (lineage(left), lineage(stored)) {
        (Some(left), Some(stored)) => left != stored,
        _ => false,
    }
}

fn told(contents: &Contents) -> String {
    let serial = contents.serial.map_or("no serial".to_owned(), |serial| {
        format!("serial {}", serial.0)
    });
    let lineage = contents.lineage.as_deref().unwrap_or("none");
    let resources = contents
        .resources
        .map_or(String::new(), |count| format!(", {count} resources"));
    format!("{serial}, lineage {lineage}{resources}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    fn contents(text: &str) -> Contents {
        Contents::of(text.as_bytes(), &Reading::of(text.as_bytes()))
    }

    fn state(serial: u64, lineage: &str, more: &str) -> Contents {
        contents(&format!(
            r#"{{"version":4,"serial":{serial},"lineage":"{lineage}"{more}}}"#
        ))
    }

    /// The claim and the reason.
    fn judged(left: Contents, stored: Option<&Contents>) -> (String, String) {
        let errored = Errored {
            path: "errored.tfstate".into(),
            contents: left,
        };
        let finding = errored.judged(stored);
        (finding.claim, finding.evidence[0].clone())
    }

    #[test]
    fn a_newer_state_of_the_same_lineage_is_pushed() {
        let (claim, _) = judged(state(5, "l", ""), Some(&state(4, "l", "")));
        assert!(claim.ends_with("push it"), "{claim}");
        assert!(!claim.contains("do not"), "{claim}");
    }

    #[test]
    fn what_terraform_would_refuse_or_lose_is_not_pushed() {
        let stored = state(4, "l", "");
        let torn = contents(r#"{"version":4,"serial":4,"lineage":"l","resources":[{"#);
        for (left, stored, reason) in [
            (state(5, "other", ""), Some(&stored), "another lineage"),
            (state(3, "l", ""), Some(&stored), "a newer serial"),
            (state(4, "l", ""), Some(&stored), "can be deleted"),
            (state(4, "l", r#","x":1"#), Some(&stored), "other contents"),
            (contents("{ torn"), Some(&stored), "does not load"),
            (state(5, "l", ""), None, "serial 1"),
            (state(5, "l", ""), Some(&contents("")), "serial 1"),
            (state(5, "l", ""), Some(&torn), "does not load"),
        ] {
            let (claim, why) = judged(left, stored);
            assert!(claim.contains("do not push it"), "{claim}");
            assert!(why.contains(reason), "{why} is not {reason}");
        }
    }

    #[test]
    fn a_state_without_a_lineage_is_no_stranger() {
        let (claim, _) = judged(state(5, "l", ""), Some(&state(4, "", "")));
        assert!(claim.ends_with("push it"), "{claim}");
    }
}
