//! What is known of the credentials that a place is asked with: where they came
//! from, whose they are, how long they last, and what is wrong with them. It
//! never holds a key or a token.

use jiff::{SignedDuration, Timestamp};

use super::{Caller, S3};
use crate::fault::Fault;

/// A clock that is further off than this makes signatures invalid.
pub const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is known of the credentials of a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// Where they came from; none where none were found.
    pub source: Option<&'static str>,
    pub profile: Option<String>,
    /// The profile to sign in with, where it is one of IAM Identity Center.
    pub sign_in: Option<String>,
    /// The roles that are assumed, one with the credentials of the one before.
    pub roles: Vec<String>,
    pub region: Option<String>,
    /// The accounts that the backend allows; none allows all.
    pub allowed: Vec<String>,
    pub forbidden: Vec<String>,
    /// Who STS says it is.
    pub caller: Option<Caller>,
    pub expires: Option<Timestamp>,
    /// How far this machine's clock is ahead of AWS's.
    pub ahead: Option<SignedDuration>,
    pub trouble: Option<Trouble>,
}

/// What is wrong with credentials, as far as somebody can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Absent,
    Expired,
    Profile,
    Role,
    Account,
    Key,
    Clock,
    Region,
    Denied,
    Network,
}

/// What is wrong, and how it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// None where it is nothing of the above.
    pub wrong: Option<Wrong>,
    pub fault: Fault,
}

impl Credentials {
    /// What the configuration alone says.
    pub fn configured(place: &S3) -> Self {
        let assumed = place.assume_role.iter().map(|role| role.role_arn.clone());
        let federated = place.web_identity.iter().map(|role| role.role_arn.clone());
        let profile = place
            .profile
            .as_ref()
            .or(place.environment_profile.as_ref());
        Self {
            profile: profile.cloned(),
            roles: federated.chain(assumed).collect(),
            region: place.region.clone(),
            allowed: place.allowed_account_ids.clone(),
            forbidden: place.forbidden_account_ids.clone(),
            ..Self::default()
        }
    }

    /// Everything that is known, as label and text, in the order in which it is asked about.
    pub fn rows(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let caller = self.caller.as_ref();
        let rows = [
            ("source", self.source.map(str::to_owned)),
            ("profile", self.profile.clone()),
            (
                "roles",
                (!self.roles.is_empty()).then(|| self.roles.join(" → ")),
            ),
            ("identity", caller.map(|caller| caller.arn.clone())),
            ("account", self.account()),
            ("region", self.region.clone()),
            ("expires", self.expires.map(|at| lasting(at, now))),
            ("clock", self.ahead.map(off_by)),
        ];
        let known = rows.into_iter();
        known
            .map(|(label, text)| (label, text.unwrap_or_else(|| "not known".to_owned())))
            // What is not configured is not missing.
            .filter(|(label, text)| {
                text != "not known" || !matches!(*label, "profile" | "roles" | "clock")
            })
            .collect()
    }

    fn account(&self) -> Option<String> {
        let account = self
            .caller
            .as_ref()
            .and_then(|caller| caller.account.clone());
        let lists = [("allowed", &self.allowed), ("forbidden", &self.forbidden)];
        let lists = lists.iter().filter(|(_, ids)| !ids.is_empty());
        let lists: Vec<String> = lists
            .map(|(word, ids)| format!("{word}: {}", ids.join(", ")))
            .collect();
        match (account, lists.is_empty()) {
            (Some(account), true) => Some(format!("{account}; the backend allows any")),
            (Some(account), false) => Some(format!("{account}; {}", lists.join("; "))),
            (None, true) => None,
            (None, false) => Some(lists.join("; ")),
        }
    }
}

fn lasting(at: Timestamp, now: Timestamp) -> String {
    let left = at.duration_since(now).as_secs();
    if left <= 0 {
        return format!("at {at:.0}: over");
    }
    let (hours, minutes, seconds) = (left / 3600, left / 60 % 60, left % 60);
    match (hours, minutes) {
        (0, 0) => format!("in {seconds} s"),
        (0, _) => format!("in {minutes} min {seconds:02} s"),
        _ => format!("in {hours} h {minutes:02} min"),
    }
}

fn off_by(ahead: SignedDuration) -> String {
    let seconds = ahead.as_secs().abs();
    let side = if ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    match seconds {
        // An answer is dated to the second, and takes its time.
        0..=2 => "right".to_owned(),
        3..=119 => format!("{seconds} s {side} AWS"),
        _ => format!("{} min {side} AWS", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T02:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_countdown_and_a_skew_are_said_in_words() {
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(lasting(at("2026-11-22T02:41:05Z"), now()), "in 41 min 05 s");
        assert_eq!(lasting(at("2026-11-22T09:05:00Z"), now()), "in 7 h 05 min");
        assert_eq!(lasting(at("2026-11-22T02:00:09Z"), now()), "in 9 s");
        assert_eq!(
            lasting(at("2026-11-22T01:00:00Z"), now()),
            "at 2026-11-22T01:00:00Z: over"
        );
        assert_eq!(off_by(SignedDuration::from_secs(1)), "right");
        assert_eq!(off_by(SignedDuration::from_secs(-30)), "30 s behind AWS");
        assert_eq!(off_by(SignedDuration::from_mins(7)), "7 min ahead of AWS");
    }

    #[test]
    fn the_account_stands_beside_those_that_the_backend_names() {
        let mut known = Credentials {
            caller: Some(Caller {
                account: Some("123456789012".into()),
                arn: "a".into(),
            }),
            ..Credentials::default()
        };
        assert_eq!(
            known.account().unwrap(),
            "123456789012; the backend allows any"
        );
        known.allowed = vec!["210987654321".into()];
        assert_eq!(
            known.account().unwrap(),
            "123456789012; allowed: 210987654321"
        );
        known.caller = None;
        assert_eq!(known.account().unwrap(), "allowed: 210987654321");
        let labels: Vec<_> = known
            .rows(now())
            .into_iter()
            .map(|(label, _)| label)
            .collect();
        assert_eq!(
            labels,
            ["source", "identity", "account", "region", "expires"]
        );
    }
}
