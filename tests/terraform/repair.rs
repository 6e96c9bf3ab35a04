//! What is saved of a damaged state is a state to the real terraform, with the
//! same addresses.

use std::fs;

use tfsos::state::{Reading, repair};

use crate::support::terraform::{self, Project};

/// A state with a hole of zero bytes, a cut, or the faults of an editor.
fn damaged(text: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for part in 2..6 {
        let at = text.len() * part / 7;
        all.push(text.as_bytes()[..at].to_vec());
        let mut hole = text.as_bytes().to_vec();
        hole[at..at + 300].fill(0);
        all.push(hole);
    }
    let last = |part: &str| text.rfind(part).unwrap();
    let comma = last("\n      ]\n    }");
    all.push([&text[..comma], ",", &text[comma..]].concat().into_bytes());
    let bracket = last("]\n    }");
    all.push(
        [&text[..bracket], &text[bracket + 1..]]
            .concat()
            .into_bytes(),
    );
    let entry = text.find("\n    {\n").unwrap();
    let end = entry + text[entry..].find("\n    },").unwrap() + 7;
    let twice = [&text[..end], &text[entry..end], &text[end..]];
    all.push(twice.concat().into_bytes());
    all
}

#[test]
fn what_is_saved_of_a_damaged_state_is_loaded_by_terraform_with_the_same_addresses() {
    let Some(binary) = terraform::found() else {
        return;
    };
    let project = Project::local(binary).initialised();
    project.apply();
    let text = fs::read_to_string(project.dir().join("terraform.tfstate")).unwrap();
    for (number, bytes) in damaged(&text).into_iter().enumerate() {
        let saved = repair(&bytes, None).unwrap();
        let name = format!("saved-{number}.tfstate");
        fs::write(project.dir().join(&name), &saved.text).unwrap();
        let listed = project.terraform(&["state", "list", &format!("-state={name}")]);
        assert!(listed.status.success(), "{number}: {listed:?}");
        let Reading::Whole(state) = Reading::of(saved.text) else {
            panic!("{number} does not load");
        };
        let ours = state
            .listed()
            .iter()
            .map(|no| state.address(*no).unwrap().to_string());
        let theirs = String::from_utf8(listed.stdout).unwrap();
        assert_eq!(
            ours.collect::<Vec<_>>(),
            theirs.lines().collect::<Vec<_>>(),
            "{number}"
        );
        let shown = project.terraform(&["show", &name]);
        assert!(shown.status.success(), "{number}: {shown:?}");
    }
}
