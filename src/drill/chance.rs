//! Chance that is no chance: every name, id and delay of a scene comes from its
//! seed and from what it is for, so that the same seed gives the same bytes on
//! every machine and in every order of asking.

use sha2::{Digest as _, Sha256};

/// A stream of values for one purpose (splitmix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const SECRET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

impl Chance {
    /// The stream of a seed for one purpose; another purpose has another stream.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let hash = Sha256::digest(format!("{seed}\n{purpose}"));
        let start = hash.iter().take(8);
        Self(start.fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: u8) -> bool {
        self.below(100) < u64::from(share)
    }

    pub fn hex(&mut self, length: usize) -> String {
        self.of(HEX, length)
    }

    pub fn digits(&mut self, length: usize) -> String {
        self.of(DIGITS, length)
    }

    pub fn letters(&mut self, length: usize) -> String {
        self.of(LETTERS, length)
    }

    /// Letters of both cases and digits, as generated passwords have them.
    pub fn secret(&mut self, length: usize) -> String {
        self.of(SECRET, length)
    }

    pub fn uuid(&mut self) -> String {
        let part = [8, 4, 4, 4, 12].map(|length| self.hex(length));
        part.join("-")
    }

    /// Brings a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at as u64 + 1) as usize);
        }
    }

    fn of(&mut self, alphabet: &[u8], length: usize) -> String {
        let letter = |_| char::from(alphabet[self.below(alphabet.len() as u64) as usize]);
        (0..length).map(letter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_purpose_give_the_same_stream_everywhere() {
        assert_eq!(Chance::new(7, "lock").uuid(), Chance::new(7, "lock").uuid());
        assert_eq!(Chance::new(0, "").hex(8), "8e133498");
    }

    #[test]
    fn another_purpose_or_seed_gives_another_stream() {
        let hex = |seed, purpose| Chance::new(seed, purpose).hex(16);
        assert_ne!(hex(7, "lock"), hex(7, "state"));
        assert_ne!(hex(7, "lock"), hex(8, "lock"));
    }
}
