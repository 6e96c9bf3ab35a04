//! Logs that a real Terraform 1.11.4 wrote against an emulated S3 and
//! `DynamoDB` (`tests/fixtures/log`), and what a person counts in them with
//! grep: the two must agree.

use serde_json::Value;

use crate::analyze::{analyze, fixture, of_fixture};

/// What a person counts in one log.
struct Truth {
    log: &'static str,
    lines: u64,
    records: u64,
    /// Name, records, and the number of the first line.
    categories: &'static [(&'static str, u64, u64)],
    /// Service and operation, requests, errors, throttles, retries.
    calls: &'static [(&'static str, [u64; 4])],
    /// Records at ERROR that mean nothing.
    harmless: u64,
}

const TRUTHS: &[Truth] = &[
    // Three times 503 SlowDown, then the fourth attempt is answered.
    Truth {
        log: "throttled.log",
        lines: 147,
        records: 107,
        categories: &[("throttling", 3, 25)],
        calls: &[
            ("S3/ListObjectsV2", [4, 3, 3, 3]),
            ("DynamoDB/GetItem", [2, 0, 0, 0]),
            ("DynamoDB/DeleteItem", [1, 0, 0, 0]),
            ("DynamoDB/PutItem", [1, 0, 0, 0]),
            ("S3/GetObject", [1, 0, 0, 0]),
            ("S3/HeadObject", [1, 0, 0, 0]),
        ],
        harmless: 3,
    },
    // The state may not be written at the end of an apply.
    Truth {
        log: "denied.log",
        lines: 174,
        records: 160,
        categories: &[("auth", 2, 169)],
        calls: &[
            ("DynamoDB/GetItem", [1, 0, 0, 0]),
            ("S3/GetObject", [1, 0, 0, 0]),
            ("S3/HeadObject", [1, 0, 0, 0]),
            ("S3/ListObjectsV2", [1, 0, 0, 0]),
            ("S3/PutObject", [1, 1, 0, 0]),
        ],
        harmless: 4,
    },
    Truth {
        log: "expired.log",
        lines: 30,
        records: 26,
        categories: &[("auth", 2, 25)],
        calls: &[("S3/ListObjectsV2", [1, 1, 0, 0])],
        harmless: 0,
    },
    // The digest could not be written: the refusal twice, then the warning that swallows it.
    Truth {
        log: "swallowed.log",
        lines: 159,
        records: 125,
        categories: &[("swallowed_digest_write", 1, 141), ("api_error", 2, 136)],
        calls: &[
            ("DynamoDB/GetItem", [2, 0, 0, 0]),
            ("DynamoDB/PutItem", [2, 1, 0, 0]),
            ("DynamoDB/DeleteItem", [1, 0, 0, 0]),
            ("S3/GetObject", [1, 0, 0, 0]),
            ("S3/HeadObject", [1, 0, 0, 0]),
            ("S3/ListObjectsV2", [1, 0, 0, 0]),
            ("S3/PutObject", [1, 0, 0, 0]),
        ],
        harmless: 4,
    },
    // Read six times, two seconds apart, with the wrong digest each time.
    Truth {
        log: "digest.log",
        lines: 141,
        records: 83,
        categories: &[("digest", 6, 53)],
        calls: &[
            ("DynamoDB/GetItem", [7, 0, 0, 0]),
            ("S3/GetObject", [6, 0, 0, 0]),
            ("S3/HeadObject", [6, 0, 0, 0]),
            ("DynamoDB/DeleteItem", [1, 0, 0, 0]),
            ("DynamoDB/PutItem", [1, 0, 0, 0]),
            ("S3/ListObjectsV2", [1, 0, 0, 0]),
        ],
        harmless: 0,
    },
    // A new state, an apply, and a second one whose provisioner fails. That
    // the state and its digest were not there is no trouble.
    Truth {
        log: "two-runs.log.gz",
        lines: 4030,
        records: 2198,
        categories: &[("resource_error", 1, 3996)],
        calls: &[
            ("DynamoDB/GetItem", [5, 0, 0, 0]),
            ("DynamoDB/PutItem", [4, 0, 0, 0]),
            ("S3/HeadObject", [3, 2, 0, 0]),
            ("DynamoDB/DeleteItem", [2, 0, 0, 0]),
            ("S3/ListObjectsV2", [2, 0, 0, 0]),
            ("S3/PutObject", [2, 0, 0, 0]),
            ("S3/GetObject", [1, 0, 0, 0]),
        ],
        harmless: 8,
    },
    Truth {
        log: "lock-conflict.log",
        lines: 74,
        records: 55,
        categories: &[("lock", 2, 57)],
        calls: &[
            ("DynamoDB/PutItem", [2, 2, 0, 1]),
            ("DynamoDB/GetItem", [1, 0, 0, 0]),
            ("S3/DeleteObject", [1, 0, 0, 0]),
            ("S3/GetObject", [1, 0, 0, 0]),
            ("S3/ListObjectsV2", [1, 0, 0, 0]),
            ("S3/PutObject", [1, 0, 0, 0]),
        ],
        harmless: 0,
    },
    Truth {
        log: "apply-trace.log",
        lines: 1210,
        records: 776,
        categories: &[("resource_error", 1, 1192)],
        calls: &[],
        harmless: 5,
    },
    Truth {
        log: "apply-trace.json",
        lines: 776,
        records: 776,
        categories: &[("resource_error", 1, 768)],
        calls: &[],
        harmless: 5,
    },
    // A panic with its goroutine, nine lines of the provider's logger, is one record.
    Truth {
        log: "provider-crash.log",
        lines: 70,
        records: 59,
        categories: &[("provider_crash", 1, 57)],
        calls: &[],
        harmless: 1,
    },
    Truth {
        log: "denied.out",
        lines: 78,
        records: 31,
        categories: &[("state_corruption", 2, 61)],
        calls: &[],
        harmless: 0,
    },
];

#[test]
fn counts_are_those_of_a_person() {
    for truth in TRUTHS {
        let json = of_fixture(truth.log, &["--json"]).json();
        assert_eq!(json["lines"], truth.lines, "{}", truth.log);
        assert_eq!(json["records"], truth.records, "{}", truth.log);
        assert_eq!(json["harmless_errors"], truth.harmless, "{}", truth.log);
        assert_eq!(categories(&json), truth.categories, "{}", truth.log);
        let calls = calls(&json);
        let calls: Vec<_> = calls
            .iter()
            .map(|(name, counts)| (name.as_str(), *counts))
            .collect();
        assert_eq!(calls, truth.calls, "{}", truth.log);
    }
}

/// Name, records and first line of each category that has records.
fn categories(json: &Value) -> Vec<(&str, u64, u64)> {
    let all = json["categories"].as_object().unwrap().iter();
    let number = |value: &Value| value.as_u64().unwrap();
    all.filter(|(_, one)| one["records"] != 0)
        .map(|(name, one)| {
            (
                name.as_str(),
                number(&one["records"]),
                number(&one["first_line"]),
            )
        })
        .collect()
}

fn calls(json: &Value) -> Vec<(String, [u64; 4])> {
    let calls = json["api_calls"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    calls
        .map(|call| {
            let name = format!("{}/{}", word(&call["service"]), word(&call["operation"]));
            let counts = ["calls", "errors", "throttles", "retries"];
            (name, counts.map(|key| call[key].as_u64().unwrap()))
        })
        .collect()
}

#[test]
fn requests_over_time_are_all_requests() {
    let json = of_fixture("digest.log", &["--json"]).json();
    let rates = &json["files"][0]["api_rates"];
    let stretches = rates["stretches"].as_array().unwrap();
    let requests = stretches
        .iter()
        .map(|one| one["requests"].as_u64().unwrap());
    assert_eq!((&rates["seconds"], requests.sum::<u64>()), (&10.into(), 22));
    let said = of_fixture("digest.log", &[]).out;
    assert!(said.contains("the busiest 10 s from 20:36:20: "), "{said}");
}

#[test]
fn the_work_of_two_runs_is_what_their_graphs_visited() {
    let json = of_fixture("two-runs.log.gz", &["--json", "--slow", "0"]).json();
    let operations = json["operations"].as_array().unwrap();
    let count = |kind: &str| operations.iter().filter(|one| one["kind"] == kind).count();
    let kinds = ["refresh", "plan", "apply", "destroy"];
    assert_eq!(kinds.map(count), [4, 8, 8, 3]);
    let slowest = &operations[0];
    assert_eq!(
        (&slowest["address"], &slowest["seconds"], &slowest["line"]),
        (&"terraform_data.slow".into(), &12.014.into(), &1683.into())
    );
    let failed: Vec<_> = operations
        .iter()
        .filter(|one| one["outcome"] != "done")
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["address"], "terraform_data.slow");
    let runs = json["runs"].as_array().unwrap();
    assert_eq!((runs.len(), &runs[1]["line"]), (2, &1852.into()));
    let risks = |run: &Value| -> Vec<String> {
        let risks = run["risks"].as_array().unwrap().iter();
        risks
            .map(|risk| risk["option"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(risks(&runs[0]), ["-auto-approve"]);
    // The last one came in TF_CLI_ARGS_apply.
    assert_eq!(
        risks(&runs[1]),
        ["-auto-approve", "-refresh=false", "-parallelism"]
    );
}

#[test]
fn what_the_run_prints_is_of_the_category_of_its_cause() {
    for (output, category) in [
        ("corrupt.out", "state_corruption"),
        ("cycle.out", "cycle"),
        ("cycle.json", "cycle"),
        ("digest.out", "digest"),
        ("expired.out", "auth"),
        ("uninitialized.out", "backend"),
        ("apply.out", "resource_error"),
        ("run.json", "resource_error"),
    ] {
        let json = of_fixture(output, &["--json"]).json();
        let found: Vec<_> = categories(&json)
            .into_iter()
            .map(|(name, count, _)| (name, count))
            .collect();
        assert_eq!(found, [(category, 1)], "{output}");
    }
}

#[test]
fn the_log_and_the_output_of_a_run_are_one_report() {
    let path = |name: &str| fixture(name).to_str().unwrap().to_owned();
    let json = analyze(&[&path("denied.log"), &path("denied.out"), "--json"]).json();
    assert_eq!(
        categories(&json),
        [("state_corruption", 2, 61), ("auth", 2, 169)]
    );
    let operations = json["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 1, "{operations:?}");
    assert_eq!(operations[0]["seconds"], 12.0);
}
