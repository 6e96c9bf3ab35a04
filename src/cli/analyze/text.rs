//! The report for a person, the worst first, in rows of the terminal.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::example::Example;
use super::report::{NextStep, Report, Trouble, Work};
use crate::app::text::{clip, clip_middle, count, plural, size, span, wrap};
use crate::log::{Call, Category, Level, Millis, Outcome, Run, mask};

/// How many examples, calls and operations a person reads.
const EXAMPLES: usize = 3;
const CALLS: usize = 12;
const OPERATIONS: usize = 12;
const RUNS: usize = 8;

/// The report in rows of at most this many columns, where it is not a path or an address that is longer.
pub fn of(report: &Report<'_>, unseen: &[String], columns: usize) -> String {
    let mut text = head(report);
    text.push_str(&trouble(report, columns));
    text.push_str(&calls(report, columns));
    text.push_str(&operations(report, columns));
    text.push_str(&runs(report, columns));
    if !report.remarks.is_empty() || !unseen.is_empty() {
        text.push_str("\nremarks\n");
    }
    for remark in &report.remarks {
        text.push_str(&hung("  ▲ ", remark, columns));
    }
    for fault in unseen {
        text.push_str(&hung("  ◌ not seen: ", fault, columns));
    }
    text.push_str(&steps(report, columns));
    text
}

/// A sentence behind its lead, its further rows beneath where it begins.
fn hung(lead: &str, sentence: &str, columns: usize) -> String {
    let indent = lead.chars().count();
    let rows = wrap(sentence, columns.saturating_sub(indent));
    let rows = rows.iter().enumerate().map(|(number, row)| {
        let before = if number == 0 {
            lead.to_owned()
        } else {
            " ".repeat(indent)
        };
        format!("{before}{row}\n")
    });
    rows.collect()
}

fn head(report: &Report<'_>) -> String {
    let names: Vec<&str> = report.logs.iter().map(|log| log.name.as_str()).collect();
    let mut text = format!(
        "{}\n  {}, {}, {}",
        names.join(", "),
        plural(report.lines, "line"),
        plural(report.records, "record"),
        size(report.bytes())
    );
    if let Some((first, last)) = report.span() {
        let _ = write!(text, ", {} – {}", day(first), clock(last));
        let _ = write!(text, " UTC ({})", between(first, last));
    }
    text.push('\n');
    let _ = writeln!(text, "  {}", levels(report).join("   "));
    text
}

/// How many records each level has, the gravest first. The errors that a healthy
/// run logs too are named with their number, which frightens without reason.
pub fn levels(report: &Report<'_>) -> Vec<String> {
    let one = |level: Level| {
        let number = report.levels[level as usize];
        let meant = match (level, report.harmless) {
            (Level::Error, 1..) => harmless(number, report.harmless),
            _ => String::new(),
        };
        format!("{} {}{meant}", level.word(), count(number))
    };
    Level::ALL.into_iter().rev().map(one).collect()
}

fn harmless(errors: u64, harmless: u64) -> String {
    match (errors, harmless) {
        (1, _) => " (harmless)".to_owned(),
        _ if harmless == errors => " (all of them harmless)".to_owned(),
        _ => format!(" ({} of them harmless)", count(harmless)),
    }
}

fn trouble(report: &Report<'_>, columns: usize) -> String {
    if report.troubles.is_empty() {
        return "\n  ✔ no trouble was found\n".to_owned();
    }
    let mut text = "\ntrouble, the gravest cause first\n".to_owned();
    for trouble in &report.troubles {
        text.push_str(&one_trouble(report, trouble, columns));
    }
    text
}

fn one_trouble(report: &Report<'_>, trouble: &Trouble, columns: usize) -> String {
    let mark = if trouble.category == Category::Deprecation {
        '●'
    } else {
        '✖'
    };
    let title = trouble.category.title();
    let mut text = format!("  {mark} {title}: {}", plural(trouble.records, "record"));
    if let Some(last) = trouble.last.filter(|_| trouble.records > 1) {
        let _ = write!(text, ", the last at {}", clock(last));
    }
    text.push('\n');
    let mut shown = trouble.examples.iter().peekable();
    let mut told: Vec<&str> = Vec::new();
    while let Some(example) = shown.next().filter(|_| told.len() < EXAMPLES) {
        // The same sentence again says nothing new.
        if !told.contains(&example.essence.as_str()) {
            text.push_str(&one_example(report, example, columns));
            told.push(&example.essence);
        }
    }
    text
}

fn one_example(report: &Report<'_>, example: &Example, columns: usize) -> String {
    let place = format!("{}{}", report.prefix(example.log), example.line);
    let mut text = hung(&format!("      line {place}  "), &example.essence, columns);
    for (number, line) in &example.excerpt {
        let mark = if *number == Some(example.line) {
            '▸'
        } else {
            ' '
        };
        let number = number.map_or("·".to_owned(), |number| number.to_string());
        let row = format!("      {mark} {number:>8} │ {line}");
        let _ = writeln!(text, "{}", clip(&row, columns));
    }
    text
}

fn calls(report: &Report<'_>, columns: usize) -> String {
    if report.calls.is_empty() {
        return String::new();
    }
    // The figures beside the name take 56 columns.
    let room = columns.saturating_sub(56).clamp(20, 40);
    let mut text = format!(
        "\n{:<width$} {:>7} {:>6} {:>9} {:>7} {:>6} {:>6} {:>6}\n",
        "API calls",
        "calls",
        "errors",
        "throttled",
        "retried",
        "p50",
        "p95",
        "max",
        width = room + 2,
    );
    for call in report.calls.iter().take(CALLS) {
        let _ = writeln!(
            text,
            "  {:<room$} {:>7} {:>6} {:>9} {:>7} {:>6} {:>6} {:>6}",
            clip_middle(&name(call), room),
            count(call.calls),
            count(call.errors),
            count(call.throttles),
            count(call.retries),
            milliseconds(call.took.percentile(50)),
            milliseconds(call.took.percentile(95)),
            milliseconds(call.took.longest()),
        );
        text.push_str(&codes(call, columns));
    }
    if report.calls.len() > CALLS {
        let _ = writeln!(text, "  … and {} more", report.calls.len() - CALLS);
    }
    if let Some((at, length, requests)) = report.busiest() {
        let requests = plural(u64::from(requests), "request");
        let length = span(SignedDuration::from_millis(length));
        let _ = writeln!(
            text,
            "  the busiest {length} from {}: {requests}",
            clock(at)
        );
    }
    text
}

/// `S3/PutObject`.
pub fn name(call: &Call) -> String {
    if call.service.is_empty() {
        return call.operation.to_string();
    }
    format!("{}/{}", call.service, call.operation)
}

/// The error codes of a call in rows of their own.
fn codes(call: &Call, columns: usize) -> String {
    if call.codes.is_empty() {
        return String::new();
    }
    let codes = call
        .codes
        .iter()
        .map(|(code, number)| format!("{code} {}", count(*number)));
    hung("      ", &codes.collect::<Vec<_>>().join(", "), columns)
}

fn operations(report: &Report<'_>, columns: usize) -> String {
    if report.operations.is_empty() {
        return String::new();
    }
    let slow = SignedDuration::from_millis(i64::try_from(report.slow).unwrap_or(i64::MAX));
    let mut text = format!(
        "\nwork that took {} or longer, failed or has no end\n",
        span(slow)
    );
    for work in report.operations.iter().take(OPERATIONS) {
        let row = format!(
            "  {:>10}  {:<7}  {}{}",
            took(work),
            work.operation.act.word(),
            work.operation.address,
            match work.operation.outcome {
                Outcome::Done => "",
                Outcome::Failed => "  ✖ failed",
                Outcome::Unfinished => "  ▲ its run ended before it",
                Outcome::Running => "  ● running where the log ends",
            }
        );
        let _ = writeln!(text, "{}", clip(&row, columns));
    }
    if report.operations.len() > OPERATIONS {
        let _ = writeln!(
            text,
            "  … and {} more",
            report.operations.len() - OPERATIONS
        );
    }
    text
}

fn took(work: &Work) -> String {
    match work.operation.took {
        None => "–".to_owned(),
        Some(took @ ..10_000) => format!("{}.{} s", took / 1000, took % 1000 / 100),
        Some(took) => span(SignedDuration::from_millis(
            i64::try_from(took).unwrap_or(i64::MAX),
        )),
    }
}

fn runs(report: &Report<'_>, columns: usize) -> String {
    if report.runs.is_empty() {
        return String::new();
    }
    let mut text = "\nruns\n".to_owned();
    // The latest runs are those that the trouble is about.
    let skipped = report.runs.len().saturating_sub(RUNS);
    if skipped > 0 {
        let _ = writeln!(text, "  … {skipped} before these");
    }
    for (log, run) in report.runs.iter().skip(skipped) {
        let place = format!("{}{}", report.prefix(*log), run.at.line + 1);
        let time = run
            .at
            .time
            .map_or_else(String::new, |at| format!("{}  ", clock(at)));
        let row = format!("line {place}  {time}{}  {}", run.version, words(run));
        text.push_str(&hung("  ", row.trim_end(), columns));
        for risk in run.risks() {
            let remark = format!("{}: {}", risk.option(), risk.sentence());
            text.push_str(&hung("      ▲ ", &remark, columns));
        }
    }
    text
}

/// The command line of a run, its secrets masked.
pub fn words(run: &Run) -> String {
    let words = if run.arguments.is_empty() {
        &run.command
    } else {
        &run.arguments
    };
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    mask::mask(&words.join(" "))
}

fn steps(report: &Report<'_>, columns: usize) -> String {
    if report.steps.is_empty() {
        return String::new();
    }
    let mut text = "\nwhat to do next\n".to_owned();
    for (number, step) in report.steps.iter().enumerate() {
        text.push_str(&hung(&format!("  {}. ", number + 1), &said(step), columns));
        if let Some((id, title)) = &step.runbook {
            let _ = writeln!(text, "       runbook {id}: {title}");
        }
    }
    if report.steps.iter().any(|step| step.runbook.is_some()) {
        text.push_str("  runbooks open in the console: tfsos, then 5\n");
    }
    text
}

/// The sentence of a step behind its category.
pub fn said(step: &NextStep) -> String {
    match step.category {
        Some(category) => format!("{}: {}", category.title(), step.sentence),
        None => step.sentence.to_owned(),
    }
}

fn milliseconds(millis: Option<u32>) -> String {
    match millis {
        None => "–".to_owned(),
        Some(millis @ ..10_000) => format!("{millis}ms"),
        Some(millis) => format!("{}s", millis / 1000),
    }
}

/// `2026-11-22 11:52:08`.
pub fn day(at: Millis) -> String {
    at.timestamp()
        .map_or_else(String::new, |at| at.strftime("%F %T").to_string())
}

/// `11:52:08`.
pub fn clock(at: Millis) -> String {
    at.timestamp()
        .map_or_else(String::new, |at| at.strftime("%T").to_string())
}

/// How long it is from one time to another.
pub fn between(first: Millis, last: Millis) -> String {
    span(SignedDuration::from_millis(last.0.saturating_sub(first.0)))
}
