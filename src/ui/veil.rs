//! The last pass while the screen is shared: wherever a name or id that is
//! known to be one stands, in whatever pane, only its first letter stays.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Shorter names are words of the language and would veil half the screen.
const SHORTEST: usize = 4;
/// So much of a clipped name gives it away.
const CLIPPED: usize = 4;

/// Veils every occurrence of the names, in any case and where one is clipped by `…`.
pub fn draw(names: &[String], area: Rect, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        let row: Vec<String> = (area.left()..area.right())
            .map(|x| buf[(x, y)].symbol().to_lowercase())
            .collect();
        for name in names {
            let letters: Vec<String> = name.to_lowercase().chars().map(String::from).collect();
            if letters.len() < SHORTEST {
                continue;
            }
            for start in 0..row.len() {
                let hidden = matched(&row[start..], &letters);
                for x in (start + 1)..(start + hidden) {
                    buf[(area.left() + x as u16, y)].set_symbol("·");
                }
            }
        }
    }
}

/// How many cells from here on show the name, whole or clipped.
fn matched(row: &[String], letters: &[String]) -> usize {
    let same = row
        .iter()
        .zip(letters)
        .take_while(|(cell, letter)| cell == letter)
        .count();
    let clipped = same >= CLIPPED && row.get(same).is_some_and(|cell| cell == "…");
    if same == letters.len() || clipped {
        same
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn veiled(text: &str, names: &[&str]) -> String {
        let area = Rect::new(0, 0, text.chars().count() as u16, 1);
        let mut buf = Buffer::empty(area);
        buf.set_string(0, 0, text, Style::default());
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        draw(&names, area, &mut buf);
        area.positions()
            .map(|at| buf[at].symbol().to_owned())
            .collect()
    }

    #[test]
    fn a_name_is_veiled_wherever_it_stands() {
        assert_eq!(
            veiled("by alice@Eng-Laptop, eng-laptop", &["eng-laptop"]),
            "by alice@E·········, e·········"
        );
        assert_eq!(veiled("on eng-la… now", &["eng-laptop"]), "on e·····… now");
    }

    #[test]
    fn other_words_stay() {
        assert_eq!(
            veiled("engine of dev", &["eng-laptop", "dev"]),
            "engine of dev"
        );
    }
}
