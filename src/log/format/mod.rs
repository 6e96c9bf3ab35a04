//! The shapes in which Terraform writes about itself, one file each: a parser
//! from the text of a record to its parts, with the samples it is held to.
//! Parsers take text that is already safe to show (see `display`), accept
//! anything, and never look at more than the record they are given.

pub mod crash;
pub mod hclog;
pub mod hclog_json;
pub mod plain;
pub mod run_json;

mod arguments;

use super::record::Parts;

/// The parts of a record, by the first shape that recognizes its first line.
pub fn read(text: &str) -> Parts {
    hclog::read(text)
        .or_else(|| run_json::read(text))
        .or_else(|| hclog_json::read(text))
        .unwrap_or_else(|| plain::read(text))
}

/// The samples of every format, for tests that cut and corrupt them.
#[cfg(test)]
pub(super) fn samples() -> impl Iterator<Item = &'static str> {
    [
        hclog::SAMPLES,
        hclog_json::SAMPLES,
        run_json::SAMPLES,
        plain::SAMPLES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::line::Kind;

    #[test]
    fn every_cut_copy_of_every_sample_is_read_without_harm() {
        for sample in samples() {
            for (end, _) in sample.char_indices() {
                let _ = read(&sample[..end]);
                let _ = read(&sample[end..]);
                let _ = Kind::of(&sample.as_bytes()[..end]);
            }
        }
    }

    #[test]
    fn every_corrupted_copy_of_every_sample_is_read_without_harm() {
        for sample in samples() {
            for at in 0..sample.len() {
                for wrong in [0u8, b'"', b'=', b'{', b'\\', b'\n', b':', 0xff] {
                    let mut bytes = sample.as_bytes().to_vec();
                    bytes[at] = wrong;
                    let _ = Kind::of(&bytes);
                    let _ = read(&String::from_utf8_lossy(&bytes));
                }
            }
        }
    }
}
