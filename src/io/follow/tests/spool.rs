//! Packed files, and inputs that can't be read twice.

use super::super::gz::tests::packed;
use super::super::watch::Watch;
use super::super::{Following, Shared, pipe, watch};
use super::*;

fn packed_file(bytes: &[u8]) -> Watched {
    let folder = tempfile::tempdir().unwrap();
    // The name says nothing: what it is stands in its first bytes.
    let path = folder.path().join("terraform.log");
    fs::write(&path, bytes).unwrap();
    Watched::input(Input::Path(path), folder)
}

/// What a following thread has at hand, and what it tells.
fn following() -> (Following, Receiver<Feed>) {
    let (sender, news) = channel();
    let following = Following {
        shared: Arc::new(Shared::default()),
        tell: Box::new(move |feed| match sender.send(feed) {
            Ok(()) => Listener::Listens,
            Err(_) => Listener::Gone,
        }),
    };
    (following, news)
}

#[test]
fn a_packed_file_is_read_like_one_that_does_not_grow() {
    let text: String = (0..60_000)
        .map(|n| line(&format!("number {n} {:>60}", "")))
        .collect();
    let members = text.as_bytes().chunks(1_000_003).map(packed);
    let mut watched = packed_file(&members.collect::<Vec<_>>().concat());
    watched.until(|feed, _| *feed == Feed::Ended);
    let mut whole = Index::default();
    whole.append(&scan(text.as_bytes()), None);
    assert_eq!(watched.index, whole);
    assert!(watched.message(59_999).starts_with("number 59999"));
}

#[test]
fn a_damaged_packed_file_shows_what_it_has_and_says_where_it_ends() {
    let text: String = (0..20_000).map(|n| line(&format!("number {n}"))).collect();
    let whole = packed(text.as_bytes());
    let mut watched = packed_file(&whole[..whole.len() / 2]);
    let feed = watched.until(|feed, _| matches!(feed, Feed::Faulted(_)));
    let Feed::Faulted(fault) = feed else {
        unreachable!()
    };
    let length = watched.index.length();
    assert!(length > 0);
    let cause = format!("it is cut off; its text ends after {length} bytes");
    assert_eq!(fault.cause, cause);
    assert_eq!(watched.message(0), "number 0");
    // The rest of it comes after all.
    let mut file = OpenOptions::new()
        .append(true)
        .open(watched.path())
        .unwrap();
    file.write_all(&whole[whole.len() / 2..]).unwrap();
    watched.until(|feed, _| *feed == Feed::Ended);
    assert_eq!(watched.index.length(), text.len() as u64);
    assert_eq!(watched.message(19_999), "number 19999");
}

#[test]
fn a_packed_file_that_appears_later_byte_by_byte_is_unpacked() {
    let mut watched = Watched::file(None);
    watched.until(|feed, _| *feed == Feed::Absent);
    let text = line("one") + &line("two") + &line("three");
    for byte in packed(text.as_bytes()) {
        let mut options = OpenOptions::new();
        let mut file = options
            .append(true)
            .create(true)
            .open(watched.path())
            .unwrap();
        file.write_all(&[byte]).unwrap();
    }
    watched.until_records(3);
    assert_eq!(watched.message(2), "three");
}

#[test]
fn a_packed_file_whose_place_another_takes_is_left_for_it() {
    let text: String = (0..20_000).map(|n| line(&format!("number {n}"))).collect();
    let whole = packed(text.as_bytes());
    let mut watched = packed_file(&whole[..whole.len() / 2]);
    watched.until(|feed, _| matches!(feed, Feed::Faulted(_)));
    let scratch = watched.folder.path().join("scratch");
    fs::write(&scratch, &whole).unwrap();
    fs::rename(scratch, watched.path()).unwrap();
    watched.until(restarted(Restart::Replaced));
    watched.until(|feed, _| *feed == Feed::Ended);
    assert_eq!(watched.message(19_999), "number 19999");
}

#[test]
fn a_packed_file_that_is_cut_off_again_is_read_from_its_start() {
    let text: String = (0..20_000).map(|n| line(&format!("number {n}"))).collect();
    let whole = packed(text.as_bytes());
    let mut watched = packed_file(&whole[..whole.len() / 2]);
    watched.until(|feed, _| matches!(feed, Feed::Faulted(_)));
    let file = OpenOptions::new().write(true).open(watched.path()).unwrap();
    file.set_len(whole.len() as u64 / 4).unwrap();
    watched.until(restarted(Restart::Truncated));
    watched.until(|feed, _| matches!(feed, Feed::Faulted(_)));
    assert!(watched.index.length() > 0);
}

#[test]
fn a_fifo_that_is_made_later_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terraform.log");
    let mut watched = Watched::input(Input::Path(path.clone()), folder);
    watched.until(|feed, _| *feed == Feed::Absent);
    make_fifo(&path);
    let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
    writer.write_all(line("late").as_bytes()).unwrap();
    drop(writer);
    watched.until_records(1);
}

#[test]
fn a_packed_file_that_would_fill_the_disk_is_kept_up_to_the_cap() {
    let bomb = packed(&vec![0; 1024 * 1024]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb");
    fs::write(&path, bomb).unwrap();
    let (following, news) = following();
    let packed = pipe::Packed {
        path: &path,
        file: Arc::new(fs::File::open(&path).unwrap()),
        generation: Generation::default(),
        cap: 300_000,
    };
    let (waker, alarm) = watch::alarm();
    let mut watch = Watch::new(&path, waker, alarm);
    pipe::unpack_file(&following, &packed, &mut watch);
    let shared = Arc::clone(&following.shared);
    drop(following);
    let told: Vec<Feed> = news.iter().collect();
    assert!(told.contains(&Feed::Full { cap: 300_000 }), "{told:?}");
    assert_eq!(told.last(), Some(&Feed::Ended));
    let spool = shared.opened().unwrap().file.metadata().unwrap();
    assert_eq!(spool.len(), 300_000);
}

#[test]
fn a_spool_has_no_name_and_is_for_its_owner_alone() {
    use std::os::unix::fs::MetadataExt;
    let mut watched = packed_file(&packed(line("kept").as_bytes()));
    watched.until(|feed, _| *feed == Feed::Ended);
    let spool = watched.follower.shared.opened().unwrap().file;
    let about = spool.metadata().unwrap();
    assert_eq!((about.nlink(), about.mode() & 0o777), (0, 0o600));
}

#[test]
fn what_comes_packed_through_standard_input_is_unpacked() {
    for input in [line("one"), line("one") + &line("two")] {
        for bytes in [packed(input.as_bytes()), input.clone().into_bytes()] {
            let (following, news) = following();
            pipe::follow_input(&following, bytes.as_slice());
            drop(following);
            let mut index = Index::default();
            for feed in news {
                if let Feed::Read(grown) = feed {
                    index = grown.index;
                }
            }
            assert_eq!(index.lines() as usize, input.lines().count());
        }
    }
}
