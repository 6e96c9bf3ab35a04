//! What a state of 215 MB costs, beside a minimal reader over `serde_json`,
//! `terraform state list`, jq and `diff -u` on the same files: whole processes, turn by turn, so that a busy
//! machine slows both. Run with `cargo bench --bench state`; the states are
//! made from a seed under `target/bench`. It prints ratios and which aim
//! holds, and fails only where a count is not the truth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

mod child;
mod generate;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use generate::{Files, INSTANCES, Later, Truth};

const TURNS: usize = 5;
const FRAME: Duration = Duration::from_millis(16);

/// What one process printed, and how long it took.
struct Turn {
    took: Duration,
    said: HashMap<String, u64>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "child") {
        return child::run(&words[1..]);
    }
    if !words.iter().any(|word| word == "--bench") {
        // `cargo test --all-targets` builds and runs this too: time is not its matter.
        return println!("run by `cargo bench --bench state`");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench");
    let files = Files::make(&folder);
    let size = std::fs::metadata(&files.before).unwrap().len();
    println!("a state of {INSTANCES} instances and {} MB", size >> 20);
    listing(&files, size);
    other_programs(&files);
    diffing(&files);
    searching(&files);
}

fn listing(files: &Files, size: u64) {
    let path = [files.before.as_path()];
    // By the command, which holds nothing, and for the console, which goes on to show it.
    for (what, mode, aim) in [
        ("open and list", "list", 0.3),
        ("open and hold", "open", 1.1),
    ] {
        let (ours, theirs) = side_by_side(|| ourselves(mode, &path), || ourselves("raw", &path));
        assert_eq!(ours.said["instances"], INSTANCES as u64);
        assert_eq!(theirs.said["instances"], INSTANCES as u64);
        compared(what, "serde_json RawValue", &ours, &theirs, 1.0);
        let peak = ours.said["peak_kib"] * 1024;
        let ratio = peak as f64 / size as f64;
        println!(
            "  peak {} MB, {ratio:.2} of the file (aim {aim:.2}): {}",
            peak >> 20,
            verdict(ratio <= aim)
        );
    }
}

/// Those that a person would list it with; a program that is not here is said.
fn other_programs(files: &Files) {
    let before = files.before.as_path();
    let ours = ourselves("list", &[before]);
    let state = format!("-state={}", before.display());
    let words: [(&str, &[&str]); 2] = [
        ("terraform", &["state", "list", &state]),
        (
            "jq",
            &[
                "-r",
                ".resources[] as $r | $r.instances[] | [$r.module, $r.type, $r.name, .index_key] | @csv",
            ],
        ),
    ];
    for (program, words) in words {
        let mut command = Command::new(program);
        command
            .args(words)
            .env_remove("TF_CLI_CONFIG_FILE")
            // Terraform looks for a configuration where it stands.
            .current_dir(files.before.parent().unwrap());
        if program == "jq" {
            command.arg(before);
        }
        let started = Instant::now();
        let Ok(output) = command.output() else {
            println!("open and list: {program} is not installed: not compared");
            continue;
        };
        let took = started.elapsed();
        assert!(output.status.success(), "{program}: {output:?}");
        let lines = String::from_utf8_lossy(&output.stdout).lines().count();
        assert_eq!(lines, INSTANCES, "{program} lists them all");
        let theirs = Turn {
            took,
            said: HashMap::new(),
        };
        compared("open and list", program, &ours, &theirs, 0.1);
    }
}

fn diffing(files: &Files) {
    for (name, later, other) in [
        ("diff, few changes", Later::Few, &files.few),
        ("diff, all changed", Later::All, &files.all),
    ] {
        let paths = [files.before.as_path(), other.as_path()];
        let (ours, theirs) = side_by_side(
            || ourselves("diff", &paths),
            || {
                let mut diff = Command::new("diff");
                // Its text goes where ours goes: through a pipe to nobody.
                timed(diff.arg("-u").args(paths))
            },
        );
        let count = |word: &str| ours.said[word] as usize;
        let found = Truth {
            added: count("added"),
            removed: count("removed"),
            changed: count("changed"),
            moved: count("moved"),
        };
        assert_eq!(found, Truth::of(later), "{name} is not the truth");
        compared(name, "diff -u", &ours, &theirs, 0.5);
        println!("  peak {} MB", ours.said["peak_kib"] >> 10);
        // What the console does with two versions that it holds.
        let held = ourselves("compare", &paths);
        assert_eq!(held.said["changed"], ours.said["changed"]);
        println!(
            "  held: {:?}, peak {} MB",
            held.took,
            held.said["peak_kib"] >> 10
        );
    }
}

fn searching(files: &Files) {
    let turn = ourselves("search", &[files.before.as_path()]);
    let first = Duration::from_micros(turn.said["first_us"]);
    let whole = Duration::from_micros(turn.said["whole_us"]);
    println!(
        "search: first hits {first:?}, all {whole:?} (aim: first within a frame): {}",
        verdict(first <= FRAME)
    );
}

/// The quicker turn of each, taken in turns.
fn side_by_side(ours: impl Fn() -> Turn, theirs: impl Fn() -> Turn) -> (Turn, Turn) {
    let (mut one, mut two) = (ours(), theirs());
    for _ in 1..TURNS {
        let (next_one, next_two) = (ours(), theirs());
        if next_one.took < one.took {
            one = next_one;
        }
        if next_two.took < two.took {
            two = next_two;
        }
    }
    (one, two)
}

fn compared(what: &str, peer: &str, ours: &Turn, theirs: &Turn, aim: f64) {
    let ratio = ours.took.as_secs_f64() / theirs.took.as_secs_f64();
    println!(
        "{what}: {:?}, {peer} {:?}: {ratio:.2} (aim {aim:.2}): {}",
        ours.took,
        theirs.took,
        verdict(ratio <= aim)
    );
}

fn verdict(holds: bool) -> &'static str {
    if holds { "holds" } else { "MISSED" }
}

fn ourselves(mode: &str, paths: &[&Path]) -> Turn {
    let program: PathBuf = std::env::current_exe().unwrap();
    timed(Command::new(program).args(["child", mode]).args(paths))
}

fn timed(command: &mut Command) -> Turn {
    let started = Instant::now();
    let output = command.output().unwrap();
    let took = started.elapsed();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pair = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    Turn {
        took,
        said: text.lines().filter_map(pair).collect(),
    }
}
