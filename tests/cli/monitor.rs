//! `tfsos check` where nobody sits in front of it: metrics in a file, and a
//! program of one's own that is told.

use std::path::{Path, PathBuf};

use tfsos::lock::Store;

use crate::stage::{STATE, Said, Stage, Stores, at};
use crate::support::moto::{Moto, REGION};
use crate::support::tfsos::Tfsos;

/// The words `check --metrics FILE`, and the file.
fn measured(stage: &Stage, more: &[&str]) -> (Said, String) {
    let file = scratch(stage, "tfsos.prom");
    let words = ["check", "--metrics", file.to_str().unwrap()];
    let said = stage.tfsos(&[&words, more].concat());
    (said, std::fs::read_to_string(file).unwrap())
}

/// A path beside the sandbox, and not in it.
fn scratch(stage: &Stage, name: &str) -> PathBuf {
    stage.dir().parent().unwrap().join(name)
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|one| one == line)
}

#[test]
fn a_scraper_reads_size_serial_lock_digest_versions_and_findings() {
    let stage = Stage::new(Stores::DynamoDb);
    let (said, text) = measured(&stage, &[]);
    assert_eq!(said.code, 0, "{said:?}");
    let of = r#"{bucket="tfb",key="net/terraform.tfstate"}"#;
    let size = STATE.len();
    for line in [
        format!("tfsos_state_size_bytes{of} {size}"),
        format!("tfsos_state_serial{of} 3"),
        format!("tfsos_state_resources{of} 0"),
        format!("tfsos_state_loads{of} 1"),
        format!("tfsos_state_versions{of} 1"),
        format!("tfsos_lock_held{of} 0"),
        format!("tfsos_digest_agrees{of} 1"),
        "tfsos_check_unseen 0".to_owned(),
    ] {
        assert!(has(&text, &line), "{line}\n{text}");
    }
    assert!(!text.contains("tfsos_lock_age_seconds{"), "{text}");
    assert!(text.ends_with("\n# EOF\n"), "{text}");

    let stage = Stage::locked(Stores::Both);
    stage
        .builder
        .digest("0123456789abcdef0123456789abcdef")
        .unwrap();
    stage.builder.unlock(Store::S3, at()).unwrap();
    let (said, text) = measured(&stage, &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(has(&text, &format!("tfsos_lock_held{of} 1")), "{text}");
    let age = text.lines().find_map(|line| {
        line.strip_prefix(&format!("tfsos_lock_age_seconds{of} "))?
            .parse::<u64>()
            .ok()
    });
    assert!(age.unwrap() > 86_400, "{text}");
    let eternal = r#"tfsos_findings{bucket="tfb",key="net/terraform.tfstate",id="lock.eternal",severity="warning"} 1"#;
    assert!(has(&text, eternal), "{text}");
}

#[test]
fn what_could_not_be_seen_is_no_zero_and_a_place_that_cannot_be_opened_is_measured_as_unseen() {
    let stage = Stage::new(Stores::DynamoDb);
    std::fs::write(stage.dir().join("table/items.json"), b"{ torn").unwrap();
    let (said, text) = measured(&stage, &[]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(!text.contains("tfsos_lock_held{"), "{text}");
    assert!(!text.contains("tfsos_digest_agrees{"), "{text}");
    assert!(!has(&text, "tfsos_check_unseen 0"), "{text}");

    let file = scratch(&stage, "gone.prom");
    let said = Tfsos::new(&["check", "--metrics"]).word(&file).run();
    assert_eq!(said.code, Some(3), "{said:?}");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(has(&text, "tfsos_check_unseen 1"), "{text}");
    assert!(text.ends_with("\n# EOF\n"), "{text}");
}

#[test]
fn metrics_that_cannot_be_written_are_said_and_do_not_hide_a_finding() {
    let nowhere = "/nowhere/at/all/tfsos.prom";
    let stage = Stage::new(Stores::DynamoDb);
    let said = stage.tfsos(&["check", "--metrics", nowhere]);
    assert_eq!(said.code, 3, "{said:?}");
    let cause = "tfsos: cannot write the metrics to /nowhere/at/all/tfsos.prom: no such file";
    assert!(said.err.contains(cause), "{said:?}");
    let stage = Stage::locked(Stores::DynamoDb);
    let said = stage.tfsos(&["check", "--metrics", nowhere]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains(cause), "{said:?}");
}

/// A program that writes its environment and its input into the folder.
fn program(folder: &Path) -> String {
    let path = folder.join("tell me");
    let script = format!(
        "#!/bin/sh\necho loud\nprintf '%s %s %s' \"$TFSOS_FINDING\" \"$TFSOS_SEVERITY\" \"$1\" > '{0}/worst'\ncat > '{0}/told'\n",
        folder.display()
    );
    std::fs::write(&path, script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).unwrap();
    format!("'{}' 'on call'", path.display())
}

#[test]
fn a_program_is_told_what_json_says_and_only_where_something_was_found() {
    let stage = Stage::locked(Stores::DynamoDb);
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path());
    let asking = |more: &[&str]| {
        let words = ["check", "--json", "--notify-command", &program];
        stage.tfsos(&[&words, more].concat())
    };
    let said = asking(&["--fail-on", "critical"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!folder.path().join("told").exists());

    let said = asking(&[]);
    assert_eq!(said.code, 1, "{said:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("worst"), "lock.eternal warning on call");
    let told: serde_json::Value = serde_json::from_str(&read("told")).unwrap();
    assert_eq!(told["findings"], said.json()["findings"]);
    assert_eq!(told["command"], "check");
}

#[test]
fn a_program_that_fails_is_said_and_does_not_hide_a_finding() {
    let stage = Stage::locked(Stores::DynamoDb);
    let said = stage.tfsos(&["check", "--notify-command", "false"]);
    assert_eq!(said.code, 1, "{said:?}");
    let cause = "tfsos: cannot notify by false: it ended with status 1";
    assert!(said.err.contains(cause), "{said:?}");
    let said = stage.tfsos(&["check", "--notify-command", "'open"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn every_state_of_a_bucket_is_a_series_and_the_worst_is_told_once() {
    let stores = Moto::shared().stores();
    let fine = STATE;
    stores.put_object("prod/app/terraform.tfstate", fine);
    stores.put_object("prod/torn/terraform.tfstate", &fine[..40]);
    let folder = tempfile::tempdir().unwrap();
    let metrics = folder.path().join("tfsos.prom");
    let program = program(folder.path());
    let endpoint = stores.endpoint();
    let words = [
        "check",
        "--all",
        "--bucket",
        &stores.bucket,
        "--region",
        REGION,
        "--endpoint-url",
        &endpoint,
        "--notify-command",
        &program,
        "--metrics",
        metrics.to_str().unwrap(),
    ];
    let said = Tfsos::new(&words).run();
    assert_eq!(said.code, Some(1), "{said:?}");
    let text = std::fs::read_to_string(&metrics).unwrap();
    let loads = |key: &str, value: u8| {
        let bucket = &stores.bucket;
        format!(
            "tfsos_state_loads{{bucket=\"{bucket}\",key=\"prod/{key}/terraform.tfstate\"}} {value}"
        )
    };
    assert!(has(&text, &loads("app", 1)), "{text}");
    assert!(has(&text, &loads("torn", 0)), "{text}");
    assert!(text.contains("id=\"state.unparsable\""), "{text}");
    let worst = std::fs::read_to_string(folder.path().join("worst")).unwrap();
    assert_eq!(worst, "state.unparsable critical on call");
}
