//! The arrows of the house and the calls that only its edges may make. What
//! is checked is source text with comments and literals taken out, so a rule
//! can be spoken about without being broken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// A module imports only from the lists before its own.
const ARROWS: [&[&str]; 11] = [
    &["fault"],
    &["log", "state", "lock", "place", "runbook"],
    &["incident"],
    &["recovery", "drift", "drill"],
    &["analysis"],
    &["args", "config"],
    &["app"],
    &["ui", "io"],
    &["run"],
    &["cli"],
    &["main", "lib"],
];

/// The modules that touch the world.
const EDGES: [&str; 4] = ["io", "run", "cli", "main"];

/// Calls that make a value depend on the world: what they are, where they may stand.
const CALLS: [(&str, &[&str]); 12] = [
    (r"\bstd::fs\b|\bFile::open\b", &EDGES),
    (r"\bstd::net\b", &["io"]),
    (r"\bInstant::now\b", &EDGES),
    (
        r"\bSystemTime::now\b|\bTimestamp::now\b|\bZoned::now\b",
        &EDGES,
    ),
    (r"\bspawn(_blocking)?\s*\(", &EDGES),
    (r"\bblock_on\s*\(", &EDGES),
    (r"\.lock\(\)", &EDGES),
    (r"\bratatui::", &["ui", "io", "run", "cli"]),
    (r"\bcrossterm::", &["io", "run"]),
    (r"\btokio::", &EDGES),
    (r"\baws_\w+::", &["io"]),
    (r"\bColor::", &["ui/theme"]),
];

/// Compiled once: the whole of `src` is read with each.
static CALL_PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    CALLS
        .iter()
        .map(|(call, _)| Regex::new(call).unwrap())
        .collect()
});
static IMPORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcrate::(\{[^;]*;|\w+)").unwrap());
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"(?s)//[^\n]*|/\*.*?\*/",
        r#"|r"[^"]*"|r\#".*?"\#|r\#\#".*?"\#\#"#,
        r#"|"(?:\\.|[^"\\])*""#,
        r"|'(?:\\[^']+|[^'\\])'",
    );
    Regex::new(pattern).unwrap()
});

/// One file of `src`: its path there without `.rs`, and its code without comments and literals.
struct Source {
    path: String,
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            code: code_of(text),
        }
    }

    /// The top-level module that the file belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap()
    }

    /// The code without the unit tests at the foot of the file.
    fn program(&self) -> &str {
        self.code.split("#[cfg(test)]\nmod ").next().unwrap()
    }

    /// Every top-level module that the file names by `crate::`.
    fn imports(&self) -> Vec<String> {
        let found = IMPORT
            .captures_iter(&self.code)
            .map(|found| found[1].to_owned());
        found
            .flat_map(|path| {
                if path.starts_with('{') {
                    group_heads(&path)
                } else {
                    vec![path]
                }
            })
            .collect()
    }

    fn stands_in(&self, place: &str) -> bool {
        self.path == place
            || self
                .path
                .strip_prefix(place)
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The first words of a `{a::b, c::{d, e}}`, at its outermost level.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut fresh) = (0, Vec::new(), false);
    for piece in Regex::new(r"[{},]|\w+").unwrap().find_iter(group) {
        match piece.as_str() {
            "{" => (depth, fresh) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => fresh = depth == 1,
            word if fresh && depth == 1 => {
                heads.push(word.to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

/// The text without comments, and with the content of string and character literals left out.
fn code_of(text: &str) -> String {
    LITERAL.replace_all(text, "").into_owned()
}

fn rank(module: &str) -> Option<usize> {
    ARROWS.iter().position(|modules| modules.contains(&module))
}

/// What a file does against the arrows.
fn wrong_imports(source: &Source) -> Vec<String> {
    let Some(own) = rank(source.module()) else {
        return vec![format!(
            "{}: this module has no place in the arrows",
            source.path
        )];
    };
    let wrong =
        |name: &String| name != source.module() && rank(name).is_none_or(|other| other >= own);
    source
        .imports()
        .into_iter()
        .filter(wrong)
        .map(|name| format!("{} imports {name}", source.path))
        .collect()
}

/// What a file calls that is not for its place.
fn wrong_calls(source: &Source) -> Vec<String> {
    let rules = CALLS.iter().zip(CALL_PATTERNS.iter());
    let broken = rules.filter(|((_, places), pattern)| {
        let allowed = places.iter().any(|place| source.stands_in(place));
        !allowed && pattern.is_match(source.program())
    });
    broken
        .map(|((call, places), _)| {
            format!(
                "{} has {call}, which stands only in {places:?}",
                source.path
            )
        })
        .collect()
}

fn house() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().with_extension("");
        Source::new(&name.to_string_lossy(), &fs::read_to_string(&path).unwrap())
    };
    files.into_iter().map(named).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

const NONE: [String; 0] = [];

#[test]
fn every_module_imports_only_what_stands_to_its_left() {
    let house = house();
    assert!(house.len() > 10, "the whole of src is read");
    assert_eq!(
        house.iter().flat_map(wrong_imports).collect::<Vec<_>>(),
        NONE
    );
}

#[test]
fn only_the_edges_of_the_house_touch_the_world() {
    assert_eq!(
        house().iter().flat_map(wrong_calls).collect::<Vec<_>>(),
        NONE
    );
}

fn imports_of(path: &str, text: &str) -> Vec<String> {
    wrong_imports(&Source::new(path, text))
}

fn calls_of(path: &str, text: &str) -> usize {
    wrong_calls(&Source::new(path, text)).len()
}

#[test]
fn an_import_to_the_right_or_beside_is_seen() {
    assert_eq!(
        imports_of("lock/holder", "use crate::app::App;"),
        ["lock/holder imports app"]
    );
    assert_eq!(
        imports_of("ui/pane/lock", "fn f() { crate::io::open() }"),
        ["ui/pane/lock imports io"]
    );
    let grouped = "use crate::{\n    fault::{Fault, cli},\n    cli::{Show, ui},\n    run,\n};";
    assert_eq!(
        imports_of("app/update", grouped),
        ["app/update imports cli", "app/update imports run"]
    );
    assert_eq!(
        imports_of("state/mod", "use crate::lock::Holder;"),
        ["state/mod imports lock"]
    );
    assert_eq!(
        imports_of("utils/mod", ""),
        ["utils/mod: this module has no place in the arrows"]
    );
}

#[test]
fn an_import_to_the_left_or_from_the_own_folder_is_fine() {
    let text =
        "use crate::{fault::Fault, lock};\n// use crate::io;\nconst A: &str = \"crate::ui\";";
    assert_eq!(imports_of("lock/survey", text), NONE);
    assert_eq!(
        imports_of("run", "use crate::{app::App, io::input, ui};"),
        NONE
    );
}

#[test]
fn a_call_to_the_world_is_seen_only_where_it_does_not_belong() {
    let text =
        "fn f() { std::fs::read(p); Instant::now(); pane.lock(); tokio::spawn(g()); Color::Red }";
    assert_eq!(
        (calls_of("lock/holder", text), calls_of("app/update", text)),
        (6, 6)
    );
    assert_eq!((calls_of("io/disk", text), calls_of("run", text)), (1, 1));
    assert_eq!(calls_of("ui/theme", "Color::Red"), 0);
    assert_eq!(calls_of("ui/theme/role", "Color::Red"), 0);
    assert_eq!(calls_of("ui/themes", "Color::Red"), 1);
}

#[test]
fn comments_literals_and_unit_tests_break_no_rule() {
    let text = r##"
        // std::fs is for io
        /* Instant::now() */
        const A: &str = "std::net \" block_on(";
        const B: &str = r#"Color:: "quoted" .lock()"#;
        const C: char = '"';
        fn lives<'a>(x: &'a str) -> char { 'x' }
"##;
    assert_eq!(calls_of("lock/holder", text), 0);
    assert_eq!(
        calls_of(
            "lock/holder",
            "fn f() {}\n#[cfg(test)]\nmod tests { fn g() { std::fs::read(p); } }"
        ),
        0
    );
    assert_eq!(
        calls_of(
            "lock/holder",
            "const C: char = '\"'; fn f() { std::fs::read(p) } const D: char = '\"';"
        ),
        1
    );
}
