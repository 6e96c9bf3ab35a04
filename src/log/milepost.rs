//! How many lines of a file come before some of its bytes, so that a line is
//! found without reading all before it. The posts stand wider apart the longer
//! the file is: they cost at most 64 KiB, and between two of them lies at most
//! a two-thousandth of the file, or 256 KiB where that is more, or one chunk.

use std::sync::Arc;

/// So many lines end before this byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Milepost {
    pub offset: u64,
    pub lines: u64,
}

/// The posts of one file. A copy shares them until the next one is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mileposts {
    posts: Arc<Vec<Milepost>>,
    /// How far apart they stand at least.
    stride: u64,
}

/// More are thinned out.
const MOST: usize = 4096;

/// The least distance.
const STRIDE: u64 = 256 * 1024;

impl Default for Mileposts {
    fn default() -> Self {
        Self {
            posts: Arc::default(),
            stride: STRIDE,
        }
    }
}

impl Mileposts {
    /// Notes how far the file was read; a post is set there if it is due.
    pub fn pass(&mut self, here: Milepost) {
        let last = self.posts.last().copied().unwrap_or_default();
        if here.offset < last.offset + self.stride {
            return;
        }
        let posts = Arc::make_mut(&mut self.posts);
        posts.push(here);
        if posts.len() > MOST {
            self.stride *= 2;
            let mut number = 0;
            posts.retain(|_| {
                number += 1;
                number % 2 == 0
            });
        }
    }

    /// From where to read to reach a line, counted from 1.
    pub fn before(&self, line: u64) -> Milepost {
        let after = self.posts.partition_point(|post| post.lines + 1 < line);
        let post = after.checked_sub(1).map(|at| self.posts[at]);
        post.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file whose every chunk has a line for each kilobyte.
    fn posts(chunks: u64, chunk: u64) -> Mileposts {
        let mut posts = Mileposts::default();
        for number in 1..=chunks {
            let offset = number * chunk;
            let lines = offset / 1024;
            posts.pass(Milepost { offset, lines });
        }
        posts
    }

    #[test]
    fn a_line_is_reached_from_a_post_before_it() {
        let posts = posts(1000, STRIDE);
        for line in [1, 2, 256, 257, 100_000, 256_000, 999_999] {
            let post = posts.before(line);
            assert!(post.lines < line);
            let far = (line.min(256_000) - 1).saturating_sub(post.lines) * 1024;
            assert!(far <= STRIDE + 1024, "{line}");
        }
    }

    #[test]
    fn a_long_file_has_no_more_of_them_than_a_short_one() {
        let posts = posts(100_000, STRIDE);
        assert!(posts.posts.len() <= MOST);
        let far = (20_000_000 - posts.before(20_000_000).lines) * 1024;
        assert!(far <= 100_000 * STRIDE / 2048);
    }
}
