//! What the readers make of logs that a real Terraform wrote
//! (`tests/fixtures/log`), counted independently with grep.

use super::*;

const TRACE: &[u8] = include_bytes!("../../tests/fixtures/log/apply-trace.log");
const JSON: &[u8] = include_bytes!("../../tests/fixtures/log/apply-trace.json");
const OUTPUT: &[u8] = include_bytes!("../../tests/fixtures/log/apply.out");
const RUN_JSON: &[u8] = include_bytes!("../../tests/fixtures/log/run.json");
const MIXED: &[u8] = include_bytes!("../../tests/fixtures/log/mixed.out");
const LOCK: &[u8] = include_bytes!("../../tests/fixtures/log/lock-conflict.log");

fn indexed(text: &[u8]) -> Index {
    let mut index = Index::default();
    index.append(&scan(text), None);
    index
}

/// Records from TRACE to ERROR.
fn levels(text: &[u8]) -> [u32; 5] {
    let index = indexed(text);
    Level::ALL.map(|level| index.count(Levels::Exactly(level)))
}

fn decoded(text: &[u8]) -> Vec<Record> {
    let index = indexed(text);
    let all: Vec<RecordNo> = (0..index.records()).map(RecordNo).collect();
    let stretch = stretches(&index, &all).remove(0);
    let mut window = Window::new(stretch);
    window.feed(text);
    window
        .finish()
        .into_iter()
        .map(|(_, record)| record)
        .collect()
}

#[test]
fn the_levels_of_real_logs_are_those_that_grep_counts() {
    assert_eq!(levels(TRACE), [686, 75, 9, 0, 6]);
    assert_eq!(levels(JSON), [686, 75, 9, 0, 6]);
    assert_eq!(levels(LOCK), [13, 34, 8, 0, 0]);
}

#[test]
fn text_and_json_of_the_same_run_say_the_same() {
    let messages = |text| -> Vec<(Level, Source)> {
        let records = decoded(text).into_iter();
        records
            .map(|record| (record.parts.level, record.parts.source))
            .collect()
    };
    assert_eq!(messages(TRACE).len(), messages(JSON).len());
    let core = |text| {
        messages(text)
            .iter()
            .filter(|(_, source)| *source == Source::Core)
            .count()
    };
    assert_eq!(core(TRACE), core(JSON));
}

#[test]
fn every_record_is_shown_at_the_level_that_it_is_counted_at() {
    for text in [TRACE, JSON, OUTPUT, RUN_JSON, MIXED, LOCK] {
        let index = indexed(text);
        for (number, record) in (0..).map(RecordNo).zip(decoded(text)) {
            assert_eq!(
                index.level(number),
                Some(record.parts.level),
                "{}",
                record.text
            );
        }
    }
}

#[test]
fn the_diagnostic_of_a_run_is_one_error_with_its_detail() {
    for text in [OUTPUT, MIXED] {
        let records = decoded(text);
        let error = records
            .iter()
            .rfind(|record| record.parts.level == Level::Error)
            .unwrap();
        assert_eq!(error.parts.message, "Error: Resource precondition failed");
        assert!(
            error
                .parts
                .body
                .iter()
                .any(|line| line == "The first value must be one.")
        );
    }
    let records = decoded(RUN_JSON);
    let error = records
        .iter()
        .find(|record| record.parts.level == Level::Error)
        .unwrap();
    assert!(
        error
            .parts
            .body
            .iter()
            .any(|line| line == "The first value must be one.")
    );
}

#[test]
fn who_holds_a_lock_is_readable_and_credentials_are_not() {
    let text: String = decoded(LOCK)
        .into_iter()
        .map(|record| record.text)
        .collect();
    assert!(text.contains("oncall@laptop"));
    assert!(text.contains("9d098885-c01c-c996-afb2-47fc952ad395"));
    assert!(!text.contains("Credential="));
}

#[test]
fn a_request_is_taken_apart_into_its_fields() {
    let records = decoded(LOCK);
    let sent = records
        .iter()
        .find(|record| record.parts.message == "HTTP Request Sent")
        .unwrap();
    assert_eq!(sent.parts.source, Source::Backend("s3".into()));
    let method = sent
        .parts
        .fields
        .iter()
        .find(|field| field.name == "rpc.method");
    assert_eq!(
        method.map(|field| field.value.as_str()),
        Some("ListObjectsV2")
    );
}
