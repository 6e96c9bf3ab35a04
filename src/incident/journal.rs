//! The hash chain of a journal. Each line is one JSON object that ends in
//! `"prev":"…","hash":"…"}`.
//!
//! `hash` is the SHA-256 of the line's own bytes with `,"hash":"…"` taken out,
//! so no reader needs to serialize anything again to verify it, and fields of
//! later versions are covered too. `prev` is the `hash` of the line before; the
//! first has 64 zeros. An edit, a removed or an inserted line breaks the chain
//! at that line; a removed end shows only against a head that is known.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{Author, Entry, Event};
use jiff::Timestamp;

/// No entry is longer: a longer line is not one of ours.
const LINE_LIMIT: usize = 1 << 20;
const HASH: &str = ",\"hash\":\"";
const PREV: &str = ",\"prev\":\"";
const HEX: usize = 64;

/// The end of a chain: what the next entry continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one; 64 zeros before the first.
    pub head: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            entries: 0,
            head: "0".repeat(HEX),
        }
    }
}

/// The first entry that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Counted from 0, as `seq` is.
    pub at: u64,
    pub why: &'static str,
}

/// What the bytes of a journal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The entries up to the first broken one.
    pub entries: Vec<Entry>,
    pub chain: Chain,
    pub broken: Option<Broken>,
    /// Bytes after the last finished line: what a crash left of an entry.
    pub torn: usize,
}

impl Reading {
    /// Reads and verifies a journal. A last line without its end is torn, not broken.
    pub fn of(bytes: &[u8]) -> Self {
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        let mut reading = Self {
            entries: Vec::new(),
            chain: Chain::default(),
            broken: None,
            torn: bytes.len() - whole,
        };
        for line in bytes[..whole].split_inclusive(|&byte| byte == b'\n') {
            match reading.chain.read(&line[..line.len() - 1]) {
                Ok(entry) => reading.entries.push(entry),
                Err(why) => {
                    let at = reading.chain.entries;
                    reading.broken = Some(Broken { at, why });
                    break;
                }
            }
        }
        reading
    }
}

impl Chain {
    /// The next line, its newline included; the chain now ends with it.
    pub fn append(
        &mut self,
        at: Timestamp,
        author: &Author,
        event: Event,
        request_id: Option<String>,
    ) -> serde_json::Result<String> {
        let entry = Entry {
            seq: self.entries,
            at,
            event,
            author: author.clone(),
            request_id,
        };
        let mut line = serde_json::to_string(&entry)?;
        line.truncate(line.len() - 1);
        // Writing to a string cannot fail.
        let _ = write!(line, "{PREV}{}\"", self.head);
        let hash = hash(line.as_bytes());
        let _ = writeln!(line, "{HASH}{hash}\"}}");
        self.entries += 1;
        self.head = hash;
        Ok(line)
    }

    /// Verifies the next line and moves past it.
    fn read(&mut self, line: &[u8]) -> Result<Entry, &'static str> {
        if line.len() > LINE_LIMIT {
            return Err("the line is longer than any entry");
        }
        let fields = line.strip_suffix(b"}").ok_or("it does not end in a hash")?;
        let (covered, said) = last(fields, HASH).ok_or("it does not end in a hash")?;
        if hash(covered) != said {
            return Err("its hash is not that of its text");
        }
        let (_, prev) = last(covered, PREV).ok_or("it does not name the entry before it")?;
        if prev != self.head {
            return Err("it does not follow the entry before it");
        }
        let entry: Entry = serde_json::from_slice(line).map_err(|_| "it is not an entry")?;
        if entry.seq != self.entries {
            return Err("its number is not the next one");
        }
        self.entries += 1;
        said.clone_into(&mut self.head);
        Ok(entry)
    }
}

/// Splits off the last field, which must be `name` with 64 characters.
fn last<'a>(fields: &'a [u8], name: &str) -> Option<(&'a [u8], &'a str)> {
    let text = fields.strip_suffix(b"\"")?;
    let (before, value) = text.split_at_checked(text.len().checked_sub(HEX)?)?;
    let covered = before.strip_suffix(name.as_bytes())?;
    Some((covered, std::str::from_utf8(value).ok()?))
}

/// The hash of an entry whose `hash` field is taken out: the closing brace is put back.
fn hash(covered: &[u8]) -> String {
    let mut sha = Sha256::new();
    sha.update(covered);
    sha.update(b"}");
    HEXLOWER.encode(&sha.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author() -> Author {
        Author {
            caller: "arn:aws:sts::123456789012:assumed-role/ops/ada".into(),
            user: "ada@laptop".into(),
            tfsos: "0.1.0".into(),
        }
    }

    fn journal(notes: &[&str]) -> String {
        let mut chain = Chain::default();
        let write = |note: &&str| {
            let event = Event::Noted {
                text: (*note).to_owned(),
            };
            chain
                .append(Timestamp::UNIX_EPOCH, &author(), event, None)
                .unwrap()
        };
        notes.iter().map(write).collect()
    }

    #[test]
    fn what_was_written_is_intact() {
        let text = journal(&["paged", "asked \"the\" team", "ünï\ncode"]);
        let reading = Reading::of(text.as_bytes());
        assert_eq!((reading.entries.len(), reading.torn), (3, 0));
        assert_eq!(reading.broken, None);
        assert!(text.ends_with(&format!("\"hash\":\"{}\"}}\n", reading.chain.head)));
    }

    #[test]
    fn any_changed_byte_breaks_the_chain_at_its_entry() {
        let text = journal(&["one", "two", "three"]);
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        for at in 0..lines[1].len() - 1 {
            let mut bytes = text.clone().into_bytes();
            bytes[lines[0].len() + at] ^= 1;
            let reading = Reading::of(&bytes);
            let broken = reading.broken.map(|broken| broken.at);
            // A byte that became a newline splits the line: the break is still there.
            assert_eq!(broken, Some(1), "byte {at}");
        }
    }

    #[test]
    fn a_removed_or_repeated_line_breaks_the_chain() {
        let text = journal(&["one", "two", "three"]);
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        let without = [lines[0], lines[2]].concat();
        assert_eq!(Reading::of(without.as_bytes()).broken.unwrap().at, 1);
        let twice = [lines[0], lines[0]].concat();
        assert_eq!(Reading::of(twice.as_bytes()).broken.unwrap().at, 1);
    }

    #[test]
    fn a_removed_end_shows_against_the_known_head() {
        let text = journal(&["one", "two"]);
        let head = Reading::of(text.as_bytes()).chain.head;
        let first = text.split_inclusive('\n').next().unwrap();
        let reading = Reading::of(first.as_bytes());
        assert_eq!(reading.broken, None);
        assert_ne!(reading.chain.head, head);
    }

    #[test]
    fn a_journal_cut_at_any_byte_keeps_its_whole_entries() {
        let text = journal(&["one", "two"]);
        let first = text.find('\n').unwrap() + 1;
        for end in 0..text.len() {
            let reading = Reading::of(&text.as_bytes()[..end]);
            assert_eq!(reading.broken, None);
            assert_eq!(reading.entries.len(), usize::from(end >= first));
            assert_eq!(reading.torn, if end >= first { end - first } else { end });
        }
    }

    #[test]
    fn an_entry_of_a_later_version_is_verified_and_kept() {
        let mut chain = Chain::default();
        let line = chain
            .append(Timestamp::UNIX_EPOCH, &author(), Event::Resumed, None)
            .unwrap();
        let later = line.replace("\"resumed\"", "\"foreseen\",\"depth\":3");
        let covered = &later[..later.len() - HEX - HASH.len() - 3];
        let line = format!("{covered}{HASH}{}\"}}\n", hash(covered.as_bytes()));
        let reading = Reading::of(line.as_bytes());
        assert_eq!(reading.broken, None);
        assert_eq!(reading.entries[0].event, Event::Other);
    }
}
