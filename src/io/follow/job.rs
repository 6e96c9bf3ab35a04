//! The jobs of the log pane. Reading is blocking work on its own threads; a
//! job that is replaced by a newer one takes its flag with it and stops
//! between two pieces.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::task;

use super::body::body;
use super::export::export;
use super::read::{Blocks, Unread};
use super::reveal::reveal;
use super::session::{self, Sessions};
use super::sift::{Batch, Sifter};
use super::{Listener, Reader, Stop, find, follow, judge};
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::log::{Decoded, LogJob, LogNews, Read, Sweep};
use crate::fault::Fault;
use crate::log::{
    FileNo, Generation, Index, Input, Level, Locator, Milepost, Pattern, Place, Record, RecordNo,
    Search,
};
use crate::place::Environment;

/// What is being followed, for the jobs that read in it.
#[derive(Debug, Default)]
pub struct Logs {
    feed: Mutex<Option<(Ticket, Vec<Reader>)>>,
    sessions: Sessions,
}

impl Logs {
    pub(super) fn open(&self, ticket: Ticket, readers: Vec<Reader>) {
        let mut feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        *feed = Some((ticket, readers));
    }

    pub(super) fn reader(&self, ticket: Ticket, file: FileNo) -> Result<Reader, Unread> {
        let feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        let readers = feed.as_ref().filter(|(of, _)| *of == ticket);
        let reader = readers.and_then(|(_, readers)| readers.get(usize::from(file.0)));
        reader.cloned().ok_or(Unread::Replaced)
    }
}

/// Does one job and returns the news that ends it; a feed and a search send
/// more meanwhile.
pub async fn perform(
    job: LogJob,
    logs: Arc<Logs>,
    environment: &Environment,
    news: Sender<Event>,
) -> LogNews {
    match job {
        LogJob::Find {
            ticket,
            named,
            directory,
        } => LogNews::Found {
            ticket,
            outcome: find(named, directory, environment).await,
        },
        LogJob::Follow { ticket, inputs } => LogNews::FeedEnded {
            ticket,
            outcome: follow_all(ticket, inputs, &logs, news).await,
        },
        LogJob::Decode {
            ticket,
            feed,
            reads,
        } => LogNews::Decoded {
            ticket,
            outcome: blocking(move |stop| decode(&logs, feed, reads, stop)).await,
        },
        LogJob::Search {
            ticket,
            feed,
            pattern,
            floor,
            sweeps,
        } => {
            let sweeper = Sweeper {
                ticket,
                pattern,
                floor,
                news,
            };
            LogNews::SearchEnded {
                ticket,
                outcome: blocking(move |stop| sweeper.sweep(&logs, feed, sweeps, stop)).await,
            }
        }
        LogJob::Export { .. }
        | LogJob::Recall { .. }
        | LogJob::Keep { .. }
        | LogJob::Reveal { .. } => perform_on_disk(job, logs, environment).await,
        LogJob::Locate {
            ticket,
            feed,
            file,
            generation,
            line,
            from,
            index,
        } => LogNews::Located {
            ticket,
            outcome: blocking(move |stop| {
                let reader = logs.reader(feed, file)?;
                locate(&reader, generation, (line, from), &index, stop)
            })
            .await,
        },
        LogJob::Judge {
            ticket,
            feed,
            heard,
        } => LogNews::Judged {
            ticket,
            outcome: blocking(move |stop| judge::judge(&logs, feed, &heard, stop)).await,
        },
        LogJob::Sift {
            ticket,
            feed,
            sieve,
            parts,
        } => {
            let sifter = Sifter {
                ticket,
                feed,
                sieve: *sieve,
                news,
            };
            LogNews::SiftEnded {
                ticket,
                outcome: blocking(move |stop| sifter.sift(&logs, parts, stop)).await,
            }
        }
    }
}

/// The jobs that leave something on disk, or read it back.
async fn perform_on_disk(job: LogJob, logs: Arc<Logs>, environment: &Environment) -> LogNews {
    match job {
        LogJob::Export {
            ticket,
            feed,
            path,
            selection,
        } => {
            let subject = path.display().to_string();
            let work = move |stop: &Stop| export(&logs, feed, &path, &selection, stop);
            LogNews::Exported {
                ticket,
                outcome: blocking_for(("export to", subject), work).await,
            }
        }
        LogJob::Recall { ticket, inputs } => LogNews::Recalled {
            ticket,
            outcome: session::recall(inputs, environment)
                .await
                .map(|session| session.map(Box::new)),
        },
        LogJob::Keep {
            ticket,
            inputs,
            session,
        } => LogNews::Kept {
            outcome: logs
                .sessions
                .keep(inputs, *session, ticket.0, environment)
                .await,
        },
        LogJob::Reveal {
            ticket,
            feed,
            read,
            witness,
        } => LogNews::Revealed {
            ticket,
            outcome: reveal(&logs, (feed, read), *witness, environment).await,
        },
        other => other.failed(Fault::new("do a job", "", "it is none of the disk")),
    }
}

/// Looks for the record of a line in a file.
fn locate(
    reader: &Reader,
    generation: Generation,
    (line, from): (u64, Milepost),
    index: &Index,
    stop: &Stop,
) -> Result<RecordNo, Unread> {
    let mut locator = Locator::new(line, from);
    let mut walk = reader.open(generation, from.offset..index.length())?;
    while locator.found().is_none()
        && let Some(bytes) = walk.next(stop)?
    {
        locator.feed(bytes);
    }
    let found = match locator.found() {
        Some(offset) => reader.record_at(generation, index, offset)?,
        None => None,
    };
    // It was there when it was asked for.
    found.ok_or(Unread::Replaced)
}

/// Follows every input until all have ended or this is dropped.
async fn follow_all(
    ticket: Ticket,
    inputs: Vec<Input>,
    logs: &Logs,
    news: Sender<Event>,
) -> Result<(), Fault> {
    let (mut followers, mut ends) = (Vec::new(), Vec::new());
    for (input, file) in inputs.into_iter().zip((0..=u16::MAX).map(FileNo)) {
        let news = news.clone();
        let (ended, end) = oneshot::channel::<()>();
        ends.push(end);
        followers.push(follow(input, move |feed| {
            // Lives as long as the following thread.
            let _ = &ended;
            let event = Event::Log(LogNews::Fed { ticket, file, feed });
            match news.blocking_send(event) {
                Ok(()) => Listener::Listens,
                Err(_) => Listener::Gone,
            }
        })?);
    }
    logs.open(
        ticket,
        followers.iter().map(super::Follower::reader).collect(),
    );
    for end in ends {
        // Closed without a word: its thread has ended.
        let _ = end.await;
    }
    // What has ended can still be shown: the readers keep it open.
    Ok(())
}

/// Ends the work on its thread when the job that asked for it is gone.
struct Leash(Stop);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.request();
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> Result<T, Unread> + Send + 'static,
) -> Result<T, Fault> {
    let outcome = blocking_for(("read log", String::new()), work).await;
    outcome.map_err(|fault| fault.hint("ctrl-r tries again"))
}

async fn blocking_for<T: Send + 'static>(
    (doing, subject): (&'static str, String),
    work: impl FnOnce(&Stop) -> Result<T, Unread> + Send + 'static,
) -> Result<T, Fault> {
    let leash = Leash(Stop::default());
    let stop = leash.0.clone();
    let fault = |cause: String| Fault::new(doing, subject, cause);
    match task::spawn_blocking(move || work(&stop)).await {
        Ok(outcome) => outcome.map_err(|unread| fault(unread.to_string())),
        Err(_) => Err(fault(
            "it failed inside; this is a defect of tfsos".to_owned(),
        )),
    }
}

fn decode(
    logs: &Logs,
    feed: Ticket,
    reads: Vec<Read>,
    stop: &Stop,
) -> Result<Vec<Decoded>, Unread> {
    let mut decoded = Vec::new();
    for read in reads {
        let unfolded: HashSet<_> = read.unfolded.iter().copied().collect();
        let reader = logs.reader(feed, read.file)?;
        let records = reader.window(read.generation, read.stretches, stop)?;
        let decode = |(number, record)| shown(read.file, (number, record), &unfolded);
        decoded.extend(records.into_iter().map(decode));
    }
    Ok(decoded)
}

/// A record with its body in roles, if that is wanted.
pub(super) fn shown(
    file: FileNo,
    (number, record): (RecordNo, Record),
    unfolded: &HashSet<RecordNo>,
) -> Decoded {
    Decoded {
        place: Place {
            file,
            record: number,
        },
        body: unfolded.contains(&number).then(|| body(&record)),
        record: Arc::new(record),
    }
}

/// A search job on its thread.
struct Sweeper {
    ticket: Ticket,
    pattern: Pattern,
    floor: Level,
    news: Sender<Event>,
}

impl Sweeper {
    fn sweep(
        &self,
        logs: &Logs,
        feed: Ticket,
        sweeps: Vec<Sweep>,
        stop: &Stop,
    ) -> Result<(), Unread> {
        for sweep in sweeps {
            let reader = logs.reader(feed, sweep.file)?;
            let place = (&sweep.index, sweep.from.offset..sweep.to);
            let mut batch = Batch::default();
            let tell = |hits| match batch.add(hits) {
                Some(hits) => self.tell(sweep.file, &hits),
                None => Listener::Listens,
            };
            if self.pattern.longest().is_some() {
                let asked = (&self.pattern, self.floor);
                reader.sweep(sweep.generation, asked, place, stop, tell)?;
            } else {
                let search = |blocks: Blocks<'_>| self.search(&blocks);
                reader.by_blocks(sweep.generation, place, stop, search, tell)?;
            }
            self.tell(sweep.file, &batch.rest());
        }
        Ok(())
    }

    /// Searches each line of some records by itself.
    fn search(&self, blocks: &Blocks<'_>) -> io::Result<Vec<RecordNo>> {
        let mut search = Search::new(self.pattern.clone(), self.floor, blocks.from);
        blocks.read(|bytes| search.feed(bytes))?;
        Ok(search.finish())
    }

    fn tell(&self, file: FileNo, hits: &[Vec<RecordNo>]) -> Listener {
        let hits = hits.concat();
        if hits.is_empty() {
            return Listener::Listens;
        }
        let ticket = self.ticket;
        let event = Event::Log(LogNews::Swept { ticket, file, hits });
        match self.news.blocking_send(event) {
            Ok(()) => Listener::Listens,
            Err(_) => Listener::Gone,
        }
    }
}
