//! What is timed as a process of its own: the same reading and searching that
//! the console does, without a terminal.

use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Instant;

use tfsos::io::follow::{Listener, Stop, follow, hear};
use tfsos::log::{Feed, Generation, Index, Input, Level, Pattern};

/// Does what the words say and prints what it found, one `name value` a line.
pub fn run(words: &[String]) {
    match words {
        [mode, path] if mode == "index" => index(path),
        [mode, path, literal] if mode == "search" => search(path, literal),
        _ => panic!("no such mode: {words:?}"),
    }
    println!("peak_kib {}", peak());
}

/// What `tfsos analyze` does before it prints: the index with all analysis.
/// The console reads with the same code; it also watches the log's folder, and
/// what the kernel takes to end that watch with its process (7 ms and more) is
/// no part of an index.
fn index(path: &str) {
    let log = hear(&Input::Path(PathBuf::from(path))).unwrap();
    assert_eq!(log.broken_off, None);
    let (heard, account) = (&log.heard, &log.heard.account);
    println!("bytes {}", heard.bytes);
    println!("lines {}", heard.lines);
    println!("records {}", heard.records);
    for (level, count) in Level::ALL.iter().zip(heard.levels) {
        let word = level.word().to_ascii_lowercase();
        println!("level.{word} {count}");
    }
    for (category, tally) in account.troubles() {
        println!("category.{} {}", category.word(), tally.records);
    }
    println!("runs {}", account.runs.count());
    for call in account.calls.most_frequent() {
        let name = format!("call.{}.{}", call.service, call.operation);
        println!("{name}.requests {}", call.calls);
        println!("{name}.errors {}", call.errors);
        println!("{name}.throttles {}", call.throttles);
        println!("{name}.retries {}", call.retries);
    }
    for (act, sum) in account.operations.sums() {
        println!("operation.{} {}", act.word(), sum.done + sum.failed);
    }
}

/// A search of a log that is open, with its index at hand.
fn search(path: &str, literal: &str) {
    let (sender, news) = channel();
    let input = Input::Path(PathBuf::from(path));
    let follower = follow(input, move |feed| match sender.send(feed) {
        Ok(()) => Listener::Listens,
        Err(_) => Listener::Gone,
    });
    let mut index = Index::default();
    for feed in &news {
        match feed {
            Feed::Read(grown) => index = grown.index,
            Feed::CaughtUp => break,
            _ => {}
        }
    }
    let reader = follower.unwrap().reader();
    let pattern = Pattern::read(literal).unwrap();
    let (mut hits, mut first) = (0, None);
    let began = Instant::now();
    let place = (&index, 0..index.length());
    let asked = (&pattern, Level::Trace);
    reader
        .sweep(
            Generation::default(),
            asked,
            place,
            &Stop::default(),
            |found| {
                if !found.is_empty() && first.is_none() {
                    first = Some(began.elapsed());
                }
                hits += found.len();
                Listener::Listens
            },
        )
        .unwrap();
    println!("search_us {}", began.elapsed().as_micros());
    println!("hits {hits}");
    println!("first_hit_us {}", first.unwrap_or_default().as_micros());
}

/// The highest resident size of this process.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}
