//! What of the states of a bucket comes first.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::Member;
use crate::lock::verdict::age;

/// By what the states are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What is wrong first, then by key.
    #[default]
    Worst,
    Key,
    /// The latest write first.
    Age,
    Size,
    Resources,
    Serial,
    /// The lock that is held longest first.
    Lock,
}

impl Order {
    pub(super) const ALL: [Self; 7] = [
        Self::Worst,
        Self::Key,
        Self::Age,
        Self::Size,
        Self::Resources,
        Self::Serial,
        Self::Lock,
    ];

    /// The one after it, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// What comes first, in a few words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worst => "the worst first",
            Self::Key => "by key",
            Self::Age => "the latest first",
            Self::Size => "the largest first",
            Self::Resources => "the most resources first",
            Self::Serial => "the highest serial first",
            Self::Lock => "the longest lock first",
        }
    }

    /// Puts the numbers of members in order; what is not known comes last.
    pub fn sort(self, members: &[Member], rows: &mut [u32], now: Timestamp) {
        let of = |row: &u32| &members[*row as usize];
        let by_key = |a: &u32, b: &u32| of(a).key.cmp(&of(b).key);
        match self {
            Self::Key => rows.sort_unstable_by(by_key),
            _ => rows.sort_by_cached_key(|row| Rank {
                // Descending, and none last.
                value: std::cmp::Reverse(self.rank(of(row), now)),
                key: &of(row).key,
            }),
        }
    }

    fn rank(self, member: &Member, now: Timestamp) -> Option<i128> {
        let whole = |value: u64| i128::from(value);
        match self {
            Self::Worst => member.severity(now).map(|severity| severity as i128),
            Self::Key => None,
            Self::Age => {
                let object = member.object.as_ref();
                object.map(|object| object.modified.as_nanosecond())
            }
            Self::Size => member.object.as_ref().map(|object| whole(object.size)),
            Self::Resources => member.resources().map(|resources| resources as i128),
            Self::Serial => member.serial().map(|serial| whole(serial.0)),
            Self::Lock => {
                let ages = member.held().map(|lock| age(lock, now));
                ages.map(|age| age.map_or(0, |age| age.as_nanos())).max()
            }
        }
    }
}

#[derive(PartialEq, Eq)]
struct Rank<'a> {
    value: std::cmp::Reverse<Option<i128>>,
    key: &'a str,
}

impl Ord for Rank<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value
            .cmp(&other.value)
            .then_with(|| self.key.cmp(other.key))
    }
}

impl PartialOrd for Rank<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
