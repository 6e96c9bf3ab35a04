//! Where a line of a file begins, found by counting newlines from the nearest
//! milepost before it.

use super::milepost::Milepost;

/// A count on its way through a file.
#[derive(Debug)]
pub struct Locator {
    /// How many newlines are still to come before the line begins.
    left: u64,
    at: u64,
}

impl Locator {
    /// Looks for a line, from 1; the first chunk begins at the milepost, which
    /// is before the line.
    pub fn new(line: u64, from: Milepost) -> Self {
        Self {
            left: line.saturating_sub(1).saturating_sub(from.lines),
            at: from.offset,
        }
    }

    /// Where the line begins, once that is known.
    pub fn found(&self) -> Option<u64> {
        (self.left == 0).then_some(self.at)
    }

    /// Takes the next chunk, and gives where the line begins once it has come.
    pub fn feed(&mut self, chunk: &[u8]) -> Option<u64> {
        if self.left == 0 {
            return self.found();
        }
        for newline in memchr::memchr_iter(b'\n', chunk) {
            self.left -= 1;
            if self.left == 0 {
                self.at += newline as u64 + 1;
                return self.found();
            }
        }
        self.at += chunk.len() as u64;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "one\n\nthree\nfour";

    fn located(line: u64, from: Milepost, chunk: usize) -> Option<u64> {
        let mut locator = Locator::new(line, from);
        for chunk in TEXT.as_bytes()[from.offset as usize..].chunks(chunk) {
            locator.feed(chunk);
        }
        locator.found()
    }

    #[test]
    fn a_line_is_found_from_any_post_before_it() {
        for chunk in [1, 3, 99] {
            let found = |line| located(line, Milepost::default(), chunk);
            let all: Vec<_> = (1..=5).map(found).collect();
            assert_eq!(all, [Some(0), Some(4), Some(5), Some(11), None]);
            let post = Milepost {
                offset: 7,
                lines: 2,
            };
            assert_eq!(located(4, post, chunk), Some(11));
        }
    }
}
