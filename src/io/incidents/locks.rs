//! What the journals of a place tell of its former locks: those that tfsos
//! ended, and those that were watched to their end.

use jiff::Timestamp;

use super::{Incidents, disk, find_open, is_at, names_at, reading};
use crate::fault::Fault;
use crate::incident::{Author, Event, IncidentId};
use crate::io::journal::Journal;
use crate::lock::Holder;
use crate::lock::habit::{Hold, Journaled, Source};

/// How many incidents of a place are asked.
const INCIDENTS: usize = 50;

impl Incidents {
    /// Writes the end of a lock into the open incident of a place: where none is open none is
    /// begun for it, and what a plan of that one ended did not end by itself.
    pub async fn note_end(
        &self,
        place: &str,
        end: Event,
        (author, now): (Author, Timestamp),
    ) -> Result<Option<IncidentId>, Fault> {
        let (root, place) = (self.root.clone(), place.to_owned());
        disk::ask(self.asking("write the journal in"), move || {
            let Some((id, reading)) = find_open(&root, &place)? else {
                return Ok(None);
            };
            let mut told = Journaled::default();
            for event in reading.entries.into_iter().map(|entry| entry.event) {
                note(&mut told, event);
            }
            let known = told.holds.len();
            note(&mut told, end.clone());
            if told.holds.len() == known {
                return Ok(None);
            }
            Journal::join(&root, id.clone(), author, now)?.append(end, None, now)?;
            Ok(Some(id))
        })
        .await
    }

    /// What the newest incidents of this place tell of its former locks, whether they are open or not.
    pub async fn former_locks(&self, place: &str) -> Result<Journaled, Fault> {
        let (root, place) = (self.root.clone(), place.to_owned());
        disk::ask(self.asking("read the journals in"), move || {
            let mut told = Journaled::default();
            for id in names_at(&root, &place)?.into_iter().take(INCIDENTS) {
                let Some(reading) = reading(&root.join(id.as_str()))? else {
                    continue;
                };
                if is_at(&reading.entries, &place) {
                    reading
                        .entries
                        .into_iter()
                        .for_each(|entry| note(&mut told, entry.event));
                }
            }
            Ok(told)
        })
        .await
    }
}

/// Takes in what an entry tells of a former lock.
fn note(told: &mut Journaled, event: Event) {
    match event {
        Event::Sent {
            operation, target, ..
        } if ["delete_lock", "take_over_lock"].contains(&operation.as_str()) => {
            told.ended.insert(target.sha256);
        }
        Event::LockEnded {
            lock,
            operation,
            who,
            created,
            gone,
            sha256,
        } if !told.ended.contains(&sha256) => told.holds.push(Hold {
            source: Source::Journal,
            holder: Some(Holder {
                id: lock,
                operation,
                who,
                ..Holder::default()
            }),
            from: created,
            to: gone,
        }),
        _ => {}
    }
}
