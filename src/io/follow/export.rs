//! Writing what is shown of the logs into a new file: masked, several files
//! merged by time, one record at a time in memory for each. A file that can't
//! be written to its end is taken away again, and none is ever written over.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Stop;
use super::job::Logs;
use super::read::{Unread, Walk};
use crate::app::effect::Ticket;
use crate::app::pane::log::Selection;
use crate::log::Extract;

/// Writes the records that pass, and says how many they are.
pub fn export(
    logs: &Logs,
    feed: Ticket,
    path: &Path,
    selection: &Selection,
    stop: &Stop,
) -> Result<u64, Unread> {
    let mut streams = Vec::new();
    for &(file, generation, length) in &selection.files {
        let walk = logs.reader(feed, file)?.open(generation, 0..length)?;
        let extract = Extract::new(selection.sieve.clone(), selection.floor);
        streams.push(Stream {
            walk: Some(walk),
            extract,
        });
    }
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let mut out = BufWriter::new(file);
    let written = merge(&mut streams, &mut out, stop);
    let written = written.and_then(|records| Ok(out.flush().map(|()| records)?));
    if written.is_err() {
        // Half an export would be taken for a whole one.
        let _ = fs::remove_file(path);
    }
    written
}

/// One file on its way.
struct Stream {
    /// None once it is read to its end.
    walk: Option<Walk>,
    extract: Extract,
}

impl Stream {
    /// Reads until a record is at hand, or all is read.
    fn fill(&mut self, stop: &Stop) -> Result<(), Unread> {
        while self.extract.next_at().is_none() {
            let Some(walk) = &mut self.walk else {
                return Ok(());
            };
            if let Some(piece) = walk.next(stop)? {
                self.extract.feed(piece);
                continue;
            }
            self.extract.end();
            self.walk = None;
        }
        Ok(())
    }
}

fn merge(streams: &mut [Stream], out: &mut impl Write, stop: &Stop) -> Result<u64, Unread> {
    let mut records = 0;
    loop {
        for stream in &mut *streams {
            stream.fill(stop)?;
        }
        let heads = streams.iter().enumerate();
        let earliest =
            heads.filter_map(|(number, stream)| Some((stream.extract.next_at()?, number)));
        let Some((_, number)) = earliest.min() else {
            return Ok(records);
        };
        if let Some(record) = streams[number].extract.take() {
            write_record(&record.text, out)?;
            records += 1;
        }
    }
}

fn write_record(text: &str, out: &mut impl Write) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::io::follow::{Follower, Listener, follow};
    use crate::log::{Feed, FileNo, Generation, Input, Level, Sieve};

    const ONE: &str = "2026-11-22T02:00:01.000Z [INFO]  first\n2026-11-22T02:00:03.000Z [INFO]  third password=hunter2\n";
    const TWO: &str = "2026-11-22T02:00:02.000Z [INFO]  second\n  with a line\n2026-11-22T02:00:04.000Z [DEBUG] quiet\n";

    /// Follows a file until it is read.
    fn followed(path: &Path) -> Follower {
        let (told, tells) = mpsc::channel();
        let tell = move |feed| {
            let _ = told.send(feed);
            Listener::Listens
        };
        let follower = follow(Input::Path(path.to_owned()), tell).unwrap();
        while tells.recv().unwrap() != Feed::CaughtUp {}
        follower
    }

    fn exported(folder: &Path, out: &Path, stop: &Stop) -> Result<u64, Unread> {
        let paths = [folder.join("one.log"), folder.join("two.log")];
        fs::write(&paths[0], ONE).unwrap();
        fs::write(&paths[1], TWO).unwrap();
        let followers = paths.each_ref().map(|path| followed(path));
        let logs = Logs::default();
        logs.open(Ticket(1), followers.iter().map(Follower::reader).collect());
        let length =
            |number: u16, text: &str| (FileNo(number), Generation::default(), text.len() as u64);
        let selection = Selection {
            files: vec![length(0, ONE), length(1, TWO)],
            sieve: Sieve::default(),
            floor: Level::Info,
        };
        export(&logs, Ticket(1), out, &selection, stop)
    }

    #[test]
    fn what_is_shown_of_several_files_is_written_in_the_order_of_its_times() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("shown.txt");
        let records = exported(folder.path(), &out, &Stop::default()).unwrap();
        assert_eq!(records, 3);
        assert_eq!(
            fs::read_to_string(&out).unwrap(),
            "2026-11-22T02:00:01.000Z [INFO]  first\n\
             2026-11-22T02:00:02.000Z [INFO]  second\n  with a line\n\
             2026-11-22T02:00:03.000Z [INFO]  third password=▒▒▒▒▒▒▒▒\n"
        );
    }

    #[test]
    fn no_file_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("notes.txt");
        fs::write(&out, "mine").unwrap();
        let error = exported(folder.path(), &out, &Stop::default()).unwrap_err();
        assert_eq!(error.to_string(), "it exists already");
        assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    }

    #[test]
    fn an_export_that_is_stopped_leaves_no_half_file() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("shown.txt");
        let stop = Stop::default();
        stop.request();
        assert!(exported(folder.path(), &out, &stop).is_err());
        assert!(!out.exists());
    }
}
