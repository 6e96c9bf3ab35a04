//! The report for a ticket.

use std::fmt::Write as _;

use super::report::Report;
use super::text::{between, clock, day, levels, name, said, words};
use crate::app::text::{clip, count, plural, size};
use crate::log::Outcome;

const EXAMPLES: usize = 3;
const ROWS: usize = 20;

/// How much of a line is quoted.
const LINE: usize = 400;

pub fn of(report: &Report<'_>, unseen: &[String]) -> String {
    let mut text = head(report);
    troubles(report, &mut text);
    calls(report, &mut text);
    operations(report, &mut text);
    runs(report, &mut text);
    if !report.remarks.is_empty() || !unseen.is_empty() {
        text.push_str("\n### Remarks\n\n");
    }
    for remark in &report.remarks {
        let _ = writeln!(text, "- {}", plain(remark));
    }
    for fault in unseen {
        let _ = writeln!(text, "- not seen: {}", plain(fault));
    }
    if !report.steps.is_empty() {
        text.push_str("\n### What to do next\n\n");
    }
    for (number, step) in report.steps.iter().enumerate() {
        let page = step
            .runbook
            .as_ref()
            .map(|(id, title)| format!(" (runbook `{id}`: {title})"));
        let _ = writeln!(
            text,
            "{}. {}{}",
            number + 1,
            said(step),
            page.unwrap_or_default()
        );
    }
    text
}

fn head(report: &Report<'_>) -> String {
    let names: Vec<String> = report.logs.iter().map(|log| code(&log.name)).collect();
    let mut text = format!("## {}\n\n", names.join(", "));
    let _ = write!(
        text,
        "{} lines, {} records, {}",
        count(report.lines),
        count(report.records),
        size(report.bytes())
    );
    if let Some((first, last)) = report.span() {
        let _ = write!(
            text,
            ", {} – {} UTC ({})",
            day(first),
            clock(last),
            between(first, last)
        );
    }
    text.push_str("\n\n");
    let _ = writeln!(text, "{}", levels(report).join(", "));
    text
}

fn troubles(report: &Report<'_>, text: &mut String) {
    text.push_str("\n### Trouble\n");
    if report.troubles.is_empty() {
        text.push_str("\nNone was found.\n");
    }
    for trouble in &report.troubles {
        let _ = writeln!(
            text,
            "\n**{}**: {}\n",
            trouble.category.title(),
            plural(trouble.records, "record")
        );
        for example in trouble.examples.iter().take(EXAMPLES) {
            let place = format!("{}{}", report.prefix(example.log), example.line);
            let _ = writeln!(
                text,
                "- line {}: {}\n",
                plain(&place),
                plain(&example.essence)
            );
            let rows = example.excerpt.iter().map(|(number, line)| {
                let number = number.map_or("·".to_owned(), |number| number.to_string());
                format!("{number:>8} {line}")
            });
            let rows: Vec<String> = rows.map(|row| clip(&row, LINE).into_owned()).collect();
            let fence = fence(&rows);
            let _ = writeln!(text, "  {fence}");
            for row in &rows {
                let _ = writeln!(text, "  {row}");
            }
            let _ = writeln!(text, "  {fence}");
        }
    }
}

/// A fence that no quoted line can close.
fn fence(rows: &[String]) -> String {
    let ticks = |row: &String| {
        let runs = row.split(|c| c != '`');
        runs.map(str::len).max().unwrap_or(0)
    };
    let longest = rows.iter().map(ticks).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn calls(report: &Report<'_>, text: &mut String) {
    if report.calls.is_empty() {
        return;
    }
    text.push_str("\n### API calls\n\n| call | calls | errors | throttled | retried | p50 ms | p95 ms | max ms | codes |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n");
    for call in report.calls.iter().take(ROWS) {
        let codes = call
            .codes
            .iter()
            .map(|(code, number)| format!("{code} {number}"));
        let codes = codes.collect::<Vec<_>>().join(", ");
        let millis =
            |millis: Option<u32>| millis.map_or_else(String::new, |millis| millis.to_string());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            plain(&name(call)),
            call.calls,
            call.errors,
            call.throttles,
            call.retries,
            millis(call.took.percentile(50)),
            millis(call.took.percentile(95)),
            millis(call.took.longest()),
            plain(&codes),
        );
    }
}

fn operations(report: &Report<'_>, text: &mut String) {
    if report.operations.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n### Work that took {} s or longer, failed or has no end\n",
        report.slow / 1000
    );
    text.push_str("| seconds | what | address | outcome |\n| ---: | --- | --- | --- |\n");
    for work in report.operations.iter().take(ROWS) {
        let operation = &work.operation;
        let seconds = operation
            .took
            .map(|took| format!("{}.{:03}", took / 1000, took % 1000));
        let outcome = match operation.outcome {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Unfinished => "its run ended before it",
            Outcome::Running => "running where the log ends",
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {outcome} |",
            seconds.unwrap_or_default(),
            operation.act.word(),
            code(&operation.address),
        );
    }
}

fn runs(report: &Report<'_>, text: &mut String) {
    if report.runs.is_empty() {
        return;
    }
    text.push_str("\n### Runs\n\n");
    for (log, run) in report.runs.iter().take(ROWS) {
        let place = format!("{}{}", report.prefix(*log), run.at.line + 1);
        let _ = writeln!(
            text,
            "- line {}: {} {}",
            plain(&place),
            run.version,
            code(&words(run))
        );
        for risk in run.risks() {
            let _ = writeln!(text, "  - `{}`: {}", risk.option(), risk.sentence());
        }
    }
}

/// Text in which nothing is markup.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\`*_[]<>|#".contains(letter) {
            plain.push('\\');
        }
        plain.push(letter);
    }
    plain
}

/// Text as code; a tick in it would end it.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_log_says_cannot_become_markup() {
        assert_eq!(plain("<b> [x](y) | a_b"), "\\<b\\> \\[x\\](y) \\| a\\_b");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(fence(&["a ```` b".to_owned()]), "`````");
        assert_eq!(fence(&[]), "```");
    }
}
