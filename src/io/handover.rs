//! An incident that goes from one machine to another: packed into one file
//! here, taken up there. Whoever has the file goes on; after it was packed
//! nobody goes on here without it, so that no plan is run from two machines.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::disk::{self, Asking};
use super::incidents::Incidents;
use super::journal::Journal;
use crate::fault::Fault;
use crate::incident::packed::{JOURNAL, Packed, pack};
use crate::incident::{Author, Custody, Event, IncidentId, Reading};

/// A packed incident holds the states that it saved, in base64.
const LARGEST: u64 = 7 << 30;

/// Why an incident was not packed.
#[derive(Debug)]
pub enum Unpacked {
    /// A file of that name is there.
    Exists(Fault),
    Unable(Fault),
}

/// Packs an incident into a new file. One that is not over is handed over with
/// it: from then on it is gone on with where the file is taken up.
pub async fn export(
    incidents: &Incidents,
    id: &IncidentId,
    (path, author): (&Path, Author),
    now: Timestamp,
) -> Result<Reading, Unpacked> {
    let asking = Asking::new("pack the incident into", path.display().to_string());
    if path.exists() {
        return Err(Unpacked::Exists(asking.fault("it exists already")));
    }
    let known = incidents.read(id).await.map_err(Unpacked::Unable)?;
    let is_over = |reading: &Reading| {
        let last = reading.entries.last().map(|entry| &entry.event);
        last == Some(&Event::Closed) || reading.broken.is_some()
    };
    let hands_over = known.is_some_and(|reading| !is_over(&reading));
    let journal = if hands_over {
        let journal = incidents.resume(id, author, now).await;
        let journal = journal.map_err(Unpacked::Unable)?;
        let said = journal.write(Event::HandedOver, None).await;
        said.map_err(Unpacked::Unable)?;
        Some(journal)
    } else {
        None
    };
    let written = write(incidents, id, path).await;
    if let (Err(_), Some(journal)) = (&written, &journal) {
        // Nobody has the file, so nobody else goes on with it.
        let _ = journal.write(Event::Received, None).await;
    }
    written
}

async fn write(incidents: &Incidents, id: &IncidentId, path: &Path) -> Result<Reading, Unpacked> {
    let mut files = incidents.contents(id).await.map_err(Unpacked::Unable)?;
    let at = files.iter().position(|(name, _)| name == JOURNAL);
    let journal = at.map(|at| files.swap_remove(at).1).unwrap_or_default();
    let (id, file) = (id.clone(), path.to_owned());
    let asking = Asking::new("pack the incident into", path.display().to_string());
    disk::ask(asking, move || {
        disk::create(&file, pack(&id, &journal, files).as_bytes())?;
        Ok(Reading::of(&journal))
    })
    .await
    .map_err(Unpacked::Unable)
}

/// Takes up an incident that another machine packed; the same file again goes
/// on with what was done here since.
pub async fn receive(
    incidents: &Incidents,
    path: &Path,
    author: Author,
    now: Timestamp,
) -> Result<Packed, Fault> {
    let asking = Asking::new("take up the incident in", path.display().to_string());
    let (from, root): (PathBuf, PathBuf) = (path.to_owned(), incidents.root().to_owned());
    let packed = disk::ask(asking, move || {
        let bytes = disk::read(&from, LARGEST)?;
        let bytes = bytes.ok_or_else(|| disk::wrong("there is no such file"))?;
        let packed = Packed::read(&bytes).map_err(disk::wrong)?;
        unpack(&root, &packed)?;
        Ok(packed)
    })
    .await?;
    let here = incidents.read(&packed.incident).await?;
    let handed = here
        .is_some_and(|reading| crate::incident::custody(&reading.entries) == Custody::HandedOver);
    if handed {
        let journal = incidents.resume(&packed.incident, author, now).await?;
        journal.write(Event::Received, None).await?;
    }
    Ok(packed)
}

/// Writes what is new here, the journal last: before it is there, nothing is.
fn unpack(root: &Path, packed: &Packed) -> io::Result<()> {
    let folder = root.join(packed.incident.as_str());
    let known = disk::read(&folder.join(JOURNAL), LARGEST)?;
    match &known {
        // What was done here since is what counts.
        Some(known) if known.starts_with(&packed.journal) => return Ok(()),
        Some(known) if !packed.journal.starts_with(known) => {
            return Err(disk::wrong(
                "the incident went on here in another way than where it was packed",
            ));
        }
        Some(_) | None => {}
    }
    let mut private = DirBuilder::new();
    private.recursive(true).mode(0o700);
    for (name, bytes) in &packed.files {
        let path = folder.join(name);
        private.create(path.parent().unwrap_or(&folder))?;
        disk::replace(&path, bytes)?;
    }
    private.create(&folder)?;
    disk::replace(&folder.join(JOURNAL), &packed.journal)
}

impl Incidents {
    /// Opens the journal of an incident by its name.
    async fn resume(
        &self,
        id: &IncidentId,
        author: Author,
        now: Timestamp,
    ) -> Result<Journal, Fault> {
        let (root, id) = (self.root().to_owned(), id.clone());
        disk::ask(
            Asking::new("keep the journal of", id.to_string()),
            move || Journal::resume(&root, id, author, now),
        )
        .await
    }
}
