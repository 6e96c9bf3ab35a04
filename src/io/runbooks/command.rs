//! Running a command of a runbook: a process group of its own, nothing to type
//! into it, what it prints kept at both ends and masked. It is stopped by steps,
//! gently first, because a Terraform that is killed leaves its lock behind.
//!
//! Like every write it is refused where the run is read-only, or where what was
//! armed is not this place and this caller any more.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep, timeout};

use crate::app::effect::Ticket;
use crate::app::event::Event;
use crate::app::pane::runbook::{LIMIT, RunbookNews};
use crate::fault::Fault;
use crate::io::disk;
use crate::io::execute::Stop;
use crate::log::mask::mask;
use crate::runbook::{Ended, Ran, Stopped};

/// Bytes of output that are kept of the beginning, and as many of the end.
const KEPT: usize = 8 * 1024;
/// How often it is looked whether the command is to be stopped.
const LOOK: Duration = Duration::from_millis(100);
/// How long what left the command behind may still print.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Past its limit a command has so long to end after each signal.
const AFTER_LIMIT: Duration = Duration::from_mins(10);
/// The same where the console ends, which waits for 20 s in all.
const AFTER_LEAVING: Duration = Duration::from_secs(6);

/// The signals by which a command is stopped, one after the other.
const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::KILL];

/// The commands that run, and how far each has been asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Commands(Arc<Mutex<HashMap<Ticket, Arc<AtomicU8>>>>);

impl Commands {
    /// Asks a command to stop, each time with the next signal.
    pub fn stop(&self, ticket: Ticket) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = known.get(&ticket) {
            // Beyond the last signal there is nothing more to ask.
            let _ = asked.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |times| {
                (usize::from(times) < SIGNALS.len()).then_some(times + 1)
            });
        }
    }

    fn add(&self, ticket: Ticket) -> Arc<AtomicU8> {
        let asked = Arc::new(AtomicU8::new(0));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(ticket, Arc::clone(&asked));
        asked
    }

    fn remove(&self, ticket: Ticket) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&ticket);
    }
}

/// What a command is run with.
#[derive(Debug)]
pub struct Setting<'a> {
    pub ticket: Ticket,
    pub directory: Option<&'a Path>,
    pub commands: &'a Commands,
    /// Asked when the console ends.
    pub leaving: &'a Stop,
    pub news: &'a Sender<Event>,
}

/// Runs a command to its end, telling what it prints meanwhile.
pub async fn run(command: &str, setting: &Setting<'_>) -> Result<Ran, Fault> {
    let fault = |error: io::Error| Fault::new("run", "the command", disk::cause(&error));
    let (child, pipe) = start(command, setting.directory).map_err(fault)?;
    let asked = setting.commands.add(setting.ticket);
    let mut watch = Watch {
        child,
        pipe,
        asked,
        sent: 0,
        sent_at: Instant::now(),
        stopped: None,
        output: Output::default(),
    };
    let (at, began) = (Timestamp::now(), Instant::now());
    let status = watch.follow(setting, began).await;
    setting.commands.remove(setting.ticket);
    Ok(Ran {
        at,
        command: command.to_owned(),
        ended: ended(status.map_err(fault)?),
        stopped: watch.stopped,
        seconds: began.elapsed().as_secs().cast_signed(),
        output: watch.output.text(),
    })
}

/// Every value in the command is quoted already; the shell reads the page's own words.
fn start(command: &str, directory: Option<&Path>) -> io::Result<(Child, Receiver)> {
    let (reader, writer) = io::pipe()?;
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        // Nobody can answer a question or turn a page.
        .env("TF_INPUT", "0")
        .env("AWS_PAGER", "")
        .env("PAGER", "cat");
    if let Some(directory) = directory {
        shell.current_dir(directory);
    }
    let child = shell.spawn()?;
    Ok((child, Receiver::from_owned_fd(OwnedFd::from(reader))?))
}

fn ended(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exit(code),
        (None, signal) => Ended::Signal(signal.unwrap_or_default()),
    }
}

/// A command under way.
struct Watch {
    child: Child,
    pipe: Receiver,
    asked: Arc<AtomicU8>,
    /// How many signals it has had, and when the last one.
    sent: usize,
    sent_at: Instant,
    stopped: Option<Stopped>,
    output: Output,
}

impl Watch {
    async fn follow(&mut self, setting: &Setting<'_>, began: Instant) -> io::Result<ExitStatus> {
        let group = self
            .child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()));
        let mut bytes = vec![0; 4096];
        let mut is_open = true;
        let status = loop {
            tokio::select! {
                read = self.pipe.read(&mut bytes), if is_open => match read {
                    Ok(0) | Err(_) => is_open = false,
                    Ok(count) => self.hear(&bytes[..count], setting),
                },
                status = self.child.wait() => break status,
                () = sleep(LOOK) => self.look(group, setting, began),
            }
        };
        // What it left behind must not go on unseen.
        signal(group, Signal::TERM);
        let rest = async {
            while let Ok(count @ 1..) = self.pipe.read(&mut bytes).await {
                self.output.push(&bytes[..count]);
            }
        };
        // Silence after this says nothing: what left the group cannot be waited for.
        let _ = timeout(LAST_WORDS, rest).await;
        status
    }

    fn hear(&mut self, bytes: &[u8], setting: &Setting<'_>) {
        self.output.push(bytes);
        let news = RunbookNews::Printed {
            ticket: setting.ticket,
            text: self.output.latest(),
        };
        // A screen that is slow misses a line and still gets the whole at the end.
        let _ = setting.news.try_send(Event::Runbook(news));
    }

    /// Sends the signal that is due: for whoever asked, past the limit, or because the console ends.
    fn look(&mut self, group: Option<Pid>, setting: &Setting<'_>, began: Instant) {
        let asked = usize::from(self.asked.load(Ordering::Relaxed));
        let since = self.sent_at.elapsed();
        let (due, why) = if asked > self.sent {
            (true, Stopped::Asked)
        } else if setting.leaving.is_asked() {
            (self.sent == 0 || since > AFTER_LEAVING, Stopped::Left)
        } else if began.elapsed() > LIMIT {
            (self.sent == 0 || since > AFTER_LIMIT, Stopped::Late)
        } else {
            return;
        };
        if let Some(next) = SIGNALS.get(self.sent).filter(|_| due) {
            signal(group, *next);
            self.stopped.get_or_insert(why);
            self.sent += 1;
            self.sent_at = Instant::now();
        }
    }
}

fn signal(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // A group that has ended needs no signal.
        let _ = kill_process_group(group, signal);
    }
}

/// What was printed: its beginning, its end, and how much stood between them.
#[derive(Debug, Default)]
struct Output {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl Output {
    fn push(&mut self, bytes: &[u8]) {
        let room = (KEPT - self.head.len()).min(bytes.len());
        self.head.extend(&bytes[..room]);
        self.tail.extend(&bytes[room..]);
        let many = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..many);
        self.left_out += many as u64;
    }

    fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let whole = if self.left_out == 0 {
            plain(&[self.head.as_slice(), &tail].concat())
        } else {
            let gap = format!("\n… {} bytes left out …\n", self.left_out);
            format!("{}{gap}{}", plain(&self.head), plain(&tail))
        };
        mask(&whole)
    }

    /// The last lines, for the screen.
    fn latest(&self) -> String {
        let text = self.text();
        let lines: Vec<_> = text.lines().rev().take(8).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// Text without the colors that a program paints it in.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' && letters.next_if_eq(&'[').is_some() {
            while letters
                .next_if(|next| !next.is_ascii_alphabetic())
                .is_some()
            {}
            letters.next();
        } else if letter != '\r' {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::mpsc::channel;

    use super::*;

    /// Runs a command, and stops it by so many signals once it has printed something.
    async fn ran(command: &str, signals: usize) -> Ran {
        // As the console does: a shell cannot trap what its parent ignores, and
        // whoever runs the tests in the background may have us ignore it.
        let _heard = signal(SignalKind::interrupt()).unwrap();
        let (news, mut heard) = channel(64);
        let (commands, leaving) = (Commands::default(), Stop::default());
        let setting = Setting {
            ticket: Ticket(7),
            directory: Some(Path::new("/")),
            commands: &commands,
            leaving: &leaving,
            news: &news,
        };
        let stopping = async {
            // One that ends at once may be over before anything of it was heard.
            if signals > 0 {
                heard.recv().await;
            }
            for _ in 0..signals {
                commands.stop(Ticket(7));
            }
        };
        let (ran, ()) = tokio::join!(run(command, &setting), stopping);
        ran.unwrap()
    }

    #[tokio::test]
    async fn what_a_command_prints_is_kept_with_how_it_ended() {
        let ran = ran("echo out; echo err >&2; pwd; exit 3", 0).await;
        assert_eq!(ran.ended, Ended::Exit(3));
        assert_eq!((ran.output.as_str(), ran.stopped), ("out\nerr\n/\n", None));
    }

    #[tokio::test]
    async fn a_command_gets_no_input_and_a_group_of_its_own() {
        let ran = ran("cat; ps -o pgid= -p $$ | tr -d ' '; echo $$", 0).await;
        let lines: Vec<_> = ran.output.lines().collect();
        assert_eq!((lines.len(), lines[0]), (2, lines[1]), "{}", ran.output);
    }

    #[tokio::test]
    async fn secrets_and_colors_do_not_stay_in_the_output() {
        let ran = ran(r"printf '\033[31mpassword = hunter2\033[0m\n'", 0).await;
        assert!(!ran.output.contains("hunter2"), "{}", ran.output);
        assert!(!ran.output.contains('\u{1b}'), "{}", ran.output);
    }

    #[tokio::test]
    async fn the_middle_of_a_long_output_is_left_out() {
        let ran = ran("echo first; yes | head -c 100000; echo last", 0).await;
        assert!(ran.output.starts_with("first\n") && ran.output.ends_with("last\n"));
        assert!(ran.output.contains("bytes left out"));
        assert!(ran.output.len() < 3 * KEPT);
    }

    #[tokio::test]
    async fn a_command_is_interrupted_before_it_is_killed() {
        let gentle = "trap 'echo saved; exit 5' INT; echo up; while :; do sleep 0.05; done";
        let ran = ran(gentle, 1).await;
        assert_eq!(
            (ran.ended, ran.stopped),
            (Ended::Exit(5), Some(Stopped::Asked))
        );
        assert!(ran.output.ends_with("saved\n"), "{}", ran.output);
    }

    #[tokio::test]
    async fn a_command_that_will_not_listen_is_killed_at_last_with_its_children() {
        let deaf = "trap '' INT TERM; echo up; sleep 600 & while :; do sleep 0.05; done";
        let ran = ran(deaf, 3).await;
        assert_eq!(
            (ran.ended, ran.stopped),
            (Ended::Signal(9), Some(Stopped::Asked))
        );
    }
}
