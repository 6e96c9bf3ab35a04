//! Large state files, listed and compared without holding their bytes: the
//! memory is that of the addresses, and of what differs.
//!
//! Only whole states are read so. Of a small file, a damaged state, a saved
//! plan or a file that changes meanwhile the answer is none, and the caller
//! reads it as a whole.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};

use crate::fault::Fault;
use crate::state::{Catalog, Comparison, Desk, Large, Stored, Text};

/// What is smaller is read at once.
const LARGE: u64 = 8 << 20;

/// More threads than this would wait for the memory.
const THREADS: usize = 8;

/// Whether the MD5 of the bytes is asked for, too: it takes longer than all the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    Wanted,
    Unasked,
}

/// A large state that was looked through.
#[derive(Debug)]
pub struct Looked {
    pub catalog: Catalog,
    pub md5: Option<String>,
}

/// What a large state file holds.
pub async fn looked(path: &Path) -> Result<Option<Looked>, Fault> {
    let path = path.to_owned();
    apart("read", path.display().to_string(), move || {
        let document = Document::open(&path)?;
        document.map_or(Ok(None), |document| document.look(Sum::Unasked))
    })
    .await
}

/// What differs between two state files of which one at least is large.
pub async fn compared(
    [one, two]: [&Path; 2],
    sum: Sum,
) -> Result<Option<([Looked; 2], Comparison)>, Fault> {
    let paths = [one.to_owned(), two.to_owned()];
    let subject = format!("{} and {}", one.display(), two.display());
    apart("compare", subject, move || compare(&paths, sum)).await
}

/// Does the work on a thread of its own; what cannot be done so is left to who reads all of it.
async fn apart<T: Send + 'static>(
    doing: &'static str,
    subject: String,
    work: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
) -> Result<Option<T>, Fault> {
    // What a panic says may quote the text, and that holds secrets.
    let failed = |_| Fault::new(doing, subject, "it stopped at an internal error");
    let done = tokio::task::spawn_blocking(work).await.map_err(failed)?;
    Ok(done.unwrap_or_default())
}

fn compare([one, two]: &[PathBuf; 2], sum: Sum) -> io::Result<Option<([Looked; 2], Comparison)>> {
    let (Some(one), Some(two)) = (Document::any(one)?, Document::any(two)?) else {
        return Ok(None);
    };
    if one.about.size().max(two.about.size()) < LARGE {
        return Ok(None);
    }
    let looked = thread::scope(|scope| {
        let other = scope.spawn(|| two.look(sum));
        (one.look(sum), other.join())
    });
    let (Some(left), Ok(Some(right))) = (looked.0?, looked.1.unwrap_or(Ok(None))) else {
        return Ok(None);
    };
    let stored = |looked, document| Stored {
        catalog: looked,
        text: document,
    };
    let large = Large::new(stored(&left.catalog, &one), stored(&right.catalog, &two))?;
    let comparison = at_once(&large)?;
    if one.changed()? || two.changed()? {
        return Ok(None);
    }
    Ok(Some(([left, right], comparison)))
}

/// Looks at the lots with all processors.
fn at_once(large: &Large<'_>) -> io::Result<Comparison> {
    let threads = available_parallelism().map_or(1, usize::from).min(THREADS);
    let next = AtomicUsize::new(0);
    let look = || {
        let mut desk = Desk::default();
        let mut lots = Vec::new();
        loop {
            let lot = next.fetch_add(1, Ordering::Relaxed);
            if lot >= large.lots() {
                return Ok(lots);
            }
            lots.push(large.look(lot, &mut desk)?);
        }
    };
    let lots = thread::scope(|scope| {
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(look)).collect();
        let ended = hands.into_iter().map(|hand| {
            let stopped = |_| io::Error::other("a thread stopped");
            hand.join().map_err(stopped).flatten()
        });
        ended.collect::<io::Result<Vec<_>>>()
    })?;
    large.joined(lots.into_iter().flatten())
}

/// A file that is looked at twice.
#[derive(Debug)]
struct Document {
    file: File,
    about: Metadata,
}

impl Document {
    /// Only a large one.
    fn open(path: &Path) -> io::Result<Option<Self>> {
        Ok(Self::any(path)?.filter(|document| document.about.size() >= LARGE))
    }

    fn any(path: &Path) -> io::Result<Option<Self>> {
        // Opening a FIFO would wait for a writer that may never come.
        if !std::fs::metadata(path)?.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        let about = file.metadata()?;
        Ok(Some(Self { file, about }))
    }

    fn look(&self, sum: Sum) -> io::Result<Option<Looked>> {
        let mut summed = Summed {
            file: &self.file,
            md5: (sum == Sum::Wanted).then(Md5::new),
        };
        let catalog = Catalog::read(&mut summed)?;
        if self.changed()? {
            return Ok(None);
        }
        let md5 = summed.md5.map(|md5| HEXLOWER.encode(&md5.finalize()));
        Ok(catalog.map(|catalog| Looked { catalog, md5 }))
    }

    /// Whether somebody wrote to it since it was opened.
    fn changed(&self) -> io::Result<bool> {
        let now = self.file.metadata()?;
        let mark = |about: &Metadata| (about.size(), about.mtime(), about.mtime_nsec());
        Ok(mark(&now) != mark(&self.about))
    }
}

impl Text for Document {
    fn fill(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(bytes, offset)
    }
}

/// A file whose bytes are summed up as they pass.
struct Summed<'a> {
    file: &'a File,
    md5: Option<Md5>,
}

impl Read for Summed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(bytes)?;
        if let Some(md5) = &mut self.md5 {
            md5.update(&bytes[..read]);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Reading;

    /// A state of a few more bytes than a small one has.
    fn state(value: &str) -> String {
        let filling = "x".repeat(4_000);
        let entry = |number: usize| {
            format!(
                r#"{{"mode":"managed","type":"a","name":"r{number}","provider":"p","instances":[{{"attributes":{{"id":"i-{number}","text":"{filling}","v":"{value}"}}}}]}}"#
            )
        };
        let entries: Vec<String> = (0..2_200).map(entry).collect();
        format!(
            r#"{{"version":4,"serial":7,"lineage":"l","resources":[{}]}}"#,
            entries.join(",\n")
        )
    }

    fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[tokio::test]
    async fn a_large_file_is_listed_and_compared_as_if_it_were_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let texts = [state("1"), state("2")];
        let one = written(folder.path(), "one", &texts[0]);
        let two = written(folder.path(), "two", &texts[1]);
        let looked = looked(&one).await.unwrap().unwrap();
        assert_eq!((looked.catalog.count(), looked.md5), (2_200, None));
        let (sides, comparison) = compared([&one, &two], Sum::Wanted).await.unwrap().unwrap();
        let readings = texts.each_ref().map(|text| Reading::of(text.as_bytes()));
        let [before, after] = readings
            .each_ref()
            .map(|reading| reading.snapshot().unwrap());
        assert_eq!(comparison, Comparison::of(before, after));
        assert_eq!(comparison.summary.changed, 2_200);
        let md5 = HEXLOWER.encode(&Md5::digest(&texts[1]));
        assert_eq!(sides[1].md5.as_ref(), Some(&md5));
        assert_eq!(sides[1].catalog.size(), texts[1].len() as u64);
    }

    #[tokio::test]
    async fn what_is_small_or_damaged_or_no_file_is_left_to_who_reads_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let whole = state("1");
        let large = written(folder.path(), "large", &whole);
        let cut = written(folder.path(), "cut", &whole[..whole.len() - 9]);
        let small = written(folder.path(), "small", r#"{"version":4}"#);
        for path in [&cut, &small, &folder.path().join("none")] {
            assert!(looked(path).await.unwrap().is_none());
        }
        let against = |other| compared([&large, other], Sum::Unasked);
        assert!(against(&cut).await.unwrap().is_none());
        assert!(against(&small).await.unwrap().is_some());
        let two = compared([&small, &small], Sum::Unasked).await.unwrap();
        assert!(two.is_none());
    }

    #[test]
    fn a_file_that_is_written_meanwhile_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path(), "state", &state("1"));
        let document = Document::open(&path).unwrap().unwrap();
        assert!(!document.changed().unwrap());
        std::fs::write(&path, state("22")).unwrap();
        assert!(document.changed().unwrap());
        assert!(document.look(Sum::Unasked).unwrap().is_none());
    }
}
