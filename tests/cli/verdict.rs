//! The verdict on a lock, as `tfsos locks` gives it: from former locks, from
//! the logs of this host, and from the team's CI.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tfsos::lock::{Body, Store};

use crate::stage::{ID, Stage, Stores};

const LOG: &str = include_str!("../fixtures/log/lock-conflict.log");
/// The lock that the run of that log took, and then met.
const OWN: &str = "9d098885-c01c-c996-afb2-47fc952ad395";

fn ago(minutes: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_mins(minutes)
}

fn lock(id: &str, who: &str, since: Timestamp) -> Body {
    let info = format!(
        r#"{{"ID":"{id}","Operation":"OperationTypeApply","Info":"","Who":"{who}","Version":"1.11.4","Created":"{since}","Path":"tfb/net/terraform.tfstate"}}"#
    );
    Body::Bytes(info.into_bytes())
}

fn judged(stage: &Stage) -> (String, String) {
    let json = stage.tfsos(&["locks", "--json"]).json();
    let lock = &json["locks"][0];
    let signs = lock["signs"].as_array().unwrap().iter();
    let says = |sign: &Value| {
        let (weight, says) = (sign["weight"].as_i64(), sign["says"].as_str());
        format!("{:+} {}\n", weight.unwrap(), says.unwrap())
    };
    (
        lock["verdict"].as_str().unwrap().to_owned(),
        signs.map(says).collect(),
    )
}

fn holding(stage: &Stage, body: &Body, since: Timestamp) {
    for store in [Store::S3, Store::DynamoDb] {
        stage.builder.lock(store, body, since).unwrap();
    }
}

#[test]
fn a_lock_is_stale_that_is_held_far_longer_than_any_before() {
    let stage = Stage::new(Stores::Both);
    for hours in [90, 80, 70] {
        let (from, to) = (ago(hours * 60), ago(hours * 60 - 2));
        let former = lock("former", "bob@bob-mbp", from);
        stage.builder.lock(Store::S3, &former, from).unwrap();
        stage.builder.unlock(Store::S3, to).unwrap();
    }
    holding(&stage, &lock(ID, "bob@bob-mbp", ago(76)), ago(76));
    let (verdict, signs) = judged(&stage);
    assert_eq!(verdict, "likely_stale", "{signs}");
    assert!(
        signs.contains(
            "+4 held for 1 h 16 m, 38 × longer than usual here (median 2 m 0 s of 3 former locks"
        ),
        "{signs}"
    );
}

#[test]
fn a_lock_that_tfsos_released_is_no_habit() {
    let stage = Stage::new(Stores::Both);
    for _ in 0..3 {
        holding(&stage, &lock(ID, "bob@bob-mbp", ago(600)), ago(600));
        assert_eq!(stage.unlock(&[]).code, 0);
    }
    holding(&stage, &lock(ID, "bob@bob-mbp", ago(76)), ago(76));
    let (_, signs) = judged(&stage);
    assert!(!signs.contains("usual here"), "{signs}");
}

#[test]
fn the_lock_of_a_lost_answer_is_known_by_the_log_of_the_run_that_lost_it() {
    let stage = Stage::new(Stores::DynamoDb);
    let body = lock(OWN, "oncall@laptop", ago(3));
    stage.builder.lock(Store::DynamoDb, &body, ago(3)).unwrap();
    let (before, _) = judged(&stage);
    assert_eq!(before, "unsure");
    std::fs::write(stage.dir().join("tf.log"), LOG).unwrap();
    let (verdict, signs) = judged(&stage);
    assert_eq!(verdict, "stale", "{signs}");
    assert!(
        signs.contains("+6 tf.log: its own run asked twice"),
        "{signs}"
    );
    std::fs::write(stage.dir().join("tf.log"), LOG.replace(OWN, ID)).unwrap();
    let (verdict, signs) = judged(&stage);
    assert_eq!(verdict, "unsure", "the log of another lock: {signs}");
}

#[test]
fn a_job_is_shown_by_its_page_and_asked_by_the_teams_own_command() {
    let stage = Stage::new(Stores::DynamoDb);
    let who = "root@runner-x1-project-4711-concurrent-0";
    let body = lock(ID, who, ago(30));
    stage.builder.lock(Store::DynamoDb, &body, ago(30)).unwrap();
    let (_, signs) = judged(&stage);
    assert!(
        signs.contains("taken by GitLab CI: whether the job runs is not asked"),
        "{signs}"
    );
    for (command, verdict) in [("true", "live"), ("false", "likely_stale")] {
        stage.configure(&format!(
            "ci_who = 'project-(?P<project>\\d+)'\nci_url = 'https://ci.example.com/{{project}}'\nci_running = ['{command}', '{{project}}']\n"
        ));
        let (judged, signs) = judged(&stage);
        assert!(signs.contains("https://ci.example.com/4711"), "{signs}");
        assert_eq!(judged, verdict, "{command}: {signs}");
    }
    let said = stage.unlock(&[]);
    assert_eq!(said.code, 0, "an ended job's lock needs no words: {said:?}");
}
