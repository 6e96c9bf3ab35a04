//! `tfsos versions`: the history of a state, newest first, with what each body
//! says of itself. Damage in it is listed, not a failure.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::site::{Ended, Site};
use super::{Answer, Exit};
use crate::app::text::{age, size, visible, width};
use crate::args::Versions as Asked;
use crate::config::Settings;
use crate::fault::Fault;
use crate::io::others;
use crate::io::state::Sums;
use crate::lock::Writers;
use crate::state::{
    Contents, Entry, Health, Kind, LastGood, Others, Version, VersionId, Versioning, Versions,
    last_good,
};

/// How many former locks are read to tell who wrote what.
const FORMER: usize = 100;

/// Health, id, age, size, serial and resources.
const COLUMNS: usize = 6;

/// The versions with what was read of them.
struct History {
    versions: Versions,
    read: HashMap<VersionId, Result<Contents, Fault>>,
    /// Other states that may be good, read like the versions.
    others: Others,
    /// Nobody where the former locks are not kept or may not be read.
    writers: Writers,
}

pub async fn answer(asked: &Asked, settings: &Settings) -> Result<Answer, Ended> {
    let site = Site::open(&asked.place).await?.caching(settings)?;
    let listed = site.remote.versions(asked.limit).await;
    let mut versions = listed.map_err(super::site::unable)?;
    if let Some(since) = asked.since {
        let now = Timestamp::now();
        versions
            .list
            .retain(|version| since.holds(version.modified, now));
    }
    let replica = &settings.replica_bucket.value;
    let others = Box::pin(others::look(&site.place, Ok(&site.remote), replica)).await;
    let history = History::read(&site, versions, others).await;
    let unseen = history.unseen();
    let exit = if unseen.is_empty() {
        Exit::Done
    } else {
        Exit::Unable
    };
    let name = visible(&site.place.full_name()).into_owned();
    let mut answer = site.answer(exit, history.text(&name, Timestamp::now()));
    answer.own.extend([
        ("versioning".to_owned(), json!(history.versions.versioning)),
        ("last_good".to_owned(), json!(history.last_good().one())),
        ("versions".to_owned(), history.json()),
        ("others".to_owned(), history.others_json()),
    ]);
    answer.unseen = unseen;
    Ok(answer)
}

impl History {
    /// Reads every body of the list, a few at a time.
    async fn read(site: &Site, versions: Versions, others: Others) -> Self {
        let bodies = versions.list.iter().chain(&others.list);
        let bodies = bodies.filter(|version| version.kind.has_body());
        let fetch = |version: Version| {
            let remote = site.remote.clone();
            async move { others::body(&version, &remote).await }
        };
        let mut read = HashMap::new();
        let mut sums = Sums::new(bodies.cloned().collect(), fetch);
        while let Some((id, outcome)) = sums.next().await {
            read.insert(id, outcome);
        }
        // Who may not list former locks still sees every version.
        let former = site
            .remote
            .former_locks(versions.list.len().min(FORMER))
            .await;
        Self {
            versions,
            read,
            others,
            writers: Writers::of(&former.unwrap_or_default()),
        }
    }

    fn contents(&self, version: &Version) -> Option<&Contents> {
        self.read.get(&version.id)?.as_ref().ok()
    }

    fn health(&self, version: &Version) -> Health {
        match version.kind {
            Kind::DeleteMarker => Health::Deleted,
            Kind::Object | Kind::Beside(_) => self
                .contents(version)
                .map_or(Health::Unread, |contents| contents.health),
        }
    }

    /// Who held the lock when it was written.
    fn writer(&self, version: &Version) -> Option<&str> {
        let stored = version.source().is_none();
        Some(&self.writers.at(version.modified).filter(|_| stored)?.who)
    }

    fn last_good(&self) -> LastGood {
        let entries: Vec<Entry<'_>> = self
            .versions
            .list
            .iter()
            .map(|version| Entry {
                version,
                contents: self.contents(version),
            })
            .collect();
        last_good(&entries)
    }

    /// The history and the bodies that could not be read, each as a sentence.
    fn unseen(&self) -> Vec<String> {
        let denied = self.versions.denied.iter().chain(&self.others.unseen);
        let bodies = self.versions.list.iter().chain(&self.others.list);
        let unread = bodies.filter_map(|version| self.read.get(&version.id)?.as_ref().err());
        denied.chain(unread).map(Fault::to_string).collect()
    }

    fn json(&self) -> Value {
        let current = self.versions.list.first().map(|version| &version.id);
        let version = |version: &Version| {
            let contents = self.contents(version);
            json!({
                "version_id": version.id,
                "current": Some(&version.id) == current,
                "delete_marker": version.kind == Kind::DeleteMarker,
                "at": version.modified.to_string(),
                "size": version.size,
                "serial": contents.and_then(|contents| contents.serial),
                "lineage": contents.and_then(|contents| contents.lineage.as_deref()),
                "resources": contents.and_then(|contents| contents.resources),
                "md5": contents.map(|contents| &contents.md5),
                "health": self.health(version),
                "writer": self.writer(version),
            })
        };
        self.versions.list.iter().map(version).collect()
    }

    fn others_json(&self) -> Value {
        let other = |version: &Version| {
            let contents = self.contents(version);
            json!({
                "source": version.source(),
                "ref": version.id,
                "at": version.modified.to_string(),
                "size": version.size,
                "serial": contents.and_then(|contents| contents.serial),
                "lineage": contents.and_then(|contents| contents.lineage.as_deref()),
                "resources": contents.and_then(|contents| contents.resources),
                "md5": contents.map(|contents| &contents.md5),
                "health": self.health(version),
            })
        };
        self.others.list.iter().map(other).collect()
    }

    fn text(&self, name: &str, now: Timestamp) -> String {
        let kept = match self.versions.versioning {
            Versioning::Enabled => "",
            Versioning::Suspended => {
                " (versioning suspended: the next write destroys what it replaces)"
            }
            Versioning::Off => " (versioning off)",
        };
        let mut text = format!("versions of {name}{kept}\n\n");
        if self.versions.list.is_empty() {
            text.push_str("  ● no state here yet\n");
        }
        let widths = self.widths(now);
        for version in &self.versions.list {
            text.push_str(&self.line(version, now, &widths));
        }
        if self.versions.more {
            text.push_str("  … older versions are there: --limit lists more\n");
        }
        if !self.others.list.is_empty() {
            text.push_str("\nno versions, and perhaps good: REF takes their names\n\n");
        }
        for version in &self.others.list {
            text.push_str(&self.line(version, now, &widths));
        }
        text.push_str(&self.way_back());
        text
    }

    /// What stands in the columns of a version.
    fn cells(&self, version: &Version, now: Timestamp) -> [String; COLUMNS] {
        let (glyph, word) = mark(self.health(version));
        let contents = self.contents(version);
        let serial = contents.and_then(|contents| contents.serial);
        let resources = contents.and_then(|contents| contents.resources);
        let known = |told: Option<String>| told.unwrap_or_else(|| "–".to_owned());
        [
            format!("{glyph} {word}"),
            visible(&version.id.0).into_owned(),
            coarse(age(now, version.modified)),
            size(version.size),
            known(serial.map(|serial| format!("serial {}", serial.0))),
            known(resources.map(|count| match count {
                1 => "1 resource".to_owned(),
                _ => format!("{count} resources"),
            })),
        ]
    }

    /// As narrow as what stands in it: a line of a version in S3 fits into 80 columns.
    fn widths(&self, now: Timestamp) -> [usize; COLUMNS] {
        let mut widths = [0; COLUMNS];
        for version in self.versions.list.iter().chain(&self.others.list) {
            for (widest, cell) in widths.iter_mut().zip(self.cells(version, now)) {
                *widest = width(&cell).max(*widest);
            }
        }
        widths
    }

    fn line(&self, version: &Version, now: Timestamp, widths: &[usize; COLUMNS]) -> String {
        let contents = self.contents(version);
        let mut line = " ".to_owned();
        for (column, (cell, widest)) in self.cells(version, now).iter().zip(widths).enumerate() {
            let gap = " ".repeat(widest.saturating_sub(width(cell)));
            // Words stand at the left, numbers at the right.
            let parts = match column {
                0 | 1 => [" ", cell, &gap],
                _ => [" ", &gap, cell],
            };
            line += &parts.concat();
        }
        line.push('\n');
        let remark = match version.source() {
            Some(source) => Some(format!("{}{}", source.words(), self.kin(contents))),
            None => self
                .writer(version)
                .map(|who| format!("by {}", visible(who))),
        };
        if let Some(remark) = remark {
            line.truncate(line.trim_end().len());
            // Writing to a string cannot fail.
            let _ = writeln!(line, "  {remark}");
        }
        let why = contents.and_then(|contents| contents.why.clone());
        let fault = self
            .read
            .get(&version.id)
            .and_then(|read| read.as_ref().err());
        if let Some(why) = why.or(fault.map(Fault::to_string)) {
            let _ = writeln!(line, "    {}", visible(&why));
        }
        line
    }

    /// That what was read is of another lineage than what is known to be good.
    fn kin(&self, contents: Option<&Contents>) -> &'static str {
        let good = self.last_good();
        let good = good.one().and_then(|id| self.read.get(id)?.as_ref().ok());
        let lineage = |contents: Option<&Contents>| contents?.lineage.clone();
        match (lineage(good), lineage(contents)) {
            (Some(known), Some(own)) if known != own => ", of another lineage",
            _ => "",
        }
    }

    fn way_back(&self) -> String {
        match self.last_good() {
            LastGood::One(id) => format!("\n  last good: {}\n", visible(&id.0)),
            LastGood::Several(ids) => {
                let ids: Vec<String> = ids.iter().map(|id| visible(&id.0).into_owned()).collect();
                format!(
                    "\n  ▲ more than one may be the last good version: {}\n",
                    ids.join(", ")
                )
            }
            LastGood::None if self.versions.list.is_empty() => String::new(),
            LastGood::None => "\n  ✖ none of these versions would load\n".to_owned(),
            LastGood::Unread => {
                "\n  ◌ the last good version is not known: not every body was read\n".to_owned()
            }
        }
    }
}

/// Of what is days old nobody counts the hours.
fn coarse(age: String) -> String {
    match age.split_once(" d ") {
        Some((days, _)) => format!("{days} d"),
        None => age,
    }
}

fn mark(health: Health) -> (char, &'static str) {
    match health {
        Health::Fine => ('✔', "fine"),
        Health::Empty => ('▲', "empty"),
        Health::Damaged => ('✖', "damaged"),
        Health::Encrypted => ('●', "encrypted"),
        Health::OlderFormat => ('●', "older format"),
        Health::Deleted => ('–', "deleted"),
        Health::Unread => ('◌', "unread"),
    }
}
