//! Files, carefully: every question runs off the async threads under a
//! deadline, every replacement is whole or not there at all, and nothing
//! unbounded is ever read into memory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::fault::Fault;

/// A folder on a dead network share may hang a system call for ever.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long another process may hold a file that we want to write.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

/// What is being asked of the disk, so that a fault can name it.
#[derive(Debug, Clone)]
pub struct Asking {
    pub doing: &'static str,
    pub subject: String,
}

impl Asking {
    pub fn new(doing: &'static str, subject: impl Into<String>) -> Self {
        Self {
            doing,
            subject: subject.into(),
        }
    }

    /// The fault for this question.
    pub fn fault(&self, cause: impl std::fmt::Display) -> Fault {
        Fault::new(self.doing, self.subject.clone(), cause)
    }
}

/// Runs blocking work on its own thread and answers within the deadline.
///
/// After the deadline the thread may still be stuck in the system call; only
/// its answer is given up.
pub async fn ask<T, W>(asking: Asking, work: W) -> Result<T, Fault>
where
    T: Send + 'static,
    W: FnOnce() -> io::Result<T> + Send + 'static,
{
    match tokio::time::timeout(DEADLINE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(Ok(value))) => Ok(value),
        Ok(Ok(Err(error))) => Err(asking.fault(cause(&error))),
        Ok(Err(_)) => Err(asking.fault("it failed inside; this is a defect of tfsos")),
        Err(_) => Err(asking
            .fault(format!("no answer within {} s", DEADLINE.as_secs()))
            .hint("the disk or network share does not answer")),
    }
}

/// An I/O error in words that end without a system's error number.
pub fn cause(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::NotFound => "no such file",
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::StorageFull => "the disk is full",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        io::ErrorKind::NotADirectory => "part of the path is not a folder",
        io::ErrorKind::IsADirectory => "it is a folder",
        io::ErrorKind::AlreadyExists => "it exists already",
        _ => return plain(&error.to_string()),
    };
    // Our own errors carry a sentence; the system's carry only their kind.
    if error.raw_os_error().is_none() && error.get_ref().is_some() {
        return plain(&error.to_string());
    }
    known.to_owned()
}

fn plain(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "unknown".to_owned(),
    }
}

/// An error of ours, with the sentence that a person will read as its cause.
pub fn wrong(sentence: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, sentence.into())
}

/// The bytes of a regular file of at most `limit` bytes; none where there is no such file.
pub fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let bytes = beginning(path, limit + 1)?;
    if bytes
        .as_ref()
        .is_some_and(|bytes| bytes.len() as u64 > limit)
    {
        return Err(wrong(format!("it is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// At most so many of the first bytes of a regular file; none where there is no such file.
pub fn beginning(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        // Opening a FIFO would wait for a writer that may never come.
        Ok(about) if !about.is_file() => return Err(wrong("it is not a regular file")),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The same, straight into the memory where the bytes stay: a large file is never there twice.
pub fn read_shared(path: &Path, limit: u64) -> io::Result<Option<Arc<[u8]>>> {
    let length = match fs::metadata(path) {
        Ok(about) if about.is_file() && about.len() <= limit => about.len() as usize,
        _ => return Ok(read(path, limit)?.map(Arc::from)),
    };
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    let mut file = File::open(path)?;
    let filled = Arc::get_mut(&mut bytes).map(|whole| file.read_exact(whole));
    let more = file.read(&mut [0])?;
    if more == 0 && matches!(filled, Some(Ok(()))) {
        return Ok(Some(bytes));
    }
    // It grew or shrank under our hands: whatever it is now is read as it comes.
    Ok(read(path, limit)?.map(Arc::from))
}

/// Replaces a file as a whole and makes it durable: after a crash it holds
/// either the old bytes or the new ones. A new file is for its owner alone.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (scratch, file) = write_beside(path, bytes, 0o600)?;
    file.sync_all()?;
    fs::rename(&scratch, path)?;
    sync_folder(folder_of(path)?)
}

/// The same for what others are to read: a new file has the mode that the umask
/// leaves it. What a link points to is replaced, never the link, and what is no
/// file (a pipe, `/dev/stdout`) is written to.
pub fn publish(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let of_system = ["/dev", "/proc"].iter().any(|root| path.starts_with(root));
    let path = match fs::metadata(path) {
        Ok(about) if of_system || !about.is_file() => {
            return OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        Ok(_) => &fs::canonicalize(path)?,
        Err(_) => path,
    };
    let (scratch, _) = write_beside(path, bytes, 0o666)?;
    let moved = fs::rename(&scratch, path);
    if moved.is_err() {
        // Nobody looks for it under this name.
        let _ = fs::remove_file(&scratch);
    }
    moved
}

/// The same for every other process, also when this one is killed, but a power
/// cut may lose it: for what is not worth waiting for the disk.
pub fn exchange(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (scratch, _) = write_beside(path, bytes, 0o600)?;
    fs::rename(&scratch, path)
}

/// Writes a file that must not be there yet, for its owner alone, and makes it durable.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file under the name that was asked for would be taken for a whole one.
        let _ = fs::remove_file(path);
    }
    written
}

/// Writes the bytes into a new file in the same folder.
fn write_beside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // The process id keeps two writers apart that were not kept apart by a guard.
    let scratch = format!(".{name}.{}.new", std::process::id());
    let scratch = folder_of(path)?.join(scratch);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&scratch)?;
    file.write_all(bytes)?;
    Ok((scratch, file))
}

fn folder_of(path: &Path) -> io::Result<&Path> {
    let folder = path
        .parent()
        .ok_or_else(|| wrong("it has no parent folder"))?;
    // The folder of a bare name is the one we are in.
    Ok(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    })
}

/// Waits until this process alone holds the file's advisory lock. The system
/// gives the lock back when its holder dies.
pub fn hold(file: &File) -> io::Result<()> {
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::TimedOut,
        format!("another process has held it for {} s", PATIENCE.as_secs()),
    ))
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_holds_the_new_bytes_and_leaves_no_scratch() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("items.json");
        replace(&path, b"old").unwrap();
        exchange(&path, b"newer").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(read(&path, 10).unwrap().unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_published_can_be_read_by_others_and_a_failure_leaves_no_scratch() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tfsos.prom");
        publish(&path, b"# EOF\n").unwrap();
        let plain = folder.path().join("plain");
        fs::write(&plain, b"").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(
            mode(&path),
            mode(&plain),
            "the mode is the one of any new file"
        );
        let taken = folder.path().join("folder");
        fs::create_dir(&taken).unwrap();
        assert!(publish(&taken, b"").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        assert_eq!(folder_of(Path::new("bare")).unwrap(), Path::new("."));
    }

    #[test]
    fn what_is_published_through_a_link_leaves_the_link_and_a_device_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        publish(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        // A device that a test may lose: were it replaced, the next one would be a file.
        let null = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        publish(&null, b"gone").unwrap();
        assert!(!fs::metadata(&null).unwrap().is_file());
    }

    #[test]
    fn a_missing_file_is_none_and_a_large_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        assert_eq!(read(&path, 10).unwrap(), None);
        assert_eq!(read_shared(&path, 10).unwrap(), None);
        fs::write(&path, [7; 10]).unwrap();
        assert_eq!(
            read_shared(&path, 10).unwrap().as_deref(),
            Some(&[7; 10][..])
        );
        fs::write(&path, [0; 11]).unwrap();
        assert_eq!(
            cause(&read(&path, 10).unwrap_err()),
            "it is larger than 10 bytes"
        );
        assert_eq!(
            cause(&read(folder.path(), 10).unwrap_err()),
            "it is not a regular file"
        );
    }

    #[test]
    fn an_error_of_the_system_is_said_in_words() {
        let error = io::Error::from_raw_os_error(28);
        assert_eq!(cause(&error), "the disk is full");
        assert_eq!(
            cause(&io::Error::from_raw_os_error(5)),
            "input/output error"
        );
    }
}
