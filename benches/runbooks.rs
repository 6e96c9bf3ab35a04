//! What 500 runbooks cost: the time to read and parse all of them, and to answer
//! a search for a few typed words and for a pasted message of the longest kind.
//! Run with `cargo bench --bench runbooks`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tfsos::io::runbooks::{Folders, shelf};
use tfsos::runbook::Shelf;

const PAGES: usize = 500;
const RUNS: usize = 31;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folders = Folders {
        team: Some(folder.path().to_owned()),
        own: None,
        runs: None,
    };
    let read = || runtime.block_on(shelf(folders.clone())).unwrap();
    let all = read();
    assert!(all.entries().len() >= PAGES && all.faults().is_empty());
    let bytes: u64 = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    println!(
        "load {} pages, {} KB    {:>7.2} ms   (must hold: 50 ms)",
        all.entries().len(),
        bytes / 1000,
        ms(median(|| {
            read();
        }))
    );
    let message =
        "Error: creating a thing: operation error of some service, which said much. ".repeat(110);
    for (what, query) in [
        ("one letter", "s"),
        ("three words", "state lock stale"),
        ("eight words", "the state of a stale lock in eu"),
        ("a message of 8 KB", message.as_str()),
        (
            "a message with its symptom",
            "Error: Error acquiring the state lock\n\nError message: operation error DynamoDB",
        ),
    ] {
        println!(
            "search {what:<28} {:>7.2} ms   (must hold: 16 ms)   {} pages found",
            ms(median(|| {
                all.search(query);
            })),
            all.search(query).len()
        );
    }
}

/// As many pages as a folder may hold, each as long as a real one.
fn write(folder: &Path) {
    let built_in = Shelf::built_in();
    let real: Vec<&str> = built_in
        .entries()
        .iter()
        .filter_map(Shelf::text_of)
        .collect();
    for number in 0..PAGES {
        let text = real[number % real.len()];
        let (first, rest) = text.split_once("id = \"").unwrap();
        let text = format!("{first}id = \"p{number}-{rest}");
        fs::write(folder.join(format!("p{number}.md")), text).unwrap();
    }
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
