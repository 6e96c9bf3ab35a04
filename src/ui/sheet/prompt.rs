//! A question of one line, in the place of the footer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::role::Role;
use crate::app::sheet::Prompt;
use crate::app::text::visible;
use crate::ui::part::{Piece, spread};
use crate::ui::theme::Theme;

pub fn draw(prompt: &Prompt, theme: &Theme, footer: Rect, buf: &mut Buffer) {
    buf.set_style(footer, theme.style(Role::Input));
    for position in footer.positions() {
        buf[position].set_symbol(" ");
    }
    let left = vec![
        Piece::new(Role::Key, format!(" {} ", prompt.label)),
        Piece::new(Role::Input, format!("{}▏", visible(prompt.line.text()))),
    ];
    let right = vec![
        Piece::new(Role::KeyHint, format!("{}  ", prompt.hint)).rank(2),
        Piece::new(Role::KeyHint, "enter  esc ").rank(1),
    ];
    spread(left, right, theme, footer, buf);
}
