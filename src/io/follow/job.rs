//! The jobs of the log pane. Reading is blocking work on its own threads; a
//! job that is replaced by a newer one takes its flag with it and stops
//! between two pieces.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::task;

use super::read::Unread;
use super::session::{self, Sessions};
use super::sift::Sifter;
use super::{Listener, Reader, Stop, find, follow};
use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::log::{CodeRow, Decoded, Located, LogJob, LogNews, Read, Sweep};
use crate::app::role::Role;
use crate::fault::Fault;
use crate::io::highlight::{Language, highlight};
use crate::log::{
    Field, FileNo, Generation, Input, Level, Locator, Pattern, Place, Record, Search,
};
use crate::place::Environment;

/// What is being followed, for the jobs that read in it.
#[derive(Debug, Default)]
pub struct Logs {
    feed: Mutex<Option<(Ticket, Vec<Reader>)>>,
    sessions: Sessions,
}

impl Logs {
    fn open(&self, ticket: Ticket, readers: Vec<Reader>) {
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
        LogJob::Locate {
            ticket,
            feed,
            file,
            generation,
            line,
            to,
        } => LogNews::Located {
            ticket,
            outcome: blocking(move |stop| {
                locate(&logs.reader(feed, file)?, generation, (line, to), stop)
            })
            .await,
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

/// Looks for a line in a file.
fn locate(
    reader: &Reader,
    generation: Generation,
    (line, to): (u64, u64),
    stop: &Stop,
) -> Result<Located, Unread> {
    let mut locator = Locator::new(line);
    let mut found = None;
    let walked = reader.walk(generation, 0..to, stop, |bytes| {
        found = locator.feed(bytes);
        match found {
            // Enough is read.
            Some(_) => Listener::Gone,
            None => Listener::Listens,
        }
    });
    match (found, walked) {
        (Some(record), _) => Ok(Ok(record)),
        (None, Ok(())) => Ok(locator.finish()),
        (None, Err(unread)) => Err(unread),
    }
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

async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> Result<T, Unread> + Send + 'static,
) -> Result<T, Fault> {
    let leash = Leash(Stop::default());
    let stop = leash.0.clone();
    let fault = |cause: String| Fault::new("read log", "", cause).hint("ctrl-r tries again");
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
        decoded.extend(records.into_iter().map(|(number, record)| Decoded {
            place: Place {
                file: read.file,
                record: number,
            },
            body: unfolded.contains(&number).then(|| body(&record)),
            record: Arc::new(record),
        }));
    }
    Ok(decoded)
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
            let search = Search::new(self.pattern.clone(), self.floor, sweep.from);
            let range = sweep.from.offset..sweep.to;
            reader.search(sweep.generation, search, range, stop, |hits| {
                let (ticket, file) = (self.ticket, sweep.file);
                if hits.is_empty() {
                    return Listener::Listens;
                }
                let event = Event::Log(LogNews::Swept { ticket, file, hits });
                match self.news.blocking_send(event) {
                    Ok(()) => Listener::Listens,
                    Err(_) => Listener::Gone,
                }
            })?;
        }
        Ok(())
    }
}

/// The body of an unfolded record in roles: each field, then its other lines.
fn body(record: &Record) -> Vec<CodeRow> {
    let mut rows: Vec<CodeRow> = record.parts.fields.iter().flat_map(field_rows).collect();
    let rest = record.parts.body.join("\n");
    match language(&rest) {
        Some(language) => rows.extend(highlight(&rest, language)),
        None => rows.extend(record.parts.body.iter().map(|line| plain(line))),
    }
    if record.cut > 0 {
        let sentence = format!("… {} more bytes in the file", record.cut);
        rows.push(vec![(Role::Faint, sentence)]);
    }
    rows
}

fn plain(line: &str) -> CodeRow {
    vec![(Role::Code, line.to_owned())]
}

/// `name = value`, or the name and its value in rows of its own.
fn field_rows(field: &Field) -> Vec<CodeRow> {
    let name = (Role::CodeWord, field.name.clone());
    let code = language(&field.value).map(|language| match language {
        Language::Json => highlight(&indented(&field.value), language),
        _ => highlight(&field.value, language),
    });
    let rows = code.unwrap_or_else(|| field.value.lines().map(plain).collect());
    if rows.len() <= 1 {
        let mut row = vec![name, (Role::CodeRemark, " = ".to_owned())];
        row.extend(rows.into_iter().flatten());
        return vec![row];
    }
    let indented = rows.into_iter().map(|mut row| {
        row.insert(0, (Role::Code, "  ".to_owned()));
        row
    });
    std::iter::once(vec![name, (Role::CodeRemark, " =".to_owned())])
        .chain(indented)
        .collect()
}

/// What a text is written in, by how it begins.
fn language(text: &str) -> Option<Language> {
    match text.trim_start().as_bytes() {
        [b'{', ..] | [b'[', b'{' | b'"', ..] => Some(Language::Json),
        [b'<', b'?' | b'A'..=b'Z' | b'a'..=b'z', ..] => Some(Language::Xml),
        _ => None,
    }
}

/// JSON in rows; what is no JSON after all stays as it is.
fn indented(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(raw: &str) -> Vec<String> {
        let record = Record::decode(raw.as_bytes(), raw.len() as u64);
        let text = |row: &CodeRow| row.iter().map(|(_, text)| text.as_str()).collect();
        body(&record).iter().map(text).collect()
    }

    #[test]
    fn a_json_body_unfolds_into_rows() {
        let raw =
            r#"2026-11-22T11:52:08.653Z [DEBUG] backend-s3: sent: body="{\"a\":{\"b\":1}}" n=2"#;
        assert_eq!(
            rows(raw),
            [
                "body =",
                "  {",
                "    \"a\": {",
                "      \"b\": 1",
                "    }",
                "  }",
                "n = 2"
            ]
        );
    }

    #[test]
    fn an_xml_body_keeps_its_lines() {
        let raw = "2026-11-22T11:52:08.653Z [DEBUG] x: n=2\n  body=\n  | <A>\n  |   <B/>\n  | </A>";
        assert_eq!(
            rows(raw),
            ["n = 2", "body =", "  <A>", "    <B/>", "  </A>"]
        );
    }

    #[test]
    fn what_is_no_code_stays_as_it_is() {
        let raw = "2026-11-22T11:52:08.653Z [TRACE] graph:\n  a - *node\n  ------";
        assert_eq!(rows(raw), ["  a - *node", "  ------"]);
    }
}
