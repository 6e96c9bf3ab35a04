//! Searches that look at sixteen bytes at a time, for stretches so short that
//! a call would cost more than the search: the lines of a log, the names and
//! values of a header. What is long is memchr's.

use std::ops::ControlFlow;

use wide::u8x16;

/// How many bytes are looked at together.
const LANES: usize = 16;

/// A block of bytes that becomes one word of bits.
const BLOCK: usize = 64;

/// Where a byte stands first.
#[inline]
pub fn find(text: &[u8], byte: u8) -> Option<usize> {
    let wanted = u8x16::splat(byte);
    position(text, |lanes| lanes.simd_eq(wanted))
}

/// Where either of two bytes stands first.
#[inline]
pub fn find_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    let (one, other) = (u8x16::splat(one), u8x16::splat(other));
    position(text, |lanes| lanes.simd_eq(one) | lanes.simd_eq(other))
}

/// How many bytes at the start of a text are letters, digits or one of `._-/@`:
/// what names of loggers and of arguments are made of.
#[inline]
pub fn name_length(text: &[u8]) -> usize {
    position(text, |lanes| {
        let is_name = within(lanes, b'-', b'9') | within(lanes, b'@', b'Z');
        let is_name = is_name | within(lanes, b'a', b'z') | lanes.simd_eq(u8x16::splat(b'_'));
        is_name.simd_eq(u8x16::splat(0))
    })
    .unwrap_or(text.len())
}

/// How many bytes at the start of a text may stand in an identifier of the
/// configuration: letters, digits, `_`, `-`, and whatever is not ASCII.
#[inline]
pub fn identifier_length(text: &[u8]) -> usize {
    position(text, |lanes| {
        let is_name = within(lanes, b'0', b'9') | within(lanes, b'A', b'Z');
        let is_name = is_name | within(lanes, b'a', b'z') | within(lanes, 0x80, 0xff);
        let marks = lanes.simd_eq(u8x16::splat(b'_')) | lanes.simd_eq(u8x16::splat(b'-'));
        (is_name | marks).simd_eq(u8x16::splat(0))
    })
    .unwrap_or(text.len())
}

/// The first byte that is marked.
#[inline]
fn position(text: &[u8], mark: impl Fn(u8x16) -> u8x16) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<LANES>();
    for (number, block) in blocks.iter().enumerate() {
        let marked = mark(u8x16::new(*block)).to_bitmask();
        if marked != 0 {
            return Some(number * LANES + marked.trailing_zeros() as usize);
        }
    }
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let marked = mark(u8x16::new(last)).to_bitmask().trailing_zeros() as usize;
    (marked < rest.len()).then(|| text.len() - rest.len() + marked)
}

/// Marks the lanes that lie between two bytes, both included.
#[inline]
fn within(lanes: u8x16, low: u8, high: u8) -> u8x16 {
    let clamped = lanes.max(u8x16::splat(low)).min(u8x16::splat(high));
    clamped.simd_eq(lanes)
}

/// Goes through the newlines of a text, in order, until one breaks off.
#[inline]
pub fn each_newline(text: &[u8], mut see: impl FnMut(usize) -> ControlFlow<()>) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let mut begin = 0;
    for block in blocks.iter().chain([&last]) {
        let mut left = newlines(block);
        while left != 0 {
            if see(begin + left.trailing_zeros() as usize).is_break() {
                return;
            }
            left &= left - 1;
        }
        begin += BLOCK;
    }
}

#[inline]
fn newlines(block: &[u8; BLOCK]) -> u64 {
    let newline = u8x16::splat(b'\n');
    let (lanes, _) = block.as_chunks::<LANES>();
    let bits = |at: usize| u64::from(u8x16::new(lanes[at]).simd_eq(newline).to_bitmask());
    bits(0) | bits(1) << 16 | bits(2) << 32 | bits(3) << 48
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_newline_is_found_wherever_it_stands() {
        for length in 0..200 {
            for every in [1, 2, 3, 17, 63, 64, 65, 300] {
                let text: Vec<u8> = (0..length)
                    .map(|at| if at % every == every - 1 { b'\n' } else { b'x' })
                    .collect();
                let expected: Vec<usize> = memchr::memchr_iter(b'\n', &text).collect();
                let mut seen = Vec::new();
                each_newline(&text, |at| {
                    seen.push(at);
                    ControlFlow::Continue(())
                });
                assert_eq!(seen, expected);
            }
        }
    }

    #[test]
    fn a_byte_is_found_where_memchr_finds_it() {
        for length in 0..70 {
            for at in 0..=length {
                let mut text = vec![b'x'; length];
                if let Some(byte) = text.get_mut(at) {
                    *byte = b'=';
                }
                let expected = memchr::memchr(b'=', &text);
                assert_eq!(find(&text, b'='), expected);
                assert_eq!(find_either(&text, b'=', b'\0'), expected);
                assert_eq!(find_either(&text, b'\0', b'='), expected);
            }
        }
    }

    #[test]
    fn a_name_ends_at_the_first_byte_that_no_name_has() {
        let alphabet = |is_in: fn(u8) -> bool| (0..=255).filter(move |&byte| is_in(byte));
        let in_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/@".contains(&byte);
        let in_an_identifier =
            |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte) || !byte.is_ascii();
        for byte in 0..=255 {
            let text = [b'a', byte, b' '];
            assert_eq!(
                name_length(&text),
                1 + usize::from(in_a_name(byte)),
                "{byte}"
            );
            let expected = 1 + usize::from(in_an_identifier(byte));
            assert_eq!(identifier_length(&text), expected, "{byte}");
        }
        let all: Vec<u8> = alphabet(in_a_name).collect();
        assert_eq!(name_length(&all), all.len());
        let all: Vec<u8> = alphabet(in_an_identifier).collect();
        assert_eq!(identifier_length(&all), all.len());
    }
}
