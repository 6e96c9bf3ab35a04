//! A whole state without its text: what it holds, and where each part stands.
//!
//! It is read through a window that moves over the file, so a large state costs
//! the memory of its addresses. Only what Terraform would load becomes a
//! catalog; to say what is wrong with anything else takes its text.

use std::io::{self, ErrorKind, Read};

use super::reader::{Pieces, Rest};
use super::snapshot::{Header, Snapshot};

/// So many bytes are looked at together; as many as a cache near the processor holds.
const WINDOW: usize = 1 << 20;

/// A member or resource that does not fit into this is read with its whole text instead.
const WIDEST: usize = 64 << 20;

/// What a state holds. The bytes themselves stay where they were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Without a text: only what was found in it may be asked for.
    pub(super) snapshot: Snapshot,
    size: u64,
}

impl Catalog {
    /// Reads a state from its first byte to its last; none where it is not one that
    /// Terraform would load, or holds a resource too large to be looked at alone.
    pub fn read(source: impl Read) -> io::Result<Option<Self>> {
        Self::through(source, WINDOW)
    }

    fn through(mut source: impl Read, window: usize) -> io::Result<Option<Self>> {
        let mut pieces = Pieces::default();
        let mut window = vec![0; window];
        let (mut held, mut size) = (0, 0);
        loop {
            let read = fill(&mut source, &mut window[held..])?;
            held += read;
            size += read as u64;
            let rest = if held == window.len() {
                Rest::More
            } else {
                Rest::Nothing
            };
            let Some(used) = pieces.take(&window[..held], rest) else {
                return Ok(None);
            };
            if rest == Rest::Nothing {
                let snapshot = pieces.finish();
                return Ok(snapshot.map(|snapshot| Self { snapshot, size }));
            }
            if used == 0 {
                if window.len() >= WIDEST {
                    return Ok(None);
                }
                window.resize(window.len() * 2, 0);
                continue;
            }
            window.copy_within(used..held, 0);
            held -= used;
        }
    }

    pub fn header(&self) -> &Header {
        self.snapshot.header()
    }

    /// How many bytes the state has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many addresses there are.
    pub fn count(&self) -> usize {
        self.snapshot.listed().len()
    }

    /// The addresses as `terraform state list` prints them.
    pub fn addresses(&self) -> impl Iterator<Item = String> {
        let listed = self.snapshot.listed().iter();
        listed.filter_map(|no| Some(self.snapshot.address(*no)?.to_string()))
    }
}

/// Reads until the bytes are full or the source has ended.
fn fill(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    const AWKWARD: &[u8] = include_bytes!("../../tests/fixtures/state/awkward.tfstate");

    fn through(text: &[u8], window: usize) -> Option<Catalog> {
        Catalog::through(text, window).unwrap()
    }

    /// What the catalog of a text has to hold.
    fn expected(text: &[u8]) -> Option<Snapshot> {
        match Reading::of(text) {
            Reading::Whole(mut snapshot) => {
                snapshot.text = Snapshot::nothing().text;
                Some(snapshot)
            }
            _ => None,
        }
    }

    #[test]
    fn through_any_window_it_holds_what_the_whole_text_does() {
        let expected = expected(AWKWARD);
        assert!(expected.is_some());
        for window in [1, 7, 64, 1_000, 4_096, AWKWARD.len(), 1 << 20] {
            let catalog = through(AWKWARD, window).unwrap();
            assert_eq!(catalog.size(), AWKWARD.len() as u64);
            assert_eq!(Some(&catalog.snapshot), expected.as_ref(), "{window}");
        }
    }

    #[test]
    fn what_terraform_would_refuse_has_no_catalog() {
        for text in [
            "",
            " ",
            "null",
            "[]",
            "{}",
            r#"{"version":3,"serial":1,"modules":[]}"#,
            r#"{"version":4} x"#,
            r#"{"version":4,"serial":"x"}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a"}]}"#,
            r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{},{}]}]}"#,
            r#"{"serial":9,"lineage":"l","encrypted_data":"eA==","encryption_version":"v0"}"#,
        ] {
            assert_eq!(expected(text.as_bytes()), None, "{text}");
            for window in 1..text.len() + 2 {
                assert_eq!(through(text.as_bytes(), window), None, "{text} by {window}");
            }
        }
        for end in (0..AWKWARD.len()).step_by(997) {
            assert_eq!(
                through(&AWKWARD[..end], 512),
                expected(&AWKWARD[..end]).map(|_| unreachable!())
            );
        }
    }

    #[test]
    fn members_in_any_order_and_said_twice_are_taken_as_in_a_whole_text() {
        let text = r#"{"resources":[{"instances":[{"index_key":1,"attributes":{"id":"x"}}],"name":"b","type":"a","mode":"managed"},null],"outputs":{"o":{"value":[1],"sensitive":true}},"serial":1,"serial":null,"resources":[],"version":12,"resources":[{"mode":"data","type":"a","name":"b","instances":[{}]}],"version":4 }  "#;
        let expected = expected(text.as_bytes());
        assert!(expected.is_some());
        for window in 1..text.len() + 2 {
            let found = through(text.as_bytes(), window).map(|catalog| catalog.snapshot);
            assert_eq!(found, expected, "{window}");
        }
    }
}
