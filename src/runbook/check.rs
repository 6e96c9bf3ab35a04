//! What a page may ask the console for by name: the checks that it answers
//! from what it has observed, and the remedies that it opens.
//!
//! Each name stands in one table. A page that names anything else is a lint
//! problem, never a silent nothing.

/// A question that the console answers by itself, from what it has observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    CredentialsValid,
    DigestAgrees,
    LockAbsent,
    StateParses,
}

impl Check {
    /// Every check, the name a page calls it by, and what it claims.
    pub const TABLE: [(Self, &'static str, &'static str); 4] = [
        (
            Self::CredentialsValid,
            "credentials.valid",
            "the credentials are accepted",
        ),
        (
            Self::DigestAgrees,
            "digest.agrees",
            "the stored digest is that of the current state",
        ),
        (
            Self::LockAbsent,
            "lock.absent",
            "nobody holds a lock of this state",
        ),
        (
            Self::StateParses,
            "state.parses",
            "the current state can be read",
        ),
    ];

    /// The check that a page calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::TABLE
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(check, _, _)| *check)
    }

    /// What a page calls it.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What holds when the check passes, as a clause.
    pub fn claim(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        match self {
            Self::CredentialsValid => &Self::TABLE[0],
            Self::DigestAgrees => &Self::TABLE[1],
            Self::LockAbsent => &Self::TABLE[2],
            Self::StateParses => &Self::TABLE[3],
        }
    }
}

/// How a check stands: an honest third answer where nothing was observed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// With what was seen instead, as a clause of its own.
    Fails(String),
    /// There is nothing to compare here, and why.
    Moot(String),
    Unknown,
}

/// Something that the console can do about it, opened from a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Release the lock, with its confirmation.
    Release,
    /// Put the last good version back, with its confirmation.
    Restore,
    /// Make the stored digest that of the state, with its confirmation.
    Digest,
    /// Save what can be saved of a version that does not load, as a copy.
    Repair,
    /// Keep everybody out with a lock of our own, with its confirmation.
    Freeze,
}

impl Remedy {
    /// Every remedy, the name a page calls it by, and what it does.
    pub const TABLE: [(Self, &'static str, &'static str); 5] = [
        (
            Self::Release,
            "release",
            "release the lock, after a confirmation",
        ),
        (
            Self::Restore,
            "restore",
            "restore the last good version, after a confirmation",
        ),
        (
            Self::Digest,
            "digest",
            "make the stored digest that of the state, after a confirmation",
        ),
        (
            Self::Repair,
            "repair",
            "show what can be saved of a version that does not load",
        ),
        (
            Self::Freeze,
            "freeze",
            "keep everybody out with a lock of our own, after a confirmation",
        ),
    ];

    /// The remedy that a page calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::TABLE
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(remedy, _, _)| *remedy)
    }

    /// What a page calls it.
    pub fn name(self) -> &'static str {
        Self::TABLE[self as usize].1
    }

    /// What it does, as a clause.
    pub fn sentence(self) -> &'static str {
        Self::TABLE[self as usize].2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_found_by_its_own_name() {
        for (check, name, claim) in Check::TABLE {
            assert_eq!(Check::named(name), Some(check));
            assert_eq!((check.name(), check.claim()), (name, claim));
        }
        assert_eq!(Check::named("lock.absent "), None);
    }

    #[test]
    fn a_remedy_is_found_by_its_own_name() {
        for (remedy, name, sentence) in Remedy::TABLE {
            assert_eq!(Remedy::named(name), Some(remedy));
            assert_eq!((remedy.name(), remedy.sentence()), (name, sentence));
        }
        assert_eq!(Remedy::named("rebuild"), None);
    }
}
