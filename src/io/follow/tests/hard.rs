//! Inputs that break other readers: each is answered, in bounded memory.

use std::os::unix::fs::symlink;

use super::*;
use crate::log::Record;

fn bytes(bytes: &[u8]) -> Watched {
    let mut watched = Watched::file(None);
    watched.until(|feed, _| *feed == Feed::Absent);
    let scratch = watched.folder.path().join("scratch");
    fs::write(&scratch, bytes).unwrap();
    fs::rename(scratch, watched.path()).unwrap();
    watched.until(|feed, _| *feed == Feed::CaughtUp);
    watched
}

impl Watched {
    fn record(&self, record: u32) -> Record {
        let stretches = stretches(&self.index, &[RecordNo(record)]);
        let reader = self.follower.reader();
        let found = reader.window(self.generation, stretches, &Stop::default());
        found.unwrap().remove(0).1
    }
}

/// What is told of a path that is no log.
fn refused(path: PathBuf, folder: TempDir) -> String {
    let mut watched = Watched::input(Input::Path(path), folder);
    let feed = watched.until(|feed, _| matches!(feed, Feed::Faulted(_)));
    let Feed::Faulted(fault) = feed else {
        unreachable!()
    };
    fault.cause
}

#[test]
fn a_line_of_two_megabytes_is_one_record_that_says_how_much_of_it_is_not_shown() {
    let length = 2_000_000;
    let long = line(&"x".repeat(length));
    let watched = bytes((line("before") + &long + &line("after")).as_bytes());
    assert_eq!(watched.index.records(), 3);
    let record = watched.record(1);
    assert!(record.cut > 1_900_000);
    assert!(record.text.len() < 100_000);
    assert_eq!(watched.message(2), "after");
}

#[test]
fn a_hole_in_a_sparse_file_is_one_line_with_records_before_and_after_it() {
    const HOLE: u64 = 256 * 1024 * 1024;
    let mut watched = Watched::file(Some(&(line("before") + &line("hole"))));
    watched.until_records(2);
    let file = OpenOptions::new().write(true).open(watched.path()).unwrap();
    file.set_len(HOLE).unwrap();
    drop(file);
    watched.append(&("\n".to_owned() + &line("after")));
    watched.until(|_, index| index.length() > HOLE && index.records() == 3);
    assert_eq!(watched.index.lines(), 4);
    assert_eq!(watched.message(2), "after");
    let hole = watched.record(1);
    assert!(hole.cut > 0 && hole.text.len() < 1_000_000);
}

#[test]
fn a_sparse_file_of_ten_gigabytes_shows_its_end_at_once_and_can_be_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terraform.log");
    fs::write(&path, line("before")).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(10 * 1024 * 1024 * 1024).unwrap();
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(("\n".to_owned() + &line("after")).as_bytes())
        .unwrap();
    let mut watched = Watched::input(Input::Path(path), folder);
    watched.until(|feed, _| matches!(feed, Feed::Read(_)));
    assert_eq!(watched.message(0), "after");
    let Watched { follower, news, .. } = watched;
    drop(follower);
    while news.recv_timeout(PATIENCE).is_ok() {}
    assert!(news.recv().is_err());
}

#[test]
fn zero_bytes_are_shown_and_end_no_line() {
    let watched = bytes(b"2026-11-22T11:52:08.653Z [INFO]  a\0b\0\n\0\0\n");
    assert_eq!((watched.index.records(), watched.index.lines()), (1, 2));
    let record = watched.record(0);
    assert_eq!(record.parts.message, "a^@b^@");
    assert_eq!(record.parts.body, ["^@^@"]);
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    let watched = bytes(b"2026-11-22T11:52:08.653Z [WARN]  \xff\xfe caf\xe9 \xe2\x95\n\xf0\x9f\n");
    assert_eq!(watched.index.records(), 1);
    let record = watched.record(0);
    assert_eq!(
        record.parts.message,
        "\u{fffd}\u{fffd} caf\u{fffd} \u{fffd}"
    );
    assert_eq!(record.parts.body, ["\u{fffd}"]);
}

#[test]
fn lines_that_end_as_on_windows_read_as_any_others() {
    let text = line("one") + "  more\n" + &line("two");
    let watched = bytes(text.replace('\n', "\r\n").as_bytes());
    assert_eq!((watched.index.records(), watched.index.lines()), (2, 3));
    assert_eq!(watched.record(0).parts.body, ["  more"]);
    assert_eq!(watched.message(1), "two");
}

#[test]
fn a_last_line_without_its_end_is_a_line() {
    let text = line("one") + line("two").trim_end();
    let watched = bytes(text.as_bytes());
    assert_eq!((watched.index.records(), watched.index.lines()), (2, 2));
    assert_eq!(watched.message(1), "two");
}

#[test]
fn an_empty_file_is_a_log_that_has_not_begun() {
    let mut watched = bytes(b"");
    assert_eq!((watched.index.records(), watched.index.lines()), (0, 0));
    watched.append(&line("begun"));
    watched.until_records(1);
}

#[test]
fn what_cannot_be_a_log_says_what_it_is() {
    let device = PathBuf::from("/dev/null");
    let folder = || tempfile::tempdir().unwrap();
    assert_eq!(refused(device, folder()), "it is neither a file nor a pipe");

    let parent = folder();
    fs::write(parent.path().join("file"), "x").unwrap();
    let below = parent.path().join("file").join("terraform.log");
    assert_eq!(refused(below, parent), "part of the path is not a folder");

    let parent = folder();
    let circle = parent.path().join("circle");
    symlink(&circle, &circle).unwrap();
    let cause = refused(circle, parent);
    assert!(cause.contains("symbolic links"), "{cause}");
}

#[test]
fn a_file_that_vanishes_while_it_is_read_stays_readable() {
    let text: String = (0..60_000)
        .map(|n| line(&format!("number {n} {:>60}", "")))
        .collect();
    let mut watched = Watched::file(Some(&text));
    watched.until(|feed, _| matches!(feed, Feed::Read(_)));
    fs::remove_file(watched.path()).unwrap();
    watched.until(|feed, _| *feed == Feed::Vanished);
    assert_eq!(watched.index.records(), 60_000);
    assert!(watched.message(59_999).starts_with("number 59999"));
}
