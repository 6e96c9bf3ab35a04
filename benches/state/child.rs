//! What is timed as a process of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde::Deserialize;
use serde_json::value::RawValue;
use tfsos::state::{
    Addresses, Catalog, Comparison, Desk, Hunt, Large, Reading, Snapshot, Stored, Text,
};

/// Does what the words say and prints what it found, one `name value` a line.
pub fn run(words: &[String]) {
    match words {
        [mode, path] if mode == "list" => list(path),
        [mode, path] if mode == "open" => open(path),
        [mode, path] if mode == "raw" => raw(path),
        [mode, one, two] if mode == "diff" => diff(one, two),
        [mode, one, two] if mode == "compare" => compare(one, two),
        [mode, path] if mode == "search" => search(path),
        _ => panic!("no such mode: {words:?}"),
    }
    println!("peak_kib {}", peak());
}

/// The whole file, read once into the memory that it stays in.
fn bytes(path: &str) -> Arc<[u8]> {
    let mut file = File::open(path).unwrap();
    let length = file.metadata().unwrap().len() as usize;
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    file.read_exact(Arc::get_mut(&mut bytes).unwrap()).unwrap();
    bytes
}

fn snapshot(path: &str) -> Snapshot {
    match Reading::of(bytes(path)) {
        Reading::Whole(snapshot) => snapshot,
        other => panic!("not whole: {other:?}"),
    }
}

/// As `tfsos resources FILE` does.
fn list(path: &str) {
    let catalog = Catalog::read(File::open(path).unwrap()).unwrap().unwrap();
    let mut out = std::io::BufWriter::new(File::create("/dev/null").unwrap());
    for address in catalog.addresses() {
        writeln!(out, "{address}").unwrap();
    }
    println!("instances {}", catalog.count());
}

/// As the console does, which goes on to show what stands in it.
fn open(path: &str) {
    let snapshot = snapshot(path);
    let mut out = std::io::BufWriter::new(File::create("/dev/null").unwrap());
    for no in snapshot.listed() {
        writeln!(out, "{}", snapshot.address(*no).unwrap()).unwrap();
    }
    println!("instances {}", snapshot.listed().len());
}

#[derive(Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    resources: Vec<Resource<'a>>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    module: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    #[serde(borrow)]
    instances: Vec<Instance<'a>>,
}

#[derive(Deserialize)]
struct Instance<'a> {
    index_key: Option<serde_json::Value>,
    #[serde(borrow)]
    #[allow(dead_code, reason = "borrowing it is what is measured")]
    attributes: Option<&'a RawValue>,
}

/// The least that a reader of states can do with `serde_json`.
fn raw(path: &str) {
    let bytes = std::fs::read(path).unwrap();
    let state: State<'_> = serde_json::from_slice(&bytes).unwrap();
    let mut out = std::io::BufWriter::new(File::create("/dev/null").unwrap());
    let mut count = 0;
    for resource in &state.resources {
        for instance in &resource.instances {
            let module = resource.module.unwrap_or_default();
            let key = instance.index_key.as_ref().map(ToString::to_string);
            writeln!(
                out,
                "{module}.{}.{}{}",
                resource.kind,
                resource.name,
                key.unwrap_or_default()
            )
            .unwrap();
            count += 1;
        }
    }
    println!("instances {count}");
}

struct Document(File);

impl Text for Document {
    fn fill(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }
}

/// As `tfsos diff FILE FILE` does: both are read at a time, and then looked at by all processors.
fn diff(one: &str, two: &str) {
    let read = |path| Catalog::read(File::open(path).unwrap()).unwrap().unwrap();
    let (before, after) = thread::scope(|scope| {
        let other = scope.spawn(|| read(two));
        (read(one), other.join().unwrap())
    });
    let texts = [one, two].map(|path| Document(File::open(path).unwrap()));
    let stored = |catalog, text| Stored { catalog, text };
    let large = Large::new(stored(&before, &texts[0]), stored(&after, &texts[1])).unwrap();
    let next = AtomicUsize::new(0);
    let look = || {
        let (mut desk, mut found) = (Desk::default(), Vec::new());
        loop {
            let lot = next.fetch_add(1, Ordering::Relaxed);
            if lot >= large.lots() {
                return found;
            }
            found.push(large.look(lot, &mut desk).unwrap());
        }
    };
    let threads = thread::available_parallelism().unwrap().get();
    let lots = thread::scope(|scope| {
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(look)).collect();
        let ended = hands.into_iter().flat_map(|hand| hand.join().unwrap());
        ended.collect::<Vec<_>>()
    });
    said(&large.joined(lots).unwrap());
}

/// As the console does, which holds both.
fn compare(one: &str, two: &str) {
    let (one, two) = thread::scope(|scope| {
        let other = scope.spawn(|| snapshot(two));
        (snapshot(one), other.join().unwrap())
    });
    said(&Comparison::of(&one, &two));
}

fn said(comparison: &Comparison) {
    let summary = comparison.summary;
    println!("added {}", summary.added);
    println!("removed {}", summary.removed);
    println!("changed {}", summary.changed);
    println!("moved {}", summary.moved);
}

fn search(path: &str) {
    let addresses = Arc::new(Addresses::of(&snapshot(path)));
    let started = Instant::now();
    let mut hunt = Hunt::new(Arc::clone(&addresses), "srv7 web", None);
    hunt.step();
    println!("first_us {}", started.elapsed().as_micros());
    println!("hits {}", hunt.answer().hits.len());
    while hunt.step() {}
    println!("whole_us {}", started.elapsed().as_micros());
}

/// The most memory that this process ever had resident.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
