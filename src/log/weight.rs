//! What the level of a record is worth. Terraform logs some errors as a matter
//! of course (TRACE of any healthy run has them): they stand at ERROR and are
//! shown there, and no count, tick or jump takes them for a failure. The first
//! line of a record decides it, so that it is known as soon as the record is.

use super::category::is_harmless;
use super::level::Level;
use super::raw::Raw;

/// A level, or the part of ERROR that means nothing; in the order of loudness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    Trace,
    Debug,
    Info,
    Warn,
    /// An error that means nothing.
    Harmless,
    Error,
}

impl Weight {
    /// Every weight, the lightest first.
    pub const ALL: [Self; 6] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Harmless,
        Self::Error,
    ];

    /// The weight of a record at this level whose first line this is.
    #[inline]
    pub fn of(line: &[u8], level: Level) -> Self {
        if level == Level::Error && is_harmless(Raw::new(line, level)) {
            return Self::Harmless;
        }
        Self::from(level)
    }

    pub fn level(self) -> Level {
        match self {
            Self::Trace => Level::Trace,
            Self::Debug => Level::Debug,
            Self::Info => Level::Info,
            Self::Warn => Level::Warn,
            Self::Harmless | Self::Error => Level::Error,
        }
    }

    /// The lightest that a floor at this level shows.
    pub fn least(floor: Level) -> Self {
        match floor {
            Level::Error => Self::Harmless,
            level => Self::from(level),
        }
    }
}

/// A record at this level that means something.
impl From<Level> for Weight {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}

/// How many records are of each weight or a heavier one.
pub type Counts = [u32; Weight::ALL.len()];

/// Which records a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    AtLeast(Level),
    /// Those of one level, whatever they mean.
    Exactly(Level),
    /// The same without those that mean nothing.
    Meant(Level),
}

impl Levels {
    /// Whether a record of this weight is asked for.
    pub fn include(self, weight: Weight) -> bool {
        match self {
            Self::AtLeast(floor) => weight.level() >= floor,
            Self::Exactly(wanted) => weight.level() == wanted,
            Self::Meant(wanted) => weight == Weight::from(wanted),
        }
    }

    /// How many of the counted records are asked for.
    pub fn counted(self, counts: &Counts) -> u32 {
        let (least, most) = match self {
            Self::AtLeast(floor) => (Weight::least(floor), Weight::Error),
            Self::Exactly(level) => (Weight::least(level), Weight::from(level)),
            Self::Meant(level) => (Weight::from(level), Weight::from(level)),
        };
        let above = counts.get(most as usize + 1).copied().unwrap_or(0);
        counts[least as usize] - above
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_is_included() {
        let mut counts = Counts::default();
        for (number, weight) in Weight::ALL.into_iter().enumerate() {
            for count in &mut counts[..=weight as usize] {
                *count += 1 << number;
            }
        }
        let kinds = [Levels::AtLeast, Levels::Exactly, Levels::Meant];
        for levels in kinds.iter().flat_map(|kind| Level::ALL.map(kind)) {
            let weights = Weight::ALL.into_iter().enumerate();
            let included = weights.filter(|(_, weight)| levels.include(*weight));
            let expected: u32 = included.map(|(number, _)| 1 << number).sum();
            assert_eq!(levels.counted(&counts), expected, "{levels:?}");
        }
    }

    #[test]
    fn a_harmless_error_is_an_error_that_is_not_meant() {
        let text = b"2026-11-22T11:52:08.653Z [ERROR] Checkpoint error: Get \"x\": i/o timeout";
        let weight = Weight::of(text, Level::Error);
        assert_eq!((weight, weight.level()), (Weight::Harmless, Level::Error));
        assert!(Levels::AtLeast(Level::Error).include(weight));
        assert!(Levels::Exactly(Level::Error).include(weight));
        assert!(!Levels::Meant(Level::Error).include(weight));
        assert_eq!(Weight::of(text, Level::Warn), Weight::Warn);
    }
}
