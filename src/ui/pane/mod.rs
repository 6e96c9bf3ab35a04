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
use crate::app::role::Role;
use crate::ui::part::{Piece, fitted, rule, waiting};

/// Draws the focused pane.
pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    match app.focus {
        PaneId::Situation => situation::draw(app, theme, area, buf),
        PaneId::State if app.state.covers() => state::draw(app, theme, area, buf),
        PaneId::Locks | PaneId::State if app.place().is_none() => {
            nowhere(app, theme, area, buf);
        }
        PaneId::Locks => lock::draw(app, theme, area, buf),
        PaneId::State => state::draw(app, theme, area, buf),
        PaneId::Runbooks => runbook::draw(app, theme, area, buf),
        PaneId::Logs => log::draw(app, theme, area, buf),
    }
}

/// A pane that is about a place while there is none: why, and what next.
fn nowhere(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    rule("no place", "", theme, area, buf);
    let mut lines = area.rows().skip(1);
    let Some(line) = lines.next() else { return };
    let below = Rect {
        y: line.y,
        height: area.height - 1,
        ..area
    };
    if let Some(fault) = app.situation.fault() {
        waiting::fault(fault, theme, below, buf);
    } else if let Some(since) = app.situation.finds.waiting_since() {
        waiting::waiting("looking for a state", since, app.now, theme, line, buf);
    } else {
        let sentence = if app.state.fleet.is_known() {
            " ● no state is open: 3 shows those of the bucket"
        } else {
            " ● several places are here: 1 lists them to choose from"
        };
        fitted(vec![Piece::new(Role::Note, sentence)], theme, line, buf);
    }
}
