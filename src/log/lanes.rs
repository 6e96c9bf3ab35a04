//! Searches that look at sixteen bytes at a time, for stretches so short that
//! a call would cost more than the search: the lines of a log, the names and
//! values of a header. What is long is memchr's.

use wide::u8x16;

/// How many bytes are looked at together.
const LANES: usize = 16;

/// A block of bytes that becomes one word of bits.
pub const BLOCK: usize = 64;

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

/// Where the quote stands that closes a quoted text which begins here; none
/// where its line ends first.
#[inline]
pub fn closing_quote(text: &[u8]) -> Option<usize> {
    let (quote, backslash) = (u8x16::splat(b'"'), u8x16::splat(b'\\'));
    let mut at = 0;
    loop {
        at += position(text.get(at..)?, |lanes| {
            lanes.simd_eq(quote) | lanes.simd_eq(backslash) | up_to(lanes, 0x1f)
        })?;
        match text[at] {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => return None,
        }
    }
}

/// Where the first equals sign stands, and where behind it the first byte that
/// may end what it names: a blank, a control character, a quote or a bracket.
/// None where such a byte stands before the sign.
#[inline]
pub fn named(text: &[u8]) -> Option<(usize, usize)> {
    let marks = |block: &[u8; LANES]| {
        let lanes = u8x16::new(*block);
        let ends = lanes.simd_eq(u8x16::splat(b'"')) | lanes.simd_eq(u8x16::splat(b'['));
        let ends = (ends | up_to(lanes, b' ')).to_bitmask();
        (lanes.simd_eq(u8x16::splat(b'=')).to_bitmask(), ends)
    };
    let (blocks, rest) = text.as_chunks::<LANES>();
    let mut found = None;
    let mut see = |at: usize, (equals, ends): (u32, u32)| {
        if found.is_none() && equals != 0 {
            found = Some(at + equals.trailing_zeros() as usize);
        }
        (ends != 0).then(|| (found, at + ends.trailing_zeros() as usize))
    };
    for (number, block) in blocks.iter().enumerate() {
        if let Some((equals, end)) = see(number * LANES, marks(block)) {
            return equals.filter(|&equals| equals < end).map(|at| (at, end));
        }
    }
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let (equals, end) = see(text.len() - rest.len(), marks(&last))?;
    equals.filter(|&equals| equals < end).map(|at| (at, end))
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

/// How many bytes [`in_words`] looks at.
pub const WORDS: usize = 64;

/// Which of the first bytes of a text are letters, digits, `_`, `-` or no ASCII,
/// a bit for each from the lowest on: what the names of resources are made of.
#[inline]
pub fn in_words(text: &[u8]) -> u64 {
    let word = |block: u8x16| {
        let letters = within(block | u8x16::splat(0x20), b'a', b'z');
        let others = within(block, b'0', b'9') | block.max(u8x16::splat(0x80)).simd_eq(block);
        let marks = block.simd_eq(u8x16::splat(b'_')) | block.simd_eq(u8x16::splat(b'-'));
        u64::from((letters | others | marks).to_bitmask())
    };
    let text = &text[..text.len().min(WORDS)];
    let (blocks, rest) = text.as_chunks::<LANES>();
    let mut bits = 0;
    for (number, block) in blocks.iter().enumerate() {
        bits |= word(u8x16::new(*block)) << (number * LANES);
    }
    if !rest.is_empty() {
        bits |= word(padded(rest)) << (blocks.len() * LANES);
    }
    bits
}

/// How many bytes at the start of a text may be told so.
pub fn in_words_length(text: &[u8]) -> usize {
    let mut all = 0;
    for part in text.chunks(WORDS) {
        let length = in_words(part).trailing_ones() as usize;
        all += length;
        if length < WORDS {
            break;
        }
    }
    all
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
    let marked = match text.last_chunk::<LANES>() {
        // What stands before the rest is looked at again, for less than a copy costs.
        Some(last) => mark(u8x16::new(*last)).to_bitmask() >> (LANES - rest.len()),
        None => mark(padded(rest)).to_bitmask() & ((1 << rest.len()) - 1),
    };
    (marked != 0).then(|| text.len() - rest.len() + marked.trailing_zeros() as usize)
}

/// A text that is shorter than the lanes.
#[inline]
fn padded(text: &[u8]) -> u8x16 {
    let mut lanes = [0; LANES];
    lanes[..text.len()].copy_from_slice(text);
    u8x16::new(lanes)
}

/// Marks the lanes that are no more than a byte.
#[inline]
fn up_to(lanes: u8x16, high: u8) -> u8x16 {
    lanes.min(u8x16::splat(high)).simd_eq(lanes)
}

/// Marks the lanes that lie between two bytes, both included.
#[inline]
fn within(lanes: u8x16, low: u8, high: u8) -> u8x16 {
    let clamped = lanes.max(u8x16::splat(low)).min(u8x16::splat(high));
    clamped.simd_eq(lanes)
}

/// A text in blocks, and the last one padded.
#[inline]
pub fn blocks(text: &[u8]) -> (&[[u8; BLOCK]], [u8; BLOCK]) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    (blocks, last)
}

/// The newlines of a block, a bit for each from the lowest on.
#[inline]
pub fn newlines(block: &[u8; BLOCK]) -> u64 {
    let newline = u8x16::splat(b'\n');
    let (lanes, _) = block.as_chunks::<LANES>();
    let is_newline = |at: usize| u8x16::new(lanes[at]).simd_eq(newline);
    let [one, two, three, four] = [0, 1, 2, 3].map(is_newline);
    // Most blocks lie within a line.
    if (one | two | three | four).to_bitmask() == 0 {
        return 0;
    }
    let bits = |lanes: u8x16| u64::from(lanes.to_bitmask());
    bits(one) | bits(two) << 16 | bits(three) << 32 | bits(four) << 48
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
                let (whole, last) = blocks(&text);
                let words = whole.iter().chain([&last]).map(newlines);
                let places = words.enumerate().flat_map(|(number, word)| {
                    let set = (0..BLOCK).filter(move |at| word >> at & 1 == 1);
                    set.map(move |at| number * BLOCK + at)
                });
                let seen: Vec<usize> = places.collect();
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
        for byte in 0..=255 {
            let text = [b'a', byte, b' '];
            assert_eq!(
                name_length(&text),
                1 + usize::from(in_a_name(byte)),
                "{byte}"
            );
        }
        let all: Vec<u8> = alphabet(in_a_name).collect();
        assert_eq!(name_length(&all), all.len());
    }

    #[test]
    fn what_is_in_a_word_is_told_for_each_byte() {
        for byte in 0..=255_u8 {
            let is_in = byte >= 0x80 || byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            for length in [1, 15, 16, 17, 63, 64, 65] {
                let mut text = vec![b'.'; length];
                text[length / 2] = byte;
                let expected = u64::from(is_in) << (length / 2);
                assert_eq!(in_words(&text), expected, "{byte} in {length}");
            }
        }
    }

    #[test]
    fn a_word_may_be_longer_than_what_is_looked_at_together() {
        for length in [0, 1, 63, 64, 65, 128, 200] {
            for rest in ["", ".a", "[0]"] {
                let text = "a".repeat(length) + rest;
                assert_eq!(in_words_length(text.as_bytes()), length, "{text}");
            }
        }
    }

    #[test]
    fn a_named_value_ends_where_it_may_end() {
        let read = |text: &str| named(text.as_bytes());
        for length in 0..40 {
            let name = "n".repeat(length);
            for end in [" ", "\"", "[", "\n", "\t", ""] {
                let text = format!("{name}=value{end}");
                assert_eq!(read(&text), Some((length, length + 6)), "{text}");
            }
            assert_eq!(read(&format!("{name} x=1")), None);
            assert_eq!(read(&name), None);
        }
    }

    #[test]
    fn a_quote_is_closed_in_its_line_or_not_at_all() {
        for length in 0..40 {
            let text = "x".repeat(length);
            let closes = |rest: &str| closing_quote(format!("{text}{rest}").as_bytes());
            assert_eq!(closes("\" y\""), Some(length));
            assert_eq!(closes("\\\"\" y"), Some(length + 2));
            assert_eq!(closes("\n\""), None);
            assert_eq!(closes("\\"), None);
            assert_eq!(closes(""), None);
        }
    }
}
