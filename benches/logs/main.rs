//! What a log of a gigabyte costs, beside ripgrep and lnav on the same file:
//! whole processes, turn by turn, so that a busy machine slows both. Run with
//! `cargo bench --bench logs`; it makes the log (from a seed, with the truth
//! about it beside it, under `target/bench`) and builds ripgrep 15 where there
//! is none. It prints ratios and which aim holds, and fails only where a count
//! is wrong.
//!
//! `cargo bench --bench logs -- index search terminal burst` runs the named
//! parts alone; `huge`, which needs ten gigabytes on disk meanwhile, runs only where
//! it is named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::dbg_macro,
    reason = "a bench prints, and fails by panicking"
)]

mod child;
mod generate;
mod peers;
mod terminal;
mod texts;

use std::fs::{self, File};
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};

use generate::Truth;
use peers::{Peer, Turn};

const SEED: u64 = 7;
const BYTES: u64 = 1_000_000_000;

/// What a search is for: a word in upper and lower case that is rare in the log.
const LITERAL: &str = "PutRolePolicy";

/// The category literals as one asks ripgrep for them.
const STEMS: [&str; 25] = [
    "AccessDenied",
    "ExpiredToken",
    "Throttl",
    "RequestLimitExceeded",
    "timeout while waiting",
    "acquiring the state lock",
    "ConditionalCheckFailed",
    "does not match the checksum",
    "AlreadyExists",
    "panic: ",
    "Plugin did not respond",
    "Error: Cycle",
    "Unsupported state file",
    "is deprecated",
    "LimitExceeded",
    "Backend initialization",
    "record state serial",
    "SlowDown",
    "api error",
    "Unauthorized",
    "no EC2 IMDS role",
    "SignatureDoesNotMatch",
    "InvalidClientToken",
    "credential sources",
    "TooManyRequests",
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if let Some(mode) = arguments.next().filter(|mode| mode == "child") {
        let _ = mode;
        let words: Vec<String> = arguments.collect();
        return child::run(&words);
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        // `cargo test --all-targets` builds and runs this too: time is not its matter.
        return println!("run by `cargo bench --bench logs`");
    }
    let wanted = |part: &str| {
        let named = words.iter().filter(|word| !word.starts_with("--"));
        named.clone().next().is_none() || named.clone().any(|word| word == part)
    };
    let log = Log::made();
    log.warm();
    if wanted("index") {
        index(&log);
    }
    if wanted("search") {
        search(&log);
    }
    if wanted("terminal") {
        terminal::time(&log.path);
    }
    if wanted("burst") {
        terminal::time_bursts();
    }
    if words.iter().any(|word| word == "huge") {
        terminal::time_ten(&log.path);
    }
}

/// The log and the truth about it.
struct Log {
    path: PathBuf,
    truth: Truth,
}

impl Log {
    /// Written once for a seed and a size; the truth is counted while writing.
    fn made() -> Self {
        let folder = peers::target().join("bench");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("trace-{SEED}-{BYTES}.log"));
        let kept = folder.join(format!("trace-{SEED}-{BYTES}.truth"));
        // Writing is quick; counting what an older generator wrote would be wrong.
        let truth = generate::write(std::io::sink(), SEED, BYTES).unwrap();
        let same = fs::read_to_string(&kept).is_ok_and(|text| text == truth.text());
        if !same || path.metadata().map_or(0, |about| about.len()) != truth.bytes {
            println!("writing {} MB to {}", BYTES / 1_000_000, path.display());
            let file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
            generate::write(file, SEED, BYTES).unwrap();
            // What the kernel writes back beside a measurement takes a processor from it.
            File::open(&path).and_then(|file| file.sync_all()).unwrap();
            fs::write(&kept, truth.text()).unwrap();
        }
        Self { path, truth }
    }

    /// Reads it once: what is compared is work, not who finds the disk cold.
    fn warm(&self) {
        let mut file = File::open(&self.path).unwrap();
        let mut buffer = vec![0; 1 << 20];
        while file.read(&mut buffer).unwrap() > 0 {}
    }
}

fn ourselves(mode: &str, path: &Path) -> Peer {
    let program = std::env::current_exe().unwrap();
    Peer::new("tfsos", program).arg("child").arg(mode).arg(path)
}

fn grep(path: &Path) -> Peer {
    let mut peer = Peer::new("ripgrep", peers::ripgrep()).arg("-a").arg("-c");
    for stem in STEMS {
        peer = peer.arg("-e").arg(stem);
    }
    peer.arg(path)
}

fn index(log: &Log) {
    let ours = ourselves("index", &log.path);
    let turns = peers::turns(&ours, &grep(&log.path));
    Turn::say("index with all analysis, both cores", &turns, 0.75);
    check(&log.truth, &ours.output());
    let turns = peers::turns(&ours.clone().on_one_core(), &grep(&log.path).on_one_core());
    Turn::say("index with all analysis, one core", &turns, 1.3);
    if let Some(lnav) = peers::lnav() {
        let lnav = Peer::new("lnav", lnav).arg("-n").arg("-q").arg(&log.path);
        let turns = peers::few_turns(&ours, &lnav);
        Turn::say("index beside lnav's", &turns, 0.125);
    } else {
        println!("lnav is not installed: not compared");
    }
}

/// The search of an open log, as the console does it, beside a whole ripgrep.
fn search(log: &Log) {
    let ours = ourselves("search", &log.path).arg(LITERAL);
    let grep = Peer::new("ripgrep", peers::ripgrep())
        .arg("-a")
        .arg("-c")
        .arg(LITERAL)
        .arg(&log.path);
    let turns = peers::turns_as_told(&ours, "search_us", &grep);
    Turn::say("literal search of an open log", &turns, 0.9);
    println!("  {}", ours.output().trim().replace('\n', "  "));
}

/// Compares what was counted with the truth, row by row; rows that only the
/// truth has are not counted yet.
fn check(truth: &Truth, counted: &str) {
    let truth = truth.text();
    let mut compared = 0;
    for row in counted.lines() {
        let Some((name, value)) = row.split_once(' ') else {
            continue;
        };
        let true_row = truth
            .lines()
            .find_map(|row| row.strip_prefix(name)?.strip_prefix(' '));
        if let Some(true_value) = true_row {
            assert_eq!(value, true_value, "{name} is counted wrong");
            compared += 1;
        }
    }
    println!(
        "  {compared} counts equal the truth; peak memory {}",
        peers::row(counted, "peak_kib")
    );
}
