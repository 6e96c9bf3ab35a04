//! `tfsos check`: what it finds, and that not seeing is never health.

use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use tfsos::lock::{Body, Store};
use tfsos::state::Versioning;

use crate::stage::{ID, OTHER, STATE, Stage, Stores, at, body};

const NETWORK: &str = include_str!("../fixtures/state/network.tfstate");

/// The status, and the ids of the findings, the worst first.
fn checked(stage: &Stage) -> (i32, Vec<String>) {
    let said = stage.tfsos(&["check", "--json"]);
    let json = said.json();
    assert_eq!(json["healthy"], said.code == 0, "{said:?}");
    let findings = json["findings"].as_array().unwrap().iter();
    let ids = findings.map(|one| one["id"].as_str().unwrap().to_owned());
    (said.code, ids.collect())
}

fn found(stage: &Stage) -> Vec<String> {
    let (code, ids) = checked(stage);
    assert_eq!(code, 1, "{ids:?}");
    ids
}

#[test]
fn a_whole_state_that_nobody_locks_is_healthy() {
    let stage = Stage::new(Stores::Both);
    assert_eq!(checked(&stage), (0, Vec::new()));
    assert!(stage.tfsos(&["check"]).out.contains("nothing is wrong"));
}

#[test]
fn a_lock_of_months_is_stale_and_eternal() {
    let stage = Stage::locked(Stores::Both);
    assert_eq!(found(&stage), ["lock.eternal", "lock.stale"]);
    stage.builder.unlock(Store::S3, at()).unwrap();
    assert!(found(&stage).contains(&"lock.half-released".to_owned()));
    let said = stage.tfsos(&["check", "--fail-on", "critical"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn damage_is_named_with_its_runbook() {
    let stage = Stage::new(Stores::DynamoDb);
    stage.builder.applied(&STATE[..40], at()).unwrap();
    let said = stage.tfsos(&["check", "--json"]);
    let finding = said.json()["findings"][0].clone();
    assert_eq!(
        (said.code, finding["id"].as_str()),
        (1, Some("state.unparsable"))
    );
    assert_eq!(
        (finding["severity"].as_str(), finding["runbook"].as_str()),
        (Some("critical"), Some("state-corrupt"))
    );

    stage.builder.applied(b"", at()).unwrap();
    assert!(found(&stage).contains(&"state.empty".to_owned()));
    stage.builder.delete_state(at()).unwrap();
    assert!(found(&stage).contains(&"state.missing".to_owned()));
}

#[test]
fn what_vouches_for_the_state_is_looked_at() {
    let stage = Stage::new(Stores::DynamoDb);
    stage
        .builder
        .digest("0123456789abcdef0123456789abcdef")
        .unwrap();
    assert_eq!(found(&stage), ["digest.differs"]);
    stage.builder.digest("no digest").unwrap();
    assert_eq!(checked(&stage), (0, vec!["digest.unverified".to_owned()]));
    stage.builder.versioning(Versioning::Suspended).unwrap();
    assert_eq!(found(&stage), ["versioning.suspended", "digest.unverified"]);
}

#[test]
fn a_lock_without_info_is_critical() {
    let stage = Stage::new(Stores::Both);
    stage
        .builder
        .lock(Store::S3, &Body::Bytes(Vec::new()), at())
        .unwrap();
    stage
        .builder
        .lock(Store::DynamoDb, &body(OTHER), at())
        .unwrap();
    assert_eq!(found(&stage)[0], "lock.no-info");
}

#[test]
fn what_a_run_could_not_store_is_found_beside_the_configuration() {
    let stage = Stage::new(Stores::DynamoDb);
    let newer = String::from_utf8(STATE.to_vec())
        .unwrap()
        .replace("\"serial\":3", "\"serial\":4");
    std::fs::write(stage.dir().join("errored.tfstate"), newer).unwrap();
    let said = stage.tfsos(&["check"]);
    assert!(
        said.out.contains("changes that were never stored: push it"),
        "{said:?}"
    );
    std::fs::write(stage.dir().join("errored.tfstate"), STATE).unwrap();
    let said = stage.tfsos(&["check"]);
    assert!(said.out.contains("do not push it"), "{said:?}");
    assert!(said.out.contains("it can be deleted"), "{said:?}");
}

#[test]
fn a_state_that_went_back_is_found_beside_the_version_before() {
    let stage = Stage::new(Stores::DynamoDb);
    let text = String::from_utf8(STATE.to_vec()).unwrap();
    let older = text.replace("\"serial\":3", "\"serial\":2");
    stage.builder.applied(older.as_bytes(), at()).unwrap();
    assert_eq!(found(&stage), ["state.serial-back"]);
    let foreign = text.replace("\"lineage\":\"l\"", "\"lineage\":\"other\"");
    stage.builder.applied(foreign.as_bytes(), at()).unwrap();
    assert_eq!(found(&stage), ["state.lineage-changed"]);
}

#[test]
fn every_refusal_is_told_with_its_byte_its_line_and_what_stands_around_it() {
    let stage = Stage::new(Stores::DynamoDb);
    let instance = r#"{"schema_version":0,"attributes":{"password":"hunter2"},"status":"gone"}"#;
    let text = format!(
        "{{\n\"version\":4,\"serial\":\"x\",\n\"resources\":[{{\"mode\":\"managed\",\"type\":\"a\",\"name\":\"b\",\"instances\":[{instance},{instance}]}}]}}"
    );
    stage.builder.applied(text.as_bytes(), at()).unwrap();
    let said = stage.tfsos(&["check", "--json"]);
    let json = said.json();
    assert_eq!(json["findings"][0]["id"], "state.refused");
    let evidence = json["findings"][0]["evidence"].to_string();
    for told in [
        "its field serial is a string, at byte 24 of",
        "(line 2, column 22)",
        "an instance has a status other than tainted, at byte",
        "it holds a.b twice, at byte",
        "Terraform calls it: Invalid state file format",
        "around it: ",
    ] {
        assert!(evidence.contains(told), "{told}: {evidence}");
    }
    assert!(!said.out.contains("hunter2"), "{said:?}");
}

#[test]
fn a_large_state_is_found_with_what_it_could_be_split_along() {
    let stage = Stage::new(Stores::DynamoDb);
    let instances: Vec<String> = (0..1_001)
        .map(|key| format!(r#"{{"index_key":{key}}}"#))
        .collect();
    let text = format!(
        r#"{{"version":4,"serial":4,"lineage":"l","resources":[{{"module":"module.net","mode":"managed","type":"a","name":"b","instances":[{}]}}]}}"#,
        instances.join(",")
    );
    stage.builder.applied(text.as_bytes(), at()).unwrap();
    assert_eq!(
        checked(&stage),
        (0, vec!["state.many-resources".to_owned()])
    );
    let said = stage.tfsos(&["check"]);
    assert!(
        said.out.contains("by module: module.net 1001 resources"),
        "{said:?}"
    );
}

#[test]
fn what_could_not_be_seen_is_3_and_not_healthy() {
    let stage = Stage::new(Stores::DynamoDb);
    std::fs::write(stage.dir().join("table/items.json"), b"{ torn").unwrap();
    let (code, ids) = checked(&stage);
    assert_eq!((code, ids), (3, Vec::new()));
    stage.builder.versioning(Versioning::Off).unwrap();
    assert_eq!(
        found(&stage),
        ["versioning.off"],
        "a finding beats something unseen"
    );
}

#[test]
fn a_plan_that_was_left_open_is_found() {
    let stage = Stage::locked(Stores::DynamoDb);
    let guard = stage.hold("table");
    let running = stage.unlocking();
    stage.until_journaled("\"kind\":\"sent\"", 1);
    running.kill();
    drop(guard);
    assert!(found(&stage).contains(&"plan.open".to_owned()));
    assert!(
        stage
            .tfsos(&["check"])
            .out
            .contains(&format!("tfsos unlock {ID}"))
    );
}

#[test]
fn a_state_file_is_checked_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let check = |bytes: &[u8]| {
        let file = folder.path().join("saved.tfstate");
        std::fs::write(&file, bytes).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfsos"));
        let output = command
            .args(["check", "--markdown"])
            .arg(&file)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    assert_eq!(check(STATE).0, Some(0));
    let (code, said) = check(&STATE[..30]);
    assert_eq!(code, Some(1));
    assert!(said.contains("- **critical** `state.unparsable`"), "{said}");
    assert!(
        said.contains("at byte 30 of 30 (line 1, column 31)"),
        "{said}"
    );

    std::fs::write(folder.path().join("saved.tfstate.backup"), STATE).unwrap();
    let older = String::from_utf8(STATE.to_vec()).unwrap();
    let (code, said) = check(older.replace("\"serial\":3", "\"serial\":1").as_bytes());
    assert_eq!(code, Some(1));
    assert!(said.contains("`state.serial-back`"), "{said}");
}

#[test]
fn advice_is_given_where_it_is_asked_for_and_apart_from_findings() {
    let stage = Stage::new(Stores::DynamoDb);
    let text = r#"{"version":4,"serial":4,"lineage":"l","resources":[{"mode":"managed","type":"aws_db_instance","name":"main","instances":[{"attributes":{"publicly_accessible":true,"password":"hunter2"}}]},{"mode":"managed","type":"aws_s3_bucket","name":"state","instances":[{"attributes":{"bucket":"tfb","versioning":[{"enabled":false}]}}]}]}"#;
    stage.builder.applied(text.as_bytes(), at()).unwrap();
    assert_eq!(checked(&stage), (0, Vec::new()));
    let said = stage.tfsos(&["check", "--lint", "--json"]);
    let json = said.json();
    assert_eq!((said.code, &json["healthy"]), (1, &true.into()), "{said:?}");
    assert_eq!(json["findings"], serde_json::json!([]));
    let lints = json["lints"].as_array().unwrap();
    let ids: Vec<_> = lints
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["database.public", "storage.state-bucket-unversioned"]);
    assert_eq!(
        lints[0]["addresses"],
        serde_json::json!(["aws_db_instance.main"])
    );
    assert_eq!(lints[0]["severity"], "warning");
    assert!(!said.out.contains("hunter2"));

    let said = stage.tfsos(&["check", "--lint", "--fail-on", "critical"]);
    assert_eq!(said.code, 0, "{said:?}");
    let (findings, advice) = said.out.split_once("\nadvice\n").unwrap();
    assert!(findings.contains("nothing is wrong"), "{said:?}");
    assert!(
        advice.contains("can be reached from the internet"),
        "{said:?}"
    );
    let said = stage.tfsos(&["check", "--lint", "--markdown"]);
    assert!(said.out.contains("### Advice"), "{said:?}");
}

#[test]
fn every_file_of_advice_is_built_in_and_every_runbook_that_it_names_is_there() {
    let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
    let files = std::fs::read_dir(format!("{assets}/lints")).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let rules: usize = texts.map(|text| text.matches("\nsays = ").count()).sum();
    assert_eq!(rules, tfsos::state::lint::rules().len());
    for rule in tfsos::state::lint::rules() {
        let page = rule.runbook.iter();
        let mut page = page.map(|id| format!("{assets}/runbooks/{id}.md"));
        assert!(
            page.all(|page| std::path::Path::new(&page).exists()),
            "{}",
            rule.id
        );
    }
}

#[test]
fn a_log_that_is_named_adds_what_its_latest_run_met() {
    let stage = Stage::new(Stores::Both);
    let log = format!(
        "{}/tests/fixtures/log/denied.log",
        env!("CARGO_MANIFEST_DIR")
    );
    let said = stage.tfsos(&["check", "--json", "--log", &log]);
    let json = said.json();
    assert_eq!(
        (said.code, &json["healthy"]),
        (1, &false.into()),
        "{said:?}"
    );
    let finding = &json["findings"][0];
    assert_eq!(
        (
            finding["id"].as_str(),
            finding["runbook"].as_str(),
            finding["step"].as_u64()
        ),
        (Some("auth.denied"), Some("provider-auth"), Some(7))
    );
    let claim = finding["claim"].as_str().unwrap();
    assert!(
        claim.contains("s3:PutObject on arn:aws:s3:::tf-lab-state"),
        "{claim}"
    );

    let healthy = format!(
        "{}/tests/fixtures/log/apply-trace.log",
        env!("CARGO_MANIFEST_DIR")
    );
    let said = stage.tfsos(&["check", "--log", &healthy]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = stage.tfsos(&["check", "--log", "none.log"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.out
            .contains("not seen: cannot read log none.log: no such file"),
        "{said:?}"
    );
}

#[test]
fn what_no_version_changed_for_long_is_advised_on_by_the_oldest_version_that_has_it() {
    let stage = Stage::new(Stores::Both);
    let ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    let changed = |from: &str, to: &str| NETWORK.replace(from, to);
    let other_engine = "\"engine_version\": \"16.1\"";
    let newer = changed("\"engine_version\": \"15.4\"", other_engine);
    let oldest = newer.replace(
        "\"instance_type\": \"t3.large\"",
        "\"instance_type\": \"t3.nano\"",
    );
    for (state, days) in [(oldest.as_str(), 400), (NETWORK, 200), (&newer, 1)] {
        stage.builder.applied(state.as_bytes(), ago(days)).unwrap();
    }
    let json = stage.tfsos(&["check", "--lint", "--json"]).json();
    let lints = json["lints"].as_array().unwrap().iter();
    let said = |address: &str| {
        let holds = |lint: &&serde_json::Value| {
            let addresses = lint["addresses"].as_array().unwrap();
            lint["id"] == "upkeep.unchanged" && addresses.iter().any(|one| one == address)
        };
        let mut found = lints.clone().filter(holds);
        let said = found.next().map(|lint| lint["says"].as_str().unwrap());
        assert!(found.next().is_none(), "{address} is told once: {json}");
        said.unwrap_or_default().to_owned()
    };
    let of = |address: &str, ago: &str| said(address).contains(&format!("it was {ago} ago"));
    assert!(of("module.network.aws_vpc.main", "a year"), "{json}");
    assert!(
        of("module.compute.aws_instance.web[0]", "half a year"),
        "{json}"
    );
    assert_eq!(said("module.data.aws_db_instance.main"), "");
}

#[test]
fn what_exists_already_is_searched_in_every_state_before_its_import_is_offered() {
    let folder = tempfile::TempDir::new().unwrap();
    let state = |kind: &str, name: &str| {
        format!(
            r#"{{"version":4,"serial":1,"lineage":"{name}","outputs":{{}},"resources":[{{"mode":"managed","type":"{kind}","name":"theirs","instances":[{{"attributes":{{"id":"{name}","name":"{name}"}}}}]}}]}}"#
        )
    };
    let exists = |what: &str, kind: &str, name: &str| {
        format!(
            "Error: creating {what} ({name}): operation error X: Create, https response error StatusCode: 409, RequestID: X, EntityAlreadyExists: {what} with name {name} already exists.\n\n  with {kind}.mine,\n  on main.tf line 3, in resource \"{kind}\" \"mine\":\n\n"
        )
    };
    let beside = folder.path().join("terraform.tfstate.d/b");
    std::fs::create_dir_all(&beside).unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("terraform.tfstate", state("aws_eip", "eip-1"));
    write(
        "terraform.tfstate.d/b/terraform.tfstate",
        state("aws_iam_role", "app"),
    );
    let text = exists("IAM Role", "aws_iam_role", "app")
        + &exists("IAM User", "aws_iam_user", "app")
        + &exists("Security Group", "aws_security_group", "web");
    write("apply.out", text);
    let said = Command::new(env!("CARGO_BIN_EXE_tfsos"))
        .args(["check", ".", "--log", "apply.out"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let out = String::from_utf8(said.stdout).unwrap();
    let parts: Vec<&str> = out.split("exists already: ").skip(1).collect();
    assert_eq!(parts.len(), 3, "{out}");
    assert!(parts[0].contains("terraform.tfstate.d/b/terraform.tfstate owns it, as aws_iam_role.theirs: don't import it"), "{out}");
    assert!(!parts[0].contains("terraform import"), "{out}");
    assert!(
        parts[1].contains("terraform import aws_iam_user.mine app"),
        "{out}"
    );
    // Its id is none of its names.
    assert!(!parts[2].contains("terraform import"), "{out}");
}
