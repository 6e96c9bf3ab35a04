//! `tfsos ready`: what it says of a place, and that it tries no write unasked.

use crate::stage::{Stage, Stores};

#[test]
fn each_condition_is_a_line_and_nothing_is_written() {
    let stage = Stage::new(Stores::Both);
    let said = stage.tfsos(&["ready", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let json = said.json();
    let checks = json["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["status"] == "ok"), "{json}");
    assert!(checks.iter().any(|check| check["id"] == "versioning"));
    assert!(
        stage
            .tfsos(&["ready"])
            .out
            .contains("the bucket keeps every version")
    );
    assert_eq!(stage.journals().len(), 0);
}

#[test]
fn a_bucket_that_keeps_no_versions_is_found_with_its_remedy() {
    let stage = Stage::new(Stores::DynamoDb);
    stage
        .builder
        .versioning(tfsos::state::Versioning::Suspended)
        .unwrap();
    let said = stage.tfsos(&["ready"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("put-bucket-versioning"), "{said:?}");
}

#[test]
fn a_write_is_tried_only_where_it_may_be_and_was_confirmed() {
    let stage = Stage::new(Stores::Both);
    let key = "net/terraform.tfstate";
    for words in [
        &["ready", "--probe-writes"][..],
        &["ready", "--probe-writes", "--yes", key],
        &["ready", "--probe-writes", "--yes", key, "--read-only"],
    ] {
        assert_eq!(stage.tfsos(words).code, 4, "{words:?}");
    }
    assert_eq!(stage.tfsos(&["ready", "--yes", key]).code, 2);
    assert_eq!(stage.journals().len(), 0);
}
