//! What a person at a terminal waits for: the first screen of a huge log, its
//! end, a line and a time of it, a key while the log grows. The console runs on
//! a terminal of its own; what it does inside is read from its `--trace`. Set
//! times are judged by their median or, where a bound is for nearly all, by the
//! 99th of a hundred.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use super::peers::median;

const COLUMNS: u16 = 120;
const ROWS: u16 = 36;

/// No two frames come within this time, which a jump right after one waits for.
const FRAME: f64 = 16.0;

/// How often a start is timed.
const STARTS: usize = 9;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many lines a second are written in a burst: what must hold, and what is aimed at.
const BURSTS: [u64; 2] = [200_000, 500_000];

/// For how many seconds.
const BURST: u64 = 10;

/// Times everything of a log of a gigabyte, and of one of ten with a hole in it.
pub fn time(log: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let huge = with_a_hole(log, &log.with_extension("10g"));
    for (name, path) in [("1 GB", log), ("a hole", huge.as_path())] {
        starts(name, path, folder.path());
        walk(name, path, folder.path());
    }
}

/// Times a log that grows faster than anybody reads. Each has a folder of its
/// own: the console shows every log of one.
pub fn time_bursts() {
    for pace in BURSTS {
        let folder = tempfile::tempdir().unwrap();
        burst(pace, folder.path());
    }
}

/// The same of the log ten times over, every byte of which is there.
pub fn time_ten(log: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let ten = log.with_extension("ten");
    let mut to = File::create(&ten).unwrap();
    for _ in 0..10 {
        std::io::copy(&mut File::open(log).unwrap(), &mut to).unwrap();
    }
    to.sync_all().unwrap();
    starts("10 GB", &ten, folder.path());
    walk("10 GB", &ten, folder.path());
    fs::remove_file(ten).unwrap();
}

/// The log with ten gigabytes of nothing between two parts of it.
fn with_a_hole(log: &Path, path: &Path) -> PathBuf {
    const PART: u64 = 64 << 20;
    let mut from = File::open(log).unwrap();
    let mut to = File::create(path).unwrap();
    let mut part = vec![0; PART as usize];
    from.read_exact(&mut part).unwrap();
    to.write_all(&part).unwrap();
    to.set_len(10 << 30).unwrap();
    to.seek(SeekFrom::End(0)).unwrap();
    from.seek(SeekFrom::End(-PART.cast_signed())).unwrap();
    from.read_exact(&mut part).unwrap();
    to.write_all(b"\n").unwrap();
    to.write_all(&part).unwrap();
    path.to_owned()
}

/// From the start of the process to its first frame, and to the end of the log on it.
fn starts(name: &str, log: &Path, folder: &Path) {
    let (mut first, mut end, mut echo) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = 0;
    for _ in 0..STARTS {
        let mut nothing = CommandBuilder::new("echo");
        nothing.arg("1 Situation");
        let mut screen = Screen::start(nothing);
        echo.push(screen.until(|text| text.contains("Situation")));
        let mut screen = Screen::start(tfsos(log, folder, None));
        // Typed before anybody listens: it waits on the terminal.
        screen.keys("2");
        first.push(screen.until(|text| text.contains("1 Situation")));
        end.push(screen.until(shows_records));
        before += usize::from(screen.text().contains("reading"));
    }
    let echo = median(echo.into_iter());
    say(
        &format!("{name}: first frame"),
        median(first.into_iter()),
        30.0,
    );
    let end = median(end.into_iter());
    say(&format!("{name}: its end on screen"), end, 30.0);
    println!(
        "  {:<40} {before:>8} of {STARTS}",
        "before all of it was read"
    );
    println!("  {:<40} {:>8.2} ms", "echo on the same terminal", ms(echo));
}

/// What is waited for in one look at a log.
fn walk(name: &str, log: &Path, folder: &Path) {
    let trace = folder.join("trace");
    let _ = fs::remove_file(&trace);
    let mut screen = Screen::start(tfsos(log, folder, Some(&trace)));
    screen.keys("2");
    screen.until(shows_records);
    let mut ends = Vec::new();
    while screen.text().contains("reading") && ends.len() < 20 {
        screen.press("\u{1b}[H");
        screen.until(|text| text.contains("paused"));
        screen.press("\u{1b}[F");
        ends.push(screen.until(|text| text.contains("following")));
    }
    if !ends.is_empty() {
        say(
            &format!("{name}: end, while it is read"),
            median(ends.into_iter()),
            10.0 + FRAME,
        );
    }
    screen.until(|text| !text.contains("reading"));
    let read = fs::read_to_string(&trace).unwrap();
    let frames = percentile(&frames(&read), 99);
    say(
        &format!("{name}: frame, while it is read (p99)"),
        frames,
        16.0,
    );
    for aim in [
        "3000", "50%", "1000000", "-10m", "400000", "+1s", "99%", "30000",
    ] {
        screen.keys("t");
        screen.until(|text| text.contains("go to"));
        screen.keys(aim);
        screen.keys("\r");
        screen.until(|text| !text.contains("go to"));
        screen.rest();
    }
    let told = fs::read_to_string(&trace).unwrap();
    let told = &told[read.len()..];
    say(
        &format!("{name}: line found (worst)"),
        spans(told, "effect Log(Locate", "located")
            .into_iter()
            .max()
            .unwrap_or_default(),
        5.0,
    );
    say(
        &format!("{name}: records at hand (median)"),
        median(spans(told, "effect Log(Decode", "decoded").into_iter()),
        5.0,
    );
    let memory = screen.memory() as f64 / 1024.0;
    println!(
        "  {:<40} {memory:>8.1} MiB",
        format!("{name}: highest memory")
    );
}

/// Lines that come faster than anybody reads, and keys meanwhile.
fn burst(pace: u64, folder: &Path) {
    let name = format!("{}k lines/s", pace / 1000);
    let file = |ending: &str| folder.join(format!("burst-{pace}.{ending}"));
    let (log, trace) = (file("log"), file("trace"));
    fs::write(&log, "2026-11-22T02:00:00.000Z [INFO]  begun\n").unwrap();
    let mut screen = Screen::start(tfsos(&log, folder, Some(&trace)));
    screen.keys("2");
    screen.until(|text| text.contains("begun"));
    let before = fs::read_to_string(&trace).unwrap().len();
    let path = log.clone();
    let writer = std::thread::spawn(move || write_burst(pace, &path));
    let mut keys = Vec::new();
    while !writer.is_finished() {
        for (key, level) in [("l", "level ≥ WARN"), ("L", "level ≥ INFO")] {
            screen.press(key);
            keys.push(screen.until(|text| text.contains(level)));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let took = writer.join().unwrap();
    let written = pace * BURST;
    let last = format!("number {} ", written - 1);
    let ended = Instant::now();
    screen.until(|text| text.contains(&last));
    let behind = ended.elapsed();
    screen.keys("t999999999\r");
    // Nothing is lost: the first line was there before.
    let digits = grouped(written + 1);
    screen.until(|text| text.contains(&format!("the log has {digits} lines")));
    println!(
        "  {:<40} {:>8.0} k/s, nothing lost, the last line on screen {:.0} ms after it",
        format!("{name}: written"),
        written as f64 / ms(took),
        ms(behind),
    );
    say(
        &format!("{name}: key to screen (p99)"),
        percentile(&keys, 99),
        50.0,
    );
    say(
        &format!("{name}: key to screen (median)"),
        median(keys.into_iter()),
        50.0,
    );
    let told = fs::read_to_string(&trace).unwrap();
    say(
        &format!("{name}: frame (p99)"),
        percentile(&frames(&told[before..]), 99),
        16.0,
    );
}

/// Writes the lines at their pace, and says how long that took: a machine that
/// can't write so fast shows it here.
fn write_burst(pace: u64, path: &Path) -> Duration {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    let began = Instant::now();
    let each = pace / 100;
    let mut text = Vec::new();
    for part in 0..BURST * 100 {
        text.clear();
        for n in part * each..(part + 1) * each {
            let (hour, minute) = (2 + n / 3_600_000, n / 60_000 % 60);
            let (second, milli) = (n / 1_000 % 60, n % 1_000);
            let at = format!("2026-11-22T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
            let said = "of the burst, a line as long as most";
            writeln!(text, "{at} [INFO]  number {n} {said}").unwrap();
        }
        file.write_all(&text).unwrap();
        let due = Duration::from_millis((part + 1) * 10);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
    }
    began.elapsed()
}

/// `2,000,001`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn tfsos(log: &Path, folder: &Path, trace: Option<&Path>) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tfsos"));
    command.arg("--log");
    command.arg(log);
    if let Some(trace) = trace {
        command.arg("--trace");
        command.arg(trace);
    }
    command.arg(folder.join("."));
    command.env("TERM", "xterm-256color");
    command.env(
        "XDG_STATE_HOME",
        folder.join("state").join(format!("{:?}", Instant::now())),
    );
    command
}

/// A program on a terminal of its own.
struct Screen {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    /// When it was started, or a key was pressed that is timed.
    since: Instant,
}

impl Screen {
    fn start(command: CommandBuilder) -> Self {
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let since = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            // The terminal lives as long as it is read.
            let _master = pair.master;
            let mut buffer = [0; 16_384];
            while let Ok(count) = reader.read(&mut buffer)
                && count > 0
                && sender.send(buffer[..count].to_vec()).is_ok()
            {}
        });
        Self {
            child,
            keys,
            bytes,
            parser: vt100::Parser::new(ROWS, COLUMNS, 0),
            since,
        }
    }

    fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// A key from which on is timed.
    fn press(&mut self, key: &str) {
        self.since = Instant::now();
        self.keys(key);
    }

    fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Waits for a screen, and gives how long that took.
    fn until(&mut self, meant: impl Fn(&str) -> bool) -> Duration {
        let end = Instant::now() + PATIENCE;
        while !meant(&self.text()) {
            // An age on the screen goes on whatever is awaited.
            let left = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.bytes.recv_timeout(left) else {
                panic!("never on the screen; there is:\n{}", self.text());
            };
            self.parser.process(&bytes);
        }
        self.since.elapsed()
    }

    /// Waits until nothing is drawn for a while.
    fn rest(&mut self) {
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(200)) {
            self.parser.process(&bytes);
        }
    }

    /// The highest resident size in kilobytes.
    fn memory(&self) -> u64 {
        let process = self.child.process_id().unwrap();
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.unwrap().parse().unwrap()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // `echo` may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the log pane shows records.
fn shows_records(text: &str) -> bool {
    text.contains("level ≥") && text.contains("\n▸")
}

/// How long each frame took: the events that led to it, and its drawing.
fn frames(trace: &str) -> Vec<Duration> {
    let of_line = |line: &str| {
        let (_, micros) = line.split_once(" frame ")?;
        let micros: u64 = micros.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_micros(micros))
    };
    trace.lines().filter_map(of_line).collect()
}

/// How long it took from each effect to the news that follows it.
fn spans(trace: &str, effect: &str, news: &str) -> Vec<Duration> {
    let (mut asked, mut spans) = (None, Vec::new());
    for line in trace.lines() {
        let Some((at, what)) = line.split_once(' ') else {
            continue;
        };
        let Ok(at) = at.parse::<jiff::Timestamp>() else {
            continue;
        };
        if what.starts_with(effect) {
            asked = Some(at);
        } else if what.ends_with(news)
            && let Some(asked) = asked.take()
        {
            spans.push(at.duration_since(asked).unsigned_abs());
        }
    }
    spans
}

fn percentile(times: &[Duration], hundredth: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = (times.len() * hundredth / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

fn say(what: &str, took: Duration, bound: f64) {
    let verdict = if ms(took) <= bound { "holds" } else { "MISSED" };
    println!(
        "  {what:<40} {:>8.2} ms   aim {bound:.0} ms   {verdict}",
        ms(took)
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
