//! What the README says and a program can check, so that it cannot rot: its
//! table of keys is the action table, every command is named, its policies
//! are JSON and its files are there.

use clap::CommandFactory;
use tfsos::app::action::{Scope, table};
use tfsos::args::Arguments;

const BEGIN: &str =
    "<!-- keys: made from the action table; KEYS=write cargo test --test console readme -->\n";
const END: &str = "<!-- /keys -->";
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

fn keys() -> String {
    let (own, global): (Vec<_>, Vec<_>) =
        table().partition(|(scope, _)| *scope != Scope::Everywhere);
    let rows = global.into_iter().chain(own).map(|(scope, row)| {
        let place = match scope {
            Scope::Everywhere => "everywhere",
            Scope::In(pane) => pane.title(),
        };
        let keys: Vec<_> = row.keys.split(' ').map(|key| format!("`{key}`")).collect();
        format!("| {place} | {} | {} |\n", keys.join(" "), row.sentence)
    });
    let head = "| where | keys | |\n| --- | --- | --- |\n".to_owned();
    std::iter::once(head).chain(rows).collect()
}

#[test]
fn the_readme_lists_every_key_as_it_works() {
    let readme = std::fs::read_to_string(PATH).unwrap();
    let (head, rest) = readme
        .split_once(BEGIN)
        .expect("the marker before the keys");
    let (listed, tail) = rest.split_once(END).expect("the marker after the keys");
    if std::env::var_os("KEYS").is_some_and(|value| value == "write") {
        std::fs::write(PATH, format!("{head}{BEGIN}{}{END}{tail}", keys())).unwrap();
        return;
    }
    assert_eq!(
        listed,
        keys(),
        "KEYS=write cargo test --test console readme"
    );
}

#[test]
fn every_picture_and_file_of_the_readme_is_there() {
    let readme = std::fs::read_to_string(PATH).unwrap();
    let links = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (target, _) in links {
        assert!(root.join(target).exists(), "{target}");
    }
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let readme = std::fs::read_to_string(PATH).unwrap();
    let command = Arguments::command();
    let known: Vec<&str> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    // `completions` and `man` stand in a row with `config`.
    let named = |name: &&&str| {
        [
            format!("`tfsos {name}"),
            format!("`{name} "),
            format!("-- {name}\n"),
        ]
        .iter()
        .any(|place| readme.contains(place))
    };
    let missing: Vec<_> = known.iter().filter(|name| !named(name)).collect();
    assert!(missing.is_empty(), "the README does not name {missing:?}");
    let words = readme.split("`tfsos ").skip(1);
    let words = words.filter_map(|rest| rest.split([' ', '`']).next());
    let unknown: Vec<_> = words
        .filter(|word| !known.contains(word) && !word.starts_with('-'))
        .collect();
    assert!(unknown.is_empty(), "there is no command {unknown:?}");
}

#[test]
fn the_policies_of_the_readme_are_json() {
    let readme = std::fs::read_to_string(PATH).unwrap();
    let policies: Vec<serde_json::Value> = readme
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(policy, _)| serde_json::from_str(policy).unwrap())
        .collect();
    assert_eq!(policies.len(), 2);
    assert!(
        policies
            .iter()
            .all(|policy| policy["Version"] == "2012-10-17")
    );
}
