//! `tfsos check --plan`: a plan that Terraform wrote, judged before it is applied.

use std::path::PathBuf;

use crate::stage::{Said, Stage, Stores, at};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/plan/{name}"))
}

/// The state of which the fixtures are plans, at this serial.
fn state(serial: u64, names: &[&str]) -> String {
    let resource = |name: &&str| {
        format!(
            r#"{{"mode":"managed","type":"terraform_data","name":"{name}","instances":[{{"attributes":{{"id":"{name}"}}}}]}}"#
        )
    };
    let resources: Vec<String> = names.iter().map(resource).collect();
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"1c1937fc-9d12-9565-636b-ee87876480ad","outputs":{{}},"resources":[{}]}}"#,
        resources.join(",")
    )
}

fn judged(stage: &Stage, plan: &str) -> (Said, Vec<String>) {
    let plan = fixture(plan);
    let said = stage.tfsos(&["check", "--json", "--plan", plan.to_str().unwrap()]);
    let json = said.json();
    let findings = json["findings"].as_array().unwrap().iter();
    let ids = findings.map(|one| one["id"].as_str().unwrap().to_owned());
    let ids = ids.collect();
    (said, ids)
}

#[test]
fn a_saved_plan_is_stale_once_the_state_was_written() {
    let stage = Stage::new(Stores::DynamoDb);
    stage
        .builder
        .applied(state(4, &["a", "b"]).as_bytes(), at())
        .unwrap();
    let (said, ids) = judged(&stage, "saved.tfplan");
    assert!(!ids.contains(&"plan.stale".to_owned()), "{said:?}");
    assert!(ids.contains(&"plan.destroys".to_owned()), "{said:?}");
    stage
        .builder
        .applied(state(5, &["a", "b"]).as_bytes(), at())
        .unwrap();
    let (said, ids) = judged(&stage, "saved.tfplan");
    assert_eq!((said.code, ids[0].as_str()), (1, "plan.stale"), "{said:?}");
    assert!(
        said.out.contains("the plan was made of serial 4"),
        "{said:?}"
    );
}

#[test]
fn what_an_older_version_holds_and_the_plan_creates_is_found_in_every_form_of_the_plan() {
    let stage = Stage::new(Stores::DynamoDb);
    let lost = state(3, &["a", "b"]).replace(
        r#""name":"b","instances":[{"#,
        r#""name":"c","instances":[{"index_key":"q\"u.x","#,
    );
    stage.builder.applied(lost.as_bytes(), at()).unwrap();
    stage
        .builder
        .applied(state(4, &["a", "b"]).as_bytes(), at())
        .unwrap();
    for plan in ["saved.tfplan", "show.json", "events.json"] {
        let (said, ids) = judged(&stage, plan);
        assert_eq!(
            (said.code, ids[0].as_str()),
            (1, "plan.recreates"),
            "{plan}: {said:?}"
        );
        let finding = &said.json()["findings"][0];
        let evidence = finding["evidence"].as_array().unwrap();
        assert_eq!(evidence.last().unwrap(), r#"terraform_data.c["q\"u.x"]"#);
        assert_eq!(finding["runbook"], "state-corrupt");
    }
}

#[test]
fn a_file_that_is_no_plan_is_said_and_not_taken_for_a_harmless_one() {
    let stage = Stage::new(Stores::DynamoDb);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (file, cause) in [
        (file, "it is neither a saved plan, nor"),
        ("/nowhere/at/all", "no such file"),
    ] {
        let said = stage.tfsos(&["check", "--plan", file]);
        assert_eq!(said.code, 3, "{said:?}");
        let told = format!("not seen: cannot read the plan {file}: {cause}");
        assert!(said.out.contains(&told), "{said:?}");
    }
    let said = stage.tfsos(&["check", "--all", "--plan", file]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn a_plan_is_judged_beside_a_state_file_and_its_backup() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terraform.tfstate");
    std::fs::write(&file, state(4, &["a"])).unwrap();
    let lost = state(3, &["b"]).replace(
        r#""name":"b","instances":[{"#,
        r#""name":"c","instances":[{"index_key":"q\"u.x","#,
    );
    std::fs::write(folder.path().join("terraform.tfstate.backup"), lost).unwrap();
    let said = crate::support::tfsos::Tfsos::new(&["check", "--plan"])
        .word(fixture("saved.tfplan"))
        .word(&file)
        .run();
    assert_eq!(said.code, Some(1), "{said:?}");
    let told = "the plan creates what the backup holds";
    assert!(said.out.contains(told), "{said:?}");
}

/// A plan that Terraform showed and that nobody has carried out.
const SHOWN: &str = "Terraform will perform the following actions:\n\n  # terraform_data.lost will be created\n  + resource \"terraform_data\" \"lost\" {\n      + id = (known after apply)\n    }\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n";

#[test]
fn a_plan_that_only_a_log_shows_is_judged_by_what_older_versions_hold() {
    let stage = Stage::new(Stores::DynamoDb);
    stage
        .builder
        .applied(state(3, &["a", "lost"]).as_bytes(), at())
        .unwrap();
    stage
        .builder
        .applied(state(4, &["a"]).as_bytes(), at())
        .unwrap();
    let log = stage.dir().join("plan.out");
    let found = |text: &str| {
        std::fs::write(&log, text).unwrap();
        let said = stage.tfsos(&["check", "--json", "--log", log.to_str().unwrap()]);
        let json = said.json();
        let findings = json["findings"].as_array().unwrap().iter();
        let found = findings
            .filter(|one| one["id"] == "plan.recreates")
            .cloned();
        found.collect::<Vec<_>>()
    };
    let findings = found(SHOWN);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let claim = findings[0]["claim"].as_str().unwrap();
    assert!(claim.ends_with("holds: terraform_data.lost"), "{claim}");
    let evidence = findings[0]["evidence"].to_string();
    assert!(evidence.contains("plan.out:1"), "{evidence}");
    assert_eq!(findings[0]["runbook"], "state-corrupt");
    assert_eq!(
        found(&format!("{SHOWN}\nApply complete! Resources: 1 added.\n")),
        [] as [serde_json::Value; 0]
    );
    assert_eq!(
        found(&SHOWN.replace("terraform_data.lost", "terraform_data.new")),
        [] as [serde_json::Value; 0]
    );
}
