//! The holes of a file: ranges that were never written and read as zeros, as
//! the truncation of a log leaves behind whose writer goes on where it was.
//! They are known without being read; to read them would fill the memory of
//! the machine with zeros, in steps so long that a frame comes late.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;

/// What one block of a file's `blocks` is, whatever the file system's own is.
const BLOCK: u64 = 512;

/// What is known of a file's holes.
#[derive(Debug, Clone, Copy)]
pub struct Holes<'a> {
    file: &'a File,
    has_any: bool,
}

impl<'a> Holes<'a> {
    /// Only a file that takes less room than it is long is ever asked again:
    /// over a network each question is a journey.
    pub fn of(file: &'a File) -> Self {
        let about = file.metadata();
        let has_any = about.is_ok_and(|about| about.blocks() * BLOCK < about.len());
        Self { file, has_any }
    }

    /// Whether all of a range lies in the file and in a hole of it. No, where
    /// the system can't tell.
    pub fn cover(self, range: &Range<u64>) -> bool {
        self.has_any
            && is_free_of_data(self.file, range)
            // A file that was cut off meanwhile has no data there either.
            && self.file.metadata().is_ok_and(|about| about.len() >= range.end)
    }
}

/// Moves the file's own offset, which nobody here reads from.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn is_free_of_data(file: &File, range: &Range<u64>) -> bool {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;

    match seek(file, SeekFrom::Data(range.start)) {
        Ok(data) => data >= range.end,
        // There is none up to the end of the file.
        Err(error) => error == Errno::NXIO,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn is_free_of_data(_: &File, _: &Range<u64>) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_hole_lies_between_what_was_written() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(64 * MIB).unwrap();
        file.write_all_at(b"begin", 0).unwrap();
        file.write_all_at(b"end", 32 * MIB).unwrap();
        let holes = Holes::of(&file);
        assert!(holes.cover(&(8 * MIB..9 * MIB)));
        assert!(holes.cover(&(40 * MIB..64 * MIB)));
        for written in [0..MIB, 31 * MIB..33 * MIB, 0..64 * MIB] {
            assert!(!holes.cover(&written), "{written:?}");
        }
        // What is beyond the end is no hole, also where that was further off before.
        assert!(!holes.cover(&(60 * MIB..65 * MIB)));
        file.set_len(33 * MIB).unwrap();
        assert!(!holes.cover(&(40 * MIB..41 * MIB)));
    }

    #[test]
    fn zeros_that_were_written_are_read() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&vec![0; MIB as usize], 0).unwrap();
        assert!(!Holes::of(&file).cover(&(0..MIB)));
    }
}
