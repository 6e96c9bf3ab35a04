//! What a page is filled with, in the colors of a screen: what was put in and
//! what is missing can be told apart from what the page says.

use super::script::Piece;
use crate::app::role::Role;
use crate::app::text::visible;
use crate::runbook::{Filled, Language, Part, Snippet};

/// A filled text in one role, with what was put in set apart.
pub fn pieces(filled: Filled, role: Role) -> Vec<Piece> {
    let piece = |part| match part {
        Part::Text(text) => (role, visible(&text).into_owned()),
        Part::Value(value) => (Role::Match, visible(&value).into_owned()),
        Part::Hole(written) => (Role::Placeholder, visible(&written).into_owned()),
    };
    filled.parts.into_iter().map(piece).collect()
}

/// A filled snippet, line by line, with what a shell would not run set apart.
pub fn lines(snippet: &Snippet, filled: Filled) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
    for part in filled.parts {
        let (role, text) = match part {
            Part::Text(text) => (Role::Code, text),
            Part::Value(value) => (Role::Match, value),
            Part::Hole(written) => (Role::Placeholder, written),
        };
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                lines.push(Vec::new());
            }
            if let Some(last) = lines.last_mut().filter(|_| !line.is_empty()) {
                last.push((role, visible(line).into_owned()));
            }
        }
    }
    for line in &mut lines {
        tone(&snippet.language, line);
    }
    lines
}

/// Remarks are faint, messages are prose, and output is not for typing.
fn tone(language: &Language, line: &mut [Piece]) {
    let is_remark = line
        .first()
        .is_some_and(|(_, text)| text.trim_start().starts_with('#'));
    let role = match language {
        Language::Output => Role::Faint,
        Language::Message => Role::Text,
        Language::Shell | Language::PowerShell if is_remark => Role::CodeRemark,
        Language::Shell | Language::PowerShell | Language::Other(_) => return,
    };
    for (of, _) in line.iter_mut().filter(|(of, _)| *of == Role::Code) {
        *of = role;
    }
}
