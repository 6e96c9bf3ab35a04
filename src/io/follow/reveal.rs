//! Showing what is masked, for a moment and because somebody asked: first it is
//! written into the journal who asked for what, and where that fails nothing is
//! shown.

use std::collections::HashSet;

use super::job::{Logs, blocking, shown};
use super::read::Unread;
use crate::app::effect::Ticket;
use crate::app::pane::Witness;
use crate::app::pane::log::{Decoded, Read};
use crate::fault::Fault;
use crate::io::revealing;
use crate::place::Environment;

/// The record with its secrets, once the journal has it.
pub async fn reveal(
    logs: &std::sync::Arc<Logs>,
    (feed, read): (Ticket, Read),
    witness: Witness,
    environment: &Environment,
) -> Result<Decoded, Fault> {
    revealing::note(&witness, environment).await?;
    let logs = std::sync::Arc::clone(logs);
    blocking(move |stop| {
        let unfolded: HashSet<_> = read.unfolded.iter().copied().collect();
        let reader = logs.reader(feed, read.file)?;
        let records = reader.revealed(read.generation, read.stretches, stop)?;
        let record = records.into_iter().next().ok_or(Unread::Replaced)?;
        Ok(shown(read.file, record, &unfolded))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::io::follow::{Listener, follow};
    use crate::log::{Feed, FileNo, Generation, Input, RecordNo, stretches};

    const TEXT: &str = "2026-11-22T02:00:01.000Z [INFO]  sent: password=hunter2\n";

    /// What is revealed of a log, and the journals of it in a folder.
    async fn revealed(state: &str, folder: &std::path::Path) -> (Result<Decoded, Fault>, String) {
        let path = folder.join("terraform.log");
        fs::write(&path, TEXT).unwrap();
        let (told, tells) = mpsc::channel();
        let follower = follow(Input::Path(path), move |feed| {
            let _ = told.send(feed);
            Listener::Listens
        });
        let follower = follower.unwrap();
        let mut index = None;
        while let Ok(feed) = tells.recv()
            && feed != Feed::CaughtUp
        {
            if let Feed::Read(grown) = feed {
                index = Some(grown.index);
            }
        }
        let logs = Arc::new(Logs::default());
        logs.open(Ticket(1), vec![follower.reader()]);
        let read = Read {
            file: FileNo(0),
            generation: Generation::default(),
            stretches: stretches(&index.unwrap(), &[RecordNo(0)]),
            unfolded: Vec::new(),
        };
        let witness = Witness {
            place: None,
            caller: None,
            name: "terraform.log".to_owned(),
            what: "the record of 02:00:01".to_owned(),
        };
        let environment = Environment::default().with("XDG_STATE_HOME", state);
        let outcome = reveal(&logs, (Ticket(1), read), witness, &environment).await;
        let incidents = fs::read_dir(folder.join("tfsos").join("incidents"));
        let incidents = incidents.into_iter().flatten().flatten();
        let journals = incidents.map(|entry| entry.path().join("journal.jsonl"));
        let journals = journals.map(|path| fs::read_to_string(path).unwrap());
        (outcome, journals.collect())
    }

    #[tokio::test]
    async fn a_look_at_a_secret_is_in_the_journal_and_the_secret_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().display().to_string();
        let (outcome, journal) = revealed(&state, folder.path()).await;
        assert!(outcome.unwrap().record.text.contains("hunter2"));
        assert!(journal.contains("\"kind\":\"revealed\",\"what\":\"the record of 02:00:01\""));
        assert!(!journal.contains("hunter2"));
    }

    #[tokio::test]
    async fn nothing_is_shown_where_no_journal_can_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (outcome, _) = revealed("no/absolute/path", folder.path()).await;
        assert!(outcome.is_err());
    }
}
