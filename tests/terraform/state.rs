//! What we say of a broken state is what terraform says of it: the same
//! verdict, and where it is not JSON the same byte.

use std::process::Output;

use tfsos::state::{Reading, Refusal};

use crate::support::terraform::{self, Project};

/// What terraform says of a state, without its frames and line breaks.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let words = text.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

fn judged(text: &[u8]) -> Option<(Refusal, usize)> {
    match Reading::of(text) {
        Reading::Damaged { damage, .. } => Some((damage.refusal, damage.place.offset)),
        _ => None,
    }
}

/// A state of one instance with these members.
fn of_instance(members: &str) -> String {
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"terraform_data","name":"x","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{members}]}}]}}"#
    )
}

#[test]
fn a_text_that_is_no_json_breaks_at_the_byte_that_terraform_names() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    let whole = of_instance(r#"{"schema_version":0,"attributes":{"id":"a"}}"#);
    let texts = [
        whole[..whole.len() - 1].to_owned(),
        whole[..60].to_owned(),
        whole.replace("\"serial\":1", "\"serial\":01"),
        whole.replace("\"serial\":1", "\"serial\":tru"),
        whole.replace("\"l\"", "\"l\n\""),
        whole.replace("\"l\"", "\"\\x\""),
        whole.replace("\"l\"", "\"\\u12g4\""),
        whole.replace("\"outputs\"", ",\"outputs\""),
        whole.replace("\"instances\":[", "\"instances\":[,"),
        whole.replace("]}]}", "],}]}"),
        format!("{whole}}}"),
        format!("\u{feff}{whole}"),
        whole.replace("\"l\"", "\0\0\0"),
        " \n".to_owned(),
    ];
    for text in texts {
        std::fs::write(project.dir().join("terraform.tfstate"), &text).unwrap();
        let said = said(&project.terraform(&["state", "list"]));
        let (refusal, offset) = judged(text.as_bytes()).unwrap();
        assert!(
            matches!(refusal, Refusal::NotJson(_)),
            "{text:?}: {refusal:?}"
        );
        let theirs = format!("syntax error at byte offset {offset}.");
        assert!(
            said.contains(&theirs),
            "{text:?}: we say {offset}, terraform says {said}"
        );
    }
}

#[test]
fn what_terraform_refuses_we_call_damaged_by_its_own_summary() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    let instance = r#"{"schema_version":0,"attributes":{"id":"a"}"#;
    let texts = [
        "null".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"version":"4"}"#.to_owned(),
        r#"{"version":-1}"#.to_owned(),
        r#"{"version":0}"#.to_owned(),
        r#"{"version":5,"terraform_version":"9.9.9"}"#.to_owned(),
        r#"{"version":4,"serial":"x"}"#.to_owned(),
        r#"{"version":4,"serial":1,"terraform_version":"new"}"#.to_owned(),
        of_instance(&format!("{instance},\"status\":\"gone\"}}")),
        of_instance(&format!("{instance},\"index_key\":true}}")),
        of_instance(&format!("{instance},\"deposed\":\"123\"}}")),
        of_instance(&format!("{instance}}},{instance}}}")),
        of_instance(&format!("{instance}}}")).replace("managed", "imagined"),
    ];
    for text in texts {
        std::fs::write(project.dir().join("terraform.tfstate"), &text).unwrap();
        let said = said(&project.terraform(&["state", "list"]));
        let (refusal, _) = judged(text.as_bytes())
            .unwrap_or_else(|| panic!("{text} is whole to us; terraform: {said}"));
        assert!(
            said.contains(refusal.summary()),
            "{text}: we say {refusal:?}, terraform says {said}"
        );
    }
}

#[test]
fn what_terraform_accepts_we_do_not_call_damaged() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    let instance = r#"{"schema_version":0,"attributes":{"id":"a"}"#;
    let texts = [
        r#"{"version":4,"serial":1,"terraform_version":"9.9.9","lineage":"l","new":[1],"check_results":null}"#.to_owned(),
        r#"{"version":3,"version":4,"serial":1,"terraform_version":"1.0.0"}"#.to_owned(),
        r#"{"version":4,"serial":null,"lineage":null,"outputs":null,"resources":null}"#.to_owned(),
        of_instance(&format!("{instance},\"status\":\"\",\"deposed\":\"\",\"index_key\":null}}")),
        of_instance(&format!("{instance},\"index_key\":1.9}}")),
        of_instance(&format!("{instance}}},{instance},\"deposed\":\"1a2b3c4d\"}}")),
        of_instance(&format!("{instance},\"index_key\":\"\\ud800 \\u00e9\"}}")),
    ];
    for text in texts {
        std::fs::write(project.dir().join("terraform.tfstate"), &text).unwrap();
        let output = project.terraform(&["state", "list"]);
        assert!(output.status.success(), "{text}: {}", said(&output));
        let Reading::Whole(state) = Reading::of(text.as_bytes()) else {
            panic!("{text}: terraform accepts it");
        };
        let ours: Vec<String> = state
            .listed()
            .iter()
            .map(|no| state.address(*no).unwrap().to_string())
            .collect();
        let theirs = String::from_utf8(output.stdout).unwrap();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{text}");
    }
}
