//! The scanner itself: one byte after the other, no recursion.

use std::borrow::Cow;

use memchr::memchr2;

use super::decode::decode;
use super::{Flaw, Inside, Shape, Span, Wrong};

/// Terraform's own JSON reader refuses deeper nesting than this.
const DEEPEST: usize = 10_000;

/// A string shorter than this is looked through byte by byte.
const NEAR: usize = 32;

/// The bytes that end a run of plain text in a string.
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        special[control] = true;
        control += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special
};

/// A place in a text, moving forward.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// The closing brackets that are still owed, innermost last.
    open: Vec<u8>,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
        }
    }

    /// In the middle of a text: inside of the brackets that these bytes close, the innermost last.
    pub fn within(text: &'a [u8], closers: &[u8]) -> Self {
        Self {
            text,
            at: 0,
            open: closers.to_vec(),
        }
    }

    /// Where the next value begins, and what kind it is; the value itself is not checked yet.
    pub fn shape(&mut self) -> Result<Shape, Flaw> {
        match self.peek()? {
            b'{' => Ok(Shape::Object),
            b'[' => Ok(Shape::List),
            b'"' => Ok(Shape::Text),
            b't' | b'f' => Ok(Shape::Bool),
            b'n' => Ok(Shape::Null),
            b'-' | b'0'..=b'9' => Ok(Shape::Number),
            byte => Err(self.flaw(Wrong::Misplaced(byte))),
        }
    }

    /// The offset of the next byte.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The offset of the next byte that is not white space.
    pub fn offset(&mut self) -> usize {
        self.blank();
        self.at
    }

    /// Passes one whole value of any shape and answers its bytes.
    pub fn token(&mut self) -> Result<&'a [u8], Flaw> {
        let text = self.text;
        self.skip().map(|span| span.of(text))
    }

    /// Passes one whole value of any shape.
    pub fn skip(&mut self) -> Result<Span, Flaw> {
        let start = self.offset();
        let floor = self.open.len();
        loop {
            if self.enters()? {
                continue;
            }
            if self.leaves(floor)? {
                return Ok(self.since(start));
            }
        }
    }

    /// Passes an object, handing each member's name to `member`, which passes the member's value.
    pub fn object<E: From<Flaw>>(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), E>,
    ) -> Result<Span, E> {
        let start = self.offset();
        let mut more = self.enter_object()?;
        while more {
            let name = self.name()?;
            member(self, name)?;
            more = self.another()?;
        }
        Ok(self.since(start))
    }

    /// Passes a list; `element` passes each of its values.
    pub fn list<E: From<Flaw>>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<Span, E> {
        let start = self.offset();
        let mut more = self.enter_list()?;
        while more {
            element(self)?;
            more = self.another()?;
        }
        Ok(self.since(start))
    }

    /// Passes an opening bracket; false where it closes at once, and that was passed, too.
    pub fn enter_object(&mut self) -> Result<bool, Flaw> {
        self.expect(b'{')?;
        self.opens(b'}')?;
        Ok(!self.closes()?)
    }

    /// The same of a list.
    pub fn enter_list(&mut self) -> Result<bool, Flaw> {
        self.expect(b'[')?;
        self.opens(b']')?;
        Ok(!self.closes()?)
    }

    /// Passes a member's name, up to its value.
    pub fn name(&mut self) -> Result<Cow<'a, str>, Flaw> {
        let name = self.named()?;
        Ok(decode(name.of(self.text)))
    }

    /// After an element: true where a comma announces another one, false where the bracket closes.
    pub fn another(&mut self) -> Result<bool, Flaw> {
        match self.peek()? {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            byte if self.open.last() == Some(&byte) => {
                self.at += 1;
                self.open.pop();
                Ok(false)
            }
            byte => Err(self.flaw(Wrong::Misplaced(byte))),
        }
    }

    /// Passes a string and decodes it; bytes that are not UTF-8 become U+FFFD, as in Terraform.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Flaw> {
        let span = self.quoted()?;
        Ok(decode(span.of(self.text)))
    }

    /// Says whether only white space is left.
    pub fn finish(&mut self) -> Result<(), Flaw> {
        self.blank();
        if self.at == self.text.len() {
            return Ok(());
        }
        Err(self.flaw(Wrong::Trailing))
    }

    /// One step of [`Self::skip`]: true where a bracket was opened and a value is due in it.
    fn enters(&mut self) -> Result<bool, Flaw> {
        match self.shape()? {
            Shape::Object => {
                self.at += 1;
                self.opens(b'}')?;
                if self.closes()? {
                    return Ok(false);
                }
                self.named()?;
                Ok(true)
            }
            Shape::List => {
                self.at += 1;
                self.opens(b']')?;
                Ok(!self.closes()?)
            }
            Shape::Text => self.quoted().map(|_| false),
            Shape::Number => self.number().map(|()| false),
            Shape::Null => self.literal(b"null").map(|()| false),
            Shape::Bool if self.text[self.at] == b't' => self.literal(b"true").map(|()| false),
            Shape::Bool => self.literal(b"false").map(|()| false),
        }
    }

    /// After a value: closes what closes here; true once nothing above `floor` is open.
    fn leaves(&mut self, floor: usize) -> Result<bool, Flaw> {
        while self.open.len() > floor {
            if self.another()? {
                if self.open.last() == Some(&b'}') {
                    self.named()?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn opens(&mut self, closer: u8) -> Result<(), Flaw> {
        self.open.push(closer);
        if self.open.len() > DEEPEST {
            return Err(self.flaw(Wrong::TooDeep));
        }
        Ok(())
    }

    /// Right after an opening bracket: closes it where it is empty.
    fn closes(&mut self) -> Result<bool, Flaw> {
        let byte = self.peek()?;
        if self.open.last() == Some(&byte) {
            self.at += 1;
            self.open.pop();
            return Ok(true);
        }
        Ok(false)
    }

    /// Passes a member's name and its colon.
    fn named(&mut self) -> Result<Span, Flaw> {
        match self.peek()? {
            b'"' => {}
            byte => return Err(self.flaw(Wrong::Misplaced(byte))),
        }
        let span = self.quoted()?;
        self.expect(b':')?;
        Ok(span)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Flaw> {
        match self.peek()? {
            byte if byte == wanted => {
                self.at += 1;
                Ok(())
            }
            byte => Err(self.flaw(Wrong::Misplaced(byte))),
        }
    }

    /// Passes a string; the span is what stands between the quotes.
    fn quoted(&mut self) -> Result<Span, Flaw> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            self.at = self.plain_text();
            match self.text.get(self.at) {
                None => return Err(self.flaw(Wrong::Ends(Inside::Text))),
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    return Ok(Span { start, end });
                }
                Some(b'\\') => self.escape()?,
                Some(byte) => return Err(self.flaw(Wrong::Control(*byte))),
            }
        }
    }

    /// Where the characters of a string that need no look of their own end.
    fn plain_text(&self) -> usize {
        let rest = &self.text[self.at..];
        let special = |byte: &u8| SPECIAL[usize::from(*byte)];
        // Most strings are short: calling a vector search costs more than they do.
        let near = rest.len().min(NEAR);
        if let Some(stop) = rest[..near].iter().position(special) {
            return self.at + stop;
        }
        let far = &rest[near..];
        let stop = memchr2(b'"', b'\\', far).unwrap_or(far.len());
        let run = &far[..stop];
        // Without an early end the loop runs on vectors.
        let least = run.iter().copied().fold(u8::MAX, u8::min);
        if least >= 0x20 {
            return self.at + near + stop;
        }
        let control = run.iter().position(|byte| *byte < 0x20);
        self.at + near + control.unwrap_or(stop)
    }

    fn escape(&mut self) -> Result<(), Flaw> {
        let digits = match self.text.get(self.at + 1) {
            Some(b'u') => 4,
            None | Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
            Some(_) => {
                self.at += 1;
                return Err(self.flaw(Wrong::Escape));
            }
        };
        self.at = (self.at + 2).min(self.text.len());
        for _ in 0..digits {
            match self.text.get(self.at) {
                Some(digit) if digit.is_ascii_hexdigit() => self.at += 1,
                Some(_) => return Err(self.flaw(Wrong::Escape)),
                None => break,
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Flaw> {
        if self.text[self.at] == b'-' {
            self.at += 1;
        }
        match self.text.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Flaw> {
        let rest = &self.text[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        match (count, rest.get(count)) {
            (0, None) => Err(self.flaw(Wrong::Ends(Inside::Literal))),
            (0, Some(_)) => Err(self.flaw(Wrong::Number)),
            _ => Ok(()),
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Flaw> {
        for expected in word {
            match self.text.get(self.at) {
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => return Err(self.flaw(Wrong::Literal)),
                None => return Err(self.flaw(Wrong::Ends(Inside::Literal))),
            }
        }
        Ok(())
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Result<u8, Flaw> {
        self.blank();
        match self.text.get(self.at) {
            Some(byte) => Ok(*byte),
            None => Err(self.flaw(Wrong::Ends(match self.open.last() {
                Some(b'}') => Inside::Object,
                Some(_) => Inside::List,
                None => Inside::Nothing,
            }))),
        }
    }

    fn since(&self, start: usize) -> Span {
        Span {
            start,
            end: self.at,
        }
    }

    fn flaw(&self, what: Wrong) -> Flaw {
        Flaw { at: self.at, what }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use serde_json::value::RawValue;

    use super::*;

    fn whole(text: &[u8]) -> Result<Span, Flaw> {
        let mut scanner = Scanner::new(text);
        let span = scanner.skip()?;
        scanner.finish()?;
        Ok(span)
    }

    fn wrong(text: &str) -> (usize, Wrong) {
        let flaw = whole(text.as_bytes()).unwrap_err();
        (flaw.at, flaw.what)
    }

    #[test]
    fn a_text_that_ends_says_what_was_open() {
        assert_eq!(wrong(""), (0, Wrong::Ends(Inside::Nothing)));
        assert_eq!(wrong(r#"{"a": "b"#), (8, Wrong::Ends(Inside::Text)));
        assert_eq!(wrong(r#"{"a": [1"#), (8, Wrong::Ends(Inside::List)));
        assert_eq!(wrong(r#"{"a": {"#), (7, Wrong::Ends(Inside::Object)));
        assert_eq!(wrong(r#"{"a": tru"#), (9, Wrong::Ends(Inside::Literal)));
    }

    #[test]
    fn the_first_byte_that_does_not_fit_is_named() {
        assert_eq!(wrong("[1,]"), (3, Wrong::Misplaced(b']')));
        assert_eq!(wrong("[1}"), (2, Wrong::Misplaced(b'}')));
        assert_eq!(wrong("{} x"), (3, Wrong::Trailing));
        assert_eq!(wrong("[\"a\nb\"]"), (3, Wrong::Control(b'\n')));
        let long = format!("[\"{}\n\t\"]", "x".repeat(100));
        assert_eq!(wrong(&long), (102, Wrong::Control(b'\n')));
        assert_eq!(wrong(r#"["\x"]"#), (3, Wrong::Escape));
        assert_eq!(wrong("[01]"), (2, Wrong::Misplaced(b'1')));
        assert_eq!(wrong("[-a]"), (2, Wrong::Number));
        assert_eq!(wrong("[nul]"), (4, Wrong::Literal));
        assert_eq!(wrong("\u{feff}{}"), (0, Wrong::Misplaced(0xEF)));
    }

    #[test]
    fn a_text_of_brackets_alone_is_refused_without_recursion() {
        assert_eq!(
            whole(&vec![b'['; 5_000_000]).unwrap_err().what,
            Wrong::TooDeep
        );
    }

    #[test]
    fn members_and_elements_come_in_the_order_of_the_text() {
        let mut seen = Vec::new();
        let mut scanner = Scanner::new(br#"{"a":[1,2],"b\n":null}"#);
        scanner
            .object::<Flaw>(|scanner, name| {
                seen.push((name.into_owned(), scanner.skip()?));
                Ok(())
            })
            .unwrap();
        assert_eq!(seen[0], ("a".into(), Span { start: 5, end: 10 }));
        assert_eq!(seen[1].0, "b\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(4), ..ProptestConfig::default() })]

        #[test]
        fn it_takes_exactly_what_a_json_parser_takes(text in r#"[\[\]{}",:0-9eE+.\\u tfnrualse-]{0,24}"#) {
            let ours = whole(text.as_bytes()).is_ok();
            let theirs = serde_json::from_str::<&RawValue>(&text).is_ok();
            prop_assert_eq!(ours, theirs, "{}", text);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Err(flaw) = whole(&bytes) {
                prop_assert!(flaw.at <= bytes.len());
            }
            let _ = decode(&bytes);
        }
    }
}
