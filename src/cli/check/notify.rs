//! Telling somebody that a check found something: a program of the person's
//! own, started without a shell, reads the object that `--json` prints.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::args::Program;
use crate::fault::Fault;
use crate::io::disk;

/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the program to its end, with the object on its standard input and the
/// id and the severity of the worst in its environment.
pub async fn send(program: &Program, object: &Value, worst: (&str, &str)) -> Result<(), Fault> {
    sent_within(PATIENCE, program, object, worst).await
}

async fn sent_within(
    patience: Duration,
    program: &Program,
    object: &Value,
    (id, severity): (&str, &str),
) -> Result<(), Fault> {
    let fault = |cause: String| Fault::new("notify by", &program.name, cause);
    let started = Command::new(&program.name)
        .args(&program.arguments)
        .env("TFSOS_FINDING", id)
        .env("TFSOS_SEVERITY", severity)
        .stdin(Stdio::piped())
        // What a script reads is the answer alone.
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .process_group(0)
        .spawn();
    let mut child = started.map_err(|error| fault(disk::cause(&error)))?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let text = format!("{object}\n");
    let work = async {
        if let Some(mut input) = child.stdin.take() {
            // A program that does not read its input may well have done its work.
            let _ = input.write_all(text.as_bytes()).await;
        }
        child.wait().await
    };
    let ended = timeout(patience, work).await;
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(fault(match status.code() {
            Some(code) => format!("it ended with status {code}"),
            None => "it was ended by a signal".to_owned(),
        })),
        Ok(Err(error)) => Err(fault(disk::cause(&error))),
        Err(_) => {
            // What it started must not go on either; gone is as good as ended.
            let _ = group.map(|group| kill_process_group(group, Signal::KILL));
            let limit = patience.as_secs();
            Err(fault(format!("it did not end within {limit} s")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shell(script: &str) -> Program {
        Program {
            name: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
        }
    }

    async fn said(program: Program, patience: u64) -> Option<String> {
        let worst = ("lock.stale", "warning");
        let large = json!({"text": "x".repeat(1 << 20)});
        let sent = sent_within(Duration::from_secs(patience), &program, &large, worst).await;
        sent.err().map(|fault| fault.to_string())
    }

    #[tokio::test]
    async fn a_program_that_fails_hangs_or_is_not_there_is_said() {
        assert_eq!(said(shell("cat > /dev/null"), 30).await, None);
        // It need not read what it is told.
        assert_eq!(said(shell("exit 0"), 30).await, None);
        let ended = said(shell("exit 7"), 30).await;
        assert_eq!(
            ended.as_deref(),
            Some("cannot notify by sh: it ended with status 7")
        );
        let hung = said(shell("sleep 600 & sleep 600"), 0).await;
        assert_eq!(
            hung.as_deref(),
            Some("cannot notify by sh: it did not end within 0 s")
        );
        let none = Program {
            name: "no-such-program-here".into(),
            arguments: Vec::new(),
        };
        assert_eq!(
            said(none, 30).await.as_deref(),
            Some("cannot notify by no-such-program-here: no such file")
        );
    }
}
