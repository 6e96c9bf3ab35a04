//! Files that grow, shrink, move, vanish and return, and inputs that end. Each
//! test waits for the news itself; none sleeps.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;

use super::read::Unread;
use super::*;
use crate::log::{Index, Level, Levels, Pattern, RecordNo, Restart, Search, Seek, scan, stretches};

mod hard;
mod spool;

/// Longer than any machine needs; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A followed file and what it told so far.
struct Watched {
    follower: Follower,
    news: Receiver<Feed>,
    index: Index,
    generation: Generation,
    folder: TempDir,
}

impl Watched {
    fn file(text: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform.log");
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        Self::input(Input::Path(path), folder)
    }

    fn input(input: Input, folder: TempDir) -> Self {
        let (sender, news) = channel();
        let follower = follow(input, move |feed| match sender.send(feed) {
            Ok(()) => Listener::Listens,
            Err(_) => Listener::Gone,
        })
        .unwrap();
        Self {
            follower,
            news,
            index: Index::default(),
            generation: Generation::default(),
            folder,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("terraform.log")
    }

    fn append(&self, text: &str) {
        let mut file = OpenOptions::new().append(true).open(self.path()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Takes news until one is meant, keeping the index.
    fn until(&mut self, meant: impl Fn(&Feed, &Index) -> bool) -> Feed {
        loop {
            let feed = self.news.recv_timeout(PATIENCE).expect("news in time");
            match &feed {
                Feed::Read(grown) => self.index = grown.index.clone(),
                Feed::Restarted(_, generation) => {
                    self.index = Index::default();
                    self.generation = *generation;
                }
                _ => {}
            }
            if meant(&feed, &self.index) {
                return feed;
            }
        }
    }

    fn until_records(&mut self, count: u32) {
        self.until(|_, index| index.records() == count);
    }

    fn message(&self, record: u32) -> String {
        let stretches = stretches(&self.index, &[RecordNo(record)]);
        let reader = self.follower.reader();
        let found = reader.window(self.generation, stretches, &Stop::default());
        found.unwrap().remove(0).1.parts.message
    }
}

fn line(text: &str) -> String {
    format!("2026-11-22T11:52:08.653Z [INFO]  {text}\n")
}

fn make_fifo(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
}

fn restarted(restart: Restart) -> impl Fn(&Feed, &Index) -> bool {
    move |feed, _| matches!(feed, Feed::Restarted(why, _) if *why == restart)
}

#[test]
fn a_file_that_grows_is_read_on() {
    let mut watched = Watched::file(Some(&line("one")));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    assert_eq!(watched.index.records(), 1);
    watched.append(&line("two"));
    watched.until_records(2);
    assert_eq!(watched.message(1), "two");
}

#[test]
fn a_line_that_is_written_in_two_halves_is_one_record() {
    let whole = line("halves");
    let (first, second) = whole.split_at(20);
    let mut watched = Watched::file(Some(first));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    watched.append(second);
    watched.until(|_, index| index.span().is_some());
    assert_eq!(watched.index.records(), 1);
    assert_eq!(watched.message(0), "halves");
}

#[test]
fn a_file_larger_than_a_batch_comes_in_order_and_whole() {
    let text: String = (0..60_000)
        .map(|n| line(&format!("number {n} {:>60}", "")))
        .collect();
    assert!(text.len() > 4 * 1024 * 1024);
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let mut whole = Index::default();
    whole.append(&scan(text.as_bytes()), None);
    assert_eq!(watched.index, whole);
}

#[test]
fn the_end_of_a_large_file_is_told_first_and_then_numbered() {
    let numbered = |n| line(&format!("number {n} {:>60}", ""));
    let text: String = (0..100_000).map(numbered).collect();
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| matches!(feed, Feed::Read(_)));
    let end = watched.index.clone();
    assert!(end.begins_at() > 0 && end.length() == text.len() as u64);
    let (first, last) = (watched.message(0), watched.message(end.records() - 1));
    assert!(last.starts_with("number 99999 "));
    let feed = watched.until(|_, index| index.begins_at() == 0);
    let Feed::Read(grown) = feed else {
        unreachable!()
    };
    assert_eq!(grown.earlier + end.records(), 100_000);
    assert_eq!(watched.message(grown.earlier), first);
    assert_eq!(watched.message(99_999), last);
}

#[test]
fn a_large_file_of_one_line_is_read_whole() {
    let text = "x".repeat(6 * 1024 * 1024);
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    assert_eq!((watched.index.records(), watched.index.lines()), (1, 1));
    assert_eq!(watched.index.length(), text.len() as u64);
    watched.append("\n");
    watched.append(&line("after"));
    watched.until_records(2);
    assert_eq!(watched.message(1), "after");
}

#[test]
fn a_truncated_file_is_read_from_its_start() {
    let mut watched = Watched::file(Some(&line("a").repeat(5)));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let file = OpenOptions::new().write(true).open(watched.path()).unwrap();
    file.set_len(0).unwrap();
    watched.append(&line("after"));
    watched.until(restarted(Restart::Truncated));
    watched.until_records(1);
    assert_eq!(watched.message(0), "after");
}

#[test]
fn a_file_overwritten_with_a_longer_one_is_not_taken_for_grown() {
    let mut watched = Watched::file(Some(&line("old")));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let mut file = OpenOptions::new().write(true).open(watched.path()).unwrap();
    file.write_all((line("new") + &line("longer")).as_bytes())
        .unwrap();
    watched.until(restarted(Restart::Rewritten));
    watched.until_records(2);
    assert_eq!(watched.message(0), "new");
}

#[test]
fn a_rotated_file_is_read_to_its_end_before_the_new_one() {
    let mut watched = Watched::file(Some(&line("old")));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let next = watched.folder.path().join("next");
    fs::write(&next, line("new")).unwrap();
    fs::rename(next, watched.path()).unwrap();
    watched.until(restarted(Restart::Replaced));
    watched.until_records(1);
    assert_eq!(watched.message(0), "new");
}

#[test]
fn a_deleted_file_stays_readable_and_is_read_when_it_is_back() {
    let mut watched = Watched::file(Some(&line("kept")));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    fs::remove_file(watched.path()).unwrap();
    watched.until(|feed, _| *feed == Feed::Vanished);
    assert_eq!(watched.message(0), "kept");
    fs::write(watched.path(), line("back")).unwrap();
    watched.until(restarted(Restart::Returned));
    watched.until_records(1);
    assert_eq!(watched.message(0), "back");
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let mut watched = Watched::file(None);
    watched.until(|feed, _| *feed == Feed::Absent);
    fs::write(watched.path(), line("born")).unwrap();
    watched.until_records(1);
    watched.until(|feed, _| *feed == Feed::CaughtUp);
}

#[test]
fn a_folder_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let mut watched = Watched::input(Input::Path(path), folder);
    let feed = watched.until(|feed, _| matches!(feed, Feed::Faulted(_)));
    let Feed::Faulted(fault) = feed else {
        unreachable!()
    };
    assert_eq!(fault.cause, "it is a folder");
}

#[test]
fn a_reader_of_a_former_generation_gets_nothing_of_the_new_one() {
    let mut watched = Watched::file(Some(&line("old")));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let wanted = stretches(&watched.index, &[RecordNo(0)]);
    let former = watched.generation;
    let file = OpenOptions::new().write(true).open(watched.path()).unwrap();
    file.set_len(0).unwrap();
    watched.until(restarted(Restart::Truncated));
    let reader = watched.follower.reader();
    let read = reader.window(former, wanted, &Stop::default());
    assert!(matches!(read, Err(Unread::Replaced)));
}

#[test]
fn a_search_tells_its_hits_piece_by_piece() {
    let text: String = (0..20_000).map(|n| line(&format!("number {n}"))).collect();
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let search = Search::new(
        Pattern::read("number 1999").unwrap(),
        Level::Trace,
        Seek::start(),
    );
    let mut pieces: Vec<Vec<RecordNo>> = Vec::new();
    watched
        .follower
        .reader()
        .search(
            watched.generation,
            search,
            0..watched.index.length(),
            &Stop::default(),
            |piece| {
                pieces.push(piece);
                Listener::Listens
            },
        )
        .unwrap();
    assert!(pieces.len() > 2);
    let hits: Vec<RecordNo> = pieces.into_iter().flatten().collect();
    let expected: Vec<RecordNo> = std::iter::once(1999)
        .chain(19990..20000)
        .map(RecordNo)
        .collect();
    assert_eq!(hits, expected);
}

#[test]
fn a_search_of_many_lines_at_once_finds_each_record_once_and_in_order() {
    // Longer than a piece, with matches in it, and one far into the line.
    let long = line(&format!(
        "{}needle{}needle",
        "x".repeat(5_000_000),
        "y".repeat(900_000)
    ));
    let numbered = |n: u32| line(&format!("number {n} needle")) + "  and a Needle more\n";
    let text = (0..9_000).map(numbered).collect::<String>() + &long + &numbered(9_001);
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let reader = watched.follower.reader();
    let search = |typed: &str, floor| {
        let pattern = Pattern::read(typed).unwrap();
        let mut hits: Vec<RecordNo> = Vec::new();
        let range = 0..watched.index.length();
        let place = (&watched.index, range);
        let tell = |more: Vec<RecordNo>| {
            hits.extend(more);
            Listener::Listens
        };
        let asked = (&pattern, floor);
        let stop = Stop::default();
        reader
            .sweep(watched.generation, asked, place, &stop, tell)
            .unwrap();
        hits
    };
    let all: Vec<RecordNo> = (0..9_002).map(RecordNo).collect();
    assert_eq!(search("needle", Level::Trace), all);
    assert_eq!(search("Needle", Level::Trace).len(), 9_001);
    assert_eq!(search("yneedle", Level::Trace), [RecordNo(9_000)]);
    assert_eq!(search("needle", Level::Warn), []);
    assert_eq!(search("nowhere", Level::Trace), []);
}

#[test]
fn a_stopped_search_ends_between_two_pieces() {
    let mut watched = Watched::file(Some(&line("x")));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let stop = Stop::default();
    stop.request();
    let search = Search::new(Pattern::read("x").unwrap(), Level::Trace, Seek::start());
    let searched =
        watched
            .follower
            .reader()
            .search(watched.generation, search, 0..1, &stop, |_| {
                Listener::Listens
            });
    assert!(matches!(searched, Err(Unread::Stopped)));
}

#[test]
fn a_fifo_is_kept_from_writer_to_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terraform.log");
    make_fifo(&path);
    let mut watched = Watched::input(Input::Path(path.clone()), folder);
    for (count, text) in [(1, "first"), (2, "second")] {
        let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
        writer.write_all(line(text).as_bytes()).unwrap();
        drop(writer);
        watched.until_records(count);
        assert_eq!(watched.message(count - 1), text);
    }
}

#[test]
fn dropping_the_follower_ends_the_thread() {
    let watched = Watched::file(Some(&line("x")));
    let Watched { follower, news, .. } = watched;
    drop(follower);
    // The thread owns the only sender: when it ends, so does the channel.
    while news.recv_timeout(PATIENCE).is_ok() {}
    assert!(news.recv().is_err());
}

#[test]
fn the_count_of_levels_survives_the_following() {
    let text = line("a") + "2026-11-22T11:52:09.000Z [ERROR] b\n";
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    assert_eq!(watched.index.count(Levels::Exactly(Level::Error)), 1);
}
