//! `tfsos analyze`: what a person, a ticket and a script are told of a log.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::stage::{Said, said};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/log")
        .join(name)
}

/// A folder with a log in it.
struct Folder(TempDir);

impl Folder {
    fn with(text: impl AsRef<[u8]>) -> Self {
        let folder = Self(TempDir::new().unwrap());
        std::fs::write(folder.log(), text).unwrap();
        folder
    }

    fn log(&self) -> PathBuf {
        self.0.path().join("tf.log")
    }

    fn analyze(&self, words: &[&str]) -> Said {
        analyze(&[&[self.log().to_str().unwrap()], words].concat())
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
    command.arg("analyze").args(words).env_clear();
    command
}

pub fn analyze(words: &[&str]) -> Said {
    said(command(words).stdin(Stdio::null()).output().unwrap())
}

pub fn of_fixture(name: &str, words: &[&str]) -> Said {
    analyze(&[&[fixture(name).to_str().unwrap()], words].concat())
}

/// The same with a text as standard input.
fn piped(text: &[u8], words: &[&str]) -> Said {
    let mut child = command(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    said(child.wait_with_output().unwrap())
}

fn line(level: &str, rest: &str) -> String {
    format!("2026-11-22T11:52:08.653Z [{level}] {rest}\n")
}

#[test]
fn a_lock_conflict_is_told_with_its_calls_its_run_and_what_to_do() {
    let said = of_fixture("lock-conflict.log", &[]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for part in [
        "74 lines, 55 records",
        "✖ lock: 2 records, the last at 11:52:09",
        "line 57  DynamoDB/PutItem answered 400 ConditionalCheckFailedException",
        "▸       57 │ ",
        "ConditionalCheckFailedException 1, no answer 1",
        "terraform apply -auto-approve -no-color",
        "▲ -auto-approve: nobody looked at the plan",
        "runbook state-lock: ",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
}

#[test]
fn the_harmless_errors_of_a_healthy_run_are_told_apart_and_no_trouble() {
    let harmless = line(
        "ERROR",
        "AttachSchemaTransformer: No provider config schema available for x",
    );
    let error = line("ERROR", "vertex \"a_b.c\" error: no such thing");
    for (harmless_errors, errors, told) in [
        (1, 0, "ERROR 1 (harmless)"),
        (9, 0, "ERROR 9 (all of them harmless)"),
        (9, 3, "ERROR 12 (9 of them harmless)"),
        (0, 1, "ERROR 1   WARN 0"),
    ] {
        let text = harmless.repeat(harmless_errors) + &error.repeat(errors);
        let folder = Folder::with(text);
        let said = folder.analyze(&[]);
        assert!(said.out.contains(told), "{told}: {}", said.out);
        let found_none = said.out.contains("✔ no trouble was found");
        assert_eq!(found_none, errors == 0, "{}", said.out);
        let ticket = folder.analyze(&["--markdown"]).out;
        assert!(
            ticket.contains(&told.replace("   ", ", ")),
            "{told}: {ticket}"
        );
        let json = folder.analyze(&["--json"]).json();
        assert_eq!(json["levels"]["ERROR"], errors + harmless_errors);
        assert_eq!(json["harmless_errors"], harmless_errors);
    }
}

#[test]
fn a_script_is_told_the_keys_of_the_contract() {
    let json = of_fixture("lock-conflict.log", &["--json"]).json();
    assert_eq!(json["command"], "analyze");
    assert_eq!((&json["lines"], &json["records"]), (&74.into(), &55.into()));
    assert_eq!(json["levels"]["DEBUG"], 34);
    let lock = &json["categories"]["lock"];
    assert_eq!(
        (&lock["records"], &lock["lines"], &lock["first_line"]),
        (&2.into(), &5.into(), &57.into())
    );
    assert_eq!(lock["examples"][0]["line"], 57);
    assert_eq!(json["categories"]["auth"]["records"], 0);
    assert_eq!(json["categories"].as_object().unwrap().len(), 14);
    let put = &json["api_calls"][0];
    for (key, value) in [
        ("calls", 2),
        ("errors", 2),
        ("throttles", 0),
        ("retries", 1),
        ("p50_ms", 18),
        ("p95_ms", 18),
        ("max_ms", 18),
    ] {
        assert_eq!(put[key], value, "{key}");
    }
    assert_eq!(
        (&put["service"], &put["operation"]),
        (&"DynamoDB".into(), &"PutItem".into())
    );
    assert_eq!(json["runs"][0]["arguments"][1], "apply");
    assert_eq!(json["files"][0]["whole"], true);
    assert_eq!(json["next"][0]["runbook"], "state-lock");
}

#[test]
fn work_is_told_by_address_kind_seconds_and_outcome() {
    let json = of_fixture("apply-trace.log", &["--json", "--slow", "0"]).json();
    let of = |address: &str, kind: &str| -> Vec<Value> {
        let operations = json["operations"].as_array().unwrap().iter();
        let meant = operations.filter(|one| one["address"] == address && one["kind"] == kind);
        meant.cloned().collect()
    };
    assert_eq!(of("terraform_data.bad", "apply")[0]["outcome"], "failed");
    let applied = of("terraform_data.a[1]", "apply");
    assert_eq!(
        (
            applied.len(),
            &applied[0]["outcome"],
            &applied[0]["seconds"]
        ),
        (1, &"done".into(), &0.002.into())
    );
    assert_eq!(of("terraform_data.a[0]", "plan").len(), 1);
    let slow = of_fixture("apply-trace.log", &["--json"]).json();
    assert_eq!(
        slow["operations"].as_array().unwrap().len(),
        1,
        "only what failed"
    );
}

#[test]
fn only_a_category_that_was_named_is_a_failure() {
    let code = |words: &[&str]| of_fixture("lock-conflict.log", words).code;
    assert_eq!(code(&["--fail-on", "auth,lock"]), 1);
    assert_eq!(code(&["--fail-on", "auth"]), 0);
    let wrong = of_fixture("lock-conflict.log", &["--fail-on", "locks"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("locks is no category: provider_crash, "),
        "{}",
        wrong.err
    );
    assert_eq!(analyze(&[]).code, 2);
    assert_eq!(analyze(&["-", "-"]).code, 2);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_told() {
    let said = analyze(&["/nowhere/tf.log"]);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert!(
        said.err
            .contains("cannot read log /nowhere/tf.log: no such file"),
        "{}",
        said.err
    );
    let folder = Folder::with("x");
    assert!(
        analyze(&[folder.0.path().to_str().unwrap()])
            .err
            .contains("it is a folder")
    );
    let said = of_fixture("lock-conflict.log", &["/nowhere/tf.log"]);
    assert_eq!(said.code, 3);
    assert!(
        said.out
            .contains("◌ not seen: cannot read log /nowhere/tf.log"),
        "{}",
        said.out
    );
    assert!(said.out.contains("✖ lock"), "{}", said.out);
    let said = of_fixture(
        "lock-conflict.log",
        &["/nowhere/tf.log", "--fail-on", "lock", "--json"],
    );
    assert_eq!(
        (said.code, said.json()["unseen"].as_array().unwrap().len()),
        (1, 1)
    );
}

#[test]
fn standard_input_is_told_as_the_file_is() {
    let text = std::fs::read(fixture("lock-conflict.log")).unwrap();
    let path = fixture("lock-conflict.log");
    let by_name = of_fixture("lock-conflict.log", &["--json"]).out;
    let by_name = by_name.replace(path.to_str().unwrap(), "standard input");
    let by_pipe = piped(&text, &["-", "--json"]).out;
    let timeless = |text: &str| {
        let mut json: Value = serde_json::from_str(text).unwrap();
        // What is remarked of a file depends on the room beside it.
        for key in ["at", "remarks"] {
            json.as_object_mut().unwrap().remove(key);
        }
        json
    };
    assert_eq!(timeless(&by_name), timeless(&by_pipe));
}

#[test]
fn an_empty_log_is_no_trouble() {
    let said = piped(b"", &["-"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("0 lines, 0 records"), "{}", said.out);
}

#[test]
fn secrets_are_shown_only_to_who_asks_for_them() {
    let text = line("WARN", " password=\"hunter2\"")
        + "  private_key=\n  | MIIEow\n  | IBAAK\n   n=1\n"
        + &line(
            "ERROR",
            "vertex \"a_b.c\" error: api error AccessDenied: token=hunter3",
        )
        + &line(
            "INFO",
            " CLI args: []string{\"terraform\", \"apply\", \"-var\", \"db_password=hunter4\"}",
        );
    let text = line("INFO", " Terraform version: 1.11.4") + &text;
    let folder = Folder::with(text);
    for words in [&["--context", "9"][..], &["--json"], &["--markdown"]] {
        let said = folder.analyze(words);
        for secret in ["hunter", "MIIEow", "IBAAK"] {
            assert!(!said.out.contains(secret), "{words:?} {}", said.out);
        }
    }
    let said = folder.analyze(&["--reveal"]);
    assert!(said.out.contains("hunter3"), "{}", said.out);
    assert_eq!(folder.analyze(&["--reveal", "--json"]).code, 2);
}

#[test]
fn the_context_is_as_long_as_asked() {
    let quiet: String = (0..20)
        .map(|number| line("INFO", &format!(" quiet {number}")))
        .collect();
    let loud = line("WARN", " state MD5 mismatch");
    let folder = Folder::with(format!("{quiet}{loud}{quiet}"));
    let rows = |words: &[&str]| folder.analyze(words).out.matches(" │ ").count();
    assert_eq!(
        (
            rows(&["--context", "0"]),
            rows(&[]),
            rows(&["--context", "7"])
        ),
        (1, 5, 15)
    );
    let said = folder.analyze(&["--context", "1"]);
    assert!(said.out.contains("  ▸       21 │ "), "{}", said.out);
    assert!(said.out.contains("          20 │ "), "{}", said.out);
}

#[test]
fn the_lines_around_a_record_at_the_end_of_a_log_keep_their_numbers() {
    let folder = Folder::with("one\nError: no\n\n  with a_b.c,\n\nbecause\n\n\n");
    let said = folder.analyze(&["--context", "4"]);
    for row in [
        " 1 │ one",
        "▸        2 │ Error: no",
        " 3 │ ",
        " 4 │   with a_b.c,",
        " 6 │ because",
    ] {
        assert!(said.out.contains(row), "{row}: {}", said.out);
    }
}

#[test]
fn run_output_beside_the_log_of_the_same_run_counts_once() {
    let log = line(
        "TRACE",
        "vertex \"a_b.c\": starting visit (*terraform.NodeApplyableResourceInstance)",
    ) + "2026-11-22T11:52:28.653Z [TRACE] vertex \"a_b.c\": visit complete\n";
    let log = Folder::with(log);
    let output = Folder::with("a_b.c: Creating...\na_b.c: Creation complete after 20s [id=x]\n");
    let names = [log.log(), output.log()];
    let names = names.each_ref().map(|path| path.to_str().unwrap());
    let json = analyze(&[&names[..], &["--json"]].concat()).json();
    assert_eq!(json["operations"].as_array().unwrap().len(), 1);
    assert_eq!(json["operations"][0]["seconds"], 20.0);
    assert_eq!(json["files"].as_array().unwrap().len(), 2);
}

#[test]
fn the_events_beside_the_log_of_the_same_run_are_no_run_of_their_own() {
    let log = line("INFO", " Terraform version: 1.11.4")
        + &line(
            "INFO",
            " CLI args: []string{\"terraform\", \"plan\", \"-json\"}",
        );
    let event = r#"{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.700000Z","terraform":"1.11.4","type":"version","ui":"1.2"}"#;
    let (log, events) = (Folder::with(log), Folder::with(event));
    let names = [events.log(), log.log()];
    let names = names.each_ref().map(|path| path.to_str().unwrap());
    let json = analyze(&[&names[..], &["--json"]].concat()).json();
    assert_eq!(json["runs"].as_array().unwrap().len(), 1);
    assert_eq!(json["runs"][0]["verb"], "plan");
    let alone = analyze(&[names[0], "--json"]).json();
    assert_eq!(alone["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn a_ticket_gets_tables_and_fences() {
    let said = of_fixture("lock-conflict.log", &["--markdown"]);
    for part in [
        "### Trouble",
        "**lock**: 2 records",
        "| DynamoDB/PutItem | 2 | 2 |",
        "### What to do next",
        "(runbook `state-lock`: ",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert_eq!(
        of_fixture("lock-conflict.log", &["--markdown", "--json"]).code,
        2
    );
}

#[test]
fn variables_that_terraform_does_not_know_are_remarked() {
    let name = fixture("run.json");
    let mut command = command(&[name.to_str().unwrap()]);
    let said = said(
        command
            .env("TF_LOG_PATH_PROVIDER", "/tmp/x")
            .output()
            .unwrap(),
    );
    assert!(
        said.out
            .contains("▲ TF_LOG_PATH_PROVIDER is set, and Terraform knows no such variable"),
        "{}",
        said.out
    );
}

#[test]
fn nothing_in_a_log_reaches_the_terminal_as_a_command() {
    let text = line(
        "WARN",
        " state MD5 mismatch \u{1b}]0;title\u{7} \u{1b}[2J \u{9b}2J \u{202e}x: error=\"\u{1b}[31m\"",
    );
    let folder = Folder::with(text);
    for words in [&[][..], &["--markdown"], &["--reveal"]] {
        let said = folder.analyze(words);
        assert!(
            !said.out.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']),
            "{words:?}"
        );
    }
}

#[test]
fn a_crash_report_is_a_new_file_that_says_what_its_upstream_asks_for() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("report.md");
    let out = out.to_str().unwrap();
    let of = |log: &str| {
        let log = fixture(log);
        analyze(&[log.to_str().unwrap(), "--crash-report", out])
    };
    let none = of("expired.out");
    assert_eq!(none.code, 3, "{none:?}");
    assert!(none.err.contains("no crash is told of"), "{none:?}");
    assert!(!std::path::Path::new(out).exists());
    let said = of("provider-crash.log");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("read it before you post it"), "{said:?}");
    let text = std::fs::read_to_string(out).unwrap();
    assert!(
        text.starts_with("# the provider brittle crashed: panic: "),
        "{text}"
    );
    assert!(text.contains("internal/thing.go:88"), "{text}");
    // Nothing is ever written over.
    let again = of("provider-crash.log");
    assert_eq!(again.code, 3, "{again:?}");
    assert_eq!(std::fs::read_to_string(out).unwrap(), text);
}
