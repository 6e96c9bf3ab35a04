//! What the readers make of logs that a real Terraform wrote
//! (`tests/fixtures/log`), counted independently with grep.

use super::*;

const TRACE: &[u8] = include_bytes!("../../tests/fixtures/log/apply-trace.log");
const JSON: &[u8] = include_bytes!("../../tests/fixtures/log/apply-trace.json");
const OUTPUT: &[u8] = include_bytes!("../../tests/fixtures/log/apply.out");
const RUN_JSON: &[u8] = include_bytes!("../../tests/fixtures/log/run.json");
const MIXED: &[u8] = include_bytes!("../../tests/fixtures/log/mixed.out");
const LOCK: &[u8] = include_bytes!("../../tests/fixtures/log/lock-conflict.log");

const CRASH: &[u8] = include_bytes!("../../tests/fixtures/log/provider-crash.log");
const CRASH_JSON: &[u8] = include_bytes!("../../tests/fixtures/log/provider-crash.json");
const CRASH_OUTPUT: &[u8] = include_bytes!("../../tests/fixtures/log/provider-crash.out");

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
    let crashes = [CRASH, CRASH_JSON, CRASH_OUTPUT];
    for text in [TRACE, JSON, OUTPUT, RUN_JSON, MIXED, LOCK]
        .into_iter()
        .chain(crashes)
    {
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

#[test]
fn the_crash_of_a_provider_is_one_error_in_every_form_of_the_log() {
    // grep counts 28, 28, 8, 1 and 2 lines; of those at DEBUG one is the panic
    // and eight are its goroutines.
    assert_eq!(levels(CRASH), [28, 28 - 9, 8, 1, 2 + 1]);
    let crash = |text| {
        let mut records = decoded(text).into_iter();
        let is_crash = |record: &Record| record.text.contains("index out of range");
        records.find(is_crash).unwrap().parts
    };
    let text = crash(CRASH);
    assert_eq!(text.source, Source::Provider("brittle".into()));
    assert_eq!((text.level, text.body.len()), (Level::Error, 8));
    assert_eq!(
        text.body[7],
        "    /build/vendor/google.golang.org/grpc/server.go:1040 +0x125"
    );
    let json = crash(CRASH_JSON);
    assert_eq!((json.level, &json.message), (text.level, &text.message));
    // In the JSON log nothing comes between the goroutines and the end.
    assert_eq!(json.body[..8], text.body);
    assert_eq!(json.body[8], "exit status 2");
    let output = crash(CRASH_OUTPUT);
    assert_eq!(
        output.message,
        "Stack trace from the terraform-provider-brittle plugin:"
    );
    assert_eq!(output.level, Level::Error);
}

#[test]
fn what_terraform_explains_about_a_crash_belongs_to_its_errors() {
    let records = decoded(CRASH_OUTPUT);
    let messages: Vec<&str> = records
        .iter()
        .map(|record| record.parts.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "",
            "Warning: Provider development overrides are in effect",
            "Error: Failed to load plugin schemas",
            "Stack trace from the terraform-provider-brittle plugin:",
            "Error: The terraform-provider-brittle plugin crashed!",
        ]
    );
}

#[test]
fn a_time_that_a_provider_wrote_again_is_a_field() {
    for text in [CRASH, CRASH_JSON] {
        let records = decoded(text);
        let said = |record: &&Record| record.parts.message.contains("reading configuration");
        let parts = &records.iter().find(said).unwrap().parts;
        assert_eq!(parts.message, "[WARN] reading configuration of the plugin");
        let time = parts.fields.iter().find(|field| field.name == "timestamp");
        assert_eq!(
            time.map(|time| time.value.as_str()),
            Some("2026/11/22 20:11:09")
        );
    }
}

#[test]
fn a_test_run_in_json_names_its_files_and_runs() {
    let records = decoded(include_bytes!("../../tests/fixtures/log/test.json"));
    assert_eq!(records.len(), 12);
    assert!(
        records
            .iter()
            .all(|record| record.parts.source == Source::Run)
    );
    let failed = records.iter().filter(|record| {
        let mut fields = record.parts.fields.iter();
        fields.any(|field| field.name == "status" && field.value == "fail")
    });
    assert_eq!(failed.count(), 3);
    let error = records
        .iter()
        .find(|record| record.parts.level == Level::Error)
        .unwrap();
    assert_eq!(error.parts.body[0], "x must be b");
}
