//! Logs packed with gzip, known by their first bytes and not by their name. A
//! packed file is unpacked once into a spool; where it is damaged, all that
//! came before the damage is shown. One that is still being written may say
//! [`io::ErrorKind::WouldBlock`] at its end and be read on later.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::bufread::GzDecoder;

use crate::io::disk;

/// How every gzip member begins.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How much of the packed bytes is read at a time.
const PIECE: usize = 64 * 1024;

/// How a file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Text,
    Packed,
    /// It has not begun, or with a byte that decides nothing.
    Unknown,
}

/// How a file begins now.
pub fn start(file: &File) -> io::Result<Start> {
    let mut first = [0; MAGIC.len()];
    let read = super::bulk::read_full(file, &mut first, 0)?;
    Ok(match &first[..read] {
        [] => Start::Unknown,
        [first] if *first == MAGIC[0] => Start::Unknown,
        first if *first == MAGIC => Start::Packed,
        _ => Start::Text,
    })
}

/// Whether a path leads to a file that is packed.
pub fn is_packed(path: &Path) -> bool {
    // Anything but a file may make its reader wait.
    let file = path.metadata().ok().filter(std::fs::Metadata::is_file);
    let file = file.and_then(|_| File::open(path).ok());
    file.is_some_and(|file| matches!(start(&file), Ok(Start::Packed)))
}

/// A file from its start, at whose end its reader is told to come again.
#[derive(Debug)]
pub struct Growing<'a> {
    file: &'a File,
    offset: u64,
}

impl<'a> Growing<'a> {
    pub fn new(file: &'a File) -> Self {
        Self { file, offset: 0 }
    }
}

impl Read for Growing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.read_at(buffer, self.offset)? {
            0 if !buffer.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            read => {
                self.offset += read as u64;
                Ok(read)
            }
        }
    }
}

/// The text of an input that may be packed or not.
pub struct Unpacked<R>(Text<R>);

/// An input from its start although that was looked at.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

enum Text<R> {
    Plain(Counted<Whole<R>>),
    Packed(Box<Packed<R>>),
}

struct Packed<R> {
    /// None only while one member takes the place of the one before.
    member: Option<GzDecoder<Bytes<R>>>,
    place: Place,
    /// How much text came out so far.
    text: u64,
}

type Bytes<R> = BufReader<Counted<Whole<R>>>;

/// Where the packed bytes were read to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    InAMember,
    AfterOne,
}

impl<R: Read> Unpacked<R> {
    /// Looks at the first two bytes, for which it waits. What came with them
    /// is given together with them.
    pub fn new(mut input: R) -> io::Result<Self> {
        let mut first = vec![0; PIECE];
        let mut length = 0;
        while length < MAGIC.len() {
            match input.read(&mut first[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        first.truncate(length);
        let is_packed = first.starts_with(&MAGIC);
        let whole = Cursor::new(first).chain(input);
        let counted = Counted {
            input: whole,
            read: 0,
        };
        if !is_packed {
            return Ok(Self(Text::Plain(counted)));
        }
        let bytes = BufReader::with_capacity(PIECE, counted);
        Ok(Self(Text::Packed(Box::new(Packed {
            member: Some(GzDecoder::new(bytes)),
            place: Place::InAMember,
            text: 0,
        }))))
    }

    /// Whether nothing is missing at the end of what was read.
    pub fn is_complete(&self) -> bool {
        match &self.0 {
            Text::Plain(_) => true,
            Text::Packed(packed) => packed.place == Place::AfterOne,
        }
    }

    /// That it ends too early.
    pub fn cut_off(&self) -> io::Error {
        let text = match &self.0 {
            Text::Plain(counted) => counted.read,
            Text::Packed(packed) => packed.text,
        };
        disk::wrong(format!("it is cut off; its text ends after {text} bytes"))
    }

    /// How many bytes of the input the text so far came from.
    pub fn consumed(&self) -> u64 {
        match &self.0 {
            Text::Plain(counted) => counted.read,
            Text::Packed(packed) => packed.consumed(),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Text::Plain(counted) => counted.read(buffer),
            Text::Packed(packed) => packed.read(buffer),
        }
    }
}

impl<R: Read> Packed<R> {
    fn consumed(&self) -> u64 {
        let bytes = self.member.as_ref().map(GzDecoder::get_ref);
        bytes.map_or(0, |bytes| {
            bytes.get_ref().read - bytes.buffer().len() as u64
        })
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            if self.place == Place::AfterOne {
                if member.get_mut().fill_buf()?.is_empty() {
                    break;
                }
                self.place = Place::InAMember;
                let bytes = self.member.take().map(GzDecoder::into_inner);
                self.member = bytes.map(GzDecoder::new);
                continue;
            }
            match member.read(buffer) {
                Ok(0) if !buffer.is_empty() => self.place = Place::AfterOne,
                Ok(read) => {
                    self.text += read as u64;
                    return Ok(read);
                }
                Err(error) => return Err(self.damage(error)),
            }
        }
        Ok(0)
    }

    /// What is wrong with the packed bytes and how far the text goes; an error
    /// of the input itself stays what it is.
    fn damage(&self, error: io::Error) -> io::Error {
        let text = format!("its text ends after {} bytes", self.text);
        let at = self.consumed();
        match error.kind() {
            io::ErrorKind::UnexpectedEof => disk::wrong(format!("it is cut off; {text}")),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                disk::wrong(format!("it is damaged near its byte {at}; {text}"))
            }
            _ => error,
        }
    }
}

/// An input that counts what is read of it.
struct Counted<R> {
    input: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// One gzip member of this text.
    pub fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(input: &[u8]) -> (Vec<u8>, io::Result<usize>) {
        let mut text = Vec::new();
        let read = Unpacked::new(input).unwrap().read_to_end(&mut text);
        (text, read)
    }

    #[test]
    fn what_is_not_packed_is_given_as_it_is() {
        for input in [&b""[..], b"x", b"plain text"] {
            assert_eq!(unpacked(input).0, input);
        }
    }

    #[test]
    fn several_members_are_one_text() {
        let input = [packed(b"one "), packed(b""), packed(b"two")].concat();
        assert_eq!(unpacked(&input).0, b"one two");
    }

    #[test]
    fn a_cut_off_file_gives_what_it_has_and_says_where_it_ends() {
        let text: Vec<u8> = (0..40_000u32).flat_map(u32::to_le_bytes).collect();
        let whole = packed(&text);
        let (found, read) = unpacked(&whole[..whole.len() / 2]);
        assert!(!found.is_empty() && text.starts_with(&found));
        let expected = format!("it is cut off; its text ends after {} bytes", found.len());
        assert_eq!(read.unwrap_err().to_string(), expected);
    }

    #[test]
    fn damage_in_the_middle_says_where_it_is() {
        let whole = [packed(b"one "), b"no gzip at all".to_vec()].concat();
        let (found, read) = unpacked(&whole);
        assert_eq!(found, b"one ");
        let error = read.unwrap_err().to_string();
        assert!(error.starts_with("it is damaged near its byte "), "{error}");
        assert!(error.ends_with("; its text ends after 4 bytes"), "{error}");
    }
}
