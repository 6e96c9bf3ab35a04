//! The errors at the end of a log that mean nothing. Terraform logs some at
//! [ERROR] as a matter of course; the index counts them by their level, and
//! this tells which of them to pass over on the way to the last one that counts.

use super::index::{Index, Levels, RecordNo};
use super::level::Level;
use super::stamp::Millis;

const ERRORS: Levels = Levels::Exactly(Level::Error);

/// The last harmless errors that follow each other with no other between
/// them, by their ranks among all errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Noise {
    from: u32,
    to: u32,
}

impl Noise {
    /// Notes that a record is harmless; they come in their order.
    pub fn hear(&mut self, record: RecordNo, index: &Index) {
        if index.level(record) != Some(Level::Error) {
            return;
        }
        let rank = index.rank(record, ERRORS);
        if rank != self.to {
            self.from = rank;
        }
        self.to = rank + 1;
    }

    /// When the last error was written that means something.
    pub fn last_error(self, index: &Index) -> Option<Millis> {
        let errors = index.count(ERRORS);
        let meant = if self.to == errors { self.from } else { errors };
        let last = index.nth(meant.checked_sub(1)?, ERRORS)?;
        index.time(last)
    }
}

#[cfg(test)]
mod tests {
    use crate::log::Hearing;

    /// The second of the last error that means something.
    fn last_error(marks: &str) -> Option<i64> {
        let line = |(second, mark): (usize, char)| {
            let text = match mark {
                'h' => "[ERROR] Checkpoint error: Get \"x\": i/o timeout",
                'e' => "[ERROR] vertex \"a.b\" error: Throttling",
                _ => "[INFO]  m",
            };
            format!("1970-01-01T00:00:{second:02}.000Z {text}\n")
        };
        let text: String = marks.chars().enumerate().map(line).collect();
        let mut found = Vec::new();
        for chunk in [1, 50, 4096] {
            let mut hearing = Hearing::default();
            text.as_bytes()
                .chunks(chunk)
                .for_each(|chunk| hearing.feed(chunk));
            let grown = hearing.grown(0);
            found.push(grown.noise.last_error(&grown.index).map(|at| at.0 / 1000));
        }
        assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
        found[0]
    }

    #[test]
    fn harmless_errors_after_the_last_one_that_counts_are_passed_over() {
        for (marks, second) in [
            ("ihi", None),
            ("hhh", None),
            ("ie", Some(1)),
            ("ehh", Some(0)),
            ("hehhi", Some(1)),
            ("hhe", Some(2)),
            ("eheh", Some(2)),
            ("i", None),
        ] {
            assert_eq!(last_error(marks), second, "{marks}");
        }
    }
}
