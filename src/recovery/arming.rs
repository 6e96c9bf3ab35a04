//! Arming: for ten minutes, at one place and for one caller, writes are
//! possible at all. Anything that changes where a write would go, or who would
//! send it, ends it; so does the clock.

use jiff::{SignedDuration, Timestamp};

use crate::place::{Backend, Caller, Place};

/// How long an arming lasts.
pub const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// What an arming is bound to: if any of it changes, writes would go elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    endpoints: Vec<String>,
    container: String,
    key: String,
    workspace: String,
    caller: Caller,
}

impl Binding {
    /// Where writes to this place by this caller go.
    pub fn of(place: &Place, caller: &Caller) -> Self {
        let (endpoints, container, key) = match &place.backend {
            Backend::S3(s3) => (
                [&s3.endpoints.s3, &s3.endpoints.dynamodb, &s3.region]
                    .map(|value| value.clone().unwrap_or_default())
                    .to_vec(),
                [&s3.bucket, s3.dynamodb_table.as_deref().unwrap_or_default()].join("\n"),
                s3.state_key(),
            ),
            Backend::Local(local) => (Vec::new(), String::new(), local.path.display().to_string()),
            Backend::Sandbox(sandbox) => (
                vec![sandbox.root.display().to_string()],
                sandbox.bucket.clone(),
                sandbox.key.clone(),
            ),
            Backend::Other { kind } => (Vec::new(), kind.clone(), String::new()),
        };
        Self {
            endpoints,
            container,
            key,
            workspace: place.workspace.clone(),
            caller: caller.clone(),
        }
    }
}

/// Proof that writes were armed; what it is worth is asked with [`Arming::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arming {
    binding: Binding,
    since: Timestamp,
}

/// Why an arming does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lapse {
    #[error("the ten minutes of arming are over")]
    Over,
    #[error("the place or the caller is not the one that was armed")]
    Moved,
}

/// What is typed to arm: the short name, or the whole place where the backend
/// cache and the configuration name different ones.
pub fn expected(place: &Place) -> String {
    if place.divergences.is_empty() {
        place.short_name()
    } else {
        place.full_name()
    }
}

impl Arming {
    /// Arms the place if its name was typed exactly.
    pub fn typed(place: &Place, caller: &Caller, typed: &str, now: Timestamp) -> Option<Self> {
        super::Confirmed::typed(&expected(place), typed)?;
        Some(Self {
            binding: Binding::of(place, caller),
            since: now,
        })
    }

    /// The arming that `--yes` with its exact value is, for the one command that carries it.
    pub fn by_flag(
        place: &Place,
        caller: &Caller,
        _proof: &super::Confirmed,
        now: Timestamp,
    ) -> Self {
        Self {
            binding: Binding::of(place, caller),
            since: now,
        }
    }

    /// Who may write while it lasts.
    pub fn caller(&self) -> &Caller {
        &self.binding.caller
    }

    /// How long it still lasts; none once it is over.
    pub fn remaining(&self, now: Timestamp) -> Option<SignedDuration> {
        let left = LASTS - now.duration_since(self.since);
        // A clock that was set back must not lengthen it.
        (left > SignedDuration::ZERO && left <= LASTS).then_some(left)
    }

    /// Whether it allows a write to this place by this caller now.
    pub fn check(&self, place: &Place, caller: &Caller, now: Timestamp) -> Result<(), Lapse> {
        if self.binding != Binding::of(place, caller) {
            return Err(Lapse::Moved);
        }
        self.remaining(now).map(drop).ok_or(Lapse::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Divergence;
    use crate::recovery::stage;

    fn place() -> Place {
        stage::place("prod/network/terraform.tfstate")
    }

    fn caller(arn: &str) -> Caller {
        Caller {
            account: None,
            arn: arn.into(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_short_name_arms_for_ten_minutes() {
        let (place, ada) = (place(), caller("ada@laptop"));
        assert_eq!(Arming::typed(&place, &ada, "prod", at(0)), None);
        let arming = Arming::typed(&place, &ada, "network", at(0)).unwrap();
        assert_eq!(arming.check(&place, &ada, at(599)), Ok(()));
        assert_eq!(arming.check(&place, &ada, at(600)), Err(Lapse::Over));
    }

    #[test]
    fn a_clock_set_back_does_not_lengthen_it() {
        let arming = Arming::typed(&place(), &caller("a"), "network", at(1000)).unwrap();
        assert_eq!(arming.remaining(at(900)), None);
    }

    #[test]
    fn any_change_of_place_or_caller_drops_it() {
        let ada = caller("ada@laptop");
        let arming = Arming::typed(&place(), &ada, "network", at(0)).unwrap();
        let mut other = place();
        other.workspace = "staging".into();
        assert_eq!(arming.check(&other, &ada, at(1)), Err(Lapse::Moved));
        let mut moved = place();
        if let Backend::S3(s3) = &mut moved.backend {
            s3.endpoints.s3 = Some("http://127.0.0.1:9000".into());
        }
        assert_eq!(arming.check(&moved, &ada, at(1)), Err(Lapse::Moved));
        let eve = caller("eve@laptop");
        assert_eq!(arming.check(&place(), &eve, at(1)), Err(Lapse::Moved));
    }

    #[test]
    fn a_cache_that_differs_from_the_configuration_asks_for_the_whole_place() {
        let mut place = place();
        place.divergences.push(Divergence {
            attribute: "bucket".into(),
            cached: "tfb".into(),
            configured: "tfc".into(),
        });
        let ada = caller("ada@laptop");
        assert_eq!(Arming::typed(&place, &ada, "network", at(0)), None);
        let whole = "tfb/prod/network/terraform.tfstate";
        assert!(Arming::typed(&place, &ada, whole, at(0)).is_some());
    }
}
