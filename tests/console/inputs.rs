//! Logs as they come out of pipelines and out of accidents, on screen.

use crate::logs::{Logged, record};

#[test]
fn the_log_of_a_ci_job_reads_as_terraform_wrote_it() {
    let job = [
        "2026-11-22T02:00:01.6531234Z ##[group]Run terraform apply -auto-approve",
        "2026-11-22T02:00:02.6531234Z \u{1b}[0m\u{1b}[1maws_instance.web: Creating...\u{1b}[0m",
        "2026-11-22T02:00:03.6531234Z 2026-11-22T02:00:03.100Z [WARN]  provider.terraform-provider-aws_v5.50.0_x5: slow: n=1",
        "2026-11-22T02:00:04.6531234Z \u{1b}[31m╷\u{1b}[0m",
        "2026-11-22T02:00:04.6531234Z \u{1b}[31m│\u{1b}[0m \u{1b}[1m\u{1b}[31mError: \u{1b}[0mcreating EC2 Instance: no capacity",
        "2026-11-22T02:00:04.6531234Z \u{1b}[31m╵\u{1b}[0m",
        "2026-11-22T02:00:05.6531234Z ##[error]Process completed with exit code 1.",
    ];
    let logged = Logged::showing(&[("job.log", &job.join("\r\n"))]);
    for row in [
        "02:00:02.653 I run       aws_instance.web: Creating...",
        "02:00:03.100 W aws       slow n=1",
        "02:00:04.653 E run       Error: creating EC2 Instance: no capacity",
        "02:00:05.653 E run       ##[error]Process completed with exit code 1.",
    ] {
        assert!(logged.shows(row), "{row}\n{}", logged.console.text());
    }
    assert!(!logged.shows("6531234Z"));
}

#[test]
fn a_crash_is_one_row_that_unfolds_into_its_goroutines() {
    let said = |second, said: &str| {
        let logger = "provider.terraform-provider-aws_v5.50.0_x5";
        record(second, "DEBUG", &format!("{logger}: {said}"))
    };
    let text = record(1, "INFO", " before")
        + &said(
            2,
            "panic: runtime error: index out of range [3] with length 3",
        )
        + &said(2, "")
        + &said(2, "goroutine 90 [running]:")
        + &said(2, "main.(*T).Read(0xc000)")
        + &said(2, "\t/build/t.go:412 +0x1d");
    for text in [text.replace('\n', "\r\n"), text] {
        unfolds(&text);
    }
}

fn unfolds(text: &str) {
    let mut logged = Logged::showing(&[("terraform.log", text)]);
    assert!(logged.here().contains("E aws       panic: runtime error"));
    assert!(logged.here().contains("⏎4"));
    logged.keys("enter");
    assert!(logged.shows("main.(*T).Read(0xc000)"));
}

#[test]
fn no_line_is_too_long_and_no_byte_too_strange_for_the_screen() {
    let text = record(1, "INFO", " before")
        + &record(2, "WARN", &" long".repeat(400_000))
        + &record(3, "INFO", " zero\0byte").replace('\n', "\r\n")
        + record(4, "ERROR", "after").trim_end();
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    assert!(logged.here().contains("E core      after"));
    for row in ["I core      before", "W core      long long", "zero^@byte"] {
        assert!(logged.shows(row), "{row}\n{}", logged.console.text());
    }
    logged.keys("up up enter end");
    assert!(logged.here().contains("after"));
}
