//! A lock's JSON byte for byte as Terraform writes it: the order of the fields
//! is fixed, there are no blanks, and the time has no trailing zeros. Anything
//! else could not be released by OpenTofu, which compares the text.

use jiff::{SignedDuration, Timestamp};

use super::chance::Chance;
use super::scenario::Stage;
use crate::lock::Holder;

/// Whose lock is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub who: &'a str,
    pub operation: &'a str,
    pub terraform: &'a str,
    pub at: Timestamp,
    /// Which of the scenario's locks it is.
    pub number: usize,
}

/// The lock that a claim takes; the same claim always takes the same.
pub fn taken(claim: &Claim<'_>, stage: &Stage, seed: u64) -> Holder {
    // Not from the time: the id must not depend on when it is played.
    let mut chance = Chance::new(seed, &format!("lock {}", claim.number));
    // Terraform writes nanoseconds; before and not after, so that ages are what the scenario says.
    let part = SignedDuration::from_nanos(chance.below(1_000_000).cast_signed());
    Holder {
        id: chance.uuid(),
        operation: claim.operation.to_owned(),
        info: String::new(),
        who: claim.who.to_owned(),
        version: claim.terraform.to_owned(),
        created: (claim.at - part).to_string(),
        path: format!("{}/{}", stage.bucket, stage.key),
    }
}

/// The bytes of a lock item.
pub fn json(holder: &Holder) -> Vec<u8> {
    serde_json::to_vec(holder).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_written_as_go_writes_it() {
        let stage = Stage {
            bucket: "b".into(),
            key: "k".into(),
            region: "eu-central-1".into(),
            account: "482100009034".into(),
            table: None,
            use_lockfile: true,
        };
        let claim = Claim {
            who: "ci@runner",
            operation: "OperationTypeApply",
            terraform: "1.11.4",
            at: "2026-11-22T01:00:00Z".parse().unwrap(),
            number: 0,
        };
        let text = String::from_utf8(json(&taken(&claim, &stage, 1))).unwrap();
        let (id, rest) = text
            .strip_prefix(r#"{"ID":""#)
            .and_then(|rest| rest.split_once('"'))
            .unwrap();
        assert_eq!(id.len(), 36);
        let rest = rest
            .strip_prefix(r#","Operation":"OperationTypeApply","Info":"","Who":"ci@runner","Version":"1.11.4","Created":"2026-11-22T00:59:59.999"#)
            .unwrap();
        assert!(rest.ends_with(r#"Z","Path":"b/k"}"#) && !rest.contains("0Z"));
    }
}
