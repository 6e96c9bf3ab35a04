//! Lines out of chunks that end anywhere, in order. Of a line that crosses an
//! edge only as much is kept as the reader asked for, so a line of gigabytes
//! costs no more memory than its cap.

/// Cuts chunks into lines.
#[derive(Debug, Clone)]
pub struct Lines {
    cap: usize,
    /// The first bytes of the unfinished line, at most the cap.
    carry: Vec<u8>,
    /// How long the unfinished line is so far.
    length: u64,
}

/// A line without its newline: its first bytes, and its length.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub bytes: &'a [u8],
    pub length: u64,
}

impl Lines {
    /// Keeps at most `cap` bytes of each line.
    pub fn new(cap: usize) -> Self {
        Self {
            cap,
            carry: Vec::new(),
            length: 0,
        }
    }

    /// Calls `each` for every line that the chunk ends.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(Line<'_>)) {
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', chunk) {
            let rest = &chunk[begin..end];
            begin = end + 1;
            if self.length == 0 {
                each(self.whole(rest));
                continue;
            }
            self.keep(rest);
            self.finish(&mut each);
        }
        self.keep(&chunk[begin..]);
    }

    /// Calls `each` for the last line where no newline ends it.
    pub fn finish(&mut self, mut each: impl FnMut(Line<'_>)) {
        if self.length > 0 {
            each(Line {
                bytes: &self.carry,
                length: self.length,
            });
        }
        self.carry.clear();
        self.length = 0;
    }

    /// The first bytes of the unfinished line, if it is already longer than is kept.
    pub fn overlong(&self) -> Option<&[u8]> {
        (self.length > self.cap as u64).then_some(self.carry.as_slice())
    }

    fn whole<'a>(&self, line: &'a [u8]) -> Line<'a> {
        Line {
            bytes: &line[..line.len().min(self.cap)],
            length: line.len() as u64,
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = self.cap.saturating_sub(self.carry.len());
        self.carry.extend(&part[..part.len().min(room)]);
        self.length += part.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(chunks: &[&str], cap: usize) -> Vec<(String, u64)> {
        let mut lines = Lines::new(cap);
        let mut found = Vec::new();
        let mut each = |line: Line<'_>| {
            found.push((
                String::from_utf8_lossy(line.bytes).into_owned(),
                line.length,
            ));
        };
        for chunk in chunks {
            lines.feed(chunk.as_bytes(), &mut each);
        }
        lines.finish(&mut each);
        found
    }

    fn owned(lines: &[(&str, u64)]) -> Vec<(String, u64)> {
        let own = |&(text, length): &(&str, u64)| (text.to_owned(), length);
        lines.iter().map(own).collect()
    }

    #[test]
    fn a_line_over_several_chunks_is_one_line() {
        assert_eq!(
            cut(&["a", "b", "c\n\nd"], 99),
            owned(&[("abc", 3), ("", 0), ("d", 1)])
        );
    }

    #[test]
    fn a_line_longer_than_the_cap_keeps_its_length() {
        assert_eq!(
            cut(&["abcd\nab", "cd"], 3),
            owned(&[("abc", 4), ("abc", 4)])
        );
    }
}
