//! Code in roles: commands of runbooks and bodies in logs. The syntaxes are
//! loaded at the first use and the work is bounded, so it belongs into a job,
//! never onto the update loop.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::app::role::Role;

/// One row of code: pieces of text with what they are.
pub type CodeRow = Vec<(Role, String)>;

/// What the code is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Shell,
    Json,
    Xml,
    Hcl,
    Yaml,
}

/// Longer code is shown plain: a person reads the start, and parsing has no upper bound.
const LONGEST: usize = 64 * 1024;
/// A longer row is shown plain, for the same reason.
const LONGEST_ROW: usize = 4 * 1024;

impl Language {
    /// The language of a fenced block by its name there.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sh" | "bash" | "shell" | "console" => Some(Self::Shell),
            "json" => Some(Self::Json),
            "xml" => Some(Self::Xml),
            "hcl" | "tf" | "terraform" => Some(Self::Hcl),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Shell => "sh",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Hcl => "tf",
            Self::Yaml => "yaml",
        }
    }
}

/// The code row by row; plain where it is too long or its syntax is not known.
pub fn highlight(code: &str, language: Language) -> Vec<CodeRow> {
    let plain = || {
        code.lines()
            .map(|row| vec![(Role::Code, row.to_owned())])
            .collect()
    };
    let syntaxes = syntaxes();
    let Some(syntax) = syntaxes.find_syntax_by_extension(language.extension()) else {
        return plain();
    };
    if code.len() > LONGEST || code.lines().any(|row| row.len() > LONGEST_ROW) {
        return plain();
    }
    let (mut parser, mut scopes) = (ParseState::new(syntax), ScopeStack::new());
    code.lines()
        .map(|row| highlight_row(row, &mut parser, &mut scopes, syntaxes))
        .collect()
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(two_face::syntax::extra_newlines)
}

fn highlight_row(
    row: &str,
    parser: &mut ParseState,
    scopes: &mut ScopeStack,
    syntaxes: &SyntaxSet,
) -> CodeRow {
    let line = format!("{row}\n");
    let Ok(changes) = parser.parse_line(&line, syntaxes) else {
        return vec![(Role::Code, row.to_owned())];
    };
    let mut pieces: CodeRow = Vec::new();
    let mut from = 0;
    for (at, change) in changes {
        push(
            &mut pieces,
            role(scopes),
            row.get(from..at.min(row.len())).unwrap_or_default(),
        );
        from = at.min(row.len());
        if scopes.apply(&change).is_err() {
            break;
        }
    }
    push(
        &mut pieces,
        role(scopes),
        row.get(from..).unwrap_or_default(),
    );
    pieces
}

fn push(pieces: &mut CodeRow, role: Role, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some((last, grown)) if *last == role => grown.push_str(text),
        _ => pieces.push((role, text.to_owned())),
    }
}

/// The innermost scope that means something to us.
fn role(scopes: &ScopeStack) -> Role {
    scopes
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| meaning(*scope))
        .unwrap_or(Role::Code)
}

fn meaning(scope: Scope) -> Option<Role> {
    let name = scope.build_string();
    let starts = |prefix: &str| name.starts_with(prefix);
    match () {
        () if starts("comment") => Some(Role::CodeRemark),
        () if starts("string") => Some(Role::CodeText),
        () if starts("constant") => Some(Role::CodeNumber),
        () if starts("keyword") || starts("entity") || starts("support") || starts("storage") => {
            Some(Role::CodeWord)
        }
        () if starts("variable") && !starts("variable.function") => Some(Role::Code),
        () if starts("variable.function") => Some(Role::CodeWord),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[CodeRow]) -> String {
        let row = |row: &CodeRow| {
            row.iter()
                .map(|(_, text)| text.as_str())
                .collect::<String>()
        };
        rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_language_is_known_and_loses_no_character() {
        let samples = [
            (
                Language::Shell,
                "terraform plan -lock-timeout=5m # wait\naws s3 ls 's3://b'",
            ),
            (Language::Json, "{\n  \"a\": [1, true, \"x\"]\n}"),
            (Language::Xml, "<Error><Code>SlowDown</Code></Error>"),
            (Language::Hcl, "resource \"a\" \"b\" {\n  n = 1\n}"),
            (Language::Yaml, "a: 1\nb: [x]"),
        ];
        for (language, code) in samples {
            let rows = highlight(code, language);
            assert_eq!(text(&rows), code);
            assert!(
                rows.iter().flatten().any(|(role, _)| *role != Role::Code),
                "{language:?} is plain"
            );
        }
    }

    #[test]
    fn code_that_is_too_long_stays_plain() {
        let long = "x".repeat(LONGEST_ROW + 1);
        assert_eq!(
            highlight(&long, Language::Json),
            vec![vec![(Role::Code, long.clone())]]
        );
    }
}
