//! What the console costs before anybody has pressed a key: the time from the
//! start of the process to its first frame, beside that of `true` on the same
//! kind of terminal; the processor while nothing happens; the memory on a small
//! state; and what a list of tens of thousands of versions costs, which is said
//! alone by `cargo bench --bench console -- versions`. Run with `cargo bench --bench console`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

mod versions;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tfsos::io::sandbox::Builder;
use tfsos::lock::{Body, Store};
use tfsos::place::Sandbox;

const RUNS: usize = 15;
const WATCHED: Duration = Duration::from_secs(10);

fn main() {
    for count in [10_000, 50_000] {
        versions::measure(count);
    }
    if std::env::args().any(|word| word == "versions") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = sandbox(&folder.path().join("place"));
    let first: Vec<_> = (0..RUNS)
        .map(|_| {
            (
                until_output(tfsos(&place, folder.path())),
                until_output(nothing()),
            )
        })
        .collect();
    let ours = median(first.iter().map(|(ours, _)| *ours));
    let floor = median(first.iter().map(|(_, floor)| *floor));
    println!(
        "first frame      {:>6.1} ms   echo on the same terminal {:.1} ms, ratio {:.1}   (must hold: 30 ms)",
        ms(ours),
        ms(floor),
        ms(ours) / ms(floor)
    );

    let (mut child, terminal) = start(tfsos(&place, folder.path()));
    drain(&*terminal);
    std::thread::sleep(Duration::from_secs(2));
    let process = child.process_id().unwrap();
    let before = processor(process);
    std::thread::sleep(WATCHED);
    let spent = processor(process).saturating_sub(before);
    println!(
        "idle processor   {:>6.2} %    of a core over {} s   (must hold: 0.5 %)",
        spent.as_secs_f64() / WATCHED.as_secs_f64() * 100.0,
        WATCHED.as_secs()
    );
    println!(
        "memory           {:>6.1} MB   resident at its highest   (must hold: 60 MB)",
        memory(process) as f64 / 1e3
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A sandbox with a lock and a 40-resource state in it.
fn sandbox(root: &Path) -> PathBuf {
    let place = Sandbox {
        root: root.to_owned(),
        bucket: "bench".into(),
        key: "network/terraform.tfstate".into(),
        table: Some("tf-locks".into()),
        use_lockfile: true,
        region: "us-east-1".into(),
    };
    let builder = Builder::create(place).unwrap();
    let now = jiff::Timestamp::now();
    for serial in 1..=5 {
        builder.applied(state(serial).as_bytes(), now).unwrap();
    }
    let body = br#"{"ID":"a1","Operation":"OperationTypeApply","Who":"ci@runner","Created":"2026-11-22T00:58:11Z"}"#;
    builder
        .lock(Store::DynamoDb, &Body::Bytes(body.to_vec()), now)
        .unwrap();
    root.to_owned()
}

fn state(serial: u64) -> String {
    let resource = |number: usize| {
        format!(
            r#"{{"mode":"managed","type":"terraform_data","name":"r{number}","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{{"schema_version":0,"attributes":{{"id":"{number}","input":null,"output":null,"triggers_replace":null}},"sensitive_attributes":[]}}]}}"#
        )
    };
    let resources: Vec<_> = (0..40).map(resource).collect();
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"bench","outputs":{{}},"resources":[{}],"check_results":null}}"#,
        resources.join(",")
    )
}

fn tfsos(place: &Path, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tfsos"));
    command.arg(place);
    command.env("TERM", "xterm-256color");
    command.env("XDG_STATE_HOME", home);
    command
}

fn nothing() -> CommandBuilder {
    let mut command = CommandBuilder::new("echo");
    command.arg("1 Situation");
    command
}

fn start(command: CommandBuilder) -> (Box<dyn Child + Send + Sync>, Box<dyn MasterPty + Send>) {
    let size = PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let child = pair.slave.spawn_command(command).unwrap();
    (child, pair.master)
}

/// From the start of the process until the tabs of the first frame have arrived.
fn until_output(command: CommandBuilder) -> Duration {
    let began = Instant::now();
    let (mut child, terminal) = start(command);
    let mut reader = terminal.try_clone_reader().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0; 8_192]);
    while !String::from_utf8_lossy(&seen).contains("Situation") {
        let count = reader.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..count]);
    }
    let took = began.elapsed();
    // `echo` may have ended by itself.
    let _ = child.kill();
    child.wait().unwrap();
    took
}

/// Reads what is drawn, so that the terminal never blocks the console.
fn drain(terminal: &dyn MasterPty) {
    let mut reader = terminal.try_clone_reader().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while reader.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
}

/// User and system time so far.
fn processor(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The highest resident size in kilobytes.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
