//! An incident that goes from one machine to another, each with a home of its
//! own: what the lock says there, and how the packed incident goes on.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{Running, Said, Stage, Stores, at, said};

const TORN: &[u8] = br#"{"version":4,"serial":4,"lineage":"l","resou"#;

/// The other machine.
struct Elsewhere<'a> {
    stage: &'a Stage,
    home: TempDir,
}

impl<'a> Elsewhere<'a> {
    fn of(stage: &'a Stage) -> Self {
        Self {
            stage,
            home: TempDir::new().unwrap(),
        }
    }

    fn tfsos(&self, words: &[&str]) -> Said {
        let mut command = self.stage.command(words);
        said(command.env("HOME", self.home.path()).output().unwrap())
    }
}

/// A restore that a kill left open in the middle, and the version that it puts back.
fn left_open() -> (Stage, String) {
    let stage = Stage::new(Stores::Both);
    stage.builder.state(TORN, at()).unwrap();
    let shown = stage.tfsos(&["versions", "--json"]).json();
    let good = shown["last_good"].as_str().unwrap().to_owned();
    let guard = stage.hold("table");
    let words = ["restore", &good, "--yes", &good, "--json"];
    let running = Running::new(stage.command(&words).spawn().unwrap());
    stage.until_journaled("\"kind\":\"sent\"", 2);
    running.kill();
    drop(guard);
    (stage, good)
}

fn incident(stage: &Stage) -> Value {
    stage.verified().json()["incidents"][0].clone()
}

/// Packs the only incident; the path of the file.
fn packed(stage: &Stage) -> String {
    let id = incident(stage)["id"].as_str().unwrap().to_owned();
    let file = stage.dir().join("incident.json").display().to_string();
    let said = stage.journal(&["export", &id, "-o", &file]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("--incident"), "{said:?}");
    file
}

fn versions(stage: &Stage) -> usize {
    let json = stage.tfsos(&["versions", "--json"]).json();
    json["versions"].as_array().unwrap().len()
}

#[test]
fn a_colleagues_open_restore_is_known_by_its_lock_and_goes_on_elsewhere() {
    let (stage, good) = left_open();
    let there = Elsewhere::of(&stage);
    let id = incident(&stage)["id"].as_str().unwrap().to_owned();

    let shown = there.tfsos(&["locks", "--json"]).json();
    let errand = &shown["locks"][0]["errand"];
    assert_eq!(errand["incident"], json!(id), "{shown}");
    assert_eq!(
        (&errand["purpose"], &errand["step"]),
        (&json!("restore"), &json!("2 of 10"))
    );
    assert_eq!(
        errand["resume"],
        json!(format!("tfsos restore {good} --yes {good}"))
    );
    let text = there.tfsos(&["locks"]).out;
    assert!(
        text.contains(&format!("tfsos journal export {id}")),
        "{text}"
    );
    let refused = there.tfsos(&["restore", &good, "--yes", &good]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let way = format!("tfsos journal export {id} -o FILE there, then tfsos --incident FILE here");
    assert!(refused.err.contains(&way), "{refused:?}");
    for locks in [&text, &stage.tfsos(&["locks"]).out] {
        assert!(
            locks.contains("go on with what tfsos took it for"),
            "{locks}"
        );
        assert!(!locks.contains("tfsos unlock"), "{locks}");
    }

    let file = packed(&stage);
    assert_eq!(incident(&stage)["handed_over"], json!(true));
    let here = stage.tfsos(&["restore", &good, "--yes", &good]);
    assert_eq!(here.code, 4, "whoever has the file goes on: {here:?}");

    let before = versions(&stage);
    let there_now = there.tfsos(&[
        "restore",
        &good,
        "--yes",
        &good,
        "--incident",
        &file,
        "--json",
    ]);
    assert_eq!(there_now.code, 0, "{there_now:?}");
    assert_eq!((stage.held(), versions(&stage)), (0, before + 1));
    assert_eq!(there.tfsos(&["digest"]).code, 0);

    let again = there.tfsos(&["locks", "--incident", &file]);
    assert_eq!(again.code, 0, "the same file changes nothing: {again:?}");
    let back = stage.tfsos(&[
        "restore",
        &good,
        "--yes",
        &good,
        "--incident",
        &file,
        "--json",
    ]);
    assert_eq!(back.code, 0, "{back:?}");
    assert_eq!(versions(&stage), before + 1, "nothing is written twice");
    assert_eq!(incident(&stage)["intact"], json!(true));
}

#[test]
fn a_packed_incident_that_was_changed_is_not_taken_up() {
    let (stage, good) = left_open();
    let file = packed(&stage);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    let files = json["files"].as_object_mut().unwrap();
    let plan = files
        .keys()
        .find(|name| name.starts_with("plans/"))
        .unwrap()
        .clone();
    files[&plan] = json!("e30=");
    std::fs::write(&file, json.to_string()).unwrap();
    let there = Elsewhere::of(&stage);
    let refused = there.tfsos(&["restore", &good, "--yes", &good, "--incident", &file]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(
        refused.err.contains("is not what its journal says"),
        "{refused:?}"
    );
    assert!(
        !there
            .home
            .path()
            .join(".local/state/tfsos/incidents")
            .exists()
    );
    assert_eq!(stage.journal(&["export", "nothing", "-o", "x"]).code, 2);
    let id = incident(&stage)["id"].as_str().unwrap().to_owned();
    let twice = stage.journal(&["export", &id, "-o", &file]);
    assert_eq!(twice.code, 4, "no file is overwritten: {twice:?}");
}

#[test]
fn a_colleagues_freeze_says_whose_it_is_why_and_how_it_ends() {
    let stage = Stage::new(Stores::Both);
    let key = "net/terraform.tfstate";
    let words = [
        "freeze",
        "--reason",
        "db move; ask ada",
        "--yes",
        key,
        "--json",
    ];
    let frozen = stage.tfsos(&words);
    let own = frozen.json()["id"].as_str().unwrap().to_owned();
    let there = Elsewhere::of(&stage);
    let shown = there.tfsos(&["locks", "--json"]).json();
    let errand = &shown["locks"][0]["errand"];
    assert_eq!(
        (&errand["purpose"], &errand["does"]),
        (&json!("freeze"), &json!("db move; ask ada"))
    );
    assert_eq!(errand["incident"], frozen.json()["incident"]);
    assert!(there.tfsos(&["locks"]).out.contains("db move; ask ada"));

    let file = packed(&stage);
    let held = there
        .tfsos(&["digest", "--json", "--incident", &file])
        .json();
    assert_eq!(held["agreement"], "agrees");
    let thawed = there.tfsos(&["thaw", &own, "--yes", &own]);
    assert_eq!((thawed.code, stage.held()), (0, 0), "{thawed:?}");
}
