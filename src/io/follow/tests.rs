//! Files that grow, shrink, move, vanish and return, and inputs that end. Each
//! test waits for the news itself; none sleeps.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;

use std::path::Path;

use super::read::{Blocks, Unread};
use super::*;
use crate::log::{
    Index, Level, Levels, Locator, Mileposts, Pattern, RecordNo, Restart, Seam, Search, scan,
    stretches,
};

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
fn the_end_of_a_file_that_ends_in_a_long_record_is_shown_before_all_is_read() {
    let lines: String = (0..40_000)
        .map(|n| line(&format!("number {n} {:>60}", "")))
        .collect();
    for (length, seam) in [(3_000_000, Seam::Whole), (9_000_000, Seam::Torn)] {
        let text = lines.clone() + &line(&"x".repeat(length));
        let mut watched = Watched::file(Some(&text));
        watched.until(|feed, _| matches!(feed, Feed::Read(_)));
        let end = watched.index.clone();
        assert!(end.begins_at() > 0 && end.length() == text.len() as u64);
        let last = watched.message(end.records() - 1);
        assert!(last.starts_with(&"x".repeat(1000)), "{length}");
        let feed = watched.until(|_, index| index.begins_at() == 0);
        let Feed::Read(grown) = feed else {
            unreachable!()
        };
        assert_eq!(grown.earlier + end.records(), 40_001, "{length}");
        assert_eq!(grown.seam, seam);
        assert!(watched.message(39_999).starts_with("number 39999 "));
    }
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

/// The records in which an expression is found, block by block.
fn found_by_blocks(watched: &Watched, typed: &str) -> Vec<Vec<RecordNo>> {
    let pattern = Pattern::read(typed).unwrap();
    let mut pieces: Vec<Vec<RecordNo>> = Vec::new();
    let place = (&watched.index, 0..watched.index.length());
    let work = |blocks: Blocks<'_>| {
        let mut search = Search::new(pattern.clone(), Level::Trace, blocks.from);
        blocks.read(|bytes| search.feed(bytes))?;
        Ok(search.finish())
    };
    let tell = |piece| {
        pieces.push(piece);
        Listener::Listens
    };
    let reader = watched.follower.reader();
    let stop = Stop::default();
    reader
        .by_blocks(watched.generation, place, &stop, work, tell)
        .unwrap();
    pieces
}

#[test]
fn a_search_for_an_expression_tells_its_hits_piece_by_piece_and_in_order() {
    let text: String = (0..40_000).map(|n| line(&format!("number {n}"))).collect();
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let pieces = found_by_blocks(&watched, "/number 1999\\d?$/");
    assert!(pieces.len() > 2);
    let expected: Vec<RecordNo> = std::iter::once(1999)
        .chain(19990..20000)
        .map(RecordNo)
        .collect();
    assert_eq!(pieces.concat(), expected);
}

#[test]
fn an_expression_is_found_once_a_record_however_long_its_lines_are() {
    let long = line(&format!(
        "{}needle 1{}needle 2",
        "x".repeat(5_000_000),
        "y".repeat(900_000)
    ));
    let numbered = |n: u32| line(&format!("number {n} needle 1")) + "  and a needle 2 more\n";
    let text = (0..9_000).map(numbered).collect::<String>() + &long + &numbered(9_001);
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    let all: Vec<RecordNo> = (0..9_002).map(RecordNo).collect();
    assert_eq!(found_by_blocks(&watched, "/needle \\d/").concat(), all);
    let far = found_by_blocks(&watched, "/y+needle 2$/").concat();
    assert_eq!(far, [RecordNo(9_000)]);
}

#[test]
fn a_line_is_found_from_the_nearest_milepost() {
    let text: String = (0..30_000)
        .map(|n| line(&format!("number {n}")) + "  more\n")
        .collect();
    let mut watched = Watched::file(Some(&text));
    let mut mileposts = Mileposts::default();
    while let feed = watched.until(|_, _| true)
        && feed != Feed::CaughtUp
    {
        if let Feed::Read(grown) = feed {
            mileposts = grown.mileposts;
        }
    }
    let reader = watched.follower.reader();
    for number in [1, 2, 3, 30_000, 59_999, 60_000] {
        let from = mileposts.before(number);
        let mut locator = Locator::new(number, from);
        let range = from.offset..watched.index.length();
        assert!(from.offset + 512 * 1024 > number * 30, "{number}");
        let mut walk = reader.open(watched.generation, range).unwrap();
        while let Some(bytes) = walk.next(&Stop::default()).unwrap()
            && locator.feed(bytes).is_none()
        {}
        let offset = locator.found().unwrap();
        let record = reader.record_at(watched.generation, &watched.index, offset);
        let expected = RecordNo((number as u32 - 1) / 2);
        assert_eq!(record.unwrap(), Some(expected), "{number}");
    }
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
    let reader = watched.follower.reader();
    let place = (&watched.index, 0..watched.index.length());
    let work = |_: Blocks<'_>| Ok(());
    let searched = reader.by_blocks(watched.generation, place, &stop, work, |()| {
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
