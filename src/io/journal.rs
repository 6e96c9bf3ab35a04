//! The files of one incident: `journal.jsonl`, appended to, and `backups/`.
//!
//! Invariant: when a call returns, what it wrote is on the disk, the folder's
//! own entry included. A kill at any point leaves whole entries and at most one
//! torn line, which the next opening takes away and says so.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::disk::{self, Asking};
use crate::fault::Fault;
use crate::incident::{Author, Chain, Event, IncidentId, OpenPlan, Reading, open_plans};
use crate::recovery::{Mark, Plan};

pub(super) use crate::incident::packed::JOURNAL;
pub(super) const BACKUPS: &str = "backups";
pub(super) const PLANS: &str = "plans";
pub(super) const JOURNAL_LIMIT: u64 = 256 << 20;

/// Whether an incident was taken up again or began with this opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    Begun,
    Resumed,
}

/// A body that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Relative to the incident's folder.
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
}

/// The journal of one incident, open for appending. Cheap to clone; several
/// processes may write to the same one.
#[derive(Debug, Clone)]
pub struct Journal {
    id: IncidentId,
    folder: PathBuf,
    entered: Entered,
    author: Author,
    open: Arc<Vec<OpenPlan>>,
    pages: Arc<Mutex<Pages>>,
}

/// Bytes on their way into `backups/`, which no name leads to before they are whole.
#[derive(Debug)]
pub struct Keeping {
    folder: PathBuf,
    file: (PathBuf, File),
    failed: Option<io::Error>,
}

impl Keeping {
    /// Takes the next piece; a failure is told at the end.
    pub fn take(&mut self, piece: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.file.1.write_all(piece).err();
        }
    }

    fn finish(mut self, name: &str) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.file.1.sync_all()?;
        std::fs::rename(&self.file.0, self.folder.join(name))?;
        disk::sync_folder(&self.folder)
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        // Where it was finished, it bears another name by now.
        let _ = std::fs::remove_file(&self.file.0);
    }
}

/// A new file of this process beside those that are whole.
fn tempfile_in(folder: &Path) -> io::Result<(PathBuf, File)> {
    let path = folder.join(format!(".part-{}", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)?;
    Ok((path, file))
}

/// The file and where its chain ends.
#[derive(Debug)]
struct Pages {
    file: File,
    chain: Chain,
    length: u64,
}

impl Journal {
    pub(super) fn begin(
        root: &Path,
        id: IncidentId,
        place: &str,
        author: Author,
        now: Timestamp,
    ) -> io::Result<Self> {
        let mut private = DirBuilder::new();
        private.mode(0o700);
        let folder = root.join(id.as_str());
        private.create(&folder)?;
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join(JOURNAL))?;
        disk::sync_folder(&folder)?;
        disk::sync_folder(root)?;
        let event = Event::Opened {
            incident: id.to_string(),
            place: place.to_owned(),
        };
        let pages = Pages {
            file,
            chain: Chain::default(),
            length: 0,
        };
        let journal = Self::new(id, folder, Entered::Begun, author, Vec::new(), pages);
        journal.append(event, None, now)?;
        Ok(journal)
    }

    pub(super) fn resume(
        root: &Path,
        id: IncidentId,
        author: Author,
        now: Timestamp,
    ) -> io::Result<Self> {
        let journal = Self::join(root, id, author, now)?;
        journal.append(Event::Resumed, None, now)?;
        Ok(journal)
    }

    /// Writes on in an incident that is open, without saying that it is taken up again.
    pub(super) fn join(
        root: &Path,
        id: IncidentId,
        author: Author,
        now: Timestamp,
    ) -> io::Result<Self> {
        let folder = root.join(id.as_str());
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(folder.join(JOURNAL))?;
        let mut pages = Pages {
            file,
            chain: Chain::default(),
            length: 0,
        };
        disk::hold(&pages.file)?;
        let reading = pages.read_again();
        pages.file.unlock()?;
        let reading = reading?;
        let plans = open_plans(&reading.entries);
        let journal = Self::new(id, folder, Entered::Resumed, author, plans, pages);
        if reading.torn > 0 {
            let torn_bytes = reading.torn as u64;
            journal.append(Event::Mended { torn_bytes }, None, now)?;
        }
        Ok(journal)
    }

    fn new(
        id: IncidentId,
        folder: PathBuf,
        entered: Entered,
        author: Author,
        open: Vec<OpenPlan>,
        pages: Pages,
    ) -> Self {
        Self {
            id,
            folder,
            entered,
            author,
            open: Arc::new(open),
            pages: Arc::new(Mutex::new(pages)),
        }
    }

    pub fn id(&self) -> &IncidentId {
        &self.id
    }

    pub fn entered(&self) -> Entered {
        self.entered
    }

    /// The plans that earlier runs left open when this journal was entered.
    pub fn open_plans(&self) -> &[OpenPlan] {
        &self.open
    }

    /// Writes an entry; when this returns it is on the disk.
    pub async fn write(&self, event: Event, request_id: Option<String>) -> Result<(), Fault> {
        let journal = self.clone();
        disk::ask(self.asking("write the journal of"), move || {
            journal.append(event, request_id, Timestamp::now())
        })
        .await
    }

    /// Keeps bytes in `backups/`; when this returns they are on the disk.
    pub async fn save(&self, name: String, bytes: Vec<u8>) -> Result<Saved, Fault> {
        let folder = self.folder.join(BACKUPS);
        disk::ask(self.asking("save into"), move || {
            let mut private = DirBuilder::new();
            private.recursive(true).mode(0o700).create(&folder)?;
            disk::replace(&folder.join(&name), &bytes)?;
            Ok(Saved {
                file: format!("{BACKUPS}/{name}"),
                sha256: HEXLOWER.encode(&Sha256::digest(&bytes)),
                bytes: bytes.len() as u64,
            })
        })
        .await
    }

    /// Where the bytes of this name are kept.
    pub fn backup(&self, name: &str) -> PathBuf {
        self.folder.join(BACKUPS).join(name)
    }

    /// Begins to keep bytes that come piece by piece.
    pub async fn keep(&self) -> Result<Keeping, Fault> {
        let folder = self.folder.join(BACKUPS);
        disk::ask(self.asking("save into"), move || {
            let mut private = DirBuilder::new();
            private.recursive(true).mode(0o700).create(&folder)?;
            let file = tempfile_in(&folder)?;
            Ok(Keeping {
                folder,
                file,
                failed: None,
            })
        })
        .await
    }

    /// Ends a keeping under a name; when this returns the bytes are on the disk.
    pub async fn kept(&self, keeping: Keeping, name: String, mark: &Mark) -> Result<Saved, Fault> {
        let (sha256, bytes) = (mark.sha256.clone(), mark.size);
        disk::ask(self.asking("save into"), move || {
            keeping.finish(&name)?;
            Ok(Saved {
                file: format!("{BACKUPS}/{name}"),
                sha256,
                bytes,
            })
        })
        .await
    }

    /// Keeps a plan, so that another run can go on with it; what comes back is
    /// the SHA-256 by which the journal vouches for it.
    pub async fn save_plan(&self, plan: &Plan) -> Result<String, Fault> {
        let folder = self.folder.join(PLANS);
        let (name, plan) = (format!("{}.json", plan.id), serde_json::to_vec(plan));
        disk::ask(self.asking("save the plan into"), move || {
            let mut private = DirBuilder::new();
            private.recursive(true).mode(0o700).create(&folder)?;
            let plan = plan?;
            disk::replace(&folder.join(name), &plan)?;
            Ok(HEXLOWER.encode(&Sha256::digest(&plan)))
        })
        .await
    }

    fn asking(&self, doing: &'static str) -> Asking {
        Asking::new(doing, self.folder.display().to_string())
    }

    pub(super) fn append(
        &self,
        event: Event,
        request_id: Option<String>,
        now: Timestamp,
    ) -> io::Result<()> {
        // A panic while writing would have left the file as it was or with a torn line.
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        disk::hold(&pages.file)?;
        let written = pages.append(&self.author, event, request_id, now);
        pages.file.unlock()?;
        written
    }
}

impl Pages {
    fn append(
        &mut self,
        author: &Author,
        event: Event,
        request_id: Option<String>,
        now: Timestamp,
    ) -> io::Result<()> {
        if self.file.metadata()?.len() != self.length {
            // Another process wrote, or was killed while it did.
            let reading = self.read_again()?;
            if reading.broken.is_some() {
                return Err(disk::wrong("somebody changed it: its chain is broken"));
            }
        }
        let mut chain = self.chain.clone();
        let line = chain.append(now, author, event, request_id)?;
        let written = self.file.write_all(line.as_bytes());
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // What was not written whole is taken away; where that fails too, it is a torn line.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += line.len() as u64;
        self.chain = chain;
        Ok(())
    }

    /// Reads the whole file, takes a torn end away, and continues from there.
    fn read_again(&mut self) -> io::Result<Reading> {
        self.file.rewind()?;
        let mut bytes = Vec::new();
        let read = Read::by_ref(&mut self.file)
            .take(JOURNAL_LIMIT)
            .read_to_end(&mut bytes)?;
        let reading = Reading::of(&bytes);
        let whole = (read - reading.torn) as u64;
        if reading.torn > 0 {
            self.file.set_len(whole)?;
        }
        (self.length, self.chain) = (whole, reading.chain.clone());
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::incidents::Incidents;
    use crate::io::stage::{enter, incidents, note};

    async fn read(incidents: &Incidents, journal: &Journal) -> Reading {
        incidents.read(journal.id()).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn two_writers_keep_one_chain() {
        let (_folder, incidents) = incidents();
        let (one, two) = (enter(&incidents).await, enter(&incidents).await);
        for text in ["a", "b", "c"] {
            one.write(note(text), None).await.unwrap();
            two.write(note(text), None).await.unwrap();
        }
        let reading = read(&incidents, &one).await;
        assert_eq!(reading.broken, None);
        assert_eq!(reading.entries.len(), 8);
    }

    #[tokio::test]
    async fn a_torn_line_is_taken_away_and_said() {
        let (_folder, incidents) = incidents();
        let journal = enter(&incidents).await;
        let path = incidents.folder(journal.id()).join(JOURNAL);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"seq\":1,\"at\":\"2026").unwrap();
        enter(&incidents).await;
        let reading = read(&incidents, &journal).await;
        assert_eq!((reading.broken, reading.torn), (None, 0));
        assert_eq!(reading.entries[1].event, Event::Mended { torn_bytes: 19 });
    }
}
