//! A program that a person signs in with, on the terminal that was given back
//! to them: it reads the keyboard itself, and ctrl-c ends it and not us.

use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::process::Stdio;

use rustix::termios::{QueueSelector, tcflush};
use tokio::process::Command;
use tokio::task::spawn_blocking;

use super::disk;
use crate::fault::Fault;

/// Runs the program to its end, on the terminal.
pub async fn run(words: &[String]) -> Result<(), Fault> {
    let fault = |cause: String| Fault::new("sign in by", words.join(" "), cause);
    let (name, arguments) = words
        .split_first()
        .ok_or_else(|| fault("it names no program".to_owned()))?;
    // There is nowhere left to say that standard output has gone.
    let _ = writeln!(stdout().lock(), "tfsos: {}", words.join(" "));
    let started = Command::new(name)
        .args(arguments)
        .stdin(keyboard())
        .kill_on_drop(true)
        .spawn();
    let mut child = started.map_err(|error| fault(disk::cause(&error)))?;
    let status = child.wait().await;
    let status = status.map_err(|error| fault(disk::cause(&error)))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(fault(format!("it ended with status {code}"))),
        None => Err(fault("it was ended by a signal".to_owned())),
    }
}

/// Standard input may be a log that is being read.
fn keyboard() -> Stdio {
    File::open("/dev/tty").map_or_else(|_| Stdio::inherit(), Stdio::from)
}

/// Says the fault on the terminal that is about to be covered again, and waits until it was read.
pub async fn let_read(fault: &Fault) {
    let said = format!("tfsos: {fault}\nEnter goes back to the console");
    let _ = writeln!(stdout().lock(), "{said}");
    // At the end of the input nobody is there to read.
    let read = || match File::open("/dev/tty") {
        Ok(keyboard) => BufReader::new(keyboard).read_line(&mut String::new()),
        Err(_) => stdin().read_line(&mut String::new()),
    };
    let _ = spawn_blocking(read).await;
}

/// Throws away what was typed and not read: it was not meant for the console.
pub fn forget_keys() {
    let _ = tcflush(stdin(), QueueSelector::IFlush);
}
