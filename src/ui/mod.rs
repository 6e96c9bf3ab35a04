//! The face: `&App` in, cells out. Nothing here changes the console, and
//! nothing here looks further than the rows that are on screen.
//!
//! ```text
//!  PROD  network/terraform.tfstate · ws default     acct 4821…9034 · us-east-1   READ-ONLY   02:14Z
//!  1 Situation  2 Logs  3 State  4 Locks ▲1  5 Runbooks
//! ── title ─────────────────────────────────────────────────────────────────────────────────────────
//!  the focused pane
//!  r runbook  A arm  : palette  ? help                                      ⟳ reading the locks 3 s
//! ```

mod ascii;
mod chrome;
mod pane;
mod part;
mod sheet;
pub mod theme;
mod veil;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::arrange::{Area, frame};
use crate::app::role::Role;
use theme::{Glyphs, Theme};

/// Draws the whole console.
pub fn draw(app: &App, theme: &Theme, screen: &mut Frame<'_>) {
    let area = screen.area();
    paint(app, theme, area, screen.buffer_mut());
}

/// Draws the whole console into a buffer: what [`draw`] does, for tests and pictures.
pub fn paint(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    buf.set_style(area, theme.style(Role::Text));
    match frame(Area::new(area.x, area.y, area.width, area.height)) {
        Some(frame) => {
            chrome::header(app, theme, rect(frame.header), buf);
            chrome::tabs(app, theme, rect(frame.tabs), buf);
            pane::draw(app, theme, rect(frame.body), buf);
            chrome::footer(app, theme, rect(frame.footer), buf);
            sheet::draw(app, theme, rect(frame.body), rect(frame.footer), buf);
        }
        None => chrome::small(app, theme, area, buf),
    }
    veil::draw(&app.veiled_names(), area, buf);
    if theme.glyphs() == Glyphs::Ascii {
        ascii::plain(area, buf);
    }
}

fn rect(area: Area) -> Rect {
    Rect {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
    }
}
