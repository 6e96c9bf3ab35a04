//! Text in several roles broken into rows: at its spaces, or inside a word that
//! is wider than a row. No row is wider than its room, and no letter is lost but
//! the spaces at which it was broken.

use unicode_segmentation::UnicodeSegmentation;

use super::script::Piece;
use crate::app::role::Role;
use crate::app::text::width;

/// Wraps styled text at its spaces, or inside a word that is wider than a row.
pub(super) fn flow(pieces: &[Piece], first: &str, rest: &str, columns: usize) -> Vec<Vec<Piece>> {
    let cells: Vec<(Role, &str)> = pieces
        .iter()
        .flat_map(|(role, text)| text.graphemes(true).map(move |letter| (*role, letter)))
        .collect();
    let mut rows = Vec::new();
    let mut at = 0;
    loop {
        let indent = if rows.is_empty() { first } else { rest };
        let room = columns.saturating_sub(width(indent)).max(8);
        let end = row_end(&cells[at..], room) + at;
        rows.push(joined(indent, &cells[at..end]));
        at = end
            + cells[end..]
                .iter()
                .take_while(|(_, letter)| *letter == " ")
                .count();
        if at >= cells.len() {
            return rows;
        }
    }
}

/// How many cells fit, up to the last space where there is more to come.
fn row_end(cells: &[(Role, &str)], room: usize) -> usize {
    let mut taken = 0;
    let mut space = None;
    for (at, (_, letter)) in cells.iter().enumerate() {
        taken += width(letter);
        if taken > room {
            return space.unwrap_or(at.max(1));
        }
        if *letter == " " && at > 0 {
            space = Some(at);
        }
    }
    cells.len()
}

fn joined(indent: &str, cells: &[(Role, &str)]) -> Vec<Piece> {
    let mut row: Vec<Piece> = vec![(Role::Faint, indent.to_owned())];
    for (role, letter) in cells {
        match row.last_mut() {
            Some((of, text)) if of == role => text.push_str(letter),
            _ => row.push((*role, (*letter).to_owned())),
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        let pieces = vec![(Role::Text, text.to_owned())];
        let rows = flow(&pieces, "", "", columns).into_iter();
        let text = |row: Vec<Piece>| row.into_iter().map(|(_, text)| text).collect();
        rows.map(text).collect()
    }

    #[test]
    fn a_word_that_is_wider_than_a_row_is_broken_inside() {
        assert_eq!(rows("日本語日本語", 8), ["日本語日", "本語"]);
        assert_eq!(rows("one two three", 9), ["one two", "three"]);
    }
}
