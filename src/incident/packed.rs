//! An incident in one file, on its way to another machine. What is unpacked is
//! only what the journal vouches for: an intact chain that ends in the packed
//! head, backups and plans with the very hashes that stand in it.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Custody, Entry, Event, IncidentId, Reading, custody};

const SCHEMA: u32 = 1;
/// The file of the journal, in the folder of an incident.
pub const JOURNAL: &str = "journal.jsonl";

/// The one object of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    schema: u32,
    incident: String,
    head: String,
    /// By their names in the folder of the incident, each as base64.
    files: BTreeMap<String, String>,
}

/// An incident that was found to be what was packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    pub incident: IncidentId,
    /// Where it began.
    pub place: String,
    pub journal: Vec<u8>,
    /// Backups and plans, by their names in the folder of the incident.
    pub files: BTreeMap<String, Vec<u8>>,
    pub custody: Custody,
}

/// What is packed of an incident: its journal, and of `files` those that it names.
pub fn pack(incident: &IncidentId, journal: &[u8], files: Vec<(String, Vec<u8>)>) -> String {
    let reading = Reading::of(journal);
    let named = named(&reading.entries);
    let mut packed: BTreeMap<_, _> = files
        .into_iter()
        .filter(|(name, _)| named.contains_key(name))
        .map(|(name, bytes)| (name, BASE64.encode(&bytes)))
        .collect();
    packed.insert(JOURNAL.to_owned(), BASE64.encode(journal));
    let file = File {
        schema: SCHEMA,
        incident: incident.to_string(),
        head: reading.chain.head,
        files: packed,
    };
    serde_json::to_string(&file).unwrap_or_default()
}

impl Packed {
    /// Reads a packed incident, or says in a sentence why it is not taken up.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(bytes)
            .map_err(|_| "it is not a file that tfsos journal export wrote".to_owned())?;
        if file.schema != SCHEMA {
            return Err(format!("its schema is {}, and not {SCHEMA}", file.schema));
        }
        let mut files = BTreeMap::new();
        for (name, text) in &file.files {
            let bytes = BASE64.decode(text.as_bytes());
            files.insert(
                name.clone(),
                bytes.map_err(|_| format!("{name} is cut or changed"))?,
            );
        }
        let journal = files.remove(JOURNAL).ok_or("it has no journal")?;
        let reading = Reading::of(&journal);
        if let Some(broken) = &reading.broken {
            return Err(format!(
                "its journal was changed at entry {}: {}",
                broken.at, broken.why
            ));
        }
        if reading.torn > 0 || reading.chain.head != file.head {
            return Err("its journal does not end in the head that was packed".to_owned());
        }
        vouched(&reading.entries, &files)?;
        let incident = IncidentId::parse(&file.incident);
        let opened = match reading.entries.first().map(|entry| &entry.event) {
            Some(Event::Opened { incident, place }) if *incident == file.incident => Some(place),
            _ => None,
        };
        let (Some(incident), Some(place)) = (incident, opened) else {
            return Err("its journal is that of another incident".to_owned());
        };
        Ok(Self {
            incident,
            place: place.clone(),
            custody: custody(&reading.entries),
            journal,
            files,
        })
    }
}

/// The files that a journal names, with the hash of each.
fn named(entries: &[Entry]) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for entry in entries {
        match &entry.event {
            Event::Saved { file, sha256, .. } => {
                named.insert(file.clone(), sha256.clone());
            }
            Event::Planned { plan, kept, .. } => {
                named.insert(format!("plans/{plan}.json"), kept.clone());
            }
            _ => {}
        }
    }
    named
}

/// Whether each file is one that the journal names, with what it says of it, and none is missing.
fn vouched(entries: &[Entry], files: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let named = named(entries);
    for (name, bytes) in files {
        if !is_plain(name) {
            return Err(format!("{name} is no name of a file of an incident"));
        }
        if named.get(name) != Some(&HEXLOWER.encode(&Sha256::digest(bytes))) {
            return Err(format!("{name} is not what its journal says"));
        }
    }
    match named.keys().find(|name| !files.contains_key(*name)) {
        Some(missing) => Err(format!("{missing} is missing")),
        None => Ok(()),
    }
}

/// A file of one of the two folders, whose name leads nowhere else.
fn is_plain(name: &str) -> bool {
    let file = ["backups/", "plans/"]
        .iter()
        .find_map(|folder| name.strip_prefix(folder));
    file.is_some_and(|file| IncidentId::parse(file).is_some())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::incident::{Author, Chain, Intent};

    const INCIDENT: &str = "20261122T021407Z-tfb-net";

    fn sha256(bytes: &[u8]) -> String {
        HEXLOWER.encode(&Sha256::digest(bytes))
    }

    fn journal(saved: &[(&str, &[u8])]) -> Vec<u8> {
        let author = Author {
            caller: "ada@laptop".into(),
            user: "ada@laptop".into(),
            tfsos: "0.1.0".into(),
        };
        let opened = Event::Opened {
            incident: INCIDENT.into(),
            place: "tfb/net".into(),
        };
        let planned = Event::Planned {
            plan: "0a1b2c3d".into(),
            intent: Intent::Release,
            title: "release".into(),
            subject: "a1".into(),
            lock: "a1".into(),
            targets: Vec::new(),
            kept: sha256(b"{}"),
        };
        let saved = saved.iter().map(|(file, bytes)| Event::Saved {
            plan: "0a1b2c3d".into(),
            file: (*file).to_owned(),
            sha256: sha256(bytes),
            bytes: bytes.len() as u64,
        });
        let mut chain = Chain::default();
        let events = [opened, planned].into_iter().chain(saved);
        let lines = events.map(|event| {
            chain
                .append(Timestamp::UNIX_EPOCH, &author, event, None)
                .unwrap()
        });
        lines.collect::<Vec<_>>().concat().into_bytes()
    }

    const LOCK: (&str, &[u8]) = ("backups/s3-1.lock", b"{\"ID\":\"a1\"}");

    fn packed(files: &[(&str, &[u8])]) -> String {
        let files = files.iter();
        let files = files.map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        let id = IncidentId::parse(INCIDENT).unwrap();
        pack(&id, &journal(&[LOCK]), files.collect())
    }

    const WHOLE: [(&str, &[u8]); 2] = [LOCK, ("plans/0a1b2c3d.json", b"{}")];

    fn refused(text: &str) -> String {
        Packed::read(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_was_packed_is_unpacked_and_nothing_that_the_journal_does_not_name() {
        let more = [&WHOLE[..], &[("backups/.part-1", b"half".as_slice())]].concat();
        let read = Packed::read(packed(&more).as_bytes()).unwrap();
        assert_eq!(
            (read.incident.as_str(), read.place.as_str()),
            (INCIDENT, "tfb/net")
        );
        assert_eq!(read.files.len(), 2);
        assert_eq!(read.journal, journal(&[LOCK]));
    }

    #[test]
    fn whatever_was_changed_on_the_way_is_refused() {
        assert!(refused("{}").contains("not a file"));
        assert!(refused(&packed(&WHOLE[..1])).contains("plans/0a1b2c3d.json is missing"));
        let other = [LOCK, ("plans/0a1b2c3d.json", b"{\"steps\":[]}".as_slice())];
        assert!(refused(&packed(&other)).contains("not what its journal says"));
        let text = packed(&WHOLE);
        let changed = BASE64.encode(&journal(&[LOCK]));
        let edited = String::from_utf8(journal(&[LOCK]))
            .unwrap()
            .replace("ada@", "eve@");
        let edited = text.replace(&changed, &BASE64.encode(edited.as_bytes()));
        assert!(refused(&edited).contains("changed at entry 0"));
        let cut = journal(&[]);
        let shorter = text.replace(&changed, &BASE64.encode(&cut));
        assert!(refused(&shorter).contains("the head that was packed"));
        assert!(
            refused(&text.replace(INCIDENT, "20261122T021408Z-tfb-net"))
                .contains("another incident")
        );
    }

    #[test]
    fn no_name_leads_out_of_the_incident() {
        for name in [
            "../x",
            "backups/../x",
            "/etc/passwd",
            "backups/.x",
            "x",
            "plans/a/b",
        ] {
            assert!(!is_plain(name), "{name}");
        }
        assert!(is_plain("backups/s3-1.lock") && is_plain("plans/0a1b2c3d.json"));
    }
}
