//! The incident folders: `$XDG_STATE_HOME/tfsos/incidents/<time>-<place>/`, for
//! the user's eyes only, each with its `journal.jsonl` and its `backups/`. An
//! incident stays open until its journal says that it is closed, and whoever
//! comes to its place takes it up again.

mod locks;

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::disk::{self, Asking};
use super::journal::{BACKUPS, JOURNAL, JOURNAL_LIMIT, Journal, PLANS};
use crate::fault::Fault;
use crate::incident::{
    Author, Custody, Entry, Event, IncidentId, OpenPlan, Reading, custody, open_plans,
};
use crate::place::{Backend, Environment, Place};
use crate::recovery::afterwards::Deed;
use crate::recovery::{Cargo, Mark, Plan};

const BACKUP_LIMIT: u64 = 5 << 30;

/// All incidents of this user.
#[derive(Debug, Clone)]
pub struct Incidents {
    root: PathBuf,
}

impl Incidents {
    /// The folder that the XDG rules give; an empty or relative `XDG_STATE_HOME` counts as unset.
    pub fn of(environment: &Environment) -> Result<Self, Fault> {
        let absolute = |name| {
            let told = environment.value(name).map(PathBuf::from);
            told.filter(|path| path.is_absolute())
        };
        let state = absolute("XDG_STATE_HOME")
            .or_else(|| Some(absolute("HOME")?.join(".local").join("state")));
        let state = state.ok_or_else(|| {
            Fault::new(
                "keep a journal",
                "",
                "neither XDG_STATE_HOME nor HOME is an absolute path",
            )
            .hint("set XDG_STATE_HOME to a folder of yours")
        })?;
        Ok(Self::at(state.join("tfsos").join("incidents")))
    }

    /// The incidents of this folder, which need not be there yet.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    pub fn folder(&self, id: &IncidentId) -> PathBuf {
        self.root.join(id.as_str())
    }

    /// The names of all incidents, the newest first.
    pub async fn list(&self) -> Result<Vec<IncidentId>, Fault> {
        let root = self.root.clone();
        disk::ask(self.asking("list the incidents in"), move || names(&root)).await
    }

    /// The verified journal of one incident; none where there is no such incident.
    pub async fn read(&self, id: &IncidentId) -> Result<Option<Reading>, Fault> {
        let folder = self.folder(id);
        let asking = Asking::new("read the journal of", id.as_str());
        disk::ask(asking, move || reading(&folder)).await
    }

    /// The open incident of a place, without touching it.
    pub async fn open_at(&self, place: &str) -> Result<Option<(IncidentId, Reading)>, Fault> {
        let (root, place) = (self.root.clone(), place.to_owned());
        disk::ask(self.asking("look for an open incident in"), move || {
            find_open(&root, &place)
        })
        .await
    }

    /// Takes the open incident of a place up again, or begins one.
    pub async fn enter(
        &self,
        place: &str,
        author: Author,
        now: Timestamp,
    ) -> Result<Journal, Fault> {
        let (root, place) = (self.root.clone(), place.to_owned());
        disk::ask(self.asking("keep a journal in"), move || {
            let _alone = at_the_door(&root)?;
            match find_open(&root, &place)? {
                Some((id, _)) => Journal::resume(&root, id, author, now),
                None => Journal::begin(&root, free_name(&root, &place, now), &place, author, now),
            }
        })
        .await
    }

    /// The same for a plan whose lock names its incident already: it is that
    /// one, or the plan has to be made anew.
    pub async fn enter_for(
        &self,
        plan: &Plan,
        place: &str,
        (author, now): (Author, Timestamp),
    ) -> Result<Journal, Fault> {
        let named = plan.errand().map(|errand| errand.incident);
        let Some(named) = named.and_then(|name| IncidentId::parse(&name)) else {
            return self.enter(place, author, now).await;
        };
        let (root, place) = (self.root.clone(), place.to_owned());
        let title = plan.title.clone();
        disk::ask(Asking::new("keep a journal of", title), move || {
            let _alone = at_the_door(&root)?;
            match find_open(&root, &place)? {
                Some((id, _)) if id == named => Journal::resume(&root, id, author, now),
                Some((id, _)) => Err(disk::wrong(format!(
                    "the incident {id} was begun here meanwhile: make the plan anew"
                ))),
                None => Journal::begin(&root, named, &place, author, now),
            }
        })
        .await
    }

    /// The name of the incident that a plan made now is of: the open one, or the one that it will begin.
    pub async fn upcoming(&self, place: &str, now: Timestamp) -> Result<IncidentId, Fault> {
        let (root, place) = (self.root.clone(), place.to_owned());
        disk::ask(self.asking("look for an open incident in"), move || {
            let open = find_open(&root, &place)?;
            Ok(open.map_or_else(|| free_name(&root, &place, now), |(id, _)| id))
        })
        .await
    }

    /// The last plan that was done at a place, however its incident ended; none
    /// where the newest incident there has none.
    pub async fn last_deed(&self, place: &str) -> Result<Option<Deed>, Fault> {
        let (root, place) = (self.root.clone(), place.to_owned());
        disk::ask(self.asking("read the journals in"), move || {
            for id in names_at(&root, &place)? {
                let folder = root.join(id.as_str());
                let read = reading(&folder)?.filter(|reading| reading.broken.is_none());
                if let Some(reading) = read.filter(|reading| is_at(&reading.entries, &place)) {
                    return Ok(last_deed(&folder, &reading.entries));
                }
            }
            Ok(None)
        })
        .await
    }

    /// The whole of an incident: its journal, its backups and its plans by their relative names.
    pub async fn contents(&self, id: &IncidentId) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let folder = self.folder(id);
        let asking = Asking::new("read the incident", id.as_str());
        disk::ask(asking, move || contents(&folder)).await
    }

    /// A plan that was kept, with the bytes that it is to write; none where it was not kept.
    pub async fn plan(&self, id: &IncidentId, open: &OpenPlan) -> Result<Option<Plan>, Fault> {
        let (folder, open) = (self.folder(id), open.clone());
        let asking = Asking::new("read the open plan of", id.as_str());
        disk::ask(asking, move || kept_plan(&folder, &open)).await
    }

    /// The folder of all incidents.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Deletes an incident's folder.
    pub async fn remove(&self, id: &IncidentId) -> Result<(), Fault> {
        let folder = self.folder(id);
        let asking = Asking::new("delete the incident", id.as_str());
        disk::ask(asking, move || fs::remove_dir_all(folder)).await
    }

    fn asking(&self, doing: &'static str) -> Asking {
        Asking::new(doing, self.root.display().to_string())
    }
}

fn kept_plan(folder: &Path, open: &OpenPlan) -> io::Result<Option<Plan>> {
    let plan = &open.plan;
    if !plan.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(disk::wrong("the journal names a plan that is none"));
    }
    let path = folder.join(PLANS).join(format!("{plan}.json"));
    let Some(bytes) = disk::read(&path, JOURNAL_LIMIT)? else {
        return Ok(None);
    };
    if !open.kept.is_empty() && open.kept != HEXLOWER.encode(&Sha256::digest(&bytes)) {
        return Err(disk::wrong("its file is not what the journal says"));
    }
    let mut plan: Plan = serde_json::from_slice(&bytes)?;
    if let Some(mark) = plan.candidate() {
        let path = folder.join(BACKUPS).join(candidate_name(mark));
        let bytes = disk::read(&path, BACKUP_LIMIT)?;
        let bytes = bytes.ok_or_else(|| disk::wrong("the bytes that it is to write are gone"))?;
        if Mark::of(&bytes) != *mark {
            return Err(disk::wrong("the bytes that it is to write were changed"));
        }
        plan.cargo = Some(Cargo(bytes.into()));
    }
    Ok(Some(plan))
}

/// The file in `backups/` that keeps the bytes of a state.
pub fn candidate_name(mark: &Mark) -> String {
    format!("{}.tfstate", &mark.sha256[..12.min(mark.sha256.len())])
}

/// What tells a place apart from every other: its name, and where that name is valid.
pub fn identity(place: &Place) -> String {
    let name = place.full_name();
    match &place.backend {
        Backend::S3(s3) => match &s3.endpoints.s3 {
            Some(endpoint) => format!("{endpoint} {name}"),
            None => name,
        },
        Backend::Sandbox(sandbox) => format!("sandbox {} {name}", absolute(&sandbox.root)),
        Backend::Local(local) => absolute(&local.path),
        Backend::Other { .. } => name,
    }
}

/// The folder is resolved, the file need not be there.
fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let resolved = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok());
    match (resolved, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name).display().to_string(),
        _ => path.display().to_string(),
    }
}

fn names(root: &Path) -> io::Result<Vec<IncidentId>> {
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().to_str().and_then(IncidentId::parse));
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

fn reading(folder: &Path) -> io::Result<Option<Reading>> {
    let bytes = disk::read(&folder.join(JOURNAL), JOURNAL_LIMIT)?;
    Ok(bytes.map(|bytes| Reading::of(&bytes)))
}

/// The incidents that may be of a place, the newest first: the name of one
/// ends in its place, so that most need not be read.
fn names_at(root: &Path, place: &str) -> io::Result<Vec<IncidentId>> {
    let here = IncidentId::begun(Timestamp::UNIX_EPOCH, place);
    let ending = here.as_str().split_once('-').map_or("", |(_, place)| place);
    let mut names = names(root)?;
    names.retain(|id| id.as_str().ends_with(ending));
    Ok(names)
}

/// Makes the folder of all incidents and waits until this process alone enters
/// one: two that look for an open incident at the same moment would each begin
/// one, or trip over the other's half-made folder.
fn at_the_door(root: &Path) -> io::Result<fs::File> {
    let mut private = fs::DirBuilder::new();
    private.recursive(true).mode(0o700).create(root)?;
    let door = fs::File::open(root)?;
    disk::hold(&door)?;
    Ok(door)
}

/// A name that no incident bears: two of one place in one second are told apart by a second more.
fn free_name(root: &Path, place: &str, now: Timestamp) -> IncidentId {
    let mut begun = now;
    loop {
        let id = IncidentId::begun(begun, place);
        if !root.join(id.as_str()).exists() {
            return id;
        }
        begun += jiff::SignedDuration::from_secs(1);
    }
}

/// The open incident of a place: the newest, but one with an open plan before one without.
fn find_open(root: &Path, place: &str) -> io::Result<Option<(IncidentId, Reading)>> {
    let mut newest = None;
    for id in names_at(root, place)? {
        let Some(reading) = reading(&root.join(id.as_str()))? else {
            continue;
        };
        // A journal that was tampered with is evidence: nothing is appended to it.
        if reading.broken.is_none() && is_open_at(&reading.entries, place) {
            let found = Some((id, reading));
            if found
                .as_ref()
                .is_some_and(|(_, reading)| !open_plans(&reading.entries).is_empty())
            {
                return Ok(found);
            }
            newest = newest.or(found);
        }
    }
    Ok(newest)
}

/// The last plan that a journal says is done; its states are known by their marks alone.
fn last_deed(folder: &Path, entries: &[Entry]) -> Option<Deed> {
    let (at, done) = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Finished { plan, outcome } if outcome == "done" => Some((entry.at, plan)),
        _ => None,
    })?;
    let kept = entries.iter().find_map(|entry| match &entry.event {
        Event::Planned { plan, kept, .. } if plan == done => Some(kept),
        _ => None,
    })?;
    let path = folder.join(PLANS).join(format!("{done}.json"));
    let bytes = disk::read(&path, JOURNAL_LIMIT).ok()??;
    let plan: Plan = serde_json::from_slice(&bytes).ok()?;
    let is_ours = *kept == HEXLOWER.encode(&Sha256::digest(&bytes));
    is_ours.then(|| Deed {
        title: plan.title.clone(),
        at,
        writes: plan.writes().cloned().collect(),
    })
}

fn is_at(entries: &[Entry], place: &str) -> bool {
    entries.first().is_some_and(|entry| match &entry.event {
        Event::Opened { place: opened, .. } => opened == place,
        _ => false,
    })
}

fn is_open_at(entries: &[Entry], place: &str) -> bool {
    let here = is_at(entries, place);
    let closed = entries.last().map(|entry| &entry.event) == Some(&Event::Closed);
    here && !closed && custody(entries) == Custody::Here
}

fn contents(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let read = |path: &Path| disk::read(path, BACKUP_LIMIT).map(Option::unwrap_or_default);
    let mut contents = vec![(JOURNAL.to_owned(), read(&folder.join(JOURNAL))?)];
    for part in [BACKUPS, PLANS] {
        let files = match fs::read_dir(folder.join(part)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            files => files?,
        };
        for file in files {
            let file = file?;
            let name = format!("{part}/{}", file.file_name().to_string_lossy());
            contents.push((name, read(&file.path())?));
        }
    }
    contents[1..].sort();
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::io::journal::Entered;
    use crate::io::stage::{enter, incidents, note};

    #[tokio::test]
    async fn an_open_incident_is_taken_up_again_and_a_closed_one_is_not() {
        let (_folder, incidents) = incidents();
        let first = enter(&incidents).await;
        let again = enter(&incidents).await;
        assert_eq!(first.id(), again.id());
        assert_eq!(again.entered(), Entered::Resumed);
        again.write(Event::Closed, None).await.unwrap();
        let next = enter(&incidents).await;
        assert_ne!(first.id(), next.id());
        assert_eq!(incidents.list().await.unwrap().len(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_many_that_enter_at_the_same_moment_one_begins_the_incident_of_all() {
        for _ in 0..20 {
            let (_folder, incidents) = incidents();
            let runs: Vec<_> = (0..8)
                .map(|_| {
                    let incidents = incidents.clone();
                    tokio::spawn(async move { enter(&incidents).await.entered() })
                })
                .collect();
            let mut began = 0;
            for run in runs {
                began += usize::from(run.await.unwrap() == Entered::Begun);
            }
            assert_eq!((began, incidents.list().await.unwrap().len()), (1, 1));
        }
    }

    #[tokio::test]
    async fn a_journal_that_was_changed_is_never_continued() {
        let (_folder, incidents) = incidents();
        let journal = enter(&incidents).await;
        let path = incidents.folder(journal.id()).join(JOURNAL);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("ada@laptop", "eve@laptop!")).unwrap();
        assert!(journal.write(note("x"), None).await.is_err());
        assert_ne!(enter(&incidents).await.id(), journal.id());
    }

    #[tokio::test]
    async fn only_the_user_may_read_it() {
        let (_folder, incidents) = incidents();
        let journal = enter(&incidents).await;
        let saved = journal
            .save("s3-1.lock".into(), b"{}".to_vec())
            .await
            .unwrap();
        let folder = incidents.folder(journal.id());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join(JOURNAL)), 0o600);
        assert_eq!(mode(&folder.join(&saved.file)), 0o600);
        let contents = incidents.contents(journal.id()).await.unwrap();
        assert_eq!(contents[1], ("backups/s3-1.lock".into(), b"{}".to_vec()));
    }
}
