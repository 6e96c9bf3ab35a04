//! The kept corpus of the fuzz targets (`fuzz/corpus`), and mutations of it
//! from a seed, without libFuzzer: what a fuzzer once broke stays mended.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

#[path = "../fuzz/properties.rs"]
mod properties;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How often each kept input is mutated.
const MUTATIONS: u32 = 40;

/// What decides something in one of the formats.
const TOKENS: [&[u8]; 26] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"\x1b[0m",
    b"\x1b]0;",
    b"\x07",
    b"\xff",
    b"\xe2\x95",
    b"\"",
    b"\\\"",
    b"=",
    b": ",
    b"  | ",
    b"{",
    b"}",
    b"[",
    b" [ERROR] ",
    b"\"@level\":\"",
    b"password=",
    b"2026-11-22T11:52:08.653Z ",
    b"9999-12-31T23:59:60+2359 ",
    b"panic: ",
    b"Error: ",
    b"section_start:1:x\r",
    b"-----BEGIN X PRIVATE KEY-----",
    b"9223372036854775807",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = folder().join("corpus").join(target);
    let files = names(&folder).into_iter();
    files
        .map(|name| fs::read(folder.join(name)).unwrap())
        .collect()
}

/// The same numbers on every machine and every day.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let (one, other) = (self.below(length + 1), self.below(length + 1));
        one.min(other)..one.max(other)
    }
}

fn mutated(input: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.splice(at..at, TOKENS[dice.below(TOKENS.len())].iter().copied())),
            2 => drop(bytes.drain(dice.range(bytes.len()))),
            3 => {
                let again = bytes[dice.range(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            4 => drop(bytes.splice(at.., other[dice.range(other.len())].iter().copied())),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// Holds a property against the corpus of its target and mutations of it.
fn replay(target: &str, property: impl Fn(&[u8])) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{target} has no corpus");
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for input in &corpus {
        property(input);
        for _ in 0..MUTATIONS {
            let other = &corpus[dice.below(corpus.len())];
            property(&mutated(input, other, &mut dice));
        }
    }
}

#[test]
fn a_log_is_the_same_however_it_is_cut_and_every_record_can_be_shown() {
    replay("scan", properties::scan);
}

#[test]
fn any_record_has_a_meaning_or_none() {
    replay("records", properties::records);
}

#[test]
fn any_text_log_is_read() {
    replay("hclog", properties::hclog);
}

#[test]
fn any_json_log_is_read() {
    replay("hclog_json", properties::hclog_json);
}

#[test]
fn any_run_event_is_read() {
    replay("run_json", properties::run_json);
}

#[test]
fn any_run_output_is_read() {
    replay("plain", properties::plain);
}

#[test]
fn nothing_that_a_terminal_obeys_is_shown() {
    replay("display", properties::display);
}

#[test]
fn no_password_comes_through_whatever_is_around_it() {
    replay("mask", properties::mask);
}

#[test]
fn any_bytes_are_a_state_or_say_why_not() {
    replay("state", properties::state);
}

#[test]
fn any_damage_gives_a_state_of_what_is_left_or_nothing() {
    replay("repair", properties::repair);
}

#[test]
fn every_target_has_a_corpus_and_is_built() {
    let targets = names(&folder().join("fuzz_targets"));
    assert_eq!(targets, names(&folder().join("corpus")));
    let manifest: toml::Table = fs::read_to_string(folder().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let built = manifest["bin"].as_array().unwrap().iter();
    let built = built.map(|bin| bin["name"].as_str().unwrap().to_owned());
    assert_eq!(targets, built.collect());
}
