//! Lines out of chunks that end anywhere, in order. Of a line that crosses an
//! edge only as much is kept as the reader asked for, so a line of gigabytes
//! costs no more memory than its cap. Who needs all of such a line has it in
//! parts that overlap.

/// Cuts chunks into lines.
#[derive(Debug, Clone)]
pub struct Lines {
    cap: usize,
    /// The first bytes of the unfinished line, at most the cap.
    carry: Vec<u8>,
    /// How long the unfinished line is so far, without the parts that were given.
    length: u64,
    /// How many bytes of a part the next one has too; none where only the first is given.
    overlap: Option<usize>,
    /// Whether parts of the unfinished line were given.
    next: Part,
}

/// A line without its newline: its first bytes, and its length. Of a line in
/// parts the bytes of one part, and how many of them are new.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub bytes: &'a [u8],
    pub length: u64,
    pub part: Part,
}

/// How much of its line a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    First,
    Middle,
    Last,
}

impl Line<'_> {
    /// Whether its line begins with it.
    pub fn begins(self) -> bool {
        matches!(self.part, Part::Whole | Part::First)
    }
}

impl Lines {
    /// Keeps at most `cap` bytes of each line.
    pub fn new(cap: usize) -> Self {
        Self {
            cap,
            carry: Vec::new(),
            length: 0,
            overlap: None,
            next: Part::Whole,
        }
    }

    /// Gives a line longer than `cap` bytes in parts of so many, of which each
    /// begins with the last `overlap` bytes of the one before.
    pub fn in_parts(cap: usize, overlap: usize) -> Self {
        Self {
            overlap: Some(overlap.min(cap / 2)),
            ..Self::new(cap)
        }
    }

    /// Calls `each` for every line that the chunk ends, and for every part of
    /// one that is to be given.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(Line<'_>)) {
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', chunk) {
            let rest = &chunk[begin..end];
            begin = end + 1;
            let fits = self.overlap.is_none() || rest.len() <= self.cap;
            if self.length == 0 && self.next == Part::Whole && fits {
                each(self.whole(rest));
                continue;
            }
            self.keep(rest, &mut each);
            self.end(&mut each);
        }
        self.keep(&chunk[begin..], &mut each);
    }

    /// Calls `each` for the last line where no newline ends it.
    pub fn finish(&mut self, mut each: impl FnMut(Line<'_>)) {
        if self.length > 0 {
            self.end(&mut each);
        }
    }

    fn end(&mut self, each: &mut impl FnMut(Line<'_>)) {
        each(Line {
            bytes: &self.carry,
            length: self.length,
            part: self.next,
        });
        self.carry.clear();
        self.length = 0;
        self.next = Part::Whole;
    }

    /// The first bytes of the unfinished line, if it is already longer than is kept.
    pub fn overlong(&self) -> Option<&[u8]> {
        (self.length > self.cap as u64).then_some(self.carry.as_slice())
    }

    fn whole<'a>(&self, line: &'a [u8]) -> Line<'a> {
        Line {
            bytes: &line[..line.len().min(self.cap)],
            length: line.len() as u64,
            part: Part::Whole,
        }
    }

    fn keep(&mut self, more: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let mut more = more;
        while let Some(overlap) = self
            .overlap
            .filter(|_| self.carry.len() + more.len() > self.cap)
        {
            let room = self.cap - self.carry.len();
            self.carry.extend(&more[..room]);
            more = &more[room..];
            each(Line {
                bytes: &self.carry,
                length: self.length + room as u64,
                part: if self.next == Part::Whole {
                    Part::First
                } else {
                    Part::Middle
                },
            });
            self.carry.drain(..self.cap - overlap);
            self.length = 0;
            self.next = Part::Last;
        }
        let room = self.cap.saturating_sub(self.carry.len());
        self.carry.extend(&more[..more.len().min(room)]);
        self.length += more.len() as u64;
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
    fn a_long_line_in_parts_is_all_there_and_its_parts_overlap() {
        let text = b"ab\nabcdefghij\n\nabcd\nabcde";
        for chunk in 1..30 {
            let mut lines = Lines::in_parts(4, 2);
            let mut found = Vec::new();
            let mut each = |line: Line<'_>| {
                let text = String::from_utf8_lossy(line.bytes).into_owned();
                found.push((text, line.length, line.part));
            };
            for chunk in text.chunks(chunk) {
                lines.feed(chunk, &mut each);
            }
            lines.finish(&mut each);
            let expected = [
                ("ab", 2, Part::Whole),
                ("abcd", 4, Part::First),
                ("cdef", 2, Part::Middle),
                ("efgh", 2, Part::Middle),
                ("ghij", 2, Part::Last),
                ("", 0, Part::Whole),
                ("abcd", 4, Part::Whole),
                ("abcd", 4, Part::First),
                ("cde", 1, Part::Last),
            ];
            let expected = expected.map(|(text, length, part)| (text.to_owned(), length, part));
            assert_eq!(found, expected, "{chunk}");
        }
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
