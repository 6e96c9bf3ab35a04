//! How loud a record is. The order of the variants is the order of loudness,
//! so a floor is one comparison; nothing else in the house ranks levels.

/// The five levels of `TF_LOG`, quietest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    #[default]
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// Every level from the chattiest to the gravest.
    pub const ALL: [Self; 5] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
    ];

    /// The level that a log names, in any case; `None` for any other word.
    pub fn named(word: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| word.eq_ignore_ascii_case(level.word().as_bytes()))
    }

    /// The word that `TF_LOG` takes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    /// One letter for a narrow column; the levels differ in it.
    pub const fn letter(self) -> char {
        match self {
            Self::Trace => 'T',
            Self::Debug => 'D',
            Self::Info => 'I',
            Self::Warn => 'W',
            Self::Error => 'E',
        }
    }

    /// The next floor when one key steps through all of them: after ERROR comes TRACE.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Trace => Self::Debug,
            Self::Debug => Self::Info,
            Self::Info => Self::Warn,
            Self::Warn => Self::Error,
            Self::Error => Self::Trace,
        }
    }

    /// The floor that [`Level::next`] came from.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self {
            Self::Trace => Self::Error,
            Self::Debug => Self::Trace,
            Self::Info => Self::Debug,
            Self::Warn => Self::Info,
            Self::Error => Self::Warn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_in_any_case() {
        assert_eq!(Level::named(b"warn"), Some(Level::Warn));
        assert_eq!(Level::named(b"ERROR"), Some(Level::Error));
        assert_eq!(Level::named(b"NOTICE"), None);
    }

    #[test]
    fn stepping_the_floor_visits_each_level_once_and_back() {
        for level in Level::ALL {
            assert_eq!(level.next().previous(), level);
        }
        let walked: Vec<_> = std::iter::successors(Some(Level::Trace), |level| Some(level.next()))
            .take(5)
            .collect();
        assert_eq!(walked, Level::ALL);
    }

    #[test]
    fn an_error_is_above_every_floor() {
        assert!(Level::ALL.iter().all(|&floor| Level::Error >= floor));
    }
}
