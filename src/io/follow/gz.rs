//! Logs packed with gzip, known by their first bytes and not by their name. A
//! packed file is unpacked once into a spool and shown like a file that does
//! not grow; where it is damaged, all that came before the damage is shown.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::io::disk;

/// How every gzip member begins.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How much of the packed bytes is read at a time.
const PIECE: usize = 64 * 1024;

/// The file at a path, if it is one that is packed.
pub fn open(path: &Path) -> Option<File> {
    // Anything but a file may make its reader wait.
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let file = File::open(path).ok()?;
    let mut first = Vec::new();
    (&file).take(2).read_to_end(&mut first).ok()?;
    // Read by a handle of its own: the other one stands after the first bytes.
    (first == MAGIC).then(|| File::open(path).ok())?
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
    decoder: MultiGzDecoder<BufReader<Counted<Whole<R>>>>,
    /// How much text came out so far.
    text: u64,
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
        Ok(Self(Text::Packed(Box::new(Packed {
            decoder: MultiGzDecoder::new(BufReader::with_capacity(PIECE, counted)),
            text: 0,
        }))))
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
        let reader = self.decoder.get_ref();
        reader.get_ref().read - reader.buffer().len() as u64
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.decoder.read(buffer) {
            Ok(read) => {
                self.text += read as u64;
                Ok(read)
            }
            Err(error) => Err(self.damage(error)),
        }
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
