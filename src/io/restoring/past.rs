//! What the history of a state says, read no further than the question needs.
//! The newest bodies are read whole until the lineage is settled; of the older
//! ones only the beginning is, where Terraform writes serial and lineage. A
//! large body is alone in memory while it is read, and none stays there.

use tokio::task::{JoinSet, spawn_blocking};

use super::super::remote::Remote;
use crate::fault::Fault;
use crate::recovery::restore::Past;
use crate::state::{
    Contents, Entry, Kind, LastGood, Reading, Roll, Serial, Version, VersionId, Versions,
    is_settled, last_good, lineages,
};

/// How many versions are looked at to find the highest serial and the last good one.
const VERSIONS: usize = 100;
/// Bodies that are this large together are read at the same time.
const TOGETHER: u64 = 8 << 20;
const AT_ONCE: usize = 4;
/// Terraform writes lineage and serial into the first two hundred bytes.
const BEGINNING: u64 = 4 << 10;

/// What is asked of a history beside the established lineage and the highest serial.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub last_good: Asked,
    /// The stored digest, whose version is looked for.
    pub digest: Option<&'a str>,
}

/// Whether it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Yes,
    No,
}

/// What was read of a history.
#[derive(Debug)]
pub struct History {
    pub versions: Versions,
    /// What the newest bodies say, newest first; one that could not be read is left out.
    pub read: Vec<(VersionId, Contents)>,
    /// Lineage and serial of the others.
    beginnings: Vec<(String, Serial)>,
    /// How many of all of them could not be read.
    unread: usize,
}

impl History {
    pub async fn of(remote: &Remote, question: Question<'_>) -> Result<Self, Fault> {
        let mut history = Self {
            versions: remote.versions(VERSIONS).await?,
            read: Vec::new(),
            beginnings: Vec::new(),
            unread: 0,
        };
        let objects = history.versions.list.iter();
        let objects = objects.filter(|version| version.kind == Kind::Object);
        let objects: Vec<Version> = objects.cloned().collect();
        let mut left = objects.as_slice();
        while !left.is_empty() && !history.answers(question) {
            let (now, later) = left.split_at(together(left));
            let read = whole(remote, now).await;
            history.unread += now.len() - read.len();
            history.read.extend(read);
            left = later;
        }
        let (beginnings, unread) = beginnings(remote, left).await;
        history.beginnings = beginnings;
        history.unread += unread;
        Ok(history)
    }

    pub fn entries(&self) -> Vec<Entry<'_>> {
        let of = |id: &VersionId| self.read.iter().find(|(read, _)| read == id);
        let entry = |version| Entry {
            version,
            contents: of(&version.id).map(|(_, contents)| contents),
        };
        self.versions.list.iter().map(entry).collect()
    }

    pub fn last_good(&self) -> LastGood {
        last_good(&self.entries())
    }

    pub fn past(&self) -> Past {
        let read = || self.read.iter().map(|(_, contents)| contents);
        let whole = read().filter_map(|one| Some((one.lineage.clone()?, one.serial?)));
        Past {
            lineages: lineages(&self.entries()),
            serials: whole.chain(self.beginnings.iter().cloned()).collect(),
            digests: read().map(|one| (one.md5.clone(), one.serial)).collect(),
            more: self.versions.more,
            unread: self.unread,
        }
    }

    /// Whether no older body could change an answer.
    fn answers(&self, question: Question<'_>) -> bool {
        let found = |md5| self.read.iter().any(|(_, contents)| contents.md5 == md5);
        question.last_good == Asked::No
            && question.digest.is_none_or(found)
            && is_settled(&self.entries())
    }
}

/// How many of them are read at the same time: at least one.
fn together(versions: &[Version]) -> usize {
    let mut size = 0;
    let fits = |version: &&Version| {
        size += version.size;
        size <= TOGETHER
    };
    versions
        .iter()
        .take(AT_ONCE)
        .take_while(fits)
        .count()
        .max(1)
}

/// What each body says, in their order.
async fn whole(remote: &Remote, versions: &[Version]) -> Vec<(VersionId, Contents)> {
    let mut under_way = JoinSet::new();
    for (place, version) in versions.iter().enumerate() {
        let (remote, id) = (remote.clone(), version.id.clone());
        under_way.spawn(async move {
            let contents = sum_up(&remote, &id).await?;
            Some((place, (id, contents)))
        });
    }
    let mut read: Vec<_> = under_way.join_all().await.into_iter().flatten().collect();
    read.sort_by_key(|(place, _)| *place);
    read.into_iter().map(|(_, one)| one).collect()
}

async fn sum_up(remote: &Remote, id: &VersionId) -> Option<Contents> {
    let body = remote.body(id).await.ok()?;
    let work = spawn_blocking(move || Roll::of(body).contents());
    work.await.ok()
}

/// Lineage and serial of each, from its beginning where they stand there, and
/// how many could not be read.
async fn beginnings(remote: &Remote, versions: &[Version]) -> (Vec<(String, Serial)>, usize) {
    let (mut found, mut unread) = (Vec::new(), 0);
    for some in versions.chunks(2 * AT_ONCE) {
        let mut under_way = JoinSet::new();
        for version in some.iter().filter(|version| version.size > 0) {
            let (remote, id) = (remote.clone(), version.id.clone());
            under_way.spawn(async move { (beginning(&remote, &id).await, id) });
        }
        for (beginning, id) in under_way.join_all().await {
            if beginning.is_some() {
                found.extend(beginning);
                continue;
            }
            // Another layout than Terraform's own: its body is read, and dropped.
            match sum_up(remote, &id).await {
                Some(one) => found.extend(one.lineage.zip(one.serial)),
                None => unread += 1,
            }
        }
    }
    (found, unread)
}

async fn beginning(remote: &Remote, id: &VersionId) -> Option<(String, Serial)> {
    let reading = Reading::of(remote.head(id, BEGINNING).await.ok()?);
    let header = reading.header()?;
    Some((header.lineage.clone()?, header.serial?))
}
