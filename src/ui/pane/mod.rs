//! The faces of the panes, one file each, under the same names as in `app`.

mod lock;
mod log;
mod runbook;
mod situation;
mod state;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Theme;
use crate::app::App;
use crate::app::pane::PaneId;

/// Draws the focused pane.
pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    match app.focus {
        PaneId::Situation => situation::draw(app, theme, area, buf),
        PaneId::Locks => lock::draw(app, theme, area, buf),
        PaneId::State => state::draw(app, theme, area, buf),
        PaneId::Runbooks => runbook::draw(app, theme, area, buf),
        PaneId::Logs => log::draw(app, theme, area, buf),
    }
}
