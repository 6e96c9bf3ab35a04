//! The last pass where the terminal cannot show Unicode: every sign that we
//! draw with has a plain stand-in, so no pane needs to know.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Replaces our own signs; anything else that is not ASCII becomes `?`.
pub fn plain(area: Rect, buf: &mut Buffer) {
    for position in area.positions() {
        let cell = &mut buf[position];
        if !cell.symbol().is_ascii() {
            let stand_in = stand_in(cell.symbol());
            cell.set_symbol(stand_in);
        }
    }
}

/// What we draw with, and the character that stands in for it.
const STAND_INS: &[(&str, &str)] = &[
    ("─━–—┄−▃▂", "-"),
    ("│┃┆▏▌", "|"),
    ("╭╮╰╯┬┴├┤┼✔", "+"),
    ("✖", "X"),
    ("▲≠", "!"),
    ("●▪", "*"),
    ("⟳≈", "~"),
    ("▸→▶≥", ">"),
    ("▾▼", "v"),
    ("◂←≤", "<"),
    ("↑␛", "^"),
    ("·…", "."),
    ("›", ">"),
    ("○", "o"),
    ("▒█▓▇▆", "#"),
    ("▅▄⇄", "="),
    ("▁", "_"),
    ("×", "x"),
    ("⏎", "/"),
];

fn stand_in(symbol: &str) -> &'static str {
    let known = STAND_INS.iter().find(|(signs, _)| signs.contains(symbol));
    known.map_or("?", |(_, stand_in)| stand_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_severities_stay_apart_without_unicode() {
        let signs = ["✖", "▲", "●", "✔", "◌", "⟳"].map(stand_in);
        assert_eq!(signs, ["X", "!", "*", "+", "?", "~"]);
    }

    #[test]
    fn what_is_left_is_ascii() {
        let area = Rect::new(0, 0, 8, 1);
        let mut buf = Buffer::empty(area);
        buf.set_string(0, 0, "╭é日▸", ratatui::style::Style::default());
        plain(area, &mut buf);
        assert!(area.positions().all(|at| buf[at].symbol().is_ascii()));
    }
}
