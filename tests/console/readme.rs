//! The README's table of keys is the action table, so that it cannot rot.

use tfsos::app::action::{Scope, table};

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
