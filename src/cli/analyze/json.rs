//! The report for machines: the keys are the contract of the command line.

use serde_json::{Map, Value, json};

use super::example::Example;
use super::report::{Report, Work};
use super::text::words;
use crate::io::follow::HeardLog;
use crate::log::{Call, Category, Level, Millis, Run, mask};

/// How much of a record is told.
const TEXT: usize = 4096;

pub fn of(report: &Report<'_>) -> Map<String, Value> {
    let levels = Level::ALL.into_iter().zip(report.levels);
    let levels: Map<String, Value> = levels
        .map(|(level, number)| (level.word().to_owned(), json!(number)))
        .collect();
    let own = [
        ("lines", json!(report.lines)),
        ("records", json!(report.records)),
        ("levels", Value::Object(levels)),
        ("harmless_errors", json!(report.harmless)),
        ("categories", categories(report)),
        ("api_calls", report.calls.iter().map(call).collect()),
        (
            "operations",
            report
                .operations
                .iter()
                .map(|one| work(report, one))
                .collect(),
        ),
        (
            "runs",
            report
                .runs
                .iter()
                .map(|(log, one)| run(report, *log, one))
                .collect(),
        ),
        ("files", report.logs.iter().map(file).collect()),
        ("remarks", json!(report.remarks)),
        ("next", next(report)),
    ];
    own.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// Every category by its name, those without a record too.
fn categories(report: &Report<'_>) -> Value {
    let one = |category: Category| {
        let found = report
            .troubles
            .iter()
            .find(|trouble| trouble.category == category);
        let examples = found.map_or(&[][..], |trouble| &trouble.examples);
        let value = json!({
            "records": found.map_or(0, |trouble| trouble.records),
            "lines": found.map_or(0, |trouble| trouble.lines),
            "first_line": examples.first().map(|example| example.line),
            "examples": examples.iter().map(|one| example(report, one)).collect::<Vec<_>>(),
        });
        (category.word().to_owned(), value)
    };
    Value::Object(Category::ALL.into_iter().map(one).collect())
}

fn example(report: &Report<'_>, example: &Example) -> Value {
    let lines = example.excerpt.iter();
    let context = lines.map(|(number, text)| json!({"line": number, "text": cut(text)}));
    json!({
        "file": report.logs[example.log].name,
        "line": example.line,
        "lines": example.lines,
        "at": example.at.map(|at| at.to_string()),
        "level": example.level,
        "source": example.source,
        "says": example.essence,
        "text": cut(&example.text),
        "context": context.collect::<Vec<_>>(),
    })
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT).collect()
}

fn call(call: &Call) -> Value {
    json!({
        "service": call.service,
        "operation": call.operation,
        "calls": call.calls,
        "errors": call.errors,
        "throttles": call.throttles,
        "retries": call.retries,
        "unanswered": call.unanswered,
        "p50_ms": call.took.percentile(50),
        "p95_ms": call.took.percentile(95),
        "max_ms": call.took.longest(),
        "codes": call.codes,
    })
}

fn work(report: &Report<'_>, work: &Work) -> Value {
    let operation = &work.operation;
    json!({
        "address": &*operation.address,
        "kind": operation.act.word(),
        "seconds": operation.took.map(|took| took as f64 / 1000.0),
        "outcome": operation.outcome.word(),
        "began": time(operation.began),
        "file": report.logs[work.log].name,
        "line": operation.at.line + 1,
    })
}

fn run(report: &Report<'_>, log: usize, run: &Run) -> Value {
    let masked =
        |words: &[Box<str>]| -> Vec<String> { words.iter().map(|word| mask::mask(word)).collect() };
    let risks = run.risks().into_iter();
    json!({
        "file": report.logs[log].name,
        "line": run.at.line + 1,
        "at": time(run.at.time),
        "until": time(run.last),
        "version": run.version,
        "verb": run.verb(),
        "command": words(run),
        "arguments": masked(&run.arguments),
        "risks": risks.map(|risk| json!({"option": risk.option(), "means": risk.sentence()})).collect::<Vec<_>>(),
    })
}

fn file(log: &HeardLog) -> Value {
    json!({
        "name": log.name,
        "bytes": log.heard.bytes,
        "lines": log.heard.lines,
        "records": log.heard.records,
        "first": time(log.heard.span.map(|(first, _)| first)),
        "last": time(log.heard.span.map(|(_, last)| last)),
        "runs": log.heard.account.runs.count(),
        "whole": log.broken_off.is_none(),
        "api_rates": rates(log),
    })
}

/// How often services were asked, for each stretch of time in which they were.
fn rates(log: &HeardLog) -> Value {
    let (length, rates) = log.heard.account.calls.rates();
    let stretches = rates.map(|(at, rate)| {
        json!({
            "at": time(Some(at)),
            "requests": rate.requests,
            "errors": rate.errors,
            "throttles": rate.throttles,
        })
    });
    json!({"seconds": length / 1000, "stretches": stretches.collect::<Vec<_>>()})
}

fn next(report: &Report<'_>) -> Value {
    let step = |step: &super::report::NextStep| {
        json!({
            "category": step.category.map(Category::word),
            "says": step.sentence,
            "runbook": step.runbook.as_ref().map(|(id, _)| id),
        })
    };
    report.steps.iter().map(step).collect()
}

fn time(at: Option<Millis>) -> Option<String> {
    at.and_then(Millis::timestamp).map(|at| at.to_string())
}
